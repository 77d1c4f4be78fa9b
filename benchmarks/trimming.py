"""Trimmed networks measured: weights, time, and the largest difference of outputs.

``python benchmarks/trimming.py [--only C64] [--repeat 9]``. Times are medians in milliseconds of a
forward pass without gradients, float32, network and trimmed network in turn; differences are in
float64, relative to the largest output. Chains come first, then residual networks, whose sums and
activations are written in a ``forward``, and which are replayed call by call.
"""

from __future__ import annotations

import argparse
import copy
import os
import statistics
import tempfile
import time
from typing import TYPE_CHECKING

from toolkit.text import table as aligned

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

    from toolkit.modules.module import Module

BATCH = 64
FORMS = ("auto", "flat")
BLOCKS = 3  # of the residual networks


def regular(name: str) -> Module:
    """Return a regular module."""
    import toolkit as tk

    return tk.group(name).regular_module()


def pixels(n: int) -> Module:
    """Return a periodic image."""
    import toolkit as tk

    return tk.nn.periodic_module((n, n))


#: name, module, the normal subgroup whose simples are the input's, activation
CASES: dict[str, tuple[Callable[[], Module], int, str]] = {
    "C64, period 16": (lambda: regular("C64"), 4, "relu"),
    "C64, period 4": (lambda: regular("C64"), 16, "relu"),
    "D64, by its centre": (lambda: regular("D64"), 2, "gelu"),
    "S4, by V4": (lambda: regular("S4"), 4, "relu"),
    "SL(2,3), by Q8": (lambda: regular("SL(2,3)"), 8, "tanh"),
    "S5, sign only": (lambda: regular("S5"), 60, "relu"),
    "16 x 16 pixels, 4 shifts": (lambda: pixels(16), 4, "relu"),
}


#: of residual networks the same
RESIDUAL: dict[str, tuple[Callable[[], Module], int, str]] = {
    "C64, period 16, relu": (lambda: regular("C64"), 4, "relu"),
    "C64, period 4, relu": (lambda: regular("C64"), 16, "relu"),
    "C64, period 4, tanh": (lambda: regular("C64"), 16, "tanh"),
    "S4, by V4, relu": (lambda: regular("S4"), 4, "relu"),
    "S4, by V4, tanh": (lambda: regular("S4"), 4, "tanh"),
}


def chain(X: Module, activation: str) -> torch.nn.Module:
    """Return a chain of layers."""
    import toolkit as tk

    return tk.nn.EquivariantMLP(X, [4, 32, 32, 32, 4], activation)


def residual(X: Module, activation: str) -> torch.nn.Module:
    """Return a network of residual sums, with an activation that is a function."""
    import torch

    import toolkit as tk

    class Residual(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            sizes = [(4, 32), *[(32, 32)] * (2 * BLOCKS), (32, 4)]
            layers = [tk.nn.EquivariantLinear(X, X, a, b) for a, b in sizes]
            self.layers = torch.nn.ModuleList(layers)
            self.activation = getattr(torch, activation)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            first, *inner, last = self.layers
            h = first(x)
            for one, two in zip(inner[::2], inner[1::2], strict=True):
                h = h + two(self.activation(one(h)))
            out: torch.Tensor = last(h)
            return out

    return Residual()


def median_ms(ask: Callable[[], object], repeat: int) -> float:
    """Return the median wall time in milliseconds."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        ask()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def sources_of(X: Module, order: int) -> tuple[str, ...]:
    """Return the simples whose kernel contains a normal subgroup of a given order.

    Of several subgroups the first one is taken.
    """
    from toolkit.interpret.trimming.lowpass import kept_labels
    from toolkit.library.change_of_group import group_of_module

    lattice = group_of_module(X).normal_subgroups(generators=False).subgroups
    return kept_labels(X, next(n for n in lattice if n.order == order))


def inputs_in(X: Module, labels: tuple[str, ...], channels: int) -> torch.Tensor:
    """Return ``(batch, |X|, channels)`` random functions in given simples, float64."""
    import numpy as np
    import torch

    import toolkit as tk

    rng = np.random.default_rng(0)
    basis = tk.fourier_basis(X)
    coordinates = np.zeros((X.degree, BATCH * channels))
    for s in basis.simples:
        if s.label in labels:
            coordinates[s.rows] = rng.standard_normal(coordinates[s.rows].shape)
    x = basis.synthesise(coordinates).reshape(X.degree, BATCH, channels)
    return torch.from_numpy(x.transpose(1, 0, 2).copy())


def rows(
    cases: dict[str, tuple[Callable[[], Module], int, str]],
    build: Callable[[Module, str], torch.nn.Module],
    only: str,
    repeat: int,
) -> list[tuple[str, ...]]:
    """Measure all cases whose name contains a text."""
    import torch

    from toolkit.interpret.trimming.trim import trim

    out = []
    for name, (make, order, activation) in cases.items():
        if only not in name:
            continue
        X = make()
        labels = sources_of(X, order)
        torch.manual_seed(0)
        net = build(X, activation).double().eval()
        with torch.no_grad():
            for layer in net.modules():
                if getattr(layer, "bias", None) is not None:
                    layer.bias.normal_()
            x = inputs_in(X, labels, 4)
            small = [trim(net, labels, form=form) for form in FORMS]
            wanted = net(x)
            worst = max(float((s(x) - wanted).abs().max() / wanted.abs().max()) for s in small)
            single = copy.deepcopy(net).float()
            tried = [trim(single, labels, form=form) for form in FORMS]
            x = x.float()
            for model in (single, *tried):
                model(x)
            before = median_ms(lambda: single(x), repeat)  # noqa: B023 - called at once
            after = [median_ms(lambda: s(x), repeat) for s in tried]  # noqa: B023
        out.append(
            (
                name,
                f"{X.degree} -> {small[0].stages[1].blocks}",
                f"{small[0].weights_before}",
                f"{small[0].weights_after}",
                f"{before:.2f}",
                *(f"{t:.2f}" for t in after),
                f"{before / after[0]:.1f}x",
                f"{worst:.0e}",
            )
        )
    return out


def report(only: str = "", repeat: int = 9) -> None:
    """Print the tables."""
    names = ("chains, 4-32-32-32-4 channels", f"residual, {BLOCKS} blocks of 32 channels")
    for name, cases, build in zip(names, (CASES, RESIDUAL), (chain, residual), strict=True):
        found = rows(cases, build, only, repeat)
        if found:
            show(name, found)


def show(name: str, found: list[tuple[str, ...]]) -> None:
    """Print one table."""
    header = (
        name, "points", "weights", "after", "ms", *FORMS, "faster",
        "difference",
    )  # fmt: skip
    cells = [header, *found]
    print(*aligned(cells, right=range(1, len(header))), sep="\n")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--repeat", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("PLREP_CACHE_DIR", folder)
        report(options.only, options.repeat)


if __name__ == "__main__":
    main()
