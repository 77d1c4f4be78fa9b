"""Each law fails on a record that breaks it: one change, one law, one message."""

from __future__ import annotations

import random
from dataclasses import fields, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

import toolkit as tk
from toolkit.errors import InconsistentAnswerError
from toolkit.exact import Cyclotomic
from toolkit.exact.residues import fields_beyond
from toolkit.groups.character_table import CharacterTable
from toolkit.testing import (
    check_character_table,
    check_facts,
    check_spherical_table,
    check_subgroup_classes,
    check_table_of_marks,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.groups.facts import GroupFacts
    from toolkit.modules.spherical import SphericalTable

# bundled groups with all types, irrationalities, a centre, and power maps that matter
GROUPS = ("C1", "C2", "C7", "S4", "Q8", "D12", "SL(2,3)", "SL(2,5)", "A5", "PSL(2,7)", "C3 x C3")


@pytest.mark.parametrize("name", GROUPS)
def test_true_records_pass(name: str) -> None:
    G = tk.group(name)
    check_facts(name, G.facts)
    check_character_table(G.character_table)
    classes = G.subgroup_classes()
    check_subgroup_classes(name, G.order, classes)
    marks = G.table_of_marks()
    check_table_of_marks(name, G.order, marks.rows, marks.orders)
    for X in G.permutation_modules():
        check_spherical_table(X.spherical_table)


def facts(**changes: Any) -> Callable[[GroupFacts], GroupFacts]:
    def change(record: GroupFacts) -> GroupFacts:
        inner = {k[4:]: v for k, v in changes.items() if k.startswith("sub_")}
        outer = {k: v for k, v in changes.items() if not k.startswith("sub_")}
        return replace(record, subgroups=replace(record.subgroups, **inner), **outer)

    return change


@pytest.mark.parametrize(
    ("change", "law"),
    [
        (facts(order=0, id=None), "positive order"),
        (facts(sub_centre=5), "centre to divide"),
        (facts(sub_socle=7), "socle to divide"),
        (facts(abelian_invariants=(2, 2)), "abelian invariants"),
        (facts(abelian=True, nilpotent=True), "abelian exactly if the centre"),
        (facts(sub_centre=24, abelian=True), "abelian exactly if G'"),
        (facts(perfect=True), "perfect exactly"),
        (facts(nilpotent=True, solvable=False), "nilpotent groups to be solvable"),
        (facts(solvable=False), "solvable exactly"),
        (facts(exponent=5), "exponent to divide"),
        (facts(exponent=4), "prime divisors"),
        (facts(id=(23, 1)), "same order"),
        (facts(orbit_lengths=(3,)), "orbit lengths"),
        (facts(orbit_lengths=(5,), points=5), "orbit lengths"),
    ],
)
def test_facts(change: Callable[[GroupFacts], GroupFacts], law: str) -> None:
    with pytest.raises(InconsistentAnswerError, match=law):
        check_facts("S4", change(tk.group("S4").facts))


def test_facts_of_abelian_groups() -> None:
    record = tk.group("C4").facts
    with pytest.raises(InconsistentAnswerError, match="abelian groups to be nilpotent"):
        check_facts("C4", replace(record, nilpotent=False))
    with pytest.raises(InconsistentAnswerError, match=r"\|G\| classes"):
        check_facts("C4", replace(record, classes=3))


def swapped(items: tuple[Any, ...], i: int, j: int) -> tuple[Any, ...]:
    out = list(items)
    out[i], out[j] = out[j], out[i]
    return tuple(out)


def put(items: tuple[Any, ...], i: int, value: object) -> tuple[Any, ...]:
    return (*items[:i], value, *items[i + 1 :])


TABLE_CHANGES: list[tuple[str, Callable[[CharacterTable], CharacterTable], str]] = [
    ("S4", lambda t: replace(t, class_sizes=put(t.class_sizes, 1, 4)), "add up to"),
    ("S4", lambda t: replace(t, class_sizes=(1, 5, 4, 8, 6)), "divide"),
    ("S4", lambda t: replace(t, element_orders=swapped(t.element_orders, 0, 1)), "identity class"),
    ("S4", lambda t: replace(t, element_orders=put(t.element_orders, 3, 5)), "centraliser"),
    ("S4", lambda t: replace(t, power_maps={**t.power_maps, 2: (0, 0, 0, 3, 0)}), "2-th powers"),
    (
        "C7",
        lambda t: replace(t, power_maps={2: swapped(t.power_maps[2], 1, 2)}),
        "Galois",
    ),
    ("A4", lambda t: replace(t, power_maps={**t.power_maps, 2: (0, 0, 2, 3)}), "Galois"),
    ("S4", lambda t: replace(t, power_maps={2: (0, 0, 0, 3, 2)}), "indicator"),
    ("D12", lambda t: replace(t, power_maps={3: (0, 1, 2, 3, 0, 2)}), "generalised"),
    ("C7", lambda t: replace(t, inverse=tuple(range(7))), "conjugate"),
    ("C7", lambda t: replace(t, inverse=put(t.inverse, 1, 2)), "involution"),
    ("S4", lambda t: replace(t, rows=t.rows[:-1]), "as many characters"),
    ("S4", lambda t: replace(t, rows=put(t.rows, 4, t.rows[0])), "squares of degrees"),
    ("S4", lambda t: replace(t, rows=put(t.rows, 4, t.rows[3])), "orthogonal"),
    ("S4", lambda t: replace(t, rows=put(t.rows, 3, swapped(t.rows[3], 2, 3))), "orthogonal"),
    ("Q8", lambda t: replace(t, indicators=(1, 1, 1, 1, 1)), "roots of 1"),
    ("C7", lambda t: replace(t, indicators=(1, 0, 0, 0, 0, 1, -1)), "indicator"),
    ("C7", lambda t: replace(t, simples=t.simples[:-1]), "one real simple"),
    (
        "SL(2,3)",
        lambda t: replace(
            t, simples=put(t.simples, 4, replace(t.simples[4], row=t.simples[3].row))
        ),
        "from its constituents",
    ),
    (
        "Q8",
        lambda t: replace(t, simples=put(t.simples, 4, replace(t.simples[4], type="R"))),
        "constituents|dimension|indicators",
    ),
    (
        "S4",
        lambda t: replace(t, simples=put(t.simples, 2, replace(t.simples[2], plus_minus_order=6))),
        "inside",
    ),
    ("S4", lambda t: replace(t, simples=swapped(t.simples, 0, 1)), "L0 to be trivial"),
]


def plain(table: CharacterTable) -> CharacterTable:
    """Return a table with all fields there, not made by formula when they are asked for."""
    every = {f.name: getattr(table, f.name) for f in fields(CharacterTable)}
    return CharacterTable(**{**every, "rows": tuple(every["rows"])})


@pytest.mark.parametrize(("name", "change", "law"), TABLE_CHANGES)
def test_character_tables(
    name: str, change: Callable[[CharacterTable], CharacterTable], law: str
) -> None:
    with pytest.raises(InconsistentAnswerError, match=law):
        check_character_table(change(plain(tk.group(name).character_table)))


def halved(value: Cyclotomic) -> Cyclotomic:
    return value if value == Cyclotomic.from_int(1) else value.scaled(Fraction(1, 2))


def half() -> Cyclotomic:
    return Cyclotomic(1, ((0, 1, 2),))


SPHERICAL_CHANGES: list[tuple[Callable[[SphericalTable], SphericalTable], str]] = [
    (lambda t: replace(t, sizes=put(t.sizes, 1, t.sizes[1] + 1)), "add up to"),
    (lambda t: replace(t, degree=t.degree + 1), "multiplicities times dimensions"),
    (lambda t: replace(t, rank=t.rank + 1), "sum of m"),
    (lambda t: replace(t, sizes=(*t.sizes, 0)), "7 double cosets"),
    (lambda t: replace(t, simples=swapped(t.simples, 0, 1)), "trivial simple first"),
    (
        lambda t: replace(
            t, simples=put(t.simples, 1, replace(t.simples[1], row=t.simples[1].row[::-1]))
        ),
        "phi|orthogonal",
    ),
    (lambda t: replace(t, values=tuple(map(halved, t.values))), "orthogonal|absolute|phi"),
    (
        lambda t: replace(
            t, values=tuple(half() if str(v) not in ("1", "0", "-1") else v for v in t.values)
        ),
        "orthogonal|sum of m dim phi",
    ),
    (lambda t: replace(t, sizes=swapped(t.sizes, 1, len(t.sizes) - 1)), "orthogonal"),
    (
        lambda t: replace(
            t, simples=put(t.simples, 1, replace(t.simples[1], multiplicity=0, dimension=0))
        ),
        "multiplicities",
    ),
]


@pytest.mark.parametrize(("change", "law"), SPHERICAL_CHANGES)
def test_spherical_tables(change: Callable[[SphericalTable], SphericalTable], law: str) -> None:
    table = tk.group("S4").coset_module("H2b").spherical_table
    with pytest.raises(InconsistentAnswerError, match=law):
        check_spherical_table(change(table))


def test_values_beyond_one() -> None:
    table = tk.group("S4").natural_module().spherical_table
    values = tuple(Cyclotomic.from_int(3) if not v.is_integer else v for v in table.values)
    with pytest.raises(InconsistentAnswerError, match="absolute value"):
        check_spherical_table(replace(table, values=values))


def test_columns_that_are_no_subgroup() -> None:
    table = tk.group("PSL(2,7)").natural_module().spherical_table
    with pytest.raises(InconsistentAnswerError, match="between 0 and"):
        table.fixed_dimension(table.simples[1].label, [1])


def test_subgroup_classes() -> None:
    G = tk.group("S4")
    found = G.subgroup_classes()
    for broken in (
        replace(found, classes=put(found.classes, 1, replace(found.classes[1], order=5))),
        replace(found, classes=put(found.classes, 1, replace(found.classes[1], length=5))),
        replace(found, classes=put(found.classes, 1, replace(found.classes[1], class_counts=(9,)))),
        replace(found, classes=found.classes[1:]),
        replace(found, classes=found.classes[:-1]),
    ):
        with pytest.raises(InconsistentAnswerError):
            check_subgroup_classes("S4", 24, broken)


def test_tables_of_marks() -> None:
    marks = tk.group("S4").table_of_marks()
    for rows in (
        put(marks.rows, 2, (11, 0, 2)),
        put(marks.rows, 2, (12, 0, 0)),
        put(marks.rows, 2, (12, 0, 5)),
        put(marks.rows, 2, (12, 13, 2)),
        put(marks.rows, 2, (12, 0)),
    ):
        with pytest.raises(InconsistentAnswerError, match="marks"):
            check_table_of_marks("S4", 24, rows, marks.orders)


@pytest.mark.parametrize(
    "name", ["S4", "Q8", "D12", "SL(2,3)", "A5", "PSL(2,7)", "SmallGroup(24,3)"]
)
def test_any_other_value_breaks_a_law(name: str) -> None:
    """One entry, one power or one class of inverses changed at random: never believed."""
    table = tk.group(name).character_table
    chance = random.Random(name)
    k = len(table)
    for _ in range(40):
        i, c = chance.randrange(k), chance.randrange(k)
        other = chance.choice([v for v in range(len(table.values)) if v != table.rows[i][c]])
        with pytest.raises((InconsistentAnswerError, ValueError)):
            check_character_table(
                replace(table, rows=put(table.rows, i, put(table.rows[i], c, other)))
            )
        simple = chance.choice(table.simples)
        other = chance.choice([v for v in range(len(table.values)) if v != simple.row[c]])
        changed = replace(simple, row=put(simple.row, c, other))
        place = table.simples.index(simple)
        with pytest.raises((InconsistentAnswerError, ValueError)):
            check_character_table(replace(table, simples=put(table.simples, place, changed)))


def test_a_value_that_is_nearly_right_is_noticed() -> None:
    """Values that differ by a multiple of a prime, or in the last place of a double."""
    table = tk.group("A5").character_table
    golden = next(v for v in table.values if not v.is_rational)
    place = table.values.index(golden)
    for extra in (fields_beyond(5, 10**3, inner=5)[0].prime, 1 << 60):
        terms = ((golden.terms[0][0], golden.terms[0][1] + extra, 1), *golden.terms[1:])
        near = Cyclotomic(golden.conductor, terms)
        with pytest.raises(InconsistentAnswerError):
            check_character_table(replace(table, values=put(table.values, place, near)))
    half = Cyclotomic(5, tuple((e, n, 2) for e, n, _ in golden.terms))
    with pytest.raises(InconsistentAnswerError, match="algebraic integers"):
        check_character_table(replace(table, values=put(table.values, place, half)))
