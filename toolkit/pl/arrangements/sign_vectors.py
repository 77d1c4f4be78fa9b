r"""The sign vectors of all regions of an arrangement, each with a point inside.

**How they are found.** By deletion and restriction, as they are counted: a hyperplane H added to
the arrangement A cuts a region of A in two exactly if it meets it, and the pieces of H are the
regions of the restriction A^H. Let q be a point inside such a piece. The signs of q are those of
the region that is cut, and q moved a little off H, to the one side and the other, lies inside the
two new regions. A region that is not cut lies on one side of H with all of the ball around its
point that fits into the region; so the point is as far from H as from the other walls, and no sign
of a number near 0 is ever taken.

**Why all are found.** The points prove that the regions exist, and their number must be
Zaslavsky's.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from toolkit.errors import InconsistentAnswerError, NotAvailable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.pl.arrangements.counting import Arrangement

    _Listed: TypeAlias = "tuple[NDArray[np.int8], NDArray[np.float64]]"

_INSIDE = 1e-11  # a point nearer to a hyperplane than this is not trusted to be on its side


def signs_of_regions(a: Arrangement) -> _Listed:
    """Return the sides of the hyperplanes for each region, and a point in each.

    Parameters
    ----------
    a
        The arrangement.

    Returns
    -------
    signs
        ``(r, n)`` 1 or -1, int8.
    points
        ``(r, d)`` unit vectors.

    Raises
    ------
    NotAvailable
        If hyperplanes are too close to distinguish, or a region is too thin to hold a point.

    Notes
    -----
    At most :func:`~toolkit.pl.arrangements.counting.counting_cost` restrictions, as for the
    number of regions, and O(r n rank) memory and O(r n^2 rank) time for the signs.

    Examples
    --------
    >>> from toolkit.pl.arrangements.counting import arrangement
    >>> signs, points = signs_of_regions(arrangement([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
    >>> sorted(signs.tolist())
    [[-1, -1, -1], [-1, 1, -1], [-1, 1, 1], [1, -1, -1], [1, -1, 1], [1, 1, 1]]
    """
    if len(a) == a.rank:
        return _independent(a)
    if a.rank == 2:
        return _in_a_plane(a)
    rest = np.setdiff1d(np.arange(len(a)), a.basis)
    order = np.concatenate([a.basis, rest])
    found = _Regions(a.normals[order], *_independent(a.only(a.basis, a.rank)))
    for k in range(a.rank, len(a)):
        so_far = a.only(order[: k + 1], a.rank)
        smaller, labels = so_far.restricted(k)
        cut, points = signs_of_regions(smaller)
        # a normal projects to a multiple of the one that stands for it, positive or negative
        turned = np.einsum("nd,nd->n", so_far.normals[:k], smaller.normals[labels[:k]])
        found.add(np.sign(turned).astype(np.int8) * cut[:, labels[:k]], points)
    signs = np.empty((len(found.signs), len(a)), dtype=np.int8)
    signs[:, order] = found.signs
    return signs, found.points


class _Regions:
    """The regions of the first k hyperplanes, k growing.

    Parameters
    ----------
    normals
        ``(n, d)`` of all hyperplanes.
    signs, points
        ``(r, k)`` and ``(r, d)`` the regions of the first k.
    """

    def __init__(
        self,
        normals: NDArray[np.float64],
        signs: NDArray[np.int8],
        points: NDArray[np.float64],
    ) -> None:
        self.normals, self.signs, self.points = normals, signs, points
        # rows are looked up by a 64-bit hash that is updated as they grow, then compared: sorting
        # the rows themselves took most of the time at 300 hyperplanes
        many = len(normals)
        self.weights = np.random.default_rng(0).integers(1, 1 << 62, many, dtype=np.int64)
        self.hashes = self._hashed(signs)

    def _hashed(self, signs: NDArray[np.int8]) -> NDArray[np.int64]:
        out: NDArray[np.int64] = (signs > 0).astype(np.int64) @ self.weights[: signs.shape[1]]
        return out

    def add(self, cut: NDArray[np.int8], pieces: NDArray[np.float64]) -> None:
        """Add a hyperplane.

        Parameters
        ----------
        cut
            ``(c, k)`` the signs of the regions that it cuts.
        pieces
            ``(c, d)`` a point on it in each of them.
        """
        k = self.signs.shape[1]
        normal = self.normals[k]
        rising = np.argsort(self.hashes)
        place = np.searchsorted(self.hashes[rising], self._hashed(cut))
        rows = rising[np.minimum(place, len(rising) - 1)]
        if not np.array_equal(self.signs[rows], cut):
            raise InconsistentAnswerError(
                "an arrangement", "pieces of a hyperplane that lie in regions", "others"
            )
        height = np.abs(pieces @ self.normals[:k].T)
        step = (height / (1.0 + np.abs(self.normals[:k] @ normal))).min(axis=1)
        side = self.points @ normal
        uncut = np.ones(len(side), dtype=np.bool_)
        uncut[rows] = False
        nearest = min(np.abs(side[uncut]).min(initial=1.0), step.min(initial=1.0))
        if nearest < _INSIDE:
            raise NotAvailable(
                "an arrangement",
                "its regions one by one",
                f"one of them is only {nearest:.1e} wide, too thin for float64: use the matrix "
                "at a point",
            )
        above = np.sign(side)
        above[rows] = 1.0
        moved = step[:, None] * normal
        self.points[rows] = _unit(pieces + moved)
        self.points = np.concatenate([self.points, _unit(pieces - moved)])
        column = np.concatenate([above, -np.ones(len(cut))]).astype(np.int8)
        self.signs = np.column_stack([np.concatenate([self.signs, cut]), column])
        self.hashes = np.concatenate([self.hashes, self.hashes[rows]])
        self.hashes += self.weights[k] * (column > 0)


def _independent(a: Arrangement) -> _Listed:
    """Return the regions of independent hyperplanes: all signs."""
    n = len(a)
    if not n:
        return np.empty((1, 0), dtype=np.int8), np.eye(a.normals.shape[1])[:1]
    signs = np.array(list(itertools.product((1, -1), repeat=n)), dtype=np.int8).reshape(-1, n)
    return signs, _unit(signs @ np.linalg.pinv(a.normals).T)


def _in_a_plane(a: Arrangement) -> _Listed:
    """Return the regions of rank 2, between one line and the next."""
    one = a.normals[0]
    across = a.normals - np.outer(a.normals @ one, one)
    two = _unit(across[[np.einsum("nd,nd->n", across, across).argmax()]])[0]
    angle = np.sort(np.mod(np.arctan2(a.normals @ two, a.normals @ one), math.pi))
    between = (angle + np.append(angle[1:], angle[0] + math.pi)) / 2 + math.pi / 2
    half = np.cos(between)[:, None] * one + np.sin(between)[:, None] * two
    points = np.concatenate([half, -half])
    narrow = float(np.diff(angle, append=angle[0] + math.pi).min())
    if narrow < 2 * _INSIDE:
        raise NotAvailable(
            "an arrangement",
            "its regions one by one",
            f"two lines differ by an angle of {narrow:.1e}, too little for float64: use the "
            "matrix at a point",
        )
    signs = np.empty((len(points), len(a)), dtype=np.int8)
    for start in range(0, len(points), 1000):  # in blocks: thousands of lines fill the memory
        signs[start : start + 1000] = np.sign(points[start : start + 1000] @ a.normals.T)
    return signs, points


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    out: NDArray[np.float64] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return out
