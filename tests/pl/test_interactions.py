"""Exact interactions without GAP: cyclic oracles, sums, explanations, closures, spectra."""

from __future__ import annotations

import json
import math
from typing import Any

import networkx as nx
import numpy as np
import pytest
from cyclic import by_frequency, regular

import toolkit as tk
from toolkit.errors import (
    IllegalActivationError,
    ModuleMismatchError,
    NotAvailable,
    UnsupportedActivationError,
)
from toolkit.exact.vanishing import real_degree, which_vanish
from toolkit.modules.signed_module import SignedModule
from toolkit.pl.activations.activation import Activation, find_activation
from toolkit.pl.activations.registry import ACTIVATIONS
from toolkit.pl.interactions.closure import closed_sets, reachable
from toolkit.pl.interactions.graph import Interactions, occurring_simples
from toolkit.text import join_names, split_names


@pytest.mark.parametrize("n", [2, 3, 4, 6, 8, 12, 15])
def test_the_rule_of_the_paper(n: int) -> None:
    X = regular(n)
    label = by_frequency(X)

    def order(k: int) -> int:
        return n // math.gcd(n, k)

    def halved(k: int) -> int:
        return order(k) // 2 if order(k) % 2 == 0 else order(k)

    even = {(label[i], label[j]) for i in label for j in label if halved(i) % order(j) == 0}
    loops = {(x, x) for x in label.values()}
    assert set(tk.interaction_graph(X, "abs").edges) == even
    for name in ("relu", "gelu", "silu", "softplus", "hardswish"):
        assert set(tk.interaction_graph(X, name).edges) == even | loops
    # odd functions give odd multiples, powers d = d, d - 2, ... times the frequency
    odd = {
        (label[i], label[j])
        for i in label
        for j in label
        if any((m * i - j) % n == 0 for m in range(-n, n + 1) if m % 2)
    }
    assert set(tk.interaction_graph(X, "tanh").edges) == odd
    for d in (2, 3, 5):
        powers = {
            (label[i], label[j])
            for i in label
            for j in label
            if any((m * i - j) % n == 0 for m in range(-d, d + 1, 2))
        }
        assert set(tk.interaction_graph(X, f"t^{d}").edges) == powers


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_shares_are_positive_where_there_are_edges(name: str) -> None:
    for X in (regular(8), tk.group("S4").natural_module()):
        for bias in (False, True):
            graph = tk.interaction_graph(X, name, bias=bias)
            # of standard deviation 2, so that the kinks of relu6 are met often enough
            shares = tk.transfer_matrix(X, name, bias=bias, variance=4.0)
            assert np.allclose(shares.sum(axis=1), 1, rtol=0, atol=1e-11)
            labels = list(graph)
            for i, a in enumerate(labels):
                for j, b in enumerate(labels):
                    if (a, b) in graph.edges:
                        assert shares[i, j] > 1e-9, (name, a, b)
                    else:
                        assert shares[i, j] < 1e-11, (name, a, b)


def test_parts_of_edges() -> None:
    X = regular(8)
    label = by_frequency(X)

    def parts(name: str, i: int, j: int) -> Any:
        return tk.interaction_graph(X, name).edges[label[i], label[j]]["parts"]

    assert parts("polynomial(1,1,0,1)", 1, 3) == "degree 3"
    assert parts("polynomial(1,1,0,1)", 1, 1) == "degree 3, linear"
    assert parts("polynomial(1,1,0,1)", 1, 0) == "constant"
    assert parts("sigmoid", 0, 0) == "constant, odd"
    assert parts("elu", 1, 0) == "even"
    assert parts("elu", 1, 3) == "odd"
    assert parts("relu_squared", 1, 2) == "degree 2"
    assert parts("relu", 1, 1) == "linear"


def test_the_same_graph_for_the_same_parts() -> None:
    X = tk.group("S4").natural_module()
    gated = [set(tk.interaction_graph(X, n).edges) for n in ("gelu", "silu", "softplus", "relu")]
    assert all(edges == gated[0] for edges in gated)
    mine = Activation.from_callable(lambda t: np.log1p(np.exp(t)), name="mine")
    assert set(tk.interaction_graph(X, mine).edges) == gated[0]


