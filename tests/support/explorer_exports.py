"""What a page of the explorer hands out, and what its address says, in a test."""

from __future__ import annotations

import json


def exported(page, entry):
    """Return the text of what the button Export hands out."""
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=entry).click()
    return download.value.path().read_text()


def data_of(page):
    return json.loads(exported(page, "Data (JSON)"))


def state_of(page):
    return json.loads(page.locator("body").get_attribute("data-state"))


def drawn(page):
    """Wait until panels have drawn what they were asked to."""
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
