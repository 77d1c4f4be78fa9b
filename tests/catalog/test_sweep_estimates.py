"""Estimates of sweeps, the sequence of their tasks, and what is told on the way; without GAP."""

from __future__ import annotations

import heapq
import random
import time

import pytest

from toolkit.catalog.files.arrow import arrow_table, to_bytes
from toolkit.catalog.plan import Target
from toolkit.catalog.rows.blocks import Block
from toolkit.catalog.rows.group import Modules
from toolkit.catalog.schema import table
from toolkit.catalog.sweeps.costs import CostModel
from toolkit.catalog.sweeps.executors import Done
from toolkit.catalog.sweeps.pace import Pace
from toolkit.catalog.sweeps.sweep import require_same_toolkit
from toolkit.catalog.sweeps.tasks import LARGEST_TASK, TaskQueue
from toolkit.catalog.sweeps.worker import Batch
from toolkit.errors import ConfigError
from toolkit.settings import VERSION

#: Numbers of groups of some orders, as in the small groups library.
COUNTS = {60: 13, 61: 1, 62: 2, 63: 4, 64: 267, 96: 231, 128: 2328, 192: 1543}


def targets_of(counts):
    return [
        Target(f"SmallGroup({n},{i})", n, i, Modules())
        for n, count in counts.items()
        for i in range(1, count + 1)
    ]


def true_times(targets, seed):
    """Times that depend on order and number, and differ by a factor of 10 besides."""
    dice = random.Random(seed)
    return {
        t.name: t.order / 1000 * (1 + t.number / COUNTS[t.order]) * 10 ** dice.uniform(-0.5, 0.5)
        for t in targets
    }


def simulated(counts, workers, seed):
    """Return the ends of workers, the real time, and estimates of all of it by the share done."""
    targets = targets_of(counts)
    times = true_times(targets, seed)
    model = CostModel(targets)
    sample = model.sample(seed)
    tasks = TaskQueue(model, sample)
    running, ends, given = [], [0.0] * workers, []
    total, done, estimates = sum(times.values()), 0.0, {}
    for worker in range(workers):
        first = tasks.take(workers)
        heapq.heappush(running, (sum(times[t.name] for t in first), worker, first))
    while running:
        now, worker, finished = heapq.heappop(running)
        given += finished
        for target in finished:
            model.learn(target.name, times[target.name])
            done += times[target.name]
        if len(given) >= len(sample):
            estimates[done / total] = (done + model.seconds_left()) / total
        ends[worker] = now
        if more := tasks.take(workers):
            heapq.heappush(running, (now + sum(times[t.name] for t in more), worker, more))
    assert sorted(t.name for t in given) == sorted(times)
    return ends, total, estimates


