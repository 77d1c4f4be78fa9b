"""Chains that are checked, residual sums and branches side by side."""

from __future__ import annotations

import copy
from collections import OrderedDict

import pytest
import torch
from onnx_runner import Runner, check
from torch import nn

import toolkit as tk
from toolkit.errors import IllegalActivationError, ModuleMismatchError
from toolkit.nn import Concat, Residual, Sequential
from toolkit.testing import assert_equivariant


def _modules():
    G = tk.group("S4")
    cycle, swap = [1, 2, 3, 0], [2, 1, 0, 3]
    return {
        "X": G.natural_module(),
        "pairs": G.natural_module() ** 2,
        "signed": G.signed_coset_module([cycle, swap], [cycle]),
        "plane": tk.group("S3").simple_module("L2"),
    }


MODULES = _modules()
X, PAIRS, SIGNED, PLANE = MODULES.values()


def linear(source=X, target=X, C=4, D=4, bias=True):
    return tk.nn.EquivariantLinear(source, target, C, D, bias=bias)


def test_a_chain_that_fits():
    net = Sequential(
        linear(X, PAIRS, 3, 8), tk.nn.EquivariantLayerNorm(PAIRS, 8), nn.ReLU(),
        nn.Sequential(nn.Linear(8, 6), nn.LayerNorm(6), nn.Dropout()), linear(PAIRS, X, 6, 2),
    )  # fmt: skip
    assert (net.X, net.Y, net.in_channels, net.out_channels) == (X, X, 3, 2)
    assert_equivariant(net)
    assert "4 points of S4, 3 channels -> 4 points of S4, 2 channels" in repr(net)
    plain = nn.Sequential(*net)
    assert list(plain.state_dict()) == list(net.state_dict())
    plain.load_state_dict(net.state_dict())
    x = torch.randn(5, 4, 3)
    torch.testing.assert_close(plain.eval()(x), net.eval()(x))
    named = Sequential(OrderedDict(first=linear(C=3), act=nn.Tanh()))
    assert [name for name, _ in named.named_children()] == ["first", "act"]
    head = Sequential(
        linear(), tk.nn.InvariantPooling(X), nn.Flatten(-2), nn.Linear(4, 7), nn.ReLU()
    )
    assert head.out_channels == 7
    assert head.Y is None
    assert head(torch.zeros(5, 4, 4)).shape == (5, 7)
    assert Sequential().X is None
    shared = linear()
    assert len(Sequential(shared, nn.ReLU(), shared)) == 3


WRONG = (
    ((lambda: linear(X, PAIRS)), (lambda: linear(X, X)), "layer '1', EquivariantLinear, takes fun"),
    ((lambda: linear(D=8)), (lambda: linear(C=4)), "layer '1', EquivariantLinear, takes 4 chann"),
    ((lambda: linear(D=8)), (lambda: nn.Linear(4, 4)), "layer '1', Linear, takes 4 channels, but"),
    ((lambda: linear(D=8)), (lambda: nn.LayerNorm(4)), "layer '1', LayerNorm, takes 4 channels"),
    (linear, (lambda: nn.LayerNorm([4, 4])), "use tk.nn.EquivariantLayerNorm"),
    (linear, (lambda: nn.BatchNorm1d(4)), "use tk.nn.EquivariantBatchNorm"),
    (linear, (lambda: nn.Conv1d(4, 4, 1)), "points are treated as channels"),
    (linear, (lambda: nn.LSTM(4, 4)), "one after another"),
    (linear, nn.Flatten, "InvariantPooling"),
    (linear, (lambda: nn.PReLU(4)), r"use nn.PReLU\(\)"),
    ((lambda: linear(X, SIGNED)), (lambda: nn.Linear(4, 4)), "signed module"),
    ((lambda: linear(X, SIGNED)), (lambda: nn.Softmax(-2)), "does not change sign"),
    (
        (lambda: tk.nn.EquivariantMLP(X, [4, 4, 4], invariant_head=3)), (lambda: linear()),
        "invariants without points",
    ),
)  # fmt: skip


