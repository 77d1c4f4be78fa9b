"""Lattices (of closed sets, of normal subgroups) as a page for the terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from toolkit.formats.attributes import NAME_LISTS
from toolkit.text import (
    bias_words,
    compact_integer,
    counted,
    graph_title,
    label_runs,
    split_names,
    table,
    with_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import networkx as nx

#: Per kind of lattice: the noun, the columns (heading, attribute), the last heading, the legend.
LATTICES: dict[str, tuple[str, tuple[tuple[str, str], ...], str, str]] = {
    "closed sets": (
        "closed set",
        (
            ("dim", "dimension"),
            ("level", "level"),
            ("|U+|", "subgroup_order"),
            ("kernel", "kernel_order"),
            ("normal", "normal_subgroup"),
        ),
        "just above",
        "dim: of the isotypic parts together. level: longest chain below. |U+|: order of the "
        "subgroup that acts as 1 on the coordinates' functionals. kernel: order of the common "
        "kernel, normal: its label.",
    ),
    "normal subgroups": (
        "normal subgroup",
        (("order", "order"), ("kernel of", "simples")),
        "just above",
        "kernel of: the simples whose kernel it is.",
    ),
}


def lattice_to_table(graph: nx.DiGraph[str], *, width: int = 100) -> str:
    """Write a lattice as a page for the terminal; :func:`~toolkit.formats.table.to_table` calls it.

    Parameters
    ----------
    graph
        Made by :func:`~toolkit.pl.interactions.closure.closed_sets` or
        :func:`~toolkit.pl.interactions.kernels.kernel_lattice`: its attribute ``kind`` is a key of
        :data:`LATTICES`, and an edge leads to what is just above.
    width
        Columns of the terminal; at least 60 and at most 100 are used.

    Returns
    -------
    str
        A title, one row for each node with what is just above it, and a legend. Columns whose
        attribute no node has are left out; four or more consecutive simples are written ``L3..L9``.

    Examples
    --------
    >>> import toolkit as tk
    >>> lattice = tk.closed_sets(tk.group("C3").regular_module(), "abs")
    >>> print(lattice_to_table(lattice, width=90))
    C3, regular module, abs, no bias: 3 closed sets
    <BLANKLINE>
    closed set  dim  level  |U+|  kernel  normal  just above
    ----------  ---  -----  ----  ------  ------  ----------
    {}            0      0     3       3      N1  {L0}
    {L0}          1      1     3       3      N1  {L0, L1}
    {L0, L1}      3      2     1       1      N0  nothing
    <BLANKLINE>
    dim: of the isotypic parts together. level: longest chain below. |U+|: order of the
    subgroup that acts as 1 on the coordinates' functionals. kernel: order of the common
    kernel, normal: its label.
    """
    width = min(100, max(60, width))
    legend = LATTICES[graph.graph["kind"]][3]
    ending = lattice_ending(graph)
    lines = [graph_title(graph, width - len(ending)) + ending, ""]
    front, words = lattice_cells(graph)
    rows = with_words(front, words, width)
    lines += table(rows, right=range(1, len(front[0])), rule=True)
    return "\n".join([*lines, "", *textwrap.wrap(legend, width)])


def lattice_ending(graph: nx.DiGraph[str]) -> str:
    """Return what follows the title of a lattice: the bias, and how many elements there are."""
    noun = LATTICES[graph.graph["kind"]][0]
    return f"{bias_words(graph)}: {counted(graph.number_of_nodes(), noun)}"


def lattice_cells(graph: nx.DiGraph[str]) -> tuple[list[list[str]], list[list[str]]]:
    """Return the cells of a lattice's table: the columns of each row, and what is just above.

    The first row of both has the headings.

    Examples
    --------
    >>> import toolkit as tk
    >>> lattice_cells(tk.kernel_lattice(tk.group("C2")))[0]
    [['normal subgroup', 'order', 'kernel of'], ['N0', '1', 'L1'], ['N1', '2', 'L0']]
    """
    noun, columns, last, _ = LATTICES[graph.graph["kind"]]
    columns = tuple(c for c in columns if any(c[1] in d for _, d in graph.nodes(data=True)))
    names = {node: _short(node, data) for node, data in graph.nodes(data=True)}
    front = [[noun, *(head for head, _ in columns)]]
    words = [[last]]
    for node, data in graph.nodes(data=True):
        front.append([names[node], *(_cell(key, data.get(key)) for _, key in columns)])
        words.append([names[above] for above in graph[node]] or ["nothing"])
    return front, words


def _short(node: str, data: Mapping[str, Any]) -> str:
    return "{" + _runs(data.get("simples", "")) + "}" if node.startswith("{") else node


def _cell(key: str, value: Any) -> str:  # noqa: ANN401 - of an attribute
    if key in NAME_LISTS:
        return _runs(value or "") or "none"
    return (
        compact_integer(value) if isinstance(value, int) else str("?" if value is None else value)
    )


def _runs(names: str | Iterable[str]) -> str:
    return label_runs(split_names(names))
