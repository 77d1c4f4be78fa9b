"""The page as static files: what is written, where it may be written, what a file server sends."""

from __future__ import annotations

import gzip
import json
import os
import threading
import urllib.request
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from explorer_server import small_data, small_page
from small_disks import fill, free

from toolkit.errors import ConfigError
from toolkit.explorer.site import PageFolder, export_site
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
    assert (made.files, made.records) == (len(found), 5)
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
        with pytest.raises(
            ConfigError, match="contains files that are not from an export, and is not changed"
        ):
            export_site(tmp_path / "site", replace=replace, **sources)
    assert files(tmp_path / "site") == {"thesis.tex": b"years of work"}


def test_an_earlier_export_is_replaced_when_told(sources, tmp_path):
    export_site(tmp_path / "site", **sources)
    (tmp_path / "site" / "old.js").write_text("of an earlier version")
    with pytest.raises(ConfigError, match="an exported site: add --force to replace it"):
        export_site(tmp_path / "site", **sources)
    assert (tmp_path / "site" / "old.js").is_file()
    export_site(tmp_path / "site", replace=True, **sources)
    assert not (tmp_path / "site" / "old.js").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site", "sources"]


def test_a_file_or_a_link_is_no_folder(sources, tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("file", "link"):
        with pytest.raises(ConfigError, match="is not a folder: give a missing or empty folder"):
            export_site(tmp_path / name, **sources)
    with pytest.raises(ConfigError, match=r"there is no folder .*nowhere' to write into"):
        export_site(tmp_path / "nowhere" / "site", **sources)


def test_an_export_that_fails_leaves_all_as_it_was(sources, tmp_path):
    export_site(tmp_path / "site", **sources)
    before = files(tmp_path)
    (sources["data"].root / "manifest.json").write_text("{}")
    before |= {"sources/data/manifest.json": b"{}"}
    with pytest.raises(ConfigError, match=r"manifest\.json is not a list of the explorer's data"):
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


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        ((1, 4), [(1, 1), (2, 1), (3, 1), (4, 1), (4, 2)]),
        ((2, 3), [(2, 1), (3, 1)]),
        ((4, 4), [(4, 1), (4, 2)]),
        ((3, 99), [(3, 1), (4, 1), (4, 2)]),
        ((1, 1), [(1, 1)]),
    ],
)
def test_some_orders(sources, tmp_path, orders, expected):
    made = export_site(tmp_path / "site", orders=orders, **sources)
    names = {f"SmallGroup({n},{k})" for n, k in expected}
    assert made.records == len(names)
    data = tmp_path / "site" / "data"
    manifest = json.loads((data / "manifest.json").read_text())
    found = []
    for shard in manifest["shards"]:
        records = unpacked(data / shard["file"])
        assert len(records) == shard["count"]
        assert f"SmallGroup({shard['first'][0]},{shard['first'][1]})" == records[0]["name"]
        found += [record["name"] for record in records]
    assert found == [f"SmallGroup({n},{k})" for n, k in expected]
    assert set(unpacked(data / "names.json.gz").values()) == names
    written = {path.relative_to(data).as_posix() for path in (data / "shards").iterdir()}
    assert written == {shard["file"] for shard in manifest["shards"]}


def test_named_groups_are_chosen_by_their_order(sources, tmp_path):
    root = sources["data"].root
    records = [{"name": "M11", "order": 7920}, {"name": "S30", "order": str(10**32)}]
    (root / "shards" / "named.json.gz").write_bytes(gzip.compress(json.dumps(records).encode()))
    manifest = json.loads((root / "manifest.json").read_text())
    named = dict.fromkeys(("M11", "S30"), "shards/named.json.gz")
    (root / "manifest.json").write_text(json.dumps({**manifest, "named": named}))
    made = export_site(tmp_path / "site", orders=(4, 8000), **sources)
    assert made.records == 3
    data = tmp_path / "site" / "data"
    kept = json.loads((data / "manifest.json").read_text())["named"]
    assert kept == {"M11": "shards/named.json.gz"}
    assert unpacked(data / "shards" / "named.json.gz") == records[:1]


def test_an_ambiguous_alias_keeps_the_groups_that_are_chosen(sources, tmp_path):
    both = ["SmallGroup(3,1)", "SmallGroup(4,1)", "SmallGroup(4,2)"]
    aliases = {"one": both[0], "some": both, "others": both[1:]}
    names = sources["data"].root / "names.json.gz"
    names.write_bytes(gzip.compress(json.dumps(aliases).encode()))
    export_site(tmp_path / "a", orders=(3, 3), **sources)
    expected = {"one": "SmallGroup(3,1)", "some": "SmallGroup(3,1)"}
    assert unpacked(tmp_path / "a" / "data" / "names.json.gz") == expected
    export_site(tmp_path / "b", orders=(4, 4), **sources)
    expected = {"some": both[1:], "others": both[1:]}
    assert unpacked(tmp_path / "b" / "data" / "names.json.gz") == expected


def test_orders_without_groups_are_a_sentence(sources, tmp_path):
    with pytest.raises(ConfigError, match="there are no groups of order 500 to 600 in the"):
        export_site(tmp_path / "site", orders=(500, 600), **sources)
    assert not (tmp_path / "site").exists()


def test_the_tables_of_the_catalog_are_those_of_the_groups_chosen(sources, tmp_path):
    pytest.importorskip("duckdb")
    from toolkit.catalog.catalog import open as open_catalog
    from toolkit.explorer.pack.columns import table_columns
    from toolkit.explorer.pack.tables import catalog_files

    with open_catalog() as catalog:
        catalog_files(catalog, sources["data"].root, "order <= 4")
    export_site(tmp_path / "site", orders=(2, 3), **sources)
    data = tmp_path / "site" / "data"
    everything = {name for name in sources["data"].files() if not name.startswith("shards/")}
    written = {name for name in PageFolder(data).files() if not name.startswith("shards/")}
    assert written == everything
    groups = table_columns(unpacked(data / "groups.json.gz"))["group"]
    assert groups == ["SmallGroup(2,1)", "SmallGroup(3,1)"]
    simples = table_columns(unpacked(data / "tables" / "simples.json.gz"))["group"]
    assert set(simples) == set(groups)


def test_a_full_disk_leaves_the_earlier_site(sources, small_disk):
    disk = small_disk(512 << 10)
    made = export_site(disk / "site", **sources)
    before = files(disk / "site")
    for left in (0, 4096, made.size // 2):
        fill(disk, left)
        with pytest.raises(ConfigError, match=r"^cannot write '.*site': No space left on device$"):
            export_site(disk / "site", replace=True, **sources)
        with pytest.raises(ConfigError, match=r"^cannot write '.*new': No space left on device$"):
            export_site(disk / "new", **sources)
        assert files(disk / "site") == before
        assert sorted(path.name for path in disk.iterdir()) == ["filled", "site"]
        free(disk)
    export_site(disk / "site", replace=True, **sources)
    assert files(disk / "site") == before


def test_what_a_killed_export_left_is_removed_by_the_next(sources, tmp_path):
    left = tmp_path / ".site.00000000-1-0123abcd.tmp"
    left.mkdir()
    os.utime(left, (0, 0))
    export_site(tmp_path / "site", **sources)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site", "sources"]
