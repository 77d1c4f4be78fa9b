"""Stopping: two signals within 200 ms, at any moment of any command"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harness import Row, Run, main

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Makes the file that ``plrep inspect`` reads.
NETWORK = """
import sys, torch, toolkit as tk
X = tk.group("S4").regular_module()
net = torch.nn.Sequential(tk.nn.EquivariantLinear(X, X, 4, 4), tk.nn.EquivariantLinear(X, X, 4, 2))
torch.save(net.state_dict(), sys.argv[1])
"""

#: Seconds after which a command that was told to stop hangs.
PATIENCE = 60.0
#: Seconds after the command's end in which all that it started must have ended, too.
GRACE = 5.0
LONG = "select count(*) from edges a, edges b, edges c where a.share < b.share + c.share"

#: How often a command that had ended before its first signal is tried again.
TRIES = 20

#: Command lines, with the most seconds until the first signal. ``{}`` is a new folder.
COMMANDS: dict[str, tuple[list[str], float]] = {
    "query, new group": (["query", "SL(2,5) x C3"], 4.0),
    "query, long question": (["query", "S7 x S4"], 3.0),
    "graph, long question": (["graph", "S7 x S4"], 3.0),
    "graph": (["graph", "C2 wr S5"], 5.0),
    "transfer": (["transfer", "S5"], 2.0),
    "layer": (["layer", "S5", "--degree", "5"], 2.0),
    "map": (["map", "S5", "--module", "regular", "--source", "L6", "--target", "L5"], 4.0),
    "inspect": (["inspect", "{}/../net.pt"], 4.0),
    "find": (["find", "order <= 60 and not abelian"], 1.5),
    "find, long query": (["find", "--sql", LONG], 5.0),
    "find, long answer": (["find", "--sql", LONG.replace("count(*)", "a.share")], 5.0),
    "catalog verify": (["catalog", "verify"], 6.0),
    "cache info": (["cache", "info"], 0.5),
    "cache verify": (["cache", "verify"], 0.5),
    "cache export": (["cache", "export", "{}/answers.sqlite"], 0.5),
    "doctor": (["doctor"], 5.0),
    "sweep, no workers": (
        ["sweep", "--orders", "1-60", "--workers", "0", "--folder", "{}/made"], 4.0,
    ),
    "sweep, workers": (
        ["sweep", "--orders", "1-60", "--workers", "2", "--folder", "{}/made"], 12.0,
    ),
    "explore": (["explore", "--no-browser"], 4.0),
    "explore, question under way": (["explore", "--no-browser"], 3.0),
    "explore --export": (["explore", "--export", "{}/site", "--orders", "1-31"], 5.0),
}  # fmt: skip


@dataclass
class Outcome:
    """What became of one command."""

    command: str
    first: int
    second: int
    status: int | None
    lines: list[str]
    seconds: float
    orphans: list[str] = field(default_factory=list)
    met: bool = True  # it still ran when the first signal was sent

    def faults(self) -> list[str]:
        """Return the promises that were not kept."""
        out = []
        if self.orphans:
            out.append("orphan")
        if self.status is None:
            return [*out, "hang"]
        if any("Traceback" in line or 'File "' in line for line in self.lines):
            out.append("traceback")
        stopped = {128 + self.first, 128 + self.second}
        if self.status == 2 and "is larger than" in "".join(self.lines):
            return out  # its own end, which came between the signal and its handling
        if self.status not in stopped | {0}:
            out.append(f"status {self.status}")
        last = [line for line in self.lines if not line.startswith("note: ")]
        if (len(last) != 1 or not last[0].startswith("plrep: ")) and self.status in stopped:
            out.append(f"{len(last)} lines")
        if self.status == 0 and last:
            out.append(f"{len(last)} lines at status 0")
        return out


def descendants(mark: str) -> list[str]:
    """Return the processes that run and have the mark in their environment, in any session."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if mark.encode() in (folder / "environ").read_bytes():
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
                if state not in "ZX":
                    words = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                    found.append(f"{folder.name} {words.decode(errors='replace')[:1000]}")
    return found


