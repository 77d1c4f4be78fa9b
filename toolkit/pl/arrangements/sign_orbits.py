r"""Which sign vectors a group takes to each other, and what fixes one: without listing orbits.

A face of an arrangement is known by its signs s in {-1, 0, 1}^n, and a flat by the hyperplanes that
contain it, which have 2 in place of a sign. A group of permutations of the
half-spaces acts on them. Orbits may have billions of members, so that two sign vectors are
compared as they are: first by colours of the hyperplanes, which a group element keeps, and then by
a search for a group element through the chain of stabilisers, which the colours keep narrow.

**Colours.** Let M be an (n, n) matrix with M(gi, gj) = M(i, j), with the signs that g turns round:
random weights on the orbits of pairs of half-spaces. Then s_i (M s)_i is the same at i and at g(i)
for the images. Numbers are integers modulo 2^64, so that equal is equal. The search decides:
colours that agree by chance cost time only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from toolkit.pl.arrangements.half_spaces import Permutation, hyperplane_orbits
from toolkit.pl.arrangements.projective import Hashes, mixed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.pl.arrangements.half_spaces import HalfSpaceGroup

Signs = NDArray[np.int8]
_ROUNDS = 1
_BOTH = 2


@dataclass(frozen=True, eq=False)
class Stabiliser:
    """The subgroup that fixes a sign vector.

    Parameters
    ----------
    order
        Its number of elements, as they act on half-spaces.
    generators
        Elements that generate it.
    """

    order: int
    generators: tuple[Permutation, ...]

    def orbits(self, n: int) -> NDArray[np.intp]:
        """Return ``(n,)`` the least hyperplane of the orbit of each hyperplane."""
        return hyperplane_orbits(n, self.generators)


class SignOrbits:
    """Sign vectors under a group of permutations of half-spaces.

    Parameters
    ----------
    group
        The group.

    Examples
    --------
    The eight octants under the rotations of the cube's diagonal:

    >>> from toolkit.pl.arrangements.half_spaces import HalfSpaceGroup
    >>> turn = np.array([1, 2, 0, 4, 5, 3])
    >>> orbits = SignOrbits(HalfSpaceGroup(3, [turn]))
    >>> one, two = np.array([1, 1, -1], dtype=np.int8), np.array([-1, 1, 1], dtype=np.int8)
    >>> orbits.key(one) == orbits.key(two), orbits.size(one)
    (True, 3)
    >>> element = orbits.element(one, two)
    >>> bool((orbits.image(one, element) == two).all())
    True
    """

    def __init__(self, group: HalfSpaceGroup) -> None:
        self.group = group
        n = group.n
        labels = group.pair_labels()
        weights = np.random.default_rng(1).integers(
            0, 1 << 63, (2, int(labels.max(initial=0)) + 1), dtype=np.uint64
        )
        same, opposite = _folded(weights[0], labels, n)
        self._signed: Hashes = same - opposite
        same, opposite = _folded(weights[1], labels, n)
        self._unsigned: Hashes = same + opposite

    def colours(self, signs: Signs) -> Hashes:
        """Return ``(2n,)`` a colour of each half-space: kept by what takes signs to signs.

        Signs that are 2 mark a hyperplane on both its sides.
        """
        marks = (signs * signs).astype(np.uint64)
        s = np.where(signs == _BOTH, 0, signs).astype(np.int64).astype(np.uint64)
        colour = mixed(s * (self._signed @ s) + marks)
        for _ in range(_ROUNDS):
            around = self._unsigned @ colour
            turned = s * (self._signed @ (s * mixed(colour + np.uint64(1))))
            colour = mixed(mixed(colour + around) + turned)
        return np.concatenate([mixed(colour + s), mixed(colour - s)])

    def key(self, signs: Signs) -> bytes:
        """Return the same bytes for sign vectors of one orbit."""
        return self._key(self.colours(signs))

    @staticmethod
    def _key(colours: Hashes) -> bytes:
        total = mixed(colours).sum(dtype=np.uint64), mixed(colours * colours).sum(dtype=np.uint64)
        return np.array(total).tobytes()

    def image(self, signs: Signs, element: Permutation) -> Signs:
        """Return the image of a sign vector under an element."""
        out: Signs = _both_sides(signs)[element[: self.group.n]]
        return out

    def element(self, signs: Signs, other: Signs) -> Permutation | None:
        """Return an element that takes the first sign vector to the other; ``None`` proves none.

        Notes
        -----
        Exact. The search ends: it goes through the whole group if it must.
        """
        mine, theirs = self.colours(signs), self.colours(other)
        if self._key(mine) != self._key(theirs):
            return None
        identity = np.arange(2 * self.group.n, dtype=np.int32)
        both = _both_sides(signs), _both_sides(other)
        return next(self._search(both, (mine, theirs), identity, 0), None)

    def _search(
        self,
        both: tuple[Signs, Signs],
        colours: tuple[Hashes, Hashes],
        so_far: Permutation,
        number: int,
    ) -> Iterator[Permutation]:
        """Yield the elements so_far * (what fixes the first base points) that do it."""
        if number == len(self.group.levels):
            if np.array_equal(both[0][so_far], both[1]):
                yield so_far
            return
        level = self.group.levels[number]
        images = so_far[level.points]
        fits = np.flatnonzero(colours[0][images] == colours[1][level.base])
        for place in fits.tolist():
            yield from self._search(both, colours, so_far[level.elements[place]], number + 1)

    def stabiliser(self, signs: Signs) -> Stabiliser:
        """Return the subgroup that fixes a sign vector.

        Notes
        -----
        Exact: level by level from the last, the orbit of each base point under what was found is
        completed by a search for every image that colours allow.
        """
        colours = self.colours(signs)
        pair = (colours, colours)
        both = (_both_sides(signs),) * 2
        order, generators = 1, list[np.ndarray]()
        for number in range(len(self.group.levels) - 1, -1, -1):
            level = self.group.levels[number]
            fits = level.points[colours[level.points] == colours[level.base]]
            orbit = {level.base}
            refuted: set[int] = set()
            for point in fits.tolist():
                if point in orbit or point in refuted:
                    continue
                start = level.elements[level.place[point]]
                found = next(self._search(both, pair, start, number + 1), None)
                if found is None:
                    refuted |= _orbit_of(point, generators)
                else:
                    generators.append(found)
                    orbit = _orbit_of(level.base, generators)
            order *= len(orbit)
        return Stabiliser(order, tuple(generators))

    def size(self, signs: Signs) -> int:
        """Return the number of sign vectors in the orbit."""
        return self.group.order // self.stabiliser(signs).order


def _orbit_of(point: int, generators: list[Permutation]) -> set[int]:
    """Return the orbit of a half-space."""
    found, todo = {point}, [point]
    while todo:
        here = todo.pop()
        for generator in generators:
            image = int(generator[here])
            if image not in found:
                found.add(image)
                todo.append(image)
    return found


def _both_sides(signs: Signs) -> Signs:
    """Return ``(2n,)`` the colour of each half-space."""
    out: Signs = np.concatenate([signs, np.where(signs == _BOTH, signs, -signs)])
    return out


def _folded(weights: Hashes, labels: NDArray[np.int32], n: int) -> tuple[Hashes, Hashes]:
    """Return weights of pairs of hyperplanes: of half-spaces on like sides, and on others."""
    table = weights[labels]
    same = table[:n, :n] + table[n:, n:]
    return same, table[:n, n:] + table[n:, :n]
