"""The regular action of a small permutation group, from its generators alone."""

from __future__ import annotations

import numpy as np

from toolkit.modules.gsets.actions import IntArray, components, random_elements

_MOST_ENTRIES = 1 << 24  # images of all elements together


def regular_images(images: IntArray, most: int) -> IntArray | None:
    """Return the right multiplications by the generators, on the elements in order of words.

    Parameters
    ----------
    images
        ``(k, n)`` generator images of a permutation group.
    most
        The largest order.

    Returns
    -------
    numpy.ndarray or None
        ``(k, order)``: element ``i`` times generator ``g`` is element ``out[g, i]``. Elements are
        numbered in shortlex order of their first words in the generators, as in a regular module.
        ``None`` if the group has more elements, or they fill more than 2^24 numbers.

    Notes
    -----
    Exact; never starts GAP. O(order k n). A large group is mostly recognised by an orbit of a
    random element or of a point.

    Examples
    --------
    >>> regular_images(np.array([[1, 2, 0], [1, 0, 2]]), 100).tolist()
    [[1, 3, 5, 0, 2, 4], [2, 4, 0, 5, 1, 3]]
    """
    k, n = images.shape
    most = min(most, _MOST_ENTRIES // max(n, 1))
    if not k:
        return np.zeros((0, 1), dtype=np.intp)
    if _is_large(images, most):
        return None
    small = images.astype(np.int32)
    elements = [np.arange(n, dtype=np.int32)]
    number = {elements[0].tobytes(): 0}
    out: list[list[int]] = [[] for _ in range(k)]
    for element in elements:
        for row, generator in zip(out, small, strict=True):
            product = generator[element]
            found = number.setdefault(product.tobytes(), len(elements))
            if found == len(elements):
                if found >= most:
                    return None
                elements.append(product)
            row.append(found)
    return np.array(out, dtype=np.intp)


def _is_large(images: IntArray, most: int) -> bool:
    """Say whether an orbit, or the powers of an element, show more elements than ``most``."""
    if int(np.bincount(components(images)).max()) > most:
        return True
    supply = random_elements(images)
    return any(_order(next(supply)) > most for _ in range(8))


def _order(element: IntArray) -> int:
    """Return the order of a permutation."""
    lengths = np.bincount(np.bincount(components(element[None])))
    return int(np.lcm.reduce(np.flatnonzero(lengths).astype(object), initial=1))
