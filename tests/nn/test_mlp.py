"""Equivariant and invariant perceptrons."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

import toolkit as tk
from toolkit.errors import IllegalActivationError, ModuleMismatchError
from toolkit.modules.signed_module import SignedModule
from toolkit.nn import ChannelLayerNorm, EquivariantLinear, EquivariantMLP, Pointwise
from toolkit.testing import assert_equivariant

CYCLE, FLIP = [1, 2, 3, 0], [2, 1, 0, 3]


@pytest.fixture(scope="module")
def S4():
    return tk.group("S4")


@pytest.fixture(scope="module")
def signed(S4):
    return S4.signed_coset_module([CYCLE, FLIP], [CYCLE])


@pytest.mark.parametrize("normalisation", [None, "layer", "rms"])
@pytest.mark.parametrize("head", [None, 10])
@pytest.mark.parametrize("activation", ["relu", "tanh", nn.GELU()], ids=str)
def test_commutes_with_the_group(S4, normalisation, head, activation):
    V = S4.natural_module()
    net = EquivariantMLP(
        [V, V * V, None, V], [2, 4, 4, 3], activation, normalisation=normalisation,
        invariant_head=head, method="structured",
    )  # fmt: skip
    for p in net.parameters():
        torch.nn.init.normal_(p)
    assert_equivariant(net)
    x = torch.zeros(5, 6, 4, 2)
    assert net(x).shape == ((5, 6, 4, 3) if head is None else (5, 6, 10))


@pytest.mark.parametrize("normalisation", [None, "layer", "rms"])
def test_signed_modules_between(S4, signed, normalisation):
    V = S4.natural_module()
    net = EquivariantMLP(
        [V, signed, V, signed + SignedModule.from_permutation(V)], [2, 4, 4, 3],
        ["tanh", "relu", "sin"], normalisation=normalisation, invariant_head=5,
    )  # fmt: skip
    for p in net.parameters():
        torch.nn.init.normal_(p)
    assert_equivariant(net)


def test_illegal_activations_are_refused_at_once(S4, signed):
    V = S4.natural_module()
    with pytest.raises(IllegalActivationError, match="relu is not equivariant"):
        EquivariantMLP([V, signed, V], [1, 2, 1], "relu")
    # where nothing is activated nothing is wrong
    EquivariantMLP([signed, V, signed], [1, 2, 1], "relu")


def test_a_signed_module_without_invariants_has_no_head(S4, signed):
    with pytest.raises(ModuleMismatchError, match="no invariants to read"):
        EquivariantMLP(signed, [1, 2], "tanh", invariant_head=3)


def test_layers_in_order(S4):
    V = S4.natural_module()
    net = EquivariantMLP(V, [2, 4, 3], normalisation="layer")
    assert [type(layer) for layer in net] == [
        EquivariantLinear,
        ChannelLayerNorm,
        Pointwise,
        EquivariantLinear,
    ]
    assert len(net) == 4
    assert net[0].init == "he"
    assert net[3].init == "lecun"
    assert EquivariantMLP(V, [2, 4, 3], "tanh")[0].init == "lecun"
    assert net.parameters_count() == 2 * 2 * 4 + 4 + 8 + 2 * 4 * 3 + 3
    x = torch.randn(7, 4, 2)
    by_hand = x
    for layer in net.layers:
        by_hand = layer(by_hand)
    assert torch.equal(net(x), by_hand)


def test_none_is_the_regular_module(S4, signed):
    net = EquivariantMLP([S4.natural_module(), None], [2, 3])
    regular = S4.regular_module()
    assert regular == net.Y
    assert regular == EquivariantMLP([signed, None], [2, 3]).Y


@pytest.mark.parametrize(
    ("modules", "channels", "message"),
    [
        (1, [2, 3], "as many modules"),
        ("V", [2], "at least two numbers"),
        (["V", "V", "V"], [2, 3], "found 3"),
        ([None, None], [2, 3], "at least one must not"),
        (["V", 7], [2, 3], "must be permutation, signed or linear"),
    ],
)
def test_what_does_not_fit_is_refused(S4, modules, channels, message):
    V = S4.natural_module()
    if modules == "V":
        modules = V
    if isinstance(modules, list):
        modules = [V if m == "V" else m for m in modules]
    with pytest.raises(ModuleMismatchError, match=message):
        EquivariantMLP(modules, channels)


def test_options_that_are_unknown_are_refused(S4):
    V = S4.natural_module()
    with pytest.raises(ModuleMismatchError, match="layer, rms or None"):
        EquivariantMLP(V, [1, 2, 1], normalisation="batch")
    with pytest.raises(ModuleMismatchError, match="number of activations must be 1, found 2"):
        EquivariantMLP(V, [1, 2, 1], ["relu", "relu"])
    with pytest.raises(ModuleMismatchError):
        EquivariantMLP([V, tk.group("C4").natural_module()], [1, 2])


def test_variance_is_kept_through_depth(S4):
    X = S4.regular_module()
    torch.manual_seed(0)
    net = EquivariantMLP(X, [64] * 9, "relu", method="dense")
    x = torch.randn(256, 24, 64)
    with torch.no_grad():
        # no activation after the last layer, drawn with half the variance
        assert 0.3 < net(x).pow(2).mean() < 1.5


def test_copies_state_and_training(S4):
    V = S4.natural_module()
    net = EquivariantMLP([V, None], [2, 3], invariant_head=1, dtype=torch.float64)
    twin = copy.deepcopy(net)
    assert twin.X is V
    assert twin.layers[1].X is net.layers[1].X
    twin.reset_parameters()
    x = torch.randn(16, 4, 2, dtype=torch.float64)
    assert not torch.equal(net(x), twin(x))
    twin.load_state_dict(net.state_dict())
    assert torch.equal(net(x), twin(x))
    target = x.prod(-1).prod(-1, keepdim=True).abs()
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-2)
    losses = []
    for _ in range(40):
        optimiser.zero_grad()
        loss = (net(x) - target).pow(2).mean()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    assert_equivariant(net)


@pytest.mark.parametrize("head", [None, 2])
@pytest.mark.quick_cases(1)
def test_compiles_whole(S4, head):
    V = S4.natural_module()
    net = EquivariantMLP([V, V * V, V], [2, 4, 3], normalisation="rms", invariant_head=head)
    x = torch.randn(3, 4, 2)
    compiled = torch.compile(net, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x), net(x))
    exported = torch.export.export(net, (x,))
    torch.testing.assert_close(exported.module()(x), net(x))
    narrow = copy.deepcopy(net).to(torch.bfloat16)
    assert narrow(x.bfloat16()).dtype == torch.bfloat16
    torch.testing.assert_close(torch.vmap(net)(x), net(x))


def test_meta_device(S4):
    net = EquivariantMLP(S4.natural_module(), [2, 4, 3], "prelu", invariant_head=2, device="meta")
    assert all(p.is_meta for p in net.parameters())
    net = net.to_empty(device="cpu")
    net.reset_parameters()
    assert_equivariant(net)
