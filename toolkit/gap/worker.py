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
    GapTimeoutError,
    NotAvailable,
)
from toolkit.gap.workspace import base_command

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.gap.locate import GapInstallation

log = logging.getLogger("toolkit.gap")

_REPLY_MARK = b"@"
_RESTART_AFTER = 400
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
        Digits of the longest integer in it, if that is longer than Python prints; else 0.
    """

    value: Any
    seconds: float
    digits: int = 0


class GapWorker:
    """A GAP process, started at the first question and restarted after any failure.

    Parameters
    ----------
    installation
        Which GAP.
    scripts
        Folder of our GAP scripts.
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
        self._process: subprocess.Popen[bytes] | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._pid = os.getpid()
        self._stderr: collections.deque[bytes] = collections.deque(maxlen=40)
        self._drain: threading.Thread | None = None
        self._buffer = bytearray()
        self._asked = 0
        self._finalizer: weakref.finalize[..., GapWorker] = weakref.finalize(self, _nothing)

    def __enter__(self) -> GapWorker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the process; a later question starts a new one."""
        self._leave_parent()
        with self._lock:
            self._stop()

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
            Name of the question: a file of ``gap_scripts/requests``.
        args
            Its arguments, plain JSON data.
        subject
            The group's name, for messages.
        timeout
            Deadline in seconds; by default that of the worker.

        Raises
        ------
        NotAvailable
            If GAP reports that it cannot answer; with the reason.
        GapScriptError, GapTimeoutError, GapCrashedError, GapProtocolError
            If GAP fails; the worker can be used again.
        """
        seconds = self.timeout if timeout is None else timeout
        self._leave_parent()
        with self._lock:
            if self._asked >= _RESTART_AFTER:
                self._stop()
            deadline = time.monotonic() + seconds
            try:
                self._start(deadline)
                self._asked += 1
                number = self._asked
                question = {"id": number, "request": request, "args": args}
                line = json.dumps(question, separators=(",", ":"))
                raw = self._exchange(line.encode() + b"\n", deadline)
            except TimeoutError:
                self._stop()
                raise GapTimeoutError(request, subject, seconds) from None
            except OSError:
                status, said = self._stop()
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
                f"GAP's reply to {request!r} about {subject} is not of the agreed form: {error}"
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

    def _start(self, deadline: float) -> None:
        """Start the process if none runs: from the workspace, or by loading the scripts."""
        if self._process is not None and self._process.poll() is None:
            return
        self._stop()
        if self.workspace is not None and self.workspace.is_file():
            self._spawn(["-L", str(self.workspace)])
            try:
                self._exchange(_HELLO, deadline)
            except TimeoutError:
                raise
            except OSError:  # a damaged workspace, or one of another machine
                log.info("the GAP workspace %s was not loaded", self.workspace)
                self.workspace = None
                self._stop()
            else:
                return
        self._spawn([str(self.scripts / "init.g")])

    def _spawn(self, session: list[str]) -> None:
        command = [*base_command(self.installation), "-K", f"{self.memory >> 20}m"]
        process = subprocess.Popen(
            [*command, *session, str(self.scripts / "main.g")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            bufsize=0,
        )
        _limit_memory(process.pid, self.memory)
        self.starts += 1
        self._process, self._asked = process, 0
        self._watchdog = _watch(process.pid)
        self._buffer.clear()
        self._stderr.clear()
        self._finalizer.detach()
        self._finalizer = weakref.finalize(self, _discard, process, self._watchdog, os.getpid())
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise OSError("the pipes to GAP were not opened")
        os.set_blocking(process.stdin.fileno(), False)
        os.set_blocking(process.stdout.fileno(), False)
        self._drain = threading.Thread(
            target=_drain, args=(process.stderr, self._stderr), daemon=True
        )
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
                ready = selector.select(max(0.0, left))
                if not ready or left < 0:
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

    def _leave_parent(self) -> None:
        """Forget, after a fork, the process and the lock, which belong to the parent."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._lock = threading.Lock()
            self._finalizer.detach()
            process, self._process = self._process, None
            watchdog, self._watchdog = self._watchdog, None
            self._asked = 0
            for inherited in (process, watchdog):
                if inherited is not None:
                    inherited.returncode = 0  # not ours to wait for
                    _close_pipes(inherited)

    def _stop(self) -> tuple[int, str]:
        process, self._process = self._process, None
        watchdog, self._watchdog = self._watchdog, None
        self._finalizer.detach()
        self._asked = 0
        _dismiss(watchdog)
        if process is None:
            return 0, ""
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.2)
        _kill(process, os.getpid())
        if self._drain is not None:
            self._drain.join(1.0)
        _close_pipes(process)
        said = b"\n".join(self._stderr).decode("utf-8", "replace")
        return process.returncode, said


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


def _limit_memory(pid: int, memory: int) -> None:
    """Limit the memory that -K does not: of big integers, the stack and GAP's own tables.

    Linux only; GAP maps four gigabytes at its start that it does not use.
    """
    prlimit = getattr(resource, "prlimit", None)
    if prlimit is not None:
        limit = 2 * memory + (6 << 30)
        with contextlib.suppress(OSError, ValueError):
            prlimit(pid, resource.RLIMIT_AS, (limit, limit))


def _watch(pid: int) -> subprocess.Popen[bytes]:
    """Start a shell that waits for this Python to end, however it ends, and then kills GAP.

    It reads from a pipe whose other end only this process holds. An idle GAP ends by itself with
    its input; a busy one would go on computing.
    """
    return subprocess.Popen(
        ["/bin/sh", "-c", 'read -r _; kill -s KILL -- "-$1"', "sh", str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        bufsize=0,
    )


def _dismiss(watchdog: subprocess.Popen[bytes] | None) -> None:
    """Stop the watchdog, so that it does not kill GAP."""
    if watchdog is not None:
        watchdog.kill()
        watchdog.wait(5.0)
        if watchdog.stdin is not None:
            watchdog.stdin.close()


def _drain(stream: Any, into: collections.deque[bytes]) -> None:  # noqa: ANN401 - a pipe
    with contextlib.suppress(OSError, ValueError):
        for line in stream:
            into.append(line.rstrip(b"\n"))


def _nothing() -> None:
    """Stand in for :func:`_discard` while no process runs."""


def _kill(process: subprocess.Popen[bytes], owner: int) -> None:
    """Kill the process and all that it started, and wait for it; only from its own parent."""
    if os.getpid() != owner:
        return
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5.0)


def _discard(
    process: subprocess.Popen[bytes], watchdog: subprocess.Popen[bytes], owner: int
) -> None:
    """Kill the process of a worker that was not closed, and close the pipes to it."""
    if os.getpid() == owner:
        _dismiss(watchdog)
        _kill(process, owner)
        _close_pipes(process)


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None and not stream.closed:
            with contextlib.suppress(OSError):
                stream.close()
