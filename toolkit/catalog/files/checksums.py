"""The checksums of a catalog's files: neither Parquet's pages nor DuckDB notice every changed bit.

The file ``SHA256SUMS`` has the format of the command ``sha256sum``, which can check it too. It has
a line for each table, for ``places.parquet`` and for ``catalog.json``. While a sweep merges its
parts, it has further lines for the files to come, so that a file is known before and after it is
replaced; such a catalog is not finished, and cannot be opened.

Checksums are compared before a table is first read. Afterwards size, time, inode and device tell
whether the file is the same, before and after every question.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import time
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from toolkit.catalog.files.layout import STORED
from toolkit.catalog.schema import PLACES
from toolkit.errors import CatalogError
from toolkit.files import bundled_catalog_path, write_whole, written_whole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

CHECKSUMS = "SHA256SUMS"
#: The description of a catalog.
DESCRIPTION = "catalog.json"

_LINE = re.compile(r"([0-9a-f]{64}) [ *]([^/\\\0]+)")
#: A file that changed less than this before it is looked at may change again at the same time: it
#: is read again whenever it is used. Two seconds are the coarsest clock of a file system (FAT).
_RECENT = 2_000_000_000


class Identity(NamedTuple):
    """What tells a file from another that took its place, without reading it."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> Identity:
        """Return the identity of the file that is there now; OSError if there is none."""
        found = os.stat(path)  # noqa: PTH116 - the same call, half the time
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)

    @property
    def is_recent(self) -> bool:
        """Whether a change from now on may leave the identity as it is: the clock is too coarse."""
        last = self.changed if os.name == "posix" else self.modified
        return last > time.time_ns() - _RECENT


def checksums(paths: Iterable[Path]) -> str:
    """Return the contents of ``SHA256SUMS``, a line for each file, by name.

    Examples
    --------
    >>> checksums([])
    ''
    """
    lines = [f"{checksum(path)}  {path.name}\n" for path in sorted(paths)]
    return "".join(lines)


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits; the file is always read."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def lines_of_sums(sums: Mapping[str, str]) -> str:
    r"""Return the contents of ``SHA256SUMS`` from checksums by name of file.

    Examples
    --------
    >>> lines_of_sums({"edges.parquet": "12", "classes.parquet": "34"})
    '34  classes.parquet\n12  edges.parquet\n'
    """
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))


def write_checksums(folder: Path, names: Iterable[str]) -> int:
    """Write ``SHA256SUMS`` from the files as they are.

    Parameters
    ----------
    folder
        A catalog.
    names
        Its tables; ``places.parquet`` and ``catalog.json`` are added if they are there.

    Returns
    -------
    int
        Number of files.
    """
    files = [folder / f"{name}.parquet" for name in names]
    others = (folder / f"{PLACES.name}.parquet", folder / DESCRIPTION)
    files += [path for path in others if path.is_file()]
    with written_whole(folder / CHECKSUMS) as beside:
        beside.write_text(checksums(files), encoding="utf-8")
    return len(files)


def read_checksums(folder: Path) -> dict[str, list[str]]:
    """Return the checksums of ``SHA256SUMS``, in order, by name of file; none if it is absent.

    Raises
    ------
    CatalogError
        If it cannot be read, or a line is not a checksum with the name of a file in the same
        folder.
    """
    where = folder / CHECKSUMS
    try:
        if where.exists() and not where.is_file():  # a pipe would be waited for
            raise CatalogError(str(where), "it is not a text file", _REMEDY)
        text = where.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        raise CatalogError(str(where), "it is damaged: it is not text", _REMEDY) from None
    except OSError as error:
        raise CatalogError(str(where), error.strerror or str(error), _REMEDY) from None
    if text and not text.endswith("\n"):
        raise CatalogError(str(where), "it was cut short: its last line has no end", _REMEDY)
    out: dict[str, list[str]] = {}
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        found = _LINE.fullmatch(line)
        if found is None or found[2] in (".", ".."):
            raise CatalogError(
                str(where),
                f"line {number} must be a checksum of SHA-256, two spaces and the name of a file "
                f"of this folder, found {line[:80]!r}",
                _REMEDY,
            )
        out.setdefault(found[2], []).append(found[1])
    return out


