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
from numbers import Integral
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
    normalised,
    numbered,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.pl.arrangements.exact_gram import ExactGram

_MOST_PRIMES = 64  # of normals in general
_MOST_OF_FEW, _MOST_RESIDUES = 160, 1 << 20  # of few short vectors: primes, entries modulo all
_ATTEMPTS = 8
_SLACK = 1 + 1e-9  # logarithms are rounded


def points_of_normals(
    rows: Sequence[Sequence[Cyclotomic]], products: int = 1
) -> tuple[Points, IntArray]:
    """Return the points of projective space that exact normals span, and which one each is.

    Parameters
    ----------
    rows
        n vectors of d real cyclotomic numbers, none of them 0; proportional ones are one point.
    products
        Products of so many determinants are to be compared, not determinants alone.

    Returns
    -------
    Points
        In as many dimensions as the vectors span; weights count proportional ones.
    numpy.ndarray
        ``(n,)`` per vector the number of its point.

    Raises
    ------
    NotAvailable
        If the numbers are so large, or their field, that too many primes are needed.

    Examples
    --------
    >>> one, two, none = (Cyclotomic.from_int(k) for k in (1, 2, 0))
    >>> points, number = points_of_normals([[one, none], [two, none], [one, two]])
    >>> len(points), points.dimension, sorted(points.weights.tolist())
    (2, 2, [1, 2])
    >>> bool(number[0] == number[1] != number[2])
    True
    """
    whole = [_without_denominators(row) for row in rows]
    numbers = [x for row in whole for x in row]
    conductor = ResidueField.common_conductor(numbers)
    shape = (len(rows), len(rows[0]))
    # a difference of two products is at most twice as large
    bits = products * real_degree(conductor) * (_hadamard_bits(whole) + 1)

    def residues(field: ResidueField) -> Residues:
        return np.array(field.map(numbers), dtype=np.uint64).reshape(shape)

    return proved_points(conductor, bits, residues)


def points_of_gram(gram: ExactGram, rank: int) -> tuple[Points, IntArray]:
    """Return the points that vectors with known inner products span, and which one each is.

    Parameters
    ----------
    gram
        Inner products.
    rank
        The dimension that the vectors span, or a larger number.

    Raises
    ------
    NotAvailable
        If too many primes are needed.
    """
    for attempt in range(_ATTEMPTS):
        found = gram.residues(rank, 1.0, skip=attempt * _MOST_PRIMES)
        if not found:
            raise _too_large()
        primes = np.array([p for p, _ in found], dtype=np.uint64).reshape(-1, 1, 1)
        matrices = np.stack([matrix for _, matrix in found]).astype(np.uint64)
        try:
            return _spanned(primes, matrices)
        except UnluckyPrimeError:
            continue
    raise _degenerate()


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


def proved_points(
    conductor: int, bits: float, residues: Callable[[ResidueField], Residues]
) -> tuple[Points, IntArray]:
    """Return the points that vectors of an algebraic number field span, and which each one is.

    Parameters
    ----------
    conductor
        The entries lie in the field of so many roots of unity.
    bits
        log2 of a bound for the norms of all determinants, denominators cleared.
    residues
        Returns the ``(n, d)`` entries modulo a prime; nothing is asked of their scale, vector by
        vector.

    Returns
    -------
    Points
        In as many dimensions as the vectors span.
    numpy.ndarray
        ``(n,)`` per vector the number of its point.

    Raises
    ------
    NotAvailable
        If too many primes are needed.

    Examples
    --------
    >>> rows = np.array([[1, 2], [2, 4], [1, 0]], dtype=np.uint64)
    >>> points, number = proved_points(1, 5.0, lambda field: rows)
    >>> len(points), bool(number[0] == number[1] != number[2])
    (2, True)
    """
    for attempt in range(_ATTEMPTS):
        try:
            return _spanned(*_residues(conductor, bits, residues, attempt))
        except UnluckyPrimeError:
            continue
    raise _degenerate()