def handles(pid: int, number: int) -> bool:
    """Whether a process has a handler for a signal: its first own line has been reached."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("SigCgt:"):
                return bool(int(line.split()[1], 16) >> (number - 1) & 1)
    return False


def ask_the_server(output: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait for the server, and put a question to it that takes GAP long."""
    while process.poll() is None and "http://" not in output.read_text():
        time.sleep(0.02)
    words = output.read_text().split()
    address = next((word for word in words if word.startswith("http://")), None)
    if address is None:
        return
    with urllib.request.urlopen(address, timeout=PATIENCE) as page:
        token = page.read().decode().partition('<meta name="plrep-token" content="')[2]
    request = urllib.request.Request(
        f"{address.partition('#')[0]}api/jobs",
        json.dumps({"kind": "record", "group": "S7 x S4"}).encode(),
        {"X-Plrep-Token": token.partition('"')[0], "Content-Type": "application/json"},
    )
    with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=PATIENCE):
        pass


def start(run: Run, words: list[str], folder: Path, mark: str) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own; what it prints goes to files."""
    environment = run.environment(PLREP_CACHE_DIR=folder / "cache", PLREP_FAULT=mark)
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        return subprocess.Popen(
            [*run.plrep, *(word.replace("{}", str(folder)) for word in words)],
            stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment,
            start_new_session=True, cwd=folder,
        )  # fmt: skip


def stop(run: Run, name: str, numbers: Iterator[int], *, early: bool = False) -> Outcome:
    """Start a command, send it two signals while it runs, and look for what is left of it."""
    for attempt in range(TRIES):
        outcome = stop_once(run, name, next(numbers), 0.75**attempt, early=early)
        if outcome.met:
            break
    return outcome


def stop_once(run: Run, name: str, number: int, share: float, *, early: bool = False) -> Outcome:
    """Send two signals within a share of the longest time; it may have ended before."""
    chance = run.random
    words, longest = COMMANDS[name]
    folder = run.folder / f"run{number}"
    folder.mkdir()
    if chance.random() < 0.7 and (run.folder / "cache").exists():  # else GAP is saved at first
        shutil.copytree(run.folder / "cache", folder / "cache")
    first, second = (chance.choice((signal.SIGINT, signal.SIGTERM)) for _ in range(2))
    as_terminal = chance.random() < 0.5  # which sends to all processes of the group
    delay, pause = chance.uniform(0, longest * share), chance.uniform(0, 0.2)
    mark = f"{run.seed}-{os.getpid()}-{number}"
    process = start(run, words, folder, mark)
    try:
        if early:
            time.sleep(chance.uniform(0, 0.1))
        else:
            while process.poll() is None and not handles(process.pid, signal.SIGTERM):
                time.sleep(0.001)
            if name == "explore, question under way":
                ask_the_server(folder / "out", process)
            if "question" in name:  # the time begins when GAP does
                end = time.monotonic() + PATIENCE
                while process.poll() is None and time.monotonic() < end:
                    if any("main.g" in line for line in descendants(f"PLREP_FAULT={mark}")):
                        break
                    time.sleep(0.02)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(delay)
        began = time.monotonic()
        met = process.poll() is None
        for which in (first, second):
            with contextlib.suppress(ProcessLookupError):
                if process.poll() is None:
                    (os.killpg if as_terminal else os.kill)(process.pid, which)
            time.sleep(pause)
        status: int | None = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = process.wait(PATIENCE)
        seconds = time.monotonic() - began
    finally:
        process.kill()
        process.wait()
    end = time.monotonic() + GRACE
    while (left := descendants(f"PLREP_FAULT={mark}")) and time.monotonic() < end:
        time.sleep(0.02)
    for line in left:
        with contextlib.suppress(OSError):
            os.kill(int(line.split()[0]), signal.SIGKILL)
    lines = (folder / "err").read_text(errors="replace").splitlines()
    shutil.rmtree(folder, ignore_errors=True)
    return Outcome(name, first, second, status, lines, seconds, left, met)


def row(tried: str, promised: str, outcomes: list[Outcome]) -> Row:
    """Return the row of some commands."""
    faults = Counter(fault for outcome in outcomes for fault in outcome.faults())
    for outcome in outcomes:
        if outcome.faults():
            shown = (outcome.command, outcome.first, outcome.second, outcome.status)
            print(*shown, outcome.faults(), outcome.orphans, *outcome.lines[-6:], file=sys.stderr)
    ended = sorted(outcome.seconds for outcome in outcomes)
    statuses = Counter(str(outcome.status) for outcome in outcomes)
    said = ", ".join(f"{number} with {status}" for status, number in sorted(statuses.items()))
    missed = sum(not outcome.met for outcome in outcomes)
    said += f"; {missed} had ended before" if missed else ""
    happened = (
        f"ended {said}; after {ended[len(ended) // 2]:.2f} s (median), {ended[-1]:.1f} s (most)"
    )
    for fault, number in faults.items():
        happened += f"; {number} {fault}"
    return Row(
        tried, len(outcomes), promised, happened, sum(map(bool, map(Outcome.faults, outcomes)))
    )


def ignored(run: Run, number: int) -> Outcome:
    """Start a command with SIGINT ignored: two of them do nothing, then SIGTERM ends it."""
    folder = run.folder / f"run{number}"
    folder.mkdir()
    mark = f"{run.seed}-{os.getpid()}-{number}"
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = start(run, COMMANDS["find, long query"][0], folder, mark)
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        while process.poll() is None and not handles(process.pid, signal.SIGTERM):
            time.sleep(0.001)
        for _ in range(2):
            time.sleep(run.random.uniform(0, 0.2))
            process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        began = time.monotonic()
        alive = process.poll() is None
        process.send_signal(signal.SIGTERM)
        status = process.wait(PATIENCE) if alive else None
    finally:
        process.kill()
        process.wait()
    lines = (folder / "err").read_text(errors="replace").splitlines()
    left = descendants(f"PLREP_FAULT={mark}")
    shutil.rmtree(folder, ignore_errors=True)
    term = signal.SIGTERM
    return Outcome("find", term, term, status, lines, time.monotonic() - began, left)


def faults(run: Run) -> Iterator[Row]:
    """Send double signals to commands that chance chooses, after a time that chance chooses."""
    promised = (
        "no process left, no traceback, 130 or 143 with one line; 0 if it had finished (and the "
        "server, which Ctrl-C ends with 0)"
    )
    if not Path("/proc/self/environ").exists():
        yield Row("double signals", 0, promised, "needs Linux: processes are counted in /proc", 0)
        return
    numbers = iter(range(10**9))
    # a program that ignores SIGINT hands that on, and the signals here are those of a terminal
    signal.signal(signal.SIGINT, signal.default_int_handler)
    names = list(COMMANDS)
    count = run.count(500)
    chosen = [names[i % len(names)] for i in range(count)] if count >= len(names) else []
    if "inspect" in chosen:
        code = [run.python, "-c", NETWORK, str(run.folder / "net.pt")]
        subprocess.run(code, env=run.environment(), check=True)
    if any("question" in name for name in chosen):  # it saves GAP's session
        subprocess.run([*run.plrep, "query", "C2 x C2 x D8"], env=run.environment(), check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
    chosen = chosen or run.random.sample(["find", "cache info", "query, new group"], 1) * count
    done: dict[str, list[Outcome]] = {}
    for i, name in enumerate(chosen):
        done.setdefault(name, []).append(stop(run, name, numbers))
        if i % 20 == 19:
            run.say(f"{i + 1} of {count}")
    groups_of: dict[str, list[Outcome]] = {}
    for name, outcomes in done.items():
        kind = (
            "a cluster" if name == "sweep, workers"
            else "a server" if name.startswith("explore") and "export" not in name
            else "with DuckDB" if name.startswith(("find", "catalog"))
            else "with GAP" if name.startswith(("query", "graph", "doctor", "sweep"))
            else "others"
        )  # fmt: skip
        groups_of.setdefault(kind, []).extend(outcomes)
    for kind, outcomes in sorted(groups_of.items()):
        yield row(f"two signals within 0.2 s: commands, {kind}", promised, outcomes)
    early = [stop(run, "query, new group", numbers, early=True) for _ in range(run.count(50))]
    left = sum(bool(outcome.orphans) for outcome in early)
    yield Row(
        "two signals in the first 0.1 s, while Python itself starts", len(early),
        "no process left", f"{left} left a process", left,
    )  # fmt: skip
    background = [ignored(run, next(numbers)) for _ in range(run.count(20))]
    yield row(
        "a command started with SIGINT ignored: two SIGINT, then SIGTERM",
        "goes on, then 143 with one line",
        background,
    )


if __name__ == "__main__":
    main(faults)
