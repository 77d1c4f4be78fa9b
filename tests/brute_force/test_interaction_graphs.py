"""Exact interaction graphs against numbers drawn at random: two routes that share nothing.

One route is the toolkit's: GAP's characters, spherical tables, integers. The other starts from
the generators' permutations of the points alone (tests/brute_force/bruteforce.py). Both must give
the same simples, and the same edges in both directions. Where the orbitals' algebra answers as well
(the second route in the text of toolkit.modules) it must give the same table.

``python tests/brute_force/test_interaction_graphs.py [order]`` runs everything and prints the
numbers.
"""

from __future__ import annotations

import collections
import random
import time
from dataclasses import dataclass, field

import bruteforce
import numpy as np
import pytest

import toolkit as tk
from toolkit.library.modules.orbital_route import spherical_table_by_orbitals

pytestmark = pytest.mark.gap

COUNTS = (1, 1, 1, 2, 1, 2, 1, 5, 2, 2, 1, 5, 1, 2, 1, 14, 1, 5, 1, 5, 2, 2, 1, 15)
GROUPS = [(order, i) for order, k in enumerate(COUNTS, start=1) for i in range(1, k + 1)]

ACTIVATIONS = {
    "relu": lambda v: np.maximum(v, 0.0),
    "abs": np.abs,
    "leaky_relu": lambda v: np.where(v > 0, v, 0.01 * v),
}
CASES = [(name, bias) for name in ACTIVATIONS for bias in (False, True)]


@dataclass
class Tally:
    """What was compared, and what came out."""

    groups: int = 0
    modules: int = 0
    pairs: int = 0  # ordered pairs of simples, each compared in every case of CASES
    simples: collections.Counter = field(default_factory=collections.Counter)
    disagreements: list[str] = field(default_factory=list)
    second_route: int = 0
    refused: collections.Counter = field(default_factory=collections.Counter)


def projectors(X, table):
    """Return p_L(x, y) = (m_L dim L / |X|) phi_L(x^-1 y) for each simple, from exact values."""
    labels = tk.orbitals(X).labels
    base = X.record.base
    column = np.full(int(labels.max()) + 1, -1)
    column[labels[base, list(table.points)]] = np.arange(len(table.points))
    assert sorted(column.tolist()) == list(range(len(table.points)))
    phi = table.to_numpy()
    scale = [s.multiplicity * s.dimension / X.degree for s in table.simples]
    return [c * row[column[labels]] for c, row in zip(scale, phi, strict=True)]


def compare(X, tally):
    """Compare one transitive module's simples and edges with brute force."""
    where = f"{X.group}, {X.name}"
    table = X.spherical_table
    components = bruteforce.isotypic_components(X.images)
    q = bruteforce.match_by_projectors(components, projectors(X, table))
    found = [table.simples[j] for j in q]
    for component, simple in zip(components, found, strict=True):
        theirs = (component.dimension_of_simple, component.multiplicity, component.type)
        ours = (simple.dimension, simple.multiplicity, simple.type)
        if theirs != ours:
            tally.disagreements.append(f"{where}: {simple.label} is {ours}, by force {theirs}")
        tally.simples[simple.type] += 1
    for name, bias in CASES:
        graph = tk.interaction_graph(X, name, bias=bias)
        edges = bruteforce.interaction_edges(X.images, ACTIVATIONS[name], bias, components)
        theirs = {(found[i].label, found[j].label) for i, j in edges}
        for pair in sorted(theirs ^ set(graph.edges)):
            side = "force" if pair in theirs else "exact"
            tally.disagreements.append(f"{where}, {name}, bias {bias}: {pair} only by {side}")
        rows = tk.transfer_matrix(X, name, bias=bias).sum(axis=1)
        if not np.allclose(rows, 1.0, rtol=0, atol=1e-10):
            tally.disagreements.append(f"{where}, {name}, bias {bias}: shares add up to {rows}")
    tally.modules += 1
    tally.pairs += len(components) ** 2


def entries(table):
    """Return what two equal spherical tables agree in, whatever the order of their values."""

    def entry(s):
        numbers = (s.dimension, s.type, s.multiplicity, s.action_order, s.kernel_order)
        return s.label, numbers, [table.values[v] for v in s.row]

    return [entry(s) for s in table.simples], table.sizes, table.points, table.rank


def compare_routes(group, X, tally):
    """Compare the first route's table with that of the orbitals' algebra."""
    images = tuple(tuple(row) for row in X.images.tolist())
    try:
        second = spherical_table_by_orbitals(group, X.backend.module, X.name, images)
    except tk.NotAvailable as refusal:
        tally.refused[refusal.reason] += 1
        return
    tally.second_route += 1
    if entries(second) != entries(X.spherical_table):
        tally.disagreements.append(f"{X.group}, {X.name}: the second route gives another table")


def examine(name, session, tally):
    """Compare everything about one group."""
    group = tk.group(name, session=session)
    for c in group.subgroup_classes():
        # the trivial subgroup once as a list of cosets, and once from the character table alone
        X = group.coset_module(c.generators) if c.order == 1 else group.coset_module(c)
        compare(X, tally)
        compare_routes(group, X, tally)
        if c.order == 1:
            R = group.regular_module()
            for name_, bias in CASES:
                one = tk.interaction_graph(X, name_, bias=bias)
                other = tk.interaction_graph(R, name_, bias=bias)
                if set(one.edges) != set(other.edges) or dict(one.nodes) != dict(other.nodes):
                    tally.disagreements.append(f"{group.name}: two graphs of the regular module")
    tally.groups += 1


def run(groups, session):
    tally = Tally()
    for order, index in groups:
        examine(f"SmallGroup({order},{index})", session, tally)
    return tally


@pytest.mark.parametrize("part", range(4))
@pytest.mark.quick_cases(1)
def test_sample(gap_session, part):
    sample = random.Random(20240800 + part).sample(GROUPS, 5)
    tally = run(sample, gap_session)
    assert not tally.disagreements
    assert tally.modules > 0


@pytest.mark.slow
@pytest.mark.parametrize("order", range(1, 25))
def test_all(gap_session, order):
    tally = run([g for g in GROUPS if g[0] == order], gap_session)
    assert tally.groups == COUNTS[order - 1]
    assert not tally.disagreements


def main(largest):
    """Run everything up to an order, and print the numbers."""
    total = Tally()
    start = time.perf_counter()
    with tk.Session(use_bundled=False) as session:
        for order, index in GROUPS:
            if order <= largest:
                examine(f"SmallGroup({order},{index})", session, total)
    print(f"{total.groups} groups, {total.modules} transitive modules")
    print(f"{total.pairs} ordered pairs of simples in each of {len(CASES)} cases")
    print(f"simples by type: {dict(total.simples)}")
    print(f"{len(total.disagreements)} disagreements", *total.disagreements[:20], sep="\n  ")
    print(f"second route: {total.second_route} modules agree; refused: {dict(total.refused)}")
    print(f"{time.perf_counter() - start:.0f} seconds")


if __name__ == "__main__":
    import sys

    main(int(sys.argv[1]) if len(sys.argv) > 1 else 24)
