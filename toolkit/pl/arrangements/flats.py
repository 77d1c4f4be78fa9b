r"""Betti numbers of an arrangement by classes of flats, isomorphic restrictions counted once.

**The recursion.** Let w(F) = \|mu(F)\| for a flat F of a central arrangement of n hyperplanes, and
\|F\| the number of hyperplanes that contain it. For a hyperplane H that contains F, Weisner's
theorem gives w(F) as the sum of w(E) over the flats E of one rank less, F in E, that H does not
contain. Added up over the H that contain F,

.. math:: |F| \, w(F) = \sum_{E \lessdot F} |F \setminus E| \, w(E) .

Let now flats be in one class if there is a linear isomorphism between their restrictions that
takes each hyperplane to one that as many of the original hyperplanes meet the flat in. Then \|F\|,
the flats F over E and the numbers \|F \ E\| depend on classes only, so that the sum W(f) of w over
a class f obeys

.. math:: |f| \, W(f) = \sum_{e} W(e) \sum_{F \gtrdot E, F \in f} |F \setminus E|

for any one flat E of each class e. This is linear in the W(e): where two flats of one class are
taken for flats of two, its sum is divided among them, and nothing else changes. The Betti number
b_k is the sum of W over the classes of rank k, and the number of regions is the sum of all
(Zaslavsky, Facing up to arrangements, 1975). In rank d - 3 a class is kept by the multiplicities
of the points of a projective plane and of the lines through each; in rank d - 2 by the
multiplicities on a line: nothing else enters what follows.
"""

from __future__ import annotations

import functools
import math
import operator
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from toolkit.pl.arrangements.isomorphism import Configuration, Patience

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from toolkit.pl.arrangements.projective import Points

#: Weights of the points on a line, rising.
LineWeights = tuple[int, ...]
#: Per point of a plane its weight and the weights of the lines through it without it.
PlaneWeights = tuple[tuple[int, LineWeights], ...]


@dataclass(frozen=True)
class Progress:
    """How far a count has come.

    Parameters
    ----------
    rank
        Rank of the flats that are being found.
    ranks
        The rank of the arrangement.
    classes
        How many classes of flats of that rank are known so far.
    """

    rank: int
    ranks: int
    classes: int


@dataclass(frozen=True)
class BettiNumbers:
    """Betti numbers, all of them or the first ones.

    Parameters
    ----------
    numbers
        b_0, b_1, ...
    classes
        Per rank, how many classes of flats were told apart.
    is_complete
        Whether these are all.
    """

    numbers: tuple[int, ...]
    classes: tuple[int, ...]
    is_complete: bool


def betti_numbers(
    points: Points,
    *,
    most_work: float = float("inf"),
    watch: Callable[[Progress], None] | None = None,
    known: NDArray[np.intp] | None = None,
) -> BettiNumbers:
    """Return the Betti numbers of the arrangement whose normals span the points.

    Parameters
    ----------
    points
        The normals up to multiples, spanning the space; their weights do not count.
    most_work
        Residues that may be looked at; Betti numbers that need more are left out.
    watch
        Called for every restriction that is looked at.
    known
        ``(k, n)`` permutations of the points that linear maps make: orbits need not be found then.

    Notes
    -----
    Exact. About m^2 d residues for each restriction with m hyperplanes in d dimensions, and one
    restriction for each orbit of hyperplanes of each class of flats: some 440 of them for the
    8,378,070,864 regions of 128 hyperplanes in 8 dimensions.

    Examples
    --------
    The six planes between the coordinates of R^4, restricted to the sum 0:

    >>> from toolkit.pl.arrangements.projective import merged
    >>> normals = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 1, 1]]
    >>> betti_numbers(merged(np.array([[[2147483629]]]), [normals])).numbers
    (1, 6, 11, 6)
    """
    return _Count(points.alone(), most_work, watch, known).run()


