"""Graphs, closures and transfer do not depend on names: points, generators, presentations.

Simples of two modules on the same points are matched by their projectors, which needs no label.
"""

from __future__ import annotations

import random
from collections import Counter

import bruteforce
import networkx as nx
import numpy as np
import pytest
from exact_projectors import labelled_components

import toolkit as tk

pytestmark = pytest.mark.gap

ACTIVATIONS = ("relu", "abs", "gelu", "tanh", "elu", "relu_squared", "square", "cube", "sigmoid")
GROUPS = ("C5", "C6", "C2 x C2", "S3", "C8", "D8", "Q8", "C3 x C3", "A4", "D10", "AGL(1,5)")


def modules(G, most=12):
    """Return the transitive modules of at most this degree, with all points of their tables."""
    return [
        # the trivial subgroup as a list of cosets: its table keeps the points
        G.coset_module(c.generators if c.order == 1 else c)
        for c in G.subgroup_classes()
        if c.index <= most
    ]


def content(graph, names=None, kernel=1):
    """Return nodes and edges with their data as plain values, renamed; shares rounded."""
    names = {v: v for v in graph} if names is None else names
    keys = "dimension", "type", "multiplicity", "action_order"
    nodes = {
        names[v]: (*(d[k] for k in keys), d["kernel_order"] * kernel)
        for v, d in graph.nodes(data=True)
    }
    edges = {
        (names[a], names[b]): (d["parts"], d["reach"], d["reach_of"], round(d["share"], 9) + 0.0)
        for a, b, d in graph.edges(data=True)
    }
    return nodes, edges


def matched(X, Y):
    """Return which simple of Y has the projector of which of X, on the same points."""
    (one, labels), (other, others) = labelled_components(X), labelled_components(Y)
    place = bruteforce.match_by_projectors(one, [c.projector for c in other])
    return {label: others[i] for label, i in zip(labels, place, strict=True)}


