"""Many processes, threads and forks at once: nothing lost, nothing wrong, nobody waits for ever.

Sixteen processes put and read answers in one cache. Eight threads ask one session about groups.
Processes are forked, spawned and made by a fork server while GAP works on the question of another
thread, and ask, too. Tasks of asyncio are cancelled in mid-question. Every answer is compared with
what one thread found alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing
import os
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness import Row, Run, main

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from toolkit.library.session import Session

#: Seconds after which a process is taken to wait for ever; the work takes a hundredth of it.
PATIENCE = 300.0

#: Groups whose questions take GAP some tens of milliseconds each.
GROUPS = tuple(f"SmallGroup({order},{k})" for order in (24, 48, 96) for k in range(1, 13))

Answer = tuple[int, tuple[int, ...], int]


def session(folder: Path, *, processes: int = 2, in_memory: bool = True) -> Session:
    """Return a session of its own without bundled answers: GAP is asked."""
    from toolkit.library.session import Session
    from toolkit.settings import Settings

    settings = replace(Settings.from_environment(), cache_dir=folder, offline=False)
    return Session(settings, processes=processes, use_bundled=False, in_memory=in_memory)


def answer(name: str, used: Session) -> Answer:
    """Return what is compared: the order, the dimensions of the simples, and a rank."""
    import toolkit as tk

    G = tk.group(name, session=used)
    dimensions = tuple(simple.dimension for simple in G.simples)
    return G.order, dimensions, G.regular_module().rank


@cache
def expected(folder: Path, names: tuple[str, ...]) -> dict[str, Answer]:
    """Return the answers about the groups, found by one thread with one GAP."""
    with session(folder, processes=1) as alone:
        return {name: answer(name, alone) for name in names}


def run_child(run: Run, function: str, *values: object) -> subprocess.Popen[str]:
    """Start ``function(*values)`` of this file in a Python of its own, in its own group."""
    code = f"import sys, json, concurrency\nconcurrency.{function}(*json.loads(sys.argv[1]))"
    return subprocess.Popen(
        [run.python, "-c", code, json.dumps(values)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent,
        env=run.environment(),
        start_new_session=True,
    )


def finish(child: subprocess.Popen[str]) -> tuple[str, str]:
    """Return what a child wrote and how it ended badly: empty, ``"hung"`` or its last words."""
    try:
        out, errors = child.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        return "", "hung"
    return out, "" if child.returncode == 0 else errors.strip()[-400:] or str(child.returncode)


# -- processes on one cache ------------------------------------------------------------------------


def use_store(path: str, number: int, operations: int, seed: int) -> None:
    """Put, read, look up, delete and list at random; print what was acknowledged, lost and wrong.

    Entries ``P<number>`` are this process's own; ``all`` has those that all processes replace.
    """
    from toolkit.store import AnswerKey, Provenance, Store

    chance = random.Random(f"{seed} {number}")
    kept: dict[int, list[int]] = {}
    lost = wrong = 0
    sys.stdin.readline()  # all begin at once
    with Store(Path(path)) as store:
        for step in range(operations):
            match chance.randrange(8):
                case 0 | 1 | 2:
                    i, value = chance.randrange(200), [number, step] * chance.randrange(1, 60)
                    if store.put(AnswerKey.of(f"P{number}", "own", i), value, Provenance()):
                        kept[i] = value
                    else:
                        lost += 1
                case 3:
                    store.put(
                        AnswerKey.of("all", "q", chance.randrange(20)), [number] * 40, Provenance()
                    )
                case 4:
                    found = store.get(AnswerKey.of("all", "q", chance.randrange(20)))
                    wholes = [[writer] * 40 for writer in range(16)]
                    wrong += found is not None and found.value not in wholes
                case 5 if kept:
                    i = chance.choice(list(kept))
                    lost += not store.delete(AnswerKey.of(f"P{number}", "own", i))
                    del kept[i]
                case _ if kept:
                    i = chance.choice(list(kept))
                    found = store.get(AnswerKey.of(f"P{number}", "own", i))
                    lost += found is None
                    wrong += found is not None and found.value != kept[i]
        wrong += len(store.damaged)
    print(json.dumps({"kept": list(kept.items()), "lost": lost, "wrong": wrong}))


def processes_on_one_cache(run: Run) -> Row:
    """Sixteen processes, five thousand operations each."""
    from toolkit.store import AnswerKey, Store

    many = 16 if run.share > 0.01 else 2
    operations = run.count(5000)
    path = run.folder / "shared.sqlite"
    run.say(f"{many} processes, {operations} operations each")
    children = [
        run_child(run, "use_store", str(path), number, operations, run.seed)
        for number in range(many)
    ]
    start = time.monotonic()
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    lost = wrong = 0
    bad = []
    acknowledged: dict[tuple[int, int], list[int]] = {}
    for number, child in enumerate(children):
        out, error = finish(child)
        if error:
            bad.append(error)
            continue
        said = json.loads(out)
        lost, wrong = lost + said["lost"], wrong + said["wrong"]
        acknowledged |= {(number, i): value for i, value in said["kept"]}
    seconds = time.monotonic() - start
    with Store(path) as store:
        for (number, i), value in acknowledged.items():
            found = store.get(AnswerKey.of(f"P{number}", "own", i))
            lost += found is None
            wrong += found is not None and found.value != value
        wrong += len(store.verify().damaged)
    hung = bad.count("hung")
    others = [error for error in bad if error != "hung"]
    return Row(
        "16 processes put, read, replace and delete in one cache (operations)",
        many * operations,
        "every acknowledged answer is there and right; nobody waits for ever",
        f"{lost} lost, {wrong} wrong, {hung} hung, {len(others)} ended with an error; "
        f"{many * operations / seconds:.0f} operations a second"
        + (f"; {others[0]}" if others else ""),
        lost + wrong + len(bad),
    )


# -- threads of one session ------------------------------------------------------------------------


def threads_of_one_session(run: Run) -> Row:
    """Eight threads, five hundred operations each, on one session with two GAPs and one cache."""
    threads, operations = 8, run.count(500)
    names = GROUPS if operations > 50 else GROUPS[:3]
    run.say(f"{threads} threads, {operations} operations each")
    right = expected(run.folder / "cache", names)
    chance = random.Random(f"{run.seed} threads")
    wrong, errors = [], []
    with session(run.folder / "cache", in_memory=False) as shared:

        def work(choices: list[str]) -> None:
            for name in choices:
                try:
                    if answer(name, shared) != right[name]:
                        wrong.append(name)
                except Exception as error:  # noqa: BLE001 - it is what is counted
                    errors.append(f"{name}: {error}")

        work_lists = [chance.choices(names, k=operations) for _ in range(threads)]
        pool = [threading.Thread(target=work, args=(c,), daemon=True) for c in work_lists]
        for thread in pool:
            thread.start()
        for thread in pool:
            thread.join(PATIENCE)
        hung = sum(thread.is_alive() for thread in pool)
        asked = [(question, group) for question, group, _ in shared.asked]
        twice = len(asked) - len(set(asked))
        gaps = sum(worker.starts > 0 for worker in shared.pool().workers)
    return Row(
        "8 threads ask one session about groups (operations)",
        threads * operations,
        "every answer is the one that a single thread finds; GAP is asked nothing twice",
        f"{len(wrong)} wrong, {len(errors)} failed, {hung} hung, {twice} asked twice; "
        f"{len(asked)} questions to {gaps} GAPs" + (f"; {errors[0]}" if errors else ""),
        len(wrong) + len(errors) + hung + twice,
    )


# -- processes made in mid-question ----------------------------------------------------------------


class Asking:
    """A thread that asks GAP one question after the other; it says when one is under way."""

    def __init__(self, used: Session, names: Sequence[str]) -> None:
        self.session = used
        self.names = names
        self.number = 0  # of the question that GAP works on
        self.is_at_work = False
        self.group = names[0]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._ask_gap = used.ask_gap
        used.ask_gap = self._counted  # type: ignore[method-assign]

    def _counted(self, request: str, args: dict[str, Any], *, subject: str) -> Any:  # noqa: ANN401
        self.number += 1
        self.is_at_work = True
        try:
            return self._ask_gap(request, args, subject=subject)
        finally:
            self.is_at_work = False

    def _ask(self) -> None:
        turn = 0
        while not self._over.is_set():
            self.group = self.names[turn % len(self.names)]
            answer(self.group, self.session)
            self.session.forget()
            turn += 1

    def in_mid_question(self, chance: random.Random) -> int:
        """Wait until GAP works on a question, and a little longer; return its number, 0 if none."""
        while not self.is_at_work and self._thread.is_alive():
            time.sleep(0.0005)
        number = self.number
        time.sleep(chance.random() * 0.02)
        return number if self.still(number) else 0

    def still(self, number: int) -> bool:
        """Whether GAP still works on that question."""
        return self.is_at_work and self.number == number

    def __enter__(self) -> Asking:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(PATIENCE)

    @property
    def has_ended(self) -> bool:
        """Whether the thread has come to its end; read after the context."""
        return not self._thread.is_alive()


def wait_for(pid: int) -> int | None:
    """Return the exit status of a child; kill it, and return ``None``, if it waits for ever."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


