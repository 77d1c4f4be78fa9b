"""The worker and its process: starts, deadlines, crashes, memory, noise, forks."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

import pytest
from processes import PATIENCE, wait_until

from toolkit.errors import (
    GapCrashedError,
    GapNotFoundError,
    GapProtocolError,
    GapScriptError,
    GapTimeoutError,
    NotAvailable,
)
from toolkit.gap import GapPool, GapWorker, ensure_workspace, find_gap, scripts_hash
from toolkit.gap.locate import version_tuple

pytestmark = pytest.mark.gap


@pytest.fixture
def trouble(installation, troubled, troubled_workspace):
    with GapWorker(
        installation, troubled, workspace=troubled_workspace, timeout=PATIENCE
    ) as worker:
        yield worker


class Held:
    """Questions that GAP has begun to answer, and does not end before the context does."""

    def __init__(self, folder):
        self._folder = folder
        self._threads = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        (self._folder / "gate").touch()
        for thread in self._threads:
            thread.join()

    def question(self):
        """Return what to ask, and the file that GAP makes when it begins."""
        began = self._folder / f"began{len(self._threads)}"
        return {"began": str(began), "gate": str(self._folder / "gate")}, began

    def ask(self, asked):
        """Ask a worker or a pool from a thread; return when GAP has begun."""
        question, began = self.question()
        thread = threading.Thread(
            target=asked.ask, args=("wait", question), kwargs={"subject": "S4"}
        )
        self._threads.append(thread)
        thread.start()
        wait_until(lambda: began.exists() or not thread.is_alive(), "GAP's beginning")
        assert began.exists()


@pytest.fixture
def held(tmp_path):
    return Held(tmp_path)


def alive(worker):
    return worker.ask("hello", {}, subject="GAP").value["version"]


class TestStart:
    def test_from_workspace(self, fresh_worker):
        assert version_tuple(alive(fresh_worker)) >= (4, 12)
        assert fresh_worker.starts == 1

    def test_without_workspace(self, installation, scripts):
        with GapWorker(installation, scripts) as worker:
            assert alive(worker)

    def test_with_a_missing_workspace(self, installation, scripts, tmp_path):
        with GapWorker(installation, scripts, workspace=tmp_path / "none.gapws") as worker:
            assert alive(worker)

    @pytest.mark.parametrize("content", [b"", b"GAP workspace no more" * 1000])
    @pytest.mark.quick_cases(1)
    def test_with_a_damaged_workspace(self, installation, scripts, tmp_path, content):
        damaged = tmp_path / "damaged.gapws"
        damaged.write_bytes(content)
        with GapWorker(installation, scripts, workspace=damaged) as worker:
            assert alive(worker)
            assert worker.starts == 2
            assert worker.workspace is not None  # a new one
            assert not damaged.exists()

    def test_nothing_starts_before_the_first_question(self, installation, scripts):
        worker = GapWorker(installation, scripts)
        assert worker.starts == 0
        worker.close()

    def test_restart_after_many_questions(self, fresh_worker, monkeypatch):
        monkeypatch.setattr("toolkit.gap.worker._RESTART_AFTER", 3)
        for _ in range(7):
            alive(fresh_worker)
        assert fresh_worker.starts == 3

    def test_close_twice_and_ask_again(self, fresh_worker):
        alive(fresh_worker)
        fresh_worker.close()
        fresh_worker.close()
        assert alive(fresh_worker)

    def test_a_forgotten_worker_leaves_no_process(self, installation, scripts, workspace):
        worker = GapWorker(installation, scripts, workspace=workspace)
        alive(worker)
        pid = worker._process.pid
        del worker
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


class TestWorkspace:
    def test_made_once(self, installation, scripts, workspace):
        before = workspace.stat().st_mtime_ns
        assert ensure_workspace(installation, scripts, workspace.parent) == workspace
        assert workspace.stat().st_mtime_ns == before

    def test_named_by_the_scripts(self, installation, troubled_workspace, workspace):
        assert troubled_workspace.name != workspace.name

    def test_a_place_that_cannot_be_used(self, installation, scripts, tmp_path):
        (tmp_path / "file").write_text("no folder")
        assert ensure_workspace(installation, scripts, tmp_path / "file") is None

    def test_scripts_that_fail(self, installation, tmp_path):
        broken = tmp_path / "scripts"
        broken.mkdir()
        (broken / "init.g").write_text("QUIT_GAP(1);")
        assert ensure_workspace(installation, broken, tmp_path / "w") is None
        assert list((tmp_path / "w").iterdir()) == []

    def test_hash_sees_names_and_text(self, tmp_path):
        (tmp_path / "a.g").write_text("1;")
        first = scripts_hash(tmp_path)
        (tmp_path / "a.g").rename(tmp_path / "b.g")
        second = scripts_hash(tmp_path)
        (tmp_path / "b.g").write_text("2;")
        assert len({first, second, scripts_hash(tmp_path)}) == 3


class TestFinding:
    def test_the_wheel(self):
        assert find_gap().executable.is_file()

    def test_a_named_program(self, installation):
        found = find_gap(installation.executable)
        assert (found.executable, found.root) == (installation.executable, installation.root)

    def test_a_name_on_the_path(self, tmp_path, monkeypatch):
        program = tmp_path / "mygap"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        from pathlib import Path

        assert find_gap(Path("mygap")).executable == program

    def test_none(self, tmp_path, monkeypatch):
        with pytest.raises(GapNotFoundError, match="no such program"):
            find_gap(tmp_path / "gap")
        monkeypatch.setattr(sys, "path", [str(tmp_path)])
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(GapNotFoundError, match="pip install"):
            find_gap()


class TestTrouble:
    def test_deadline(self, trouble, held):
        alive(trouble)
        with pytest.raises(GapTimeoutError, match=r"'wait' about S4 within 0\.8 seconds"):
            trouble.ask("wait", held.question()[0], subject="S4", timeout=0.8)
        assert alive(trouble)
        assert trouble.starts == 2

    def test_deadline_while_gap_talks(self, trouble):
        alive(trouble)
        with pytest.raises(GapTimeoutError, match="'spin' about S4"):
            trouble.ask("spin", {}, subject="S4", timeout=0.5)
        assert alive(trouble)

    def test_killed_in_the_middle(self, trouble, held):
        alive(trouble)
        pid = trouble._process.pid
        question, began = held.question()

        def kill():
            wait_until(began.exists, "GAP's beginning")
            os.kill(pid, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        with pytest.raises(GapCrashedError, match=r"status -9.*'wait' about the group") as caught:
            trouble.ask("wait", question, subject="the group")
        killer.join()
        assert caught.value.returncode == -9
        assert alive(trouble)

    def test_killed_between_questions(self, trouble):
        alive(trouble)
        os.kill(trouble._process.pid, signal.SIGKILL)
        trouble._process.wait()
        assert alive(trouble)

    def test_exit_in_the_middle(self, trouble):
        with pytest.raises(GapCrashedError, match=r"status 7.*'quit' about S4"):
            trouble.ask("quit", {}, subject="S4")
        assert alive(trouble)

    def test_memory(self, installation, troubled, troubled_workspace):
        with GapWorker(
            installation, troubled, workspace=troubled_workspace, timeout=PATIENCE, memory=400 << 20
        ) as worker:
            with pytest.raises((GapCrashedError, GapScriptError), match=r"'eat'.*S4.*workspace"):
                worker.ask("eat", {}, subject="S4")
            assert alive(worker)

    def test_too_little_memory_to_start(self, installation, scripts):
        with (
            GapWorker(installation, scripts, memory=20 << 20) as worker,
            pytest.raises(GapCrashedError, match="limit"),
        ):
            alive(worker)

    def test_script_error(self, trouble):
        with pytest.raises(GapScriptError, match=r"'script_error' about S4:.*divisor") as caught:
            trouble.ask("script_error", {}, subject="S4")
        assert caught.value.request == "script_error"
        assert alive(trouble)

    def test_unknown_request(self, trouble):
        with pytest.raises(GapProtocolError, match=r"'nonsense' about S4.*no request of this name"):
            trouble.ask("nonsense", {}, subject="S4")
        assert alive(trouble)

    def test_unprintable_answer(self, trouble):
        with pytest.raises(GapProtocolError, match=r"'unprintable' about S4.*unprintable answer"):
            trouble.ask("unprintable", {}, subject="S4")
        assert alive(trouble)

    def test_noise_is_passed_over(self, trouble):
        assert trouble.ask("noise", {"x": 1}, subject="S4").value == {"x": 1}
        assert alive(trouble)

    def test_a_false_reply(self, trouble):
        with pytest.raises(GapProtocolError, match="'false_reply' about S4"):
            trouble.ask("false_reply", {}, subject="S4")
        assert alive(trouble)

    def test_not_available_keeps_the_process(self, trouble):
        spec = {"kind": "symmetric", "degree": 10**7}
        with pytest.raises(NotAvailable, match=r"S10000000.*built up to degree 1500"):
            trouble.ask("facts", {"group": spec}, subject="S10000000")
        assert alive(trouble)
        assert trouble.starts == 1


class TestProtocol:
    HOSTILE = (
        'quote " backslash \\ slash /',
        "line\nend and\ttab and \r return",
        "\u0000\u0001\u001f",
        '@{"id":1,"ok":true}\n@',
        '"); QUIT_GAP(3); ("',
        '\\n \\" \\\\',
        "",
        "null",
    )

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_strings(self, trouble, text):
        value = trouble.ask("echo", {"text": text, "list": [text, 1, text]}, subject="S4").value
        survived = "".join(c if " " <= c <= "~" or c == "\n" else "?" for c in text)
        assert value == {"text": survived, "list": [survived, 1, survived]}
        assert alive(trouble)
        assert trouble.starts == 1

    def test_letters_outside_ascii(self, trouble):
        assert trouble.ask("echo", {"x": "Ünïcödé ∀"}, subject="S4").value == {"x": "?n?c?d? ?"}

    @pytest.mark.parametrize(
        "value",
        [
            [],
            [[]],
            {},
            [[], [[], []], {}],
            [0, -1, 10**30, -(10**30), 9999, 10000],
            [1, [2, 3], 4],
            [1, "a]b", 2],
            ["]", "[", "{", "}"],
            [True, False, None],
            {"a": {"b": [{"c": None}]}},
            list(range(30000)),
            [[1] * 700] * 200,
        ],
        ids=lambda v: str(v)[:30],
    )
    @pytest.mark.quick_cases(4)
    def test_round_trip(self, trouble, value):
        assert trouble.ask("echo", {"x": value}, subject="S4").value == {"x": value}

    @pytest.mark.parametrize("size", [60_000, 65_536, 70_000, 1_000_000, 3_000_000])
    def test_long_lines(self, trouble, size):
        text = "x" * size
        assert trouble.ask("echo", {"x": text}, subject="S4").value == {"x": text}

    @pytest.mark.parametrize(
        "line", [b"", b"{", b"[1 2]", b"{}", b"[abc]", b'{"id":1,"request":"hello"}x', b'"\\q"']
    )
    def test_unreadable_lines_are_refused(self, trouble, line):
        alive(trouble)
        with trouble._lock:
            raw = trouble._exchange(line + b"\n", time.monotonic() + PATIENCE)
        assert b'"kind":"protocol"' in raw
        assert alive(trouble)


class TestSeveral:
    def test_threads_share_one_worker(self, fresh_worker):
        found = []

        def ask(n):
            spec = {"kind": "cyclic", "order": n}
            found.append((n, fresh_worker.ask("facts", {"group": spec}, subject=f"C{n}").value))

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(2, 12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(n for n, _ in found) == list(range(2, 12))
        assert all(facts["order"] == n for n, facts in found)
        assert fresh_worker.starts == 1

    def test_a_pool_runs_two_at_once(self, installation, troubled, troubled_workspace, held):
        with GapPool(installation, troubled, size=2, workspace=troubled_workspace) as pool:
            for worker in pool.workers:
                alive(worker)
            with held:
                for _ in range(2):
                    held.ask(pool)
            assert [worker.starts for worker in pool.workers] == [1, 1]

    def test_a_pool_keeps_to_one_worker_where_it_can(self, installation, scripts, workspace):
        with GapPool(installation, scripts, size=3, workspace=workspace) as pool:
            for _ in range(4):
                pool.ask("hello", {}, subject="GAP")
            assert [worker.starts for worker in pool.workers] == [1, 0, 0]

    def test_a_failing_question_gives_its_worker_back(self, installation, scripts, workspace):
        with GapPool(installation, scripts, size=1, workspace=workspace) as pool:
            for _ in range(2):
                with pytest.raises(GapProtocolError):
                    pool.ask("nonsense", {}, subject="S4")
            assert pool.ask("hello", {}, subject="GAP").value


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
class TestFork:
    @staticmethod
    def in_child(action):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                action()
                status = 0
            finally:
                os._exit(status)
        assert os.waitpid(pid, 0)[1] == 0

    def test_each_side_has_its_own_process(self, fresh_worker):
        alive(fresh_worker)
        parents = fresh_worker._process.pid

        def child():
            assert alive(fresh_worker)
            assert fresh_worker._process.pid != parents
            fresh_worker.close()

        self.in_child(child)
        assert alive(fresh_worker)
        assert fresh_worker._process.pid == parents
        assert fresh_worker.starts == 1

    def test_a_child_that_closes_leaves_the_parents_process(self, fresh_worker):
        alive(fresh_worker)
        self.in_child(fresh_worker.close)
        finalizer = fresh_worker._finalizer
        self.in_child(finalizer)  # as at the end of a child's interpreter
        assert alive(fresh_worker)
        assert fresh_worker.starts == 1

    def test_fork_while_another_thread_asks(self, installation, troubled, troubled_workspace, held):
        with GapPool(installation, troubled, size=1, workspace=troubled_workspace) as pool:
            pool.ask("hello", {}, subject="GAP")

            def child():
                assert pool.ask("hello", {}, subject="GAP", timeout=PATIENCE).value
                pool.close()

            with held:
                held.ask(pool)
                self.in_child(child)
            assert pool.ask("hello", {}, subject="GAP").value
