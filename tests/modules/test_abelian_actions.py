"""Commuting permutations: forms and spherical tables by formula, beside lists of elements."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

import toolkit as tk
from toolkit.groups.abelian_actions import AbelianAction, commute
from toolkit.groups.closed_forms.commuting import form_of_commuting_permutations, smith_form
from toolkit.library.structure import GroupStructure
from toolkit.modules.abelian_spherical import abelian_spherical_table
from toolkit.modules.gsets.orbitals import Orbitals
from toolkit.modules.permutation_character import multiplicities_of_character
from toolkit.modules.spherical import check_spherical_table


def _cycles(*lengths: int) -> list[int]:
    images: list[int] = []
    for length in lengths:
        start = len(images)
        images += [start + (i + 1) % length for i in range(length)]
    return images


def _orbit(chosen: random.Random, k: int, lengths: list[int]) -> np.ndarray:
    """An abelian group of translations on a grid: k random ones, on their orbit of 0."""
    grid = np.array(np.unravel_index(np.arange(math.prod(lengths)), lengths)).T
    images = np.array(
        [
            np.ravel_multi_index(((grid + step) % lengths).T, lengths)
            for step in [[chosen.randrange(n) for n in lengths] for _ in range(k)]
        ]
    )
    points = [0]
    for point in points:
        points += [p for p in dict.fromkeys(images[:, point].tolist()) if p not in points]
    points.sort()
    return np.searchsorted(points, images[:, points])


def _together(orbits: list[np.ndarray]) -> np.ndarray:
    shifts = np.cumsum([0] + [o.shape[1] for o in orbits])
    return np.concatenate([o + s for o, s in zip(orbits, shifts, strict=False)], axis=1)


def _elements(images: np.ndarray) -> set[tuple[int, ...]]:
    found = {tuple(range(images.shape[1]))}
    new = list(found)
    for x in new:
        for g in images:
            y = tuple(g[list(x)].tolist())
            if y not in found:
                found.add(y)
                new.append(y)
    return found


def _element_order(x: tuple[int, ...]) -> int:
    y, n = x, 1
    while y != tuple(range(len(x))):
        y, n = tuple(x[i] for i in y), n + 1
    return n


@pytest.mark.parametrize("seed", range(8))
def test_the_form_of_commuting_permutations(seed: int) -> None:
    chosen = random.Random(seed)
    k = chosen.randrange(1, 4)
    orbits = [
        _orbit(chosen, k, chosen.choice([[4, 6], [2, 2, 3], [8], [9], [5, 2]])) for _ in "123"
    ]
    images = _together(orbits)
    form = form_of_commuting_permutations("G", images.tolist())
    assert form is not None
    elements = _elements(images)
    assert form.order == len(elements)
    assert form.invariants == tuple(d for d in form.invariants if d > 1)
    for small, large in zip(form.invariants, form.invariants[1:], strict=False):
        assert large % small == 0
    assert [form.element_data(x) for x in form.generators] == [{"perm": g} for g in images.tolist()]
    orders = sorted(_element_order(x) for x in elements)
    assert sorted(form.table().element_orders) == orders
    # a representative and the order of its class
    table = form.table()
    for data, order in zip(table.representatives, table.element_orders, strict=True):
        assert isinstance(data, dict)
        assert tuple(data["perm"]) in elements
        assert _element_order(tuple(data["perm"])) == order


def test_permutations_that_do_not_commute() -> None:
    assert not commute(np.array([[1, 2, 0], [1, 0, 2]]))
    assert form_of_commuting_permutations("S3", [[1, 2, 0], [1, 0, 2]]) is None


def test_smith_form() -> None:
    chosen = random.Random(1)
    for _ in range(30):
        k, e = chosen.randrange(1, 5), chosen.choice([12, 30, 72])
        rows = [[chosen.randrange(e) for _ in range(k)] for _ in range(chosen.randrange(4))]
        diagonal, columns, inverse = smith_form(rows, k, e)
        identity = np.array(columns, dtype=object) @ np.array(inverse, dtype=object)
        assert identity.tolist() == np.eye(k, dtype=int).tolist()
        assert all(e % d == 0 for d in diagonal)
        for row in rows:  # in the span: coordinates divisible by the diagonal
            inside = [sum(x * c[i] for x, c in zip(row, columns, strict=True)) for i in range(k)]
            assert all(x % d == 0 for x, d in zip(inside, diagonal, strict=True))


@pytest.mark.parametrize("seed", range(6))
def test_spherical_tables_obey_the_laws(seed: int) -> None:
    chosen = random.Random(seed)
    images = _orbit(chosen, 2, chosen.choice([[4, 6], [2, 2, 3], [16], [9, 3], [5, 10]]))
    table = abelian_spherical_table(AbelianAction.of_images(images), "G", "X", images.shape[1])
    check_spherical_table(table)
    assert table.rank == Orbitals(images).count


def _images(element: object) -> list[int]:
    assert isinstance(element, dict)
    return list(element["perm"])


def _no_gap(*_: object) -> object:
    raise AssertionError("GAP was asked")


@pytest.mark.parametrize(
    ("lengths", "nodes", "edges"),
    [((5, 7, 8, 9), 14, 49), ((16, 9, 25, 49), 49, 728), ((100, 101), 101, None)],
)
def test_one_permutation_takes_no_gap(
    lengths: tuple[int, ...], nodes: int, edges: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GroupStructure, "ask", _no_gap)
    X = tk.group([_cycles(*lengths)]).natural_module()
    graph = tk.interaction_graph(X, "relu")
    assert len(graph) == nodes
    # in each cycle the rule of its cyclic group, as the lengths have no common factor
    rule = 0
    for n in lengths:
        orders = [n // math.gcd(n, a) for a in range(n // 2 + 1)]
        for i, m in enumerate(orders):
            closed = m // 2 if m % 2 == 0 else m
            # from the trivial simple to itself is one edge for all cycles
            rule += sum(i == j or closed % k == 0 for j, k in enumerate(orders) if i or j)
            rule -= sum(i > 0 and closed % k == 0 for j, k in enumerate(orders) if not j)
    trivial = len(graph.in_edges("V0"))
    assert len(graph.edges) == rule + trivial
    assert edges is None or len(graph.edges) == edges
    assert X.rank == X.hom_basis(X).count == tk.hom_dimension(X, X)


def test_two_commuting_permutations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GroupStructure, "ask", _no_gap)
    chosen = random.Random(3)
    images = _together([_orbit(chosen, 2, n) for n in ([4, 6], [9, 9], [25], [4, 6], [12, 2])])
    X = tk.group(images.tolist()).natural_module()
    assert X.home.order == len(_elements(images)) > 1300
    ends = X.endomorphism_dimensions(set(X.multiplicities))
    total = sum(m * m * ends[label] for label, m in X.multiplicities.items())
    assert total == Orbitals(images).count == X.rank
    assert tk.interaction_graph(X, "abs").number_of_nodes() == len(X.multiplicities)


def test_the_group_s_own_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Order 272: labels of the group, against the character of the module."""
    monkeypatch.setattr(GroupStructure, "ask", _no_gap)
    G = tk.group([_cycles(16, 17)])
    X, table = G.natural_module(), G.character_table
    fixed = tuple(sum(i == x for i, x in enumerate(_images(g))) for g in table.representatives)
    assert X.multiplicities == multiplicities_of_character(table, fixed)


def test_rank_of_a_large_abelian_group() -> None:
    X = tk.group("AbelianGroup([200,200])").natural_module()
    assert X.rank == 402 == tk.hom_dimension(X, X)
