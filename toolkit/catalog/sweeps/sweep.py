"""A sweep: all groups of a plan, each once, into a folder; it can be interrupted and resumed."""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from toolkit.catalog.files.arrow import require_catalog_packages
from toolkit.catalog.plan import Plan, targets_of_plan
from toolkit.catalog.rows.graph import DEFAULT_ACTIVATIONS
from toolkit.errors import ClusterLostError, ConfigError
from toolkit.settings import LEAST_MEMORY, MOST_MEMORY, VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

    from distributed.deploy.cluster import Cluster

    from toolkit.catalog.files.folder import Folder
    from toolkit.catalog.plan import Target
    from toolkit.catalog.rows.group import Modules
    from toolkit.catalog.sweeps.executors import Done
    from toolkit.catalog.sweeps.pace import SweepProgress
    from toolkit.catalog.sweeps.worker import Batch

#: The sample of groups that are measured first is the same in every sweep of a plan.
_SEED = 1
# A part is written after this much time or data: a crash loses at most this much.
_SECONDS_TO_A_PART = 15.0
#: Worker processes on one machine, at most.
MOST_WORKERS = 1024
_BYTES_TO_A_PART = 64 << 20


@dataclass
class SweepReport:
    """The result of a sweep.

    Parameters
    ----------
    folder
        Folder of the catalog.
    groups
        Number of groups of the plan.
    before
        Number of these tried in earlier runs.
    statuses
        Number of groups with each status, those tried before included.
    failures
        Status of each group that is not done, by name.
    seconds, gap_seconds
        Elapsed time, and GAP's own time of all workers together.
    """

    folder: Path
    groups: int
    before: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    gap_seconds: float = 0.0


class SweepStopped(KeyboardInterrupt):
    """The sweep was stopped from the keyboard; what was finished is kept.

    Parameters
    ----------
    report
        The result so far.
    """

    def __init__(self, report: SweepReport) -> None:
        super().__init__(report)
        self.report = report


def sweep(
    folder: str | os.PathLike[str],
    orders: str | Iterable[int] = (),
    *,
    groups: Iterable[str] = (),
    modules: str | Modules = "regular",
    activations: Sequence[str] = DEFAULT_ACTIVATIONS,
    workers: int | None = None,
    scheduler: str | Cluster | None = None,
    deadline: float = 300.0,
    memory: int = 4 << 30,
    retry: bool = False,
    progress: Callable[[int, int], None] | None = None,
    watch: Callable[[SweepProgress], None] | None = None,
) -> SweepReport:
    """Sweep through many groups and write a catalog; the same call resumes a stopped sweep.

    Parameters
    ----------
    folder
        Folder for the catalog: new, empty, or that of the same sweep.
    orders
        All groups of these orders: a text such as ``"1-127,200"``, or numbers.
    groups
        Names of more groups.
    modules
        ``"regular"``, or ``"transitive:MAXINDEX"``: also all transitive modules with at most
        that many points.
    activations
        Names of activations.
    workers
        Number of worker processes on this machine, each with its own GAP; by default one per core.
        0: in this process, without Dask.
    scheduler
        An existing Dask cluster instead of ``workers``: its address, ``"tcp://host:port"``, or a
        cluster object of Dask, such as a ``SLURMCluster`` that adapts; it stays open. Workers may
        come and go, even all of them.
    deadline
        Seconds that GAP may take for one group.
    memory
        Bytes that one GAP may take.
    retry
        Whether groups that failed before are tried again.
    progress
        Called with the number of groups tried so far and the number of all groups.
    watch
        Called at the same times with a :class:`~toolkit.catalog.sweeps.pace.SweepProgress`: the
        work done, by estimated time, and the time left.

    Returns
    -------
    SweepReport

    Raises
    ------
    ConfigError
        If the plan cannot be understood, the folder belongs to another plan, or the cluster does
        not answer.
    NotAvailable
        If the small groups library does not hold an order, or pyarrow or Dask is missing.
    ClusterLostError
        If the scheduler ends, or the connection to it is lost; finished groups are kept.
    SweepStopped
        On Ctrl-C (a KeyboardInterrupt); finished groups are kept.

    Notes
    -----
    A group that takes too long or fails has a row with the reason in ``attempts`` and does not stop
    the others. All other tables are the same, byte for byte, however many workers there were, and
    whichever of them, schedulers or sweeps were killed on the way. A killed sweep loses at most the
    last 15 seconds or 64 MB of its finished rows. A worker that dies loses its task, of at most 48
    groups and about 10 seconds, and the task goes to another worker. A sample of one group in 12,
    at least 32 and at most 300, drawn with a seed and spread over the plan, is done first; the time
    left is estimated from these groups and from all that follow. Scripts that call this with
    workers need ``if __name__ == "__main__":``, as for :mod:`multiprocessing`.

    Examples
    --------
    >>> import tempfile, toolkit as tk
    >>> report = tk.catalog.sweep(tempfile.mkdtemp(), "1-6", workers=0)
    >>> report.groups, report.statuses
    (8, {'done': 8})
    """
    plan = Plan.of(orders, groups, modules, activations)
    return carry_out(
        plan,
        folder,
        workers=workers,
        scheduler=scheduler,
        deadline=deadline,
        memory=memory,
        retry=retry,
        progress=progress,
        watch=watch,
    )


