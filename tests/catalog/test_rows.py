"""The rows of one group, against the functions that answer about one thing at a time."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

import toolkit as tk
from toolkit.catalog.files.arrow import arrow_table
from toolkit.catalog.rows.graph import graph_summaries, graph_summary
from toolkit.catalog.rows.group import DEFAULT_ACTIVATIONS, Modules, rows_of_group
from toolkit.catalog.schema import TABLES, table
from toolkit.errors import NotAvailable
from toolkit.groups.subgroups import (
    characteristic_subgroups,
    minimal_normal_subgroups,
    normal_subgroups_of_table,
    normal_subgroups_or_kernels,
)
from toolkit.pl.criterion.of_module import orbit_criteria
from toolkit.pl.interactions.graph import Interactions
from toolkit.pl.interactions.kernels import kernel_lattice, pl_hom_preorder

GROUPS = ("C1", "C2", "C12", "C2 x C2", "D8", "Q8", "S4", "SL(2,3)", "C2 x A4", "A5", "D24", "Q16")
#: Every shape of parts: with powers, with a constant, odd, even, and none homogeneous.
ACTIVATIONS = (*DEFAULT_ACTIVATIONS, "relu^2", "t^3", "square", "sigmoid", "sin", "t^2", "identity")


def as_rows(blocks, name):
    return arrow_table(table(name), blocks[name], "p").to_pylist()


def known_activations():
    from toolkit.errors import UnsupportedActivationError
    from toolkit.pl.activations.activation import find_activation

    out = []
    for name in ACTIVATIONS:
        try:
            out.append(find_activation(name).name)
        except UnsupportedActivationError:
            continue
    assert len(out) >= 8
    return sorted(set(out))


def modules_of(G):
    yield "regular", G.regular_module()
    for H in G.subgroup_classes():
        if H.order > 1:
            yield H.label, G.coset_module(H)


@pytest.mark.parametrize("name", GROUPS)
@pytest.mark.quick_cases(3)
def test_graphs_edges_and_closures_are_those_of_the_library(name):
    G = tk.group(name)
    activations = known_activations()
    blocks = rows_of_group(G, Modules(10_000), activations)
    edges = {}
    for row in as_rows(blocks, "edges"):
        edges.setdefault((row["module"], row["activation"]), []).append(row)
    graphs = {(r["module"], r["activation"]): r for r in as_rows(blocks, "graphs")}
    closed = {}
    for row in as_rows(blocks, "closed_sets"):
        closed[row["module"], row["activation"], row["source"]] = row
    modules = dict(modules_of(G))
    assert set(graphs) == {(m, f) for m in modules for f in activations}
    for (module, f), row in graphs.items():
        X = modules[module]
        graph = tk.interaction_graph(X.spherical_table, f)
        found = {(r["source"], r["target"]): r for r in edges.get((module, f), [])}
        assert set(found) == set(graph.edges), (module, f)
        for (source, target), data in ((e[:2], e[2]) for e in graph.edges(data=True)):
            r = found[source, target]
            assert r["parts"] == data["parts"].replace(", ", "+"), (module, f, source, target)
            assert (r["reach"], r["reach_of"]) == (data["reach"], data["reach_of"])
            assert abs(r["share"] - data["share"]) < 1e-12
        assert row["nodes"] == graph.number_of_nodes()
        assert row["edges"] == graph.number_of_edges()
        assert row["loops"] == nx.number_of_selfloops(graph)
        bare = nx.DiGraph(graph)
        bare.remove_edges_from(list(nx.selfloop_edges(bare)))
        sinks = {n for n, d in bare.out_degree() if d == 0}
        assert row["sinks"] == len(sinks)
        assert row["nontrivial_sinks"] == len(sinks - {"L0"})
        assert row["sources"] == sum(1 for _, d in bare.in_degree() if d == 0)
        parts = nx.condensation(bare)
        assert row["components"] == parts.number_of_nodes()
        assert row["longest_path"] == nx.dag_longest_path_length(parts)
        T = tk.transfer_matrix(X.spherical_table, f)
        assert abs(row["self_share_mean"] - np.diag(T).mean()) < 1e-11
        assert abs(row["trivial_share_mean"] - T[:, 0].mean()) < 1e-11
        off = T - np.diag(np.diag(T))
        assert abs(row["largest_leak"] - off.max()) < 1e-11
        for source in graph:
            expected = tk.closure(X.spherical_table, {source}, f)
            kept = closed[module, f, source]
            assert tuple(kept["members"]) == expected
            assert kept["size"] == len(expected)
            assert kept["dimension"] == sum(
                graph.nodes[k]["dimension"] * graph.nodes[k]["multiplicity"] for k in expected
            )


@pytest.mark.parametrize("name", GROUPS)
def test_modules_and_their_contents(name):
    G = tk.group(name)
    blocks = rows_of_group(G, Modules(10_000), ["relu"])
    contents = {(r["module"], r["label"]): r for r in as_rows(blocks, "contents")}
    rows = as_rows(blocks, "modules")
    assert [r["module"] for r in rows] == [m for m, _ in modules_of(G)]
    for row, (_, X) in zip(rows, modules_of(G), strict=True):
        assert (row["degree"], row["rank"]) == (X.degree, X.rank)
        assert row["degree"] * row["subgroup_order"] == G.order
        for label, m in X.multiplicities.items():
            r = contents.pop((row["module"], label))
            assert r["multiplicity"] == m
            (c,) = Interactions(X.spherical_table, "abs").criterion([label], "L0")
            assert r["hyperplanes"] * (c.plus_order + c.minus_size) == G.order
    assert not contents


def test_regions_are_those_of_the_map_where_they_are_said():
    G = tk.group("D12")
    for r in as_rows(rows_of_group(G), "contents"):
        plmap = tk.pl_map(G.regular_module(), r["label"], "L0", "abs")
        assert r["hyperplanes"] == len(plmap.hyperplanes)
        assert r["regions"] == plmap.regions.count


@pytest.mark.parametrize("name", [*GROUPS, "C2^5", "S4 x C2", "C3^3"])
def test_normal_subgroups_and_kernels(name):
    G = tk.group(name)
    lattice = normal_subgroups_of_table(G.character_table)
    blocks = rows_of_group(G)
    rows = as_rows(blocks, "normal_subgroups")
    assert [(r["label"], r["subgroup_order"]) for r in rows] == [
        (n.label, n.order) for n in lattice
    ]
    labels = [n.label for n in lattice]
    covers = {(below, r["label"]) for r in rows for below in r["covers"]}
    assert covers == {(labels[i], labels[j]) for i, j in lattice.covers}
    kernels = {s.label: s.kernel for s in G.simples}
    by_classes = {n.classes: n.label for n in lattice}
    for r in as_rows(blocks, "simples"):
        assert r["kernel"] == by_classes[kernels[r["label"]]]
    assert {r["label"] for r in rows if r["is_kernel"]} == {by_classes[k] for k in kernels.values()}
    least = [lattice[j] for i, j in lattice.covers if lattice[i].order == 1]
    assert [n.classes for n in minimal_normal_subgroups(G.character_table)] == [
        n.classes for n in least
    ]
    (row,) = as_rows(blocks, "groups")
    found = characteristic_subgroups(G.character_table, lattice)
    assert row["centre_order"] == found["centre"].order
    assert row["derived_order"] == found["derived"].order
    assert row["normal_subgroups"] == len(lattice)


@pytest.mark.parametrize("name", GROUPS)
def test_piecewise_linear_maps_come_back_from_their_kernels(name):
    G = tk.group(name)
    rows = {r["kernel"]: r for r in as_rows(rows_of_group(G), "pl_maps")}
    cover = nx.DiGraph((k, below) for k, r in rows.items() for below in r["below"])
    cover.add_nodes_from(rows)
    edges = set()
    for kernel, r in rows.items():
        reached = {kernel} | nx.descendants(cover, kernel)
        targets = [s for k in reached for s in rows[k]["simples"]]
        assert r["targets"] == len(targets)
        edges |= {(s, t) for s in r["simples"] for t in targets}
    assert edges == set(pl_hom_preorder(G.character_table).edges)
    order = kernel_lattice(G.character_table)
    for kernel, r in rows.items():
        assert ", ".join(r["simples"]) == order.nodes[kernel].get("simples", "")


@pytest.mark.gap
def test_quotients_by_minimal_normal_subgroups(session):
    expected = {
        "S4": [("SmallGroup(6,1)", 1, 4)],
        "C2 x C2": [("SmallGroup(2,1)", 3, 2)],
        "Q8": [("SmallGroup(4,2)", 1, 2)],
        "C12": [("SmallGroup(4,1)", 1, 3), ("SmallGroup(6,2)", 1, 2)],
        "A5": [("SmallGroup(1,1)", 1, 60)],
        "C1": [],
        "D24": [("SmallGroup(8,3)", 1, 3), ("SmallGroup(12,4)", 1, 2)],
    }
    for name, wanted in expected.items():
        rows = as_rows(rows_of_group(tk.group(name, session=session)), "quotients")
        assert [(r["quotient"], r["kernels"], r["kernel_order"]) for r in rows] == wanted


def test_too_many_normal_subgroups_are_not_listed_but_counted(monkeypatch):
    table_of = tk.group("C2^5").character_table
    whole, count = normal_subgroups_or_kernels(table_of)
    assert count == 374 == len(whole)
    assert whole == normal_subgroups_of_table(table_of)
    kernels, count = normal_subgroups_or_kernels(table_of, 100)
    assert count == 374
    assert list(kernels) == [n for n in whole if n.classes in {s.kernel for s in table_of.simples}]
    assert kernels.covers == tuple((i, 31) for i in range(31))
    monkeypatch.setattr("toolkit.groups.subgroups._MOST_COUNTED", 100)
    unnamed, count = normal_subgroups_or_kernels(table_of, 100)
    assert count is None
    assert [n.label for n in unnamed] == [f"K{i}" for i in range(32)]
    assert [n.classes for n in unnamed] == [n.classes for n in kernels]


@pytest.mark.parametrize("name", GROUPS)
def test_every_table_has_all_its_columns_and_sorted_rows(name):
    blocks = rows_of_group(tk.group(name), Modules(12))
    for t in TABLES:
        if t.machine or t.name == "provenance":
            assert t.name not in blocks
            continue
        found = arrow_table(t, blocks[t.name], "p")
        assert found.schema.names == [c.name for c in t.columns]
        keys = found.select(list(t.key)).to_pylist()
        assert len({tuple(k.values()) for k in keys}) == len(keys)
    activations = [r["activation"] for r in as_rows(blocks, "graphs")]
    assert activations[:4] == sorted(DEFAULT_ACTIVATIONS)


def test_shares_of_a_source_add_up_to_one():
    sums = {}
    for r in as_rows(rows_of_group(tk.group("S4")), "edges"):
        key = r["activation"], r["source"]
        sums[key] = sums.get(key, 0.0) + r["share"]
    assert all(abs(s - 1) < 1e-11 for s in sums.values())
    assert len(sums) == 20


def test_a_group_out_of_reach_says_so():
    with pytest.raises(NotAvailable, match="S30"):
        rows_of_group(tk.group("S30"))


def test_sets_of_simples_reach_what_the_library_says():
    X = tk.group("C2 x A4").regular_module().spherical_table
    (part,) = orbit_criteria(X)
    rng = np.random.default_rng(3)
    present = rng.random((12, len(part.labels))) < 0.4
    present[:, 0] |= ~present.any(axis=1)
    from toolkit.pl.activations.activation import find_activation

    for name in known_activations():
        f = find_activation(name)
        found = part.occurring(f, present)
        for i, row in enumerate(present):
            chosen = [part.labels[k] for k in np.flatnonzero(row)]
            expected = Interactions(X, name).occurring(chosen)
            hit = np.flatnonzero(found.masks[i]).tolist()
            assert [part.labels[k] for k in hit] == [r.label for r in expected]
            assert [int(found.dimensions[i, k]) for k in hit] == [r.dimension for r in expected]


def test_summary_of_a_path_and_a_cycle():
    path = np.eye(4, k=1, dtype=bool)
    share = np.full((4, 4), 0.25)
    found = graph_summary(path, share, 3)
    assert (found["components"], found["longest_path"], found["sources"]) == (4, 3, 1)
    assert (found["sinks"], found["nontrivial_sinks"]) == (1, 0)
    path[3, 0] = True
    found = graph_summary(path, share, 0)
    assert (found["components"], found["longest_path"], found["sinks"]) == (1, 0, 0)


def test_components_and_paths_are_those_of_networkx():
    rng = np.random.default_rng(8)
    for n in (1, 2, 5, 9, 14):
        edges = rng.random((6, n, n)) < rng.random((6, 1, 1)) * 3 / n
        share = rng.random((6, n, n))
        found = graph_summaries(edges, share, 0)
        for i, own in enumerate(edges):
            condensed = nx.condensation(nx.from_numpy_array(own, create_using=nx.DiGraph))
            assert found["components"][i] == len(condensed)
            assert found["longest_path"][i] == nx.dag_longest_path_length(
                condensed, default_weight=1
            )
            alone = graph_summary(own, share[i], 0)
            assert alone == {name: column[i] for name, column in found.items()}


@pytest.mark.parametrize("name", ["C2 x C2 x C2", "S4", "C12", "D8 x C2"])
def test_covers_are_the_maximal_inclusions(name):
    whole = normal_subgroups_of_table(tk.group(name).character_table)
    for found in (whole, whole.among({n.label for n in list(whole)[::2]})):
        sets = [set(n.classes) for n in found]
        below = {(i, j) for i, a in enumerate(sets) for j, b in enumerate(sets) if a < b}
        between = {(i, k) for i, j in below for a, k in below if a == j}
        assert set(found.covers) == below - between


def test_closures_of_activations_that_differ_by_a_linear_part():
    from toolkit.pl.activations.activation import find_activation
    from toolkit.pl.criterion.orbit import least_closed_sets

    table = tk.group("D24").regular_module().spherical_table
    (part,) = orbit_criteria(table)
    for name in known_activations():
        f = find_activation(name)
        (fresh,) = orbit_criteria(table)
        each = np.eye(len(part.labels), dtype=bool)
        slow = least_closed_sets(
            each, lambda sets, f=f, fresh=fresh: fresh.occurring(f, sets).masks > 0
        )
        assert (part.closures(f) == slow).all(), name
