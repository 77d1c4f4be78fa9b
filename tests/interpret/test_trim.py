"""Trimmed networks: the same outputs, fewer weights, plain torch modules."""

from __future__ import annotations

import copy
import io
import itertools

import numpy as np
import pytest
import torch
from torch import nn

import toolkit as tk
from toolkit.errors import InconsistentAnswerError, ModuleMismatchError, NotAvailable
from toolkit.interpret.trimming.points import merging
from toolkit.interpret.trimming.trim import Trimmed, trim
from toolkit.interpret.zeros.support import OrbitSupport, points_of_orbits
from toolkit.modules.signed_module import SignedModule
from toolkit.pl.criterion.of_module import orbit_criteria

ACTIVATIONS = ("relu", "abs", "gelu", "tanh", "sigmoid")


def _signed_module():
    G = tk.group("S4")
    cycle, swap = [1, 2, 3, 0], [2, 1, 0, 3]
    dihedral = [cycle, swap]
    signed = G.signed_coset_module(dihedral, [cycle])
    sign = G.signed_coset_module([[1, 2, 3, 0], [1, 0, 2, 3]], [[1, 2, 0, 3], [1, 0, 3, 2]])
    return signed + sign


def _signed_regular():
    """The regular representation of C12, signed: induced from the sign of a subgroup C2."""
    return tk.group("C12").signed_coset_module([{"word": [0] * 6}], [])


MODULES = {
    "C8": lambda: tk.group("C8").regular_module(),
    "C12": lambda: tk.group("C12").regular_module(),
    "D16": lambda: tk.group("D16").regular_module(),
    "S4": lambda: tk.group("S4").regular_module(),
    "SL(2,3)": lambda: tk.group("SL(2,3)").regular_module(),
    "C4 x C4": lambda: tk.group("C4 x C4").regular_module(),
    "S4 on cosets": lambda: tk.group("S4").coset_module([[1, 0, 3, 2]]),
    "S4 on a sum": lambda: tk.group("S4").natural_module() + tk.group("S4").regular_module(),
}


def simple_labels(X):
    return [label for label, m in X.multiplicities.items() if m]


def inputs_in(X, labels, channels, batch=6, seed=0):
    """Random functions with components in the given simples only."""
    rng = np.random.default_rng(seed)
    basis = tk.fourier_basis(X)
    coordinates = np.zeros((X.degree, batch * channels))
    for s in basis.simples:
        if s.label in labels:
            coordinates[s.rows] = rng.standard_normal(
                (s.rows.stop - s.rows.start, batch * channels)
            )
    x = basis.synthesise(coordinates).reshape(X.degree, batch, channels)
    return torch.from_numpy(x.transpose(1, 0, 2).copy())


def network(X, activation="relu", bias=True, seed=0, channels=(2, 5, 4, 3), **options):
    torch.manual_seed(seed)
    net = tk.nn.EquivariantMLP(X, list(channels), activation, bias, dtype=torch.float64, **options)
    if bias:
        with torch.no_grad():
            for layer in net.modules():
                if isinstance(getattr(layer, "bias", None), torch.Tensor):
                    layer.bias.normal_()
    return net


def require_same(small, net, x, tolerance=1e-12):
    with torch.no_grad():
        found, wanted = small(x), net(x)
    assert found.shape == wanted.shape
    assert (found - wanted).abs().max() <= tolerance * wanted.abs().max().clamp_min(1e-3)


