"""The filter language: what it means, and that mistakes are shown where they are."""

from __future__ import annotations

import pytest

from toolkit.catalog.query.find import condition_sql, find_statement, known_table
from toolkit.catalog.schema import TABLES
from toolkit.errors import QueryError


@pytest.mark.parametrize(
    ("text", "sql", "values"),
    [
        ("abelian", 't."abelian"', ()),
        ("not abelian", '(NOT t."abelian")', ()),
        ("order <= 60", '(t."order" <= ?)', (60,)),
        ("order == 60", '(t."order" = ?)', (60,)),
        ("order != 60", '(t."order" <> ?)', (60,)),
        ("4 < order <= 60", '(? < t."order" AND t."order" <= ?)', (4, 60)),
        ("ABELIAN or perfect".lower(), '(t."abelian" OR t."perfect")', ()),
        ("abelian AND NOT perfect", '(t."abelian" AND (NOT t."perfect"))', ()),
        ("order in (4, 8)", '(t."order" IN (?, ?))', (4, 8)),
        ("order not in (4)", '(NOT (t."order" IN (?)))', (4,)),
        ("description like 'C%'", '(t."description" LIKE ?)', ("C%",)),
        ('description glob "it\'s"', '(t."description" GLOB ?)', ("it's",)),
        ("description = 'it''s'", '(t."description" = ?)', ("it's",)),
        ("order % 2 = 0", '((t."order" % ?) = ?)', (2, 0)),
        ("order % number = 0", '((t."order" % nullif(t."number", 0)) = ?)', (0,)),
        ("order % 0 is null", '((t."order" % nullif(?, 0)) IS NULL)', (0,)),
        ("subgroup_classes is null", '(t."subgroup_classes" IS NULL)', ()),
        ("subgroup_classes is not null", '(NOT (t."subgroup_classes" IS NULL))', ()),
        ("'2' in abelian_invariants", 'list_contains(t."abelian_invariants", ?)', ("2",)),
        ("order between 3 and 5", '((? <= t."order") AND (t."order" <= ?))', (3, 5)),
        ("-order < -1.5e1", '((-t."order") < (-?))', (15.0,)),
        ("abelian = true", '(t."abelian" = TRUE)', ()),
    ],
)
def test_meaning(text, sql, values):
    assert condition_sql("groups", text) == (sql, values)


def test_precedence():
    # 'and' binds closer than 'or', '*' closer than '+', 'not' looser than comparisons
    sql, _ = condition_sql("groups", "abelian or perfect and simple")
    assert sql == '(t."abelian" OR (t."perfect" AND t."simple"))'
    sql, values = condition_sql("groups", "order + 2 * number - 1 > 0")
    assert sql == '(((t."order" + (? * t."number")) - ?) > ?)'
    assert values == (2, 1, 0)
    assert condition_sql("groups", "not order = 1")[0] == '(NOT (t."order" = ?))'


def test_columns_of_groups_in_other_tables():
    assert condition_sql("edges", "abelian")[0] == 'g."abelian"'
    assert condition_sql("modules", "simples > 1")[0] == '(t."simples" > ?)'
    assert condition_sql("modules", "groups.simples > 1")[0] == '(g."simples" > ?)'
    joined = find_statement("abelian", table="edges").sql
    assert "LEFT JOIN" in joined
    assert "ORDER BY t.place, t.place_2" in joined
    assert "JOIN" not in find_statement("order < 3", table="edges").sql


