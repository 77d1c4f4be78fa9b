"""The explorer's page with a few groups, served by a plain file server: for tests and for looking.

``python tests/support/sample_site.py 8770 S4 C8`` serves it at http://127.0.0.1:8770/.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import toolkit

PAGE = Path(toolkit.__file__).resolve().parent / "explorer" / "page"
#: The groups of the tables, most of which have no record here.
CATALOG = "order <= 32 or group in ('SmallGroup(60,5)', 'SmallGroup(96,64)')"
#: Groups of different kind: what they are called, and the name by which they stand in a shard.
GROUPS = {
    "S4": "SmallGroup(24,12)",
    "C8": "SmallGroup(8,1)",
    "Q8": "SmallGroup(8,4)",
    "A5": "SmallGroup(60,5)",
    "SmallGroup(96,64)": "SmallGroup(96,64)",
}


def write_data(folder: Path, records: list[dict[str, Any]]) -> None:
    """Write the data of a page with these records: the shards hold two groups each."""
    import toolkit as tk
    from toolkit.explorer.pack.aliases import key_of
    from toolkit.explorer.pack.columns import packed
    from toolkit.explorer.pack.shards import library_number, write_manifest, write_shards
    from toolkit.explorer.pack.tables import catalog_files

    numbered = {number: r for r in records if (number := library_number(r["name"])) is not None}
    small = [numbered[number] for number in sorted(numbered)]
    named = [record for record in records if library_number(record["name"]) is None]
    shards = []
    for start in range(0, len(small), 2):
        shards += write_shards(small[start : start + 2], folder, f"from{start}-")
    versions = {"version": tk.__version__, "gap": "4.15.1"}
    write_manifest(folder, shards, write_shards(named, folder, "named-"), versions)
    names = {
        key_of(alias): record["name"]
        for record in [*small, *named]
        for alias in [record["title"], record["name"], *record["aliases"]]
    }
    (folder / "names.json.gz").write_bytes(packed(names))
    with tk.catalog.open() as catalog:
        catalog_files(catalog, folder, CATALOG)


class SampleServer(ThreadingHTTPServer):
    """A plain file server on the loopback address: the page, and data from another folder.

    ``requests`` has the path of each request, ``unpacked`` sends ``.gz`` with the header that
    makes browsers unpack them.
    """

    daemon_threads = True

    def __init__(self, data: Path, port: int = 0) -> None:
        self.data = data
        self.requests: list[str] = []
        self.unpacked = False
        super().__init__(("127.0.0.1", port), partial(_Handler, directory=str(PAGE)))

    @property
    def address(self) -> str:
        """The address of the page."""
        return f"http://127.0.0.1:{self.server_port}/"


class _Handler(SimpleHTTPRequestHandler):
    extensions_map: ClassVar = {
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".gz": "application/gzip",
    }
    server: SampleServer

    def translate_path(self, path: str) -> str:
        plain = path.partition("?")[0].partition("#")[0]
        if plain.startswith("/data/") and ".." not in plain:
            return str(self.server.data / plain.removeprefix("/data/"))
        return super().translate_path(path)

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        super().do_GET()

    def end_headers(self) -> None:
        self.send_header(
            "Content-Security-Policy",
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
            "object-src 'none'; base-uri 'none'; form-action 'none'",
        )
        self.send_header("Cache-Control", "no-store")
        if self.server.unpacked and self.path.endswith(".gz"):
            self.send_header("Content-Encoding", "gzip")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def main() -> None:
    """Serve records from files (.json), folders of them, or by the names of groups."""
    import tempfile

    from toolkit.explorer.pack.contents import record_of

    port, *sources = sys.argv[1:]
    records = []
    for source in sources or GROUPS.values():
        path = Path(source)
        files = sorted(path.glob("*.json")) if path.is_dir() else [path] if path.is_file() else []
        records += [json.loads(file.read_text()) for file in files] or [record_of(source)]
    with tempfile.TemporaryDirectory() as folder:
        write_data(Path(folder), records)
        server = SampleServer(Path(folder), int(port))
        print(server.address)
        server.serve_forever()


if __name__ == "__main__":
    main()
