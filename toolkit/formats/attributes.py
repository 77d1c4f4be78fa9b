"""What JSON and GraphML have in common: which labels and attributes can be written and read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from toolkit.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import networkx as nx

__all__ = ["add_edge", "checked", "label", "notation", "reason"]


def label(node: object) -> str:
    """Return a node that is a label; refuse any other."""
    if not isinstance(node, str):
        raise ConfigError(f"the nodes of an interaction graph are labels, found {node!r}")
    return node


def checked(data: Mapping[Any, Any], *reserved: str) -> dict[str, Any]:
    """Return a copy of the attributes; refuse other names and values than we can write."""
    for name, value in data.items():
        if not isinstance(name, str) or name in reserved:
            raise ConfigError(f"an attribute cannot be called {name!r} here")
        notation(name, value)
    return dict(data)


def notation(name: str, value: object) -> str:
    """Return which kind of value it is: bool, int, float, str or tuple."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float) and math.isfinite(value):
        return "float"
    if isinstance(value, str):
        return "str"
    if isinstance(value, tuple) and all(isinstance(part, str) for part in value):
        return "tuple"
    raise ConfigError(
        f"the attribute {name!r} cannot be written: required a string, a Boolean, an integer, a "
        f"finite float or a tuple of strings, found {value!r}"
    )


def add_edge(graph: nx.DiGraph[str], source: str, target: str, data: Mapping[str, Any]) -> None:
    """Add an edge that was read; its nodes must be there already."""
    if source not in graph or target not in graph:
        raise ConfigError(f"the edge from {source!r} to {target!r} has no such node")
    graph.add_edge(source, target, **data)


def reason(error: Exception) -> str:
    """Return what was wrong with a text that could not be read."""
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
