"""The frame of the page in a real Chromium: address, history, search, keys, errors."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from explorer_page import settled, until
from sample_site import GROUPS

from toolkit.explorer.record.unpacked import unpacked

VIEWS = ("group", "graph", "lattice", "map", "overtones", "layer", "catalog")


def hash_of(page):
    return page.evaluate("location.hash")


def test_the_first_page_has_words_and_groups_to_begin_with(open_page):
    page = open_page()
    assert page.locator("main h1").count() == 1
    page.get_by_role("link", name=re.compile("^S4 ?permut")).click()
    page.locator("body[data-view=group]").wait_for()
    assert hash_of(page) == "#group=S4"
    page.go_back()
    page.locator("body[data-view=start]").wait_for()


@pytest.mark.parametrize("name", GROUPS)
def test_every_view_shows_every_group(open_page, name):
    """Errors on the console fail the test when the window is closed."""
    page = open_page(f"#group={name}")
    for number, view in enumerate(VIEWS, 1):
        page.keyboard.press(str(number))
        page.locator(f"body[data-view={view}] main:not([aria-busy])").wait_for()
        assert page.locator("main h1").count() == 1
        assert page.locator("main .problem:visible").count() == 0
        assert len(page.locator("main").inner_text()) > 20
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{view} is wider than the window"


@pytest.mark.slow
def test_the_address_holds_what_is_shown(open_page):
    fragment = "#group=S4&view=graph&module=H6a&f=tanh&bias=1&simple=L3&later=kept"
    page = open_page(fragment)
    assert hash_of(page) == fragment
    assert page.get_by_label("Module", exact=True).input_value() == "H6a"
    assert page.get_by_label("Activation f").input_value() == "tanh"
    assert page.get_by_role("checkbox", name="bias").is_checked()
    page.get_by_role("checkbox", name="bias").uncheck()
    assert hash_of(page) == fragment.replace("&bias=1", "")
    page.go_back()
    page.locator("body[data-view=graph] main:not([aria-busy])").wait_for()
    assert hash_of(page) == fragment
    assert page.get_by_role("checkbox", name="bias").is_checked()
    page.go_forward()
    assert not page.get_by_role("checkbox", name="bias").is_checked()


def test_what_belongs_to_one_group_goes_with_it(open_page):
    page = open_page("#group=C8&view=graph&module=H2a&f=tanh&simple=L3")
    page.get_by_role("link", name=re.compile("Next group:")).click()
    page.locator("body[data-group='SmallGroup(8,4)'] main:not([aria-busy])").wait_for()
    assert hash_of(page) == "#group=SmallGroup(8,4)&view=graph&f=tanh"
    page.keyboard.press("[")
    page.locator("body[data-group='SmallGroup(8,1)'] main:not([aria-busy])").wait_for()
    assert page.get_by_label("Module", exact=True).input_value() == "regular"


def test_keys_that_step_are_never_lost(open_page):
    page = open_page("#group=SmallGroup(8,1)&view=graph")
    page.evaluate(
        """() => { for (const key of "]]]") {
            document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true})) } }"""
    )
    page.locator("body[data-group='SmallGroup(60,5)'] main:not([aria-busy])").wait_for()
    assert hash_of(page) == "#group=SmallGroup(60,5)&view=graph"


def test_groups_are_found_by_name_label_and_order(page):
    search = page.get_by_role("combobox", name=re.compile("^Group"))
    options = page.locator("#found [role=option]")
    for text, found in (("s4", "S4"), ("24.12", "S4"), ("order 60", "A5"), ("q8", "Q8")):
        page.keyboard.press("/")
        search.fill(text)
        options.first.wait_for()
        assert options.first.locator("b").inner_text() == found
    page.keyboard.press("ArrowDown")
    assert search.get_attribute("aria-activedescendant") == "found-0"
    page.keyboard.press("Enter")
    page.locator("body[data-group='SmallGroup(8,4)']").wait_for()
    assert page.locator("main h1").inner_text().strip() == "Q8"


@pytest.mark.parametrize(
    "hostile",
    ["<img src=x onerror=alert(1)>", '"><script>alert(1)</script>', "__proto__", "%", "../../x"],
)
def test_hostile_names_are_shown_as_text(page, hostile):
    page.on("dialog", lambda dialog: pytest.fail("a name was executed"))
    before = page.locator("img, script").count()
    page.keyboard.press("/")
    page.keyboard.type(hostile)
    page.locator("#found-note").wait_for()
    assert hostile in page.locator("#found-note").inner_text()
    page.keyboard.press("Enter")
    page.locator("main [role=alert]").wait_for()
    assert hostile in page.locator("main").inner_text()
    assert page.locator("img, script").count() == before
    page.reload()
    page.locator("main [role=alert]").wait_for()
    assert hostile in page.locator("main").inner_text()
    page.keyboard.press("[")
    page.get_by_role("link", name="To the start page").click()
    page.locator("body[data-view=start]").wait_for()


@pytest.mark.parametrize(
    "hostile", ["<svg onload=alert(1)>", "constructor", "alert(1)", "x => x", "9" * 400]
)
def test_hostile_formulas_and_states_are_text(open_page, hostile):
    page = open_page("#group=S4&view=graph")
    page.on("dialog", lambda dialog: pytest.fail("a formula was executed"))
    page.get_by_label("Activation f").fill(hostile)
    page.keyboard.press("Enter")
    page.locator("#bar .problem:not([hidden])").wait_for()
    assert len(page.locator("#bar .problem").inner_text()) > 10
    assert page.get_by_label("Activation f").get_attribute("aria-invalid") == "true"
    page.evaluate(
        "(text) => { location.hash = `#group=S4&simple=${encodeURIComponent(text)}`; }", hostile
    )
    page.locator("body[data-view=group] main:not([aria-busy])").wait_for()
    assert hostile in page.locator(".chosen").inner_text()
    assert page.locator("main h1").inner_text().strip() == "S4"


def test_a_module_that_is_not_here_is_said_in_a_sentence(open_page):
    page = open_page("#group=S4&view=graph&module=H5z")
    said = page.locator("#bar .problem").inner_text()
    assert "H5z" in said
    assert "plrep explore" in said


def test_a_server_that_unpacks_gzip_is_understood(open_page, site):
    site.unpacked = True
    try:
        page = open_page("#group=S4")
        assert page.locator("main h1").inner_text().strip() == "S4"
    finally:
        site.unpacked = False


def test_only_what_is_needed_is_loaded(open_page, site):
    site.requests.clear()
    open_page("#group=S4")
    data = [path for path in site.requests if path.startswith("/data/")]
    assert sum("shards" in path for path in data) <= 3  # its own, and those of its neighbours
    assert not [path for path in data if "tables" in path or "graph_classes" in path]


def test_a_simple_is_chosen_everywhere(page):
    page.locator("#section-simples").get_by_role("link", name="L2", exact=True).click()
    assert hash_of(page) == "#group=S4&simple=L2"
    row = page.locator("#section-simples tr", has=page.get_by_text("L2", exact=True))
    assert row.locator("a.selected").count() == 1
    page.get_by_role("link", name="What L2 reaches").click()
    page.locator("body[data-view=graph]").wait_for()
    assert hash_of(page) == "#group=S4&view=graph&simple=L2"
    page.locator(".chip").click()
    assert hash_of(page) == "#group=S4&view=graph"


def test_sections_have_addresses(open_page):
    page = open_page("#group=S4&section=subgroups")
    page.locator("#section-subgroups").wait_for()
    top = "document.querySelector('#section-subgroups').getBoundingClientRect().top"
    until(page, lambda: 0 <= page.evaluate(top) < 400)


@pytest.mark.parametrize("name", ["S4", "Q8", "SmallGroup(96,64)"])
def test_the_page_of_a_group_says_what_the_record_says(open_page, sample_records, name):
    record = unpacked(sample_records[name])
    page = open_page(f"#group={name}")
    text = page.locator("main").inner_text()
    for key, value in record["facts"]:
        assert " ".join(value.split()) in text, key
    for what, why in record["missing"]:
        assert f"{what}: {why}" in text
    rows = page.locator("#section-simples table").first.locator("tbody tr")
    assert rows.count() == len(record["simples"])
    for i, simple in enumerate(record["simples"]):
        cells = rows.nth(i).locator("th, td").all_inner_texts()
        assert cells[0] == simple["label"]
        assert cells[1] == str(simple["dimension"])
        assert cells[4] == f"{simple['kernel']}: {simple['kernel_order']}"
    rows = page.locator("#section-subgroups table tbody tr")
    assert rows.count() == len(record["subgroups"] or [])
    for i, subgroup in enumerate(record["subgroups"] or []):
        cells = rows.nth(i).locator("th, td").all_inner_texts()
        assert cells[0] == subgroup["label"]
        assert cells[-1] == subgroup["contents"]


def test_keys_alone_go_everywhere(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 1
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    page.keyboard.press("2")
    page.locator("body[data-view=graph]").wait_for()
    page.keyboard.press("]")
    page.locator("body:not([data-group='SmallGroup(24,12)'])").wait_for()
    page.keyboard.press("e")
    assert page.locator("#export-menu button").count() >= 1
    page.keyboard.press("Escape")
    assert not page.locator("#export-menu").is_visible()
    assert page.evaluate("document.activeElement.textContent") == "Export"
    page.keyboard.press("1")
    page.keyboard.press("/")
    page.keyboard.type("2")
    assert page.get_by_role("combobox", name=re.compile("^Group")).input_value() == "2"
    assert page.locator("body[data-view=group]").count() == 1


def test_single_keys_can_be_turned_off(page):
    page.keyboard.press("?")
    page.get_by_label("Single keys act").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("2")
    page.keyboard.press("t")
    assert page.locator("body[data-view=group]").count() == 1
    assert page.evaluate("document.documentElement.dataset.theme") is None


def test_colours_are_chosen_and_remembered(page):
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)
    page.keyboard.press("t")
    assert page.evaluate(ground) == light
    page.keyboard.press("t")
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    settled(page)
    assert page.evaluate(ground) == dark


def test_a_description_of_several_groups_offers_them(open_page, site):
    names = site.data / "names.json.gz"
    before = names.read_bytes()
    known = json.loads(gzip.decompress(before))
    known["twins"] = ["SmallGroup(8,1)", "SmallGroup(8,4)"]
    names.write_bytes(gzip.compress(json.dumps(known).encode()))
    try:
        page = open_page()
        page.evaluate("location.hash = '#group=Twins'")
        page.get_by_role("link", name="SmallGroup(8,4)").click()
        page.locator("body[data-view=group]").wait_for()
        assert page.locator("main h1").inner_text().strip() == "Q8"
    finally:
        names.write_bytes(before)


def test_labels_of_other_places_are_understood(open_page):
    page = open_page("#group=24.12")
    assert page.locator("main h1").inner_text().strip() == "S4"
    links = page.locator(".group-elsewhere a").evaluate_all("all => all.map(one => one.href)")
    assert links[0] == "https://www.lmfdb.org/Groups/Abstract/24.12"


def test_groups_are_found_by_a_condition_of_the_catalog(page):
    import toolkit as tk

    condition = "not abelian and order <= 16"
    with tk.catalog.open() as catalog:
        expected = len(catalog.find(condition))
    page.keyboard.press("/")
    page.keyboard.type(condition)
    last = page.locator("#found [role=option]", has_text="in the catalog")
    last.filter(has_text=f"All {expected} ").wait_for()
    last.click()
    page.locator("body[data-view=catalog]").wait_for()
    assert page.evaluate("decodeURIComponent(location.hash)").endswith(
        f"view=catalog&find={condition}&table=groups"
    )


def test_a_new_view_begins_at_its_top(open_page):
    page = open_page("#group=S4")
    page.evaluate("scrollTo(0, 600)")
    assert page.evaluate("scrollY") > 300
    page.locator("#views").get_by_role("link", name="Lattices").click()
    page.locator("body[data-view=lattice]").wait_for()
    assert page.evaluate("scrollY") == 0


def test_integers_beyond_2_53_are_shown_in_full(page_numbers):
    assert page_numbers("numberText('9007199254740993')") == "9007199254740993"
    assert page_numbers("numberText(0.5)") == "0.5000"
    assert page_numbers("compactInteger('265252859812191058636308480000000')") == "\u2248 2.65e32"
    assert page_numbers("compactInteger(1234567)") == "1234567"


@pytest.fixture
def page_numbers(open_page):
    page = open_page("")
    return lambda code: page.evaluate(
        f"import('./js/ui/numbers.js').then(({{ numberText, compactInteger }}) => {code})"
    )
