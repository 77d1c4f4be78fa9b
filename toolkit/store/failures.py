"""What an error of SQLite means, and the error of the toolkit that says it."""

from __future__ import annotations

import sqlite3

from toolkit.errors import StoreCorruptError, StoreError, StoreFullError

#: Another process is at work: try again.
LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
#: The file cannot be written, or its folder.
FORBIDDEN = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
#: Errors that say nothing about the contents of the file.
NO_DAMAGE = LOCKED | {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_CANTOPEN,
}
_DAMAGED = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})


def code_of(error: BaseException) -> int:
    """Return SQLite's primary error code; 0 if the error is Python's own."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def says_damaged(error: BaseException) -> bool:
    """Whether an error means that the file is damaged, whatever else is seen."""
    return isinstance(error, StoreCorruptError) or code_of(error) in _DAMAGED


def translated(error: sqlite3.DatabaseError, name: str, patience: float) -> StoreError:
    """Return the error of the toolkit that tells about a file, by its name."""
    code = code_of(error)
    if code in _DAMAGED:
        return StoreCorruptError(name, f"{error}; plrep cache repair saves the undamaged answers")
    if code in LOCKED:
        return StoreError(
            f"{name} stayed locked by another process for {patience:g} seconds; end that process, "
            "or set PLREP_CACHE_DIR to another folder"
        )
    return StoreError(f"{name} could not be used: {error}")


def full(name: str, why: str) -> StoreFullError:
    """Return the error of a file for whose answers the disk has no room."""
    return StoreFullError(
        f"{name} cannot store answers: {why}; free some space, or set PLREP_CACHE_DIR to another "
        "folder"
    )
