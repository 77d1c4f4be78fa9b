"""Attention over points, beside torch's own without positions, and what tokens with fibres cost.

``python benchmarks/attention.py [--only board] [--repeat 7]``. Times are medians in milliseconds,
float32, batch 16, 64 channels, 4 heads, all kinds in turn in one run.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import TYPE_CHECKING

from toolkit.text import table as aligned

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.modules.module import Module

BATCH, CHANNELS, HEADS = 16, 64, 4
TERMS: dict[str, tuple[str, ...] | None] = {
    "none": None,
    "bias": ("bias",),
    "keys": ("bias", "keys"),
    "values": ("bias", "keys", "values"),
}


def cases() -> dict[str, Callable[[], Module]]:
    """Return modules by name."""
    import networkx as nx

    import toolkit as tk

    return {
        "D8, 8 elements": lambda: tk.group("D8").regular_module(),
        "S4, 24 elements": lambda: tk.group("S4").regular_module(),
        "board of 64 squares": lambda: tk.nn.graph_module(nx.grid_2d_graph(8, 8)),
        "torus of 256 pixels": lambda: tk.nn.periodic_module((16, 16)),
    }


def medians(asks: dict[str, Callable[[], object]], repeat: int) -> dict[str, float]:
    """Return median wall times in milliseconds, taken in turn."""
    times: dict[str, list[float]] = {name: [] for name in asks}
    for ask in asks.values():
        ask()
    for _ in range(repeat):
        for name, ask in asks.items():
            start = time.perf_counter()
            ask()
            times[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(own) for name, own in times.items()}


def rows(only: str, repeat: int) -> list[tuple[str, ...]]:
    """Measure all cases whose name contains a text."""
    import torch
    from torch import nn

    import toolkit as tk

    out = []
    for name, make in cases().items():
        if only not in name:
            continue
        X = make()
        x = torch.randn(BATCH, X.degree, CHANNELS)
        theirs = nn.MultiheadAttention(CHANNELS, HEADS, batch_first=True)
        layers = {
            kind: tk.nn.EquivariantAttention(X, CHANNELS, HEADS, positions=terms)
            for kind, terms in TERMS.items()
        }
        runs: dict[str, Callable[[], torch.Tensor]] = {
            "torch": lambda x=x, f=theirs: f(x, x, x, need_weights=False)[0],
            **{kind: (lambda x=x, f=f: f(x)) for kind, f in layers.items()},
        }

        def forward(run: Callable[[], torch.Tensor]) -> object:
            with torch.no_grad():
                return run()

        def training(run: Callable[[], torch.Tensor]) -> None:
            run().square().sum().backward()

        for what, do in (("forward", forward), ("training", training)):
            found = medians({k: (lambda r=r, do=do: do(r)) for k, r in runs.items()}, repeat)
            ratios = [f"{found[k] / found['torch']:.2f}" for k in TERMS]
            out.append((name, what, f"{found['torch']:.2f}", *ratios))
    return out


def multiplications() -> list[tuple[str, ...]]:
    """Return how many products the maps of a token take, by group, against the Fourier basis."""
    import toolkit as tk

    out = []
    for name in ("C4", "D8", "S4", "A5"):
        layer = tk.nn.TokenAttention(tk.group(name).regular_module(), CHANNELS, HEADS)
        whole, blocks = (layer.multiplications(196, basis) for basis in ("points", "fourier"))
        counts = [f"{n / 1e6:.1f}" for n in (*whole.values(), blocks["projections"])]
        out.append((name, *counts, f"{whole['projections'] / blocks['projections']:.2f}"))
    return out


def report(only: str = "", repeat: int = 7) -> None:
    """Print both tables."""
    header = ("points", "what", "torch, ms", *(f"{k}, ratio" for k in TERMS))
    print("\nAttention over points: torch's MultiheadAttention, and ours over it, by positions")
    print(*aligned([header, *rows(only, repeat)], right=range(2, 7), indent=2), sep="\n")
    header = ("fibre", "maps", "scores", "values", "maps in blocks", "fewer")
    print(f"\n196 tokens of {CHANNELS} channels on a regular module, millions of products")
    print(*aligned([header, *multiplications()], right=range(1, 6), indent=2), sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--repeat", type=int, default=7)
    options = parser.parse_args()
    report(options.only, options.repeat)


if __name__ == "__main__":
    main()
