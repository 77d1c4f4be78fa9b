"""How likely a symmetry of floats is a coincidence: a bound for numbers without one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

LEVEL = 0.01
"""Largest bound on the chance of a symmetry that a tolerance other than rounding may give."""
OF_TYPE = 0.05
"""The same where the tolerance is the rounding of the type of the data: float16, bfloat16."""


@dataclass(frozen=True)
class Coincidence:
    """What a group asks of numbers that differ.

    Parameters
    ----------
    distinct
        How many numbers differ by more than rounding.
    identities
        How many equations between these must hold nearly for the group to keep them.
    spread
        The largest difference that it disregards.
    size
        How far numbers of this kind lie apart, as a standard deviation.
    """

    distinct: int
    identities: int
    spread: float
    size: float


def coincidence(
    numbers: NDArray[np.float64], labels: NDArray[np.intp], rounding: float
) -> Coincidence:
    """Return what orbits ask of numbers.

    Parameters
    ----------
    numbers
        ``(n,)`` floats.
    labels
        ``(n,)`` the number of the orbit of each.
    rounding
        Numbers joined by a chain of numbers within this much count as one.

    Notes
    -----
    The size is the standard deviation of the numbers that differ, or the distance of their
    quartiles over 1.349 if that is less, as a few far ones would raise the first.

    Examples
    --------
    >>> found = coincidence(np.array([1.0, 1.1, 5.0, 5.0]), np.array([0, 0, 1, 1]), 1e-12)
    >>> found.distinct, found.identities, round(found.spread, 3)
    (3, 1, 0.1)
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    distinct, inverse = np.unique(numbers, return_inverse=True)
    starts = np.concatenate(([True], np.diff(distinct) > rounding))[: distinct.size]
    classes = (np.cumsum(starts) - 1)[inverse.reshape(-1)]
    own = distinct[starts]
    m, orbits = own.size, int(labels.max(initial=-1)) + 1
    ones = np.ones(labels.size, dtype=np.int8)
    graph = coo_array((ones, (classes, m + labels)), shape=(m + orbits, m + orbits))
    left = int(connected_components(graph, directed=False)[0])
    low, high = np.full(orbits, np.inf), np.full(orbits, -np.inf)
    np.minimum.at(low, labels, numbers)
    np.maximum.at(high, labels, numbers)
    spread = float((high - low).max(initial=0.0))
    size = 0.0
    if m > 1:
        quartiles = np.quantile(own, [0.25, 0.75])
        size = min(float(own.std()), float(quartiles[1] - quartiles[0]) / 1.349)
    return Coincidence(m, m - left, spread, size)


def chance_bound(found: Iterable[Coincidence], log_count: float, least: float = 0.0) -> float:
    """Return a bound on the chance that numbers without a symmetry obey all equations.

    Parameters
    ----------
    found
        The equations, for each kind of numbers.
    log_count
        The natural logarithm of how many groups like this one there are: of the permutations that
        were possible, over the order of the group.
    least
        Numbers are known to this much only: no equation counts for more.

    Notes
    -----
    Two independent numbers with standard deviation s differ by at most w with probability at most
    w / s for uniform, normal and exponential ones, and k of them by at most w with probability
    (w / s)^(k - 1) at most. This, for each equation, and times the number of groups; or times the
    number of ways to choose as many pairs of numbers, if there are less of these. For small n the
    size s comes from few numbers, so that the bound is approximate.

    Examples
    --------
    >>> one = Coincidence(3, 1, 0.001, 1.0)
    >>> round(chance_bound([one], math.log(3)), 6)
    0.003
    """
    total, pairs = 0.0, 0.0
    found = list(found)
    if not any(one.identities for one in found):
        return 0.0  # all that is equal is equal up to rounding
    for one in found:
        if not one.identities:
            continue
        width = max(one.spread, least)
        total += one.identities * (min(0.0, math.log(width / one.size)) if width < one.size else 0)
        pairs += one.identities * math.log(max(1.0, one.distinct * (one.distinct - 1) / 2))
    return math.exp(min(0.0, total + max(0.0, min(log_count, pairs))))
