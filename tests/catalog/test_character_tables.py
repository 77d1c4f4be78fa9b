"""Groups by their character tables, fields of characters, and values, against other routes."""

from __future__ import annotations

from itertools import combinations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import toolkit as tk
from toolkit.errors import InconsistentAnswerError, QueryError
from toolkit.groups.character_fields import character_fields
from toolkit.groups.class_functions.values_field import field_of_values
from toolkit.groups.table_hashes import powered_table_hash, table_hash

GROUPS = ("C1", "S4", "C7", "C15", "A5", "SmallGroup(63,1)", "Q8", "C40", "SmallGroup(96,3)")


def table(name):
    return tk.group(name).character_table


@pytest.mark.gap
@pytest.mark.parametrize("name", GROUPS)
def test_fields_against_automorphisms_tried_one_by_one(name):
    found = table(name)
    fields = character_fields(name, found.arrays)
    for i, character in enumerate(found):
        wanted = field_of_values(character.values)
        assert (wanted.conductor, wanted.degree) == (fields.conductors[i], fields.degrees[i])
    wanted = field_of_values(found.values)
    assert (wanted.conductor, wanted.degree) == (fields.conductor, fields.degree)


@pytest.mark.gap
def test_hashes_are_those_of_equivalent_tables():
    tables = [table(f"SmallGroup(16,{i})") for i in range(1, 15)]
    for a, b in combinations(tables, 2):
        assert powered_table_hash(a) != powered_table_hash(b)
        assert a.is_equivalent(b, power_maps=False) == (table_hash(a) == table_hash(b))
    assert len({table_hash(t) for t in tables}) == 11
    assert table_hash(table("S3")) == table_hash(table("D6"))


@pytest.mark.gap
def test_classes_of_tables_against_every_pair(catalog):
    names = catalog.find("order <= 16").column("group")
    tables = {name: table(name) for name in names}
    for power_maps in (False, True):
        found = catalog.table_classes(power_maps, "order <= 16", compare=True)
        assert sorted(g for c in found for g in c.groups) == sorted(names)
        place = {g: i for i, c in enumerate(found) for g in c.groups}
        for a, b in combinations(names, 2):
            same = tables[a].is_equivalent(tables[b], power_maps=power_maps)
            assert same == (place[a] == place[b])
        by_hash = catalog.table_classes(power_maps, "order <= 16")
        assert [c.groups for c in by_hash] == [c.groups for c in found]
        assert {c.compared for c in by_hash} == {False}
    assert found[0].groups == ("SmallGroup(1,1)",)  # with power maps all are different
    assert catalog.brauer_pairs() == []


@pytest.mark.gap
def test_values_and_what_the_catalog_says_of_them(catalog):
    values = catalog.character_values("S4")
    assert values == tuple(c.values for c in table("S4"))
    rows = {r["group"]: r for r in catalog.find(None)}
    for name in rows:
        values = catalog.character_values(name)
        wanted = field_of_values([v for row in values for v in row])
        row = rows[name]
        assert (row["conductor"], row["field_degree"]) == (wanted.conductor, wanted.degree)
        assert (row["real"], row["rational"]) == (wanted.is_real, wanted.is_rational)
        for simple in catalog.rows_of(name, "simples"):
            own = table(name).simple(simple["label"]).constituents[0]
            wanted = field_of_values(values[own])
            assert (simple["conductor"], simple["field_degree"]) == (
                wanted.conductor,
                wanted.degree,
            )
    with pytest.raises(QueryError, match="not in the catalog"):
        catalog.character_values("SmallGroup(60,5)")


@pytest.mark.gap
@pytest.mark.parametrize("value", [None, "00"])
def test_missing_and_wrong_hashes(copied_folder, value):
    path = copied_folder / "groups.parquet"
    rows = pq.read_table(path)
    at = rows.column_names.index("powered_table_hash")
    field = rows.schema.field(at)
    pq.write_table(rows.set_column(at, field, pa.array([value] * len(rows), field.type)), path)
    with tk.catalog.open(copied_folder, unchecked=True) as catalog:
        if value is None:
            assert catalog.character_values("C2") == ((1, 1), (1, -1))
            with pytest.raises(QueryError, match=r"has no hash .* sweep again"):
                catalog.brauer_pairs()
        else:
            with pytest.raises(InconsistentAnswerError, match="the hash 00"):
                catalog.character_values("C2")