class CheckedFiles:
    """The files of a catalog that is read, and what they must be.

    Parameters
    ----------
    folder
        The catalog.
    files
        The file of each table, by the name of the table.
    unchecked
        Whether to skip the checksums when the catalog is opened. Later changes are noticed
        nevertheless.

    Raises
    ------
    CatalogError
        If ``SHA256SUMS`` is absent, cannot be read, or lacks a file.

    Notes
    -----
    Thread-safe.
    """

    def __init__(self, folder: Path, files: Mapping[str, Path], *, unchecked: bool = False) -> None:
        self.folder = folder
        places = folder / f"{PLACES.name}.parquet"
        self._files = {**files, PLACES.name: places} if places.is_file() else dict(files)
        self._found: dict[str, Identity] = {}
        self._known: dict[str, str] | None = None if unchecked else self._demanded()

    def __contains__(self, name: str) -> bool:
        return name in self._files

    @property
    def unchecked(self) -> bool:
        """Whether there are no checksums to compare."""
        return self._known is None

    @property
    def size(self) -> int:
        """Number of bytes of all files together; OSError if one is missing."""
        return sum(path.stat().st_size for path in self._files.values())

    def _demanded(self) -> dict[str, str]:
        known = read_checksums(self.folder)
        where = self.folder / CHECKSUMS
        names = [*(path.name for path in self._files.values()), DESCRIPTION]
        if not known:
            found = "is empty" if where.exists() else "is missing"
            raise CatalogError(
                str(self.folder), f"its {CHECKSUMS} {found}, {_WHY}", _remedy(self.folder)
            )
        twice = [name for name, sums in known.items() if len(sums) > 1]
        if twice:
            unfinished = (self.folder / "parts").is_dir()
            raise CatalogError(
                str(where),
                f"there are {len(known[twice[0]])} lines for {twice[0]}",
                "its sweep has not finished: run the same plrep sweep again"
                if unfinished
                else _REMEDY,
            )
        missing = [name for name in names if name not in known]
        if missing:
            more = f" and {len(missing) - 1} others" if len(missing) > 1 else ""
            raise CatalogError(
                str(self.folder),
                f"its {CHECKSUMS} has no line for {missing[0]}{more}, {_WHY}",
                _remedy(self.folder),
            )
        absent = [name for name in known if not (self.folder / name).is_file()]
        if absent:
            raise CatalogError(
                str(self.folder), f"{CHECKSUMS} names {absent[0]}, which is missing", _REMEDY
            )
        out = {name: sums[0] for name, sums in known.items()}
        if checksum(self.folder / DESCRIPTION) != out[DESCRIPTION]:
            raise _damaged(self.folder / DESCRIPTION)
        return out

    def require(self, names: Iterable[str] | None = None, *, again: bool = False) -> int:
        """Check the files of tables; files found correct before are not read again.

        Parameters
        ----------
        names
            Tables, or ``places``; ``None`` for all.
        again
            Whether every byte is read again, also of files found correct before.

        Returns
        -------
        int
            Number of files.

        Raises
        ------
        CatalogError
            If a file is missing or damaged, or has changed since the catalog was opened.
        """
        chosen = list(self._files if names is None else names)
        for name in chosen:
            path = self._files[name]
            try:
                self._require(name, path, again)
            except OSError as error:
                raise CatalogError(
                    str(path), error.strerror or str(error), "copy the file again"
                ) from None
        return len(chosen)

    def _require(self, name: str, path: Path, again: bool) -> None:
        now, before = Identity.of(path), self._found.get(name)
        if self._known is None:
            if before is not None and now != before:
                raise _changed(path)
        elif again or now != before or now.is_recent:
            found = _checksum(path, now) if again or now.is_recent else _remembered(path, now)
            if found != self._known[path.name]:
                raise _damaged(path) if before is None else _changed(path)
        self._found[name] = now

    @contextmanager
    def unchanged(self, names: Collection[str]) -> Iterator[None]:
        """Check the files of tables before and after they are read.

        Raises
        ------
        CatalogError
            As :meth:`require`; or if a file changed meanwhile. The rows read must then not be used.
        """
        self.require(names)
        before = {name: self._found[name] for name in names}
        try:
            yield
        except Exception:
            self._require_same(before)  # if a file changed, that is what must be said
            raise
        self._require_same(before)

    def _require_same(self, before: Mapping[str, Identity]) -> None:
        again = [name for name, then in before.items() if then.is_recent]
        for name, then in before.items():
            path = self._files[name]
            try:
                now = Identity.of(path)
            except OSError:
                raise _changed(path) from None
            if now == then:
                continue
            # some network file systems give a file that is left alone another inode
            if self.unchecked or (now.size, now.modified) != (then.size, then.modified):
                raise _changed(path)
            again.append(name)
        self.require(again)


