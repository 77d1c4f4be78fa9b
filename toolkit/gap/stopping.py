"""The switch by which another thread ends what this one asks of GAP."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading

#: Set for what one call asks; ``None`` where nothing can stop it.
STOP: ContextVar[threading.Event | None] = ContextVar("stop of questions", default=None)

#: What waits with a switch looks at it this often.
SECONDS_BETWEEN_LOOKS = 0.05


class StoppedError(Exception):
    """The switch was turned."""


def longest_wait(seconds: float | None) -> float | None:
    """Return how long to wait before looking at the switch; raise if it was turned.

    Parameters
    ----------
    seconds
        How long to wait at all; ``None`` for ever.

    Raises
    ------
    StoppedError
        If the switch of this thread or task is on.

    Examples
    --------
    >>> longest_wait(2.0), longest_wait(None)
    (2.0, None)
    """
    stop = STOP.get()
    if stop is None:
        return seconds
    if stop.is_set():
        raise StoppedError
    return SECONDS_BETWEEN_LOOKS if seconds is None else min(seconds, SECONDS_BETWEEN_LOOKS)
