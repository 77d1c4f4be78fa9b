"""Low-pass networks that are no chains: equal on what they keep, and the error at every tensor."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import toolkit as tk
from tests.interpret.test_lowpass import data, projected
from tests.interpret.test_trim_graph_inputs import Two
from tests.interpret.test_trim_graphs import Written, drawn, layer
from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.interpret.trimming.lowpass import lowpass


def residual(X, bias=True):
    return drawn(
        Written(lambda net, x: x + net.b(net.a(x).relu()), a=layer(X, bias=bias), b=layer(X))
    )


@pytest.mark.parametrize("name", ["C12", "S4"])
def test_equal_on_the_kept_part_for_every_normal_subgroup(name):
    G = tk.group(name)
    X = G.regular_module()
    net = residual(X)
    for normal in G.normal_subgroups(generators=False).subgroups:
        low = lowpass(net, normal, data(X))
        assert low.is_closed
        assert low.model.stages[0].blocks == normal.index
        again = lowpass(net, normal.label, projected(X, low.keep, data(X)))
        assert again.keep == low.keep
        assert all(stage.relative < 1e-13 for stage in again.stages)


def test_the_errors_are_those_of_direct_evaluation():
    X = tk.group("C8").regular_module()
    net = residual(X)
    x = data(X)
    low = lowpass(net, "N1", x)
    assert [s.name for s in low.stages] == ["input", "a", "relu", "b", "add", "output"]
    inside = projected(X, low.keep, x)
    with torch.no_grad():
        full, lower = net(x), net(inside)
        assert torch.allclose(low.model(x), lower, rtol=1e-11, atol=1e-13)
        pairs = {
            "a": (net.a(x), net.a(inside)),
            "relu": (net.a(x).relu(), net.a(inside).relu()),
            "add": (full, lower),
            "output": (full, lower),
        }
    stages = {s.name: s for s in low.stages}
    for name, (v, w) in pairs.items():
        rest = v - projected(X, stages[name].simples, v)
        assert np.allclose(stages[name].energy, v.square().sum((1, 2)), rtol=1e-10)
        assert np.allclose(stages[name].error, (v - w).square().sum((1, 2)), rtol=1e-9)
        assert np.allclose(stages[name].lost, rest.square().sum((1, 2)), rtol=1e-9)
        whole = stages[name].lost + stages[name].mixed
        assert np.allclose(stages[name].error, whole, rtol=1e-9)
    assert low.output is low.stages[-1]
    assert "mixed" in low.to_table()


def test_batches_and_several_outputs():
    X = tk.group("C8").regular_module()

    def forward(net, x):
        h = torch.tanh(net.a(x)) * x
        net.b(x)  # of which nothing is made
        return h, {"mean": h.mean(-2), "flat": h.flatten(0, 1)}

    net = drawn(Written(forward, a=layer(X), b=layer(X)))
    x = data(X)
    whole = lowpass(net, "N1", x)
    assert [s.name for s in whole.stages][-3:] == ["output 0", "output 1", "output 2"]
    assert dict(whole.unmeasured) == {"b": "no returned tensor depends on it"}
    assert "not measured: b: no returned tensor depends on it" in whole.to_table()
    parts = lowpass(net, "N1", [(x[:7], "targets"), x[7:].reshape(1, 13, 8, 2)])
    for one, two in zip(whole.stages[:-1], parts.stages[:-1], strict=True):
        assert np.allclose(one.error, two.error, rtol=1e-9)


def test_attention_norms_and_moved_axes():
    X = tk.group("S4").regular_module()

    def forward(net, x):
        h = x + functional.scaled_dot_product_attention(net.a(x), net.a(x), net.b(x))
        return net.b(net.n(h.transpose(1, 2)).mT.relu())

    net = drawn(Written(forward, a=layer(X), b=layer(X), n=nn.BatchNorm1d(2)))
    low = lowpass(net, "N2", data(X))
    assert torch.allclose(low.model(data(X)), net(projected(X, low.keep, data(X))), rtol=1e-10)
    assert low.unmeasured == ()
    assert {"transpose", "n", "mT"} <= {s.name for s in low.stages}
    inside = lowpass(net, "N2", projected(X, low.keep, data(X)))
    assert all(s.relative < 1e-12 for s in inside.stages)


def test_several_inputs():
    G = tk.group("S4")
    X, Y = G.regular_module(), G.natural_module()
    net = drawn(Two(X, Y))
    x, y, t = data(X), data(Y), torch.linspace(-1, 1, 60, dtype=torch.float64).reshape(20, 3)
    low = lowpass(net, {"0": "N2", "1": ["L3"]}, (x, y, t), example=(x, y, t), modules=(X, Y, None))
    assert low.keeps == {"input 0": ("L0", "L1"), "input 1": ("L3",)}
    assert low.keep == ("L0", "L1", "L3")
    wanted = net(projected(X, ["L0", "L1"], x), projected(Y, ["L3"], y), t)
    found = low.model(x, y, t)
    assert torch.allclose(found["out"], wanted["out"], rtol=1e-11, atol=1e-13)
    batches = [
        {"x": x[:9], "y": y[:9], "t": t[:9], "more": 1},
        {"x": x[9:], "y": y[9:], "t": t[9:]},
    ]
    named = {"x": x, "y": y, "t": t}
    modules = {"x": X, "y": Y, "t": None}
    again = lowpass(net, {"x": "N2", "y": ["L3"]}, batches, example=named, modules=modules)
    for one, two in zip(low.stages, again.stages, strict=True):
        assert np.allclose(one.error, two.error, rtol=1e-9, atol=1e-25)
    for wrong, text in (
        (5, "an iterable of batches, found int"),
        ([(x, y)], "whose first 3 items are tensors"),
        ([], "at least one input"),
    ):
        with pytest.raises(ModuleMismatchError, match=text):
            lowpass(net, {"0": "N2", "1": ["L3"]}, wrong, example=(x, y, t), modules=(X, Y, None))


def test_what_is_unknown_is_not_called_closed():
    X = tk.group("C8").regular_module()
    net = drawn(Written(lambda net, x: net.a(x) + functional.avg_pool1d(x, 1), a=layer(X)))
    low = lowpass(net, "N1", data(X))
    assert not low.is_closed
    assert low.zero_components.unknown_from == "avg_pool1d"
    assert [s.name for s in low.stages] == ["input", "a", "output"]
    assert low.output.lost_share is None


def test_clear_errors():
    X = tk.group("C8").regular_module()
    net = residual(X)
    with pytest.raises(ModuleMismatchError, match="has the normal subgroups N0, N1"):
        lowpass(net, "N9", data(X))
    with pytest.raises(ModuleMismatchError, match="had the shape"):
        lowpass(net, "N1", torch.zeros(3, 5, 2))
    with pytest.raises(ModuleMismatchError, match="must be finite"):
        lowpass(net, "N1", data(X) / 0)
    with pytest.raises(ModuleMismatchError, match="its batch as the first axis"):
        lowpass(net, "N1", data(X), example=data(X)[0])
    noisy = Written(lambda net, x: net.a(x) + torch.randn_like(x), a=layer(X)).double()
    with pytest.raises(NotAvailable, match="is random"):
        lowpass(noisy, "N1", data(X))