def forks_in_mid_question(run: Run) -> Row:
    """A hundred forks; each child asks about the very group, and about another one."""
    count, names = run.count(100), GROUPS[:3] if run.share < 0.01 else GROUPS
    run.say(f"{count} forks in mid-question")
    right = expected(run.folder / "cache", names)
    chance = random.Random(f"{run.seed} forks")
    ends: dict[str, int] = {"right": 0, "wrong": 0, "failed": 0, "hung": 0}
    with session(run.folder / "cache") as shared, Asking(shared, names) as asking:
        while sum(ends.values()) < count and not asking.has_ended:
            number = asking.in_mid_question(chance)
            group, other = asking.group, chance.choice(names)
            pid = os.fork()
            if pid == 0:
                status = 3
                try:
                    with contextlib.suppress(Exception):
                        same = all(answer(name, shared) == right[name] for name in (group, other))
                        shared.close()
                        status = 0 if same else 2
                finally:
                    os._exit(status)
            in_the_middle = number and asking.still(number)  # else GAP had just answered
            end = wait_for(pid)
            kind = "hung" if end is None else {0: "right", 2: "wrong"}.get(end, "failed")
            ends[kind] += kind != "right" or bool(in_the_middle)
    bad = count - ends["right"] + (not asking.has_ended)
    return Row(
        "processes forked while GAP works on the question of another thread",
        count,
        "each child answers rightly, from its own GAP, and the parent's thread goes on",
        f"{ends['wrong']} wrong, {ends['failed']} failed, {ends['hung']} hung"
        + ("" if asking.has_ended else "; the parent's thread hung"),
        bad,
    )


