"""Connections by thread, which are closed before a fork.

A process must not carry an open SQLite file through a fork: SQLite keeps its locks by process, so
the child would believe that it holds the locks of the parent, and its writes could be lost. All
connections are therefore closed just before a fork, and each side opens its own when it needs one.
Starting a program (``subprocess``) is no fork in this sense and closes nothing.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


class Session:
    """One thread's connection; shared by all threads if the database lives in memory."""

    __slots__ = ("__weakref__", "connection", "file", "in_memory", "lock", "pid")

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.connection: sqlite3.Connection | None = None
        self.in_memory = False
        self.file: tuple[int, int] | None = None
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
_HELD: list[Session] = []
_INHERITED: list[sqlite3.Connection] = []  # empty unless foreign code forked behind Python's back


def _before_fork() -> None:
    REGISTRY.acquire()
    for session in list(SESSIONS):
        session.lock.acquire()
        _HELD.append(session)
        if not session.in_memory:
            session.close()


def _after_fork() -> None:
    while _HELD:
        _HELD.pop().lock.release()
    REGISTRY.release()


os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
