"""Networks as plain torch modules."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import toolkit as tk


def _networks() -> dict[str, tk.nn.EquivariantMLP]:
    G = tk.group("S4")
    X = G.natural_module()
    signed = G.signed_coset_module([[1, 2, 3, 0], [2, 1, 0, 3]], [[1, 2, 3, 0]])
    option: dict = {"dtype": torch.float64}
    return {
        "plain": tk.nn.EquivariantMLP([X, None, X], [2, 4, 3], **option),
        "options": tk.nn.EquivariantMLP(X, [2, 4, 4, 3], ["leaky_relu", "softplus"], **option),
        "no torch module": tk.nn.EquivariantMLP(X, [2, 4, 3], "abs", **option),
        "measured": tk.nn.EquivariantMLP(X, [2, 4, 3], lambda t: t**3, **option),
        "shared slope": tk.nn.EquivariantMLP(
            X, [2, 4, 4, 3], nn.PReLU(dtype=torch.float64), **option
        ),
        "norm": tk.nn.EquivariantMLP(X, [2, 4, 4, 3], normalisation="layer", **option),
        "head": tk.nn.EquivariantMLP(X, [2, 4, 4], "gelu", invariant_head=5, **option),
        "signed": tk.nn.EquivariantMLP(signed, [2, 4, 3], "tanh", **option),
        "one layer": tk.nn.EquivariantMLP([X, X + X], [2, 3], **option),
    }


@pytest.mark.parametrize("name", _networks())
def test_the_same_function(name: str) -> None:
    torch.manual_seed(0)
    net = _networks()[name]
    with torch.no_grad():
        for p in net.parameters():
            p.add_(torch.randn_like(p) / 4)
    dense = net.to_dense()
    for leading in ((), (5,), (2, 3)):
        x = torch.randn(*leading, net.X.degree, 2, dtype=torch.float64)
        torch.testing.assert_close(dense(x), net(x))
    count = sum(isinstance(layer, tk.nn.EquivariantLinear) for layer in net.layers)
    linear = sum(type(layer) is nn.Linear for layer in dense)
    assert linear == count + (name == "head")
    with torch.no_grad():
        dense[1].weight.zero_()  # its own weights
    assert not torch.allclose(dense(x), net(x))


def test_it_is_torch_alone() -> None:
    for name in ("plain", "options"):
        kinds = {type(layer).__module__.split(".")[0] for layer in _networks()[name].to_dense()}
        assert kinds == {"torch"}
    slopes = [layer for layer in _networks()["shared slope"].to_dense() if type(layer) is nn.PReLU]
    assert len(slopes) == 2
    assert slopes[0] is slopes[1]


def test_exported() -> None:
    net = _networks()["plain"]
    x = torch.randn(5, 4, 2, dtype=torch.float64)
    program = torch.export.export(net.to_dense(), (x,))
    torch.testing.assert_close(program.module()(x), net(x))
