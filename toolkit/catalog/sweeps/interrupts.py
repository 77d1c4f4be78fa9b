"""Ctrl-C while a cluster on this machine starts or closes: it takes effect afterwards."""

from __future__ import annotations

import contextlib
import signal
import threading
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def interrupted_later() -> Iterator[None]:
    """Hold signals back until the end of a ``with`` block; the first is raised then.

    A cluster that is half started, or half closed, cannot be closed cleanly.

    Notes
    -----
    Threads and processes that are started in the block never see Ctrl-C, which a terminal sends to
    all processes at once: not even while they start, or when they are started again later.

    Examples
    --------
    >>> before = signal.signal(signal.SIGINT, signal.default_int_handler)
    >>> try:
    ...     with interrupted_later():
    ...         signal.raise_signal(signal.SIGINT)
    ...         print("to the end")
    ... except KeyboardInterrupt:
    ...     print("and stopped")
    ... finally:
    ...     _ = signal.signal(signal.SIGINT, before)
    to the end
    and stopped
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # handlers belong to the main thread
        return
    before = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)}
    handled = {number: handler for number, handler in before.items() if callable(handler)}
    held: list[int] = []
    for number in handled:
        signal.signal(number, lambda number, _: held.append(number))
    # multiprocessing starts this with the first process, and lets Ctrl-C through in that thread
    resource_tracker.ensure_running()
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # new threads have it, too
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in handled.items():
            signal.signal(number, handler)
        if held:  # also where the block has failed, perhaps by the same signal
            signal.raise_signal(held[0])
