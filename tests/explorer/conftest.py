"""A Chromium of the system, the page with a few groups, and pages that watch themselves."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections import Counter

import pytest
from explorer_page import Watch, settled
from sample_site import GROUPS, SampleServer, write_data

import toolkit as tk
from toolkit.explorer.pack.contents import record_of

#: Tests of a file that open the page and are not among the slow ones.
MOST_QUICK = 3
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
    "--disable-component-update", "--no-first-run",
]  # fmt: skip


def pytest_collection_modifyitems(items):
    """Few tests of a file are quick, one of those that differ in a parameter: browsers are slow."""
    seen, quick = set(), Counter()
    for item in items:
        if {"browser", "page", "open_page"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
            kind = item.nodeid.partition("[")[0]
            if kind in seen or quick[item.path] == MOST_QUICK:
                item.add_marker(pytest.mark.slow)
            elif item.get_closest_marker("slow") is None:
                seen.add(kind)
                quick[item.path] += 1


#: Playwright's event loop, which runs as long as the browser.
_LOOP = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Hide the browser's event loop from all other tests: with one that runs no other can."""
    if "browser" not in getattr(item, "fixturenames", ()):
        return (yield)
    asyncio._set_running_loop(_LOOP.pop() if _LOOP else None)
    try:
        return (yield)
    finally:
        _LOOP.append(asyncio._get_running_loop())
        asyncio._set_running_loop(None)


@pytest.fixture(scope="session")
def browser():
    """One Chromium for each process of the tests."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no Chromium on the path: none of {', '.join(NAMES)}")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        if _LOOP:  # the last test was one of others
            asyncio._set_running_loop(_LOOP.pop())
        browser.close()


@pytest.fixture(scope="session")
def sample_records():
    """The packed records of five groups of different kinds, by their short names."""
    return {name: record_of(library) for name, library in GROUPS.items()}


@pytest.fixture(scope="session")
def site(tmp_path_factory, sample_records):
    """The page with these groups behind a plain file server; `.address`, `.requests`."""
    data = tmp_path_factory.mktemp("explorer-data")
    write_data(data, list(sample_records.values()))
    server = SampleServer(data)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)


@pytest.fixture
def open_page(browser, site):
    """A function that opens an address in a fresh window and waits until it is drawn.

    ``open_page("#group=S4", dark=False, width=1280, height=800, touch=False)``; ``prepare`` gets
    the window's context first. The test fails if a page says an error or a warning, or asks any
    other server. ``page.watch`` has what was said.
    """
    contexts = []

    def open_page(fragment="", *, dark=False, width=1280, height=800, touch=False, prepare=None):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            has_touch=touch,
            accept_downloads=True,
        )
        context.set_default_timeout(30_000)
        watch = Watch(context, site.address)
        contexts.append((context, watch))
        if prepare is not None:
            prepare(context)
        page = context.new_page()
        page.watch = watch
        page.goto(site.address + fragment)
        settled(page)
        return page

    yield open_page
    for context, watch in contexts:
        context.close()
        assert watch.complaints == []


@pytest.fixture
def page(open_page):
    """The page at S4."""
    return open_page("#group=S4")


@pytest.fixture(scope="module")
def catalog():
    """The bundled catalog."""
    with tk.catalog.open() as found:
        yield found
