"""The measured interaction graph: its identities, and the exact graph beside it."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import torch
from graph_writers import content, survives
from torch import nn

import toolkit as tk
from toolkit.errors import ConfigError, ModuleMismatchError
from toolkit.formats import from_graphml, from_json, to_graphml, to_json
from toolkit.interpret import flow
from toolkit.interpret.flows.flow import measure_flow
from toolkit.interpret.flows.graph import PRESENT, expected_shares
from toolkit.interpret.network.energies import SimpleParts
from toolkit.nn import DeepSets, EquivariantLinear, EquivariantMLP
from toolkit.pl.activations.activation import find_activation

MODULES = {
    "C8": lambda: tk.group("C8").regular_module(),
    "S4": lambda: tk.group("S4").natural_module() + tk.group("S4").coset_module("H4a"),
    "D8": lambda: tk.group("D8").regular_module(),
    "C4xC4": lambda: tk.nn.periodic_module((4, 4)),
}


def double_net(X, activation, bias=True):
    torch.manual_seed(4)
    net = EquivariantMLP(X, [2, 5, 4, 1], activation, bias=bias, dtype=torch.float64)
    with torch.no_grad():
        for layer in net.layers:
            if isinstance(layer, EquivariantLinear) and layer.bias is not None:
                layer.bias.normal_()
    return net


@pytest.mark.parametrize("activation", ["relu", "gelu", "tanh", "softplus", "t^2"])
@pytest.mark.parametrize("name", MODULES)
def test_parts_add_up_as_defined(name, activation):
    """In float64, for each target: the terms' signed parts add up to its energy."""
    X = MODULES[name]()
    x = torch.randn(13, X.degree, 2, dtype=torch.float64)
    net = double_net(X, activation)
    measured = measure_flow(net, x.split(5))
    assert len(measured.activations) == 2
    for found in measured.activations:
        single, pairs, leave = (
            found.effects[way] for way in ("single", "pairwise", "leave_one_out")
        )
        scale = found.after.sum() * 1e-12
        one = single.part.sum(0)
        assert np.allclose(found.constant + one + single.rest_part, found.after, 1e-12, scale)
        both = one + pairs.part.sum(0)
        assert np.allclose(found.constant + both + pairs.rest_part, found.after, 1e-12, scale)
        last = leave.part.sum(0) + leave.rest_part
        assert np.allclose(found.constant + last, found.after, 1e-12, scale)
        if activation == "t^2":  # a polynomial of degree 2 has single and pair effects only
            assert pairs.rest_energy.max() < 1e-24 * found.after.sum()
            assert single.rest_energy.max() > 1e-6 * found.after.sum()
        assert found.samples == 13


def test_effects_are_those_of_the_definitions():
    """Against the formulas, written out for one activation and all pairs."""
    X = MODULES["C8"]()
    act = nn.Sequential(nn.GELU())
    v = torch.randn(6, 8, 3, dtype=torch.float64) + 0.3
    (found,) = measure_flow(act, v, spaces={"0": X}).activations
    parts = SimpleParts(X)
    split = dict(zip(parts.labels, parts.parts(v, parts.labels), strict=True))
    f = nn.functional.gelu

    def energies(effect):
        return parts.energies(effect).sum((0, 2)).numpy() / 6

    for i, L in enumerate(parts.labels):
        single = energies(f(split[L]) - f(torch.zeros_like(v)))
        assert np.allclose(found.effects["single"].energy[i], single)
        assert np.allclose(
            found.effects["leave_one_out"].energy[i], energies(f(v) - f(v - split[L]))
        )
        half = sum(
            (f(split[L] + split[M]) - f(split[L]) - f(split[M])) / 2
            for M in parts.labels if M != L
        )  # fmt: skip
        assert np.allclose(found.effects["pairwise"].energy[i], energies(half))
    pair = energies(f(split["L1"] + split["L3"]) - f(split["L1"]) - f(split["L3"]))
    assert np.allclose(found.pairs["L1", "L3"], pair)
    assert np.allclose(found.before, energies(v)[:])
    assert np.allclose(found.after, energies(f(v)))


@pytest.mark.parametrize("attribution", ["single", "pairwise", "leave_one_out"])
@pytest.mark.parametrize("activation", ["relu", "gelu", "tanh"])
@pytest.mark.parametrize("name", MODULES)
@pytest.mark.quick_cases(9)
def test_impossible_edges_measure_nothing(name, activation, attribution):
    """Float32: an edge that the exact criterion forbids has less than 1e-6 of the energy."""
    X = MODULES[name]()
    labels = SimpleParts(X).labels
    for bias in (False, True):
        net = double_net(X, activation, bias).float()
        x = SimpleParts(X).parts(torch.randn(20, X.degree, 2), labels[-1:])[0].float()
        graph = flow(net, x, attribution)
        assert nx.is_directed_acyclic_graph(graph)
        across = [d for *_, d in graph.edges(data=True) if d["kind"] == "activation"]
        assert across or attribution == "pairwise"
        for source, target, data in graph.edges(data=True):
            if data["kind"] != "activation":
                assert graph.nodes[source]["simple"] == graph.nodes[target]["simple"]
                continue
            stage = graph.nodes[target].get("stage")
            whole = sum(
                d["energy"] for _, d in graph.nodes(data=True)
                if (d.get("stage"), d["when"]) == (stage, "after")
            )  # fmt: skip
            assert data["possible"] or data["energy"] < 1e-6 * whole
        for node, data in graph.nodes(data=True):
            if data["when"] == "after" and not data["possible"]:
                assert data["share"] < PRESENT, node