def test_sums_act_part_by_part() -> None:
    G = tk.group("S4")
    V = G.natural_module()
    one = V**0  # a fixed point
    X = V + one
    # where v is 0, cos gives its constant; tanh gives nothing
    assert {r.label for r in occurring_simples(X, [], "cos")} == {"L0"}
    assert occurring_simples(X, [], "tanh") == ()
    graph = tk.interaction_graph(X, "square")
    assert graph.nodes["L0"]["multiplicity"] == 2
    assert set(graph.successors("L3")) == {"L0", "L3"}
    assert set(tk.interaction_graph(X, "sigmoid").successors("L3")) == {"L0", "L3"}
    shares = tk.transfer_matrix(X, "sigmoid")
    # on the fifth point sigmoid(0)^2 = 1/4 of energy is added to the trivial simple
    own = tk.transfer_matrix(V, "sigmoid")
    energy = 4 * find_activation("sigmoid").dual_at_one
    assert shares[1, 0] == pytest.approx((own[1, 0] * energy + 0.25) / (energy + 0.25))
    assert shares.sum(axis=1) == pytest.approx([1, 1])
    doubled = tk.transfer_matrix(V + V, "elu")
    assert doubled == pytest.approx(tk.transfer_matrix(V, "elu"))


def test_signed_modules_want_odd_functions() -> None:
    X = regular(4)
    free = SignedModule.from_permutation(X)
    for name in ("tanh", "relu", "sigmoid"):
        edges = set(tk.interaction_graph(X, name).edges)
        assert set(tk.interaction_graph(free, name).edges) == edges
    plane = SignedModule.from_signs(tk.group("C4"), [[1, 0]], [[1, -1]])
    with pytest.raises(IllegalActivationError, match="generator 0 takes coordinate 1 to minus"):
        Interactions(plane, "relu")
    assert set(tk.interaction_graph(plane, "tanh").edges) == {("L2", "L2")}
    assert "dim Hom_U(sgn, L2) = 2" in tk.explain(plane, "L2", "L2", "tanh")
    assert tk.transfer_matrix(plane, "tanh").tolist() == [[pytest.approx(1.0)]]
    assert reachable([plane, X], ["L2"], "sin")[1].after == ("L2",)


def test_unknown_labels() -> None:
    with pytest.raises(KeyError, match="are L0, L1, L2, not 'L9'"):
        tk.closure(regular(4), ["L9"], "relu")
    with pytest.raises(KeyError, match="not 'L9'"):
        tk.explain(regular(4), "L0", "L9", "relu")


@pytest.mark.parametrize("name", ["relu", "tanh", "polynomial(1,1,0,1)", "identity", "cos"])
def test_explanations_agree_with_graphs(name: str) -> None:
    for X in (regular(8), tk.group("S4").natural_module() + tk.group("S4").natural_module() ** 0):
        for bias in (False, True):
            graph = tk.interaction_graph(X, name, bias=bias)
            for a in graph:
                for b in graph:
                    text = tk.explain(X, a, b, name, bias=bias)
                    assert ("There is an edge" in text) == ((a, b) in graph.edges)
                    assert ("There is no edge" in text) == ((a, b) not in graph.edges)
                    assert text.count(". ") == 1
                    assert text.endswith(".")


@pytest.mark.parametrize("name", ["C12", "S4", "Q8", "D8", "A5", "C2 x C2"])
def test_closed_sets_are_normal_subgroups(name: str) -> None:
    # the regular module and an even part, or a bias, that mixes: a Galois connection
    G = tk.group(name)
    lattice = G.normal_subgroups(generators=False)
    cases = [("elu", False), ("mish", True), ("relu", False), ("abs", False), ("tanh", True)]
    for activation, bias in cases:
        sets = closed_sets(G.regular_module(), activation, bias=bias)
        found = {d["normal_subgroup"]: d for _, d in sets.nodes(data=True) if "simples" in d}
        assert set(found) == {n.label for n in lattice}
        for n in lattice:
            below = join_names(s.label for s in G.simples if set(n.classes) <= set(s.kernel))
            assert found[n.label]["simples"] == below
            assert found[n.label]["kernel_order"] == found[n.label]["subgroup_order"] == n.order
        named = {v: d["normal_subgroup"] for v, d in sets.nodes(data=True)}
        edges = {(named[b], named[a]) for a, b in sets.edges if "simples" in sets.nodes[a]}
        assert edges == set(lattice.graph.edges)
        assert nx.is_directed_acyclic_graph(sets)


def test_closed_sets_of_other_functions() -> None:
    X = regular(6)
    assert closed_sets(X, "identity").number_of_nodes() == 2**4
    with pytest.raises(NotAvailable, match="more than 10"):
        closed_sets(X, "identity", limit=10)
    for name in ("abs", "tanh", "square", "relu"):
        sets = closed_sets(X, name)
        engine = Interactions(X, name)
        found = {split_names(d.get("simples", "")) for _, d in sets.nodes(data=True)}
        for a in found:
            assert {r.label for r in engine.occurring(a)} <= set(a)
        for a in found:
            for b in found:
                assert tuple(x for x in a if x in b) in found


