"""Layers rebuilt from what a state_dict says of them."""

from __future__ import annotations

import pytest
import torch

import toolkit as tk
from toolkit.errors import CheckpointMismatchError, NotAvailable
from toolkit.interpret.checkpoint import layers_of_checkpoint, module_of_recipe
from toolkit.nn import DeepSets, EquivariantLinear, EquivariantMLP
from toolkit.nn.recipe import fingerprint


def modules():
    G = tk.group("S4")
    V, R, H = G.natural_module(), G.regular_module(), G.coset_module("H4a")
    return [V, R, H, V + R, V + V + V, V * V, V**3, (V + R) * H, V.outer(H), (V + R).outer(V)]


@pytest.mark.parametrize("X", modules(), ids=lambda X: X.name)
def test_names_are_read_and_points_checked(X):
    G = tk.group(X.group)
    found = module_of_recipe(G, fingerprint(X))
    assert fingerprint(found) == fingerprint(X)
    with pytest.raises(CheckpointMismatchError, match="belong to another layer"):
        module_of_recipe(G, {**fingerprint(X), "sha256": "0" * 32})


@pytest.mark.parametrize("parametrization", ["orbit", "fourier"])
@pytest.mark.parametrize("bias", [True, False])
def test_layers_come_back(parametrization, bias):
    X = tk.nn.periodic_module((4, 6))
    layer = EquivariantLinear(X, X, 2, 3, bias, parametrization=parametrization)
    net = torch.nn.Sequential(torch.nn.Identity(), layer)
    found = layers_of_checkpoint(net.state_dict())
    assert list(found) == ["1"]
    x = torch.randn(5, 24, 2)
    assert torch.allclose(found["1"](x), layer(x), atol=1e-6)
    assert list(layers_of_checkpoint(layer.state_dict())) == [""]


def test_what_is_refused():
    with pytest.raises(CheckpointMismatchError, match="entries without one"):
        layers_of_checkpoint(DeepSets([1, 2]).state_dict())
    G = tk.group("S4")
    for name in ("my points", "cosets of H99z", "4 points x 4 points", "(((", "5 points"):
        with pytest.raises(NotAvailable, match="load the model in Python"):
            module_of_recipe(G, {"name": name, "points": 4, "sha256": ""})
    net = EquivariantMLP(G.natural_module(), [1, 2, 1])
    state = {k: v for k, v in net.state_dict().items() if k != "layers.0.weight"}
    with pytest.raises(CheckpointMismatchError, match="found none"):
        layers_of_checkpoint(state)
