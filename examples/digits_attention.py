"""Handwritten digits through a residual network with attention, and what goes on inside it.

The digits are those that scikit-learn ships, 8 x 8. The eight symmetries of the square move the 64
pixels, and the network commutes with them: a lift, attention between all pixels and a map of all
pixels, both added to what they were given, and ten sums over the pixels. Its forward is
written as people write it, with sums and functions of torch; it is read from a run.

An image has parts in five simples: L0 is what all symmetries keep; L4, of dimension 2, is what a
half turn reverses; the other three are what a half turn keeps, and some other symmetries reverse.
An image that a half turn keeps has no part in L4, and then no function on the pixels anywhere in
the network has one. That is exact, for all weights, and it is measured here.
"""

from __future__ import annotations

import matplotlib as mpl
import torch
from sklearn.datasets import load_digits
from torch import nn
from training import OUT, accuracy, count, fit, is_quick

import toolkit as tk
from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.figures import draw_zero_components, figure_for_flow

D8 = tk.group("D8")
PIXELS = tk.nn.square_window(D8, 8).module


class Network(nn.Module):
    """Ten numbers for functions ``(batch, 64, 1)`` on the pixels, which no symmetry changes."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.lift = tk.nn.EquivariantLinear(PIXELS, PIXELS, 1, channels)
        self.attention_norm = tk.nn.ChannelLayerNorm(channels, X=PIXELS)
        self.attention = tk.nn.EquivariantAttention(
            PIXELS, channels, heads, positions=("bias", "keys")
        )
        self.mixing_norm = tk.nn.ChannelLayerNorm(channels, X=PIXELS)
        self.mixing = tk.nn.EquivariantLinear(PIXELS, PIXELS, channels, channels)
        self.back = nn.Linear(channels, channels)
        self.last = tk.nn.EquivariantLinear(PIXELS, D8.trivial_module(), channels, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits ``(batch, 10)``."""
        x = torch.relu(self.lift(x))
        x = x + self.attention(self.attention_norm(x))
        x = x + self.back(torch.relu(self.mixing(self.mixing_norm(x))))
        y: torch.Tensor = self.last(x).mean(-2)  # over the one point of the trivial module
        return y


def digits(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return training and test images as functions ``(count, 64, 1)``, and their digits."""
    data = load_digits()
    images = tk.nn.images_to_points(torch.from_numpy(data.images).float().unsqueeze(1) / 8)
    labels = torch.from_numpy(data.target)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
    train, test = order[:1200], order[1200:]
    return images[train], labels[train], images[test], labels[test]


def kept_by_a_half_turn() -> list[str]:
    """Return the simples whose functions a half turn keeps: it reverses the order of the pixels."""
    basis = tk.fourier_basis(PIXELS)
    found = []
    for s in basis.simples:
        functions = basis.matrix[s.rows]
        if abs(functions - functions[:, ::-1]).max() < 1e-9:
            found.append(s.label)
    return found


def check(net: nn.Module, sources: list[str], x: torch.Tensor) -> str:
    """Compare what is proved to be 0 with what is measured, at every activation."""
    zeros = tk.interpret.zero_components(net, sources, example=x[:1])
    seen = tk.interpret.spectra(net, x)
    shares = [
        seen[f"{stage.key} after"].shares[label]
        for stage in zeros
        for label in stage.impossible or ()
        if f"{stage.key} after" in list(seen)
    ]
    if not shares or max(shares) >= 1e-6:
        raise RuntimeError(f"proved zeros, measured: {shares}")
    return (
        f"{len(shares)} parts after activations are proved to be 0; the largest measured share is "
        f"below 1e-9: {max(shares) < 1e-9}"
    )


def trimmed(net: nn.Module, sources: list[str], x: torch.Tensor) -> str:
    """Return what is left of the network on inputs in some simples, or why it is not trimmed."""
    try:
        small = tk.interpret.trim(net, sources, example=x[:1])
    except (ModuleMismatchError, NotAvailable) as error:
        return f"not trimmed: {error}"
    with torch.no_grad():
        difference = float((small(x) - net(x)).abs().max())
    return (
        f"{small.weights_before} -> {small.weights_after} weights, outputs differ by less than "
        f"1e-4: {difference < 1e-4}"
    )


def main() -> None:
    """Train, look inside, draw."""
    quick = is_quick(__doc__)
    mpl.use("Agg")
    x, y, x_test, y_test = digits()
    if quick:
        x, y, x_test, y_test = x[:192], y[:192], x_test[:64], y_test[:64]
    torch.manual_seed(3)
    net = Network(8, 2)

    print("1. Trained on upright digits\n")
    fit(net, x, y, nn.functional.cross_entropy, 2 if quick else 40, rate=4e-3)
    net.eval()
    square = x_test.reshape(-1, 8, 8)
    moved = torch.cat([torch.rot90(square, k, (-2, -1)) for k in range(4)])
    moved = torch.cat([moved, moved.flip(-1)]).reshape(-1, 64, 1)
    upright, turned = accuracy(net, x_test, y_test), accuracy(net, moved, y_test.repeat(8))
    print(
        f"   {count(net)} weights; right on new digits: {100 * upright:.1f} %, "
        f"turned and reflected: {100 * turned:.1f} %"
    )
    found = tk.interpret.audit(net, D8, PIXELS, "invariant", data=x_test[:64])
    print(f"   audit: equivariant to rounding: {found.is_equivariant}")

    print("\n2. Where the energy is, percent\n")
    print("   " + tk.interpret.spectra(net, x_test).to_table().replace("\n", "\n   "))

    print("\n3. Images that a half turn keeps\n")
    low = kept_by_a_half_turn()
    zeros = tk.interpret.zero_components(net, low, example=x_test[:1])
    print("   " + zeros.to_table().replace("\n", "\n   ") + "\n")
    kept = (x_test + x_test.flip(-2)) / 2
    print(f"   {check(net, low, kept)}")
    print(f"   {trimmed(net, low, kept)}")
    draw_zero_components(zeros, OUT / "digits_attention_zeros.png")

    print("\n4. Origin of each simple\n")
    flow = tk.interpret.flow(net, x_test)
    figure_for_flow(flow).savefig(OUT / "digits_attention_flow.png", dpi=100)
    for name in ("zeros", "flow"):
        print(f"   drawn: {OUT / f'digits_attention_{name}.png'}")


if __name__ == "__main__":
    main()
