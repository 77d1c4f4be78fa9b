"""Shards: records of consecutive groups, together in one gzipped file, and the list of all files.

A page finds the shard of a group in ``manifest.json``: ``shards`` are in the order of the catalog,
each with the order and number of its ``first`` group, ``named`` says which file has a group that
is known by a name. A shard is a JSON array of records.
"""

from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING, Any

from toolkit.errors import ConfigError
from toolkit.explorer.pack.columns import packed
from toolkit.explorer.pack.packed_files import MANIFEST, manifest_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SCHEMA = 1
#: About how large a shard is, in bytes; and the most bytes of JSON in one.
SHARD_SIZE, LARGEST_JSON = 48_000, 1_500_000
#: By how much records are smaller together than alone.
_TOGETHER = 0.82
_LIBRARY = re.compile(r"SmallGroup\((\d+),(\d+)\)")


def library_number(name: str) -> tuple[int, int] | None:
    """Return order and number of a name of the small groups library, else ``None``.

    Examples
    --------
    >>> library_number("SmallGroup(24,12)"), library_number("S4")
    ((24, 12), None)
    """
    found = _LIBRARY.fullmatch(name)
    return None if found is None else (int(found[1]), int(found[2]))


def in_shards(records: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield consecutive records that make one shard each.

    Examples
    --------
    >>> [len(shard) for shard in in_shards([{"name": "C1"}, {"name": "C2"}])]
    [2]
    """
    shard: list[dict[str, Any]] = []
    size = length = 0.0
    for record in records:
        text = json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode()
        own = _TOGETHER * len(gzip.compress(text, 6))
        if shard and (size + own / 2 > SHARD_SIZE or length + len(text) > LARGEST_JSON):
            yield shard
            shard, size, length = [], 0.0, 0.0
        shard.append(record)
        size, length = size + own, length + len(text)
    if shard:
        yield shard


def write_shards(
    records: Iterable[dict[str, Any]], folder: Path, prefix: str = ""
) -> list[dict[str, Any]]:
    """Write shards of records into ``folder/shards``; return what the manifest says of each.

    Parameters
    ----------
    records
        Of groups in the order of the catalog, or of groups known by names.
    folder
        The folder of the page's data.
    prefix
        Of the names of the files, which are numbered.
    """
    (folder / "shards").mkdir(parents=True, exist_ok=True)
    out = []
    for i, shard in enumerate(in_shards(records)):
        file = f"shards/{prefix}{i:04}.json.gz"
        (folder / file).write_bytes(packed(shard))
        names = [record["name"] for record in shard]
        out.append({"file": file, "count": len(shard), "names": names})
    return out


def write_manifest(
    folder: Path,
    shards: Iterable[dict[str, Any]],
    named: Iterable[dict[str, Any]],
    versions: dict[str, str],
) -> None:
    """Write ``manifest.json``.

    Parameters
    ----------
    folder
        The folder of the page's data.
    shards, named
        As :func:`write_shards` returns them.
    versions
        ``version`` of the toolkit, ``gap`` of GAP.
    """
    of_catalog = []
    for shard in shards:
        number = library_number(shard["names"][0])
        if number is None:
            raise ConfigError(
                f"shards of the catalog need names SmallGroup(n,k), found {shard['names'][0]}"
            )
        of_catalog.append({"file": shard["file"], "first": list(number), "count": shard["count"]})
    manifest = {
        "schema": SCHEMA,
        **versions,
        "shards": of_catalog,
        "named": {name: shard["file"] for shard in named for name in shard["names"]},
    }
    (folder / MANIFEST).write_text(manifest_text(manifest), encoding="utf-8")
