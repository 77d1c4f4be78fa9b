"""Pictures of a measured flow: a Sankey diagram, or the layered graph.

Both read from left to right, from the input to the output. A simple has the same row and the same
colour in all columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from toolkit.errors import ConfigError
from toolkit.figures.canvas import content_of, format_of, settings
from toolkit.figures.flow.layered import Layered
from toolkit.figures.flow.page import flow_title
from toolkit.figures.flow.plan import plan_flow
from toolkit.figures.flow.sankey import Sankey
from toolkit.files import write_whole

if TYPE_CHECKING:
    from pathlib import Path

    import networkx as nx
    from matplotlib.figure import Figure

FlowPicture: TypeAlias = Literal["sankey", "graph"]

_KINDS = {"sankey": Sankey, "graph": Layered}


def draw_flow(
    graph: nx.DiGraph[str],
    path: str | Path,
    kind: FlowPicture = "sankey",
    *,
    format: str | None = None,
) -> None:
    """Draw a measured flow into a file.

    Parameters
    ----------
    graph
        The graph of :func:`toolkit.interpret.flow`.
    path
        The file to write; its folder must exist.
    kind
        ``"sankey"`` or ``"graph"``; see :func:`figure_for_flow`.
    format
        ``"png"``, ``"svg"`` or ``"pdf"``; by default the suffix of the file name.

    Raises
    ------
    ConfigError
        If the format or the kind is none of these, or the graph is not the graph of a flow.

    Examples
    --------
    >>> import networkx as nx
    >>> draw_flow(nx.DiGraph(), "flow.gif")
    Traceback (most recent call last):
    ...
    toolkit.errors.ConfigError: cannot draw into 'flow.gif': png, svg or pdf is required, found
    'gif'
    """
    path, ending = format_of(path, format)
    write_whole(path, content_of(figure_for_flow(graph, kind), ending, flow_title(graph)))


def figure_for_flow(graph: nx.DiGraph[str], kind: FlowPicture = "sankey") -> Figure:
    """Return the picture of a measured flow as a matplotlib figure.

    Parameters
    ----------
    graph
        The graph of :func:`toolkit.interpret.flow`.
    kind
        ``"sankey"``: the height of a bar is the simple's share of the energy. The width of a ribbon
        is its share of the source's effect where it leaves, and its share of all effects in the
        target where it arrives. ``"graph"``: a box for each simple, with lines as wide as the share
        of the source's effect. A line is coloured if its share differs by more than 0.1 from the
        closed-form transfer. Boxes that are crossed out are exactly zero.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot.

    Raises
    ------
    ConfigError
        If there is no such kind, or the graph is not the graph of a flow.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("C4").regular_module()
    >>> graph = tk.interpret.flow(tk.nn.EquivariantMLP(X, [1, 4, 1]), torch.randn(9, 4, 1))
    >>> figure = figure_for_flow(graph)
    >>> figure.axes[0].texts[0].get_text()
    'Flow of energy, C4'
    """
    if kind not in _KINDS:
        raise ConfigError(f"a picture of a flow must be a sankey or a graph, not {kind!r}")
    plan = plan_flow(graph)
    with settings():
        return _KINDS[kind](graph, plan).figure()
