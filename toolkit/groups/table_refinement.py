"""Stable colourings of the rows and columns of an integer matrix with maps between its columns.

The colour of a row or column is the position of its cell in the ordered partition: cell by cell,
a partition is refined until the colours of rows are decided by the values that they take on the
columns of each colour, those of columns by the values of rows of each colour and by the colours of
images and of roots under the maps. Cells split in the order of 64-bit hashes of these multisets,
which are functions of what they count: two rows or columns that a symmetry of the matrix
exchanges always keep the same colour. A collision of hashes could only leave a cell unsplit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

Ints: TypeAlias = NDArray[np.intp]
Words: TypeAlias = NDArray[np.uint64]

_GOLDEN = 0x9E3779B97F4A7C15
_STEPS = 64  # splits of one refinement, mostly fewer


def mix(x: Words, salt: int = 0) -> Words:
    """Return a fixed pseudo-random 64-bit word for each word (Steele et al. 2014, splitmix64)."""
    z = x + np.uint64((salt + 1) * _GOLDEN & (1 << 64) - 1)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def ranks(*keys: Ints) -> Ints:
    """Return the rank of each tuple of keys among the distinct ones; earlier keys weigh more.

    Examples
    --------
    >>> ranks(np.array([2, 1, 2, 1]), np.array([5, 7, 4, 7])).tolist()
    [2, 0, 1, 0]
    """
    order = np.lexsort(keys[::-1])
    new = np.zeros(len(order), dtype=bool)
    for key in keys:
        new[1:] |= key[order[1:]] != key[order[:-1]]
    out = np.empty(len(order), dtype=np.intp)
    out[order] = np.cumsum(new)
    return out


@dataclass(frozen=True, slots=True)
class Colouring:
    """An ordered partition of columns and rows; a colour is the number of places before its cell.

    ``trace`` is a hash of all splits that led to it: symmetries preserve it.
    """

    columns: Ints
    rows: Ints
    trace: int

    @property
    def is_discrete(self) -> bool:
        """Whether every column has a colour of its own."""
        return bool((np.bincount(self.columns, minlength=1) <= 1).all())


class ColouredMatrix:
    """A matrix of codes with maps between its columns, ready for refinement.

    Parameters
    ----------
    codes
        A ``(rows, columns)`` array of small non-negative integers.
    maps
        ``(columns,)`` arrays of 0-based columns.

    Examples
    --------
    The character table of S3 has no two columns alike:

    >>> matrix = ColouredMatrix(np.array([[1, 1, 1], [1, 1, 2], [0, 3, 2]]), [])
    >>> matrix.refined(np.zeros(3, int), np.zeros(3, int)).is_discrete
    True
    """

    def __init__(self, codes: Ints, maps: Sequence[Ints]) -> None:
        self.codes = codes
        self.maps: Ints = np.array(maps, dtype=np.intp).reshape(len(maps), codes.shape[1])
        # one word for each colour: of columns to rows, to columns by maps, of rows, of places
        places = np.arange(max(codes.shape, default=0), dtype=np.uint64)
        self._words: Words = np.array([mix(places, salt) for salt in (1, 2, 4, 5)])
        self._of_places = self._words[3]
        salts = np.arange(2 * len(maps), dtype=np.uint64)
        images, roots = (mix(salts, 3) | np.uint64(1)).reshape(2, -1)
        # what a column adds to the hashes of others: of those it is the image of, and of its image
        columns = np.arange(codes.shape[1])
        self._by_maps: Words = np.zeros((len(columns), len(columns)), dtype=np.uint64)
        for image, root, m in zip(images, roots, self.maps, strict=True):
            self._by_maps[m, columns] += image
            self._by_maps[columns, m] += root
        self._steps: Words = mix(np.arange(_STEPS, dtype=np.uint64))
        count = int(codes.max(initial=0)) + 1
        words = mix(np.arange(count, dtype=np.uint64), 7)
        self._by_row: Words = words[codes]
        self._by_column: Words = np.ascontiguousarray(self._by_row.T)

    def refined(self, columns: Ints, rows: Ints) -> Colouring:
        """Return the coarsest stable colouring below given ones (any integers; ranks matter)."""
        c, _ = self._split(np.zeros_like(columns), columns.astype(np.uint64), [])
        r, _ = self._split(np.zeros_like(rows), rows.astype(np.uint64), [])
        return self._refine(c, r, np.arange(len(c)), np.arange(len(r)), 0)

    def individualised(self, colouring: Colouring, column: int) -> Colouring:
        """Return the refined colouring with one column before the others of its cell."""
        columns = colouring.columns.copy()
        cell = np.flatnonzero(columns == columns[column])
        columns[cell] += 1
        columns[column] -= 1
        trace = int(columns[column]) + 1
        none = np.zeros(0, dtype=np.intp)
        # the column alone is enough: the rest of the cell is the difference
        return self._refine(columns, colouring.rows, np.array([column]), none, trace)

    def _refine(
        self, columns: Ints, rows: Ints, moved: Ints, moved_rows: Ints, start: int
    ) -> Colouring:
        log = [np.uint64(start)]
        first = True
        while len(moved) or len(moved_rows):
            weights = self._words[0, columns[moved]]
            rows, split = self._split(rows, weights @ self._by_column[moved], log)
            moved_rows = moved_rows if first and len(moved_rows) else split
            first = False
            seen = self._words[1, columns[moved]] @ self._by_maps[moved]
            if len(moved_rows):
                seen += self._words[2, rows[moved_rows]] @ self._by_row[moved_rows]
            columns, moved = self._split(columns, seen, log)
            moved_rows = moved[:0]
        words = np.array(log, dtype=np.uint64)
        steps = self._steps
        if len(words) > _STEPS:
            steps = mix(np.arange(len(words), dtype=np.uint64))
        trace = int(mix(words ^ steps[: len(words)], 9).sum())
        return Colouring(columns, rows, trace)

    def _split(self, colours: Ints, hashes: Words, log: list[np.uint64]) -> tuple[Ints, Ints]:
        """Split cells by hashes; return the new colours and the members whose colour changed."""
        order = np.lexsort((hashes, colours))
        c, h = colours[order], hashes[order]
        old = c[1:] != c[:-1]
        new = np.ones(len(c), dtype=bool)
        np.logical_or(old, h[1:] != h[:-1], out=new[1:])
        starts = new.nonzero()[0]
        log.append(self._of_places[starts] @ h[starts])  # modulo 2^64
        if len(starts) == np.count_nonzero(old) + 1:  # no cell is split
            return colours, starts[:0]
        out = np.empty_like(colours)
        out[order] = starts[new.cumsum() - 1]
        return out, (out != colours).nonzero()[0]