def test_kernel_order() -> None:
    G = tk.group("S4")
    order = tk.kernel_lattice(G)
    preorder = tk.pl_hom_preorder(G)
    assert set(order.edges) == set(G.normal_subgroups(generators=False).graph.edges)
    kernel = {x: n for n, d in order.nodes(data=True) for x in split_names(d.get("simples", ""))}
    up = nx.transitive_closure(order, reflexive=True)
    for a in preorder:
        for b in preorder:
            assert ((a, b) in preorder.edges) == up.has_edge(kernel[a], kernel[b])


def test_layer_by_layer() -> None:
    X = regular(8)
    label = by_frequency(X)
    layers = reachable([X, X, X], [label[1]], "square")
    assert layers[1].after == (label[0], label[2])
    assert set(layers[2].after) == {label[0], label[4], label[2]}
    assert reachable([X, X], [label[4]], "identity", bias=True)[1].after == (label[0], label[4])
    with pytest.raises(ModuleMismatchError, match="at least one"):
        reachable([], [], "relu")
    with pytest.raises(ModuleMismatchError, match="one group"):
        reachable([X, regular(4)], ["L1"], "relu")


def test_zeros_are_proved() -> None:
    assert [real_degree(n) for n in (7, 9, 16, 60)] == [3, 3, 4, 8]
    calls = []

    def residues(field: Any, _: Any) -> Any:
        calls.append(field.prime)
        return np.array([[0, field.prime - 1]])

    found = which_vanish(residues, (1, 2), conductor=7, degree=3, bits=40)
    assert found.tolist() == [[True, False]]
    assert math.prod(calls) > 2**120
    assert len(set(calls)) == len(calls)


def test_graphs_are_written_and_read() -> None:
    from toolkit.formats import from_graphml, from_json, to_graphml, to_json, to_table

    graph = tk.interaction_graph(regular(8), "polynomial(1,1,0,1)")
    for back in (from_json(to_json(graph)), from_graphml(to_graphml(graph))):
        assert dict(back.edges) == dict(graph.edges)
    json.loads(to_json(graph))
    assert to_table(graph).startswith("C8, regular module, polynomial(1,1,0,1), no bias: 5 simples")


@pytest.mark.parametrize(
    ("name", "variance"),
    [
        *(("hardshrink(1e200)", 1.0), ("softshrink", 1e-300), ("polynomial(0,1e-300)", 1.0)),
        *(("t^5", 1e-200), ("gelu", 1e200), ("softshrink", 1e-4), ("hardshrink(50)", 1.0)),
    ],
)
def test_edges_are_never_lost_for_want_of_a_share(name: str, variance: float) -> None:
    from toolkit.formats import from_graphml, from_json, to_dot, to_graphml, to_json
    from toolkit.formats.table import to_table

    X = regular(8)
    graph = tk.interaction_graph(X, name, variance=variance)
    assert set(graph.edges) == {
        (a, r.label) for a in graph for r in occurring_simples(X, [a], name)
    }
    for back in (from_json(to_json(graph)), from_graphml(to_graphml(graph))):
        assert dict(back.edges) == dict(graph.edges)
        assert back.graph == graph.graph
    assert to_table(graph)
    assert to_dot(graph)
    if graph.graph["shares"] == "expected":
        assert graph.graph["share_error"] < 1e-12
        for a in graph:
            total = sum(graph[a][b]["share"] for b in graph[a])
            assert total == pytest.approx(1, abs=1e-12)
    else:
        assert variance < 1e-299 or name == "hardshrink(1e200)"
        assert "it is 0 wherever" in graph.graph["shares"]
        assert "share_error" not in graph.graph
        assert not any("share" in d for _, _, d in graph.edges(data=True))
        with pytest.raises(UnsupportedActivationError, match="no energy to share"):
            tk.transfer_matrix(X, name, variance=variance)
    with pytest.raises(UnsupportedActivationError, match="positive number"):
        tk.interaction_graph(X, name, variance=0.0)


def test_thresholds_beyond_reach_share_within_the_subgroup() -> None:
    # f(v) is 0 but where v is greatest: the share of K is (dim K^U+ - dim K^U-) |U| / |G|
    X = regular(8)
    shares = tk.transfer_matrix(X, "hardshrink(50)")
    label = by_frequency(X)
    place = {k: int(x[1:]) for k, x in label.items()}
    assert shares[place[1], place[1]] == pytest.approx(0.5, abs=1e-13)
    assert shares[place[1], place[3]] == pytest.approx(0.5, abs=1e-13)
    assert shares[place[2], place[2]] == pytest.approx(1, abs=1e-13)


def test_how_the_parts_are_known_is_said() -> None:
    X = regular(8)
    ramp = Activation.from_callable(lambda t: np.maximum(t - 10, 0), name="ramp")
    stated = Activation.from_callable(np.cbrt, even="zero", odd="other", name="root")
    for f, word in (("relu", "exact"), (ramp, "measured"), (stated, "stated")):
        graph = tk.interaction_graph(X, f)
        assert graph.graph["activation_parts"] == word
        for target in ("L1", "L3"):
            text = tk.explain(X, "L3", target, f)
            assert (f"by the {word} parts of" in text) == (word != "exact")
            assert text.count(". ") == 1


