"""Laws that a careless change never reaches, because another one fails first."""

from __future__ import annotations

from dataclasses import replace

import pytest

import toolkit as tk
from toolkit.errors import InconsistentAnswerError
from toolkit.exact import Cyclotomic
from toolkit.modules.spherical import SphericalSimple, SphericalTable
from toolkit.testing import check_character_table, check_facts, check_spherical_table


def put(items, i, value):
    return (*items[:i], value, *items[i + 1 :])


@pytest.mark.parametrize("name", ["centre", "derived", "frattini", "fitting", "socle", "radical"])
def test_every_characteristic_subgroup(name):
    facts = tk.group("S4").facts
    broken = replace(facts, subgroups=replace(facts.subgroups, **{name: 7}))
    with pytest.raises(InconsistentAnswerError, match=f"order of the {name} to divide"):
        check_facts("S4", broken)


def test_tables_by_formula_are_replaced_like_others():
    table = tk.group("C12 x C2").character_table
    again = replace(table, group="another", simples=tuple(replace(s) for s in table.simples))
    assert len(again) == 24
    assert again != table
    assert replace(again, group=table.group) == table
    assert again.simple("L3").character.values == table.simple("L3").character.values


def test_power_maps_commute():
    table = tk.group("C7").character_table
    third = (0, 2, 1, 3, 4, 5, 6)
    with pytest.raises(InconsistentAnswerError, match="commute"):
        check_character_table(replace(table, power_maps={2: table.power_maps[2], 3: third}))


def test_degrees_divide_the_order():
    table = tk.group("S4").character_table
    values = (*table.values, *map(Cyclotomic.from_int, (4, 0)))
    four, two, none = len(values) - 2, values.index(Cyclotomic.from_int(2)), len(values) - 1
    rows = tuple(
        put(row, 0, first)
        for row, first in zip(table.rows, (four, two, two, none, none), strict=True)
    )
    with pytest.raises(InconsistentAnswerError, match="degrees that divide"):
        check_character_table(replace(table, values=values, rows=rows))


def test_as_many_simples_as_classes_up_to_inversion():
    table = tk.group("C7").character_table
    pair = table.simples[1]
    halves = tuple(
        replace(pair, type="R", dimension=1, constituents=(i,), row=table.rows[i])
        for i in pair.constituents
    )
    simples = (table.simples[0], *halves, *table.simples[2:])
    with pytest.raises(InconsistentAnswerError, match="classes up to inversion, 4"):
        check_character_table(replace(table, simples=simples))


def test_the_regular_module_has_the_right_dimension():
    table = tk.group("S4").character_table
    simples = put(table.simples, 4, replace(table.simples[4], dimension=4))
    with pytest.raises(InconsistentAnswerError, match="regular module"):
        check_character_table(replace(table, simples=simples))


def test_types_are_those_of_the_indicators():
    table = tk.group("Q8").character_table
    last = table.simples[4]
    row = table.rows[last.constituents[0]]
    simples = put(table.simples, 4, replace(last, type="R", dimension=2, row=row))
    with pytest.raises(InconsistentAnswerError, match="indicators of L4 of type R"):
        check_character_table(replace(table, simples=simples))


def test_phi_is_one_at_the_identity():
    table = tk.group("S4").natural_module().spherical_table
    last = table.simples[-1]
    simples = put(table.simples, -1 % len(table.simples), replace(last, row=last.row[::-1]))
    with pytest.raises(InconsistentAnswerError, match=r"phi\(1\) = 1"):
        check_spherical_table(replace(table, simples=simples))


def test_the_first_column_is_the_stabiliser_alone():
    trivial = SphericalSimple("L0", 1, "R", 1, 1, 2, (0, 0))
    one = Cyclotomic.from_int(1)
    sound = SphericalTable("C2", "a point", 2, 1, (trivial,), (one,), (2,), (), 1)
    check_spherical_table(replace(sound, simples=(replace(trivial, row=(0,)),)))
    with pytest.raises(InconsistentAnswerError, match="sum of m dim phi"):
        check_spherical_table(replace(sound, sizes=(1, 1)))
