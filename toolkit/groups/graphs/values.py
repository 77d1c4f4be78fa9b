"""Values of attributes and entries of matrices as numbers of classes of equal ones."""

from __future__ import annotations

import math
import numbers
from collections.abc import Hashable, Mapping, Set
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from toolkit.errors import NamingError


class _Missing:
    """The value of an attribute that a node or an edge does not have."""

    def __repr__(self) -> str:
        return "nothing"


MISSING = _Missing()

NOISE = 1e-6
"""Largest noise of weights, of the size of the largest, that is asked about."""


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
    classes, wide = clusters_of_numbers(values, tol, what, fail)
    if wide.any():
        own = values[classes == int(np.argmax(wide))]
        if own.dtype.kind == "c":
            parts = ("real", own.real), ("imaginary", own.imag)
            part, own = max(parts, key=lambda item: float(np.ptp(item[1])))
            what = f"the {part} parts of {what}"
        raise fail(
            f"{what} {_shown(own.min())} and {_shown(own.max())} are joined by a chain of values "
            f"that differ by at most tol={tol:g}, but are farther apart themselves: choose a "
            "smaller or a larger tol"
        )
    return classes


def clusters_of_numbers(
    values: NDArray[Any], tol: float, what: str, fail: Callable[..., NamingError]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the cluster of each value, and of each cluster whether it is wider than a tolerance.

    Values in different clusters differ by more than the tolerance. Values of one cluster are
    joined by a chain of values, each within the tolerance of the next; only in a wide cluster can
    two of them differ by more themselves.

    Parameters
    ----------
    values, tol, what, fail
        As for :func:`classes_of_numbers`.

    Returns
    -------
    tuple
        ``(n,)`` numbers of clusters from 0 on, and ``(c,)`` whether a cluster is wide.

    Raises
    ------
    NamingError
        If a value is not a number.

    Examples
    --------
    >>> numbers = np.array([0.0, 5.0, 0.1, 0.2])
    >>> [x.tolist() for x in clusters_of_numbers(numbers, 0.15, "the values", ValueError)]
    [[0, 1, 0, 0], [True, False]]
    """
    if values.dtype.kind == "c":
        real, wide_real = clusters_of_numbers(values.real, tol, what, fail)
        imaginary, wide_imaginary = clusters_of_numbers(values.imag, tol, what, fail)
        both = real.astype(np.int64) * wide_imaginary.size + imaginary
        pairs, inverse = np.unique(both, return_inverse=True)
        size = max(wide_imaginary.size, 1)
        wide = wide_real[pairs // size] | wide_imaginary[pairs % size]
        return inverse.reshape(-1).astype(np.intp), wide
    if values.dtype.kind == "f" and np.isnan(values).any():
        raise fail(f"{what} must be numbers, found nan")
    distinct, inverse = np.unique(values, return_inverse=True)
    wide = np.zeros(distinct.size, dtype=np.bool_)
    if tol > 0 and distinct.size > 1:
        starts, wide = _cut(distinct, tol)
        inverse = (np.cumsum(starts) - 1)[inverse]
    return inverse.reshape(-1).astype(np.intp), wide


def _cut(distinct: NDArray[Any], tol: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where clusters of rising values start, and which clusters are wide."""
    if distinct.dtype.kind in "ub":
        distinct = distinct.astype(np.float64)
    with np.errstate(over="ignore"):  # of huge numbers the difference is infinite
        starts = np.concatenate(([True], np.diff(distinct) > tol))
        first = np.flatnonzero(starts)
        last = np.append(first[1:], distinct.size) - 1
        wide = np.zeros(first.size, dtype=np.bool_)
        long = last > first  # an infinite value stands alone
        wide[long] = distinct[last[long]] - distinct[first[long]] > tol
    return starts, wide


def near_ties(values: NDArray[Any], tol: float, most: float) -> list[float]:
    """Return larger tolerances at which numbers that differ would clearly be equal.

    Parameters
    ----------
    values
        Finite real or complex numbers, in any shape.
    tol
        The tolerance in use.
    most
        The largest tolerance to consider.

    Returns
    -------
    list
        Rising numbers 1, 2 or 5 times a power of ten. At each there are fewer classes, none of
        them ambiguous, and three times as large a tolerance would give the same; up to that
        tolerance the same classes are listed again, as isometries need more room than distances.

    Examples
    --------
    >>> near_ties(np.array([1.0, 1.0004, 1.0005, 2.0]), 1e-8, 0.1)
    [0.0001, 0.0002, 0.0005, 0.001]
    >>> near_ties(np.array([1.0, 1.5, 2.0]), 1e-8, 0.1)
    []
    """
    flat = values.reshape(-1)
    if flat.dtype.kind == "c":
        flat = np.concatenate([flat.real, flat.imag])
    distinct = np.unique(flat[np.isfinite(flat)].astype(np.float64))
    with np.errstate(over="ignore"):
        gaps = np.diff(distinct)
    close = gaps[(gaps > tol) & (gaps <= most)]
    out: list[float] = []
    if not close.size:
        return out
    seen, first = distinct.size - int((gaps <= tol).sum()), 0.0
    decades = range(math.floor(math.log10(float(close.min()))), math.ceil(math.log10(most)) + 1)
    for candidate in (float(f"{digit}e{k}") for k in decades for digit in (1, 2, 5)):
        if not tol < candidate <= most:
            continue
        count = 1 + int((gaps > candidate).sum())
        if count == seen and first and candidate <= 3 * first:
            out.append(candidate)  # the same classes
        if count >= seen or count != 1 + int((gaps > 3 * candidate).sum()):
            continue
        if not _cut(distinct, candidate)[1].any():
            out.append(candidate)
            seen, first = count, candidate
    return out


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


def inexact_numbers(values: Iterable[object]) -> NDArray[Any]:
    """Return all numbers among values, also within tuples, if a float is among them; else none.

    Examples
    --------
    >>> inexact_numbers([1, 2.5, "C"]).tolist(), inexact_numbers([1, 2]).tolist()
    ([(1+0j), (2.5+0j)], [])
    """
    found = {x for value in values for x in _numbers_in(_plain(value))}
    if not any(isinstance(x, float | complex | np.inexact) for x in found):
        return np.empty(0)
    try:
        return np.array(sorted(found, key=_by_parts), dtype=np.complex128)
    except OverflowError:
        return np.empty(0)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any attribute
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    return tuple(map(_plain, value)) if isinstance(value, list | tuple) else value


def _shown(value: Any) -> str:  # noqa: ANN401 - a number
    return str(value.item() if isinstance(value, np.generic) else value)
