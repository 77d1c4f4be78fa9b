"""Handwritten digits under rotations and reflections: a p4m network beside a plain convolution.

The digits are those that scikit-learn ships, 8 x 8. D8, the symmetries of the square, moves the
pixels and the cells of a 3 x 3 window; between lifting and the invariant head every function lives
on pixels and elements of D8. The plain networks have the same layers and at least as many
parameters; one of them is trained on digits that are rotated and reflected at random. Equal in
parameters, not in arithmetic: a channel of the p4m network is a function on eight elements.

A network that cannot tell a digit from its image in the mirror cannot tell a 6 from a 9 that is
turned, as far as they look alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from sklearn.datasets import load_digits
from torch import nn
from training import accuracy, count, fit, is_quick

import toolkit as tk

if TYPE_CHECKING:
    from collections.abc import Callable

D8 = tk.group("D8")
WINDOW = tk.nn.square_window(D8, 3)
ELEMENTS = D8.regular_module()
SYMMETRIES = tuple((turns, mirror) for mirror in (False, True) for turns in range(4))


def digits(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return training and test images ``(count, 1, 8, 8)`` and their digits."""
    data = load_digits()
    images = torch.from_numpy(data.images).float().unsqueeze(1) / 8
    labels = torch.from_numpy(data.target)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
    train, test = order[:1200], order[1200:]
    return images[train], labels[train], images[test], labels[test]


def moved(images: torch.Tensor, turns: int, mirror: bool) -> torch.Tensor:
    """Return the images turned by quarters, and reflected before if wanted."""
    return torch.rot90(images.flip(-1) if mirror else images, turns, (-2, -1))


def moved_at_random(images: torch.Tensor, seed: int) -> torch.Tensor:
    """Return each image moved by a symmetry of the square."""
    noise = torch.Generator().manual_seed(seed)
    which = torch.randint(len(SYMMETRIES), (len(images),), generator=noise)
    rows = [moved(x, *SYMMETRIES[int(w)]) for x, w in zip(images, which, strict=True)]
    return torch.stack(rows)


class OfImages(nn.Module):
    """A network of images from one of fields: an image is a field of one point."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the network makes of images ``(count, channels, 8, 8)``."""
        y: torch.Tensor = self.net(x.unsqueeze(-4))
        return y


def p4m_network(wide: int) -> nn.Module:
    """Return a network that does not change under D8: lift, convolve, pool, convolve, pool."""
    relu = tk.nn.Pixelwise(tk.nn.Pointwise("relu", ELEMENTS))
    convolve: Callable[..., nn.Module] = tk.nn.GroupConvolution
    return OfImages(
        nn.Sequential(
            convolve(WINDOW, WINDOW.point, ELEMENTS, 1, wide, padding="same"),
            relu,
            convolve(WINDOW, ELEMENTS, ELEMENTS, wide, wide, padding="same"),
            relu,
            tk.nn.Gridwise(nn.MaxPool2d(2)),  # 8 = 4 * 2: exact
            convolve(WINDOW, ELEMENTS, ELEMENTS, wide, 2 * wide, padding="same"),
            relu,
            tk.nn.GridPooling(ELEMENTS, "max"),
            tk.nn.InvariantPooling(ELEMENTS, "max"),
            nn.Flatten(-2),
            nn.Linear(2 * wide, 10),
        )
    )


def plain_network(wide: int) -> nn.Module:
    """Return the same layers without a group."""
    return nn.Sequential(
        nn.Conv2d(1, wide, 3, padding=1), nn.ReLU(),
        nn.Conv2d(wide, wide, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(wide, 2 * wide, 3, padding=1), nn.ReLU(),
        nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(2 * wide, 10),
    )  # fmt: skip


def networks(quick: bool) -> dict[str, nn.Module]:
    """Return a p4m network and two plain ones of no fewer parameters."""
    torch.manual_seed(3)
    p4m = p4m_network(4 if quick else 8)
    wide = 1
    while count(plain_network(wide)) < count(p4m):
        wide += 1
    return {
        "p4m": p4m,
        "plain": plain_network(wide),
        "plain, moved in training": plain_network(wide),
    }


@torch.no_grad()
def changes(model: nn.Module, images: torch.Tensor) -> float:
    """Return the largest relative change of the outputs under the symmetries, in float64."""
    model = model.double()
    outputs = [model(moved(images.double(), *s)) for s in SYMMETRIES]
    model.float()
    return max(float((y - outputs[0]).norm() / outputs[0].norm()) for y in outputs)


def main() -> None:
    """Train three networks and move the test images."""
    quick = is_quick(__doc__)
    x, y, x_test, y_test = digits()
    if quick:
        x, y, x_test, y_test = x[:512], y[:512], x_test[:128], y_test[:128]
    kernel = tk.hom_dimension(WINDOW.module * ELEMENTS, ELEMENTS)
    print("1. The weights\n")
    print(f"   regular to regular, 3 x 3: {kernel} weights per pair of channels of {8 * 8 * 9}")

    print("\n2. Trained on upright digits; accuracy in percent\n")
    models = networks(quick)
    print(f"   {'network':<26}{'weights':>8}{'upright':>9}{'moved':>8}{'outputs change by':>20}")
    everywhere = torch.cat([moved(x_test, *s) for s in SYMMETRIES])
    labels = y_test.repeat(len(SYMMETRIES))
    for name, model in models.items():
        torch.manual_seed(4)
        epochs, loss = (15 if quick else 30), nn.functional.cross_entropy
        if name.endswith("training"):
            # as many steps, with new images in each epoch
            shown = torch.cat([moved_at_random(x, seed) for seed in range(epochs)])
            fit(model, shown, y.repeat(epochs), loss, 1, rate=4e-3)
        else:
            fit(model, x, y, loss, epochs, rate=4e-3)
        cells = [100 * accuracy(model, v, w) for v, w in ((x_test, y_test), (everywhere, labels))]
        change = changes(model, x_test)
        says = "rounding" if change < 1e-9 else f"{100 * change:.0f} %"
        print(f"   {name:<26}{count(model):>8}{cells[0]:9.1f}{cells[1]:8.1f}{says:>20}")

    print("\n3. What invariance costs\n")
    with torch.no_grad():
        found = models["p4m"](x_test).argmax(-1)
    wrong = found != y_test
    mixed = (
        wrong & torch.isin(found, torch.tensor([6, 9])) & torch.isin(y_test, torch.tensor([6, 9]))
    )
    print(f"   of {int(wrong.sum())} errors of the p4m network {int(mixed.sum())} are 6 for 9")


if __name__ == "__main__":
    main()
