"""All elements of a finite group as matrices, by breadth-first search from the generators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.module import Module


def generator_matrices(module: Module) -> NDArray[np.float64]:
    """Return ``(k, n, n)``: column x of the matrix of g holds what g makes of coordinate x."""
    if not module.has_points:
        return module.matrices
    images, signs = module.images, module.signs
    out = np.zeros((len(images), module.degree, module.degree))
    for g in range(len(images)):
        # (g f)(i) = sign f(i^g)
        out[g, np.arange(module.degree), images[g]] = signs[g]
    return out


def all_elements(*modules: Module) -> list[tuple[NDArray[np.float64], ...]]:
    """Return, for each element of the group, its matrix on each of the modules.

    Elements are told apart by what they do on the group's regular module.
    """
    regular = modules[0].home.regular_module()  # type: ignore[attr-defined]
    acting = (regular, *modules)
    generators = list(zip(*(generator_matrices(m) for m in acting), strict=True))
    one = tuple(np.eye(m.degree) for m in acting)
    found = {one[0].tobytes(): one}
    queue = [one]
    for element in queue:
        for g in generators:
            product = tuple(a @ b for a, b in zip(element, g, strict=True))
            key = (product[0] + 0.0).tobytes()
            if key not in found:
                found[key] = product
                queue.append(product)
    assert len(queue) == regular.degree
    return [element[1:] for element in queue]
