"""Random directed acyclic networks: trimmed ones give the same, and other inputs are noticed."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
import torch
from random_networks import MODULES, RandomNetwork, inputs_in, module_of, redrawn
from torch import nn
from torch.nn import functional

import toolkit as tk
from tests.interpret.test_einsum_and_attention import Contractions
from toolkit.errors import ModuleMismatchError
from toolkit.interpret.network.calls import Ref
from toolkit.interpret.trimming.graphs.network import replay_of
from toolkit.interpret.trimming.graphs.plan import plan_of
from toolkit.interpret.trimming.trim import trim
from toolkit.interpret.zeros.graphs.network import supports_in_graph


def heads(layer, a, b):
    batch, n, channels = a.shape
    split = [t.reshape(batch, n, channels, 1).transpose(1, 2) for t in (layer(a), b)]
    y = functional.scaled_dot_product_attention(split[0], split[1], split[1])
    return y.transpose(1, 2).reshape(batch, n, channels)


def in_place(layer, a, b):
    h = layer(a)
    h += b
    return h.relu_().mul_(0.5)


class RandomGraph(RandomNetwork):
    """With shared layers, moved axes, heads, changes in place, poolings and dropout that is off."""

    def __init__(self, X, seed, length=9):
        super().__init__(X, seed, length)
        draw = np.random.default_rng([seed, 1])
        layers = [i for i, (op, _) in enumerate(self.steps) if op in ("linear", "shared")]
        for i, (op, _) in enumerate(self.steps):
            if op == "shared" and layers:
                self.layers[i] = self.layers[int(draw.choice(layers))]
        self.double().eval()

    OPERATIONS = {  # noqa: RUF012
        **RandomNetwork.OPERATIONS,
        "shared": (
            lambda X, C, d: tk.nn.EquivariantLinear(X, X, C, C, bias=bool(d.integers(0, 2))),
            lambda layer, a, b: layer(a),
        ),
        "moved": (
            lambda X, C, d: nn.BatchNorm1d(C),
            lambda layer, a, b: layer(a.transpose(1, 2)).relu().mT + b,
        ),
        "heads": (lambda X, C, d: nn.Linear(C, C), heads),
        "in place": (lambda X, C, d: tk.nn.EquivariantLinear(X, X, C, C, bias=False), in_place),
        "dropout": (lambda X, C, d: nn.Dropout(0.5), lambda layer, a, b: layer(a) - b),
        "pooled": (lambda X, C, d: None, lambda layer, a, b: a.mean(-2, keepdim=True) * b + a),
        "largest": (
            lambda X, C, d: None,
            lambda layer, a, b: a.amax(-2, keepdim=True).expand(-1, a.shape[1], -1) + b,
        ),
        "layer norm": (
            lambda X, C, d: nn.LayerNorm(C, eps=0.1),
            lambda layer, a, b: a + layer(b),
        ),
        "residual": (
            lambda X, C, d: tk.nn.Residual(
                nn.Sequential(tk.nn.EquivariantLinear(X, X, C, C), nn.ReLU(inplace=True))
            ),
            lambda layer, a, b: layer(a),
        ),
    }
    WEIGHTS = np.array([6, 3, 1, 1, 3, 1, 3, 3, 1, 2, 2, 1, 1, 1, 1, 4, 2, 1, 2, 1, 1, 1, 1, 3])
    WEIGHTS = WEIGHTS / WEIGHTS.sum()


def check(name, seed, kind=RandomGraph):
    """Compare a network and the trimmed one; return the points before and after."""
    X = module_of(name)
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    torch.manual_seed(seed)
    net = kind(X, seed).double().eval()
    redrawn(net, seed)
    labels = list(X.multiplicities)
    count = min(len(labels), int(rng.integers(1, 3)))
    sources = sorted(rng.choice(labels, size=count, replace=False))
    example = torch.zeros(7, X.degree, 3, dtype=torch.float64)
    small = trim(net, sources, modules=X, example=example, inputs=str(rng.choice(RULES)))
    x = inputs_in(X, sources, seed)
    for size in (1, 3):
        with torch.no_grad():
            made = zip(net.steps, small(x[:size]), net(x[:size]), strict=True)
        for (op, _), found, wanted in made:
            largest = float(wanted.abs().max())
            if not np.isfinite(largest) or largest > 1e12:
                break  # squares of squares
            assert found.shape == wanted.shape
            error = float((found - wanted).abs().max())
            assert error <= 1e-12 * max(largest, 1e-3), (name, seed, op, error, small.to_table())
    assert small.check_input(x) < 1e-24
    others = [label for label in labels if label not in sources]
    if others:
        with pytest.raises(ModuleMismatchError, match="of its energy elsewhere"):
            small.check_input(x + inputs_in(X, others, seed), 1e-6)
    return sum(s.points for s in small.stages), sum(s.blocks for s in small.stages)


RULES = ("select", "project")


def check_blocks(name, seed, kind=RandomGraph):
    """In the network itself every tensor is what its blocks say, point by point."""
    X = module_of(name)
    torch.manual_seed(seed)
    net = kind(X, seed).double().eval()
    redrawn(net, seed)
    sources = list(X.multiplicities)[seed % 3 : seed % 3 + 1]
    example = torch.zeros(7, X.degree, 3, dtype=torch.float64)
    found = supports_in_graph(net, sources, None, modules=X, example=example)
    plan = plan_of(found.graph, found.support, found.states)
    replay, places = replay_of(net, found)
    numbers = [n for n in plan.blocks if n in places]
    given = inputs_in(X, sources, seed)
    with torch.no_grad():
        asked = tuple(Ref(places[n]) for n in numbers)
        values = replay.run([given], replay.program.steps, asked)
    merged = 0
    for number, t in zip(numbers, values, strict=True):
        blocks = plan.blocks[number]
        rows = t.movedim(plan.axis(number), 0).reshape(X.degree, -1)
        largest = float(rows.abs().max())
        if not np.isfinite(largest) or largest > 1e12:
            break
        expected = torch.from_numpy(blocks.matrix) @ rows[torch.from_numpy(blocks.first)]
        assert (rows - expected).abs().max() <= 1e-12 * max(largest, 1e-3), (name, seed, number)
        merged += blocks.size < X.degree
    return merged


@pytest.mark.parametrize("kind", [RandomGraph, Contractions])
@pytest.mark.parametrize("name", ["C12", "S3", "D12", "Q8"])
def test_blocks_are_those_of_the_network(name, kind):
    assert sum(check_blocks(name, seed, kind) for seed in range(3)) > 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", [RandomGraph, Contractions])
@pytest.mark.parametrize("name", MODULES)
def test_blocks_of_many_networks(name, kind):
    for seed in range(20, 30):
        check_blocks(name, seed, kind)


SMALL = ("C8", "C12", "C6", "C3xC3", "D10", "D12", "Q8", "S3", "A4", "C2xC2xC2")


@pytest.mark.parametrize("kind", [RandomGraph, Contractions])
@pytest.mark.parametrize("name", SMALL)
def test_random_networks(name, kind):
    check(name, SMALL.index(name), kind)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [RandomGraph, Contractions])
@pytest.mark.parametrize("name", MODULES)
def test_many_random_networks(name, kind):
    """400 networks: 10 of each kind on each of 20 modules."""
    points, blocks = np.sum([check(name, 100 + seed, kind) for seed in range(10)], axis=0)
    assert blocks < points
