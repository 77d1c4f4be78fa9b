"""Which nodes and attributes of graphs can be written and read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from toolkit.errors import ConfigError
from toolkit.text import join_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    import networkx as nx

#: Attributes that are lists of names, each one text (:func:`toolkit.text.join_names`).
NAME_LISTS = frozenset(
    {"parts", "simples", "below", "classes", "places", "partners", "unknown", "unknown_from"}
)

#: The errors of a text of another form, to be raised again as ConfigError with :func:`reason`.
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


def label(node: object) -> str:
    """Return a node that is a label; refuse any other."""
    if not isinstance(node, str):
        raise ConfigError(f"the nodes of an interaction graph must be labels, found {node!r}")
    return node


def checked(data: Mapping[Any, Any], *reserved: str) -> dict[str, Any]:
    """Return a copy of the attributes, tuples of names as texts; refuse what cannot be written."""
    out = {}
    for name, value in data.items():
        if not isinstance(name, str) or name in reserved:
            raise ConfigError(f"an attribute cannot be called {name!r} here")
        plain = value
        if isinstance(value, tuple) and all(isinstance(part, str) for part in value):
            try:
                plain = join_names(value)
            except ValueError as error:
                raise ConfigError(f"the attribute {name!r} cannot be written: {error}") from None
        kind = next((kind for kind in (bool, int, float, str) if isinstance(plain, kind)), None)
        if kind is None or (kind is float and not math.isfinite(plain)):
            raise ConfigError(
                f"the attribute {name!r} cannot be written: a string, a Boolean, an integer, a "
                f"finite float or a tuple of strings is required, found {value!r}"
            )
        out[name] = kind(plain)
    return out


def add_edge(graph: nx.DiGraph[str], source: str, target: str, data: Mapping[str, Any]) -> None:
    """Add an edge that was read; its nodes must be there already."""
    if source not in graph or target not in graph:
        raise ConfigError(f"the edge from {source!r} to {target!r} has no such node")
    graph.add_edge(source, target, **data)


def reason(error: Exception) -> str:
    """Return what was wrong with a text that could not be read."""
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
