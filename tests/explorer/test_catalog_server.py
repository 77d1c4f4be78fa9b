"""The catalog view beside the local server: tables that are too long for the page."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from explorer_page import Watch, settled
from explorer_server import running
from sample_site import write_data

import toolkit as tk
from toolkit.explorer.server.workers import COMMAND
from toolkit.explorer.site import PageFolder, page_folder
from toolkit.settings import Settings

pytest.importorskip("uvicorn")

CONDITION = "group = 'S4' and module = 'regular' and activation = 'relu' and source != target"


@pytest.mark.slow
def test_the_server_answers_for_edges(browser, tmp_path):
    settings = Settings(cache_dir=tmp_path / "cache", offline=True)
    (tmp_path / "data").mkdir()
    write_data(tmp_path / "data", [])
    data = PageFolder(tmp_path / "data")
    with running(page_folder(), data, settings=settings, command=COMMAND) as service:
        context = browser.new_context()
        address = f"http://127.0.0.1:{service.port}/"
        watch = Watch(context, address)
        page = context.new_page()
        page.goto(f"{address}#view=catalog&table=edges&find={quote(CONDITION)}&sort=share%20desc")
        settled(page)
        page.locator(".catalog-rows tbody a").first.wait_for()
        cells = page.evaluate(
            """() => [...document.querySelectorAll(".catalog-rows tbody tr")].map(
              (row) => [...row.children].map((cell) => cell.textContent))"""
        )
        head = page.locator(".catalog-rows thead").inner_text().split()
        with tk.catalog.open() as catalog:
            wanted = catalog.find(
                CONDITION, "edges", columns="source, target", order_by="share desc"
            )
        at = [head.index("source"), head.index("target")]
        assert [tuple(row[i] for i in at) for row in cells] == [
            tuple(row.values()) for row in wanted
        ]
        page.get_by_label("Condition", exact=True).fill("group = 'S4' and sourc = 'L1'")
        page.get_by_role("button", name="Find", exact=True).click()
        page.get_by_text("did you mean source").wait_for()
        context.close()
        assert watch.complaints == []
