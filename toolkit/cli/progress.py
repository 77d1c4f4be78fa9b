"""A progress line on the terminal while something takes longer than two seconds."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Self

from toolkit.library.questions import QUESTION_WORDS
from toolkit.text import shortened

if TYPE_CHECKING:
    from types import TracebackType

_DELAY = 2.0
_BEAT = 0.2


class Progress:
    """A progress line on stderr; silent unless stderr is a terminal.

    Parameters
    ----------
    wanted
        Whether anything may be shown at all.

    Notes
    -----
    :meth:`question` fits the attribute ``on_question`` of a session, :meth:`count` the ``progress``
    arguments of the store. Nothing is started, and tqdm is not imported, before two seconds
    have passed.
    """

    def __init__(self, *, wanted: bool = True) -> None:
        self._on = wanted and bool(getattr(sys.stderr, "isatty", lambda: False)())
        self._start = time.monotonic()
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._thread: threading.Thread | None = None
        self._bar: Any = None
        self._text = ""
        self._questions = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def question(self, question: str, group: str) -> None:
        """Show the question that GAP is asked."""
        self._questions += 1
        self.say(f"GAP: {QUESTION_WORDS.get(question, question)} of {shortened(group, 40)}")

    def say(self, text: str) -> None:
        """Show what the command waits for."""
        if not self._on:
            return
        with self._lock:
            self._text = text
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()

    def count(self, done: int, total: int, what: str = "answers") -> None:
        """Show how many of how many are done, the rate, and the time left."""
        if not self._on or (self._bar is None and time.monotonic() - self._start < _DELAY):
            return
        with self._lock:
            if self._bar is None:
                self._bar = _bar(total=total, desc=what, initial=done)
            self._bar.n = done
            self._bar.refresh()

    @property
    def is_shown(self) -> bool:
        """Whether there is a terminal to show it on."""
        return self._on

    def share(self, done: float, text: str) -> None:
        """Show which share is done, from 0.0 to 1.0, with words behind it."""
        if not self._on or (self._bar is None and time.monotonic() - self._start < _DELAY):
            return
        with self._lock:
            if self._bar is None:
                self._bar = _bar(total=1.0, bar_format="{percentage:3.0f}% |{bar:16}| {desc}")
            self._bar.n = done
            self._bar.set_description_str(text)

    def hide(self) -> None:
        """Clear the progress line, so that something can be printed."""
        with self._lock:
            if self._bar is not None:
                self._bar.clear()

    def close(self) -> None:
        """Remove the progress line."""
        self._done.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _watch(self) -> None:
        if self._done.wait(_DELAY):
            return
        with self._lock:
            self._bar = _bar(total=None, bar_format="{desc} [{elapsed}]", delay=0.01)
            self._bar.start_t = self._start + time.time() - time.monotonic()
        turns = 0
        while not self._done.wait(_BEAT):
            with self._lock:
                turns += 1
                more = f", question {self._questions}" if self._questions > 1 else ""
                self._bar.set_description_str(f"{'|/-'[turns % 3]} {self._text}{more}")


def _bar(**options: Any) -> Any:  # noqa: ANN401 - tqdm's own options
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread of its own
    return tqdm(file=sys.stderr, leave=False, dynamic_ncols=True, **options)
