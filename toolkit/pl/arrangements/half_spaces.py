r"""A group that permutes the half-spaces of an arrangement: its order, and its elements one by one.

The n hyperplanes have 2n half-spaces: i on the positive side of the i-th, i + n on the negative
one. A symmetry of the arrangement permutes them and takes opposite ones to opposite ones. A
sign vector s is then a colouring of the half-spaces, and g takes it to the colouring h -> s(g(h)).

**The chain.** Half-spaces b_1, b_2, ... are chosen that only the identity fixes all of; the orbit
of b_i under the subgroup that fixes those before it is kept with an element for each of its points.
Each element is then one product of those (Sims; Holt, Eick, O'Brien, Handbook of computational
group theory, chapter 4). Elements at random make the chain; it is then proved complete: every
Schreier generator of every level is a product of what is there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray

from toolkit.cached import cached_property
from toolkit.errors import NotAvailable
from toolkit.memory import require_memory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.modules.gsets.actions import IntArray

Permutation: TypeAlias = NDArray[np.int32]

_QUIET = 12  # random elements in a row that the chain explains, before it is proved complete
_LARGEST_PAIRS = 4_000_000
_MOST_ENTRIES = 20_000_000  # of permutations that the chain keeps: 160 MB
_MOST_WORK = 3_000_000_000  # entries of permutations that are multiplied to prove it complete


def of_lines(moves: IntArray, turns: NDArray[np.int8]) -> list[Permutation]:
    """Return generators as permutations of half-spaces.

    Parameters
    ----------
    moves, turns
        ``(k, n)`` as in :class:`~toolkit.pl.arrangements.hyperplanes.Lines`: a generator takes
        the sign vector s to ``turns * s[moves]``.

    Examples
    --------
    Two lines in a plane, turned by a quarter:

    >>> of_lines(np.array([[1, 0]]), np.array([[1, -1]], dtype=np.int8))[0].tolist()
    [1, 2, 3, 0]
    """
    n = moves.shape[1]
    out = []
    for move, turn in zip(moves, turns, strict=True):
        positive = np.where(turn > 0, move, move + n)
        out.append(np.concatenate([positive, (positive + n) % (2 * n)]).astype(np.int32))
    return out


def hyperplane_orbits(n: int, generators: Sequence[Permutation]) -> NDArray[np.intp]:
    """Return ``(n,)`` the least hyperplane of the orbit of each one.

    Parameters
    ----------
    n
        The number of hyperplanes.
    generators
        Permutations of half-spaces.

    Examples
    --------
    >>> hyperplane_orbits(3, [np.array([1, 0, 2, 4, 3, 5])]).tolist()
    [0, 0, 2]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    here = np.arange(n)
    rows = np.concatenate([here[:0], *(here for _ in generators)])
    columns = np.concatenate([here[:0], *(g[:n] % n for g in generators)])
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(n, n))
    label = connected_components(graph, directed=False)[1]
    out: NDArray[np.intp] = np.unique(label, return_index=True)[1][label]
    return out


@dataclass(eq=False)
class _Level:
    """The orbit of one half-space under what fixes those before it."""

    base: int
    generators: list[Permutation]
    points: NDArray[np.int32] = field(init=False)
    place: NDArray[np.int32] = field(init=False)  # of a point in ``points``, -1 beside
    elements: NDArray[np.int32] = field(init=False)  # take the base point to each point
    inverses: NDArray[np.int32] = field(init=False)

    def extend(self, size: int) -> None:
        """Find the orbit."""
        elements = [np.arange(size, dtype=np.int32)]
        points = [self.base]
        place = np.full(size, -1, dtype=np.int32)
        place[self.base] = 0
        for point, element in zip(points, elements, strict=False):  # both grow meanwhile
            for generator in self.generators:
                image = int(generator[point])
                if place[image] < 0:
                    place[image] = len(points)
                    points.append(image)
                    elements.append(generator[element])
        self.points, self.place = np.array(points, dtype=np.int32), place
        self.elements = np.array(elements)
        self.inverses = np.argsort(self.elements, axis=1).astype(np.int32)


