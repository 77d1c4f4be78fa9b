"""Orbitals of a pair of finite G-sets: the orbits of G on Y x X.

Their indicator matrices are a basis of the equivariant linear maps Fun X -> Fun Y (see
:mod:`toolkit.modules`). Count, sizes and coordinates come from orbits of point stabilisers, without
forming the ``m x n`` table; the table of labels is made when first used. Every answer is exact.

How the orbits of a stabiliser are found. Random Schreier generators merge points quickly and never
merge too much. The result is then *proved* complete, by the cheapest of

``"bound"``
    no further merge is possible (a lower bound is reached, a trivial one or that of an
    ``invariant``, or all Schreier generators of a short orbit were used);
``"promise"``
    the number reached is the one the caller knows from elsewhere (``known_count``);
``"automorphisms"``
    permutations of X that commute with G carry one proved suborbit to all others;
``"schreier"``
    every Schreier generator keeps one suborbit of each class under those automorphisms.

The table of labels is checked against all generators in any case: invariance is its certificate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.cached import cached_property
from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.memory import require_memory
from toolkit.modules.gsets.actions import (
    IntArray,
    first_occurrence,
    validate_images,
)
from toolkit.modules.gsets.suborbits import Cells, SuborbitSearch

LabelArray: TypeAlias = NDArray[np.unsignedinteger[Any]]
#: From a point y of Y and ``(b,)`` points x of X to ``(b,)`` numbers that G keeps.
PairInvariant: TypeAlias = Callable[[int, IntArray], IntArray]

_SHALLOW = 24  # deepest tree that is walked as it is; deeper ones get random generators added
_BATCH = 4  # random Schreier generators between two looks at the partition
_FEW = 12  # as many Schreier generators are all used, which proves completeness
_BYTES_OF_A_PAIR = 48  # while its orbital is looked up
_CHUNK = 1 << 17  # entries handled at a time


@dataclass(frozen=True, eq=False)
class Orbitals:
    """The orbits of a group on Y x X, lazily computed.

    Parameters
    ----------
    target
        ``(k, m)`` generator images on Y, 0-based; the rows of the matrices.
    source
        ``(k, n)`` images of the same generators on X; the columns. ``None`` means X = Y.
    known_count
        The number of orbitals, if it is known for certain (a sum of multiplicities): it ends the
        search early, and a proved number that differs is an error. If it is too large the search
        may end too early, which is detected when :attr:`labels` is made.
    invariant
        A function that the group is known to keep, from a point y of Y and ``(b,)`` points x of X
        to ``(b,)`` numbers: pairs (y, x) with different numbers are in different orbitals.
    step_limit
        The number of elementary steps that a proof of completeness may take.
    byte_limit
        The number of bytes that :attr:`labels` or :meth:`coordinates` may fill.

    Raises
    ------
    ModuleMismatchError
        If the images are not permutations, or the numbers of generators differ.

    Notes
    -----
    A matrix W belongs to an equivariant map iff ``W[y^g, x^g] = W[y, x]``. Orbitals are
    numbered by first occurrence in row-major order of Y x X. Exact; GAP is never started. With
    k generators, finding costs a few products of O(n) for each orbit of Y; proving costs
    nothing in the case ``"bound"`` or ``"promise"``, O(k n log n) for ``"automorphisms"``, and
    at most about ``50 k m n`` steps for ``"schreier"``, in small blocks.

    Examples
    --------
    The dihedral group of the square, on its four corners:

    >>> square = Orbitals([[1, 2, 3, 0], [0, 3, 2, 1]])
    >>> square.count, square.sizes.tolist()
    (3, [4, 8, 4])
    >>> square.labels
    array([[0, 1, 2, 1],
           [1, 0, 1, 2],
           [2, 1, 0, 1],
           [1, 2, 1, 0]], dtype=uint8)

    The symmetric group on a thousand points takes no table:

    >>> import numpy as np
    >>> cycle, swap = np.roll(np.arange(1000), -1), np.arange(1000)
    >>> swap[:2] = 1, 0
    >>> Orbitals([cycle, swap]).sizes.tolist()
    [1000, 999000]
    """

    target: IntArray
    source: IntArray
    known_count: int | None
    invariant: PairInvariant | None
    step_limit: int
    byte_limit: int

    def __init__(
        self,
        target: ArrayLike,
        source: ArrayLike | None = None,
        *,
        known_count: int | None = None,
        invariant: PairInvariant | None = None,
        step_limit: int = 1 << 34,
        byte_limit: int = 1 << 31,
    ) -> None:
        rows = validate_images(target, "the target")
        columns = rows if source is None else validate_images(source, "the source")
        if rows.shape[0] != columns.shape[0]:
            raise ModuleMismatchError(
                "target and source need images of the same generators, found "
                f"{rows.shape[0]} for the target and {columns.shape[0]} for the source"
            )
        if columns is not rows and np.array_equal(rows, columns):
            columns = rows
        for array in (rows, columns):
            array.flags.writeable = False
        object.__setattr__(self, "target", rows)
        object.__setattr__(self, "source", columns)
        object.__setattr__(self, "known_count", known_count)
        object.__setattr__(self, "invariant", invariant)
        object.__setattr__(self, "step_limit", step_limit)
        object.__setattr__(self, "byte_limit", byte_limit)

    def __repr__(self) -> str:
        k, m = self.target.shape
        return f"Orbitals({m} x {self.source.shape[1]} points, {k} generators)"

    # -- shape -----------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, int]:
        """``(m, n)``: the points of Y and of X.

        Examples
        --------
        >>> Orbitals([[1, 0]], [[1, 2, 0]]).shape
        (2, 3)
        """
        return self.target.shape[1], self.source.shape[1]

    @property
    def is_square(self) -> bool:
        """Whether X and Y are the same G-set, given by equal images.

        Examples
        --------
        >>> Orbitals([[1, 0]], [[1, 0]]).is_square
        True
        """
        return self.source is self.target

    # -- count and sizes -------------------------------------------------------------------

    @property
    def count(self) -> int:
        """The number of orbitals, which is the dimension of the equivariant maps.

        Examples
        --------
        >>> Orbitals([[1, 2, 3, 4, 5, 0]]).count
        6
        """
        return self._search.cells.first.size

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """``(count,)`` the number of pairs in each orbital; they sum to ``m n``.

        Examples
        --------
        >>> Orbitals([[1, 0, 2]]).sizes.tolist()
        [2, 2, 2, 2, 1]
        """
        cells = self._search.cells
        return cells.degrees.astype(np.int64) * self._search.orbit_sizes[cells.orbit]

    @property
    def certificate(self) -> str:
        """How completeness was proved: the weakest ground used (see the module's text).

        Examples
        --------
        >>> Orbitals([[1, 2, 0], [1, 0, 2]]).certificate
        'bound'
        """
        return self._search.cells.proved

    @property
    def representatives(self) -> IntArray:
        """``(count, 2)`` the first pair (y, x) of each orbital in row-major order.

        Examples
        --------
        >>> Orbitals([[1, 0, 2]]).representatives.tolist()
        [[0, 0], [0, 1], [0, 2], [2, 0], [2, 2]]
        """
        cells = self._search.cells
        return np.stack(
            [self._search.frame.forest.bases[cells.orbit], cells.representative], axis=1
        )

    @cached_property
    def row_degrees(self) -> IntArray:
        """``(count,)`` the number of ones in each row of the orbital that has any.

        Examples
        --------
        >>> Orbitals([[1, 2, 3, 0], [0, 3, 2, 1]]).row_degrees.tolist()
        [1, 2, 1]
        """
        return self._search.cells.degrees

    @cached_property
    def column_degrees(self) -> IntArray:
        """``(count,)`` the number of ones in each column of the orbital that has any.

        Examples
        --------
        From two points, which are swapped, to one that is fixed:

        >>> maps = Orbitals([[0]], [[1, 0]])
        >>> maps.row_degrees.tolist(), maps.column_degrees.tolist()
        ([2], [1])
        """
        orbit = self._search.source_orbits
        lengths = np.bincount(orbit)[orbit[self._search.cells.representative]]
        return (self.sizes // lengths).astype(np.intp)

    @property
    def is_permutation(self) -> NDArray[np.bool_]:
        """``(count,)`` whether the orbital is a bijection between its orbits of Y and X.

        Examples
        --------
        >>> Orbitals([[1, 2, 3, 0], [0, 3, 2, 1]]).is_permutation.tolist()
        [True, False, True]
        """
        result: NDArray[np.bool_] = (self.row_degrees == 1) & (self.column_degrees == 1)
        return result

    @cached_property
    def paired(self) -> IntArray:
        """``(count,)`` the number of the transposed orbital; X and Y must be the same.

        Raises
        ------
        ModuleMismatchError
            If X and Y have different images.

        Examples
        --------
        >>> Orbitals([[1, 2, 3, 0]]).paired.tolist()
        [0, 3, 2, 1]
        """
        if not self.is_square:
            raise ModuleMismatchError(
                "an orbital has a transpose among the orbitals only if source and target are "
                "the same G-set, found two different ones"
            )
        y, x = self.representatives.T
        return self.labels_at(x, y)

    def labels_at(self, rows: ArrayLike, columns: ArrayLike) -> IntArray:
        """Return the orbital of each pair, without the table.

        Parameters
        ----------
        rows
            ``(b,)`` points of Y.
        columns
            ``(b,)`` points of X.

        Returns
        -------
        numpy.ndarray
            ``(b,)`` orbital numbers.

        Notes
        -----
        Exact; some 20 steps for each pair.

        Examples
        --------
        >>> Orbitals([[1, 2, 3, 0]]).labels_at([0, 1, 3], [3, 0, 0]).tolist()
        [3, 3, 1]
        """
        y = np.asarray(rows, dtype=np.intp)
        x = np.asarray(columns, dtype=np.intp)
        require_memory(
            repr(self),
            f"the orbitals of {y.size:,} pairs",
            _BYTES_OF_A_PAIR * y.size,
            "count, sizes and representatives need no pairs",
        )
        cells, frame = self._search.cells, self._search.frame
        base = frame.up(y, (x + frame.offset)[:, None])[:, 0] - frame.offset
        result: IntArray = cells.labels[frame.forest.orbit[y], base]
        return result

    def coordinates(self, orbital: int) -> tuple[IntArray, IntArray]:
        """Return the pairs of one orbital, without the table.

        Parameters
        ----------
        orbital
            Its number, from 0.

        Returns
        -------
        tuple of numpy.ndarray
            Rows and columns of the ones, in row-major order.

        Raises
        ------
        IndexError
            If there is no such orbital.
        NotAvailable
            If the coordinates take more than ``byte_limit`` bytes.

        Notes
        -----
        Exact; O(size) time and memory.

        Examples
        --------
        >>> rows, columns = Orbitals([[1, 2, 3, 0]]).coordinates(1)
        >>> rows.tolist(), columns.tolist()
        ([0, 1, 2, 3], [1, 2, 3, 0])
        """
        cells, frame = self._search.cells, self._search.frame
        if not 0 <= orbital < self.count:
            raise IndexError(
                f"orbitals are numbered 0 to {self.count - 1}, found {orbital}: use one of them"
            )
        self._guard(int(self.sizes[orbital]) * 16, f"the list of pairs in orbital {orbital}")
        over = int(cells.orbit[orbital])
        rows = np.flatnonzero(frame.forest.orbit == over)
        cell = np.flatnonzero(cells.labels[over] == orbital)
        values = np.empty((rows.size, cell.size), dtype=np.intp)
        values[0] = cell + frame.offset
        place = np.empty(self.shape[0], dtype=np.intp)
        place[rows] = np.arange(rows.size)
        for level in frame.forest.levels():
            points = level[frame.forest.orbit[level] == over]
            step = frame.forest.generator[points]
            before = place[frame.forest.parent[points]]
            values[place[points]] = frame.elements[step[:, None], values[before]]
        values.sort(axis=1)
        return np.repeat(rows, cell.size), values.ravel() - frame.offset

    # -- the table -------------------------------------------------------------------------

    @cached_property
    def labels(self) -> LabelArray:
        """``(m, n)`` the orbital of every pair, in the smallest unsigned type that holds them.

        Raises
        ------
        NotAvailable
            If the table takes more than ``byte_limit`` bytes.
        InconsistentAnswerError
            If ``known_count`` was wrong.

        Notes
        -----
        Exact: the table is checked to be invariant under every generator. O(k m n).

        Examples
        --------
        >>> Orbitals([[1, 0]], [[0, 1]]).labels
        array([[0, 1],
               [0, 1]], dtype=uint8)
        """
        search = self._search
        start: Cells = search.__dict__.get("cells", search.candidates[0])
        m, n = self.shape
        kind = np.min_scalar_type(start.first.size - 1)
        self._guard(m * n * kind.itemsize, "the table of orbital labels")
        frame = self._search.frame
        table: LabelArray = np.empty((m, n), dtype=kind)
        table[frame.forest.bases] = start.labels
        back = frame.inverses[:, frame.offset :] - frame.offset
        most = max(1, _CHUNK // n)
        for level in frame.forest.levels():
            # rows with the same step share one gather
            step = frame.forest.generator[level]
            by_step = np.argsort(step, kind="stable")
            cuts = np.flatnonzero(np.diff(step[by_step])) + 1
            for group in np.split(level[by_step], cuts):
                gather = back[frame.forest.generator[group[0]]]
                _transport(table, frame.forest.parent[group], group, gather, most)
        merged = self._merge_along_edges(table, start.first.size)
        if merged is not None:
            if start.proved == "promise":
                self._search.agree(int(merged.max()) + 1)
            assert not start.proved
            table = merged.astype(np.min_scalar_type(int(merged.max())))[table]
            start = Cells(merged[start.labels], "schreier")
        if start.proved == "":
            start = replace(start, proved="schreier")
        self._search.agree(start.first.size)
        search.__dict__.setdefault("cells", start)
        table.flags.writeable = False
        return table

    def _merge_along_edges(self, table: LabelArray, count: int) -> IntArray | None:
        """Compare the table with its image under every generator; a map of labels, or None.

        Each pair of labels that ought to be equal is joined in the map, over all edges, so
        that the mapped table is invariant: one pass is enough.
        """
        m, n = table.shape
        joined: IntArray | None = None
        forest = self._search.frame.forest
        most = max(1, _CHUNK // n)
        everything = np.arange(m, dtype=np.intp)
        buffer = np.empty((most, n), dtype=table.dtype)
        for g, (on_rows, on_columns) in enumerate(zip(self.target, self.source, strict=True)):
            # along an edge of the tree there is nothing to see
            tree = (forest.parent[on_rows] == everything) & (forest.generator[on_rows] == g)
            edges = np.flatnonzero(~tree)
            for start in range(0, edges.size, most):
                block = edges[start : start + most]
                there = buffer[: block.size]
                for i, y in enumerate(on_rows[block].tolist()):
                    np.take(table[y], on_columns, out=there[i], mode="clip")
                here = table[block]
                if np.array_equal(here, there):
                    continue
                if joined is None:
                    joined = np.arange(count, dtype=np.intp)
                one, other = joined[here], joined[there]
                different = one != other
                pairs = np.unique(one[different] * count + other[different])
                joined = _join_pairs(joined, pairs // count, pairs % count)
        return None if joined is None else first_occurrence(joined)

    @cached_property
    def _search(self) -> SuborbitSearch:
        return SuborbitSearch(
            self.target, self.source, self.is_square, self.known_count, self.step_limit, repr(self),
            self.invariant,
        )  # fmt: skip

    def _guard(self, size: int, what: str) -> None:
        if size > self.byte_limit:
            raise NotAvailable(
                repr(self),
                what,
                f"it takes {size} bytes, more than byte_limit={self.byte_limit}; count, sizes, "
                "representatives and labels_at need no table",
            )


def _join_pairs(labels: IntArray, one: IntArray, other: IntArray) -> IntArray:
    """Join classes of a labelling by its least elements, given pairs of labels."""
    root = labels.tolist()

    def find(x: int) -> int:
        while root[x] != x:
            root[x] = root[root[x]]
            x = root[x]
        return x

    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        low, high = sorted((find(a), find(b)))
        root[high] = low
    return np.array([find(x) for x in range(len(root))], dtype=np.intp)


def _transport(
    table: LabelArray, parents: IntArray, children: IntArray, gather: IntArray, most: int
) -> None:
    """Fill rows of the table from their parents' rows: ``table[child] = table[parent][gather]``."""
    if table.shape[1] >= 512:
        for parent, child in zip(parents.tolist(), children.tolist(), strict=True):
            np.take(table[parent], gather, out=table[child], mode="clip")
        return
    for start in range(0, children.size, most):
        block = slice(start, start + most)
        table[children[block]] = np.take(table[parents[block]], gather, axis=1)
