r"""The number of regions of an arrangement of hyperplanes through the origin, by restrictions.

**Zaslavsky's theorem.** The number of regions is the sum of \|mu(F)\| over the flats F, the
intersections of hyperplanes. It obeys deletion and restriction: adding the hyperplane H to the
arrangement A adds as many regions as A has on H,

.. math:: r(A \cup \{H\}) = r(A) + r(A^H),

since H cuts a region in two exactly if it meets it, and the pieces of H are the regions of the
restriction A^H. Both need only *which vectors are proportional after projection*.

**How that is decided.** A bound on the rounding error of every projected unit normal is kept. Two
are taken as proportional if the square of the sine of their angle is within what the bounds allow,
and as different if it is a hundred times that; anything between is undecided, and an error. So
two normals that are taken as different are. That two are proportional is proved where the inner
products of the normals are known exactly (:mod:`toolkit.pl.arrangements.exact_gram`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from toolkit.cached import cached_property
from toolkit.errors import NotAvailable
from toolkit.modules.gsets.actions import IntArray
from toolkit.pl.arrangements.exact_gram import ExactGram
from toolkit.pl.arrangements.projective import Points

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


#: Restrictions for which inner products are kept modulo primes.
_MOST_RESTRICTIONS = 100_000
_START = 2e-14  # the error of a unit normal as it comes
_ROUNDING = 1e-14  # of the square of a sine, found as 1 - cosine^2
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
    gram
        The inner products themselves, if they are known exactly.
    errors
        ``(n,)`` how far each normal may be from the true one, after turning all of them alike.
    decisions
        Filled while the arrangement is worked with.
    spanned
        Returns the points of projective space that the normals span, and which one each spans, if
        they are known exactly.
    """

    normals: NDArray[np.float64]
    rank: int
    errors: NDArray[np.float64]
    residues: tuple[tuple[int, NDArray[np.int64]], ...] = ()
    gram: ExactGram | None = None
    decisions: Decisions = field(default_factory=Decisions)
    spanned: Callable[[], tuple[Points, IntArray]] | None = None

    def __len__(self) -> int:
        """Return the number of hyperplanes."""
        return len(self.normals)

    def only(self, which: IntArray, rank: int) -> Arrangement:
        """Return the arrangement of some of the hyperplanes, whose normals have this rank."""
        residues = tuple((p, gram[np.ix_(which, which)]) for p, gram in self.residues)
        return Arrangement(
            self.normals[which],
            rank,
            self.errors[which],
            residues,
            decisions=self.decisions,
        )

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
        projected, errors = self.projected(i, keep)
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
            decisions=self.decisions,
        )
        return smaller, labels

    def projected(self, i: int, keep: IntArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return some normals projected to the i-th hyperplane, of length 1, and their errors."""
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
        return projected / sizes[:, None], errors / sizes

    def _first_of_each(
        self,
        units: NDArray[np.float64],
        errors: NDArray[np.float64],
        residues: tuple[tuple[int, NDArray[np.int64]], ...],
    ) -> IntArray:
        """Return per vector the first one that is proportional to it."""
        sine = 1.0 - (units @ units.T) ** 2
        same = _judged(sine, errors[:, None] + errors[None, :], _ROUNDING)
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


def _judged(
    sine: NDArray[np.float64], errors: NDArray[np.float64], rounding: float
) -> NDArray[np.bool_]:
    """Return where the squares of sines are 0, given errors of the angles and of the squares."""
    allowed = rounding + errors**2
    same: NDArray[np.bool_] = sine <= allowed
    doubtful = ~same & (sine < _CLEAR * allowed)
    if doubtful.any() or float(allowed[same].max(initial=0.0)) > _LARGEST_SAME:
        raise _undecided(float(np.sqrt(np.abs(sine[same | doubtful]).max())))
    return same


def _restricted(
    gram: NDArray[np.int64], p: int, i: int, x: IntArray, y: IntArray
) -> NDArray[np.int64]:
    """Return inner products modulo p after projection along the i-th vector, times its square."""
    out: NDArray[np.int64] = (gram[x, y] * gram[i, i] % p - gram[x, i] * gram[y, i] % p) % p
    return out


def arrangement(normals: ArrayLike, gram: ExactGram | None = None) -> Arrangement:
    """Return the arrangement with these normals.

    Parameters
    ----------
    normals
        ``(n, d)``, none zero, no two proportional.
    gram
        Their inner products after scaling to length 1, if they are known exactly.

    Raises
    ------
    NotAvailable
        If the dimension of their span is undecided.

    Examples
    --------
    >>> count_regions(arrangement([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
    6
    """
    vectors = np.array(normals, dtype=np.float64)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    values = np.linalg.svd(units, compute_uv=False) if units.size else np.empty(0)
    rank = int((values > 1e-8).sum())
    if ((values > 1e-12 * math.sqrt(len(units))) & (values <= 1e-8)).any():
        raise _undecided(float(values[values <= 1e-8].max()))
    residues: tuple[tuple[int, NDArray[np.int64]], ...] = ()
    if gram is not None and counting_cost(len(units), rank) <= _MOST_RESTRICTIONS:
        residues = gram.residues(rank, 2 * _LARGEST_SAME)
    return Arrangement(units, rank, np.full(len(units), _START), residues, gram)


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
    About n^(rank - 2) restrictions, see :func:`counting_cost`, of O(n^2) each, and of O(n log n)
    in rank 3. If n = rank + 1 and any rank of the normals are independent, O(n^3) in all.

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
    if n == rank + 1 and is_circuit(a):
        return (1 << n) - 2
    total = 1 << rank
    rest = np.setdiff1d(np.arange(n), a.basis)
    order = np.concatenate([a.basis, rest])
    for k in range(rank, n):
        if rank == 3:
            total += 2 * directions_on(a, int(order[k]), order[:k])
        else:
            total += count_regions(a.only(order[: k + 1], rank).restricted(k)[0])
    return total


def is_circuit(a: Arrangement) -> bool:
    """Return whether any rank of the rank + 1 normals are certainly independent.

    Then all sign vectors but two, opposite ones, are those of regions: 2^n - 2 of them. The one
    linear relation of the normals has no coefficient below 1e-6 of the largest.
    """
    left = np.linalg.svd(a.normals)[0]
    relation = np.abs(left[:, -1])
    return bool(relation.min() > 1e-6 * relation.max())


def directions_on(a: Arrangement, i: int, others: IntArray) -> int:
    """Return the number of lines in which planes of an arrangement of rank 3 meet the i-th.

    The same decisions as in :meth:`Arrangement.restricted`, by sorting angles: O(n log n).
    """
    projected, errors = a.projected(i, others)
    one = projected[0]
    across = projected - np.outer(projected @ one, one)
    sizes = np.einsum("nd,nd->n", across, across)
    best = int(sizes.argmax())
    two = across[best] / math.sqrt(sizes[best])
    angle = np.mod(np.arctan2(projected @ two, projected @ one), math.pi)
    order = np.argsort(angle)
    following = np.roll(order, -1)
    sine = np.sin(angle[following] - angle[order]) ** 2
    # differences of angles are as good as the angles: no cancellation as in 1 - cos^2
    same = _judged(sine, errors[order] + errors[following], 1e-29)
    first, second = others[order[same]], others[following[same]]
    proved = bool(a.residues)
    for p, gram in a.residues:
        if not gram[i, i]:
            proved = False
            continue
        inner = _restricted(gram, p, i, first, second)
        one_squared = _restricted(gram, p, i, first, first)
        two_squared = _restricted(gram, p, i, second, second)
        minor = (one_squared * two_squared % p - inner * inner % p) % p
        if minor.any():
            raise _undecided(float(np.sqrt(sine[same].max())))
    if proved:
        a.decisions.proved += first.size
    else:
        a.decisions.believed += first.size
    return len(order) - first.size


def counting_cost(n: int, rank: int) -> int:
    """Return a bound for the number of restrictions in :func:`count_regions`: a binomial.

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
        f"two of them differ by an angle of {angle:.1e}, too small to be distinguished from 0",
    )
