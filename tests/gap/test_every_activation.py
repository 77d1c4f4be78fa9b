"""Every named activation against brute force: graphs, joint closures, sums, signs, chosen copies.

One route is the toolkit's integers. The other starts from the generators' permutations alone
(tests/bruteforce.py): random vectors of both signs and several scales, projected in floating
point. ``slow`` takes every group of order up to 32, and all their modules below order 32.
"""

from __future__ import annotations

import random

import bruteforce
import networkx as nx
import numpy as np
import pytest
from exact_projectors import labelled_components

import toolkit as tk
from toolkit.pl.activation_names import NAMES
from toolkit.pl.activations import find_activation
from toolkit.pl.interaction_submodule import occurring_in_submodule
from toolkit.pl.interactions import Interactions

pytestmark = pytest.mark.gap

COUNTS = (
    1,
    1,
    1,
    2,
    1,
    2,
    1,
    5,
    2,
    2,
    1,
    5,
    1,
    2,
    1,
    14,
    1,
    5,
    1,
    5,
    2,
    2,
    1,
    15,
    2,
    2,
    5,
    4,
    1,
    4,
)
COUNTS = (*COUNTS, 1, 51)
GROUPS = [(order, i) for order, k in enumerate(COUNTS, start=1) for i in range(1, k + 1)]
ACTIVATIONS = (*NAMES, "t^5", "polynomial(1,0,2,3)", "softplus(3)", "hardtanh(-1,2)", "sigmoid")
# those with the same parts give the same graph; brute force sees one of each kind by default
KINDS = ("relu", "abs", "gelu", "tanh", "elu", "sigmoid", "relu_squared", "square", "cube")
KINDS = (*KINDS, "heaviside", "hardshrink", "polynomial(1,0,2,3)", "identity")


def trials_of(images):
    return 30 if images.shape[1] <= 16 else 10


def occurring(X, components, sources, f, bias, rng):
    """Ask brute force; a draw that leaves a number undecided is repeated."""
    for _ in range(3):
        try:
            return bruteforce.occurring(
                X.images, components, sources, f, trials_of(X.images), bias=bias, rng=rng
            )
        except AssertionError as error:
            undecided = error
    raise undecided


def graph_differences(X, names, rng):
    components, labels = labelled_components(X)
    out = []
    for name in names:
        f = find_activation(name)
        for bias in (False, True):
            exact = set(tk.interaction_graph(X, f, bias=bias).edges)
            force = set()
            for i, source in enumerate(labels):
                for j in occurring(X, components, [i], f, bias, rng):
                    force.add((source, labels[j]))
            out += [(X.group, X.name, name, bias, e) for e in sorted(force ^ exact)]
    return out


def closure_differences(X, names, rng):
    components, labels = labelled_components(X)
    choice = random.Random(int(rng.integers(1 << 30)))
    out = []
    for name in names:
        f = find_activation(name)
        bias = choice.random() < 0.5
        start = choice.sample(range(len(labels)), min(len(labels), choice.randint(1, 3)))
        force = bruteforce.closure(X.images, components, start, f, bias, rng)
        exact = tk.closure(X, {labels[i] for i in start}, f, bias=bias)
        if {labels[i] for i in force} != set(exact):
            out.append((X.group, X.name, name, bias, start, force, exact))
    return out


def modules_of(name, session, most=None, rng=None):
    group = tk.group(name, session=session)
    classes = list(group.subgroup_classes())
    if most is not None and len(classes) > most:
        classes = rng.sample(classes, most)
    for c in classes:
        yield group.coset_module(c.generators) if c.order == 1 else group.coset_module(c)


@pytest.mark.parametrize("part", range(3))
def test_graphs(gap_session, part):
    choice = random.Random(part)
    rng = np.random.default_rng(part)
    for order, i in choice.sample(GROUPS, 3):
        for X in modules_of(f"SmallGroup({order},{i})", gap_session, 4, choice):
            assert not graph_differences(X, choice.sample(KINDS, 5), rng)


def test_all_names_on_one_group(gap_session):
    rng = np.random.default_rng(5)
    for name in ("D10", "Q8"):
        X = tk.group(name, session=gap_session).coset_module([])
        assert not graph_differences(X, ACTIVATIONS, rng)


