"""Networks with vectors, simple by simple: what is proved to be zero is, and spectra add up."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from vector_cases import MODULES

import toolkit as tk
from toolkit.errors import NotAvailable
from toolkit.interpret import flow, record, spectra, stages_of, trim, weight_spectrum
from toolkit.interpret import zero_components as zeros
from toolkit.interpret.network.energies import SimpleParts
from toolkit.interpret.trimming.errors import projected


def tensors() -> tk.modules.Module:
    """Matrices of space under the cube's turns: L0, L2, L3 and L4."""
    V = tk.group("S4").simple_module("L3")
    return V * V


def network(name: str) -> nn.Module:
    torch.manual_seed(0)
    G = tk.group("S4")
    T, X = tensors(), G.natural_module()
    made = {
        "points between": lambda: tk.nn.EquivariantMLP([T, X, T], [2, 4, 2], "abs", bias=False),
        "biases": lambda: tk.nn.EquivariantMLP([T, T, X], [2, 4, 2], tk.nn.NormActivation),
        "norms": lambda: tk.nn.EquivariantMLP(T, [2, 4, 2], tk.nn.NormActivation, bias=False),
        "gates": lambda: tk.nn.EquivariantMLP(T, [2, 4, 2], tk.nn.Gated, bias=False),
        "frame": lambda: tk.nn.EquivariantMLP(T, [2, 4, 2], tk.nn.Frame, bias=False),
    }[name]().double()
    with torch.no_grad():
        for p in made.parameters():
            p.copy_(torch.randn(p.shape))
    return made


@pytest.mark.parametrize("source", ["L0", "L2", "L3", "L4"])
@pytest.mark.parametrize("name", ["points between", "biases", "norms", "gates", "frame"])
def test_what_is_proved_to_be_zero_is(name: str, source: str) -> None:
    net = network(name)
    T = net.X
    basis = tk.fourier_basis(T)
    coordinates = torch.zeros(T.degree, 50 * 2, dtype=torch.float64)
    rows = basis.simple(source).rows
    coordinates[rows] = torch.randn(coordinates[rows].shape, dtype=torch.float64)
    x = torch.from_numpy(basis.synthesise(coordinates.numpy())).reshape(T.degree, 50, 2)
    x = x.transpose(0, 1)
    found = zeros(net, [source])
    assert zeros(net, x).zero == found.zero
    spaces = {s.stage.name: (s.stage.X, s.stage.Y) for s in found if s.stage is not None}
    measured = spectra(net, x, spaces)
    for support in found:
        site = measured["input" if support.stage is None else f"{support.key} after"]
        energies = dict(zip(site.labels, site.sums.sum(axis=1), strict=True))
        total = measured["input"].total
        for label in support.impossible:
            assert energies[label] < 1e-24 * total
        if name in ("points between", "frame"):  # the others are bounds
            for label in support.possible:
                assert energies[label] > 1e-8 * total


def test_stages_of_vector_layers() -> None:
    V = MODULES["tensors"]()
    net = nn.Sequential(
        tk.nn.EquivariantLinear(V, V, 2, 3), tk.nn.NormActivation(V, 3), tk.nn.Frame(V),
        tk.nn.Gated(V, 3, gates=tk.nn.InvariantNorms(V)), tk.nn.InvariantNorms(V),
    )  # fmt: skip
    stages = stages_of(net)
    assert [s.kind for s in stages] == [
        "linear", "gate", "linear", "activation", "linear", "other", "other",
    ]  # fmt: skip
    assert [s.name for s in stages][2:5] == ["2.encode", "2.activation", "2.decode"]
    assert zeros(net, ["L3"]).unknown_from == "3"  # are the gates invariant?
    with pytest.raises(NotAvailable, match="only points are merged"):
        trim(net[:2], ["L3"])
    small = trim(net.double(), ["L3"])  # the frame has points
    assert [s.name for s in small.stages] == ["2.encode", "2.activation"]
    assert "linear module, whose coordinates the group mixes" in dict(small.untrimmed)["1"]
    x = projected(SimpleParts(V), ["L3"], torch.randn(5, V.degree, 2, dtype=torch.float64))
    assert torch.allclose(small(x), net(x), rtol=1e-12)


def test_invariant_heads() -> None:
    T = tensors()
    net = tk.nn.EquivariantMLP(T, [1, 4], tk.nn.NormActivation, invariant_head=2)
    found = zeros(net, ["L3"])
    assert found.stages[-1].possible == ("L0",)


def test_energies_are_those_of_an_invariant_norm() -> None:
    V = MODULES["complex"]()  # its matrices are not orthogonal
    net = tk.nn.EquivariantLinear(V, V, 2, 2, dtype=torch.float64)
    x = torch.randn(20, V.degree, 2, dtype=torch.float64)
    moved = torch.from_numpy(V.matrices[0].copy()) @ x
    for place in ("input", "output"):
        one, other = (spectra(net, data)[place] for data in (x, moved))
        assert one.shares == pytest.approx({"L1": 1.0})
        assert float(one.sums.sum()) == pytest.approx(float(one.total))
        assert float(one.total) == pytest.approx(float(other.total))


def test_weights_and_flow() -> None:
    net = network("points between")
    assert {norms.label for norms in weight_spectrum(net)} == {"L0", "L3"}
    x = torch.randn(10, 9, 2, dtype=torch.float64)
    graph = flow(net, x)
    assert graph.has_edge("input L3", "layers.1 before L3")
    with record(net) as found:
        net(x)
    assert found["output"].samples == 10
