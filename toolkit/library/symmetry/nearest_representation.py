"""The representation of a finite group that is nearest to matrices which nearly are one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_WORK = 2e10
"""Most multiplications in one step."""
_ITERATIONS = 40
_DONE = 1e-13


@dataclass(frozen=True, eq=False)
class NearestRepresentation:
    """A representation near to given matrices.

    Parameters
    ----------
    matrices
        ``(|G|, r, r)`` one for each element.
    defect
        The largest entry by which a product of two matrices misses the matrix of the product.
    """

    matrices: NDArray[np.float64]
    defect: float


def nearest_representation(
    matrices: NDArray[np.float64], products: NDArray[np.intp]
) -> NearestRepresentation | None:
    """Return a representation near to matrices of all elements of a group.

    Parameters
    ----------
    matrices
        ``(|G|, r, r)`` invertible matrices that nearly multiply as the elements do.
    products
        ``(|G|, |G|)``: entry (h, g) is the number of the product h g.

    Returns
    -------
    NearestRepresentation or None
        ``None`` if the matrices are too far from a representation.

    Notes
    -----
    The mean of A(g)^T A(g) is an inner product for which the matrices are nearly orthogonal. In its
    coordinates A(g) is replaced by the orthogonal matrix nearest to the mean over h of
    A(h)^T A(h g), again and again: from nearby the distance to a representation is squared each
    time (Grove, Karcher and Ruh). O(|G|^2 r^3) a step. It is a representation near by, not proved
    to be the nearest.

    References
    ----------
    .. [1] K. Grove, H. Karcher, E. A. Ruh, "Group actions and curvature", Inventiones
       mathematicae 23 (1974).

    Examples
    --------
    >>> products = np.array([[0, 1], [1, 0]])
    >>> near = np.array([[[1.0]], [[-0.98]]])
    >>> nearest_representation(near, products).matrices.ravel().tolist()
    [1.0, -1.0]
    """
    count, r, _ = matrices.shape
    metric = np.einsum("gij,gik->jk", matrices, matrices) / count
    sizes, vectors = np.linalg.eigh(metric)
    if not np.isfinite(sizes).all() or sizes[0] <= 1e-12 * sizes[-1]:
        return None
    root = (vectors * np.sqrt(sizes)) @ vectors.T
    back = (vectors / np.sqrt(sizes)) @ vectors.T
    own = _polar(root @ matrices @ back)
    for _ in range(_ITERATIONS):
        stacked = own.reshape(count * r, r)
        mean = np.stack([stacked.T @ own[products[:, g]].reshape(-1, r) for g in range(count)])
        new = _polar(mean / count)
        moved = float(np.abs(new - own).max())
        own = new
        if moved < _DONE:
            break
    else:
        return None
    defect = max(float(np.abs(own @ own[g] - own[products[:, g]]).max()) for g in range(count))
    if defect > 1e-10:
        return None
    return NearestRepresentation(back @ own @ root, defect)


def _polar(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the nearest orthogonal matrices."""
    left, _, right = np.linalg.svd(matrices)
    return np.asarray(left @ right)
