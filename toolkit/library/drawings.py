"""Groups of graphs, matrices and point sets: what keeps all that is drawn."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from toolkit.deprecation import warn_deprecated
from toolkit.errors import NamingError, NearTieWarning, NotAvailable, OverlookedAttributeWarning
from toolkit.groups.specs.generated import Permutations
from toolkit.library.group import Group
from toolkit.library.questions import GRAPH_AUTOMORPHISMS
from toolkit.library.session import Session, session_or_default

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    import networkx as nx
    import numpy as np
    from numpy.typing import ArrayLike

    from toolkit.groups.graphs.automorphisms import Automorphisms
    from toolkit.groups.graphs.core import Engine
    from toolkit.groups.graphs.reading import AttributeNames
    from toolkit.groups.graphs.relation import Relation


def group_from_graph(
    graph: nx.Graph[Any],
    node_attribute: AttributeNames = None,
    edge_attribute: AttributeNames = None,
    tol: float = 0,
    name: str | None = None,
    session: Session | None = None,
    *,
    ignore: Iterable[Hashable] = (),
    color: str | None = None,
) -> Group:
    """Return the automorphism group of a networkx graph, acting on its nodes.

    Parameters
    ----------
    graph
        A Graph, DiGraph, MultiGraph or MultiDiGraph; its nodes are the points, in networkx's own
        order. Automorphisms keep directions, loops, the number of parallel edges and the multiset
        of their attributes. Keys of parallel edges are ignored.
    node_attribute, edge_attribute
        The attributes that automorphisms must keep: a name or a list of names. A node or an edge
        without the attribute differs from those that have it. ``()`` means that the attributes are
        ignored deliberately.
    tol
        Numbers, also those within tuples and arrays, count as equal if they differ by at most this
        much. Other values are compared exactly.
    name
        The group's name, for display.
    session
        As in :func:`toolkit.group`.
    ignore
        Names of attributes that are ignored deliberately, while others are kept.
    color
        The old name of ``node_attribute``; deprecated.

    Returns
    -------
    Group
        Its natural module is the action on the nodes. Its order is known at once.

    Warns
    -----
    OverlookedAttributeWarning
        If nodes or edges have attributes that were not named: the message names them all, including
        the positions of a layout.
    NearTieWarning
        If ``tol`` is 0, values are floats, and a slightly larger tolerance gives a larger group.

    Raises
    ------
    NamingError
        If the argument is not a networkx graph, no node or edge has a named attribute, values
        cannot be compared, or a chain of values within ``tol`` joins two values that are farther
        apart.

    Notes
    -----
    Exact. Branches of trees and sets of twins are recognised first. The rest is searched by igraph
    (bliss), without GAP; if igraph is not installed, GAP's package digraphs does this. Every
    generator is checked to be an automorphism.

    Examples
    --------
    >>> import networkx as nx
    >>> group_from_graph(nx.cycle_graph(5)).order
    10
    >>> benzene = nx.cycle_graph(6)
    >>> nx.set_edge_attributes(benzene, 1, "bond")
    >>> nx.set_edge_attributes(benzene, dict.fromkeys([(0, 1), (2, 3), (4, 5)], 2), "bond")
    >>> G = group_from_graph(benzene, edge_attribute="bond", name="benzene")
    >>> G, G.order
    (<group benzene>, 6)
    """
    if color is not None:
        warn_deprecated("group_from_graph(color=...) is now group_from_graph(node_attribute=...)")
        node_attribute = color
    options = node_attribute, edge_attribute, tol, ignore
    return graph_group(graph, *options, name=name, session=session, stacklevel=3)


def graph_group(
    graph: nx.Graph[Any],
    node_attribute: AttributeNames = None,
    edge_attribute: AttributeNames = None,
    tol: float = 0,
    ignore: Iterable[Hashable] = (),
    *,
    name: str | None = None,
    session: Session | None = None,
    stacklevel: int = 2,
) -> Group:
    """Return :func:`toolkit.group_from_graph`, with warnings in the name of a caller further up."""
    from toolkit.groups.graphs.reading import read_graph

    found = read_graph(graph, node_attribute, edge_attribute, tol, ignore)
    warning = found.warning()
    if warning is not None:
        warnings.warn(warning, OverlookedAttributeWarning, stacklevel=stacklevel)
    used = session_or_default(session)
    symmetries = symmetries_of(found.relation, used)

    def order_within(larger: float) -> int:
        again = read_graph(graph, node_attribute, edge_attribute, larger, ignore)
        return symmetries_of(again.relation, used).order

    _warn_of_ties("numbers", symmetries.order, found.near, order_within, stacklevel + 1)
    return Group(permutations_of(symmetries.images), used, title=name, known_order=symmetries.order)


def group_from_matrix(
    matrix: ArrayLike | Any,  # noqa: ANN401 - also a sparse matrix
    tol: float = 0,
    name: str | None = None,
    session: Session | None = None,
) -> Group:
    r"""Return the group of permutations that preserve every entry of a matrix.

    They are the permutations g with M[i^g, j^g] = M[i, j] for all i and j, :math:`P M P^T = M`:
    the automorphisms of a weighted graph, or the symmetries of a matrix of distances or
    covariances.

    Parameters
    ----------
    matrix
        ``(n, n)`` numbers: integers, fractions, floats, complex numbers, booleans; or a sparse
        matrix of SciPy. It need not be symmetric.
    tol
        Entries count as equal if they differ by at most this much; for complex entries, in both
        parts.
    name
        The group's name, for display.
    session
        As in :func:`toolkit.group`.

    Returns
    -------
    Group
        Its natural module is the action on the rows.

    Raises
    ------
    NamingError
        If the matrix is not square or has entries that are not numbers. Also if a permutation
        identifies two entries that are farther apart than ``tol`` but joined by a chain of entries,
        each within ``tol`` of the next.

    Warns
    -----
    NearTieWarning
        If ``tol`` is 0, entries are floats, and a slightly larger tolerance gives a larger group.

    Notes
    -----
    Exact for ``tol=0``. GAP is not started; see :func:`toolkit.group_from_graph`.

    Examples
    --------
    The distances between the corners of a rectangle:

    >>> group_from_matrix([[0, 4, 5, 1], [4, 0, 1, 5], [5, 1, 0, 4], [1, 5, 4, 0]]).order
    4
    """
    from toolkit.groups.graphs.matrices import read_matrix

    used = session_or_default(session)
    read = read_matrix(matrix, tol)
    found = symmetries_of(read.relation, used)
    read.check(found.images)

    def order_within(larger: float) -> int:
        again = read_matrix(matrix, larger)
        symmetries = symmetries_of(again.relation, used)
        again.check(symmetries.images)
        return symmetries.order

    _warn_of_ties("entries", found.order, read.near, order_within, 3)
    return Group(permutations_of(found.images), used, title=name, known_order=found.order)


def group_from_points(
    coordinates: ArrayLike | Any,  # noqa: ANN401 - also fractions
    labels: Sequence[object] | None = None,
    tol: float | None = None,
    name: str | None = None,
    session: Session | None = None,
) -> Group:
    """Return the isometries of space, rotations and reflections, that permute labelled points.

    Parameters
    ----------
    coordinates
        ``(n, d)`` integers, fractions or floats: a row for each point.
    labels
        For each point a value that isometries must keep, such as the symbol of an atom.
    tol
        Distances count as equal if they differ by at most this much, and an isometry must map each
        point to its image to within this much. The default is 0 for integers and fractions, whose
        squared distances are compared exactly, and 1e-8 times the size of the point set for floats.
    name
        The group's name, for display.
    session
        As in :func:`toolkit.group`.

    Returns
    -------
    Group
        It acts on the points by :meth:`~toolkit.Group.natural_module`, and on space by
        :attr:`~toolkit.Group.space_matrices`. The latter has an orthogonal matrix for each
        generator, with ``centred[images[g]] = centred @ matrices[g]`` to within its ``residual``,
        where ``centred`` are the coordinates about the centroid. Directions orthogonal to all
        points are fixed. Equal points with equal labels are exchanged by permutations that do not
        move space.

    Raises
    ------
    NamingError
        If the data do not have this form. Also if a permutation identifies two distances that are
        farther apart than ``tol`` but joined by a chain of distances, each within ``tol`` of the
        next; or if a permutation keeps the distances within ``tol`` but is not given by an
        isometry.

    Warns
    -----
    NearTieWarning
        If coordinates are floats, no ``tol`` is given, and a larger one, up to half a percent of
        the size of the point set, gives a larger group. Usually the coordinates were rounded to few
        digits.

    Notes
    -----
    A permutation that keeps all distances exactly is given by one isometry of the points' affine
    span. GAP is not started; see :func:`toolkit.group_from_graph`. O(n^2) distances, up to 5,000
    points.

    Examples
    --------
    The corners of a cube:

    >>> from itertools import product
    >>> G = group_from_points(list(product([0, 1], repeat=3)), name="cube")
    >>> G.order, G.space_matrices.dimension, G.space_matrices.residual < 1e-12
    (48, 3, True)
    """
    from toolkit.groups.graphs.points import read_points

    points = read_points(coordinates, labels, tol)
    used = session_or_default(session)
    found = symmetries_of(points.relation, used)
    space = points.isometries(found.images)

    def order_within(larger: float) -> int:
        again = read_points(coordinates, labels, larger)
        symmetries = symmetries_of(again.relation, used)
        again.isometries(symmetries.images)
        return symmetries.order

    _warn_of_ties("distances", found.order, points.near, order_within, 3)
    return Group(
        permutations_of(found.images),
        used,
        space=space,
        title=name,
        known_order=found.order,
    )


def _warn_of_ties(
    what: str,
    order: int,
    tolerances: list[float],
    order_within: Callable[[float], int],
    stacklevel: int,
) -> None:
    """Warn if one of some larger tolerances gives a larger group: the one that gives most."""
    best, most = 0.0, order
    for tol in tolerances:
        try:
            found = order_within(tol)
        except (NamingError, NotAvailable):
            continue  # no isometry belongs to what is kept, or too many generators
        if found > most:
            best, most = tol, found
    if most > order:
        warnings.warn(
            f"{what} nearly tie: the group has order {order}, with tol={best:g} the group has "
            f"order {most}; give tol= to decide which values are equal",
            NearTieWarning,
            stacklevel=stacklevel,
        )


def permutations_of(images: np.ndarray[Any, Any]) -> Permutations:
    """Return the description of the group that ``(k, n)`` images of points generate."""
    degree = images.shape[1]
    points = tuple(range(degree))  # the same integers in all generators
    rows = tuple(tuple(map(points.__getitem__, image.tolist())) for image in images)
    return Permutations(degree, rows)


def symmetries_of(relation: Relation, session: Session) -> Automorphisms:
    """Return the automorphisms of a coloured graph, by igraph or else by GAP's digraphs."""
    from toolkit.groups.graphs.automorphisms import automorphisms

    return automorphisms(relation, _engine(session))


