"""Recording networks with functions, branches and several inputs, in training too."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.overrides import _get_current_function_mode_stack
from torch.utils.checkpoint import checkpoint

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.interpret import flow, record, spectra
from toolkit.interpret.spectral.probe import SiteProbe
from toolkit.text import split_names


def module():
    return tk.group("C8").regular_module()


def linear(C=3, D=3):
    return tk.nn.EquivariantLinear(module(), module(), C, D).double()


class Net(nn.Module):
    """A residual sum, functions in the forward, one of them in place, and a dropout."""

    def __init__(self, p=0.0):
        super().__init__()
        self.first, self.second, self.act = linear(), linear(), nn.GELU()
        self.p = p

    def forward(self, x, scale=None):
        h = functional.relu(self.first(x))
        h = functional.dropout(h, self.p, self.training)
        h = self.act(self.second(h) + x).relu_()
        return h if scale is None else h * scale


class Layers(nn.Module):
    """The same, of layers alone."""

    def __init__(self, net):
        super().__init__()
        X = module()
        self.relu, self.act, self.last = nn.ReLU(), net.act, nn.ReLU()
        self.body = tk.nn.Residual(nn.Sequential(net.first, self.relu, net.second))
        self.net = nn.Sequential(self.body, tk.nn.Pointwise("gelu", X), nn.ReLU())

    def forward(self, x):
        return self.net(x)


def batch(seed=0, n=5):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, 8, 3, dtype=torch.float64, generator=generator)


def energies(x):
    """Return the energies by simple, found without the recorder."""
    flat = x.detach().double().movedim(-2, 0).reshape(8, -1).numpy()
    return [float(e.sum()) for e in tk.fourier_basis(module()).energies(flat).values()]


def test_what_is_recorded_is_what_the_tensors_hold():
    net = Net()
    with record(net) as found:
        outputs = [net(batch(seed)) for seed in range(2)]
    assert list(found) == [
        "input", "relu before", "relu after", "add after", "act before", "act after",
        "relu_ before", "relu_ after", "output",
    ]  # fmt: skip
    assert found["input"].samples == 10
    expected = np.add(*(energies(batch(seed)) for seed in range(2)))
    assert np.allclose(found["input"].sums.sum(1), expected, rtol=1e-12)
    expected = np.add(*(energies(y) for y in outputs))
    assert np.allclose(found["output"].sums.sum(1), expected, rtol=1e-12)
    assert found["relu_ after"].shares == found["output"].shares


def test_layers_and_functions_give_the_same():
    net = Net().eval()
    layers = Layers(net).eval()
    found, other = spectra(net, batch()), spectra(layers, batch())
    ours = [found[name].by_simple for name in found]
    theirs = [other[name].by_simple for name in other]
    assert len(ours) == len(theirs)
    for one, two in zip(ours, theirs, strict=True):
        assert one == pytest.approx(two, rel=1e-12)


def test_training_is_left_as_it_is():
    """Outputs, gradients and random numbers are bit for bit those of a pass alone."""
    net, x = Net(p=0.3).train(), batch()

    def step():
        torch.manual_seed(3)
        net.zero_grad()
        y = net(x)
        y.square().sum().backward()
        return y.detach(), [p.grad.clone() for p in net.parameters()], torch.rand(2)

    alone = step()
    with record(net) as found:
        watched = step()
    assert torch.equal(alone[0], watched[0])
    assert all(map(torch.equal, alone[1], watched[1]))
    assert torch.equal(alone[2], watched[2])
    assert list(found)[-1] == "output"
    assert found["output"].samples == 5
    assert not _get_current_function_mode_stack()
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())


@pytest.mark.parametrize("functions", [True, False])
def test_every_third_pass(functions):
    net = Net().eval() if functions else tk.nn.EquivariantMLP(module(), [3, 4, 1]).double()
    with record(net, every=3) as found:
        for seed in range(7):
            net(batch(seed))
    assert found["input"].samples == 15
    expected = sum(np.array(energies(batch(seed))) for seed in (0, 3, 6))
    assert np.allclose(found["input"].sums.sum(1), expected, rtol=1e-12)
    with pytest.raises(ModuleMismatchError, match="every="):
        record(net, every=0)


def test_a_pass_that_fails_leaves_nothing_and_the_next_one_counts():
    net = Net().eval()
    with record(net) as found:
        net(batch())
        handle = net.act.register_forward_pre_hook(lambda m, a: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            net(batch())
        handle.remove()
        assert not _get_current_function_mode_stack()
        net(batch())
    assert found["relu before"].samples == found["output"].samples == 10


@pytest.mark.parametrize("kind", [Net, Layers])
def test_recorders_at_once_do_not_see_each_other(kind):
    """Neither the runs by which another learns the calls, nor what it does to measure."""
    net = Net().eval()
    net = net if kind is Net else Layers(net).eval()
    with record(net) as alone:
        net(batch(1))
        net(batch(2))
    with record(net) as one, record(net, every=2) as two, record(net, per_sample=True) as three:
        net(batch(1))
        net(batch(2))
    assert not _get_current_function_mode_stack()
    for name in alone:
        assert one[name].shares == pytest.approx(alone[name].shares, rel=1e-12)
        assert three[name].shares == pytest.approx(alone[name].shares, rel=1e-12)
    assert one["output"].samples == three["output"].samples == 10
    assert two["output"].samples == 5
    assert list(two) == list(alone)


def test_parts_that_run_again_for_their_gradients_count_once():
    net = Net().eval()
    body = net.first
    net.forward = lambda x: torch.relu(checkpoint(lambda t: torch.tanh(body(t)), x,
                                                  use_reentrant=False))  # fmt: skip
    with record(net) as found:
        for seed in range(2):
            net(batch(seed).requires_grad_()).sum().backward()
    assert [found[name].samples for name in found] == [10] * len(found)
    assert "tanh after" in found


@pytest.mark.parametrize("context", ["inference", "autocast"])
def test_in_other_modes_of_torch(context):
    net = Net().float().eval()
    mode = torch.inference_mode() if context == "inference" else torch.autocast("cpu")
    with mode, record(net) as found:
        y = net(batch().float()).detach()
    assert found["output"].total == pytest.approx(float(y.double().square().sum()), rel=1e-12)
    assert found["output"].defect < 1e-12


def test_another_way_through_the_network_is_refused():
    net = Net()
    net.forward = lambda x: torch.relu(net.first(x)) if len(x) < 4 else torch.tanh(net.first(x))
    with record(net) as found:
        net(batch(n=2))
        with pytest.raises(ModuleMismatchError, match="instead of relu, it now makes tanh"):
            net(batch())
    assert found["relu before"].samples == 2


@pytest.mark.parametrize("writes", [False, True])
def test_one_tensor_at_two_places_is_measured_once(monkeypatch, writes):
    net, seen = Net().eval(), []
    net.forward = lambda x: torch.relu(net.first(x))
    if writes:
        net.forward = lambda x: torch.relu(net.first(x)).mul_(2)
    measured = SiteProbe.measured

    def counted(probe, x):
        seen.append(probe.spectrum.site.name)
        return measured(probe, x)

    monkeypatch.setattr(SiteProbe, "measured", counted)
    with record(net) as found:
        y = net(batch())
    places = ["input", "relu before", "relu after"]
    assert seen == ([*places, "output"] if writes else places)
    assert found["output"].sums.sum(1) == pytest.approx(energies(y))
    factor = 4 if writes else 1
    assert np.allclose(factor * found["relu after"].sums, found["output"].sums, rtol=1e-12)


def test_shared_functions_have_numbers():
    net = Net().eval()
    net.forward = lambda x: torch.relu(net.second(torch.relu(net.first(x))))
    found = spectra(net, batch())
    assert list(found)[1:-1] == ["relu before", "relu after", "relu#2 before", "relu#2 after"]
    assert np.allclose(found["relu#2 after"].sums, found["output"].sums)


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = linear(), linear()

    def forward(self, x, y, scale):
        h = torch.tanh(self.one(x)) + self.two(y).abs()
        return h * scale, torch.relu(h)


@pytest.mark.parametrize("form", ["tuple", "loader", "names", "example"])
def test_several_inputs_and_outputs(form):
    net, X = Two(), module()
    x, y, scale = batch(1), batch(2), torch.rand(5, 1, 1, dtype=torch.float64)
    named = {"x": x, "y": y, "scale": scale}
    if form == "tuple":
        given, options = (x, y, scale), {"modules": (X, X, None)}
    elif form == "loader":
        given, options = [(x, y, scale, "labels")] * 2, {"modules": (X, X, None)}
    elif form == "names":
        given, options = named, {"modules": {"x": X, "y": X, "scale": None}}
    else:
        given, options = [(x, y, scale)], {"example": (x, y, scale)}
    words = ("x", "y") if form == "names" else ("0", "1")
    if form == "example":
        with pytest.warns(UserWarning, match="unknown from 'input 2'"):
            found = spectra(net, given, **options)
    else:
        found = spectra(net, given, **options)
    passes = 2 if form == "loader" else 1
    assert list(found)[:2] == [f"input {word}" for word in words]
    assert found[f"input {words[1]}"].sums.sum(1) / passes == pytest.approx(energies(y))
    assert "output 1" in found
    if form == "example":
        assert "output 0" not in found  # scaled by what is not known
        return
    one, two = (t.detach() for t in net(x, y, scale))
    assert found["output 0"].sums.sum(1) / passes == pytest.approx(energies(one))
    assert found["output 1"].sums.sum(1) / passes == pytest.approx(energies(two))
    graph = flow(net, given, **options)
    places = split_names(graph.graph["places"])
    assert places[:2] == tuple(f"input {word}" for word in words)
    came = {one for one, two in graph.edges if two == "tanh before L1"}
    assert came == {f"input {words[0]} L1"}  # and not from the other input
    assert {one.split(" L")[0] for one, two in graph.edges if two == "relu before L1"} == {
        "tanh after", "abs after",
    }  # fmt: skip


def test_a_recorder_sees_several_inputs_by_itself():
    class Sum(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = linear(), linear()

        def forward(self, x, y):
            return torch.relu(self.one(x) + self.two(y))

    net = Sum()
    with record(net) as found:
        net(batch(1), y=batch(2))
    assert list(found) == [
        "input 0", "input y", "add after", "relu before", "relu after", "output",
    ]  # fmt: skip
    assert np.allclose(found["add after"].sums, found["relu before"].sums, rtol=1e-12)
    with record(net) as found, pytest.raises(ModuleMismatchError, match="must be tensors"):
        net(None, None)


def test_a_network_that_is_one_layer():
    X = tk.group("C8").regular_module()
    layer = tk.nn.EquivariantLinear(X, X, 2, 2)
    x = torch.randn(5, 8, 2)
    found = tk.interpret.spectra(layer, [x, x], modules=X)
    again = tk.interpret.spectra(layer, [x, x])
    assert list(found) == list(again) == ["input", "output"]
    for place in found:
        assert found[place].samples == again[place].samples == 10
        assert torch.allclose(torch.tensor(found[place].sums), torch.tensor(again[place].sums))
