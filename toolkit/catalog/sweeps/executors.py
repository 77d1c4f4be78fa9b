"""Run the tasks of a sweep in this process or on Dask's workers."""

from __future__ import annotations

import contextlib
import itertools
import logging
from typing import TYPE_CHECKING, Any

from toolkit.catalog.sweeps.interrupts import interrupted_later
from toolkit.catalog.sweeps.main_module import REMEDY
from toolkit.catalog.sweeps.worker import failed_batch, sweep_groups
from toolkit.claims import scratch_folder
from toolkit.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from toolkit.catalog.plan import Target
    from toolkit.catalog.sweeps.worker import Batch, Limits

# Tasks submitted per worker: one that is running, and some ahead so that no worker waits.
_AHEAD = 3
_SECONDS_TO_CONNECT = 20


def done_here(
    tasks: Iterator[list[Target]], activations: tuple[str, ...], limits: Limits
) -> Generator[Batch, None, None]:
    """Run the tasks one after the other in this process."""
    for task in tasks:
        yield sweep_groups(task, activations, limits)


def done_on_dask(
    tasks: Iterator[list[Target]],
    activations: tuple[str, ...],
    limits: Limits,
    *,
    workers: int,
    scheduler: str | None,
) -> Generator[Batch, None, None]:
    """Run the tasks on Dask's workers, and yield batches as they are finished.

    Parameters
    ----------
    tasks
        Lists of groups.
    activations, limits
        As in :func:`~toolkit.catalog.sweeps.worker.sweep_groups`.
    workers
        Number of processes of a cluster on this machine; not used with ``scheduler``.
    scheduler
        Address of a cluster's scheduler.

    Raises
    ------
    ConfigError
        If the scheduler does not answer, or has no workers, or worker processes cannot be started
        by this program.

    Notes
    -----
    A task whose worker dies is given to another one. When more workers have died of it than the
    setting ``distributed.scheduler.allowed-failures`` of the scheduler allows (3), its groups are
    tried one by one, and the one that fails has its row in ``attempts``.
    """
    distributed = _distributed()
    with _client(workers, scheduler) as client:
        waiting: dict[Any, list[Target]] = {}
        finished = distributed.as_completed(loop=client.loop)

        def give(targets: list[Target]) -> None:
            future = client.submit(sweep_groups, targets, activations, limits, pure=False)
            waiting[future] = targets
            finished.add(future)

        def fill() -> None:
            room = _AHEAD * max(1, len(client.nthreads())) - len(waiting)
            for task in itertools.islice(tasks, max(0, room)):
                give(task)

        try:
            fill()
            while waiting:
                future = next(finished)
                targets = waiting.pop(future)
                error = future.exception()
                batch = future.result() if error is None else None
                future.release()
                if isinstance(error, distributed.KilledWorker):
                    if len(targets) > 1:
                        for target in targets:
                            give([target])
                    else:
                        batch = failed_batch(targets, "every worker that was given it died")
                elif error is not None:
                    raise error
                fill()
                if batch is not None:
                    yield batch
        finally:
            with contextlib.suppress(Exception):
                client.cancel(list(waiting), force=True)


def _distributed() -> Any:  # noqa: ANN401 - a module whose functions have no types
    import distributed

    return distributed


@contextlib.contextmanager
def _client(workers: int, scheduler: str | None) -> Iterator[Any]:
    """Connect to the scheduler, or to a temporary cluster on this machine."""
    import dask

    distributed = _distributed()
    if scheduler is not None:
        try:
            client = distributed.Client(
                scheduler, timeout=_SECONDS_TO_CONNECT, set_as_default=False
            )
        except (OSError, ValueError, TimeoutError) as error:
            said = " ".join(str(error).split()) or type(error).__name__
            raise ConfigError(
                f"the Dask scheduler at {scheduler} does not answer ({said:.120}); an address "
                "such as tcp://host:8786 is required"
            ) from None
        with client:
            try:
                client.wait_for_workers(1, timeout=_SECONDS_TO_CONNECT)
            except TimeoutError:
                raise ConfigError(
                    f"the Dask scheduler at {scheduler} has no workers: start one with "
                    f"'dask worker {scheduler} --nthreads 1'"
                ) from None
            yield client
        return
    quiet = {
        "distributed.admin.system-monitor.interval": "10s",
        "distributed.worker.profile.enabled": False,
        "distributed.worker.daemon": True,
    }
    stack = contextlib.ExitStack()
    try:
        with interrupted_later():
            scratch = str(stack.enter_context(scratch_folder("plrep-dask")))
            stack.enter_context(dask.config.set(quiet))
            try:
                local = distributed.LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    processes=True,
                    memory_limit=0,
                    dashboard_address="127.0.0.1:0",  # any port that is free
                    silence_logs=logging.CRITICAL,
                    local_directory=scratch,
                    preload="toolkit.catalog.sweeps.preload",
                )
            except RuntimeError as error:
                raise ConfigError(
                    f"the worker processes did not start ({error}); where the sweep is called by a "
                    f"script, {REMEDY}"
                ) from None
            cluster = stack.enter_context(local)
            client = stack.enter_context(distributed.Client(cluster, set_as_default=False))
        yield client
    finally:
        with interrupted_later():
            stack.close()
