"""Points with colours, and ordered pairs of points with colours: what automorphisms keep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolkit.cached import cached_property


@dataclass(frozen=True, eq=False)
class Relation:
    """A colour for each point, and a colour for each ordered pair of different points.

    Parameters
    ----------
    colors
        ``(n,)`` the colour of each point, a number from 0 on.
    low, high
        ``(p,)`` the pairs that carry colours, each once, ``low < high``; all others have the
        colour 0 both ways.
    forward, backward
        ``(p,)`` the colours of (low, high) and of (high, low), numbers from 0 on; for an
        undirected graph they are equal.

    Examples
    --------
    The path with three points:

    >>> path = Relation.of_pairs([0, 0, 0], [0, 1], [1, 2], [1, 1], [1, 1])
    >>> path.is_kept_by(np.array([[2, 1, 0], [1, 0, 2]])).tolist()
    [True, False]
    """

    colors: NDArray[np.intp]
    low: NDArray[np.intp]
    high: NDArray[np.intp]
    forward: NDArray[np.intp]
    backward: NDArray[np.intp]

    @classmethod
    def of_pairs(
        cls, colors: object, low: object, high: object, forward: object, backward: object
    ) -> Relation:
        """Return the relation of arrays or lists, with ``low`` and ``high`` put in order."""
        ends = [np.asarray(x, dtype=np.intp).reshape(-1) for x in (low, high, forward, backward)]
        a, b, f, r = ends
        turned = a > b
        a, b = np.where(turned, b, a), np.where(turned, a, b)
        f, r = np.where(turned, r, f), np.where(turned, f, r)
        alive = (f > 0) | (r > 0)
        order = np.lexsort((b[alive], a[alive]))
        found = [x[alive][order] for x in (a, b, f, r)]
        return cls(np.asarray(colors, dtype=np.intp).reshape(-1), *found)

    @property
    def size(self) -> int:
        """The number of points."""
        return self.colors.size

    @cached_property
    def is_symmetric(self) -> bool:
        """Whether both colours of each pair are equal: an undirected graph."""
        return bool((self.forward == self.backward).all())

    @cached_property
    def _keys(self) -> NDArray[np.int64]:
        return self.low.astype(np.int64) * self.size + self.high

    def code(self, a: NDArray[np.intp], b: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the colours of ordered pairs of different points."""
        if not self.low.size:
            return np.zeros(a.shape, dtype=np.intp)
        key = np.minimum(a, b).astype(np.int64) * self.size + np.maximum(a, b)
        place = np.minimum(np.searchsorted(self._keys, key), self._keys.size - 1)
        found = np.where(a < b, self.forward[place], self.backward[place])
        return np.where(self._keys[place] == key, found, 0)

    def is_kept_by(self, images: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Say of each permutation, ``(k, n)`` images, whether it keeps all colours.

        Notes
        -----
        Exact, O(p log p) for each permutation: a bijection that maps coloured pairs to equally
        coloured ones maps the others to each other.
        """
        out = np.empty(len(images), dtype=np.bool_)
        for g, image in enumerate(images):
            a, b = image[self.low], image[self.high]
            out[g] = (
                np.array_equal(self.colors[image], self.colors)
                and np.array_equal(self.code(a, b), self.forward)
                and np.array_equal(self.code(b, a), self.backward)
            )
        return out

    def incidences(
        self,
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
        """Return ``(2p,)`` point, other point, colour to it and colour from it, for both ends."""
        return (
            np.concatenate([self.low, self.high]),
            np.concatenate([self.high, self.low]),
            np.concatenate([self.forward, self.backward]),
            np.concatenate([self.backward, self.forward]),
        )

    def restricted(self, points: NDArray[np.intp], colors: NDArray[np.intp]) -> Relation:
        """Return the relation of some points, rising, with new colours."""
        place = np.full(self.size, -1, dtype=np.intp)
        place[points] = np.arange(points.size)
        inside = (place[self.low] >= 0) & (place[self.high] >= 0)
        return Relation(
            colors,
            place[self.low[inside]],
            place[self.high[inside]],
            self.forward[inside],
            self.backward[inside],
        )
