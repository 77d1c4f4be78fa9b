"""The interaction graph on the page: what it shows, says, plays and exports."""

from __future__ import annotations

import csv
import json
import re
from xml.etree import ElementTree

import pytest
from explorer_page import settled

import toolkit as tk

DRAWN = ".view-graph:not([aria-busy])"


def _open(open_page, fragment, **options):
    page = open_page(fragment, **options)
    page.locator(f"{DRAWN} .graph-box").first.wait_for()
    return page


def _box(page, label):
    return page.locator(f'.graph-box[data-members="{label}"]')


def _state(page):
    return json.loads(page.evaluate("document.body.dataset.state"))


def _downloaded(page, words):
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=words).click()
    return download.value.path().read_text()


def _graph(name, activation="relu", *, bias=False):
    return tk.interaction_graph(tk.group(name).regular_module(), activation, bias=bias)


@pytest.mark.parametrize("name", ["S4", "C8", "Q8", "A5", "SmallGroup(96,64)"])
@pytest.mark.slow
def test_the_graph_of_each_kind_of_group(open_page, name):
    page = _open(open_page, f"#group={name}&view=graph")
    graph = _graph(name)
    shown = page.locator(".graph-box").evaluate_all("all => all.map(one => one.dataset.members)")
    assert sorted(shown) == sorted(graph)
    page.get_by_text(re.compile("edges as a table")).click()
    rows = page.locator("details.behind tbody tr")
    rows.first.wait_for()
    assert rows.count() == graph.number_of_edges()
    for i, (source, target, data) in enumerate(list(graph.edges(data=True))[:12]):
        cells = rows.nth(i).locator("th, td").all_inner_texts()
        assert cells[:5] == [
            source, target, data["parts"], str(data["reach"]), str(data["reach_of"]),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("fragment", "name", "activation", "bias"),
    [
        ("group=S4", "S4", "relu", False),
        ("group=Q8&f=sigmoid", "Q8", "sigmoid", False),
        ("group=C8&f=elu&bias=1", "C8", "elu", True),
        ("group=A5&f=square", "A5", "square", False),
    ],
)
def test_node_link_data_are_those_of_the_library(open_page, fragment, name, activation, bias):
    page = _open(open_page, f"#{fragment}&view=graph")
    data = json.loads(_downloaded(page, "Data (JSON)"))
    graph = _graph(data["graph"]["group"], activation, bias=bias)
    nodes = {one.pop("id"): one for one in data["nodes"]}
    assert nodes == dict(graph.nodes(data=True))
    found = {(e.pop("source"), e.pop("target")): e for e in data["edges"]}
    assert set(found) == set(graph.edges)
    for pair, edge in found.items():
        expected = dict(graph.edges[pair])
        share, wanted = edge.pop("share"), expected.pop("share")
        assert edge == expected
        assert share == pytest.approx(wanted, abs=1e-9)
    assert tk.group(data["graph"]["group"]).small_group_id == tk.group(name).small_group_id
    for key in ("activation", "bias", "schema", "activation_parts", "shares"):
        assert data["graph"][key] == graph.graph[key]


def test_a_formula_is_explained_by_its_parts(open_page):
    formula = "abs(x) + x^3/10"
    chosen = "f=abs(x)%20%2B%20x%5E3%2F10&source=L3&target=L1"
    page = _open(open_page, f"#group=C8&view=graph&{chosen}")
    X = tk.group("C8").regular_module()
    assert page.locator(".explained").inner_text() == tk.explain(X, "L3", "L1", formula)
    names = {}
    code = _downloaded(page, "Python code")
    exec(code, names)
    graph = tk.interaction_graph(X, formula)
    assert {p: d["parts"] for p, d in names["graph"].edges.items()} == {
        p: d["parts"] for p, d in graph.edges.items()
    }


def test_lines_with_a_small_share_can_be_hidden(open_page):
    page = _open(open_page, "#group=S4&view=graph&threshold=0.2")
    graph = _graph("S4")
    hidden = [pair for pair, data in graph.edges.items() if data["share"] < 0.2]
    assert hidden
    heads = page.locator(".graph-lines .head").evaluate_all(
        "all => all.reduce((n, one) => n + one.getAttribute('d').split('M').length - 1, 0)"
    )
    assert heads == graph.number_of_edges() - len(hidden)
    assert "below the threshold" in page.locator(".graph-legend").text_content()
    rows = list(csv.DictReader(_downloaded(page, "Table (CSV)").splitlines()))
    assert {(r["from"], r["to"]) for r in rows if r["shown"].startswith("no")} == set(hidden)
    shares = {(r["from"], r["to"]): float(r["share of the energy"]) for r in rows}
    assert shares == pytest.approx({p: d["share"] for p, d in graph.edges.items()}, abs=1e-12)
    assert "threshold = 0.2" in _downloaded(page, "Python code")


