"""The lattices on the page: their elements, the Galois connection, exports."""

from __future__ import annotations

import json

import pytest

import toolkit as tk
from toolkit.text import split_names

DRAWN = ".view-lattice:not([aria-busy]) .lattice-node"


def _open(open_page, fragment, **options):
    page = open_page(fragment, **options)
    page.locator(DRAWN).first.wait_for()
    return page


def _node(page, side, index):
    return page.locator(f'.lattice-node[data-side="{side}"][data-index="{index}"]')


def _downloaded(page, words):
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=words).click()
    return download.value.path().read_text()


@pytest.mark.parametrize(
    ("fragment", "name", "module", "activation", "bias"),
    [
        ("group=S4", "S4", None, "relu", False),
        ("group=SmallGroup(96,64)&f=tanh", "SmallGroup(96,64)", None, "tanh", False),
        ("group=S4&module=H2a&f=abs", "S4", "H2a", "abs", False),
        ("group=C8&f=sigmoid", "C8", None, "sigmoid", False),
        ("group=C8&f=square", "C8", None, "square", False),
        ("group=Q8&f=elu&bias=1", "Q8", None, "elu", True),
        ("group=C8&f=tanh&bias=1", "C8", None, "tanh", True),
        ("group=C8&f=cos", "C8", None, "cos", False),
    ],
)
def test_both_lattices_are_the_library_s(open_page, fragment, name, module, activation, bias):
    page = _open(open_page, f"#{fragment}&view=lattice")
    data = json.loads(_downloaded(page, "Data (JSON)"))
    G = tk.group(name)
    normal = G.normal_subgroups().graph
    own = data["normal_subgroups"]
    assert {n["id"] for n in own["nodes"]} == set(normal)
    assert {(e["source"], e["target"]) for e in own["edges"]} == set(normal.edges)
    X = G.regular_module() if module is None else G.coset_module(module)
    closed = tk.closed_sets(X, activation, bias=bias)
    sets = {n: split_names(d.get("simples", "")) for n, d in closed.nodes(data=True)}
    own = data["closed_sets"]
    found = {n["id"]: split_names(n["simples"]) for n in own["nodes"]}
    missing = set(sets) - set(found)
    assert missing <= {"{}"}, "only the empty set below all others is left out"
    assert found == {n: s for n, s in sets.items() if n not in missing}
    kept = {(a, b) for a, b in closed.edges if a not in missing}
    assert {(e["source"], e["target"]) for e in own["edges"]} == kept
    for node in own["nodes"]:
        if node["id"] != "{}":
            expected = closed.nodes[node["id"]].get("normal_subgroup")
            assert node.get("normal_subgroup") == expected


def test_the_connection_is_drawn_there_and_back(open_page):
    page = _open(open_page, "#group=S4&view=lattice")
    assert page.locator(".lattice-node").count() == 8
    words = page.locator(".lattice-panel").inner_text()
    assert "one to one: 4 normal subgroups, 4 non-empty closed sets." in words
    _node(page, "normal", 1).hover()
    page.locator(".lattice-galois g").first.wait_for()
    assert page.locator(".lattice-galois g").count() == 2
    kept = page.locator(".lattice-node:not(.out)").evaluate_all(
        "all => all.map(n => n.getAttribute('aria-label'))"
    )
    assert kept == ["N1, normal subgroup of order 4, C2 x C2", "closed set {L0, L1, L2}"]
    words = page.locator(".lattice-panel").inner_text()
    assert "the same subgroup" in words
    assert "are a closed set" in words


@pytest.mark.slow
def test_a_normal_subgroup_is_selected_everywhere(open_page):
    page = _open(open_page, "#group=S4&view=lattice")
    _node(page, "normal", 2).click()
    page.locator(".lattice-node.selected").wait_for()
    assert "normal=N2" in page.evaluate("location.hash")
    page.get_by_role("link", name="Interaction graph").first.click()
    page.locator(".graph-box.above").first.wait_for()
    over = page.locator(".graph-box.above").evaluate_all("all => all.map(b => b.dataset.members)")
    assert sorted(over) == ["L0", "L1"]


def test_a_closed_set_leads_to_the_graph(open_page):
    page = _open(open_page, "#group=S4&view=lattice")
    _node(page, "closed", 1).click()
    page.get_by_role("link", name="This set in the interaction graph").click()
    page.locator(".graph-closure").wait_for()
    assert "{L0, L1} is closed" in page.locator(".closure-words").inner_text()


def test_keys_move_along_covers_and_to_the_other_lattice(open_page):
    page = _open(open_page, "#group=S4&view=lattice")
    page.locator('.lattice-node.normal[tabindex="0"]').focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.locator(".lattice-node.selected").wait_for()
    assert "normal=N1" in page.evaluate("location.hash")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.side") == "closed"


def test_a_simple_marks_what_it_lies_over(open_page):
    page = _open(open_page, "#group=S4&view=lattice&simple=L2")
    marked = page.locator(".lattice-node.above").evaluate_all(
        "all => all.map(n => n.dataset.side + n.dataset.index)"
    )
    assert marked == ["normal0", "normal1", "closed2", "closed3"]


def test_the_python_code_makes_both(open_page):
    page = _open(open_page, "#group=S4&view=lattice&module=H2a&f=abs")
    names = {}
    exec(_downloaded(page, "Python code"), names)
    assert set(names["normal"]) == {"N0", "N1", "N2", "N3"}
    X = tk.group("S4").coset_module("H2a")
    assert set(names["closed"]) == set(tk.closed_sets(X, "abs"))


def test_pictures_and_tables_leave_the_page(open_page):
    page = _open(open_page, "#group=C8&view=lattice")
    tex = _downloaded(page, "LaTeX (TikZ)")
    assert tex.count("\\node") == 8
    assert tex.count("{") == tex.count("}")
    assert "<text" in _downloaded(page, "Picture (SVG)")
    rows = _downloaded(page, "Table (CSV)").splitlines()
    assert len(rows) == 1 + 8


def test_a_phone_sees_both(open_page):
    page = _open(open_page, "#group=S4&view=lattice", width=360, height=740, touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    _node(page, "normal", 1).tap()
    page.locator(".lattice-galois g").first.wait_for()
