"""Many processes, forks, and a process that is killed in mid-write."""

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import threading

import pytest
from processes import PATIENCE

from toolkit.store import AnswerKey, Store, full_disk
from toolkit.store import sessions as sessions_module

HAMMER = """
import sys
from pathlib import Path
from toolkit.store import AnswerKey, Provenance, Store

path, number, rounds = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
sys.stdin.readline()  # all start at once
with Store(path) as store:
    for i in range(rounds):
        own = AnswerKey.of(f"C{number}", "own", i)
        assert store.put(own, [number, i], Provenance(str(number)))
        assert store.put(AnswerKey.of("C1", "shared", i % 5), [number] * 50, Provenance())
        assert store.get(own).value == [number, i]
        shared = store.get(AnswerKey.of("C1", "shared", (i + 1) % 5))
        assert shared is None or len(set(shared.value)) == 1 and len(shared.value) == 50
    assert store.damaged == []
"""

ENDLESS = """
import sys
from pathlib import Path
from toolkit.store import AnswerKey, Provenance, Store

with Store(Path(sys.argv[1])) as store:
    for i in range(10**9):
        store.put(AnswerKey.of("C4", "q", i), [i] * 1000, Provenance())
        print(i, flush=True)
"""


def start(script, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_eight_processes_lose_nothing(path):
    rounds = 25
    workers = [start(HAMMER, path, number, rounds) for number in range(8)]
    for worker in workers:
        worker.stdin.write("\n")
        worker.stdin.flush()
    for worker in workers:
        _, errors = worker.communicate(timeout=PATIENCE)
        assert worker.returncode == 0, errors
    with Store(path) as store:
        report = store.verify()
        assert (report.checked, report.damaged) == (8 * rounds + 5, ())
        for number in range(8):
            for i in range(rounds):
                assert store.get(AnswerKey.of(f"C{number}", "own", i)).value == [number, i]


def put_one(store, number, provenance):
    with store:
        store.put(AnswerKey.of("C4", "q", number), number, provenance)


def test_a_store_is_handed_to_spawned_processes(store, provenance):
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=put_one, args=(store, 3, provenance))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == 0
    process.close()
    assert store.get(AnswerKey.of("C4", "q", 3)).value == 3


def test_a_killed_process_leaves_a_sound_file(path):
    writer = start(ENDLESS, path)
    lines = [writer.stdout.readline() for _ in range(20)]
    assert lines[-1].strip() == "19"
    writer.send_signal(signal.SIGKILL)
    rest = writer.stdout.read()  # communicate would miss what readline has read ahead
    writer.communicate(timeout=PATIENCE)
    assert writer.returncode == -signal.SIGKILL
    promised = 20 + sum(line.endswith("\n") for line in rest.splitlines(keepends=True))
    with Store(path) as store:
        report = store.verify()
        assert report.damaged == ()
        assert promised <= report.checked <= promised + 1
        for i in range(promised):
            assert store.get(AnswerKey.of("C4", "q", i)).value == [i] * 1000


def test_a_process_killed_inside_a_transaction_leaves_nothing_of_it(path, forked, provenance):
    key = AnswerKey.of("C4", "q")
    with Store(path) as store:
        store.put(key, 1, provenance)

    def child():
        def die(connection):
            connection.execute("DELETE FROM answers")
            os._exit(0)

        Store(path)._database.write(die)

    forked(child)
    with Store(path) as store:
        assert store.get(key).value == 1
        assert store.put(key, 2, provenance)


# -- forks ---------------------------------------------------------------------------------------


def test_both_sides_of_a_fork_write(store, path, forked, provenance):
    store.put(AnswerKey.of("C4", "before"), 0, provenance)

    def child():
        for i in range(20):
            store.put(AnswerKey.of("C4", "child", i), i, provenance)

    def parent():
        for i in range(20):
            store.put(AnswerKey.of("C4", "parent", i), i, provenance)

    forked(child, meanwhile=parent)
    assert len(store) == 41
    assert store.verify().damaged == ()


