"""Measurements of sweeps: groups per second and core, against GAP alone. Asserts nothing.

    python benchmarks/sweeps.py [EVERY] [--against FOLDER] [--profile] [--workers]

Of the groups of order at most 127, every EVERY-th is taken (by default 12), by number, so that the
list is the same in every run. The rate per core is by processor time, Python's and GAP's together:
other programs on the machine hardly change it. FOLDER is a checkout of another commit, which is
measured on the same groups by the same calls.

The profile has the time of each stage of Python and of GAP, for these groups and for seeded samples
of larger orders. Its stages exclude each other; a stopwatch on few functions hardly slows them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from stopwatch import stopwatch

from toolkit.catalog.plan import Plan, targets_of_plan
from toolkit.catalog.sweeps import worker
from toolkit.catalog.sweeps.sweep import sweep
from toolkit.catalog.sweeps.tasks import LARGEST_TASK
from toolkit.gap import find_gap
from toolkit.gap.workspace import base_command
from toolkit.library import Session
from toolkit.text import table as aligned

LARGEST_ORDER = 127
ACTIVATIONS = ("abs", "elu", "relu", "tanh")
TASK = LARGEST_TASK

#: Groups of larger orders whose steps are measured too: how many of each, chosen by a seed.
SAMPLES = {256: 60, 320: 20, 384: 40, 432: 20, 486: 20, 504: 20}

#: What a group's time in Python is spent on: names, with the functions of each.
STAGES = {
    "GAP's table read": ("toolkit.groups.gap_table:read_gap_table",),
    "canonical order": ("toolkit.groups.canonical_labelling:canonical_orders",),
    "table assembled": ("toolkit.groups.canonical_order:canonical_character_table",),
    "laws": ("toolkit.groups.laws:check_character_table", "toolkit.groups.laws:check_facts"),
    "normal subgroups": (
        "toolkit.groups.subgroups:normal_subgroups_or_kernels",
        "toolkit.groups.subgroups:minimal_normal_subgroups",
        "toolkit.groups.subgroups:NormalSubgroups.among",
    ),
    "spherical table": ("toolkit.modules.spherical:regular_spherical_table",),
    "occurrence, closures": (
        "toolkit.pl.criterion.orbit:OrbitCriterion.occurring",
        "toolkit.pl.criterion.orbit:OrbitCriterion.closures",
    ),
    "shares": ("toolkit.pl.transfer.matrix:transfer_of_orbits",),
    "graph summaries": ("toolkit.catalog.rows.graph:graph_summaries",),
    "rows besides": ("toolkit.catalog.rows.group:rows_of_group",),
    "tables of Arrow": (
        "toolkit.catalog.files.arrow:arrow_table",
        "toolkit.catalog.files.arrow:to_bytes",
    ),
    "all else": ("toolkit.catalog.sweeps.worker:sweep_groups",),
}

#: Sweeps some groups in this process; run in a process of its own, under any checkout.
_ALONE = """
import sys, tempfile, time
from toolkit.catalog import sweep
start = time.perf_counter()
sweep(tempfile.mkdtemp() + "/catalog", groups=sys.argv[1].split(";"), workers=0)
print(time.perf_counter() - start)
"""


def chosen(every: int) -> list[str]:
    """Return the names of every so-many-th group."""
    with Session(use_bundled=False, in_memory=True) as session:
        targets = targets_of_plan(Plan.of(f"1-{LARGEST_ORDER}"), session)
    return [t.name for t in targets[every // 2 :: every]]


def sample(order: int, count: int) -> list[str]:
    """Return some groups of an order, the same in every run."""
    with Session(use_bundled=False, in_memory=True) as session:
        targets = targets_of_plan(Plan.of(str(order)), session)
    chosen = random.Random(order).sample(targets, min(count, len(targets)))
    return [t.name for t in sorted(chosen, key=lambda t: t.number or 0)]


def gap_alone(names: list[str]) -> tuple[float, float]:
    """Return the processor time and the wall time that GAP takes by itself for the questions."""
    pairs = ";".join(name.removeprefix("SmallGroup(").removesuffix(")") for name in names)
    script = Path(__file__).with_name("sweeps_alone.g")
    done = subprocess.run(
        [*base_command(find_gap()), str(script)],
        env={**os.environ, "PLREP_BENCH": pairs},
        capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    lines = [line.split("\t") for line in done.stdout.splitlines() if "\t" in line]
    if len(lines) != len(names):
        raise RuntimeError(
            f"GAP answered {len(lines)} of {len(names)} groups: {done.stderr[-300:]}"
        )
    return sum(int(x[2]) for x in lines) / 1e3, sum(int(x[1]) for x in lines) / 1e6


def whole_sweep(names: list[str], checkout: Path | None = None) -> tuple[float, float]:
    """Return processor time and wall time of a sweep without workers, past those of one group.

    All processes count: Python, its GAP, the merging of the tables.
    """

    def times(some: list[str]) -> tuple[float, float]:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        folder = Path.cwd() if checkout is None else checkout
        done = subprocess.run(
            [sys.executable, "-c", _ALONE, ";".join(some)],
            env={**os.environ, "PYTHONPATH": str(folder.resolve())},
            cwd=folder, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return used, float(done.stdout.split()[-1])

    times(names[:1])  # a saved GAP, compiled files
    least, most = times(names[:1]), times(names)
    n = len(names) - 1
    return (most[0] - least[0]) * len(names) / n, (most[1] - least[1]) * len(names) / n


def in_steps(names: list[str]) -> dict[str, float]:
    """Return seconds of processor time of Python and of GAP, GAP's own, and peaks of memory."""
    targets = [t for name in names for t in targets_of_plan(Plan.of(groups=[name]), _NONE)]
    limits = worker.Limits()
    worker.sweep_groups(targets[:1], ACTIVATIONS, limits)  # imports, GAP's start, quadratures
    session = worker._session(limits.memory)
    gap, own = _gap_times(session), time.process_time()
    inside = 0.0
    for i in range(0, len(targets), TASK):
        inside += worker.sweep_groups(targets[i : i + TASK], ACTIVATIONS, limits).gap_seconds
    own = time.process_time() - own
    scale = 1 if sys.platform == "darwin" else 1024
    return {
        "python": own,
        "gap": _gap_times(session) - gap,
        "gap_seconds": inside,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 2**20,
        "gap_memory": _gap_peak(session),
    }