def carry_out(
    plan: Plan,
    folder: str | os.PathLike[str],
    *,
    workers: int | None = None,
    scheduler: str | Cluster | None = None,
    deadline: float = 300.0,
    memory: int = 4 << 30,
    retry: bool = False,
    progress: Callable[[int, int], None] | None = None,
    watch: Callable[[SweepProgress], None] | None = None,
) -> SweepReport:
    """Carry out a plan; see :func:`sweep`."""
    require_catalog_packages("pyarrow")
    from toolkit.catalog.files.compaction import compact
    from toolkit.catalog.files.folder import Folder, absolute_folder
    from toolkit.catalog.sweeps.costs import CostModel
    from toolkit.catalog.sweeps.executors import done_here, done_on_dask
    from toolkit.catalog.sweeps.pace import Pace
    from toolkit.catalog.sweeps.tasks import TaskQueue
    from toolkit.catalog.sweeps.worker import Limits

    start = time.monotonic()
    if workers is None:
        workers = os.cpu_count() or 1
    require_possible(workers, scheduler, deadline, memory)
    limits = Limits(deadline, memory)
    home = Folder(absolute_folder(folder))
    with home:
        home.require_free(plan)
        targets = _targets(plan)  # before anything is written: a mistyped order creates no folder
        home.start(plan)
        names = {t.name for t in targets}
        tried, times = _tried(home)
        known = {name: status for name, status in tried.items() if name in names}
        skipped = {n: s for n, s in known.items() if s == "done" or not retry}
        report = SweepReport(home.path, len(targets), before=len(skipped))
        model = CostModel(targets)
        for name in skipped:
            model.learn(name, times.get(name))
        sample = model.sample(_SEED)
        pace = Pace(model, sample, len(targets), skipped, sum(times.get(n, 0.0) for n in skipped))
        tasks = TaskQueue(model, sample)
        finished: Generator[Done, None, None]
        if scheduler is None and (workers == 0 or not len(tasks)):
            finished = done_here(tasks, plan.activations, limits)
        else:
            finished = done_on_dask(
                tasks, plan.activations, limits, workers=workers, scheduler=scheduler
            )
        keeper = _Keeper(home.write_part)
        stopped = False
        try:
            with contextlib.closing(finished):
                for done in finished:
                    require_same_toolkit(done.batch)
                    keeper.add(done.batch)
                    pace.add(done)
                    known.update(done.batch.statuses)
                    report.gap_seconds += done.batch.gap_seconds
                    if progress is not None:
                        progress(len(known), len(targets))
                    if watch is not None:
                        watch(pace.now())
        except KeyboardInterrupt:
            stopped = True
        except ClusterLostError as lost:
            kept = f"{len(known)} of {len(targets)} groups"
            raise ClusterLostError(lost.scheduler, str(home.path), kept) from None
        finally:
            keeper.write()
        if home.is_to_be_merged():
            compact(home)
        else:
            home.remove_parts()
        report.statuses = dict(sorted(Counter(known.values()).items()))
        report.failures = {
            t.name: known[t.name] for t in targets if known.get(t.name, "done") != "done"
        }
        report.seconds = time.monotonic() - start
        if stopped:
            raise SweepStopped(report)
        return report


