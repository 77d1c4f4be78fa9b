"""Several GAP processes at once."""

from __future__ import annotations

import queue
import time
from typing import TYPE_CHECKING, Any

from toolkit.errors import GapStoppedError, GapTimeoutError
from toolkit.forks import forget_in_child
from toolkit.gap.stopping import StoppedError, longest_wait
from toolkit.gap.worker import GapReply, GapWorker

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.gap.locate import GapInstallation


class GapPool:
    """A fixed number of workers; a question goes to a free worker, or waits for one.

    Parameters
    ----------
    installation, scripts, workspace, timeout, memory
        As for :class:`~toolkit.gap.worker.GapWorker`.
    size
        The number of processes that may run at once; each is started when first needed.
    """

    def __init__(
        self,
        installation: GapInstallation,
        scripts: Path,
        *,
        size: int = 1,
        workspace: Path | None = None,
        timeout: float = 300.0,
        memory: int = 4 << 30,
    ) -> None:
        self.workers = tuple(
            GapWorker(installation, scripts, workspace=workspace, timeout=timeout, memory=memory)
            for _ in range(size)
        )
        self._free = self._all_free()
        forget_in_child(self)

    def leave_parent(self) -> None:
        """Mark all workers as free after a fork: no thread of this process will return one."""
        self._free = self._all_free()

    def _all_free(self) -> queue.LifoQueue[GapWorker]:
        # last in, first out: a single caller stays with one worker, whose session knows the group
        free: queue.LifoQueue[GapWorker] = queue.LifoQueue()
        for worker in reversed(self.workers):
            free.put(worker)
        return free

    def __enter__(self) -> GapPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(
        self,
        request: str,
        args: dict[str, Any],
        *,
        subject: str,
        timeout: float | None = None,
        deadline: float | None = None,
    ) -> GapReply:
        """Send one question to a free worker; see :meth:`GapWorker.ask`.

        Parameters
        ----------
        request, args, subject, timeout
            As for :meth:`GapWorker.ask`; the time starts when a worker is free.
        deadline
            The value of :func:`time.monotonic` at which the question ends, even while it waits.

        Raises
        ------
        GapTimeoutError
            If no worker is free before the deadline.
        GapStoppedError
            If the task that waits for a worker is cancelled.
        GapError, NotAvailable
            As for :meth:`GapWorker.ask`.
        """
        free = self._free
        began = time.monotonic()
        try:
            worker = _first(free, deadline)
        except queue.Empty:
            seconds = round(time.monotonic() - began, 3)
            raise GapTimeoutError(request, subject, seconds) from None
        except StoppedError:
            raise GapStoppedError(request, subject) from None
        try:
            left = _seconds_to(deadline)
            if left is not None:
                timeout = min(left, worker.timeout if timeout is None else timeout)
            return worker.ask(request, args, subject=subject, timeout=timeout)
        finally:
            free.put(worker)

    def close(self) -> None:
        """Stop all processes."""
        for worker in self.workers:
            worker.close()


def _first(free: queue.LifoQueue[GapWorker], deadline: float | None) -> GapWorker:
    """Wait for a worker; raise :class:`queue.Empty` when the deadline comes first."""
    while True:
        left = _seconds_to(deadline)
        try:
            return free.get(timeout=longest_wait(left))
        except queue.Empty:
            if _seconds_to(deadline) == 0.0:
                raise


def _seconds_to(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())
