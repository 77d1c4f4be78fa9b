"""Which of some cyclotomic numbers are Galois conjugates of each other: decided exactly.

A prime p = 1 mod n splits completely in the field of n-th roots of unity: the ring homomorphisms
E(n) -> r^u into the integers mod p, r a root of order n and u the units mod n, have kernels whose
intersection is p times the ring of integers. The *conjugate residues* of a number are its images
under all of them. If those of two algebraic integers agree, their difference is p times an
algebraic integer; its norm is then 0 or at least p^degree, and it is 0 if the conjugates of both
numbers are of absolute value below p/2. The prime is chosen that large, so that equal conjugate
residues prove equality. Those of the conjugate under E(n) -> E(n)^e are the same ones in another
order.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING

import numpy as np

from toolkit.exact.residues import fields_beyond, prime_factors, residue_product

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.exact.packed import PackedValues

    Indices = NDArray[np.intp]

# entries of one array of terms and units at a time
_AT_ONCE = 1 << 21


class GaloisAction:
    """The Galois conjugates of some cyclotomic numbers among themselves.

    Parameters
    ----------
    values
        The numbers, no two of them equal.

    Notes
    -----
    Exact (see the module). The first use costs about m phi(n) residues for m numbers of conductor
    n; each :meth:`image` one comparison of that many.

    Examples
    --------
    >>> from toolkit.exact import Cyclotomic
    >>> from toolkit.exact.packed import PackedValues
    >>> two, i = Cyclotomic.from_int(2), Cyclotomic(4, ((1, 1, 1),))
    >>> action = GaloisAction(PackedValues.of([two, i, Cyclotomic(4, ((1, -1, 1),))]))
    >>> action.image(-1).tolist(), action.image(2).tolist()
    ([0, 2, 1], [0, -1, -1])
    """

    def __init__(self, values: PackedValues) -> None:
        self._values = values
        self._images: dict[int, Indices] = {}
        self._residues: dict[int, tuple[Indices, NDArray[np.int64], dict[bytes, int]]] = {}

    @property
    def conductor(self) -> int:
        """The least common multiple n of the numbers' conductors."""
        return self._values.conductor

    @property
    def generators(self) -> tuple[int, ...]:
        """Units that generate those modulo the conductor, and so the Galois group."""
        return unit_generators(self.conductor)

    def image(self, exponent: int) -> Indices:
        """Return, per number, where its conjugate under E(n) -> E(n)^exponent is.

        Returns
        -------
        numpy.ndarray
            ``(m,)`` intp, 0-based; -1 for numbers whose conductor is not prime to ``exponent``,
            and for those whose conjugate is not among the numbers.
        """
        e = exponent % self.conductor
        if e not in self._images:
            out = np.full(len(self._values), -1, dtype=np.intp)
            for c in np.unique(self._values.conductors).tolist():
                if gcd(c, exponent) == 1:
                    places, found, known = self._conjugate_residues(c)
                    units = np.array(units_of(c))
                    there = np.searchsorted(units, units * (exponent % c) % c)
                    # the same order of units in the part of every prime
                    moved = found.reshape(len(found), -1, len(units))[:, :, there]
                    images = np.array([known.get(row.tobytes(), -1) for row in moved])
                    out[places] = np.where(images < 0, -1, places[images])
            out.setflags(write=False)
            self._images[e] = out
        return self._images[e]

    def _conjugate_residues(self, c: int) -> tuple[Indices, NDArray[np.int64], dict[bytes, int]]:
        """Return the places of the numbers of conductor c, their residues, and whose they are."""
        if c not in self._residues:
            places = np.flatnonzero(self._values.conductors == c)
            chosen = self._values.chosen(places)
            common = chosen.common_denominator
            bound = 2 * chosen.weight * common
            # several primes where one is not large enough: the pieces side by side
            parts = [
                _all_conjugates(chosen, c, field.prime, field.power_array())
                for field in fields_beyond(c, bound, inner=max(c, 64), avoid=common)
            ]
            found = np.ascontiguousarray(np.concatenate(parts, axis=1))
            known = {row: i for i, row in enumerate(row.tobytes() for row in found)}
            self._residues[c] = places, found, known
        return self._residues[c]


def _all_conjugates(
    values: PackedValues, c: int, p: int, powers: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return residues mod p of numbers of conductor c: a row per number, a column per unit."""
    units = np.array(units_of(c), dtype=np.int64)
    coefficients = values._coefficients(p)
    used, column = np.unique(values.exponents, return_inverse=True)
    if len(values.exponents) <= 8 * len(values):  # few terms each: add them up
        out = np.empty((len(values), len(units)), dtype=np.int64)
        step = max(1, _AT_ONCE // max(1, len(coefficients)))
        for at in range(0, len(units), step):
            some = units[at : at + step]
            terms = powers[np.multiply.outer(some, values.exponents) % c] * coefficients % p
            totals = np.zeros((len(some), len(coefficients) + 1), dtype=np.int64)
            terms.cumsum(axis=1, out=totals[:, 1:])
            out[:, at : at + step] = (np.diff(totals[:, values.ends], axis=1) % p).T
        return out
    dense = np.zeros((len(values), len(used)), dtype=np.int64)
    dense[np.repeat(np.arange(len(values)), values.counts), column] = coefficients
    return residue_product(dense, powers[np.multiply.outer(used, units) % c], p)


@lru_cache(maxsize=64)
def units_of(n: int) -> tuple[int, ...]:
    """Return the units modulo n, rising.

    Examples
    --------
    >>> units_of(1), units_of(12)
    ((0,), (1, 5, 7, 11))
    """
    everything = np.arange(n)
    return tuple(everything[np.gcd(everything, n) == 1].tolist()) if n > 1 else (0,)


@lru_cache(maxsize=256)
def unit_generators(n: int) -> tuple[int, ...]:
    """Return generators of the group of units modulo n, from 1 to n - 1; none for n up to 2.

    One for each odd prime power that divides n exactly (a primitive root), and -1 and 5 for a
    power of 2, each congruent to 1 modulo the rest of n.

    Examples
    --------
    >>> unit_generators(12), unit_generators(16), unit_generators(2)
    ((7, 5), (15, 5), ())
    """
    out: list[int] = []
    for p in prime_factors(n):
        power = p
        while n % (power * p) == 0:
            power *= p
        if p == 2:
            local = [] if power == 2 else [3] if power == 4 else [power - 1, 5]
        else:
            factors = prime_factors(p - 1)
            root = next(
                a for a in range(2, p + 2) if all(pow(a, (p - 1) // q, p) != 1 for q in factors)
            )
            # a primitive root of p is one of its powers unless its (p-1)-th power is 1 mod p^2
            local = [root if power == p or pow(root, p - 1, p * p) != 1 else root + p]
        rest = n // power
        out += [(a * rest * pow(rest, -1, power) + power * pow(power, -1, rest)) % n for a in local]
    return tuple(out)
