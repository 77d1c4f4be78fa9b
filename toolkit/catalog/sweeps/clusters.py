"""Connections to Dask: a cluster on this machine, one elsewhere, or one that the user has made."""

from __future__ import annotations

import contextlib
import logging
import re
import time
from typing import TYPE_CHECKING, Any

from toolkit.catalog.sweeps.interrupts import interrupted_later
from toolkit.catalog.sweeps.main_module import REMEDY
from toolkit.claims import scratch_folder
from toolkit.errors import ClusterLostError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

_ADDRESS = re.compile(r"(?:[a-z]+://)?[^\s/]+:[0-9]+/?|inproc://\S+")
_SECONDS_TO_CONNECT = 20
#: The least time between two requests for the number of workers, in seconds.
_BETWEEN_COUNTS = 0.5
_QUIET = {
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.worker.profile.enabled": False,
    "distributed.worker.daemon": True,
    # a group that takes all memory away kills few workers before it is tried alone
    "distributed.scheduler.allowed-failures": 1,
}


class Connection:
    """A client of Dask, and what is known of its workers.

    Parameters
    ----------
    client
        The client.
    name
        The scheduler, as messages call it.
    adapts
        Whether the cluster may add workers when there is work.
    """

    def __init__(self, client: Any, name: str, *, adapts: bool) -> None:  # noqa: ANN401
        self.client = client
        self.adapts = adapts
        self._name = name
        self._workers = 0
        self._counted = -_BETWEEN_COUNTS

    def workers(self) -> int:
        """Return how many workers there are, by what the scheduler said last."""
        if time.monotonic() - self._counted >= _BETWEEN_COUNTS and self.client.status == "running":
            # a scheduler that has just died cancels all tasks, which is noticed elsewhere
            with contextlib.suppress(OSError, RuntimeError, TimeoutError):
                self._workers = len(self.client.nthreads())
            self._counted = time.monotonic()
        return self._workers

    def lost(self) -> ClusterLostError:
        """Return the error of a scheduler that is gone."""
        return ClusterLostError(self._name)


def is_cluster(scheduler: object) -> bool:
    """Whether this is a cluster object of Dask."""
    from distributed.deploy.cluster import Cluster

    return isinstance(scheduler, Cluster)


def require_scheduler(scheduler: object) -> None:
    """Raise ConfigError if this is neither the address of a scheduler nor a cluster object.

    Examples
    --------
    >>> require_scheduler("tcp://head:8786")
    >>> require_scheduler("head")
    Traceback (most recent call last):
    ...
    toolkit.errors.ConfigError: the address of a Dask scheduler such as tcp://host:8786, or a
    cluster object of Dask, is required, not 'head'
    """
    if isinstance(scheduler, str):
        if _ADDRESS.fullmatch(scheduler):
            return
    elif is_cluster(scheduler):
        return
    raise ConfigError(
        "the address of a Dask scheduler such as tcp://host:8786, or a cluster object of Dask, is "
        f"required, not {scheduler!r:.80}"
    )


@contextlib.contextmanager
def connected(workers: int, scheduler: Any) -> Iterator[Connection]:  # noqa: ANN401
    """Connect to a scheduler, or to a temporary cluster on this machine.

    Parameters
    ----------
    workers
        Number of processes of the temporary cluster; not used with ``scheduler``.
    scheduler
        ``None``, an address or a cluster object, which stays open.

    Raises
    ------
    ConfigError
        If the scheduler does not answer, or one that is given by its address has no workers, or
        worker processes cannot be started by this program.
    """
    if scheduler is None:
        with _on_this_machine(workers) as client:
            yield Connection(client, "of this process", adapts=False)
        return
    by_address = isinstance(scheduler, str)
    name = f"at {scheduler if by_address else scheduler.scheduler_address}"
    with _client(scheduler, name) as client:
        if by_address:
            try:
                client.wait_for_workers(1, timeout=_SECONDS_TO_CONNECT)
            except TimeoutError:
                raise ConfigError(
                    f"the Dask scheduler {name} has no workers: start one with "
                    f"'dask worker {scheduler} --nthreads 1'"
                ) from None
        yield Connection(client, name, adapts=True)


@contextlib.contextmanager
def _client(scheduler: Any, name: str) -> Iterator[Any]:  # noqa: ANN401
    import distributed

    try:
        client = distributed.Client(scheduler, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError, TimeoutError, RuntimeError) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise ConfigError(
            f"the Dask scheduler {name} does not answer ({said:.120}); an address such as "
            "tcp://host:8786 is required"
        ) from None
    with _without_words_of_dask():
        try:
            yield client
        finally:
            client.close(timeout=2)


@contextlib.contextmanager
def _without_words_of_dask() -> Iterator[None]:
    """Keep the client from logging that it tries to connect again: the sweep says what happened."""
    loggers = [logging.getLogger(f"distributed.{part}") for part in ("client", "core", "comm")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


@contextlib.contextmanager
def _on_this_machine(workers: int) -> Iterator[Any]:
    import dask
    import distributed

    stack = contextlib.ExitStack()
    try:
        with interrupted_later():
            scratch = str(stack.enter_context(scratch_folder("plrep-dask")))
            stack.enter_context(dask.config.set(_QUIET))
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
