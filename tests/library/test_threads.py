"""Threads that share a session: several GAPs, one answer, and bounds of their own."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from processes import PATIENCE, wait_until

import toolkit as tk
from toolkit.errors import ConfigError, GapTimeoutError, NotCachedError
from toolkit.library import session as session_module
from toolkit.library.session import Session, default_session
from toolkit.library.shared_work import SharedWork

if TYPE_CHECKING:
    from pathlib import Path

    from gated_gap import GatedGap


def small(number: int, session: Session) -> tk.Group:
    return tk.group(f"SmallGroup(24,{number})", session=session)


@pytest.mark.gap
class TestQuestions:
    def test_two_threads_use_two_gaps(self, gated: GatedGap, tmp_path: Path) -> None:
        gated.hold("character_table")
        with gated.session(tmp_path, processes=2) as session, ThreadPoolExecutor(2) as threads:
            tables = [threads.submit(lambda n: small(n, session).simples, n) for n in (3, 4)]
            gated.wait(2)  # both at once, or never
            gated.open()
            assert [len(t.result(PATIENCE)) for t in tables] == [5, 9]
            assert sum(worker.starts for worker in session.pool().workers) == 2

    def test_one_gap_is_enough_for_one_thread(self, gated: GatedGap, tmp_path: Path) -> None:
        with gated.session(tmp_path, processes=3) as session:
            for n in (3, 4):
                assert small(n, session).character_table
            assert [worker.starts for worker in session.pool().workers] == [1, 0, 0]

    def test_what_all_ask_is_asked_once(self, gated: GatedGap, tmp_path: Path) -> None:
        gated.hold("character_table")
        with gated.session(tmp_path, processes=4) as session, ThreadPoolExecutor(4) as threads:
            tables = [threads.submit(lambda: small(3, session).character_table) for _ in range(4)]
            gated.wait()
            # the others have come as far as they can: to the one who asks
            wait_until(lambda: len(session._shared._awaited) == 3, "three that wait")
            gated.open()
            found = [t.result(PATIENCE) for t in tables]
            assert all(table == found[0] for table in found)
            assert [q for q, _, _ in session.asked].count("character_table") == 1
            assert gated.began == 1

    def test_in_memory_too(self, gated: GatedGap, tmp_path: Path) -> None:
        gated.hold("character_table")
        with (
            gated.session(tmp_path, processes=2, in_memory=True) as session,
            ThreadPoolExecutor(2) as threads,
        ):
            tables = [threads.submit(lambda: small(3, session).character_table) for _ in range(2)]
            gated.wait()
            wait_until(lambda: session._shared._awaited, "one that waits")
            gated.open()
            assert tables[0].result(PATIENCE) is tables[1].result(PATIENCE)
            assert [q for q, _, _ in session.asked].count("character_table") == 1

    def test_one_that_fails_lets_the_next_try(self, gated: GatedGap, tmp_path: Path) -> None:
        gated.hold("character_table")
        with gated.session(tmp_path, processes=1) as session, ThreadPoolExecutor(2) as threads:
            assert small(3, session).order == 24  # GAP has started

            def impatient() -> None:
                with session.time_limit(1.0):
                    _ = small(3, session).character_table

            first = threads.submit(impatient)
            gated.wait()
            second = threads.submit(lambda: small(3, session).character_table)
            with pytest.raises(GapTimeoutError):
                first.result(PATIENCE)
            gated.wait(2)
            gated.open()
            assert len(second.result(PATIENCE).simples) == 5

    def test_waiting_has_the_time_limit_of_who_waits(self, gated: GatedGap, tmp_path: Path) -> None:
        gated.hold("character_table")
        with gated.session(tmp_path, processes=1) as session, ThreadPoolExecutor(1) as threads:
            table = threads.submit(lambda: small(3, session).character_table)
            gated.wait()
            for same, other in ((3, "character_table"), (4, "facts")):
                with pytest.raises(GapTimeoutError, match=other), session.time_limit(0.2):
                    _ = small(same, session).character_table  # for an answer; for a free GAP
            gated.open()
            assert len(table.result(PATIENCE).simples) == 5

    def test_groups_are_shared_by_threads(self, gated: GatedGap, tmp_path: Path) -> None:
        gated.hold("character_table")
        with gated.session(tmp_path) as session, ThreadPoolExecutor(3) as threads:
            G = small(3, session)
            tables = [threads.submit(lambda: G.character_table) for _ in range(3)]
            gated.wait()
            gated.open()
            assert len({id(t.result(PATIENCE)) for t in tables}) == 1


class TestBounds:
    """Limits of one thread do not reach another, however they are left."""

    def test_they_are_those_of_the_thread(self, tmp_path: Path) -> None:
        session = Session(in_memory=True)
        inside, outside = threading.Event(), threading.Event()
        seen = []

        def limited() -> None:
            with session.time_limit(5.0), session.without_gap():
                inside.set()
                assert outside.wait(PATIENCE)
                seen.append(session.deadline)

        thread = threading.Thread(target=limited)
        thread.start()
        assert inside.wait(PATIENCE)
        assert session.deadline is None
        with session.time_limit(1000.0):  # left after the other one, which came first
            outside.set()
            thread.join()
            assert session.deadline is not None
            assert session.deadline > time.monotonic() + 500
        assert session.deadline is None
        assert seen[0] is not None

    def test_without_gap_is_for_one_thread(self, session: Session) -> None:
        with session.without_gap(), ThreadPoolExecutor(1) as threads:
            with pytest.raises(NotCachedError):
                session.ask_gap("hello", {}, subject="GAP")
            assert not threads.submit(lambda: session._bounds.get().stored_only).result()

    def test_a_deadline_can_be_set(self) -> None:
        session, other = Session(in_memory=True), Session(in_memory=True)
        session.deadline = 7.0
        assert (session.deadline, other.deadline) == (7.0, None)
        session.deadline = None
        assert session.deadline is None


def test_threads_find_one_default_session(monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2, timeout=PATIENCE)

    class Met(Session):
        def __init__(self) -> None:
            both.wait()
            super().__init__()

    monkeypatch.setattr(session_module, "_DEFAULT", {})
    monkeypatch.setattr(session_module, "Session", Met)
    with ThreadPoolExecutor(2) as threads:
        first, second = (threads.submit(default_session) for _ in range(2))
        assert first.result(PATIENCE) is second.result(PATIENCE)


def test_a_session_needs_a_gap_that_may_run() -> None:
    with pytest.raises(ConfigError, match="from 1 to 512 GAP processes are required, not 0"):
        Session(processes=0)


class TestSharedWork:
    def test_work_may_ask_for_itself(self) -> None:
        shared = SharedWork()
        assert shared.run(1, lambda: shared.run(1, lambda: 5) + 1) == 6

    def test_two_that_would_wait_for_each_other_do_not(self) -> None:
        shared = SharedWork()
        both = threading.Barrier(2, timeout=PATIENCE)

        def work(mine: int, other: int) -> str:
            def inner() -> str:
                both.wait()  # each is at work, and now asks for what the other does
                return shared.run(other, lambda: f"{mine} did {other}")

            return shared.run(mine, inner)

        with ThreadPoolExecutor(2) as threads:
            found = [threads.submit(work, *pair) for pair in ((1, 2), (2, 1))]
            results = [f.result(PATIENCE) for f in found]
        assert any(result in ("1 did 2", "2 did 1") for result in results)
        assert shared._under_way == shared._awaited == {}

    def test_an_error_is_that_of_one_thread(self) -> None:
        shared = SharedWork()
        begun, go = threading.Event(), threading.Event()

        def fail() -> int:
            begun.set()
            assert go.wait(PATIENCE)
            raise ValueError("no")

        with ThreadPoolExecutor(2) as threads:
            first = threads.submit(shared.run, 1, fail)
            assert begun.wait(PATIENCE)
            second = threads.submit(shared.run, 1, lambda: 2)
            wait_until(lambda: shared._awaited, "one that waits")
            go.set()
            with pytest.raises(ValueError, match="no"):
                first.result(PATIENCE)
            assert second.result(PATIENCE) == 2
        assert shared._under_way == shared._awaited == {}
