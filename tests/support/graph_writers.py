"""What networkx's own writers keep of a graph."""

from __future__ import annotations

import io
import json
from typing import Any

import networkx as nx

Graph = nx.Graph  # directed or not

__all__ = ["content", "survives"]


def exactly(value: object) -> object:
    """Make ``==`` tell ``True`` from ``1`` and ``1`` from ``1.0``, and see the order."""
    if isinstance(value, dict):
        return [(key, exactly(inner)) for key, inner in value.items()]
    assert type(value) in (str, int, float, bool), value
    return type(value), value


def content(graph: nx.Graph[Any]) -> object:
    """Return all that a graph holds, in order of nodes and edges, values with their types."""
    return (
        (graph.is_directed(), graph.is_multigraph()),
        exactly(graph.graph),
        [(node, exactly(data)) for node, data in graph.nodes(data=True)],
        [(one, two, exactly(data)) for one, two, data in graph.edges(data=True)],
    )


def _without(
    graph: nx.Graph[Any], *, graph_names: str = "", nodes: str = "", edges: str = ""
) -> Any:
    for name in graph_names.split():
        graph.graph.pop(name, None)
    for _, data in graph.nodes(data=True):
        for name in nodes.split():
            del data[name]
    for *_, data in graph.edges(data=True):
        for name in edges.split():
            del data[name]
    return graph


def _gml_value(value: object) -> object:
    """Return a value as GML holds it: no Booleans, no integers beyond 32 bits."""
    if isinstance(value, bool):
        return int(value)
    return str(value) if isinstance(value, int) and not -(2**31) <= value < 2**31 else value


def _mapped(graph: nx.Graph[Any], change: Any) -> nx.Graph[Any]:
    out = graph.__class__(**{k: change(v) for k, v in graph.graph.items()})
    for node, data in graph.nodes(data=True):
        out.add_node(node, **{k: change(v) for k, v in data.items()})
    for one, two, data in graph.edges(data=True):
        out.add_edge(one, two, **{k: change(v) for k, v in data.items()})
    return out


def survives(graph: nx.Graph[Any]) -> None:
    """Assert that every writer of networkx takes a graph, and what its reader gives back."""
    wanted = content(graph)

    record = json.loads(json.dumps(nx.node_link_data(graph, edges="edges"), allow_nan=False))
    assert content(nx.node_link_graph(record, edges="edges")) == wanted

    record = json.loads(json.dumps(nx.cytoscape_data(graph), allow_nan=False))
    back = nx.cytoscape_graph(record)
    assert content(_without(back, nodes="id name value", edges="source target")) == wanted

    buffer = io.BytesIO()
    nx.write_graphml(graph, buffer)
    text = buffer.getvalue().decode()
    back = nx.parse_graphml(text)
    assert content(_without(back, graph_names="node_default edge_default")) == wanted

    buffer = io.BytesIO()
    nx.write_gml(graph, buffer)
    buffer.seek(0)
    assert content(nx.read_gml(buffer)) == content(_mapped(graph, _gml_value))

    buffer = io.BytesIO()
    nx.write_gexf(graph, buffer)
    buffer.seek(0)
    back = _without(nx.read_gexf(buffer), graph_names="mode", nodes="label", edges="id")
    assert content(back)[2:] == wanted[2:]  # type: ignore[index]
