r"""The hyperplanes on which a map through a piecewise-affine activation breaks.

Let f be affine between its kinks k, with the slope jumping by s_k and the value by j_k
(:mod:`toolkit.pl.activations.affine_pieces`). Then v -> sum of f(<v, w_x>) u_x breaks on the affine
hyperplanes <v, w_x> = k. Two of these are one hyperplane exactly if w_y = r w_x and the kinks are k
and r k. In one orbit all w_x have one length, r is 1 or -1, and kinks are compared as the numbers
they are; in a sum over several orbits r is compared, too, exactly where the w_x are given exactly.
On a hyperplane the slope jumps by the sum of s_k \|w_x\| u_x, and the value by the sum of j_k u_x
with the sign of the direction. The map breaks there unless both are 0. If all kinks are 0 the
hyperplanes pass through the origin: relu, abs, leaky_relu, sign.

**The cone.** Otherwise let r be the largest distance of one of them from the origin, and put a
coordinate r behind v. The hyperplane <v, n> = h becomes the central one with normal (n, -h / r),
and with the hyperplane "last coordinate = 0" added the regions of the central arrangement are the
affine regions and their negatives: twice as many. G acts, and fixes the last coordinate. So all
that is known about central arrangements answers for affine ones, and the size of the kinks does
not matter, only their ratios.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from toolkit.cached import cached_property
from toolkit.modules.gsets.actions import IntArray
from toolkit.pl.arrangements.hyperplanes import Lines
from toolkit.pl.maps.exact_vectors import ExactVectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.pl.activations.affine_pieces import Pieces

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

_AGREE = 1e-9  # of the lengths that are added up, and of ratios of kinks
_SIMPLE = 10**6  # jumps of slopes are read as fractions with denominators up to it


@dataclass(frozen=True, eq=False)
class Terms:
    """The vectors of a map, in floating point and, where they are known so, exactly.

    Parameters
    ----------
    vectors, covectors
        ``(N, d)`` and ``(N, e)`` w_x and u_x.
    images
        ``(k, N)`` images of the points under the generators.
    exact_vectors, exact_covectors
        The same, up to one factor each; ``None`` if they are floats.
    is_one_orbit
        Whether all w_x have one length because G moves each to each.
    """

    vectors: Floats
    covectors: Floats
    images: IntArray
    exact_vectors: ExactVectors | None = None
    exact_covectors: ExactVectors | None = None
    is_one_orbit: bool = True

    @property
    def are_known(self) -> bool:
        """Whether all vectors are known exactly, perhaps without the lengths of some orbits."""
        return self.exact_vectors is not None and self.exact_covectors is not None

    @property
    def are_exact(self) -> bool:
        """Whether sums of multiples of the vectors can be decided exactly."""
        exact = self.exact_vectors, self.exact_covectors
        return all(x is not None and x.has_scale for x in exact)

    @property
    def along(self) -> ExactVectors | None:
        """The exact vectors, if their lengths differ."""
        return None if self.is_one_orbit else self.exact_vectors

    @cached_property
    def covectors_cancel(self) -> bool:
        """Whether all u_x together add up to 0: to 1e-9 of their lengths if they are floats."""
        exact = self.exact_covectors
        if exact is not None:
            everything = np.arange(len(self.covectors))
            ones = [Fraction(1)] * len(everything)
            proved = bool(exact.sums_vanish(everything, 0 * everything, ones).all())
            if proved or exact.has_scale:
                return proved
        total = np.linalg.norm(self.covectors.sum(axis=0))
        return bool(total <= _AGREE * np.linalg.norm(self.covectors, axis=1).sum())


@dataclass(frozen=True, eq=False)
class Breaks:
    """The hyperplanes on which a map breaks.

    Parameters
    ----------
    lines
        Lines of their normals: ``(n, d)``, or ``(m + 1, d + 1)`` of the cone with the hyperplane at
        infinity last, if they do not all pass through the origin.
    normals
        ``(m, d)`` unit vectors; parallel hyperplanes have the same or opposite ones.
    offsets
        ``(m,)``: the hyperplanes are <v, normal> = offset.
    kinks
        ``(m,)`` the kink of f behind each, with the sign that belongs to the normal.
    is_cone
        Whether ``lines`` belongs to the cone.
    is_continuous
        Whether the map does not jump on any of them.
    radius
        The last coordinate of the cone at the vectors of L: the largest distance from the origin.
    largest_kink
        The largest kink of f in size.
    is_proved
        Whether it is proved which hyperplanes are the same and where the kinks cancel, given the
        lines.
    terms
        ``(m,)`` a point x such that the hyperplane is orthogonal to w_x.
    """

    lines: Lines
    normals: NDArray[np.float64]
    offsets: NDArray[np.float64]
    kinks: tuple[Fraction, ...]
    is_cone: bool
    is_continuous: bool
    radius: float = 1.0
    largest_kink: Fraction = Fraction(0)
    is_proved: bool = True
    terms: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.intp))


def central_breaks(pieces: Pieces, lines: Lines, terms: Terms, *, none: bool = False) -> Breaks:
    """Return the breaking hyperplanes if all kinks are 0.

    Parameters
    ----------
    pieces
        Of the activation.
    lines
        Of the vectors w_x.
    terms
        The vectors.
    none
        Whether it is known that there are none.
    """
    kept: IntArray = np.empty(0, dtype=np.intp)
    continuous = proved = True
    if pieces.kinks.size and not none:
        used = np.flatnonzero(lines.line_of_point >= 0)
        own = lines.line_of_point[used]
        signs = np.sign(lines.factors[used])
        turned, jumped = np.zeros((2, len(lines)), dtype=np.bool_)
        sums = _Sums(terms, used, own, signs, len(lines))
        if pieces.turns[0]:
            turned = sums.slopes(np.ones(len(used)))
        if pieces.jumps[0]:
            jumped = sums.values(np.ones(len(used)))
        kept, continuous = _kept(turned, jumped)
        proved = sums.is_proved
    chosen = lines.only(kept)
    zeros = np.zeros(len(kept))
    none_moved = (Fraction(0),) * len(kept)
    return Breaks(
        *(chosen, chosen.normals, zeros, none_moved, False, continuous),
        is_proved=proved,
        terms=chosen.first_points,
    )


def affine_breaks(pieces: Pieces, lines: Lines, terms: Terms) -> Breaks:
    """Return the breaking hyperplanes as a cone, for kinks anywhere.

    Parameters
    ----------
    pieces
        Of the activation.
    lines
        Of the vectors w_x.
    terms
        The vectors.

    Notes
    -----
    Which hyperplanes are the same is exact, given the lines, in one orbit, and for exact vectors;
    for others ratios of kinks are compared to 1e-9. On which of them the kinks cancel is decided by
    sums in floating point, to 1e-9 of the lengths that are added up; if the vectors are exact it
    is proved that these are 0. O(N k log(N k)) for N points and k kinks.
    """
    many = len(terms.vectors)
    kinks = tuple(Fraction(k) for k in pieces.kinks.tolist())
    cone, compared = _cone_lines(kinks, lines, terms)
    sizes = np.linalg.norm(terms.vectors, axis=1)
    used = np.flatnonzero(np.tile(lines.line_of_point >= 0, len(kinks)))
    point, own = used % many, cone.line_of_point[used]
    steps = [np.repeat(x, many)[used] for x in (pieces.turns, pieces.jumps)]
    n, signs = len(cone) - 1, cone.factors[used]
    sums = _Sums(terms, point, own, signs, n)
    kept, continuous = _kept(sums.slopes(steps[0]), sums.values(steps[1]))
    first = cone.first_points[kept]
    heights = np.array([float(kinks[i]) for i in first // many]) / sizes[first % many]
    directions = lines.normals[lines.line_of_point[first % many]]
    positive = lines.factors[first % many] > 0
    radius = float(np.abs(_heights(pieces.kinks, sizes)).max())
    return Breaks(
        cone.only(np.append(kept, n)),
        np.where(positive[:, None], directions, -directions),
        heights,
        tuple(kinks[i] for i in (first // many).tolist()),
        is_cone=True,
        is_continuous=continuous,
        radius=radius,
        largest_kink=max(abs(k) for k in kinks),
        is_proved=sums.is_proved and compared,
        terms=first % many,
    )


def _heights(kinks: Floats, sizes: Floats) -> Floats:
    """Return ``(k, N)`` distances with signs; infinite vectors, those that are 0, have none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        out: Floats = np.where(sizes > 0, kinks[:, None] / sizes, 0.0)
    return out


