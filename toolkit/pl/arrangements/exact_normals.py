r"""Normals given exactly, as residues modulo enough primes for every coincidence to be proved.

Let x be a determinant of the normals that is an algebraic integer of a field of degree D, and B a
bound for its absolute value and those of its conjugates. If x is 0 modulo primes above different
rational primes whose product is larger than B^D, then x = 0: otherwise its norm would be an
integer, not 0, divisible by all of them and at most B^D. B is Hadamard's bound for the largest
determinant.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import ConfigError, NotAvailable
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.exact.residues import LARGEST_INT64_PRIME, ResidueField, residue_field
from toolkit.exact.vanishing import real_degree
from toolkit.pl.arrangements.projective import (
    Points,
    Residues,
    UnluckyPrimeError,
    merged,
    normalised,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.pl.arrangements.exact_gram import ExactGram

_MOST_PRIMES = 64
_ATTEMPTS = 8


def points_of_normals(rows: Sequence[Sequence[Cyclotomic]]) -> Points:
    """Return the points of projective space that exact normals span.

    Parameters
    ----------
    rows
        n vectors of d real cyclotomic numbers, none of them 0; proportional ones are one point.

    Returns
    -------
    Points
        In as many dimensions as the vectors span; weights count proportional ones.

    Raises
    ------
    NotAvailable
        If the numbers are so large, or their field, that more than 64 primes are needed.

    Examples
    --------
    >>> one, two, none = (Cyclotomic.from_int(k) for k in (1, 2, 0))
    >>> points = points_of_normals([[one, none], [two, none], [one, two]])
    >>> len(points), points.dimension, sorted(points.weights.tolist())
    (2, 2, [1, 2])
    """
    whole = [_without_denominators(row) for row in rows]
    numbers = [x for row in whole for x in row]
    conductor = ResidueField.common_conductor(numbers)
    shape = (len(rows), len(rows[0]))
    bits = real_degree(conductor) * _hadamard_bits(whole)

    def residues(field: ResidueField) -> Residues:
        return np.array(field.map(numbers), dtype=np.uint64).reshape(shape)

    return _proved(conductor, bits, residues)


def points_of_gram(gram: ExactGram, rank: int) -> Points:
    """Return the points that vectors with known inner products span; the vectors' own dimension.

    Parameters
    ----------
    gram
        Inner products.
    rank
        The dimension that the vectors span, or a larger number.

    Raises
    ------
    NotAvailable
        If more than 64 primes are needed.
    """
    for attempt in range(_ATTEMPTS):
        found = gram.residues(rank, 1.0, skip=attempt * _MOST_PRIMES)
        if not found:
            raise _too_large()
        primes = np.array([p for p, _ in found], dtype=np.uint64).reshape(-1, 1, 1)
        matrices = np.stack([matrix for _, matrix in found]).astype(np.uint64)
        try:
            return merged(primes, spanning_columns(primes, matrices))
        except UnluckyPrimeError:
            continue
    raise _too_large()


def spanning_columns(primes: Residues, matrices: Residues) -> Residues:
    """Return columns of a matrix that are a basis of the space that all its columns span."""
    left = matrices.copy()
    chosen: list[int] = []
    while left.any():
        column = int(left.any(axis=(0, 1)).argmax())
        chosen.append(column)
        entries = left[:, :, column]
        row = int((entries != 0).all(axis=0).argmax())
        if not (entries[:, row] != 0).all():
            raise UnluckyPrimeError
        line = left[:, row : row + 1, :]
        scaled = _scaled_at(primes, line, column)
        left = (left + (primes - left[:, :, column : column + 1]) * scaled) % primes
    return matrices[:, :, chosen]


def _scaled_at(primes: Residues, line: Residues, column: int) -> Residues:
    """Return a row ``(k, 1, d)`` divided by one of its entries."""
    front = np.concatenate([line[:, :, column : column + 1], line], axis=2)
    return normalised(primes, front)[:, :, 1:]


def _proved(conductor: int, bits: float, residues: Any) -> Points:  # noqa: ANN401 - a function
    for attempt in range(_ATTEMPTS):
        fields: list[ResidueField] = []
        got = 0.0
        while got <= bits + 1:
            field = residue_field(conductor, skip=attempt * _MOST_PRIMES + len(fields))
            if field.prime > LARGEST_INT64_PRIME or len(fields) == _MOST_PRIMES:
                raise _too_large()
            fields.append(field)
            got += math.log2(field.prime)
        primes = np.array([f.prime for f in fields], dtype=np.uint64).reshape(-1, 1, 1)
        vectors = np.stack([residues(f) for f in fields])
        try:
            return merged(primes, spanning_columns(primes, vectors))
        except UnluckyPrimeError:
            continue
    raise _too_large()


def _without_denominators(row: Sequence[Cyclotomic]) -> list[Cyclotomic]:
    common = math.lcm(*(d for x in row for _, _, d in x.terms), 1)
    return [x * common for x in row]


def _hadamard_bits(rows: Sequence[Sequence[Cyclotomic]]) -> float:
    """Return log2 of a bound for all determinants, and for their conjugates."""
    lengths = []
    for row in rows:
        # |a conjugate of sum c E(n)^k| is at most the sum of the |c|
        square = sum(sum(abs(int(c)) for _, c, _ in x.terms) ** 2 for x in row)
        lengths.append(square.bit_length() / 2)
    return sum(sorted(lengths, reverse=True)[: len(rows[0])])


def _too_large() -> NotAvailable:
    return NotAvailable(
        "an arrangement",
        "which hyperplanes meet in the same space",
        f"the numbers in its normals need more than {_MOST_PRIMES} primes: give smaller ones",
    )


def exact_rows(normals: Any) -> list[list[Cyclotomic]] | None:  # noqa: ANN401 - what users have
    """Return normals as exact numbers, or ``None`` if some are floats that are not integers.

    Parameters
    ----------
    normals
        A matrix of integers, fractions, cyclotomic numbers, or floats.

    Raises
    ------
    ConfigError
        If it is no matrix of numbers.

    Examples
    --------
    >>> exact_rows([[1, 0.5]]) is None
    True
    >>> [[str(x) for x in row] for row in exact_rows([[1, Fraction(1, 2)], [0.0, 3.0]])]
    [['1', '1/2'], ['0', '3']]
    """
    rows = [list(row) for row in normals]
    if len({len(row) for row in rows}) > 1:
        raise ConfigError(
            "normals must be a matrix, one row for each hyperplane, found rows of lengths "
            f"{sorted({len(row) for row in rows})}"
        )
    found = [[_exact(x) for x in row] for row in rows]  # all are looked at
    exact = [[x for x in row if x is not None] for row in found]
    return exact if exact == found else None


def _exact(x: Any) -> Cyclotomic | None:  # noqa: ANN401 - a number of any kind
    if isinstance(x, Cyclotomic):
        return x
    if isinstance(x, Fraction):
        return Cyclotomic.from_fraction(x)
    try:
        value = float(x)
        whole = int(x)
    except (TypeError, ValueError, OverflowError):
        raise ConfigError(
            f"normals and offsets must be finite real numbers, found {x!r:.60}"
        ) from None
    return Cyclotomic.from_int(whole) if whole == x and value == value else None
