"""Reading a square matrix as a coloured relation: a colour for each entry."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.groups.graphs.relation import Relation
from toolkit.groups.graphs.values import checked_tolerance, classes_of_numbers, classes_of_values
from toolkit.groups.specs.base import refusal

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from toolkit.errors import NamingError

MAX_MATRIX_ENTRIES = 1 << 25
"""Most entries of a matrix that is given in full: 5,792 rows."""


def fail(problem: str, suggestion: str = "") -> NamingError:
    """Return the error about a matrix."""
    return refusal("matrix", problem, suggestion)


def relation_of_matrix(
    matrix: ArrayLike | Any,  # noqa: ANN401 - also a sparse matrix
    tol: float = 0.0,
    labels: NDArray[np.intp] | None = None,
) -> Relation:
    """Return the relation whose automorphisms are the permutations that keep every entry.

    Parameters
    ----------
    matrix
        ``(n, n)`` numbers of any kind, or a sparse matrix of SciPy.
    tol
        Numbers that differ by at most this much are equal.
    labels
        ``(n,)`` further colours of the points.

    Raises
    ------
    NamingError
        If it is not square, or has an entry that is no number.

    Examples
    --------
    >>> found = relation_of_matrix([[0, 1, 1], [1, 0, 2], [1, 2, 0]])
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
    classes = _classes(values, tolerance)
    absent = -1
    if rows.size < n * n:  # a sparse matrix: what is not stored is zero
        zero = np.flatnonzero(values == 0)
        absent = int(classes[zero[0]]) if zero.size else -1
    diagonal = rows == columns
    colors = np.full(n, absent, dtype=np.intp)
    colors[rows[diagonal]] = classes[diagonal]
    own = np.zeros(n, dtype=np.intp) if labels is None else labels
    both = (colors + 1) * (int(own.max(initial=0)) + 1) + own
    colors = np.unique(both, return_inverse=True)[1].reshape(-1).astype(np.intp)
    rows, columns, classes = rows[~diagonal], columns[~diagonal], classes[~diagonal]
    if absent < 0 and rows.size == n * (n - 1) and rows.size:
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


def _classes(values: NDArray[Any], tol: float) -> NDArray[np.intp]:
    if values.dtype != object:
        return classes_of_numbers(values, tol, "the entries", fail)
    return classes_of_values(values.tolist(), tol, "the entries", fail)


def _square(matrix: Any) -> NDArray[Any]:  # noqa: ANN401
    try:
        array = np.asarray(matrix.detach().cpu() if hasattr(matrix, "detach") else matrix)
    except ValueError:
        array = np.empty(0)
    if array.ndim != 2 or array.shape[0] != array.shape[1] or not array.size:
        raise fail(f"it must be square, with as many rows as columns, found shape {array.shape}")
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


def _of_sparse(
    matrix: Any,  # noqa: ANN401 - of scipy.sparse
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[Any], int]:
    found = matrix.tocsr()
    if found.shape[0] != found.shape[1] or not found.shape[0]:
        raise fail(f"it must be square, with as many rows as columns, found shape {found.shape}")
    found.sum_duplicates()
    found = found.tocoo()
    alive = found.data != 0
    return (
        found.row[alive].astype(np.intp),
        found.col[alive].astype(np.intp),
        found.data[alive],
        int(found.shape[0]),
    )
