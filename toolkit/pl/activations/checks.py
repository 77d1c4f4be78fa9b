"""Checks of numbers, names and kinks of activations, each with one message."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from numbers import Complex, Real
from typing import TYPE_CHECKING, SupportsIndex, cast

from toolkit.errors import UnsupportedActivationError
from toolkit.text import readable, shortened

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_ROUNDING = 1e-6  # correlations may have been computed in float32


def shown(value: object) -> str:
    """Return a short text for a value in an error message."""
    try:
        return shortened(readable(repr(value)))
    except ValueError:  # an integer of more digits than Python writes, or a list with one
        many = f"an integer of {value.bit_length()} bits" if isinstance(value, int) else ""
        return many or f"such a {type(value).__name__}"


def finite_number(value: object) -> float | None:
    """Return a real number as a float, or ``None`` if it is not one, not finite, or too large.

    Examples
    --------
    >>> finite_number(3), finite_number("3"), finite_number(10**400), finite_number(math.nan)
    (3.0, None, None, None)
    """
    unreal = isinstance(value, Complex) and not isinstance(value, Real)
    if unreal or isinstance(value, str | bytes) or getattr(value, "ndim", None):
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, RuntimeError):
        return None
    return number if math.isfinite(number) else None


def require_positive(value: object, what: str) -> float:
    """Return a positive number as a float, or raise UnsupportedActivationError."""
    number = finite_number(value)
    if number is None or number <= 0:
        raise UnsupportedActivationError(f"{what} must be a positive number, not {shown(value)}")
    return number


def require_variance(variance: object) -> float:
    """Return a variance as a float, or raise unless it is a positive number.

    Raises
    ------
    UnsupportedActivationError
        If it is not.
    """
    return require_positive(variance, "a variance")


def require_count(count: object, what: str) -> int:
    """Return a whole number that is 0 or more, or raise UnsupportedActivationError.

    Examples
    --------
    >>> require_count(3, "a count"), require_count(True + True, "a count")
    (3, 2)
    """
    try:
        number = operator.index(cast("SupportsIndex", count))
    except TypeError:
        number = -1
    if number < 0:
        raise UnsupportedActivationError(
            f"{what} must be a non-negative integer, not {shown(count)}"
        )
    return number


def require_name(name: object) -> str:
    """Return an activation's name, or raise UnsupportedActivationError unless it can be printed.

    Names are written into tables, pictures and files of graphs, whose formats hold no control
    characters.
    """
    if not (isinstance(name, str) and name and name.isprintable()):
        raise UnsupportedActivationError(
            f"an activation's name must be text without control characters, not {shown(name)}"
        )
    return name


def finite_kinks(kinks: object, name: str) -> tuple[float, ...]:
    """Return kinks rising, each once, or raise UnsupportedActivationError.

    Examples
    --------
    >>> finite_kinks((1, 0.0, -0.0), "mine")
    (0.0, 1.0)
    """
    given = list(kinks) if isinstance(kinks, Iterable) and not isinstance(kinks, str) else [None]
    numbers = [finite_number(kink) for kink in given]
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers):
        raise UnsupportedActivationError(
            f"{name}: kinks must be finite numbers in a tuple, such as (0.0,), not {shown(kinks)}"
        )
    return tuple(sorted(set(known)))


def real_array(t: ArrayLike) -> Floats:
    """Return an array of real numbers as float64.

    Raises
    ------
    TypeError, ValueError, OverflowError, RuntimeError
        If it is not; callers name the requirement.
    """
    import numpy as np

    given = np.asarray(t)
    if t is None or given.dtype.kind not in "biufO":
        raise TypeError("these are not real numbers")
    return np.asarray(given, dtype=np.float64)


def correlations(t: ArrayLike) -> Floats:
    """Return correlations as float64 in [-1, 1], or raise UnsupportedActivationError.

    Notes
    -----
    Numbers outside by at most 1e-6, which rounding explains, are replaced by 1 or -1.

    Examples
    --------
    >>> correlations([0.5, 1.0000001]).tolist()
    [0.5, 1.0]
    """
    import numpy as np

    required = "a correlation must be a real number from -1 to 1"
    try:
        numbers = real_array(t)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        raise UnsupportedActivationError(f"{required}, not {shown(t)}") from None
    beyond = ~(np.abs(numbers) <= 1 + _ROUNDING)  # true of nan
    if beyond.any():
        worst = float(numbers[beyond][0])
        hint = "" if math.isnan(worst) else ": divide a covariance by the variance"
        raise UnsupportedActivationError(f"{required}, not {worst!r}{hint}")
    return np.clip(numbers, -1.0, 1.0)
