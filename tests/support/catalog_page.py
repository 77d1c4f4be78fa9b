"""The catalog view in a test: what it shows, and the same question to Python."""

from __future__ import annotations

from explorer_page import settled
from sample_site import CATALOG

#: The groups of the sample page as a condition on other tables.
WITHIN = CATALOG.replace("order", "groups.order").replace("group in", "groups.group in")


def find(catalog, condition, table="groups", **more):
    """Ask Python the same about the groups that the page has."""
    within = CATALOG if table == "groups" else WITHIN
    return catalog.find(f"({condition}) and ({within})" if condition else within, table, **more)


def cells(page):
    return page.evaluate(
        """() => [...document.querySelectorAll(".catalog-rows tbody tr")].map(
          (row) => [...row.children].map((cell) => cell.textContent))"""
    )


def drawn(page):
    settled(page)
    page.locator(".catalog-result:not([aria-busy])").wait_for(state="attached")


def count(page):
    return page.locator(".catalog-count").inner_text()


def ask(page, condition):
    page.get_by_label("Condition", exact=True).fill(condition)
    page.get_by_role("button", name="Find", exact=True).click()
    drawn(page)
