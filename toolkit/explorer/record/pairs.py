"""Which simples reach which, through each parity part: the numbers all edges are made of.

On one orbit of a module, and for each simple L in it, U is the subgroup of those g that act as one
sign on L^H (:mod:`toolkit.pl`). The dimensions of K^U, and of the vectors in K on which U acts by
that sign, for all K, decide every interaction graph; :mod:`toolkit.explorer.record.edges` says how.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.explorer.record.numbers import whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.pl.criterion.orbit import OrbitCriterion

#: Degrees of powers of which a record says what they reach.
DEGREES = (2, 3, 4, 5, 6)


def pairs_of(orbit: OrbitCriterion) -> dict[str, Any]:
    """Return ``pairs`` for one orbit: what each of its simples reaches, by positions.

    Parameters
    ----------
    orbit
        The criterion on the orbit.

    Returns
    -------
    dict
        ``even`` and ``odd``: per simple L a flat list ``[k, dimension, k, dimension, ...]`` of the
        simples K with dim K^U > 0, and with vectors on which U acts by its sign (dim K^U again
        where U has no element that acts as -1). ``degree``: per degree a list per simple of the
        K in the powers of its vectors.

    Notes
    -----
    Exact, for all simples at once; never starts GAP.
    """
    each = np.eye(len(orbit.rows), dtype=np.bool_)
    plus, minus = orbit.subgroups(each)
    even, odd = orbit.fixed_dimensions(plus, minus)
    reachable = (even > 0) | (odd > 0) | each
    powers = {str(d): _places(orbit.occurring_in_powers(each, d) & reachable) for d in DEGREES}
    return {"even": _reached(even), "odd": _reached(odd), "degree": powers}


def _places(mask: Any) -> list[list[int]]:  # noqa: ANN401 - an array of Booleans
    return [np.flatnonzero(row).tolist() for row in mask]


def _reached(dimensions: Any) -> list[list[int | str]]:  # noqa: ANN401 - an array of integers
    out: list[list[int | str]] = []
    for row in dimensions:
        where = np.flatnonzero(row > 0).tolist()
        out.append([x for k in where for x in (k, whole(int(row[k])))])
    return out


def hyperplanes_of(orbit: OrbitCriterion) -> list[int]:
    """Return per simple L the number of lines of the normals g w, w generic in L^H: |G:U|."""
    each = np.eye(len(orbit.rows), dtype=np.bool_)
    plus, minus = orbit.subgroups(each)
    sizes: Sequence[int] = orbit.sizes
    orders = (plus | minus) @ np.array(sizes, dtype=object)
    return [orbit.table.group_order // int(order) for order in orders]
