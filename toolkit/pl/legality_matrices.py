"""Matrices given by hand: square, real, finite and invertible, or one clear sentence."""

from __future__ import annotations

import math
from fractions import Fraction
from numbers import Rational, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import ModuleMismatchError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

__all__ = ["checked_matrices"]


def checked_matrices(
    matrices: ArrayLike | Sequence[Any], tolerance: float = 1e-9
) -> list[list[list[Any]]]:
    """Return matrices as nested lists of int, Fraction or float, or raise.

    Parameters
    ----------
    matrices
        ``(k, n, n)`` integers, Fractions or floats.
    tolerance
        Entries of float matrices up to this size count as 0, and a float matrix counts as not
        invertible if its least singular value is at most this times its greatest.

    Raises
    ------
    ModuleMismatchError
        If they have another shape, an entry is no finite real number, or a matrix is not
        invertible.

    Notes
    -----
    Whether a matrix of integers and Fractions is invertible is decided exactly: by its singular
    values where these leave no doubt, else by elimination.

    Examples
    --------
    >>> checked_matrices([[[0, 1], [1, 0]]])
    [[[0, 1], [1, 0]]]
    >>> checked_matrices([[[1, 2], [2, 4]]])
    Traceback (most recent call last):
        ...
    toolkit.errors.ModuleMismatchError: the matrices of generators must be invertible, and matrix 0
    is not
    """
    if not (math.isfinite(tolerance) and tolerance >= 0):
        raise ModuleMismatchError(f"a tolerance must be a finite number >= 0, not {tolerance!r}")
    try:
        array = np.asarray(matrices)
    except (ValueError, TypeError):
        raise ModuleMismatchError(
            "matrices of generators have shape (k, n, n), found rows of different lengths"
        ) from None
    if array.ndim != 3 or array.shape[1] != array.shape[2]:
        hint = "; put a single matrix into a list" if array.ndim == 2 else ""
        raise ModuleMismatchError(
            f"matrices of generators have shape (k, n, n), not {array.shape}{hint}"
        )
    if array.dtype.kind not in "fiubO":
        raise ModuleMismatchError(
            f"matrices of generators must hold real numbers, not {array.dtype}"
        )
    if array.dtype.kind == "b":
        array = array.astype(np.int64)
    values: list[list[list[Any]]] = array.tolist()
    for k, matrix in enumerate(values):
        for i, row in enumerate(matrix):
            for j, x in enumerate(row):
                if not isinstance(x, Real) or not (isinstance(x, Rational) or math.isfinite(x)):
                    raise ModuleMismatchError(
                        "matrices of generators must hold finite real numbers, and matrix "
                        f"{k} has {x!r:.40} in row {i}, column {j}"
                    )
            if not any(_filled(x, tolerance) for x in row):
                raise ModuleMismatchError(
                    "the matrices of generators must be invertible, and matrix "
                    f"{k} has a row of zeros: row {i}"
                )
        if not _is_invertible(matrix, tolerance):
            raise ModuleMismatchError(
                f"the matrices of generators must be invertible, and matrix {k} is not"
            )
    return values


def _filled(x: Any, tolerance: float) -> bool:  # noqa: ANN401 - int, Fraction or float
    return bool(abs(x) > tolerance if isinstance(x, float) else x != 0)


def _is_invertible(matrix: list[list[Any]], tolerance: float) -> bool:
    filled = [[j for j, x in enumerate(row) if _filled(x, tolerance)] for row in matrix]
    if all(len(columns) == 1 for columns in filled):
        return len({columns[0] for columns in filled}) == len(filled)
    # rows brought to one size, which changes neither the answer nor, much, an exact one's doubt
    exact = all(isinstance(x, Rational) for row in matrix for x in row)
    rows = []
    for row in matrix:
        size = max(abs(x) for x in row)
        rows.append([float(Fraction(x) / Fraction(size)) if exact else x / size for x in row])
    singular = np.linalg.svd(np.array(rows), compute_uv=False)
    least = float(singular[-1] / singular[0])
    if not exact:
        return least > tolerance
    # rounding moves a singular value by 1e-16 times the norm times n at most
    return least > 1e-12 * len(matrix) or _has_full_rank(matrix)


def _has_full_rank(matrix: list[list[Any]]) -> bool:
    """Decide by elimination with Fractions."""
    rows = [[Fraction(x) for x in row] for row in matrix]
    for j in range(len(rows)):
        pivot = next((i for i in range(j, len(rows)) if rows[i][j]), None)
        if pivot is None:
            return False
        rows[j], rows[pivot] = rows[pivot], rows[j]
        for i in range(j + 1, len(rows)):
            if rows[i][j]:
                factor = rows[i][j] / rows[j][j]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[j], strict=True)]
    return True