def answer_here(name: str, group: Any, right: Answer) -> None:  # noqa: ANN401 - a tk.Group
    """Compare, in a new process, what it finds with a pickled group's session; exit by it."""
    found = answer(name, group.session)
    group.session.close()
    sys.exit(0 if found == tuple(right) else 2)


def new_processes_in_mid_question(run: Run, method: str) -> Row:
    """Twenty processes by spawn or by a fork server, with a group that has been pickled."""
    import toolkit as tk

    count, names = run.count(20), GROUPS[:3]
    run.say(f"{count} processes by {method} in mid-question")
    right = expected(run.folder / "cache", names)
    chance = random.Random(f"{run.seed} {method}")
    context: Any = multiprocessing.get_context(method)
    ends = []
    with session(run.folder / "cache") as shared, Asking(shared, names) as asking:
        for _ in range(count):
            name = chance.choice(names)
            group = tk.group(name, session=shared)
            asking.in_mid_question(chance)
            child = context.Process(target=answer_here, args=(name, group, right[name]))
            child.start()
            child.join(PATIENCE)
            ends.append(child.exitcode)
            if child.exitcode is None:
                child.kill()
                child.join()
            child.close()
    wrong, hung = ends.count(2), ends.count(None)
    failed = count - wrong - hung - ends.count(0)
    return Row(
        f"processes made by {method} while GAP works, with a pickled group",
        count,
        "each answers rightly, from its own GAP, and the parent's thread goes on",
        f"{wrong} wrong, {failed} failed, {hung} hung",
        wrong + hung + failed + (not asking.has_ended),
    )


