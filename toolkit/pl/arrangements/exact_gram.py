r"""Inner products of unit vectors known exactly: which determinants of them vanish, with proof.

The vectors gw of a simple L of multiplicity 1 in Fun(G/H) have the inner products
phi_L(x^-1 y), cyclotomic numbers. Whether a determinant of such numbers is 0 says whether the
vectors are dependent. It is decided by three facts about one number t:

* t is 0 in several prime fields that hold the roots of unity, and \|t\| < e in floating point;
* q^k t is an algebraic integer, for k x k determinants of numbers with denominator q;
* each Galois conjugate of phi_L is the spherical function of another simple, so that it too is
  the inner product of unit vectors, and each conjugate of t has absolute value at most 1.

The same holds for vectors of length at most 1, and for any others after dividing by a rational
bound M of their squared lengths, that of their conjugates too: of a cone over affine hyperplanes
<v, n_i> = k_i / s the entries are phi_ij + k_i k_j / s^2, rational numbers added.

Were t not 0, the norm of q^k t would be an integer, not 0, divisible by the product of the primes,
and at most q^(kD) e, with D the degree of the field. So t = 0 as soon as the product of the
primes is larger than that: as many primes are taken as it needs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.exact.residues import LARGEST_INT64_PRIME, ResidueField, residue_field
from toolkit.exact.vanishing import real_degree
from toolkit.modules.gsets.actions import IntArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_MOST_PRIMES = 64


@dataclass(frozen=True, eq=False)
class ExactGram:
    """The inner products of n vectors, exactly: of unit vectors, or of a cone over them.

    Parameters
    ----------
    index
        ``(n, n)`` integers: which of the values each inner product is.
    values
        Real cyclotomic numbers of absolute value at most 1, as are all their conjugates.
    offsets
        ``n`` rational numbers k, or none.
    unit
        What k_i k_j is multiplied by before it is added to the i, j-th value.
    """

    index: IntArray
    values: tuple[Cyclotomic, ...]
    offsets: tuple[Fraction, ...] = ()
    unit: Fraction = Fraction(0)

    def cone(self, offsets: Sequence[Fraction], unit: Fraction) -> ExactGram:
        """Return the inner products of (n_i, -k_i s) and, last, of (0, s), with s^2 = unit.

        Examples
        --------
        Two parallel lines in a plane, at 1 and -1, and the line at infinity:

        >>> one = ExactGram(np.zeros((2, 2), dtype=np.intp), (Cyclotomic.from_int(1),))
        >>> p, matrix = one.cone([Fraction(1), Fraction(-1)], Fraction(1)).residues(2, 1e-9)[0]
        >>> ((matrix + 1) % p - 1).tolist()
        [[2, 0, -1], [0, 2, 1], [-1, 1, 1]]
        """
        n = len(self.index)
        index = np.full((n + 1, n + 1), len(self.values), dtype=np.intp)
        index[:n, :n] = self.index
        values = (*self.values, Cyclotomic.from_int(0))
        return ExactGram(index, values, (*offsets, Fraction(-1)), unit)

    def residues(
        self, order: int, small: float, *, skip: int = 0
    ) -> tuple[tuple[int, NDArray[np.int64]], ...]:
        """Return the matrix modulo enough primes for vanishing in all of them to be a proof.

        Parameters
        ----------
        order
            The largest order k of a determinant that is to be judged.
        small
            e: determinants are judged only if their absolute value is below it; 1 is for all.
        skip
            How many suitable primes to pass over.

        Returns
        -------
        tuple
            Pairs of a prime and an ``(n, n)`` int64 matrix; empty if there are not enough
            such primes below 3e9; nothing is proved then.
        """
        numbers = np.unique(self.index)
        used = [self.values[i] for i in numbers]
        place = np.searchsorted(numbers, self.index)
        conductor = ResidueField.common_conductor(used)
        denominators = {d for value in used for _, _, d in value.terms}
        added = [k * k * self.unit for k in self.offsets]
        longest = max((1 + square for square in added), default=Fraction(1))
        bases = math.lcm(*(k.denominator for k in self.offsets), 1) ** 2 * self.unit.denominator
        whole = math.lcm(*denominators, bases, 1) * longest.numerator
        # the bits that the product of the primes must have
        needed = order * real_degree(conductor) * math.log2(whole) + math.log2(small) + 1
        if needed > _MOST_PRIMES * math.log2(LARGEST_INT64_PRIME):
            return ()
        out: list[tuple[int, NDArray[np.int64]]] = []
        bits = 0.0
        while bits <= max(needed, 1.0) or len(out) < 2:
            field = residue_field(conductor, skip=skip + len(out))
            if field.prime > LARGEST_INT64_PRIME or len(out) == _MOST_PRIMES:
                return ()
            bits += math.log2(field.prime)
            p = field.prime
            mapped = np.array(field.map(used), dtype=np.int64)[place]
            if self.offsets:
                if bases % p == 0:
                    return ()
                k = np.array([_modulo(x, p) for x in self.offsets], dtype=np.int64)
                squares = k[:, None] * k[None, :] % p
                mapped = (mapped + squares * _modulo(self.unit, p)) % p
            out.append((p, mapped))
        return tuple(out)


def _modulo(x: Fraction, p: int) -> int:
    return x.numerator * pow(x.denominator, -1, p) % p


def match_values(
    found: NDArray[np.float64], values: tuple[Cyclotomic, ...], tolerance: float = 1e-9
) -> ExactGram | None:
    """Return which value each float is, or ``None`` unless that is certain.

    Parameters
    ----------
    found
        ``(n, n)`` inner products of unit vectors in floating point, right to ``tolerance``.
    values
        The values that they can have.

    Notes
    -----
    Exact, given that the floats are right to ``tolerance`` and can have no other values: one value
    is within ``tolerance`` and all others are ten times as far away.

    Examples
    --------
    >>> from fractions import Fraction
    >>> values = (Cyclotomic.from_int(1), Cyclotomic.from_fraction(Fraction(-1, 3)))
    >>> match_values(np.array([[1.0, -0.3333333333333]]), values).index.tolist()
    [[0, 1]]
    >>> match_values(np.array([[0.9, -0.3333333333333]]), values) is None
    True
    """
    floats = np.array([value.to_float() for value in values])
    order = np.argsort(floats)
    rising = floats[order]
    if np.diff(rising).min(initial=1.0) < 20 * tolerance:
        return None
    place = np.searchsorted((rising[1:] + rising[:-1]) / 2, found)
    if np.abs(rising[place] - found).max(initial=0.0) > tolerance:
        return None
    return ExactGram(order[place], values)