@pytest.mark.parametrize(
    ("text", "character", "words"),
    [
        ("order <=", 9, "found the end"),
        ("order <= and abelian", 10, "found 'and'"),
        ("ordr < 5", 1, "did you mean order"),
        ("order < 5 and nosuchthing", 15, "there are group, order"),
        ("order < '5'", 7, "a number is compared with a text"),
        ("description = 5", 13, "texts in quotes"),
        ("order", 1, "write > 0"),
        ("description", 1, "write == '...'"),
        ("abelian_invariants", 1, "this is a list"),
        ("not abelian and", 16, "found the end"),
        ("(abelian", 9, "expected ')'"),
        ("abelian)", 8, "found ')'"),
        ("order < 5; drop table groups", 10, "unexpected ';'"),
        ("order / 2 < 3", 7, "no division"),
        ("order & 2", 7, "write 'and'"),
        ("description like C", 18, "a pattern in quotes"),
        ("order like 'C'", 7, "like compares texts"),
        ("order in 5", 10, "a column of lists"),
        ("order in (5, 'x')", 7, "a number is compared with a text"),
        ("order in ()", 11, "found ')'"),
        ("'2' in order", 8, "order is no list"),
        ("2 in abelian_invariants", 3, "a text is compared with a number"),
        ("order = 9223372036854775808", 9, "below 2^63"),
        ("order = 1e999", 9, "too large"),
        ("order = 5x", 10, "a name cannot follow"),
        ("abelian < true", 9, "cannot be compared with <"),
        ("exponent == order extra", 19, "found 'extra'"),
        ("order 5", 7, "write == to compare"),
        ("description == 'open", 16, "no closing quote"),
        ("edges.order < 3", 1, "only 'groups.'"),
        ("groups. < 3", 9, "a column of groups"),
        ("order is 5", 10, "'null'"),
        ("order not 5", 11, "after 'not'"),
        ("order between 3", 16, "'and' and the upper bound"),
        ("abelian + 1 > 2", 1, "a number is required"),
        ("(" * 100 + "abelian", 61, "inside each other"),
        ("not " * 100 + "abelian", 241, "inside each other"),
        ("-" * 100 + "order < 0", 61, "inside each other"),
    ],
)
def test_mistakes_are_shown_where_they_are(text, character, words):
    with pytest.raises(QueryError) as caught:
        condition_sql("groups", text)
    message = str(caught.value)
    assert f"at character {character}:" in message
    assert words in message
    assert "\n" not in message
    assert caught.value.position == character - 1
    assert f"^{text[character - 1 : character + 20]}" in message


def test_too_long():
    with pytest.raises(QueryError, match="at most 10000 characters"):
        condition_sql("groups", "abelian or " * 1000)


def test_values_of_a_chain_are_bound_in_order():
    sql, values = condition_sql("groups", "1 < order + 2 < 3 + 4")
    assert sql == '(? < (t."order" + ?) AND (t."order" + ?) < (? + ?))'
    assert values == (1, 2, 2, 3, 4)
    sql, values = condition_sql("groups", "order * 2 not between 3 and 4 + 5")
    assert sql == '(NOT ((? <= (t."order" * ?)) AND ((t."order" * ?) <= (? + ?))))'
    assert values == (3, 2, 2, 4, 5)


def test_chains_inside_chains_do_not_grow_without_end():
    text = "true"
    for _ in range(6):
        text = f"true == ({text}) == true"
    assert condition_sql("groups", text)[0].count("TRUE") == 190
    with pytest.raises(QueryError, match="chained comparisons inside each other"):
        condition_sql("groups", "true == (" * 50 + "true" + ") == true" * 50)


def test_the_first_mistake_is_named():
    with pytest.raises(QueryError, match="no column 'ordr'; did you mean order"):
        condition_sql("groups", "ordr < 5 and and")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"columns": "nosuch"}, "no column 'nosuch'"),
        ({"columns": "order desc"}, "belongs to the order"),
        ({"columns": "order, order"}, "only once"),
        ({"columns": ""}, "the name of a column"),
        ({"columns": "order; 1"}, "unexpected ';'"),
        ({"order_by": "order upwards"}, "found 'upwards'"),
        ({"order_by": "order) --"}, "found '\\)'"),
        ({"limit": -1}, "0 or more"),
        ({"limit": 1.5}, "0 or more"),
        ({"limit": True}, "0 or more"),
        ({"table": "edge"}, "did you mean edges"),
        ({"table": "groups; drop"}, "no table of this name"),
    ],
)
def test_mistakes_beside_the_condition(arguments, words):
    with pytest.raises(QueryError, match=words):
        find_statement("abelian", **arguments)


def test_nothing_of_the_text_reaches_sql():
    evil = "x'); DROP TABLE groups; --"
    quoted = evil.replace("'", "''")
    statement = find_statement(f"description == '{quoted}'", limit=3)
    assert evil not in statement.sql
    assert statement.parameters == (evil, 3)


def test_every_table_is_known():
    for table in TABLES:
        assert known_table(table.name) is table
        for column in table.columns:
            assert f't."{column.name}"' in condition_sql(table.name, f"{column.name} is null")[0]
