"""The characters of an abelian p-group: their cyclic subgroups in canonical order, by arrays.

A character of C_(p^e1) x ... x C_(p^er) has coordinates a_i modulo p^ei, and the value
exp(2 pi i (a_1 y_1 / p^e1 + ... + a_r y_r / p^er)) at the element y. Its kernel determines the
cyclic group of characters that it generates, and conversely.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toolkit.cached import cached_property

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

_CHUNK = 16  # elements looked at together; fewer than the bits of an int64


@dataclass(frozen=True)
class PrimaryPart:
    """The group of characters of C_(p^e1) x ... x C_(p^er).

    Parameters
    ----------
    prime
        p.
    exponents
        e1, ..., er; zeros are allowed.
    """

    prime: int
    exponents: tuple[int, ...]

    @cached_property
    def moduli(self) -> tuple[int, ...]:
        """p^e1, ..., p^er."""
        return tuple(self.prime**e for e in self.exponents)

    @property
    def depth(self) -> int:
        """The largest e_i: the exponent of the group is p^depth."""
        return max(self.exponents, default=0)

    @property
    def order(self) -> int:
        """Number of elements, and of characters."""
        return math.prod(self.moduli)

    @property
    def is_cyclic(self) -> bool:
        """Whether at most one exponent is not 0."""
        return sum(e > 0 for e in self.exponents) <= 1

    @cached_property
    def coordinates(self) -> Ints:
        """All coordinates, ``(order, r)``, the last one running fastest."""
        grid = np.indices(self.moduli, dtype=np.int64).reshape(len(self.moduli), -1)
        return np.ascontiguousarray(grid.T)

    def codes(self, coordinates: Ints) -> Ints:
        """Return the rows' numbers in :attr:`coordinates`; entries are reduced first."""
        out = np.zeros(len(coordinates), dtype=np.int64)
        for i, q in enumerate(self.moduli):
            out = out * q + coordinates[:, i] % q
        return out

    @cached_property
    def levels(self) -> Ints:
        """Per character k, where p^k is its order."""
        out = np.zeros(self.order, dtype=np.int64)
        for column, e in zip(self.coordinates.T, self.exponents, strict=True):
            for k in range(1, e + 1):
                out[(column % self.prime ** (e - k + 1) != 0) & (out < k)] = k
        return out

    @cached_property
    def _generator_and_unit(self) -> tuple[Ints, Ints]:
        if self.prime**self.depth == 2:
            return np.arange(self.order), np.ones(self.order, dtype=np.int64)
        return self._normalised(self.coordinates, self.levels)

    def _normalised(self, a: Ints, levels: Ints) -> tuple[Ints, Ints]:
        """Return per character a the code of the chosen generator b of <a>, and u with a = u b.

        The first coordinate of b that has the order of b is p^(e_i - k), of order p^k.
        """
        unit = np.ones(len(a), dtype=np.int64)
        open_ = levels > 0
        for i, e in enumerate(self.exponents):
            step = self.prime ** np.maximum(e - levels, 0)
            # of order p^k: divisible by p^(e-k), and not by p^(e-k+1)
            here = open_ & (levels <= e) & (a[:, i] % (step * self.prime) != 0)
            unit[here] = (a[here, i] // step[here]) % self.prime ** levels[here]
            open_ &= ~here
        inverse = np.ones(len(a), dtype=np.int64)
        for k in range(1, self.depth + 1):
            rows = levels == k
            found, place = np.unique(unit[rows], return_inverse=True)
            q = self.prime**k
            inverses = np.array([pow(int(u), -1, q) for u in found.tolist()], dtype=np.int64)
            inverse[rows] = inverses[place]
        return self.codes(a * inverse[:, None]), unit

    @property
    def generators(self) -> Ints:
        """Per character the code of the chosen generator of the cyclic group it generates."""
        return self._generator_and_unit[0]

    @property
    def units(self) -> Ints:
        """Per character a the unit u modulo its order with a = u b, b the chosen generator."""
        return self._generator_and_unit[1]

    @cached_property
    def _elements(self) -> tuple[Ints, ...]:
        """Per level j = 0, ..., depth the codes of the elements of order p^j, in canonical order.

        Those that are no squares come first, then those with fewer coordinates that are not 0.
        """
        square = np.zeros(self.order, dtype=np.bool_)
        if self.prime == 2:
            square = np.all((self.coordinates % 2 == 0) | (np.array(self.moduli) == 1), axis=1)
        weight = np.count_nonzero(self.coordinates, axis=1)
        out = []
        for j in range(self.depth + 1):
            here = np.flatnonzero(self.levels == j)
            out.append(here[np.lexsort((here, weight[here], square[here]))])
        return tuple(out)

    @cached_property
    def element_ranks(self) -> Ints:
        """Per element, by code, its position among those of its order in canonical order."""
        out = np.zeros(self.order, dtype=np.int64)
        for here in self._elements:
            out[here] = np.arange(len(here))
        return out

    @cached_property
    def _chosen(self) -> tuple[Ints, Ints]:
        """The codes of the chosen generators, and per character the position of its own."""
        chosen = np.unique(self.generators)
        place = np.zeros(self.order, dtype=np.int64)
        place[chosen] = np.arange(len(chosen))
        return chosen, place[self.generators]

    def _phases(self, characters: Ints, elements: Ints) -> Ints:
        """Return ``(characters, elements)`` j with values exp(2 pi i j / p^depth), by codes."""
        scale = np.array([self.prime ** (self.depth - e) for e in self.exponents], dtype=np.int64)
        y = self.coordinates[elements] * scale
        a = self.coordinates[characters]
        q = self.prime**self.depth
        if len(scale) * q * q < 1 << 53:  # doubles are exact then, and several times as fast
            rounded: Ints = (a.astype(np.float64) @ y.T.astype(np.float64)).astype(np.int64)
            rounded %= q
            return rounded
        out: Ints = a @ y.T % q
        return out

    @cached_property
    def kernel_ranks(self) -> tuple[Ints, ...]:
        """Per level j = 1, ..., depth, per character: the rank of its kernel among elements p^j.

        Kernels are compared by the elements of order p^j in canonical order: the one that
        contains the first element in which they differ comes first.
        """
        if self.is_cyclic:
            return tuple(
                (self.levels > self.depth - j).astype(np.int64) for j in range(1, self.depth + 1)
            )
        chosen, place = self._chosen
        known = np.zeros(len(chosen), dtype=np.int64)
        out = []
        for j in range(1, self.depth + 1):
            goal = len(chosen) if j == self.depth else self._distinct_kernels(chosen, j)
            rank = np.zeros(len(chosen), dtype=np.int64)
            distinct = int(known.max()) + 1
            here = self._elements[j]
            for start in range(0, len(here), _CHUNK):
                if distinct >= goal:
                    break
                outside = self._phases(chosen, here[start : start + _CHUNK]) != 0
                rank = _ranks(rank, outside @ (1 << np.arange(outside.shape[1])[::-1]))
                distinct = int(_ranks(known, rank).max()) + 1
            known = _ranks(known, rank)
            out.append(rank[place])
        return tuple(out)

    @cached_property
    def first_phases(self) -> tuple[tuple[Ints, Ints], ...]:
        """Per level s = 0, ..., depth, per character a: (j, t), where a first takes new values.

        If values of order p^j are taken on elements of order p^s and on none of smaller order,
        then exp(2 pi i t / p^j) is the value at the first of those; else j is -1.
        """
        zero = np.zeros(self.order, dtype=np.int64)
        out = [(zero, zero)]
        chosen, place = self._chosen
        reached = np.zeros(len(chosen), dtype=np.int64)  # the largest level of values so far
        for s in range(1, self.depth + 1):
            # p^(depth - s) times the coordinates of b: what b is on the elements of order p^s
            top = np.zeros(len(chosen), dtype=np.int64)
            for i, e in enumerate(self.exponents):
                q = self.prime ** min(s, e)
                part = self.coordinates[chosen, i] % q
                for k in range(1, min(s, e) + 1):
                    top[(part % (q // self.prime ** (k - 1)) != 0) & (top < k)] = k
            level = np.full(len(chosen), -1, dtype=np.int64)
            phase = np.zeros(len(chosen), dtype=np.int64)
            open_ = np.flatnonzero(top > reached)
            level[open_] = top[open_]
            here = self._elements[s]
            for start in range(0, len(here), _CHUNK):
                if not len(open_):
                    break
                found = self._phases(chosen[open_], here[start : start + _CHUNK])
                step = self.prime ** (self.depth - top[open_])[:, None]
                # of order p^j: a multiple of p^(depth - j), and not of p^(depth - j + 1)
                wanted = found % (step * self.prime) != 0
                hit = wanted.any(axis=1)
                first = wanted.argmax(axis=1)
                values = found[np.arange(len(open_)), first] // step[:, 0]
                phase[open_[hit]] = values[hit]
                open_ = open_[~hit]
            reached = np.maximum(reached, top)
            j = level[place]
            q = self.prime ** np.maximum(j, 0)
            out.append((j, np.where(j >= 0, phase[place] * self.units % q, 0)))
        return tuple(out)

    def _distinct_kernels(self, characters: Ints, level: int) -> int:
        """Return how many kernels characters have on the elements of order up to p^level."""
        part = PrimaryPart(self.prime, tuple(min(e, level) for e in self.exponents))
        codes = part.codes(self.coordinates[characters])
        return len(np.unique(part.generators[codes]))


def _ranks(first: Ints, second: Ints) -> Ints:
    """Return dense ranks of the pairs, compared by ``first`` and then ``second``."""
    order = np.lexsort((second, first))
    a, b = first[order], second[order]
    steps = np.zeros(len(order), dtype=np.int64)
    steps[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    out = np.empty(len(order), dtype=np.int64)
    out[order] = np.cumsum(steps)
    return out