def test_a_child_that_outlives_the_parents_store_loses_nothing(path, provenance):
    """The parent closes its store, so SQLite tidies up, while the child is still writing."""
    store = Store(path)
    store.put(AnswerKey.of("C4", "before"), 0, provenance)
    to_child, from_parent = os.pipe()
    to_parent, from_child = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            store.put(AnswerKey.of("C4", "child", 1), 1, provenance)
            os.write(from_child, b"x")
            os.read(to_child, 1)  # the parent has closed its store
            store.put(AnswerKey.of("C4", "child", 2), 2, provenance)
            status = 0
        finally:
            os._exit(status)
    os.read(to_parent, 1)
    store.close()
    os.write(from_parent, b"x")
    _, status = os.waitpid(pid, 0)
    for end in (to_child, from_parent, to_parent, from_child):
        os.close(end)
    assert os.waitstatus_to_exitcode(status) == 0
    with Store(path) as after:
        assert {key.question for key in after} == {"before", "child"}
        assert len(after) == 3


def test_a_fork_while_another_thread_writes(store, forked, provenance):
    stop = threading.Event()
    written = []

    def write():
        while not stop.is_set():
            key = AnswerKey.of("C4", "thread", len(written))
            store.put(key, 1, provenance)
            written.append(key)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(5):

            def child(number=number):
                store.put(AnswerKey.of("C4", "child", number), number, provenance)

            forked(child)
    finally:
        stop.set()
        thread.join()
    assert len(store) == len(written) + 5
    assert store.verify().damaged == ()


def test_a_store_in_memory_is_copied_by_a_fork(forked, provenance):
    key = AnswerKey.of("C4", "q")
    with Store(None) as store:
        store.put(key, 1, provenance)

        def child():
            assert store.get(key).value == 1
            store.put(key, 2, provenance)

        forked(child)
        assert store.get(key).value == 1


def test_connections_are_closed_before_a_fork(store, forked, provenance):
    key = AnswerKey.of("C4", "q")
    store.put(key, 1, provenance)
    assert open_connections(store) == 1
    forked(lambda: None)
    assert open_connections(store) == 0
    assert store.get(key).value == 1


def test_starting_a_program_closes_nothing(store, provenance):
    store.put(AnswerKey.of("C4", "q"), 1, provenance)
    subprocess.run([sys.executable, "-S", "-c", ""], check=True)
    assert open_connections(store) == 1


def test_a_connection_from_another_process_is_neither_used_nor_closed(
    store, provenance, monkeypatch
):
    """Code that forks behind Python's back does not run the hooks: the process id tells."""
    inherited = []
    monkeypatch.setattr(sessions_module, "_INHERITED", inherited)
    key = AnswerKey.of("C4", "q")
    store.put(key, 1, provenance)
    session = store._database._session()
    first = session.connection
    session.pid = -1
    assert store.get(key).value == 1
    assert session.connection is not first
    assert inherited == [first]
    first.close()


def open_connections(store):
    return sum(session.connection is not None for session in store._database._sessions)


@pytest.mark.parametrize("threads", [1, 4])
def test_locks_are_free_after_a_fork(store, forked, provenance, threads):
    store.put(AnswerKey.of("C4", "q"), 1, provenance)
    workers = [threading.Thread(target=len, args=(store,)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    forked(lambda: store.close())
    assert sessions_module.REGISTRY.acquire(timeout=PATIENCE)
    sessions_module.REGISTRY.release()
    assert sessions_module._HELD == []


# -- a file that another process moves away --------------------------------------------------------


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN])
@pytest.mark.parametrize("way", ["read", "write"])
def test_an_error_of_a_file_that_was_moved_away_is_no_full_disk(path, provenance, code, way):
    """Another process puts a damaged file aside just while this one uses it."""
    with Store(path) as store:
        assert store.put(AnswerKey.of("C2", "q"), 2, provenance)
        calls = []

        def action(connection):
            calls.append(connection.execute("SELECT count(*) FROM sqlite_master").fetchone())
            if len(calls) == 1:
                path.rename(path.with_name("aside"))
                error = sqlite3.OperationalError("made up")
                error.sqlite_errorcode = code
                raise error
            return "done"

        assert getattr(store._database, way)(action) == "done"
        assert len(calls) == 2


def test_a_file_that_is_gone_is_not_read_without_room(path, provenance):
    def moving(target):
        path.unlink(missing_ok=True)
        return sqlite3.connect(target, uri=True)

    with pytest.raises(full_disk.ChangedError):
        full_disk.read_without_room(path, len, moving)
    with Store(path) as store:
        assert store.put(AnswerKey.of("C2", "q"), 2, provenance)
    with pytest.raises(full_disk.ChangedError):
        full_disk.read_without_room(path, len, moving)