class ChecksumsOfMerge:
    """``SHA256SUMS`` while tables are replaced: every file, old or new, has a line.

    Parameters
    ----------
    folder
        The catalog.
    known
        The checksums that the file has.
    """

    def __init__(self, folder: Path, known: Mapping[str, Sequence[str]]) -> None:
        self._where = folder / CHECKSUMS
        self._known = {name: list(sums) for name, sums in known.items()}

    def announce(self, new: Mapping[str, str]) -> None:
        """Add the lines of files that are complete and will replace others, or be new.

        Parameters
        ----------
        new
            The checksum of each, by name.
        """
        for name, found in new.items():
            sums = self._known.setdefault(name, [])
            if found not in sums:
                sums.append(found)
        lines = (f"{one}  {name}\n" for name in sorted(self._known) for one in self._known[name])
        write_whole(self._where, "".join(lines))


def require_mergeable(folder: Path, *, only_known: bool = False) -> ChecksumsOfMerge:
    """Check the tables of a sweep that is to go on, and return their checksums.

    A changed bit would be merged into the new tables, and these would have right checksums. An
    interrupted merge left tables old and new, and lines for both.

    Parameters
    ----------
    folder
        The catalog.
    only_known
        Whether tables without a checksum are taken.

    Raises
    ------
    CatalogError
        If a table is damaged, or has no checksum.
    """
    known = read_checksums(folder)
    places = f"{PLACES.name}.parquet"  # is made from the tables
    about = folder / DESCRIPTION
    if DESCRIPTION in known and (not about.is_file() or checksum(about) not in known[DESCRIPTION]):
        raise _damaged(about)
    for name in (f"{t.name}.parquet" for t in STORED):
        path = folder / name
        if not path.is_file() or (only_known and name not in known):
            continue
        if name not in known:
            raise CatalogError(
                str(folder), f"its {CHECKSUMS} has no line for {name}, {_WHY}", _remedy(folder)
            )
        if checksum(path) not in known[name]:
            raise _damaged(path)
    return ChecksumsOfMerge(folder, {k: v for k, v in known.items() if k != places})


@lru_cache(maxsize=1024)
def _remembered(path: Path, now: Identity) -> str:
    """Return a file's checksum; of the same file it is calculated once in this process."""
    return _checksum(path, now)


def _checksum(path: Path, now: Identity) -> str:
    found = checksum(path)
    if Identity.of(path) != now:
        raise _changed(path)
    return found


_REMEDY = "copy the folder again"
_WHY = "and without a checksum of every table a changed bit could give wrong rows"


def _remedy(folder: Path) -> str:
    if folder == bundled_catalog_path():
        return "install the toolkit again"
    return (
        "copy the folder again, or, if it is a sweep of yours that never had one: plrep catalog "
        f"seal --catalog {shlex.quote(str(folder))}"
    )


def _damaged(path: Path) -> CatalogError:
    return CatalogError(
        str(path),
        f"it is damaged, or was changed: its checksum is not that of {CHECKSUMS}",
        "copy the file again",
    )


def _changed(path: Path) -> CatalogError:
    return CatalogError(
        str(path), "it has changed since the catalog was opened", "open the catalog again"
    )
