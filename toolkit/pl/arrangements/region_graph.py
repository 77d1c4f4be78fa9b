r"""The regions of an arrangement up to symmetry, and the walls between them, as a graph.

Nodes are orbits of regions, edges orbits of walls. An edge from a node to itself is a wall between
two regions of one orbit. With k walls of an edge at each region of one end, and l at the other,
k times the size of the one orbit is l times that of the other: the number of walls, or twice that
where a symmetry exchanges the two sides.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from toolkit.cached import cached_property
from toolkit.errors import InconsistentAnswerError, NotAvailable
from toolkit.pl.arrangements.exact_normals import points_of_gram
from toolkit.pl.arrangements.faces import FaceCounts, face_counts
from toolkit.pl.arrangements.flats import betti_numbers
from toolkit.pl.arrangements.half_spaces import HalfSpaceGroup, hyperplane_orbits, of_lines
from toolkit.pl.arrangements.limits import require_limit
from toolkit.pl.arrangements.projective import Points
from toolkit.pl.arrangements.region_walk import RegionWalk, WallOrbit
from toolkit.pl.arrangements.regions import Certainty, RegionOrbit
from toolkit.pl.arrangements.sign_orbits import SignOrbits

if TYPE_CHECKING:
    from collections.abc import Callable

    import networkx as nx
    from numpy.typing import NDArray

    from toolkit.pl.arrangements.counting import Arrangement
    from toolkit.pl.arrangements.symmetries import Moves

#: Orbits of regions that are looked for.
MOST_ORBITS = 20_000
#: Orbits of flats and of faces.
MOST_FACES = 20_000


@dataclass(frozen=True, eq=False)
class RegionGraph:
    """Orbits of regions and of the walls between them.

    :func:`~toolkit.pl.arrangements.region_orbits.region_orbits` makes it.

    Parameters
    ----------
    dimension
        Of the space.
    hyperplanes
        How many different ones there are.
    symmetries
        The order of the group, as it acts on the half-spaces.
    orbits
        One region of each orbit, smaller orbits first; signs are those of the hyperplanes.
    stabilisers
        Per orbit the number of symmetries that fix its region.
    walls
        The orbits of walls.
    certainty
        Of the number of regions: ``"exact"`` if it is Zaslavsky's, counted in another way;
        ``"numerical"`` if only crossing walls says that there are no others.
    walls_are
        The same for the walls: ``"exact"`` if they are as many as the regions of all restrictions.
    reason
        How it is known.
    walk
        The walk that found them, in coordinates of the span of the normals; ``None`` where there
        are no hyperplanes.
    points
        The normals modulo primes, if they are known exactly.

    Examples
    --------
    >>> import toolkit as tk
    >>> mirrors = tk.region_orbits([[1, 0], [0, 1], [1, 1], [1, -1]])
    >>> mirrors
    <8 regions (exact) in 1 orbit under 16 symmetries, 8 walls (exact) in 1 orbit>
    >>> mirrors.orbits[0].signs.tolist(), mirrors.stabilisers
    ([-1, -1, -1, 1], (2,))
    """

    dimension: int
    hyperplanes: int
    symmetries: int
    orbits: tuple[RegionOrbit, ...]
    stabilisers: tuple[int, ...]
    walls: tuple[WallOrbit, ...]
    certainty: Certainty
    walls_are: Certainty
    reason: str
    walk: RegionWalk | None = field(repr=False)
    points: Points | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        return (
            f"<{_many(self.regions, 'region')} ({self.certainty}) in "
            f"{_many(len(self.orbits))} under {_many(self.symmetries, 'symmetry')}, "
            f"{_many(self.wall_count, 'wall')} ({self.walls_are}) in {_many(len(self.walls))}>"
        )

    @cached_property
    def regions(self) -> int:
        """The number of regions: the sizes of the orbits added up."""
        return sum(orbit.size for orbit in self.orbits)

    @cached_property
    def wall_count(self) -> int:
        """The number of walls: pieces of hyperplanes that separate two regions."""
        return sum(wall.size for wall in self.walls)

    @cached_property
    def graph(self) -> nx.MultiGraph[int]:
        """The graph of orbits of regions and of walls, with plain attributes.

        Nodes 0, 1, ... have ``size``, ``stabiliser``, ``walls`` (of one region), ``margin`` and
        ``signs`` (such as ``"++-"``). Edges have ``size``, ``hyperplane``, and ``at_first``,
        ``at_second``: how many such walls one region of the node with the smaller number has, and
        one of the other; ``is_turned``. A wall between two regions of one orbit is a loop, met from
        its two sides: a region has ``at_first + at_second`` such walls, or ``at_first`` where
        ``is_turned`` says that a symmetry exchanges the sides. Graph attributes: ``regions``,
        ``walls``, ``symmetries``, ``certainty``, ``walls_are``.
        """
        import networkx as nx

        out: nx.MultiGraph[int] = nx.MultiGraph(
            regions=self.regions,
            walls=self.wall_count,
            symmetries=self.symmetries,
            certainty=self.certainty,
            walls_are=self.walls_are,
        )
        at_each = [0] * len(self.orbits)
        for wall in self.walls:
            at_each[wall.regions[0]] += wall.at_each[0]
            if not wall.is_turned:
                at_each[wall.regions[1]] += wall.at_each[1]
        for number, orbit in enumerate(self.orbits):
            out.add_node(
                number,
                size=orbit.size,
                stabiliser=self.stabilisers[number],
                walls=at_each[number],
                margin=orbit.margin,
                signs="".join("+" if sign > 0 else "-" for sign in orbit.signs),
            )
        for wall in self.walls:
            out.add_edge(
                *wall.regions,
                size=wall.size,
                hyperplane=wall.hyperplanes[0],
                at_first=wall.at_each[0],
                at_second=wall.at_each[1],
                is_turned=wall.is_turned,
            )
        return out

    def faces(self, *, up_to_symmetry: bool = True, most_orbits: int = MOST_FACES) -> FaceCounts:
        """Count the faces of every dimension, and their orbits: the f-vector.

        Parameters
        ----------
        up_to_symmetry
            Whether orbits of faces are counted, too, which takes longer.
        most_orbits
            Orbits of flats, and of faces, that may be found.

        Raises
        ------
        NotAvailable
            If there are more, or the normals are floats.

        Notes
        -----
        Exact: see :mod:`toolkit.pl.arrangements.flat_orbits`. The last numbers are compared with
        the regions and walls that were found by crossing walls.

        Examples
        --------
        The mirrors of a cube: 48 triangles, 72 sides, and 26 corners of three kinds.

        >>> import toolkit as tk
        >>> axes = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
        >>> diagonal = [[1, 1, 0], [1, -1, 0], [1, 0, 1], [1, 0, -1], [0, 1, 1], [0, 1, -1]]
        >>> found = tk.region_orbits(axes + diagonal).faces()
        >>> found.faces, found.orbits
        ((1, 26, 72, 48), (1, 3, 3, 1))
        """
        require_limit("most_orbits", most_orbits, "orbits")
        if self.walk is None:
            return FaceCounts((1,), (1,), (1,), (1,))
        if self.points is None:
            raise NotAvailable(
                "an arrangement",
                "its faces",
                "intersections of hyperplanes are decided only for exact normals, but these are "
                "floats: give integers, fractions or cyclotomic numbers",
            )
        walk = self.walk
        found = face_counts(
            *(self.points, walk.normals, walk.orbits, walk.above),
            up_to_symmetry=up_to_symmetry,
            most=most_orbits,
        )
        walls = found.faces[-2] if len(found.faces) > 1 else 0
        if (found.faces[-1], walls) != (self.regions, self.wall_count):
            raise InconsistentAnswerError(
                "an arrangement",
                f"{self.regions} regions and {self.wall_count} walls",
                f"{found.faces[-1]} and {walls} as faces",
            )
        return found


def _many(number: int, noun: str = "orbit") -> str:
    """Return a number with its noun: "1 orbit", "2 symmetries"."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def graph_of_regions(
    normals: NDArray[np.float64],
    moves: Moves,
    expected: tuple[int, Certainty] | None,
    points: Points | None,
    above: int | None = None,
    most_orbits: int = MOST_ORBITS,
    most_work: float = 2e9,
    watch: Callable[[int, int], None] | None = None,
) -> RegionGraph:
    """Walk through the regions, and compare with what is known.

    Parameters
    ----------
    normals
        ``(n, d)`` unit vectors that span the space.
    moves
        Generators of the symmetries, as signed permutations of the hyperplanes.
    expected
        The number of regions, and how it is known; ``None`` if it is not.
    points
        The normals modulo primes, in order, if they are known exactly.
    above
        As for :class:`~toolkit.pl.arrangements.region_walk.RegionWalk`; the number that is expected
        is that of the positive side.
    most_orbits
        Orbits of regions that may be found.
    most_work
        Residues that may be looked at to count the walls.
    watch
        Called with the numbers of orbits that are known and done.

    Raises
    ------
    NotAvailable
        If there are more orbits, or a region is too thin for floats.
    InconsistentAnswerError
        If the numbers differ.
    """
    group = HalfSpaceGroup(len(normals), of_lines(*moves))
    if expected is not None and expected[0] > most_orbits * group.order:
        raise NotAvailable(
            "an arrangement",
            "its regions up to symmetry",
            f"{expected[0]} regions have more than {most_orbits} orbits under {group.order} "
            "symmetries: raise most_orbits, or use tk.regions for their number only",
        )
    walk = RegionWalk(normals, SignOrbits(group), above=above, most=most_orbits, watch=watch)
    sizes, walls = walk.sizes(), walk.walls()
    certainty: Certainty = "numerical"
    reason = "found by crossing walls, in floating point"
    if expected is not None:
        if sum(sizes) < expected[0]:
            raise NotAvailable(
                "an arrangement",
                "its regions up to symmetry",
                f"{sum(sizes)} of {expected[0]} regions were found; the others are too thin for "
                "float64: use tk.regions for their number only",
            )
        if sum(sizes) > expected[0]:
            raise InconsistentAnswerError(
                "an arrangement",
                f"{expected[0]} regions, by Zaslavsky's theorem",
                f"{sum(sizes)} in orbits",
            )
        certainty = expected[1]
        reason = "found by crossing walls; their number agrees with Zaslavsky's theorem"
    walls_are: Certainty = "numerical"
    many = None
    if points is not None:
        least = hyperplane_orbits(len(normals), group.generators)
        many = wall_number(points, least, above, most_work)
    if many is not None:
        found = sum(wall.size for wall in walls)
        if found != many:
            raise InconsistentAnswerError(
                "an arrangement",
                f"{many} walls, the regions of all restrictions",
                f"{found} in orbits",
            )
        walls_are = "exact"
    order = sorted(range(len(sizes)), key=lambda i: sizes[i])
    place = np.argsort(order).tolist()
    return RegionGraph(
        normals.shape[1],
        len(normals),
        group.order,
        tuple(walk.region(i) for i in order),
        tuple(walk.nodes[i].stabiliser.order for i in order),
        tuple(sorted((wall.renumbered(place) for wall in walls), key=lambda w: w.regions)),
        certainty,
        walls_are,
        reason,
        walk,
        points,
    )


