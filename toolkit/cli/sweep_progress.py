"""What ``plrep sweep`` shows on the way: one line on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from toolkit.text import counted

if TYPE_CHECKING:
    from toolkit.catalog.sweeps.pace import SweepProgress
    from toolkit.cli.progress import Progress

#: Seconds between two lines where stderr is no terminal.
BETWEEN_LINES = 60.0


class SweepLines:
    """Shows how far a sweep has come.

    Parameters
    ----------
    progress
        The progress line of the command.
    wanted
        Whether anything may be shown at all.

    Notes
    -----
    Where stderr is a terminal, there is one line, which changes. Where it is a file or a pipe, a
    line is written every minute, and one as soon as there is an estimate, if it is above a minute.
    """

    def __init__(self, progress: Progress, *, wanted: bool) -> None:
        self._progress = progress
        self._lines = wanted and not progress.is_shown
        self._last = time.monotonic()
        self._estimated = False

    def __call__(self, now: SweepProgress) -> None:
        """Show how far it is now."""
        self._progress.share(now.work, told(now))
        if not self._lines:
            return
        due = time.monotonic() - self._last >= BETWEEN_LINES
        if now.seconds_left is not None and not self._estimated:
            self._estimated = True
            due = due or now.seconds_left >= BETWEEN_LINES
        if due:
            self._last = time.monotonic()
            print(f"plrep: {now.work:.0%} of the work, {told(now)}", file=sys.stderr, flush=True)


def told(now: SweepProgress) -> str:
    """Return in words how far a sweep has come.

    Examples
    --------
    >>> from toolkit.catalog.sweeps.pace import SweepProgress
    >>> told(SweepProgress(1268, 310, 0, {"done": 309, "timeout": 1}, 0.5, 61.0, 59.0, 5.1, 2))
    '310 of 1,268 groups, 5.1 a second with 2 workers, about 59 s left, 1 timeout'
    """
    if now.workers:
        rate = f"{now.rate:.1f} a second with {counted(now.workers, 'worker')}"
    else:
        rate = "no worker at the moment"
    if now.seconds_left is None:
        left = "measuring a sample"
    else:
        left = f"about {spoken(now.seconds_left)} left"
    failed = [f"{n} {status}" for status, n in now.statuses.items() if status != "done"]
    return ", ".join([f"{now.done:,} of {now.groups:,} groups", rate, left, *failed])


def spoken(seconds: float) -> str:
    """Return a time to two digits, which is all that an estimate is good for.

    Examples
    --------
    >>> [spoken(s) for s in (0.3, 59, 100, 3599, 15_840, 200_000, 2.6e6, 5e8)]
    ['1 s', '59 s', '1.7 min', '60 min', '4.4 h', '2.3 days', '30 days', '16 years']
    """
    if seconds < 99.5:
        return f"{max(1, round(seconds))} s"
    for unit, size, limit in (("min", 60, 5970), ("h", 3600, 129_600), ("days", 86_400, 6.3e7)):
        if seconds < limit:
            return f"{_two_digits(seconds / size)} {unit}"
    return f"{_two_digits(seconds / 31_557_600)} years"


def _two_digits(number: float) -> str:
    return f"{number:.1f}" if number < 9.95 else f"{number:,.0f}"
