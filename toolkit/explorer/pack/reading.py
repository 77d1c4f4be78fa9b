"""The page's data read back: records by name, and names by what people type."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from toolkit.cached import cached_property
from toolkit.errors import ConfigError
from toolkit.explorer.pack.aliases import key_of
from toolkit.explorer.pack.packed_files import read_manifest_file, read_packed
from toolkit.explorer.pack.shards import SCHEMA, library_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Pack:
    """The data of a page, in a folder.

    Parameters
    ----------
    folder
        With ``manifest.json``.

    Raises
    ------
    ConfigError
        If there is no manifest, or one of another schema, or a file is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        manifest = read_manifest_file(folder)
        found = manifest.get("schema") if isinstance(manifest, dict) else None
        if found != SCHEMA:
            raise ConfigError(f"schema {SCHEMA} is required, found {found!r}")
        self.manifest: dict[str, Any] = manifest

    def _file(self, name: str) -> Any:  # noqa: ANN401 - JSON
        return read_packed(self.folder / name)

    @cached_property
    def names(self) -> dict[str, str | list[str]]:
        """From what people type to a canonical name, or to several."""
        found: dict[str, str | list[str]] = self._file("names.json.gz")
        return found

    @cached_property
    def _firsts(self) -> list[tuple[int, int]]:
        return [tuple(shard["first"]) for shard in self.manifest["shards"]]

    def __len__(self) -> int:
        named = len(self.manifest["named"])
        return named + sum(int(shard["count"]) for shard in self.manifest["shards"])

    def __iter__(self) -> Iterator[dict[str, Any]]:
        files = [shard["file"] for shard in self.manifest["shards"]]
        for file in dict.fromkeys([*files, *self.manifest["named"].values()]):
            yield from self._file(file)

    def candidates(self, text: str) -> list[str]:
        """Return the canonical names of the groups that a text may mean.

        Parameters
        ----------
        text
            ``S4``, ``c2 x c4``, ``SmallGroup(24,12)``, ``24.12``, a description.
        """
        key = key_of(text)
        for name in self.manifest["named"]:
            if key_of(name) == key:
                return [name]
        number = library_number(text.replace(" ", "")) or _label(key)
        if number is not None:
            return ["SmallGroup({},{})".format(*number)]
        found = self.names.get(key, [])
        return [found] if isinstance(found, str) else list(found)

    def record(self, name: str) -> dict[str, Any] | None:
        """Return the record of a group by its canonical name, ``None`` if there is none."""
        file = self.manifest["named"].get(name)
        number = library_number(name)
        if file is None and number is not None:
            place = bisect_right(self._firsts, number) - 1
            file = self.manifest["shards"][place]["file"] if place >= 0 else None
        if file is None:
            return None
        return next((one for one in self._file(file) if one["name"] == name), None)


def _label(text: str) -> tuple[int, int] | None:
    order, dot, number = text.partition(".")
    if dot and order.isdecimal() and number.isdecimal():
        return int(order), int(number)
    return None
