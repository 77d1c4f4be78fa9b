"""A program that ends when this Python ends, however it ends: GAP is never left behind.

The program is held by a *keeper*, a shell that is started before it. The keeper waits on a pipe
whose other end is here alone; the program is started as a member of the keeper's process group.
When the pipe is closed, on purpose or by the kernel because this Python has ended, the keeper kills
the group: the program, all that it started, itself. There is no moment in between at which a
signal, or the end of this Python, leaves the program running:

* before the keeper runs there is no program;
* a program that was started and is not known here yet, as its start was interrupted, is in the
  group already: a new process joins the group before it becomes the program, and until then has
  its own copy of the pipe's end, so that the keeper waits for it;
* stopping kills the whole group at once, and only then waits for its members; an interrupted stop
  has killed, or leaves the pipe to be closed.

The kernel's own signal at the death of a parent (Linux's PR_SET_PDEATHSIG) is of no use here: it
comes when the *thread* that started the program ends, and must be set between fork and exec, where
Python cannot run safely if there are threads.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import weakref
from typing import IO, TYPE_CHECKING

from toolkit.forks import forget_in_child

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: What the keeper does: signals of terminals and of those who end everything pass it by.
_KEEPER = 'trap "" HUP INT QUIT TERM; read -r _; kill -s KILL -- "-$$"'
_PATIENCE = 5.0
_HELD: weakref.WeakSet[HeldProcess] = weakref.WeakSet()


class HeldProcess:
    """A program that is killed, with all that it started, when this Python ends.

    Parameters
    ----------
    command
        The program and its arguments.
    env
        Its environment; that of this process by default.
    stdin, stdout, stderr
        As for :class:`subprocess.Popen`.

    Raises
    ------
    OSError
        If the program cannot be started.

    Notes
    -----
    Any thread may start it, and end before it. A child that is forked off this Python has none of
    its pipes: it does not keep the program alive. The pipes are not buffered. An object that is
    collected ends its program, too.

    Examples
    --------
    >>> held = HeldProcess(["/bin/sleep", "1000"])
    >>> held.poll() is None
    True
    >>> held.close()
    >>> held.returncode
    -9
    """

    # also if the start is interrupted
    _owner = 0
    _process: subprocess.Popen[bytes] | None = None
    _keeper: subprocess.Popen[bytes] | None = None
    _line: _Line | None = None

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        stdin: int | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> None:
        self._owner = os.getpid()
        line = self._line = _Line()
        forget_in_child(self)
        _HELD.add(self)
        self._keeper = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER],
            stdin=line.far,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
            bufsize=0,
        )
        line.close_far()
        try:
            self._process = subprocess.Popen(
                command,
                env=env,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                process_group=self.group,
                bufsize=0,
            )
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """The number of the program's process."""
        return _started(self._process).pid

    @property
    def group(self) -> int:
        """The number of the process group: the keeper, the program and all that it started."""
        return _started(self._keeper).pid

    @property
    def returncode(self) -> int | None:
        """The exit status, negative for a signal; ``None`` while it is not known to have ended."""
        return _started(self._process).returncode

    @property
    def stdin(self) -> IO[bytes] | None:
        """The pipe to the program."""
        return _started(self._process).stdin

    @property
    def stdout(self) -> IO[bytes] | None:
        """The pipe from the program."""
        return _started(self._process).stdout

    @property
    def stderr(self) -> IO[bytes] | None:
        """The pipe from the program's standard error."""
        return _started(self._process).stderr

    def poll(self) -> int | None:
        """Return the exit status if the program has ended, else ``None``."""
        return _started(self._process).poll()

    def wait(self, seconds: float | None = None) -> int:
        """Wait for the program to end by itself, and return its exit status.

        Raises
        ------
        subprocess.TimeoutExpired
            If it takes longer.
        """
        return _started(self._process).wait(seconds)

    @property
    def runs_here(self) -> bool:
        """Whether this very Python started it, and has not waited for all of it yet."""
        members = [member for member in (self._process, self._keeper) if member is not None]
        return os.getpid() == self._owner and any(m.returncode is None for m in members)

    def kill(self) -> None:
        """End the program, all that it started and the keeper; what it wrote can still be read.

        Calling it twice does no harm, nor an interruption in the middle: the first thing that it
        does is to kill. In a forked child it does nothing.
        """
        if os.getpid() != self._owner or self._keeper is None:
            return
        if self.runs_here:  # else the number of the group may belong to another
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.group, signal.SIGKILL)
        for member in (self._process, self._keeper):
            if member is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    member.wait(_PATIENCE)

    def close(self) -> None:
        """End the program as :meth:`kill` does, and close the pipes."""
        if os.getpid() == self._owner:
            self.kill()
            self._close_pipes()

    def __del__(self) -> None:
        if os is not None:  # at the very end modules are gone: the kernel closes the pipes
            self.close()

    def leave_parent(self) -> None:
        """Close, in a forked child, what it has inherited: the program is the parent's."""
        if os.getpid() == self._owner:
            return
        for member in (self._keeper, self._process):
            if member is not None:
                member.returncode = 0  # not ours to wait for
        self._close_pipes()

    def _close_pipes(self) -> None:
        if self._line is not None:
            self._line.close()
        for stream in () if self._process is None else (self.stdin, self.stdout, self.stderr):
            if stream is not None and not stream.closed:
                with contextlib.suppress(OSError):
                    stream.close()


def _started(process: subprocess.Popen[bytes] | None) -> subprocess.Popen[bytes]:
    if process is None:
        raise ProcessLookupError("the program was not started")
    return process


class _Line:
    """The pipe on which a keeper waits; it is closed when nobody refers to it any more.

    A pipe of the keeper's Popen would not do: one that is lost before the process has ended is
    kept by the module subprocess, with its open pipes.
    """

    far = near = -1  # also if the start is interrupted

    def __init__(self) -> None:
        self.far, self.near = os.pipe()

    def close_far(self) -> None:
        """Close the end that the keeper reads from, which it has as its own."""
        far, self.far = self.far, -1
        if far >= 0:
            os.close(far)

    def close(self) -> None:
        """Close the end on whose closing the keeper waits."""
        self.close_far()
        near, self.near = self.near, -1
        if near >= 0:
            os.close(near)

    def __del__(self) -> None:
        if os is not None:
            self.close()


def kill_all() -> None:
    """Kill all held programs of this Python, which is about to end without another word."""
    groups = [held.group for held in list(_HELD) if held.runs_here]
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    end = time.monotonic() + _PATIENCE
    for group in groups:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-group, os.WNOHANG)[0] or time.monotonic() < end:
                time.sleep(0.001)


def run_to_end(command: Sequence[str], *, env: Mapping[str, str] | None, seconds: float) -> int:
    """Run a program that is asked nothing, and return its exit status; its output is dropped.

    Parameters
    ----------
    command
        The program and its arguments.
    env
        Its environment; that of this process if ``None``.
    seconds
        Time after which it is killed.

    Raises
    ------
    subprocess.TimeoutExpired
        If it takes longer.
    OSError
        If it cannot be started.

    Notes
    -----
    Whatever interrupts, the program does not outlive this call.

    Examples
    --------
    >>> run_to_end(["/bin/sh", "-c", "exit 3"], env=None, seconds=60)
    3
    """
    nothing = subprocess.DEVNULL
    held = HeldProcess(command, env=env, stdin=nothing, stdout=nothing, stderr=nothing)
    try:
        return held.wait(seconds)
    finally:
        held.close()
