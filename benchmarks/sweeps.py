"""Measurements of sweeps: groups per second and core against GAP's own time. Asserts nothing.

    python benchmarks/sweeps.py [EVERY]     # every EVERY-th group of order at most 127

The list is cut by number, so that it is the same in every run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from toolkit.catalog.files.arrow import arrow_table, to_bytes
from toolkit.catalog.plan import Plan, targets_of_plan
from toolkit.catalog.rows.group import rows_of_group
from toolkit.catalog.schema import table as table_named
from toolkit.catalog.sweeps.sweep import sweep
from toolkit.gap import find_gap
from toolkit.gap.workspace import base_command
from toolkit.library import Session, group
from toolkit.settings import Settings

LARGEST_ORDER = 127


def chosen(every: int) -> list[str]:
    """Return the names of every so-many-th group."""
    with Session(use_bundled=False, in_memory=True) as session:
        targets = targets_of_plan(Plan.of(f"1-{LARGEST_ORDER}"), session)
    return [t.name for t in targets[every // 2 :: every]]


def alone(names: list[str]) -> float:
    """Return the seconds that GAP takes by itself."""
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
    return sum(int(micro) for _, micro in lines) / 1e6


def one_core(names: list[str]) -> tuple[float, float, float]:
    """Return wall time, GAP's time inside, and this process's own CPU time, for the rows."""
    settings = replace(Settings.from_environment(), offline=False)
    with Session(settings, use_bundled=False, in_memory=True) as session:
        rows_of_group(group("S4", session=session))  # imports, GAP's start, quadratures
        inside, wall, own = session.gap_seconds, time.perf_counter(), time.process_time()
        for name in names:
            session.forget()
            for kind, blocks in rows_of_group(group(name, session=session)).items():
                to_bytes(arrow_table(table_named(kind), blocks, "key"))
        return (
            time.perf_counter() - wall,
            session.gap_seconds - inside,
            time.process_time() - own,
        )


def with_workers(names: list[str], workers: int) -> float:
    """Return the wall time of a sweep, from its first finished group to its last."""
    stamps: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        sweep(
            Path(folder) / "catalog",
            groups=names,
            workers=workers,
            progress=lambda *_: stamps.append(time.perf_counter()),
        )
    return (stamps[-1] - stamps[0]) * len(stamps) / max(1, len(stamps) - 1)


def report(every: int = 12) -> None:
    """Measure and print."""
    names = chosen(every)
    wall, inside, own = one_core(names)
    base = alone(names)
    print(f"\nsweep: {len(names)} groups of order at most {LARGEST_ORDER}, regular modules")
    rate = len(names) / wall
    print(f"  one core          {wall:8.2f} s  {rate:7.1f} groups/s")
    print(f"  inside GAP        {inside:8.2f} s  {inside / wall:7.1%} of the wall")
    print(f"  Python's own CPU  {own:8.2f} s  {own / wall:7.1%} of the wall")
    print(f"  GAP alone         {base:8.2f} s  {base / wall:7.1%}: our rate to GAP's own")
    times = {n: with_workers(names, n) for n in (1, 2)}
    print(
        f"  1 worker {times[1]:.2f} s, 2 workers {times[2]:.2f} s: {times[1] / times[2]:.2f} times"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    report(*map(int, sys.argv[1:2]))
