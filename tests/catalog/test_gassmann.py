"""Gassmann pairs: from GAP's subgroups, from the rows of a catalog, and from their definition."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import pytest

import toolkit as tk
from toolkit.errors import QueryError, UnsupportedActivationError

pytestmark = pytest.mark.gap


def key(pair):
    return pair.group, pair.first, pair.second, pair.index


def by_permutation_characters(group):
    """Return the pairs of classes of subgroups with the same multiplicities of all simples."""
    classes = list(group.subgroup_classes())
    spectra = [
        sorted((s.label, s.multiplicity) for s in group.coset_module(H).spherical_table.simples)
        for H in classes
    ]
    return [
        (group.name, classes[i].label, classes[j].label, classes[i].index)
        for i, j in combinations(range(len(classes)), 2)
        if spectra[i] == spectra[j]
    ]


@pytest.mark.parametrize("name", ["C8", "S4", "Q8", "C2 x C2", "A5"])
def test_groups_without_pairs(name):
    G = tk.group(name)
    assert tk.catalog.gassmann_pairs(G) == []
    assert by_permutation_characters(G) == []


def test_points_and_lines_of_the_plane_of_seven_points():
    G = tk.group("PSL(3,2)")
    (pair,) = tk.catalog.gassmann_pairs(G, max_index=7)
    assert (pair.index, pair.first, pair.second) == (7, "H24a", "H24b")
    assert pair.same_edges
    assert pair.isomorphic
    whole = tk.catalog.gassmann_pairs(G, "abs")
    assert [key(p) for p in whole] == by_permutation_characters(G)
    assert {p.activation for p in whole} == {"abs"}


def test_the_smallest_group_by_three_routes():
    G = tk.group("SmallGroup(32,43)")
    found = tk.catalog.gassmann_pairs(G)
    assert len(found) == 1
    assert [key(p) for p in found] == by_permutation_characters(G)
    with tk.catalog.open() as catalog:
        kept = list(tk.catalog.gassmann_pairs_of_catalog(catalog, group=G))
    assert [key(p) for p in kept] == [key(p) for p in found]
    for one, other in zip(found, kept, strict=True):
        assert one.same_edges == other.same_edges
        assert one.isomorphic == other.isomorphic
        for a, b in zip(one.graphs, other.graphs, strict=True):
            assert set(a.edges) == set(b.edges)
        assert one.isomorphic == nx.is_isomorphic(*one.graphs)


def test_all_pairs_of_the_bundled_catalog():
    """All transitive modules of all groups of order at most 63: none is left out."""
    with tk.catalog.open() as catalog:
        found = [p.group for p in tk.catalog.gassmann_pairs_of_catalog(catalog, "tanh")]
        assert found == ["SmallGroup(32,43)", "SmallGroup(48,29)", "SmallGroup(48,49)"]
        with pytest.raises(QueryError, match="not in the catalog"):
            list(tk.catalog.gassmann_pairs_of_catalog(catalog, group="SmallGroup(512,1)"))


def test_an_unknown_activation_is_refused_where_there_is_no_pair():
    with pytest.raises(UnsupportedActivationError):
        tk.catalog.gassmann_pairs(tk.group("S4"), "foo")