@pytest.mark.parametrize(("first", "second", "message"), WRONG)
def test_what_does_not_fit_is_refused_with_its_position(first, second, message):
    with pytest.raises(ModuleMismatchError, match=message):
        Sequential(first(), second())
    with pytest.raises(ModuleMismatchError, match=message.replace("'1'", "'1.0'")):
        Sequential(first(), nn.Sequential(second()))


@pytest.mark.parametrize("make", [nn.ReLU, nn.GELU, nn.PReLU, lambda: tk.nn.Pointwise("relu")])
def test_activations_where_points_change_sign(make):
    with pytest.raises(IllegalActivationError):
        Sequential(linear(X, SIGNED), make())
    Sequential(linear(X, SIGNED), nn.Tanh(), nn.RMSNorm(4), linear(SIGNED, X))
    Sequential(linear(X, X), make())


def test_linear_modules():
    plane = linear(PLANE, PLANE, bias=False)
    for layer in (nn.Tanh(), nn.LayerNorm(4), nn.Dropout(), nn.Linear(4, 4)):
        with pytest.raises((ModuleMismatchError, IllegalActivationError)):
            Sequential(copy.deepcopy(plane), layer)
    net = Sequential(plane, tk.nn.SimpleNorm(PLANE, 4), nn.Linear(4, 2, bias=False), nn.Identity())
    assert net.out_channels == 2
    assert_equivariant(net)


def test_the_input_can_be_declared():
    with pytest.raises(ModuleMismatchError, match="not equivariant"):
        Sequential(nn.LayerNorm([4, 3]), X=X)
    with pytest.raises(ModuleMismatchError, match="takes 4 channels"):
        Sequential(nn.Tanh(), nn.Linear(4, 2), in_channels=3)
    net = Sequential(nn.ReLU(), nn.Linear(3, 2), X=X)
    assert (net.X, net.Y, net.in_channels) == (X, X, 3)
    with pytest.raises(IllegalActivationError):
        Sequential(nn.ReLU(), linear(SIGNED, SIGNED))  # read from the layer after it


class Shorter(nn.Module):
    def forward(self, x):
        return x[..., :1]


class Own(nn.Module):
    def forward(self, x):
        return x.cumsum(-1)


def test_after_an_unknown_module_checks_begin_again():
    net = Sequential(linear(X, SIGNED), Own(), nn.ReLU(), linear(PAIRS, X, C=9))
    assert net.Y is X
    assert "not traced through '1'" in repr(net)
    assert Sequential(Own(), linear()).X is None
    with pytest.raises(ModuleMismatchError, match="'3'"):
        Sequential(linear(), Own(), linear(), nn.LayerNorm([4, 4]))


def test_changes_are_checked_and_undone():
    net = Sequential(linear(), nn.ReLU())
    for change in (
        lambda: net.append(linear(PAIRS, X)),
        lambda: net.insert(1, nn.LayerNorm([4, 4])),
        lambda: net.__setitem__(1, nn.Linear(5, 5)),
        lambda: net.extend([linear(PAIRS, X)]),
        lambda: net.__iadd__(nn.Sequential(nn.BatchNorm1d(4))),
    ):
        with pytest.raises(ModuleMismatchError):
            change()
        assert [type(layer).__name__ for layer in net] == ["EquivariantLinear", "ReLU"]
    net.append(linear(D=6))
    assert net.out_channels == 6
    net[1] = nn.Tanh()
    del net[1]
    assert len(net) == 2
    assert isinstance(net[:1], Sequential)
    with pytest.raises(ModuleMismatchError, match="torch module"):
        Sequential(linear(), torch.relu)


