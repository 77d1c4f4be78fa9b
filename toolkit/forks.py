"""What a forked process forgets: locks and pipes that belong to its parent.

A fork copies the memory and one thread. A lock that another thread held is then held for ever,
and a pipe to a process of the parent stays open as long as the child runs.
"""

from __future__ import annotations

import os
import sys
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


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_parent)
