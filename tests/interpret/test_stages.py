"""Networks as sequences of stages."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import toolkit as tk
from toolkit.errors import ModuleMismatchError, UnsupportedActivationError
from toolkit.interpret.network.call_order import needs_example, stage_modules
from toolkit.interpret.network.stages import stages_of
from toolkit.modules.same_functions import same_functions
from toolkit.nn import DeepSets, EquivariantLinear, EquivariantMLP, Pointwise


@pytest.fixture(scope="module")
def V():
    return tk.group("S4").natural_module()


def kinds(stages):
    return [stage.kind for stage in stages]


def names(modules):
    return [None if X is None else X.name for X in modules]


def test_perceptron_by_structure_and_by_watching_agree(V):
    net = EquivariantMLP([V, None, V], [2, 4, 3], "gelu", normalisation="layer", invariant_head=5)
    found = stages_of(net)
    watched = stages_of(net, example=torch.zeros(3, 4, 2))
    for a, b in zip(found, watched, strict=True):
        assert (a.key, a.kind, a.follows, a.is_last) == (b.key, b.kind, b.follows, b.is_last)
        assert (a.module, a.X is b.X) == (b.module, True) or a.kind in ("pooling", "other")
    assert kinds(found) == [
        "linear", "normalisation", "activation", "linear", "normalisation", "activation",
        "pooling", "other", "linear",
    ]  # fmt: skip
    assert [stage.follows for stage in found] == list(range(-1, 8))
    assert names(stage.Y for stage in found) == [
        "regular module", "regular module", "regular module", "4 points", "4 points", "4 points",
        "orbits of 4 points", None, None,
    ]  # fmt: skip


class Residual(nn.Module):
    """One layer used twice, with a sum that is no submodule."""

    def __init__(self, X):
        super().__init__()
        self.body = EquivariantLinear(X, X, 2, 2)
        self.act = nn.ReLU(inplace=True)
        self.last = nn.Tanh()

    def forward(self, x):
        x = self.act(self.body(x))
        x = x + self.act(self.body(x))
        return self.last(x)


def test_shared_layers_and_sums(V):
    stages = stages_of(Residual(V))
    assert [stage.key for stage in stages] == ["body", "act", "body#2", "act#2", "last"]
    assert [stage.follows for stage in stages] == [-1, 0, 1, 2, None]
    assert names(stage.X for stage in stages) == ["4 points"] * 4 + [None]
    declared = stages_of(Residual(V), {"last": V})
    assert declared[-1].X is V
    assert declared[-1].is_last


class Hidden(nn.Module):
    """Changes a stage's output in place before the next stage."""

    def __init__(self, X):
        super().__init__()
        self.one, self.two = EquivariantLinear(X, X, 1, 1), EquivariantLinear(X, X, 1, 1)

    def forward(self, x):
        return self.two(self.one(x).relu_())


def test_changes_in_place_are_noticed(V):
    assert [stage.follows for stage in stages_of(Hidden(V))] == [-1, None]


def test_running_the_example_leaves_no_trace(V):
    norm = nn.BatchNorm1d(4)  # over the points: what it computes does not matter here
    net = nn.Sequential(EquivariantLinear(V, V, 2, 2), norm, nn.Dropout())
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    before = [b.clone() for b in net.buffers()]
    stages_of(net, example=torch.randn(3, 4, 2, generator=torch.Generator().manual_seed(0)))
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(a, b) for a, b in zip(before, net.buffers(), strict=True))
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())


def test_hooks_go_when_the_example_fails(V):
    net = EquivariantMLP(V, [1, 2, 1])
    with pytest.raises(ModuleMismatchError, match="shape"):
        stages_of(net, example=torch.zeros(3, 5, 1))
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())


def test_deep_sets_needs_an_example():
    net = DeepSets([3, 8, 8], [4, 2])
    assert needs_example(net)
    with pytest.raises(ModuleMismatchError, match="give an input as example="):
        stages_of(net)
    stages = stages_of(net, example=torch.zeros(1, 10, 3))
    assert names(stage.Y for stage in stages[:4]) == ["10 points"] * 4
    assert kinds(stages) == ["linear", "activation"] * 2 + ["linear", "activation", "linear"]
    assert stages[4].follows is None  # the mean over the points is no submodule


