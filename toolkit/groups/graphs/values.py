"""Values of attributes and entries of matrices as numbers of classes of equal ones."""

from __future__ import annotations

import math
import numbers
from collections.abc import Hashable, Mapping, Set
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from toolkit.errors import NamingError


class _Missing:
    """The value of an attribute that a node or an edge does not have."""

    def __repr__(self) -> str:
        return "nothing"


MISSING = _Missing()


def checked_tolerance(tol: Any, fail: Callable[..., NamingError]) -> float:  # noqa: ANN401
    """Return a tolerance as a float: a real number from 0 on."""
    try:
        value = float(tol)
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    if not 0 <= value < math.inf or isinstance(tol, str | bytes):
        raise fail(f"tol must be a number from 0 on, not {tol!r:.40}")
    return value


def classes_of_numbers(
    values: NDArray[Any], tol: float, what: str, fail: Callable[..., NamingError]
) -> NDArray[np.intp]:
    """Return the number of each value's class: equal values, or values within a tolerance.

    Parameters
    ----------
    values
        ``(n,)`` real or complex numbers. Complex ones are compared by real and imaginary part.
    tol
        Numbers that differ by at most this much are equal. Zero means exactly equal.
    what
        The values, for the message.
    fail
        Makes the error.

    Returns
    -------
    numpy.ndarray
        ``(n,)`` numbers from 0 on, rising with the values.

    Raises
    ------
    NamingError
        If a value is not a number, or the classes are ambiguous: a chain of values, each within
        the tolerance of the next, joins two that are farther apart than it.

    Examples
    --------
    >>> classes_of_numbers(np.array([1.0, 2.0, 1.0001]), 0.01, "the values", ValueError).tolist()
    [0, 1, 0]
    >>> classes_of_numbers(np.array([0.0, 0.1, 0.2]), 0.15, "the values", ValueError)
    Traceback (most recent call last):
    ...
    ValueError: the values 0.0 and 0.2 are joined by a chain of values that differ by at most
    tol=0.15, but are farther apart themselves: choose a smaller or a larger tol
    """
    if values.dtype.kind == "c":
        real = classes_of_numbers(values.real, tol, f"the real parts of {what}", fail)
        imaginary = classes_of_numbers(values.imag, tol, f"the imaginary parts of {what}", fail)
        both = real.astype(np.int64) * (int(imaginary.max(initial=0)) + 1) + imaginary
        pairs: NDArray[np.intp] = np.unique(both, return_inverse=True)[1].astype(np.intp)
        return pairs.reshape(-1)
    if values.dtype.kind == "f" and np.isnan(values).any():
        raise fail(f"{what} must be numbers, found nan")
    distinct, inverse = np.unique(values, return_inverse=True)
    if tol > 0 and distinct.size > 1:
        if distinct.dtype.kind == "u" or distinct.dtype.kind == "b":
            distinct = distinct.astype(np.float64)
        jumps = np.diff(distinct) > tol
        starts = np.flatnonzero(np.concatenate(([True], jumps)))
        ends = np.append(starts[1:], distinct.size) - 1
        wide = np.flatnonzero(distinct[ends] - distinct[starts] > tol)
        if wide.size:
            low, high = distinct[starts[wide[0]]], distinct[ends[wide[0]]]
            raise fail(
                f"{what} {_shown(low)} and {_shown(high)} are joined by a chain of values that "
                f"differ by at most tol={tol:g}, but are farther apart themselves: choose a "
                "smaller or a larger tol"
            )
        inverse = np.concatenate(([0], np.cumsum(jumps)))[inverse]
    numbers_of: NDArray[np.intp] = inverse.reshape(-1).astype(np.intp)
    return numbers_of


def classes_of_values(
    values: Sequence[object], tol: float, what: str, fail: Callable[..., NamingError]
) -> NDArray[np.intp]:
    """Return the number of each value's class, for values of any kind.

    Parameters
    ----------
    values
        Numbers are compared within the tolerance, also inside tuples, lists and arrays; other
        values are equal or not. :data:`MISSING` equals only itself.
    tol, what, fail
        As for :func:`classes_of_numbers`.

    Returns
    -------
    numpy.ndarray
        ``(n,)`` numbers from 0 on, by first appearance.

    Raises
    ------
    NamingError
        As :func:`classes_of_numbers`, or if a value cannot be compared.

    Examples
    --------
    >>> classes_of_values(["C", "N", 2, 2.0, MISSING, "C"], 0, "the values", ValueError).tolist()
    [0, 1, 2, 2, 3, 0]
    """
    frozen = [_frozen(value, what, fail) for value in values]
    if tol > 0:
        found = sorted({x for value in frozen for x in _numbers_in(value)}, key=_by_parts)
        if found:
            dtype = np.complex128 if any(isinstance(x, complex) for x in found) else np.float64
            labels = classes_of_numbers(np.array(found, dtype=dtype), tol, what, fail)
            names = {x: ("class", label) for x, label in zip(found, labels.tolist(), strict=True)}
            frozen = [_renamed(value, names) for value in frozen]
    number: dict[Hashable, int] = {}
    out = [number.setdefault(value, len(number)) for value in frozen]
    return np.array(out, dtype=np.intp)


def _by_parts(x: Any) -> tuple[float, float]:  # noqa: ANN401 - a number
    return (float(x.real), float(x.imag))


def _frozen(value: Any, what: str, fail: Callable[..., NamingError]) -> Hashable:  # noqa: ANN401
    """Return a value that can be compared and hashed: arrays and lists become tuples."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return tuple(_frozen(item, what, fail) for item in value)
    if isinstance(value, Mapping):
        items = ((key, _frozen(item, what, fail)) for key, item in value.items())
        return ("mapping", frozenset(items))
    if isinstance(value, Set):
        return ("set", frozenset(_frozen(item, what, fail) for item in value))
    if isinstance(value, numbers.Number) and value != value:
        raise fail(f"{what} must be comparable, found nan")
    try:
        hash(value)
    except TypeError:
        raise fail(
            f"{what} must be comparable: numbers, texts or tuples of them, not "
            f"{type(value).__name__}"
        ) from None
    out: Hashable = value
    return out


def _numbers_in(value: Hashable) -> list[Any]:
    if isinstance(value, numbers.Number):
        return [value]
    if isinstance(value, tuple):
        return [x for item in value for x in _numbers_in(item)]
    return []


def _renamed(value: Hashable, names: dict[Any, tuple[str, int]]) -> Hashable:
    if isinstance(value, numbers.Number):
        return names[value]
    if isinstance(value, tuple):
        return tuple(_renamed(item, names) for item in value)
    return value


def _shown(value: Any) -> str:  # noqa: ANN401 - a number
    return str(value.item() if isinstance(value, np.generic) else value)