@pytest.mark.parametrize(
    ("counts", "workers"), [(COUNTS, 2), ({128: 2328}, 7), ({64: 267, 96: 231}, 2)]
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_estimates_are_right_within_a_fifth_and_workers_end_together(counts, workers, seed):
    ends, total, estimates = simulated(counts, workers, seed)
    assert max(ends) - min(ends) < 0.03 * max(ends)
    assert max(ends) * workers < 1.02 * total
    for share, estimate in estimates.items():
        assert abs(estimate - 1) < 0.2, share


def test_tasks_have_each_group_once_and_shrink():
    targets = targets_of(COUNTS)
    model = CostModel(targets)
    for target in targets[:30]:
        model.learn(target.name, 0.1)
    tasks = TaskQueue(model, [])
    assert len(tasks) == len(targets) - 30
    sizes, names = [], []
    while task := tasks.take(2):
        sizes.append(len(task))
        names += [t.name for t in task]
    assert sorted(names) == sorted(t.name for t in targets[30:])
    assert max(sizes) == sizes[0] == LARGEST_TASK
    assert sizes[-1] == 1
    assert tasks.take(2) == []


def test_the_largest_orders_come_first_and_unknown_ones_before():
    targets = [*targets_of({8: 5, 6: 2, 12: 5}), Target("M11", None, None, Modules())]
    tasks = TaskQueue(CostModel(targets), [])
    given = [t.name for _ in range(20) for t in tasks.take(1)]
    assert given[0] == "M11"
    orders = [int(name.removeprefix("SmallGroup(").partition(",")[0]) for name in given[1:]]
    assert orders == sorted(orders, reverse=True)


def test_nothing_known_is_no_time_and_small_tasks():
    model = CostModel(targets_of({16: 14}))
    assert model.seconds_left() == 0.0
    assert len(TaskQueue(model, []).take(2)) == 2
    assert CostModel([]).sample(1) == []
    assert TaskQueue(CostModel([]), []).take(3) == []


def test_samples_are_of_all_cells_and_seeded():
    targets = targets_of(COUNTS)
    model = CostModel(targets)
    sample = model.sample(1)
    assert sample == CostModel(targets).sample(1)
    assert sample != model.sample(2)
    assert 200 <= len(sample) <= 310
    assert len({t.name for t in sample}) == len(sample)
    assert {64, 96, 128, 192} <= {t.order for t in sample}
    assert model.sample(1) == sample  # nothing was taken out
    few = CostModel(targets[:40])
    assert few.sample(1) == []


def test_groups_that_are_named_by_number_have_their_order():
    named = [Target(f"SmallGroup(32,{i})", None, None, Modules()) for i in range(1, 52)]
    assert {cell.order for cell in CostModel(named).cells} == {32}
    assert CostModel([Target("M11", None, None, Modules())]).cells[0].order == 0


def batch_of(names, seconds, worker, statuses=None):
    blocks = [
        Block(
            1,
            {
                "group": name,
                "order": 8,
                "number": 1,
                "status": "done",
                "reason": None,
                "seconds": each,
                "gap_seconds": each,
                "worker": worker,
                "provenance": None,
            },
        )
        for name, each in zip(names, seconds, strict=True)
    ]
    found = statuses or ["done"] * len(names)
    return Batch(
        tuple(zip(names, found, strict=True)),
        {"attempts": to_bytes(arrow_table(table("attempts"), blocks))},
        0.0,
    )


def test_the_pace_counts_groups_and_work(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    targets = targets_of({64: 40})
    names = [t.name for t in targets]
    pace = Pace(CostModel(targets), targets[:2], 40, {}, 0.0)
    clock[0] += 20.0
    pace.add(Done(batch_of(names[:2], [9.0, 1.0], "a"), 10.0, 2))
    now = pace.now()
    assert (now.groups, now.done, now.before, now.workers) == (40, 2, 0, 2)
    assert now.seconds_left is None  # one measured, without the first of its process
    clock[0] += 10.0
    more = batch_of(names[2:20], [1.0] * 18, "a", ["done"] * 17 + ["timeout"])
    pace.add(Done(more, 27.0, 2))
    now = pace.now()
    assert now.statuses == {"done": 19, "timeout": 1}
    assert now.seconds == 30.0
    assert now.rate == pytest.approx(20 / 20)
    # 20 groups of 1 second, half as much again beside them, 2 workers; and the merging
    assert now.seconds_left == pytest.approx(15.0, abs=0.01)
    assert now.work == pytest.approx(28 / 48)


def test_all_that_was_done_before_is_all():
    targets = targets_of({64: 40})
    model = CostModel(targets)
    for target in targets:
        model.learn(target.name, None)
    now = Pace(model, [], 40, {t.name: "done" for t in targets}, 0.0).now()
    assert (now.work, now.done, now.before, now.rate) == (1.0, 40, 40, 0.0)


@pytest.mark.parametrize(("version", "fits"), [(VERSION, True), ("0.0.1", False)])
def test_workers_of_another_version_are_refused(version, fits):
    row = {
        "provenance": "x",
        "schema": 1,
        "toolkit_version": version,
        "gap_version": "4",
        "packages": [[]],
        "script_hash": "y",
    }
    tables = {"provenance": to_bytes(arrow_table(table("provenance"), [Block(1, row)]))}
    batch = Batch((), tables, 0.0)
    if fits:
        require_same_toolkit(batch)
    else:
        with pytest.raises(ConfigError, match=r"the same version of the toolkit.* has 0\.0\.1"):
            require_same_toolkit(batch)
