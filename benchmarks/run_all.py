"""All measurements in one run: `make bench`. Prints tables; asserts nothing.

Every ratio is between two things measured in this run, on this machine, with medians.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from attention import report as report_attention
from catalog_questions import main as report_questions
from class_functions import report as report_class_functions
from closed_formulas import report as report_formulas
from compiled_training import report as report_compile
from convolutions import report as report_convolutions
from explorer import report as report_explorer
from fourier_bases import report as report_bases
from graphs import report as report_graphs
from interactions import report as report_pl
from large_tables import report as report_large_tables
from larger_sweeps import report as report_larger_sweeps
from layers import report as report_layers
from orbitals import rows as orbital_rows
from recording import report as report_recording
from regions import report as report_regions
from small_layers import report as report_small_layers
from sweep_estimates import report as report_estimates
from sweeps import report as report_catalog
from symmetric_statistics import report as report_statistics
from trimming import report as report_trim
from tuples import report as report_tuples

from toolkit.files import gap_scripts_path
from toolkit.gap import GapWorker, ensure_workspace, find_gap
from toolkit.gap.workspace import base_command
from toolkit.library import Session, group
from toolkit.library.fill_store import answer_everything
from toolkit.settings import Settings
from toolkit.text import table as aligned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

KINDS = (
    "C12", "C60", "D24", "D64", "Q16", "S4", "S5", "S6", "A5", "A6", "SL(2,3)", "PSL(2,7)",
    "PSL(2,11)", "M11", "AGL(1,8)", "C2 wr S3", "C4 x S3", "SmallGroup(24,12)",
    "SmallGroup(32,49)", "SmallGroup(96,64)",
)  # fmt: skip


def table(title: str, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print one table."""
    cells = [list(header)] + [[str(c) for c in row] for row in rows]
    print(f"\n{title}", *aligned(cells, right=range(1, len(cells[0])), indent=2), sep="\n")
    sys.stdout.flush()


def median_ms(ask: Callable[[], object], repeat: int = 7) -> float:
    """Return the median wall time in milliseconds."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        ask()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


class Counting:
    """A session on an empty cache that adds up the time inside GAP."""

    def __init__(self, folder: str, workspaces: Path) -> None:
        settings = Settings.from_environment({"PLREP_CACHE_DIR": folder})
        shutil.copytree(workspaces, settings.cache_dir / "workspaces", dirs_exist_ok=True)
        self.session = Session(settings, use_bundled=False)
        self.session.hello()
        self.inside = 0.0
        self.waited = 0.0
        pool = self.session.pool()
        ask = pool.ask

        def counting(*args: object, **options: object) -> object:
            start = time.perf_counter()
            reply = ask(*args, **options)  # type: ignore[arg-type]
            self.waited += time.perf_counter() - start
            self.inside += reply.seconds
            return reply

        pool.ask = counting  # type: ignore[method-assign, assignment]


def everything(name: str, session: Session) -> None:
    """Ask all that `plrep query` shows about a group."""
    for _ in answer_everything(group(name, session=session), marks=False):
        pass


def alone(which: str) -> dict[str, float]:
    """Return the seconds that GAP alone takes per group."""
    script = Path(__file__).with_name("gap_alone.g")
    done = subprocess.run(
        [*base_command(find_gap()), str(script)],
        env={**os.environ, "PLREP_BENCH": which},
        capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    lines = (line.split("\t") for line in done.stdout.splitlines() if "\t" in line)
    return {name: int(micro) / 1e6 for name, micro in lines}


def gap_start(workspaces: Path) -> None:
    """Measure GAP's start."""
    installation, scripts = find_gap(), gap_scripts_path()
    assert scripts is not None

    def start(workspace: Path | None) -> None:
        with GapWorker(installation, scripts.resolve(), workspace=workspace) as worker:
            worker.ask("hello", {}, subject="bench")

    saved = ensure_workspace(installation, scripts.resolve(), workspaces)
    table(
        "GAP start until the first answer (median of 3)", ("how", "ms"),
        [
            ("loading packages and scripts", f"{median_ms(lambda: start(None), 3):.0f}"),
            ("from the saved workspace", f"{median_ms(lambda: start(saved), 3):.0f}"),
        ],
    )  # fmt: skip


