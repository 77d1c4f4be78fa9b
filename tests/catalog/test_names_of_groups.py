"""Queries of the catalog read names of groups as every other place does."""

from __future__ import annotations

import pyarrow as pa
import pytest

import toolkit as tk
from toolkit.catalog.query.hints import note_on_names
from toolkit.catalog.query.names import catalog_names
from toolkit.catalog.query.results import Rows
from toolkit.errors import QueryError

S3, D8, S4 = "SmallGroup(6,1)", "SmallGroup(8,3)", "SmallGroup(24,12)"


@pytest.fixture(scope="module")
def catalog():
    with tk.catalog.open() as opened:
        yield opened


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("group = 'S3'", [S3]),
        ("group == 'D6'", [S3]),
        ("'SmallGroup(6,1)' = group", [S3]),
        ("groups.group = 'SL(2,2)'", [S3]),
        ("group in ('S3', 'D8', '24.12')", [S3, D8, S4]),
        ("group in ('C3 : C4')", ["SmallGroup(12,1)"]),
        ("order = 6 and group != 'S3'", ["SmallGroup(6,2)"]),
        ("order = 6 and not group = 'C3 x C2'", [S3]),
        ("group like 'SmallGroup(6,%'", [S3, "SmallGroup(6,2)"]),
    ],
)
def test_groups_are_compared_as_groups(catalog, condition, names):
    assert catalog.find(condition, columns="group").column("group") == names


def test_other_tables_and_columns(catalog):
    found = catalog.find("group = 'S4' and quotient = 'S3'", table="quotients", columns="group")
    assert found.column("group") == [S4]
    assert {r["group"] for r in catalog.find("group = 'S3'", table="simples")} == {S3}
    assert catalog.quotient_graph("group in ('S4', 'S3')").number_of_nodes() == 2


@pytest.mark.parametrize(
    ("condition", "position", "message"),
    [
        ("group = 'S7'", 8, "S7 is not in the catalog"),
        ("group = 'S7'", 8, "groups of the orders 1-255,257-383,385-511"),
        ("group = 'Foo'", 8, "no family of groups is called 'Foo'"),
        ("order < 9 and group in ('S3', 's3')", 30, "did you mean S3?"),
        ("group = 'C13 : C12'", 8, "SmallGroup(156,1), SmallGroup(156,7)"),
    ],
)
def test_one_sentence_instead_of_no_rows(catalog, condition, position, message):
    with pytest.raises(QueryError) as caught:
        catalog.find(condition)
    assert message in str(caught.value)
    assert caught.value.position == position


@pytest.mark.parametrize("name", ["S4", "24.12", "4T5", "PGL(2,3)", "S_4", "AGL(2,2)"])
def test_one_group_by_all_its_names(catalog, name):
    assert catalog.name_of(name) == S4
    assert catalog.graph(name).graph["group"] == catalog.graph(S4).graph["group"]


CALLED = "this catalog calls {} SmallGroup(6,1)"


@pytest.mark.parametrize(
    ("query", "sql", "words"),
    [
        ("SELECT * FROM groups WHERE \"group\"='S3'", True, CALLED.format("S3")),
        ("SELECT * FROM groups WHERE 'S3' = \"group\"", True, CALLED.format("S3")),
        ("SELECT * FROM groups WHERE \"group\" IN ('S3')", True, CALLED.format("S3")),
        ("group like 'S3'", False, CALLED.format("S3")),
        ("group glob 'S3'", False, CALLED.format("S3")),
        ("group like 'S_%3'", False, "the first group of this catalog is called SmallGroup(1,1)"),
        ("description = 'S_3'", False, "descriptions are compared as text here"),
        ("group < 'S3'", False, "compares names as text, letter by letter"),
        ("order = 7 and group = 'S3'", False, ""),
        ("SELECT * FROM groups WHERE \"group\" = 'SmallGroup(6,1)' AND false", True, ""),
    ],
)
def test_texts_that_are_no_names_of_the_catalog_are_noted(catalog, query, sql, words):
    found = catalog.sql(query) if sql else catalog.find(query)
    note = note_on_names(catalog, query, len(found), sql=sql)
    assert words in note
    assert bool(words) == bool(note)


def test_rows_that_are_found_need_no_note(catalog):
    found = catalog.find("group like 'SmallGroup(6,%'")
    assert note_on_names(catalog, "group like 'SmallGroup(6,%'", len(found), sql=False) == ""


class _Beyond:
    """A catalog of two groups without numbers, as far as names are looked up."""

    folder = "beyond"

    def __init__(self, rows):
        self.rows = rows

    def ask(self, sql, parameters=()):
        rows = [r for r in self.rows if "least" not in sql and r["order"] in (4080, *parameters)]
        if "number = ?" in sql:
            rows = []
        elif '"group" = ?' in sql:
            rows = [r for r in self.rows if r["group"] in parameters]
        elif "AS least" in sql:
            orders = [r["order"] for r in self.rows]
            rows = [{"least": min(orders), "most": max(orders)}]
        table = {key: [r.get(key) for r in rows] for key in (rows[0] if rows else ["group"])}
        return Rows(pa.table(table))


@pytest.mark.gap
def test_beyond_the_small_groups_library_simple_groups_are_compared_by_invariants():
    row = {"order": 4080, "abelian": False, "simple": True, "classes": 17}
    names = ("PSL(2,16)", "PrimitiveGroup(17,6)")
    rows = [{"group": name, **row, "abelian_invariants": []} for name in names]
    assert catalog_names(_Beyond(rows), "SL(2,16)") == list(names)
    assert catalog_names(_Beyond(rows), "PSL(2,16)") == list(names)


@pytest.mark.gap
def test_beyond_the_small_groups_library_others_are_said_to_be_compared_by_name():
    row = {"order": 6000, "abelian": False, "simple": False, "classes": 1503}
    rows = [{"group": "G", **row, "abelian_invariants": ["2", "2"]}]
    rows.append({"group": "H", **row, "abelian_invariants": ["4"]})
    with pytest.raises(QueryError, match="compared by name, and it has of this order G;"):
        catalog_names(_Beyond(rows), "D6000")
