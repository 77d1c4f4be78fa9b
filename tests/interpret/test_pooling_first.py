"""Networks that begin with pooling or unpooling: their input is found without an example."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import toolkit as tk
from tests.interpret.test_trim import inputs_in
from tests.interpret.test_trim_graphs import drawn, require_equal
from toolkit.interpret import flow, lowpass, spectra, trim, zero_components
from toolkit.nn import EquivariantLinear, EquivariantPooling, EquivariantUnpooling, OrbitEmbedding

G = tk.group("D8")
X, Y = G.regular_module(), G.natural_module()
POINT = G.trivial_module()


def behind(Z):
    return tk.nn.Residual(EquivariantLinear(Z, Z, 2, 2)), nn.ReLU(), EquivariantLinear(Z, Z, 2, 2)


class Registered(nn.Module):
    """Not a container: its layers are known in the order of their registration."""

    def __init__(self):
        super().__init__()
        self.pool = EquivariantPooling(X, Y)
        self.one = EquivariantLinear(Y, Y, 2, 2)

    def forward(self, x):
        x = self.pool(x)
        return x + torch.relu(self.one(x))


NETWORKS = {
    "pooling": (X, lambda: nn.Sequential(EquivariantPooling(X, Y), *behind(Y))),
    "unpooling": (Y, lambda: nn.Sequential(EquivariantUnpooling(Y, X), *behind(X))),
    "twice": (
        X,
        lambda: nn.Sequential(
            EquivariantPooling(X, Y), nn.Tanh(), EquivariantPooling(Y, POINT), *behind(POINT)
        ),
    ),
    "there and back": (
        Y,
        lambda: nn.Sequential(EquivariantUnpooling(Y, X), EquivariantPooling(X, Y), *behind(Y)),
    ),
    "embedding": (
        X,
        lambda: nn.Sequential(
            EquivariantPooling(X, Y), OrbitEmbedding(Y, 2), nn.ReLU(), EquivariantLinear(Y, Y, 2, 2)
        ),
    ),
    "registered": (X, Registered),
    "pooling later": (
        X,
        lambda: nn.Sequential(
            tk.nn.Residual(EquivariantLinear(X, X, 2, 2)), EquivariantPooling(X, Y), *behind(Y)
        ),
    ),
}


@pytest.mark.parametrize("case", NETWORKS)
def test_every_question_is_answered(case):
    start, make = NETWORKS[case]
    net = drawn(make())
    label = "L1" if "L1" in start.multiplicities else list(start.multiplicities)[-1]
    small = trim(net, [label])
    x = inputs_in(start, [label], 2)
    with torch.no_grad():
        require_equal(small(x), net(x))
    assert zero_components(net, [label])[0].module is start
    data = torch.randn(5, start.degree, 2, dtype=torch.float64)
    measured = spectra(net, data)
    found = flow(net, data)
    assert found.graph["samples"] == 5
    assert found.graph["places"]
    assert measured["input"].samples == 5
    assert lowpass(net, [label], x).output.relative < 1e-12
