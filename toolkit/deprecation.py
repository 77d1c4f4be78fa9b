"""Old public names: they still work for one release, and say what to use."""

from __future__ import annotations

import functools
import warnings
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


def warn_deprecated(message: str, stacklevel: int = 2) -> None:
    """Give a DeprecationWarning in the name of the caller's caller."""
    warnings.warn(message, DeprecationWarning, stacklevel=stacklevel + 1)


def deprecated(message: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Mark a function, or the function of a property, as an old name.

    Parameters
    ----------
    message
        What to use in its place.

    Examples
    --------
    >>> @deprecated("old() is now new()")
    ... def old(): ...
    >>> with warnings.catch_warnings(record=True) as seen:
    ...     warnings.simplefilter("always")
    ...     old()
    >>> str(seen[0].message)
    'old() is now new()'
    """

    def mark(function: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(function)
        def old(*args: P.args, **kwargs: P.kwargs) -> T:
            warn_deprecated(message)
            return function(*args, **kwargs)

        return old

    return mark
