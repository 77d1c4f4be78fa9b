"""Isomorphism classes of interaction graphs, against networkx and on graphs made to confuse."""

from __future__ import annotations

import itertools
import random

import networkx as nx
import numpy as np
import pytest

import toolkit as tk
from toolkit.catalog.rows.isomorphism import are_isomorphic, reduced_graph
from toolkit.errors import QueryError


def matrix(graph):
    return nx.to_numpy_array(graph, dtype=np.float64) > 0


def shuffled(adjacency, seed):
    order = list(range(len(adjacency)))
    random.Random(seed).shuffle(order)
    return adjacency[np.ix_(order, order)]


def same(a, b):
    return are_isomorphic(reduced_graph(a), reduced_graph(b))


@pytest.mark.parametrize("seed", range(60))
def test_random_graphs_against_networkx(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 8))
    density = rng.choice([0.15, 0.5, 0.85])
    first = rng.random((n, n)) < density
    second = first.copy()
    if seed % 2:  # another graph with as many edges: two entries exchanged
        i, j, k, m = rng.integers(0, n, 4)
        second[i, j], second[k, m] = first[k, m], first[i, j]
    second = shuffled(second, seed)
    wanted = nx.is_isomorphic(nx.DiGraph(first), nx.DiGraph(second))
    assert same(first, second) == wanted


def test_all_small_digraphs():
    # 10 directed graphs without, 104 with loops on up to 3 nodes (A000595: 2, 10, 104)
    for n, count in ((1, 2), (2, 10), (3, 104)):
        seen = []
        for bits in itertools.product([False, True], repeat=n * n):
            graph = reduced_graph(np.array(bits).reshape(n, n))
            if not any(are_isomorphic(graph, other) for other in seen):
                seen.append(graph)
        assert len(seen) == count


CONFUSING = {
    "circles": (
        nx.disjoint_union(nx.cycle_graph(5), nx.cycle_graph(6)),
        nx.cycle_graph(11),
    ),
    "rook and Shrikhande": (
        nx.line_graph(nx.complete_bipartite_graph(4, 4)),
        nx.Graph(
            [
                ((i, j), ((i + a) % 4, (j + b) % 4))
                for i in range(4)
                for j in range(4)
                for a, b in ((1, 0), (0, 1), (1, 1))
            ]
        ),
    ),
    "regular of degree 3": (nx.petersen_graph(), nx.circular_ladder_graph(5)),
}


@pytest.mark.parametrize("name", CONFUSING)
def test_graphs_that_colours_do_not_tell_apart(name):
    first, second = (matrix(g) for g in CONFUSING[name])
    a, b = reduced_graph(first), reduced_graph(second)
    assert a.invariant == b.invariant
    assert not are_isomorphic(a, b)
    for seed in range(5):
        assert same(first, shuffled(first, seed))
        assert same(second, shuffled(second, seed))


def test_twins_are_merged_and_told_apart():
    # sixty four copies of one arrow into a common sink, with and without loops
    n = 65
    star = np.zeros((n, n), dtype=bool)
    star[1:, 0] = True
    looped = star | np.eye(n, dtype=bool)
    assert len(reduced_graph(star).adjacency) == 2
    assert same(star, shuffled(star, 1))
    assert not same(star, looped)
    complete = np.ones((n, n), dtype=bool)
    assert not same(complete, complete ^ np.eye(n, dtype=bool))
    # all pairs joined, or pairs of twins only: the same colours, other graphs
    pairs = np.kron(np.eye(4, dtype=bool), np.ones((2, 2), dtype=bool))
    assert not same(pairs, np.kron(np.eye(2, dtype=bool), np.ones((4, 4), dtype=bool)))
    assert not same(pairs, pairs ^ np.eye(8, dtype=bool))


def test_many_equal_parts_are_quick():
    part = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]], dtype=bool)
    big = np.kron(np.eye(20, dtype=bool), part)
    assert same(big, shuffled(big, 3))


