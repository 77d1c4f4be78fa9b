"""The questions that the page has asked: queued, answered, cancelled, kept for a while."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from toolkit.explorer.server.kinds import KINDS
from toolkit.explorer.server.workers import COMMAND, AnswerError, Worker

if TYPE_CHECKING:
    from collections.abc import Sequence


class BusyError(Exception):
    """Too many questions wait; the text is a sentence."""


@dataclass(frozen=True)
class Limits:
    """The bounds of what the server does at once, and of what it keeps.

    Parameters
    ----------
    seconds
        Of one question, by its lane.
    processes
        How many questions of a lane are answered at once.
    waiting
        How many may wait, over all lanes.
    finished
        How many answers are kept.
    finished_bytes
        How much they may take together; the last one is kept in any case.
    finished_seconds
        For how long they are kept.
    idle_seconds
        After how long without questions a process is stopped.
    """

    seconds: Mapping[str, float] = field(default_factory=lambda: {"long": 300.0, "quick": 60.0})
    processes: Mapping[str, int] = field(default_factory=lambda: {"long": 2, "quick": 1})
    waiting: int = 32
    finished: int = 64
    finished_bytes: int = 64 << 20
    finished_seconds: float = 600.0
    idle_seconds: float = 900.0


class Job:
    """One question of the page.

    Parameters
    ----------
    question
        A checked question.

    Notes
    -----
    ``state`` is ``"running"`` (in the queue, too), ``"done"``, ``"failed"`` or ``"cancelled"``;
    ``revision`` grows with every change.
    """

    def __init__(self, question: Mapping[str, Any]) -> None:
        self.id = secrets.token_urlsafe(12)
        self.kind: str = question["kind"]
        self.question = json.dumps(question).encode()
        self.state = "running"
        self.progress: dict[str, Any] = {"done": 0, "total": None, "words": "waiting for its turn"}
        self.notes: list[str] = []
        self.result: bytes | None = None
        self.error: str | None = None
        self.revision = 0
        self.ended = 0.0
        self.task: asyncio.Task[None] | None = None
        self.started = False
        self._changed = asyncio.Event()

    def start(self) -> None:
        """Note that a process works on it."""
        self.started = True
        self.report({**self.progress, "words": "computing"})

    def report(self, progress: dict[str, Any]) -> None:
        """Set the progress."""
        self.progress = progress
        self._change()

    def note(self, text: str) -> None:
        """Add a sentence that the answer is to be read with."""
        self.notes.append(text)
        self._change()

    def end(self, state: str, *, result: bytes | None = None, error: str | None = None) -> None:
        """Set the state that lasts; only the first call counts."""
        if self.state != "running":
            return
        self.state, self.result, self.error = state, result, error
        self.ended = time.monotonic()
        self._change()

    async def wait(self, seen: int, seconds: float) -> None:
        """Return as soon as the revision is not ``seen``, and after so many seconds at the most."""
        if self.revision != seen or self.state != "running":
            return
        changed = self._changed
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await changed.wait()

    def wake(self) -> None:
        """Let all return that wait for a change."""
        self._changed.set()
        self._changed = asyncio.Event()

    def to_json(self) -> bytes:
        """Return what the page is told."""
        head = {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "revision": self.revision,
            "progress": self.progress,
            "notes": self.notes,
            "error": self.error,
        }
        text = json.dumps(head, separators=(",", ":")).encode()
        return text[:-1] + b',"result":' + (self.result or b"null") + b"}"

    def _change(self) -> None:
        self.revision += 1
        self.wake()


class Jobs:
    """All questions of the page, and the processes that answer them.

    Parameters
    ----------
    settings
        The first frame to each worker.
    limits
        The bounds.
    command
        The command of a worker; the usual one, if left out.

    Notes
    -----
    An asynchronous context manager: leaving it stops all processes.
    """

    def __init__(
        self, settings: bytes, limits: Limits | None = None, command: Sequence[str] = COMMAND
    ) -> None:
        self.limits = limits or Limits()
        self.workers = [
            (lane, Worker(settings, command, self.limits.idle_seconds))
            for lane, processes in self.limits.processes.items()
            for _ in range(processes)
        ]
        self._idle: dict[str, asyncio.LifoQueue[Worker]] = {}
        self._known: dict[str, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Jobs:
        for lane, worker in self.workers:
            # last in, first out: a worker that has the group in memory answers about it again
            self._idle.setdefault(lane, asyncio.LifoQueue()).put_nowait(worker)
        return self

    async def __aexit__(self, *_: object) -> None:
        for job in self._known.values():
            self.cancel(job)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(worker.stop() for _, worker in self.workers))

    def submit(self, question: Mapping[str, Any]) -> Job:
        """Queue a checked question.

        Raises
        ------
        BusyError
            If too many wait.
        """
        self._forget()
        waiting = sum(job.state == "running" and not job.started for job in self._known.values())
        if waiting >= self.limits.waiting:
            raise BusyError(
                f"{self.limits.waiting} questions are waiting: cancel some, or ask later"
            )
        job = Job(question)
        self._known[job.id] = job
        job.task = asyncio.create_task(self._answer(job))
        self._tasks.add(job.task)
        job.task.add_done_callback(self._tasks.discard)
        return job

    def find(self, name: str) -> Job | None:
        """Return the question with this id, ``None`` if there is none, or none any more."""
        self._forget()
        return self._known.get(name)

    def cancel(self, job: Job) -> None:
        """Cancel a question that runs or waits; the process that works on it is stopped."""
        if job.state == "running":
            job.end("cancelled", error="cancelled")
            if job.task is not None:
                job.task.cancel()

    def wake(self) -> None:
        """Let all return that wait for a change of some question."""
        for job in self._known.values():
            job.wake()

    async def _answer(self, job: Job) -> None:
        """Wait for a free worker of the lane, and let it answer."""
        lane = KINDS[job.kind].lane
        seconds, idle = self.limits.seconds[lane], self._idle[lane]
        worker = await idle.get()
        try:
            job.start()
            async with asyncio.timeout(seconds):
                result = await worker.answer(job.question, job.report, job.note)
            job.end("done", result=result)
        except AnswerError as error:
            job.end("failed", error=str(error))
        except TimeoutError:
            job.end(
                "failed",
                error=f"there was no answer within {seconds:g} seconds, and the question was "
                "stopped",
            )
        finally:
            idle.put_nowait(worker)

    def _forget(self) -> None:
        """Drop answers that are old, or more than are kept; the oldest first."""
        ended = [job for job in self._known.values() if job.state != "running"]
        ended.sort(key=lambda job: job.ended, reverse=True)
        now, size = time.monotonic(), 0
        for place, job in enumerate(ended):
            size += len(job.result or b"")
            old = now - job.ended > self.limits.finished_seconds
            full = place >= self.limits.finished or size > self.limits.finished_bytes
            if old or (full and place > 0):
                del self._known[job.id]
