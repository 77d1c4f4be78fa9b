"""Simples of different orbits without a character table: against groups that have one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import toolkit as tk
from toolkit.modules.common_simples import OrbitOfPoints, with_common_labels

if TYPE_CHECKING:
    from toolkit.modules.permutation_module import PermutationModule


def _cycles(*lengths: int) -> list[int]:
    images: list[int] = []
    for length in lengths:
        start = len(images)
        images += [start + (i + 1) % length for i in range(length)]
    return images


def _as_local(X: PermutationModule, number: int) -> OrbitOfPoints:
    """An orbit whose simples have names of their own, in another order."""
    table = X.spherical_table
    simples = tuple(
        replace(s, label=f"V{i}") for i, s in enumerate((*table.simples[:1], *table.simples[:0:-1]))
    )
    table = replace(table, simples=simples if number % 2 else tuple(_named(table.simples)))
    return OrbitOfPoints(X.images, table, X.record.base)


def _named(simples: tuple) -> list:  # type: ignore[type-arg]
    return [replace(s, label=f"V{i}") for i, s in enumerate(simples)]


@pytest.mark.parametrize("name", ["S4", "D12", "Q8", "C2 x C4", "SL(2,3)", "SmallGroup(21,1)"])
def test_the_same_simples_as_by_characters(name: str) -> None:
    G = tk.group(name)
    orbits = [X for X in G.permutation_modules() if X.degree < G.order][-6:]
    tables = with_common_labels(name, "a sum", [_as_local(X, i) for i, X in enumerate(orbits)])
    common: dict[str, str] = {}
    for X, table in zip(orbits, tables, strict=True):
        by_row = {s.row: s.label for s in X.spherical_table.simples}
        for s in table.simples:
            assert common.setdefault(s.label, by_row[s.row]) == by_row[s.row]
    assert len(set(common.values())) == len(common)
    assert sorted(common, key=lambda x: int(x[1:])) == [f"V{i}" for i in range(len(common))]


def test_one_permutation() -> None:
    """Cycles 5, 7, 8, 9: the trivial simple four times, thirteen others once; theory of C2520."""
    X = tk.group([_cycles(5, 7, 8, 9)]).natural_module()
    assert X.home.order == 2520
    assert list(X.multiplicities.values()) == [4] + [1] * 13
    graph = tk.interaction_graph(X, "relu")
    data = [d for _, d in graph.nodes(data=True)]
    assert sum(d["dimension"] * d["multiplicity"] for d in data) == 29
    # in each cycle the rule of its own cyclic group; a simple of one cycle is 0 on the others
    orders = {n: d["action_order"] for n, d in graph.nodes(data=True)}
    for L, K in ((a, b) for a in graph for b in graph):
        m, k = orders[L], orders[K]
        expected = L == K or (m // 2 if m % 2 == 0 else m) % k == 0
        assert graph.has_edge(L, K) == expected, (L, K)
    assert set(tk.closure(X, {"V0"}, "relu")) == {"V0"}
    assert X.rank == tk.hom_dimension(X, X) == 4 * 4 + 4 + 6 + 7 + 8


def test_common_quotients_and_the_fourier_basis() -> None:
    """Cycles 6, 6 and 9: C3 acts in all three, C2 in the first two."""
    X = tk.group([_cycles(6, 6, 9, 7, 11, 13)]).natural_module()
    assert X.home.order == 18018
    counts = sorted(X.multiplicities.values(), reverse=True)
    assert counts[:4] == [6, 3, 2, 2]
    assert sum(counts) == 6 + 3 + 2 + 2 + (9 - 3) // 2 + 3 + 5 + 6
    basis = tk.fourier_basis(X)
    assert basis.certificate.worst < 1e-12
    assert np.allclose(basis.matrix @ basis.matrix.T, np.eye(52))
    assert {label for label, _, _ in basis.row_labels} == set(X.multiplicities)


def test_orbits_of_a_large_symmetric_group() -> None:
    """S30 on points twice, and by its sign: the standard simple is the same one."""
    n = 30
    rotation = [*((i + 1) % n for i in range(n)), *(n + (i + 1) % n for i in range(n)), 61, 60]
    swap = [1, 0, *range(2, n), n + 1, n, *range(n + 2, 2 * n), 61, 60]
    X = tk.group([rotation, swap]).natural_module()
    assert X.home.table_within_reach() is None
    assert X.multiplicities == {"V0": 3, "V1": 1, "V2": 2}
    small = tk.interaction_graph(X, "abs", compressed=True)
    assert tk.blow_up(small).edges == tk.interaction_graph(X, "abs").edges
