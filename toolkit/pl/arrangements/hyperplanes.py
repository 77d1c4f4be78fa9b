"""The hyperplanes at which a sum over a G-set breaks: vectors up to multiples, moved by G.

A G-set of points x with vectors w_x such that rho(g) w_{x^g} = w_x. Points whose vectors are
proportional share a line; G permutes the lines and may turn their directions round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from toolkit.errors import InconsistentAnswerError, NotAvailable
from toolkit.modules.gsets.actions import IntArray

if TYPE_CHECKING:
    from collections.abc import Iterator

SAME, DIFFERENT = 1e-9, 1e-6
#: Directions that are closer may be one that was rounded.
MERGED_BY_ROUNDING = 2e-13


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines spanned by a G-set of vectors.

    Parameters
    ----------
    normals
        ``(n, d)`` a unit vector on each line: the direction of its first point.
    first_points
        ``(n,)`` the first point of each line, rising.
    line_of_point
        ``(N,)`` the line of each point, -1 for the zero vector.
    factors
        ``(N,)`` with ``w_x = factors[x] * normals[line_of_point[x]]``.
    moves
        ``(k, n)`` per generator g: rho(g)^-1 takes line c to line ``moves[g, c]``.
    turns
        ``(k, n)`` 1, or -1 where it turns the direction round.
    spread
        The largest distance between directions that were taken as the same.
    """

    normals: NDArray[np.float64]
    first_points: IntArray
    line_of_point: IntArray
    factors: NDArray[np.float64]
    moves: IntArray
    turns: NDArray[np.int8]
    spread: float = 0.0

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.normals)

    def only(self, kept: IntArray) -> Lines:
        """Return some of the lines, renumbered; G must permute them.

        Parameters
        ----------
        kept
            Their numbers, rising.
        """
        if len(kept) == len(self):
            return self
        place = np.full(len(self) + 1, -1, dtype=np.intp)
        place[kept] = np.arange(len(kept))
        return Lines(
            self.normals[kept],
            self.first_points[kept],
            place[self.line_of_point],
            self.factors,
            place[self.moves[:, kept]],
            self.turns[:, kept],
            self.spread,
        )

    def sums(self, covectors: NDArray[np.float64], *, even: bool) -> NDArray[np.float64]:
        r"""Return ``(n, e)``: per line the sum of \|factor\| u_x, or of factor u_x if not even."""
        weights = np.abs(self.factors) if even else self.factors
        out = np.zeros((len(self), covectors.shape[1]))
        used = self.line_of_point >= 0
        np.add.at(out, self.line_of_point[used], weights[used, None] * covectors[used])
        return out

    def sizes(self, covectors: NDArray[np.float64]) -> NDArray[np.float64]:
        r"""Return ``(n,)``: per line the sum of \|factor\| times the lengths of the u_x."""
        out = np.zeros(len(self))
        used = self.line_of_point >= 0
        lengths = np.abs(self.factors) * np.linalg.norm(covectors, axis=1)
        np.add.at(out, self.line_of_point[used], lengths[used])
        return out


def find_lines(
    subject: str,
    vectors: NDArray[np.float64],
    images: IntArray,
    numbers: IntArray | None = None,
) -> Lines:
    """Group the vectors of a G-set into lines.

    Parameters
    ----------
    subject
        Group and map, for errors.
    vectors
        ``(N, d)`` w_x.
    images
        ``(k, N)`` what the generators do to the points.
    numbers
        ``(N,)`` equal ones for vectors that are known to be proportional, others for those that
        are known not to be; none of the vectors is 0 then. If omitted floats decide.

    Raises
    ------
    NotAvailable
        If two directions differ by more than 1e-9 and less than 1e-6: too close to distinguish.
    InconsistentAnswerError
        If G does not permute the lines.

    Notes
    -----
    O(N^2 d). Without numbers discrete answers from floating point: right for vectors within 1e-9 of
    those given, and checked to be blocks that every generator permutes. With numbers exact; the
    floats must agree to 1e-9, and give no more than the directions.
    """
    sizes = np.linalg.norm(vectors, axis=1)
    largest = float(sizes.max(initial=0.0))
    points = np.flatnonzero(sizes > (1e-9 * largest if numbers is None else 0.0))
    units = vectors[points] / sizes[points, None]
    line_of_point = np.full(len(vectors), -1, dtype=np.intp)
    factors = np.zeros(len(vectors))
    first_points: list[int] = []
    spread = 0.0
    heads = (
        _heads_of_numbers(numbers[points])
        if numbers is not None and points.size
        else _heads(subject, units)
    )
    for head, members in heads:
        cosine = units[members] @ units[head]
        sign = np.where(cosine < 0, -1.0, 1.0)
        distance = float(np.linalg.norm(units[members] - sign[:, None] * units[head], axis=1).max())
        if distance >= SAME:
            raise InconsistentAnswerError(subject, "vectors on one line", "others")
        spread = max(spread, distance)
        line_of_point[points[members]] = len(first_points)
        factors[points[members]] = sign * sizes[points[members]]
        first_points.append(int(points[head]))
    first = np.array(first_points, dtype=np.intp)
    k, n = len(images), len(first)
    moves = np.empty((k, n), dtype=np.intp)
    turns = np.empty((k, n), dtype=np.int8)
    for g in range(k):
        there = images[g]
        moves[g] = line_of_point[there[first]]
        turns[g] = np.sign(factors[there[first]])
        expected = np.where(line_of_point < 0, -1, moves[g][line_of_point])
        if not np.array_equal(line_of_point[there], expected):
            raise InconsistentAnswerError(subject, "lines that the group permutes", "others")
    normals = units[np.searchsorted(points, first)] if n else np.empty((0, vectors.shape[1]))
    return Lines(normals, first, line_of_point, factors, moves, turns, spread)


def merged_words(spread: float) -> str:
    """Return what to say of directions that were taken as one, though not by rounding alone."""
    return (
        f"a lower bound: directions up to {spread:.1e} apart, more than rounding, were treated as "
        "one; of the remaining lines"
    )


def _heads(subject: str, units: NDArray[np.float64]) -> Iterator[tuple[int, IntArray]]:
    """Yield per line its first vector and all of its vectors, told apart by floats."""
    left = np.arange(len(units))
    while left.size:
        cosine = units[left] @ units[left[0]]
        sign = np.where(cosine < 0, -1.0, 1.0)
        distance = np.linalg.norm(units[left] - sign[:, None] * units[left[0]], axis=1)
        same = distance < SAME
        doubtful = distance[~same & (distance < DIFFERENT)]
        if doubtful.size:
            raise NotAvailable(
                subject,
                "which directions are the same",
                f"two differ by {float(doubtful.min()):.1e}, too little to distinguish: replace "
                "the given vectors by exact ones",
            )
        yield int(left[0]), left[same]
        left = left[~same]


def _heads_of_numbers(numbers: IntArray) -> Iterator[tuple[int, IntArray]]:
    """Yield per line its first vector and all of its vectors, told apart by numbers."""
    order = np.argsort(numbers, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1)
    for members in sorted(groups, key=lambda group: int(group[0])):
        yield int(members[0]), members
