"""What recording spectra adds to a training step, with a million numbers in each tensor.

``python benchmarks/recording.py [--only S4] [--repeat 9]``. A step is a pass, its gradients and an
update, float32; times are medians in milliseconds of processor time on one thread, steps alone and
steps that are recorded in turn. Of a network of layers the energies are taken at four places, of
one with functions and a residual sum at six. With ``every=10`` a tenth of the steps is measured:
the mean over ten steps is shown.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import TYPE_CHECKING

from toolkit.text import table as aligned

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

    from toolkit.modules.module import Module

NUMBERS = 1_000_000


def cases() -> dict[str, tuple[Callable[[], Module], int]]:
    """Return modules and channels by name."""
    import toolkit as tk

    return {
        "C8, 64 channels": (lambda: tk.group("C8").regular_module(), 64),
        "C8, 256 channels": (lambda: tk.group("C8").regular_module(), 256),
        "S4, 16 channels": (lambda: tk.group("S4").regular_module(), 16),
        "S4, 64 channels": (lambda: tk.group("S4").regular_module(), 64),
        "S4, 256 channels": (lambda: tk.group("S4").regular_module(), 256),
        "16 x 16 pixels, 32 channels": (lambda: tk.nn.periodic_module((16, 16)), 32),
    }


def networks(X: Module, channels: int) -> dict[str, nn.Module]:
    """Return a network of layers, and one of functions with a residual sum."""
    import torch
    from torch import nn

    import toolkit as tk

    class Functions(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one = tk.nn.EquivariantLinear(X, X, channels, channels)
            self.two = tk.nn.EquivariantLinear(X, X, channels, channels)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return nn.functional.gelu(self.two(torch.relu(self.one(x))) + x)

    layers = tk.nn.EquivariantMLP(X, [channels, channels, channels], "gelu")
    return {"layers": layers, "functions": Functions()}


def measured(net: nn.Module, X: Module, channels: int, repeat: int) -> tuple[float, ...]:
    """Return milliseconds of a step alone and recorded, of a tenth of steps, and the places."""
    import torch

    import toolkit as tk

    x = torch.randn(max(1, round(NUMBERS / (X.degree * channels))), X.degree, channels)
    optimiser = torch.optim.SGD(net.parameters(), 1e-4)

    def step() -> None:
        optimiser.zero_grad()
        net(x).square().mean().backward()
        optimiser.step()

    def clock(count: int = 1) -> float:
        start = time.process_time()
        for _ in range(count):
            step()
        return 1000 * (time.process_time() - start) / count

    step()
    recorders = [tk.interpret.record(net), tk.interpret.record(net, every=10)]
    for recorder in recorders:
        with recorder:  # the first pass is traced
            step()
    times: list[list[float]] = [[], [], []]
    for _ in range(repeat):
        times[0].append(clock())
        with recorders[0]:
            times[1].append(clock())
        with recorders[1]:
            times[2].append(clock(10))
    return (*(statistics.median(own) for own in times), len(recorders[0].spectra))


def report(only: str = "", repeat: int = 9) -> None:
    """Print the table."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    rows = [("module", "network", "places", "alone, ms", "recorded", "more", "every=10", "more")]
    try:
        for name, (make, channels) in cases().items():
            if only not in name:
                continue
            X = make()
            for kind, net in networks(X, channels).items():
                alone, whole, tenth, places = measured(net, X, channels, repeat)
                more = [f"{100 * (t / alone - 1):+.1f} %" for t in (whole, tenth)]
                rows.append((name, kind, str(places), f"{alone:.1f}", f"{whole:.1f}", more[0],
                             f"{tenth:.1f}", more[1]))  # fmt: skip
    finally:
        torch.set_num_threads(threads)
    print("\nRecording spectra in training, a million numbers in each tensor")
    print(*aligned(rows, right=range(2, 8), indent=2), sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--repeat", type=int, default=9)
    options = parser.parse_args()
    report(options.only, options.repeat)


if __name__ == "__main__":
    main()
