"""The pictures of the catalog view in Chromium: bars and points, read and used."""

from __future__ import annotations

import re

import pytest
from catalog_page import cells, count, drawn, find
from explorer_page import settled


@pytest.mark.slow
def test_bars_count_rows_and_narrow(open_page, catalog):
    page = open_page("#view=catalog&table=simples&plot=bars:dimension")
    drawn(page)
    titles = page.locator(".catalog-bars title").all_text_contents()
    wanted = {}
    for value in find(catalog, None, "simples", columns="dimension").column("dimension"):
        wanted[value] = wanted.get(value, 0) + 1
    found = {}
    for title in titles:
        value, number = re.fullmatch(r"dimension (\d+): ([\d,]+) rows?", title).groups()
        found[int(value)] = int(number.replace(",", ""))
    assert found == wanted
    page.locator(".catalog-bars rect", has=page.locator("title", has_text="dimension 3:")).click()
    drawn(page)
    assert page.get_by_label("Condition", exact=True).input_value() == "dimension == 3"
    assert count(page).startswith(f"{wanted[3]:,} of")


@pytest.mark.slow
def test_long_scales_are_cut_into_steps_that_lose_nothing(open_page, catalog):
    for table, column in (
        ("classes", "size"),
        ("modules", "degree"),
        ("graphs", "self_share_mean"),
    ):
        page = open_page(f"#view=catalog&table={table}&plot=bars:{column}")
        drawn(page)
        conditions = page.evaluate(
            """async ([table, column]) => {
              const { barsOf } = await import("./js/catalog/plot_data.js");
              const values = [];
              for (let i = 0; i < 500; i += 1) values.push(column === "size" ? i * i % 997 : i / 7);
              const type = column === "size" ? "int64" : "float64";
              const made = { name: column, kind: "number", type, at: (row) => values[row] };
              const { bars } = await barsOf({ rows: 500 }, made);
              return [bars.reduce((sum, bar) => sum + bar.count, 0), bars.length];
            }""",
            [table, column],
        )
        assert conditions[0] == 500
        assert conditions[1] <= 60
        bars = page.locator(".catalog-bars title").all_text_contents()
        total = sum(int(re.search(r": ([\d,]+) row", t)[1].replace(",", "")) for t in bars)
        known = find(catalog, f"{column} is not null", table)
        assert total == len(known)
        page.close()


@pytest.mark.slow
def test_points_open_and_narrow(open_page, catalog):
    page = open_page("#view=catalog&plot=points:order:simples")
    drawn(page)
    pairs = {}
    for row in find(catalog, None, columns="order, simples, group"):
        pairs.setdefault((row["order"], row["simples"]), []).append(row["group"])
    titles = page.locator(".catalog-points title").all_text_contents()
    assert sorted(titles) == sorted(
        f"order {n}, simples {k}: {len(g)} row{'s' if len(g) > 1 else ''}"
        for (n, k), g in pairs.items()
    )
    several = next(k for k, g in pairs.items() if len(g) > 2)
    words = "order {}, simples {}:".format(*several)
    point = page.locator(".catalog-points circle", has=page.locator("title", has_text=words))
    point.dispatch_event("click")
    drawn(page)
    assert page.get_by_label("Condition", exact=True).input_value() == (
        "order == {} and simples == {}".format(*several)
    )
    assert [row[0] for row in cells(page)] == pairs[several]
    page.go_back()
    drawn(page)
    one = next(k for k, g in pairs.items() if g == ["SmallGroup(60,5)"])
    words = "order {}, simples {}: 1 row".format(*one)
    page.locator(
        ".catalog-points circle", has=page.locator("title", has_text=words)
    ).dispatch_event("click")
    settled(page)
    page.locator("body[data-view=group]").wait_for()
    assert "SmallGroup(60,5)" in page.evaluate("location.hash")


def test_pictures_by_their_controls_and_address(open_page):
    page = open_page("#view=catalog")
    drawn(page)
    plot = page.locator(".catalog-plot")
    plot.get_by_role("radio", name="Bars").check()
    drawn(page)
    plot.get_by_label("of", exact=True).select_option("largest_dimension")
    drawn(page)
    assert "plot=bars:largest_dimension" in page.evaluate("location.hash")
    plot.get_by_role("radio", name="Points").check()
    drawn(page)
    plot.get_by_label("up", exact=True).select_option("exponent")
    drawn(page)
    plot.get_by_label("logarithms").check()
    drawn(page)
    shown = page.locator(".catalog-axis-name").all_text_contents()
    assert any("exponent (logarithmic)" in text for text in shown)
    address = page.evaluate("location.hash")
    again = open_page(address)
    drawn(again)
    assert again.locator(".catalog-axis-name").all_text_contents() == shown
    assert again.get_by_label("logarithms").is_checked()


@pytest.mark.slow
def test_points_that_are_too_many_are_gathered_without_loss(page):
    """Cells hold every row once, and their conditions pick their rows."""
    found = page.evaluate(
        """async () => {
          const { pointsOf } = await import("./js/catalog/plot_data.js");
          const { compile } = await import("./js/catalog/find.js");
          const { readTable } = await import("./js/catalog/tables.js");
          const rows = 6000;
          const values = {
            x: Array.from({ length: rows }, (_, i) => 1 + (i * 7919) % 4001),
            y: Array.from({ length: rows }, (_, i) => ((i * 104729) % 9973) / 9973 + 0.001),
          };
          const column = (name, type) => ({
            name, type, kind: "number", meaning: "", values: values[name],
          });
          const columns = [column("x", "int64"), column("y", "float64")];
          const table = readTable({ table: "t", meaning: "", rows, columns });
          const [x, y] = columns.map((one) => ({ ...one, at: (row) => one.values[row] }));
          const out = [];
          for (const log of [false, true]) {
            const { points, cells } = await pointsOf({ rows }, x, y, log);
            let wrong = 0;
            for (const point of points) {
              const holds = compile(point.condition, table);
              let count = 0;
              for (let row = 0; row < rows; row += 1) count += holds(row) ? 1 : 0;
              if (count !== point.count) wrong += 1;
            }
            const total = points.reduce((sum, point) => sum + point.count, 0);
            out.push([cells, total, wrong, points.length]);
          }
          return out;
        }"""
    )
    for cells_made, total, wrong, number in found:
        assert cells_made
        assert total == 6000
        assert number < 4000
        assert wrong <= number // 100  # rounding at the edge of a cell of floats
