"""Theorems 12 and 14 of the theory text: closed sets by block systems, and maps that are built."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pytest
from all_elements import all_elements
from exact_projectors import labelled_components

import toolkit as tk
from toolkit.text import split_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.permutation_module import PermutationModule

Partition = frozenset[frozenset[int]]


def finest_blocks(images: NDArray[np.intp], pairs: list[tuple[int, int]]) -> Partition:
    """Return the finest block system in which the points of each pair are in one block."""
    graph = nx.Graph(pairs)
    graph.add_nodes_from(range(images.shape[1]))
    while True:
        blocks = frozenset(map(frozenset, nx.connected_components(graph)))
        first = {x: min(block) for block in blocks for x in block}
        moved = [(int(g[x]), int(g[y])) for g in images for x, y in first.items()]
        if all(first[x] == first[y] for x, y in moved):
            return blocks
        graph.add_edges_from(moved)


def block_systems(X: PermutationModule) -> set[Partition]:
    """Return all block systems of a transitive action: joins of those that a pair generates."""
    images = X.images
    found = {finest_blocks(images, [(0, x)]) for x in range(X.degree)}
    while True:
        joins = set()
        for one, two in combinations(found, 2):
            pairs = [(min(b), x) for system in (one, two) for b in system for x in b]
            joins.add(finest_blocks(images, pairs))
        if joins <= found:
            return found
        found |= joins


def expected_closed_sets(X: PermutationModule) -> list[frozenset[str]]:
    """The sets {K : K^U is not 0} for those U >= H for which each K^U is 0 or all of K^H."""
    components, labels = labelled_components(X)
    out = []
    for system in block_systems(X):
        mean = np.zeros((X.degree, X.degree))
        for block in system:
            rows = sorted(block)
            mean[np.ix_(rows, rows)] = 1 / len(rows)
        fixed = [round(float(np.trace(c.projector @ mean)), 6) for c in components]
        whole = [round(float(np.trace(c.projector)), 6) for c in components]
        if all(a in (0, b) for a, b in zip(fixed, whole, strict=True)):
            out.append(frozenset(K for K, a in zip(labels, fixed, strict=True) if a))
    return out


@pytest.mark.parametrize("name", ["S4", "D12", "SL(2,3)", "C3 x S3", "A5"])
def test_closed_sets_of_coset_modules_are_those_of_block_systems(name: str) -> None:
    """Theorem 12, also where H is not normal and where no set belongs to some subgroup U."""
    left_out = 0
    for X in tk.group(name).permutation_modules():
        if not 1 < X.degree < min(X.home.order, 25):
            continue
        expected = expected_closed_sets(X)
        assert len(set(expected)) == len(expected)  # one for each such U
        left_out += len(block_systems(X)) - len(expected)
        for activation, bias in (("relu", False), ("abs", False), ("tanh", True)):
            lattice = tk.closed_sets(X, activation, bias=bias)
            held = (d.get("simples", "") for _, d in lattice.nodes(data=True))
            found = {frozenset(split_names(text)) for text in held if text}
            assert found == set(expected), (X, activation)
    assert left_out or name == "C3 x S3"


@pytest.mark.parametrize("name", ["C3", "C6", "S3", "D8", "Q8", "A4", "S4"])
def test_maps_between_simples_exist_exactly_along_kernels(name: str) -> None:
    """Theorem 14: every map that commutes is a mean of g h(g^-1 v) u; tents show that one is not 0.

    The mean over the group of h(v) u, h piecewise linear and u in K, commutes with G, and every
    map that commutes is a sum of such means.
    """
    G = tk.group(name)
    edges = set(tk.pl_hom_preorder(G).edges)
    rng = np.random.default_rng(14)
    for source in G.simples:
        for target in G.simples:
            L, K = (G.simple_module(s.label) for s in (source, target))
            elements = all_elements(L, K)
            w = rng.normal(size=L.degree)
            orbit = np.array([A @ w for A, _ in elements])
            apart = np.abs(orbit - w).sum(1)
            radius = apart[apart > 1e-9].min(initial=1.0) / 2
            centres, slopes = rng.normal(size=5), rng.normal(size=(5, L.degree))

            def tent(v: NDArray[np.float64]) -> float:
                return max(0.0, 1 - float(np.abs(v - w).sum()) / radius)  # noqa: B023

            def roof(v: NDArray[np.float64]) -> float:
                return float((slopes @ v + centres).max())  # noqa: B023

            def mean(h, u, v):
                return sum(h(A.T @ v) * (B @ u) for A, B in elements)  # noqa: B023

            u = rng.normal(size=K.degree)
            for h in (tent, roof):
                for v in (w, orbit[-1] + radius / 9, rng.normal(size=L.degree)):
                    A, B = elements[-1]
                    assert np.allclose(mean(h, u, A @ v), B @ mean(h, u, v))
                    if (source.label, target.label) not in edges:
                        assert np.allclose(mean(h, u, v), 0)
            if (source.label, target.label) in edges:
                assert np.abs(mean(tent, u, w)).max() > 1e-3
