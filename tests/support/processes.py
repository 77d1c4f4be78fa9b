"""What tests of processes share: waiting for an event, and signals as a terminal leaves them."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Found = TypeVar("Found")

#: Seconds after which an event is given up: no machine that works at all takes so long.
PATIENCE = 600.0


def wait_until(condition: Callable[[], Found], what: str, seconds: float = PATIENCE) -> Found:
    """Return the first true value that ``condition`` returns; fail if none comes at all."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds:g} seconds in vain for {what}")
        time.sleep(0.01)
    return found


def is_running(pid: int) -> bool:
    """Whether a process runs; one that has ended, and was not waited for yet, does not."""
    try:
        os.kill(pid, 0)
        status = Path(f"/proc/{pid}/stat")
        return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


@contextlib.contextmanager
def default_signals() -> Iterator[None]:
    """Let SIGINT and SIGTERM do what they do in a terminal, here and in processes started here.

    A job that a script starts in the background is started with SIGINT ignored, Python leaves that
    as it is, and what is ignored is inherited.
    """
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    terminate = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, interrupt)
        signal.signal(signal.SIGTERM, terminate)
