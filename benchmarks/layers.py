"""Layers measured: our methods, the dense layer, torch's own FFT; part of `make bench`.

Alone: ``python benchmarks/layers.py [--channels 16 64] [--only D512] [--seconds 2]``. Times are
medians in milliseconds, float32, batch 64; every row is measured in one go, methods in turn.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import torch

    from toolkit.modules.module import Module

BATCH = 64
DENSE_LIMIT = 4 << 30  # bytes of a dense layer's weights
OWN = ("dense", "structured", "spectral", "fast", "fft", "pooled")

#: name, module, and the cyclic grid on which torch's own FFT computes the same layer
CASES: dict[str, tuple[str, tuple[int, ...]]] = {
    "C64 regular": ("C64", (64,)),
    "C512 regular": ("C512", (512,)),
    "D64 regular": ("D64", ()),
    "D512 regular": ("D512", ()),
    "C16 x C16 pixels": ("C16 x C16", (16, 16)),
    "C32 x C32 pixels": ("C32 x C32", (32, 32)),
    "S128 points": ("S128", ()),
    "S1024 points": ("S1024", ()),
    "S10 ordered pairs": ("S10", ()),
    "PSL(2,7) regular": ("PSL(2,7)", ()),
    "SmallGroup(96,64) regular": ("SmallGroup(96,64)", ()),
    "C8 wr S4 points": ("C8 wr S4", ()),
}


def module(name: str) -> Module:
    """Return the module of a case."""
    import toolkit as tk

    group = tk.group(CASES[name][0])
    if name.endswith("regular"):
        return group.regular_module()
    points = group.natural_module()
    if name.endswith("pixels"):
        one = tk.group(CASES[name][0].split(" x ")[0]).natural_module()
        return one.outer(one)
    return points**2 if name.endswith("pairs") else points


def in_turn(runs: dict[str, Callable[[], object]], seconds: float) -> dict[str, float]:
    """Return median milliseconds, each round running everything once."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for name, run in runs.items():
        run()
        start = time.perf_counter()
        run()
        times[name].append(time.perf_counter() - start)
    start = time.perf_counter()
    while time.perf_counter() - start < seconds and len(next(iter(times.values()))) < 30:
        for name, run in runs.items():
            if sum(times[name]) > 1.5 * seconds and len(times[name]) >= 2:
                continue
            began = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - began)
    return {name: 1000 * statistics.median(each) for name, each in times.items()}