def most_primes(entries: int) -> int:
    """Return how many primes vectors with so many entries are compared modulo; each has 31 bits.

    Examples
    --------
    >>> most_primes(100), most_primes(10**6)
    (160, 64)
    """
    return max(_MOST_PRIMES, min(_MOST_OF_FEW, _MOST_RESIDUES // max(entries, 1)))


def proved_lines(
    conductor: int, bits: float, residues: Callable[[ResidueField], Residues]
) -> IntArray:
    """Return ``(n,)`` a number for each vector: equal ones for proportional vectors.

    Parameters
    ----------
    conductor, residues
        As for :func:`proved_points`.
    bits
        log2 of a bound for the norms of minors of order 2, denominators cleared.

    Raises
    ------
    NotAvailable
        If too many primes are needed.

    Examples
    --------
    >>> rows = np.array([[1, 2], [2, 4], [1, 0]], dtype=np.uint64)
    >>> number = proved_lines(1, 5.0, lambda field: rows)
    >>> bool(number[0] == number[1] != number[2])
    True
    """
    for attempt in range(_ATTEMPTS):
        try:
            primes, vectors = _residues(conductor, bits, residues, attempt)
            return numbered(normalised(primes, vectors))[0]
        except UnluckyPrimeError:
            continue
    raise _degenerate()


def _residues(
    conductor: int, bits: float, residues: Callable[[ResidueField], Residues], attempt: int
) -> tuple[Residues, Residues]:
    """Return enough primes, others at each attempt, and the vectors modulo them."""
    fields: list[ResidueField] = []
    rows: list[Residues] = []
    got, most = 0.0, _MOST_PRIMES
    while got <= bits + 1:
        if len(fields) == most:
            raise _too_large(most)
        field = residue_field(conductor, skip=attempt * most + len(fields))
        if field.prime > LARGEST_INT64_PRIME:
            raise _too_large(len(fields))
        rows.append(residues(field))
        fields.append(field)
        got += math.log2(field.prime)
        most = most_primes(rows[0].size)
    primes = np.array([f.prime for f in fields], dtype=np.uint64).reshape(-1, 1, 1)
    return primes, np.stack(rows).astype(np.uint64)


def _spanned(primes: Residues, vectors: Residues) -> tuple[Points, IntArray]:
    unit = normalised(primes, spanning_columns(primes, vectors))
    number, first = numbered(unit)
    weights = np.bincount(number, minlength=len(first)).astype(np.int64)
    return Points(primes, unit[:, first, :], weights), number


def _without_denominators(row: Sequence[Cyclotomic]) -> list[Cyclotomic]:
    common = math.lcm(*(d for x in row for _, _, d in x.terms), 1)
    return [x * common for x in row]


def _hadamard_bits(rows: Sequence[Sequence[Cyclotomic]]) -> float:
    """Return log2 of a bound for all determinants, and for their conjugates."""
    lengths = []
    for row in rows:
        # |a conjugate of sum c E(n)^k| is at most the sum of the |c|
        square = sum(sum(abs(int(c)) for _, c, _ in x.terms) ** 2 for x in row)
        lengths.append(math.log2(max(square, 1)) / 2 * _SLACK)
    return sum(sorted(lengths, reverse=True)[: len(rows[0])])


def _too_large(most: int = _MOST_PRIMES) -> NotAvailable:
    return NotAvailable(
        "an arrangement",
        "which hyperplanes meet in the same space",
        f"the numbers in its normals require more than {most} primes: give smaller numbers",
    )


def _degenerate() -> NotAvailable:
    return NotAvailable(
        "an arrangement",
        "which hyperplanes meet in the same space",
        f"a normal is 0 modulo {_ATTEMPTS} sets of primes: it is 0, or has a very large factor",
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
    if isinstance(x, Integral):
        return Cyclotomic.from_int(int(x))
    if isinstance(x, str | bytes):
        raise ConfigError(f"normals and offsets must be finite real numbers, found {x!r:.60}")
    try:
        value = float(x)
        whole = int(x)
    except (TypeError, ValueError, OverflowError):
        raise ConfigError(
            f"normals and offsets must be finite real numbers, found {x!r:.60}"
        ) from None
    return Cyclotomic.from_int(whole) if whole == x and value == value else None
