"""The layer view in Chromium: weights, orbitals and the Fourier basis, and equal to Python."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest
from explorer_exports import data_of, drawn, exported, state_of
from sample_site import GROUPS

import toolkit as tk

ENTRY = ".layer-entry"


def middle_of(page, row, column, rows, columns):
    """Return where an entry of the matrix is on the screen."""
    box = page.locator(".panel-layer canvas").bounding_box()
    margin = 18
    side = min((box["width"] - margin - 2) / columns, (box["height"] - margin - 2) / rows)
    left = box["x"] + margin + max(0, (box["width"] - margin - side * columns) / 2)
    return left + side * (column + 0.5), box["y"] + margin + side * (row + 0.5)


@pytest.mark.parametrize(
    ("group", "source", "target"),
    [
        ("C8", "regular", "regular"),
        ("S4", "H6a", "H4a"),
        ("A5", "H2a", "H5a"),
        ("Q8", "H2a", "regular"),
    ],
)
@pytest.mark.slow
def test_weights_are_those_of_python(open_page, group, source, target):
    page = open_page(f"#group={group}&view=layer&module={source}&to={target}")
    G = tk.group(GROUPS[group])
    X, Y = (
        G.regular_module() if text == "regular" else G.coset_module(text)
        for text in (source, target)
    )
    basis = tk.layer_basis(X, Y)
    sentence = page.locator(".layer-sentence").inner_text()
    entries = f"{Y.degree} × {X.degree} = {X.degree * Y.degree:,} entries share {basis.dimension} "
    assert entries in sentence
    assert "differ" not in sentence
    assert f"is {basis.dimension}." in page.locator(".layer-side").inner_text()
    assert data_of(page)["labels"] == basis.label_matrix.tolist()
    rows = list(csv.reader(io.StringIO(exported(page, "Table (CSV)"))))
    assert np.array_equal(np.array(rows[1:], dtype=int)[:, 1:], basis.label_matrix)


def test_the_rank_of_the_record_is_shown(open_page):
    page = open_page("#group=S4&view=layer&module=H6a")
    assert page.locator(".layer-sentence").inner_text().endswith("the rank of X is 2.")


@pytest.mark.slow
def test_an_entry_under_the_pointer_shows_its_orbital(open_page):
    page = open_page("#group=S4&view=layer&module=H6a", height=1300)
    page.mouse.move(*middle_of(page, 2, 1, 4, 4))
    drawn(page)
    words = page.locator(ENTRY).inner_text()
    assert words.startswith("Entry (2, 1): weight w1.")
    assert "12 entries: a suborbit of 3 points in each of 4 rows" in words
    assert "own transpose" in words
    page.mouse.click(*middle_of(page, 0, 0, 4, 4))
    assert state_of(page)["weight"] == "0"
    page.get_by_role("button", name=re.compile("^w0")).click()
    assert "weight" not in state_of(page)


def test_keys_move_over_the_entries(open_page):
    page = open_page("#group=C8&view=layer")
    page.locator(".panel-layer canvas").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    words = page.locator(ENTRY).inner_text()
    basis = tk.layer_basis(tk.group(GROUPS["C8"]).regular_module())
    assert words.startswith(f"Entry (1, 1): weight w{basis.label_matrix[1, 1]}.")
    assert state_of(page)["weight"] == str(basis.label_matrix[1, 1])


def test_the_other_module_is_chosen_and_the_address_holds_it(open_page):
    page = open_page("#group=A5&view=layer&module=H2a")
    page.get_by_label("to Fun(Y)").select_option("H6a")
    assert state_of(page)["to"] == "H6a"
    assert "10 × 30" in page.locator(".layer-sentence").inner_text()
    page.reload()
    page.locator(".layer-sentence").wait_for()
    assert "10 × 30" in page.locator(".layer-sentence").inner_text()


def test_points_stand_along_the_cycles_of_a_generator(open_page):
    page = open_page("#group=Q8&view=layer&module=regular")
    plain = data_of(page)
    page.get_by_label("order of the points").select_option("cycles")
    assert state_of(page)["order"] == "cycles"
    assert data_of(page) == plain  # only the picture changes


def test_one_simple_of_the_basis_is_chosen(open_page):
    page = open_page("#group=S4&view=layer&module=regular")
    canvas = page.locator(".panel-basis canvas")
    assert canvas.get_attribute("aria-label").startswith("24 functions")
    page.get_by_label("simples in the basis").select_option("L3")
    assert canvas.get_attribute("aria-label").startswith("9 functions")
    assert state_of(page)["simple"] == "L3"


def test_pictures_and_code_are_exported(open_page):
    page = open_page("#group=C8&view=layer")
    picture = exported(page, "Picture (SVG)")
    assert picture.count("<path") >= 64
    assert picture.count("<circle") >= 64
    assert "NaN" not in picture
    names = {}
    code = exported(page, "Python code").replace(
        "tk.nn.EquivariantLinear", "tk.layer_basis and print"
    )
    exec(code, names)
    assert names["basis"].dimension == 8


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_shows_it_without_scrolling_sideways(open_page, dark):
    page = open_page("#group=S4&view=layer", dark=dark, width=360, height=740)
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
