"""Disks without room: answers are given, what was kept stays readable, and no file is half there.

Each run mounts a disk of a few hundred kilobytes in memory, puts a cache of answers on it, perhaps
one whose writer was killed, and fills it but for a random rest. A fresh Python then asks for
bundled answers, for those in the cache without GAP, and for others from GAP, looks at the cache,
writes pictures, tables and exports, and empties the cache.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness import Row, Run, main

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Seconds after which a process is taken to wait for ever.
PATIENCE = 600.0

#: Disks that make a row: a run that is cut short keeps the rows that it has.
PIECE = 10

#: In the cache of every disk, and asked of GAP on it; neither is bundled.
CACHED = ("SmallGroup(54,8)", "SmallGroup(72,40)")
ASKED = ("SmallGroup(60,7)", "SmallGroup(100,12)", "SmallGroup(108,17)")
BUNDLED = ("S4", "SmallGroup(24,12)", "C8")

#: Of the tables and pictures: arguments of plrep, and the ending of the file.
WRITTEN: tuple[tuple[tuple[str, ...], str], ...] = (
    (("graph", "S4"), "svg"),
    (("graph", "S4"), "json"),
    (("graph", "C8"), "graphml"),
    (("layer", "S4"), "npz"),
    (("find", "order <= 30"), "parquet"),
    (("find", "order <= 30"), "csv"),
    (("map", "S3", "--module", "natural", "--source", "L2", "--target", "L2"), "json"),
)


# -- disks -----------------------------------------------------------------------------------------


class CannotMountError(Exception):
    """This user, or this container, may not mount file systems."""


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """Mount an empty disk of ``size`` bytes on a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "plrep-faults", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise CannotMountError(str(error)) from error
    if done.returncode:
        raise CannotMountError(" ".join(done.stderr.split()) or "mount failed")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


def room(disk: Path) -> int:
    """Return how many bytes can be written."""
    found = os.statvfs(disk)
    return found.f_bavail * found.f_frsize


def fill(disk: Path, leave: int) -> None:
    """Fill the disk but for so many bytes."""
    with (disk / "filled").open("ab") as stream:
        left = max(0, room(disk) - leave)
        while left > 0:
            left -= stream.write(bytes(min(left, 1 << 20)))


# -- what a fresh Python does on such a disk -------------------------------------------------------


def _answer(name: str, session: Any) -> list[Any]:  # noqa: ANN401 - toolkit.library.session.Session
    import toolkit as tk

    G = tk.group(name, session=session)
    return [G.order, [simple.dimension for simple in G.simples], G.regular_module().rank]


def answers(folder: str, names: list[str], *, offline: bool = False) -> dict[str, Any]:
    """Return the answers about groups, each also asked again; what is raised instead, as a text."""
    from dataclasses import replace

    from toolkit.library.session import Session
    from toolkit.settings import Settings

    settings = replace(Settings.from_environment(), cache_dir=Path(folder), offline=offline)
    found: dict[str, Any] = {}
    with Session(settings, processes=1) as session:
        for name in names:
            try:
                found[name] = _answer(name, session)
            except Exception as error:  # noqa: BLE001 - each is counted
                found[name] = f"{type(error).__name__}: {error}"
    return found


def plrep(*words: str) -> tuple[int, str, str]:
    """Run a command in this process; return its status and what it printed."""
    from toolkit.cli.main import main as command

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = command(list(words))
        except BaseException as error:  # noqa: BLE001 - each is counted
            return -1, out.getvalue(), f"{type(error).__name__}: {error}"
    return status, out.getvalue(), err.getvalue()


def _raw(said: tuple[int, str, str], allowed: tuple[int, ...]) -> str:
    """Return what is wrong with how a command ended; empty if nothing is."""
    status, _, err = said
    if status not in allowed or "Traceback" in err or "internal error" in err:
        return f"status {status}: {err[-300:]}"
    return ""