def test_energy_zero_is_not_present() -> None:
    engine = Interactions(regular(8), "relu")
    assert engine.occurring({"L3": 1.0, "L4": 0.0}) == engine.occurring(["L3"])
    assert engine.require({"L0": 0}) == ()


def test_an_edge_is_explained_only_by_what_is_true_where_v_is_0() -> None:
    S3 = tk.group("S3")
    Y = S3.coset_module("H2a") + S3.coset_module("H3a")
    text = tk.explain(Y, "L2", "L1", "sigmoid")
    assert "f(0) = 0.5 gives the trivial simple only" in text
    assert "f(0) = 0 " not in text
    assert "f(0) = 0 gives nothing" in tk.explain(Y, "L2", "L1", "tanh")
    with_bias = tk.explain(Y, "L2", "L1", "sigmoid", bias=True)
    assert "contains both L2 and L1" in with_bias
    assert "the bias gives at most the trivial simple" in with_bias


def test_numbers_of_elements_are_exact_unless_they_fill_lines() -> None:
    text = tk.explain(tk.group("S20").natural_module(), "L2", "L0", "relu")
    assert f"order {math.factorial(19)}: {math.factorial(19)} elements act as +1 and 0" in text
    text = tk.explain(tk.group("S1024").natural_module(), "V1", "V0", "relu")
    assert "order 5.29e2636: 5.29e2636 elements act as +1 and 0 as -1" in text


def test_who_is_acted_on_by_a_sign() -> None:
    S4 = tk.group("S4")
    assert "as -1 on L3^H." in tk.explain(S4.natural_module(), "L3", "L3", "tanh")
    assert "as -1 on L3." in tk.explain(S4.regular_module(), "L3", "L3", "tanh")
    biased = tk.explain(S4.natural_module(), "L3", "L3", "t^3", bias=True)
    assert "on L3^H and the constants." in biased
    assert "(phi_L3(D) + 1)^3" in biased
    plane = SignedModule.from_signs(tk.group("C4"), [[1, 0]], [[1, -1]])
    text = tk.explain(plane, "L2", "L2", "tanh")
    assert "on Hom_H(sgn, L2)." in text
    assert "= 2 of dim Hom_H(sgn, L2) = 2" in text


def test_an_edge_is_explained_in_a_part_that_has_it() -> None:
    A5 = tk.group("A5")
    signed = A5.signed_coset_module("H4a", A5.index_two_subgroups("H4a")[0])
    Y = signed + SignedModule.from_permutation(A5.coset_module("H5a"))
    engine = Interactions(Y, "tanh")
    for a in engine.labels:
        for b in engine.labels:
            text = tk.explain(Y, a, b, "tanh")
            zeros = text.count(f"Hom_U(sgn, {b}) = 0 of") + text.count(f"dim {b}^U = 0 of")
            excluded = "There is no edge" in text and not text.startswith("No orbit")
            assert zeros == (1 if excluded else 0)


def test_what_each_part_gives_is_said_of_that_part() -> None:
    S4 = tk.group("S4")
    V = S4.natural_module()
    Y = V + V**0
    text = tk.explain(Y, "L3", "L0", "cos")
    assert text.endswith("through the even part, and where v is 0, f(0) = 1 gives it.")
    assert "constant 0" not in text
    assert "In orbit 1 of 2, " in text
    assert "(no other orbit contains both)" in text
    assert "(2 orbits contain both)" in tk.explain(V + V, "L3", "L0", "cos")
    assert "same holds in the other orbits" in tk.explain(V + V, "L0", "L3", "relu")
    biased = tk.explain(Y, "L3", "L0", "relu", bias=True)
    assert "(no other orbit contains both)" in biased
    assert biased.endswith("and where v is 0, the bias gives it.")
    with pytest.raises(ModuleMismatchError, match="the label of one simple is required"):
        tk.explain(V, ["L3"], "L0", "relu")  # type: ignore[arg-type]
    with pytest.raises(ModuleMismatchError, match="the label of one simple is required"):
        tk.explain(V, "L3", ["L0"], "relu")  # type: ignore[arg-type]


def test_reached_part_by_part() -> None:
    V = tk.group("S4").natural_module()
    engine = Interactions(V + V**0, "cos")
    first, second = engine.occurring_by_orbit(["L3"])
    assert [(r.label, r.parts, r.fixed_dimension) for r in first] == [
        ("L0", ("even",), 1),
        ("L3", ("even",), 1),
    ]
    assert [(r.label, r.parts) for r in second] == [("L0", ("constant",))]