def twenty_groups(workspaces: Path) -> None:
    """Measure cold and cached queries for groups of different kind."""
    baseline = alone("kinds")
    rows, totals = [], [0.0, 0.0, 0.0]
    with tempfile.TemporaryDirectory() as folder:
        counting = Counting(folder, workspaces)
        with counting.session as session:
            for name in KINDS:
                before = counting.inside
                start = time.perf_counter()
                everything(name, session)
                wall = time.perf_counter() - start
                inside = counting.inside - before
                fresh = group(name, session=session)
                cached = median_ms(lambda g=fresh: group(g.name, session=g.session).order)
                whole = median_ms(lambda n=name: everything(n, session), 3)
                totals = [
                    a + b for a, b in zip(totals, (wall, inside, baseline[name]), strict=True)
                ]
                rows.append((
                    name, f"{1000 * wall:.0f}", f"{1000 * inside:.0f}", f"{wall / inside:.2f}",
                    f"{1000 * baseline[name]:.0f}", f"{wall / baseline[name]:.2f}",
                    f"{cached:.3f}", f"{whole:.1f}",
                ))  # fmt: skip
    wall, inside, base = totals
    rows.append((
        "all", f"{1000 * wall:.0f}", f"{1000 * inside:.0f}", f"{wall / inside:.2f}",
        f"{1000 * base:.0f}", f"{wall / base:.2f}", "", "",
    ))  # fmt: skip
    table(
        "everything about a group: cold, inside GAP, GAP alone on its own questions; cached",
        ("group", "cold ms", "in GAP", "ratio", "alone", "ratio", "1 cached", "all cached"),
        rows,
    )


def small_groups(workspaces: Path) -> None:
    """Measure all 319 groups of order at most 63."""
    baseline = alone("small")
    with tempfile.TemporaryDirectory() as folder:
        counting = Counting(folder, workspaces)
        with counting.session as session:
            start = time.perf_counter()
            for name in baseline:
                everything(name, session)
            wall = time.perf_counter() - start
    base, count = sum(baseline.values()), len(baseline)
    waited, inside = counting.waited, counting.inside
    table(
        f"all {len(baseline)} groups of order at most 63, every transitive module",
        ("what", "seconds", "groups/s", "to GAP inside"),
        [
            ("ours, cold", f"{wall:.1f}", f"{count / wall:.1f}", f"{wall / inside:.2f}"),
            ("  waiting for GAP", f"{waited:.1f}", "", f"{waited / inside:.2f}"),
            ("  inside GAP", f"{inside:.1f}", f"{count / inside:.1f}", "1.00"),
            ("GAP alone", f"{base:.1f}", f"{count / base:.1f}", f"{base / inside:.2f}"),
        ],
    )  # fmt: skip


def commands() -> None:
    """Measure whole commands against the interpreter's own start."""
    plrep = Path(sys.executable).with_name("plrep")
    # compiled modules are kept, as they are for every user
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def run(*command: object) -> None:
        subprocess.run([str(c) for c in command], check=True, capture_output=True, env=environment)

    bare = median_ms(lambda: run(sys.executable, "-c", "pass"), 11)
    rows = [("python -c pass", f"{bare:.0f}", "")]
    for command in (("query", "S4"), ("query", "C8", "--json"), ("graph", "C8"), ("--version",)):
        ms = median_ms(lambda c=command: run(plrep, *c), 11)
        rows.append(("plrep " + " ".join(command), f"{ms:.0f}", f"{ms - bare:.0f}"))
    table("cached commands (median of 11)", ("command", "ms", "over bare"), rows)


def orbitals() -> None:
    """Measure orbitals, with SciPy as the peer."""
    rows = orbital_rows()
    header = list(rows[0])
    table("orbitals", header, [[row.get(h, "") for h in header] for row in rows])


def bases(workspaces: Path) -> None:
    """Measure Fourier bases, with GAP's own packages as peers."""
    with tempfile.TemporaryDirectory() as folder, Counting(folder, workspaces).session as session:
        report_bases(session)


def main() -> None:
    """Run everything."""
    with tempfile.TemporaryDirectory() as folder:
        workspaces = Path(folder)
        gap_start(workspaces)
        commands()
        orbitals()
        twenty_groups(workspaces)
        small_groups(workspaces)
        bases(workspaces)
    report_large_tables()
    report_catalog()
    report_estimates(("1-127", "128"), runs=1, every=4)
    print()
    report_larger_sweeps(("256-511=24",))
    report_questions()
    report_pl()
    report_regions()
    report_class_functions()
    report_formulas()
    report_graphs()
    report_layers((16, 64), "", 2.0)
    report_small_layers()
    report_compile()
    report_convolutions()
    report_statistics()
    report_trim()
    report_recording()
    report_tuples()
    report_attention()
    report_explorer()


if __name__ == "__main__":
    main()
