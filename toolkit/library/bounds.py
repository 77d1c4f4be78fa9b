"""What bounds the questions of a session, in one thread or task and not in the others."""

from __future__ import annotations

import itertools
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of the questions that are asked now.

    Parameters
    ----------
    deadline
        GAP is stopped when :func:`time.monotonic` reaches this; ``None`` for never.
    kept_limit
        Seconds that the store is to remember for a question that was stopped.
    stored_only
        Whether GAP is not asked.
    """

    deadline: float | None = None
    kept_limit: float | None = None
    stored_only: bool = False


_FREE = Bounds()
#: By the number of the session; none for one without bounds.
_CURRENT: ContextVar[Mapping[int, Bounds]] = ContextVar(
    "bounds of sessions",
    default=MappingProxyType({}),
)
_NUMBERS = itertools.count()


class CurrentBounds:
    """The bounds of one session: each thread and each :mod:`asyncio` task has its own.

    Notes
    -----
    A task starts with those of the one that made it, and so does :func:`asyncio.to_thread`; other
    threads start with none.

    Examples
    --------
    >>> import threading
    >>> bounds = CurrentBounds()
    >>> bounds.set(Bounds(stored_only=True))
    >>> thread = threading.Thread(target=lambda: print(bounds.get().stored_only))
    >>> thread.start(); thread.join()
    False
    >>> bounds.get().stored_only
    True
    """

    def __init__(self) -> None:
        self._number = next(_NUMBERS)

    def get(self) -> Bounds:
        """Return the bounds."""
        return _CURRENT.get().get(self._number, _FREE)

    def set(self, bounds: Bounds) -> None:
        """Replace the bounds."""
        others = {n: b for n, b in _CURRENT.get().items() if n != self._number}
        _CURRENT.set(others if bounds == _FREE else {**others, self._number: bounds})