_NONE = Session(use_bundled=False, in_memory=True)


def _gap_pids(session: Session) -> list[int]:
    held = (w._process for w in session.pool().workers)
    return [process.pid for process in held if process is not None]


def _gap_times(session: Session) -> float:
    """Return the processor time of the session's GAPs so far; 0 where /proc does not tell."""
    total = 0.0
    for pid in _gap_pids(session):
        stat = Path(f"/proc/{pid}/stat")
        if stat.exists():
            fields = stat.read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def _gap_peak(session: Session) -> float:
    """Return the largest memory of a GAP in MB; 0 where /proc does not tell."""
    peaks = [0]
    for pid in _gap_pids(session):
        status = Path(f"/proc/{pid}/status")
        if status.exists():
            lines = status.read_text().splitlines()
            peaks += [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
    return max(peaks) / 1024


def with_workers(names: list[str], workers: int) -> tuple[float, float]:
    """Return the wall time of a sweep, and the processor time of this process, which writes.

    The wall time is that of the last three quarters of the groups, times 4/3: in the first, each
    worker loads what all groups use.
    """
    stamps: list[float] = []
    own = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        sweep(
            Path(folder) / "catalog",
            groups=names,
            workers=workers,
            progress=lambda *_: stamps.append(time.perf_counter()),
        )
    own = time.process_time() - own
    begun = len(stamps) // 4
    return (stamps[-1] - stamps[begun]) * len(stamps) / max(1, len(stamps) - 1 - begun), own


def inside_gap(names: list[str]) -> list[tuple[str, float]]:
    """Return the processor time in seconds of each step of GAP for a sweep."""
    from toolkit.files import gap_scripts_path

    scripts = gap_scripts_path()
    pairs = ";".join(name.removeprefix("SmallGroup(").removesuffix(")") for name in names)
    done = subprocess.run(
        [*base_command(find_gap()), str(scripts / "init.g"), str(_INSIDE)],
        env={**os.environ, "PLREP_BENCH": pairs},
        capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return [(name, ms / 1e3) for name, ms in json.loads(done.stdout)]


_INSIDE = Path(__file__).with_name("sweeps_inside.g")


def report(
    every: int = 12,
    against: Path | None = None,
    *,
    profile: bool = True,
    workers: bool = True,
) -> None:
    """Measure and print."""
    names = chosen(every)
    n = len(names)
    print(f"\nsweep: {n} groups of order at most {LARGEST_ORDER}, regular modules")
    rows = [["", "groups/s by processor time", "groups/s by the clock"]]
    measured = {"a sweep without workers": whole_sweep(names), "GAP alone": gap_alone(names)}
    if against is not None:
        measured["the other checkout"] = whole_sweep(names, against)
    for what, (used, wall) in measured.items():
        rows.append([what, f"{n / used:.1f}", f"{n / wall:.1f}"])
    print(*aligned(rows, right=range(1, 3), indent=2), sep="\n")
    steps_of(names, profile=profile)
    if profile:
        for order, count in SAMPLES.items():
            some = sample(order, count)
            print(f"\nsweep: {len(some)} groups of order {order}, regular modules")
            steps_of(some, profile=True)
    if workers:
        times = {w: with_workers(names, w) for w in (1, 2)}
        print(
            f"  1 worker {times[1][0]:.2f} s, 2 workers {times[2][0]:.2f} s: "
            f"{times[1][0] / times[2][0]:.2f} times; the process that writes: "
            f"{times[2][1]:.2f} s of processor time"
        )
    sys.stdout.flush()


def steps_of(names: list[str], *, profile: bool) -> None:
    """Measure and print what some groups take, and where."""
    n = len(names)
    first, again = in_steps(names), None
    if profile:
        with stopwatch(STAGES) as spent:
            again = in_steps(names)
    later = "" if again is None else f" ({1e3 * again['python'] / n:.1f} ms the second time)"
    print(
        f"  of a group: Python {1e3 * first['python'] / n:.1f} ms{later}, "
        f"GAP {1e3 * first['gap'] / n:.1f} ms; peaks of memory: "
        f"Python {first['memory']:.0f} MB, GAP {first['gap_memory']:.0f} MB"
    )
    if profile:
        # the second time: integrals over values of characters are known, as late in a sweep
        _shares("Python, the second time", list(spent.items()), n)
        _shares("GAP, step by step", inside_gap(names), n)
    sys.stdout.flush()


def _shares(title: str, found: list[tuple[str, float]], n: int) -> None:
    total = sum(seconds for _, seconds in found)
    rows = [[title, "ms a group", "share"]]
    rows += [[name, f"{1e3 * s / n:.2f}", f"{s / total:.0%}"] for name, s in found]
    print(*aligned(rows, right=range(1, 3), indent=2), sep="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("every", nargs="?", type=int, default=12)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--profile", action="store_true", help="only this and the rates")
    parser.add_argument("--workers", action="store_true", help="only this and the rates")
    given = parser.parse_args()
    both = given.profile == given.workers
    report(
        given.every,
        given.against,
        profile=given.profile or both,
        workers=given.workers or both,
    )
