"""The page as static files: what is written, where it may be written, what a file server sends."""

from __future__ import annotations

import gzip
import json
import threading
import urllib.request
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from explorer_server import small_data, small_page

from toolkit.errors import ConfigError
from toolkit.explorer.site import export_site
from toolkit.explorer.site.export import MARKER


@pytest.fixture
def sources(tmp_path):
    folder = tmp_path / "sources"
    folder.mkdir()
    return {"page": small_page(folder), "data": small_data(folder)}


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_files_are_those_of_the_page_and_its_data(sources, tmp_path):
    made = export_site(tmp_path / "site", **sources)
    found = files(tmp_path / "site")
    page, data = sources["page"], sources["data"]
    expected = {name: (page.root / name).read_bytes() for name in page.files()}
    expected |= {f"data/{name}": (data.root / name).read_bytes() for name in data.files()}
    assert {name: body for name, body in found.items() if name in expected} == expected
    assert set(found) - set(expected) == {"README.txt", MARKER}
    assert not any(b"SECRET" in body for body in found.values())
    assert (made.files, made.groups) == (len(found), 5)
    assert made.size == sum(map(len, found.values()))
    assert b"python3 -m http.server" in found["README.txt"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site", "sources"]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def test_a_plain_file_server_sends_the_same_bytes(sources, tmp_path):
    export_site(tmp_path / "site", **sources)
    found = files(tmp_path / "site")
    handler = partial(Quiet, directory=str(tmp_path / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            for name, body in {**found, "": found["index.html"]}.items():
                address = f"http://127.0.0.1:{server.server_port}/{name}"
                with urllib.request.urlopen(address) as reply:
                    assert reply.read() == body, name
                    assert reply.headers["Content-Encoding"] is None
        finally:
            server.shutdown()
            thread.join()


def test_an_empty_folder_is_filled(sources, tmp_path):
    (tmp_path / "site").mkdir()
    export_site(tmp_path / "site", **sources)
    assert (tmp_path / "site" / "index.html").is_file()


def test_a_folder_of_others_is_left_alone(sources, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "thesis.tex").write_text("years of work")
    for replace in (False, True):
        with pytest.raises(ConfigError, match="has files that no export made, and is left alone"):
            export_site(tmp_path / "site", replace=replace, **sources)
    assert files(tmp_path / "site") == {"thesis.tex": b"years of work"}


def test_an_earlier_export_is_replaced_when_told(sources, tmp_path):
    export_site(tmp_path / "site", **sources)
    (tmp_path / "site" / "old.js").write_text("of an earlier version")
    with pytest.raises(ConfigError, match="already: add --force to replace it"):
        export_site(tmp_path / "site", **sources)
    assert (tmp_path / "site" / "old.js").is_file()
    export_site(tmp_path / "site", replace=True, **sources)
    assert not (tmp_path / "site" / "old.js").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site", "sources"]


def test_a_file_or_a_link_is_no_folder(sources, tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("file", "link"):
        with pytest.raises(ConfigError, match="is no folder: name one that is missing or empty"):
            export_site(tmp_path / name, **sources)
    with pytest.raises(ConfigError, match=r"there is no folder .*nowhere' to write into"):
        export_site(tmp_path / "nowhere" / "site", **sources)


def test_an_export_that_fails_leaves_all_as_it_was(sources, tmp_path):
    export_site(tmp_path / "site", **sources)
    before = files(tmp_path)
    (sources["data"].root / "manifest.json").write_text("{}")
    before |= {"sources/data/manifest.json": b"{}"}
    with pytest.raises(ConfigError, match=r"manifest\.json is no list of the explorer's data"):
        export_site(tmp_path / "site", replace=True, **sources)
    assert files(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site", "sources"]


def test_the_page_of_this_toolkit_is_found_and_whole():
    from toolkit.explorer.site import page_folder

    names = page_folder().files()
    assert {"index.html", "style.css", "js/main.js"} <= set(names)
    others = [
        path.name
        for path in page_folder().root.rglob("*")
        if path.is_file() and path.relative_to(page_folder().root).as_posix() not in names
    ]
    assert others == []


def unpacked(path):
    return json.loads(gzip.decompress(path.read_bytes()))
