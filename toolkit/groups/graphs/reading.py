"""Reading a networkx graph: its nodes, its edges and their attributes as a coloured relation."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from toolkit.groups.graphs.relation import Relation
from toolkit.groups.graphs.values import (
    MISSING,
    NOISE,
    checked_tolerance,
    classes_of_values,
    inexact_numbers,
    near_ties,
)
from toolkit.groups.specs.base import data_refusal
from toolkit.groups.specs.generated import MAX_PERMUTATION_DEGREE
from toolkit.text import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import networkx as nx
    from numpy.typing import NDArray

    from toolkit.errors import NamingError

MAX_EDGES = 5_000_000
"""Most edges of a graph."""

#: A name of an attribute, several, or ``None`` if none is named.
AttributeNames: TypeAlias = Hashable | Iterable[Hashable] | None


@dataclass(frozen=True, eq=False)
class ReadGraph:
    """A networkx graph, read.

    Parameters
    ----------
    relation
        Its nodes by number, in the graph's own order, and its edges.
    nodes
        The node objects.
    overlooked
        For nodes and for edges the attributes that are there and were not named.
    near
        Tolerances at which floats that differ would clearly be equal; none if a tolerance was
        given.
    """

    relation: Relation
    nodes: list[Hashable]
    overlooked: tuple[list[Hashable], list[Hashable]]
    near: list[float]

    def warning(self) -> str | None:
        """Return the sentence that names what was overlooked, or ``None``."""
        said = []
        for what, names in zip(("node", "edge"), self.overlooked, strict=True):
            if names:
                shown = listed([repr(name) for name in names], 12)
                example = f"{what}_attribute={names[0]!r}"
                said.append(
                    f"its {what}s carry {shown}: say {example} to keep "
                    f"{'it' if len(names) == 1 else 'one, or a list of them'}, or "
                    f"{what}_attribute=() to ignore {'it' if len(names) == 1 else 'them'}"
                )
        if not said:
            return None
        return "the group of this graph ignores attributes; " + "; ".join(said)


def read_graph(
    graph: nx.Graph[Any],
    node_attribute: AttributeNames = None,
    edge_attribute: AttributeNames = None,
    tol: float = 0.0,
    ignore: Iterable[Hashable] = (),
) -> ReadGraph:
    """Read a graph.

    Parameters
    ----------
    graph
        A networkx Graph, DiGraph, MultiGraph or MultiDiGraph.
    node_attribute, edge_attribute
        The names of attributes that automorphisms must keep: one, or a list of several;
        ``None`` names none, and so does ``()``, which says that all others are known to be
        ignored.
    tol
        Numbers that differ by at most this much are equal.
    ignore
        Further attributes that are known to be ignored.

    Raises
    ------
    NamingError
        If it is no such graph, is too large, has not one of the attributes, or values cannot be
        compared.

    Examples
    --------
    >>> import networkx as nx
    >>> found = read_graph(nx.Graph([("a", "b"), ("c", "b")]))
    >>> found.nodes, found.relation.low.tolist(), found.relation.high.tolist()
    (['a', 'b', 'c'], [0, 1], [1, 2])
    >>> read_graph(nx.Graph([("a", "b", {"weight": 2})])).overlooked
    ([], ['weight'])
    """
    import networkx as nx

    def fail(problem: str, suggestion: str = "") -> NamingError:
        return data_refusal("this graph", problem, suggestion)

    if not isinstance(graph, nx.Graph):
        raise fail(f"it must be a networkx graph, not {type(graph).__name__}")
    nodes = list(graph)
    if not 1 <= len(nodes) <= MAX_PERMUTATION_DEGREE:
        raise fail(f"it must have 1 to {MAX_PERMUTATION_DEGREE:,} nodes, not {len(nodes):,}")
    if graph.number_of_edges() > MAX_EDGES:
        raise fail(f"it must have at most {MAX_EDGES:,} edges, not {graph.number_of_edges():,}")
    tolerance = checked_tolerance(tol, fail)
    known = set(_names(ignore, "ignore", fail))
    node_data = [data for _, data in graph.nodes(data=True)]
    colors, left_nodes = _classes(node_data, node_attribute, "node", known, tolerance, fail)
    number = {node: i for i, node in enumerate(nodes)}
    ends = np.array([number[x] for u, v in graph.edges() for x in (u, v)], dtype=np.intp).reshape(
        -1, 2
    )
    edge_data = [data for _, _, data in graph.edges(data=True)]
    kinds, left_edges = _classes(edge_data, edge_attribute, "edge", known, tolerance, fail)
    relation = _relation(colors, ends, kinds, graph.is_directed(), graph.is_multigraph())
    near = set()
    if not tolerance:
        for data, given in ((node_data, node_attribute), (edge_data, edge_attribute)):
            for attribute in _names(given, "attributes", fail):
                near.update(_near(data, attribute))
    return ReadGraph(relation, nodes, (left_nodes, left_edges), sorted(near))


def _near(data: Sequence[dict[Any, Any]], name: Hashable) -> list[float]:
    numbers = inexact_numbers(one.get(name) for one in data)
    return near_ties(numbers, 0.0, NOISE * float(np.abs(numbers).max(initial=0.0)))


def _names(
    given: AttributeNames, what: str, fail: Callable[..., NamingError]
) -> tuple[Hashable, ...]:
    if given is None:
        return ()
    if isinstance(given, list | tuple | set | frozenset):
        return tuple(given)
    if isinstance(given, Hashable):
        return (given,)
    raise fail(f"{what} must be the name of an attribute or a list of names, not {given!r:.40}")


def _classes(
    data: Sequence[dict[Any, Any]],
    given: AttributeNames,
    what: str,
    known: set[Hashable],
    tol: float,
    fail: Callable[..., NamingError],
) -> tuple[NDArray[np.intp], list[Hashable]]:
    """Return the class of each node's or edge's attributes, and the names that were overlooked."""
    names = _names(given, f"{what}_attribute", fail)
    present: dict[Hashable, None] = {}
    for one in data:
        if one:
            present.update(dict.fromkeys(one))
    for name in names:
        if name not in present and data:
            has = f"the {what}s carry {listed([repr(n) for n in present], 12)}" if present else ""
            raise fail(f"no {what} has the attribute {name!r:.40}", has)
    out = np.zeros(len(data), dtype=np.intp)
    for name in names:
        values = [one.get(name, MISSING) for one in data]
        own = classes_of_values(values, tol, f"values of the attribute {name!r:.40}", fail)
        both = out * (int(own.max(initial=0)) + 1) + own
        out = np.unique(both, return_inverse=True)[1].reshape(-1).astype(np.intp)
    if given is not None and not names:
        return out, []
    return out, [name for name in present if name not in names and name not in known]


def _relation(
    colors: NDArray[np.intp],
    ends: NDArray[np.intp],
    kinds: NDArray[np.intp],
    directed: bool,
    multiple: bool,
) -> Relation:
    """Return the relation of edges: a pair's colour is the multiset of its edges' classes."""
    n = colors.size
    tails, heads = ends[:, 0], ends[:, 1]
    if not directed:
        tails, heads = np.minimum(tails, heads), np.maximum(tails, heads)
    if multiple:
        order = np.lexsort((kinds, heads, tails))
        key = tails[order].astype(np.int64) * n + heads[order]
        start = np.flatnonzero(np.concatenate(([True], np.diff(key) != 0)))[: key.size]
        number: dict[bytes, int] = {}
        sets = np.split(kinds[order], start[1:]) if key.size else []
        kinds = np.array([number.setdefault(s.tobytes(), len(number)) for s in sets], dtype=np.intp)
        tails, heads = tails[order][start], heads[order][start]
    kinds = kinds + 1
    loop = tails == heads
    if loop.any():
        marks = np.zeros(n, dtype=np.intp)
        marks[tails[loop]] = kinds[loop]
        both = colors * (int(marks.max()) + 1) + marks
        colors = np.unique(both, return_inverse=True)[1].reshape(-1).astype(np.intp)
        tails, heads, kinds = tails[~loop], heads[~loop], kinds[~loop]
    if not directed:
        return Relation.of_pairs(colors, tails, heads, kinds, kinds)
    low, high = np.minimum(tails, heads), np.maximum(tails, heads)
    key = low.astype(np.int64) * n + high
    pairs, place = np.unique(key, return_inverse=True)
    place = place.reshape(-1)
    forward, backward = np.zeros((2, pairs.size), dtype=np.intp)
    ahead = tails < heads
    forward[place[ahead]] = kinds[ahead]
    backward[place[~ahead]] = kinds[~ahead]
    return Relation.of_pairs(colors, pairs // n, pairs % n, forward, backward)
