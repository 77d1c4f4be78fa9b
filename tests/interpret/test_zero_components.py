"""What is listed as exactly zero is zero, and the rest occurs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import nn

import toolkit as tk
from toolkit.errors import IllegalActivationError, ModuleMismatchError
from toolkit.interpret.trimming.trim import trim
from toolkit.interpret.zeros.report import zero_components

MODULES = {
    "C8": lambda: tk.group("C8").regular_module(),
    "C12": lambda: tk.group("C12").regular_module(),
    "D16": lambda: tk.group("D16").regular_module(),
    "SL(2,3)": lambda: tk.group("SL(2,3)").regular_module(),
    "S4 on cosets": lambda: tk.group("S4").coset_module([[1, 0, 3, 2]]),
    "S4 on a sum": lambda: tk.group("S4").natural_module() + tk.group("S4").regular_module(),
}


def source_sets(X):
    labels = list(X.multiplicities)
    pairs = list(itertools.combinations(labels, 2))
    return [*[(label,) for label in labels], *pairs[:: max(1, len(pairs) // 3)]]


def inputs_in(X, labels, channels, batch=4, dtype=torch.float64):
    rng = np.random.default_rng(1)
    basis = tk.fourier_basis(X)
    coordinates = np.zeros((X.degree, batch * channels))
    for s in basis.simples:
        if s.label in labels:
            coordinates[s.rows] = rng.standard_normal(coordinates[s.rows].shape)
    x = basis.synthesise(coordinates).reshape(X.degree, batch, channels)
    return torch.from_numpy(x.transpose(1, 0, 2).copy()).to(dtype)


def measured_shares(net, found, x):
    """Per stage and simple the share of the energy, by the Fourier basis."""
    outputs = []
    handles = [
        reach.stage.module.register_forward_hook(lambda m, a, y: outputs.append(y.detach()))
        for reach in found
        if reach.stage is not None
    ]
    with torch.no_grad():
        net(x)
    for handle in handles:
        handle.remove()
    shares = []
    for reach, y in zip(list(found)[1:], outputs, strict=True):
        flat = y.double().movedim(-2, 0).reshape(reach.module.degree, -1).numpy()
        energies = tk.fourier_basis(reach.module).energies(flat)
        total = sum(float(e.sum()) for e in energies.values())
        shares.append({k: float(e.sum()) / total if total else 0.0 for k, e in energies.items()})
    return shares


def give_biases(net):
    for layer in net.modules():
        if isinstance(layer, tk.nn.EquivariantLinear) and layer.bias is not None:
            with torch.no_grad():
                layer.bias.normal_()


@pytest.mark.parametrize(
    "activation",
    [
        *("relu", "abs", "tanh", "t^3"),
        *(pytest.param(f, marks=pytest.mark.slow) for f in ("gelu", "sigmoid", "square")),
    ],
)
@pytest.mark.parametrize("name", MODULES)
@pytest.mark.quick_cases(4)
def test_what_is_listed_as_zero_is_zero_and_the_rest_occurs(name, activation):
    X = MODULES[name]()
    torch.manual_seed(0)
    for sources in source_sets(X):
        for bias in (False, True):
            net = tk.nn.EquivariantMLP(X, [2, 8, 8, 4], activation, bias)
            give_biases(net)
            found = zero_components(net, sources)
            x = inputs_in(X, sources, 2, batch=8)
            single = measured_shares(net, found, x.float())
            double = measured_shares(net.double(), found, x)
            for reach, rough, fine in zip(list(found)[1:], single, double, strict=True):
                assert set(reach.possible) | set(reach.impossible) == set(X.multiplicities)
                assert all(rough[label] < 1e-6 for label in reach.impossible)
                assert all(fine[label] < 1e-24 for label in reach.impossible)
                assert all(fine[label] > 1e-22 for label in reach.possible), (reach, fine)


@pytest.mark.parametrize("activation", ["relu", "abs", "tanh", "elu", "square", "identity"])
def test_it_agrees_with_the_theory_layer_by_layer(activation):
    G = tk.group("S4")
    spaces = [G.regular_module(), G.natural_module(), G.coset_module([[1, 2, 0, 3]])]
    spaces.append(G.regular_module())
    for bias in (False, True):
        net = tk.nn.EquivariantMLP(spaces, [1, 2, 2, 2], activation, bias, invariant_head=3)
        give_biases(net)
        for sources in source_sets(spaces[0]):
            found = zero_components(net, sources)
            layers = tk.reachable(spaces, sources, activation, bias=bias)
            states = [reach.possible for reach in found]
            wanted = [layers[0].before]
            for layer in layers[1:]:
                wanted += [layer.before, layer.after]
            assert states[: len(wanted)] == wanted
            assert found[-1].stage.kind == "pooling"
            assert set(found[-1].possible) <= {"L0"}


def test_the_actual_biases_decide_orbit_by_orbit():
    G = tk.group("S4")
    X = G.natural_module() + G.regular_module()
    net = nn.Sequential(tk.nn.EquivariantLinear(X, X, 1, 2), tk.nn.Pointwise("tanh", X))
    assert "L0" not in zero_components(net, ["L1"]).stages[-1].possible  # biases start at 0
    with torch.no_grad():
        net[0].bias_values()[1, 1] = 1.0  # on the second orbit alone
    found = zero_components(net, ["L1"])
    first, second = found["0"].after
    assert first.is_zero
    assert second.labels == ("L0", "L1")
    assert not found["1"].after[0].labels


def test_blocks_that_are_zero_and_weights_that_are_zero():
    X = tk.group("C8").regular_module()
    layer = tk.nn.EquivariantLinear(X, X, 2, 2, False, parametrization="fourier")
    net = nn.Sequential(layer, tk.nn.Pointwise("relu", X))
    assert zero_components(net, ["L2", "L3"])["0"].possible == ("L2", "L3")
    with torch.no_grad():
        for shape in layer.hom_space.blocks.shapes:
            own = layer.weight[shape.weight_slice].reshape(len(shape.labels), -1)
            own[[label == "L3" for label in shape.labels]] = 0
    assert not layer.fourier_blocks()["L3"].any()
    assert zero_components(net, ["L2", "L3"])["0"].possible == ("L2",)
    with torch.no_grad():
        layer.weight.zero_()
    assert zero_components(net, ["L2", "L3"])["1"].possible == ()


@pytest.mark.parametrize("kind", ["layer", "rms"])
def test_normalisation_is_an_upper_bound(kind):
    X = tk.group("C12").regular_module()
    torch.manual_seed(0)
    for sources in source_sets(X):
        net = tk.nn.EquivariantMLP(X, [2, 5, 5, 2], "tanh", False, normalisation=kind).double()
        shifted = tk.nn.EquivariantMLP(X, [2, 5, 5, 2], "tanh", False, normalisation=kind).double()
        for module in shifted.modules():
            if isinstance(module, nn.LayerNorm):
                nn.init.normal_(module.bias)
        for model in (net, shifted):
            found = zero_components(model, sources)
            shares = measured_shares(model, found, inputs_in(X, sources, 2))
            for reach, share in zip(list(found)[1:], shares, strict=True):
                assert all(share[label] < 1e-20 for label in reach.impossible)
    odd = zero_components(net, ["L1"])
    assert odd["layers.1"].possible == ("L1",)  # RMSNorm, or LayerNorm with a bias that is 0


def test_measured_activations_are_bounded_as_unknown_functions():
    X = tk.group("C8").regular_module()
    known = nn.Sequential(tk.nn.EquivariantLinear(X, X, 2, 2, False), tk.nn.Pointwise("abs", X))
    own = nn.Sequential(known[0], tk.nn.Pointwise(lambda t: t.abs().sqrt(), X))
    assert zero_components(known, ["L4"])["1"].possible == ("L0", "L1", "L2")
    assert set(zero_components(own, ["L4"])["1"].possible) == {"L0", "L1", "L2", "L3", "L4"}


def test_measured_sources_and_their_tolerance():
    X = tk.group("C8").regular_module()
    net = tk.nn.EquivariantMLP(X, [1, 2])
    x = inputs_in(X, ["L2"], 1)
    found = zero_components(net, x)
    assert found.sources == ("L2",)
    assert found.tolerance == pytest.approx((1000 * 2.0**-52) ** 2)
    mixed = x + 1e-4 * inputs_in(X, ["L4"], 1)
    assert zero_components(net, mixed).sources == ("L2", "L4")
    assert zero_components(net, mixed, 1e-6).sources == ("L2",)
    assert zero_components(net, x.numpy()).sources == ("L2",)
    assert zero_components(net, ["L2"]).tolerance is None


def test_a_group_without_a_character_table():
    X = tk.group("S40").natural_module()
    net = tk.nn.EquivariantMLP(X, [1, 2, 2], "relu", bias=False)
    labels = list(X.multiplicities)
    found = zero_components(net, labels[:1])
    assert found[-1].possible == tuple(labels[:1])
    assert zero_components(net, labels[1:])[-1].possible == tuple(labels)
    small = trim(net, labels[:1])
    assert small.stages[1].blocks == 1
    x = torch.ones(3, 40, 1)
    assert torch.allclose(small(x), net(x), atol=1e-6)


def test_the_table_and_what_can_be_asked():
    X = tk.group("C8").regular_module()
    net = tk.nn.EquivariantMLP(X, [1, 4, 1], "abs", bias=False)
    found = zero_components(net, "L1")  # of order 2
    assert found.zero["layers.1"] == ("L1", "L2", "L3", "L4")
    assert found["layers.1"].dimension == 1
    assert len(found) == 4
    assert found.to_table().splitlines()[3].split() == [
        "layers.1", "activation", "L0", "L1", "L2", "L3", "L4",
    ]  # fmt: skip
    with pytest.raises(KeyError, match="the stages are"):
        found["layers.7"]


def test_clear_errors():
    X = tk.group("C8").regular_module()
    linear = tk.nn.EquivariantLinear(X, X, 1, 1)
    with pytest.raises(ModuleMismatchError, match="are L0, L1"):
        zero_components(linear, ["L7"])
    with pytest.raises(ModuleMismatchError, match="shape"):
        zero_components(linear, torch.zeros(3, 5, 1))
    with pytest.raises(ModuleMismatchError, match="declare it"):
        zero_components(nn.Sequential(nn.ReLU(), nn.Tanh()), ["L0"])
    found = zero_components(nn.Sequential(linear, nn.Softmax(-1)), ["L0"], spaces={"1": X})
    assert found.unknown_from == "1"
    assert "neither a layer of the toolkit" in found.unknown["1"]
    G = tk.group("S4")
    sign = G.signed_coset_module([[1, 2, 3, 0], [1, 0, 2, 3]], [[1, 2, 0, 3], [1, 0, 3, 2]])
    net = nn.Sequential(tk.nn.EquivariantLinear(sign, sign, 1, 2), nn.Linear(2, 2))
    with pytest.raises(ModuleMismatchError, match="not equivariant"):
        zero_components(net, ["L1"])


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_sources_are_not_measured_in_what_is_not_finite(value):
    """One NaN makes every comparison false: no simple must count as absent by it."""
    X = tk.group("C8").regular_module()
    net = tk.nn.EquivariantMLP(X, [1, 4, 1])
    x = torch.randn(3, 8, 1)
    x[1, 2, 0] = value
    with pytest.raises(
        ModuleMismatchError, match="finite inputs, found an infinite value or a NaN"
    ):
        zero_components(net, x)
    with pytest.raises(ModuleMismatchError, match="finite inputs, found none"):
        zero_components(net, x[:0])
    for tolerance in (-1.0, float("nan")):
        with pytest.raises(ModuleMismatchError, match="a tolerance is a share from 0 to 1"):
            zero_components(net, torch.ones(3, 8, 1), tolerance)


def test_what_is_no_label_and_no_model_is_refused():
    X = tk.group("C8").regular_module()
    net = tk.nn.EquivariantMLP(X, [1, 4, 1])
    for sources in (5, None):
        with pytest.raises(ModuleMismatchError, match="simples are given by their labels"):
            zero_components(net, sources)
    with pytest.raises(ModuleMismatchError, match="a torch module is required, found str"):
        zero_components("net", ["L0"])


def signed_module():
    return tk.group("C12").signed_coset_module([{"word": [0] * 6}], [])


@pytest.mark.parametrize(
    "activation",
    [nn.ReLU(), nn.PReLU(), tk.nn.Pointwise("relu"), tk.nn.Pointwise(lambda t: t.relu())],
)
def test_activations_that_break_the_signs_are_refused(activation):
    """ReLU is not equivariant where points change sign, so nothing is known to be 0 after it."""
    S = signed_module()
    net = nn.Sequential(tk.nn.EquivariantLinear(S, S, 1, 2), activation)
    with pytest.raises(IllegalActivationError, match="is not equivariant in this basis"):
        zero_components(net, [next(label for label, m in S.multiplicities.items() if m)])


def test_from_a_signed_module_to_one_without_signs():
    """There is one nonzero map at most on each simple; after it any activation is allowed."""
    S, R = signed_module(), tk.group("C12").regular_module()
    torch.manual_seed(0)
    net = nn.Sequential(
        tk.nn.EquivariantLinear(S, R, 1, 3),
        tk.nn.Pointwise("relu", R),
        tk.nn.EquivariantLinear(R, R, 3, 1),
    ).double()
    labels = [label for label, m in S.multiplicities.items() if m]
    basis = tk.fourier_basis(S)
    for label in labels:
        coordinates = np.zeros((S.degree, 5))
        rows = basis.simple(label).rows
        coordinates[rows] = np.random.default_rng(0).standard_normal((rows.stop - rows.start, 5))
        x = torch.from_numpy(basis.synthesise(coordinates).T[:, :, None].copy())
        found = zero_components(net, [label])
        with torch.no_grad():
            hidden = net[1](net[0](x))[..., 0].T.numpy()
        energies = tk.fourier_basis(R).energies(np.ascontiguousarray(hidden))
        whole = sum(e.sum() for e in energies.values())
        for name, energy in energies.items():
            assert (energy.sum() > 1e-20 * whole) == (name in found["1"].possible)
        small = tk.interpret.trim(net, [label])
        with torch.no_grad():
            assert torch.allclose(small(x), net(x), rtol=1e-12, atol=1e-13)
