"""Layers on pairs of n things beside 15 terms written by hand; part of `make bench`.

Alone: ``python benchmarks/tuples.py [--seconds 4] [--only 30 100]``. Medians in milliseconds,
float32, 8 channels, batch 16, all measured in turn; then a million points: time and memory.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

CHANNELS, BATCH = 8, 16


def hand_written(channels: int) -> torch.nn.Module:
    """Return the layer of Maron et al. (2019) as one writes it well: 15 terms, each pool once."""
    import torch

    class Pairs(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            scale = (15 * channels) ** -0.5
            self.own = torch.nn.Parameter(scale * torch.randn(2 * channels, channels))
            self.rows = torch.nn.Parameter(scale * torch.randn(3 * channels, 3 * channels))
            self.total = torch.nn.Parameter(scale * torch.randn(2 * channels, 2 * channels))
            self.bias = torch.nn.Parameter(torch.zeros(2 * channels))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            diagonal = x.diagonal(dim1=1, dim2=2).transpose(1, 2)
            rows, columns = x.mean(2), x.mean(1)
            means = torch.cat([diagonal.mean(1), rows.mean(1)], -1)
            y = torch.cat([x, x.transpose(1, 2)], -1) @ self.own
            of_points = torch.cat([diagonal, rows, columns], -1) @ self.rows
            to_rows, to_columns, to_diagonal = of_points.chunk(3, -1)
            to_all, to_all_diagonal = (means @ self.total + self.bias)[:, None].chunk(2, -1)
            y = y + (to_rows + to_all)[:, :, None] + to_columns[:, None]
            diagonal_only = (to_diagonal + to_all_diagonal).transpose(1, 2)
            y.diagonal(dim1=1, dim2=2).add_(diagonal_only)
            return y

    return Pairs()


def in_turn(runs: dict[str, Callable[[], object]], seconds: float) -> dict[str, float]:
    """Return median milliseconds, each round running everything once."""
    for run in runs.values():
        run()
    times: dict[str, list[float]] = {name: [] for name in runs}
    start = time.perf_counter()
    while time.perf_counter() - start < seconds or len(next(iter(times.values()))) < 5:
        for name, run in runs.items():
            began = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - began)
    return {name: 1000 * statistics.median(own) for name, own in times.items()}


def forward(layer: torch.nn.Module, x: torch.Tensor) -> None:
    """Run a layer without gradients."""
    import torch

    with torch.no_grad():
        layer(x)


def training(layer: torch.nn.Module, x: torch.Tensor, gradient: torch.Tensor) -> None:
    """Run a layer and the gradients of its input and weights."""
    z = x.detach().requires_grad_()
    layer(z).backward(gradient)
    for parameter in layer.parameters():
        parameter.grad = None


def rows(n: int, seconds: float) -> list[str]:
    """Return the measurements at one n."""
    import torch

    import toolkit as tk

    V = tk.group("S3").natural_module()
    tk.nn.EquivariantLinear(V, V, 1, 1)  # imports
    start = time.perf_counter()
    X = tk.group(f"S{n}").natural_module() ** 2
    own = tk.nn.EquivariantLinear(X, X, CHANNELS, CHANNELS, batch_hint=BATCH)
    built = time.perf_counter() - start
    free = tk.nn.ExchangeableLinear(CHANNELS, CHANNELS)
    hand = hand_written(CHANNELS)
    x = torch.randn(BATCH, n, n, CHANNELS)
    flat = x.flatten(1, 2)
    found = in_turn(
        {
            "hand": lambda: forward(hand, x),
            "own": lambda: forward(own, flat),
            "free": lambda: forward(free, x),
            "hand train": lambda: training(hand, x, x),
            "own train": lambda: training(own, flat, flat),
            "free train": lambda: training(free, x, x),
        },
        seconds,
    )
    out = [f"S{n} pairs", str(torch.get_num_threads()), own.method, f"{1000 * built:.0f}"]
    for kind in ("", " train"):
        base = found[f"hand{kind}"]
        out.append(f"{base:.2f}")
        for name in ("own", "free"):
            value = found[f"{name}{kind}"]
            out += [f"{value:.2f}", f"{value / base:.2f}"]
    return out


HEADER = [
    "layer", "threads", "method", "build ms",
    "hand", "EquivariantLinear", "ratio", "any n", "ratio",
    "hand train", "EquivariantLinear", "ratio", "any n", "ratio",
]  # fmt: skip


def large(n: int) -> dict[str, float]:
    """Build and run a layer on n^2 points in this process; seconds and peak memory in MiB."""
    import torch

    import toolkit as tk

    def peak() -> float:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    before = peak()
    start = time.perf_counter()
    X = tk.group(f"S{n}").natural_module() ** 2
    layer = tk.nn.EquivariantLinear(X, X, CHANNELS, CHANNELS)
    built, after = time.perf_counter() - start, peak()
    x = torch.randn(1, X.degree, CHANNELS)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        forward(layer, x)
        times.append(time.perf_counter() - start)
    return {
        "seconds to build": built,
        "MiB to build": after - before,
        "seconds to run": statistics.median(times),
        "MiB at most": peak(),
        "MiB of one input": x.numel() * 4 / 2**20,
    }


def alone(*arguments: str, threads: int) -> str:
    """Run this file in a process of its own."""
    return subprocess.run(
        [sys.executable, __file__, *arguments],
        env={**os.environ, "OMP_NUM_THREADS": str(threads)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def report(seconds: float = 4.0, sizes: tuple[int, ...] = (30, 100, 300)) -> None:
    """Print the tables, with one thread and with two."""
    from toolkit.text import table

    cells = [HEADER]
    for threads in (1, 2):
        for n in sizes:
            own = alone("--row", str(n), "--seconds", str(seconds), threads=threads)
            cells.append(json.loads(own))
    print(f"\npairs of n things, {CHANNELS} channels, batch {BATCH}: milliseconds, ratios to hand")
    print(*table(cells, right=range(3, len(HEADER)), indent=2), sep="\n")
    print("\na million points: pairs of 1,000 things, batch 1, one thread")
    for name, value in json.loads(alone("--large", "1000", threads=1)).items():
        print(f"  {name}: {value:.3g}")
    sys.stdout.flush()


def main() -> None:
    """Run what the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--only", type=int, nargs="+", default=[30, 100, 300])
    parser.add_argument("--row", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--large", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.row:
        print(json.dumps(rows(given.row, given.seconds)))
    elif given.large:
        print(json.dumps(large(given.large)))
    else:
        report(given.seconds, tuple(given.only))


if __name__ == "__main__":
    main()
