"""A catalog's folder: its description, the parts that a sweep writes, its Parquet files.

``catalog.json``
    which schema, and the plan of the sweep.
``parts/``
    while a sweep is running: the finished groups, in ZIP files that are each written whole. A
    member ``3/edges`` is an Arrow IPC stream: the table ``edges`` of batch 3, counted from 0.
    ``parts/before`` has the tables that a merge began with, until all new ones are in place.
``TABLE.parquet``
    the tables, sorted, into which the parts are merged. Each file is written whole and the parts
    are removed last, so an interrupted merge is simply repeated.
``places.parquet``
    where the rows of each group stand in the tables (:mod:`toolkit.catalog.files.places`).
``SHA256SUMS``
    the checksums of all Parquet files and of the description
    (:mod:`toolkit.catalog.files.checksums`).
"""

from __future__ import annotations

import contextlib
import json
import lzma
import os
import shutil
import struct
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.catalog.files.arrow import from_bytes
from toolkit.catalog.files.checksums import CHECKSUMS, require_mergeable
from toolkit.catalog.files.layout import STORED
from toolkit.catalog.files.manifest import KIND, pattern_signs
from toolkit.catalog.plan import Plan
from toolkit.catalog.schema import PLACES, SCHEMA_VERSION, TABLES
from toolkit.claims import remove_leftovers
from toolkit.errors import CatalogError, ConfigError, StoreError
from toolkit.files import written_whole
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pyarrow as pa

_REMEDY = "choose another folder"
_NAMES = frozenset(table.name for table in TABLES)
#: What :mod:`zipfile` raises of damaged files.
_FAULTS_OF_ZIP = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, RuntimeError,
    ValueError, OverflowError,
)  # fmt: skip
_REMEDY_OF_PART = "remove this file: its groups are swept again"


class Folder:
    """The folder of a sweep.

    Parameters
    ----------
    path
        Where it is, or is to be.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parts = path / "parts"
        self._lock: int | None = None

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # its description ------------------------------------------------------------------------

    def plan(self) -> Plan | None:
        """Return the plan of the sweep that is here; ``None`` if the folder is empty or absent.

        Raises
        ------
        ConfigError
            If the folder holds something else.
        CatalogError
            If it is a catalog with another schema, or its description is damaged.
        """
        where = self.path / "catalog.json"
        try:
            text = where.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            if self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
                raise ConfigError(
                    "a new or empty folder, or the folder of a sweep, is required, but "
                    f"{self.path} is something else"
                ) from None
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise CatalogError(str(where), one_line(error), _REMEDY) from None
        try:
            data: dict[str, Any] = json.loads(text)
            schema = data["schema"]
            if data["kind"] != KIND:
                raise ValueError(f"its kind is {data['kind']!r:.40}")
            if schema == SCHEMA_VERSION:
                return Plan.from_json(data["plan"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise CatalogError(
                str(where), f"a description of a sweep is required: {error}", _REMEDY
            ) from None
        raise CatalogError(
            str(where),
            f"schema {SCHEMA_VERSION} is required, found {schema!r:.20}",
            "take the toolkit that made it, or another folder",
        )

    def require_free(self, plan: Plan) -> Plan | None:
        """Check that a sweep with this plan may use the folder, and return the plan found there.

        Raises
        ------
        ConfigError
            If it belongs to a sweep with another plan, or DuckDB would read its path as a
            pattern.
        """
        known = self.plan()
        if known is not None and known != plan:
            raise ConfigError(
                f"{self.path} belongs to another sweep, {_shown(known)}; this one is "
                f"{_shown(plan)}: choose another folder"
            )
        if awkward := pattern_signs(self.path):
            raise ConfigError(
                f"{self.path} contains {awkward}, which DuckDB reads as a pattern: take another "
                "folder"
            )
        return known

    def start(self, plan: Plan) -> None:
        """Prepare the folder for a sweep, new or resumed.

        Raises
        ------
        ConfigError
            As for :meth:`require_free`, or if another sweep is writing there.
        CatalogError
            If a table that is here is damaged, or has no checksum.
        """
        known = self.require_free(plan)
        try:
            self.parts.mkdir(parents=True, exist_ok=True)
            self._take()
            self._require_sound_tables()
            remove_leftovers(self.path)
            remove_leftovers(self.parts)
            if known is None:
                data = {"schema": SCHEMA_VERSION, "kind": KIND, "plan": plan.to_json()}
                with written_whole(self.path / "catalog.json") as beside:
                    beside.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            if known is None:  # or it would be taken for something else
                self.close()
                shutil.rmtree(self.parts, ignore_errors=True)
                with contextlib.suppress(OSError):
                    self.path.rmdir()
            raise not_written(self.path, error) from None

    def _require_sound_tables(self) -> None:
        """Raise CatalogError if a table is damaged, and leave the folder as it was."""
        try:
            require_mergeable(self.path)
        except CatalogError:
            if not self._has_work():
                shutil.rmtree(self.parts, ignore_errors=True)
            self.close()
            raise

    def _take(self) -> None:
        import fcntl

        self._lock = os.open(self.parts / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise ConfigError(f"another sweep is writing to {self.path}") from None

    def close(self) -> None:
        """Release the lock, so that another sweep can write here."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # parts ----------------------------------------------------------------------------------

    def write_part(self, batches: Iterable[Mapping[str, bytes]]) -> None:
        """Write finished batches to one file, which is there as a whole or not at all.

        Parameters
        ----------
        batches
            Per batch its tables: names, with rows as an Arrow IPC stream.
        """
        numbers = [int(p.stem) for p in self.part_files()]
        target = self.parts / f"{max(numbers, default=0) + 1:08d}.zip"
        try:
            with written_whole(target) as beside, zipfile.ZipFile(beside, "w") as archive:
                for i, batch in enumerate(batches):
                    for name, data in batch.items():
                        archive.writestr(f"{i}/{name}", data)
        except OSError as error:
            raise not_written(self.path, error) from None

    def part_files(self) -> list[Path]:
        """Return the files of parts, oldest first."""
        return sorted(p for p in self.parts.glob("*.zip") if p.stem.isdigit())

    def is_to_be_merged(self) -> bool:
        """Whether there are parts, or what a merge left, or not yet all files."""
        files = (*(f"{t.name}.parquet" for t in (*STORED, PLACES)), CHECKSUMS)
        missing = not all((self.path / name).is_file() for name in files)
        return missing or self._has_work()

    def _has_work(self) -> bool:
        """Whether there are parts, or the tables that an interrupted merge began with."""
        return bool(self.part_files()) or (self.parts / "before").exists()

    def remove_parts(self) -> None:
        """Remove the parts, after they have been merged."""
        for path in self.part_files():
            path.unlink()
        shutil.rmtree(self.parts, ignore_errors=True)

    # reading --------------------------------------------------------------------------------

    def statuses(self) -> dict[str, str]:
        """Return the last status of each group that was tried, by name."""
        out: dict[str, str] = {}
        for found in self.attempts():
            for row in found.select(["group", "status"]).to_pylist():
                out[row["group"]] = row["status"]
        return out

    def attempts(self) -> Iterator[pa.Table]:
        """Yield the rows of ``attempts``, oldest first."""
        whole = self.path / "attempts.parquet"
        if whole.is_file():
            yield parquet_file(whole).read()
        for path in self.part_files():
            for _, found in part_tables(path, "attempts"):
                yield found