def use_disk(disk: str, asked: list[str], written: list[int]) -> None:
    """Do everything that a user may do on a full disk; print what came of it as JSON."""
    place = Path(disk)
    cache = place / "cache"
    os.environ["PLREP_CACHE_DIR"] = str(cache)
    found: dict[str, Any] = {
        "cached": answers(str(cache), [*CACHED, *BUNDLED], offline=True),
        "gap": answers(str(cache), asked),
        "again": answers(str(cache), list(CACHED), offline=True),
    }
    raw: list[str] = []
    for action in ("info", "verify"):
        said = plrep("cache", action, "--json")
        raw.append(_raw(said, (0,)))
        found[action] = json.loads(said[1]) if not raw[-1] else {}
    halves: list[str] = []
    for number in written:
        words, ending = WRITTEN[number]
        target = place / f"written.{ending}"
        if number % 2:
            with contextlib.suppress(OSError):
                target.write_bytes(b"before")
        before = target.read_bytes() if target.exists() else None
        said = plrep(*words, "--output", str(target))
        raw.append(_raw(said, (0, 2)))
        now = target.read_bytes() if target.exists() else None
        if said[0] == 0:
            halves.append("" if now and _is_whole(target) else f"{target.name} is not whole")
        elif now != before:
            halves.append(f"{target.name} changed, though: {said[2][-200:]}")
        else:
            halves.append("")
        target.unlink(missing_ok=True)
    said = plrep("cache", "export", str(place / "out.sqlite"))
    raw.append(_raw(said, (0, 4)))
    if (place / "out.sqlite").exists() and said[0] != 0:
        halves.append(f"out.sqlite is there, though: {said[2][-200:]}")
    (place / "out.sqlite").unlink(missing_ok=True)
    halves += [f"{path.name} was left" for path in place.rglob("*.tmp")]
    print(json.dumps({**found, "raw": [r for r in raw if r], "halves": [h for h in halves if h]}))


def empty_disk(disk: str) -> None:
    """Empty the cache on a full disk; print what came of it as JSON."""
    os.environ["PLREP_CACHE_DIR"] = str(Path(disk) / "cache")
    before = room(Path(disk))
    said = plrep("cache", "clear", "--yes", "--json")
    left = plrep("cache", "info", "--json")
    raw = [r for r in (_raw(said, (0,)), _raw(left, (0,))) if r]
    entries = -1 if raw else json.loads(left[1])["entries"]
    print(json.dumps({"raw": raw, "entries": entries, "freed": room(Path(disk)) - before}))


def put_and_die(folder: str, count: int) -> None:
    """Put answers of random bytes, and end without closing anything."""
    from toolkit.store import AnswerKey, Provenance, Store

    store = Store(Path(folder) / "answers.sqlite")
    for i in range(count):
        store.put(AnswerKey.of(f"filler{i}", "q"), os.urandom(1500).hex(), Provenance())
    os.kill(os.getpid(), signal.SIGKILL)


def write_for_ever(folder: str) -> None:
    """Write files and folders again and again, until killed."""
    from toolkit.claims import claimed_folder
    from toolkit.files import written_whole

    place = Path(folder)
    print("ready", flush=True)
    while True:
        with written_whole(place / "answer.txt") as beside:
            beside.write_bytes(os.urandom(200_000))
        with claimed_folder(place, "site") as inside:
            (inside / "page").write_bytes(b"x" * 1000)


def write_once(folder: str, text: str) -> None:
    """Write one file, which removes what dead processes left; print the names that are there."""
    from toolkit.files import write_whole

    write_whole(Path(folder) / "other.txt", text)
    print(json.dumps(sorted(path.name for path in Path(folder).iterdir())))


def _is_whole(path: Path) -> bool:
    """Whether a file can be read to its end."""
    kind = path.suffix
    try:
        if kind == ".parquet":
            import pyarrow.parquet as pq

            return bool(pq.read_table(path).num_rows)
        if kind == ".npz":
            import numpy as np

            with np.load(path) as arrays:
                return all(arrays[name].size for name in arrays.files)
        text = path.read_text(encoding="utf-8").rstrip()
        if kind == ".json":
            return bool(json.loads(text))
        return bool(text) and text.endswith(
            {".svg": "</svg>", ".graphml": "</graphml>"}.get(kind, "")
        )
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is not whole
        return False


# -- runs ------------------------------------------------------------------------------------------


