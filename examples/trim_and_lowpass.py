"""Smaller networks: what can be removed without changing an output, and what a low-pass costs.

Trimming is exact: on inputs in some simples the coordinates before an activation agree along the
orbits of a subgroup, so that fewer points are enough. A low-pass network forces its inputs into a
closed set of simples. Is a low-frequency target served by the low-frequency part of the input? That
depends on the target, and here it is measured.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import matplotlib as mpl
import networkx as nx
import numpy as np
import torch
from torch import nn
from training import OUT, PALETTE, check_zeros, count, fit, is_quick, relative_error

import toolkit as tk

if TYPE_CHECKING:
    from collections.abc import Callable

CIRCLE = tk.group("C16").natural_module()
HIGHS = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0)


# -- trimming -------------------------------------------------------------------------------------


def inside(X: tk.PermutationModule, labels: list[str], number: int) -> torch.Tensor:
    """Return random functions ``(number, |X|, 1)`` of float64 in given simples."""
    basis = tk.fourier_basis(X)
    generator = torch.Generator().manual_seed(8)
    coordinates = torch.zeros(X.degree, number, dtype=torch.float64)
    for s in basis.simples:
        if s.label in labels:
            size = (s.rows.stop - s.rows.start, number)
            coordinates[s.rows] = torch.randn(size, generator=generator, dtype=torch.float64)
    return torch.from_numpy(basis.matrix.T @ coordinates.numpy()).T[..., None].contiguous()


def fixed_by(X: tk.PermutationModule, permutations: list[np.ndarray]) -> list[str]:
    """Return the simples whose functions do not change under permutations of the points."""
    basis = tk.fourier_basis(X)
    return [
        s.label
        for s in basis.simples
        if all(np.allclose(basis.matrix[s.rows], basis.matrix[s.rows][:, p]) for p in permutations)
    ]


def milliseconds(model: nn.Module, x: torch.Tensor) -> float:
    """Return the fastest of some passes."""
    best = float("inf")
    with torch.no_grad():
        for _ in range(12):
            start = time.perf_counter()
            model(x)
            best = min(best, time.perf_counter() - start)
    return 1e3 * best


def trimming(quick: bool) -> None:
    """Trim networks on several groups; print sizes, speed, and the difference of the outputs."""
    channels, number = (8, 16) if quick else (32, 128)
    circle, image = tk.group("C64").natural_module(), tk.nn.periodic_module((12, 12))
    pixels = np.arange(144).reshape(12, 12)
    halves = [np.roll(pixels, 6, axis).ravel() for axis in (0, 1)]
    cases: list[tuple[str, tk.PermutationModule, list[str], str]] = [
        ("C64, period 16", circle, fixed_by(circle, [np.roll(np.arange(64), 16)]), "relu"),
        ("C12 x C12, period 6 both ways", image, fixed_by(image, halves), "relu"),
        ("S4, functions of S4/V4", tk.group("S4").regular_module(), ["L0", "L1", "L2"], "gelu"),
        ("SL(2,3), even", tk.group("SL(2,3)").regular_module(), ["L0", "L1", "L2"], "relu"),
        ("dodecahedron, even", tk.nn.graph_module(nx.dodecahedral_graph()), ["L0", "L6", "L8"],
         "relu"),
        ("dodecahedron, odd", tk.nn.graph_module(nx.dodecahedral_graph()), ["L4", "L5", "L7"],
         "tanh"),
        ("S4 on 4 points, centred", tk.group("S4").natural_module(), ["L3"], "relu"),
    ]  # fmt: skip
    print(
        f"   {'functions':<30} {'points':>9} {'weights':>15} {'ms':>13} {'times':>6}  same outputs"
    )
    for name, X, labels, activation in cases:
        torch.manual_seed(0)
        bias = activation != "tanh"
        net = tk.nn.EquivariantMLP(
            X, [1, channels, channels, 1], activation, bias, dtype=torch.float64
        )
        x = inside(X, labels, number)
        with torch.no_grad():
            for p in net.parameters():  # biases start at 0, which would be a special case
                if p.dim() == 2:
                    p.normal_(std=0.3)
        small = tk.interpret.trim(net, labels)
        with torch.no_grad():
            error = float((small(x) - net(x)).norm() / net(x).norm())
        if error > 1e-12:
            raise RuntimeError(f"{name}: the trimmed network differs by {error:.1e}")
        before, after = milliseconds(net, x), milliseconds(small, x)
        blocks = small.stages[1].blocks
        print(
            f"   {name:<30} {X.degree:>3} -> {blocks:<3}"
            f"{small.weights_before:>7} -> {small.weights_after:<6}"
            f"{before:6.2f} -> {after:<5.2f}{before / after:5.1f}  to 1e-12, relative"
        )
    print(
        f"\n   Batches of {number}, {channels} channels, two hidden layers, float64. Milliseconds"
        "\n   are the best of 12 and differ from run to run; all else is the same in every run."
        "\n   In the last row no two coordinates agree: there is nothing to merge or to gain."
    )


# -- low-pass -------------------------------------------------------------------------------------


def low(x: torch.Tensor) -> torch.Tensor:
    """Return the part of functions on 16 points that has period 8: the even frequencies."""
    return (x + x.roll(8, -2)) / 2


def inputs(number: int, high: float, seed: int) -> torch.Tensor:
    """Return random functions: even frequencies, and odd ones times a factor."""
    x = torch.randn(number, 16, 1, generator=torch.Generator().manual_seed(seed))
    return low(x) + high * (x - low(x))


def wiggle(x: torch.Tensor) -> torch.Tensor:
    """Return a nonlinear function of each point and its neighbour."""
    return torch.relu(x - 0.5 * x.roll(1, -2)) - 0.3 * x.abs()


#: Both have only even frequencies, the low ones of the filtration.
TARGETS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "g(P x), made from the low part": lambda x: wiggle(low(x)),
    "P g(x), the low part of what all make": lambda x: low(wiggle(x)),
}


def lowpass(quick: bool) -> dict[str, tuple[list[float], list[float], list[float]]]:
    """Train on both targets; measure what a low-pass costs as the inputs' high part grows."""
    G = tk.group("C16")
    N = next(n for n in G.normal_subgroups().subgroups if n.order == 2)
    number, epochs, channels = (128, 3, 6) if quick else (4096, 60, 24)
    kept = [s.label for s in G.simples if int(s.paper_index) % 2 == 0]
    curves = {}
    for name, target in TARGETS.items():
        x = torch.cat([inputs(number // 4, h, seed=k) for k, h in enumerate((0.0, 0.5, 1.0, 2.0))])
        torch.manual_seed(1)
        net = tk.nn.EquivariantMLP(CIRCLE, [1, channels, channels, 1], "relu")
        fit(net, x, target(x), nn.functional.mse_loss, epochs, rate=4e-3)
        torch.manual_seed(1)
        own = tk.nn.EquivariantMLP(CIRCLE, [1, channels, channels, 1], "relu")
        fit(own, low(x), target(x), nn.functional.mse_loss, epochs, rate=4e-3)
        own_low = tk.interpret.trim(own, kept)
        print(f"   target {name}\n")
        print("   high part   network   its low-pass   trained low-pass   mixed in   lost")
        full, cut, fresh = [], [], []
        for high in HIGHS:
            test = inputs(500 if not quick else 50, high, seed=77)
            y = target(test)
            found = tk.interpret.lowpass(net, N, test)
            full.append(relative_error(net, test, y))
            cut.append(relative_error(found.model, test, y))
            fresh.append(relative_error(own_low, low(test), y))
            mixed, lost = found.output.mixed_share, found.output.lost_share
            print(
                f"   {high:>9}   {full[-1]:7.3f}   {cut[-1]:12.3f}   {fresh[-1]:16.3f}"
                f"   {_small(mixed):>8}   {_small(lost):>6}"
            )
            if high == 0 and found.output.relative > 1e-5:
                raise RuntimeError("on inputs of low frequency the low-pass network is not equal")
        print(f"\n   weights: {count(net)}, of the low-pass network {found.model.weights_after}")
        print("  ", check_zeros(net, kept, inputs(200, 0.0, seed=3)), "\n")
        curves[name] = (full, cut, fresh)
    return curves


def _small(share: float | None) -> str:
    """Return a share of energy; what is rounding in float32 is written 0."""
    return "-" if share is None else "0" if share < 1e-11 else f"{share:.3f}"


def draw(curves: dict[str, tuple[list[float], list[float], list[float]]]) -> None:
    """Draw errors against the size of the high part."""
    import matplotlib.pyplot as plt

    plt.rcParams.update({"font.size": 9})
    figure, axes = plt.subplots(1, 2, figsize=(8.6, 3.5), sharey=True, layout="constrained")
    words = ("network", "low-pass of the network", "trained as low-pass")
    for ax, (name, lines) in zip(axes, curves.items(), strict=True):
        for word, line, colour, style in zip(
            words, lines, (PALETTE[8], PALETTE[5], PALETTE[0]), ("o-", "s-", "^--"), strict=True
        ):
            ax.plot(HIGHS, line, style, color=colour, label=word, ms=5)
        ax.set_title("target " + name)
        ax.set_xlabel("size of the high-frequency part of the input")
        ax.grid(color="#eceef1")
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylim(0, 1.08 * max(max(line) for lines in curves.values() for line in lines))
    axes[0].set_ylabel("|output - target| / |target|")
    axes[1].legend(frameon=False, loc="upper left")
    figure.savefig(OUT / "lowpass.png", dpi=110)
    plt.close(figure)


def main() -> None:
    """Trim, low-pass, draw."""
    quick = is_quick(__doc__)
    mpl.use("Agg")
    print("1. Trimming: the same outputs from fewer points and weights\n")
    trimming(quick)
    print(
        "\n2. Low-pass on C16: the even frequencies are kept, the simples killed by N of order 2;"
    )
    print("   errors relative to the target; P is the projection to the even frequencies\n")
    draw(lowpass(quick))
    print(
        "   Both targets have low frequencies only. The first needs only the low part of the\n"
        "   input. The second does not: high frequencies together make low ones, and what sees\n"
        "   the low part alone can only guess, also when trained for it. Without a high part in\n"
        "   the input the low-pass network is the network."
    )
    print(f"\n   drawn: {OUT / 'lowpass.png'}")


if __name__ == "__main__":
    main()
