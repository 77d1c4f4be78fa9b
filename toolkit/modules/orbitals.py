"""Orbitals of a pair of finite G-sets: the orbits of G on Y x X.

Their indicator matrices are a basis of the equivariant linear maps Fun X -> Fun Y
(see :mod:`toolkit.modules`).
Count, sizes and coordinates come from orbits of point stabilisers, without forming the
``m x n`` table; the table of labels is made when it is asked for. Every answer is exact.

How the orbits of a stabiliser are found. Random Schreier generators merge points quickly and
never merge too much. What they leave is then *proved* complete, by the cheapest of

``"bound"``
    no further merge is possible (a trivial lower bound is reached, or all Schreier generators
    of a short orbit were used);
``"promise"``
    the number reached is the one the caller knows from elsewhere (``known_count``);
``"automorphisms"``
    permutations of X that commute with G carry one proved suborbit to all others;
``"schreier"``
    every Schreier generator keeps one suborbit of each class under those automorphisms.

The table of labels is checked against all generators in any case: invariance is its certificate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.errors import InconsistentAnswerError, ModuleMismatchError, NotAvailable
from toolkit.modules.gsets import (
    IntArray,
    SchreierForest,
    class_cycles,
    components,
    first_occurrence,
    grow_forest,
    invert_images,
    random_elements,
    validate_images,
)

__all__ = ["Orbitals"]

LabelArray: TypeAlias = NDArray[np.unsignedinteger[Any]]

_SHALLOW = 24  # deepest tree that is walked as it is; deeper ones get random generators added
_BATCH = 4  # random Schreier generators between two looks at the partition
_FEW = 12  # as many Schreier generators are all used, which proves completeness
_CHUNK = 1 << 17  # entries handled at a time


@dataclass(frozen=True, eq=False)
class _Frame:
    """Both G-sets as one: Y's points first, X's points from ``offset`` on (0 if X is Y)."""

    joint: IntArray  # (k, N) the generators
    elements: IntArray  # (t + 1, N) the generators, random elements, and last the identity
    inverses: IntArray
    offset: int
    forest: SchreierForest  # over Y, in the elements
    supply: Iterator[IntArray]  # more random elements

    @property
    def columns(self) -> IntArray:
        """X's points in the joint numbering."""
        return np.arange(self.offset, self.joint.shape[1], dtype=np.intp)

    def up(self, points: IntArray, values: IntArray) -> IntArray:
        """Carry the pairs (point, value) to where the point is its base; ``(b, c)`` values."""
        width = self.joint.shape[1]
        for _ in range(int(self.forest.depth[points].max(initial=0))):
            values = self.inverses.ravel()[
                values + (self.forest.generator[points] * width)[:, None]
            ]
            points = self.forest.parent[points]
        return values

    def down(self, points: IntArray, values: IntArray) -> IntArray:
        """Carry the pairs (base of point, value) along the tree to the points."""
        width = self.joint.shape[1]
        steps = []
        for _ in range(int(self.forest.depth[points].max(initial=0))):
            steps.append(self.forest.generator[points] * width)
            points = self.forest.parent[points]
        for step in reversed(steps):
            values = self.elements.ravel()[values + step[:, None]]
        return values

    def fixing(self, element: IntArray, point: int) -> IntArray:
        """Return u_point . element . u_(point^element)^-1 on X: it fixes point's base."""
        here = np.array([point], dtype=np.intp)
        moved = element[self.down(here, self.columns[None])]
        result: IntArray = self.up(element[here], moved)[0] - self.offset
        return result


def _make_frame(target: IntArray, source: IntArray, same: bool) -> _Frame:
    m = target.shape[1]
    joint = target if same else np.hstack([target, source + m])
    orbit = components(target)
    elements = joint
    forest = grow_forest(target, orbit, _SHALLOW)
    supply = random_elements(joint) if joint.size else iter(())
    if forest is None:
        for _ in range(6):
            elements = np.vstack([elements, *islice(supply, 8)])
            forest = grow_forest(elements[:, :m], orbit, _SHALLOW)
            if forest is not None:
                break
        else:  # not met so far: correct all the same, only slower
            forest = grow_forest(elements[:, :m], orbit)
    assert forest is not None
    identity = np.arange(joint.shape[1], dtype=np.intp)
    elements = np.vstack([elements, identity[None]])
    return _Frame(joint, elements, invert_images(elements), 0 if same else m, forest, supply)


