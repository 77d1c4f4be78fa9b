"""Make data/catalog, the catalog that comes with the toolkit, or the whole of it to order 511.

    python data/build_catalog.py            # what is bundled: half an hour on two cores, 21 MB
    python data/build_catalog.py --whole    # out/catalog-511: two hours more, 58 MB
    python data/build_catalog.py --convert OLD --target NEW     # the rows of a catalog of schema 2

Contents: the regular modules of the groups of order at most 511, and all transitive modules of the
319 groups of order at most 63, with one activation of each common class. Of the 92,804 groups,
those of orders 256 (56,092) and 384 (20,169) are not bundled: without these two orders the catalog
has 16,543 groups in a quarter of the space. Both are sweeps: they can be stopped, and the
same command goes on. ``--whole`` begins with the rows of data/catalog.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from toolkit.catalog.files.conversion import rows_of_schema_2
from toolkit.catalog.files.manifest import require_catalog
from toolkit.catalog.files.selection import write_selection
from toolkit.catalog.plan import Plan, PlanPart
from toolkit.catalog.rows.graph import DEFAULT_ACTIVATIONS
from toolkit.catalog.rows.group import Modules
from toolkit.catalog.sweeps.sweep import SweepStopped, carry_out
from toolkit.errors import ToolkitError
from toolkit.files import exchange_folders

if TYPE_CHECKING:
    from collections.abc import Container

TARGET = Path(__file__).with_name("catalog")
LARGEST_ORDER = 511
LARGEST_TRANSITIVE_ORDER = 63
NOT_BUNDLED = (256, 384)


def plan_without(orders: Container[int]) -> Plan:
    """Return the plan of the whole catalog, less some orders."""
    small = range(1, LARGEST_TRANSITIVE_ORDER + 1)
    large = range(LARGEST_TRANSITIVE_ORDER + 1, LARGEST_ORDER + 1)
    parts = (
        PlanPart(tuple(small), (), Modules(63)),
        PlanPart(tuple(order for order in large if order not in orders), (), Modules()),
    )
    return Plan(parts, tuple(sorted(DEFAULT_ACTIVATIONS)))


def build(plan: Plan, work: Path, target: Path, workers: int) -> int:
    """Sweep into ``work``, then put it in place of ``target``; return the number of failures."""
    elsewhere = target.resolve() != work.resolve()
    if elsewhere and target.exists() and (not target.is_dir() or any(target.iterdir())):
        require_catalog(target)  # nothing else is replaced
    with tqdm(unit="group") as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        report = carry_out(plan, work, workers=workers, progress=progress)
    for path in sorted(work.glob("*.parquet")):
        print(f"{path.name:26}{path.stat().st_size / 1e6:9.3f} MB")
    size = sum(path.stat().st_size for path in work.iterdir())
    print(f"{report.groups} groups, {size / 1e6:.1f} MB, {report.seconds:.0f} s, {report.statuses}")
    for name, status in report.failures.items():
        print(f"{name}: {status}")
    if not report.failures and elsewhere:
        beside = target.with_name(f"{target.name}.new")
        shutil.rmtree(beside, ignore_errors=True)
        shutil.copytree(work, beside)
        exchange_folders(beside, target)
        shutil.rmtree(beside, ignore_errors=True)
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
    parser.add_argument("--whole", action="store_true", help="orders 256 and 384, too")
    parser.add_argument("--target", type=Path, help="where the finished catalog goes")
    parser.add_argument("--work", type=Path, help="where the sweep goes on")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--convert", type=Path, help="a catalog of schema 2, which is left alone")
    arguments = parser.parse_args()
    try:
        return run(arguments)
    except ToolkitError as error:
        print(f"build_catalog.py: {error}", file=sys.stderr)
        return 2


def run(arguments: argparse.Namespace) -> int:
    """Do what the arguments say; return the exit status."""
    whole = Path("out") / f"catalog-{LARGEST_ORDER}"
    target = arguments.target or (whole if arguments.whole else TARGET)
    if arguments.convert is not None:
        convert(arguments.convert, target)
        return 0
    work = arguments.work or (target if arguments.whole else Path("out") / "catalog")
    plan = plan_without(() if arguments.whole else NOT_BUNDLED)
    if arguments.whole and not work.exists():
        begun = work.with_name(f"{work.name}.begun")  # renamed when it is whole
        shutil.rmtree(begun, ignore_errors=True)
        print(f"{write_selection(TARGET, plan, begun)} groups are in {TARGET.name} already")
        begun.rename(work)
    try:
        return 1 if build(plan, work, target, arguments.workers) else 0
    except SweepStopped:
        print("stopped; the same command goes on")
        return 130


if __name__ == "__main__":
    sys.exit(main())
