"""One GAP child process that answers questions: JSON lines in, JSON lines out.

A question has a deadline and a memory cap. Every failure (a crash, a time-out, too little memory,
output that is no reply) becomes a typed error that names the group and the question; the next
question starts a fresh process.
"""

from __future__ import annotations

import collections
import contextlib
import json
import logging
import os
import resource
import selectors
import signal
import subprocess
import threading
import time
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.errors import (
    GapCrashedError,
    GapProtocolError,
    GapScriptError,
    GapStoppedError,
    GapTimeoutError,
    NotAvailable,
)
from toolkit.forks import forget_in_child
from toolkit.gap.process import HeldProcess
from toolkit.gap.stopping import StoppedError, longest_wait
from toolkit.gap.workspace import Soundness, base_command, replace_workspace, saved_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.gap.locate import GapInstallation

log = logging.getLogger("toolkit.gap")

_REPLY_MARK = b"@"
_RESTART_AFTER = 400
#: Seconds in which a GAP that is not needed any more may clean up after itself.
_FAREWELL = 0.2
#: Seconds in which a GAP that has closed its output ends, so that its status is known.
_LAST_WORDS = 2.0
#: Seconds in which GAP loads a saved session, which takes it one, if there is time to do without.
_LONGEST_LOAD = 30.0
#: Signals that a process gets from others, not by its own fault.
_FROM_OTHERS = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP)
#: Fewer than Python's own limit may be set to.
_DIGITS_AT_ONCE = 600
_HELLO = b'{"id":0,"request":"hello","args":{}}\n'


@dataclass(frozen=True, slots=True)
class GapReply:
    """A reply of GAP.

    Parameters
    ----------
    value
        The answer, as plain JSON data.
    seconds
        The time that GAP spent on it.
    digits
        The number of digits of the longest integer in it, if that exceeds Python's limit for
        printing; else 0.

    Examples
    --------
    >>> from toolkit.gap import GapReply
    >>> reply = GapReply(value={"order": 24}, seconds=0.01)
    >>> reply.value["order"], reply.digits
    (24, 0)
    """

    value: Any
    seconds: float
    digits: int = 0


