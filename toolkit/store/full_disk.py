"""The cache file on a disk that has no room, or that fails: read, and emptied, without more room.

SQLite's log needs 32 kB beside the file for locks alone, even to read. What is read here needs
nothing: a file whose log is empty is read by itself, for one operation, and again if it changed
meanwhile; one whose log holds writes is locked for one operation, and the log's index is kept in
memory.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import time
from typing import TYPE_CHECKING, TypeVar

from toolkit.errors import StoreError
from toolkit.store.access import exists
from toolkit.store.failures import LOCKED, code_of, full, translated
from toolkit.store.migrations import check_schema, migrate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Connect = Callable[[str], sqlite3.Connection]

Result = TypeVar("Result")

#: Of the system: no room, no room for this user, and a disk that failed.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})
#: The least that an answer may take, with the log and its index.
LEAST_ROOM = 64 << 10

_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
_INDEX = 32 << 10
_TRIES = 20


class ChangedError(Exception):
    """Another process writes to the file, or moved it away: it never leaves the store."""


def lacks_room(error: sqlite3.DatabaseError, path: Path) -> bool:
    """Whether an operation failed because the disk is full, or fails."""
    code = code_of(error)
    return code in _FULL or (code == sqlite3.SQLITE_CANTOPEN and _has_no_room(path.parent))


def reason(error: sqlite3.DatabaseError) -> str:
    """Return why, in words."""
    code = code_of(error)
    return "the disk is full" if code != sqlite3.SQLITE_IOERR else "the disk is full or failed"


def read_without_room(
    path: Path, action: Callable[[sqlite3.Connection], Result], connect: Connect
) -> Result:
    """Return what ``action`` reads in the file, without making or growing any file.

    Raises
    ------
    ChangedError
        If the file is being written, or was moved away: it can be read as always.
    sqlite3.DatabaseError
        If it is locked, or cannot be read.
    """
    for _ in range(_TRIES):
        before = _state(path)
        if not before:  # moved away meanwhile
            raise ChangedError
        alone = not has_log(path)
        try:
            with contextlib.closing(
                connect(path.as_uri() + ("?mode=ro&immutable=1" if alone else "?mode=rw"))
            ) as connection:
                if not alone:
                    connection.execute("PRAGMA busy_timeout = 100").fetchone()
                    connection.execute("PRAGMA locking_mode = EXCLUSIVE").fetchone()
                if not check_schema(connection, str(path)):
                    break
                connection.execute("PRAGMA query_only = 1")
                found = action(connection)
        except Exception:
            after = _state(path)
            if after[:2] != before[:2] or (alone and after != before):
                continue
            raise
        if not alone or _state(path) == before:
            return found
    else:
        raise ChangedError
    with contextlib.closing(connect(":memory:")) as connection:  # nothing was ever written
        migrate(connection, ":memory:")
        return action(connection)


def change_without_room(
    path: Path, action: Callable[[sqlite3.Connection], Result], connect: Connect
) -> Result:
    """Let ``action`` remove rows from the file, and give the room that they took back.

    Raises
    ------
    sqlite3.DatabaseError
        If the file is locked by another process, or not even this is possible.

    Notes
    -----
    What is needed to undo it is kept in memory, not on the disk: a process that is killed just
    then may leave a damaged file.
    """
    with contextlib.closing(connect(path.as_uri() + "?mode=rw")) as connection:
        for setting in ("locking_mode = EXCLUSIVE", "temp_store = MEMORY", "journal_mode = MEMORY"):
            connection.execute(f"PRAGMA {setting}").fetchone()
        connection.execute("BEGIN EXCLUSIVE")
        try:
            result = action(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        connection.execute("VACUUM")
    return result


def remove_file(path: Path, connect: Connect) -> None:
    """Remove the file and its log, which no other process may use just then.

    Raises
    ------
    sqlite3.DatabaseError
        If the file is locked by another process.
    OSError
        If it cannot be removed.
    """
    with contextlib.closing(connect(path.as_uri() + "?mode=rw")) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE").fetchone()
        connection.execute("BEGIN IMMEDIATE")
        # a log that stayed behind would be played back into the next file
        for end in ("-wal", "-shm", ""):
            path.with_name(path.name + end).unlink(missing_ok=True)


def without_room(
    way: Callable[[Path, Callable[[sqlite3.Connection], Result], Connect], Result],
    path: Path,
    action: Callable[[sqlite3.Connection], Result],
    connect: Connect,
    patience: float,
) -> Result:
    """Run ``action`` in one of the ways above, and wait for other processes.

    Raises
    ------
    StoreFullError
        If even that needs room.
    StoreError
        If it fails in another way.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            return way(path, action, connect)
        except sqlite3.DatabaseError as error:
            if code_of(error) in LOCKED and time.monotonic() < deadline:
                # two that wait for each other fall out of step
                import random

                time.sleep(random.uniform(0.0, 0.2))
                continue
            if lacks_room(error, path):
                raise full(str(path), reason(error)) from error
            raise translated(error, str(path), patience) from error
        except OSError as error:
            raise StoreError(f"{path} cannot be removed: {error.strerror}") from error


def try_to_write(path: Path) -> None:
    """Make and remove files where the file would be, under names of their own.

    Raises
    ------
    OSError
        If that is impossible. Permissions are not enough to know: in /proc root may do
        everything, and nothing can be written.
    """
    from toolkit.claims import claimed_folder  # an answer that is stored needs none

    above = next(p for p in path.parents if exists(p))
    with claimed_folder(above, "plrep") as folder:
        for part in path.parent.relative_to(above).parts:
            if part != "..":
                folder /= part
                folder.mkdir()
        (folder / path.name).write_bytes(bytes(LEAST_ROOM))


def is_cramped(path: Path) -> bool:
    """Whether there is no room for the index of the log: SQLite would take the rest, and fail."""
    try:
        if path.with_name(path.name + "-shm").stat().st_size >= _INDEX:
            return False
    except OSError:
        pass
    return _has_no_room(path.parent, _INDEX)


def _has_no_room(folder: Path, size: int = 1) -> bool:
    try:
        found = os.statvfs(folder)
    except (OSError, AttributeError):
        return False
    return found.f_bfree * found.f_frsize < size or (found.f_files > 0 and found.f_ffree == 0)


def has_log(path: Path) -> bool:
    """Whether a log beside the file holds writes, or one that was to be undone."""
    for end in ("-wal", "-journal"):
        with contextlib.suppress(OSError):
            if path.with_name(path.name + end).stat().st_size:
                return True
    return False


def _state(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