class _Count:
    def __init__(
        self,
        points: Points,
        most_work: float,
        watch: Callable[[Progress], None] | None,
        known: NDArray[np.intp] | None,
    ) -> None:
        self.points, self.left, self.watch, self.known = points, most_work, watch, known
        self.n, self.rank = len(points), points.dimension
        self.numbers: list[int] = [1]
        self.classes: list[int] = [1]
        self.patience = Patience()

    def run(self) -> BettiNumbers:
        if self.rank == 0:
            return self._found()
        if self.n == self.rank:
            return self._found(*(math.comb(self.n, k) for k in range(1, self.n + 1)))
        if self.rank == 1:
            return self._found(1)
        if self.rank == 2:
            return self._found(self.n, self.n - 1)
        level = [(self.points, Fraction(1))]
        planes: list[tuple[PlaneWeights, Fraction]] = []
        if self.rank == 3:
            if not self._may_look_at(self.points):
                return self._found(is_complete=False)
            planes = [(plane_weights(self.points), Fraction(1))]
        for rank in range(1, self.rank - 2):
            found = self._next(level, rank)
            if found is None:
                return self._found(is_complete=False)
            level, planes = found
            weights = [total for _, total in level] or [total for _, total in planes]
            self.numbers.append(_whole(sum(weights, Fraction(0))))
            self.classes.append(len(weights))
        return self._found(*self._last(planes))

    def _found(self, *more: int, is_complete: bool = True) -> BettiNumbers:
        return BettiNumbers((*self.numbers, *more), tuple(self.classes), is_complete)

    def _may_look_at(self, points: Points) -> bool:
        self.left -= float(points.vectors.size) * len(points)
        return self.left >= 0

    def _next(
        self, level: list[tuple[Points, Fraction]], rank: int
    ) -> tuple[list[tuple[Points, Fraction]], list[tuple[PlaneWeights, Fraction]]] | None:
        """Return the classes of the next rank with their sums: as points, or as weights alone."""
        sets = _Classes(self.n, self.patience)
        planes: dict[PlaneWeights, Fraction] = defaultdict(Fraction)
        for points, total in level:
            for i, many in _orbits(points, self.patience, self.known if rank == 1 else None):
                if not self._may_look_at(points):
                    return None
                below = points.projected_from(i)
                share = total * int(points.weights[i]) * many
                if below.dimension == 3:
                    planes[plane_weights(below)] += share
                else:
                    sets.add(below, share)
                if self.watch is not None:
                    self.watch(Progress(rank, self.rank, max(len(sets), len(planes))))
        weighed = [
            (plane, share / (self.n - sum(weight for weight, _ in plane)))
            for plane, share in planes.items()
        ]
        return sets.divided(), weighed

    def _last(self, planes: list[tuple[PlaneWeights, Fraction]]) -> tuple[int, int, int]:
        """Return the last three Betti numbers from the classes in rank d - 3."""
        lines: dict[LineWeights, Fraction] = defaultdict(Fraction)
        for plane, total in planes:
            for weight, line in plane:
                lines[line] += total * weight
        self.classes.append(len(lines))
        hyperplanes: dict[int, Fraction] = defaultdict(Fraction)
        third = Fraction(0)
        for line, share in lines.items():
            size = self.n - sum(line)
            total = share / size
            third += total
            for weight in line:
                hyperplanes[size + weight] += total * weight
        self.classes.append(len(hyperplanes))
        second = last = Fraction(0)
        for size, share in hyperplanes.items():
            total = share / size
            second += total
            last += total * (self.n - size)
        self.classes.append(1)
        return _whole(third), _whole(second), _whole(last / self.n)


class _Classes:
    """Sums over classes of restrictions; isomorphic ones are added up."""

    def __init__(self, n: int, patience: Patience) -> None:
        self.n, self.patience = n, patience
        self.alike: dict[object, list[tuple[Configuration, list[Fraction]]]] = defaultdict(list)
        self.shares: dict[int, list[Fraction]] = {}  # by the hyperplanes that are not on the flat
        self.single: list[tuple[Points, list[Fraction]]] = []  # compared with none
        self.many = 0

    def __len__(self) -> int:
        """Return the number of classes."""
        return self.many

    def add(self, points: Points, share: Fraction) -> None:
        flat = functools.reduce(operator.or_, points.members)
        if flat in self.shares:
            self.shares[flat].append(share)
            return
        if not self.patience.is_worth_it():
            self.single.append((points, self.shares.setdefault(flat, [share])))
            self.many += 1
            return
        configuration = Configuration(points)
        known = self.alike[configuration.key]
        for other, shares in known:
            if other.frame.isomorphism(configuration, self.patience) is not None:
                shares.append(share)
                self.shares[flat] = shares
                return
        self.shares[flat] = [share]
        known.append((configuration, self.shares[flat]))
        self.many += 1

    def divided(self) -> list[tuple[Points, Fraction]]:
        compared = [(one.points, shares) for alike in self.alike.values() for one, shares in alike]
        return [
            (points, sum(shares, Fraction(0)) / (self.n - int(points.weights.sum())))
            for points, shares in [*compared, *self.single]
        ]


def _orbits(
    points: Points, patience: Patience, known: NDArray[np.intp] | None
) -> Iterable[tuple[int, int]]:
    """Return one point of each orbit of automorphisms that were found, and the orbit's size."""
    if known is None and not patience.is_worth_it():
        return [(i, 1) for i in range(len(points))]
    first, many = np.unique(Configuration(points).orbits(patience, known), return_counts=True)
    return zip(first.tolist(), many.tolist(), strict=True)


def _whole(total: Fraction) -> int:
    if total.denominator != 1:
        raise AssertionError(f"a Betti number came out as {total}")
    return total.numerator


def plane_weights(points: Points) -> PlaneWeights:
    """Return per point of a projective plane its weight and those of the lines through it.

    Parameters
    ----------
    points
        In dimension 3.

    Returns
    -------
    tuple
        Sorted pairs: the weight of a point, and per line through it the weight of its other points.
    """
    lines = points.lines()
    there = np.zeros((int(lines.max(initial=-1)) + 1, len(points)), dtype=bool)
    one, two = np.nonzero(lines >= 0)
    there[lines[one, two], one] = True
    weight = there @ points.weights
    out = []
    for i in range(len(points)):
        own = int(points.weights[i])
        beside = np.sort(weight[there[:, i]] - own)
        out.append((own, tuple(beside.tolist())))
    return tuple(sorted(out))
