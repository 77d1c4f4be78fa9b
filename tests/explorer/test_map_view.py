"""The map view in Chromium: dragged, stepped, opened again, exported, and equal to Python."""

from __future__ import annotations

import csv
import io
import math
import re
from urllib.parse import unquote

import numpy as np
import pytest
from explorer_exports import data_of, drawn, exported, state_of
from explorer_page import settled, until

import toolkit as tk

S4 = "#group=S4&view=map&module=regular"


def python_of(data):
    G = tk.group(data["group"])
    X = {"regular": G.regular_module, "natural": G.natural_module}.get(
        data["module"], lambda: G.coset_module(data["module"])
    )()
    copies = {
        key: int(found[1]) - 1
        for key, side in (("w", "source_copy"), ("u", "target_copy"))
        if (found := re.fullmatch(r"copy (\d+) of (\d+)", data[side]))
    }
    return tk.pl_map(X, data["source"], data["target"], data["activation"], **copies)


def assert_is_python(data):
    phi = python_of(data)
    v = np.array(data["v"])
    assert np.abs(phi(v) - data["value"]).max() < 1e-8
    assert data["zero"]["is_zero"] == phi.is_zero
    assert data["source_copy"] == phi.source.copy
    if phi.is_piecewise_linear:
        assert len(data["hyperplanes"]) == len(phi.hyperplanes)
        assert np.abs(np.array(data["region"]["matrix"]) - phi.at(v)).max() < 1e-8
    return phi


@pytest.mark.parametrize(
    "address",
    [
        "#group=C8&view=map&source=L3&target=L0",
        "#group=C8&view=map&source=L3&target=L2&f=abs&v=0.3,-1.2",
        "#group=S4&view=map&module=H6a&source=L3&target=L3&f=hardtanh&v=1.5,-0.25,2",
        "#group=S4&view=map&module=regular&source=L2&target=L1&copy=0,0",
        "#group=Q8&view=map&source=L4&target=L0&v=0.25,0.5,-0.75,1",
        "#group=A5&view=map&module=H2a&source=L1&target=L3&v=0.1,0.7,-0.6",
        "#group=SmallGroup(96,64)&view=map",
    ],
)
@pytest.mark.slow
def test_what_is_shown_is_what_python_says(open_page, address):
    page = open_page(address)
    data = data_of(page)
    assert_is_python(data)
    sentence = page.locator(".map-sentence").inner_text()
    assert f"{data['source']} " in sentence
    assert f" {data['target']} " in sentence


def test_numbers_of_hyperplanes_and_regions_are_those_of_python(open_page):
    page = open_page("#group=S4&view=map&module=H6a&source=L3&target=L0")
    sentence = page.locator(".map-sentence").inner_text()
    assert sentence.endswith("4 breaking planes, 14 regions (exact).")


@pytest.mark.slow
def test_a_map_that_is_zero_says_so_and_why(open_page):
    page = open_page(f"{S4}&source=L2&target=L1&copy=0,0")
    assert "the map is zero (numerical)" in page.locator(".map-sentence").inner_text()
    assert "L2 (copy 1 of 2)" in page.locator(".map-sentence").inner_text()
    page.goto(page.url.replace("&copy=0,0", ""))
    settled(page)
    page.locator(".map-sentence", has_text="regions").wait_for()
    page.get_by_text("Why, part by part").click()
    assert "L1^U has dimension 1 of 1" in page.locator(".map-why").inner_text()


def test_v_is_dragged_and_the_address_follows(open_page):
    page = open_page("#group=C8&view=map&source=L3&target=L2")
    canvas = page.locator(".panel-source canvas")
    box = canvas.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(middle[0] + 40, middle[1])
    page.mouse.down()
    for step in range(20):
        page.mouse.move(middle[0] + 40 + 2 * step, middle[1] - 3 * step)
    page.mouse.up()
    drawn(page)
    data = data_of(page)
    angle = np.arctan2(data["v"][1], data["v"][0])
    assert angle == pytest.approx(np.arctan2(57, 78), abs=0.02)
    assert_is_python(data)
    assert state_of(page)["v"] == ",".join(f"{x:g}" for x in data["v"])
    until(page, lambda: "v=" in page.url)  # written a moment after the last move
    page.reload()
    settled(page)
    assert data_of(page) == data


def test_touch_moves_v(open_page):
    page = open_page("#group=C8&view=map", touch=True, width=390)
    page.locator(".panel-source canvas").scroll_into_view_if_needed()
    box = page.locator(".panel-source canvas").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.55)
    drawn(page)
    data = data_of(page)
    assert data["v"][0] < 0
    assert -0.25 < data["v"][1] < -0.05
    assert_is_python(data)


def test_arrow_keys_move_v_by_steps(open_page):
    page = open_page("#group=C8&view=map&v=0.5,0.5")
    page.locator(".panel-source canvas").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    drawn(page)
    data = data_of(page)
    assert data["v"] == [0.52, 0.4]
    assert "φ(v)" in page.locator(".map-value").inner_text()
    assert_is_python(data)


def test_v_is_typed(open_page):
    page = open_page("#group=C8&view=map&source=L3")
    field = page.get_by_label("v", exact=True)
    field.fill("(1/2, x)")
    field.press("Enter")
    assert field.get_attribute("aria-invalid") == "true"
    field.fill("( 0.25, −0.5 )")
    field.press("Enter")
    assert data_of(page)["v"] == [0.25, -0.5]
    assert state_of(page)["v"] == "0.25,-0.5"


