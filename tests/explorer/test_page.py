"""The frame of the page in a real Chromium."""

from __future__ import annotations

from explorer_page import settled


def test_the_first_page_has_words_and_groups_to_begin_with(open_page):
    page = open_page()
    assert page.locator("main h1").count() == 1
    page.get_by_role("link", name="S4").first.click()
    settled(page)
    assert page.evaluate("location.hash") == "#group=S4"
    page.go_back()
    page.locator("body[data-view=start]").wait_for()