def hand_written(grid: tuple[int, ...], channels: int) -> torch.nn.Module:
    """Return the periodic convolution as people write it with torch.fft."""
    import torch

    class Convolution(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            size = (*grid, channels, channels)
            self.weight = torch.nn.Parameter(torch.randn(size) / channels)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            axes = tuple(range(1, len(grid) + 1))
            spectrum = torch.fft.rfftn(x.reshape(-1, *grid, channels), dim=axes)
            kernel = torch.fft.rfftn(self.weight, dim=tuple(range(len(grid))))
            product = torch.einsum("b...i,...io->b...o", spectrum, kernel)
            return torch.fft.irfftn(product, s=grid, dim=axes).reshape(x.shape)

    return Convolution()


def forward(layer: torch.nn.Module, x: torch.Tensor) -> None:
    """Run a layer without gradients."""
    import torch

    with torch.no_grad():
        layer(x.flatten(1) if isinstance(layer, torch.nn.Linear) else x)


def training(layer: torch.nn.Module, x: torch.Tensor) -> None:
    """Run a layer and the gradients of its input and weights."""
    import torch

    z = x.detach().requires_grad_()
    layer(z.flatten(1) if isinstance(layer, torch.nn.Linear) else z).sum().backward()
    for parameter in layer.parameters():
        parameter.grad = None


def competitors(name: str, X: Module, channels: int, count: int) -> dict[str, torch.nn.Module]:
    """Return each of our methods that fits, torch's FFT and the dense layer."""
    import torch

    import toolkit as tk

    grid = CASES[name][1]
    size = X.degree * channels
    layers: dict[str, torch.nn.Module] = {}
    for method in OWN:
        gathers = X.degree * min(count, X.degree) * channels * BATCH
        if (
            (method == "dense" and size**2 > 1 << 27)
            or (method == "structured" and count > 40 and gathers > 1 << 27)
            or (method == "pooled" and 4 * count > X.degree)
        ):
            continue
        layers[method] = tk.nn.EquivariantLinear(
            X, X, channels, channels, bias=False, method=method
        )
    if grid:
        layers["torch.fft"] = hand_written(grid, channels)
    if 4 * size**2 <= DENSE_LIMIT:
        layers["nn.Linear"] = torch.nn.Linear(size, size, bias=False)
    return layers


def measure(name: str, channels: int, seconds: float, rate: float) -> dict[str, list[str]]:
    """Measure one case; a row for each table."""
    import torch

    import toolkit as tk

    times = []
    for _ in range(2):
        start = time.perf_counter()
        X = module(name)
        auto = tk.nn.EquivariantLinear(X, X, channels, channels, bias=False)
        times.append(1000 * (time.perf_counter() - start))
    layers: dict[str, torch.nn.Module] = {"auto": auto}
    layers |= competitors(name, X, channels, auto.hom_space.count)
    x = torch.randn(BATCH, X.degree, channels)
    with tk.nn.prepared():
        ready = in_turn({"auto": partial(forward, auto, x)}, seconds / 4)["auto"]
    floor = 1000 * 4 * (2 * x.numel() + auto.weight.numel()) / rate
    out = {}
    for kind, run in (("inference", forward), ("training", training)):
        found = in_turn({n: partial(run, layer, x) for n, layer in layers.items()}, seconds)
        own = {k: v for k, v in found.items() if k in OWN}
        best = min(own, key=lambda k: own[k])
        row = [name, auto.method, f"{found['auto']:.2f}", f"{best} {found['auto'] / own[best]:.2f}"]
        for peer in ("nn.Linear", "torch.fft"):
            ratio = f"{found[peer] / found['auto']:.2f}" if peer in found else "-"
            row += [f"{found[peer]:.2f}" if peer in found else "-", ratio]
        if kind == "inference":
            row += [f"{ready:.2f}", f"{ready / floor:.1f}"]
        out[kind] = [*row, " ".join(f"{k} {v:.2f}" for k, v in own.items())]
    dense = 4 * (X.degree * channels) ** 2 / 2**20
    flops = "-" if auto.hom_space.count == 0 else f"{auto.estimate().total(auto.method):.2f}"
    out["size"] = [
        name, str(X.degree), str(auto.hom_space.count), f"{times[0]:.0f}", f"{times[1]:.0f}",
        f"{4 * auto.parameters_count() / 2**20:.2f}", f"{dense:.0f}", flops,
    ]  # fmt: skip
    return out


HEADERS = {
    "inference": (
        "layer", "auto", "auto ms", "best own, auto/best", "nn.Linear ms", "/auto", "torch.fft ms",
        "/auto", "prepared ms", "/floor of bytes", "every method",
    ),
    "training": (
        "layer", "auto", "auto ms", "best own, auto/best", "nn.Linear ms", "/auto", "torch.fft ms",
        "/auto", "every method",
    ),
    "size": (
        "layer", "points", "orbitals", "built ms", "again ms", "weights MiB", "dense MiB",
        "estimated ms",
    ),
}  # fmt: skip


def report(channels: Iterable[int], only: str, seconds: float) -> None:
    """Print the tables."""
    from run_all import table

    rate = stream_rate()
    print(f"\ncopying {rate / 1e9:.1f} GB/s; batch {BATCH}, float32, medians")
    for count in channels:
        rows: dict[str, list[list[str]]] = {kind: [] for kind in HEADERS}
        for name in CASES:
            if only in name:
                found = measure(name, count, seconds, rate)
                for kind, row in found.items():
                    rows[kind].append(row)
                print("   ", *found["inference"], file=sys.stderr, flush=True)
        for kind, header in HEADERS.items():
            table(f"Layers, {count} channels: {kind}", header, rows[kind])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\npeak memory of the whole run {peak:.1f} GiB")


def stream_rate() -> float:
    """Return the bytes per second of copying a large tensor: the floor's yardstick."""
    import torch

    a = torch.randn(1 << 24)
    b = torch.empty_like(a)
    found = in_turn({"copy": partial(b.copy_, a)}, 0.5)["copy"]
    return 2 * 4 * a.numel() / (found / 1000)


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--channels", type=int, nargs="*", default=[16, 64])
    parser.add_argument("--only", default="")
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    os.environ.setdefault("PLREP_CACHE_DIR", tempfile.mkdtemp(prefix="plrep-bench-"))
    report(options.channels, options.only, options.seconds)


if __name__ == "__main__":
    main()
