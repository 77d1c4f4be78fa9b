"""The explorer's server beside a test: a small page, a worker that does what it is told."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from processes import PATIENCE

from toolkit.explorer.server.app import create_app
from toolkit.explorer.server.jobs import Jobs, Limits
from toolkit.explorer.server.run import listening, server
from toolkit.explorer.server.worker import settings_to_json
from toolkit.explorer.site import PageFolder
from toolkit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TOKEN = "the-token-of-this-test"
#: A worker that answers as the question's text says; see ``obedient_worker.py``.
OBEDIENT = (sys.executable, "-P", str(Path(__file__).with_name("obedient_worker.py")))


def small_page(folder: Path) -> PageFolder:
    """Write a page of two files and something that is none of its business."""
    page = folder / "page"
    (page / "js").mkdir(parents=True)
    (page / "index.html").write_text("<!DOCTYPE html><html><head><title>x</title></head></html>\n")
    (page / "js" / "main.js").write_text("export const words = 'words';\n" * 100)
    (page / "js" / "notes.py").write_text("SECRET = 1\n")
    (page / ".hidden.js").write_text("SECRET\n")
    (folder / "outside.js").write_text("SECRET\n")
    (page / "link.js").symlink_to(folder / "outside.js")
    return PageFolder(page)


def small_data(folder: Path, orders: Sequence[int] = (1, 2, 3, 4, 4)) -> PageFolder:
    """Write data of cyclic groups, two groups to a shard."""
    data = folder / "data"
    (data / "shards").mkdir(parents=True)
    counts: dict[int, int] = {}
    names = []
    for order in orders:
        counts[order] = counts.get(order, 0) + 1
        names.append((order, counts[order]))
    shards = []
    for start in range(0, len(names), 2):
        some = names[start : start + 2]
        file = f"shards/{start // 2:04}.json.gz"
        records = [{"name": f"SmallGroup({n},{k})", "order": n} for n, k in some]
        (data / file).write_bytes(gzip.compress(json.dumps(records).encode(), mtime=0))
        shards.append({"file": file, "first": list(some[0]), "count": len(some)})
    aliases = {f"smallgroup({n},{k})": f"SmallGroup({n},{k})" for n, k in names}
    (data / "names.json.gz").write_bytes(gzip.compress(json.dumps(aliases).encode(), mtime=0))
    manifest = {"schema": 1, "version": "0", "shards": shards, "named": {}}
    (data / "manifest.json").write_text(json.dumps(manifest))
    return PageFolder(data)


@dataclass
class Reply:
    """A reply of the server."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


class Running:
    """A server that runs, and requests to it.

    Parameters
    ----------
    port
        Where.
    jobs
        Its questions.
    """

    def __init__(self, port: int, jobs: Jobs) -> None:
        self.port = port
        self.jobs = jobs

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        token: str | None = TOKEN,
        **headers: str,
    ) -> Reply:
        """Send one request; underscores in the names of headers stand for hyphens."""
        sent = {"Content-Type": "application/json"} if body is not None else {}
        if token is not None:
            sent["X-Plrep-Token"] = token
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.putrequest(method, path, skip_host="Host" in sent, skip_accept_encoding=True)
            for name, value in sent.items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            found = connection.getresponse()
            lower = {name.lower(): value for name, value in found.getheaders()}
            return Reply(found.status, lower, found.read())

    def submit(self, **question: object) -> Any:
        """Send a question; return what the server says about it."""
        reply = self.ask("POST", "/api/jobs", json.dumps(question).encode())
        assert reply.status == 202, reply.body
        return reply.json

    def follow(self, job: dict[str, Any], *, until: str = "") -> Any:
        """Wait until a question has ended, or its progress has these words."""
        while job["state"] == "running" and (not until or job["progress"]["words"] != until):
            path = f"/api/jobs/{job['id']}?wait=10&seen={job['revision']}"
            job = self.ask("GET", path).json
        return job


@contextlib.contextmanager
def running(
    page: PageFolder,
    data: PageFolder | None = None,
    *,
    settings: Settings | None = None,
    limits: Limits | None = None,
    command: Sequence[str] = OBEDIENT,
    read_only: bool = False,
) -> Iterator[Running]:
    """Run the server on a free port in a thread."""
    settings = settings or Settings(cache_dir=page.root.parent / "cache", offline=True)
    jobs = Jobs(settings_to_json(settings, read_only=read_only), limits, command)
    started = threading.Event()
    with listening(0) as listener:
        port = listener.getsockname()[1]
        app = create_app(page, data, jobs, port=port, token=TOKEN)
        ours = server(app, jobs.wake, started.set)
        thread = threading.Thread(target=ours.run, args=([listener],))
        thread.start()
        try:
            assert started.wait(PATIENCE)
            yield Running(port, jobs)
        finally:
            ours.should_exit = True
            thread.join(PATIENCE)
    assert not thread.is_alive()