def require_possible(workers: int, scheduler: object, deadline: float, memory: int) -> None:
    """Raise ConfigError if a sweep cannot run like this."""
    from toolkit.catalog.sweeps.clusters import require_scheduler
    from toolkit.catalog.sweeps.main_module import require_importable_main

    whole = isinstance(workers, int) and not isinstance(workers, bool)
    if not whole or not 0 <= workers <= MOST_WORKERS:
        raise ConfigError(
            f"from 0 to {MOST_WORKERS} workers are required, found {workers!r:.40}; more machines "
            "are used by a Dask cluster, scheduler="
        )
    number = isinstance(deadline, (int, float)) and not isinstance(deadline, bool)
    if not number or not 0 < deadline < float("inf"):
        raise ConfigError(f"a deadline above 0 seconds is required, found {deadline!r:.40}")
    if not isinstance(memory, int) or not LEAST_MEMORY <= memory <= MOST_MEMORY:
        raise ConfigError(
            f"a memory of {LEAST_MEMORY} to {MOST_MEMORY} bytes is required (GAP needs the least "
            f"to start), found {memory!r:.40}"
        )
    if workers and scheduler is None:
        require_importable_main()
    if workers or scheduler is not None:
        require_catalog_packages("dask", "distributed")
    if scheduler is not None:
        require_scheduler(scheduler)


def _targets(plan: Plan) -> list[Target]:
    from toolkit.library.session import Session

    with Session(use_bundled=False, in_memory=True) as session:
        return targets_of_plan(plan, session)


def _tried(home: Folder) -> tuple[dict[str, str], dict[str, float]]:
    """Return the last status of each group that was tried, and times of groups, by name."""
    from toolkit.catalog.sweeps.costs import measured_times

    statuses: dict[str, str] = {}
    measured: list[tuple[str, float | None, str | None]] = []
    for found in home.attempts():
        names, last, seconds, workers = (
            cast("list[Any]", found.column(c).to_pylist())
            for c in ("group", "status", "seconds", "worker")
        )
        statuses.update(zip(names, last, strict=True))
        measured += zip(names, seconds, workers, strict=True)
    return statuses, measured_times(measured)


def require_same_toolkit(batch: Batch) -> None:
    """Raise ConfigError if a worker's rows were made by another version of the toolkit."""
    from toolkit.catalog.files.arrow import from_bytes

    if "provenance" not in batch.tables:
        return
    (version,) = from_bytes(batch.tables["provenance"]).column("toolkit_version").to_pylist()
    if version != VERSION:
        raise ConfigError(
            f"all workers must have the same version of the toolkit: this is {VERSION}, a worker "
            f"has {version}; what is done is kept, and the same sweep resumes"
        )


class _Keeper:
    """Collects finished batches and writes them to a part now and then."""

    def __init__(self, write: Callable[[list[dict[str, bytes]]], None]) -> None:
        self._write = write
        self._batches: list[Batch] = []
        self._bytes = 0
        self._since = time.monotonic()

    def add(self, batch: Batch) -> None:
        """Take a batch."""
        self._batches.append(batch)
        self._bytes += sum(map(len, batch.tables.values()))
        if self._bytes > _BYTES_TO_A_PART or time.monotonic() - self._since > _SECONDS_TO_A_PART:
            self.write()

    def write(self) -> None:
        """Write the batches collected so far."""
        if self._batches:
            self._write([batch.tables for batch in self._batches])
        self._batches, self._bytes, self._since = [], 0, time.monotonic()