def test_edges_that_are_not_drawn_are_named_in_the_table(open_page):
    page = _open(open_page, "#group=S4&view=graph&reduced=1&threshold=0.2")
    heads = page.locator(".graph-lines .head").evaluate_all(
        "all => all.reduce((n, one) => n + one.getAttribute('d').split('M').length - 1, 0)"
    )
    rows = list(csv.DictReader(_downloaded(page, "Table (CSV)").splitlines()))
    assert len(rows) == _graph("S4").number_of_edges()
    said = {row["shown"] for row in rows}
    assert said == {"yes", "no: implied by other edges", "no: share of the line below 0.2"}
    assert heads == sum(row["shown"] == "yes" for row in rows)
    assert "reduced" in _downloaded(page, "Python code")


def test_why_there_is_an_edge_or_none(open_page):
    page = _open(open_page, "#group=S4&view=graph")
    X = tk.group("S4").regular_module()
    page.get_by_label("From", exact=True).select_option("L2")
    page.get_by_label("to", exact=True).select_option("L1")
    assert page.locator(".explained").inner_text() == tk.explain(X, "L2", "L1", "relu")
    assert "2a" in page.locator(".formulas").inner_text()
    plain = page.locator(".edge-plain")
    assert plain.inner_text() == (
        "U = N1 (order 4): the elements that act on L2 as +1 (none acts as \u22121). The even part "
        "of relu sends L2 to the vectors that U fixes; in L1 these are a space of dimension 1. "
        "So L1 occurs."
    )
    assert "normal=N1" in plain.get_by_role("link", name="N1").get_attribute("href")
    assert page.locator(".graph-marked .chosen").count() == 1
    page.get_by_label("to", exact=True).select_option("L4")
    assert page.locator(".explained").inner_text() == tk.explain(X, "L2", "L4", "relu")
    assert plain.inner_text().endswith("So L4 does not occur.")
    assert page.locator(".graph-marked .chosen").count() == 0
    assert (_state(page)["source"], _state(page)["target"]) == ("L2", "L4")


def test_the_line_under_the_pointer_is_explained(open_page):
    page = _open(open_page, "#group=C8&view=graph", height=1300)
    X = tk.group("C8").regular_module()
    seen = set()
    for place in (0.2, 0.5, 0.8):
        x, y = page.evaluate(
            """(place) => {
              const path = document.querySelector('.graph-lines g[data-kind="even"] path');
              const length = path.getTotalLength();
              const at = path.getPointAtLength(place * length).matrixTransform(path.getScreenCTM());
              return [at.x, at.y];
            }""",
            place,
        )
        page.mouse.move(x, y)
        page.locator(".graph-marked .chosen").first.wait_for()
        words = page.locator(".explained").inner_text()
        source, target = re.search(r"edge (L\d+) -> (L\d+)", words).groups()
        assert words == tk.explain(X, source, target, "relu")
        seen.add((source, target))
    page.mouse.click(x, y)
    page.locator("body[data-state*=source]").wait_for()
    assert (_state(page)["source"], _state(page)["target"]) in seen


def test_arrow_keys_move_along_edges_and_enter_selects(open_page):
    page = _open(open_page, "#group=C8&view=graph")
    page.locator('.graph-box[tabindex="0"]').focus()
    start = page.evaluate("document.activeElement.dataset.members")
    graph = _graph("C8")
    page.keyboard.press("ArrowDown")
    after = page.evaluate("document.activeElement.dataset.members")
    assert (start, after) in graph.edges
    assert start != after
    page.keyboard.press("Enter")
    page.locator(".graph-box.selected").wait_for()
    assert _state(page)["simple"] == after
    assert f"Reaches {graph.out_degree(after)}" in page.locator(".graph-panel").inner_text()
    page.keyboard.press(".")
    assert page.locator(".explained").inner_text().startswith("U = U_")
    page.keyboard.press("Enter")
    page.locator("body[data-state*=source]").wait_for()
    assert page.locator('.graph-box[tabindex="0"]').count() == 1