def test_single_sources_are_the_interaction_graph():
    """With all simples present the possible edges are the exact graph's, and all are measured."""
    X = MODULES["C8"]()
    graph = flow(EquivariantMLP(X, [1, 40, 1], bias=False), torch.randn(50, 8, 1))
    exact = tk.interaction_graph(X, "relu")
    pairs = {
        (graph.nodes[a]["simple"], graph.nodes[b]["simple"]): data
        for a, b, data in graph.edges(data=True) if data["kind"] == "activation"
    }  # fmt: skip
    assert set(pairs) == set(exact.edges)
    assert all(data["possible"] and data["share"] > 1e-6 for data in pairs.values())
    for edge, data in pairs.items():
        assert data["expected"] == pytest.approx(exact.edges[edge]["share"])
        assert data["share"] == pytest.approx(data["expected"], abs=0.06)
    assert graph.graph["places"] == "input, layers.1 before, layers.1 after, output"
    assert graph.nodes["layers.1 before L3"]["column"] == 1
    assert graph["input L3"]["layers.1 before L3"]["kind"] == "linear"
    assert graph["layers.1 after L3"]["output L3"]["kind"] == "linear"
    totals = {}
    for _, data in graph.nodes(data=True):
        totals[data["place"]] = totals.get(data["place"], 0) + data["share"]
    assert all(abs(total - 1) < 1e-12 for total in totals.values())


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "softplus", "cos", "tanh"])
@pytest.mark.parametrize("name", ["C8", "S4"])
def test_expected_shares_by_simulation(name, activation):
    X = MODULES[name]()
    f = find_activation(activation)
    parts = SimpleParts(X)
    basis = parts.basis
    label = parts.labels[-1]
    orbits = [set(points) for points in X.orbit_points]
    rng = np.random.default_rng(0)
    # scaled to mean square 2 in each orbit that has the simple
    coordinates = np.zeros((X.degree, 40000))
    rows = basis.simple(label).rows
    coordinates[rows] = rng.normal(size=(rows.stop - rows.start, 40000))
    v = basis.synthesise(coordinates)
    energy = 0.0
    for orbit in orbits:
        own = sorted(orbit)
        size = (v[own] ** 2).mean()
        if size > 1e-9:
            v[own] *= np.sqrt(2 / size)
            energy += 2 * len(own)
    found = {k: e.mean() for k, e in basis.energies(f(v) - f.at_zero).items()}
    whole = sum(found.values())
    expected = expected_shares(X, f, label, energy)
    assert sum(expected.values()) == pytest.approx(1)
    for k, share in expected.items():
        assert found[k] / whole == pytest.approx(share, abs=0.01)


def test_trained_slopes_shared_layers_and_deep_sets():
    X = MODULES["D8"]()

    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.act = EquivariantLinear(X, X, 1, 1), nn.PReLU()

        def forward(self, x):
            x = self.act(self.body(x))
            return x + self.act(self.body(x))

    net = Twice()
    with torch.no_grad():
        net.act.weight.fill_(0.5)
    graph = flow(net, torch.randn(9, 8, 1))
    assert graph.graph["places"] == "input, act before, act after, act#2 before, act#2 after"
    name = graph.nodes["act after L0"]["activation"]
    assert name == "leaky_relu(0.5)" or name.startswith("prelu")
    for module in net.modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
    sets = flow(DeepSets([3, 8, 8], [2]), [torch.randn(5, 6, 3)])
    assert len({d["stage"] for _, d in sets.nodes(data=True) if "activation" in d}) == 2


def test_residual_connections_are_no_linear_edges():
    X = MODULES["C8"]()

    class Skip(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = nn.ReLU(), nn.ReLU()

        def forward(self, x):
            return self.two(x + self.one(x))

    graph = flow(
        Skip(), torch.randn(4, 8, 1), spaces={"one": X, "two": X}, example=torch.ones(8, 1)
    )
    assert graph["one after L3"]["two before L3"]["kind"] == "other"


def test_wrong_questions():
    X = MODULES["C8"]()
    net = EquivariantMLP(X, [1, 2, 1])
    with pytest.raises(ConfigError, match="must be one of single, pairwise, leave_one_out"):
        flow(net, torch.zeros(1, 8, 1), "both")
    with pytest.raises(ModuleMismatchError, match="at least one sample"):
        flow(net, [])
    with pytest.raises(ModuleMismatchError, match="no activation"):
        flow(EquivariantLinear(X, X, 1, 1), torch.zeros(1, 8, 1))
    with pytest.raises(ModuleMismatchError, match="have shape"):
        flow(net, torch.zeros(1, 7, 1))
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())


def test_what_a_simple_that_is_absent_gives():
    X = MODULES["C8"]()
    graph = flow(EquivariantMLP(X, [1, 4, 1], bias=False), torch.zeros(3, 8, 1))
    assert graph.number_of_edges() == 0
    assert all(data["share"] == 0 for _, data in graph.nodes(data=True))


@pytest.mark.parametrize("attribution", ["single", "pairwise", "leave_one_out"])
def test_the_graph_accounts_for_all_energy(attribution):
    """In float64: parts of edges, rest, constant (and single) add up at every target."""
    X = MODULES["D8"]()
    graph = flow(double_net(X, "softplus"), torch.randn(9, 8, 2, dtype=torch.float64), attribution)
    labels = SimpleParts(X).labels
    met = 0
    for node, data in graph.nodes(data=True):
        if "activation" in data:
            parts = sum(edge["part"] for *_, edge in graph.in_edges(node, data=True))
            parts += data["rest"] + data["constant"] + data.get("single", 0)
            assert parts == pytest.approx(data["energy"], rel=1e-9)
            assert ("single" in data) == (attribution == "pairwise")
            met += 1
    assert met == 2 * len(labels)
    survives(graph)
    assert content(from_json(to_json(graph))) == content(graph)
    assert content(from_graphml(to_graphml(graph))) == content(graph)
