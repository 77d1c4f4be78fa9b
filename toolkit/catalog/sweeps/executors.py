"""Run the tasks of a sweep in this process or on Dask's workers."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.catalog.sweeps.clusters import connected
from toolkit.catalog.sweeps.worker import Batch, failed_batch, sweep_groups

if TYPE_CHECKING:
    from collections.abc import Generator

    from toolkit.catalog.plan import Target
    from toolkit.catalog.sweeps.clusters import Connection
    from toolkit.catalog.sweeps.tasks import TaskQueue
    from toolkit.catalog.sweeps.worker import Limits

# Tasks submitted per worker: one that is running, and some ahead so that no worker waits.
_AHEAD = 3
# A cluster that adapts asks for more workers where so much work waits for each: twice the setting
# distributed.adaptive.target-duration, 5 seconds.
_SECONDS_AHEAD = 10.0
_MOST_AHEAD = 40

#: A worker has one GAP, even if Dask gives it several threads.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Done:
    """A finished task.

    Parameters
    ----------
    batch
        Its result.
    seconds
        How long it took the worker; ``None`` if the worker died.
    workers
        How many workers there are now.
    """

    batch: Batch
    seconds: float | None
    workers: int


def done_here(
    tasks: TaskQueue, activations: tuple[str, ...], limits: Limits
) -> Generator[Done, None, None]:
    """Run the tasks one after the other in this process."""
    while targets := tasks.take(1):
        batch, seconds = swept(targets, activations, limits)
        yield Done(batch, seconds, 1)


def done_on_dask(
    tasks: TaskQueue,
    activations: tuple[str, ...],
    limits: Limits,
    *,
    workers: int,
    scheduler: Any,  # noqa: ANN401 - an address or a cluster object
) -> Generator[Done, None, None]:
    """Run the tasks on Dask's workers, and yield what is finished.

    Parameters
    ----------
    tasks
        Groups to be given out.
    activations, limits
        As in :func:`~toolkit.catalog.sweeps.worker.sweep_groups`.
    workers
        Number of processes of a cluster on this machine; not used with ``scheduler``.
    scheduler
        ``None``, the address of a cluster's scheduler, or a cluster object.

    Raises
    ------
    ConfigError
        As :func:`~toolkit.catalog.sweeps.clusters.connected`.
    ClusterLostError
        If the scheduler is gone.

    Notes
    -----
    A task whose worker dies goes to another worker. When more workers have died on the task than
    the setting ``distributed.scheduler.allowed-failures`` of the scheduler allows (3; 1 on this
    machine), its groups are given out one by one. If as many workers die again on one group, the
    group waits until all others are done, and then runs alone. Only if as many die once more does
    it get a row in ``attempts`` that says so: Dask counts the death of a worker against all tasks
    that were assigned to it, not only the one it was running.
    """
    with connected(workers, scheduler) as connection:
        yield from _Running(tasks, activations, limits, connection).all()


class _Running:
    """The tasks that are with Dask."""

    def __init__(
        self,
        tasks: TaskQueue,
        activations: tuple[str, ...],
        limits: Limits,
        connection: Connection,
    ) -> None:
        import distributed

        self._tasks = tasks
        self._more = (activations, limits)
        self._connection = connection
        self._client = connection.client
        self._killed: type[Exception] = distributed.KilledWorker
        self._finished = distributed.as_completed(loop=self._client.loop)
        self._waiting: dict[Any, list[Target]] = {}
        self._seconds: dict[Any, float] = {}
        #: Groups of which workers died: to be given out again, each alone; and those that did so
        #: alone, for which everything else is finished first.
        self._again: deque[Target] = deque()
        self._suspects: deque[Target] = deque()
        self._tried_last: set[str] = set()

    def all(self) -> Generator[Done, None, None]:
        """Yield what is finished, until nothing is left."""
        try:
            self._fill()
            while self._waiting:
                future = next(self._finished)
                targets = self._waiting.pop(future)
                self._seconds.pop(future)
                found = self._result(future, targets)
                self._fill()
                if found is not None:
                    yield Done(*found, self._connection.workers())
        finally:
            with contextlib.suppress(Exception):
                self._client.cancel(list(self._waiting), force=True)

    def _result(
        self,
        future: Any,  # noqa: ANN401
        targets: list[Target],
    ) -> tuple[Batch, float | None] | None:
        """Return the result of a finished task; ``None`` if its groups are given out again."""
        from concurrent.futures import CancelledError as Cancelled

        try:
            error = future.exception()
            if error is None:
                found: tuple[Batch, float] = future.result()
                return found
        except (Cancelled, OSError):  # nobody but a lost connection cancels a task that waits
            raise self._connection.lost() from None
        finally:
            future.release()
        if not isinstance(error, self._killed):
            raise error
        if len(targets) > 1:
            self._again.extend(targets)
            return None
        if targets[0].name not in self._tried_last:
            self._suspects.append(targets[0])
            return None
        return failed_batch(targets, "every worker that tried it died"), None

    def _fill(self) -> None:
        """Give tasks out, so that no worker waits for one."""
        workers = self._connection.workers()
        while self._has_room(workers):
            if self._again:
                self._give([self._again.popleft()], 0.0)
                continue
            before = self._tasks.seconds()
            targets = self._tasks.take(workers)
            if not targets:
                break
            self._give(targets, before - self._tasks.seconds())
        if self._suspects and not self._waiting:
            suspect = self._suspects.popleft()
            self._tried_last.add(suspect.name)
            self._give([suspect], 0.0)

    def _has_room(self, workers: int) -> bool:
        count, workers = len(self._waiting), max(1, workers)
        if count < _AHEAD * workers:
            return True
        wanted = self._connection.adapts and sum(self._seconds.values()) < _SECONDS_AHEAD * workers
        return wanted and count < _MOST_AHEAD * workers

    def _give(self, targets: list[Target], seconds: float) -> None:
        try:
            future = self._client.submit(swept, targets, *self._more, pure=False)
        except Exception:
            if self._client.status == "running":
                raise
            raise self._connection.lost() from None
        self._waiting[future] = targets
        self._seconds[future] = seconds
        self._finished.add(future)


def swept(
    targets: list[Target], activations: tuple[str, ...], limits: Limits
) -> tuple[Batch, float]:
    """Sweep some groups, no others at the same time, and return how long it took."""
    with _ONE_AT_A_TIME:
        start = time.monotonic()
        return sweep_groups(targets, activations, limits), time.monotonic() - start
