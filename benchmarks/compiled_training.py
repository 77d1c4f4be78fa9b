"""Training with and without ``torch.compile``: times, and how far the gradients are apart.

Alone: ``python benchmarks/compiled_training.py [--only S4]``; part of ``make bench``. Forward and
backward of one layer, float32, batch 64, two threads, milliseconds, the median of rounds that
alternate between eager and compiled. The largest deviation is over the output and the gradients of
input, weight and bias, relative to their norms. Every row is a process of its own.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BATCH = 64
#: name: group, kind of module, channels, method, parametrisation
CASES: dict[str, tuple[str, str, int, str, str]] = {
    "C512 regular": ("C512", "regular", 16, "fft", "orbit"),
    "D512 regular": ("D512", "regular", 16, "fft", "orbit"),
    "S1024 points": ("S1024", "natural", 16, "structured", "orbit"),
    "PSL(2,7) regular": ("PSL(2,7)", "regular", 16, "spectral", "fourier"),
    "C16 regular": ("C16", "regular", 4, "structured", "orbit"),
    "D16 regular": ("D16", "regular", 4, "structured", "orbit"),
    "S4 regular": ("S4", "regular", 4, "structured", "orbit"),
    "S5 points": ("S5", "natural", 16, "dense", "fourier"),
    "SL(2,3) natural": ("SL(2,3)", "natural", 16, "dense", "fourier"),
    "D16 regular, dense": ("D16", "regular", 16, "dense", "fourier"),
    "D16 regular, fft": ("D16", "regular", 16, "fft", "fourier"),
    "S4 regular, fast": ("S4", "regular", 16, "fast", "orbit"),
}


def measure(name: str) -> dict[str, float]:
    """Return times and the largest deviation of one case."""
    import torch
    from compiled_gradients import deviations

    import toolkit as tk

    group, kind, channels, method, parametrization = CASES[name]
    G = tk.group(group)
    X = G.regular_module() if kind == "regular" else G.natural_module()
    torch.set_num_threads(2)
    torch.manual_seed(0)
    layer = tk.nn.EquivariantLinear(
        X, X, channels, channels, method=method, parametrization=parametrization
    )
    compiled = torch.compile(layer)
    x = torch.randn(BATCH, X.degree, channels)
    out = {"deviation": max(deviations(layer, compiled, x).values())}
    x.requires_grad_()

    def step(run: Callable[[torch.Tensor], torch.Tensor]) -> float:
        layer.zero_grad()
        x.grad = None
        start = time.perf_counter()
        run(x).sum().backward()
        return 1000 * (time.perf_counter() - start)

    times: dict[str, list[float]] = {"eager": [], "compiled": []}
    start = time.perf_counter()
    while len(times["eager"]) < 9 or time.perf_counter() - start < 3:
        times["eager"].append(step(layer))
        times["compiled"].append(step(compiled))
    return out | {key: statistics.median(found[2:]) for key, found in times.items()}


def rows(only: str = "") -> Iterator[list[str]]:
    """Yield a row for each case; what ended a process that did not come back."""
    yield ["layer", "method", "eager ms", "compiled ms", "gradients off by"]
    for name, (_, _, _, method, parametrization) in CASES.items():
        if only not in name:
            continue
        done = subprocess.run(
            [sys.executable, "-W", "ignore", __file__, "--case", name],
            capture_output=True,
            text=True,
            check=False,
        )
        how = f"{method}, {parametrization}"
        if done.returncode:
            yield [name, how, "", "", f"ended with status {done.returncode}"]
            continue
        found = json.loads(done.stdout)
        yield [name, how, f"{found['eager']:.2f}", f"{found['compiled']:.2f}",
               f"{found['deviation']:.0e}"]  # fmt: skip


def report(only: str = "") -> None:
    """Print the table."""
    print("\nTraining, eager and compiled")
    for row in rows(only):
        print("  " + row[0].ljust(20), *(cell.rjust(22) for cell in row[1:]), flush=True)


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cases whose name has this in it")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        print(json.dumps(measure(options.case)))
    else:
        report(options.only)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
    main()
