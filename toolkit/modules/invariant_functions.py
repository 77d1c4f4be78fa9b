"""The invariant functions of a module: constant on orbits, up to the signs of signed modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.modules.gsets.actions import orbits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.module import Module


def orbit_numbers(images: IntArray) -> IntArray:
    """Return ``(n,)`` the number of each point's orbit.

    Examples
    --------
    >>> orbit_numbers(np.array([[1, 0, 2]])).tolist()
    [0, 0, 1]
    """
    out = np.empty(images.shape[1], dtype=np.intp)
    for number, orbit in enumerate(orbits(images)):
        out[np.asarray(orbit)] = number
    return out


def invariant_functions(module: Module) -> tuple[IntArray, NDArray[np.int8]]:
    """Return per point the invariant function that it belongs to, and its sign there.

    Returns
    -------
    tuple
        ``(n,)`` numbers from 0 and ``(n,)`` signs 1 or -1; -1 and 0 on an orbit of a signed module
        on which every invariant function vanishes.

    Examples
    --------
    >>> import toolkit as tk
    >>> plane = tk.SignedModule.from_signs(tk.group("C4"), [[1, 0]], [[1, -1]])
    >>> invariant_functions(plane)[0].tolist()
    [-1, -1]
    """
    if not module.has_signs:
        numbers = orbit_numbers(module.images)
        return numbers, np.ones(numbers.size, dtype=np.int8)
    # an orbit has an invariant function iff the points with signs over it are two orbits
    above = 2 * module.images + (module.signs < 0)
    sheets = orbit_numbers(np.stack([above, above ^ 1], axis=2).reshape(len(above), -1))
    plus, minus = sheets[0::2], sheets[1::2]
    alive = plus != minus
    lower = np.minimum(plus, minus)
    names = np.unique(lower[alive])
    numbers = np.where(alive, np.searchsorted(names, lower), -1)
    return numbers, np.where(alive, np.where(plus < minus, 1, -1), 0).astype(np.int8)
