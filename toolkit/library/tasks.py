"""Questions from :mod:`asyncio`: in a thread, and stopped with the task that waits for them."""

from __future__ import annotations

import contextvars
import threading
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from toolkit.gap.stopping import STOP

if TYPE_CHECKING:
    from collections.abc import Callable

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


async def in_thread(
    function: Callable[Parameters, Result],
    /,
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> Result:
    """Call a function in a thread, and stop GAP if the task that waits for it is cancelled.

    As :func:`asyncio.to_thread`, which cannot do that: after it the thread goes on, and GAP is busy
    with what nobody wants any more.

    Parameters
    ----------
    function
        What asks: about groups, modules, graphs, with any session.
    *args, **kwargs
        What it is called with.

    Returns
    -------
    object
        What the function returns.

    Raises
    ------
    asyncio.CancelledError
        At once, if the task is cancelled. GAP is then stopped within a twentieth of a second, and
        the function, in its thread, meets a :class:`~toolkit.errors.GapStoppedError`. The session
        can be used on; an answer for which other threads wait as well is asked by one of them.

    Notes
    -----
    What Python itself computes is not interrupted. The limits of :meth:`toolkit.Session.time_limit`
    hold in the thread, too.

    Examples
    --------
    >>> import asyncio
    >>> import toolkit as tk
    >>> async def orders(*names):
    ...     groups = [in_thread(lambda name=name: tk.group(name).order) for name in names]
    ...     return await asyncio.gather(*groups)
    >>> asyncio.run(orders("S4", "M11"))
    [24, 7920]
    """
    import asyncio

    stop = threading.Event()
    context = contextvars.copy_context()
    context.run(STOP.set, stop)
    call = partial(context.run, function, *args, **kwargs)
    try:
        return await asyncio.get_running_loop().run_in_executor(None, call)
    except asyncio.CancelledError:
        stop.set()
        raise
