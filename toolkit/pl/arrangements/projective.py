"""Points of projective spaces over several prime fields at once: equality is equality in all.

Vectors with entries in a number field are kept as their residues modulo several primes. A
determinant of theirs that is not 0 is divisible by few primes: where it is 0 modulo all of those
taken, it is 0 (:mod:`toolkit.pl.arrangements.exact_normals` takes as many as that needs). So
"dependent" means dependent modulo every prime, and arithmetic on residues decides exactly.

An entry that is 0 modulo some of the primes only is not 0, but nothing can be divided by it: the
calculation is then made again with other primes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Residues = NDArray[np.uint64]
Hashes = NDArray[np.uint64]

_MULTIPLIERS = np.random.Generator(np.random.PCG64(20240917)).integers(
    1, 2**63, size=512, dtype=np.uint64
) * np.uint64(2) + np.uint64(1)


#: So few numbers are inverted one by one.
_FEW = 8


class UnluckyPrimeError(Exception):
    """A number is 0 modulo one of the primes, but not modulo another; never leaves this room."""


@dataclass(frozen=True, eq=False)
class Points:
    """Different points of a projective space, with weights.

    Parameters
    ----------
    primes
        ``(k, 1, 1)`` primes below 2^32.
    vectors
        ``(k, m, d)`` residues of m vectors; the first entry of each that is not 0 is 1.
    weights
        ``(m,)`` positive integers.
    members
        Which of the first points each of them is the image of: bit i for the i-th.
    """

    primes: Residues
    vectors: Residues
    weights: NDArray[np.int64]
    members: tuple[int, ...] = ()

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.weights)

    @property
    def dimension(self) -> int:
        """The dimension of the vector space."""
        return int(self.vectors.shape[2])

    def alone(self) -> Points:
        """Return the points with weight 1 each."""
        ones = np.ones(len(self), dtype=np.int64)
        return Points(self.primes, self.vectors, ones, tuple(1 << i for i in range(len(self))))

    def projected_from(self, i: int) -> Points:
        """Return the images of the other points in the quotient by the i-th; weights add up.

        Examples
        --------
        Four points of a plane, three of them on a line, seen from one of those three:

        >>> points = merged(np.array([[[101]]]), [[[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1]]])
        >>> seen = points.projected_from(0)
        >>> len(seen), sorted(seen.weights.tolist())
        (2, [1, 2])
        """
        vectors = self.seen_from(i)
        others = np.arange(len(self)) != i
        members = self.members[:i] + self.members[i + 1 :]
        return merged(self.primes, vectors, self.weights[others], members)

    def seen_from(self, i: int) -> Residues:
        """Return ``(k, m - 1, d - 1)`` the other points in the quotient by the i-th, in order."""
        p = self.primes
        centre = self.vectors[:, i : i + 1, :]
        column = first_of_each(centre)[0]
        others = self.vectors[:, np.arange(len(self)) != i, :]
        reduced = (others + (p - others[:, :, column : column + 1]) * centre) % p
        return normalised(p, np.delete(reduced, column, axis=2))

    def lines(self) -> NDArray[np.intp]:
        """Return ``(m, m)``: the number of the line through each two points, from 0; -1 beside.

        Lines are numbered in no order that means anything.
        """
        m = len(self)
        out = np.full((m, m), -1, dtype=np.intp)
        one, two = np.triu_indices(m, 1)
        if not len(one):
            return out
        number = numbered(self._spans(one, two))[0]
        out[one, two] = out[two, one] = number
        return out

    def _spans(self, one: NDArray[np.intp], two: NDArray[np.intp]) -> Residues:
        """Return ``(k, pairs, 2 d)``: the reduced echelon form of each two vectors."""
        p = self.primes
        a, b = self.vectors[:, one, :], self.vectors[:, two, :]
        lead = first_of_each(a)
        b = normalised(p, (b + (p - _entries(b, lead)) * a) % p)
        other = first_of_each(b)
        a = (a + (p - _entries(a, other)) * b) % p
        swap = (other < lead)[None, :, None]
        return np.concatenate([np.where(swap, b, a), np.where(swap, a, b)], axis=2)


def merged(
    primes: Residues,
    vectors: Residues,
    weights: NDArray[np.int64] | None = None,
    members: tuple[int, ...] = (),
) -> Points:
    """Return the points that vectors span; those of vectors that agree are added up.

    Parameters
    ----------
    primes
        ``(k, 1, 1)``.
    vectors
        ``(k, m, d)``, none of them 0.
    weights
        ``(m,)``; all 1 if omitted.
    members
        m of them, or none.
    """
    p = np.asarray(primes, dtype=np.uint64)
    unit = normalised(p, np.asarray(vectors, dtype=np.uint64) % p)
    number, first = numbered(unit)
    many = np.ones(len(number), dtype=np.int64) if weights is None else weights
    total = np.zeros(len(first), dtype=np.int64)
    np.add.at(total, number, many)
    joined = [0] * (len(first) if members else 0)
    for place, member in zip(number.tolist(), members, strict=False):
        joined[place] |= member
    return Points(p, unit[:, first, :], total, tuple(joined))


def first_of_each(vectors: Residues) -> NDArray[np.intp]:
    """Return ``(m,)`` the place of each vector's first entry that is not 0.

    Raises
    ------
    UnluckyPrimeError
        If it is another one modulo another prime, or a vector is 0 modulo one of them.
    """
    there = vectors != 0
    places = there.argmax(axis=2)
    if not there.any(axis=2).all() or (places != places[:1]).any():
        raise UnluckyPrimeError
    out: NDArray[np.intp] = places[0]
    return out


def normalised(primes: Residues, vectors: Residues) -> Residues:
    """Return vectors divided by their first entries that are not 0."""
    if not vectors.size:
        return vectors
    lead = _entries(vectors, first_of_each(vectors))
    return vectors * inverses(primes, lead) % primes


def inverses(primes: Residues, values: Residues) -> Residues:
    """Return the inverses of residues ``(k, ...)`` that are not 0.

    Examples
    --------
    >>> inverses(np.array([[[7]]], dtype=np.uint64), np.array([[[3, 5]]], dtype=np.uint64)).tolist()
    [[[5, 3]]]
    """
    out = np.empty_like(values)
    for lane, p in enumerate(primes.ravel().tolist()):
        flat = values[lane].ravel()
        found = _few_inverses(flat, p) if len(flat) < _FEW else _many_inverses(flat, p)
        out[lane] = found.reshape(values[lane].shape)
    return out


def _few_inverses(values: Residues, p: int) -> Residues:
    return np.array([pow(x, -1, p) for x in values.tolist()], dtype=np.uint64)


def _many_inverses(values: Residues, p: int) -> Residues:
    """Invert the product of all, then go back down a tree of products."""
    if len(values) < _FEW:
        return _few_inverses(values, p)
    half = len(values) // 2
    left, right = values[:half], values[half : 2 * half]
    above = _many_inverses(left * right % np.uint64(p), p)
    out = np.empty_like(values)
    out[:half] = above * right % np.uint64(p)
    out[half : 2 * half] = above * left % np.uint64(p)
    if len(values) % 2:
        out[-1:] = _few_inverses(values[-1:], p)
    return out


def product(primes: Residues, left: Residues, right: Residues) -> Residues:
    """Return the product of ``(k, m, d)`` and ``(k, d, e)``."""
    out = np.zeros((left.shape[0], left.shape[1], right.shape[2]), dtype=np.uint64)
    for j in range(left.shape[2]):
        out = (out + left[:, :, j : j + 1] * right[:, j : j + 1, :] % primes) % primes
    return out


def inverse_matrix(primes: Residues, matrix: Residues) -> Residues | None:
    """Return the inverse of ``(k, d, d)``, or ``None`` if the rows are dependent."""
    d = matrix.shape[1]
    unit = np.broadcast_to(np.eye(d, dtype=np.uint64), matrix.shape)
    work = np.concatenate([matrix, unit], axis=2)
    for column in range(d):
        there = (work[:, column:, column] != 0).all(axis=0)
        if not there.any():
            if (work[:, column:, column] != 0).any():
                raise UnluckyPrimeError
            return None
        row = column + int(there.argmax())
        if row != column:
            work[:, [column, row], :] = work[:, [row, column], :]
        pivot = work[:, column : column + 1, column : column + 1]
        work[:, column : column + 1, :] = (
            work[:, column : column + 1, :] * inverses(primes, pivot) % primes
        )
        factor = (primes - work[:, :, column : column + 1]) % primes
        factor[:, column] = 0
        work = (work + factor * work[:, column : column + 1, :]) % primes
    return work[:, :, d:]


def hashes(vectors: Residues) -> Hashes:
    """Return ``(m,)`` a hash of each vector ``(k, m, d)``; equal vectors have equal ones."""
    k, _, d = vectors.shape
    total = np.zeros(vectors.shape[1], dtype=np.uint64)
    for lane in range(k):
        salt = np.resize(_MULTIPLIERS[17 * lane % 256 :], (2, d))
        total = mixed(total + mixed(vectors[lane] * salt[0] + salt[1]).sum(axis=1, dtype=np.uint64))
    return total


def mixed(values: Hashes) -> Hashes:
    """Return values with their bits spread (the finaliser of splitmix64)."""
    out = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    out = (out ^ (out >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    spread: Hashes = out ^ (out >> np.uint64(31))
    return spread


def _entries(vectors: Residues, places: NDArray[np.intp]) -> Residues:
    """Return ``(k, m, 1)`` one entry of each vector."""
    index = np.broadcast_to(places[None, :, None], (*vectors.shape[:2], 1))
    return np.take_along_axis(vectors, index, axis=2)


def numbered(vectors: Residues) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return which different vector each is, and the first place of each different one.

    Parameters
    ----------
    vectors
        ``(k, m, d)``.

    Returns
    -------
    tuple
        ``(m,)`` and ``(different,)``.

    Notes
    -----
    By their hashes, and then compared entry by entry: exact.

    Examples
    --------
    >>> number, first = numbered(np.array([[[5], [3], [5]]], dtype=np.uint64))
    >>> bool(number[0] == number[2] != number[1]), sorted(first.tolist())
    (True, [0, 1])
    """
    _, first, number = np.unique(hashes(vectors), return_index=True, return_inverse=True)
    if not np.array_equal(vectors, vectors[:, first[number], :]):  # two hashes agree: sort instead
        flat = np.moveaxis(vectors, 1, 0).reshape(vectors.shape[1], -1)
        _, first, number = np.unique(flat, axis=0, return_index=True, return_inverse=True)
        number = number.ravel()
    return number, first
