"""Many cyclotomics at once: their coefficients in flat arrays, their residues in bulk."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toolkit.cached import cached_property
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.exact.residues import LARGEST_INT64_PRIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from toolkit.exact.residues import ResidueField

    Ints = NDArray[np.int64]

_LARGEST_TABLE = 1 << 22


@dataclass(frozen=True, eq=False)
class PackedValues:
    """A sequence of cyclotomic numbers, exact, as flat arrays.

    Parameters
    ----------
    conductors
        ``(m,)`` int64: the conductor of each number.
    counts
        ``(m,)`` int64: how many terms each number has.
    exponents, numerators, denominators
        ``(t,)`` of all terms, one number after the other: int64, or Python's integers (dtype
        object) where one of them does not fit.

    Examples
    --------
    >>> from toolkit.exact.residues import ResidueField
    >>> golden = Cyclotomic(5, ((1, 1, 1), (4, 1, 1)))
    >>> packed = PackedValues.of([Cyclotomic.from_int(0), golden])
    >>> packed.counts.tolist(), packed.unpack()[1] == golden
    ([0, 2], True)
    >>> field = ResidueField(5, 10)
    >>> packed.residues(field).tolist() == field.map(packed.unpack())
    True
    """

    conductors: Ints
    counts: Ints
    exponents: Ints
    numerators: Ints
    denominators: Ints

    @classmethod
    def of(cls, values: Sequence[Cyclotomic]) -> PackedValues:
        """Pack some numbers."""
        terms = [term for value in values for term in value.terms]
        exponents, numerators, denominators = zip(*terms, strict=True) if terms else ((), (), ())
        return cls(
            np.array([v.conductor for v in values], dtype=np.int64),
            np.array([len(v.terms) for v in values], dtype=np.int64),
            *map(integers, (exponents, numerators, denominators)),
        )

    def __len__(self) -> int:
        """Return how many numbers there are."""
        return len(self.conductors)

    def unpack(self) -> tuple[Cyclotomic, ...]:
        """Return the numbers one by one."""
        terms = list(
            zip(
                self.exponents.tolist(),
                self.numerators.tolist(),
                self.denominators.tolist(),
                strict=True,
            )
        )
        out, start = [], 0
        for conductor, count in zip(self.conductors.tolist(), self.counts.tolist(), strict=True):
            out.append(Cyclotomic(conductor, tuple(terms[start : start + count])))
            start += count
        return tuple(out)

    @cached_property
    def ends(self) -> Ints:
        """``(m + 1,)`` where the terms of each number begin, and where the last one ends."""
        out: Ints = np.concatenate(([0], np.cumsum(self.counts)))
        return out

    @cached_property
    def conductor(self) -> int:
        """The least common multiple of the conductors."""
        return math.lcm(1, *np.unique(self.conductors).tolist())

    @cached_property
    def common_denominator(self) -> int:
        """The least common multiple of all denominators."""
        return math.lcm(1, *set(self.denominators.tolist()))

    @cached_property
    def weight(self) -> int:
        """An integer no smaller than any number or any of its Galois conjugates, as sizes go.

        The largest sum of the coefficients' absolute values, rounded up.
        """
        if self.numerators.dtype == object or self.common_denominator > 1:
            return max((math.ceil(v.weight) for v in self.unpack()), default=0)
        totals = np.abs(self.numerators).astype(np.float64).cumsum()
        sums = np.diff(np.concatenate(([0.0], totals))[self.ends])
        # far beyond the rounding of a cumulated sum
        return math.ceil(float(sums.max(initial=0.0)) + 1e-6 * float(totals[-1:].sum())) + 1

    def chosen(self, places: NDArray[np.intp]) -> PackedValues:
        """Return the numbers at some places."""
        counts = self.counts[places]
        starts = np.repeat(self.ends[places] - np.concatenate(([0], counts.cumsum()[:-1])), counts)
        terms = starts + np.arange(int(counts.sum()))
        return PackedValues(
            self.conductors[places],
            counts,
            self.exponents[terms],
            self.numerators[terms],
            self.denominators[terms],
        )

    def residues(self, field: ResidueField, *, galois: int = 1) -> Ints:
        """Return the residue of each number, ``(m,)``.

        As :meth:`~toolkit.exact.residues.ResidueField.map` does, number by number.

        int64, or Python's integers (dtype object) for primes of more than 31 bits.
        """
        p, n = field.prime, field.conductor
        if p >= LARGEST_INT64_PRIME or n > _LARGEST_TABLE:
            kind = object if p >= LARGEST_INT64_PRIME else np.int64
            return np.array(field.map(self.unpack(), galois=galois), dtype=kind)
        if n % self.conductor:
            raise ValueError(f"the field's conductor must be a multiple of {self.conductor}")
        steps = np.repeat(n // self.conductors, self.counts) * (galois % n) % n
        terms = field.power_array()[self.exponents * steps % n]
        terms = terms * self._coefficients(p) % p
        totals = np.concatenate(([0], terms.cumsum()))
        out: Ints = np.diff(totals[self.ends]) % p
        return out

    def _coefficients(self, p: int) -> Ints:
        """Return the coefficients modulo a prime."""
        out: Ints = (self.numerators % p).astype(np.int64)
        if self.common_denominator > 1:
            distinct, place = np.unique(self.denominators, return_inverse=True)
            inverses = np.array([pow(d, -1, p) for d in distinct.tolist()], dtype=np.int64)
            out = out * inverses[place] % p
        return out


def integers(values: Sequence[int]) -> Ints:
    """Return integers as an int64 array, or as one of Python's integers where one does not fit.

    Examples
    --------
    >>> integers([1, 2]).dtype.name, integers([1, 2**70]).dtype.name
    ('int64', 'object')
    """
    try:
        return np.array(values, dtype=np.int64)
    except OverflowError:
        return np.array(values, dtype=object)
