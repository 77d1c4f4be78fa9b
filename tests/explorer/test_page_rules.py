"""Axe's rules of accessibility on every view, light and dark, wide and narrow."""

from __future__ import annotations

import pytest
from explorer_page import settled

VIEWS = ("start", "group", "graph", "lattice", "map", "overtones", "layer", "catalog")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def rules():
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    return axe.Axe()


def broken(rules, page):
    """The rules that the page breaks, a line for each element."""
    found = rules.run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response
    return "\n".join(
        f"{one['id']}: {node['html'][:160]} ({node['failureSummary'][:300]})"
        for one in found["violations"]
        for node in one["nodes"]
    )


def fragment(view):
    return "" if view == "start" else f"#group=S4&view={view}&simple=L2&normal=N1"


#: Every other view is light, the others dark; the rest is looked at with the slow checks.
LIGHT_AND_DARK = [
    pytest.param(
        *(view, dark),
        marks=[pytest.mark.slow] * ((number + dark) % 2),
        id=f"{view}-{'dark' if dark else 'light'}",
    )
    for number, view in enumerate(VIEWS)
    for dark in (False, True)
]


@pytest.mark.parametrize(("view", "dark"), LIGHT_AND_DARK)
@pytest.mark.slow
def test_a_view_breaks_no_rule(open_page, rules, view, dark):
    page = open_page(fragment(view), dark=dark)
    page.locator("main:not([aria-busy])").wait_for()
    page.wait_for_timeout(300)
    assert broken(rules, page) == ""


@pytest.mark.parametrize(
    "view",
    [
        v if v in ("start", "group", "map") else pytest.param(v, marks=pytest.mark.slow)
        for v in VIEWS
    ],
)
@pytest.mark.slow
def test_a_view_fits_a_phone(open_page, rules, view):
    page = open_page(fragment(view), width=360, height=740, touch=True)
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert broken(rules, page) == ""


@pytest.mark.slow
def test_search_menu_and_help_break_no_rule(open_page, rules):
    page = open_page("#group=S4")
    page.keyboard.press("/")
    page.keyboard.type("s")
    page.locator("#found [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    assert broken(rules, page) == ""
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    assert broken(rules, page) == ""
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert broken(rules, page) == ""


def test_forced_colours_keep_everything_visible(browser, site):
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    page.goto(site.address + "#group=S4&simple=L2")
    settled(page)
    row = page.locator("#section-simples a.selected").first
    assert (
        page.evaluate("(one) => getComputedStyle(one).outlineStyle", row.element_handle())
        == "solid"
    )
    context.close()
