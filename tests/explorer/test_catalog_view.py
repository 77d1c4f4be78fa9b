"""The catalog view in Chromium: questions, pages, pictures, files, groups that share a graph."""

from __future__ import annotations

import csv
import io
import json
import re

import pyarrow.parquet as pq
import pytest
from catalog_page import ask, cells, count, drawn, find
from explorer_page import settled
from sample_site import CATALOG

from toolkit.catalog.schema import TABLES


@pytest.mark.slow
def test_a_condition_is_answered_as_python_answers_it(open_page, catalog):
    page = open_page("#view=catalog")
    drawn(page)
    every = find(catalog, None)
    assert count(page) == f"All {len(every)} rows"
    ask(page, "not abelian and simples_H > 0")
    wanted = find(catalog, "not abelian and simples_H > 0")
    assert count(page) == f"{len(wanted)} of {len(every)} rows"
    assert [row[0] for row in cells(page)] == wanted.column("group")[:50]
    assert "find=not%20abelian%20and%20simples_H" in page.evaluate("location.hash")
    page.go_back()
    page.get_by_text(f"All {len(every)} rows").wait_for()


@pytest.mark.slow
def test_names_of_groups_are_names(open_page, catalog):
    page = open_page("#view=catalog&table=simples&find=group%20%3D%20'S4'")
    drawn(page)
    wanted = catalog.find("group = 'S4'", "simples", columns="label, dimension, type, kernel")
    head = page.locator(".catalog-rows thead").inner_text().split()
    assert head[:4] == ["group", "description", "order", "label"]
    assert [row[3] for row in cells(page)] == wanted.column("label")
    assert {row[1] for row in cells(page)} == {"S4"}


@pytest.mark.parametrize(
    ("condition", "words", "marked"),
    [
        ("ordr < 5", "groups has no column 'ordr'; did you mean order or centre_order?", "o"),
        ("order <", "expected a column, a number or a text in quotes, found the end.", "\u00a0"),
        ("order < 5; drop table groups", "unexpected ';'; one condition is enough.", ";"),
        ("<img src=x onerror=alert(1)>", "expected a column, a number or a text in quotes", "<"),
        ("description = '<b>' or", "found the end.", "\u00a0"),
    ],
)
@pytest.mark.slow
def test_mistakes_are_said_where_they_are(open_page, condition, words, marked):
    page = open_page("#view=catalog")
    drawn(page)
    ask(page, condition)
    problem = page.get_by_role("alert")
    assert words in problem.inner_text()
    assert page.locator(".catalog-mark mark").inner_text() == marked
    field = page.get_by_label("Condition", exact=True)
    assert field.get_attribute("aria-invalid") == "true"
    assert page.locator(".catalog-result").is_hidden()
    assert page.locator("img[src=x]").count() == 0
    ask(page, "order < 5")
    assert page.get_by_role("alert").count() == 0
    assert field.get_attribute("aria-invalid") is None
    assert len(cells(page)) == 5


def test_heads_sort_and_the_address_says_so(open_page, catalog):
    page = open_page("#view=catalog&find=order%20%3C%2013")
    drawn(page)
    head = page.locator(".catalog-rows thead")
    head.get_by_role("button", name="exponent").click()
    drawn(page)
    wanted = find(catalog, "order < 13", order_by="exponent").column("group")
    assert [row[0] for row in cells(page)] == wanted
    head.get_by_role("button", name="exponent").click()
    drawn(page)
    wanted = find(catalog, "order < 13", order_by="exponent desc").column("group")
    assert [row[0] for row in cells(page)] == wanted
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("exponent")
    head.get_by_role("button", name="simples", exact=True).click(modifiers=["Shift"])
    drawn(page)
    wanted = find(catalog, "order < 13", order_by="exponent desc, simples").column("group")
    assert [row[0] for row in cells(page)] == wanted
    assert "sort=exponent%20desc,%20simples" in page.evaluate("location.hash")


