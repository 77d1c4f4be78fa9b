"""Parts of an address that mean nothing are said; what is shown follows the address."""

from __future__ import annotations

import re

import pytest
from explorer_page import settled, until
from sample_site import PAGE


def said(page):
    return page.locator("#bar .problem:visible li").all_inner_texts()


@pytest.mark.parametrize(
    ("fragment", "words"),
    [
        ("#group=S4&view=nope", ["view=nope", "shown is the page of the group"]),
        ("#group=S4&simple=L99", ["simple=L99", "S4 has no simple", "none is selected"]),
        ("#group=S4&view=lattice&normal=N77", ["normal=N77", "none is selected"]),
        ("#group=S4&view=graph&set=L2,L77,zz", ["set=L2,L77,zz", "no simple L77, zz", "others"]),
        ("#group=S4&view=graph&threshold=x", ["threshold=x", "from 0 to 1", "every edge"]),
        ("#group=S4&view=map&source=L9", ["source=L9", "shown is L2"]),
        ("#group=S4&view=map&target=x", ["target=x", "shown is L0"]),
        ("#group=S4&view=map&v=a,b", ["v=a,b", "2 numbers"]),
        ("#group=S4&view=map&source=L3&v=1,2", ["v=1,2", "3 numbers"]),
        ("#group=S4&view=map&copy=77", ["copy=77", "L2 has no copy 77", "generic"]),
        ("#group=S4&view=map&source=L3&plane=1,2;3", ["plane=1,2;3", "across w"]),
        ("#group=S4&view=layer&to=zz", ["to=zz", "shown is regular module"]),
        ("#group=S4&view=layer&weight=9999", ["weight=9999", "from 0 to 23"]),
        ("#view=overtones&n=99999999", ["n=99999999", "shown is 360"]),
        ("#view=catalog&page=-3", ["page=-3", "shown is page 1"]),
        ("#group=S4&section=zz", ["section=zz", "no such section"]),
        ("#group=S4&later=1", ["later=1", "means nothing here"]),
        ("#group=S4&view=map&f=max(x", ["f=max(x", "Shown is relu."]),
        ("#group=S4&view=graph&module=H5z", ["module=H5z", "Shown is regular module."]),
    ],
)
def test_a_part_that_means_nothing_is_said(open_page, fragment, words):
    page = open_page(fragment)
    (sentence,) = said(page)
    assert [one for one in words if one not in sentence] == []


@pytest.mark.parametrize(
    "fragment",
    [
        "#group=S4&view=graph&set=L2,L3&step=1&threshold=0.1&reduced=1&open=none&source=L2&target=L0",
        "#group=S4&view=map&source=L3&target=L3&copy=g,1&v=1,0,0&plane=mirror&shade=values",
        "#group=S4&view=map&picture=every&unit=1&simple=L2&normal=N1",
        "#group=S4&view=layer&to=H6a&weight=0&order=cycles",
        "#view=overtones&n=24&k=3&amp=2&phase=90&depth=2&between=mean&bars=log",
        "#view=catalog&find=order = 8&plot=points:order:simples&page=1",
        "#group=S4&section=simples&picture=every&n=7",
    ],
)
def test_a_part_that_means_something_is_not(open_page, fragment):
    page = open_page(fragment)
    assert said(page) == []


def test_every_key_of_a_view_is_known(open_page):
    page = open_page()
    script = """async (views) => {
        const { VIEW_KEYS } = await import("/js/address.js");
        const all = await Promise.all(views.map((one) => import(`/js/views/${one}.js`)));
        return [VIEW_KEYS, all.flatMap((one) => Object.keys(one.default.keys ?? {}))];
    }"""
    views = [
        script.stem
        for script in (PAGE / "js/views").glob("*.js")
        if "export default" in script.read_text()
    ]
    known, declared = page.evaluate(script, views)
    assert sorted(known) == sorted(set(declared))


