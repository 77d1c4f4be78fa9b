"""What SIGINT and SIGTERM do to a command: it ends at once, with one line, and leaves nothing.

The first signal raises :class:`Stopped` in the main thread: what is open is closed on the way out.
Others that follow at once are the same wish. A thread sees to it that the process ends in any
case: in a computation that does not return to Python, where an interruption was lost in a library,
or where closing takes too long. What is on disk bears that, and programs that were started are
ended by the kernel's help (:mod:`toolkit.gap.process`).

A signal that was ignored when the command began stays ignored, as for every program that a script
starts in the background.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)

#: Seconds in which the main thread must return to Python.
_TO_NOTICE = 1.0
#: Seconds in which a command must have closed what is open.
_TO_CLOSE = 3.0
#: A signal that comes later than so many seconds after the first ends the process as it is.
_HURRY = 2.0
_BEAT = 0.05
_AGAIN = b"\0"


class Stopped(KeyboardInterrupt):
    """The command was told to stop.

    Parameters
    ----------
    number
        The signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class Stopping:
    """The signals of one command, from its beginning to the end of the process."""

    def __init__(self) -> None:
        #: The signal that came first, if one came.
        self.number: int | None = None
        #: Seconds in which the command must have closed what is open.
        self.patience = _TO_CLOSE
        self._since = 0.0
        self._status: int | None = None
        self._spoken = threading.Lock()
        self._seen = threading.Event()
        self._ours: list[int] = []
        self._pipe = (-1, -1)

    @property
    def status(self) -> int:
        """The exit status of a command that was stopped."""
        return 128 + (self.number or signal.SIGINT)

    def run(self, command: Callable[[], int], said: Callable[[str, int], int]) -> int:
        """Run a command, and return its exit status.

        Parameters
        ----------
        command
            Returns its exit status.
        said
            Prints the line that a stopped command ends with, and returns the status.
        """
        status: int | None = None
        # only the first signal raises anything, hence there is at most one of these exceptions
        try:
            try:
                self._begin()
                status = command()
            except KeyboardInterrupt:
                status = said("stopped", self.status) if status is None else status
            self._status = status
        except KeyboardInterrupt:
            status = said("stopped", self.status) if status is None else status
            self._status = status
        if self.number is not None:
            self._leave(status)
        return status

    def may_speak(self) -> bool:
        """Whether the last line of the command is still to be printed; the first to ask prints."""
        return not self._ours or self._spoken.acquire(blocking=False)

    # the signals ----------------------------------------------------------------------------

    def _begin(self) -> None:
        import atexit

        self._ours = [n for n in SIGNALS if signal.getsignal(n) is not signal.SIG_IGN]
        for number in self._ours:
            signal.signal(number, self._handle)
        atexit.register(self._finish)  # the first to be registered: the last to be called
        sys.unraisablehook = self._unraisable
        self._pipe = os.pipe()
        for end in self._pipe:
            os.set_inheritable(end, False)
        os.set_blocking(self._pipe[1], False)
        signal.set_wakeup_fd(self._pipe[1], warn_on_full_buffer=False)
        threading.Thread(target=self._watch, name="stopping", daemon=True).start()

    def _finish(self) -> None:
        """Ignore signals while Python takes itself apart: all has been done and said."""
        for number in self._ours:
            signal.signal(number, signal.SIG_IGN)

    def _handle(self, number: int, _: FrameType | None) -> None:
        if self._status is not None:
            os._exit(self._status)  # all has been said; something hinders Python from ending
        if self.number is None:
            self.number, self._since = number, time.monotonic()
            self._seen.set()
            raise Stopped(number)
        if time.monotonic() - self._since > _HURRY:
            self._end()

    def _unraisable(self, lost: sys.UnraisableHookArgs) -> None:
        """Raise an interruption again that Python has dropped, as in a ``__del__``."""
        if issubclass(lost.exc_type, KeyboardInterrupt):
            with contextlib.suppress(OSError):
                os.write(self._pipe[1], _AGAIN)
        elif self.number is None:
            sys.__unraisablehook__(lost)

    # the thread that sees to it -------------------------------------------------------------

    def _watch(self) -> None:
        told, since, lent = 0, 0.0, 0.0
        while True:
            now = time.monotonic()
            if told and signal.getsignal(told) != self._handle:
                lent = now  # to another's handler, as that of a server, which has time to close
            noticed = self._seen.is_set() or lent == now
            end = since + self.patience if noticed else max(since, lent) + _TO_NOTICE
            if told and now > end:
                self.number = self.number or told
                self._end()
            if not select.select([self._pipe[0]], [], [], _BEAT if told else None)[0]:
                continue
            found = os.read(self._pipe[0], 64)
            for number in found:
                if not told and number in self._ours:
                    told, since = number, time.monotonic()
            if _AGAIN in found and told and self._status is None:
                time.sleep(0.01)  # the main thread leaves what has dropped the exception
                self.number = None
                signal.pthread_kill(threading.main_thread().ident or 0, told)

    def _leave(self, status: int) -> None:
        """End the process after all was closed, without Python taking itself apart.

        A library's thread that still computes would make that a crash, or hinder it.
        """
        import atexit

        with contextlib.suppress(BaseException):
            atexit._run_exitfuncs()
        os._exit(status)

    def _end(self) -> None:
        """End the process as it is; programs that it started first."""
        started = sys.modules.get("toolkit.gap.process")
        if started is not None:
            started.kill_all()
        if self._status is None and self.may_speak():
            line = b"plrep: stopped\n"
            with contextlib.suppress(OSError):
                os.write(2, b"\r\x1b[K" + line if os.isatty(2) else line)
        os._exit(self.status if self._status is None else self._status)


#: The signals of this process's command.
STOPPING = Stopping()
