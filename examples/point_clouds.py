"""Point clouds: Deep Sets are the networks of S_n on n points, with the coordinates as channels.

Clouds are drawn from the surfaces of five bodies, turned at random, centred, and blurred. The
functions on n points have two simples, the trivial one (the mean) and the standard one (what is
left), so a layer has two weights for each pair of channels, for every n.
"""

from __future__ import annotations

import math

import matplotlib as mpl
import torch
from torch import nn
from training import OUT, accuracy, check_zeros, count, fit, is_quick, stacked_bars

import toolkit as tk

BODIES = ("sphere", "cube", "torus", "cylinder", "cone")
POINTS = 64


def surface(body: str, clouds: int, n: int, generator: torch.Generator) -> torch.Tensor:
    """Return random points ``(clouds, n, 3)`` of a surface."""
    u, v, w = torch.rand(3, clouds, n, generator=generator)
    angle = 2 * math.pi * u
    if body == "sphere":
        height = 2 * v - 1
        radius = (1 - height**2).sqrt()
    elif body == "cube":
        side = (6 * w).floor().long()
        flat = torch.stack([2 * u - 1, 2 * v - 1, (side % 2) * 2.0 - 1], -1)
        axes = (torch.arange(3) + (side // 2)[..., None]) % 3
        return flat.gather(-1, axes)
    elif body == "torus":
        # as many points at each angle as the circle there is long, to first order
        inner = 2 * math.pi * v
        inner = inner - 0.4 * torch.sin(inner)
        radius, height = 1 + 0.4 * inner.cos(), 0.4 * inner.sin()
    elif body == "cylinder":
        lid = w < 1 / 3
        radius = torch.where(lid, v.sqrt(), torch.ones_like(v))
        height = torch.where(lid, torch.where(w < 1 / 6, -1.0, 1.0), 2 * v - 1)
    else:
        bottom = w < 0.3
        radius = v.sqrt()
        height = torch.where(bottom, -1.0, 1 - 2 * radius)
    return torch.stack([radius * angle.cos(), radius * angle.sin(), height], -1)


def clouds(each: int, n: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return clouds ``(5 each, n, 3)`` and the numbers of their bodies."""
    generator = torch.Generator().manual_seed(seed)
    out = []
    for body in BODIES:
        points = surface(body, each, n, generator)
        points = points + 0.05 * torch.randn(points.shape, generator=generator)
        turn = torch.linalg.qr(torch.randn(each, 3, 3, generator=generator)).Q
        points = (points - points.mean(-2, keepdim=True)) @ turn
        # of one size, so that the size says nothing
        out.append(points / points.square().mean((-2, -1), keepdim=True).sqrt())
    return torch.cat(out), torch.arange(5).repeat_interleave(each)


def mlp(goal: int, n: int) -> nn.Module:
    """Return a plain perceptron with two hidden layers and about so many parameters."""
    wide = 1
    while 3 * n * (wide + 1) + (wide + 1) * (wide + 8) + 5 <= goal:
        wide += 1
    return nn.Sequential(
        nn.Flatten(), nn.Linear(3 * n, wide), nn.ReLU(), nn.Linear(wide, wide), nn.ReLU(),
        nn.Linear(wide, 5),
    )  # fmt: skip


def sort_points(x: torch.Tensor) -> torch.Tensor:
    """Return the clouds with their points in order of the first coordinate."""
    order = x[..., 0].argsort(-1)
    return x.gather(-2, order[..., None].expand_as(x))


def draw(columns: dict[str, dict[str, dict[str, float]]]) -> None:
    """Draw clouds and the shares of the two simples by layer."""
    import matplotlib.pyplot as plt

    plt.rcParams.update({"font.size": 9})
    figure = plt.figure(figsize=(9.5, 5.4), layout="constrained")
    grid = figure.add_gridspec(2, 10, height_ratios=(1, 1.25))
    for number, body in enumerate(BODIES):
        axes = figure.add_subplot(grid[0, 2 * number : 2 * number + 2], projection="3d")
        cloud = surface(body, 1, 400, torch.Generator().manual_seed(1))[0]
        axes.scatter(*cloud.T, s=5, c=cloud[:, 2], cmap="viridis")
        axes.set_title(body, pad=-4)
        axes.set_axis_off()
        axes.set_box_aspect((1, 1, 1), zoom=1.4)
        for set_limits in (axes.set_xlim, axes.set_ylim, axes.set_zlim):
            set_limits(-1.4, 1.4)
    for number, (title, shares) in enumerate(columns.items()):
        axes = figure.add_subplot(grid[1, 5 * number : 5 * number + 5])
        stacked_bars(axes, shares, {"V0": "trivial: the mean", "V1": "standard: differences"})
        axes.set_title(title)
        if number == 0:
            handles = axes.get_legend_handles_labels()
        else:
            axes.set_ylabel("")
    figure.legend(*handles, frameon=False, loc="outside lower center", ncols=2)
    figure.savefig(OUT / "point_clouds.png", dpi=100)
    plt.close(figure)


def named(found: tk.interpret.Spectra) -> dict[str, dict[str, float]]:
    """Return the shares with names that fit under bars."""
    return {
        place.replace("activations.0", "ReLU 1").replace("activations.1", "ReLU 2")
        .replace(" before", "\nbefore").replace(" after", "\nafter"): shares
        for place, shares in found.shares.items()
    }  # fmt: skip


def main() -> None:
    """Train, permute, change the number of points, look inside."""
    quick = is_quick(__doc__)
    mpl.use("Agg")
    each, wide, epochs = (60, 16, 4) if quick else (600, 64, 40)
    x, y = clouds(each, POINTS, seed=0)
    x_test, y_test = clouds(each // 3, POINTS, seed=1)

    torch.manual_seed(2)
    sets = tk.nn.DeepSets([3, wide, wide], head=[wide, 5], bias=False)
    fresh = tk.interpret.spectra(sets, x_test)
    models: dict[str, nn.Module] = {"Deep Sets": sets}
    models["plain MLP"] = mlp(count(sets), POINTS)
    models["plain MLP, points sorted"] = mlp(count(sets), POINTS)
    print(f"{len(x)} clouds of {POINTS} points, five bodies; accuracy in percent\n")
    head = ("as trained", "points permuted")
    print(f"   {'network':<26} {'weights':>7}" + "".join(f"{h:>17}" for h in head))
    mixed = x_test[:, torch.randperm(POINTS, generator=torch.Generator().manual_seed(7))]
    for name, model in models.items():
        # the second perceptron sees points in order, and so do its tests
        look = sort_points if name.endswith("sorted") else torch.Tensor.contiguous
        torch.manual_seed(3)
        fit(model, look(x), y, nn.functional.cross_entropy, epochs, rate=3e-3)
        cells = [accuracy(model, look(v), y_test) for v in (x_test, mixed)]
        print(f"   {name:<26} {count(model):>7}" + "".join(f"{100 * c:17.1f}" for c in cells))

    print("\n   Deep Sets on clouds of other sizes, the same weights:")
    for n in (32, 64, 128, 256):
        more, labels = clouds(each // 3, n, seed=4)
        print(f"      {n:>4} points: {100 * accuracy(sets, more, labels):.1f}")

    print(
        "\n   Where the energy is (V0 trivial, V1 standard), percent, before and after training:\n"
    )
    found = tk.interpret.spectra(sets, x_test)
    print(fresh.to_table(), found.to_table(), sep="\n\n")

    print("\n   Zeros: centred clouds have no trivial part, points that coincide nothing else")
    net = nn.Sequential(sets.layers[0], nn.ReLU(), sets.layers[1])
    X = tk.group(f"S{POINTS}").natural_module()
    equivariant = nn.Sequential(
        sets.layers[0].to_equivariant(X), tk.nn.Pointwise("relu", X),
        sets.layers[1].to_equivariant(X),
    )  # fmt: skip
    with torch.no_grad():
        same = float((net(x_test) - equivariant(x_test)).abs().max())
    print(f"   the trained layers as general ones of S{POINTS}: outputs agree: {same < 1e-3}")
    print("  ", check_zeros(equivariant, ["V1"], x_test))
    print("  ", check_zeros(equivariant, ["V0"], x_test[:, :1].expand(-1, POINTS, -1)))
    draw({"random weights": named(fresh), "trained": named(found)})
    print(f"\n   drawn: {OUT / 'point_clouds.png'}")


if __name__ == "__main__":
    main()
