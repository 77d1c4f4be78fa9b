"""Interaction graphs for Graphviz."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.palette import COLOURS, NO_TYPE, line_kind
from toolkit.text import compact_integer, graph_title, percentage, split_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    import networkx as nx

_STYLES = {
    "odd": "style=dotted, ",
    **dict.fromkeys(("linear", "constant", "unknown"), 'style=dashed, color="#888888", '),
}


def to_dot(graph: nx.DiGraph[str]) -> str:
    r"""Write an interaction graph for Graphviz.

    Parameters
    ----------
    graph
        The interaction graph.

    Returns
    -------
    str
        A ``digraph`` from top to bottom, with one rank for each order of the action; the largest
        order (the low frequencies) is at the top.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph(group="C2", module="regular", activation="relu")
    >>> graph.add_node("L0", dimension=1, type="R", multiplicity=1, action_order=1)
    >>> graph.add_edge("L0", "L0", parts="even, linear", share=1.0)
    >>> print(to_dot(graph))
    digraph "C2, regular module, relu" {
      graph [rankdir=TB, labelloc=t, label="C2, regular module, relu", fontname="Helvetica"];
      node [shape=box, style="rounded", penwidth=1.5, fontname="Helvetica"];
      edge [color="#333333", arrowsize=0.7];
      // the orders of the action
      node [shape=plaintext, fontcolor="#666666"];
      "order 1";
      node [shape=box, fontcolor="#000000"];
      { rank=same; "order 1";
        "L0" [label="L0\ndim 1, R", color="#0072B2"];
      }
      "L0" -> "L0" [penwidth=3.50, tooltip="L0 to L0: even, linear; 100.0%"];
    }
    """
    title = graph_title(graph)
    lines = [
        f"digraph {_quoted(title)} {{",
        f'  graph [rankdir=TB, labelloc=t, label={_quoted(title)}, fontname="Helvetica"];',
        '  node [shape=box, style="rounded", penwidth=1.5, fontname="Helvetica"];',
        '  edge [color="#333333", arrowsize=0.7];',
    ]
    rows: dict[int, list[str]] = {}
    for node, data in graph.nodes(data=True):
        rows.setdefault(data.get("action_order", 0), []).append(node)
    orders = sorted(rows, reverse=True)
    names = {order: _row_name(order, index, graph) for index, order in enumerate(orders)}
    if names:
        chain = " -> ".join(_quoted(names[order]) for order in orders)
        style = " [style=invis];" if len(orders) > 1 else ";"
        lines += [
            "  // the orders of the action",
            '  node [shape=plaintext, fontcolor="#666666"];',
            f"  {chain}{style}",
            '  node [shape=box, fontcolor="#000000"];',
        ]
    for order in orders:
        lines.append(f"  {{ rank=same; {_quoted(names[order])};")
        lines += [f"    {_node(node, graph.nodes[node])}" for node in rows[order]]
        lines.append("  }")
    for one, two, data in graph.edges(data=True):
        lines.append(f"  {_quoted(one)} -> {_quoted(two)} [{_edge(one, two, data)}];")
    return "\n".join([*lines, "}"])


def _row_name(order: int, index: int, graph: nx.DiGraph[str]) -> str:
    name = f"order {compact_integer(order)}"
    while name in graph:
        name = f"{name} (row {index + 1})"
    return name


def _node(node: str, data: Mapping[str, Any]) -> str:
    label = node
    if data.get("multiplicity", 1) != 1:
        label += f" ×{data['multiplicity']}"
    label += f"\ndim {data.get('dimension', '?')}, {data.get('type', '?')}"
    if "paper_index" in data:
        label += f", k={data['paper_index']}"
    colour = COLOURS.get(data.get("type", ""), NO_TYPE)[0]
    return f'{_quoted(node)} [label={_quoted(label)}, color="{colour}"];'


def _edge(one: str, two: str, data: Mapping[str, Any]) -> str:
    parts, share = split_names(data.get("parts", "")), data.get("share")
    width = 0.5 + 3.0 * min(1.0, max(0.0, share or 0.0)) ** 0.5
    said = [", ".join(parts)] if parts else []
    said += [] if share is None else [percentage(share)]
    tooltip = f"{one} to {two}" + (f": {'; '.join(said)}" if said else "")
    style = _STYLES.get(line_kind(parts), "")
    return f"{style}penwidth={width:.2f}, tooltip={_quoted(tooltip)}"


def _quoted(text: str) -> str:
    """Quote a string; a backslash, which Graphviz would read as an escape, is doubled."""
    inner = text.replace("\\", "\\\\").replace('"', '\\"').replace("\0", "")
    return '"' + inner.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n") + '"'