# -- tasks -----------------------------------------------------------------------------------------


def cancelled_tasks(run: Run) -> Row:
    """A hundred tasks that are cancelled while GAP works on their question."""
    count, names = run.count(100), GROUPS[:3] if run.share < 0.01 else GROUPS
    run.say(f"{count} tasks cancelled in mid-question")
    right = expected(run.folder / "cache", names)
    chance = random.Random(f"{run.seed} tasks")
    wrong = cancelled = 0

    async def tasks(shared: Session) -> None:
        nonlocal wrong, cancelled
        for _ in range(count):
            shared.forget()
            one, two = chance.choices(names, k=2)
            task = asyncio.create_task(asyncio.to_thread(answer, one, shared))
            await asyncio.sleep(chance.random() * 0.05)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                cancelled += 1
            found = await asyncio.wait_for(asyncio.to_thread(answer, two, shared), PATIENCE)
            wrong += found != right[two]

    with session(run.folder / "cache", processes=1) as shared:
        asyncio.run(tasks(shared))
    return Row(
        "tasks of asyncio that are cancelled in mid-question, one GAP",
        count,
        "the session answers the next question, rightly",
        f"{cancelled} were cancelled in time; {wrong} wrong",
        wrong,
    )


# -- how fast --------------------------------------------------------------------------------------


def seconds_of(used: Session, names: Sequence[str], threads: int) -> float:
    """Return the seconds in which so many threads ask about all these groups."""
    import toolkit as tk

    def ask(name: str) -> None:
        _ = tk.group(name, session=used).character_table

    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(ask, names))
    return time.perf_counter() - start


def ratios(folder: Path, rounds: int, groups: int, seed: int) -> list[float]:
    """Return by how much two threads with two GAPs are faster than one, round by round.

    Both are asked about the same groups, which neither has met.
    """
    numbers = random.Random(f"{seed} throughput").sample(range(1, 232), rounds * groups)
    first = [f"SmallGroup(48,{number})" for number in (1, 2, 3, 4)]
    found = []
    with session(folder / "1", processes=1) as one, session(folder / "2", processes=2) as two:
        seconds_of(one, first, 1)
        seconds_of(two, first, 2)  # all three GAPs have started
        for turn in range(rounds):
            names = [f"SmallGroup(96,{k})" for k in numbers[turn * groups : (turn + 1) * groups]]
            works = [(one, 1), (two, 2)] if turn % 2 else [(two, 2), (one, 1)]
            took = {threads: seconds_of(used, names, threads) for used, threads in works}
            found.append(took[1] / took[2])
    return found


def throughput(run: Run) -> Row:
    """Two threads with two GAPs over one thread with one, in turns, about the same new groups."""
    rounds, groups = run.count(9), 24 if run.share > 0.01 else 4
    run.say(f"{rounds} rounds of throughput")
    found = ratios(run.folder / "cache", rounds, groups, run.seed)
    free = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0]
    return Row(
        f"two threads with two GAPs and one thread with one, {groups} new groups each, in turns",
        rounds,
        "measured, not promised: nearly twice as fast on a machine that does nothing else",
        f"{statistics.median(found):.2f} times as fast (median; {min(found):.2f} to "
        f"{max(found):.2f}); {free} processors, load {load:.1f}",
        0,
    )


def faults(run: Run) -> Iterator[Row]:
    """Yield what was tried."""
    yield processes_on_one_cache(run)
    yield threads_of_one_session(run)
    if hasattr(os, "fork"):
        yield forks_in_mid_question(run)
    for method in ("spawn", "forkserver") if run.share > 0.01 else ():
        yield new_processes_in_mid_question(run, method)
    yield cancelled_tasks(run)
    yield throughput(run)


if __name__ == "__main__":
    main(faults)
