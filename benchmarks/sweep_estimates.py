"""How good the time estimates of sweeps are. Prints a table; asserts nothing.

    python benchmarks/sweep_estimates.py [--runs N] [--workers W] [--every K] [PLAN ...]

A plan is a text of orders, such as 1-127; of each order every K-th group is taken. Every plan is
swept N times. Its columns: the estimate after the sample and at 10 %, 25 % and 50 % of the work, of
the whole duration, divided by the real duration, merging of the tables included; and how far apart
two workers come to their ends, as a share of the duration. Several runs of a plan show how much of
an error comes from the other programs on the machine: their durations differ as well.

For the row "processor time" the groups are done one by one in this process, and the processor time
of each, Python's and GAP's together, is measured, which other programs hardly change. The sweep is
then done in thought, as if the groups took these times.
"""

from __future__ import annotations

import argparse
import heapq
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from larger_sweeps import processor_times

from toolkit.catalog.files.arrow import from_bytes
from toolkit.catalog.plan import Plan, targets_of_plan
from toolkit.catalog.sweeps.costs import CostModel
from toolkit.catalog.sweeps.pace import Pace, SweepProgress
from toolkit.catalog.sweeps.sweep import sweep
from toolkit.catalog.sweeps.tasks import TaskQueue
from toolkit.catalog.sweeps.worker import Limits, sweep_groups
from toolkit.library import Session
from toolkit.text import table as aligned

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.catalog.sweeps.executors import Done

PLANS = ("1-127", "128", "129-191", "256-260")
MARKS = (0.1, 0.25, 0.5)


def chosen(orders: str, every: int) -> list[str]:
    """Return every K-th group of each order, the first of them among these."""
    with Session(use_bundled=False, in_memory=True) as session:
        targets = targets_of_plan(Plan.of(orders), session)
    return [t.name for t in targets if t.number is None or (t.number - 1) % every == 0]


def measured(names: list[str], workers: int) -> tuple[float, float, list[SweepProgress]]:
    """Return a sweep's duration, how far apart its workers ended, and what it said on the way."""
    seen: list[SweepProgress] = []
    ends: dict[str, float] = defaultdict(float)
    add = Pace.add

    def noting(self: Pace, done: Done) -> None:
        add(self, done)
        (worker,) = set(from_bytes(done.batch.tables["attempts"]).column("worker").to_pylist())
        ends[worker] = self.now().seconds

    Pace.add = noting  # type: ignore[method-assign]
    try:
        with tempfile.TemporaryDirectory() as folder:
            report = sweep(
                Path(folder) / "catalog", groups=names, workers=workers, watch=seen.append
            )
            if set(report.statuses) != {"done"}:
                print(f"not all groups are done: {report.statuses}")
    finally:
        Pace.add = add  # type: ignore[method-assign]
    last = seen[-1]
    spread = (max(ends.values()) - min(ends.values())) / last.seconds
    return report.seconds, spread, seen


def ratios(duration: float, seen: Iterable[SweepProgress]) -> list[str]:
    """Return estimate divided by truth, of the whole duration and of the rest, at each mark."""
    out = []
    known = [now for now in seen if now.seconds_left is not None]
    for mark in (0.0, *MARKS):
        now = next((now for now in known if now.work >= mark), None)
        if now is None or now.seconds_left is None:
            out.append("none")
            continue
        whole = (now.seconds + now.seconds_left) / duration
        rest = now.seconds_left / (duration - now.seconds)
        out.append(f"{whole:.2f} ({rest:.2f})")
    return out


def processor_seconds(names: list[str]) -> dict[str, float]:
    """Return the processor time of each group, done one by one in this process."""
    plan = Plan.of(groups=names)
    with Session(use_bundled=False, in_memory=True) as session:
        targets = targets_of_plan(plan, session)
    sweep_groups(targets[:1], plan.activations, Limits())  # loads what all others use
    found = {}
    for target in targets:
        before = sum(processor_times())
        sweep_groups([target], plan.activations, Limits())
        found[target.name] = sum(processor_times()) - before
    return found


def replayed(names: list[str], times: dict[str, float], workers: int) -> list[str]:
    """Return what :func:`ratios` does, and the last column, if groups took these times."""
    with Session(use_bundled=False, in_memory=True) as session:
        model = CostModel(targets_of_plan(Plan.of(groups=names), session))
    sample = model.sample(1)
    tasks, running, seen = TaskQueue(model, sample), [], []
    total, done, groups = sum(times.values()), 0.0, 0
    ends = [0.0] * workers
    for worker in range(workers):
        task = tasks.take(workers)
        heapq.heappush(running, (sum(times[t.name] for t in task), worker, task))
    while running:
        now, worker, task = heapq.heappop(running)
        ends[worker] = now
        for target in task:
            model.learn(target.name, times[target.name])
            done += times[target.name]
        groups += len(task)
        if groups >= len(sample):
            seen.append((done, model.seconds_left()))
        if more := tasks.take(workers):
            heapq.heappush(running, (now + sum(times[t.name] for t in more), worker, more))
    out = []
    for mark in (0.0, *MARKS):
        so_far, left = next(pair for pair in seen if pair[0] >= mark * sum(pair))
        rest = f" ({left / (total - so_far):.2f})" if total > so_far else ""
        out.append(f"{(so_far + left) / total:.2f}{rest}")
    return [*out, f"{(max(ends) - min(ends)) / max(ends):.1%}"]


def report(
    plans: Iterable[str] = PLANS, *, runs: int = 2, workers: int = 2, every: int = 1
) -> None:
    """Measure and print."""
    print("\nestimated / real duration, in brackets of the time that was left")
    header = "plan;groups;seconds;after the sample;at 10 %;25 %;50 %;ends"
    rows = [header.split(";")]
    for plan in plans:
        names = chosen(plan, every)
        for _ in range(runs):
            duration, spread, seen = measured(names, workers)
            first = [plan, f"{len(names):,}", f"{duration:.0f}"]
            rows.append([*first, *ratios(duration, seen), f"{spread:.1%}"])
            print(*rows[-1], sep="\t", file=sys.stderr, flush=True)
        times = processor_seconds(names)
        first = ["", "processor time", f"{sum(times.values()):.0f}"]
        rows.append([*first, *replayed(names, times, workers)])
        print(*rows[-1], sep="\t", file=sys.stderr, flush=True)
    print(*aligned(rows, right=range(1, 8), indent=2), sep="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("plans", nargs="*", default=PLANS)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--every", type=int, default=1)
    given = parser.parse_args()
    report(given.plans, runs=given.runs, workers=given.workers, every=given.every)
