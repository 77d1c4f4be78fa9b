"""Export and import of answers: an export is a store file of its own.

It is one SQLite file without side files, its rows ordered by key: the same answers give the same
bytes, under the same version of SQLite. Each row carries its checksum, so damage in transit is
noticed. Exports of earlier versions are read too
(:mod:`toolkit.store.json_lines`).
"""

from __future__ import annotations

import sqlite3
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from toolkit.errors import StoreError
from toolkit.files import written_whole
from toolkit.store.database import Database
from toolkit.store.entries import (
    COLUMNS,
    DamagedRowError,
    Row,
    insert_row,
    open_row,
    row_key,
    select_row,
)
from toolkit.store.json_lines import entry_of_line, lines_of_export
from toolkit.store.keys import AnswerKey
from toolkit.store.migrations import ForeignFileError, migrate
from toolkit.store.reports import ImportReport, RejectedLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    Entry: TypeAlias = tuple[AnswerKey, object, Row]

_SQLITE = b"SQLite format 3\0"
_ORDER = "ORDER BY group_key, question, arguments, version"


def valid_rows(connection: sqlite3.Connection, damaged: list[AnswerKey]) -> Iterator[Row]:
    """Yield the rows in the order of their keys, without those that are damaged.

    Parameters
    ----------
    connection
        The source; it must not be written meanwhile.
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
    if path_out.exists() and not path_out.is_file():
        raise StoreError(f"{path_out} must be a file, but it is a device, a pipe or a socket")

    def export(connection: sqlite3.Connection) -> tuple[int, list[AnswerKey]]:
        damaged: list[AnswerKey] = []
        try:
            with written_whole(path_out) as beside:
                return _write_rows(beside, valid_rows(connection, damaged)), damaged
        except (OSError, sqlite3.OperationalError) as error:
            reason = getattr(error, "strerror", None) or error
            raise StoreError(f"{path_out} cannot be written: {reason}") from error

    return database.snapshot(export)


def import_rows(
    database: Database,
    path_in: Path,
    check: Callable[[AnswerKey, object], None] | None,
    *,
    partial: bool,
) -> ImportReport:
    """Take in the answers of an export; see :meth:`toolkit.store.Store.import_`."""
    database.require_writable()
    path_in = _to_be_read(database, path_in)
    return _take_in(database, _entries(path_in), check, partial=partial)


def recover_rows(
    database: Database, path_in: Path, check: Callable[[AnswerKey, object], None] | None
) -> ImportReport:
    """Take in what is sound in a file; see :meth:`toolkit.store.Store.recover`."""
    from toolkit.store.records import rows_in_file

    database.require_writable()
    path_in = _to_be_read(database, path_in)
    try:
        path_in.open("rb").close()
    except OSError as error:
        raise StoreError(f"{path_in} cannot be read: {error.strerror or error}") from error
    entries = ((n, partial(_entry_of_row, row)) for n, row in enumerate(rows_in_file(path_in).rows))
    return _take_in(database, entries, check, partial=True)


def _take_in(
    database: Database,
    entries: Iterable[tuple[int, Callable[[], Entry]]],
    check: Callable[[AnswerKey, object], None] | None,
    *,
    partial: bool,
) -> ImportReport:
    rows: dict[AnswerKey, tuple[int, Row]] = {}
    rejected: list[RejectedLine] = []
    for number, read in entries:
        try:
            key, value, row = read()
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


def _write_rows(path: Path, rows: Iterable[Row]) -> int:
    """Write a fresh store file that needs no side files; return how many rows it has."""
    count = 0
    # nobody else knows the file, and it needs no side files
    connection = sqlite3.connect(f"{path.as_uri()}?nolock=1", isolation_level=None, uri=True)
    try:
        connection.execute("PRAGMA journal_mode = MEMORY").fetchone()
        connection.execute("PRAGMA temp_store = MEMORY").fetchone()
        migrate(connection, str(path))
        connection.execute("BEGIN")
        for row in rows:
            insert_row(connection, row)
            count += 1
        connection.execute("COMMIT")
        connection.execute("VACUUM")
    finally:
        connection.close()
    return count


def _entries(path_in: Path) -> Iterator[tuple[int, Callable[[], Entry]]]:
    """Yield each entry's number, and what reads it or raises an error that says what is wrong."""
    try:
        with path_in.open("rb") as stream:
            is_database = stream.read(len(_SQLITE)) == _SQLITE
    except OSError as error:
        raise StoreError(f"{path_in} cannot be read: {error.strerror or error}") from error
    if is_database:
        for number, row in enumerate(_rows_of_export(path_in), start=1):
            yield number, partial(_entry_of_row, row)
    else:
        for number, line in lines_of_export(path_in):
            yield number, partial(entry_of_line, line)


def _rows_of_export(path_in: Path) -> list[Row]:
    source = Database(path_in, read_only=True, immutable=False)

    def read(connection: sqlite3.Connection) -> list[Row]:
        return [Row._make(row) for row in connection.execute(f"SELECT {COLUMNS} FROM answers")]

    try:
        if not source.fault():
            return sorted(source.snapshot(read))
    except ForeignFileError:
        pass
    finally:
        source.close()
    raise StoreError(
        f"{path_in} is not an export of the cache, is damaged or was truncated; export it again "
        "(nothing was imported), or import the undamaged answers with plrep cache repair FILE"
    )


def _entry_of_row(row: Row) -> Entry:
    answer = open_row(row)
    return AnswerKey(*row[:4]), answer.value, row


def _is_there(connection: sqlite3.Connection, key: AnswerKey) -> bool:
    row = select_row(connection, key)
    if row is None:
        return False
    try:
        open_row(row)
    except DamagedRowError:
        return False
    return True


def _to_be_read(database: Database, path_in: Path) -> Path:
    path_in = _other_file(database.path, path_in)  # opening the cache itself would drop its locks
    if path_in.is_char_device():
        raise StoreError(f"{path_in} must be a file, but it is a device, which may be endless")
    if path_in.exists() and not path_in.is_file():  # a database is not read from front to end
        raise StoreError(
            f"{path_in} must be a file, but it is a pipe or a socket; first write its contents to "
            "a file"
        )
    return path_in


def _other_file(source: Path | None, path_out: Path) -> Path:
    path_out = path_out.expanduser().absolute()
    if path_out.is_dir():
        raise StoreError(f"{path_out} must be a file, but it is a folder")
    if source is not None and path_out.exists() and source.exists() and path_out.samefile(source):
        raise StoreError(f"{path_out} is the cache itself; give another file")
    return path_out
