r"""Symmetric and antisymmetric tensors, and how matrices act on them.

The k-th symmetric power of V is kept inside the k-th tensor power: its basis vectors are, for
i_1 <= ... <= i_k in lexicographic order, the symmetrised e_{i_1} x ... x e_{i_k} scaled to length
1. So the matrices of an orthogonal V stay orthogonal. The exterior power has, for
i_1 < ... < i_k, the vectors e_{i_1} ^ ... ^ e_{i_k}, of length 1 as well, and its matrices are
the minors.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray


def power_dimension(dimension: int, exponent: int, *, exterior: bool) -> int:
    """Return the dimension of a symmetric or exterior power.

    Examples
    --------
    >>> power_dimension(3, 2, exterior=False), power_dimension(3, 2, exterior=True)
    (6, 3)
    """
    if exterior:
        return math.comb(dimension, exponent)
    return math.comb(dimension + exponent - 1, exponent)


def power_name(name: str, exponent: int, *, exterior: bool) -> str:
    """Return the name of a power, such as ``Sym^2(3 points)``.

    Examples
    --------
    >>> power_name("space", 2, exterior=True)
    'Alt^2(space)'
    """
    return f"{'Alt' if exterior else 'Sym'}^{exponent}({name})"


def power_indices(dimension: int, exponent: int, *, exterior: bool) -> list[tuple[int, ...]]:
    """Return the tuples i_1 <= ... <= i_k, or i_1 < ... < i_k, in lexicographic order.

    Examples
    --------
    >>> power_indices(2, 2, exterior=False), power_indices(3, 2, exterior=True)
    ([(0, 0), (0, 1), (1, 1)], [(0, 1), (0, 2), (1, 2)])
    """
    if exterior:
        return list(itertools.combinations(range(dimension), exponent))
    return list(itertools.combinations_with_replacement(range(dimension), exponent))


def power_matrices(
    matrices: NDArray[np.float64], exponent: int, *, exterior: bool
) -> NDArray[np.float64]:
    """Return the matrices on a symmetric or exterior power.

    Parameters
    ----------
    matrices
        ``(k, n, n)``.
    exponent
        At least 1.
    exterior
        Whether the exterior power is meant.

    Returns
    -------
    numpy.ndarray
        ``(k, dim, dim)``.

    Examples
    --------
    >>> turn = np.array([[[0.0, -1.0], [1.0, 0.0]]])
    >>> power_matrices(turn, 2, exterior=True).round(12).tolist()
    [[[1.0]]]
    >>> (power_matrices(turn, 2, exterior=False).round(12) + 0.0).tolist()
    [[[0.0, 0.0, 1.0], [0.0, -1.0, 0.0], [1.0, 0.0, 0.0]]]
    """
    one = _minors if exterior else _symmetric_matrix
    size = power_dimension(matrices.shape[-1], exponent, exterior=exterior)
    return np.array([one(rho, exponent) for rho in matrices]).reshape(-1, size, size)


def _minors(rho: NDArray[np.float64], exponent: int) -> NDArray[np.float64]:
    chosen = np.array(power_indices(len(rho), exponent, exterior=True), dtype=np.intp)
    return np.array(
        [np.linalg.det(rho[rows[None, :, None], chosen[:, None, :]]) for rows in chosen]
    )


def _symmetric_matrix(rho: NDArray[np.float64], exponent: int) -> NDArray[np.float64]:
    """Multiply out products of linear forms, one factor at a time."""
    n = len(rho)
    below = np.ones((1, 1))
    indices: list[tuple[int, ...]] = [()]
    for degree in range(1, exponent + 1):
        place = {index: i for i, index in enumerate(indices)}
        indices = power_indices(n, degree, exterior=False)
        here = {index: i for i, index in enumerate(indices)}
        first = np.array([index[0] for index in indices])
        rest = np.array([place[index[1:]] for index in indices])
        out = np.zeros((len(indices), len(indices)))
        for j in range(n):  # the product by the j-th coordinate
            above = [here[tuple(sorted((j, *index)))] for index in place]
            out[above] += rho[j, first] * below[:, rest]
        below = out
    lengths = np.array([_length(index) for index in indices])
    scaled: NDArray[np.float64] = below * lengths[:, None] / lengths
    return scaled


def _length(index: tuple[int, ...]) -> float:
    """Return the norm of the symmetrised tensor: the root of the product of m_j! over k!."""
    counts = [len(list(run)) for _, run in itertools.groupby(index)]
    return math.sqrt(math.prod(map(math.factorial, counts)) / math.factorial(len(index)))


def power_action(
    images: IntArray, signs: NDArray[np.int8] | None, exponent: int, *, exterior: bool
) -> tuple[IntArray, NDArray[np.int8]]:
    """Return how signed permutations act on the basis of a symmetric or exterior power.

    Parameters
    ----------
    images, signs
        ``(k, n)`` 0-based images, and signs or ``None``.
    exponent, exterior
        As in :func:`power_matrices`.

    Returns
    -------
    numpy.ndarray, numpy.ndarray
        ``(k, dim)`` images and signs.

    Examples
    --------
    The oriented edges of a triangle:

    >>> power_action(np.array([[1, 2, 0]]), None, 2, exterior=True)
    (array([[2, 0, 1]]), array([[ 1, -1, -1]], dtype=int8))
    """
    k, n = images.shape
    chosen = np.array(power_indices(n, exponent, exterior=exterior), dtype=np.intp)
    scale = n ** np.arange(exponent, dtype=np.intp)[::-1]
    codes = chosen @ scale  # rising, since the order is lexicographic
    moved = images[:, chosen]
    factor = np.ones(moved.shape[:2], dtype=np.int8)
    if signs is not None:
        factor *= signs[:, chosen].prod(axis=2, dtype=np.int8)
    if exterior:
        for a, b in itertools.combinations(range(exponent), 2):
            factor *= np.where(moved[:, :, a] > moved[:, :, b], -1, 1).astype(np.int8)
    places = np.searchsorted(codes, np.sort(moved, axis=2) @ scale)
    return places.reshape(k, -1), factor
