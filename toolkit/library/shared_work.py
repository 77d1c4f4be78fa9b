"""Work that several threads want at the same time is done by one of them."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar, cast

from toolkit.forks import forget_in_child
from toolkit.gap.stopping import longest_wait

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Result = TypeVar("Result")

#: A thread that waits looks this often whether there is still something to wait for.
_SECONDS = 1.0


class _Work:
    """What one thread is doing; the others wait for ``done``."""

    __slots__ = ("done", "owner", "result", "succeeded")

    def __init__(self, owner: int) -> None:
        self.owner = owner
        self.done = threading.Event()
        self.succeeded = False
        self.result: Any = None


class SharedWork:
    """Pieces of work by key: a thread that asks for one under way waits, and gets its result.

    Notes
    -----
    Nothing is kept: what was done is forgotten with its last waiter. No lock is held during the
    work, a forked child knows of no work under way, and a thread that would wait for itself (its
    work asks for what another does, whose work asks for its own) does it on its own instead. An
    error belongs to the thread that met it; the next one that waits then tries, for it may have
    another time limit.

    Examples
    --------
    >>> shared = SharedWork()
    >>> shared.run("7!", lambda: 5040)
    5040
    """

    def __init__(self) -> None:
        self._under_way: dict[Hashable, _Work] = {}
        self._awaited: dict[int, _Work] = {}  # by the thread that waits
        forget_in_child(self)

    def leave_parent(self) -> None:
        """Forget, after a fork, what threads of the parent are doing."""
        self._under_way, self._awaited = {}, {}

    def run(
        self, key: Hashable, work: Callable[[], Result], *, deadline: float | None = None
    ) -> Result:
        """Return the result of ``work``, or of another thread's work under the same key.

        Parameters
        ----------
        key
            What the work is.
        work
            Does it. It may call this method, also with the same key.
        deadline
            When :func:`time.monotonic` reaches it, waiting for another thread ends.

        Raises
        ------
        TimeoutError
            If the deadline came first.
        StoppedError
            If the task that waits was cancelled.
        """
        me = threading.get_ident()
        while True:
            mine = _Work(me)
            try:
                found = self._under_way.setdefault(key, mine)
                if found is mine:
                    result = mine.result = work()
                    mine.succeeded = True
                    return result
            finally:  # reached by an interrupt at any point
                if self._under_way.get(key) is mine:
                    del self._under_way[key]
                mine.done.set()
            if found.owner == me:
                return work()
            self._awaited[me] = found
            try:
                if self._is_awaited_by(found, me):
                    return work()
                self._wait(key, found, deadline)
            finally:
                self._awaited.pop(me, None)
            if found.succeeded:
                return cast("Result", found.result)

    def _is_awaited_by(self, work: _Work | None, thread: int) -> bool:
        """Whether the owner of some work waits, directly or not, for that thread."""
        seen = set()
        while work is not None and work.owner not in seen:
            if work.owner == thread:
                return True
            seen.add(work.owner)
            work = self._awaited.get(work.owner)
        return False

    def _wait(self, key: Hashable, work: _Work, deadline: float | None) -> None:
        while not work.done.is_set():
            left = _SECONDS if deadline is None else min(_SECONDS, deadline - time.monotonic())
            if left <= 0:
                raise TimeoutError
            # forgotten, by a fork in a signal handler of this very thread: it will never be done
            if not work.done.wait(longest_wait(left)) and self._under_way.get(key) is not work:
                return
