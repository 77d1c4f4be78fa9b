"""igraph reads the GraphML of our graphs, ours and that of networkx."""

from __future__ import annotations

from typing import TYPE_CHECKING

import igraph
import networkx as nx
import pytest

import toolkit as tk
from toolkit.formats import to_graphml

if TYPE_CHECKING:
    from pathlib import Path

CASES = {
    "C8": lambda: tk.interaction_graph(tk.group("C8").regular_module(), "relu"),
    "S30": lambda: tk.interaction_graph(tk.group("S30").natural_module(), "relu"),
    "the Monster": lambda: tk.interaction_graph(tk.group("Table(M)").regular_module(), "relu"),
    "closed sets": lambda: tk.closed_sets(tk.group("S4").regular_module(), "abs"),
    "kernels": lambda: tk.kernel_lattice(tk.group("C2 x C4")),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("writer", ["ours", "networkx"])
@pytest.mark.quick_cases(1)
def test_igraph_reads(name: str, writer: str, tmp_path: Path) -> None:
    graph = CASES[name]()
    path = tmp_path / "graph.graphml"
    if writer == "ours":
        path.write_text(to_graphml(graph), "utf-8")
    else:
        nx.write_graphml(graph, path)
    found = igraph.Graph.Read_GraphML(str(path))
    names = found.vs["id"]
    assert names == list(graph)
    assert [(names[a], names[b]) for a, b in found.get_edgelist()] == list(graph.edges)
    for attribute in {key for _, data in graph.nodes(data=True) for key in data}:
        known = nx.get_node_attributes(graph, attribute)
        for label, value in zip(names, found.vs[attribute], strict=True):
            if label not in known:
                continue
            if isinstance(known[label], str | bool):
                assert value == known[label]
            else:
                assert float(value) == float(known[label])  # integers of any size