def test_torch_layers_on_a_declared_space(V):
    net = nn.Sequential(nn.Linear(2, 3), nn.LayerNorm(3), nn.ELU(), nn.Linear(3, 1))
    assert all(stage.X is None for stage in stages_of(net))
    stages = stages_of(net, {"0": V})
    assert kinds(stages) == ["linear", "normalisation", "activation", "linear"]
    assert all(stage.X is V for stage in stages)
    assert stages[2].activation.name == "elu(1)" or stages[2].activation.name == "elu"


def test_declared_modules_of_the_user(V):
    class Cubed(nn.Module):
        def forward(self, x):
            return x**3

    class Turned(nn.Module):
        def forward(self, x):
            return x.flip(-2)

    net = nn.Sequential(EquivariantLinear(V, V, 1, 1), Cubed(), Turned())
    assert kinds(stages_of(net)) == ["linear", "other", "other"]
    stages = stages_of(net, {"1": V, "2": (V, V)})
    assert kinds(stages) == ["linear", "activation", "other"]
    assert stages[1].activation.parts_are == "measured"
    assert stages[2].Y is V
    with pytest.raises(UnsupportedActivationError, match="not an activation"):
        _ = stages[2].activation


def test_a_trained_slope_is_read_as_it_is(V):
    act = Pointwise("prelu", V)
    with torch.no_grad():
        act.function.weight.fill_(1.0)
    (stage,) = stages_of(act)
    assert stage.activation.is_affine


@pytest.mark.parametrize(
    ("spaces", "message"),
    [
        ({"layers.9": None}, "no submodule 'layers.9'"),
        ({"layers.1": "S4"}, "must be a permutation module"),
        (7, "must be a mapping"),
    ],
)
def test_wrong_declarations(V, spaces, message):
    with pytest.raises(ModuleMismatchError, match=message):
        stages_of(EquivariantMLP(V, [1, 2, 1]), spaces)


def test_contradicting_declaration(V):
    other = tk.group("C4").regular_module()
    with pytest.raises(ModuleMismatchError, match="functions on regular module of C4"):
        stages_of(nn.Sequential(EquivariantLinear(V, V, 1, 1), nn.ReLU()), {"1": other})


def test_small_helpers(V):
    net = EquivariantMLP(V, [1, 2, 1])
    assert stage_modules(net) == tuple(net.layers)
    assert same_functions(V, tk.group("S4").natural_module())
    assert not same_functions(V, tk.group("C4").natural_module())
    assert stages_of(nn.Sequential()) == ()


def test_a_declaration_that_contradicts_a_layer_is_refused():
    G = tk.group("S4")
    X, R = G.natural_module(), G.regular_module()
    net = tk.nn.EquivariantMLP(X, [1, 4, 1])
    for name in ("layers.0", "layers.1"):
        with pytest.raises(ModuleMismatchError, match="was declared to be on regular module"):
            stages_of(net, {name: R})
        with pytest.raises(ModuleMismatchError, match=f"the output of '{name}' was declared"):
            stages_of(net, {name: (X, R)})
    assert len(stages_of(net, {"layers.1": X})) == 3


class _Shifted(EquivariantLinear):
    """A layer that is not what its class was."""

    def forward(self, x):
        return super().forward(x) + torch.arange(4.0)[:, None]


def test_a_subclass_with_its_own_forward_is_no_known_layer():
    X = tk.group("S4").natural_module()
    layer = _Shifted(X, X, 1, 1)
    (stage,) = stages_of(nn.Sequential(layer), example=torch.ones(2, 4, 1))
    assert (stage.kind, stage.Y) == ("other", None)
    with pytest.raises(ModuleMismatchError, match="declare it"):
        tk.interpret.zero_components(nn.Sequential(layer), ["L0"])