def _cone_lines(kinks: Sequence[Fraction], lines: Lines, terms: Terms) -> tuple[Lines, bool]:
    """Return the lines of the cone, infinity last, and whether they were compared exactly.

    Points are those of the module for the first kink, for the second, ..., and one at infinity.
    A line points as the vector of its first point does.
    """
    many, d = terms.vectors.shape
    floats = np.array([float(k) for k in kinks])
    signs = np.where(lines.factors < 0, -1.0, 1.0)
    sizes = np.linalg.norm(terms.vectors, axis=1)
    heights = (_heights(floats, sizes) * signs).ravel() + 0.0
    line = np.tile(lines.line_of_point, len(kinks))
    there = line >= 0
    exact, is_exact = terms.exact_vectors, terms.is_one_orbit
    # floats of one orbit are compared as they are: changing the sign of one is exact
    signed = (floats[:, None] * signs).ravel() + 0.0
    number = np.unique(signed, return_inverse=True)[1] if is_exact else clusters(heights)
    key = line.astype(np.int64) * (int(number.max()) + 1) + number
    if exact is not None and not is_exact:
        largest = max(abs(k) for k in kinks)
        points = np.tile(np.arange(many), len(kinks))
        tall = [-k / largest for k in kinks for _ in range(many)]
        key, is_exact = exact.compared(points, tall, key)
    key = np.where(there, key, -1)
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    order = np.argsort(np.where(there[first], first, len(key) + 1))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    first, which = first[order], place[which]
    n = int(there[first].sum())
    first, which = first[:n], np.where(there, which, -1)
    around = np.tile(signs, len(kinks))
    direction = around[first]
    normals = np.zeros((n + 1, d + 1))
    normals[:n, :d] = direction[:, None] * lines.normals[line[first]]
    normals[:n, d] = -heights[first] * direction / np.abs(heights).max()
    normals[n, d] = 1.0
    own = np.where(there, around * direction[np.where(there, which, 0)], 0.0)
    generators = len(terms.images)
    moves = np.full((generators, n + 1), n, dtype=np.intp)
    turns = np.ones((generators, n + 1), dtype=np.int8)
    for g in range(generators):
        to = first - first % many + terms.images[g][first % many]
        moves[g, :n], turns[g, :n] = which[to], own[to]
    found = Lines(
        normals / np.linalg.norm(normals, axis=1, keepdims=True),
        np.append(first, many * len(kinks)).astype(np.intp),
        np.append(which, n).astype(np.intp),
        np.append(own, 1.0),
        moves,
        turns,
    )
    return found, is_exact


