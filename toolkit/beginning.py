"""The beginning of the command ``plrep``: a signal that comes while it is loaded ends it.

Python would print where its imports were interrupted. This is imported before everything else, and
imports next to nothing itself; :mod:`toolkit.cli.stopping` takes over when the command runs.
"""

from __future__ import annotations

import sys


def is_command(words: list[str]) -> bool:
    """Whether this Python was started as the command, and not for a program that imports us.

    Parameters
    ----------
    words
        ``sys.orig_argv``: Python, its options, what it runs. Processes that the command starts by
        :mod:`multiprocessing` have its ``sys.argv``, but not its words.

    Examples
    --------
    >>> is_command(["python", "/usr/bin/plrep", "query", "S4"])
    True
    >>> is_command(["python", "-W", "ignore", "-m", "toolkit.cli.main", "query", "S4"])
    True
    >>> is_command(["python", "sweeps.py", "toolkit.cli.main"]), is_command(["python", "-c", "0"])
    (False, False)
    """
    rest = iter(words[1:])
    for word in rest:
        if word == "-m":
            return next(rest, "") == "toolkit.cli.main"
        if word in ("-W", "-X"):
            next(rest, "")
        elif not word.startswith("-") or word == "-c":
            return word.rpartition("/")[2] == "plrep"
    return False


def guard() -> None:
    """Have SIGINT and SIGTERM end the command in one line; those that are ignored stay ignored."""
    if not is_command(sys.orig_argv):
        return
    import signal

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def _end(number: int, _: object) -> None:
    import os

    try:  # noqa: SIM105 - contextlib takes time to import
        os.write(2, b"plrep: stopped\n")
    except OSError:
        pass
    os._exit(128 + number)
