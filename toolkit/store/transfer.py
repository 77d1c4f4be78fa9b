"""Answers on the way in and out: JSON lines, and compact files to ship.

An export is text: a first line ``{"format":"plrep-answers","version":1,"entries":N}``, then N
lines, one entry each, ordered by key. The same answers give the same bytes. Each line carries the
checksum that the row has in the file, so nothing that was damaged on the way is believed.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import sqlite3
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from toolkit.errors import StoreError
from toolkit.files import written_whole
from toolkit.store.entries import (
    COLUMNS,
    DamagedRowError,
    Row,
    compact_json,
    open_row,
    row_key,
    seal,
)
from toolkit.store.keys import AnswerKey, Provenance
from toolkit.store.migrations import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from toolkit.store.database import Database

__all__ = [
    "FORMAT",
    "FORMAT_VERSION",
    "ImportReport",
    "RejectedLine",
    "copy_rows",
    "export_rows",
    "import_rows",
    "insert_row",
    "select_row",
    "valid_rows",
    "write_compact",
]

FORMAT = "plrep-answers"
FORMAT_VERSION = 1

_ORDER = "ORDER BY group_key, question, arguments, version"
_INSERT = (
    f"INSERT INTO answers ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (group_key, question, arguments, version) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in Row._fields[4:])
)
_SELECT = (
    f"SELECT {', '.join(Row._fields[4:])} FROM answers "
    "WHERE group_key = ? AND question = ? AND arguments = ? AND version = ?"
)
_FIELDS = frozenset(
    {"group", "question", "arguments", "version", "value", "checksum"}
    | {"gap_version", "packages", "script_hash", "seconds", "created"}
)


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line of an export that was not taken.

    Parameters
    ----------
    line
        Its number in the file; the header is line 1.
    reason
        What is wrong with it.
    """

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    Parameters
    ----------
    added
        How many answers were written.
    already_there
        How many the store had already; these were left as they were.
    rejected
        The lines that were not taken. If there are any, nothing at all was written, unless the
        import was asked to be partial.
    """

    added: int
    already_there: int
    rejected: tuple[RejectedLine, ...]


def select_row(connection: sqlite3.Connection, key: AnswerKey) -> Row | None:
    """Return the row of ``key`` as it stands, or ``None``."""
    names = (key.group, key.question, key.arguments, key.version)
    found = connection.execute(_SELECT, names).fetchone()
    return None if found is None else Row._make(names + found)


def insert_row(connection: sqlite3.Connection, row: Row) -> None:
    """Write ``row``, in place of the one with its key."""
    connection.execute(_INSERT, row)


def valid_rows(connection: sqlite3.Connection, damaged: list[AnswerKey]) -> Iterator[Row]:
    """Yield the rows in the order of their keys, without those that are damaged.

    Parameters
    ----------
    connection
        Where from; it must not be written meanwhile.
    damaged
        Gets the keys of the damaged rows.
    """
    for found in connection.execute(f"SELECT {COLUMNS} FROM answers {_ORDER}"):
        row = Row._make(found)
        try:
            open_row(row)
        except DamagedRowError:
            damaged.append(row_key(*row[:4]))
        else:
            yield row


def export_rows(database: Database, path_out: Path) -> tuple[int, list[AnswerKey]]:
    """Write all answers to ``path_out``; return how many, and the keys of damaged rows."""
    path_out = _other_file(database.path, path_out)

    def export(connection: sqlite3.Connection) -> tuple[int, list[AnswerKey]]:
        damaged: list[AnswerKey] = []
        entries = sum(1 for _ in valid_rows(connection, damaged))
        with _fresh_file(path_out) as file, _compressed(file, path_out) as out:
            header = {"format": FORMAT, "version": FORMAT_VERSION, "entries": entries}
            out.write(compact_json(header).encode("ascii") + b"\n")
            for row in valid_rows(connection, []):
                out.write(_line(row))
        return entries, damaged

    return database.snapshot(export)


def copy_rows(database: Database, path_out: Path) -> tuple[int, list[AnswerKey]]:
    """Write all answers to a compact file; return how many, and the keys of damaged rows."""
    path_out = _other_file(database.path, path_out)

    def copy(connection: sqlite3.Connection) -> tuple[int, list[AnswerKey]]:
        damaged: list[AnswerKey] = []
        return _write_compact_rows(path_out, valid_rows(connection, damaged)), damaged

    return database.snapshot(copy)


def import_rows(
    database: Database,
    path_in: Path,
    check: Callable[[AnswerKey, object], None] | None,
    *,
    partial: bool,
) -> ImportReport:
    """Take in the answers of an export; see :meth:`toolkit.store.Store.import_`."""
    database.require_writable()
    path_in = _other_file(database.path, path_in)  # opening the cache itself would drop its locks
    rows: dict[AnswerKey, tuple[int, Row]] = {}
    rejected: list[RejectedLine] = []
    for number, line in _lines(path_in):
        try:
            key, value, row = _read_line(line)
            if key in rows:
                raise ValueError(f"it repeats the key of line {rows[key][0]}")
            if check is not None:
                check(key, value)
        except Exception as error:  # noqa: BLE001 - a law may fail in any way: all go in the report
            rejected.append(RejectedLine(number, str(error) or type(error).__name__))
        else:
            rows[key] = (number, row)
    if rejected and not partial:
        return ImportReport(0, 0, tuple(rejected))

    def write(connection: sqlite3.Connection) -> int:
        added = 0
        for key, (_, row) in rows.items():
            if not _is_there(connection, key):
                insert_row(connection, row)
                added += 1
        return added

    added = database.write(write) if rows else 0
    return ImportReport(added, len(rows) - added, tuple(rejected))


def write_compact(path_out: Path, entries: Iterable[tuple[AnswerKey, object, Provenance]]) -> int:
    """Write a fresh cache file that needs no side files, to be shipped and only read.

    Parameters
    ----------
    path_out
        The file; one that is there is replaced, at once and as a whole.
    entries
        Keys, values and provenances; the last one of a key wins.

    Returns
    -------
    int
        How many answers it holds.

    Raises
    ------
    StoreError
        If a value is no JSON data, or the file cannot be written.

    Notes
    -----
    The same answers give the same bytes, under the same version of SQLite.
    """
    rows = {key: seal(key, value, provenance) for key, value, provenance in entries}
    return _write_compact_rows(_other_file(None, path_out), (rows[key] for key in sorted(rows)))


def _write_compact_rows(path_out: Path, rows: Iterable[Row]) -> int:
    count = 0
    with _fresh_path(path_out) as temporary:
        connection = sqlite3.connect(temporary, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = MEMORY").fetchone()  # no side file
            migrate(connection, str(temporary))
            connection.execute("BEGIN")
            for row in rows:
                insert_row(connection, row)
                count += 1
            connection.execute("COMMIT")
            connection.execute("VACUUM")
        finally:
            connection.close()
    return count


def _is_there(connection: sqlite3.Connection, key: AnswerKey) -> bool:
    row = select_row(connection, key)
    if row is None:
        return False
    try:
        open_row(row)
    except DamagedRowError:
        return False
    return True


def _line(row: Row) -> bytes:
    answer = open_row(row)
    fields = {
        "group": row.group_key,
        "question": row.question,
        "arguments": row.arguments,
        "version": row.version,
        "value": answer.value,
        "gap_version": row.gap_version,
        "packages": dict(answer.provenance.packages),
        "script_hash": row.script_hash,
        "seconds": row.seconds,
        "created": row.created,
        "checksum": row.checksum.hex(),
    }
    return compact_json(fields).encode("ascii") + b"\n"


def _read_line(line: bytes) -> tuple[AnswerKey, object, Row]:
    """Return what a line holds; any fault is an exception that says what it is."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is not JSON") from error
    if not isinstance(data, dict) or data.keys() != _FIELDS:
        raise ValueError(f"it must be a record of {', '.join(sorted(_FIELDS))}")
    key = AnswerKey(data["group"], data["question"], data["arguments"], data["version"])
    if not isinstance(data["packages"], dict) or type(data["seconds"]) not in (int, float):
        raise ValueError("packages must be a record and seconds a number")
    provenance = Provenance(
        data["gap_version"],
        data["packages"],
        data["script_hash"],
        data["seconds"],
        data["created"],
    )
    row = seal(key, data["value"], provenance)
    if row.checksum.hex() != data["checksum"]:
        raise ValueError("its checksum does not hold")
    return key, data["value"], row