class GapWorker:
    """A GAP process, started at the first question and restarted after any failure.

    Parameters
    ----------
    installation
        The GAP to start.
    scripts
        The folder of the toolkit's GAP scripts.
    workspace
        Saved session to start from, or ``None`` to load the scripts at every start.
    timeout
        Default deadline of a question, in seconds.
    memory
        Memory cap of the process, in bytes.

    Notes
    -----
    Threads may share a worker: questions queue. A worker is a context manager; one that is not
    closed is stopped when it is collected or the interpreter ends.
    """

    def __init__(
        self,
        installation: GapInstallation,
        scripts: Path,
        *,
        workspace: Path | None = None,
        timeout: float = 300.0,
        memory: int = 4 << 30,
    ) -> None:
        self.installation = installation
        self.scripts = scripts
        self.workspace = workspace
        self.timeout = timeout
        self.memory = memory
        self.starts = 0
        self._lock = threading.Lock()
        self._process: HeldProcess | None = None
        self._stderr: collections.deque[bytes] = collections.deque(maxlen=40)
        self._drain: threading.Thread | None = None
        self._buffer = bytearray()
        self._asked = 0
        self._finalizer: weakref.finalize[..., GapWorker] = weakref.finalize(self, _nothing)
        forget_in_child(self)

    def __enter__(self) -> GapWorker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the process; a later question starts a new one."""
        with self._lock:
            self._stop(_FAREWELL)

    def ask(
        self,
        request: str,
        args: dict[str, Any],
        *,
        subject: str,
        timeout: float | None = None,
    ) -> GapReply:
        """Ask one question and return GAP's answer.

        Parameters
        ----------
        request
            The name of the question: a file in ``gap_scripts/requests``.
        args
            Its arguments, plain JSON data.
        subject
            The group's name, for messages.
        timeout
            The deadline in seconds; by default the worker's.

        Raises
        ------
        NotAvailable
            If GAP reports that it cannot answer; the message gives the reason.
        GapScriptError, GapTimeoutError, GapCrashedError, GapProtocolError
            If GAP fails; the worker can be used again.
        GapStoppedError
            If the task that asks was cancelled (:func:`toolkit.in_thread`).
        """
        seconds = self.timeout if timeout is None else timeout
        with self._lock:
            if self._asked >= _RESTART_AFTER:
                self._stop(_FAREWELL)
            deadline = time.monotonic() + seconds
            try:
                deadline = self._start(deadline)
                self._asked += 1
                number = self._asked
                question = {"id": number, "request": request, "args": args}
                line = json.dumps(question, separators=(",", ":"))
                raw = self._exchange(line.encode() + b"\n", deadline)
            except StoppedError:
                self._stop()
                raise GapStoppedError(request, subject) from None
            except TimeoutError:
                self._stop()
                raise GapTimeoutError(request, subject, seconds) from None
            except _KilledError as killed:
                raise GapCrashedError(request, subject, killed.status, killed.said) from None
            except OSError:
                status, said = self._stop(_LAST_WORDS)
                raise GapCrashedError(request, subject, status, said) from None
            except BaseException:
                self._stop()
                raise
            return self._read_reply(raw, number, request, subject)

    def _read_reply(self, raw: bytes, number: int, request: str, subject: str) -> GapReply:
        try:
            reply, digits = _loads(raw)
            if reply["ok"] and reply["id"] == number:
                return GapReply(reply["value"], reply["ms"] / 1000, digits)
            kind, message = reply["kind"], " ".join(reply["message"].split())
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            self._stop()
            raise GapProtocolError(
                f"GAP's reply to {request!r} about {subject} does not have the agreed form: {error}"
            ) from None
        said = message.removeprefix("Error, ").removeprefix("TK:").strip()
        if kind in ("not_available", "no_group"):
            refused = NotAvailable(subject, request.replace("_", " "), said)
            refused.concerns_group = kind == "no_group"
            raise refused
        if kind == "protocol":
            self._stop()
            raise GapProtocolError(f"GAP could not read {request!r} about {subject}: {said}")
        # an error may leave half-made objects behind in the session
        self._stop()
        raise GapScriptError(request, subject, said or "no message")

    def _start(self, deadline: float) -> float:
        """Start the process if none runs: from the workspace, or by loading the scripts.

        Returns the deadline, later by the time that a damaged workspace and a new one took.
        """
        if self._process is not None and self._process.poll() is None:
            return deadline
        self._stop()
        if self.workspace is not None and not self.workspace.is_file():
            self.workspace = saved_workspace(self.installation, self.scripts, self.workspace.parent)
        for may_replace in (True, False):
            if self.workspace is None:
                break
            began, soundness = time.monotonic(), Soundness(self.workspace)
            self._spawn(["-L", str(self.workspace)])
            if soundness.found():  # GAP takes longer to load it
                # a GAP that hangs as it loads it leaves time for one that loads the scripts
                now = time.monotonic()
                may_give_up = deadline - now > 2 * _LONGEST_LOAD
                try:
                    self._exchange(_HELLO, now + _LONGEST_LOAD if may_give_up else deadline)
                except TimeoutError:
                    if not may_give_up:
                        raise
                    self._stop()
                    self.workspace = None
                    break
                except OSError:  # one of another machine
                    status, said = self._stop(_LAST_WORDS)
                    if status in _FROM_OTHERS:
                        raise _KilledError(status, said) from None
                    why = " ".join(said.split()) or f"GAP ended with status {status}"
                else:
                    return deadline
            else:  # with it GAP may do anything, or nothing for ever
                self._stop()
                why = "its checksum does not match"
            damaged, self.workspace = self.workspace, None
            if not damaged.is_file():  # another process has put its own in this place
                self.workspace = saved_workspace(self.installation, self.scripts, damaged.parent)
            elif may_replace:
                self.workspace = replace_workspace(self.installation, self.scripts, damaged, why)
            deadline += time.monotonic() - began
        self._spawn([str(self.scripts / "init.g")])
        return deadline

    def _spawn(self, session: list[str]) -> None:
        command = [*base_command(self.installation), "-K", f"{self.memory >> 20}m"]
        pipe = subprocess.PIPE
        held = self._process = HeldProcess(
            [*command, *session, str(self.scripts / "main.g")], stdin=pipe, stdout=pipe, stderr=pipe
        )
        self._finalizer.detach()
        self._finalizer = weakref.finalize(self, held.close)
        _limit_memory(held.pid, self.memory)
        self.starts += 1
        self._asked = 0
        self._buffer.clear()
        self._stderr.clear()
        if held.stdin is None or held.stdout is None or held.stderr is None:
            raise OSError("the pipes to GAP were not opened")
        os.set_blocking(held.stdin.fileno(), False)
        os.set_blocking(held.stdout.fileno(), False)
        self._drain = threading.Thread(target=_drain, args=(held.stderr, self._stderr), daemon=True)
        self._drain.start()

    def _exchange(self, data: bytes, deadline: float) -> bytes:
        """Write ``data``, then return the first marked line; keep the others for error messages."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise _EndedError
        view = memoryview(data)
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            selector.register(process.stdin, selectors.EVENT_WRITE)
            while True:
                left = deadline - time.monotonic()
                ready = selector.select(longest_wait(max(0.0, left)))
                if left < 0 or (not ready and deadline <= time.monotonic()):
                    raise TimeoutError
                for key, _ in ready:
                    if key.fileobj is process.stdin:
                        view = view[os.write(process.stdin.fileno(), view[: 1 << 16]) :]
                        if not view:
                            selector.unregister(process.stdin)
                        continue
                    chunk = os.read(process.stdout.fileno(), 1 << 20)
                    if not chunk:
                        raise _EndedError
                    start = len(self._buffer)
                    self._buffer += chunk
                    while (end := self._buffer.find(b"\n", start)) >= 0:
                        line = bytes(self._buffer[:end])
                        del self._buffer[: end + 1]
                        start = 0
                        if line.startswith(_REPLY_MARK):
                            return line[1:]
                        if line:
                            self._stderr.append(line)

    def leave_parent(self) -> None:
        """Forget, after a fork, the process and the lock, which belong to the parent."""
        self._lock = threading.Lock()
        self._finalizer.detach()
        held, self._process = self._process, None
        self._asked = 0
        if held is not None:
            held.leave_parent()

    def _stop(self, patience: float = 0.0) -> tuple[int, str]:
        """Kill GAP, at once or if it has not ended after so many seconds.

        Returns its exit status and the last lines that it printed.
        """
        held = self._process
        self._asked = 0
        if held is None:
            return 0, ""
        try:
            if patience:
                if held.stdin is not None:
                    with contextlib.suppress(OSError):
                        held.stdin.close()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    held.wait(patience)
        finally:
            held.kill()  # if this is interrupted, too, the finalizer and the keeper still hold it
        if self._drain is not None:
            self._drain.join(1.0)
        held.close()
        self._process = None
        self._finalizer.detach()
        said = b"\n".join(self._stderr).decode("utf-8", "replace")
        return held.returncode or 0, said


