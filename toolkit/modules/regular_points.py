"""The regular module's points as group elements: point x is the element that takes point 0 to x."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.modules.gsets import invert_images, schreier_forest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.modules.gsets import IntArray

__all__ = ["quotients"]


def quotients(images: IntArray, points: Sequence[int] | IntArray) -> IntArray:
    """Return the points of x^{-1} y for given x and all y.

    Parameters
    ----------
    images
        ``(k, n)`` images of the generators on the regular module, 0-based.
    points
        ``(b,)`` the x.

    Returns
    -------
    numpy.ndarray
        ``(b, n)`` points.

    Examples
    --------
    >>> quotients(np.array([[1, 2, 3, 0]]), [1]).tolist()
    [[3, 0, 1, 2]]
    """
    forest = schreier_forest(images)
    inverses = invert_images(images)
    n = images.shape[1]
    starts = []
    for point in points:
        at = 0
        for g in reversed(
            forest.word(int(point))
        ):  # x^{-1} undoes the word of x, last letter first
            at = int(inverses[g, at])
        starts.append(at)
    out = np.empty((len(starts), n), dtype=np.intp)
    out[:, 0] = starts
    for level in forest.levels():
        out[:, level] = images[forest.generator[level], out[:, forest.parent[level]]]
    return out
