"""What sweeps of larger orders would take: the table of data/LARGER_SWEEPS.md. Asserts nothing.

    python benchmarks/larger_sweeps.py [--seed S] [ORDERS=DRAWN ...]

Of each range of orders some groups are drawn at random, by the seed, every group as likely as any
other, and swept in this process. "Seconds" is processor time of a group, Python's and GAP's
together, so other programs on the machine hardly change it; behind it the standard error from group
to group. Past the first group: with it Python and GAP load what all others use. "kB" is how much
the folder grows from the first half of the groups to all of them, by group, so that what every file
has once does not count; small folders compress worse than large ones.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from toolkit.catalog.files.arrow import from_bytes
from toolkit.catalog.files.compaction import compact
from toolkit.catalog.files.folder import Folder
from toolkit.catalog.plan import Plan, orders_of_text, targets_of_plan
from toolkit.catalog.sweeps.worker import Batch, Limits, sweep_groups
from toolkit.cli.sweep_progress import spoken
from toolkit.library import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

RANGES = ("256-511=60", "512=60", "768=60", "1000-1023,1025-1100=60", "1536=24")
TASK = 8
HEADER = (
    "orders", "groups in all", "drawn, done", "seconds", "in GAP", "edges a group", "kB",
    "all of them on one core", "storage", "command",
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """Groups drawn from a range of orders.

    Parameters
    ----------
    orders
        The range.
    count
        How many groups it has.
    names
        The drawn ones.
    """

    orders: str
    count: int
    names: tuple[str, ...]


def drawn(orders: str, size: int, seed: int) -> Sample:
    """Draw groups from a range of orders; orders that the library does not hold are said."""
    numbers = list(orders_of_text(orders))
    with Session(use_bundled=False, in_memory=True) as session:
        answer = session.ask_gap(
            "small_groups", {"orders": numbers}, subject="the small groups library"
        )
    known = [(n, c) for n, c in zip(numbers, answer["counts"], strict=True) if c is not None]
    if left_out := sorted(set(numbers) - {n for n, _ in known}):
        print(f"not in the small groups library: {left_out}")
    ends = list(accumulate(count for _, count in known))
    names = []
    for place in random.Random(seed).sample(range(ends[-1]), min(size, ends[-1])):
        i = bisect_right(ends, place)
        names.append(f"SmallGroup({known[i][0]},{ends[i] - place})")
    return Sample(orders, ends[-1], tuple(names))


def processor_times() -> tuple[float, float]:
    """Return the processor time so far of this process, and of all that it has started."""
    me = psutil.Process()
    own = me.cpu_times()
    others = own.children_user + own.children_system
    for child in me.children(recursive=True):
        used = child.cpu_times()
        others += used.user + used.system
    return own.user + own.system, others


def folder_size(names: Sequence[str], activations: Sequence[str], batches: Sequence[Batch]) -> int:
    """Return how many bytes a catalog of some batches takes."""
    plan = Plan.of(groups=names, activations=activations)
    with tempfile.TemporaryDirectory() as place, Folder(Path(place) / "catalog") as home:
        home.start(plan)
        home.write_part([batch.tables for batch in batches])
        compact(home)
        return sum(path.stat().st_size for path in home.path.iterdir())


def row(sample: Sample) -> list[str]:
    """Sweep the drawn groups and return the row of the table."""
    plan = Plan.of(groups=sample.names)
    with Session(use_bundled=False, in_memory=True) as session:
        targets = targets_of_plan(plan, session)
    limits = Limits()
    batches = [sweep_groups(targets[:1], plan.activations, limits)]
    before = processor_times()
    rest = targets[1:]
    batches += [
        sweep_groups(rest[i : i + TASK], plan.activations, limits)
        for i in range(0, len(rest), TASK)
    ]
    python, gap = (now - then for now, then in zip(processor_times(), before, strict=True))
    used = python + gap
    done = sum(status == "done" for batch in batches for _, status in batch.statuses)
    edges = sum(
        from_bytes(batch.tables["edges"]).num_rows for batch in batches if "edges" in batch.tables
    )
    times = [
        seconds
        for batch in batches[1:]
        for seconds in from_bytes(batch.tables["attempts"]).column("seconds").to_pylist()
    ]
    error = statistics.stdev(times) / statistics.mean(times) / len(times) ** 0.5
    half = (len(batches) + 1) // 2
    first = sum(len(batch.statuses) for batch in batches[:half])
    growth = folder_size(sample.names, plan.activations, batches) - folder_size(
        sample.names, plan.activations, batches[:half]
    )
    bytes_each = growth / (len(targets) - first)
    each = used / len(rest)
    return [
        sample.orders,
        f"{sample.count:,}",
        f"{len(targets)}, {done}",
        f"{each:.2f} ± {each * error:.2f}",
        f"{gap / used:.0%}",
        f"{edges / max(1, done):,.0f}",
        f"{bytes_each / 1e3:.1f}",
        spoken(each * sample.count),
        size_words(bytes_each * sample.count),
        f"`plrep sweep --orders {sample.orders}`",
    ]


def size_words(count: float) -> str:
    """Return a number of bytes to two digits."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if count < 995 or unit == "TB":
            break
        count /= 1000
    return f"{count:.1f} {unit}" if count < 9.95 else f"{count:,.0f} {unit}"


def report(ranges: Sequence[str] = RANGES, seed: int = 1) -> None:
    """Measure and print a table in Markdown."""
    print("| " + " | ".join(HEADER) + " |")
    print("| " + " | ".join("---" for _ in HEADER) + " |", flush=True)
    for text in ranges:
        orders, _, size = text.partition("=")
        print("| " + " | ".join(row(drawn(orders, int(size), seed))) + " |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("ranges", nargs="*", default=RANGES)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    report(given.ranges, given.seed)
