"""Which point is which: points as group elements, cosets, natural points, tuples.

A point of a regular module is a group element; a point of G/H is a coset, named by a word that
takes the base point there. A point of a product is the tuple of points of the factors, a point of
a sum a point of a summand. Words are tuples of generators by their 0-based numbers, applied from
left to right.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, overload

import numpy as np

from toolkit.cached import cached_property
from toolkit.errors import ModuleMismatchError
from toolkit.modules.gset_expressions import NaturalSum, Product, Sum
from toolkit.modules.gsets.actions import SchreierForest, grow_forest, schreier_forest

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.module import Module
    from toolkit.modules.permutation_module import PermutationModule

#: Of so many generators all ways to make two subgroups are tried, for a hint.
_MOST_SPLIT = 8

#: A natural point, a word, the tuple of points of factors, or (number of the summand, its point).
PointName: TypeAlias = "int | tuple[Any, ...]"


class Points(Sequence[PointName]):
    """The points of a module, by number; what ``X.points`` is.

    Parameters
    ----------
    X
        A permutation or signed module.

    Examples
    --------
    >>> import toolkit as tk
    >>> G = tk.group("S3")
    >>> V = G.natural_module()
    >>> list(V.points), list((V * V).points)[:4]
    ([0, 1, 2], [(0, 0), (0, 1), (0, 2), (1, 0)])
    >>> list(G.regular_module().points)
    [(), (0,), (1,), (0, 0), (0, 1), (1, 0)]
    >>> (V + G.coset_module("H3a")).points[3:]
    [(1, ()), (1, (1,))]
    """

    def __init__(self, X: Module) -> None:
        self.X = X

    def __len__(self) -> int:
        return self.X.degree

    def __repr__(self) -> str:
        return f"<points of {self.X.name} of {self.X.group_title}>"

    @overload
    def __getitem__(self, i: int) -> PointName: ...
    @overload
    def __getitem__(self, i: slice) -> list[PointName]: ...
    def __getitem__(self, i: int | slice) -> PointName | list[PointName]:
        if isinstance(i, slice):
            return [self._name(k) for k in range(*i.indices(len(self)))]
        k = i + len(self) if i < 0 else i
        if not 0 <= k < len(self):
            raise IndexError(f"{self.X.name} has points 0 to {len(self) - 1}, not {i}")
        return self._name(k)

    def _name(self, i: int) -> PointName:
        contents = self.X.contents
        if isinstance(contents, Product):
            own = np.unravel_index(i, [Y.degree for Y in contents.factors])
            return tuple(Y.points[int(k)] for Y, k in zip(contents.factors, own, strict=True))
        if isinstance(contents, NaturalSum):
            return i
        if isinstance(contents, Sum):
            number, place = (int(table[i]) for table in self._places)
            name = contents.summands[number].points[place]
            return name if len(contents.summands) == 1 else (number, name)
        if self.X.unsigned is not self.X:
            return self.X.unsigned.points[i]
        return self._forest.word(i) if self._natural is None else int(self._natural[i])

    @cached_property
    def _places(self) -> tuple[IntArray, IntArray]:
        """The summand of each point, and its number there."""
        number = np.empty(len(self), dtype=np.intp)
        place = np.empty(len(self), dtype=np.intp)
        contents: Any = self.X.contents
        for k, own in enumerate(contents.points):
            where = np.array(own, dtype=np.intp)
            number[where], place[where] = k, np.arange(where.size)
        return number, place

    @cached_property
    def _natural(self) -> IntArray | None:
        """The natural point that each point is; ``None`` for cosets."""
        backend = self.X.unsigned.backend
        return np.arange(len(self)) if backend is None else backend.natural_points()

    @cached_property
    def _forest(self) -> SchreierForest:
        """The words to each point from the base point."""
        return _rooted_forest(self.X.images, self.X.unsigned.record.base)


def _rooted_forest(images: IntArray, root: int) -> SchreierForest:
    """Return the shortest words from a point to the others of its orbit, first ones first."""
    if not root:
        return schreier_forest(images)
    # the tree is grown from the least point: exchange that with the root
    swap = np.arange(images.shape[1])
    swap[[0, root]] = [root, 0]
    forest = grow_forest(swap[images[:, swap]], np.zeros(images.shape[1], dtype=np.intp))
    assert forest is not None
    return SchreierForest(
        swap[forest.order],
        swap[forest.parent[swap]],
        forest.generator[swap],
        forest.depth[swap],
        swap[forest.bases],
        forest.orbit[swap],
    )


class Elements(Points):
    """The points of a regular module as group elements; what ``X.elements`` is.

    Point x is the element that takes point 0 to x, and point 0 the identity: a generator h takes
    x to x h. Points are numbered by their shortest words, shorter words first.

    Parameters
    ----------
    X
        A regular permutation module.

    Examples
    --------
    A tensor on C4 x C8 x C8 as orientation, x, y, and back:

    >>> import numpy as np, toolkit as tk
    >>> X = tk.group("C4 x C8 x C8").regular_module()
    >>> grid = X.elements.grid()
    >>> grid.shape
    (4, 8, 8)
    >>> f = np.random.default_rng(0).normal(size=(10, 256, 3))  # (batch, points, channels)
    >>> image = f[:, grid]  # (batch, orientation, x, y, channels)
    >>> image.shape
    (10, 4, 8, 8, 3)
    >>> a, x, y = X.elements.coordinates().T
    >>> np.array_equal(image[:, a, x, y], f)
    True
    """

    X: PermutationModule

    def __repr__(self) -> str:
        return f"<the {len(self)} elements of {self.X.group_title}, as points>"

    def _name(self, i: int) -> tuple[int, ...]:
        return self._forest.word(i)

    @cached_property
    def _forest(self) -> SchreierForest:
        return schreier_forest(self.X.images)

    @property
    def words(self) -> list[tuple[int, ...]]:
        """Per point the first of its shortest words in the generators."""
        return [self._forest.word(i) for i in range(len(self))]

    def images(self, Y: Module) -> IntArray:
        """Return the images of the points of a module under every element.

        Parameters
        ----------
        Y
            A permutation or signed module of the same group, such as its natural module.

        Returns
        -------
        numpy.ndarray
            ``(|G|, |Y|)``: element x takes point i of Y to ``[x, i]``. Signs are left out.

        Examples
        --------
        >>> import toolkit as tk
        >>> G = tk.group("S3")
        >>> G.regular_module().elements.images(G.natural_module())[3].tolist()
        [2, 0, 1]
        """
        if self.X.home != Y.home or not Y.has_points:
            raise ModuleMismatchError(
                f"a permutation or signed module of {self.X.group_title} is required, not "
                f"{Y.name} of {Y.group_title}"
            )
        forest, own = self._forest, Y.images
        out = np.empty((len(self), Y.degree), dtype=np.intp)
        out[0] = np.arange(Y.degree)
        for level in forest.levels():
            steps = own[forest.generator[level]]
            out[level] = np.take_along_axis(steps, out[forest.parent[level]], axis=1)
        return out

    def number(self, word: Sequence[int]) -> int:
        """Return the point of the element that a word gives; ``~i`` is the inverse of generator i.

        Examples
        --------
        >>> import toolkit as tk
        >>> tk.group("D8").regular_module().elements.number([0, 0, 0, 0, 1])
        2
        """
        images, at = self.X.images, 0
        for letter in word:
            if not -len(images) <= letter < len(images):
                raise ModuleMismatchError(
                    f"letters of a word are generators 0 to {len(images) - 1}, or ~i for an "
                    f"inverse, not {letter}"
                )
            row = images[letter if letter >= 0 else ~letter]
            at = int(row[at]) if letter >= 0 else int(np.flatnonzero(row == at)[0])
        return at

    def grid(self, *subgroups: ArrayLike) -> IntArray:
        """Return the points as a table with an axis for each of several subgroups.

        Parameters
        ----------
        subgroups
            Generators, by their 0-based numbers, of subgroups H, K, ... such that every element
            is exactly one product h k ... . Left out: an axis for each generator g, of the powers
            1, g, g^2, ... that the generators before it do not reach.

        Returns
        -------
        numpy.ndarray
            ``(|H|, |K|, ...)`` points: ``[i, j, ...]`` is the i-th element of H times the j-th of
            K, ... . The elements of a subgroup are numbered by their shortest words; those of
            <g> are 1, g, g^2, ... . A tensor ``f`` of shape ``(..., |G|, channels)`` becomes
            ``f[..., grid, :]`` of shape ``(..., |H|, |K|, ..., channels)``.

        Raises
        ------
        ModuleMismatchError
            If not every element is exactly one such product.

        Examples
        --------
        The symmetries of a 5 x 5 grid with periodic edges, as point symmetry, x, y:

        >>> import numpy as np, toolkit as tk
        >>> x, y = np.divmod(np.arange(25), 5)
        >>> turn, flip = (-y % 5) * 5 + x, y * 5 + x
        >>> shifts = ((x + 1) % 5) * 5 + y, x * 5 + (y + 1) % 5
        >>> G = tk.group_from_permutations([turn, flip, *shifts])
        >>> G.regular_module().elements.grid([0, 1], [2], [3]).shape
        (8, 5, 5)
        """
        images = self.X.images
        table = np.zeros((), dtype=np.intp)
        for given in subgroups:
            columns = [table]
            for parent, g in self._subgroup(given):
                columns.append(images[g][columns[parent]])
            table = np.stack(columns, axis=-1)
        for image in () if subgroups else images:
            columns = [table]
            while (image[columns[-1].flat[0]] != table).all():
                columns.append(image[columns[-1]])
            table = np.stack(columns, axis=-1)
        found = np.unique(table).size
        if not found == table.size == len(self):
            shape = " x ".join(map(str, table.shape))
            raise ModuleMismatchError(
                f"{shape} products of subgroups give {found} of the {len(self)} elements of "
                f"{self.X.group_title}: every element must be exactly one product; {self._advice()}"
            )
        return table

    def _advice(self) -> str:
        """Return a grid that exists: of two subgroups, each with some of the generators."""
        count = len(self.X.images)
        for mask in range(1, 2 ** min(count, _MOST_SPLIT) - 1):
            sides = [[g for g in range(count) if (mask >> g & 1) == side] for side in (1, 0)]
            first, second = ({0, *self._reached(side)} for side in sides)
            if len(first) * len(second) == len(self) and first & second == {0}:
                return f"grid({sides[0]}, {sides[1]}) has axes {len(first)} and {len(second)}"
        return (
            "the generators of this group do not fall into those of two such subgroups; make the "
            "group from generators that do, or use .words"
        )

    def _reached(self, letters: list[int]) -> list[int]:
        """Return the elements but 1 of the subgroup of some generators, as points."""
        points = [0]
        for parent, g in self._subgroup(letters):
            points.append(int(self.X.images[g][points[parent]]))
        return points[1:]

    def _subgroup(self, given: ArrayLike) -> list[tuple[int, int]]:
        """Return, per element but 1 of a subgroup, one before it and the generator between."""
        images = self.X.images
        letters = np.atleast_1d(np.asarray(given)).tolist()
        if any(not isinstance(g, int) or not 0 <= g < len(images) for g in letters):
            raise ModuleMismatchError(
                f"a subgroup is given by generators 0 to {len(images) - 1} of "
                f"{self.X.group_title}, not {given!r:.60}"
            )
        points, steps = [0], []
        known = {0}
        for number, point in enumerate(points):  # grows while it is read
            for g in letters:
                new = int(images[g, point])
                if new not in known:
                    known.add(new)
                    points.append(new)
                    steps.append((number, g))
        return steps

    def coordinates(self, *subgroups: ArrayLike) -> IntArray:
        """Return ``(|G|, axes)`` where each point is in :meth:`grid`.

        Parameters
        ----------
        subgroups
            As there.

        Examples
        --------
        Elements of the dihedral group of a square as turns and flips:

        >>> import toolkit as tk
        >>> tk.group("D8").regular_module().elements.coordinates().T.tolist()
        [[0, 1, 0, 2, 1, 3, 3, 2], [0, 0, 1, 0, 1, 1, 0, 1]]
        """
        table = self.grid(*subgroups)
        out = np.empty((len(self), table.ndim), dtype=np.intp)
        out[table.ravel()] = np.argwhere(np.ones(table.shape, dtype=np.bool_))
        return out
