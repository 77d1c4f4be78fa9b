"""Graphs as JSON, there and back exactly."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from toolkit.errors import ConfigError
from toolkit.formats.attributes import NAME_LISTS, UNREADABLE, add_edge, checked, label, reason
from toolkit.text import join_names, split_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import networkx as nx


def to_json(graph: nx.DiGraph[str]) -> str:
    """Write a graph as JSON.

    Parameters
    ----------
    graph
        The interaction graph, lattice or other graph of the toolkit.

    Returns
    -------
    str
        An object in the node-link form of networkx, with one node or edge per line. Lists of names
        such as ``parts`` are lists, and integers are JSON integers of any size.

    Raises
    ------
    ConfigError
        If an attribute has a value of a kind that cannot be written (see
        :mod:`~toolkit.formats`).

    See Also
    --------
    from_json : The inverse.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph(group="C1")
    >>> graph.add_edge("L0", "L0", parts="even", share=1.0)
    >>> print(to_json(graph))
    {"directed": true, "multigraph": false,
     "graph": {"group": "C1"},
     "nodes": [
      {"id": "L0"}],
     "edges": [
      {"source": "L0", "target": "L0", "parts": ["even"], "share": 1.0}]}
    """
    nodes = [{"id": label(node), **_listed(data, "id")} for node, data in graph.nodes.items()]
    edges = [
        {"source": label(one), "target": label(two), **_listed(data, "source", "target")}
        for (one, two), data in graph.edges.items()
    ]
    return (
        '{"directed": true, "multigraph": false,\n'
        f' "graph": {json.dumps(_listed(graph.graph))},\n'
        f' "nodes": [{_lines(nodes)}],\n'
        f' "edges": [{_lines(edges)}]}}'
    )


def _listed(data: Mapping[Any, Any], *reserved: str) -> dict[str, Any]:
    return {
        name: list(split_names(value)) if name in NAME_LISTS and isinstance(value, str) else value
        for name, value in checked(data, *reserved).items()
    }


def _lines(records: Iterable[Mapping[str, Any]]) -> str:
    return ",".join(f"\n  {json.dumps(record)}" for record in records)


def from_json(text: str) -> nx.DiGraph[str]:
    """Read a graph from JSON.

    Parameters
    ----------
    text
        The output of :func:`to_json`, of this version or of version 0.1.

    Returns
    -------
    networkx.DiGraph
        Equal to the graph that was written, in the same order of nodes and edges.

    Raises
    ------
    ConfigError
        If the text is not JSON, or does not have this form.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph()
    >>> graph.add_node("L0", action_order=10**30)
    >>> from_json(to_json(graph)).nodes["L0"]["action_order"] == 10**30
    True
    """
    import networkx as nx

    try:
        record = json.loads(text)
        graph: nx.DiGraph[str] = nx.DiGraph(**_joined(record["graph"]))
        for node in record["nodes"]:
            data = _joined(node)
            graph.add_node(label(data.pop("id")), **data)
        for edge in record["edges"]:
            data = _joined(edge)
            source, target = data.pop("source"), data.pop("target")
            add_edge(graph, source, target, data)
    except UNREADABLE as error:
        raise ConfigError(f"this JSON is not an interaction graph: {reason(error)}") from error
    return graph


def _joined(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: join_names(value) if isinstance(value, list) else value
        for name, value in record.items()
    }