@pytest.mark.gap
@pytest.mark.slow
def test_classes_against_networkx(catalog):
    classes = catalog.graph_classes(module=None)
    assert sum(len(c.members) for c in classes) == catalog.sizes["modules"]
    sizes = [len(c.members) for c in classes]
    assert sizes == sorted(sizes, reverse=True)
    rows = {(r["group"], r["module"]): r for r in catalog.find("activation == 'relu'", "graphs")}
    for found in classes:
        for member in found.members:
            assert rows[member]["nodes"] == found.nodes
            assert rows[member]["edges"] == found.edges
            assert rows[member]["graph_hash"] == found.graph_hash
    graphs = [[catalog.graph(*m) for m in c.members[:3]] for c in classes]
    for own in graphs:
        assert all(nx.is_isomorphic(own[0], other) for other in own[1:])
    for a, b in itertools.combinations(graphs, 2):
        assert not nx.is_isomorphic(a[0], b[0])


@pytest.mark.gap
@pytest.mark.slow
def test_same_graph(catalog):
    # the same table of characters: the same graph
    found = catalog.same_graph("SmallGroup(8,3)")
    assert "SmallGroup(8,4)" in found.column("group")
    own = catalog.graph("SmallGroup(8,3)")
    for row in catalog.find("order <= 24"):
        wanted = nx.is_isomorphic(own, catalog.graph(row["group"]))
        assert (row["group"] in found.column("group")) == wanted
    assert catalog.same_graph(tk.group("S4")).column("description") == ["S4"]
    among = catalog.same_graph("SmallGroup(24,12)", module="H4a")
    assert {
        "group": "SmallGroup(24,12)",
        "module": "H4a",
        "order": 24,
        "description": "S4",
    } in list(among)
    assert catalog.graph_classes(module=None).of("SmallGroup(24,12)", "H4a").members == tuple(
        (r["group"], r["module"]) for r in among
    )


@pytest.mark.gap
def test_classes_as_rows_and_as_a_graph(catalog):
    classes = catalog.graph_classes("abs", condition="order <= 12")
    rows = classes.rows()
    assert rows.column("members") == [len(c.members) for c in classes]
    joined = classes.to_networkx()
    groups = {n for n, d in joined.nodes(data=True) if d["kind"] == "group"}
    assert groups == set(catalog.find("order <= 12").column("group"))
    for component in nx.connected_components(joined):
        members = tuple(sorted(component & groups))
        assert members == tuple(sorted(classes.of(members[0]).groups))
    assert "under abs" in repr(classes)
    with pytest.raises(KeyError, match="not among the modules"):
        classes.of("SmallGroup(24,12)")
    assert len(catalog.graph_classes(condition="order > 999")) == 0


@pytest.mark.gap
@pytest.mark.slow
def test_nontrivial_sinks(catalog):
    for activation in ("abs", "relu", "tanh"):
        found = {(r["group"], r["label"]): r["loop"] for r in catalog.nontrivial_sinks(activation)}
        wanted = {}
        for row in catalog.find(None):
            graph = catalog.graph(row["group"], activation=activation)
            for label, data in graph.nodes(data=True):
                if not set(graph.successors(label)) - {label} and data["action_order"] > 1:
                    wanted[row["group"], label] = graph.has_edge(label, label)
        assert found == wanted
    assert len(catalog.nontrivial_sinks("relu")) == 0
    assert len(catalog.nontrivial_sinks("tanh", condition="abelian and order == 2")) == 1


@pytest.mark.gap
def test_mistakes(catalog):
    with pytest.raises(QueryError, match="did you mean relu"):
        catalog.graph_classes("rely")
    with pytest.raises(QueryError, match="no column 'ordr'"):
        catalog.graph_classes(condition="ordr < 3")
    with pytest.raises(QueryError, match="not in the catalog"):
        catalog.same_graph("SmallGroup(60,5)")
    with pytest.raises(QueryError, match="no column 'ordr'"):
        catalog.nontrivial_sinks(condition="ordr < 3")


def test_names_of_groups_with_spaces(tmp_path):
    groups = ["C2 x C4", "C8", "S4 x C2"]
    assert tk.catalog.sweep(tmp_path, groups=groups, workers=0).statuses == {"done": 3}
    with tk.catalog.open(tmp_path) as found:
        classes = found.graph_classes()
        assert sorted(g for c in classes for g in c.groups) == sorted(groups)
        for name in groups:
            wanted = tk.interaction_graph(tk.group(name).regular_module(), "relu")
            assert classes.of(name).edges == wanted.number_of_edges()
        assert found.same_graph("C2 x C4").column("group") == ["C2 x C4"]