def start(run: Run, function: str, *values: object) -> subprocess.Popen[str]:
    """Start ``function(*values)`` of this file in a Python of its own."""
    code = f"import sys, json, disks\ndisks.{function}(*json.loads(sys.argv[1]))"
    return subprocess.Popen(
        [run.python, "-c", code, json.dumps(values)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent,
        env=run.environment(),
    )


def outcome(run: Run, function: str, *values: object) -> tuple[Any, str]:
    """Let a process of its own run a function of this file; return what it printed, and what else.

    The process is forked, before anything was opened here: it imports nothing again.
    """
    out, err = run.folder / "out", run.folder / "err"
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.environ.update(run.environment())
            for number, path in ((1, out), (2, err)):
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(handle, number)
            sys.stdout = io.TextIOWrapper(io.FileIO(1, "w"), encoding="utf-8")
            sys.stderr = io.TextIOWrapper(io.FileIO(2, "w"), encoding="utf-8", write_through=True)
            globals()[function](*values)
            sys.stdout.flush()
            status = 0
        except BaseException:  # noqa: BLE001 - all of it is told
            traceback.print_exc()
        finally:
            os._exit(status)
    end = time.monotonic() + PATIENCE
    while (ended := os.waitpid(pid, os.WNOHANG))[0] == 0:
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return None, "it waits for ever"
        time.sleep(0.02)
    said = err.read_text(encoding="utf-8", errors="replace")
    if ended[1]:
        return None, f"status {os.waitstatus_to_exitcode(ended[1])}: {said[-300:]}"
    return json.loads(out.read_text(encoding="utf-8") or "null"), said


def load() -> None:
    """Import what the processes use, once for all."""
    import duckdb
    import matplotlib.backends.backend_agg
    import matplotlib.backends.backend_svg
    import pyarrow.parquet

    import toolkit.figures
    from toolkit.cli.main import COMMANDS

    for name in COMMANDS:
        importlib.import_module(f"toolkit.cli.{name}")
    del duckdb, matplotlib, pyarrow, toolkit


def prepare(run: Run) -> tuple[Path, dict[str, Any]]:
    """Return a cache of answers on a disk with room, and all answers that are compared."""
    cache = run.folder / "model"
    expected: dict[str, Any] = {}
    other = run.folder / "other"
    for folder, names in ((other, (*CACHED, *ASKED, *BUNDLED)), (cache, CACHED)):
        found, said = outcome(run, "tell", str(folder), list(names))
        expected |= {"the cache": said} if found is None else found
        cache.mkdir(exist_ok=True)
        with contextlib.suppress(FileExistsError):  # GAP is saved once for both
            (cache / "workspaces").symlink_to(other / "workspaces")
    wrong = [f"{name}: {found}" for name, found in expected.items() if isinstance(found, str)]
    if wrong:
        raise RuntimeError(f"no answers on a disk with room: {wrong}")
    return cache, expected


def differing(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """Return what was refused, or is wrong."""
    return [f"{name}: {value}" for name, value in found.items() if value != expected[name]]


class Tally:
    """What went wrong, counted by kind, with the first of each kind in words."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.first: dict[str, str] = {}

    def add(self, kind: str, faults: list[str]) -> None:
        """Count faults of a kind."""
        self.counts[kind] = self.counts.get(kind, 0) + len(faults)
        if faults:
            self.first.setdefault(kind, faults[0])

    def broken(self, *kinds: str) -> int:
        """Return how many there were of these kinds."""
        return sum(self.counts.get(kind, 0) for kind in kinds)

    def said(self, *kinds: str) -> str:
        """Return the counts in words, with the first fault."""
        words = ", ".join(f"{self.counts.get(kind, 0)} {kind}" for kind in kinds)
        examples = [self.first[kind] for kind in kinds if kind in self.first]
        return words + "".join(f"; first: {text[:200]}" for text in examples[:1])


def one_disk(run: Run, model: Path, expected: dict[str, Any], tally: Tally) -> str:
    """Fill one disk, and use it; return what was special about it."""
    pick = run.random
    killed = pick.random() < 0.5
    count = pick.randrange(30)
    rest = pick.choice([0, 0, 1, 4096, 8192, 36_864, pick.randrange(100_000)])
    asked = pick.sample(ASKED, 1)
    written = pick.sample(range(len(WRITTEN)), 2)
    start_size = (model / "answers.sqlite").stat().st_size + 300_000
    with small_disk(run.folder / "disk", start_size + pick.randrange(600_000)) as disk:
        cache = disk / "cache"
        cache.mkdir()
        shutil.copy(model / "answers.sqlite", cache)
        if killed:
            outcome(run, "put_and_die", str(cache), count)
            if pick.random() < 0.5:
                (cache / "answers.sqlite-shm").unlink(missing_ok=True)
        fill(disk, rest)
        found, said = outcome(run, "use_disk", str(disk), asked, written)
        if found is None:
            tally.add("raw errors", [said])
        else:
            for key in ("cached", "gap", "again"):
                tally.add("refused or wrong", differing(found[key], expected))
            lost = found["verify"].get("damaged", ["nothing was verified"])
            tally.add("lost", [str(one) for one in lost])
            tally.add("raw errors", found["raw"] + (["Traceback"] if "Traceback" in said else []))
            tally.add("halves", found["halves"])
        emptied, said = outcome(run, "empty_disk", str(disk))
        if emptied is None:
            tally.add("raw errors", [said])
        else:
            tally.add("raw errors", emptied["raw"])
            tally.add("not emptied", ["answers are left"] if emptied["entries"] else [])
        (disk / "filled").unlink()
        found, said = outcome(run, "use_again", str(disk), asked if pick.random() < 0.2 else [])
        sound = found is not None and found["kept"] and not differing(found["gap"], expected)
        tally.add("unusable afterwards", [] if sound else [said or str(found)])
    return f"{'killed writer' if killed else 'closed cache'}, {rest} bytes left"


def one_workspace(run: Run, whole: Path, expected: dict[str, Any], tally: Tally, at: int) -> None:
    """Cut a saved GAP session short, by a full disk or afterwards, and ask GAP."""
    pick = run.random
    size = whole.stat().st_size
    with small_disk(run.folder / "disk", 2 * size + (8 << 20)) as disk:
        folder = disk / "cache" / "workspaces"
        folder.mkdir(parents=True)
        if at % 2:  # one that was there, and is damaged: cut short, or a bit is another
            shutil.copy(whole, folder)
            place, where = folder / whole.name, pick.randrange(size)
            if pick.random() < 0.5:
                os.truncate(place, where)
            else:
                with place.open("r+b") as stream:
                    stream.seek(where)
                    byte = stream.read(1)[0]
                    stream.seek(where)
                    stream.write(bytes([byte ^ 1 << pick.randrange(8)]))
            fill(disk, pick.choice([0, size, size // 2]))
        else:  # GAP ends with status 0 when the disk is full in the middle
            fill(disk, pick.randrange(1 << 20, size))
        found, said = outcome(run, "ask_gap", str(disk / "cache"), list(ASKED[:1]))
        tally.add("refused or wrong", [said] if found is None else differing(found, expected))
        kept = [path for path in folder.iterdir() if path.suffix == ".gapws"]
        halves = [path.name for path in kept if path.stat().st_size < 0.9 * size]
        tally.add("halves", halves + [path.name for path in folder.glob(".*")])


def tell(folder: str, names: list[str]) -> None:
    """Print the answers about groups."""
    print(json.dumps(answers(folder, names)))


def use_again(disk: str, asked: list[str]) -> None:
    """Ask and keep when there is room again; print the answers, and whether one is kept."""
    from toolkit.store import AnswerKey, Provenance, Store

    cache = Path(disk) / "cache"
    key = AnswerKey.of("filler", "q")
    with Store(cache / "answers.sqlite") as store:
        kept = store.put(key, 1, Provenance()) and store.contains(key)
    print(json.dumps({"gap": answers(str(cache), asked), "kept": kept}))


def ask_gap(folder: str, names: list[str]) -> None:
    """Ask GAP, and let it try to save its session however little room there is."""
    from toolkit.gap import workspace

    workspace._ROOM = 0  # or the toolkit would not even try
    print(json.dumps(answers(folder, names)))


def one_killed_writer(run: Run, tally: Tally) -> None:
    """Kill a process while it writes; the next one cleans up, and spares a living one."""
    folder = run.folder / "killed"
    folder.mkdir(exist_ok=True)
    dead, alive = (start(run, "write_for_ever", str(folder)) for _ in range(2))
    try:
        for process in (dead, alive):
            assert process.stdout is not None
            process.stdout.readline()
        time.sleep(run.random.uniform(0.0, 0.05))
        alive.send_signal(signal.SIGSTOP)
        dead.kill()
        dead.wait()
        names, said = outcome(run, "write_once", str(folder), "text")
        left = [] if names is None else [n for n in names if f"-{dead.pid}-" in n]
        tally.add("left", [said] if names is None else left)
        alive.send_signal(signal.SIGCONT)
        time.sleep(0.05)
        ended = alive.poll()  # it would have ended had its file been taken away
        tally.add("taken from the living", [] if ended is None else [f"status {ended}"])
        size = (folder / "answer.txt").stat().st_size if (folder / "answer.txt").exists() else 0
        tally.add("halves", [] if size in (0, 200_000) else [f"{size} bytes"])
    finally:
        for process in (dead, alive):
            process.kill()
            process.communicate()
    outcome(run, "write_once", str(folder), "text")
    tally.add("left", [path.name for path in folder.glob(".*")])


def killed_writers(run: Run) -> Iterator[Row]:
    """Yield what happened to the unfinished files of dead and of living processes."""
    tally, count = Tally(), run.count(100)
    for _ in range(count):
        one_killed_writer(run, tally)
    kinds = ("left", "taken from the living", "halves")
    yield Row(
        "a process killed while it writes files and folders beside a living one",
        count,
        "its unfinished files are removed by the next writer, those of the living stay",
        tally.said(*kinds),
        tally.broken(*kinds),
    )


def full_disks(run: Run, model: Path, expected: dict[str, Any]) -> Iterator[Row]:
    """Yield what happened on full disks, some at a time."""
    count = run.count(200)
    for first in range(0, count, PIECE):
        tally, many = Tally(), min(PIECE, count - first)
        for number in range(many):
            what = one_disk(run, model, expected, tally)
            run.say(f"{first + number + 1} of {count} disks: {what}; {tally.counts}")
        kinds = ("refused or wrong", "lost", "raw errors", "not emptied", "unusable afterwards")
        yield Row(
            "a disk of 0.3 to 1 MB in memory, full but for a random rest, half of them after a "
            "killed writer: bundled, cached and new answers; cache info, verify and clear",
            many,
            "every answer is given, everything kept stays readable, one sentence at most",
            tally.said(*kinds),
            tally.broken(*kinds),
        )
        yield Row(
            "two pictures or tables and an export written on each of these disks",
            3 * many,
            "whole or not there, an earlier file as it was",
            tally.said("halves"),
            tally.broken("halves"),
        )


def saved_sessions(run: Run, whole: Path, expected: dict[str, Any]) -> Iterator[Row]:
    """Yield what happened to saved GAP sessions that are cut short or damaged."""
    count = run.count(20)
    for first in range(0, count, PIECE):
        tally, many = Tally(), min(PIECE, count - first)
        for number in range(many):
            one_workspace(run, whole, expected, tally, number)
            run.say(f"{first + number + 1} of {count} saved sessions; {tally.counts}")
        kinds = ("refused or wrong", "halves")
        yield Row(
            "a saved GAP session cut short by a full disk, or cut or with a bit flipped afterwards",
            many,
            "never installed, or replaced; the answer is given",
            tally.said(*kinds),
            tally.broken(*kinds),
        )


def faults(run: Run) -> Iterator[Row]:
    """Yield what happened on full disks, and with what killed processes left."""
    try:
        with small_disk(run.folder / "disk", 1 << 20):
            pass
    except CannotMountError as error:
        yield Row("a full disk", 0, "", f"no file system can be mounted here: {error}", 0)
    else:
        model, expected = prepare(run)
        if run.count(200) > 3:
            load()
        yield from full_disks(run, model, expected)
        whole = next((run.folder / "other" / "workspaces").glob("*.gapws"), None)
        if whole is None:
            yield Row("saved GAP sessions", 0, "", "GAP saves none here", 0)
        else:
            yield from saved_sessions(run, whole, expected)
    yield from killed_writers(run)


if __name__ == "__main__":
    main(faults)
