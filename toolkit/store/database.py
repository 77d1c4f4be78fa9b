"""Connections to the cache file: one per process and thread, opened late, closed before a fork.

A process must not carry an open SQLite file through a fork: SQLite keeps its locks by process, so
the child would believe that it holds the locks of the parent, and its writes could be lost. All
connections are therefore closed just before a fork, and each side opens its own when it needs one.
Starting a program (``subprocess``) is no fork in this sense and closes nothing.

No other code of a process may open the cache file while a store has it open: POSIX drops a
process's locks on a file as soon as it closes any handle to it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
import weakref
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

from toolkit.errors import StoreCorruptError, StoreError, StoreReadOnlyError, StoreSchemaError
from toolkit.store.migrations import SCHEMA, check_schema, migrate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Result = TypeVar("Result")

BUSY_SECONDS = 5.0  # how long SQLite itself waits for a lock, where it does
PATIENCE_SECONDS = 30.0  # how long an operation is tried again: SQLite does not always wait

_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
_DAMAGED = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})
_FORBIDDEN = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})


class Access(NamedTuple):
    """How a file can be used.

    Parameters
    ----------
    kind
        ``"memory"``: no file, by choice; ``"write"``; ``"read"``; ``"immutable"``: read without
        locks or side files; ``"empty"``: there is nothing to read and nowhere to write.
    why
        Why it cannot be written; empty if it can.
    """

    kind: Literal["memory", "write", "read", "immutable", "empty"]
    why: str = ""


class _Session:
    """One thread's connection; shared by all threads if the database lives in memory."""

    __slots__ = ("__weakref__", "connection", "file", "in_memory", "lock", "pid")

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.connection: sqlite3.Connection | None = None
        self.in_memory = False
        self.file: tuple[int, int] | None = None
        self.pid = 0

    def close(self) -> None:
        connection, self.connection = self.connection, None
        if connection is None:
            return
        if self.pid == os.getpid() or self.in_memory:
            connection.close()
        else:  # closing it here could take the owner's locks away
            _INHERITED.append(connection)

    def __del__(self) -> None:
        self.close()  # the thread has ended, or the store was dropped


# The connections that a fork has to close; the only module-level state, with weak references.
_SESSIONS: weakref.WeakSet[_Session] = weakref.WeakSet()
_REGISTRY = threading.Lock()
_HELD: list[_Session] = []
_INHERITED: list[sqlite3.Connection] = []  # empty unless foreign code forked behind Python's back


def _before_fork() -> None:
    _REGISTRY.acquire()
    for session in list(_SESSIONS):
        session.lock.acquire()
        _HELD.append(session)
        if not session.in_memory:
            session.close()


def _after_fork() -> None:
    while _HELD:
        _HELD.pop().lock.release()
    _REGISTRY.release()


os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)


