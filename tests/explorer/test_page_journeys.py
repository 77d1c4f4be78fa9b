"""Journeys through the page: with keys alone, by touch on a phone, on paper."""

from __future__ import annotations

import pytest
from explorer_page import clipboard, until


def tab_to(page, label):
    """Press Tab until the focus is on the control with this label."""
    for _ in range(80):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "() => (document.activeElement.labels?.[0] ?? document.activeElement).textContent"
        )
        if found.strip() == label:
            return
    pytest.fail(f"Tab never came to {label}")


@pytest.mark.slow
def test_why_a_simple_reaches_another_with_keys_alone(open_page, site):
    """From the first page to the reason for an edge, and to the address that cites it."""
    page = open_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("/")
    page.keyboard.type("s4")
    page.keyboard.press("Enter")
    page.locator("body[data-view=group]").wait_for()
    page.keyboard.press("2")
    page.locator("body[data-view=graph]").wait_for()
    tab_to(page, "From")
    page.keyboard.type("L2")
    page.keyboard.press("Tab")
    page.keyboard.type("L1")
    reason = (
        page.locator("main")
        .get_by_text("L2 → L1")
        .or_(page.locator("main").get_by_text("L2 reaches L1"))
    )
    reason.first.wait_for()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("e")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.textContent") == "Copy the address"
    page.keyboard.press("Enter")
    address = clipboard(page, "#group=")
    assert address.startswith(f"{site.address}#group=")
    assert "view=graph&source=L2&target=L1" in address
    words = page.locator("main .panel").all_inner_texts()
    other = open_page(address.removeprefix(site.address))
    until(other, lambda: other.locator("main .panel").all_inner_texts() == words)
    assert other.locator("main h1").inner_text() == page.locator("main h1").inner_text()


@pytest.mark.slow
def test_a_phone_needs_no_keys(open_page):
    page = open_page("", width=360, height=740, touch=True)
    page.get_by_role("link", name="S4").first.tap()
    page.locator("body[data-view=group]").wait_for()
    page.locator("#section-simples").get_by_role("link", name="L2", exact=True).tap()
    page.get_by_role("link", name="What L2 reaches").tap()
    page.locator("body[data-view=graph]").wait_for()
    page.locator("#views").get_by_role("link", name="Catalog").tap()
    page.locator("body[data-view=catalog]").wait_for()
    page.get_by_role("button", name="Export").tap()
    assert page.get_by_role("button", name="Copy the address").is_visible()
    small = page.evaluate(
        """() => [...document.querySelectorAll("#top a, #top button")]
            .map((one) => one.getBoundingClientRect())
            .filter((box) => box.width > 0 && (box.width < 24 || box.height < 24)).length"""
    )
    assert small == 0


def test_paper_has_the_content_without_the_controls(page):
    page.emulate_media(media="print")
    assert page.locator("main h1").is_visible()
    assert page.locator("#section-subgroups table").is_visible()
    assert not page.locator("#views").is_visible()
    assert not page.get_by_role("button", name="Export").is_visible()


def test_nothing_moves_for_those_who_want_stillness(open_page):
    page = open_page("#group=S4&view=graph&simple=L2")
    page.emulate_media(reduced_motion="reduce")
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((one) => {
            const style = getComputedStyle(one);
            return style.animationName !== "none" || style.transitionDuration !== "0s";
        }).length"""
    )
    assert moving == 0
