"""Tasks of asyncio: several GAPs, and a session that can be used after a task was cancelled."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from processes import PATIENCE, is_running, wait_until

import toolkit as tk
from toolkit.errors import GapStoppedError, GapTimeoutError

if TYPE_CHECKING:
    from pathlib import Path

    from gated_gap import GatedGap

pytestmark = pytest.mark.gap


def simples(number: int, session: tk.Session) -> int:
    return len(tk.group(f"SmallGroup(24,{number})", session=session).simples)


async def at_gate(gated: GatedGap, count: int = 1) -> None:
    await asyncio.to_thread(gated.wait, count)


class TestToThread:
    """What asyncio itself has."""

    def test_two_tasks_use_two_gaps(self, gated: GatedGap, tmp_path: Path) -> None:
        gated.hold("character_table")

        async def both(session: tk.Session) -> list[int]:
            tasks = [asyncio.create_task(asyncio.to_thread(simples, n, session)) for n in (3, 4)]
            await at_gate(gated, 2)
            gated.open()
            return await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)

        with gated.session(tmp_path, processes=2) as session:
            assert asyncio.run(both(session)) == [5, 9]

    def test_a_cancelled_task_leaves_a_usable_session(
        self, gated: GatedGap, tmp_path: Path
    ) -> None:
        gated.hold("character_table")

        async def one(session: tk.Session) -> int:
            task = asyncio.create_task(asyncio.to_thread(simples, 3, session))
            await at_gate(gated)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            gated.open()
            return await asyncio.wait_for(asyncio.to_thread(simples, 4, session), PATIENCE)

        with gated.session(tmp_path, processes=1) as session:
            assert asyncio.run(one(session)) == 9

    def test_limits_hold_in_the_task_and_not_in_others(
        self, gated: GatedGap, tmp_path: Path
    ) -> None:
        gated.hold("character_table")

        async def limited(session: tk.Session) -> None:
            with session.time_limit(0.3):
                await asyncio.to_thread(simples, 3, session)

        async def both(session: tk.Session) -> int:
            await asyncio.to_thread(lambda: session.hello())
            other = asyncio.create_task(asyncio.to_thread(simples, 4, session))
            await at_gate(gated)
            with pytest.raises(GapTimeoutError):
                await limited(session)
            gated.open()
            return await asyncio.wait_for(other, PATIENCE)

        with gated.session(tmp_path, processes=2) as session:
            assert asyncio.run(both(session)) == 9


class TestInThread:
    """Ours stops GAP."""

    def test_a_cancelled_task_stops_its_gap(self, gated: GatedGap, tmp_path: Path) -> None:
        gated.hold('"index":3')
        met: list[BaseException] = []

        def asking(session: tk.Session) -> None:
            try:
                simples(3, session)
            except BaseException as error:
                met.append(error)
                raise

        async def one(session: tk.Session) -> int:
            await tk.in_thread(session.hello)
            gap = session.pool().workers[0]._process
            task = asyncio.create_task(tk.in_thread(asking, session))
            await at_gate(gated)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            found = await asyncio.wait_for(tk.in_thread(simples, 4, session), PATIENCE)
            assert not is_running(gap.pid)
            return found  # and the gate was never opened

        with gated.session(tmp_path, processes=1) as session:
            assert asyncio.run(one(session)) == 9
        assert [type(error) for error in met] == [GapStoppedError]
        assert "about SmallGroup(24,3) was cancelled" in str(met[0])

    def test_so_does_one_that_waits_for_a_gap_or_for_an_answer(
        self, gated: GatedGap, tmp_path: Path
    ) -> None:
        gated.hold("character_table")
        met = []

        def asking(number: int, session: tk.Session) -> None:
            try:
                simples(number, session)
            except GapStoppedError as error:
                met.append(error)

        async def three(session: tk.Session) -> int:
            first = asyncio.create_task(asyncio.to_thread(simples, 3, session))
            await at_gate(gated)
            for number in (3, 4):  # the same question; another one, for which no GAP is free
                task = asyncio.create_task(tk.in_thread(asking, number, session))
                await asyncio.sleep(0.1)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            await asyncio.to_thread(wait_until, lambda: len(met) == 2, "both that were cancelled")
            gated.open()
            return await asyncio.wait_for(first, PATIENCE)

        with gated.session(tmp_path, processes=1) as session:
            assert asyncio.run(three(session)) == 5
        assert gated.began == 1

    def test_what_others_want_too_is_asked_again(self, gated: GatedGap, tmp_path: Path) -> None:
        gated.hold("character_table")

        async def two(session: tk.Session) -> int:
            first = asyncio.create_task(tk.in_thread(simples, 3, session))
            await at_gate(gated)
            second = asyncio.create_task(tk.in_thread(simples, 3, session))
            await asyncio.to_thread(
                wait_until, lambda: session._shared._awaited, "the one that waits"
            )
            first.cancel()
            await at_gate(gated, 2)
            gated.open()
            return await asyncio.wait_for(second, PATIENCE)

        with gated.session(tmp_path, processes=1) as session:
            assert asyncio.run(two(session)) == 5

    def test_values_and_errors_are_handed_on(self) -> None:
        def divide(a: int, *, by: int) -> tuple[int, int]:
            return a // by, threading.get_ident()

        async def run() -> tuple[int, int]:
            with pytest.raises(ZeroDivisionError):
                await tk.in_thread(divide, 1, by=0)
            return await tk.in_thread(divide, 7, by=2)

        number, thread = asyncio.run(run())
        assert number == 3
        assert thread != threading.get_ident()
