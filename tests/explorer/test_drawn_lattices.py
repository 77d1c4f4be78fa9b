"""Lattices of a record: covers, positions, and the Galois connection."""

from __future__ import annotations

from itertools import combinations

import pytest

import toolkit as tk
from toolkit.explorer.record.lattices import closed_lattice, hasse, normal_lattice
from toolkit.explorer.record.unpacked import unpacked_lattice

GROUPS = ("S4", "C8", "D16", "Q8", "C2 wr S3", "SmallGroup(96,64)", "C60", "C2 x C2 x C2", "C2^4")


def group(name):
    return tk.group(" x ".join(["C2"] * 4) if name == "C2^4" else name)


@pytest.mark.parametrize("name", GROUPS)
def test_the_larger_normal_subgroup_stands_above_in_the_next_row(name):
    G = group(name)
    lattice = G.normal_subgroups()
    found = normal_lattice(G)
    at = found["positions"]
    assert len(at) == len(lattice)
    rows = sorted({y for _, y in at}, reverse=True)
    for i, j in lattice.covers:
        if found["spacing"] > 30:  # rows are not broken
            assert rows.index(at[j][1]) == rows.index(at[i][1]) + 1
        assert at[j][1] < at[i][1]


@pytest.mark.parametrize("name", GROUPS)
def test_elements_keep_their_distance_and_lie_inside(name):
    found = normal_lattice(group(name))
    for x, y in found["positions"]:
        assert 0 < x < found["width"]
        assert 0 < y < found["height"]
    for (x0, y0), (x1, y1) in combinations(found["positions"], 2):
        assert abs(x0 - x1) >= found["spacing"] - 1 or abs(y0 - y1) >= 20


@pytest.mark.parametrize("name", ["S4", "C8", "A4", "D16"])
@pytest.mark.parametrize("kind", ["even", "both"])
def test_closed_sets_of_a_regular_module_are_the_normal_subgroups(name, kind):
    G = tk.group(name)
    X = G.regular_module()
    assert closed_lattice(X, kind) == "normal"
    expected = {
        frozenset(s.label for s in G.simples if set(n.classes) <= set(s.kernel))
        for n in G.normal_subgroups()
    }
    graph = tk.closed_sets(X, {"even": "abs", "both": "elu"}[kind])
    found = {
        frozenset(d["simples"].split(", ")) for _, d in graph.nodes(data=True) if "simples" in d
    }
    assert found == expected


@pytest.mark.parametrize(("name", "subgroup"), [("S4", "H2b"), ("C2 wr S3", "H4a"), ("A5", "H2a")])
@pytest.mark.parametrize("kind", ["even", "odd", "both"])
def test_covers_are_exact_and_sets_grow_downwards(name, subgroup, kind):
    G = tk.group(name)
    X = G.coset_module(subgroup)
    found = unpacked_lattice(closed_lattice(X, kind))
    sets = [frozenset(s["members"]) for s in found["sets"]]
    assert len(set(sets)) == len(sets)
    covers = {
        (i, j)
        for i, small in enumerate(sets)
        for j, large in enumerate(sets)
        if small < large and not any(small < middle < large for middle in sets)
    }
    assert {tuple(pair) for pair in found["covers"]} == covers
    for i, j in covers:
        assert found["sets"][i]["y"] < found["sets"][j]["y"]
    labels = list(X.multiplicities)
    f = {"even": "abs", "odd": "tanh", "both": "elu"}[kind]
    for members in sets:
        chosen = [labels[i] for i in sorted(members)]
        if chosen:
            assert tk.closure(X, chosen, f) == tuple(chosen)


@pytest.mark.parametrize("kind", ["even", "odd"])
def test_a_set_matches_the_normal_subgroup_that_it_belongs_to(kind):
    G = tk.group("S4")
    X = G.coset_module("H2b")
    labels = list(X.multiplicities)
    kernel = {s.label: set(s.kernel) for s in G.simples}
    normal = {n.label: set(n.classes) for n in G.normal_subgroups()}
    found = unpacked_lattice(closed_lattice(X, kind))
    for entry, match in zip(found["sets"], found["normal"], strict=True):
        members = {labels[i] for i in entry["members"]}
        galois = [
            label
            for label, classes in normal.items()
            if members == {x for x in labels if classes <= kernel[x]}
        ]
        assert (match in galois) if galois else match is None
        if galois:  # of several the largest: the common kernel
            assert normal[match] == set.union(*(normal[n] for n in galois))


def test_too_many_closed_sets_are_refused():
    with pytest.raises(tk.NotAvailable, match="more than"):
        closed_lattice(tk.group("C2 x C2 x C2 x C2 x C2").regular_module(), "odd")


def test_a_chain_and_an_empty_lattice():
    assert hasse(0, [])["positions"] == []
    assert [x for x, _ in hasse(3, [(0, 1), (1, 2)])["positions"]] == [30, 30, 30]
