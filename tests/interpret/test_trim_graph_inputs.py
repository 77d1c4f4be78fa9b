"""Trimmed graphs: several inputs, what is said of them, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from torch import nn

import toolkit as tk
from tests.interpret.test_trim import inputs_in
from tests.interpret.test_trim_graphs import Written, cyclic, drawn, layer, network, require_equal
from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.interpret.trimming.trim import trim


class Two(nn.Module):
    def __init__(self, X, Y):
        super().__init__()
        self.a, self.b, self.c = layer(X), tk.nn.EquivariantLinear(Y, X, 2, 2), nn.Linear(3, 2)

    def forward(self, x, y, t):
        out = torch.tanh(self.a(x)) * self.b(y) + x
        return {"out": out * torch.sigmoid(self.c(t)).unsqueeze(-2), "rest": [self.b(y).mean(-2)]}


def test_several_inputs_by_place_and_by_name():
    G = tk.group("S4")
    X, Y = G.regular_module(), G.natural_module()
    net = drawn(Two(X, Y))
    example = tuple(torch.zeros(s, dtype=torch.float64) for s in ((4, 24, 2), (4, 4, 2), (4, 3)))
    t = torch.linspace(-1, 1, 18, dtype=torch.float64).reshape(6, 3)
    for one, two in ((["L1"], ["L0"]), (["L1", "L4"], ["L3"]), (["L2"], ["L0", "L3"])):
        x, y = inputs_in(X, one, 2), inputs_in(Y, two, 2, seed=1)
        small = trim(net, {"0": one, "1": two}, example=example, modules=(X, Y, None))
        require_equal(small(x, y, t), net(x, y, t))
        require_equal(small(x[:1], y[:1], t[:1]), net(x[:1], y[:1], t[:1]))
        assert small.check_input((x, y, t)) < 1e-25
        with pytest.raises(ModuleMismatchError, match="of its energy elsewhere"):
            small.check_input((x + inputs_in(X, ["L3"], 2), y, t), 1e-6)
        with pytest.raises(ModuleMismatchError, match="the input 0 is required, found input: give"):
            small.check_input(x)
        named = dict(zip("xyt", example, strict=True))
        small = trim(net, {"x": one, "y": two}, example=named, modules={"x": X, "y": Y, "t": None})
        require_equal(small(x=x, y=y, t=t), net(x, y, t))
        assert small.check_input({"x": x, "y": y}) < 1e-25
    for args, named, text in (
        ((x, y), {}, "takes 0 inputs by place and x, y, t by name"),
        ((), {"x": x, "y": y[:2], "t": t}, "beside inputs of another batch"),
        ((), {"x": x[0], "y": y, "t": t}, r"\(batch, 24, 2\); found \(24, 2\)"),
        ((), {"x": x, "y": y, "t": 5}, "found int"),
    ):
        with pytest.raises(ModuleMismatchError, match=text):
            small(*args, **named)


def test_an_input_without_a_batch():
    X = cyclic()
    net = drawn(network(X, "residual"))
    x = inputs_in(X, ["L1"], 2)[0]
    small = trim(net, ["L1"], example=torch.zeros(12, 2, dtype=torch.float64))
    require_equal(small(x), net(x))
    with pytest.raises(ModuleMismatchError, match=r"\(12, 2\); found \(3, 12, 2\)"):
        small(x.expand(3, 12, 2))


# -- what is said, and what is refused -------------------------------------------------------------


def test_what_runs_on_all_points_is_named_with_the_reason():
    X = cyclic()
    net = drawn(network(X, "unknown"))
    small = trim(net, ["L1"])
    assert dict(small.untrimmed) == {
        "avg_pool1d": "the function avg_pool1d is not followed",
        "add": "nothing is known from 'avg_pool1d' on",
    }
    lines = small.to_table().splitlines()
    assert lines[0].split() == ["stage", "points", "blocks", "simples"]
    assert lines[1].split() == ["input", "12", "1", "L1"]
    assert "on all points: avg_pool1d: the function avg_pool1d is not followed" in lines
    inside = nn.Sequential(layer(X), Written(lambda _, x: x.flip(1)), layer(X))
    small = trim(drawn(inside), ["L1"], example=torch.zeros(3, 12, 2, dtype=torch.float64))
    assert [name for name, _ in small.untrimmed] == ["1.flip", "2"]


@dataclass
class Answer:
    values: torch.Tensor


LEFT = "a number is read from a tensor"

#: What a forward does, and what is said of it.
REFUSED = {
    "values": (lambda net, x: net.a(x) + x if net.a(x).sum() < 100 else x, LEFT),
    "values at the end": (lambda net, x: net.b(x) if (net.a(x) + x).sum() < 100 else x, LEFT),
    "values in a chain": (lambda net, x: net.a(x) if x.max() < 100 else net.b(x), LEFT),
    "samples in a chain": (
        lambda net, x: net.a(x) if x.shape[0] < 100 else net.b(x),
        r"compares the size .*\(with < 100\)",
    ),
    "a number": (lambda net, x: net.a(x) * x.abs().max().item(), LEFT),
    "noise": (lambda net, x: net.a(x) + torch.randn_like(x), "'randn_like' returns is random"),
    "one sample": (lambda net, x: net.a(x) + x if x.shape[0] > 1 else x, "depend on the size"),
    "many samples": (
        lambda net, x: net.a(x) + x if x.shape[0] < 100 else x,
        r"compares the size .*\(with < 100\)",
    ),
    "sevens": (
        lambda net, x: net.a(x) + x if x.size(0) % 7 else x * 2,
        r"compares the size .*\(with != 0\)",
    ),
    "one by one": (lambda net, x: torch.stack([net.a(v) for v in x]), "depend on the size"),
    "squares": (lambda net, x: net.a(x) * x.shape[0] ** 2, "does not depend linearly"),
    "inverses": (lambda net, x: net.a(x) * (1 / x.shape[0]), "does not depend linearly"),
    "squeezed": (
        lambda net, x: net.a(x + x).squeeze(),
        "'squeeze' does not depend linearly on the size",
    ),
    "a fixed batch": (lambda net, x: net.a(x) + torch.zeros(3, 12, 2), "of a batch of 2 the"),
    "a foreign tensor": (
        lambda net, x: net.a(x) * FOREIGN,
        "which 'mul' takes, is not traced: it is neither a parameter or buffer",
    ),
    "an object of its own": (
        lambda net, x: Answer(net.a(x) + x),
        "holds a Answer, which may contain tensors",
    ),
    "a view of what was changed": (
        lambda net, x: (lambda h: (h, h[..., 0].relu_())[0])(net.a(x)),
        "a tensor of its memory was changed in place",
    ),
}
FOREIGN = torch.ones(12, 2, dtype=torch.float64)


@pytest.mark.parametrize("case", REFUSED)
def test_what_another_run_may_do_otherwise_is_refused(case):
    forward, text = REFUSED[case]
    X = cyclic()
    net = drawn(Written(forward, a=layer(X), b=layer(X)))
    with pytest.raises(NotAvailable, match=text):
        trim(net, ["L1"])


def test_dropout_must_be_off():
    X = cyclic()
    net = network(X, "dropout")
    for change in (lambda net: None, lambda net: net.d.eval()):
        change(net)
        with pytest.raises(ModuleMismatchError, match=r"call model\.eval"):
            trim(net, ["L1"])


def test_clear_errors():
    X = cyclic()
    net = Written(lambda net, x: x.relu() + x.mT.mT)
    with pytest.raises(ModuleMismatchError, match="declare it with spaces="):
        trim(net, ["L1"])
    with pytest.raises(ModuleMismatchError, match="give its input as example="):
        trim(net, ["L1"], modules=X)
    x = torch.zeros(3, 12, 2)
    with pytest.raises(ModuleMismatchError, match="'input': state it as modules="):
        trim(Written(lambda net, x: net.a(x).relu() + x, a=nn.Tanh()), {"input": ["L1"]}, example=x)
    with pytest.raises(ModuleMismatchError, match="at least one sample"):
        trim(net, ["L1"], example=x[:0], modules=X)
    with pytest.raises(ModuleMismatchError, match="modules= has 2 modules, but the network has 1"):
        trim(net, ["L1"], example=x, modules=(X, X))
    small = trim(net, iter(["L1"]), example=x, modules=X)  # labels that can be read once
    assert small.sources == ("L1",)
    with pytest.raises(NotAvailable, match="start from the network that was trimmed"):
        trim(small, ["L1"])


class Mixing(nn.Module):
    """Something equivariant that is not known: it averages over all points."""

    def forward(self, x):
        return x.mean(-2, keepdim=True) + nn.functional.avg_pool1d(x, 1)


def test_submodules_that_are_declared():
    X = cyclic()
    net = drawn(
        Written(lambda net, x: net.a(net.mix(net.a(x).relu())) + x, a=layer(X), mix=Mixing())
    )
    x = inputs_in(X, ["L1", "L3"], 2)
    unknown = trim(net, ["L1", "L3"])
    assert dict(unknown.untrimmed)["mix.avg_pool1d"] == "the function avg_pool1d is not followed"
    declared = trim(net, ["L1", "L3"], equivariant=["mix"])
    assert dict(declared.untrimmed) == {"mix": "it depends on all points together"}
    assert sum(s.blocks for s in declared.stages[-2:]) < 2 * X.degree
    for small in (unknown, declared):
        require_equal(small(x), net(x))
    cube = Written(lambda _, x: x**3)
    net = drawn(Written(lambda net, x: net.a(net.act(net.a(x))) + x, a=layer(X), act=cube))
    small = trim(net, ["L1", "L3"], spaces={"act": X})
    assert small.untrimmed == ()
    require_equal(small(x), net(x))


def test_a_chain_says_what_it_keeps_whole():
    X = cyclic()
    net = nn.Sequential(layer(X), tk.nn.EquivariantRMSNorm(X, 2), nn.ReLU(), layer(X),
                        tk.nn.InvariantPooling(X, "max"))  # fmt: skip
    small = trim(drawn(net), ["L1"])
    assert dict(small.untrimmed) == {
        "1": "its statistics are those of all points", "4": "a maximum is taken over points",
    }  # fmt: skip
    lines = small.to_table().splitlines()
    assert lines[1].split() == ["input", "12", "1", "L1"]
    assert lines[-1] == "on all points: 4: a maximum is taken over points"
