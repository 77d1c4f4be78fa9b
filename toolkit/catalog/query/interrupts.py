"""A long computation in a library, which Ctrl-C can stop.

Python delivers signals to the main thread between two of its steps. While that thread is inside a
library no signal is delivered: Ctrl-C would wait for the end of the query.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Found = TypeVar("Found")

#: Seconds within which an interrupted computation stops.
_PATIENCE = 5.0
_BEAT = 0.02


def interruptible(compute: Callable[[], Found], interrupt: Callable[[], object]) -> Found:
    """Return what ``compute`` returns; a signal's exception in the main thread ends it.

    Parameters
    ----------
    compute
        The computation, which may take long. If the caller is the main thread, it runs in another
        thread.
    interrupt
        Stops the computation from another thread; it may be called too early, and more than once.

    Raises
    ------
    BaseException
        What ``compute`` raises, or what a signal's handler raises, as KeyboardInterrupt.

    Examples
    --------
    >>> interruptible(lambda: 6 * 7, lambda: None)
    42
    """
    if threading.current_thread() is not threading.main_thread():
        return compute()
    found: list[Found] = []
    failed: list[BaseException] = []
    ended = threading.Event()

    def work() -> None:
        try:
            found.append(compute())
        except BaseException as error:  # noqa: BLE001 - it is raised where it was asked for
            failed.append(error)
        finally:
            ended.set()

    thread = threading.Thread(target=work, name="query", daemon=True)
    try:
        thread.start()
        ended.wait()
    except BaseException:
        end = time.monotonic() + _PATIENCE
        while thread.is_alive() and not ended.is_set() and time.monotonic() < end:
            interrupt()
            ended.wait(_BEAT)
        raise
    if failed:
        raise failed[0]
    return found[0]