@dataclass(frozen=True, eq=False)
class _Cells:
    """The suborbits at every base, numbered as the orbitals are."""

    labels: IntArray  # (r, n) orbital of (base of orbit, x)
    proved: str

    @cached_property
    def first(self) -> IntArray:
        """Position, in ``labels.ravel()``, of each orbital's smallest point in its base row."""
        flat = self.labels.ravel()
        first = np.empty(int(flat.max()) + 1, dtype=np.intp)
        first[flat[::-1]] = np.arange(flat.size - 1, -1, -1, dtype=np.intp)
        return first

    @property
    def orbit(self) -> IntArray:
        """The orbit of Y that each orbital lies over."""
        result: IntArray = self.first // self.labels.shape[1]
        return result

    @property
    def representative(self) -> IntArray:
        """The smallest point x in each orbital's base row."""
        result: IntArray = self.first % self.labels.shape[1]
        return result

    @cached_property
    def degrees(self) -> IntArray:
        """The number of points in each suborbit."""
        return np.bincount(self.labels.ravel()).astype(np.intp)


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
        The number of orbitals, if it is known for certain (a sum of multiplicities): it ends
        the search early, and a proved number that differs is an error. If it is too large the
        search may end too early, which comes out when :attr:`labels` is made.
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
    step_limit: int
    byte_limit: int

    def __init__(
        self,
        target: ArrayLike,
        source: ArrayLike | None = None,
        *,
        known_count: int | None = None,
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
        return self._cells.first.size

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """``(count,)`` the number of pairs in each orbital; they sum to ``m n``.

        Examples
        --------
        >>> Orbitals([[1, 0, 2]]).sizes.tolist()
        [2, 2, 2, 2, 1]
        """
        cells = self._cells
        return cells.degrees.astype(np.int64) * self._orbit_sizes[cells.orbit]

    @property
    def certificate(self) -> str:
        """How completeness was proved: the weakest ground used (see the module's text).

        Examples
        --------
        >>> Orbitals([[1, 2, 0], [1, 0, 2]]).certificate
        'bound'
        """
        return self._cells.proved

    @property
    def representatives(self) -> IntArray:
        """``(count, 2)`` the first pair (y, x) of each orbital in row-major order.

        Examples
        --------
        >>> Orbitals([[1, 0, 2]]).representatives.tolist()
        [[0, 0], [0, 1], [0, 2], [2, 0], [2, 2]]
        """
        cells = self._cells
        return np.stack([self._frame.forest.bases[cells.orbit], cells.representative], axis=1)

    @cached_property
    def row_degrees(self) -> IntArray:
        """``(count,)`` the number of ones in each row of the orbital that has any.

        Examples
        --------
        >>> Orbitals([[1, 2, 3, 0], [0, 3, 2, 1]]).row_degrees.tolist()
        [1, 2, 1]
        """
        return self._cells.degrees

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
        orbit = self._source_orbits
        lengths = np.bincount(orbit)[orbit[self._cells.representative]]
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
        cells, frame = self._cells, self._frame
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
        cells, frame = self._cells, self._frame
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
        start: _Cells = self.__dict__.get("_cells", self._candidates[0])
        m, n = self.shape
        kind = np.min_scalar_type(start.first.size - 1)
        self._guard(m * n * kind.itemsize, "the table of orbital labels")
        frame = self._frame
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
                self._agree(int(merged.max()) + 1)
            assert not start.proved
            table = merged.astype(np.min_scalar_type(int(merged.max())))[table]
            start = _Cells(merged[start.labels], "schreier")
        if start.proved == "":
            start = replace(start, proved="schreier")
        self._agree(start.first.size)
        self.__dict__.setdefault("_cells", start)
        table.flags.writeable = False
        return table

    def _merge_along_edges(self, table: LabelArray, count: int) -> IntArray | None:
        """Compare the table with its image under every generator; a map of labels, or None.

        Each pair of labels that ought to be equal is joined in the map, over all edges, so
        that the mapped table is invariant: one pass is enough.
        """
        m, n = table.shape
        joined: IntArray | None = None
        forest = self._frame.forest
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

    # -- suborbits -------------------------------------------------------------------------

    @cached_property
    def _frame(self) -> _Frame:
        return _make_frame(self.target, self.source, self.is_square)

    @cached_property
    def _orbit_sizes(self) -> IntArray:
        return np.bincount(self._frame.forest.orbit).astype(np.intp)

    @cached_property
    def _source_orbits(self) -> IntArray:
        return self._frame.forest.orbit if self.is_square else components(self.source)

    def _bound(self, over: int) -> IntArray:
        """Per orbit of X, a number of suborbits that is certainly reached."""
        lower = np.ones(int(self._source_orbits.max()) + 1, dtype=np.intp)
        if self.is_square and self._orbit_sizes[over] > 1:
            lower[over] = 2
        return lower

    @cached_property
    def _candidates(self) -> tuple[_Cells, list[IntArray]]:
        """Suborbits as far as random elements and cheap proofs lead, and automorphisms of X.

        The word ``proved`` is empty if it remains to check Schreier generators.
        """
        frame, orbit = self._frame, self._source_orbits
        bases = frame.forest.bases
        lengths = np.bincount(orbit)
        rows: list[IntArray] = []
        settled: list[bool] = []
        for over in range(bases.size):
            row, done = self._random_stage(over, lengths)
            rows.append(row)
            settled.append(done)
        total = sum(int(row.max()) + 1 for row in rows)
        if self.known_count is not None:
            if total < self.known_count:
                self._agree(total)
            if total == self.known_count:
                proved = "bound" if all(settled) else "promise"
                return _Cells(_number(rows), proved), []
        if all(settled):
            return _Cells(_number(rows), "bound"), []
        automorphisms: list[IntArray] = []
        if self.is_square:
            for over in range(bases.size):
                rows[over] = self._find_automorphisms(over, rows[over], automorphisms)
            settled = [
                done or not self._unproved(over, row, automorphisms).size
                for over, (done, row) in enumerate(zip(settled, rows, strict=True))
            ]
        proved = "automorphisms" if all(settled) else ""
        return _Cells(_number(rows), proved), automorphisms

    def _random_stage(self, over: int, lengths: IntArray) -> tuple[IntArray, bool]:
        """Merge points of X by random elements that fix a base; say if nothing is left open."""
        frame, orbit = self._frame, self._source_orbits
        k, base = self.target.shape[0], int(frame.forest.bases[over])
        n, length = orbit.size, int(self._orbit_sizes[over])
        if k == 0:
            return np.arange(n, dtype=np.intp), True
        row = np.arange(n, dtype=np.intp)
        if k * length <= _FEW:
            points = np.flatnonzero(frame.forest.orbit == over)
            every = [frame.fixing(image, y) for image in frame.joint for y in points.tolist()]
            return components(np.stack(every)), True
        lower = self._bound(over)
        coprime = np.gcd(lengths, length) == 1
        if coprime.any():
            # an orbital's size is a multiple of both lengths, hence there is only one
            whole = np.where(coprime[orbit], orbit, orbit.size + np.arange(n))
            row = first_occurrence(np.unique(whole, return_inverse=True)[1])
        goal = max(int(lower.sum()), self.known_count or 0 if frame.forest.bases.size == 1 else 0)
        while int(row.max()) + 1 > goal:
            batch = []
            for element in islice(frame.supply, _BATCH):
                image = element[base]
                here = np.array([image], dtype=np.intp)
                batch.append(frame.up(here, element[frame.columns][None])[0] - frame.offset)
            merged = components(np.stack([*batch, class_cycles(row)]))
            if np.array_equal(merged, row):
                break
            row = merged
        return row, bool((_cells_per_orbit(row, orbit) == lower).all())

    def _find_automorphisms(
        self, over: int, row: IntArray, automorphisms: list[IntArray]
    ) -> IntArray:
        """Extend a list of permutations that commute with G, by those of one orbit of X = Y.

        A point that the stabiliser of the base fixes is the image of the base under exactly
        one of them. Where that fails, the Schreier generator that moves the point is used.
        """
        frame = self._frame
        base = int(frame.forest.bases[over])
        inside = np.flatnonzero(frame.forest.orbit == over)
        levels = [level[frame.forest.orbit[level] == over] for level in frame.forest.levels()]
        reached = np.zeros(row.size, dtype=np.bool_)
        reached[base] = True
        found: list[IntArray] = []
        while True:
            fixed = inside[(np.bincount(row)[row] == 1)[inside]]
            fixed = fixed[~reached[fixed]]
            if not fixed.size:
                automorphisms.extend(found)
                return row
            image = np.arange(row.size, dtype=np.intp)
            image[base] = fixed[0]
            for level in levels:
                step, before = frame.forest.generator[level], frame.forest.parent[level]
                image[level] = frame.elements[step, image[before]]
            wrong = image[frame.joint[:, inside]] != frame.joint[:, image[inside]]
            if wrong.any():
                g, place = (int(index) for index in np.argwhere(wrong)[0])
                moving = frame.fixing(frame.joint[g], int(inside[place]))
                row = components(np.stack([moving, class_cycles(row)]))
                continue
            found.append(image)
            classes = components(np.stack(found))
            reached = classes == classes[base]

    def _unproved(self, over: int, row: IntArray, automorphisms: list[IntArray]) -> IntArray:
        """Points of suborbits still to be checked: one suborbit for each class of them."""
        orbit = self._source_orbits
        count = int(row.max()) + 1
        first = np.empty(count, dtype=np.intp)
        first[row[::-1]] = np.arange(row.size - 1, -1, -1, dtype=np.intp)
        classes = np.arange(count, dtype=np.intp)
        if automorphisms:
            classes = components(np.stack([row[image[first]] for image in automorphisms]))
        open_ = np.ones(count, dtype=np.bool_)
        open_[(_cells_per_orbit(row, orbit) == self._bound(over))[orbit[first]]] = False
        if self.is_square:
            open_[classes == classes[row[self._frame.forest.bases[over]]]] = False
        chosen = np.zeros(count, dtype=np.bool_)
        chosen[np.unique(classes, return_index=True)[1]] = True
        return np.flatnonzero((chosen & open_)[row])

    @cached_property
    def _cells(self) -> _Cells:
        """The suborbits at every base, proved complete."""
        start, automorphisms = self._candidates
        if start.proved:
            self._agree(start.first.size)
            return start
        rows = [first_occurrence(row) for row in _unnumber(start.labels)]
        for over, row in enumerate(rows):
            rows[over] = self._schreier_stage(over, row, automorphisms)
        cells = _Cells(_number(rows), "schreier")
        self._agree(cells.first.size)
        return cells

    def _schreier_stage(self, over: int, row: IntArray, automorphisms: list[IntArray]) -> IntArray:
        """Check every Schreier generator on what is unproved; merge where one moves a cell.

        The partition stays the orbits of a group of elements that fix the base, so that the
        automorphisms permute its cells, and what was checked of it holds for a coarser one.
        """
        frame = self._frame
        forest = frame.forest
        points = np.flatnonzero(forest.orbit == over)
        columns = self._unproved(over, row, automorphisms)
        steps = 3 * (int(forest.depth[points].max()) + 1)
        work = steps * self.target.shape[0] * points.size * columns.size
        if work > self.step_limit:
            raise NotAvailable(
                repr(self),
                "a proved number of orbitals",
                f"checking all Schreier generators takes some {work:.1e} steps, more than "
                f"step_limit={self.step_limit:.1e}; pass known_count= or raise step_limit=",
            )
        start = 0
        while start < points.size and columns.size:
            block = points[start : start + max(1, _CHUNK // columns.size)]
            values = frame.down(
                block, np.broadcast_to(columns + frame.offset, (block.size, columns.size))
            )
            moving: list[IntArray] = []
            for g, image in enumerate(frame.joint):
                there = image[block]
                tree = (forest.parent[there] == block) & (forest.generator[there] == g)
                back = frame.up(there[~tree], image[values[~tree]]) - frame.offset
                bad = np.flatnonzero((row[back] != row[columns]).any(axis=1))
                moving.extend(frame.fixing(image, y) for y in block[~tree][bad[:4]].tolist())
            if moving:
                row = components(np.stack([*moving, class_cycles(row)]))
                columns = self._unproved(over, row, automorphisms)
            else:
                start += block.size
        return row

    def _agree(self, found: int) -> None:
        if self.known_count is not None and found != self.known_count:
            raise InconsistentAnswerError(
                repr(self),
                f"{self.known_count} orbitals, as known_count says",
                f"{found if found > self.known_count else f'at most {found}'}",
            )

    def _guard(self, size: int, what: str) -> None:
        if size > self.byte_limit:
            raise NotAvailable(
                repr(self),
                what,
                f"it takes {size} bytes, more than byte_limit={self.byte_limit}; count, sizes, "
                "representatives and labels_at need no table",
            )


def _cells_per_orbit(row: IntArray, orbit: IntArray) -> IntArray:
    """Return the number of cells of a partition in each orbit, which it refines."""
    first = np.empty(int(row.max()) + 1, dtype=np.intp)
    first[row] = orbit
    return np.bincount(first, minlength=int(orbit.max()) + 1).astype(np.intp)


def _number(rows: list[IntArray]) -> IntArray:
    """Stack partitions, the numbers of each going on after those of the one before."""
    counts = np.array([int(row.max()) + 1 for row in rows], dtype=np.intp)
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    return np.stack(rows) + starts[:, None].astype(np.intp)


def _unnumber(labels: IntArray) -> list[IntArray]:
    return [row - row.min() for row in labels]


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
