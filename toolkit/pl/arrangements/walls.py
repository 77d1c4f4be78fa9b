"""The walls of a cone, found in floating point from a point inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHOTS = 64
_FLAT = 1e-9  # a unit normal this near to the cone of others is in it


def walls_of_cone(inner: NDArray[np.float64], inside: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return which of the inequalities inner x >= 0 are needed, rising.

    Parameters
    ----------
    inner
        ``(n, d)`` unit vectors; of equal ones the first that is met is taken.
    inside
        ``(d,)`` a point with inner x > 0.

    Notes
    -----
    Numerical: an inequality is needed if its vector is not a sum of positive multiples of the
    others, decided by least squares with a residual of 1e-9 (Lawson and Hanson). First rays from
    the point show most of those needed; then each other one is compared with these, and where it
    is no such sum, the ray that shows this meets a needed one (Clarkson, More output-sensitive
    geometric algorithms, 1994). n least squares problems of the size of the answer.

    Examples
    --------
    Three planes bound an octant; the fourth only touches it:

    >>> inner = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [0.6, 0.8, 0]])
    >>> walls_of_cone(inner, np.ones(3)).tolist()
    [0, 1, 2]
    """
    from scipy.optimize import nnls

    n, d = inner.shape
    if n <= 1:
        return np.arange(n, dtype=np.intp)
    heights = inner @ inside
    rays = np.random.default_rng(0).standard_normal((_SHOTS, d))
    known = set(_first_met(inner, heights, np.concatenate([rays, -rays])).tolist())
    todo = [i for i in range(n) if i not in known]
    while todo:
        i = todo[-1]
        rows = inner[sorted(known)]
        weights, distance = nnls(rows.T, inner[i])
        if distance < _FLAT:
            todo.pop()
            continue
        # along -beyond the i-th is left before those known, or with them
        beyond = inner[i] - rows.T @ weights
        met = int(_first_met(inner, heights, -beyond[None])[0])
        if met in known:  # it touches a wall where the ray goes: the ray is bent a little
            met = _nearest_needed(inner, heights, beyond, known, i)
        known.add(met)
        if met in todo:
            todo.remove(met)
    # one of several that meet a ray at once need not be needed
    return np.array(_irredundant(inner, sorted(known)), dtype=np.intp)


def _first_met(
    inner: NDArray[np.float64], heights: NDArray[np.float64], rays: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Return per ray the inequality that fails first; those that never fail are left out."""
    rates = -(rays @ inner.T) / heights
    rates = rates[rates.max(axis=1) > 0]
    out: NDArray[np.intp] = rates.argmax(axis=1)
    return out


def _nearest_needed(
    inner: NDArray[np.float64],
    heights: NDArray[np.float64],
    beyond: NDArray[np.float64],
    known: set[int],
    i: int,
) -> int:
    """Return the first inequality beside the known ones that fails on the way to the i-th."""
    rates = (inner @ beyond) / heights
    rates[sorted(known)] = -np.inf
    best = int(rates.argmax())
    return best if rates[best] > 0 else i


def _irredundant(inner: NDArray[np.float64], known: list[int]) -> list[int]:
    from scipy.optimize import nnls

    kept = list(known)
    for i in known:
        others = [j for j in kept if j != i]
        if others and nnls(inner[others].T, inner[i])[1] < _FLAT:
            kept.remove(i)
    return kept