class HalfSpaceGroup:
    """A group of permutations of 2n half-spaces.

    Parameters
    ----------
    n
        The number of hyperplanes.
    generators
        Permutations of ``2n`` half-spaces that take opposite ones to opposite ones.

    Raises
    ------
    NotAvailable
        If its orbits do not fit into memory, or it would take minutes.

    Notes
    -----
    Exact. For n = 128 and the 10,321,920 symmetries of a cube in 8 dimensions some tenths of a
    second.

    Examples
    --------
    The symmetries of a square as they act on its two axes:

    >>> quarter, mirror = np.array([1, 2, 3, 0]), np.array([0, 3, 2, 1])
    >>> HalfSpaceGroup(2, [quarter, mirror]).order
    8
    """

    def __init__(self, n: int, generators: Sequence[Permutation]) -> None:
        self.n = n
        identity = np.arange(2 * n, dtype=np.int32)
        self.generators = [
            np.asarray(g, dtype=np.int32) for g in generators if not np.array_equal(g, identity)
        ]
        self.levels: list[_Level] = []
        self._entries = 0
        require_memory(
            "an arrangement",
            "its symmetries",
            # an element and its inverse for every point of at least one orbit
            16 * n * 2 * n if self.generators else 0,
            "give a smaller group",
        )
        for generator in self.generators:
            self._insert(generator)
        self._guess()
        while (missing := self._unexplained()) is not None:
            self._insert(missing)

    @cached_property
    def order(self) -> int:
        """The number of elements, as they act on half-spaces."""
        return math.prod(len(level.points) for level in self.levels)

    def sifted(self, element: Permutation, start: int = 0) -> tuple[Permutation, int]:
        """Return what is left of an element, and the level that does not explain it."""
        for number in range(start, len(self.levels)):
            level = self.levels[number]
            place = level.place[element[level.base]]
            if place < 0:
                return element, number
            element = level.inverses[place][element]
        return element, len(self.levels)

    def _insert(self, element: Permutation) -> bool:
        """Add an element to the chain; ``False`` if it was there."""
        left, number = self.sifted(element)
        moved = np.flatnonzero(left != np.arange(2 * self.n))
        if not moved.size:
            return False
        if number == len(self.levels):
            self.levels.append(_Level(int(moved[0]), []))
        for level in self.levels[: number + 1]:  # what is left fixes the base points before
            level.generators.append(left)
            if not hasattr(level, "place") or (level.place[left[level.points]] < 0).any():
                self._entries -= level.elements.size if hasattr(level, "elements") else 0
                level.extend(2 * self.n)
                self._entries += level.elements.size
                if self._entries > _MOST_ENTRIES:
                    self._refuse()
        return True

    def _refuse(self) -> NoReturn:
        raise NotAvailable(
            "an arrangement",
            "its symmetries",
            f"those that move {self.n} hyperplanes are too many to work with: give a smaller group",
        )

    def _guess(self) -> None:
        """Insert products at random until the chain explains some in a row."""
        if not self.generators:
            return
        rng = np.random.default_rng(0)
        pool = [*self.generators] * (1 + 10 // len(self.generators))
        quiet, steps = 0, 0
        while quiet < _QUIET:
            i, j = (int(k) for k in rng.choice(len(pool), 2, replace=False))
            pool[i] = pool[i][pool[j]] if rng.random() < 0.5 else pool[j][pool[i]]
            steps += 1
            if steps > 50:
                quiet = 0 if self._insert(pool[i]) else quiet + 1

    def _unexplained(self) -> Permutation | None:
        """Return a Schreier generator that the chain does not explain; ``None`` proves it whole."""
        work = sum(
            len(level.generators) * level.elements.size * below
            for below, level in enumerate(reversed(self.levels), start=1)
        )
        if work > _MOST_WORK:
            self._refuse()
        for number, level in reversed(list(enumerate(self.levels))):
            for generator in level.generators:
                # u then the generator, then back from where the base point is
                block = generator[level.elements]
                for start in range(0, len(block), 256):
                    part = block[start : start + 256]
                    wrong = self._are_unexplained(part, number)
                    if wrong.any():
                        return np.array(part[int(wrong.argmax())], dtype=np.int32)
        return None

    def _are_unexplained(self, elements: NDArray[np.int32], start: int) -> NDArray[np.bool_]:
        """Sift many elements at once; return which are no products of the chain's."""
        wrong = np.zeros(len(elements), dtype=bool)
        for level in self.levels[start:]:
            place = level.place[elements[:, level.base]]
            wrong |= place < 0
            elements = np.take_along_axis(level.inverses[place], elements, axis=1)
        out: NDArray[np.bool_] = wrong | (elements != np.arange(2 * self.n)).any(axis=1)
        return out

    def pair_labels(self) -> NDArray[np.int32]:
        """Return ``(2n, 2n)`` labels of ordered pairs of half-spaces: equal on G-orbits of pairs.

        Notes
        -----
        Up to 1000 hyperplanes the labels are those of the orbits; beyond, pairs are only told apart
        by whether they are equal, opposite, or neither.
        """
        size = 2 * self.n
        if size * size > _LARGEST_PAIRS:
            out = np.zeros((size, size), dtype=np.int32)
            here = np.arange(size)
            out[here, here], out[here, (here + self.n) % size] = 1, 2
            return out
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        code = np.arange(size * size)
        one, two = np.divmod(code, size)
        rows, columns = [code[:0]], [code[:0]]
        for generator in self.generators:
            rows.append(code)
            columns.append(generator[one].astype(np.int64) * size + generator[two])
        ends = (np.concatenate(rows), np.concatenate(columns))
        weights = np.ones(len(ends[0]), dtype=np.int8)
        graph = coo_array((weights, ends), shape=(size * size, size * size))
        label: NDArray[np.int32] = connected_components(graph, directed=False)[1]
        return label.reshape(size, size)
