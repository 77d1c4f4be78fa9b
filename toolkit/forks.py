"""What a forked process forgets: locks and pipes that belong to its parent.

A fork copies the memory and one thread. A lock that another thread held is then held for ever,
and a pipe to a process of the parent stays open as long as the child runs.
"""

from __future__ import annotations

import _imp as imp
import importlib
import os
import sys
import threading
import time
import weakref
from typing import Protocol


class ForgetsParent(Protocol):
    """An object that holds what belongs to one process."""

    def leave_parent(self) -> None:
        """Replace locks and close pipes, in a child, before any of its code runs."""


#: With weak references: an object is forgotten with its last owner.
_KNOWN: weakref.WeakSet[ForgetsParent] = weakref.WeakSet()


def forget_in_child(thing: ForgetsParent) -> None:
    """Have ``thing.leave_parent()`` called in every process that is forked from now on.

    Notes
    -----
    It is called while the child has one thread, before ``os.fork`` returns there, in no order. It
    must wait for nothing, and not believe any lock. Starting a program (``subprocess``, or
    ``multiprocessing`` by spawn or forkserver) is no fork in this sense. The object is not kept
    alive.

    Examples
    --------
    >>> import threading
    >>> class Counter:
    ...     def __init__(self):
    ...         self.lock = threading.Lock()
    ...         forget_in_child(self)
    ...
    ...     def leave_parent(self):
    ...         self.lock = threading.Lock()
    >>> counter = Counter()
    >>> _ = counter.lock.acquire()
    >>> _leave_parent()  # as in a child
    >>> counter.lock.acquire(blocking=False)
    True
    """
    _KNOWN.add(thing)


def _leave_parent() -> None:
    for thing in list(_KNOWN):
        try:
            thing.leave_parent()
        except Exception:  # noqa: BLE001 - the others must be called
            sys.excepthook(*sys.exc_info())


# -- imports ---------------------------------------------------------------------------------------

#: A fork waits at most so long for modules that other threads are importing.
_IMPORT_SECONDS = 10.0
_HOLDING: list[bool] = []


def _others_import() -> bool:
    """Whether another thread is in the middle of importing a module; its lock says so."""
    me = threading.get_ident()
    known = getattr(getattr(importlib, "_bootstrap", None), "_module_locks", {})
    locks = [reference() for reference in list(known.values())]
    return any(getattr(lock, "owner", None) not in (None, me) for lock in locks)


def _wait_for_imports() -> None:
    """Hold the lock of imports during the fork, and begin when no other thread imports.

    A child would find the module half made and its lock held for ever.
    """
    end = time.monotonic() + _IMPORT_SECONDS
    imp.acquire_lock()
    while _others_import() and time.monotonic() < end:
        imp.release_lock()
        time.sleep(0.001)
        imp.acquire_lock()
    _HOLDING.append(True)


def _go_on_importing() -> None:
    if _HOLDING:
        _HOLDING.pop()
        imp.release_lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_wait_for_imports,
        after_in_parent=_go_on_importing,
        after_in_child=_go_on_importing,
    )
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_parent)
