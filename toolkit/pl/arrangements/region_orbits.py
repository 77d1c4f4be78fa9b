"""Regions and walls up to symmetry, of any arrangement that users have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.errors import ConfigError, NotAvailable
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.pl.arrangements.characteristic import MOST_WORK, balanced, read_hyperplanes
from toolkit.pl.arrangements.counting import arrangement
from toolkit.pl.arrangements.exact_normals import points_of_normals
from toolkit.pl.arrangements.flats import betti_numbers
from toolkit.pl.arrangements.given_symmetry import require_generators
from toolkit.pl.arrangements.hyperplanes import MERGED_BY_ROUNDING, find_lines
from toolkit.pl.arrangements.limits import require_limit, require_progress
from toolkit.pl.arrangements.projective import Points
from toolkit.pl.arrangements.region_graph import MOST_ORBITS, RegionGraph, graph_of_regions
from toolkit.pl.arrangements.regions import RegionOrbit
from toolkit.pl.arrangements.symmetries import found_symmetries, given_symmetries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike

    from toolkit.pl.arrangements.regions import Certainty


def region_orbits(
    normals: ArrayLike | Sequence[Sequence[Any]],
    offsets: Sequence[Any] | None = None,
    *,
    group: Sequence[Any] | None = None,
    most_orbits: int = MOST_ORBITS,
    most_work: float = MOST_WORK,
    progress: Callable[[int, int], None] | None = None,
) -> RegionGraph:
    r"""Find one region of each orbit under the symmetries of an arrangement, and its walls.

    Parameters
    ----------
    normals, offsets
        As for :func:`~toolkit.pl.arrangements.characteristic.regions`.
    group
        ``(d, d)`` matrices with exact entries that act on vectors and permute the hyperplanes:
        generators of the group. By default symmetries are searched for; for hyperplanes through the
        origin they include -1. ``[]`` means no symmetries.
    most_orbits
        The largest number of orbits to find.
    most_work
        The largest number of residues to examine when regions and walls are counted for comparison.
    progress
        Called with the number of known orbits and the number of those whose walls were crossed.

    Returns
    -------
    RegionGraph
        The orbits, stabilisers and walls, with a networkx graph.

    Raises
    ------
    ConfigError
        If the hyperplanes or the group are not as described, or if there is no hyperplane.
    NotAvailable
        If there are more orbits than ``most_orbits``, or if a region is so thin that floating point
        finds no point in it.
    InconsistentAnswerError
        If the result contradicts Zaslavsky's theorem.

    Notes
    -----
    Exact for exact normals, if regions and walls can be counted. Orbits, their sizes, stabilisers
    and walls are integers and permutations, and each region has a point in its interior. Their
    numbers are compared with Zaslavsky's theorem for the arrangement and its restrictions
    (:mod:`toolkit.pl.arrangements.region_walk`). The 2,470 orbits of the 8,378,070,864 regions of
    the sign vectors of length 8 take half a minute. The symmetries that are found are proved to be
    symmetries; there may be others. For floats only -1 is used as a symmetry, and everything is
    numerical.

    Regions correspond to the vertices of the zonotope: the sum of the s_i n_i distinguishes
    regions, as the Chow parameters distinguish threshold functions.

    Examples
    --------
    Threshold functions of three variables and their complements: 104 regions, in three orbits.

    >>> import itertools
    >>> import toolkit as tk
    >>> signs = [(1, *rest) for rest in itertools.product((1, -1), repeat=3)]
    >>> found = tk.region_orbits(signs)
    >>> found
    <104 regions (exact) in 3 orbits under 384 symmetries, 256 walls (exact) in 2 orbits>
    >>> [(orbit.size, fixed) for orbit, fixed in zip(found.orbits, found.stabilisers)]
    [(8, 48), (32, 12), (64, 6)]
    >>> sorted(found.graph.edges)
    [(0, 2, 0), (1, 2, 0)]

    Three lines that miss the origin, without using symmetries:

    >>> tk.region_orbits([[1, 0], [0, 1], [1, 1]], [0, 0, 1], group=[])
    <7 regions (exact) in 7 orbits under 1 symmetry, 9 walls (exact) in 9 orbits>
    """
    require_limit("most_orbits", most_orbits, "orbits")
    require_limit("most_work", most_work, "residues")
    require_progress(progress)
    if group is not None:
        require_generators(group)
    given, exact, dimension = read_hyperplanes(normals, offsets)
    if not given:
        raise ConfigError(
            "at least one hyperplane is required, found none: without hyperplanes the whole space "
            "is the only region"
        )
    if exact is None:
        if group:
            raise ConfigError(
                "a group requires exact normals, found floats: give integers, fractions or "
                "cyclotomic numbers, or omit the group"
            )
        return _numerical(given, dimension, group is None, most_orbits, progress)
    exact, unit = balanced(exact)
    is_central = not any(row[-1].terms for row in exact)
    if is_central:
        rows = [row[:-1] for row in exact]
    else:
        none, one = Cyclotomic.from_int(0), Cyclotomic.from_int(1)
        rows = [[*row[:-1], -row[-1]] for row in exact] + [[none] * dimension + [one]]
    # what is compared is a product of determinants for symmetries, a determinant for flats
    first, many_primes = _different(rows, 4 * len(rows[0]) + 4 if group is None else 1)
    points = _different(rows, 1)[1] if group is None else many_primes
    space = _Space.of(_floats([rows[i] for i in first]), points.dimension, is_central)
    if group is None:
        moves = found_symmetries(many_primes, space.units, space.above)
    else:
        kept = [rows[i] for i in first]
        moves = given_symmetries(kept, group, space.rows, is_cone=not is_central)
    count = betti_numbers(points, most_work=most_work)
    expected: tuple[int, Certainty] | None = None
    if count.is_complete:
        expected = sum(count.numbers) // (1 if is_central else 2), "exact"
    limits = most_orbits, most_work, progress
    found = graph_of_regions(space.units, moves, expected, points, space.above, *limits)
    return space.returned(found, float(unit))


def _numerical(
    given: list[list[Any]],
    dimension: int,
    is_symmetric: bool,
    most_orbits: int,
    progress: Callable[[int, int], None] | None,
) -> RegionGraph:
    """Walk through the regions of floats, with minus one as the only symmetry."""
    rows = np.array([[*map(float, row[:-1]), -float(row[-1])] for row in given])
    rows /= np.abs(rows[:, :-1]).max(axis=1, keepdims=True)
    heights = rows[:, -1].copy()
    is_central = not heights.any()
    if is_central:
        rows = rows[:, :-1]
    else:
        rows[:, -1] /= np.abs(rows[:, -1]).max()
        rows = np.vstack([rows, np.eye(dimension + 1)[-1:]])
    lines = find_lines("an arrangement", rows, np.arange(len(rows))[None])
    if lines.spread > MERGED_BY_ROUNDING:
        raise NotAvailable(
            "an arrangement",
            "its regions up to symmetry",
            f"two directions are {lines.spread:.1e} apart, too little to distinguish in floating "
            "point: give integers or fractions",
        )
    a = arrangement(lines.normals)
    space = _Space.of(rows[lines.first_points].tolist(), a.rank, is_central, heights)
    n = len(a)
    moves = np.arange(n)[None], np.full((1, n), -1 if is_symmetric and is_central else 1, np.int8)
    limits = most_orbits, 0.0, progress
    return space.returned(graph_of_regions(space.units, moves, None, None, space.above, *limits))


@dataclass(frozen=True, eq=False)
class _Space:
    """The span of normals, those of a cone if not all hyperplanes pass through the origin.

    Parameters
    ----------
    rows
        ``(n, d)`` normals; of a cone with the last coordinate divided by ``scale``.
    units
        ``(n, rank)`` unit normals in coordinates of the span.
    span
        ``(rank, d)`` its orthonormal basis.
    scale
        The largest offset, for a cone, whose last hyperplane is that at infinity.
    """

    rows: NDArray[np.float64]
    units: NDArray[np.float64]
    span: NDArray[np.float64]
    scale: float | None

    @classmethod
    def of(
        cls,
        normals: list[list[float]],
        rank: int,
        is_central: bool,
        heights: NDArray[np.float64] | None = None,
    ) -> _Space:
        rows = np.array(normals)
        scale = None
        if not is_central:
            scale = float(np.abs(rows[:-1, -1] if heights is None else heights).max())
            if heights is None:
                rows[:-1, -1] /= scale
        units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        span = np.eye(rank)
        if rank < rows.shape[1]:
            span = np.linalg.svd(units, full_matrices=False)[2][:rank]
        inside = units @ span.T
        inside /= np.linalg.norm(inside, axis=1, keepdims=True)
        return cls(rows, inside, span, scale)

    @property
    def above(self) -> int | None:
        """The hyperplane at infinity."""
        return None if self.scale is None else len(self.rows) - 1

    def returned(self, found: RegionGraph, unit: float = 1.0) -> RegionGraph:
        """Return points and margins in the space itself, infinity left out, in units of length."""
        return replace(
            found,
            orbits=tuple(self._returned(orbit, unit) for orbit in found.orbits),
            dimension=self.span.shape[1] - (self.scale is not None),
            hyperplanes=len(self.rows) - (self.scale is not None),
        )

    def _returned(self, orbit: RegionOrbit, unit: float) -> RegionOrbit:
        point = orbit.point @ self.span
        if self.scale is None:
            return replace(orbit, point=point)
        affine = point[:-1] / point[-1] * self.scale
        heights = self.rows[:-1, :-1] @ affine + self.rows[:-1, -1] * self.scale
        distances = np.abs(heights) / np.linalg.norm(self.rows[:-1, :-1], axis=1)
        margin = float(distances.min()) * unit
        return RegionOrbit(affine * unit, orbit.size, orbit.signs[:-1], margin)


def _floats(rows: list[list[Cyclotomic]]) -> list[list[float]]:
    try:
        return [[x.to_float() for x in row] for row in rows]
    except OverflowError:
        raise ConfigError(
            "the numbers of a hyperplane must be within float64 for region_orbits, found larger "
            "ones: divide each normal and its offset by a common factor, or use tk.regions"
        ) from None


def _different(rows: list[list[Cyclotomic]], products: int) -> tuple[list[int], Points]:
    """Return the first of the rows that are proportional, in order, and their points."""
    points, number = points_of_normals(rows, products)
    first: dict[int, int] = {}
    for place, of_point in enumerate(number.tolist()):
        first.setdefault(of_point, place)
    order = np.array(list(first), dtype=np.intp)
    ones = np.ones(len(order), dtype=np.int64)
    members = tuple(1 << i for i in range(len(order)))
    return list(first.values()), Points(points.primes, points.vectors[:, order, :], ones, members)
