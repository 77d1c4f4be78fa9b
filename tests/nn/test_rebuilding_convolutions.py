"""Convolutional networks from their files alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

import toolkit as tk
from toolkit.errors import CheckpointMismatchError, NotAvailable
from toolkit.nn import EquivariantCNN, from_state, grid_matrices, square_window

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import nn


def networks() -> dict[str, Callable[[], EquivariantCNN]]:
    D8, C6v = tk.group("D8"), tk.group("C6v")
    window = square_window(D8, 3)
    hexagon = tk.nn.Window(
        C6v,
        [[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1], [1, 1], [-1, -1]],
        grid_matrices(C6v, 2, lattice=[[1, 0], [-0.5, 3**0.5 / 2]]),
    )
    plane = D8.linear_module([[[0, 1], [-1, 0]], [[1, 0], [0, -1]]])
    image = window.point
    return {
        "plain": lambda: EquivariantCNN(window, [image, None, None], [1, 2, 3]),
        "classifier": lambda: EquivariantCNN(
            window, [image, None, None], [1, 2, 3], ["gelu", "relu"], strides=[2, 1], padding=1,
            normalisation=tk.nn.EquivariantBatchNorm, invariant_head=10, bias=False,
        ),
        "vectors": lambda: EquivariantCNN(
            window, [image, plane, plane], [1, 2, 3], tk.nn.NormActivation,
            padding_mode="circular", normalisation=tk.nn.SimpleNorm, dtype=torch.float64,
        ),
        "hexagons": lambda: EquivariantCNN(
            hexagon, [hexagon.point, None, None], [1, 2, 3], padding="same", padding_mode="circular"
        ),
    }  # fmt: skip


@pytest.mark.gap
@pytest.mark.parametrize("name", ["plain", "classifier", "vectors", "hexagons"])
def test_networks_from_their_states(name: str, tmp_path: Path) -> None:
    net = networks()[name]()
    with torch.no_grad():
        for p in net.parameters():
            p.add_(torch.randn_like(p))
    x = torch.randn(3, 1, 1, 9, 9, dtype=next(net.parameters()).dtype)
    net.train()(x)  # running statistics, where there are some
    net.eval()
    path = tmp_path / "net.pt"
    torch.save(net.state_dict(), path)
    again = from_state(path).eval()
    assert type(again) is EquivariantCNN
    torch.testing.assert_close(again(x), net(x))
    assert again.is_equivariant_on((9, 9)) == net.is_equivariant_on((9, 9))
    older = {k: v for k, v in net.state_dict().items() if k != "_extra_state"}
    net.load_state_dict(older)  # states had no recipe of the network once
    with pytest.raises(CheckpointMismatchError, match="EquivariantMLP, EquivariantCNN or"):
        from_state(older)


def test_networks_that_cannot_be_made_again() -> None:
    window = square_window(tk.group("C4"), 3)

    class Own(EquivariantCNN):
        pass

    def norm(X: tk.PermutationModule, channels: int) -> nn.Module:
        return tk.nn.EquivariantLayerNorm(X, channels)

    def bent(x: torch.Tensor) -> torch.Tensor:
        return x.sin() + x.abs()

    for net, why in (
        (EquivariantCNN(window, window.point, [1, 1, 1], bent), "an activation is"),
        (EquivariantCNN(window, window.point, [1, 1, 1], normalisation=norm), "a normalisation is"),
        (Own(window, window.point, [1, 1]), "Own is a user-defined class"),
    ):
        with pytest.raises(NotAvailable, match=why):
            from_state(net.state_dict())