def _lines(path_in: Path) -> Iterator[tuple[int, bytes]]:
    """Yield number and text of each entry's line; the file as a whole must be sound."""
    entries = found = 0
    whole = True
    try:
        with path_in.open("rb") as raw:
            packed = raw.peek(2)[:2] == b"\x1f\x8b"
            with cast("BinaryIO", gzip.GzipFile(fileobj=raw) if packed else raw) as file:
                entries = _entries_promised(path_in, file.readline())
                for number, line in enumerate(file, start=2):
                    found += 1
                    whole = line.endswith(b"\n")
                    if whole and found <= entries:
                        yield number, line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise StoreError(
            f"{path_in} is damaged or was cut short ({error}); export it again, nothing was "
            "taken from it"
        ) from error
    except OSError as error:
        raise StoreError(f"{path_in} cannot be read: {error.strerror or error}") from error
    if found != entries or not whole:
        raise StoreError(
            f"{path_in} is damaged or was cut short (its first line promises {entries} entries, "
            f"{found if whole else found - 1} whole ones were found); export it again, nothing "
            "was taken from it"
        )


def _entries_promised(path_in: Path, line: bytes) -> int:
    try:
        header = json.loads(line)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise StoreError(f"{path_in} must be an export of the cache, but its first line is not one")
    if header.get("version") != FORMAT_VERSION:
        raise StoreError(
            f"{path_in} has export version {header.get('version')!r}, this toolkit reads "
            f"{FORMAT_VERSION}: export it again with this version"
        )
    entries = header.get("entries")
    if type(entries) is not int or entries < 0:
        raise StoreError(f"{path_in} must say in its first line how many entries it has")
    return entries


def _other_file(source: Path | None, path_out: Path) -> Path:
    path_out = path_out.expanduser().absolute()
    if path_out.is_dir():
        raise StoreError(f"{path_out} must be a file, but it is a folder")
    if source is not None and path_out.exists() and source.exists() and path_out.samefile(source):
        raise StoreError(f"{path_out} is the cache itself; name another file")
    return path_out


@contextlib.contextmanager
def _fresh_path(path_out: Path) -> Iterator[Path]:
    """Give a path to write ``path_out`` to; StoreError if that cannot be written."""
    try:
        with written_whole(path_out) as temporary:
            yield temporary
    except (OSError, sqlite3.OperationalError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StoreError(f"{path_out} cannot be written: {reason}") from error


@contextlib.contextmanager
def _fresh_file(path_out: Path) -> Iterator[BinaryIO]:
    with _fresh_path(path_out) as temporary, temporary.open("xb") as file:
        yield file


@contextlib.contextmanager
def _compressed(file: BinaryIO, path_out: Path) -> Iterator[BinaryIO]:
    """Compress if the name asks for it; without name or time inside, for equal bytes."""
    if path_out.suffix != ".gz":
        yield file
        return
    with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        yield cast("BinaryIO", packed)
