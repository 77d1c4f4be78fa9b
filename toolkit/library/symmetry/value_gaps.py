"""Classes of nearly equal numbers, told apart by the gaps between them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

SEPARATION = 10.0
"""Least ratio of the gaps between classes to the widths of classes that decides by itself."""
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


def clusterings(values: ArrayLike) -> list[Clustering]:
    """Return the divisions of real numbers whose classes are narrower than the gaps between them.

    Parameters
    ----------
    values
        ``(n,)`` finite real numbers.

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
    rounding = ROUNDING * scale
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


def decided_by_gaps(values: ArrayLike) -> tuple[Clustering, list[Clustering], str]:
    """Choose a division of floats into classes, and say why.

    Parameters
    ----------
    values
        ``(n,)`` finite real numbers, each that may vary on its own once.

    Returns
    -------
    tuple
        The choice, all divisions that were considered, and a sentence.

    Notes
    -----
    Where at least half of the numbers other than 0 are equal to another one up to rounding,
    rounding is the tolerance. Else it is the division with the largest separation, if the gaps
    are :data:`SEPARATION` times as large as the classes are wide and at least half of the numbers
    other than 0 are near another one. Else nothing is merged but what rounding separates.

    Examples
    --------
    >>> chosen, _, why = decided_by_gaps([1.0, 1.001, 2.0, 2.0005])
    >>> chosen.classes
    2
    >>> decided_by_gaps([0.1, 0.25, 0.6, 1.0])[0].classes
    4
    """
    numbers = np.asarray(values, dtype=np.float64).reshape(-1)
    found = clusterings(numbers)
    first = found[0]
    alive = numbers[np.abs(numbers) > first.tol]
    order = np.sort(alive)
    near = np.diff(order) <= first.tol
    ties = np.concatenate((near, [False])) | np.concatenate(([False], near))
    if not alive.size or float(ties[: alive.size].mean()) >= 0.5:
        return first, found, "at least half of the values agree with another one up to rounding"
    share = alive.size / numbers.size
    clear = [
        one
        for one in found[1:]
        if one.separation >= (SEPARATION if one.classes > 1 else 1e6) and one.merged >= share / 2
    ]
    if not clear:
        return first, found, "no gaps divide the values clearly, so only rounding is forgiven"
    best = max(clear, key=lambda one: one.separation)
    why = (
        f"the gaps between {best.classes} classes of values are at least {best.gap:.3g}, and no "
        f"class is wider than {best.width:.3g}"
    )
    return best, found, why
