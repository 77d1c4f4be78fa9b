r"""Bounds for the number of regions from the first Betti numbers.

The Betti numbers b_k of an arrangement of rank r are the numbers of faces of its broken-circuit
complex, b_k of them with k elements. That complex is shellable (Provan 1977; Bjorner, The homology
and shellability of matroids and geometric lattices, 1992, theorem 7.4.3), so that the h_i in

.. math:: \sum_k b_k x^k = \sum_i h_i \, x^i (1 + x)^{r - i}

are not negative, and grow no faster than Macaulay's theorem allows (Stanley, Combinatorics and
commutative algebra, II.3.3): with h_i = C(a_i, i) + C(a_{i-1}, i - 1) + ..., a_i > a_{i-1} > ...,
h_{i+1} is at most C(a_i + 1, i + 1) + C(a_{i-1} + 1, i) + ... . It is a cone, so that h_r = 0 for
r > 0. At x = 1 the left side is the number of regions. b_0, ..., b_k give h_0, ..., h_k.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def region_bounds(betti: Sequence[int], rank: int) -> tuple[int, int]:
    """Return a lower and an upper bound for the number of regions, both proved.

    Parameters
    ----------
    betti
        b_0, b_1, ... as far as they are known: at least b_0 = 1 and b_1, the hyperplanes.
    rank
        The rank of the arrangement.

    Examples
    --------
    32 hyperplanes of rank 6, then with two more Betti numbers:

    >>> region_bounds([1, 32], 6), region_bounds([1, 32, 496, 4240], 6)
    ((896, 412736), (26960, 281660))
    >>> region_bounds([1, 6, 11, 6], 3)
    (24, 24)
    """
    h = h_vector(betti, rank)
    known = sum(value << (rank - i) for i, value in enumerate(h))
    upper = known
    for i in range(len(h), rank):
        h.append(macaulay_bound(h[i - 1], i - 1))
        upper += h[i] << (rank - i)
    return known, upper


def h_vector(betti: Sequence[int], rank: int) -> list[int]:
    """Return h_0, h_1, ..., as many as there are Betti numbers.

    Examples
    --------
    >>> h_vector([1, 6, 11, 6], 3)
    [1, 3, 2, 0]
    """
    h: list[int] = []
    for k, b in enumerate(betti):
        h.append(b - sum(value * math.comb(rank - i, k - i) for i, value in enumerate(h)))
    return h


def macaulay_bound(h: int, i: int) -> int:
    """Return the largest h_{i+1} that may follow h_i = h, for i > 0.

    Examples
    --------
    >>> macaulay_bound(3, 1), macaulay_bound(6, 2), macaulay_bound(0, 4)
    (6, 10, 0)
    """
    total = 0
    while h > 0 and i > 0:
        a = i
        while math.comb(a + 1, i) <= h:
            a += 1
        total += math.comb(a + 1, i + 1)
        h -= math.comb(a, i)
        i -= 1
    return total