@pytest.mark.parametrize("part", range(3))
def test_closures(gap_session, part):
    choice = random.Random(100 + part)
    rng = np.random.default_rng(100 + part)
    for order, i in choice.sample(GROUPS, 3):
        for X in modules_of(f"SmallGroup({order},{i})", gap_session, 4, choice):
            assert not closure_differences(X, choice.sample(KINDS, 6), rng)


@pytest.mark.slow
@pytest.mark.parametrize("order", range(1, 33))
def test_everything(gap_session, order):
    rng = np.random.default_rng(order)
    wrong = []
    for other, i in GROUPS:
        if other == order:
            # the 51 groups of order 32 have too many modules for one sitting
            most = 6 if order == 32 else None
            choice = random.Random(i)
            for X in modules_of(f"SmallGroup({order},{i})", gap_session, most, choice):
                wrong += graph_differences(X, KINDS, rng)
                wrong += closure_differences(X, KINDS, rng)
    assert not wrong


@pytest.mark.parametrize("name", ["S3", "D8", "C6", "A4", "C4 x C2"])
def test_sums_and_products(gap_session, name):
    rng = np.random.default_rng(7)
    G = tk.group(name, session=gap_session)
    # the trivial subgroup as a list of cosets: its table keeps the points
    small = [
        G.coset_module(c.generators if c.order == 1 else c)
        for c in G.subgroup_classes()
        if c.index <= 8
    ]
    X, Y = random.Random(name).sample(small, 2)
    for Z in (X + Y, X * Y, X + X + G.coset_module(G.normal_subgroups()[-1])):
        if Z.degree > 30:
            continue
        components, labels = labelled_components(Z)
        for kind in KINDS:
            f = find_activation(kind)
            for bias in (False, True):
                exact = Interactions(Z, f, bias=bias)
                for i, source in enumerate(labels):
                    force = bruteforce.occurring(
                        Z.images, components, [i], f, 10, bias=bias, rng=rng
                    )
                    found = {r.label for r in exact.reached([source])}
                    assert {labels[j] for j in force} == found, (Z, kind, bias, source)


@pytest.mark.parametrize("name", ["C4", "D8", "Q8", "S3", "C2 x C2", "C6", "A4", "D12"])
def test_signed_modules(gap_session, name):
    rng = np.random.default_rng(11)
    G = tk.group(name, session=gap_session)
    odd = [k for k in ACTIVATIONS if find_activation(k).is_odd]
    seen = 0
    for c in G.subgroup_classes():
        generators = list(c.generators)
        for kernel in G.index_two_subgroups(generators) if c.order % 2 == 0 else ():
            M = G.signed_coset_module(generators, list(kernel))
            engine = Interactions(M, "identity")
            assert engine.fixed == {
                s.label: M.multiplicities[s.label] * s.endomorphism_dimension
                for s in G.simples
                if s.label in M.multiplicities
            }
            # functions on the cover that change sign, by the cover's own components
            components, labels = labelled_components(M.cover)
            n = M.cover.degree
            change = (np.eye(n) - np.eye(n)[np.arange(n) ^ 1]) / 2
            parts = [
                (label, change @ component.projector)
                for label, component in zip(labels, components, strict=True)
                if np.trace(change @ component.projector) > 0.5
            ]
            assert {label for label, _ in parts} == set(engine.fixed)
            for kind in odd:
                f = find_activation(kind)
                exact = Interactions(M, f)
                for source, p in parts:
                    v = rng.standard_normal((40, n)) @ p * 10.0 ** rng.uniform(-1, 1, (40, 1))
                    size = np.maximum(np.linalg.norm(v, axis=1), np.linalg.norm(f(v), axis=1))
                    force = {
                        label
                        for label, q in parts
                        if (np.linalg.norm(f(v) @ q, axis=1) / size).max() > 1e-8
                    }
                    assert force == {r.label for r in exact.reached([source])}, (M, kind, source)
            seen += 1
    assert seen


def signature(graph):
    """Return the graph with what does not depend on names."""
    plain = nx.DiGraph()
    for v, d in graph.nodes(data=True):
        keys = "dimension", "type", "multiplicity", "action_order"
        plain.add_node(v, data=tuple(d[k] for k in keys))
    for a, b, d in graph.edges(data=True):
        plain.add_edge(a, b, data=(d["parts"], d["reach"], d["reach_of"], round(d["share"], 9)))
    return plain


