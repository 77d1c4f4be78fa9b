"""A trained network on the circle of eight points, seen as an interaction graph.

Two tasks with the same data. Doubling: from a wave of frequency 1 the wave of frequency 2 that
turns with it. Halving: the way back. The exact graph says before any training that the first can
be learned and that the second cannot: frequency 2 never reaches frequency 1.
"""

from __future__ import annotations

import math

import matplotlib as mpl
import torch
from training import OUT, check_zeros, fit, is_quick, relative_error

import toolkit as tk
from toolkit.figures import draw_flow, draw_interaction_graph, figure_for_flow

X = tk.group("C8").natural_module()
LABELS = {int(s.paper_index): s.label for s in tk.group("C8").simples}


def waves(count: int, seed: int) -> dict[int, torch.Tensor]:
    """Return random waves of frequency 1 and of twice the phase, ``(count, 8, 1)`` each."""
    generator = torch.Generator().manual_seed(seed)
    phase = 2 * math.pi * torch.rand(count, 1, 1, generator=generator)
    size = 0.5 + torch.rand(count, 1, 1, generator=generator)
    place = 2 * math.pi * torch.arange(8.0).reshape(1, 8, 1) / 8
    return {1: size * torch.cos(place - phase), 2: size * torch.cos(2 * (place - phase))}


def train(source: int, target: int, epochs: int, channels: int) -> torch.nn.Module:
    """Train a network without biases to take one frequency to another."""
    torch.manual_seed(1)
    net = tk.nn.EquivariantMLP(X, [1, channels, channels, 1], "relu", bias=False)
    data = waves(512, 0)
    fit(net, data[source], data[target], torch.nn.functional.mse_loss, epochs, rate=1e-2)
    return net


def compare(graph: object, stage: str) -> None:
    """Print measured flow, closed-form transfer and the exact graph beside one another."""
    nodes, edges = graph.nodes, graph.edges  # type: ignore[attr-defined]
    print(f"   {stage}: from -> to   measured  expected  exact")
    worst = 0.0
    for k, one in LABELS.items():
        source = f"{stage} before {one}"
        if not nodes[source]["present"]:
            continue
        possible = set(tk.interaction_graph(X, "relu").successors(one))
        for j, two in LABELS.items():
            data = edges.get((source, f"{stage} after {two}"))
            share = data["share"] if data else 0.0
            if two not in possible:
                worst = max(worst, share)
                continue
            expected = data["expected"] if data else 0.0
            print(f"      {k} -> {j}           {share:8.4f}  {expected:8.4f}  edge")
    print(f"      pairs without an edge: largest measured share below 1e-9: {worst < 1e-9}")


def main() -> None:
    """Train, measure, compare and draw."""
    quick = is_quick(__doc__)
    mpl.use("Agg")
    epochs, channels = (15, 8) if quick else (150, 16)
    print("Simples of C8 by frequency:", ", ".join(f"{k}: {x}" for k, x in sorted(LABELS.items())))
    exact = tk.interaction_graph(X, "relu")
    draw_interaction_graph(exact, OUT / "c8_exact.png")

    print("\n1. What the theory says before training (ReLU, no bias)\n")
    for source, target in ((1, 2), (2, 1)):
        reached = set(tk.closure(X, {LABELS[source]}, "relu"))
        names = ", ".join(str(k) for k in sorted(LABELS) if LABELS[k] in reached)
        word = "can" if LABELS[target] in reached else "cannot"
        print(f"   frequency {source} reaches {names}: it {word} make frequency {target}")

    print("\n2. What training says: |output - target| / |target| on new waves\n")
    test = waves(512, 9)
    nets = {}
    for name, source, target in (("doubling", 1, 2), ("halving", 2, 1)):
        nets[name] = net = train(source, target, epochs, channels)
        error = relative_error(net, test[source], test[target])
        words = ""
        if LABELS[target] not in tk.closure(X, {LABELS[source]}, "relu"):
            words = "  (never below 1: output and target are orthogonal)"
            if error < 1 - 1e-6:
                raise RuntimeError(f"{name} was learned, error {error}: the closure is wrong")
        print(f"   {name:<9} frequency {source} -> {target}: {error:.3f}{words}")

    print("\n3. Zeros, measured on every stage\n")
    for name, source in (("doubling", 1), ("halving", 2)):
        print(f"   {name:<9}", check_zeros(nets[name], [LABELS[source]], test[source]))
    print(f"\n{tk.interpret.zero_components(nets['doubling'], [LABELS[1]]).to_table()}")

    print("\n4. The spectrum of the doubling network, percent\n")
    print(tk.interpret.spectra(nets["doubling"], test[1]).to_table())
    print(
        "\n   Frequency 3 is 0 after the first activation and not after the second: several"
        "\n   frequencies together make what none makes alone. Edges from one source are not enough"
        "\n   to say what a network can do; the closure is."
    )

    print("\n5. Flow through the activations: share of each source's effect\n")
    flow = tk.interpret.flow(nets["doubling"], test[1])
    for stage in ("layers.1", "layers.3"):
        compare(flow, stage)
    figure_for_flow(flow).savefig(OUT / "c8_flow.png", dpi=100)
    draw_flow(flow, OUT / "c8_flow_graph.png", "graph")
    pairs = tk.interpret.flow(nets["doubling"], test[1], "pairwise")
    draw_flow(pairs, OUT / "c8_flow_pairs.png", "sankey")
    for name in ("exact", "flow", "flow_graph", "flow_pairs"):
        print(f"   drawn: {OUT / f'c8_{name}.png'}")


if __name__ == "__main__":
    main()