def _engine(session: Session) -> Engine:
    from importlib.util import find_spec

    from toolkit.groups.graphs.core import Igraph

    return Igraph() if find_spec("igraph") else GapDigraphs(session)


class GapDigraphs:
    """Automorphisms of graphs from GAP's package digraphs.

    Parameters
    ----------
    session
        The store and the GAP processes to use.
    """

    def __init__(self, session: Session) -> None:
        self.session = session

    def automorphisms(
        self, points: int, edges: list[tuple[int, int]], colors: list[int]
    ) -> tuple[Sequence[Sequence[int]], int]:
        """Return the images of the points under generators, and the order of the group."""
        number: dict[int, int] = {}
        data = {
            "nodes": points,
            "edges": sorted(map(list, edges)),
            "directed": False,
            "colors": [number.setdefault(color, len(number)) for color in colors],
        }

        def compute() -> tuple[tuple[tuple[int, ...], ...], int]:
            answer = self.session.ask_gap(GRAPH_AUTOMORPHISMS.name, data, subject="a graph")
            images = tuple(tuple(image) for image in answer["images"])
            return images, answer["order"]

        return self.session.fetch("graph", GRAPH_AUTOMORPHISMS, data, compute)

    def canonical_labels(
        self, points: int, edges: list[tuple[int, int]], colors: list[int]
    ) -> list[int] | None:
        """Return no labels: isomorphic components are found by the search itself."""
        return None
