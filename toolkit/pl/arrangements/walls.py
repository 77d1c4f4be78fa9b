"""The walls of a cone, found in floating point from a point inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_SHOTS = 64
_FLAT = 1e-9  # a unit normal this near to the cone of others is in it


def walls_of_cone(inner: Floats, inside: Floats) -> NDArray[np.intp]:
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
    others, to 1e-9. First rays from the point show most of those needed; then each other one is
    compared with these, and where it is no such sum, the ray that shows this meets a needed one
    (Clarkson, More output-sensitive geometric algorithms, 1994). n least squares problems of the
    size of the answer.

    Examples
    --------
    Three planes bound an octant; the fourth only touches it:

    >>> inner = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [0.6, 0.8, 0]])
    >>> walls_of_cone(inner, np.ones(3)).tolist()
    [0, 1, 2]
    """
    n, d = inner.shape
    if n <= 1:
        return np.arange(n, dtype=np.intp)
    heights = inner @ inside
    rays = np.random.default_rng(0).standard_normal((_SHOTS, d))
    known = set(_first_met(inner, heights, np.concatenate([rays, -rays])).tolist())
    todo = [i for i in range(n) if i not in known]
    while todo:
        i = todo[-1]
        beyond = outside_cone(inner[sorted(known)], inner[i])
        if beyond is None:
            todo.pop()
            continue
        # the way on which only inequalities fail that are not known, and the i-th does
        rates = (inner @ beyond) / heights
        rates[sorted(known)] = -np.inf
        met = int(rates.argmax())
        met = met if met in todo else i  # one in the cone of others, by rounding
        known.add(met)
        todo.remove(met)
    # one of several that meet a ray at once need not be needed
    kept = sorted(known)
    for i in sorted(known):
        others = [j for j in kept if j != i]
        if others and outside_cone(inner[others], inner[i]) is None:
            kept.remove(i)
    return np.array(kept, dtype=np.intp)


def outside_cone(rows: Floats, vector: Floats) -> Floats | None:
    """Return y with rows y <= 0 and <vector, y> > 0; ``None`` if the vector is in their cone.

    Parameters
    ----------
    rows
        ``(n, d)`` unit vectors.
    vector
        ``(d,)`` another one.

    Notes
    -----
    The difference between the vector and the nearest point of the cone, by least squares with
    positive weights (Lawson and Hanson). SciPy's solver sometimes ends with other weights and says
    that nothing is left: the answer is checked, and a linear program takes its place.

    Examples
    --------
    >>> outside_cone(np.eye(2), np.array([0.6, -0.8])).round(6).tolist()
    [0.0, -0.8]
    >>> outside_cone(np.eye(2), np.array([0.6, 0.8])) is None
    True
    """
    from scipy.optimize import linprog, nnls

    try:
        weights = nnls(rows.T, vector)[0]
    except RuntimeError:  # it did not converge
        weights = np.zeros(len(rows))
    rest: Floats = vector - weights @ rows
    if np.linalg.norm(rest) < _FLAT:
        return None
    if (rows @ rest).max() < _FLAT and abs(rest @ (weights @ rows)) < _FLAT:
        return rest
    d = len(vector)
    found = linprog(
        -vector, A_ub=rows, b_ub=np.zeros(len(rows)), bounds=[(-1.0, 1.0)] * d, method="highs-ds"
    )
    if found.x is None or found.fun is None or -found.fun < _FLAT:
        return None
    return np.asarray(found.x, dtype=np.float64)


def _first_met(inner: Floats, heights: Floats, rays: Floats) -> NDArray[np.intp]:
    """Return per ray the inequality that fails first; rays on which none fails are left out."""
    rates = -(rays @ inner.T) / heights
    rates = rates[rates.max(axis=1) > 0]
    out: NDArray[np.intp] = rates.argmax(axis=1)
    return out
