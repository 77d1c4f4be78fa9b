"""The canonical order of the elements, characters and simples of an abelian group, by formula.

The group is C_d1 x ... x C_dr with d1 | d2 | ... | dr, its invariant factors. An element has
coordinates x_i modulo d_i, a character coordinates a_i, and its value at x is
exp(2 pi i (a_1 x_1 / d_1 + ... + a_r x_r / d_r)).

*Elements* are ordered by order, those that are no squares first, then prime by prime by their
components: the one with fewer coordinates that are not 0 first, then by the coordinates. (In a
cyclic group: by the coordinate.) *Characters* and *simples* are ordered by the rule of
:mod:`toolkit.groups.canonical_order`, as in every group; here it is evaluated without writing down
kernels and rows. Of two kernels of one order the first is the one that contains the first element
in which they differ, which is of prime power order. Simples with one kernel are told apart by
their values at the first elements where these have order d, for the divisors d of the order of the
action.

All choices of independent generators of these orders are equivalent under automorphisms, so that
the labelled table depends on the isomorphism type alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from toolkit.cached import cached_property
from toolkit.exact.residues import prime_factors
from toolkit.groups.closed_forms.integers import divisors, valuation
from toolkit.groups.closed_forms.primary import PrimaryPart

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class AbelianOrder:
    """The canonical order of one abelian group; arrays are made when first needed.

    Parameters
    ----------
    invariants
        The invariant factors d1 | d2 | ... | dr, all above 1; empty for the trivial group.

    Notes
    -----
    An element or a character has a *code*, the number of its coordinates in lexicographic order.
    """

    invariants: tuple[int, ...]

    @property
    def order(self) -> int:
        """Number of elements."""
        return math.prod(self.invariants)

    @property
    def exponent(self) -> int:
        """The largest order of an element."""
        return self.invariants[-1] if self.invariants else 1

    @cached_property
    def coordinates(self) -> Ints:
        """``(order, r)`` the coordinates by code."""
        if not self.invariants:
            return np.zeros((1, 0), dtype=np.int64)
        grid = np.indices(self.invariants, dtype=np.int64).reshape(len(self.invariants), -1)
        return np.ascontiguousarray(grid.T)

    def codes(self, coordinates: Ints) -> Ints:
        """Return the codes of rows of coordinates, which are reduced first."""
        out = np.zeros(len(coordinates), dtype=np.int64)
        for i, d in enumerate(self.invariants):
            out = out * d + coordinates[:, i] % d
        return out

    @cached_property
    def orders(self) -> Ints:
        """The order of each element, or character, by code."""
        out: Ints = np.ones(self.order, dtype=np.int64)
        for part in self.parts:
            out *= (part.prime**part.levels)[part.codes(self.coordinates)]
        return out

    @cached_property
    def negatives(self) -> Ints:
        """The code of the inverse, by code."""
        return self.codes(-self.coordinates)

    # elements -------------------------------------------------------------------------------

    @cached_property
    def classes(self) -> Ints:
        """Codes of the elements in canonical order."""
        if len(self.invariants) == 1:
            return np.lexsort((np.arange(self.order), self.orders))
        x, d = self.coordinates, np.array(self.invariants, dtype=np.int64)
        square = np.all((d % 2 == 1) | (x % 2 == 0), axis=1)
        keys = [self.orders, square]
        for part, scale in zip(self.parts, self._scales, strict=True):
            # the component of order a power of p, in coordinates modulo p^e_i
            y = x * scale % np.array(part.moduli, dtype=np.int64)
            keys.append(part.element_ranks[part.codes(y)])
        return np.lexsort(keys[::-1])

    @cached_property
    def _scales(self) -> list[Ints]:
        """Per prime, per coordinate: x_i times it is the coordinate of the p-component of x."""
        out = []
        for part in self.parts:
            inverses = [
                pow(d // q, -1, q) if q > 1 else 0
                for d, q in zip(self.invariants, part.moduli, strict=True)
            ]
            out.append(np.array(inverses, dtype=np.int64))
        return out

    @cached_property
    def class_places(self) -> Ints:
        """The position of each element in canonical order, by code."""
        return _inverse(self.classes)

    # characters -----------------------------------------------------------------------------

    @cached_property
    def parts(self) -> tuple[PrimaryPart, ...]:
        """The primary parts of the group of characters, primes rising."""
        out = [
            PrimaryPart(p, tuple(valuation(d, p) for d in self.invariants))
            for p in prime_factors(self.exponent)
        ]
        return tuple(out)

    @cached_property
    def _kernel_keys(self) -> list[Ints]:
        """Arrays by code that order kernels of one order, the first being the most significant."""
        keyed = []
        for part in self.parts:
            code = part.codes(self.coordinates)
            keyed += [
                (part.prime**j, ranks[code]) for j, ranks in enumerate(part.kernel_ranks, start=1)
            ]
        return [ranks for _, ranks in sorted(keyed, key=lambda item: item[0])]

    @cached_property
    def _first_values(self) -> list[tuple[int | Ints, Ints]]:
        """Columns (d, t) by which characters with one kernel are compared, by code.

        The value at the first element where values of order d occur is exp(2 pi i t / d); the
        columns stand in the order of those elements. d may depend on the kernel.
        """
        e = self.exponent
        if e <= 2:  # one character for each kernel
            return []
        if len(self.invariants) == 1:
            return [(d, self.coordinates[:, 0] % d) for d in divisors(e)[1:]]
        codes = [part.codes(self.coordinates) for part in self.parts]
        out: list[tuple[int | Ints, Ints]] = []
        for n in divisors(e)[1:]:
            d = np.ones(self.order, dtype=np.int64)
            t = np.zeros(self.order, dtype=np.int64)
            here = np.ones(self.order, dtype=np.bool_)
            for part, code in zip(self.parts, codes, strict=True):
                level = valuation(n, part.prime)
                if level:
                    j, phase = (array[code] for array in part.first_phases[level])
                    here &= j >= 0
                    q = part.prime ** np.maximum(j, 0)
                    t = t * q + phase * d
                    d = d * q
            if here.any():
                out.append((np.where(here, d, 1), np.where(here, t % d, 0)))
        return out

    @cached_property
    def simples(self) -> Ints:
        """A code of a character for each simple, in canonical order."""
        code = np.arange(self.order)
        chosen = code[code <= self.negatives]
        keys = [
            (self.orders > 2).astype(np.int64),
            self.orders,
            *self._kernel_keys,
            *(np.minimum(t, d - t) for d, t in self._first_values),
        ]
        return chosen[np.lexsort([key[chosen] for key in reversed(keys)])]

    @cached_property
    def characters(self) -> Ints:
        """Codes of the characters in canonical order."""
        keys = [(self.orders > 2).astype(np.int64), self.orders, *self._kernel_keys]
        for d, t in self._first_values:
            keys += [np.minimum(t, d - t), (2 * t > d).astype(np.int64)]
        return np.lexsort(keys[::-1])

    @cached_property
    def character_places(self) -> Ints:
        """The position of each character in canonical order, by code."""
        return _inverse(self.characters)

    def phases(self, character: int, elements: Ints) -> Ints:
        """Return j with values exp(2 pi i j / exponent) at elements given by codes.

        Parameters
        ----------
        character
            Its code.
        elements
            Codes.
        """
        out: Ints = self.phases_of(np.array([character]), elements)[0]
        return out

    def phases_of(self, characters: Ints, elements: Ints) -> Ints:
        """Return :meth:`phases` of several characters, ``(characters, elements)``."""
        e = self.exponent
        a = self.coordinates[characters]
        for i, d in enumerate(self.invariants):
            a[:, i] = a[:, i] * (e // d) % e
        x = self.coordinates[elements]
        if len(self.invariants) * e * e < 1 << 53:  # doubles are exact then, and much faster
            rounded: Ints = (a.astype(np.float64) @ x.T.astype(np.float64)).astype(np.int64)
            rounded %= e
            return rounded
        out: Ints = a @ x.T % e
        return out


def _inverse(permutation: Ints) -> Ints:
    out = np.empty_like(permutation)
    out[permutation] = np.arange(len(permutation))
    return out


@lru_cache(maxsize=64)
def abelian_order(invariants: tuple[int, ...]) -> AbelianOrder:
    """Return the canonical order of an abelian group, kept for the next time."""
    return AbelianOrder(invariants)
