"""The cache file: one connection per process and thread, opened late.

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
from typing import TYPE_CHECKING, TypeVar

from toolkit.errors import (
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreReadOnlyError,
    StoreSchemaError,
)
from toolkit.store import full_disk
from toolkit.store.access import Access, exists, find_access, identity, refusal, without_side_files
from toolkit.store.aside import folder_lock, move_aside
from toolkit.store.damage import fault_of_contents
from toolkit.store.entries import add_row
from toolkit.store.failures import FORBIDDEN, LOCKED, NO_DAMAGE, code_of, full, translated
from toolkit.store.mending import Mender
from toolkit.store.migrations import SCHEMA, check_schema, migrate
from toolkit.store.sessions import OPENING, REGISTRY, SESSIONS, Session, nobody_reads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from toolkit.store.entries import Row
    from toolkit.store.sessions import Identity

Result = TypeVar("Result")

BUSY_SECONDS = 5.0  # how long SQLite itself waits for a lock, where it does
LOOK_MILLISECONDS = 500  # how long a file is looked at once, before it is written
PATIENCE_SECONDS = 30.0  # how long an operation is tried again: SQLite does not always wait


class Database:
    """The file behind a store; all reading and writing goes through here.

    Parameters
    ----------
    path
        The file, or ``None`` for a database in memory that ends with this object.
    read_only
        Never write, nor make the file.
    immutable
        Read without locks or side files; it must not change meanwhile.
    remedy
        What a warning advises if the file is damaged and only read.
    """

    def __init__(
        self, path: Path | None, *, read_only: bool, immutable: bool, remedy: str = ""
    ) -> None:
        self.path = None if path is None else path.expanduser().absolute()
        self._asked_read_only = read_only or immutable
        self._immutable = immutable
        self._access: Access | None = None
        self._closed = False
        self._looked = False
        #: Knows about damage, and what was done about it.
        self.mender = Mender(self.path, remedy)
        self._local = threading.local()
        self._sessions: weakref.WeakSet[Session] = weakref.WeakSet()
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
            access = self._access = find_access(
                self.path, read_only=self._asked_read_only, immutable=self._immutable
            )
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
                with contextlib.suppress(sqlite3.Error):  # the first error is the one that counts
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                raise
            return result

        self.look(LOOK_MILLISECONDS)  # to write into damaged pages could damage others
        return self._run(transaction, write=True)

    def snapshot(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        """Return what ``action`` reads in several steps, all from one state of the file."""

        def transaction(connection: sqlite3.Connection) -> Result:
            connection.execute("BEGIN")
            try:
                return action(connection)
            finally:
                with contextlib.suppress(sqlite3.Error):
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")

        return self._run(transaction, write=False)

    def shrink(self) -> None:
        """Return unused space to the disk, unless another process is using the file."""

        def vacuum(connection: sqlite3.Connection) -> None:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

        with contextlib.suppress(StoreError):
            try:
                self._run(vacuum, write=True, patience=0.0)
            except StoreFullError:
                self.change_without_room(lambda _: None)

    def change_without_room(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        """Return what ``action`` did, which only removes rows; give the room back to the disk.

        Raises
        ------
        StoreFullError
            If even that needs room.
        StoreError
            If another process is using the file.
        """
        self._close_sessions()  # whose locks would be in the way
        return self._without_room(full_disk.change_without_room, action)

    def remove_file(self) -> None:
        """Remove the file, unless another process is using it.

        Raises
        ------
        StoreError
            If one is, or it cannot be removed.
        """
        self._close_sessions()
        remove = full_disk.remove_file
        self._without_room(lambda path, _, connect: remove(path, connect), lambda _: None)

    def fault(self) -> str:
        """Return what is wrong with the file, or the empty string; nothing is changed.

        Raises
        ------
        ForeignFileError
            If it is a database of another program.
        StoreSchemaError
            If a later toolkit wrote it.
        """
        try:
            return self.mender.fault(self.access)
        except sqlite3.DatabaseError as error:
            raise translated(error, self.name, PATIENCE_SECONDS) from error

    def look(self, milliseconds: int | None = None) -> bool:
        """Look for damage that no operation has met yet, and put it right; return if there was.

        Parameters
        ----------
        milliseconds
            When to stop, and then not to look again; without it everything is looked at.
        """
        looked, self._looked = self._looked, True
        if (looked and milliseconds is not None) or self.path is None or not exists(self.path):
            return False
        before = self.mender.report

        def check(connection: sqlite3.Connection) -> None:
            problem = fault_of_contents(connection, self.name, milliseconds)
            if problem:
                raise StoreCorruptError(self.name, problem)

        self.read(check)
        return self.mender.report is not before

    def require_writable(self) -> None:
        """Raise :class:`StoreReadOnlyError` if the file cannot be written."""
        if self.access.why:
            can = "takes no answers" if self.access.kind == "empty" else "can only be read"
            raise StoreReadOnlyError(f"{self.name} {can}: {self.access.why}")

    def probe(self) -> None:
        """Find out whether the file can really be written, by making files beside it."""
        path = self.path
        if path is None or self.access.kind != "write":
            return
        try:
            full_disk.try_to_write(path)
        except OSError as error:
            self._demote(refusal(path.parent, error))

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
            raise StoreError(f"{self.name} is not a file")
        try:
            with folder_lock(path.parent), nobody_reads(identity(path)):
                return move_aside(path)
        except OSError as error:
            raise StoreError(f"{self.name} could not be moved away: {error.strerror}") from error

    def close(self) -> None:
        """Close the connections of all threads, after their current operations."""
        self._closed = True
        self._close_sessions()

    # -- sessions ------------------------------------------------------------------------------

    def _close_sessions(self) -> None:
        with REGISTRY:
            sessions = list(self._sessions)
        for session in sessions:
            with session.lock:
                session.close()

    def _new_session(self) -> Session:
        session = Session()
        with REGISTRY:
            SESSIONS.add(session)
            self._sessions.add(session)
        return session

    def _session(self) -> Session:
        if self._shared is not None:
            return self._shared
        session: Session | None = getattr(self._local, "session", None)
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
        pause, tries, roomless = 0.002, 0, False
        error: Exception
        while True:
            self._access = self.mender.check_log(self.access)
            try:
                with session.lock:
                    if roomless or self._is_cramped(session):
                        if write:
                            raise full(self.name, "the disk is full")
                        with contextlib.suppress(full_disk.ChangedError):
                            return self._without_room(full_disk.read_without_room, action)
                    result = action(self._ready(session, write=write))
                    if not write or self._serves(session, write=True):
                        return result
                continue  # the file was moved away meanwhile, and what was written is in it
            except (StoreCorruptError, StoreSchemaError) as found:
                error = found
            except sqlite3.DatabaseError as found:
                error, in_time = found, time.monotonic() < deadline
                if in_time and code_of(found) in LOCKED:
                    pause = _wait(pause)
                    continue
                if in_time and self._was_moved(session):  # an error of a file that is gone
                    with session.lock:
                        session.close()
                    pause = _wait(pause)
                    continue
                if in_time and self.path is not None and full_disk.lacks_room(found, self.path):
                    with session.lock:
                        session.close()
                    if write:
                        raise full(self.name, full_disk.reason(found)) from found
                    roomless = True
                    continue
                if in_time and code_of(found) in FORBIDDEN and write:
                    with session.lock:
                        session.close()
                    if not self.mender.says_read_only(self.access, found):
                        self._demote(found)  # the next round says that, and ends
                        continue
                if code_of(found) in NO_DAMAGE:
                    raise translated(found, self.name, PATIENCE_SECONDS) from found
            except (StoreError, OSError):
                raise
            except Exception as found:  # noqa: BLE001 - a damaged file can bring any error
                error = found
            tries, roomless = tries + 1, False
            try:
                self._mend(session, error, tries)
            except sqlite3.DatabaseError as found:
                if code_of(found) not in LOCKED or time.monotonic() >= deadline:
                    raise translated(found, self.name, PATIENCE_SECONDS) from error
                tries -= 1
                pause = _wait(pause)

    def _mend(self, session: Session, error: Exception, tries: int) -> None:
        """Put a damaged file right, or raise the error."""
        if self.path is not None:
            with session.lock:
                session.close()
        self._access = self.mender.mend(self.access, error, tries)

    def _without_room(
        self,
        way: Callable[[Path, Callable[[sqlite3.Connection], Result], full_disk.Connect], Result],
        action: Callable[[sqlite3.Connection], Result],
    ) -> Result:
        """Run ``action`` on a connection of its own, in a way that needs no room."""
        assert self.path is not None
        return full_disk.without_room(way, self.path, action, _connect, PATIENCE_SECONDS)

    def _is_cramped(self, session: Session) -> bool:
        """Whether to open the file would take the rest of the room, and fail."""
        if self._closed or session.connection is not None or self.access.kind != "write":
            return False
        return self.path is not None and exists(self.path) and full_disk.is_cramped(self.path)

    def _ready(self, session: Session, *, write: bool) -> sqlite3.Connection:
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

    def _serves(self, session: Session, *, write: bool) -> bool:
        if self.path is None:
            return True
        if session.pid != os.getpid():
            return False
        file = identity(self.path)
        if session.in_memory and session.file is not None:  # it stands for a damaged file
            return file == session.file and not write
        if session.in_memory:  # it stands for a file that was not there
            return self.access.kind == "empty" or not (write or exists(self.path))
        # a file that was moved away or deleted is neither written nor read
        return session.file == file

    def _was_moved(self, session: Session) -> bool:
        """Whether the file that the session used, or tried to open, is no longer at its place."""
        if self.path is None or session.in_memory:
            return False
        return session.file != identity(self.path)

    def _open(self, session: Session, *, write: bool) -> None:
        access, path = self.access, self.path
        session.pid = os.getpid()
        if path is None or access.kind in ("memory", "empty"):
            self._open_memory(session)
            return
        file = session.file = identity(path)
        session.in_memory = False
        rows = self.mender.rows_in_memory(file)
        if rows is not None and not write:
            self._open_memory(session, rows, file)
            return
        if access.kind == "write":
            if not write and not exists(path):
                self._open_memory(session)
                return
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with contextlib.nullcontext() if file else folder_lock(path.parent):
                    self._open_file(session, path, "?mode=rwc")
            except (OSError, sqlite3.OperationalError) as error:
                if isinstance(error, sqlite3.OperationalError):
                    if code_of(error) not in FORBIDDEN or full_disk.lacks_room(error, path):
                        raise
                elif error.errno in full_disk.NO_ROOM:
                    raise full(self.name, error.strerror or "the disk is full") from error
                self._demote(
                    refusal(path.parent, error) if isinstance(error, OSError) else str(error)
                )
                if write:
                    self.require_writable()
                self._open(session, write=False)
            return
        if access.kind == "read":
            try:
                self._open_file(session, path, "?mode=ro")
            except sqlite3.OperationalError as error:
                if code_of(error) not in FORBIDDEN or full_disk.lacks_room(error, path):
                    raise
                self._access = without_side_files(path, access.why)
                self._open(session, write=False)
            return
        self._open_file(session, path, "?mode=ro&immutable=1")

    def _open_memory(
        self, session: Session, rows: Iterable[Row] = (), file: Identity | None = None
    ) -> None:
        connection = _connect(":memory:")
        migrate(connection, ":memory:")
        connection.execute("BEGIN")
        for row in rows:
            add_row(connection, row)
        connection.execute("COMMIT")
        session.connection, session.in_memory, session.file = connection, True, file

    def _open_file(self, session: Session, path: Path, options: str) -> None:
        with OPENING:
            self._open_alone(session, path, options)

    def _open_alone(self, session: Session, path: Path, options: str) -> None:
        connection = _connect(path.as_uri() + options)
        try:
            found = check_schema(connection, str(path))
            if self.access.kind == "write":
                connection.execute("PRAGMA journal_mode = WAL").fetchone()
                connection.execute("PRAGMA synchronous = NORMAL")
                if found < SCHEMA:
                    migrate(connection, str(path))
            elif not found and self._immutable:
                raise StoreCorruptError(str(path), "it is empty")
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
        session.file = identity(path)

    def _demote(self, why: str | sqlite3.DatabaseError) -> None:
        """Record that the file turned out not to be writable; one that was moved may be."""
        if getattr(why, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_DBMOVED:
            return
        assert self.path is not None
        self._access = Access("read" if exists(self.path) else "empty", str(why))


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


def _wait(pause: float) -> float:
    """Wait for another process; return how long to wait the next time."""
    import random

    time.sleep(pause * random.uniform(0.5, 1.5))
    return min(2 * pause, 0.25)
