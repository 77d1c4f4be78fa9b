"""New groups with 200 to 1,300 classes: where the time goes; part of `make bench`.

Alone: ``python benchmarks/large_tables.py [--only NAME]``. For each of twenty groups, on an empty
cache: what GAP takes by itself for the same questions (facts, character table, power maps,
indicators; a process of its own, measured inside), what our GAP process takes with all its
reading and writing, and Python's own time by phase. The ratio is ours (GAP and Python) to GAP's
own. All are times of the processor, which other work on the machine does not change much, but for
the column "wall".

Measured with this file on commit 6262034, all twenty groups, in seconds: Python 30.0 (reading 0.7,
order 4.1, laws 19.1, store 5.5, rest 0.6), GAP 28.4, together 1.71 times GAP alone.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import toolkit as tk
from toolkit.gap import find_gap
from toolkit.gap.workspace import base_command
from toolkit.groups import canonical_order
from toolkit.library import Session, group, questions
from toolkit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

P = ParamSpec("P")
T = TypeVar("T")

NAMES = (
    "SmallGroup(1152,1)", "SmallGroup(1280,1)", "SmallGroup(1402,1)", "SmallGroup(1803,1)",
    "SmallGroup(1893,1)", "SmallGroup(768,1000)", "SmallGroup(1000,1)", "SmallGroup(1920,1000)",
    "SmallGroup(1944,3000)", "SmallGroup(1568,900)", "SmallGroup(1782,20)", "D1000", "S16", "S17",
    "C2^5 x D16", "D26 x D26 x D10", "C5 x C5 x S4 x S3", "D8 x D8 x C16", "Q8 x C64",
    "PSL(2,7) x C35",
)  # fmt: skip
PHASES = ("reading", "order", "laws", "store", "rest")
HEADER = (
    "group", "classes", "values", "GAP alone ms", "our GAP", *PHASES, "Python", "ours",
    "/alone", "wall", "read again", "graph",
)  # fmt: skip


class Phases:
    """Seconds per phase of a session, from clocks around its steps."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = dict.fromkeys(PHASES, 0.0)

    def around(self, phase: str, step: Callable[P, T]) -> Callable[P, T]:
        """Return a step with a clock around it."""

        def timed(*args: P.args, **options: P.kwargs) -> T:
            start = time.process_time()
            try:
                return step(*args, **options)
            finally:
                self.seconds[phase] += time.process_time() - start

        return timed

    @contextmanager
    def on(self, session: Session) -> Iterator[None]:
        """Put clocks around the steps of a session."""
        pool, store = session.pool(), session.store
        pool.ask = self.around("reading", pool.ask)  # type: ignore[method-assign]
        store.put = self.around("store", store.put)  # type: ignore[method-assign]
        places = (
            ("laws", questions, "check_character_table"),
            ("order", canonical_order, "canonical_character_table"),
        )
        kept = [(module, name, getattr(module, name)) for _, module, name in places]
        for phase, module, name in places:
            setattr(module, name, self.around(phase, getattr(module, name)))
        question = questions.CHARACTER_TABLE
        encode = question.encode
        object.__setattr__(question, "encode", self.around("store", encode))
        try:
            yield
        finally:
            object.__setattr__(question, "encode", encode)
            for module, name, step in kept:
                setattr(module, name, step)


def alone(name: str) -> float:
    """Return the seconds that GAP takes by itself."""
    script = Path(__file__).with_name("large_tables_alone.g")
    done = subprocess.run(
        [*base_command(find_gap()), str(script)],
        env={**os.environ, "PLREP_BENCH": name},
        capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return int(done.stdout.split("\t")[1]) / 1e3


def processor_seconds(process: int) -> float:
    """Return the processor time of another process so far (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(name: str, workspaces: Path) -> dict[str, float]:
    """Return the seconds of one group, by phase, and its sizes."""
    out = {"GAP alone ms": alone(name)}
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment({"PLREP_CACHE_DIR": folder})
        if workspaces.exists():
            shutil.copytree(workspaces, settings.cache_dir / "workspaces")
        phases = Phases()
        with Session(settings, use_bundled=False) as session:
            session.hello()
            (worker,) = session.pool().workers
            process = worker._process
            assert process is not None
            inside = processor_seconds(process.pid)
            with phases.on(session):
                start, wall = time.process_time(), time.perf_counter()
                G = group(name, session=session)
                G.order  # noqa: B018 - the facts are asked here
                table = G.character_table
                out["Python"] = time.process_time() - start
                out["wall"] = time.perf_counter() - wall
            out["our GAP"] = processor_seconds(process.pid) - inside
        if not workspaces.exists():
            shutil.copytree(settings.cache_dir / "workspaces", workspaces)
        out |= {"classes": len(table), "values": len(table.values)}
        out["ours"] = out["Python"] + out["our GAP"]
        phases.seconds["rest"] = out["Python"] - sum(phases.seconds.values())
        out |= phases.seconds
        with Session(settings, use_bundled=False) as session:
            start = time.process_time()
            G = group(name, session=session)
            G.order, G.character_table  # noqa: B018 - read from the store here
            out["read again"] = time.process_time() - start
            start = time.process_time()
            tk.interaction_graph(G.regular_module(), "relu")
            out["graph"] = time.process_time() - start
    return out


def row(name: str, found: dict[str, float]) -> list[str]:
    """Return one line of the table."""
    cells = [name]
    for key in HEADER[1:]:
        if key == "/alone":
            cells.append(f"{found['ours'] / found['GAP alone ms']:.2f}")
        elif key in ("classes", "values"):
            cells.append(f"{found[key]:.0f}")
        else:
            cells.append(f"{1000 * found[key]:.0f}")
    return cells


def report(only: str = "") -> None:
    """Print the table."""
    from run_all import table

    rows, total = [], dict.fromkeys(HEADER[1:], 0.0)
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            if only in name:
                found = measure(name, Path(folder) / "workspaces")
                rows.append(row(name, found))
                print(*rows[-1], file=sys.stderr, flush=True)
                total = {key: total[key] + found.get(key, 0.0) for key in total}
    rows.append(row("all", total))
    table(
        "new groups with 200 to 1,300 classes, on an empty cache (ms of the processor)",
        HEADER,
        rows,
    )


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    report(parser.parse_args().only)


if __name__ == "__main__":
    main()
