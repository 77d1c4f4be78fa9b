"""Energies by simple: against projectors, against the exact closure, and without a trace."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import toolkit as tk
from toolkit.errors import ConfigError, ModuleMismatchError
from toolkit.interpret import Spectra, record, spectra
from toolkit.interpret.network.energies import SimpleParts
from toolkit.nn import DeepSets, EquivariantLinear, EquivariantMLP

MODULES = {
    "C8": lambda: tk.group("C8").regular_module(),
    "S4": lambda: tk.group("S4").regular_module(),
    "D8": lambda: tk.group("D8").regular_module(),
    "C4xC4": lambda: tk.nn.periodic_module((4, 4)),
    "sum": lambda: tk.group("D8").natural_module() + tk.group("D8").regular_module(),
}


def functions_in(X, labels, samples=40, channels=2, dtype=torch.float32):
    """Return random functions in some isotypic parts."""
    parts = SimpleParts(X)
    v = torch.randn(samples, X.degree, channels, dtype=torch.float64)
    return parts.parts(v, labels).sum(0).to(dtype)


@pytest.mark.parametrize("name", MODULES)
def test_energies_are_those_of_the_projectors(name):
    X = MODULES[name]()
    v = torch.randn(7, X.degree, 3, dtype=torch.float64)
    parts = SimpleParts(X)
    found = parts.energies(v)
    split = parts.parts(v, parts.labels)
    assert torch.allclose(split.sum(0), v)
    assert torch.allclose(found, split.square().sum(-2).transpose(0, 1))
    # each part is invariant: moving the points by a generator and splitting commute
    moved = v[:, X.images[0].tolist()]
    assert torch.allclose(parts.energies(moved), found)
    assert torch.allclose(found.sum(1), v.square().sum(1))


@pytest.mark.parametrize("activation", ["relu", "gelu", "tanh"])
@pytest.mark.parametrize("name", ["C8", "S4", "D8", "C4xC4"])
def test_what_the_closure_forbids_measures_nothing_and_the_rest_occurs(name, activation):
    X = MODULES[name]()
    met = 0
    for source in [s.label for s in SimpleParts(X).basis.simples][-3:]:
        torch.manual_seed(1)
        net = EquivariantMLP(X, [2, 12, 12, 2], activation, bias=False)
        layers = tk.reachable([X, X, X], [source], activation)
        found = spectra(net, functions_in(X, [source]))
        for place, allowed in [
            ("input", layers[0].after),
            ("layers.1 before", layers[1].before),
            ("layers.1 after", layers[1].after),
            ("layers.3 before", layers[2].before),
            ("layers.3 after", layers[2].after),
            ("output", layers[2].after),
        ]:
            for label, share in found[place].shares.items():
                if label in allowed:
                    assert share > 1e-6, (place, label)
                else:
                    met += 1
                    assert share < 1e-6, (place, label)
            assert found[place].defect < 1e-12
    assert met


def test_streaming_is_all_at_once():
    X = MODULES["D8"]()
    net = EquivariantMLP(X, [3, 5, 2], "gelu")
    x = torch.randn(31, 8, 3)
    once = spectra(net, x, per_sample=True)
    streamed = spectra(net, [(piece, "labels") for piece in x.split(7)], per_sample=True)
    for name in once:
        a, b = once[name], streamed[name]
        assert a.samples == b.samples == 31
        assert np.allclose(a.sums, b.sums, rtol=1e-6)
        assert len(b.per_sample) == 5
        assert np.allclose(np.concatenate(b.per_sample), a.per_sample[0], rtol=1e-4, atol=1e-9)
        assert np.allclose(a.per_sample[0].sum(0), a.sums)
        assert a.energies.shape == (len(a.labels), 2 if name == "output" else a.sums.shape[1])
    # the input is the same numbers, so that only the order of summation differs
    assert np.allclose(once["input"].sums, streamed["input"].sums, rtol=1e-13)


def test_chunks_do_not_change_the_sums(monkeypatch):
    X = MODULES["S4"]()
    parts = SimpleParts(X)
    v = torch.randn(50, 24, 2)
    whole = parts.energies(v)
    monkeypatch.setattr("toolkit.interpret.network.energies.CHUNK", 100)
    pieces = list(parts.chunks(v, 100))
    assert len(pieces) == 25
    assert torch.allclose(torch.cat([parts.squares(parts.analyse(p)) for p in pieces]), whole)


def test_transform_and_matrix_agree(monkeypatch):
    X = MODULES["sum"]()
    v = torch.randn(5, X.degree, 2)
    matrix = SimpleParts(X)
    by_matrix, split = matrix.energies(v), matrix.parts(v, matrix.labels)
    monkeypatch.setattr("toolkit.interpret.network.energies.LARGEST_MATRIX", 0)
    by_transform = SimpleParts(X)
    assert torch.allclose(by_transform.energies(v), by_matrix)
    assert torch.allclose(by_transform.parts(v, by_transform.labels), split)
    assert torch.allclose(by_transform.synthesise(by_transform.analyse(v)), v.double())


def hooks_of(model):
    return [m for m in model.modules() if m._forward_hooks or m._forward_pre_hooks]


@pytest.mark.parametrize("no_grad", [False, True])
def test_the_model_is_as_without(no_grad):
    X = MODULES["C8"]()
    net = nn.Sequential(
        EquivariantMLP(X, [1, 6, 6]), nn.Dropout(0.3), nn.ReLU(inplace=True),
        EquivariantLinear(X, X, 6, 1),
    )  # fmt: skip
    x = torch.randn(9, 8, 1, requires_grad=not no_grad)

    def run():
        torch.manual_seed(5)
        with torch.set_grad_enabled(not no_grad):
            y = net(x)
            return y, None if no_grad else torch.autograd.grad(y.sum(), x)[0]

    y, gradient = run()
    with record(net) as found:
        z, again = run()
    assert torch.equal(y, z)
    assert no_grad or torch.equal(gradient, again)
    assert z.requires_grad is not no_grad
    assert hooks_of(net) == []
    assert found["2 before"].samples == 9
    assert found["2 before"].shares != found["2 after"].shares
    run()
    assert found["input"].samples == 9


def test_exceptions_leave_no_hooks_and_no_half_passes():
    X = MODULES["C8"]()

    class Fails(nn.Module):
        wrong = False

        def forward(self, x):
            if self.wrong:
                raise RuntimeError("on purpose")
            return x

    net = nn.Sequential(EquivariantLinear(X, X, 1, 4), nn.ReLU(), Fails())
    recorder = record(net)

    def passes():
        with recorder:
            net(torch.randn(3, 8, 1))
            net[2].wrong = True
            net(torch.randn(3, 8, 1))

    with pytest.raises(RuntimeError, match="on purpose"):
        passes()
    found = recorder.spectra
    assert hooks_of(net) == []
    assert found["input"].samples == found["1 after"].samples == 3
    with recorder as again:  # a recorder can go on
        net[2].wrong = False
        net(torch.randn(3, 8, 1))
    assert again is found
    assert found["1 after"].samples == 6


def test_deep_sets_and_invariant_heads():
    net = DeepSets([3, 8, 8], head=[6, 2])
    with record(net) as found:
        net(torch.randn(11, 10, 3))
    assert list(found) == [
        "input", "activations.0 before", "activations.0 after", "activations.1 before",
        "activations.1 after",
    ]  # fmt: skip
    assert found["input"].samples == 11
    assert hooks_of(net) == []
    V = tk.group("S10").natural_module()
    same = SimpleParts(V).labels
    assert found["input"].labels == same
    mean = torch.full((4, 10, 3), 2.0)
    assert spectra(net, mean)["activations.1 after"].shares[same[1]] < 1e-12
    with pytest.raises(ModuleMismatchError, match="without a mask"):
        net_with_mask(net)
    with pytest.raises(ModuleMismatchError, match=r"have shape \(..., 10, channels\)"):
        spectra(net, [torch.randn(2, 10, 3), torch.randn(2, 7, 3)])
    head = EquivariantMLP(V, [1, 4, 4], invariant_head=3)
    assert list(spectra(head, torch.randn(2, 10, 1)))[-1] == "layers.3 after"


def net_with_mask(net):
    with record(net):
        net(torch.randn(2, 10, 3), torch.ones(2, 10, dtype=torch.bool))


def test_a_users_model_with_declared_spaces():
    X = MODULES["C4xC4"]()
    net = nn.Sequential(nn.Linear(2, 4), nn.SiLU(), nn.Conv1d(16, 16, 1), nn.Tanh())
    with pytest.raises(ModuleMismatchError, match="declare one"), record(net):
        pass
    found = spectra(net, torch.randn(5, 16, 2), {"1": X, "3": X})
    # a map of channels is on the module that its output is on
    assert list(found) == ["input", "1 before", "1 after", "3 before", "3 after", "output"]


def test_other_inputs():
    X = MODULES["C8"]()
    net = EquivariantMLP(X, [1, 4, 1])
    one = torch.randn(8, 1)
    assert spectra(net, one)["input"].samples == 1
    assert spectra(net, one.expand(2, 3, 8, 1))["input"].samples == 6
    assert spectra(net, one.expand(0, 8, 1))["input"].samples == 0
    broken = torch.stack([one, one * float("nan"), one])
    found = spectra(net, broken)
    assert (found["input"].samples, found["input"].not_finite) == (2, 1)
    assert found["output"].variance > 0
    with pytest.raises(ModuleMismatchError, match="must be a tensor"):
        spectra(net, ["x"])
    act = nn.ReLU()
    with record(act, {"": X}):
        act(torch.ones(1, 8, 1))
        with pytest.raises(ModuleMismatchError, match="now 2"):
            act(torch.ones(1, 8, 2))


def test_tables_and_files(tmp_path):
    X = MODULES["C8"]()
    net = EquivariantMLP(X, [1, 4, 1])
    found = spectra(net, functions_in(X, ["L3"], channels=1), per_sample=True)
    lines = found.to_table().splitlines()
    assert lines[0].split() == ["place", "energy", "L0", "L1", "L2", "L3", "L4"]
    assert lines[1].split()[2:] == ["0", "0", "0", "100.00", "0"]
    assert found.to_table(most=3).splitlines()[0].split()[-1] == "others"
    assert len(found.rows()) == len(found) * 5
    frame = found.to_pandas()
    assert abs(frame[frame.place == "output"].share.sum() - 1) < 1e-12
    found.save(tmp_path / "spectra.json")
    again = Spectra.load(tmp_path / "spectra.json")
    assert again.state() == found.state()
    assert again.shares == found.shares
    with pytest.raises(KeyError, match=r"nothing was recorded at 'layers\.7'"):
        found["layers.7"]
    for text, message in [
        ("{", "does not contain spectra"),
        ("[" * 100_000, "does not contain spectra"),
        ("{}", "schema 1 are required"),
    ]:
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(ConfigError, match=message):
            Spectra.load(tmp_path / "bad.json")
    with pytest.raises(ConfigError, match="damaged"):
        Spectra.from_state({"schema": 1, "places": [{}]})


def test_inference_mode_and_user_containers():
    X = MODULES["D8"]()

    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.sets = EquivariantMLP(X, [1, 3, 2])
            self.last = nn.PReLU()

        def forward(self, x):
            return self.last(self.sets(x))

    net = Own()
    x = torch.randn(4, 8, 1)
    expected = net(x).detach()
    with torch.inference_mode():
        assert torch.equal(net(x), expected)
        with record(net) as found:
            assert torch.equal(net(x), expected)
    assert list(found) == [
        "input", "sets.layers.1 before", "sets.layers.1 after", "last before", "last after",
        "output",
    ]  # fmt: skip


class _ByName(nn.Module):
    def __init__(self, X):
        super().__init__()
        self.linear, self.activation = tk.nn.EquivariantLinear(X, X, 1, 2), nn.ReLU()

    def forward(self, x):
        return self.activation(input=self.linear(x=x))


def test_inputs_that_are_given_by_name():
    X = tk.group("S4").natural_module()
    net, x = _ByName(X), torch.randn(5, 4, 1)
    found = tk.interpret.spectra(net, x)
    assert list(found) == ["input", "activation before", "activation after", "output"]
    assert [found[name].samples for name in found] == [5, 5, 5, 5]
    assert "L3" in tk.interpret.zero_components(net, ["L0"]).zero["activation"]
