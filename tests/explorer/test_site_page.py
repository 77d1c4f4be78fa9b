"""An exported site behind Python's own file server: every view, and no request to anyone else."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from explorer_page import Watch, settled
from sample_site import write_data

from toolkit.explorer.site import PageFolder, export_site

VIEWS = ("group", "graph", "lattice", "map", "overtones", "layer", "catalog")


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def exported(tmp_path_factory, sample_records):
    """The address of an exported site."""
    folder = tmp_path_factory.mktemp("exported")
    (folder / "data").mkdir()
    write_data(folder / "data", list(sample_records.values()))
    export_site(folder / "site", data=PageFolder(folder / "data"))
    handler = partial(Handler, directory=str(folder / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_every_view_is_drawn_and_nobody_else_is_asked(browser, exported):
    context = browser.new_context()
    context.set_default_timeout(60_000)
    watch = Watch(context, exported)
    page = context.new_page()
    try:
        for view in VIEWS:
            page.goto(f"{exported}#group=S4&view={view}")
            settled(page)
            assert page.get_by_role("alert").count() == 0, view
        page.goto(f"{exported}#group=C300")
        page.get_by_role("alert").first.wait_for()
        assert "plrep explore answers for any group" in page.get_by_role("alert").inner_text()
        assert page.locator('meta[name="plrep-token"]').count() == 0
    finally:
        context.close()
    assert watch.complaints == []
