"""What every part of the faults shares: its seed and counts, its rows, and where they are kept.

A part is a file beside this one with a function that is given a :class:`Run` and yields
:class:`Row` s; its first line says what the part tries::

    def faults(run: Run) -> Iterator[Row]: ...

    if __name__ == "__main__":
        main(faults)

``python benchmarks/faults/signals.py --seed 1 --share 0.02`` tries two hundredths of the full
counts and prints the rows; ``--record`` keeps them in ``benchmarks/faults/results`` for the page
(``make faults``). The exit status is 1 where a promise was not kept.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "faults" / "results"

#: Packages whose release a result depends on.
PACKAGES = ("passagemath-gap", "duckdb", "pyarrow", "dask", "torch", "safetensors")


@dataclass(frozen=True)
class Row:
    """One line of the page: what was tried how often, what was promised, and what happened.

    ``broken`` counts promises that were not kept. What cannot be tried on this machine has count 0
    and says why in ``happened``.
    """

    tried: str
    count: int
    promised: str
    happened: str
    broken: int


@dataclass(frozen=True)
class Run:
    """One run of one part: a seed, a share of the full counts, a folder of its own."""

    part: str
    seed: int
    share: float
    folder: Path
    python: str = sys.executable
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "random", random.Random(f"{self.part} {self.seed}"))

    def count(self, full: int) -> int:
        """Return this run's share of a full count, at least 1."""
        return max(1, round(full * self.share))

    def say(self, text: str) -> None:
        """Print how far the run is, on standard error."""
        print(f"{self.part}: {text}", file=sys.stderr, flush=True)

    @property
    def plrep(self) -> list[str]:
        """The beginning of a command line that runs this checkout's ``plrep``."""
        return [self.python, "-m", "toolkit.cli.main"]

    def environment(self, **changes: object) -> dict[str, str]:
        """Return an environment for processes started here: this checkout, a cache of its own."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PLREP_")}
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
        own = {"PYTHONPATH": path, "PLREP_CACHE_DIR": str(self.folder / "cache")}
        return kept | own | {name: str(value) for name, value in changes.items()}


Faults = Callable[[Run], Iterator[Row]]


# -- where and with what ---------------------------------------------------------------------------


def _git(*command: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *command], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def commit() -> str:
    """Return the commit that is tried, ``*`` behind it if the files differ; empty without git."""
    changed = _git(
        "status", "--porcelain", "--", "toolkit", "gap_scripts", "data", "benchmarks/faults/*.py"
    )
    return _git("rev-parse", "--short=10", "HEAD") + ("*" if changed else "")


def python_release() -> str:
    """Return the release of Python, as ``3.11``."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def versions() -> dict[str, str]:
    """Return the releases that a result depends on."""
    out = {"python": ".".join(map(str, sys.version_info[:3])), "sqlite": sqlite3.sqlite_version}
    for package in PACKAGES:
        try:
            out[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            out[package] = "none"
    return out


# -- results ---------------------------------------------------------------------------------------


def results_file(part: str, folder: Path = RESULTS) -> Path:
    """Return where a part's results with this Python are kept."""
    return folder / f"{part}-python{python_release()}.json"


def read_pieces(file: Path) -> list[dict[str, Any]]:
    """Return the pieces that a file of results holds, one per seed."""
    if not file.exists():
        return []
    pieces: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return pieces


def write_piece(file: Path, piece: dict[str, Any]) -> None:
    """Keep a piece; it takes the place of the one of the same seed."""
    others = [p for p in read_pieces(file) if p["seed"] != piece["seed"]]
    pieces = sorted([*others, piece], key=lambda p: int(p["seed"]))
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(f".{os.getpid()}")
    beside.write_text(json.dumps(pieces, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(file)


def is_done(part: str, seed: int, share: float, folder: Path = RESULTS) -> bool:
    """Whether this very run, of these very files with this Python, is kept as a whole."""
    now = commit()
    return not now.endswith("*") and any(
        piece["whole"] and (piece["seed"], piece["share"], piece["commit"]) == (seed, share, now)
        for piece in read_pieces(results_file(part, folder))
    )


def show(row: Row) -> str:
    """Return a row as it is printed while a part runs."""
    mark = f"BROKEN {row.broken}" if row.broken else "kept"
    return f"{mark}: {row.tried} ({row.count}) | {row.promised} | {row.happened}"


def carry_out(faults: Faults, run: Run, record: Path | None = None) -> list[Row]:
    """Run a part, print its rows, and keep each as it comes if there is a file for them."""
    piece: dict[str, Any] = {
        "seed": run.seed, "share": run.share, "commit": commit(), "versions": versions(),
        "date": f"{datetime.now(UTC):%Y-%m-%d}", "seconds": 0, "whole": False, "rows": [],
    }  # fmt: skip
    start = time.monotonic()
    rows: list[Row] = []

    def keep() -> None:
        piece["seconds"] = round(time.monotonic() - start)
        if record is not None:
            write_piece(record, piece)

    for row in faults(run):
        print(show(row), flush=True)
        rows.append(row)
        piece["rows"].append(asdict(row))
        keep()
    piece["whole"] = True
    keep()
    return rows


def arguments(text: str | None) -> argparse.ArgumentParser:
    """Return the options that all parts and ``run_all.py`` share."""
    parser = argparse.ArgumentParser(description=(text or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="where chance begins; default 1")
    parser.add_argument("--share", type=float, default=1.0, help="of the full counts; default 1")
    return parser


def main(faults: Faults) -> NoReturn:
    """Run a part alone, as its options say."""
    part = Path(faults.__code__.co_filename).stem
    parser = arguments(faults.__globals__["__doc__"])
    parser.add_argument("--record", action="store_true", help="keep the rows for the page")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the folder is removed then, too
    with tempfile.TemporaryDirectory(prefix="plrep-faults-", ignore_cleanup_errors=True) as folder:
        run = Run(part, options.seed, options.share, Path(folder))
        rows = carry_out(faults, run, results_file(part) if options.record else None)
    sys.exit(1 if any(row.broken for row in rows) else 0)
