"""How every element of a group acts on a module: brute force for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from toolkit.modules.module import Module


def element_matrices(X: Module) -> torch.Tensor:
    """Return ``(|G acting|, n, n)`` float64: the matrices of all elements, from the generators'."""
    n = X.degree
    generators = []
    for image, sign in zip(X.images.tolist(), X.signs.tolist(), strict=True):
        matrix = np.zeros((n, n))
        matrix[np.arange(n), image] = sign
        generators.append(matrix)
    found = {np.eye(n).tobytes(): np.eye(n)}
    new = list(found.values())
    while new:
        products = [g @ h for g in generators for h in new]
        new = []
        for product in products:
            if (product + 0.0).tobytes() not in found:
                found[(product + 0.0).tobytes()] = product + 0.0
                new.append(product + 0.0)
    return torch.from_numpy(np.stack(list(found.values())))
