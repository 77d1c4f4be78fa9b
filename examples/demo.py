"""The main job on a real group, from a question to GAP to a picture: run by `make demo`.

Asks GAP about a group the toolkit does not bring along, shows that the answer is cached, draws
an interaction graph, and makes an equivariant layer basis. Pictures go to out/.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

import toolkit as tk
from toolkit.figures import draw_interaction_graph
from toolkit.formats import to_table

OUT = Path("out")


def timed(label: str, ask: object) -> None:
    """Call ``ask`` and say how long it took."""
    start = time.perf_counter()
    answer = ask()  # type: ignore[operator]
    print(f"{label:<52} {answer!s:<28} {1000 * (time.perf_counter() - start):9.2f} ms")


def main() -> None:
    """Run the demonstration."""
    OUT.mkdir(exist_ok=True)
    name = "SmallGroup(96,64)"
    print(f"1. Ask about {name}\n")
    timed("first time: from the cache, or GAP", lambda: tk.group(name).order)
    timed("again, from the cache", lambda: tk.group(name).order)
    G = tk.group(name)
    timed("conjugacy classes", lambda: len(G.character_table))
    timed("normal subgroups", lambda: [n.order for n in G.normal_subgroups()])
    print(
        "\n   real simples:",
        ", ".join(f"{L.label} (dim {L.dimension}, {L.type})" for L in G.simples),
    )

    print("\n2. Which simples lead to which through ReLU?\n")
    X = G.regular_module()
    graph = tk.interaction_graph(X, "relu")
    print(to_table(graph))
    picture = OUT / "interaction_graph_96_64.png"
    draw_interaction_graph(graph, picture)
    print(f"   drawn: {picture}")

    print("\n3. An equivariant layer between two modules of S4\n")
    S4 = tk.group("S4")
    source, target = S4.natural_module(), S4.coset_module("H4b")
    basis = tk.layer_basis(source, target)
    print(
        f"   from {source.name} to {target.name}: {basis.dimension} weights instead of "
        f"{source.degree * target.degree}; which weight sits where:\n"
    )
    print(basis.label_matrix)
    weights = basis.expand(np.arange(1.0, basis.dimension + 1))
    worst = max(
        float(abs(weights[np.ix_(y, x)] - weights).max())
        for x, y in zip(source.images, target.images, strict=True)
    )
    print(f"\n   largest failure to commute with a generator: {worst}")


if __name__ == "__main__":
    main()
