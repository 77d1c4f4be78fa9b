"""The canonical labelling of a coloured matrix with maps, and the symmetries met on the way.

Individualisation and refinement (McKay and Piperno 2014): where the stable colouring of
:mod:`toolkit.groups.table_refinement` leaves a cell of several columns, each of them in turn is
put first and the colouring refined again, until all columns are told apart. Of the labelled
matrices reached so, the least in a fixed order is the canonical one. Columns that known
symmetries exchange need one attempt only; equal labelled matrices give new symmetries.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from toolkit.groups.table_refinement import ColouredMatrix, Colouring, Ints

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Refinements that one search may take are this number divided by the entries of the matrix,
#: and at least 200.
SEARCH_BOUND = 4_000_000_000


class SearchBoundError(Exception):
    """The search took more refinements than its bound."""


@dataclass(frozen=True)
class Leaf:
    """A discrete colouring and the labelled matrix that it gives.

    Parameters
    ----------
    columns, rows
        0-based columns and rows in order.
    base
        The columns that were put first, one after the other.
    traces
        Those of the colourings on the way.
    matrix, maps
        The matrix and the maps, by columns and rows in order.
    """

    columns: Ints
    rows: Ints
    base: tuple[int, ...]
    traces: tuple[int, ...]
    matrix: Ints
    maps: Ints

    @property
    def key(self) -> tuple[object, ...]:
        """The labelled matrix as a value that can be compared."""
        return (self.traces, self.maps.tobytes(), self.matrix.tobytes())

    def is_like(self, other: Leaf) -> bool:
        """Whether both have the same labelled matrix: then a symmetry takes one to the other."""
        return (
            self.traces == other.traces
            and np.array_equal(self.maps, other.maps)
            and np.array_equal(self.matrix, other.matrix)
        )


@dataclass
class Search:
    """A search for the canonical labelling.

    Parameters
    ----------
    matrix
        The matrix and maps.
    preference
        Per column a rank: smaller ones are tried first, so that of labellings that symmetries
        exchange a preferred one is found early.
    weight
        Per column a number; a cell of the largest is individualised first.
    bound
        Most refinements.
    found
        Symmetries that are known before; those met are added.
    """

    matrix: ColouredMatrix
    preference: Ints
    weight: Ints
    bound: int
    found: list[Ints] = field(default_factory=list)
    refinements: int = 0

    def canonical(self, colouring: Colouring) -> tuple[Leaf, bool]:
        """Return the least leaf below a colouring that the symmetries keep.

        Returns
        -------
        tuple
            The leaf, and whether all leaves are like it.

        Raises
        ------
        SearchBoundError
            Beyond ``bound`` refinements.
        """
        return self._below(colouring, (), ())

    def first_leaf(self, colouring: Colouring) -> Leaf:
        """Return the leaf reached by preferred columns only."""
        return self._path(colouring, (), ())

    def _below(
        self, colouring: Colouring, base: tuple[int, ...], traces: tuple[int, ...]
    ) -> tuple[Leaf, bool]:
        traces = (*traces, colouring.trace)
        cell = self._target(colouring)
        if cell is None:
            return self._leaf(colouring, base, traces), True
        orbits = Orbits(cell.tolist())
        merged = 0
        first, *others = cell.tolist()
        tried = [first]
        child = self._individualised(colouring, first)
        best, alike = self._below(child, (*base, first), traces)
        one_kind = True
        for column in others:
            for symmetry in fixing(self.found[merged:], base):
                orbits.add(symmetry)
            merged = len(self.found)
            if orbits.representative(column) in map(orbits.representative, tried):
                continue
            tried.append(column)
            other_child = self._individualised(colouring, column)
            difference = other_child.trace - best.traces[len(traces)]
            if difference > 0:  # all that is below comes later
                one_kind = False
                continue
            if not difference and alike:
                # what is below the best child is all alike: one leaf of this one decides
                if self._is_direct(child, other_child):
                    continue
                leaf = self._path(other_child, (*base, column), traces)
                if leaf.is_like(best):
                    self._keep(best, leaf)
                    continue
            leaf, leaf_alike = self._below(other_child, (*base, column), traces)
            if leaf.is_like(best):
                self._keep(best, leaf)
                continue
            one_kind = False
            if leaf.key < best.key:
                best, alike, child = leaf, leaf_alike, other_child
        return best, alike and one_kind

    def _path(self, colouring: Colouring, base: tuple[int, ...], traces: tuple[int, ...]) -> Leaf:
        traces = (*traces, colouring.trace)
        while (cell := self._target(colouring)) is not None:
            column = int(cell[0])
            base = (*base, column)
            colouring = self._individualised(colouring, column)
            traces = (*traces, colouring.trace)
        return self._leaf(colouring, base, traces)

    def _individualised(self, colouring: Colouring, column: int) -> Colouring:
        self.refinements += 1
        if self.refinements > self.bound:
            raise SearchBoundError
        return self.matrix.individualised(colouring, column)

    def _target(self, colouring: Colouring) -> Ints | None:
        """Return the cell to be individualised, in the order of preference."""
        sizes = np.bincount(colouring.columns, minlength=len(colouring.columns))
        open_columns = np.flatnonzero(sizes[colouring.columns] > 1)
        if not len(open_columns):
            return None
        weights = self.weight[open_columns]
        heaviest = open_columns[weights == weights.max()]
        colours = colouring.columns[heaviest]
        cell = heaviest[colours == colours.min()]
        chosen: Ints = cell[np.argsort(self.preference[cell], kind="stable")]
        return chosen

    def _leaf(self, colouring: Colouring, base: tuple[int, ...], traces: tuple[int, ...]) -> Leaf:
        columns = np.argsort(colouring.columns, kind="stable")
        place = np.argsort(columns)
        codes = self.matrix.codes[:, columns]
        rows = np.argsort(colouring.rows, kind="stable")
        if len(np.unique(colouring.rows)) < len(rows):  # equal rows, or hashes that collide
            rows = np.lexsort((*codes.T[::-1], colouring.rows))
        maps = np.array([place[m[columns]] for m in self.matrix.maps], dtype=columns.dtype)
        return Leaf(columns, rows, base, traces, codes[rows], maps)

    def _is_direct(self, one: Colouring, other: Colouring) -> bool:
        """Keep the symmetry that takes cells to cells and is the identity within, if it is one."""
        columns = _cell_by_cell(one.columns, other.columns)
        rows = _cell_by_cell(one.rows, other.rows)
        if columns is None or rows is None:
            return False
        if not np.array_equal(self.matrix.maps[:, columns], columns[self.matrix.maps]):
            return False
        codes = self.matrix.codes
        still = rows == np.arange(len(rows))
        moved = np.flatnonzero(columns != np.arange(len(columns)))
        # rows that stay need looking at where columns move only
        if not np.array_equal(codes[still][:, columns[moved]], codes[still][:, moved]):
            return False
        if not np.array_equal(codes[rows[~still]][:, columns], codes[~still]):
            return False
        self.found.append(columns)
        return True

    def _keep(self, one: Leaf, other: Leaf) -> None:
        symmetry = np.empty_like(one.columns)
        symmetry[one.columns] = other.columns
        self.found.append(symmetry)


def _cell_by_cell(one: Ints, other: Ints) -> Ints | None:
    """Return the permutation between two partitions that moves no member of a common cell."""
    first, second = np.argsort(one, kind="stable"), np.argsort(other, kind="stable")
    out = np.empty_like(one)
    out[first] = second
    single = np.bincount(one, minlength=len(one))[one] == 1
    # within larger cells both orders rise: the identity if the cells are equal
    return out if np.array_equal(out[~single], np.flatnonzero(~single)) else None


def fixing(symmetries: Sequence[Ints], points: Sequence[int]) -> list[Ints]:
    """Return the permutations that fix given points."""
    chosen = list(points)
    return [s for s in symmetries if (s[chosen] == chosen).all()]


class Orbits:
    """Orbits of a group of permutations that grows.

    Parameters
    ----------
    points
        A union of orbits.

    Examples
    --------
    >>> orbits = Orbits([0, 1, 2, 3])
    >>> orbits.add(np.array([1, 2, 0, 3]))
    >>> orbits.representative(2) == orbits.representative(0), orbits.representative(3)
    (True, 3)
    """

    def __init__(self, points: Sequence[int]) -> None:
        self._above = {point: point for point in points}

    def representative(self, point: int) -> int:
        """Return the point that stands for the orbit of a point."""
        above = self._above
        while above[point] != point:
            above[point] = above[above[point]]
            point = above[point]
        return point

    def add(self, permutation: Ints) -> None:
        """Add a generator."""
        images = permutation.tolist()
        for point in self._above:
            one, other = self.representative(point), self.representative(images[point])
            if one != other:
                self._above[max(one, other)] = min(one, other)


def bound_of(codes: Ints) -> int:
    """Return the most refinements that a search on a matrix may take."""
    return max(200, SEARCH_BOUND // max(1, codes.size))
