"""Handwritten digits as functions on a periodic image: C12 x C12 networks, trained and taken apart.

The digits are those that scikit-learn ships, 8 x 8, put into 12 x 12 zeros: a shift by up to two
pixels moves the digit, and no ink goes over the edge. All 144 periodic shifts are the group.
The functions on the image are its regular module, an equivariant linear map is a convolution, and
averaging the four neighbours is one of them.
"""

from __future__ import annotations

import math

import matplotlib as mpl
import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from training import OUT, accuracy, check_zeros, count, fit, is_quick

import toolkit as tk

SIZE = 12
PIXELS = tk.nn.periodic_module((SIZE, SIZE))
STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))


def digits(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return training and test images ``(count, 1, 12, 12)`` and their digits."""
    data = load_digits()
    images = torch.zeros(len(data.images), 1, SIZE, SIZE)
    images[:, 0, 2:10, 2:10] = torch.from_numpy(data.images).float() / 8
    labels = torch.from_numpy(data.target)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
    train, test = order[:1200], order[1200:]
    return images[train], labels[train], images[test], labels[test]


def shifted(images: torch.Tensor, reach: int, seed: int = 5) -> torch.Tensor:
    """Return the images, each shifted at random by up to ``reach`` pixels along both axes."""
    generator = torch.Generator().manual_seed(seed)
    steps = torch.randint(-reach, reach + 1, (len(images), 2), generator=generator)
    rows = [torch.roll(x, s.tolist(), (-2, -1)) for x, s in zip(images, steps, strict=True)]
    return torch.stack(rows)


def neighbour_average() -> nn.Module:
    """Return the average of the four neighbours as a layer."""
    layer = tk.nn.periodic_convolution((SIZE, SIZE), 1, 1, bias=False, dtype=torch.float64)
    weights = torch.zeros(SIZE * SIZE, 1, 1, dtype=torch.float64)
    for i, j in STEPS:
        weights[(i % SIZE) * SIZE + j % SIZE] = 0.25
    layer.set_weights(weights)
    return layer.requires_grad_(requires_grad=False)


def frequencies() -> dict[str, tuple[int, int]]:
    """Return a frequency (k, l), 0 <= k, l < 12, of each simple; (-k, -l) is the same simple."""
    basis = tk.fourier_basis(PIXELS)
    found = {}
    for s in basis.simples:
        wave = basis.matrix[s.rows][0].reshape(SIZE, SIZE)
        found[s.label] = divmod(int(np.abs(np.fft.fft2(wave)).argmax()), SIZE)
    return found


def order_of(frequency: tuple[int, int]) -> int:
    """Return the order of the action of C12 x C12 on the simple of a frequency."""
    return SIZE // math.gcd(SIZE, *frequency)


class Points(nn.Module):
    """A network of images from one on points ``(..., 144, channels)``."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the network makes of images."""
        y: torch.Tensor = self.net(tk.nn.images_to_points(x))
        return y


def networks(quick: bool) -> dict[str, nn.Module]:
    """Return the four networks, of about the same number of parameters."""
    full, windowed = ((4, 6), (4, 6, 8)) if quick else ((8, 16), (10, 20, 26))
    torch.manual_seed(3)
    convolutions: list[nn.Module] = []
    for a, b in zip((1, *windowed), windowed, strict=False):
        convolutions += [
            tk.nn.WindowedConvolution((SIZE, SIZE), a, b, 5),
            tk.nn.Pointwise("relu", PIXELS),
        ]
    head = [tk.nn.InvariantPooling(PIXELS), nn.Flatten(-2), nn.Linear(windowed[-1], 10)]
    models: dict[str, nn.Module] = {
        "C12 x C12, all weights": Points(
            tk.nn.EquivariantMLP(PIXELS, [1, *full], "relu", invariant_head=10)
        ),
        "C12 x C12, windows 5 x 5": Points(nn.Sequential(*convolutions, *head)),
    }
    goal = count(models["C12 x C12, windows 5 x 5"])
    hidden = round((goal - 10) / (SIZE * SIZE + 11))
    models["plain MLP"] = nn.Sequential(
        nn.Flatten(), nn.Linear(SIZE * SIZE, hidden), nn.ReLU(), nn.Linear(hidden, 10)
    )
    # zeros at the border, pooling to 3 x 3, then a linear layer that sees positions
    wide = 1
    while count(plain_cnn(wide + 1)) <= goal:
        wide += 1
    models["plain CNN"] = plain_cnn(wide)
    return models


def plain_cnn(wide: int) -> nn.Module:
    """Return a textbook convolutional network."""
    return nn.Sequential(
        nn.Conv2d(1, wide, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(wide, 2 * wide, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(18 * wide, 10),
    )  # fmt: skip


def draw(found: tk.interpret.Spectra, average: dict[tuple[int, int], float]) -> None:
    """Draw the spectrum at each place over the plane of frequencies."""
    import matplotlib.pyplot as plt
    from matplotlib.colors import LogNorm

    plt.rcParams.update({"font.size": 9})
    where = frequencies()
    places = ["input", *[name for name in found if name.endswith("after")]]
    titles = ["input", *[f"after ReLU {i}" for i in range(1, len(places))]]
    figure, axes = plt.subplots(
        1, len(places) + 1, figsize=(2.4 * len(places) + 3.2, 2.9), layout="constrained"
    )
    half = SIZE // 2
    ticks = (range(0, SIZE + 1, 3), [str(k - half) for k in range(0, SIZE + 1, 3)])

    def plane(value: dict[str, float]) -> np.ndarray:
        image = np.full((SIZE + 1, SIZE + 1), np.nan)
        for label, (down, across) in where.items():
            copies = {(a, b) for s in (1, -1) for a in _both(s * down) for b in _both(s * across)}
            for a, b in copies:
                image[a + half, b + half] = value[label]
        return image

    def _both(k: int) -> tuple[int, ...]:
        k = (k + half) % SIZE - half
        return (k, half) if k == -half else (k,)

    spectral = None
    for ax, place, title in zip(axes, places, titles, strict=False):
        # per frequency: a simple of dimension 2 holds two, (k, l) and (-k, -l)
        spectrum = found[place]
        value = {
            label: share / dimension
            for (label, share), dimension in zip(
                spectrum.shares.items(), spectrum.dimensions, strict=True
            )
        }
        spectral = ax.imshow(plane(value), cmap="viridis", norm=LogNorm(1e-6, 1), origin="lower")
        ax.set_title(title)
    figure.colorbar(spectral, ax=axes[:-1], shrink=0.75, pad=0.01, label="share of the energy")
    last = axes[-1].imshow(
        plane({label: average[f] for label, f in where.items()}),
        cmap="RdBu_r", vmin=-1, vmax=1, origin="lower",
    )  # fmt: skip
    axes[-1].set_title("neighbour average")
    figure.colorbar(last, ax=axes[-1], shrink=0.75, pad=0.03, label="factor")
    for ax in axes:
        ax.set_xticks(*ticks)
        ax.set_yticks(*ticks)
        ax.set_xlabel("frequency across")
    axes[0].set_ylabel("frequency down")
    figure.savefig(OUT / "periodic_digits.png", dpi=100)
    plt.close(figure)


def main() -> None:
    """Average neighbours, train, shift, look inside."""
    quick = is_quick(__doc__)
    mpl.use("Agg")
    x, y, x_test, y_test = digits()
    if quick:
        x, y, x_test, y_test = x[:256], y[:256], x_test[:128], y_test[:128]

    print("1. The neighbour average is a convolution, and acts on each simple as one number\n")
    layer, sample = neighbour_average(), x_test[:4].double()
    by_layer = layer(tk.nn.images_to_points(sample))
    by_hand = sum(torch.roll(sample, step, (-2, -1)) for step in STEPS) / 4
    error = float((tk.nn.points_to_images(by_layer, (SIZE, SIZE)) - by_hand).abs().max())
    print(f"   layer against four shifts of the image: differ by less than 1e-12: {error < 1e-12}")
    where = frequencies()
    average = {f: float((np.cos(2 * np.pi * np.array(f) / SIZE)).mean()) for f in where.values()}
    basis = tk.fourier_basis(PIXELS)
    waves = torch.from_numpy(np.stack([basis.matrix[s.rows][0] for s in basis.simples]))[..., None]
    factors = torch.from_numpy(np.array([average[where[s.label]] for s in basis.simples]))
    factors = factors[:, None, None]
    error = float((layer(waves) - factors * waves).abs().max())
    print(
        f"   on frequency (k, l) the factor is (cos 2 pi k/12 + cos 2 pi l/12)/2: {error < 1e-12}"
    )
    print(f"   {len(where)} simples, {layer.parameters_count()} weights of {144 * 144}")

    print("\n2. Four networks, trained on unshifted digits; accuracy in percent\n")
    models = networks(quick)
    tests = {
        "as is": x_test,
        "shifted up to 2": shifted(x_test, 2),
        "any shift": shifted(x_test, 6),
    }
    print(f"   {'network':<26} {'weights':>7}" + "".join(f"{name:>18}" for name in tests))
    for name, model in models.items():
        torch.manual_seed(4)
        fit(model, x, y, nn.functional.cross_entropy, 3 if quick else 30, rate=4e-3)
        cells = "".join(f"{100 * accuracy(model, v, y_test):18.1f}" for v in tests.values())
        print(f"   {name:<26} {count(model):>7}{cells}")
    net = models["C12 x C12, windows 5 x 5"].net
    points = tk.nn.images_to_points(x_test)
    moved = tk.nn.images_to_points(shifted(x_test, 6))
    with torch.no_grad():
        same = float((net(points) - net(moved)).abs().max())
    print(f"   the periodic networks' outputs do not change under shifts: {same < 1e-3}")
    print("   they cannot tell where a digit is, which helps the plain ones while nothing moves")

    print("\n3. Where the energy is, by order of the action of the simple, percent\n")
    found = tk.interpret.spectra(net, points)
    orders = sorted({order_of(f) for f in where.values()})
    print("   " + f"{'place':<18}" + "".join(f"{f'order {n}':>10}" for n in orders))
    for place, shares in found.shares.items():
        cells = [
            sum(s for label, s in shares.items() if order_of(where[label]) == n) for n in orders
        ]
        print("   " + f"{place:<18}" + "".join(f"{100 * c:10.2f}" for c in cells))

    print("\n4. Digits folded to period 6: the simples of order 1, 2, 3 and 6 form a closed set\n")
    low = [label for label, f in where.items() if order_of(f) in (1, 2, 3, 6)]
    folded = sum(torch.roll(x_test, (6 * a, 6 * b), (-2, -1)) for a in (0, 1) for b in (0, 1)) / 4
    print("  ", check_zeros(net, low, tk.nn.images_to_points(folded)))
    draw(found, average)
    print(f"\n   drawn: {OUT / 'periodic_digits.png'}")


if __name__ == "__main__":
    main()