class Database:
    """The file behind a store; all reading and writing goes through here.

    Parameters
    ----------
    path
        The file, or ``None`` for a database in memory that ends with this object.
    read_only
        Never write, nor make the file.
    immutable
        Read without locks or side files; the file must not change meanwhile.
    """

    def __init__(self, path: Path | None, *, read_only: bool, immutable: bool) -> None:
        self.path = None if path is None else path.expanduser().absolute()
        self._asked_read_only = read_only or immutable
        self._immutable = immutable
        self._access: Access | None = None
        self._closed = False
        self._local = threading.local()
        self._sessions: weakref.WeakSet[_Session] = weakref.WeakSet()
        self._shared = self._new_session() if path is None else None

    @property
    def name(self) -> str:
        """The file's name for messages."""
        return "the cache in memory" if self.path is None else str(self.path)

    @property
    def access(self) -> Access:
        """How the file can be used, determined on first use without making it."""
        access = self._access
        if access is None:
            access = self._access = self._find_access()
        return access

    @property
    def refuses_writes(self) -> bool:
        """Whether the caller asked for a database that is never written."""
        return self._asked_read_only

    def read(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        """Return what ``action`` reads."""
        return self._run(action, write=False)

    def write(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        """Return what ``action`` did in one transaction, or undo all of it.

        Raises
        ------
        StoreReadOnlyError
            If the file cannot be written.
        """

        def transaction(connection: sqlite3.Connection) -> Result:
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = action(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return result

        return self._run(transaction, write=True)

    def snapshot(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        """Return what ``action`` reads in several steps, all from one state of the file."""

        def transaction(connection: sqlite3.Connection) -> Result:
            connection.execute("BEGIN")
            try:
                return action(connection)
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

        return self._run(transaction, write=False)

    def shrink(self) -> None:
        """Return unused space to the disk, unless another process is using the file."""

        def vacuum(connection: sqlite3.Connection) -> None:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

        with contextlib.suppress(StoreError):
            self._run(vacuum, write=True, patience=0.0)

    def require_writable(self) -> None:
        """Raise :class:`StoreReadOnlyError` if the file cannot be written."""
        if self.access.why:
            can = "takes no answers" if self.access.kind == "empty" else "can only be read"
            raise StoreReadOnlyError(f"{self.name} {can}: {self.access.why}")

    def probe(self) -> None:
        """Find out whether the file can really be written, by making files beside it.

        Permissions are not enough: in /proc root may do everything, and nothing can be written.
        The files have names of their own and are removed again.
        """
        path = self.path
        if path is None or self.access.kind != "write":
            return
        above = next(p for p in path.parents if _exists(p))
        start = above / f".plrep-{os.getpid()}-{time.monotonic_ns()}"
        folders = [start]
        for part in path.parent.relative_to(above).parts:
            if part != "..":
                folders.append(folders[-1] / part)
        file = folders[-1] / path.name
        made = []
        try:
            for folder in folders:
                folder.mkdir()
                made.append(folder)
            file.touch(exist_ok=False)
            file.unlink()
        except OSError as error:
            self._demote(_refusal(path.parent, error))
        finally:
            for folder in reversed(made):
                with contextlib.suppress(OSError):
                    folder.rmdir()

    def set_aside(self) -> Path:
        """Rename a damaged file, and its side files with it; return its new path.

        Raises
        ------
        StoreReadOnlyError
            If the file cannot be written.
        StoreError
            If it cannot be renamed.
        """
        self.require_writable()
        path = self.path
        if path is None:
            raise StoreError(f"{self.name} is no file")
        self._close_sessions()
        names = (f"{path.name}.damaged{number}" for number in ("", *range(2, 10_000)))
        aside = next(p for p in map(path.with_name, names) if not os.path.lexists(p))
        try:
            # A log that stayed behind would be played back into the next file.
            for end in ("-wal", "-shm", ""):
                with contextlib.suppress(FileNotFoundError):
                    path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
        except OSError as error:
            raise StoreError(f"{self.name} could not be moved away: {error.strerror}") from error
        return aside

    def close(self) -> None:
        """Close the connections of all threads, after their current operations."""
        self._closed = True
        self._close_sessions()

    # -- sessions ------------------------------------------------------------------------------

    def _close_sessions(self) -> None:
        with _REGISTRY:
            sessions = list(self._sessions)
        for session in sessions:
            with session.lock:
                session.close()

    def _new_session(self) -> _Session:
        session = _Session()
        with _REGISTRY:
            _SESSIONS.add(session)
            self._sessions.add(session)
        return session

    def _session(self) -> _Session:
        if self._shared is not None:
            return self._shared
        session: _Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = self._new_session()
        return session

    def _run(
        self,
        action: Callable[[sqlite3.Connection], Result],
        *,
        write: bool,
        patience: float | None = None,
    ) -> Result:
        session = self._session()
        deadline = time.monotonic() + (PATIENCE_SECONDS if patience is None else patience)
        pause = 0.002
        with session.lock:
            while True:
                try:
                    return action(self._ready(session, write=write))
                except sqlite3.DatabaseError as error:
                    code = _code(error)
                    if time.monotonic() < deadline and code in _LOCKED:
                        import random

                        time.sleep(pause * random.uniform(0.5, 1.5))
                        pause = min(2 * pause, 0.25)
                    elif time.monotonic() < deadline and code in _FORBIDDEN and write:
                        session.close()
                        if not self._was_moved(error):
                            self._demote(str(error))  # the next round says that, and ends
                    else:
                        raise self._translated(error) from error

    def _ready(self, session: _Session, *, write: bool) -> sqlite3.Connection:
        """Return the session's connection, reopened if the old one is no longer usable."""
        if self._closed:
            raise StoreError(f"{self.name} was closed; open the store again to use it")
        if write:
            self.require_writable()
        if session.connection is not None and not self._serves(session, write=write):
            session.close()
        if session.connection is None:
            self._open(session, write=write)
        assert session.connection is not None
        return session.connection

    def _serves(self, session: _Session, *, write: bool) -> bool:
        if self.path is None:
            return True
        if session.pid != os.getpid():
            return False
        if session.in_memory:  # it stands for a file that was not there
            return self.access.kind == "empty" or not (write or _exists(self.path))
        # a file that was moved away or deleted must not be written
        return not write or session.file == _identity(self.path)

    def _open(self, session: _Session, *, write: bool) -> None:
        access, path = self.access, self.path
        session.pid = os.getpid()
        if path is None or access.kind in ("memory", "empty"):
            self._open_memory(session)
            return
        if access.kind == "write":
            if not write and not _exists(path):
                self._open_memory(session)
                return
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._open_file(session, path, "?mode=rwc")
            except (OSError, sqlite3.OperationalError) as error:
                if isinstance(error, sqlite3.OperationalError) and _code(error) not in _FORBIDDEN:
                    raise
                self._demote(
                    _refusal(path.parent, error) if isinstance(error, OSError) else str(error)
                )
                if write:
                    self.require_writable()
                self._open(session, write=False)
            return
        if access.kind == "read":
            try:
                self._open_file(session, path, "?mode=ro")
            except sqlite3.OperationalError as error:
                if _code(error) not in _FORBIDDEN:
                    raise
                self._access = self._without_side_files(access.why)
                self._open(session, write=False)
            return
        self._open_file(session, path, "?mode=ro&immutable=1")

    def _open_memory(self, session: _Session) -> None:
        connection = _connect(":memory:")
        migrate(connection, ":memory:")
        session.connection, session.in_memory, session.file = connection, True, None

    def _open_file(self, session: _Session, path: Path, options: str) -> None:
        connection = _connect(path.as_uri() + options)
        try:
            found = check_schema(connection, str(path))
            if self.access.kind == "write":
                connection.execute("PRAGMA journal_mode = WAL").fetchone()
                connection.execute("PRAGMA synchronous = NORMAL")
                if found < SCHEMA:
                    migrate(connection, str(path))
            elif not found:  # an empty file: nothing was ever written
                connection.close()
                self._open_memory(session)
                return
            elif found < SCHEMA:
                raise StoreSchemaError(str(path), found, SCHEMA)
            else:
                connection.execute("PRAGMA query_only = 1")
        except BaseException:
            connection.close()
            raise
        session.connection, session.in_memory = connection, False
        session.file = _identity(path)

    # -- access --------------------------------------------------------------------------------

    def _find_access(self) -> Access:
        path = self.path
        if path is None:
            if self._asked_read_only:
                return Access("empty", "it was opened for reading only")
            return Access("memory")
        if self._asked_read_only:
            why = "it was opened for reading only"
            if not _exists(path):
                return Access("empty", why)
            return Access("immutable" if self._immutable else "read", why)
        if _exists(path):
            if path.is_dir():
                raise StoreError(f"{path} must be a file to hold the cache, but it is a folder")
            if not os.access(path, os.R_OK):
                return Access("empty", f"the file {path} is not readable")
            for place, what in ((path, "file"), (path.parent, "folder")):
                if not os.access(place, os.W_OK):
                    return Access("read", f"the {what} {place} is not writable")
            return Access("write")
        above = next((p for p in path.parents if os.path.lexists(p)), path.parent)
        if _exists(above) and not above.is_dir():
            return Access("empty", f"{above} is not a folder")
        if not os.access(above, os.W_OK | os.X_OK):
            return Access("empty", f"the folder {above} is not writable")
        return Access("write")

    def _demote(self, why: str) -> None:
        """Record that the file turned out not to be writable."""
        assert self.path is not None
        self._access = Access("read" if _exists(self.path) else "empty", why)

    def _without_side_files(self, why: str) -> Access:
        """Return how to read a file beside which SQLite cannot make its shared lock files."""
        assert self.path is not None
        log = self.path.with_name(self.path.name + "-wal")
        try:
            unfinished = log.stat().st_size > 0
        except OSError:
            unfinished = False
        if unfinished:  # the file alone may be half of a write
            return Access("empty", f"{why}, and {log.name} beside it holds unfinished writes")
        return Access("immutable", why)

    def _was_moved(self, error: sqlite3.DatabaseError) -> bool:
        return error.sqlite_errorcode == sqlite3.SQLITE_READONLY_DBMOVED

    def _translated(self, error: sqlite3.DatabaseError) -> StoreError:
        code = _code(error)
        if code in _DAMAGED:
            return StoreCorruptError(
                self.name,
                f"{error}; move it away, as plrep cache clear does (its answers are then "
                "computed again), or name another folder in PLREP_CACHE_DIR",
            )
        if code in _LOCKED:
            return StoreError(
                f"{self.name} stayed locked by another process for {PATIENCE_SECONDS:g} seconds; "
                "end that process, or name another folder in PLREP_CACHE_DIR"
            )
        return StoreError(f"{self.name} could not be used: {error}")


def _connect(target: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        target,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        uri=target.startswith("file:"),
    )
    connection.text_factory = _text
    return connection


def _text(data: bytes) -> str:
    """Decode text even from a damaged row, which the checksum then rejects."""
    return data.decode("utf-8", "replace")


def _code(error: sqlite3.DatabaseError) -> int:
    """SQLite's primary error code; 0 if the error is Python's own."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _refusal(folder: Path, error: OSError) -> str:
    """Return why nothing can be written to a folder."""
    reason = error.strerror or type(error).__name__
    if _exists(folder):
        return f"nothing can be made in the folder {folder} ({reason})"
    return f"the folder {folder} cannot be made ({reason})"


def _exists(path: Path) -> bool:
    """Whether the file is there and can be seen."""
    return _identity(path) is not None


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
