"""Which orbitals a structured layer computes one by one, and which as pooled sums.

The largest orbital of an orbit of Y and one of X is never touched: it is everything (a pooled sum)
less all the others, whose weights are lowered by its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolkit.modules.gsets.actions import IntArray

#: A neighbour sum of at least this many points is a matrix product, if the matrix is small.
MATRIX_DEGREE = 3
MATRIX_ENTRIES = 1 << 22


@dataclass(frozen=True, eq=False)
class TargetOutline:
    """The orbitals that lead to one orbit of Y.

    Parameters
    ----------
    points
        The orbit's points.
    labels, degrees
        The orbitals that are computed one by one, and how many neighbours a point has in each.
    lowered
        The pooled orbital whose weight is taken from that of each; -1 for none.
    has_matrix
        Whether the neighbour sum of each is a product with a 0/1 matrix; else it is gathered.
    pooled
        Per orbit of X the orbital that is a pooled sum, -1 for none.
    """

    points: IntArray
    labels: IntArray
    degrees: IntArray
    lowered: IntArray
    has_matrix: NDArray[np.bool_]
    pooled: IntArray


class Outline:
    """The orbitals of a structured layer, by orbits of Y.

    Parameters
    ----------
    target_orbits, source_orbits
        ``(m,)`` and ``(n,)`` the number of each point's orbit.
    pairs, degrees
        Per orbital ``(R, 2)`` its orbits of Y and of X, and ``(R,)`` neighbours per row.
    pools
        Whether orbitals may be pooled: not with signs.
    """

    def __init__(
        self,
        target_orbits: IntArray,
        source_orbits: IntArray,
        pairs: IntArray,
        degrees: IntArray,
        pools: bool,
    ) -> None:
        #: The points of each orbit of X.
        self.sources = _by_number(source_orbits)
        self.targets: list[TargetOutline] = []
        by_pair = np.lexsort((pairs[:, 1], pairs[:, 0]))
        starts = np.searchsorted(pairs[by_pair, 0], np.arange(int(target_orbits.max()) + 2))
        for q, points in enumerate(_by_number(target_orbits)):
            used: list[int] = []
            lowered: list[int] = []
            pooled = np.full(len(self.sources), -1)
            own = by_pair[starts[q] : starts[q + 1]]
            cuts = np.flatnonzero(np.diff(pairs[own, 1])) + 1
            for labels in np.split(own, cuts) if own.size else ():
                p = int(pairs[labels[0], 1])
                candidate = int(labels[np.argmax(degrees[labels])])
                if pools and degrees[candidate] > 2:
                    pooled[p] = candidate
                rest = labels[labels != pooled[p]].tolist()
                used.extend(rest)
                lowered.extend([int(pooled[p])] * len(rest))
            labels = np.array(used, dtype=np.intp)
            has_matrix = degrees[labels] >= MATRIX_DEGREE
            if points.size * source_orbits.size > MATRIX_ENTRIES:
                has_matrix[:] = False
            self.targets.append(
                TargetOutline(
                    points,
                    labels,
                    degrees[labels],
                    np.array(lowered, dtype=np.intp),
                    has_matrix,
                    pooled,
                )
            )


def _by_number(numbers: IntArray) -> list[IntArray]:
    order = np.argsort(numbers, kind="stable")
    cuts = np.searchsorted(numbers[order], np.arange(1, int(numbers.max()) + 1))
    return np.split(order, cuts)
