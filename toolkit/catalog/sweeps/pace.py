"""The progress of a sweep: what is done, at what rate, and how long the rest takes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from toolkit.catalog.files.arrow import from_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.catalog.plan import Target
    from toolkit.catalog.sweeps.costs import CostModel
    from toolkit.catalog.sweeps.executors import Done

#: Bytes of finished groups that are merged into the tables in a second, measured on one core.
_MERGED_IN_A_SECOND = 12e6
#: Groups measured before the first estimate, in a plan without a sample.
_FEW = 8
#: Groups of a task that tells how much longer tasks take than their groups: later ones have many.
_SEVERAL = 4


@dataclass(frozen=True)
class SweepProgress:
    """How far a sweep has come.

    Parameters
    ----------
    groups
        Number of groups of the plan.
    done
        Number of these that have been tried, earlier runs included.
    before
        Number of these that had been tried in earlier runs.
    statuses
        Number of groups tried, by status.
    work
        Share of the work that is done, by estimated time: from 0.0 to 1.0.
    seconds
        Time since this run began.
    seconds_left
        Estimated time until it ends; ``None`` while a sample of the groups is measured.
    rate
        Groups per second, in this run.
    workers
        Number of workers at the moment.
    """

    groups: int
    done: int
    before: int
    statuses: Mapping[str, int]
    work: float
    seconds: float
    seconds_left: float | None
    rate: float
    workers: int


class Pace:
    """Keeps account of what is done.

    Parameters
    ----------
    model
        Estimates for the groups of the plan.
    sample
        The groups that are measured first.
    groups
        Number of groups of the plan.
    statuses
        Statuses of those tried before.
    spent
        Time that these took.
    warm
        Whether all processes have loaded already what all groups use.
    """

    def __init__(
        self,
        model: CostModel,
        sample: Sequence[Target],
        groups: int,
        statuses: Mapping[str, str],
        spent: float,
        *,
        warm: bool = False,
    ) -> None:
        self._model = model
        self._sample = {target.name for target in sample}
        self._groups = groups
        self._statuses = dict(statuses)
        self._counts = Counter(statuses.values())
        self._before = len(statuses)
        self._spent = spent
        self._warm = warm
        self._start = time.monotonic()
        self._since: float | None = None
        self._fresh = 0
        self._bytes = 0
        self._begun: set[str] = set()
        self._of_tasks = self._of_groups = 0.0
        self._workers = 0

    def add(self, done: Done) -> None:
        """Record a finished task."""
        self._workers = done.workers
        if self._since is None:
            self._since = time.monotonic() - (done.seconds or 0.0)
        self._bytes += sum(map(len, done.batch.tables.values()))
        found = from_bytes(done.batch.tables["attempts"]).select(["group", "seconds", "worker"])
        names, times, processes = (cast("list[Any]", c.to_pylist()) for c in found.columns)
        first = not self._warm and (done.seconds is None or processes[0] not in self._begun)
        self._begun.add(processes[0])
        for name, seconds in zip(names, times, strict=True):
            # with its first task a process loads and computes what all others use
            self._model.learn(name, None if first else seconds)
            self._sample.discard(name)
            self._spent += seconds or 0.0
        if not first and len(names) >= _SEVERAL:
            self._of_tasks += done.seconds or 0.0
            self._of_groups += sum(times)
        self._fresh += len(names)
        for name, status in done.batch.statuses:
            if (old := self._statuses.get(name)) is not None:
                self._counts[old] -= 1
            self._statuses[name] = status
            self._counts[status] += 1

    def now(self) -> SweepProgress:
        """Return how far the sweep has come."""
        now = time.monotonic()
        done, left = len(self._statuses), self._model.seconds_left()
        share = self._spent / (self._spent + left) if self._spent + left else 0.0
        known = not self._sample and (self._model.measured >= _FEW or done == self._groups)
        rate = 0.0
        if self._since is not None and now > self._since:
            rate = self._fresh / (now - self._since)
        return SweepProgress(
            groups=self._groups,
            done=done,
            before=self._before,
            statuses={status: n for status, n in sorted(self._counts.items()) if n},
            work=share if done < self._groups else 1.0,
            seconds=now - self._start,
            seconds_left=self._seconds_left(left, share) if known else None,
            rate=rate,
            workers=self._workers,
        )

    def beside(self) -> float:
        """Return how much longer tasks take than their groups."""
        return self._of_tasks / self._of_groups if self._of_groups else 1.0

    def _seconds_left(self, left: float, share: float) -> float:
        to_merge = self._bytes / (_MERGED_IN_A_SECOND * share) if share else 0.0
        return left * self.beside() / max(1, self._workers) + to_merge
