"""The same labelled table, graphs and subgroups from any description of a group.

Copies are groups of permutations with random generators; equivalences of tables are compared with
those that GAP finds.
"""

from __future__ import annotations

import itertools
import random

import pytest
from gap_copies import with_requests

import toolkit as tk
from toolkit.catalog.verify.counts import GROUPS_OF_ORDER
from toolkit.gap import GapWorker
from toolkit.groups.parsing.grammar import parse_group
from toolkit.library.session import Session

pytestmark = pytest.mark.gap


@pytest.fixture(scope="module")
def comparing(tmp_path_factory, installation, scripts):
    folder = with_requests(scripts, tmp_path_factory.mktemp("comparing") / "gap_scripts")
    with GapWorker(installation, folder) as made:
        yield made


@pytest.fixture(scope="module")
def passing():
    """A session that keeps nothing on disk."""
    with Session(use_bundled=False, in_memory=True) as made:
        yield made


def copies(worker, names):
    args = {"groups": [parse_group(name).to_json() for name in names]}
    return worker.ask("copies", args, subject="copies").value


def said_by(table):
    """Return all that a table says, apart from the names of elements and of the group."""
    return (
        table.class_names,
        table.class_sizes,
        table.power_maps,
        table.inverse,
        table.values,
        table.rows,
        table.indicators,
        table.simples,
    )


def graph_of(X, activation):
    graph = tk.interaction_graph(X, activation, bias=False)
    nodes = [(n, d["multiplicity"], d["action_order"]) for n, d in graph.nodes(data=True)]
    return nodes, sorted((a, b, d["parts"], d["reach"]) for a, b, d in graph.edges(data=True))


def graphs_of_all_modules(G):
    return sorted(graph_of(X, "relu") for X in G.permutation_modules())


def chosen(orders, count, seed):
    found = [f"SmallGroup({n},{i})" for n in orders for i in range(1, GROUPS_OF_ORDER[n] + 1)]
    return random.Random(seed).sample(found, count)


# orders that have groups with many automorphisms of the table
FEW = chosen([16, 18, 24, 27, 32], 35, 1)
MANY = chosen([*range(33, 64), 64, 72, 80, 81, 96], 100, 2)


@pytest.mark.parametrize(
    "names", [FEW, pytest.param(MANY, marks=pytest.mark.slow)], ids=["few", "many"]
)
@pytest.mark.slow
def test_copies(comparing, passing, names):
    for name, images in zip(names, copies(comparing, names), strict=True):
        passing.forget()
        G, H = tk.group(name, session=passing), tk.group_from_permutations(images, session=passing)
        table, other = G.character_table, H.character_table
        assert table.canonical, name
        assert other.canonical, name
        # the index of the paper belongs to the name
        assert said_by(table) == said_by(other), name
        assert table.is_equivalent(other), name
        labels = [(n.label, n.order, n.classes) for n in G.normal_subgroups(generators=False)]
        assert labels == [
            (n.label, n.order, n.classes) for n in H.normal_subgroups(generators=False)
        ], name


LARGER = ["SmallGroup(128,497)", "SmallGroup(192,1494)", "PSL(2,16)", "C2 wr A5", "Q8 x S4", "A6"]


@pytest.mark.slow
def test_copies_of_larger_groups(comparing, passing):
    for name, images in zip(LARGER, copies(comparing, LARGER), strict=True):
        passing.forget()
        G, H = tk.group(name, session=passing), tk.group_from_permutations(images, session=passing)
        assert said_by(G.character_table) == said_by(H.character_table), name


MODULES = ["SmallGroup(16,3)", "SL(2,3)", "SmallGroup(18,4)"]
SLOW = ["SmallGroup(24,8)", "SmallGroup(32,27)", "S3 x S3", "SL(2,5)", "SmallGroup(48,30)", "A5"]


@pytest.mark.slow
@pytest.mark.parametrize("names", [MODULES, SLOW], ids=["few", "more"])
def test_graphs_of_all_transitive_modules(comparing, passing, names):
    for name, images in zip(names, copies(comparing, names), strict=True):
        passing.forget()
        G, H = tk.group(name, session=passing), tk.group_from_permutations(images, session=passing)
        assert graphs_of_all_modules(G) == graphs_of_all_modules(H), name
        subgroups = [
            [(c.label, c.length, c.class_counts) for c in X.subgroup_classes()] for X in (G, H)
        ]
        assert subgroups[0] == subgroups[1], name


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("SL(2,5)", marks=pytest.mark.slow),
        "SmallGroup(32,27)",
        "SmallGroup(27,4)",
        "S6",
    ],
)
def test_many_sets_of_generators(comparing, passing, name):
    expected = said_by(tk.group(name, session=passing).character_table)
    for images in copies(comparing, [name] * 5):
        assert said_by(tk.group_from_permutations(images, session=passing).character_table) == (
            expected
        )


@pytest.mark.parametrize(
    "pair",
    [("S6", "SmallGroup(720,763)"), ("SmallGroup(256,1734)", "SmallGroup(256,1735)")],
)
def test_the_same_table_of_two_groups(passing, pair):
    """The second is a Brauer pair: not isomorphic, and their tables agree with power maps."""
    tables = [tk.group(name, session=passing).character_table for name in pair]
    assert said_by(tables[0]) == said_by(tables[1])
    for power_maps in (True, False):
        assert tables[0].is_equivalent(tables[1], power_maps=power_maps)
    found = tables[0].equivalence(tables[1])
    assert found is not None
    assert sorted(found.classes) == list(range(len(tables[0])))


@pytest.mark.slow
def test_equivalences_that_gap_finds(comparing, passing):
    tables = {}
    for order in (8, 12, 16, 18, 20, 24, 27, 32):
        for index in range(1, GROUPS_OF_ORDER[order] + 1):
            name = f"SmallGroup({order},{index})"
            table = tk.group(name, session=passing).character_table
            if len(table) < order:
                tables[name] = table
    pairs = [
        (a, b)
        for a, b in itertools.combinations(tables, 2)
        if tables[a].order == tables[b].order and len(tables[a]) == len(tables[b])
    ]
    assert len(pairs) > 250
    args = {"pairs": [[parse_group(name).to_json() for name in pair] for pair in pairs]}
    answers = comparing.ask("equivalent", args, subject="pairs").value
    counts = {True: [0, 0], False: [0, 0]}
    for (a, b), (with_maps, as_matrices) in zip(pairs, answers, strict=True):
        assert tables[a].is_equivalent(tables[b]) == with_maps, (a, b)
        assert tables[a].is_equivalent(tables[b], power_maps=False) == as_matrices, (a, b)
        counts[with_maps][0] += 1
        counts[as_matrices][1] += 1
    # without power maps there are equivalent tables of groups that are not isomorphic
    assert counts[True][1] > 20
    assert counts[False][1] > 100
