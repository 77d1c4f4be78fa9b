"""Graphs of many edges, written into networkx at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.collector import collector_paused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.pl.interactions.interaction_graph import InteractionGraph

    Data = dict[str, Any]


def filled_digraph(
    nodes: Iterable[tuple[str, Data]], edges: Iterable[tuple[str, str, Data]], **attributes: object
) -> InteractionGraph:
    """Return an interaction graph with these nodes, edges and attributes.

    Parameters
    ----------
    nodes
        Different nodes, each with its attributes in a dictionary of its own, which the graph keeps.
    edges
        Different edges between them, likewise.
    attributes
        Of the graph.

    Notes
    -----
    What ``add_nodes_from`` and ``add_edges_from`` make, node by node and edge by edge in the same
    order, in a third of the time: the dictionaries of the graph, which networkx documents as its
    data structure, are filled as they are.

    Examples
    --------
    >>> graph = filled_digraph([("a", {"x": 1}), ("b", {})], [("a", "b", {"y": 2})], name="small")
    >>> list(graph.edges(data=True)), list(graph.predecessors("b")), graph.nodes["a"]
    ([('a', 'b', {'y': 2})], ['a'], {'x': 1})
    """
    from toolkit.pl.interactions.interaction_graph import InteractionGraph

    graph = InteractionGraph()
    graph.graph.update(attributes)
    node, after, before = (vars(graph)[name] for name in ("_node", "_succ", "_pred"))
    with collector_paused():
        for n, data in nodes:
            node[n] = data
            after[n] = {}
            before[n] = {}
        for a, b, data in edges:
            after[a][b] = before[b][a] = data
    return graph