def isomorphic(one, other):
    same = nx.algorithms.isomorphism.categorical_node_match("data", None)
    edge = nx.algorithms.isomorphism.categorical_edge_match("data", None)
    return nx.is_isomorphic(signature(one), signature(other), node_match=same, edge_match=edge)


@pytest.mark.parametrize(
    "names",
    [
        ("S3", "D6", "<a,b | a^3, b^2, (a*b)^2>", "AGL(1,3)"),
        ("C2 x C3", "C6"),
        ("SmallGroup(24,12)", "S4", "PGL(2,3)"),
        ("Q8", "SmallGroup(8,4)"),
    ],
)
def test_presentations(gap_session, names):
    first, *others = [tk.group(n, session=gap_session).regular_module() for n in names]
    for kind in KINDS:
        graph = tk.interaction_graph(first, kind)
        for X in others:
            assert isomorphic(graph, tk.interaction_graph(X, kind)), (X, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_inflation_and_products(gap_session, kind):
    S4 = tk.group("S4", session=gap_session)
    four = next(n for n in S4.normal_subgroups() if n.order == 4)
    S3 = tk.group("S3", session=gap_session)
    above = tk.interaction_graph(S4.coset_module(four), kind)
    assert isomorphic(above, tk.interaction_graph(S3.regular_module(), kind))
    C3, C4, C12 = (tk.group(n, session=gap_session).regular_module() for n in ("C3", "C4", "C12"))
    product = tk.interaction_graph(C3.outer(C4), kind)
    assert isomorphic(product, tk.interaction_graph(C12, kind))
    # a trivial factor changes nothing
    V = S4.natural_module()
    assert isomorphic(tk.interaction_graph(V * V**0, kind), tk.interaction_graph(V, kind))


@pytest.mark.parametrize("name", ["relu", "gelu", "tanh", "elu", "relu_squared", "hardshrink"])
def test_transfer_by_simulation(gap_session, name):
    f = find_activation(name)
    rng = np.random.default_rng(17)
    S4 = tk.group("S4", session=gap_session)
    for X in (S4.natural_module(), S4.coset_module("H2a"), tk.group("Q8").coset_module([])):
        components, labels = labelled_components(X)
        exact = tk.transfer_matrix(X, f)
        place = {label: i for i, label in enumerate(tk.interaction_graph(X, f))}
        for i, source in enumerate(labels):
            share, error = bruteforce.transfer_by_simulation(
                X.images, components, i, f, 20_000, rng
            )
            wanted = [exact[place[source], place[label]] for label in labels]
            assert (np.abs(share - wanted) < 5 * error + 1e-9).all(), (X, name, source)


@pytest.mark.parametrize("name", ["S3", "D8", "A4", "C6"])
def test_chosen_copies(gap_session, name):
    rng = np.random.default_rng(23)
    G = tk.group(name, session=gap_session)
    small = [
        G.coset_module(c.generators if c.order == 1 else c)
        for c in G.subgroup_classes()
        if c.index <= 8
    ]
    choice = random.Random(name)
    for X in (choice.choice(small), choice.choice(small) + choice.choice(small)):
        components, labels = labelled_components(X)
        for Y in choice.sample(small, 2):
            orbitals = tk.orbitals(X, Y).labels
            basis = rng.integers(-2, 3, int(orbitals.max()) + 1)[orbitals]
            for kind in (*KINDS, "relu_power(3)", "cos"):
                f = find_activation(kind)
                v = rng.standard_normal((100, len(basis))) @ basis
                v *= 10.0 ** rng.uniform(-1, 1, (100, 1))
                v[np.abs(v) < 1e-13] = 0.0
                norms = bruteforce.relative_norms(components, v, f(v)).max(axis=0)
                force = {label for label, n in zip(labels, norms, strict=True) if n > 1e-9}
                assert force == set(occurring_in_submodule(X, basis, f)), (X, Y, kind)
                floats = occurring_in_submodule(X, basis.astype(float), f)
                assert force == set(floats), (X, Y, kind)
