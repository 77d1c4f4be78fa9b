r"""All regions of an arrangement up to symmetry, found by crossing walls.

From one region of each orbit that is known, the walls are crossed, one of each orbit under what
fixes the region; a region on the other side is new, or an element of the group takes a known one to
it (:mod:`toolkit.pl.arrangements.sign_orbits`). Any two regions are joined by crossing walls, so
that all orbits are found in the end, though each may have billions of regions.

**What is certain.** A new region is believed when a point inside it is found, with a margin that
rounding cannot bridge. That two sign vectors are in one orbit, or not, and how many there are in
it, are integers and permutations. So the sum of the orbits' sizes never exceeds the number of
regions, and if it is Zaslavsky's nothing is missing. Crossing from both sides must give the same
orbits of walls; if all walls are found, their number is that of the regions of all restrictions.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from toolkit.errors import InconsistentAnswerError, NotAvailable
from toolkit.pl.arrangements.regions import RegionOrbit, centre_of_region
from toolkit.pl.arrangements.sign_orbits import Signs, Stabiliser
from toolkit.pl.arrangements.walls import walls_of_cone

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.pl.arrangements.sign_orbits import SignOrbits

#: A point this far from every wall is inside: rounding is a thousand times smaller.
CERTAINLY = 1e-10
_THIN = 1e-6  # walls of a region may be missed where it is narrower


@dataclass(frozen=True)
class WallOrbit:
    """An orbit of walls, each between two regions.

    Parameters
    ----------
    regions
        The orbits of the regions on its two sides, by their numbers, the smaller first.
    hyperplanes
        One such wall of the representative of the first orbit, and one of the second.
    size
        How many walls.
    at_each
        How many of them a region of the first orbit has, and one of the second.
    is_turned
        Whether a symmetry exchanges the two sides of a wall.
    """

    regions: tuple[int, int]
    hyperplanes: tuple[int, int]
    size: int
    at_each: tuple[int, int]
    is_turned: bool

    def renumbered(self, place: Sequence[int]) -> WallOrbit:
        """Return the orbit with other numbers of the regions; the smaller first again."""
        here, there = (place[i] for i in self.regions)
        if here <= there:
            return replace(self, regions=(here, there))
        sides = self.hyperplanes[::-1], self.size, self.at_each[::-1]
        return WallOrbit((there, here), *sides, self.is_turned)


@dataclass(eq=False)
class Node:
    """A region that represents its orbit.

    Parameters
    ----------
    signs
        ``(n,)``.
    point, margin
        A point inside, and its distance from the nearest wall.
    stabiliser
        What fixes the region.
    walls
        ``(n,)`` the least hyperplane of the orbit of each wall; -1 where a hyperplane is none.
    beyond
        Per such least hyperplane the region's number on the other side, and the wall as its
        representative has it.
    """

    signs: Signs
    point: NDArray[np.float64]
    margin: float
    stabiliser: Stabiliser
    walls: NDArray[np.intp]
    beyond: dict[int, tuple[int, int]] = field(default_factory=dict)


class RegionWalk:
    """A walk through the regions.

    Parameters
    ----------
    normals
        ``(n, d)`` unit vectors that span the space.
    orbits
        The symmetries.
    above
        A hyperplane that the group fixes with its sides: only regions on its positive side count,
        and it is not crossed.
    most
        Orbits of regions that may be found.
    watch
        Called with the number of orbits that are known and of those whose walls were crossed.

    Raises
    ------
    NotAvailable
        If there are more orbits, or a region is too thin for floats.
    InconsistentAnswerError
        If walls do not agree from both sides.
    """

    def __init__(
        self,
        normals: NDArray[np.float64],
        orbits: SignOrbits,
        *,
        above: int | None = None,
        most: int = 20_000,
        watch: Callable[[int, int], None] | None = None,
    ) -> None:
        self.normals, self.orbits, self.above, self.most = normals, orbits, above, most
        self.nodes: list[Node] = []
        self._known: dict[bytes, list[int]] = {}
        self._add(self._first())
        done = 0
        while done < len(self.nodes):
            self._cross(self.nodes[done])
            done += 1
            if watch is not None:
                watch(len(self.nodes), done)

    def sizes(self) -> list[int]:
        """Return how many regions each orbit has."""
        return [self.orbits.group.order // node.stabiliser.order for node in self.nodes]

    def region(self, number: int) -> RegionOrbit:
        """Return a representative with the size of its orbit."""
        node = self.nodes[number]
        size = self.orbits.group.order // node.stabiliser.order
        return RegionOrbit(node.point, size, node.signs, node.margin)

    def walls(self) -> list[WallOrbit]:
        """Return the orbits of walls, each once."""
        out, sizes = [], self.sizes()
        for here, node in enumerate(self.nodes):
            for wall, (there, other) in sorted(node.beyond.items()):
                across = self.nodes[there]
                back = int(across.walls[other])
                if across.beyond.get(back) is None or self._returned(there, back) != (here, wall):
                    raise self._not_the_same(here, there)
                mine = int((node.walls == wall).sum())
                theirs = int((across.walls == back).sum())
                if sizes[here] * mine != sizes[there] * theirs:
                    raise self._not_the_same(here, there)
                if (there, back) < (here, wall):
                    continue  # it was listed from the other side
                many = sizes[here] * mine
                # a wall that some symmetry turns round is met from both its sides
                turned = (there, back) == (here, wall)
                many = sizes[here] * mine // (2 if turned else 1)
                out.append(WallOrbit((here, there), (wall, back), many, (mine, theirs), turned))
        return out

    def _not_the_same(self, here: int, there: int) -> NotAvailable | InconsistentAnswerError:
        thinnest = min(node.margin for node in self.nodes)
        if thinnest < _THIN:
            return _too_thin(thinnest)
        return InconsistentAnswerError(
            "an arrangement",
            "walls that are the same from both sides",
            f"others between orbits {here} and {there} of regions",
        )

    def _returned(self, number: int, wall: int) -> tuple[int, int]:
        there, other = self.nodes[number].beyond[wall]
        return there, int(self.nodes[there].walls[other])

    def _first(self) -> Signs:
        """Return the signs of a point that is on no hyperplane."""
        points = np.random.default_rng(0).standard_normal((100, self.normals.shape[1]))
        heights = points @ self.normals.T
        best = heights[np.abs(heights).min(axis=1, initial=np.inf).argmax()]
        signs: Signs = np.where(best > 0, 1, -1).astype(np.int8)
        return signs if self.above is None else signs * signs[self.above]

    def _add(self, signs: Signs) -> int | None:
        """Add the region with these signs, if a point shows that there is one; return its number.

        ``None`` proves nothing more than that none was found.
        """
        none = np.zeros(self.normals.shape[1])
        point, margin = centre_of_region(self.normals, signs, none)
        if margin < CERTAINLY:
            if margin > -CERTAINLY and point.any():
                raise _too_thin(margin)
            return None
        if len(self.nodes) == self.most:
            raise NotAvailable(
                "an arrangement",
                "its regions up to symmetry",
                f"there are more than {self.most} orbits: raise most_orbits, or use tk.regions for "
                "their number only",
            )
        inner = signs[:, None] * self.normals
        needed = walls_of_cone(inner, point)
        stabiliser = self.orbits.stabiliser(signs)
        walls = np.full(len(signs), -1, dtype=np.intp)
        walls[needed] = stabiliser.orbits(len(signs))[needed]
        if self.above is not None:
            walls[self.above] = -1
        self.nodes.append(Node(signs, point, margin, stabiliser, walls))
        number = len(self.nodes) - 1
        self._known.setdefault(self.orbits.key(signs), []).append(number)
        return number

    def _cross(self, node: Node) -> None:
        for wall in np.unique(node.walls[node.walls >= 0]).tolist():
            signs = node.signs.copy()
            signs[wall] = -signs[wall]
            found = self._located(signs, wall)
            if found is None:
                number = self._add(signs)
                if number is None:
                    node.walls[node.walls == wall] = -1  # floats took it for a wall
                    continue
                found = number, wall
            node.beyond[wall] = found

    def _located(self, signs: Signs, wall: int) -> tuple[int, int] | None:
        """Return the known region that is taken to this one, and where its wall comes from."""
        for number in self._known.get(self.orbits.key(signs), ()):
            element = self.orbits.element(self.nodes[number].signs, signs)
            if element is not None:
                return number, int(element[wall]) % len(signs)
        return None


def _too_thin(margin: float) -> NotAvailable:
    return NotAvailable(
        "an arrangement",
        "its regions up to symmetry",
        f"one of them is only {max(margin, 0.0):.1e} wide, too thin for float64: tk.regions counts "
        "regions without examining each",
    )