def source_sets(X):
    """Each simple by itself, some pairs, all together, none."""
    labels = simple_labels(X)
    pairs = list(itertools.combinations(labels, 2))
    return [(), *[(label,) for label in labels], *pairs[:: max(1, len(pairs) // 3)], tuple(labels)]


@pytest.mark.parametrize(
    "activation",
    [pytest.param(f, marks=[pytest.mark.slow] * (f in ("gelu", "sigmoid"))) for f in ACTIVATIONS],
)
@pytest.mark.parametrize("name", MODULES)
@pytest.mark.quick_cases(4)
def test_outputs_are_the_same(name, activation):
    X = MODULES[name]()
    for number, sources in enumerate(source_sets(X)):
        for bias in (False, True):
            net = network(X, activation, bias, seed=number)
            small = trim(net, sources)
            require_same(small, net, inputs_in(X, sources, 2, seed=number))


@pytest.mark.parametrize("form", ["gathered", "blocks", "flat", "auto"])
@pytest.mark.parametrize("name", ["C12", "SL(2,3)", "S4 on a sum"])
@pytest.mark.quick_cases(4)
def test_every_form_and_input_rule(name, form):
    X = MODULES[name]()
    labels = simple_labels(X)
    for sources in ([labels[1]], labels[:2], [labels[-1]], labels):
        net = network(X, "gelu")
        for rule in ("select", "project"):
            small = trim(net, sources, form=form, inputs=rule)
            require_same(small, net, inputs_in(X, sources, 2))


def _signs_that_can_be_changed_away():
    return SignedModule.from_signs(tk.group("C4"), [[1, 2, 3, 0]], [[1, -1, 1, -1]])


def _plane():
    return SignedModule.from_signs(tk.group("C4"), [[1, 0]], [[1, -1]])


@pytest.mark.parametrize("activation", ["tanh", "sin"])
@pytest.mark.parametrize(
    "make", [_signed_module, _signed_regular, _signs_that_can_be_changed_away, _plane]
)
@pytest.mark.quick_cases(2)
def test_signed_modules(make, activation):
    X = make()
    for sources in source_sets(X):
        for bias in (False, True):
            net = network(X, activation, bias)
            small = trim(net, sources)
            require_same(small, net, inputs_in(X, sources, 2))


@pytest.mark.parametrize("name", ["C8", "S4", "SL(2,3)", "S4 on a sum"])
def test_invariant_heads_and_normalisation(name):
    X = MODULES[name]()
    for sources in source_sets(X)[1:4]:
        for normalisation, bias in itertools.product((None, "layer", "rms"), (False, True)):
            net = network(X, "gelu", bias, normalisation=normalisation, invariant_head=7)
            for module in net.modules():
                if isinstance(module, nn.RMSNorm | nn.LayerNorm):
                    module.eps = 1.0  # a small one enlarges the rounding errors of a zero
            small = trim(net, sources)
            require_same(small, net, inputs_in(X, sources, 2))


def test_plain_and_signed_modules_in_one_network():
    G = tk.group("S4")
    cycle, swap = [1, 2, 3, 0], [2, 1, 0, 3]
    X = G.natural_module()
    signed = G.signed_coset_module([cycle, swap], [swap, [0, 3, 2, 1]])
    for sources in source_sets(X):
        net = network([X, signed, X], "tanh", channels=[2, 3, 3])
        require_same(trim(net, sources), net, inputs_in(X, sources, 2))


def test_networks_between_different_modules():
    G = tk.group("S4")
    spaces = [G.natural_module(), None, G.coset_module([[1, 0, 3, 2]]), G.natural_module() ** 2]
    for activation in ("relu", "abs", "tanh"):
        for sources in (["L0"], ["L3"], ["L0", "L3"]):
            net = network(spaces, activation, channels=[2, 4, 4, 3])
            require_same(trim(net, sources), net, inputs_in(spaces[0], sources, 2))


def test_several_activations_in_a_row_and_a_first_and_a_last_one():
    X = tk.group("C12").regular_module()
    chains = (
        ("tanh", "abs"), ("abs", "tanh"), ("tanh", "relu"), ("sigmoid", "cos"), ("square", "gelu"),
    )  # fmt: skip
    for chain in chains:
        torch.manual_seed(0)
        linear = [tk.nn.EquivariantLinear(X, X, 3, 3, dtype=torch.float64) for _ in range(2)]
        ops = [[tk.nn.Pointwise(f, X) for f in chain] for _ in range(3)]
        net = nn.Sequential(*ops[0], linear[0], *ops[1], linear[1], *ops[2])
        for sources in source_sets(X):
            require_same(trim(net, sources), net, inputs_in(X, sources, 3))


def test_torch_modules_channel_maps_identity_and_dropout():
    X = tk.group("D16").regular_module()
    torch.manual_seed(1)
    net = nn.Sequential(
        tk.nn.EquivariantLinear(X, X, 2, 4),
        nn.Linear(4, 6),
        nn.PReLU(),
        nn.Sequential(nn.Identity(), nn.Dropout(0.5)),
        tk.nn.EquivariantLinear(X, X, 6, 4),
        nn.Linear(4, 4, bias=False),
        nn.Tanh(),
    ).double()
    with pytest.raises(ModuleMismatchError, match=r"call model\.eval"):
        trim(net, ["L1"])
    net.eval()
    for sources in source_sets(X):
        require_same(trim(net, sources), net, inputs_in(X, sources, 2))


def test_pooling_between_modules():
    G = tk.group("S4")
    X = G.regular_module()
    Y = G.coset_module([[1, 2, 0, 3]])
    for reduction in ("mean", "sum", "max"):
        torch.manual_seed(2)
        net = nn.Sequential(
            tk.nn.EquivariantLinear(X, X, 2, 3),
            tk.nn.Pointwise("gelu", X),
            tk.nn.EquivariantPooling(X, Y, reduction),
            tk.nn.Pointwise("tanh", Y),
            tk.nn.EquivariantLinear(Y, Y, 3, 3),
            tk.nn.EquivariantUnpooling(Y, X),
            tk.nn.Pointwise("relu", X),
            tk.nn.InvariantPooling(X, "max"),
        ).double()
        for sources in source_sets(X):
            require_same(trim(net, sources), net, inputs_in(X, sources, 2))


def test_sets_and_windows():
    V = tk.group("S5").natural_module()
    torch.manual_seed(3)
    net = nn.Sequential(
        tk.nn.DeepSetsLinear(2, 3), tk.nn.Pointwise("relu", V), tk.nn.DeepSetsLinear(3, 2)
    ).double()
    for sources in source_sets(V):
        small = trim(net, sources, spaces={"0": V})
        require_same(small, net, inputs_in(V, sources, 2))
    net = tk.nn.DeepSets([2, 4, 3], activation="gelu", dtype=torch.float64)
    for sources in source_sets(V):
        x = inputs_in(V, sources, 2)
        require_same(trim(net, sources, example=x), net, x)
    torch.manual_seed(4)
    net = nn.Sequential(
        tk.nn.WindowedConvolution((8,), 2, 3, 3),
        nn.ReLU(),
        tk.nn.WindowedConvolution((8,), 3, 2, 3),
    ).double()
    X = net[0].X
    for sources in source_sets(X):
        require_same(trim(net, sources), net, inputs_in(X, sources, 2))
    assert trim(net, simple_labels(X)).weights_after == sum(p.numel() for p in net.parameters())


def test_a_measured_activation_is_taken_for_any_function():
    X = tk.group("C12").regular_module()
    net = network(X, torch.nn.Hardtanh())  # known
    odd = network(X, lambda t: t.sinh().clamp(-3, 3), bias=False)  # measured to be odd, not proved
    assert trim(net, ["L1"]).stages[1].blocks == 2
    assert trim(odd, ["L1"]).stages[1].blocks == 2
    for sources in source_sets(X):
        require_same(trim(odd, sources), odd, inputs_in(X, sources, 2))


def test_fewer_points_and_fewer_weights():
    X = tk.group("C12").regular_module()
    sizes = {"abs": 1, "tanh": 1, "relu": 2}
    for activation, blocks in sizes.items():  # L1 has order 2: 1, -1, 1, -1, ...
        small = trim(network(X, activation, bias=False), ["L1"])
        assert small.stages[1].blocks == blocks
        assert small.weights_after < small.weights_before
    net = network(X, "relu", bias=False, channels=[1, 16, 16, 1])
    nothing = trim(net, [])
    assert nothing.weights_after == 0
    assert not nothing(torch.zeros(3, 12, 1, dtype=torch.float64)).any()
    everything = trim(net, simple_labels(X))
    assert everything.weights_after == everything.weights_before
    # one simple of order 12: no points merge, but the first layer has 2 weights in the place of 12
    fourier = trim(net, ["L5"], form="blocks")
    assert fourier.layers[1].weight.shape[0] == 2


@pytest.mark.parametrize("name", MODULES)
def test_blocks_are_those_of_brute_force(name):
    X = MODULES[name]()
    basis = tk.fourier_basis(X)
    parts = orbit_criteria(X)
    for sources in source_sets(X)[1:]:
        rows = np.concatenate(
            [np.arange(X.degree)[s.rows] for s in basis.simples if s.label in sources]
        )
        functionals = basis.matrix[rows]
        present = tuple(OrbitSupport.of(part, sources) for part in parts)
        for opposite in (False, True):
            found = merging(X, present, opposite=opposite)
            wanted = _classes(functionals, opposite)
            assert found.size == len(set(wanted) - {-1})
            pairs = set(zip(found.blocks.tolist(), wanted, strict=True))
            assert len(pairs) == len({b for b, _ in pairs}) == len({w for _, w in pairs})
            assert np.allclose(
                functionals, (functionals[:, found.first] @ found.matrix.T), atol=1e-12
            )


def _classes(functionals, opposite):
    out, kinds = [], []
    for column in functionals.T:
        if np.abs(column).max() < 1e-12:
            out.append(-1)
            continue
        for number, kind in enumerate(kinds):
            if np.allclose(column, kind, atol=1e-9) or (
                opposite and np.allclose(column, -kind, atol=1e-9)
            ):
                out.append(number)
                break
        else:
            out.append(len(kinds))
            kinds.append(column)
    return out


def test_points_of_orbits_are_in_the_order_of_the_parts():
    X = _signed_module()
    assert isinstance(X, SignedModule)
    points = points_of_orbits(X)
    assert [len(p) for p in points] == [part.coordinates for part in orbit_criteria(X)]
    assert sorted(np.concatenate(points).tolist()) == list(range(X.degree))


def test_it_is_a_plain_torch_module():
    X = tk.group("SL(2,3)").regular_module()
    net = network(X, "gelu")
    sources = ["L0", "L2"]
    x = inputs_in(X, sources, 2)
    for form in ("gathered", "blocks", "flat"):
        small = trim(net, sources, form=form).eval()
        wanted = small(x)
        assert torch.equal(copy.deepcopy(small)(x), wanted)
        other = trim(network(X, "gelu", seed=5), sources, form=form)
        other.load_state_dict(small.state_dict())
        assert torch.equal(other(x), wanted)
        assert set(small.state_dict()) == {name for name, _ in small.named_parameters()}
        dynamic = ({0: torch.export.Dim.AUTO},)
        program = torch.export.export(small, (x,), dynamic_shapes=dynamic)
        buffer = io.BytesIO()
        torch.export.save(program, buffer)
        buffer.seek(0)
        again = torch.export.load(buffer).module()
        assert torch.allclose(again(x), wanted, rtol=1e-12, atol=1e-14)
        assert again(x[:3]).shape == (3, *wanted.shape[1:])
        assert not any(type(m).__module__.startswith("toolkit.nn") for m in small.modules())
        small.zero_grad()
        small(x).square().sum().backward()
        assert all(p.grad is not None for p in small.parameters())


def test_one_shared_activation_stays_one():
    X = tk.group("C8").regular_module()
    slope = nn.PReLU()
    net = nn.Sequential(
        tk.nn.EquivariantLinear(X, X, 1, 2), slope, tk.nn.EquivariantLinear(X, X, 2, 2), slope
    )
    small = trim(net, ["L1"])
    assert sum(isinstance(m, nn.PReLU) for m in small.modules()) == 1
    assert slope not in set(small.modules())


def test_inputs_outside_of_the_sources_are_noticed_or_projected():
    X = tk.group("C8").regular_module()
    net = network(X, "relu", bias=False)
    inside, outside = inputs_in(X, ["L1"], 2), inputs_in(X, ["L2"], 2)
    small = trim(net, ["L1"])
    assert small.check_input(inside) < 1e-28
    assert small.check_input(inside + outside) > 0.1
    with pytest.raises(ModuleMismatchError, match="of its energy elsewhere"):
        small.check_input(inside + outside, 1e-6)
    with pytest.raises(ModuleMismatchError, match="must have shape"):
        small.check_input(torch.zeros(3, 7, 2))
    projecting = trim(net, ["L1"], inputs="project")
    assert torch.allclose(projecting(inside + outside), net(inside), rtol=1e-12, atol=1e-14)


def test_measured_sources():
    X = tk.group("C8").regular_module()
    net = network(X)
    x = inputs_in(X, ["L1", "L2"], 2)
    small = trim(net, x)
    assert small.sources == ("L1", "L2")
    assert trim(net, x + 1e-3 * inputs_in(X, ["L4"], 2), tolerance=1e-2).sources == ("L1", "L2")
    assert trim(net, x.float()).sources == ("L1", "L2")


def test_float32_and_batches_of_any_shape():
    X = tk.group("S4").regular_module()
    net = network(X).float()
    small = trim(net, ["L1", "L2"])
    x = inputs_in(X, ["L1", "L2"], 2).float()
    require_same(small, net, x, 1e-5)
    assert small(x[0]).shape == net(x[0]).shape
    assert small(x.reshape(2, 3, 24, 2)).shape == (2, 3, 24, 3)
    assert small(x[:0]).shape == (0, 24, 3)
    assert trim(net, ["L1", "L2"], form="blocks")(x[:0]).shape == (0, 24, 3)


def test_a_large_layer_that_keeps_everything_stays_as_it_is():
    X = tk.group("C256").regular_module()
    net = network(X, channels=[1, 2, 2, 1], method="fft")
    small = trim(net, simple_labels(X))
    assert isinstance(small.layers[1], tk.nn.EquivariantLinear)
    require_same(small, net, inputs_in(X, simple_labels(X), 1, batch=2))


def test_labels_and_forms_must_be_there():
    X = tk.group("C8").regular_module()
    net = network(X)
    with pytest.raises(ModuleMismatchError, match="not 'L9'"):
        trim(net, ["L9"])
    with pytest.raises(ModuleMismatchError, match="form must be"):
        trim(net, ["L1"], form="small")
    with pytest.raises(ModuleMismatchError, match="a tolerance is for measured sources"):
        trim(net, ["L1"], tolerance=0.1)


def test_the_model_is_left_alone():
    X = tk.group("C8").regular_module()
    net = network(X)
    before = copy.deepcopy(net.state_dict())
    small = trim(net, ["L1"])
    with torch.no_grad():
        for p in small.parameters():
            p.zero_()
    assert isinstance(small, Trimmed)
    after = net.state_dict()
    assert all(torch.equal(before[k], after[k]) for k in before)


def test_blocks_of_a_wrong_size_are_an_error(monkeypatch):
    X = tk.group("C12").regular_module()
    present = [OrbitSupport.of(orbit_criteria(X)[0], ["L3"])]
    assert merging(X, present, opposite=False).size == 4
    monkeypatch.setattr("toolkit.interpret.trimming.points._NEAR", 1.5)  # takes 0 for 1
    with pytest.raises(InconsistentAnswerError, match="3 equal coordinates"):
        merging(X, present, opposite=False)


def test_a_nan_is_outside_of_the_sources():
    X = tk.group("C8").regular_module()
    small = trim(tk.nn.EquivariantMLP(X, [1, 4, 1]), ["L0"])
    x = torch.ones(2, 8, 1)
    assert small.check_input(x, 1e-6) < 1e-12
    x[1, 0, 0] = float("nan")
    with pytest.raises(ModuleMismatchError, match="found nan of its energy elsewhere"):
        small.check_input(x, 1e-6)


def test_a_trimmed_network_is_not_trimmed_again():
    X = tk.group("C8").regular_module()
    small = trim(tk.nn.EquivariantMLP(X, [1, 4, 1]), ["L0"])
    with pytest.raises(NotAvailable, match="start from the network that was trimmed"):
        trim(small, ["L0"])
