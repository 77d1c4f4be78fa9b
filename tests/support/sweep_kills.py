"""Sweeps in which workers, schedulers and the sweep itself are killed, at moments of progress.

    PYTHONPATH=tests/support python tests/support/sweep_kills.py [SEED] [ORDERS]

The moments are numbers of groups that are done, drawn by the seed, so they do not depend on how
fast the machine is. After a kill what is missing is started again, and the same command resumes.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from processes import PATIENCE, default_signals, is_running, wait_until
from sweep_case import names, results

from toolkit.catalog.sweeps.sweep import sweep

#: The command ``plrep sweep``: it says after each task how many groups are done, and keeps what is
#: finished at once, or a short sweep would keep nothing before its end.
COMMAND = """
import sys
from toolkit.catalog.sweeps import sweep
from toolkit.cli import sweep_progress
from toolkit.cli.main import main

sweep._SECONDS_TO_A_PART = 0.0
sweep_progress.SweepLines.__call__ = lambda self, now: print(now.done, file=sys.stderr, flush=True)
sys.argv[:1] = ["plrep", "sweep", "--activations", "relu", "--json"]
sys.exit(main())
"""

WORKER, SCHEDULER = "a worker", "the scheduler"
KILLED, TERMINATED, INTERRUPTED = "the sweep, SIGKILL", "the sweep, SIGTERM", "the sweep, SIGINT"
SIGNALS = {
    KILLED: signal.SIGKILL,
    TERMINATED: signal.SIGTERM,
    INTERRUPTED: signal.SIGINT,
}
#: Ten kills on a cluster elsewhere, and as many of a sweep with workers of its own.
ELSEWHERE = (*3 * (WORKER, SCHEDULER), KILLED, KILLED, TERMINATED, INTERRUPTED)
HERE = (*6 * (WORKER,), KILLED, KILLED, TERMINATED, INTERRUPTED)


class Elsewhere:
    """A scheduler and two workers, started from the shell."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[subprocess.Popen[bytes]] = []
        self.workers: list[subprocess.Popen[bytes]] = []
        self.start()

    def start(self) -> None:
        """Start a scheduler, and two workers for it."""
        where = self._folder / f"scheduler{len(self._started)}.json"
        self.scheduler = self._dask("scheduler", "--port", "0", "--scheduler-file", str(where))
        self.address = wait_until(lambda: address_in(where), "the scheduler")
        self.workers = []
        for _ in range(2):
            self.add_worker()

    def add_worker(self) -> None:
        """Start one more worker."""
        scratch = self._folder / f"worker{len(self._started)}"
        words = ("--nthreads", "1", "--no-nanny", "--local-directory", str(scratch))
        self.workers.append(self._dask("worker", self.address, *words))

    def pids(self) -> list[int]:
        """Return the processes of the workers."""
        return [worker.pid for worker in self.workers]

    def replace(self, pid: int) -> None:
        """Start a worker in the place of one that was killed."""
        (dead,) = (worker for worker in self.workers if worker.pid == pid)
        dead.wait(PATIENCE)
        self.workers.remove(dead)
        self.add_worker()

    def restart(self) -> None:
        """Start another scheduler in the place of one that was killed, and two workers."""
        self.close()  # a worker that was not yet connected waits for its scheduler for ever
        self.start()

    def close(self) -> None:
        """End all processes."""
        for process in self._started:
            if process.poll() is None:
                process.kill()
            process.wait(PATIENCE)

    def _dask(self, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-W", "ignore", "-m", "dask", *words]
        command += ["--no-dashboard", "--host", "127.0.0.1"]
        with (self._folder / "log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        self._started.append(process)
        return process


@dataclass
class Outcome:
    """What happened in a sweep with kills."""

    kills: list[tuple[int, str]] = field(default_factory=list)
    #: The last line of each sweep that did not come to its end, with its exit status.
    ends: list[tuple[str, int, str]] = field(default_factory=list)
    report: dict[str, object] = field(default_factory=dict)


def sweep_with_kills(
    folder: Path, orders: str, groups: int, victims: tuple[str, ...], seed: int
) -> Outcome:
    """Sweep with kills until all groups are done.

    Parameters
    ----------
    folder
        An empty folder; the catalog is made in ``made`` inside.
    orders, groups
        Which groups, and how many these are.
    victims
        Who is killed; the order is drawn.
    seed
        Of that, and of the moments.
    """
    dice = random.Random(seed)
    order = dice.sample(victims, len(victims))
    moments = sorted(dice.sample(range(groups // 20, groups * 9 // 10), len(victims)))
    left = list(zip(moments, order, strict=True))
    outcome = Outcome()
    cluster = Elsewhere(folder) if SCHEDULER in victims else None
    words = ["--orders", orders, "--folder", str(folder / "made")]
    try:
        while True:
            more = ["--workers", "2"] if cluster is None else ["--scheduler", cluster.address]
            victim, status, last = _one_run([*words, *more], left, cluster, outcome)
            if victim is None:
                assert status == 0, last
                outcome.report = json.loads(last)
                return outcome
            outcome.ends.append((victim, status, last))
            if victim == SCHEDULER:
                assert cluster is not None
                cluster.restart()
    finally:
        if cluster is not None:
            cluster.close()


def _one_run(
    words: list[str], left: list[tuple[int, str]], cluster: Elsewhere | None, outcome: Outcome
) -> tuple[str | None, int, str]:
    """Run the command until it ends; return who was killed that it ended by, and its last line."""
    with default_signals():
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", COMMAND, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    ended_by: str | None = None
    last = ""
    assert process.stderr is not None
    assert process.stdout is not None
    family: list[int] = []
    try:
        for line in process.stderr:
            last = line.strip() or last
            if ended_by is not None or not left or not last.isdigit() or int(last) < left[0][0]:
                continue
            moment, victim = left.pop(0)
            outcome.kills.append((moment, victim))
            if victim == WORKER:
                pid = _a_worker(process.pid, cluster)
                os.kill(pid, signal.SIGKILL)
                if cluster is not None:
                    cluster.replace(pid)
                continue
            ended_by = victim
            if victim == SCHEDULER:
                assert cluster is not None
                cluster.scheduler.kill()
            else:
                family = descendants(process.pid)
                os.kill(process.pid, SIGNALS[victim])
        out = process.stdout.read()
        status = process.wait(PATIENCE)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()
        process.stderr.close()
    wait_until(lambda: not any(map(is_running, family)), "the end of what the sweep had started")
    return ended_by, status, last if ended_by else out or last


def _a_worker(sweeper: int, cluster: Elsewhere | None) -> int:
    """Return the process of a worker that has a GAP."""

    def found() -> int | None:
        pids = children(sweeper) if cluster is None else cluster.pids()
        return next((pid for pid in pids if any(map(is_gap, children(pid)))), None)

    return wait_until(found, "a worker with a GAP") or 0


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    done = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(word) for word in done.stdout.split()]


def descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that these have started."""
    found = children(pid)
    return found + [more for child in found for more in descendants(child)]


def is_gap(pid: int) -> bool:
    """Whether a process is a GAP."""
    with contextlib.suppress(OSError):
        return b"gap" in Path(f"/proc/{pid}/cmdline").read_bytes().lower()
    return False


def address_in(file: Path) -> str | None:
    """Return the address in a scheduler's file, ``None`` before all of it is there."""
    with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
        return str(json.loads(file.read_text())["address"])
    return None


def main(seed: int = 1, orders: str = "1-47") -> None:
    """Sweep without and with kills, and compare the bytes."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        report = sweep(place / "alone", orders, workers=0, activations=["relu"])
        wanted = results(place / "alone")
        print(f"{report.groups} groups of orders {orders}, undisturbed: {report.seconds:.0f} s")
        for title, victims in (("a cluster elsewhere", ELSEWHERE), ("workers here", HERE)):
            where = place / title.replace(" ", "-")
            where.mkdir()
            outcome = sweep_with_kills(where, orders, report.groups, victims, seed)
            same = results(where / "made") == wanted
            tried = Counter(names(where / "made"))
            print(f"\n{title}, seed {seed}: {len(outcome.kills)} kills")
            for moment, victim in outcome.kills:
                print(f"  after {moment} groups: {victim}")
            print(*(f"  {status}: {last}" for _, status, last in outcome.ends), sep="\n")
            print(f"  {len(tried)} groups, each once: {max(tried.values()) == 1}")
            print(f"  tables byte for byte those of the undisturbed sweep: {same}")
            assert same


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:3])
