"""Connections by thread, which are closed before a fork.

A process must not carry an open SQLite file through a fork: SQLite keeps its locks by process, so
the child would believe that it holds the locks of the parent, and its writes could be lost. All
connections are therefore closed just before a fork, and each side opens its own when it needs one.
Starting a program (``subprocess``) is no fork in this sense and closes nothing.
"""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    Identity = tuple[int, int]


class Session:
    """One thread's connection; shared by all threads if the database lives in memory."""

    __slots__ = ("__weakref__", "connection", "file", "in_memory", "lock", "pid")

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.connection: sqlite3.Connection | None = None
        self.in_memory = False
        self.file: Identity | None = None
        self.pid = 0

    def close(self) -> None:
        """Close the connection, unless it is the one of another process."""
        connection, self.connection = self.connection, None
        if connection is None:
            return
        if self.pid == os.getpid() or self.in_memory:
            connection.close()
        else:  # closing it here could take the owner's locks away
            _INHERITED.append(connection)

    def __del__(self) -> None:
        self.close()  # the thread has ended, or the store was dropped


#: The connections that a fork has to close; the only module-level state, with weak references.
SESSIONS: weakref.WeakSet[Session] = weakref.WeakSet()
#: Held while the sessions are listed, and during a fork.
REGISTRY = threading.Lock()
#: Held while a connection to a file is opened, and while a file is read without SQLite.
OPENING = threading.Lock()
_PATIENCE_SECONDS = 10.0
_HELD: list[Session] = []
_INHERITED: list[sqlite3.Connection] = []  # empty unless foreign code forked behind Python's back


def is_open(file: Identity | None) -> bool:
    """Whether a session of this process has a file open; ask while holding :data:`OPENING`."""
    return any(_has_open(session, file) for session in _listed())


@contextlib.contextmanager
def nobody_reads(file: Identity | None) -> Iterator[None]:
    """Close this process's connections to a file, and let none be opened until the block ends.

    Notes
    -----
    POSIX drops a process's locks on a file as soon as it closes any handle to it: a file is read
    without SQLite only inside such a block. The caller must not hold the lock of any session.
    """
    while True:
        for session in _listed():
            # one that is still at work after so long is left alone
            if _has_open(session, file) and session.lock.acquire(timeout=_PATIENCE_SECONDS):
                with contextlib.ExitStack() as stack:
                    stack.callback(session.lock.release)
                    if _has_open(session, file):
                        session.close()
        OPENING.acquire()
        if not is_open(file) or _busy(file):
            break
        OPENING.release()
    try:
        yield
    finally:
        OPENING.release()


def _has_open(session: Session, file: Identity | None) -> bool:
    return session.connection is not None and not session.in_memory and session.file == file


def _busy(file: Identity | None) -> bool:
    """Whether all sessions that have a file open are in the middle of an operation."""
    for session in _listed():
        if _has_open(session, file):
            if not session.lock.acquire(blocking=False):
                continue
            session.lock.release()
            return False
    return True


def _listed() -> list[Session]:
    while True:
        with contextlib.suppress(RuntimeError):  # a thread adds one at this moment
            return list(SESSIONS)


def _before_fork() -> None:
    REGISTRY.acquire()
    for session in list(SESSIONS):
        session.lock.acquire()
        _HELD.append(session)
        if not session.in_memory:
            session.close()
    OPENING.acquire()


def _after_fork() -> None:
    OPENING.release()
    while _HELD:
        _HELD.pop().lock.release()
    REGISTRY.release()


os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