def clusters(numbers: Floats) -> NDArray[np.int64]:
    """Return a number for each one: equal ones for those within 1e-9 of the largest.

    Examples
    --------
    >>> clusters(np.array([2.0, 1.0, 2.0 + 1e-12])).tolist()
    [1, 0, 1]
    """
    if not numbers.size:
        return np.zeros(0, dtype=np.int64)
    order = np.argsort(numbers)
    sorted_ones = numbers[order]
    steps = np.diff(sorted_ones, prepend=sorted_ones[0]) > _AGREE * np.abs(numbers).max()
    out = np.empty(len(numbers), dtype=np.int64)
    out[order] = np.cumsum(steps)
    return out


class _Sums:
    """Sums over hyperplanes of what the points on them add to slope or value: 0 or not.

    Parameters
    ----------
    terms
        The vectors.
    points, own
        ``(t,)`` per term its point, and the hyperplane that it belongs to.
    signs
        ``(t,)`` whether w_x points as the hyperplane does.
    many
        How many hyperplanes there are.
    """

    def __init__(
        self, terms: Terms, points: IntArray, own: IntArray, signs: Floats, many: int
    ) -> None:
        self.terms, self.points, self.own, self.signs = terms, points, own, signs
        self.many, self.is_proved = many, True

    def slopes(self, jumps: Floats) -> Bools:
        r"""Return ``(n,)`` where the sum of jump \|w_x\| u_x is not 0; jumps are ``(t,)``."""
        lengths = np.linalg.norm(self.terms.vectors[self.points], axis=1)
        along = self.terms.along
        return self._there(jumps * lengths, jumps if along is None else jumps * self.signs, along)

    def values(self, jumps: Floats) -> Bools:
        """Return ``(n,)`` where the sum of jump u_x, with the sign of w_x, is not 0."""
        return self._there(jumps * self.signs, jumps * self.signs, None)

    def _there(self, factors: Floats, exact: Floats, along: ExactVectors | None) -> Bools:
        covectors = self.terms.covectors[self.points]
        sums = np.zeros((self.many, covectors.shape[1]))
        np.add.at(sums, self.own, factors[:, None] * covectors)
        lengths = np.abs(factors) * np.linalg.norm(covectors, axis=1)
        sizes = np.bincount(self.own, lengths, minlength=self.many)
        there: Bools = np.linalg.norm(sums, axis=1) > _AGREE * sizes
        doubtful = np.flatnonzero(~there & (sizes > 0))
        if not doubtful.size:
            return there
        if not self.terms.are_known:
            self.is_proved = False
            return there
        assert self.terms.exact_covectors is not None
        chosen = np.isin(self.own, doubtful)
        number = np.searchsorted(doubtful, self.own[chosen])
        numbers = [simple_fraction(x) for x in exact[chosen].tolist()]
        zero = self.terms.exact_covectors.sums_vanish(self.points[chosen], number, numbers, along)
        if self.terms.are_exact:
            there[doubtful] = ~zero
        else:
            self.is_proved &= bool(zero.all())
        return there


def simple_fraction(x: float) -> Fraction:
    """Return a slope, a jump or an intercept as a number: a simple one if it is up to rounding.

    Examples
    --------
    >>> simple_fraction(1 / 6), simple_fraction(0.01)
    (Fraction(1, 6), Fraction(1, 100))
    """
    whole = Fraction(x)
    near = whole.limit_denominator(_SIMPLE)
    return near if abs(near - whole) <= abs(whole) * Fraction(1, 2**50) else whole


def _kept(turned: Bools, jumped: Bools) -> tuple[IntArray, bool]:
    """Return the hyperplanes on which slope or value jumps, and whether no value does."""
    return np.flatnonzero(turned | jumped), not bool(jumped.any())
