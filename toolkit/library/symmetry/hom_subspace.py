"""The equivariant matrices among all matrices, as an orthonormal basis, from generators alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import NotAvailable
from toolkit.library.modules.element_matrices import word_matrix
from toolkit.library.symmetry.averaging import orbit_labels
from toolkit.modules.linear.linear_module import LinearModule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.module import Module

MAX_ENTRIES = 4096
"""Most entries of a matrix between the modules."""


def actions_of_words(X: Module, words: list[tuple[int, ...]]) -> NDArray[Any]:
    """Return how elements act on a module, given as words in the generators of its group.

    Parameters
    ----------
    X
        A module of any kind.
    words
        For each element the generators by number, multiplied from left to right, ``~g`` for an
        inverse.

    Returns
    -------
    numpy.ndarray
        ``(k, n)`` integers, images of points, for a permutation module; else ``(k, n, n)``
        matrices that act on columns.

    Examples
    --------
    >>> import toolkit as tk
    >>> actions_of_words(tk.group([[1, 2, 0]]).natural_module(), [(0, 0), (~0,)]).tolist()
    [[2, 0, 1], [2, 0, 1]]
    """
    if X.has_points and not X.has_signs:
        own = np.asarray(X.images, dtype=np.intp).reshape(-1, X.degree)
        back = np.argsort(own, axis=1)
        images = np.empty((len(words), X.degree), dtype=np.intp)
        for row, word in enumerate(words):
            image = np.arange(X.degree)
            for g in word:
                image = own[g][image] if g >= 0 else back[~g][image]
            images[row] = image
        return images
    matrices = np.asarray(LinearModule.of(X).matrices, dtype=np.float64)
    found = [word_matrix(matrices, word) for word in words]
    return np.array(found).reshape(len(words), X.degree, X.degree)


def matrices_of_actions(actions: NDArray[Any]) -> NDArray[np.float64]:
    """Return the matrices of actions: for images those with ``(A f)[i] = f[image[i]]``.

    Examples
    --------
    >>> matrices_of_actions(np.array([[1, 0]])).tolist()
    [[[0.0, 1.0], [1.0, 0.0]]]
    """
    if actions.ndim == 3:
        return np.asarray(actions, dtype=np.float64)
    return np.asarray(np.eye(actions.shape[1])[actions], dtype=np.float64)


def squares_of_actions(actions: NDArray[Any]) -> NDArray[Any]:
    """Return the actions on products of two coordinates, pair (i, j) at place i n + j.

    Examples
    --------
    >>> squares_of_actions(np.array([[1, 0]])).tolist()
    [[3, 2, 1, 0]]
    """
    if actions.ndim == 3:
        return np.array([np.kron(a, a) for a in actions]).reshape(
            len(actions), actions.shape[1] ** 2, -1
        )
    n = actions.shape[1]
    pairs = actions[:, :, None] * n + actions[:, None]
    return np.asarray(pairs.reshape(len(actions), n * n))


def hom_subspace(source: NDArray[Any], target: NDArray[Any]) -> NDArray[np.float64]:
    """Return an orthonormal basis of the matrices that commute with given actions.

    Parameters
    ----------
    source, target
        How generators act on the columns' and on the rows' coordinates: ``(k, n)`` images or
        ``(k, n, n)`` matrices, see :func:`actions_of_words`.

    Returns
    -------
    numpy.ndarray
        ``(dim Hom, m, n)``; orthonormal in the sum of products of entries.

    Raises
    ------
    NotAvailable
        If the matrices have more than 4,096 entries.

    Notes
    -----
    Between permutations the indicators of orbitals, exact up to normalisation. Else the null space
    of the equations A rho(g) = rho(g) A, whose dimension is decided by squares of singular values
    below 1e-12 of the largest.

    Examples
    --------
    >>> turn = np.array([[1, 2, 0]])
    >>> hom_subspace(turn, turn).shape, hom_subspace(matrices_of_actions(turn), turn).shape
    ((3, 3, 3), (3, 3, 3))
    """
    m, n = target.shape[1], source.shape[1]
    if m * n > MAX_ENTRIES:
        raise NotAvailable(
            f"maps of {n} to {m} coordinates",
            "a test of subgroups",
            f"their matrices have {m * n:,} entries, more than {MAX_ENTRIES:,}",
        )
    if source.ndim == 2 and target.ndim == 2:
        moves = [
            (r[:, None] * n + c[None]).reshape(-1) for r, c in zip(target, source, strict=True)
        ]
        labels = orbit_labels(moves, m * n)
        out = np.zeros((int(labels.max()) + 1, m * n))
        out[labels, np.arange(m * n)] = 1.0
        out /= np.sqrt(out.sum(axis=1, keepdims=True))
        return out.reshape(-1, m, n)
    laplacian = np.zeros((m * n, m * n))
    rows, columns = matrices_of_actions(target), matrices_of_actions(source)
    for a, b in zip(rows, columns, strict=True):
        # rows of A in order: (a A - A b) flat is (a x 1 - 1 x b^T) applied to A flat
        broken = np.kron(a, np.eye(n)) - np.kron(np.eye(m), b.T)
        laplacian += broken.T @ broken
    sizes, vectors = np.linalg.eigh(laplacian)
    return np.ascontiguousarray(vectors[:, sizes < 1e-12 * max(1.0, sizes[-1])].T).reshape(-1, m, n)
