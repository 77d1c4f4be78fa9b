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
    """Call a function in a thread, and stop GAP if the waiting task is cancelled.

    Like :func:`asyncio.to_thread`, after whose cancellation the thread would go on, and GAP would
    keep working on an answer that nobody needs.

    Parameters
    ----------
    function
        The function to call, which may use groups, modules and graphs with any session.
    *args, **kwargs
        The arguments of the function.

    Returns
    -------
    object
        The value that the function returns.

    Raises
    ------
    asyncio.CancelledError
        Immediately, if the task is cancelled. GAP is then stopped within a twentieth of a second,
        and a :class:`~toolkit.errors.GapStoppedError` is raised in the thread of the function. The
        session remains usable. If other threads wait for the same answer, one of them asks for it.

    Notes
    -----
    Computations in Python are not interrupted. The limits of :meth:`toolkit.Session.time_limit`
    also apply in the thread.

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
