"""Closed forms against the general rule for the order, and integer arithmetic."""

from __future__ import annotations

import itertools
import math
import random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from toolkit.exact.residues import ResidueField, residue_field
from toolkit.exact.root_sums import sum_of_roots
from toolkit.groups.character_table import CharacterTable
from toolkit.groups.closed_forms.abelian import AbelianForm, product_form
from toolkit.groups.closed_forms.abelian_order import AbelianOrder
from toolkit.groups.closed_forms.cyclic_quotient import CyclicQuotientForm
from toolkit.groups.closed_forms.families import closed_form_of_name
from toolkit.groups.closed_forms.integers import invariant_factors
from toolkit.groups.closed_forms.recognised import abelian_class_order
from toolkit.groups.closed_forms.table_kernels import kernel_classes_of_table
from toolkit.groups.laws import check_character_table, check_facts
from toolkit.groups.parsing.grammar import parse_group

if TYPE_CHECKING:
    from collections.abc import Iterator


def _all_invariants(order: int, least: int = 1) -> Iterator[tuple[int, ...]]:
    """Invariant factors d1 | d2 | ... of the abelian groups of an order."""
    if order == 1:
        yield ()
    for d in range(2, order + 1):
        if order % d == 0 and d % least == 0:
            for rest in _all_invariants(order // d, d):
                yield (d, *rest)


SMALL = [i for n in range(1, 49) for i in _all_invariants(n)]
LARGER = [(2,) * 6, (3, 3, 9), (2, 4, 8), (4, 8, 2), (6, 12), (12, 24), (5, 25), (2, 2, 36), (100,)]


def _form(orders: tuple[int, ...]) -> AbelianForm:
    return product_form("G", orders, lambda x: {"word": list(x)}, paper_indices=False)


def test_how_many_abelian_groups_there_are() -> None:
    counts = [sum(1 for _ in _all_invariants(n)) for n in (1, 8, 16, 36, 64)]
    assert counts == [1, 3, 5, 4, 11]


@pytest.mark.parametrize("orders", [*SMALL[::3], *LARGER], ids=str)
def test_the_order_is_the_general_rule(orders: tuple[int, ...]) -> None:
    """Kernels and rows written down and sorted, as for any group."""
    table = _form(orders).table()
    assert list(table.element_orders) == sorted(table.element_orders)
    simples = [
        (s.action_order != 1, s.dimension, "RCH".index(s.type), s.action_order, s.kernel, s.row)
        for s in table.simples
    ]
    assert simples == sorted(simples)
    characters = []
    for row, indicator in zip(table.rows, table.indicators, strict=True):
        kernel = tuple(c for c, v in enumerate(row) if v == row[0])
        characters.append((len(kernel) < len(row), -indicator, -len(kernel), kernel, row))
    assert characters == sorted(characters)
    for s in table.simples:
        assert len(s.kernel) == s.kernel_order
        assert len(s.kernel) + len(s.minus) == s.plus_minus_order
        assert s.action_order * s.kernel_order == table.order


@pytest.mark.parametrize("orders", [(12,), (2, 4), (3, 9), (2, 2, 6)], ids=str)
def test_orthogonality_and_types_in_integers(orders: tuple[int, ...]) -> None:
    table = _form(orders).table()
    n = table.order
    field = residue_field(ResidueField.common_conductor(table.values))
    p = field.prime
    value = field.map(table.values)
    conjugate = field.map(table.values, galois=-1)
    for i, j in itertools.product(range(n), repeat=2):
        total = sum(
            value[a] * conjugate[b] for a, b in zip(table.rows[i], table.rows[j], strict=True)
        )
        assert total % p == (n if i == j else 0)
    squares = table.power_maps[2]
    for row, indicator in zip(table.rows, table.indicators, strict=True):
        assert sum(value[row[squares[c]]] for c in range(n)) % p == indicator * n % p
    for s in table.simples:
        summed = [sum(value[table.rows[i][c]] for i in s.constituents) % p for c in range(n)]
        assert [value[v] for v in s.row] == summed
        assert s.type == ("R" if table.indicators[s.constituents[0]] == 1 else "C")


@pytest.mark.parametrize("orders", [(2, 6), (4, 4), (3, 9), (2, 2, 4), (30,), ()], ids=str)
def test_a_shuffled_table_gets_the_same_labels(orders: tuple[int, ...]) -> None:
    table = _form(orders).table()
    n = len(table)
    shuffled = random.Random(1).sample(range(n), n)
    rows = np.array([table.rows[i] for i in range(n)])[:, shuffled]
    found = abelian_class_order(
        [table.element_orders[c] for c in shuffled], [None] * n, table.values, rows
    )
    classes = [shuffled[c] for c in found]
    place = {c: i for i, c in enumerate(classes)}
    for p, power in table.power_maps.items():
        assert tuple(place[power[c]] for c in classes) == table.power_maps[p]
    again = {tuple(table.rows[i][c] for c in classes) for i in range(n)}
    assert again == set(table.rows)


@pytest.mark.parametrize(
    "orders", [(1,), (12,), (2, 4), (6, 12), (2, 2, 2, 3), (4, 8, 8), (3, 9), (5, 25, 2)], ids=str
)
def test_kernel_classes_are_those_of_the_simples(orders: tuple[int, ...]) -> None:
    form = _form(orders)
    classes, simples = form.kernel_classes(), form.simples()
    assert len(classes) == form.kernel_class_count()
    assert sum(c.size for c in classes) == len(simples) == form.simple_count
    for c in classes:
        for s in simples[c.first : c.first + c.size]:
            assert s.kernel == simples[c.first].kernel
            assert (s.dimension, s.type, s.action_order) == (c.dimension, c.type, c.action_order)
            assert (s.kernel_order, s.plus_minus_order) == (c.kernel_order, c.plus_minus_order)
        L = simples[c.first]
        for number, other in enumerate(classes):
            K = simples[other.first]
            inside = set(L.kernel) <= set(K.kernel)
            assert (number in c.even) == (inside and set(L.minus) <= set(K.kernel))
            assert (number in c.odd) == (inside and bool(L.minus) and set(L.minus) <= set(K.minus))


def test_generators_have_their_coordinates() -> None:
    form = product_form("G", (4, 6, 10), lambda x: x)
    assert form.invariants == invariant_factors((4, 6, 10)) == (2, 2, 60)
    for g, x in enumerate(form.generators):
        assert form.element_data(x) == tuple(int(i == g) for i in range(3))


def test_large_orders_are_counted_not_listed() -> None:
    form = _form((10**9,))
    classes = form.kernel_classes()
    assert len(classes) == 100
    assert sum(c.size for c in classes) == form.simple_count == 10**9 // 2 + 1
    for c in classes:
        n = c.action_order
        phi = sum(1 for k in range(n) if math.gcd(k, n) == 1) if n <= 1000 else None
        assert phi is None or c.size == max(1, phi // 2)


def test_sums_of_roots_are_canonical() -> None:
    """Equal numbers have equal forms, decided in a large prime field; the conductor is least."""
    chosen = random.Random(2)
    for n in (1, 3, 8, 12, 15, 20, 36, 60, 105):
        field = residue_field(n, 1 << 61)
        seen: dict[int, object] = {}
        for _ in range(60):
            unit = chosen.choice([u for u in range(1, n + 1) if math.gcd(u, n) == 1])
            e, counts = chosen.randrange(n), {}
            while e not in counts:
                counts[e] = 1
                e = e * unit % n
            value = sum_of_roots(n, counts)
            residue = field.map([value])[0]
            root = field.map([sum_of_roots(n, {1: 1})])[0]
            assert residue == sum(pow(root, e, field.prime) for e in counts) % field.prime
            assert seen.setdefault(residue, value) == value


def test_the_table_says_what_it_is_like_any_other() -> None:
    table = _form((2, 4)).table()
    assert isinstance(table, CharacterTable)
    assert table.simple("L5").type == "C"
    assert table.degrees == (1,) * 8
    assert table.to_numpy().shape == (8, 8)
    assert abs(table.to_numpy() @ table.to_numpy().conj().T - 8 * np.eye(8)).max() < 1e-12


def test_arrays_stay_below_their_limits() -> None:
    order = AbelianOrder((2,) * 9)
    assert order.simples.shape == (512,)
    assert sorted(order.simples.tolist()) == list(range(512))


# -- an abelian normal subgroup with a cyclic quotient --------------------------------------------

METACYCLIC = ["D6", "D14", "D24", "D40", "Q16", "Dic3", "Dic6", "SD16", "QD32", "M4(2)", "M3(3)"]


def _named(name: str) -> CyclicQuotientForm:
    form = closed_form_of_name(parse_group(name))
    assert isinstance(form, CyclicQuotientForm)
    return form


@pytest.mark.parametrize("name", [*METACYCLIC, "D12 x C5", "C2 x Q8", "C3 x D10 x C4"])
def test_tables_with_a_cyclic_quotient_obey_the_laws(name: str) -> None:
    form = _named(name)
    table = form.table()
    check_character_table(table)
    assert len(table) == form.class_count
    assert table.order == form.order
    assert table.generator_class is not None
    assert len(form.kernel_classes()) == form.kernel_class_count()
    assert sum(c.size for c in form.kernel_classes()) == len(table.simples)


@pytest.mark.parametrize("n", [*range(3, 14), 16, 30])
@pytest.mark.parametrize("kind", ["D", "Dic"])
def test_kernels_by_divisors_are_those_of_the_table(kind: str, n: int) -> None:
    form = _named(f"D{2 * n}" if kind == "D" else f"Dic{n}")
    assert form.kernel_classes() == kernel_classes_of_table(form.table())
    facts = form.facts()
    assert facts is not None
    check_facts(form.name, facts)
    assert facts.classes == len(form.table()) == form.class_count
    assert form.name != "D10" or [s.paper_index for s in form.simples()] == [0, None, 1, 2]


@pytest.mark.parametrize("order", [16, 32, 64, 128])
def test_kernels_of_semidihedral_groups_are_those_of_the_table(order: int) -> None:
    form = _named(f"SD{order}")
    assert form.kernel_classes() == kernel_classes_of_table(form.table())
    assert form.class_count == len(form.table())


def test_a_permutation_is_a_cyclic_group() -> None:
    form = closed_form_of_name(parse_group("<(1,2,3)(4,5)>"))
    assert form is not None
    assert form.order == 6
    representatives = form.table().representatives
    assert representatives[0] == {"perm": [0, 1, 2, 3, 4]}
    assert {"perm": [1, 2, 0, 4, 3]} in representatives


def test_groups_without_a_form() -> None:
    for name in ("S3", "A4", "D8 x D8", "SmallGroup(8,2)", "<(1,2),(2,3)>"):
        assert closed_form_of_name(parse_group(name)) is None
