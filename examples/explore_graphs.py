"""Explore interaction graphs with networkx: the C8 of arXiv 2408.00949, and a group beside it."""

from __future__ import annotations

from pathlib import Path

import networkx as nx

import toolkit as tk
from toolkit.figures import draw_interaction_graph

OUT = Path("out")


def describe(graph: nx.DiGraph) -> None:
    """Print what networkx says about one interaction graph."""
    info = graph.graph
    print(
        f"{info['group']}, {info['module']}, {info['activation']}: "
        f"{graph.number_of_nodes()} simples, {graph.number_of_edges()} edges"
    )
    flow = nx.condensation(graph)
    layers = [
        ["/".join(sorted(flow.nodes[c]["members"])) for c in generation]
        for generation in nx.topological_generations(flow)
    ]
    print("  from low frequency to high:", " > ".join(" ".join(sorted(x)) for x in layers))
    for source, data in graph.nodes(data=True):
        heard = nx.descendants(graph, source)
        print(
            f"  {source} (dim {data['dimension']}, order {data['action_order']}) "
            f"can reach {', '.join(sorted(heard)) or 'nothing else'}"
        )


def main() -> None:
    """Draw and describe the graphs."""
    OUT.mkdir(exist_ok=True)
    for name in ("C8", "SL(2,3)"):
        for activation in ("relu", "abs"):
            graph = tk.interaction_graph(tk.group(name).regular_module(), activation)
            describe(graph)
            file = (
                OUT / f"{name.replace('(', '').replace(')', '').replace(',', '_')}_{activation}.svg"
            )
            draw_interaction_graph(graph, file)
            print("  drawn:", file, "\n")
    # a graph library's own questions: which quotients of C24 are heard from its lowest frequency?
    graph = tk.interaction_graph(tk.group("C24").regular_module(), "relu")
    lowest = max(graph, key=lambda n: graph.nodes[n]["action_order"])
    path = nx.shortest_path(graph, lowest, "L0")
    print("C24: a shortest way from", lowest, "to the trivial simple:", " -> ".join(path))


if __name__ == "__main__":
    main()
