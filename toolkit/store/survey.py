"""All answers of a store: what it holds, whether all of it is sound, and how it is emptied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.errors import StoreFullError
from toolkit.store.entries import COLUMNS, DamagedRowError, Row, open_row, row_key
from toolkit.store.migrations import SCHEMA
from toolkit.store.reports import StoreInfo, VerifyReport

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from toolkit.store.database import Database
    from toolkit.store.keys import AnswerKey


def info_of(database: Database) -> StoreInfo:
    """Return contents and state; see :meth:`toolkit.store.Store.info`."""
    found = database.read(_contents)
    return StoreInfo(
        path=database.path,
        schema=SCHEMA,
        writable=not database.access.why,
        why_read_only=database.access.why,
        bytes_on_disk=_bytes_on_disk(database.path),
        **found,
    )


def _contents(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return numbers, times and versions, as :class:`~toolkit.store.StoreInfo` names them."""
    entries, groups, payload, oldest, newest = connection.execute(
        "SELECT count(*), count(DISTINCT group_key), "
        "coalesce(sum(length(payload)), 0), min(created), max(created) FROM answers"
    ).fetchone()
    questions = connection.execute(
        "SELECT question, count(*) FROM answers GROUP BY question ORDER BY question"
    ).fetchall()
    versions = connection.execute(
        "SELECT DISTINCT gap_version FROM answers WHERE gap_version <> '' ORDER BY gap_version"
    ).fetchall()
    return {
        "entries": entries,
        "groups": groups,
        "payload_bytes": payload,
        "oldest": oldest,
        "newest": newest,
        "by_question": dict(questions),
        "gap_versions": tuple(version for (version,) in versions),
    }


def checked_rows(
    database: Database,
    progress: Callable[[int, int], None] | None,
    check: Callable[[AnswerKey, object], None] | None,
) -> VerifyReport:
    """Check every answer; see :meth:`toolkit.store.Store.verify`."""
    rows = database.read(
        lambda connection: connection.execute("SELECT id FROM answers ORDER BY id").fetchall()
    )
    checked, damaged, reasons = 0, [], []
    for done, (number,) in enumerate(rows, start=1):
        row = _row(database, number)
        if row is not None:
            checked += 1
            reason = _fault(row, check)
            if reason:
                damaged.append(row_key(*row[:4]))
                reasons.append(reason)
        if progress is not None:
            progress(done, len(rows))
    return VerifyReport(checked, tuple(damaged), tuple(reasons))


def _row(database: Database, number: int) -> Row | None:
    query = f"SELECT {COLUMNS} FROM answers WHERE id = ?"
    found = database.read(lambda connection: connection.execute(query, (number,)).fetchone())
    return None if found is None else Row._make(found)


def _fault(row: Row, check: Callable[[AnswerKey, object], None] | None) -> str:
    """Return what is wrong with a row, or the empty string."""
    try:
        answer = open_row(row)
    except DamagedRowError as error:
        return str(error)
    if check is None:
        return ""
    try:
        check(row_key(*row[:4]), answer.value)
    except Exception as error:  # noqa: BLE001 - a law may fail in any way: all go in the report
        return str(error) or type(error).__name__
    return ""


def clear(database: Database, group: str | None) -> int:
    """Remove answers; see :meth:`toolkit.store.Store.clear`."""
    where, values = ("", ()) if group is None else (" WHERE group_key = ?", (group,))

    def delete(connection: sqlite3.Connection) -> int:
        return connection.execute(f"DELETE FROM answers{where}", values).rowcount

    try:
        removed = database.write(delete)
    except StoreFullError:
        return _clear_full(database, group, delete)
    database.shrink()
    return removed


def _clear_full(
    database: Database, group: str | None, delete: Callable[[sqlite3.Connection], int]
) -> int:
    """Remove answers where even that would need room."""
    try:
        return database.change_without_room(delete)
    except StoreFullError:
        if group is not None:
            raise StoreFullError(
                f"{database.name} has no space for removing only some answers: free some disk "
                "space, or remove all answers (plrep cache clear)"
            ) from None
    count = "SELECT count(*) FROM answers"
    (removed,) = database.read(lambda connection: connection.execute(count).fetchone())
    database.remove_file()
    return int(removed)


def _bytes_on_disk(path: Path | None) -> int:
    if path is None:
        return 0
    files = (path, path.with_name(path.name + "-wal"))
    return sum(file.stat().st_size for file in files if file.is_file())
