"""Interaction graphs as a page for the terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from toolkit.formats.lattice_table import LATTICES, lattice_to_table
from toolkit.text import (
    bias_words,
    compact_integer,
    counted,
    graph_title,
    percentage,
    split_names,
    table,
    with_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import networkx as nx

_COLUMNS = ("dimension", "type", "multiplicity", "action_order")


def to_table(graph: nx.DiGraph[str], *, width: int = 100) -> str:
    """Write an interaction graph as a table for the terminal.

    Parameters
    ----------
    graph
        The interaction graph. A lattice of closed sets or of normal subgroups gets a table of its
        own kind; see :func:`~toolkit.formats.lattice_table.lattice_to_table`.
    width
        The number of columns of the terminal; at least 60 and at most 100 are used.

    Returns
    -------
    str
        A title, one row for each simple with the targets of its edges, and a legend. Four or more
        consecutive simples with the same share are written ``L3..L9 <0.1% each``.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph(group="C2", module="regular", activation="relu", bias=False)
    >>> for label, order in (("L0", 1), ("L1", 2)):
    ...     graph.add_node(label, dimension=1, type="R", multiplicity=1, action_order=order)
    >>> graph.add_edge("L0", "L0", parts="even, linear", share=1.0)
    >>> graph.add_edge("L1", "L0", parts="even", share=0.5)
    >>> graph.add_edge("L1", "L1", parts="linear", share=0.5)
    >>> print(to_table(graph))
    C2, regular module, relu, no bias: 2 simples, 3 interactions
    <BLANKLINE>
    simple  dim  type  mult  order  goes to
    ------  ---  ----  ----  -----  -------
    L0        1  R        1      1  L0 100.0%
    L1        1  R        1      2  L0 50.0%  L1* 50.0%
    <BLANKLINE>
    order: of the action on the simple. percentages: share of the energy. *: the linear part only.
    """
    kind = graph.graph.get("kind", "interactions")
    if kind in LATTICES:
        return lattice_to_table(graph, width=width)
    width = min(100, max(60, width))
    simples = counted(graph.number_of_nodes(), "simple")
    compressed = bool(graph.graph.get("compressed"))
    if compressed:
        simples = f"{graph.graph['simples']:,} simples in {counted(len(graph), 'node')}"
    edge = "interaction" if kind == "interactions" else "pair"
    counts = f"{simples}, {counted(graph.number_of_edges(), edge)}"
    if kind != "interactions":
        counts += f" joined by {kind}"
    bias = bias_words(graph)
    title = graph_title(graph, width - len(bias) - len(counts) - 2)
    position = {node: index for index, node in enumerate(graph)}
    front = [["simple", "dim", "type", "mult", "order"]]
    words = [["goes to"]]
    for node, data in graph.nodes(data=True):
        front.append([node, *(_cell(data.get(key, "?")) for key in _COLUMNS)])
        targets = sorted(graph[node], key=position.__getitem__)
        words.append(_targets(graph, node, targets, position) or ["nothing"])
    rows = with_words(front, words, width)
    lines = [f"{title}{bias}: {counts}", "", *table(rows, right={1, 3, 4}, rule=True)]
    legend = "order: of the action on the simple."
    if kind == "interactions" and not compressed:
        legend += " percentages: share of the energy."
    if any(_linear_only(data) for _, _, data in graph.edges(data=True)):
        legend += " *: the linear part only."
    if compressed:
        legend += " A node L3..L9 stands for these simples; its own * is a loop at each."
    return "\n".join([*lines, "", *textwrap.wrap(legend, width)])


def _cell(value: object) -> str:
    return compact_integer(value) if isinstance(value, int) else str(value)


def _linear_only(data: Mapping[str, Any]) -> bool:
    return split_names(data.get("parts", "")) == ("linear",)


def _targets(
    graph: nx.DiGraph[str], node: str, targets: Iterable[str], position: Mapping[str, int]
) -> list[str]:
    """Return one word for each target, or for four or more consecutive ones that read the same."""
    runs: list[tuple[str, list[str]]] = []
    for target in targets:
        data = graph[node][target]
        share = f" {percentage(data['share'])}" if "share" in data else ""
        shown = ("*" if _linear_only(data) else "") + share
        if runs and runs[-1][0] == shown and position[runs[-1][1][-1]] == position[target] - 1:
            runs[-1][1].append(target)
        else:
            runs.append((shown, [target]))
    words = []
    for shown, run in runs:
        if len(run) < 4:
            words += [f"{target}{shown}" for target in run]
        else:
            words.append(f"{run[0]}..{run[-1]}{shown} each")
    return words