def _loads(raw: bytes) -> tuple[Any, int]:
    """Read JSON; integers of more digits than Python reads from text at once are put together.

    Returns the data, and the number of digits of the longest such integer, 0 if there is none.
    """
    try:
        return json.loads(raw), 0
    except ValueError:
        longest = 0

        def integer(digits: str) -> int:
            nonlocal longest
            longest = max(longest, len(digits.removeprefix("-")))
            return _integer(digits)

        return json.loads(raw, parse_int=integer), longest


def _integer(digits: str) -> int:
    """Return the integer of any number of digits.

    Examples
    --------
    >>> _integer("-" + "7" * 9000) == -(10**9000 - 1) // 9 * 7
    True
    """
    if len(digits) <= _DIGITS_AT_ONCE:
        return int(digits)
    if digits[0] == "-":
        return -_integer(digits[1:])
    low = len(digits) // 2
    power: int = 10**low
    return _integer(digits[:-low]) * power + _integer(digits[-low:])


class _EndedError(OSError):
    """The process closed its output."""


class _KilledError(Exception):
    """The process was killed before it said that it is ready."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(status, said)
        self.status = status
        self.said = said


def _limit_memory(pid: int, memory: int) -> None:
    """Limit the memory that -K does not: of big integers, the stack and GAP's own tables.

    Linux only; GAP maps four gigabytes at its start that it does not use.
    """
    prlimit = getattr(resource, "prlimit", None)
    if prlimit is not None:
        limit = 2 * memory + (6 << 30)
        with contextlib.suppress(OSError, ValueError):
            prlimit(pid, resource.RLIMIT_AS, (limit, limit))


def _drain(stream: Any, into: collections.deque[bytes]) -> None:  # noqa: ANN401 - a pipe
    with contextlib.suppress(OSError, ValueError):
        for line in stream:
            into.append(line.rstrip(b"\n"))


def _nothing() -> None:
    """Stand in for what ends a process while none runs."""
