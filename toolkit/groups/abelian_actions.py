r"""Transitive sets of commuting permutations: everything is a formula in the characters.

The group that acts on n points is then abelian of order n, and each point x is one element a:
x = b^a for the base b, point 0. A character is given by its phases t_j at the generators g_j,
chi(g_j) = exp(2 pi i t_j / e), and the simples in Fun(X) are the pairs of a character and its
conjugate, each of multiplicity 1. Simples of different orbits are the same iff the phases are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from toolkit.cached import cached_property
from toolkit.exact.root_sums import twice_the_cosine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Cyclotomic

    IntArray = NDArray[np.intp]


def commute(images: IntArray) -> bool:
    """Return whether permutations commute, given as ``(k, n)`` images.

    Examples
    --------
    >>> commute(np.array([[1, 0, 2, 3], [0, 1, 3, 2]])), commute(np.array([[1, 2, 0], [1, 0, 2]]))
    (True, False)
    """
    return all(np.array_equal(g[h], h[g]) for i, g in enumerate(images) for h in images[i + 1 :])


@dataclass(frozen=True, eq=False)
class AbelianAction:
    """An abelian group that acts transitively on n points, by k commuting permutations.

    Parameters
    ----------
    exponent
        e, the largest order of an element that acts.
    elements
        ``(n, k)`` exponents: point x is the image of point 0 under the product of the generators'
        powers ``elements[x, j]``.
    relations
        ``(k, k)`` triangular: the products of powers by each row act as 1, and all others that do
        are products of these. Row i has its last entry, the order of g_i modulo those before it,
        at i.
    """

    exponent: int
    elements: IntArray
    relations: IntArray

    @classmethod
    def of_images(cls, images: IntArray) -> AbelianAction:
        """Return the action by ``(k, n)`` images of permutations that commute, of one orbit.

        Examples
        --------
        >>> action = AbelianAction.of_images(np.array([[1, 0, 3, 2], [2, 3, 1, 0]]))
        >>> action.exponent, action.relations.tolist(), action.elements.tolist()
        (4, [[2, 0], [-1, 2]], [[0, 0], [1, 0], [0, 1], [1, 1]])
        """
        k, n = images.shape
        elements = np.full((n, k), -1, dtype=np.intp)
        elements[0] = 0
        relations = np.zeros((k, k), dtype=np.intp)
        reached = np.zeros(1, dtype=np.intp)
        exponent = 1
        for i, g in enumerate(images):
            steps, point, length = 1, int(g[0]), 1
            while point:
                point, length = int(g[point]), length + 1
            exponent = math.lcm(exponent, length)
            blocks, block = [reached], g[reached]
            while elements[block[0], 0] < 0:
                elements[block] = elements[reached]
                elements[block, i] = steps
                blocks.append(block)
                block, steps = g[block], steps + 1
            relations[i] = -elements[block[0]]
            relations[i, i] = steps
            reached = np.concatenate(blocks)
        return cls(exponent, elements, relations)

    @cached_property
    def characters(self) -> IntArray:
        """``(simples, k)`` the phases of one character of each pair, the trivial one first."""
        e = self.exponent
        found = np.zeros((1, 0), dtype=np.intp)
        for i, row in enumerate(self.relations):
            rest, order = -(found @ row[:i]) % e, int(row[i])
            # order * t_i = rest modulo e; the group of characters has exponent e, so e t_i is whole
            new = (rest[:, None] + e * np.arange(order)[None, :]) // order
            found = np.column_stack([np.repeat(found, order, axis=0), new.ravel()])
        pairs = {min(tuple(t), tuple(-x % e for x in t)) for t in found.tolist()}
        return np.array(sorted(pairs), dtype=np.intp).reshape(len(pairs), -1)

    def spanning_characters(self) -> list[list[int]]:
        """Return the phases of k characters that generate all."""
        e, k = self.exponent, len(self.relations)
        out = []
        for chosen in range(k):
            phases: list[int] = []
            for i, row in enumerate(self.relations.tolist()):
                rest = e * (i == chosen) - sum(c * t for c, t in zip(row, phases, strict=False))
                phases.append(rest // row[i])
            out.append(phases)
        return out

    @cached_property
    def rows(self) -> IntArray:
        """``(simples, n)`` phi at each point is cos(2 pi rows / e), 0 <= 2 rows <= e."""
        phases = self.characters @ self.elements.T % self.exponent
        folded: IntArray = np.minimum(phases, -phases % self.exponent)
        return folded

    def cosine(self, phase: int) -> Cyclotomic:
        """Return cos(2 pi phase / e)."""
        return twice_the_cosine(self.exponent, phase).scaled(Fraction(1, 2))
