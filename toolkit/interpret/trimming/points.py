r"""Which coordinates of a function agree, and the smaller set of points that is left.

**Claim.** Let X = G/H be transitive, and V the part of Fun(X) made of the isotypic parts of a set A
of simples, V not 0. For v in V the coordinates at x and y agree for all v exactly if x^-1 y lies
in U+ (they are opposite for all v exactly if it lies in U-), and no other coordinates are
proportional. So V lies in Fun(X/U+), functions of |G : U+| points, and every function of the
values at each point acts there.

*Proof.* By Schur's lemma the projection p of the delta function at x to V represents the
coordinate x, all these have one length, and <p_x, p_y> is |p_x|^2 times a mean of the phi_L,
L in A, with positive weights, at x^-1 y. As |phi_L| <= 1, p_x = p_y exactly if all phi_L are 1,
and p_x = -p_y exactly if all are -1. U+ and U = U+ with U- are subgroups that contain H: the
blocks x U+ (and x U) are permuted by G. If f(v)(x) = F(v(x)), then v(x) = v(y) gives
f(v)(x) = f(v)(y). If F is odd, v(x) = -v(y) gives f(v)(x) = -f(v)(y), and if F is even,
f(v)(x) = f(v)(y). QED

*Signed modules*: F is odd, functionals are compared with their signs, and all of this holds with
U+ and U- of the sign character (:mod:`toolkit.pl`). *Sums*: an isotypic part of a sum is the sum
of those of its orbits, so each orbit merges separately, with the simples of A that it
contains; where it contains none, the function is 0 and stays F(0).

**How the blocks are found.** Their size is an integer, known exactly from the spherical table.
Blocks of one point and blocks of all points need nothing else. Otherwise the row of the
projection at one point of each orbit is computed from the Fourier basis; entries that are equal
or opposite to the diagonal are identified in floating point; their number must be the exact one,
and the generators must permute the blocks: anything else is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from toolkit.cached import cached_property
from toolkit.errors import InconsistentAnswerError
from toolkit.interpret.zeros.support import points_of_orbits
from toolkit.library.fourier import fourier_basis
from toolkit.modules.gsets.actions import IntArray
from toolkit.modules.module import Module

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.interpret.zeros.support import OrbitSupport

_NEAR = 1e-7  # of the diagonal; different entries of small spherical functions are further apart


@dataclass(frozen=True, eq=False)
class Merging:
    """Points of a module, merged: v[x] = signs[x] u[blocks[x]] for a function u of the blocks.

    Parameters
    ----------
    X
        The module.
    blocks
        ``(|X|,)`` the 0-based number of each point's block, -1 where v is 0.
    signs
        ``(|X|,)`` 1 or -1; 0 where v is 0.
    """

    X: Module
    blocks: IntArray
    signs: NDArray[np.int8]

    @cached_property
    def size(self) -> int:
        """Number of blocks."""
        return int(self.blocks.max(initial=-1)) + 1

    @cached_property
    def first(self) -> IntArray:
        """``(size,)`` the first point of each block; its sign is 1."""
        names, where = np.unique(self.blocks, return_index=True)
        return np.asarray(where[names >= 0], dtype=np.intp)

    @property
    def is_trivial(self) -> bool:
        """Whether every block is one point."""
        return self.size == self.X.degree

    @property
    def has_signs(self) -> bool:
        """Whether a sign is -1."""
        return bool((self.signs < 0).any())

    @cached_property
    def matrix(self) -> NDArray[np.float64]:
        """``(|X|, size)`` from functions of the blocks to functions on X."""
        out = np.zeros((self.X.degree, self.size))
        alive = np.flatnonzero(self.blocks >= 0)
        out[alive, self.blocks[alive]] = self.signs[alive]
        return out

    def members(self) -> tuple[IntArray, IntArray]:
        """Return the points ordered by blocks, and ``(size + 1,)`` where each block starts."""
        order = np.argsort(self.blocks, kind="stable")
        order = order[np.searchsorted(self.blocks[order], 0) :]
        counts = np.bincount(self.blocks[order], minlength=self.size)
        return order, np.concatenate([[0], np.cumsum(counts)])

    @cached_property
    def action(self) -> tuple[IntArray, NDArray[np.int8]]:
        """How the generators act on the blocks: ``(k, size)`` 0-based images, and signs."""
        moved = self.X.images[:, self.first]
        signs = np.broadcast_to(self.signs, self.X.images.shape)
        found = np.take_along_axis(signs, moved, axis=1) * self.X.signs[:, self.first]
        return self.blocks[moved], found.astype(np.int8)

    def without_signs(self) -> Merging:
        """Return the blocks with all signs 1, as after an even function."""
        return Merging(self.X, self.blocks, np.abs(self.signs))


def all_points(X: Module) -> Merging:
    """Return the merging in which every block is one point."""
    return Merging(X, np.arange(X.degree, dtype=np.intp), np.ones(X.degree, dtype=np.int8))


def merging(X: Module, support: Sequence[OrbitSupport], *, opposite: bool) -> Merging:
    """Return the blocks of equal coordinates, numbered by their smallest points.

    Parameters
    ----------
    X
        The module.
    present
        What can be present on each of its orbits.
    opposite
        Whether opposite coordinates may be merged as well, as on signed modules.

    Raises
    ------
    InconsistentAnswerError
        If the blocks are not as large as the exact integers say, or not permuted by the group.
    NotAvailable
        If a Fourier basis is needed and out of reach.
    """
    blocks = np.full(X.degree, -1, dtype=np.intp)
    signs = np.zeros(X.degree, dtype=np.int8)
    count = 0
    for state, points in zip(support, points_of_orbits(X), strict=True):
        if state.is_zero:
            continue
        own, factors, size = _merged_orbit(X, state, points, opposite)
        blocks[points] = own[points] + count
        signs[points] = factors[points]
        count += size
    names, where = np.unique(blocks, return_index=True)
    names, where = names[names >= 0], where[names >= 0]
    number = np.full(count + 1, -1, dtype=np.intp)
    number[names[np.argsort(where)]] = np.arange(count)
    return Merging(X, number[blocks], signs)


def _merged_orbit(
    X: Module, state: OrbitSupport, points: IntArray, opposite: bool
) -> tuple[IntArray, NDArray[np.int8], int]:
    """Return blocks and signs of an orbit, ``(|X|,)`` each, and the number of blocks."""
    # without signs U- does not count unless opposite coordinates are merged
    size = state.block if opposite or not state.minus.any() else state.block // 2
    if size == 1:
        base, factor = points[:1], np.ones(1, dtype=np.int8)
    elif size == len(points) and not X.has_signs and not (opposite and state.minus.any()):
        base, factor = points, np.ones(len(points), dtype=np.int8)
    else:
        base, factor = _base_block(X, state, int(points[0]), opposite)
    if len(base) != size:
        raise InconsistentAnswerError(
            X.group, f"{size} equal coordinates of {X.name}", f"{len(base)} of them"
        )
    return _translated(X, base, factor, len(points))


def _base_block(
    X: Module, state: OrbitSupport, base: int, opposite: bool
) -> tuple[IntArray, NDArray[np.int8]]:
    """Return the points whose functionals are that of a point or its opposite, and the signs."""
    basis = fourier_basis(X)
    delta = np.zeros((X.degree, 1))
    delta[base] = 1
    coordinates = basis.analyse(delta)
    for simple in basis.simples:
        if simple.label not in state.labels:
            coordinates[simple.rows] = 0
    row = basis.synthesise(coordinates)[:, 0]
    row = row / row[base]
    plus = np.abs(row - 1) < _NEAR
    minus = (np.abs(row + 1) < _NEAR) & opposite
    found = np.flatnonzero(plus | minus)
    return found, np.where(plus[found], 1, -1).astype(np.int8)


def _translated(
    X: Module, base: IntArray, factor: NDArray[np.int8], degree: int
) -> tuple[IntArray, NDArray[np.int8], int]:
    """Return all translates of a block, in order of discovery; each first point has sign 1."""
    images = X.images
    blocks = np.full(X.degree, -1, dtype=np.intp)
    signs = np.zeros(X.degree, dtype=np.int8)
    queue: list[tuple[IntArray, NDArray[np.int8]]] = []

    def meet(points: IntArray, factors: NDArray[np.int8]) -> None:
        factors = factors * factors[np.argmin(points)]
        if (blocks[points] < 0).all():
            blocks[points], signs[points] = len(queue), factors
            queue.append((points, factors))
        elif (blocks[points] != blocks[points[0]]).any() or (signs[points] != factors).any():
            raise InconsistentAnswerError(
                X.group, f"blocks of {X.name} that the group permutes", "blocks that overlap"
            )

    meet(base, factor)
    for points, factors in queue:  # grows while it is read
        for g in range(len(images)):
            meet(images[g, points], (factors * X.signs[g, points]).astype(np.int8))
    if len(queue) * len(base) != degree:
        raise InconsistentAnswerError(
            X.group,
            f"blocks that fill an orbit of {degree} points of {X.name}",
            f"{len(queue)} blocks of {len(base)}",
        )
    return blocks, signs, len(queue)