def test_residual_sums():
    inner = Sequential(tk.nn.EquivariantRMSNorm(X, 4), linear(), nn.ReLU())
    block = Residual(inner)
    x = torch.randn(3, 4, 4)
    torch.testing.assert_close(block(x), x + inner(x))
    assert (block.X, block.Y, block.in_channels, block.out_channels) == (X, X, 4, 4)
    assert_equivariant(block)
    longer = Residual(linear(X, PAIRS, 4, 5), shortcut=linear(X, PAIRS, 4, 5))
    assert_equivariant(longer)
    assert longer.Y is PAIRS
    for bad, message in (
        (lambda: Residual(linear(X, PAIRS)), "give a layer as shortcut"),
        (lambda: Residual(linear(D=5)), "4 channels, and 4 points of S4, 5 channels"),
        (lambda: Residual(linear(D=5), shortcut=linear(D=6)), "change the shortcut"),
        (lambda: Residual(tk.nn.EquivariantMLP(X, [4, 4], invariant_head=2)), "invariants"),
        (lambda: Residual(torch.relu), "a torch module"),
        (lambda: Residual(nn.Sequential(linear(), nn.LayerNorm([4, 4]))), "'inner.1'"),
    ):
        with pytest.raises(ModuleMismatchError, match=message):
            bad()
    with pytest.raises(ModuleMismatchError, match="of one shape"):
        Residual(Shorter())(x)
    with pytest.raises(ModuleMismatchError, match="4 channels, and an unknown module, 1 chann"):
        Residual(nn.Linear(4, 1))
    # within a chain it is checked as a layer
    with pytest.raises(ModuleMismatchError, match="'1', Residual"):
        Sequential(linear(X, PAIRS), block)


def test_concatenations():
    one, two = linear(D=3), linear(X, PAIRS, 4, 3)
    x = torch.randn(5, 4, 4)
    channels = Concat(one, nn.Sequential(nn.ReLU(), linear(D=2)))
    assert (channels.Y, channels.out_channels, channels.in_channels) == (X, 5, 4)
    assert channels(x).shape == (5, 4, 5)
    points = Concat(one, two, along="points")
    assert points.Y == X + PAIRS
    assert points.out_channels == 3
    torch.testing.assert_close(points(x), torch.cat([one(x), two(x)], -2))
    for layer in (channels, points):
        assert_equivariant(layer)
    mixed = Concat(linear(X, X, 4, 3), linear(X, SIGNED, 4, 3), along="points")
    assert_equivariant(mixed)
    net = Sequential(channels, nn.Linear(5, 4), points)
    assert net.Y == X + PAIRS
    for bad, message in (
        (lambda: Concat(), "at least one branch"),
        (lambda: Concat(one, two), 'use along="points"'),
        (lambda: Concat(one, linear(X, PAIRS, 4, 5), along="points"), "equal numbers of channels"),
        (lambda: Concat(one, Own(), along="points"), "must state the module"),
        (lambda: Concat(one, linear(PAIRS, X)), "takes functions on"),
        (lambda: Concat(one, along="batch"), "along must be"),
    ):
        with pytest.raises(ModuleMismatchError, match=message):
            bad()


def network():
    return Sequential(
        linear(C=3),
        Residual(Sequential(tk.nn.EquivariantLayerNorm(X, 4), linear(), nn.GELU())),
        Concat(linear(), nn.Sequential(nn.Tanh(), linear()), along="channels"),
        linear(C=8, D=2),
    )


def test_good_citizens():
    net = network()
    assert_equivariant(net)
    x = torch.randn(5, 4, 3)
    torch.testing.assert_close(copy.deepcopy(net)(x), net(x))
    again = network()
    again.load_state_dict(net.state_dict())
    torch.testing.assert_close(again(x), net(x))
    torch._dynamo.reset()
    compiled = torch.compile(net, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x), net(x))
    program = torch.export.export(net, (x,), dynamic_shapes=({0: torch.export.Dim("batch")},))
    more = torch.randn(2, 4, 3)
    torch.testing.assert_close(program.module()(more), net(more))
    wide = copy.deepcopy(net).double()
    torch.autograd.gradcheck(wide, (x.double().requires_grad_(),), fast_mode=True)
    with torch.autocast("cpu", torch.bfloat16):
        assert net(x).shape == (5, 4, 2)
    assert net(x[:0]).shape == (0, 4, 2)
    with torch.device("meta"):
        empty = network()
    assert empty[0].weight.is_meta


@pytest.mark.slow
def test_as_onnx_models():
    net = network()
    check(net, Runner(net, torch.randn(4, 4, 3)), torch.randn(7, 4, 3))
