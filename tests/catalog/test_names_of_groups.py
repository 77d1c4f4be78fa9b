"""Queries of the catalog read names of groups as every other place does."""

from __future__ import annotations

import pytest

import toolkit as tk
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
        ("group = 'S7'", 8, "groups of order 1 to 255"),
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