def test_the_closure_is_played_layer_by_layer(open_page):
    page = _open(open_page, "#group=SmallGroup(96,64)&view=graph")
    X = tk.group("SmallGroup(96,64)").regular_module()
    _box(page, "L2").click(modifiers=["Shift"])
    page.locator(".graph-closure").wait_for()
    assert _state(page)["set"] == "L2"
    layers = page.locator(".closure-layers li").all_inner_texts()
    found = [label for layer in layers for label in re.findall(r"L\d+", layer)]
    assert sorted(found) == sorted(tk.closure(X, ["L2"], "relu"))
    page.get_by_role("button", name="First layer").click()
    assert _state(page)["step"] == "0"
    assert page.locator(".graph-box:not(.out)").count() == 1
    page.get_by_role("button", name="One layer on").click()
    inside = page.locator(".graph-box:not(.out)").evaluate_all(
        "all => all.map(one => one.dataset.members)"
    )
    step = {"L2", *(k.label for k in tk.pl.occurring_simples(X, ["L2"], "relu"))}
    assert set(inside) == step
    assert set(page.locator(".badge text").all_text_contents()) == {"0", "1"}
    page.get_by_role("button", name="Clear").click()
    assert page.locator(".graph-box.out").count() == 0


def test_why_an_odd_activation_reaches_no_trivial_simple(open_page):
    page = _open(open_page, "#group=S4&view=graph&f=tanh&source=L1&target=L0")
    said = page.locator(".edge-plain").inner_text()
    assert said.startswith("U = N3 (order 24): the elements that act on L1 as +1 or")
    assert "L0 has no vector other than 0 on which U acts by the same sign." in said


def test_what_comes_from_sums_is_said_and_no_line_leaves_the_closure(open_page):
    page = _open(open_page, "#group=Q8&view=graph&f=abs&set=L1%2CL2&simple=L4")
    graph = _graph("Q8", "abs")
    closure = tk.closure(tk.group("Q8").regular_module(), ["L1", "L2"], "abs")
    assert "L3" in closure
    assert not {("L0", "L3"), ("L1", "L3"), ("L2", "L3")} & set(graph.edges)
    said = page.locator(".closure-sums").inner_text()
    assert said == "L3 comes from sums of L1 and L2, not along one line."
    marked = page.locator(".graph-marked .chosen")
    new = [(a, b) for a, b in graph.edges if a in ("L1", "L2") and b in ("L0", "L3")]
    assert marked.count() == len(new)
    _box(page, "L0").hover()
    inside = [e for e in graph.edges if "L0" in e and set(e) <= set(closure)]
    assert len(inside) < len([e for e in graph.edges if "L0" in e])
    marked.nth(len(inside) - 1).wait_for()
    assert marked.count() == len(inside)


def test_tools_fit_at_twice_the_size(open_page):
    page = _open(open_page, "#group=C8&view=graph&source=L3&target=L1", width=640, height=400)
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    assert page.get_by_role("button", name="Open all boxes").count() == 0
    assert page.get_by_text("Hide lines below").is_visible()


def test_play_goes_to_the_last_layer(open_page):
    page = _open(open_page, "#group=C8&view=graph&set=L3&step=0")
    page.get_by_role("button", name="Play").click()
    page.locator(".closure-layers li.now", has_text="+").wait_for()
    page.get_by_role("button", name="Play").wait_for()
    assert "step" not in _state(page)


def test_boxes_close_and_open(open_page):
    page = _open(open_page, "#group=C8&view=graph")
    page.get_by_role("button", name="Close boxes").click()
    closed = page.locator(".graph-box.closed")
    closed.wait_for()
    assert closed.get_attribute("data-members") == "L3,L4"
    assert _state(page)["open"] == "none"
    closed.locator(".toggle .hit").click()
    _box(page, "L3").wait_for()
    assert "open" not in _state(page)
    _box(page, "L3").focus()
    page.keyboard.press("o")
    page.locator(".graph-box.closed").wait_for()
    page.get_by_label("not implied").check()
    page.locator("body[data-state*=reduced]").wait_for()
    kept = page.evaluate("document.querySelectorAll('.graph-lines .head').length")
    assert kept >= 1
    assert "implied by transitivity" in page.locator(".graph-legend").text_content()


