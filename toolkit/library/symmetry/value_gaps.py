"""Classes of nearly equal numbers, told apart by the gaps between them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

SEPARATION = 3.0
"""Least ratio of the gaps between classes to the widths of classes that are told apart."""
ALONE = 1e6
"""The same where all numbers are in one class, whose gap is the size of the numbers."""
ROUNDING = 1e-12
"""Floats that differ by this part of the largest number are taken to differ by rounding."""
_RATIO = 3.0  # a tolerance is considered where the gaps jump by this factor
_MOST = 200_000  # numbers beyond which only rounding is considered


@dataclass(frozen=True)
class Clustering:
    """A way to divide numbers into classes of nearly equal ones.

    Parameters
    ----------
    tol
        Numbers that differ by at most this much are equal: between ``width`` and ``gap``.
    classes
        How many classes there are.
    width
        The largest difference within a class.
    gap
        The smallest difference between numbers of different classes; if there is one class only,
        the largest absolute value.
    merged
        The share of the numbers whose class holds a number that differs from them.
    """

    tol: float
    classes: int
    width: float
    gap: float
    merged: float

    @property
    def separation(self) -> float:
        """``gap / width``; infinite if equal numbers alone are in one class."""
        return self.gap / self.width if self.width else math.inf


def clusterings(values: ArrayLike, rounding: float | None = None) -> list[Clustering]:
    """Return the divisions of real numbers whose classes are narrower than the gaps between them.

    Parameters
    ----------
    values
        ``(n,)`` finite real numbers.
    rounding
        Numbers that differ by at most this much differ by rounding; 1e-12 of the largest one by
        default.

    Returns
    -------
    list
        Rising in ``tol``; the first one merges what differs by rounding alone.

    Notes
    -----
    O(n log n). Only tolerances at which the sorted gaps jump by a factor of 3 are considered.

    Examples
    --------
    >>> found = clusterings([1.0, 1.001, 2.0, 2.0005, 5.0])
    >>> [(one.classes, one.separation > 100) for one in found]
    [(5, True), (3, True), (2, False)]
    """
    numbers = np.asarray(values, dtype=np.float64).reshape(-1)
    distinct, counts = np.unique(numbers, return_counts=True)
    scale = float(np.abs(distinct).max(initial=0.0))
    rounding = ROUNDING * scale if rounding is None else rounding
    gaps = np.diff(distinct)
    out = [_clustering(distinct, counts, gaps, rounding, scale)]
    if distinct.size > _MOST:
        return out
    rising = np.unique(gaps[gaps > rounding])
    for low, high in zip(rising, np.append(rising[1:], scale), strict=False):
        if high < _RATIO * low:
            continue
        found = _clustering(distinct, counts, gaps, math.sqrt(low * high), scale)
        if found.separation > 1:
            out.append(found)
    return out


def _clustering(
    distinct: NDArray[np.float64],
    counts: NDArray[np.intp],
    gaps: NDArray[np.float64],
    tol: float,
    scale: float,
) -> Clustering:
    apart = gaps > tol
    starts = np.flatnonzero(np.concatenate(([True], apart)))[: distinct.size]
    ends = np.append(starts[1:], distinct.size) - 1
    widths = distinct[ends] - distinct[starts]
    members = np.add.reduceat(counts, starts) if distinct.size else counts
    gap = float(gaps[apart].min()) if apart.any() else scale
    merged = float(members[widths > 0].sum() / max(1, counts.sum()))
    return Clustering(float(tol), starts.size, float(widths.max(initial=0.0)), gap, merged)


def are_tied(values: ArrayLike, rounding: float) -> bool:
    """Whether at least half of the numbers other than 0 equal another one up to rounding.

    Examples
    --------
    >>> are_tied([1.0, 1.0, 2.0], 1e-12), are_tied([1.0, 1.1, 2.0], 1e-12)
    (True, False)
    """
    numbers = np.asarray(values, dtype=np.float64).reshape(-1)
    order = np.sort(numbers[np.abs(numbers) > rounding])
    near = np.diff(order) <= rounding
    ties = np.concatenate((near, [False])) | np.concatenate(([False], near))
    return not order.size or float(ties[: order.size].mean()) >= 0.5


def clear_clusterings(values: ArrayLike, rounding: float) -> list[Clustering]:
    """Return divisions coarser than rounding in which values clearly agree, the clearest first.

    The gaps are :data:`SEPARATION` times as large as the classes are wide (:data:`ALONE` times if
    there is one class), and at least half of the numbers other than 0 are near another one.

    Examples
    --------
    >>> [one.classes for one in clear_clusterings([1.0, 1.001, 2.0, 2.0005], 1e-12)]
    [2]
    >>> clear_clusterings([0.1, 0.25, 0.6, 1.0], 1e-12)
    []
    """
    numbers = np.asarray(values, dtype=np.float64).reshape(-1)
    share = float((np.abs(numbers) > rounding).mean()) if numbers.size else 0.0
    found = [
        one
        for one in clusterings(numbers, rounding)[1:]
        if one.separation >= (SEPARATION if one.classes > 1 else ALONE) and one.merged >= share / 2
    ]
    return sorted(found, key=lambda one: -one.separation)
