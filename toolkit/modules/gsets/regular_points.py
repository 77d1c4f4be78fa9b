"""The regular module's points as group elements: point x is the element that takes point 0 to x."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.modules.gsets.actions import invert_images, schreier_forest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.modules.gsets.actions import IntArray


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


def broken_relation(regular: IntArray, images: IntArray) -> dict[str, Any] | None:
    """Return a relation of the group that images break, or ``None`` if they are an action.

    Parameters
    ----------
    regular
        ``(k, N)`` images of the generators on the regular module.
    images
        ``(k, n)`` permutations that should be an action of the same generators.

    Returns
    -------
    dict or None
        ``left`` and ``right``, two words for one element of the group, by 0-based generators
        applied left to right; ``point`` and its ``images`` under the two, which differ.

    Notes
    -----
    Exact: every edge of the group's Cayley graph is tried; O(k N n).

    Examples
    --------
    >>> cycle = np.array([[1, 2, 0]])
    >>> broken_relation(cycle, np.array([[1, 0]]))
    {'left': [0, 0, 0], 'right': [], 'point': 0, 'images': [1, 0]}
    >>> broken_relation(cycle, np.array([[0, 1]]))
    """
    forest = schreier_forest(regular)
    acted = np.empty((regular.shape[1], images.shape[1]), dtype=np.intp)
    acted[0] = np.arange(images.shape[1])
    for level in forest.levels():
        steps = images[forest.generator[level]]
        acted[level] = np.take_along_axis(steps, acted[forest.parent[level]], axis=1)
    for g, step in enumerate(regular):
        one, other = images[g][acted], acted[step]
        wrong = np.argwhere(one != other)
        if wrong.size:
            element, point = (int(i) for i in wrong[0])
            return {
                "left": [*map(int, forest.word(element)), g],
                "right": [*map(int, forest.word(int(step[element])))],
                "point": point,
                "images": [int(one[element, point]), int(other[element, point])],
            }
    return None