def test_pages(open_page, catalog):
    page = open_page("#view=catalog&table=simples&page=3")
    drawn(page)
    wanted = find(catalog, None, "simples", columns="group, label")
    got = [(row[0], row[3]) for row in cells(page)]
    assert got == [(r["group"], r["label"]) for r in wanted[100:150]]
    page.get_by_role("link", name="Last page").click()
    drawn(page)
    last = -(-len(wanted) // 50)
    assert f"page {last} of {last}" in page.locator(".catalog-pages").inner_text()
    assert cells(page)[-1][3] == wanted[-1]["label"]
    page.get_by_role("link", name="Page before").click()
    drawn(page)
    assert f"page={last - 1}" in page.evaluate("location.hash")


def test_columns_are_chosen(open_page, catalog):
    page = open_page("#view=catalog&table=modules&find=rank%20%3D%202")
    drawn(page)
    page.get_by_text("Columns", exact=True).click()
    page.get_by_label("abelian", exact=True).check()
    drawn(page)
    page.get_by_label("subgroup_normal").uncheck()
    drawn(page)
    head = page.locator(".catalog-rows thead").inner_text().split()
    assert head[-1] == "abelian"
    assert "subgroup_normal" not in head
    wanted = find(catalog, "rank = 2", "modules", columns="group, abelian")
    assert [(row[0], row[-1]) for row in cells(page)] == [
        (r["group"], "yes" if r["abelian"] else "no") for r in wanted
    ][:50]
    assert "columns=group,description,order" in page.evaluate("location.hash")


def test_a_row_opens_its_group(open_page):
    page = open_page(
        "#view=catalog&table=simples&find=group%20%3D%20'S4'%20and%20dimension%20%3D%202"
    )
    drawn(page)
    page.locator(".catalog-rows tbody td").nth(4).click()
    settled(page)
    page.locator("body[data-view=group]").wait_for()
    assert page.evaluate("location.hash") == "#group=SmallGroup(24,12)&simple=L2"


def test_rows_by_the_keyboard(open_page):
    page = open_page("#view=catalog&find=order%20%3D%2024")
    drawn(page)
    page.locator(".catalog-rows tbody a").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "SmallGroup(24,3)"
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.textContent") == "SmallGroup(24,2)"


@pytest.mark.parametrize("table", ["groups", "simples", "graphs", "contents"])
def test_files_hold_the_whole_answer(open_page, catalog, table, tmp_path):
    condition = {"groups": "order > 3", "simples": "dimension > 1 and not solvable or type = 'H'",
                 "graphs": "nodes > 2", "contents": "fixed > 1"}[table]  # fmt: skip
    page = open_page(f"#view=catalog&table={table}&find={condition}&sort=order%20desc")
    drawn(page)
    columns = page.evaluate(
        "[...document.querySelectorAll('.catalog-sort')].map((one) => one.firstChild.textContent)"
    )
    wanted = find(catalog, condition, table, columns=columns, order_by="order desc")
    assert len(wanted) > 50
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Parquet").click()
    path = tmp_path / "page.parquet"
    waiting.value.save_as(path)
    assert waiting.value.suggested_filename == f"plrep-{table}.parquet"
    found = pq.read_table(path)
    assert found.column_names == list(wanted.columns)
    assert found.to_pylist() == list(wanted)
    for field, other in zip(found.schema, wanted.to_arrow().schema, strict=True):
        assert str(field.type).partition("<")[0] == str(other.type).partition("<")[0], field.name
    import duckdb

    with duckdb.connect() as connection:
        answer = connection.sql(f"SELECT * FROM read_parquet('{path}')").fetchall()
    assert answer == [tuple(row.values()) for row in wanted]
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV").click()
    waiting.value.save_as(tmp_path / "page.csv")
    text = (tmp_path / "page.csv").read_bytes().decode()
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == columns
    assert len(rows) == len(wanted) + 1
    for row, values in zip(rows[1:], wanted, strict=True):
        for cell, value in zip(row, values.values(), strict=True):
            if isinstance(value, bool):
                assert cell == str(value).lower()
            elif isinstance(value, float):
                assert float(cell) == value
            elif isinstance(value, list):
                assert cell.split() == value
            else:
                assert cell == ("" if value is None else str(value))


def test_the_menu_exports_rows_code_and_picture(open_page, catalog, tmp_path):
    page = open_page("#view=catalog&find=order%20%3C%209%20and%20not%20abelian&sort=simples%20desc")
    drawn(page)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Python code").click()
    waiting.value.save_as(tmp_path / "rows.py")
    code = (tmp_path / "rows.py").read_text()
    place = {}
    exec(compile(code, "rows.py", "exec"), place)
    assert place["rows"].column("group") == [row[0] for row in cells(page)]
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Data (JSON)").click()
    waiting.value.save_as(tmp_path / "rows.json")
    data = json.loads((tmp_path / "rows.json").read_text())
    wanted = find(catalog, "order < 9 and not abelian", order_by="simples desc")
    assert [r["group"] for r in data["rows"]] == wanted.column("group")
    assert data["condition"] == "order < 9 and not abelian"
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Picture (SVG)").click()
    waiting.value.save_as(tmp_path / "picture.svg")
    assert "<circle" in (tmp_path / "picture.svg").read_text()


# groups that share a graph, tables that are not here --------------------------------------------


def test_groups_that_share_the_graph_of_a_group(open_page, catalog):
    page = open_page("#group=S4&view=catalog&f=abs")
    drawn(page)
    section = page.locator(".catalog-shared")
    section.locator("table").wait_for()
    names = set(find(catalog, None, columns="group").column("group"))
    for activation in ("abs", "relu", "tanh"):
        section.get_by_role("radio", name=activation).check()
        settled(page)
        section.get_by_text(f"under {activation} has").wait_for()
        same = [g for g in catalog.same_graph("SmallGroup(24,12)", activation).column("group")
                if g in names and g != "SmallGroup(24,12)"]  # fmt: skip
        own = section.locator(".catalog-shared-words > .catalog-names a")
        assert [a.get_attribute("title") for a in own.all()] == same
        assert f"f={activation}" in page.evaluate("location.hash") or activation == "relu"


def test_the_largest_classes(open_page, catalog):
    page = open_page("#view=catalog")
    drawn(page)
    table = page.locator(".catalog-shared table")
    table.wait_for()
    wanted = catalog.graph_classes("relu", "regular", CATALOG)
    first = table.locator("tbody tr").first.locator("th, td").all_inner_texts()
    assert first[:3] == [str(len(wanted[0].members)), str(wanted[0].nodes), str(wanted[0].edges)]
    table.locator("tbody a").first.click()
    settled(page)
    panel = page.locator(".catalog-shared .panel a")
    panel.first.wait_for()
    assert [a.get_attribute("title") for a in panel.all()] == list(wanted[0].groups)
    assert "class=0" in page.evaluate("location.hash")


def test_tables_that_are_not_here_say_what_to_type(open_page):
    page = open_page("#view=catalog&table=edges&find=share%20%3C%200.1%20and%20source%20=%20target")
    drawn(page)
    text = page.locator(".catalog-problem").inner_text()
    assert "The table edges is not on this page" in text
    assert 'plrep find "share < 0.1 and source = target" --table edges' in text
    page.get_by_label("Condition", exact=True).fill("shar < 0.1")
    page.get_by_label("Condition", exact=True).press("Enter")
    page.get_by_text("did you mean share").wait_for()


def test_a_table_that_does_not_exist(open_page):
    page = open_page("#view=catalog&table=nosuch")
    settled(page)
    text = page.locator(".catalog-problem").inner_text()
    assert "The catalog has no table nosuch" in text


def test_every_table_can_be_chosen(open_page):
    page = open_page("#view=catalog")
    drawn(page)
    options = (
        page.get_by_label("Table", exact=True)
        .locator("option")
        .evaluate_all("all => all.map((one) => one.value)")
    )
    assert options == [t.name for t in TABLES if t.name not in ("provenance", "attempts")]
    for name in options:
        page.get_by_label("Table", exact=True).select_option(name)
        drawn(page)
        settled(page)
        shown = page.locator(".catalog-problem:not([hidden]), .catalog-rows caption")
        page.locator(".catalog-question").get_by_text("A row is").wait_for()
        assert name in " ".join(shown.all_text_contents())


def test_help_puts_a_column_into_the_condition(open_page):
    page = open_page("#view=catalog")
    drawn(page)
    page.get_by_text("How to write a condition").click()
    names = page.locator(".catalog-help")
    names.get_by_role("button", name="faithful_simples").click()
    field = page.get_by_label("Condition", exact=True)
    assert field.input_value() == "faithful_simples"
    page.keyboard.type(" = 0 and ")
    names.get_by_role("button", name="abelian", exact=True).click()
    assert field.input_value() == "faithful_simples = 0 and abelian"
    page.keyboard.press("Enter")
    drawn(page)
    assert "of" in count(page)


def test_a_narrow_phone(open_page):
    page = open_page("#view=catalog&find=order%20%3C%209", width=360, height=740, touch=True)
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_field_shows_what_is_asked(open_page):
    """A change of table empties it, and Enter asks even in a field that looks the same."""
    page = open_page("#view=catalog")
    drawn(page)
    field = page.get_by_label("Condition", exact=True)
    field.fill("order = 24")
    field.press("Enter")
    drawn(page)
    assert "find=" in page.evaluate("location.hash")
    field.focus()
    page.evaluate("document.querySelector('.catalog-question select').value = 'simples'")
    page.evaluate(
        "document.querySelector('.catalog-question select').dispatchEvent(new Event('change'))"
    )
    drawn(page)
    assert field.input_value() == ""
    assert "find=" not in page.evaluate("location.hash")
    field.fill("groups.order = 24")
    field.press("Enter")
    drawn(page)
    assert "find=" in page.evaluate("location.hash")
    assert not count(page).startswith("All")


def test_an_empty_answer_says_what_the_tables_cover(open_page):
    page = open_page("#view=catalog")
    drawn(page)
    ask(page, "order = 7919")
    said = page.locator(".catalog-none").inner_text()
    assert "No row satisfies this condition. The tables of this page cover" in said


def test_a_number_that_a_page_cannot_hold_is_refused(open_page):
    page = open_page("#view=catalog")
    drawn(page)
    ask(page, "order = 9007199254740993 - 9007199254740992")
    assert "above 2^53" in page.get_by_role("alert").inner_text()


def test_enter_in_the_search_box_asks_the_catalog(open_page):
    page = open_page("")
    for typed, condition in (
        ("order 24", "order%20==%2024"),
        ("not abelian, order 24", "not%20abelian%20and%20order%20=%2024"),
    ):
        page.get_by_role("combobox", name=re.compile("^Group")).fill(typed)
        page.keyboard.press("Enter")
        page.locator("body[data-view=catalog]").wait_for()
        page.wait_for_function(
            "wanted => decodeURIComponent(location.hash).includes(decodeURIComponent(wanted))",
            arg=condition,
        )
        page.evaluate("location.hash = ''")
        page.locator("body[data-view=start]").wait_for()
