r"""Arrangements of hyperplanes through the origin: restrictions, and how many regions there are.

**Zaslavsky's theorem.** The number of regions is the sum of \|mu(F)\| over the flats F, the
intersections of hyperplanes. It obeys deletion and restriction: adding the hyperplane H to the
arrangement A adds as many regions as A has on H,

.. math:: r(A \cup \{H\}) = r(A) + r(A^H),

since H cuts a region in two exactly if it meets it, and the pieces of H are the regions of the
restriction A^H. Both ways need only to know *which vectors are proportional after projection*.

**How that is decided.** A bound on the rounding error of every projected unit normal is kept. Two
are taken as proportional if the square of the sine of their angle is within what the bounds allow,
and as different if it is a hundred times that; anything between is undecided, and an error. So
that two are different is beyond doubt. That they are proportional is proved where the inner
products of the normals are known exactly (:mod:`toolkit.pl.exact_gram`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from toolkit.errors import NotAvailable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from toolkit.modules.gsets import IntArray
    from toolkit.pl.exact_gram import ExactGram

__all__ = ["Arrangement", "Decisions", "arrangement", "count_regions", "counting_cost"]

_START = 2e-14  # the error of a unit normal as it comes
_ROUNDING = 1e-14  # of the square of a sine
_CLEAR = 100.0  # how many times an allowed square a square must be, to be not 0
_LARGEST_SAME = 1e-9  # the largest square of a sine that is ever taken as 0


@dataclass
class Decisions:
    """How many coincidences were proved, and how many rest on floating point.

    Parameters
    ----------
    proved, believed
        Their numbers so far.
    """

    proved: int = 0
    believed: int = 0

    @property
    def all_proved(self) -> bool:
        """Whether none rests on floating point."""
        return self.believed == 0


@dataclass(frozen=True, eq=False)
class Arrangement:
    """Different hyperplanes through the origin, by their normals.

    Parameters
    ----------
    normals
        ``(n, d)`` unit vectors, no two proportional.
    rank
        Dimension of their span.
    residues
        Pairs of a prime and the ``(n, n)`` matrix of inner products modulo it, each up to one
        common factor; empty if they are not known exactly.
    errors
        ``(n,)`` how far each normal may be from the true one, after turning all of them alike.
    decisions
        Filled while the arrangement is worked with.
    """

    normals: NDArray[np.float64]
    rank: int
    errors: NDArray[np.float64]
    residues: tuple[tuple[int, NDArray[np.int64]], ...] = ()
    decisions: Decisions = field(default_factory=Decisions)

    def __len__(self) -> int:
        """Return the number of hyperplanes."""
        return len(self.normals)

    def only(self, which: IntArray, rank: int) -> Arrangement:
        """Return the arrangement of some of the hyperplanes, whose normals have this rank."""
        residues = tuple((p, gram[np.ix_(which, which)]) for p, gram in self.residues)
        return Arrangement(self.normals[which], rank, self.errors[which], residues, self.decisions)

    @cached_property
    def basis(self) -> IntArray:
        """``(rank,)`` the first hyperplanes found with independent normals, well apart."""
        from scipy.linalg import qr

        triangle, order = qr(self.normals.T, mode="r", pivoting=True)
        sizes = np.abs(np.diag(triangle[: self.rank, : self.rank]))
        if sizes.min(initial=1.0) < 1e-6 + 100.0 * float(self.errors.max(initial=0.0)):
            raise _undecided(float(sizes.min()))
        out: IntArray = order[: self.rank].astype(np.intp)
        return out

    def restricted(self, i: int) -> tuple[Arrangement, IntArray]:
        """Return the arrangement that the other hyperplanes cut out on the i-th one.

        Returns
        -------
        Arrangement
            Normals lie in the i-th hyperplane, still in d coordinates.
        numpy.ndarray
            ``(n,)`` per hyperplane its number there, -1 for the i-th one.
        """
        keep = np.flatnonzero(np.arange(len(self)) != i)
        normal = self.normals[i]
        cosines = self.normals[keep] @ normal
        projected = self.normals[keep] - np.outer(cosines, normal)
        # once more, so that small remainders are orthogonal to the last digit
        projected -= np.outer(projected @ normal, normal)
        sizes = np.linalg.norm(projected, axis=1)
        # an error of the i-th normal turns all that is projected alike, and shortens by the cosine
        errors = self.errors[keep] + 1.1 * np.abs(cosines) * self.errors[i] + 4e-16
        if (sizes < 1e-7 + 100.0 * errors).any():
            raise _undecided(float(sizes.min()))
        projected /= sizes[:, None]
        errors /= sizes
        residues = []
        for p, gram in self.residues:
            pivot = int(gram[i, i])
            if pivot:  # if p divides it, this prime proves nothing from here on
                column = gram[keep, i]
                inner = gram[np.ix_(keep, keep)] * pivot % p
                residues.append((p, (inner - column[:, None] * column[None, :] % p) % p))
        first = self._first_of_each(projected, errors, tuple(residues))
        chosen, label = np.unique(first, return_inverse=True)
        labels = np.full(len(self), -1, dtype=np.intp)
        labels[keep] = label
        smaller = Arrangement(
            projected[chosen],
            self.rank - 1,
            errors[chosen],
            tuple((p, gram[np.ix_(chosen, chosen)]) for p, gram in residues),
            self.decisions,
        )
        return smaller, labels

    def _first_of_each(
        self,
        units: NDArray[np.float64],
        errors: NDArray[np.float64],
        residues: tuple[tuple[int, NDArray[np.int64]], ...],
    ) -> IntArray:
        """Return per vector the first one that is proportional to it."""
        sine = 1.0 - (units @ units.T) ** 2
        allowed = _ROUNDING + (errors[:, None] + errors[None, :]) ** 2
        same = sine <= allowed
        doubtful = ~same & (sine < _CLEAR * allowed)
        if doubtful.any() or float(allowed[same].max(initial=0.0)) > _LARGEST_SAME:
            raise _undecided(float(np.sqrt(np.abs(sine[same | doubtful]).max())))
        first = same.argmax(axis=1)
        merged = np.flatnonzero(first != np.arange(len(units)))
        if merged.size:
            proved = bool(self.residues) and len(residues) == len(self.residues)
            for p, gram in residues:
                other = first[merged]
                inner = gram[merged, other]
                minor = gram[merged, merged] * gram[other, other] % p - inner * inner % p
                if minor.any():
                    raise _undecided(float(np.sqrt(np.abs(sine[merged, other]).max())))
            if proved:
                self.decisions.proved += merged.size
            else:
                self.decisions.believed += merged.size
        out: IntArray = first
        return out


def arrangement(normals: ArrayLike, gram: ExactGram | None = None) -> Arrangement:
    """Return the arrangement with these normals.

    Parameters
    ----------
    normals
        ``(n, d)``, none zero, no two proportional.
    gram
        Their inner products after scaling to length 1, if they are known exactly.

    Examples
    --------
    >>> count_regions(arrangement([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
    6
    """
    vectors = np.array(normals, dtype=np.float64)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    values = np.linalg.svd(units, compute_uv=False) if units.size else np.empty(0)
    rank = int((values > 1e-8).sum())
    residues = () if gram is None else gram.residues(rank, 2 * _LARGEST_SAME)
    return Arrangement(units, rank, np.full(len(units), _START), residues)


def count_regions(a: Arrangement) -> int:
    """Return the number of regions, by deletion and restriction.

    Parameters
    ----------
    a
        The arrangement. Its ``decisions`` say afterwards whether the number is proved.

    Raises
    ------
    NotAvailable
        If two normals are too close to proportional to be decided.

    Notes
    -----
    About n^(rank - 2) restrictions of O(n^2) each: see :func:`counting_cost`.

    Examples
    --------
    The braid arrangement of S4, 24 chambers, and n planes in general position in space:

    >>> braid = [[1, -1, 0, 0], [1, 0, -1, 0], [1, 0, 0, -1], [0, 1, -1, 0], [0, 1, 0, -1],
    ...          [0, 0, 1, -1]]
    >>> count_regions(arrangement(braid))
    24
    >>> count_regions(arrangement(np.eye(3)))
    8
    """
    n, rank = len(a), a.rank
    if n == rank:
        return 1 << n
    if rank <= 2:
        return 2 * n
    total = 1 << rank
    rest = np.setdiff1d(np.arange(n), a.basis)
    order = np.concatenate([a.basis, rest])
    for k in range(rank, n):
        total += count_regions(a.only(order[: k + 1], rank).restricted(k)[0])
    return total


def counting_cost(n: int, rank: int) -> int:
    """Return how many restrictions :func:`count_regions` takes at most: a binomial coefficient.

    Examples
    --------
    >>> counting_cost(7, 6), counting_cost(60, 3), counting_cost(60, 4)
    (4, 57, 1652)
    """
    if rank <= 2 or n <= rank:
        return 0
    return math.comb(n - 2, rank - 2) - 1


def _undecided(angle: float) -> NotAvailable:
    return NotAvailable(
        "an arrangement",
        "which hyperplanes meet in the same space",
        f"two of them differ by an angle of {angle:.1e}, too little to be told from 0",
    )
