"""Reading a square matrix as a coloured relation: a colour for each entry."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from toolkit.groups.graphs.relation import Relation
from toolkit.groups.graphs.values import (
    NOISE,
    checked_tolerance,
    classes_of_values,
    clusters_of_numbers,
    near_ties,
)
from toolkit.groups.specs.base import data_refusal

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from toolkit.errors import NamingError

#: Row, column and value of an entry; row and column are -1 for a zero that is not stored.
Place: TypeAlias = tuple[int, int, Any]

MAX_MATRIX_ENTRIES = 1 << 25
"""Most entries of a matrix that is given in full: 5,792 rows."""


_REFINEMENTS = 8  # of rows, before any graph is made; most data needs one


def fail(problem: str, suggestion: str = "") -> NamingError:
    """Return the error about a matrix."""
    return data_refusal("this matrix", problem, suggestion)


@dataclass(frozen=True, eq=False)
class ReadMatrix:
    """A square matrix, read.

    Parameters
    ----------
    relation
        What permutations keep that keep every entry within the tolerance. Where a chain of
        entries joins two that are farther apart, all of them have one colour, so that the
        relation may be kept by more: :meth:`check` decides.
    tol
        Entries that differ by at most this much are equal.
    doubtful
        Rows, columns and values of the entries in such chains.
    near
        Larger tolerances at which entries that differ would clearly be equal; none for exact
        entries.
    """

    relation: Relation
    tol: float
    doubtful: tuple[NDArray[np.intp], NDArray[np.intp], NDArray[Any]]
    near: list[float]

    def unequal(self, images: NDArray[np.intp]) -> tuple[Place, Place] | None:
        """Return two entries that permutations identify, farther apart than the tolerance.

        Parameters
        ----------
        images
            ``(k, n)`` permutations that keep the relation.

        Returns
        -------
        tuple or None
            Row, column and value of both; ``None`` if every element of the group that the
            permutations generate keeps every entry within the tolerance.
        """
        rows, columns, values = self.doubtful
        n, m = self.relation.size, rows.size
        moved = [image for image in images if (image != np.arange(n)).any()]
        if not m or not moved:
            return None
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        keys = rows.astype(np.int64) * n + columns
        order = np.argsort(keys, kind="stable")
        ends = []
        for image in moved:
            target = image[rows].astype(np.int64) * n + image[columns]
            place = order[np.minimum(np.searchsorted(keys, target, sorter=order), m - 1)]
            ends.append(np.where(keys[place] == target, place, m))  # m: a zero that is not stored
        pairs = (np.tile(np.arange(m), len(moved)), np.concatenate(ends))
        graph = coo_array((np.ones(pairs[0].size, dtype=np.int8), pairs), shape=(m + 1, m + 1))
        orbits = connected_components(graph, directed=False)[1]
        known = np.append(values, np.zeros(1, dtype=values.dtype))
        if not (pairs[1] == m).any():
            orbits, known = orbits[:m], values
        for part in (known.real, known.imag) if known.dtype.kind == "c" else (known,):
            by_value = np.lexsort((part, orbits))
            starts = np.flatnonzero(np.diff(orbits[by_value], prepend=-1))
            last = np.append(starts[1:], by_value.size) - 1
            low, high = by_value[starts], by_value[last]
            with np.errstate(over="ignore", invalid="ignore"):
                spread = np.where(part[high] == part[low], 0.0, part[high] - part[low])
            worst = int(np.argmax(spread))
            if spread[worst] > self.tol:
                return tuple(  # type: ignore[return-value]
                    (int(rows[i]), int(columns[i]), known[i].item()) if i < m else (-1, -1, 0)
                    for i in (low[worst], high[worst])
                )
        return None

    def check(self, images: NDArray[np.intp]) -> None:
        """Check that permutations keep every entry within the tolerance.

        Raises
        ------
        NamingError
            If they identify two entries that are farther apart.
        """
        found = self.unequal(images)
        if found is not None:
            one, two = (
                f"entry ({row}, {column}) equal to {value}" if row >= 0 else "a zero"
                for row, column, value in found
            )
            raise fail(
                f"a permutation takes {one} to {two}, farther apart than tol={self.tol:g}, though "
                "a chain of entries, each within tol of the next, joins them",
                "choose a smaller or a larger tol",
            )


def read_matrix(
    matrix: ArrayLike | Any,  # noqa: ANN401 - also a sparse matrix
    tol: float = 0.0,
    labels: NDArray[np.intp] | None = None,
    noise: float | None = None,
) -> ReadMatrix:
    """Read a matrix, whose symmetries are the permutations that keep every entry.

    Parameters
    ----------
    matrix
        ``(n, n)`` numbers of any kind, or a sparse matrix of SciPy.
    tol
        Numbers that differ by at most this much are equal.
    labels
        ``(n,)`` further colours of the points.
    noise
        Entries that are no farther apart than this part of the largest may be meant to be equal;
        by default :data:`NOISE` for ``tol=0``, and 0 if a tolerance is given.

    Raises
    ------
    NamingError
        If it is not square, or has an entry that is no number.

    Examples
    --------
    >>> found = read_matrix([[0, 1, 1], [1, 0, 2], [1, 2, 0]]).relation
    >>> found.low.tolist(), found.high.tolist()  # the most frequent entry needs no pairs
    ([1], [2])
    """
    tolerance = checked_tolerance(tol, fail)
    if hasattr(matrix, "tocoo"):
        rows, columns, values, n = _of_sparse(matrix)
    else:
        array = _square(matrix)
        n = len(array)
        rows, columns = np.divmod(np.arange(n * n), n)
        values = array.reshape(-1)
    stored = rows.size
    if stored < n * n:  # a sparse matrix: what is not stored is zero
        values = np.append(values, np.zeros(1, dtype=values.dtype))
    classes, wide, numbers_ = _classes(values, tolerance)
    absent = -1 if stored == n * n else int(classes[-1])
    classes = classes[:stored]
    colors = np.full(n, absent, dtype=np.intp)
    diagonal = rows == columns
    colors[rows[diagonal]] = classes[diagonal]
    own = np.zeros(n, dtype=np.intp) if labels is None else labels
    both = (colors + 1) * (int(own.max(initial=0)) + 1) + own
    colors = np.unique(both, return_inverse=True)[1].reshape(-1).astype(np.intp)
    doubt = np.flatnonzero(wide[classes])
    doubtful = rows[doubt], columns[doubt], numbers_[doubt]
    if noise is None:
        noise = 0.0 if tolerance else NOISE
    near = _near(values, tolerance, noise) if noise else []
    if absent >= 0:  # what is as good as zero is as if it were not stored
        seen = classes != absent
        rows, columns, classes = rows[seen], columns[seen], classes[seen]
    cells = _rows_apart(rows, columns, classes, colors)
    if cells is not None:
        none = np.empty(0, dtype=np.intp)
        return ReadMatrix(Relation(cells, none, none, none, none), tolerance, doubtful, near)
    relation = _relation(rows, columns, classes, colors, absent)
    return ReadMatrix(relation, tolerance, doubtful, near)


def _rows_apart(
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    classes: NDArray[np.intp],
    colors: NDArray[np.intp],
) -> NDArray[np.intp] | None:
    """Return a colour of its own for each row, if colours and entries tell all rows apart.

    What is told apart is different; by an accident of the random weights the answer may be
    ``None`` although rows can be told apart.
    """
    n = colors.size
    chance = np.random.default_rng(2)
    draw = chance.integers(0, 2**63, (3, max(n, int(classes.max(initial=0)) + 1)), dtype=np.uint64)
    there, back, names = draw * np.uint64(2) + np.uint64(1)
    cells = np.unique(colors, return_inverse=True)[1].reshape(-1)
    count = int(cells.max()) + 1
    for _ in range(_REFINEMENTS):
        if count == n:
            return cells.astype(np.intp)
        sums = np.zeros(n, dtype=np.uint64)
        if rows.size == n * n:
            table, known = classes.reshape(n, n), names[cells]
            sums += (there[table] * known).sum(axis=1, dtype=np.uint64)
            sums += (back[table] * known[:, None]).sum(axis=0, dtype=np.uint64)
        else:
            np.add.at(sums, rows, there[classes] * names[cells[columns]])
            np.add.at(sums, columns, back[classes] * names[cells[rows]])
        order = np.lexsort((sums, cells))
        new = (np.diff(cells[order]) != 0) | (np.diff(sums[order]) != 0)
        cells = np.empty_like(cells)
        cells[order] = np.concatenate(([0], np.cumsum(new)))
        if int(cells.max()) + 1 == count:
            break
        count = int(cells.max()) + 1
    return cells.astype(np.intp) if count == n else None


def _relation(
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    classes: NDArray[np.intp],
    colors: NDArray[np.intp],
    absent: int,
) -> Relation:
    n = colors.size
    off = rows != columns
    rows, columns, classes = rows[off], columns[off], classes[off]
    if absent < 0 and rows.size:
        absent = int(np.bincount(classes).argmax())
    codes = np.where(classes == absent, 0, classes + 1)
    stored = codes > 0
    rows, columns, codes = rows[stored], columns[stored], codes[stored]
    low, high = np.minimum(rows, columns), np.maximum(rows, columns)
    pairs, place = np.unique(low.astype(np.int64) * n + high, return_inverse=True)
    forward, backward = np.zeros((2, pairs.size), dtype=np.intp)
    ahead = rows < columns
    place = place.reshape(-1)
    forward[place[ahead]] = codes[ahead]
    backward[place[~ahead]] = codes[~ahead]
    return Relation.of_pairs(colors, pairs // n, pairs % n, forward, backward)


def _classes(
    values: NDArray[Any], tol: float
) -> tuple[NDArray[np.intp], NDArray[np.bool_], NDArray[Any]]:
    """Return the cluster of each entry, whether a cluster is wide, and the entries as numbers."""
    if values.dtype == object:
        if tol == 0:
            exact = classes_of_values(values.tolist(), 0.0, "entries", fail)
            return exact, np.zeros(int(exact.max(initial=0)) + 1, dtype=np.bool_), values
        floats = _as_floats(values)
        if floats is None:
            raise fail("entries beyond the range of floats are compared exactly only", "use tol=0")
        values = floats
    return (*clusters_of_numbers(values, tol, "entries", fail), values)


def _as_floats(values: NDArray[Any]) -> NDArray[Any] | None:
    is_complex = any(isinstance(x, complex | np.complexfloating) for x in values.tolist())
    try:
        return values.astype(np.complex128 if is_complex else np.float64)
    except (OverflowError, TypeError, ValueError):
        return None


def _near(values: NDArray[Any], tol: float, noise: float) -> list[float]:
    if values.dtype == object:
        entries = values.tolist()
        if all(isinstance(x, numbers.Rational) for x in entries):
            return []
        floats = _as_floats(values)
        if floats is None:
            return []
        values = floats
    if values.dtype.kind not in "fc":
        return []
    finite = np.abs(values[np.isfinite(values)])
    return near_ties(values, tol, noise * float(finite.max(initial=0.0)))


def _square(matrix: Any) -> NDArray[Any]:  # noqa: ANN401
    try:
        array = np.asarray(matrix.detach().cpu() if hasattr(matrix, "detach") else matrix)
    except ValueError:
        array = np.empty(0)
    if array.ndim != 2 or array.shape[0] != array.shape[1] or not array.size:
        raise _not_square(array.shape)
    if array.size > MAX_MATRIX_ENTRIES:
        raise fail(
            f"it must have at most {MAX_MATRIX_ENTRIES:,} entries, not {array.size:,}",
            "give a sparse matrix of SciPy",
        )
    if array.dtype == object:
        for entry in array.reshape(-1).tolist():
            if not isinstance(entry, numbers.Number):
                raise fail(f"its entries must be numbers, found {entry!r:.40}")
    elif array.dtype.kind not in "biufc":
        raise fail(f"its entries must be numbers, found {array.dtype}")
    return array


def _not_square(shape: tuple[int, ...]) -> NamingError:
    hint = ""
    if len(shape) == 2 and min(shape):
        hint = (
            "rows and columns permuted independently are the automorphisms of a bipartite graph: "
            "for a table H of zeros and ones graph = nx.bipartite.from_biadjacency_matrix("
            "scipy.sparse.csr_array(H)), then "
            "group_from_graph(graph, node_attribute='bipartite', edge_attribute='weight')"
        )
    return fail(f"it must be square, with as many rows as columns, found shape {shape}", hint)


def _of_sparse(
    matrix: Any,  # noqa: ANN401 - of scipy.sparse
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[Any], int]:
    found = matrix.tocsr()
    if found.shape[0] != found.shape[1] or not found.shape[0]:
        raise _not_square(found.shape)
    found.sum_duplicates()
    found = found.tocoo()
    alive = found.data != 0
    return (
        found.row[alive].astype(np.intp),
        found.col[alive].astype(np.intp),
        found.data[alive],
        int(found.shape[0]),
    )