def wall_number(
    points: Points, least: NDArray[np.intp], above: int | None, most_work: float
) -> int | None:
    """Return the number of walls: the regions of the restrictions to each hyperplane, added up.

    Parameters
    ----------
    points
        The normals, with weights 1.
    least
        ``(n,)`` equal for hyperplanes that some symmetry takes to each other.
    above
        A hyperplane that does not count, and on the positive side of which the walls are counted.
    most_work
        Residues that may be looked at; ``None`` is returned if they are not enough.

    Examples
    --------
    Three lines in a plane have six walls:

    >>> from toolkit.pl.arrangements.projective import merged
    >>> lines = merged(np.array([[[2147483629]]]), [[[1, 0], [0, 1], [1, 1]]])
    >>> wall_number(lines, np.zeros(3, dtype=int), None, 1e9)
    6
    """
    if points.dimension == 1:
        return 0 if above is not None else 1
    total = 0
    for i, many in zip(*np.unique(least, return_counts=True), strict=True):
        if i == above:
            continue
        found = betti_numbers(points.projected_from(int(i)).alone(), most_work=most_work)
        if not found.is_complete:
            return None
        total += int(many) * sum(found.numbers)
    return total if above is None else total // 2


def exact_points(a: Arrangement) -> Points | None:
    """Return the normals modulo primes, in order; ``None`` if they are not known exactly.

    Parameters
    ----------
    a
        The arrangement.
    """
    try:
        if a.spanned is not None:
            points, number = a.spanned()
        elif a.gram is not None:
            points, number = points_of_gram(a.gram, a.rank)
        else:
            return None
    except NotAvailable:
        return None
    if len(points) != len(a) or points.dimension != a.rank:
        return None
    return replace(points, vectors=points.vectors[:, number], weights=np.ones(len(a), dtype=int))