def test_the_ball_turns_the_plane_and_the_address_brings_it_back(open_page):
    page = open_page("#group=A5&view=map&module=H2a&source=L1&target=L0&v=0.3,0.2,0.9")
    before = data_of(page)["plane"]
    page.locator(".panel-ball canvas").focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    box = page.locator(".panel-ball canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.7)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.6, steps=5)
    page.mouse.up()
    drawn(page)
    after = data_of(page)
    frame = np.array(after["plane"])
    assert np.abs(frame @ frame.T - np.eye(3)).max() < 1e-9
    assert np.abs(frame - before).max() > 0.1
    assert after["v"] == [0.3, 0.2, 0.9]
    until(page, lambda: state_of(page)["plane"] in unquote(page.url))
    page.reload()
    settled(page)
    assert data_of(page) == after
    page.get_by_label("plane", exact=True).select_option("e1e2")
    drawn(page)
    assert np.array_equal(data_of(page)["plane"], np.eye(3))
    assert state_of(page)["plane"] == "e1e2"


def test_source_target_and_copies_are_chosen(open_page):
    page = open_page(S4)
    page.get_by_label("from L").select_option("L2")
    page.get_by_label("copy of L").select_option("1")
    page.get_by_label("to K").select_option("L2")
    page.get_by_label("copy of K").select_option("0")
    state = state_of(page)
    assert (state["source"], state["target"], state["copy"]) == ("L2", "L2", "g,0")
    page.get_by_label("copy of L").select_option("1")
    assert state_of(page)["copy"] == "1,0"
    data = data_of(page)
    assert (data["source_copy"], data["target_copy"]) == ("copy 2 of 2", "copy 1 of 2")
    assert_is_python(data)
    page.get_by_role("button", name="Exchange L and K").click()
    assert "copy" not in state_of(page)


def test_every_target_at_once_and_all_maps(open_page):
    page = open_page("#group=C8&view=map&source=L3")
    page.get_by_role("radio", name="every target").check()
    page.get_by_label("scale each to length 1").check()
    assert state_of(page)["unit"] == "1"
    rows = list(csv.reader(io.StringIO(exported(page, "Table (CSV)"))))
    G = tk.group("SmallGroup(8,1)")
    X = G.regular_module()
    index = {simple.label: simple.paper_index for simple in G.simples}
    v = [float(x) for x in page.get_by_label("v", exact=True).input_value().split(",")]
    for label, k, *_, numbers in rows[1:]:
        value = tk.pl_map(X, "L3", label, "relu")(v)
        found = [float(x) for x in numbers.split()] or [0.0] * len(value)
        assert np.abs(value - found).max() < 1e-8
        assert k == ("" if index[label] is None else str(index[label]))
    page.get_by_role("link", name="L2", exact=True).click()
    assert state_of(page)["source"] == "L2"
    page.go_back()
    page.locator(".map-sentence", has_text="L3 → every").wait_for()
    drawn(page)
    page.locator(".panel-every canvas").scroll_into_view_if_needed()
    box = page.locator(".panel-every canvas").bounding_box()
    columns = math.ceil(5 / math.ceil(5 / round(box["width"] / 205)))
    page.mouse.click(box["x"] + box["width"] / columns * 1.5, box["y"] + 60)
    assert (state_of(page)["target"], state_of(page).get("picture")) == ("L1", None)
    page.get_by_role("radio", name="all maps").check()
    page.locator(".map-table[data-painted]").wait_for()
    assert page.locator(".map-table td.zero").count() == 11
    page.get_by_role("link", name="L4 to L1").click()
    data = data_of(page)
    assert (data["source"], data["target"]) == ("L4", "L1")


def test_the_table_of_maps_knows_the_zeros_of_python(open_page):
    page = open_page("#group=S4&view=map&module=regular&picture=table&f=abs")
    page.locator(".map-table[data-painted]").wait_for()
    X = tk.group("SmallGroup(24,12)").regular_module()
    edges = tk.interaction_graph(X, "abs").edges
    zeros = {
        tuple(link.get_attribute("aria-label").split(":")[0].split(" to "))
        for link in page.locator(".map-table td.zero a").all()
    }
    labels = list(X.multiplicities)
    assert zeros == {(a, b) for a in labels for b in labels if (a, b) not in edges}


def test_an_activation_without_pieces_has_values_and_no_regions(open_page):
    page = open_page("#group=C8&view=map&source=L3&target=L3&f=tanh")
    assert "tanh is not piecewise linear: no regions" in page.locator(".map-sentence").inner_text()
    assert data_of(page)["region"] is None
    assert_is_python(data_of(page))


def test_pictures_code_and_tables_are_exported(open_page, tmp_path, monkeypatch):
    page = open_page("#group=S4&view=map&module=H6a&source=L3&target=L0&v=0.5,0.25,1")
    picture = exported(page, "Picture (SVG)")
    assert picture.count("<path") > 20
    assert "NaN" not in picture
    rows = exported(page, "Table (CSV)").splitlines()
    assert rows[0].startswith('point,"<v, gw>"') or rows[0].startswith("point,")
    assert len(rows) == 5
    assert exported(page, "LaTeX (TikZ)").count("\\draw") >= 5
    data = data_of(page)
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(exported(page, "Python code"), names)
    assert np.abs(names["phi"](names["v"]) - data["value"]).max() < 1e-8
    assert (tmp_path / "map.svg").stat().st_size > 1000


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("picture", ["one", "every", "table"])
def test_a_phone_shows_it_without_scrolling_sideways(open_page, dark, picture):
    page = open_page(f"#group=S4&view=map&picture={picture}", dark=dark, width=360, height=740)
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_strange_addresses_show_something_sensible(open_page):
    page = open_page(
        "#group=S4&view=map&source=L99&target=%3Cb%3E&v=x,1&plane=1,2;3&copy=7&picture=q"
    )
    assert_is_python(data_of(page))
