"""Worker processes as the server sees them: started when needed, stopped when told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.explorer.server import frames

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Seconds that a worker has to stop its GAP before it is killed, which stops GAP too.
_GRACE = 3.0

#: The command of a worker.
COMMAND = (sys.executable, "-P", "-m", "toolkit.explorer.server.worker")


class AnswerError(Exception):
    """A question was not answered; the text is a sentence."""


class Worker:
    """A process that answers one question at a time.

    Parameters
    ----------
    settings
        The first frame to it; see :mod:`toolkit.explorer.server.worker`.
    command
        The program and its arguments.
    idle_seconds
        After so long without a question the process, and the GAP that it started, are stopped.

    Notes
    -----
    All methods belong to one event loop. A task that is cancelled in the middle of
    :meth:`answer` stops the process; the next question starts another.
    """

    def __init__(
        self, settings: bytes, command: Sequence[str] = COMMAND, idle_seconds: float = 900.0
    ) -> None:
        self._settings = settings
        self._command = tuple(command)
        self._idle_seconds = idle_seconds
        self._process: asyncio.subprocess.Process | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def pid(self) -> int | None:
        """The number of the process, ``None`` while there is none."""
        return None if self._process is None else self._process.pid

    async def answer(
        self,
        question: bytes,
        on_progress: Callable[[dict[str, Any]], None],
        on_note: Callable[[str], None],
    ) -> bytes:
        """Return the answer to a question, as JSON.

        Parameters
        ----------
        question
            JSON of a checked question.
        on_progress
            Called with ``done``, ``total`` and ``words``.
        on_note
            Called with a sentence that the answer is to be read with.

        Raises
        ------
        AnswerError
            If there is no answer, or the process ended.
        """
        if self._rest is not None:
            self._rest.cancel()
        try:
            process = await self._started()
            return await self._exchange(process, question, on_progress, on_note)
        except (OSError, asyncio.IncompleteReadError):
            await self.stop()
            raise AnswerError(
                "the process that computes ended before it answered: ask again, or ask for less"
            ) from None
        except AnswerError:
            raise
        except BaseException:
            await self.stop()
            raise
        finally:
            loop = asyncio.get_running_loop()
            self._rest = loop.call_later(self._idle_seconds, self._end_idle)

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        await self.stop()
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
            start_new_session=True,  # the terminal's Ctrl-C is for the server
        )
        self._process = process
        await _send(process, "s", self._settings)
        return process

    async def _exchange(
        self,
        process: asyncio.subprocess.Process,
        question: bytes,
        on_progress: Callable[[dict[str, Any]], None],
        on_note: Callable[[str], None],
    ) -> bytes:
        await _send(process, "q", question)
        if process.stdout is None:
            raise OSError("the pipe from the worker was not opened")
        while True:
            letter, body = await frames.read_from(process.stdout)
            if letter == "a":
                return body
            if letter == "e":
                raise AnswerError(json.loads(body))
            if letter == "p":
                on_progress(json.loads(body))
            else:
                on_note(json.loads(body))

    async def stop(self) -> None:
        """Stop the process and its GAP; the next question starts another."""
        if self._rest is not None:
            self._rest.cancel()
        process, self._process = self._process, None
        if process is not None:
            await _end(process)
        await asyncio.gather(*self._ending)

    def _end_idle(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            task = asyncio.create_task(_end(process))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Stop a process: it has a moment to stop its GAP, and is killed then."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_GRACE):
            await process.wait()
    except TimeoutError:
        pass
    finally:  # also if this task is cancelled a second time
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    await process.wait()
    if process.stdin is not None:
        process.stdin.close()
        with contextlib.suppress(OSError):
            await process.stdin.wait_closed()


async def _send(process: asyncio.subprocess.Process, letter: str, body: bytes) -> None:
    if process.stdin is None:
        raise OSError("the pipe to the worker was not opened")
    process.stdin.write(frames.packed(letter, body))
    await process.stdin.drain()


def _environment() -> dict[str, str]:
    """Return the environment of a worker: it imports this very toolkit."""
    here = str(Path(__file__).resolve().parents[3])
    others = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (here, others)))}
