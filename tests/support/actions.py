"""Actions by images: tuples, grids, crystals, Rubik's cube."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.modules.gsets.actions import IntArray

# the GAP manual's face turns of Rubik's cube, 48 facelets from 1
CUBE = [
    [(1, 3, 8, 6), (2, 5, 7, 4), (9, 33, 25, 17), (10, 34, 26, 18), (11, 35, 27, 19)],
    [(9, 11, 16, 14), (10, 13, 15, 12), (1, 17, 41, 40), (4, 20, 44, 37), (6, 22, 46, 35)],
    [(17, 19, 24, 22), (18, 21, 23, 20), (6, 25, 43, 16), (7, 28, 42, 13), (8, 30, 41, 11)],
    [(25, 27, 32, 30), (26, 29, 31, 28), (3, 38, 43, 19), (5, 36, 45, 21), (8, 33, 48, 24)],
    [(33, 35, 40, 38), (34, 37, 39, 36), (3, 9, 46, 32), (2, 12, 47, 29), (1, 14, 48, 27)],
    [(41, 43, 48, 46), (42, 45, 47, 44), (14, 22, 30, 38), (15, 23, 31, 39), (16, 24, 32, 40)],
]


def from_cycles(generators: Sequence[Sequence[tuple[int, ...]]], n: int) -> IntArray:
    images = np.tile(np.arange(n), (len(generators), 1))
    for image, cycles in zip(images, generators, strict=True):
        for cycle in cycles:
            for a, b in zip(cycle, cycle[1:] + cycle[:1], strict=True):
                image[a - 1] = b - 1
    return images


def symmetric(n: int) -> IntArray:
    cycle, swap = np.roll(np.arange(n), -1), np.arange(n)
    swap[:2] = 1, 0
    return np.stack([cycle, swap])


def alternating(n: int) -> IntArray:
    return from_cycles([[(i, i + 1, i + 2)] for i in range(1, n - 1)], n)


def grid(n: int) -> IntArray:
    a = np.arange(n * n).reshape(n, n)
    return np.stack([np.roll(a, -1, axis=0).ravel(), np.roll(a, -1, axis=1).ravel()])


def crystal(n: int) -> IntArray:
    """Translations, quarter turns and reflections of a periodic image."""
    a = np.arange(n * n).reshape(n, n)
    turns = [np.roll(a, -1, axis=0), np.rot90(a), a.T]
    return np.stack([turn.ravel() for turn in turns])


def tuples(images: IntArray, k: int) -> IntArray:
    n = images.shape[1]
    digits = np.array(list(product(range(n), repeat=k)), dtype=np.intp).reshape(n**k, k)
    weights = n ** np.arange(k)[::-1]
    return np.stack([image[digits] @ weights for image in images]).astype(np.intp)


def side_by_side(*parts: IntArray) -> IntArray:
    starts = np.cumsum([0] + [part.shape[1] for part in parts[:-1]])
    return np.hstack([part + s for part, s in zip(parts, starts, strict=True)])
