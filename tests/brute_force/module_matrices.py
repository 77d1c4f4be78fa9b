"""Modules as matrices, and the dimension of their equivariant maps by linear algebra."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from toolkit.modules.module import Module


def matrices(X: Module) -> np.ndarray:
    """Return the generators' matrices on functions: (g f)(i) = signs[g, i] f(images[g, i])."""
    k, n = X.images.shape
    out = np.zeros((k, n, n), dtype=np.int64)
    for g in range(k):
        out[g, np.arange(n), X.images[g]] = X.signs[g]
    return out


def hom_by_algebra(X: Module, Y: Module) -> int:
    """Return the dimension of {W : W rho_X(g) = rho_Y(g) W} by the rank of linear equations."""
    equations = [
        np.kron(np.eye(Y.degree), a.T) - np.kron(b, np.eye(X.degree))
        for a, b in zip(matrices(X), matrices(Y), strict=True)
    ]
    return X.degree * Y.degree - int(np.linalg.matrix_rank(np.concatenate(equations)))
