r"""Graphs and lattices as pictures in TikZ.

A lattice (a graph without directed circles whose edges lead to what is just above) is drawn in
levels, the least element at the bottom. Any other graph is drawn in rows, one for each order of the
action, the largest on top as in the other pictures. Within a row nodes are ordered so that few
edges cross. Only the package tikz is needed, and the colours are defined in the picture itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.formats.latex import escape, group_name, label
from toolkit.palette import COLOURS, line_kind
from toolkit.text import graph_title

if TYPE_CHECKING:
    from collections.abc import Mapping

    import networkx as nx

_ACROSS, _UP, _SHIFT = 2.2, 1.9, 1.4
_SWEEPS = 8
#: By kind of line, as in :func:`toolkit.palette.line_kind`.
_STYLES = {
    "odd": "densely dotted",
    "even and odd": "",
    "linear": "dashed, black!45",
    "constant": "dashed, black!45",
    "unknown": "dashed, black!45",
}


def to_tikz(graph: nx.DiGraph[str]) -> str:
    r"""Write a graph or a lattice as a ``tikzpicture``.

    Parameters
    ----------
    graph
        An interaction graph, a lattice of normal subgroups or closed sets, or any other directed
        graph of the toolkit.

    Returns
    -------
    str
        LaTeX source; :func:`~toolkit.formats.latex.latex_document` turns it into a document.

    Examples
    --------
    >>> import toolkit as tk
    >>> print(to_tikz(tk.group("C2").normal_subgroups().graph))
    \begin{tikzpicture}[box/.style={rounded corners, draw=black!60, fill=white,
      inner sep=3pt, font=\small, align=center}]
      % C2
      \node[box] (n0) at (0.00,0.00) {$N_{0}$\\order 1};
      \node[box] (n1) at (0.00,1.90) {$N_{1}$\\order 2};
      \draw[-, black!70] (n0) -- (n1);
    \end{tikzpicture}
    """
    import networkx as nx

    plain: nx.DiGraph[str] = nx.DiGraph(graph.edges)
    plain.add_nodes_from(graph)
    lattice = "activation" not in graph.graph and nx.is_directed_acyclic_graph(plain)
    rows = _levels(plain) if lattice else _by_order(graph)
    rows = _few_crossings(rows, plain)
    name = {node: f"n{i}" for i, node in enumerate(graph)}
    lines = [
        r"\begin{tikzpicture}[box/.style={rounded corners, draw=black!60, fill=white,",
        r"  inner sep=3pt, font=\small, align=center}]",
    ]
    title = graph_title(graph)
    if title != "interaction graph" or not lattice:
        lines.append(f"  % {title.encode('ascii', 'replace').decode()}")
    used = {data.get("type") for _, data in graph.nodes(data=True)} & set(COLOURS)
    lines += [
        rf"  \definecolor{{type{kind}}}{{HTML}}{{{COLOURS[kind][0][1:]}}}"
        for kind in COLOURS
        if kind in used
    ]
    where: dict[str, tuple[float, int]] = {}
    for height, row in enumerate(rows):
        # rows of other graphs are shifted: an edge to a far row then misses the nodes between
        across = _ACROSS if lattice else 1.5 * _ACROSS
        shift = 0.0 if lattice or len(row) > 1 else (height % 3 - 1) * _SHIFT
        for place, node in enumerate(row):
            where[node] = ((place - (len(row) - 1) / 2) * across + shift, height)
            lines.append(_node(node, name[node], graph.nodes[node], where[node][0], height * _UP))
    if lattice:
        lines += [rf"  \draw[-, black!70] ({name[x]}) -- ({name[y]});" for x, y in graph.edges]
    else:
        lines.append(r"  \begin{pgfonlayer}{background}")
        lines += [
            rf"    \draw[{_line(data)}] ({name[x]}) edge[{_bend(where[x], where[y])}] ({name[y]});"
            for x, y, data in graph.edges(data=True)
        ]
        lines.append(r"  \end{pgfonlayer}")
        lines.insert(0, r"\pgfdeclarelayer{background}\pgfsetlayers{background,main}")
    return "\n".join([*lines, r"\end{tikzpicture}"])


def _levels(graph: nx.DiGraph[str]) -> list[list[str]]:
    """Return nodes by the length of the longest chain below."""
    from networkx import topological_sort

    level: dict[str, int] = {}
    for node in topological_sort(graph):
        level[node] = max((level[below] + 1 for below in graph.predecessors(node)), default=0)
    return [
        [node for node in graph if level[node] == height]
        for height in range(max(level.values(), default=-1) + 1)
    ]


def _by_order(graph: nx.DiGraph[str]) -> list[list[str]]:
    """Return nodes by the order of the action, the smallest first: at the bottom."""
    rows: dict[int, list[str]] = {}
    for node, data in graph.nodes(data=True):
        rows.setdefault(data.get("action_order", 0), []).append(node)
    return [rows[order] for order in sorted(rows)]


def _few_crossings(rows: list[list[str]], graph: nx.DiGraph[str]) -> list[list[str]]:
    """Order the nodes of each row by the mean place of their neighbours in other rows."""
    place = {node: i - (len(row) - 1) / 2 for row in rows for i, node in enumerate(row)}
    height = {node: h for h, row in enumerate(rows) for node in row}
    near = {
        node: sorted(
            {
                other
                for other in (*graph.predecessors(node), *graph.successors(node))
                if height[other] != height[node]
            }
        )
        for node in graph
    }
    for sweep in range(_SWEEPS):
        upwards = sweep % 2 == 0
        for h in range(len(rows)) if upwards else reversed(range(len(rows))):
            wanted = {}
            for node in rows[h]:
                beside = [x for x in near[node] if (height[x] < h) == upwards] or [node]
                wanted[node] = sum(place[x] for x in beside) / len(beside)
            rows[h] = sorted(rows[h], key=lambda node: (wanted[node], place[node]))
            for i, node in enumerate(rows[h]):
                place[node] = i - (len(rows[h]) - 1) / 2
    return rows


def _node(node: str, name: str, data: Mapping[str, Any], x: float, y: float) -> str:
    text = [label(node)]
    if data.get("multiplicity", 1) != 1:
        text[0] += rf" $\times {data['multiplicity']}$"
    if "dimension" in data and "type" in data:
        text.append(f"dim {data['dimension']}, {escape(str(data['type']))}")
    elif "order" in data:
        text.append(f"order {data['order']}")
    if "name" in data:
        text.append(group_name(str(data["name"])))
    kind = data.get("type")
    style = f"box, draw=type{kind}, thick" if kind in COLOURS else "box"
    body = r"\\".join(text)
    return rf"  \node[{style}] ({name}) at ({x:.2f},{y:.2f}) {{{body}}};"


def _line(data: Mapping[str, Any]) -> str:
    """Return the style of an edge: the thicker the larger its share."""
    share = min(1.0, max(0.0, data.get("share") or 0.0))
    style = _STYLES.get(line_kind(data.get("parts", "")), "")
    return ", ".join(filter(None, ["->", f"line width={0.4 + 1.6 * share**0.5:.2f}pt", style]))


def _bend(one: tuple[float, int], two: tuple[float, int]) -> str:
    """Return how an edge bends: the farther the rows, the more, and outwards."""
    if one == two:
        return "loop left" if one[0] < 0 else "loop right"
    rows = abs(one[1] - two[1])
    down = two[1] < one[1]
    if rows == 0:
        return "bend left=14"
    side = "left" if (one[0] + two[0] > 0) == down else "right"
    return f"bend {side}={6 + 8 * (rows - 1)}"
