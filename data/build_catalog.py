"""Make data/catalog: the catalog that comes with the toolkit.

    python data/build_catalog.py                                # all: an hour on two cores
    python data/build_catalog.py --convert OLD --target NEW     # the rows of a catalog of schema 2

Contents: the regular modules of all 7,012 groups of order at most 255, and all transitive modules
of the 319 groups of order at most 63, with one activation of each common class. It is a sweep: it
can be stopped, and the same command goes on.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from tqdm import tqdm

from toolkit.catalog.files.conversion import rows_of_schema_2
from toolkit.catalog.plan import Plan, PlanPart
from toolkit.catalog.rows.graph import DEFAULT_ACTIVATIONS
from toolkit.catalog.rows.group import Modules
from toolkit.catalog.sweeps.sweep import SweepStopped, carry_out

TARGET = Path(__file__).with_name("catalog")
LARGEST_ORDER = 255
LARGEST_TRANSITIVE_ORDER = 63
PLAN = Plan(
    (
        PlanPart(tuple(range(1, LARGEST_TRANSITIVE_ORDER + 1)), (), Modules(63)),
        PlanPart(tuple(range(LARGEST_TRANSITIVE_ORDER + 1, LARGEST_ORDER + 1)), (), Modules()),
    ),
    tuple(sorted(DEFAULT_ACTIVATIONS)),
)


def build(work: Path, target: Path, workers: int) -> int:
    """Sweep into ``work``, then put it in place of ``target``; return the number of failures."""
    with tqdm(unit="group") as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        report = carry_out(PLAN, work, workers=workers, progress=progress)
    for path in sorted(work.glob("*.parquet")):
        print(f"{path.name:26}{path.stat().st_size / 1e6:9.3f} MB")
    size = sum(path.stat().st_size for path in work.iterdir())
    print(f"{report.groups} groups, {size / 1e6:.1f} MB, {report.seconds:.0f} s, {report.statuses}")
    for name, status in report.failures.items():
        print(f"{name}: {status}")
    if not report.failures:
        if target.exists():
            shutil.rmtree(target)
        shutil.copytree(work, target)
    return len(report.failures)


def convert(old: Path, target: Path) -> None:
    """Write the rows of a catalog of schema 2 into a new folder, in the form of this schema."""
    if target.exists():
        raise SystemExit(f"a new folder is required, and {target} is there: name another --target")
    rows_of_schema_2(old, target)
    print(f"{sum(path.stat().st_size for path in target.iterdir()) / 1e6:.1f} MB")


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", type=Path, default=TARGET)
    parser.add_argument(
        "--work", type=Path, default=Path("out") / "catalog", help="where the sweep goes on"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--convert", type=Path, help="a catalog of schema 2, which is left alone")
    arguments = parser.parse_args()
    if arguments.convert is not None:
        convert(arguments.convert, arguments.target)
        return 0
    try:
        return 1 if build(arguments.work, arguments.target, arguments.workers) else 0
    except SweepStopped:
        print("stopped; the same command goes on")
        return 130


if __name__ == "__main__":
    sys.exit(main())
