"""Processes that are made while GAP works: each answers from a GAP of its own."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import forkserver
from typing import TYPE_CHECKING, Any

import pytest
from processes import PATIENCE, is_running

import toolkit as tk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gated_gap import GatedGap

pytestmark = [
    pytest.mark.gap,
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]


@pytest.fixture(params=["fork", "spawn", "forkserver"])
def context(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A way to make processes."""
    if request.param not in multiprocessing.get_all_start_methods():
        pytest.skip("not on this system")
    yield multiprocessing.get_context(request.param)
    if request.param == "forkserver":
        forkserver._forkserver._stop()  # type: ignore[attr-defined]


def ask(group: tk.Group, number: int, answers: Any) -> None:
    """Ask about the very group that the parent's GAP works on, and about another one."""
    os.environ["GATE_IS_OPEN"] = "1"  # of the GAPs of this process
    found = (
        len(group.simples),
        len(tk.group(f"SmallGroup(24,{number})", session=group.session).simples),
    )
    pool = group.session.pool()
    answers.put((number, *found, [worker._process.pid for worker in pool.workers]))
    group.session.close()


@pytest.mark.slow
def test_made_in_mid_question(context: Any, gated: GatedGap, tmp_path: Path) -> None:
    gated.hold("character_table")
    with gated.session(tmp_path, processes=1) as session, ThreadPoolExecutor(1) as threads:
        G = tk.group("SmallGroup(24,3)", session=session)
        simples = threads.submit(lambda: G.simples)
        gated.wait()
        parents = session.pool().workers[0]._process
        answers = context.SimpleQueue()
        children = [context.Process(target=ask, args=(G, n, answers)) for n in (4, 12)]
        for child in children:
            child.start()
        for child in children:
            child.join(PATIENCE)
            assert child.exitcode == 0
        found = sorted(answers.get() for _ in children)
        assert [answer[:3] for answer in found] == [(4, 5, 9), (12, 5, 5)]
        assert parents.pid not in [pid for *_, pids in found for pid in pids]
        assert not any(is_running(pid) for *_, pids in found for pid in pids)
        assert gated.began == 1
        assert not simples.done()  # it was in mid-question all the time
        gated.open()
        assert len(simples.result(PATIENCE)) == 5
        assert session.pool().workers[0]._process is parents
