r"""The regions of a map up to the group: one of each orbit with its matrix, and the walls between.

On the region of a point p the map is the sum of s_x u_x <w_x, v> + c_x u_x, with s_x and c_x the
slope and the intercept of the activation at <p, w_x>. It *kills* the region if this is 0. Floats
say that a sum is not 0; that it is 0 is proved where all w_x and u_x are known exactly
(:mod:`toolkit.pl.maps.exact_vectors`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from toolkit.cached import cached_property
from toolkit.pl.arrangements.region_graph import RegionGraph, exact_points, graph_of_regions
from toolkit.pl.arrangements.regions import Certainty, RegionOrbit
from toolkit.pl.maps.breaks import simple_fraction
from toolkit.pl.maps.evaluation import coefficients_near
from toolkit.pl.maps.pieces import Bound, LinearPiece, below_infinity
from toolkit.pl.maps.zero import worst

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import networkx as nx
    from numpy.typing import NDArray

    from toolkit.pl.activations.affine_pieces import Pieces
    from toolkit.pl.arrangements.counting import Arrangement
    from toolkit.pl.arrangements.regions import RegionCount
    from toolkit.pl.maps.breaks import Breaks, Terms
    from toolkit.pl.maps.exact_vectors import ExactVectors

    Floats = NDArray[np.float64]

_ZERO = 1e-9  # of the lengths that are added up
_ROUNDING = 1e-14  # of sums of vectors whose entries are right to some 1e-15


@dataclass(frozen=True, eq=False)
class MapRegions:
    """Regions of a map up to its group; see :meth:`toolkit.pl.maps.pl_map.PLMap.region_orbits`.

    Parameters
    ----------
    regions
        The orbits of regions, their stabilisers, and the walls between them.
    pieces
        Per orbit the linear piece: matrix and constant on its region.
    killed
        Per orbit whether the map is 0 there.
    killed_is
        How that is known: ``"exact"``, or ``"numerical"`` if w or u is known in floating point only
        or a sum of floats within 1e-9 of 0 was taken as 0.

    Examples
    --------
    ReLU from four points to the trivial simple: what the map does from all negative coordinates
    on, up to the permutations of the points.

    >>> import toolkit as tk
    >>> found = tk.pl_map(tk.group("S4").natural_module(), "L3", "L0", "relu").region_orbits()
    >>> found.regions
    <14 regions (exact) in 3 orbits under 24 symmetries, 24 walls (exact) in 2 orbits>
    >>> [(piece.size, bool(killed)) for piece, killed in zip(found.pieces, found.killed)]
    [(4, False), (4, False), (6, False)]
    """

    regions: RegionGraph
    pieces: tuple[LinearPiece, ...]
    killed: tuple[bool, ...]
    killed_is: Certainty

    def __repr__(self) -> str:
        return f"<{self.regions!r}, {self.killed_regions} killed ({self.killed_is})>"

    @property
    def killed_regions(self) -> int:
        """How many regions the map kills."""
        return sum(piece.size for piece, is_killed in zip(self.pieces, self.killed, strict=True)
                   if is_killed)  # fmt: skip

    @cached_property
    def graph(self) -> nx.MultiGraph[int]:
        """The graph of orbits and walls: :attr:`RegionGraph.graph` with what the map does.

        Nodes have, besides, ``is_killed``, ``rank`` (of the matrix, numerical) and ``norm`` (the
        operator norm).
        """
        out = self.regions.graph.copy()
        for number, piece in enumerate(self.pieces):
            is_killed = self.killed[number]
            size = 0.0 if is_killed else float(np.linalg.norm(piece.matrix, 2))
            rank = 0 if is_killed else int(np.linalg.matrix_rank(piece.matrix, tol=_ZERO * size))
            out.add_node(number, is_killed=is_killed, norm=size, rank=rank)
        out.graph.update(killed=self.killed_regions, killed_is=self.killed_is)
        return out


def regions_of_map(
    breaks: Breaks,
    count: RegionCount,
    made: Callable[[], Arrangement],
    piece_at: Callable[[Floats], tuple[Floats, Floats]],
    known: tuple[Terms, Pieces, Certainty],
    most_orbits: int,
    progress: Callable[[int, int], None] | None = None,
) -> MapRegions:
    """Return the regions up to the group, with matrices.

    Parameters
    ----------
    breaks
        The hyperplanes on which the map breaks.
    count
        The number of regions; if it is only bounded, what is found is not compared.
    made
        Returns their arrangement.
    piece_at
        Returns matrix and constant near a point.
    known
        The vectors of the map, the pieces of the activation and how these are known.
    most_orbits, progress
        As for :func:`~toolkit.pl.arrangements.region_graph.graph_of_regions`.

    Raises
    ------
    NotAvailable
        If there are more orbits, or a region is too thin for floats.
    """
    regions = _regions(breaks, count, made, most_orbits, progress)
    pieces = tuple(LinearPiece(orbit, *piece_at(orbit.point)) for orbit in regions.orbits)
    judged = [_killed(piece, *known) for piece in pieces]
    # of a number of regions that is not proved nothing more is known about them
    killed_is = worst([regions.certainty, *(certainty for _, certainty in judged)])
    return MapRegions(regions, pieces, tuple(is_killed for is_killed, _ in judged), killed_is)


def _regions(
    breaks: Breaks,
    count: RegionCount,
    made: Callable[[], Arrangement],
    most_orbits: int,
    progress: Callable[[int, int], None] | None,
) -> RegionGraph:
    d = breaks.normals.shape[1]
    if not len(breaks.normals):
        whole = RegionOrbit(np.eye(d)[0], 1, np.empty(0, dtype=np.int8), float("inf"))
        how = count.certainty
        return RegionGraph(d, 0, 1, (whole,), (1,), (), how, how, count.reason, None)
    a, lines = made(), breaks.lines
    is_known = count.certainty != "lower bound"
    found = graph_of_regions(
        a.normals,
        (lines.moves, lines.turns),
        (count.count, count.certainty) if is_known else None,
        exact_points(a) if count.certainty == "exact" else None,
        len(a) - 1 if breaks.is_cone else None,
        most_orbits,
        watch=progress,
    )
    if not breaks.is_cone:
        return found
    orbits = tuple(below_infinity(breaks, orbit) for orbit in found.orbits)
    return replace(found, orbits=orbits, dimension=d, hyperplanes=found.hyperplanes - 1)


def largest_norm(
    found: Sequence[LinearPiece], terms: Terms, pieces: Pieces, known: Certainty
) -> Bound:
    """Return the largest operator norm of the pieces of a map.

    Parameters
    ----------
    found
        One piece of each orbit of regions.
    terms, pieces
        The vectors of the map and the pieces of the activation.
    known
        How it is known that these are all regions.

    Notes
    -----
    Of matrices that floats cannot tell from 0 it is proved that they are, if w and u are exact;
    where that fails, or rounding may be more than 1e-9 of the norm, the rounding is added: an upper
    bound.
    """
    known = worst([known, "exact" if terms.are_known else "numerical"])
    norms = [float(np.linalg.norm(piece.matrix, 2)) for piece in found]
    sizes = np.linalg.norm(terms.vectors, axis=1) * np.linalg.norm(terms.covectors, axis=1)
    added = float(sizes.sum()) * float(np.abs(pieces.slopes).max())
    rounding = _ROUNDING * added
    if rounding <= _ZERO * max(norms):
        return Bound(max(norms), known)
    if terms.exact_vectors is not None and terms.exact_covectors is not None:
        exact = terms.exact_vectors, terms.exact_covectors
        slopes = (coefficients_near(x.region.point, pieces, terms.vectors)[0] for x in found)
        if all(_vanishes(1, own, *exact) for own in slopes):
            return Bound(0.0, known)
    return Bound(max(norms) + rounding, "upper bound")


def _killed(
    piece: LinearPiece, terms: Terms, pieces: Pieces, known: Certainty
) -> tuple[bool, Certainty]:
    """Return whether the map is 0 on a region, and how that is known."""
    slopes, intercepts = coefficients_near(piece.region.point, pieces, terms.vectors)
    lengths = np.linalg.norm(terms.covectors, axis=1)
    size = float((np.linalg.norm(terms.vectors, axis=1) * lengths).sum())
    steepest = float(np.abs(pieces.slopes).max())
    is_small = float(np.linalg.norm(piece.matrix)) <= _ZERO * size * steepest
    is_small &= float(np.linalg.norm(piece.constant)) <= _ZERO * float(
        (np.abs(intercepts) * lengths).sum()
    )
    if not is_small:
        return False, worst([known, "exact" if terms.are_known else "numerical"])
    if terms.exact_vectors is None or terms.exact_covectors is None:
        return True, "numerical"
    exact = terms.exact_vectors, terms.exact_covectors
    zero = (_vanishes(1, slopes, *exact), _vanishes(0, intercepts, *exact))
    if None in zero:
        return True, "numerical"
    return all(zero), known


def _vanishes(
    degree: int, numbers: Floats, vectors: ExactVectors, covectors: ExactVectors
) -> bool | None:
    """Return whether the sum of number_x w_x^degree u_x is 0, with proof."""
    kept = np.flatnonzero(numbers)
    if not kept.size:
        return True
    own = [simple_fraction(x) for x in numbers[kept].tolist()]
    into, out = vectors.only(kept), covectors.only(kept).times_each(own)
    return into.tensor_vanishes(degree, out)
