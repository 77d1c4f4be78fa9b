"""The closed form of a group that commuting permutations generate.

The group is Z^k modulo the relations of its k generators. The group of its characters is spanned,
in (Z/e)^k, by the phases of the characters of the orbits; the Smith normal form of this span gives
the invariant factors, and the coordinates of the generators.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from toolkit.groups.abelian_actions import AbelianAction, commute
from toolkit.groups.closed_forms.abelian import AbelianForm

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Groups with more generators than this are left to GAP.
MOST_GENERATORS = 12

Matrix = list[list[int]]


def form_of_commuting_permutations(
    name: str, images: Sequence[Sequence[int]]
) -> AbelianForm | None:
    """Return the form of the group that permutations generate.

    Parameters
    ----------
    name
        Canonical name of the group.
    images
        Per generator its 0-based images.

    Returns
    -------
    AbelianForm or None
        ``None`` if the generators do not commute, or are more than :data:`MOST_GENERATORS`.

    Examples
    --------
    >>> images = [[1, 0, 3, 2, 5, 6, 4], [2, 3, 1, 0, 4, 5, 6]]
    >>> form = form_of_commuting_permutations("two permutations", images)
    >>> form.invariants, form.generators, form.orbit_lengths
    ((12,), ((10,), (3,)), (4, 3))
    >>> [form.element_data(x) == {"perm": g} for x, g in zip(form.generators, images)]
    [True, True]
    """
    k = len(images)
    if k > MOST_GENERATORS:
        return None
    array = np.array(images, dtype=np.intp)
    if not commute(array):
        return None
    orbits = _orbits(array)
    actions = [AbelianAction.of_images(_restricted(array, points)) for points in orbits]
    e = math.lcm(*(action.exponent for action in actions))
    span = {
        tuple(x * (e // action.exponent) for x in row)
        for action in actions
        for row in action.spanning_characters()
    }
    diagonal, columns, inverse = smith_form([list(row) for row in sorted(span)], k, e)
    chosen = [i for i in reversed(range(k)) if diagonal[i] != e]
    invariants = tuple(e // diagonal[i] for i in chosen)

    def data(x: tuple[int, ...]) -> object:
        moved = np.arange(array.shape[1])
        for j, g in enumerate(array):
            power = sum(columns[j][i] * c for i, c in zip(chosen, x, strict=True)) % e
            while power:
                if power & 1:
                    moved = g[moved]
                g, power = g[g], power >> 1
        return {"perm": moved.tolist()}

    generators = tuple(
        tuple(inverse[i][j] % d for i, d in zip(chosen, invariants, strict=True)) for j in range(k)
    )
    lengths = tuple(map(len, orbits))
    return AbelianForm(name, invariants, generators, data, False, lengths)


def _orbits(images: np.ndarray) -> list[list[int]]:
    seen = [False] * images.shape[1]
    rows = images.tolist()
    out = []
    for start in range(images.shape[1]):
        if seen[start]:
            continue
        seen[start], orbit = True, [start]
        for point in orbit:
            for row in rows:
                if not seen[row[point]]:
                    seen[row[point]] = True
                    orbit.append(row[point])
        out.append(sorted(orbit))
    return out


def _restricted(images: np.ndarray, points: list[int]) -> np.ndarray:
    return np.searchsorted(points, images[:, points]).astype(np.intp)


def smith_form(rows: Matrix, k: int, e: int) -> tuple[list[int], Matrix, Matrix]:
    """Return the Smith normal form of the span in Z^k of some rows and of e Z^k.

    Parameters
    ----------
    rows
        Integers, modulo e.
    k, e
        The number of columns, and the modulus.

    Returns
    -------
    tuple
        Divisors s_1 | ... | s_k of e, a unimodular matrix Q and its inverse: the span has the
        basis s_i (row i of the inverse of Q).

    Examples
    --------
    >>> smith_form([[2, 0], [3, 3]], 2, 6)
    ([1, 6], [[1, -3], [0, 1]], [[1, 3], [0, 1]])
    """
    matrix = [row[:] for row in rows] + [[e * (i == j) for j in range(k)] for i in range(k)]
    columns = [[int(i == j) for j in range(k)] for i in range(k)]
    inverse = [row[:] for row in columns]
    diagonal = []
    for at in range(k):
        while True:
            entries = [
                (abs(row[j]), i, j)
                for i, row in enumerate(matrix)
                for j in range(at, k)
                if i >= at and row[j]
            ]
            _, i, j = min(entries)
            matrix[at], matrix[i] = matrix[i], matrix[at]
            for row in (*matrix, *columns):
                row[at], row[j] = row[j], row[at]
            inverse[at], inverse[j] = inverse[j], inverse[at]
            pivot = matrix[at][at]
            for i in range(at + 1, len(matrix)):
                factor = matrix[i][at] // pivot
                if factor:
                    matrix[i] = [x - factor * y for x, y in zip(matrix[i], matrix[at], strict=True)]
            for j in range(at + 1, k):
                _subtract(j, at, matrix[at][j] // pivot, (*matrix, *columns), inverse)
            if any(matrix[at][at + 1 :]) or any(row[at] for row in matrix[at + 1 :]):
                continue
            bad = next((r for r in matrix[at + 1 :] if any(x % pivot for x in r)), None)
            if bad is None:
                break
            matrix[at] = [x + y for x, y in zip(matrix[at], bad, strict=True)]
        diagonal.append(abs(pivot))
    return diagonal, columns, inverse


def _subtract(
    j: int, at: int, factor: int, matrices: tuple[list[int], ...], inverse: Matrix
) -> None:
    """Subtract a multiple of one column from column j, and undo it in the inverse."""
    for row in matrices:
        row[j] -= factor * row[at]
    inverse[at] = [x + factor * y for x, y in zip(inverse[at], inverse[j], strict=True)]