@pytest.mark.parametrize("formula", ["x^2", "tanh"])
def test_the_matrix_goes_with_the_activation(open_page, formula):
    page = open_page("#group=C8&view=map&f=abs&source=L3&target=L0")
    assert page.locator(".map-matrix table").count() == 1
    field = page.get_by_label("Activation f")
    field.fill(formula)
    field.press("Enter")
    page.locator(".map-region", has_text=re.compile("no regions|zero")).wait_for()
    assert page.locator(".map-matrix table").count() == 0
    page.go_back()
    page.locator(".map-matrix table").first.wait_for()


def test_views_without_a_group_stay_where_the_group_is_not_here(open_page):
    page = open_page("#group=nobody&view=catalog")
    assert page.locator("main h1").inner_text() == "Catalog"
    assert "nobody" in said(page)[0]
    page.keyboard.press("5")
    page.locator("body[data-view=overtones]").wait_for()
    page.evaluate("location.hash = '#group=nobody&view=graph'")
    page.locator("main [role=alert]", has_text="nobody").wait_for()


def test_v_is_in_the_history_when_another_view_follows_at_once(open_page):
    page = open_page("#group=C8&view=map&v=1,0")
    canvas = page.locator(".panel-source canvas")
    canvas.focus()
    page.keyboard.press("ArrowUp")
    moved = page.evaluate("JSON.parse(document.body.dataset.state).v")
    page.keyboard.press("2")
    page.locator("body[data-view=graph] main:not([aria-busy])").wait_for()
    page.go_back()
    page.locator("body[data-view=map] main:not([aria-busy])").wait_for()
    assert moved != "1,0"
    assert page.evaluate("location.hash") == f"#group=C8&view=map&v={moved}"


def test_an_open_table_follows_the_picture(open_page):
    page = open_page("#group=C8&view=map&source=L3&target=L0&f=abs")
    page.get_by_text("The numbers on the points as a table").click()
    rows = page.locator("details.behind td")
    rows.first.wait_for()
    before = rows.all_inner_texts()
    page.evaluate("location.hash = '#group=C8&view=map&source=L3&target=L0&f=tanh'")
    settled(page)
    until(page, lambda: rows.all_inner_texts() != before)
    until(page, lambda: rows.count() == len(before))


def test_a_share_that_is_no_number_hides_nothing(open_page):
    def prepare(context):
        def answer(route):
            text = (PAGE / "js/graph/shares.js").read_text()
            route.fulfill(
                body=text.replace("export function shareFunction(", "function unused(")
                + "\n/** No numbers. */\nexport function shareFunction() {"
                + " return { share: () => NaN, reason: null }; }\n",
                content_type="text/javascript",
            )

        context.route("**/js/graph/shares.js", answer)

    page = open_page("#group=S4&view=graph", prepare=prepare)
    paths = page.locator(".graph-lines path")
    assert paths.count() > 0
    assert not any("NaN" in (one.get_attribute("d") or "") for one in paths.all())


def test_the_address_is_copied_where_there_is_no_clipboard(open_page):
    page = open_page("#group=S4")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="Copy the address").click()
    until(page, lambda: page.locator("#announce").inner_text() == "Copy the address: done.")
    assert page.locator("#export-menu .problem").count() == 0


@pytest.mark.parametrize(
    "fragment", ["#group=S4&view=graph", "#view=overtones", "#group=S4&view=map"]
)
def test_twice_the_size_fits_the_window(open_page, fragment):
    page = open_page(fragment, width=640, height=400)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_first_panels_of_a_map_are_seen_without_scrolling(open_page):
    page = open_page("#group=S4&view=map&source=L3")
    boxes = [one.bounding_box() for one in page.locator("figure.panel:visible").all()]
    first = [box for box in boxes if box["y"] == min(one["y"] for one in boxes)]
    assert len(first) >= 3
    assert all(box["y"] + box["height"] <= 800 for box in first)