def test_the_address_restores_what_was_seen(open_page):
    fragment = "#group=S4&view=graph&module=H2a&f=abs&bias=1&set=L2%2CL3&step=0&open=none&reduced=1"
    page = _open(open_page, fragment)
    assert page.locator("h1").inner_text().startswith("S4")
    before = page.locator(".graph-svg").first.inner_html()
    again = _open(open_page, page.evaluate("location.hash"))
    assert again.locator(".graph-svg").first.inner_html() == before
    state = _state(page)
    assert (state["module"], state["f"], state["bias"]) == ("H2a", "abs", "1")
    assert (state["set"], state["step"], state["open"], state["reduced"]) == (
        "L2,L3", "0", "none", "1",
    )  # fmt: skip


def test_back_and_forward_go_through_what_was_chosen(open_page):
    page = _open(open_page, "#group=S4&view=graph")
    _box(page, "L3").click()
    page.locator(".graph-box.selected").wait_for()
    _box(page, "L0").click()
    page.locator('.graph-box.selected[data-members="L0"]').wait_for()
    page.go_back()
    page.locator('.graph-box.selected[data-members="L3"]').wait_for()
    page.go_back()
    page.locator(".graph-box.selected").wait_for(state="detached")


def test_zoom_by_buttons_and_keys(open_page):
    page = _open(open_page, "#group=S4&view=graph")
    world = page.locator(".graph-svg > g")
    assert world.get_attribute("transform") == "matrix(1 0 0 1 0 0)"
    page.get_by_role("button", name="Larger").click()
    assert "matrix(1.4" in world.get_attribute("transform")
    _box(page, "L0").focus()
    page.keyboard.press("0")
    assert world.get_attribute("transform") == "matrix(1 0 0 1 0 0)"
    page.keyboard.press("+")
    assert "matrix(1.4" in world.get_attribute("transform")


def test_a_normal_subgroup_marks_the_simples_over_it(open_page):
    page = _open(open_page, "#group=S4&view=graph&normal=N1")
    over = page.locator(".graph-box.above").evaluate_all("all => all.map(b => b.dataset.members)")
    G = tk.group("S4")
    (N,) = (n for n in G.normal_subgroups() if n.label == "N1")
    assert sorted(over) == [s.label for s in G.simples if set(N.classes) <= set(s.kernel)]


def test_the_python_code_makes_the_same_graph(open_page, capsys):
    page = _open(
        open_page, "#group=S4&view=graph&module=H2a&f=tanh&bias=1&set=L2&source=L3&target=L1"
    )
    code = _downloaded(page, "Python code")
    names = {}
    exec(code, names)
    X = tk.group("S4").coset_module("H2a")
    graph = tk.interaction_graph(X, "tanh", bias=True)
    reach = {pair: data["reach"] for pair, data in graph.edges.items()}
    assert {pair: data["reach"] for pair, data in names["graph"].edges.items()} == reach
    said = capsys.readouterr().out.splitlines()
    assert said[-2] == tk.explain(X, "L3", "L1", "tanh", bias=True)
    assert said[-1] == str(tk.closure(X, ["L2"], "tanh", bias=True))


def test_pictures_open_again(open_page):
    page = _open(open_page, "#group=Q8&view=graph")
    root = ElementTree.fromstring(_downloaded(page, "Picture (SVG)"))
    texts = ["".join(t.itertext()) for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"L0", "L4", "dim 4 · H", "H quaternionic", "even part"} <= set(texts)
    assert any(text.startswith("Q8, regular module, relu") for text in texts)
    assert float(root.get("width")) > 100
    tex = _downloaded(page, "LaTeX (TikZ)")
    assert tex.startswith("\\begin{tikzpicture}")
    assert tex.count("\\node") == 5
    assert tex.count("{") == tex.count("}")
    loops = sum(1 for a, b in _graph("Q8").edges if a == b)
    assert tex.count("\\draw") >= loops + 4


def test_a_phone_sees_it_all(open_page):
    page = _open(
        open_page, "#group=SmallGroup(96,64)&view=graph", width=360, height=740, touch=True
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    _box(page, "L4").tap()
    page.locator(".graph-box.selected").wait_for()


def test_an_activation_that_is_not_one_leaves_the_picture(open_page):
    page = _open(open_page, "#group=S4&view=graph&f=alert(1)")
    assert page.locator(".problem").first.is_visible()
    assert page.locator(".graph-box").count() == 5


def test_the_next_group_is_drawn_anew(open_page):
    page = _open(open_page, "#group=S4&view=graph&simple=L3")
    page.evaluate("location.hash = '#group=C8&view=graph'")
    _box(page, "L4").wait_for()
    settled(page)
    assert page.locator(".graph-box").count() == 5
    assert page.locator("h1").inner_text().startswith("C8")
    assert page.locator(".graph-box.selected").count() == 0