def absolute_folder(path: str | os.PathLike[str]) -> Path:
    """Return the folder that a user names: ``~`` is the home directory; all else is taken as it is.

    Raises
    ------
    ConfigError
        If it is not a path.

    Examples
    --------
    >>> absolute_folder("s3:x").name, absolute_folder("/data/upto31").as_posix()
    ('s3:x', '/data/upto31')
    """
    text = os.fspath(path) if isinstance(path, (str, os.PathLike)) else None
    if not isinstance(text, str) or "\0" in text:
        raise ConfigError(f"the path of a folder is required, found {path!r:.60}")
    found = Path(text)
    with contextlib.suppress(RuntimeError):  # a folder that is called ~name
        found = found.expanduser()
    return found.absolute()


def not_written(folder: Path, error: OSError) -> StoreError:
    """Return the error of a folder that cannot be written, which says what is kept."""
    why = os.strerror(error.errno) if error.errno else one_line(error)
    return StoreError(
        f"the folder {folder} cannot be written: {why}; its earlier contents are kept, and the "
        "same sweep resumes from there"
    )


def parquet_file(path: Path) -> Any:  # noqa: ANN401 - pyarrow.parquet.ParquetFile
    """Open a Parquet file of the catalog; CatalogError if it is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise CatalogError(str(path), one_line(error), _REMEDY) from None


class Part:
    """A file of finished groups, open for reading until nobody holds it.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    CatalogError
        If it is damaged; its rows are read, and checked, when they are needed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with _as_catalog_error(path):
            self._archive = zipfile.ZipFile(path)
            members = self._archive.namelist()
            if len(members) != _number_of_members(path):
                raise zipfile.BadZipFile("not all members are in its directory")
            self._members: dict[str, list[str]] = {}
            for member in members:
                batch, _, table = member.partition("/")
                if not batch.isdecimal() or table not in _NAMES:  # else its rows would be lost
                    raise zipfile.BadZipFile(f"there is no table for {member[:60]!r}")
                self._members.setdefault(table, []).append(member)

    def members(self, name: str) -> list[str]:
        """Return the names of the members with rows of a table, one for each batch."""
        return self._members.get(name, [])

    def rows(self, member: str) -> pa.Table:
        """Return the rows of a member; CatalogError if it is damaged."""
        with _as_catalog_error(self._path):
            return from_bytes(self._archive.read(member))


@contextlib.contextmanager
def _as_catalog_error(path: Path) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (*_FAULTS_OF_ZIP, pa.ArrowException) as error:
        raise CatalogError(str(path), one_line(error), _REMEDY_OF_PART) from None


def part_tables(path: Path, name: str) -> Iterator[tuple[str, pa.Table]]:
    """Yield the name of each member and its rows, for one table in one file of parts."""
    part = Part(path)
    for member in part.members(name):
        yield member, part.rows(member)


def _number_of_members(path: Path) -> int:
    """Return how many members a ZIP file says that it has; :mod:`zipfile` does not compare that."""
    with path.open("rb") as stream:
        stream.seek(-22, os.SEEK_END)
        end = stream.read()
    return int.from_bytes(end[10:12], "little")


def one_line(error: BaseException) -> str:
    """Return an error's text without line breaks, not too long."""
    return " ".join(str(error).split())[:200]


def _shown(plan: Plan) -> str:
    return shortened(json.dumps(plan.to_json(), separators=(",", ":")), 160)
