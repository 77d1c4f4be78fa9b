"""Interaction graphs and maps as pictures, for notebooks; see :mod:`toolkit.display`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.figures.canvas import content_of
from toolkit.figures.graph.picture import figure_for_interaction_graph
from toolkit.figures.map.picture import figure_for_pl_map
from toolkit.pl.maps.pl_map import PLMap
from toolkit.text import graph_title

if TYPE_CHECKING:
    import networkx as nx

#: The most nodes and edges of a graph that a notebook draws; a larger one is shown by its repr.
MOST_NODES = 200
MOST_EDGES = 10_000


def to_svg(thing: object) -> str | None:
    """Return an interaction graph as SVG; ``None`` if it is large, or something else.

    Examples
    --------
    >>> import toolkit as tk
    >>> to_svg(tk.interaction_graph(tk.group("C4").regular_module(), "relu")).count("<svg")
    1
    """
    from toolkit.pl.interactions.interaction_graph import InteractionGraph

    if not isinstance(thing, InteractionGraph) or not _small(thing):
        return None
    figure = figure_for_interaction_graph(thing)
    return content_of(figure, "svg", graph_title(thing)).decode()


def to_png(thing: object) -> bytes | None:
    """Return a map as PNG; ``None`` for anything else.

    Examples
    --------
    >>> import toolkit as tk
    >>> to_png(tk.pl_map(tk.group("C8").natural_module(), "L3", "L1", "relu"))[1:4]
    b'PNG'
    """
    if not isinstance(thing, PLMap):
        return None
    return content_of(figure_for_pl_map(thing), "png", str(thing), dpi=100)


def _small(graph: nx.DiGraph[str]) -> bool:
    drawn = all("action_order" in data for _, data in graph.nodes(data=True))
    return drawn and len(graph) <= MOST_NODES and graph.number_of_edges() <= MOST_EDGES