def assert_same(X, Y, names, choice, kernel=1):
    """Compare graphs, closures and transfer of X with those of Y, simples renamed."""
    for kind in ACTIVATIONS:
        bias = choice.random() < 0.5
        one, other = (tk.interaction_graph(Z, kind, bias=bias) for Z in (X, Y))
        assert content(one, names, kernel) == content(other), (X, Y, kind, bias)
        start = choice.sample(sorted(names), choice.randint(1, min(3, len(names))))
        found = {names[k] for k in tk.closure(X, start, kind, bias=bias)}
        assert found == set(tk.closure(Y, [names[k] for k in start], kind, bias=bias))
        place = [list(other).index(names[k]) for k in one]
        shares = tk.transfer_matrix(Y, kind, bias=bias)[np.ix_(place, place)]
        assert np.allclose(tk.transfer_matrix(X, kind, bias=bias), shares, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", GROUPS)
@pytest.mark.quick_cases(3)
def test_other_names_of_points(name):
    choice = random.Random(name)
    G = tk.group(name)
    every = modules(G)
    for X in choice.sample(every, min(2, len(every))):
        for Z in (X, X + X**0):
            q = np.array(choice.sample(range(Z.degree), Z.degree))
            images = np.empty_like(Z.images)
            images[:, q] = q[Z.images]
            Y = G.module_from_images(images)
            assert_same(Z, Y, {label: label for label in Z.multiplicities}, choice)


def automorphism(R, choice):
    """Return words' images under a random automorphism: elements of the regular module R."""
    elements = bruteforce.group_elements(R)
    while True:
        images = elements[[choice.randrange(len(elements)) for _ in R]]
        both = bruteforce.group_elements(bruteforce.disjoint_union(R, images))
        if len(both) == len(elements) == len(bruteforce.group_elements(images)):
            return images


@pytest.mark.parametrize("name", [g for g in GROUPS if g != "AGL(1,5)"])
@pytest.mark.quick_cases(3)
def test_automorphisms(name):
    """The module composed with an automorphism is the same one with its simples permuted."""
    choice = random.Random(name)
    G = tk.group(name)
    R = np.asarray(G.coset_module([]).images)
    for _ in range(2):
        chosen = automorphism(R, choice)
        whole = {}
        for X in modules(G):
            both = bruteforce.group_elements(bruteforce.disjoint_union(R, X.images))
            n = R.shape[1]
            acts = {row[:n].tobytes(): row[n:] - n for row in both}
            Y = G.module_from_images([acts[h.tobytes()] for h in chosen])
            names = matched(X, Y)
            for label, other in names.items():
                # one permutation of the simples for all modules
                assert whole.setdefault(label, other) == other
            assert_same(X, Y, names, choice)
        assert sorted(whole) == sorted(whole.values()) == sorted(s.label for s in G.simples)


def test_inner_automorphisms_move_no_simple():
    G = tk.group("S4")
    for X in modules(G):
        images = np.asarray(X.images)
        for g in images:
            inverse = np.argsort(g)
            Y = G.module_from_images([g[h[inverse]] for h in images])
            assert all(a == b for a, b in matched(X, Y).items())


def test_the_outer_automorphism_of_s6():
    G = tk.group("S6")
    X = G.natural_module()
    six = [G.coset_module(c) for c in G.subgroup_classes(6) if c.index == 6]
    (Y,) = [Z for Z in six if Z.multiplicities != X.multiplicities]
    (a,), (b,) = (set(Z.multiplicities) - {"L0"} for Z in (X, Y))
    assert_same(X, Y, {"L0": "L0", a: b}, random.Random(6))


def signature(graph):
    """Return the graph with what does not depend on names."""
    nodes, edges = content(graph)
    plain = nx.DiGraph()
    plain.add_nodes_from((v, {"data": d}) for v, d in nodes.items())
    plain.add_edges_from((*e, {"data": d}) for e, d in edges.items())
    return plain


def isomorphic(one, other):
    if Counter(content(one)[0].values()) != Counter(content(other)[0].values()):
        return False
    return nx.is_isomorphic(
        signature(one),
        signature(other),
        node_match=nx.algorithms.isomorphism.categorical_node_match("data", None),
        edge_match=nx.algorithms.isomorphism.categorical_edge_match("data", None),
    )


@pytest.mark.parametrize(
    "names",
    [
        ("C6", "C2 x C3", "C3 x C2", "SmallGroup(6,2)", "<a | a^6>", "<(1,2,3)(4,5)>"),
        ("S3", "D6", "SmallGroup(6,1)", "GL(2,2)", "AGL(1,3)", "<a,b | a^3, b^2, (a*b)^2>"),
        ("D8", "SmallGroup(8,3)", "C2 wr C2", "<(1,2,3,4),(1,3)>"),
        ("Q8", "SmallGroup(8,4)", "<i,j | i^4, i^2*j^-2, j^-1*i*j*i>"),
        ("A4", "SmallGroup(12,3)", "PSL(2,3)", "<a,b | a^2, b^3, (a*b)^3>"),
        ("S4", "PGL(2,3)", "SmallGroup(24,12)"),
    ],
)
@pytest.mark.quick_cases(2)
def test_presentations(names):
    """Each transitive module has as many partners in one presentation as in the other."""
    first, *others = [modules(tk.group(name), 24) for name in names]
    for kind, bias in (("relu", False), ("elu", True), ("cube", False), ("tanh", True)):
        graphs = [tk.interaction_graph(X, kind, bias=bias) for X in first]
        lattices = [lattice(X, kind, bias) for X in first]
        for name, family in zip(names[1:], others, strict=True):
            theirs = [tk.interaction_graph(X, kind, bias=bias) for X in family]
            for graph in graphs:
                partners = [sum(isomorphic(graph, g) for g in side) for side in (graphs, theirs)]
                assert partners[0] == partners[1] > 0, (name, kind, graph)
            assert sorted(lattices) == sorted(lattice(X, kind, bias) for X in family)


def lattice(X, kind, bias):
    """Return the numbers of the lattice of closed sets."""
    keys = "dimension", "level", "subgroup_order", "kernel_order"
    graph = tk.closed_sets(X, kind, bias=bias)
    return sorted(tuple(d[k] for k in keys) for _, d in graph.nodes(data=True))


@pytest.mark.parametrize(
    ("one", "other"), [("S3", "C2"), ("D8", "S3"), ("C2 x C2", "S3"), ("S4", "C2")]
)
def test_outer_products(one, other):
    """For groups with simples of real type only, and functions of one parity or a power of t.

    phi of a product is the product of the phi: U and its sign are products, and so are the sums
    that decide about powers. So L x M -> K x N exactly if L -> K and M -> N.
    """
    choice = random.Random(one + other)
    G, H = tk.group(one), tk.group(other)
    assert {s.type for s in (*G.simples, *H.simples)} == {"R"}
    for X in choice.sample(modules(G), 3):
        for Y in choice.sample(modules(H), 2):
            Z = X.outer(Y)
            (a, xs), (b, ys) = labelled_components(X), labelled_components(Y)
            c, zs = labelled_components(Z)
            products = [np.kron(p.projector, q.projector) for p in a for q in b]
            place = bruteforce.match_by_projectors(c, products)
            pairs = [(x, y) for x in xs for y in ys]
            name = {z: pairs[i] for z, i in zip(zs, place, strict=True)}
            for kind in ("abs", "tanh", "cos", "sign", "square", "cube", "t^4", "identity"):
                left, right, whole = (tk.interaction_graph(W, kind) for W in (X, Y, Z))
                found = {(name[k], name[m]) for k, m in whole.edges}
                wanted = {((k, m), (s, t)) for k, s in left.edges for m, t in right.edges}
                assert found == wanted, (Z, kind)
            relu = {(name[k], name[m]) for k, m in tk.interaction_graph(Z, "relu").edges}
            even = {(name[k], name[m]) for k, m in tk.interaction_graph(Z, "abs").edges}
            assert relu == even | {(p, p) for p in pairs}


@pytest.mark.parametrize("name", ["C6", "D8", "Q8", "A4", "D12", "S4", "C3 x S3"])
@pytest.mark.quick_cases(2)
def test_inflation(name):
    """A module on which N acts as 1 is the same over G and over G/N."""
    choice = random.Random(name)
    G = tk.group(name)
    for N in G.normal_subgroups():
        if N.order == 1:
            continue
        above = G.coset_module(N)
        Q = tk.group_from_permutations(np.asarray(above.images).tolist())
        assert Q.order * N.order == G.order
        for X in modules(G):
            if any(
                set(s.kernel) & set(N.classes) != set(N.classes)
                for s in G.simples
                if s.label in X.multiplicities
            ):
                continue  # N does not act as 1
            Y = Q.module_from_images(np.asarray(X.images))
            assert_same(Y, X, matched(Y, X), choice, kernel=N.order)


def test_products_that_are_modules_of_another_name():
    C3, C4, C12 = (tk.group(n).regular_module() for n in ("C3", "C4", "C12"))
    V = tk.group("S4").natural_module()
    for kind in ACTIVATIONS:
        graph = tk.interaction_graph(C12, kind)
        assert isomorphic(tk.interaction_graph(C3.outer(C4), kind), graph)
        # a trivial factor changes nothing
        same = tk.interaction_graph(V * V**0, kind)
        assert content(same) == content(tk.interaction_graph(V, kind))


def test_inflation_by_words():
    S3, S4 = tk.group("S3"), tk.group("S4")
    # generators (1,2,3,4) and (1,2) of S4 act on the three pairs of pairs
    pairs = tk.group("S4").coset_module("H8a")
    assert pairs.degree == 3
    Q = tk.group_from_permutations(np.asarray(pairs.images).tolist())
    X = Q.regular_module()
    words = [{"word": [i]} for i in range(len(pairs.images))]
    for kind in ACTIVATIONS:
        above = tk.interaction_graph(tk.inflate(X, S4, words), kind)
        below = tk.interaction_graph(S3.regular_module(), kind)
        keys = "dimension", "type", "multiplicity", "action_order"
        for graph in (above, below):
            for _, d in graph.nodes(data=True):
                d["kernel_order"] = 0
        assert isomorphic(above, below), kind
        assert [[d[k] for k in keys] for _, d in above.nodes(data=True)] == [
            [d[k] for k in keys] for _, d in below.nodes(data=True)
        ]
