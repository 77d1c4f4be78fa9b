r"""Eigenvalues of the elements of a group in a representation, by its character.

With o the order of g, the multiplicity of E(o)^j among the eigenvalues of g is

.. math:: m_j = \frac{1}{o} \sum_{i=0}^{o-1} \chi(g^i) E(o)^{-ij},

and where the i-th power is d u with d dividing o and u prime to o / d, chi(g^i) is the Galois
conjugate of chi(g^d) under E -> E^u: power maps of primes are enough.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.exact.residues import LARGEST_INT64_PRIME, residue_field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.exact.cyclotomic import Number
    from toolkit.groups.class_functions.space import ClassFunctionSpace


def eigenvalue_multiplicities(
    space: ClassFunctionSpace, values: Sequence[Number], bound: int, conjugacy_class: int
) -> tuple[int, ...]:
    """Return how often E(o)^0, ..., E(o)^(o-1) is an eigenvalue of the elements of one class.

    Parameters
    ----------
    space
        The class functions of the table.
    values
        ``(classes,)`` exact values of a virtual character.
    bound
        No smaller than any multiplicity.
    conjugacy_class
        0-based.

    Notes
    -----
    Exact: integers read off modulo a prime of more than twice the bound. O(o^2).
    """
    order = space.table.element_orders[conjugacy_class]
    field = residue_field(math.lcm(space.conductor, order), max(bound, 1 << 29))
    p = field.prime
    dtype = np.int64 if p < LARGEST_INT64_PRIME else object
    powers = np.empty(order, dtype=dtype)
    for d in (d for d in range(1, order + 1) if order % d == 0):
        v = values[int(space.power_classes(d)[conjugacy_class])]
        x = v if isinstance(v, Cyclotomic) else Cyclotomic.from_int(int(v))
        for u in range(1, order // d + 1):
            if math.gcd(u, order // d) == 1:
                powers[d * u % order] = field.map([x], galois=u)[0]
    root = field.map([Cyclotomic.root_of_unity(order, -1)])[0]
    roots = [1]
    for _ in range(order - 1):
        roots.append(roots[-1] * root % p)
    table = np.array(roots, dtype=dtype)
    scale = field.inverse(order)
    out = []
    for j in range(order):
        row = table[np.arange(order) * j % order]
        out.append(field.to_int(int((powers * row % p).sum()) * scale))
    return tuple(out)
