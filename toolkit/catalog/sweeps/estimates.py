"""How long a sweep would take: a sample of its groups is measured, and nothing is written."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.catalog.files.arrow import require_catalog_packages
from toolkit.catalog.plan import Plan, Target, targets_of_plan
from toolkit.catalog.rows.graph import DEFAULT_ACTIVATIONS
from toolkit.catalog.rows.group import Modules
from toolkit.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

#: Samples of at most so many groups have none to spare.
_FEW = 8


@dataclass(frozen=True)
class SweepEstimate:
    """How long a sweep would take.

    Parameters
    ----------
    groups
        Number of groups of the plan.
    measured
        Number of those that were measured.
    seconds
        Time of all groups for one worker, without the merging of the tables at the end.
    orders
        Per order: the order (0 for names that do not give it), the number of its groups, and their
        time for one worker in seconds.
    took
        Time that this estimate took.
    failures
        Groups of the sample that were not done, with their status, ``timeout`` for example; their
        time counts as it was.
    """

    groups: int
    measured: int
    seconds: float
    orders: tuple[tuple[int, int, float], ...]
    took: float
    failures: tuple[tuple[str, str], ...] = ()


def estimate_sweep(
    orders: str | Iterable[int] = (),
    *,
    groups: Iterable[str] = (),
    modules: str | Modules = "regular",
    activations: Sequence[str] = DEFAULT_ACTIVATIONS,
    deadline: float = 300.0,
    memory: int = 4 << 30,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> SweepEstimate:
    """Measure a sample of the groups of a sweep, and estimate the time of all groups.

    Parameters
    ----------
    orders, groups, modules, activations, deadline, memory
        As for :func:`~toolkit.catalog.sweeps.sweep.sweep`.
    seed
        Seed of the sample. The sweep itself uses seed 1.
    progress
        Called with the number of groups measured so far and the size of the sample.

    Returns
    -------
    SweepEstimate

    Raises
    ------
    ConfigError
        If the plan cannot be understood, a sweep with this deadline and memory is not possible, or
        the seed is no whole number.
    NotAvailable
        If the small groups library does not hold an order, or pyarrow is missing.

    Notes
    -----
    An estimate from one group in 12, at least 32 and at most 300, on one core of this machine as
    busy as it is now. A few groups that take much longer than their neighbours can be missed.

    Examples
    --------
    >>> found = estimate_sweep("1-6")
    >>> found.groups, found.measured, [order for order, _, _ in found.orders]
    (8, 8, [1, 2, 3, 4, 5, 6])
    """
    require_catalog_packages("pyarrow")
    from toolkit.catalog.sweeps.costs import CostModel
    from toolkit.catalog.sweeps.executors import done_here
    from toolkit.catalog.sweeps.pace import Pace
    from toolkit.catalog.sweeps.sweep import require_possible
    from toolkit.catalog.sweeps.tasks import TaskQueue
    from toolkit.catalog.sweeps.worker import Limits, sweep_groups
    from toolkit.library.session import Session

    start = time.monotonic()
    require_possible(0, None, deadline, memory)
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise ConfigError(f"the seed of a sample is a whole number, not {seed!r:.40}")
    plan = Plan.of(orders, groups, modules, activations)
    with Session(use_bundled=False, in_memory=True) as session:
        targets = targets_of_plan(plan, session)
    measured = CostModel(targets)
    sample = measured.sample(seed) or targets
    limits = Limits(deadline, memory)
    few = len(sample) <= _FEW
    if few:  # each of them counts: what all groups use is loaded with another one
        sweep_groups([Target("SmallGroup(2,1)", 2, 1, Modules())], plan.activations, limits)
    pace = Pace(measured, sample, len(targets), {}, 0.0, warm=few)
    tasks = TaskQueue(CostModel(sample), sample)
    failures: list[tuple[str, str]] = []
    for done in done_here(tasks, plan.activations, limits):
        pace.add(done)
        failures += [found for found in done.batch.statuses if found[1] != "done"]
        if progress is not None:
            progress(pace.now().done, len(sample))
    beside = pace.beside()
    found = tuple((o, n, s * beside) for o, n, s in measured.of_orders())
    return SweepEstimate(
        len(targets),
        measured.measured,
        sum(seconds for _, _, seconds in found),
        found,
        time.monotonic() - start,
        tuple(failures),
    )
