"""Addresses and questions that the explorer's server is sent."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, cast

from hostile.case import Broken, Case, World
from hostile.text import deep, mutated, number

if TYPE_CHECKING:
    from toolkit.explorer.server.jobs import Jobs

_TOKEN = "the-token"
_PATHS = (
    "/", "/index.html", "/js/main.js", "/data/manifest.json", "/api/jobs", "/api/jobs/abc",
    "/data/shards/0000.json.gz", "/../outside.js", "/js/../../outside.js", "//outside.js",
    "/link.js", "/.hidden.js", "/js",
)  # fmt: skip
_QUESTIONS: tuple[dict[str, Any], ...] = (
    {"kind": "record", "group": "S4"},
    {"kind": "module", "group": "S4", "module": "points"},
    {"kind": "activation", "formula": "max(x,0)"},
    {"kind": "find", "table": "groups", "condition": "order < 5", "limit": 3},
)


class _Accepted:
    revision = 0

    def to_json(self) -> bytes:
        return b'{"id": "abc", "state": "waiting"}'

    async def wait(self, seen: int, seconds: float) -> None:
        """Wait for nothing."""


class _NoJobs:
    """Takes every question, and answers none."""

    def submit(self, question: dict[str, Any]) -> _Accepted:
        if not all(isinstance(v, str | int | None) for v in question.values()):
            raise Broken(f"a question that is no question was accepted: {question!r:.200}")
        return _Accepted()

    def find(self, name: str) -> _Accepted | None:
        return _Accepted() if name == "abc" else None

    def cancel(self, job: _Accepted) -> None:
        """Cancel nothing."""


def case(world: World) -> Case:
    """Return a request, and send it."""
    random = world.random
    path = random.choice(_PATHS)
    if random.random() < 0.6:
        path = mutated(random, path, "/.%~\\?#:@;&=aA0", 6000)
    method = random.choice(("GET", "GET", "GET", "POST", "DELETE", "HEAD", "PUT", "\0"))
    body = b""
    if random.random() < 0.5:
        path, method, body = "/api/jobs", "POST", _body(world)
    query = mutated(random, "wait=1&seen=0", "&=%0123456789-.enainf", 3000)
    headers = [
        (b"host", random.choice((b"localhost:8000",) * 6 + (b"evil.example", b"", b"\xff"))),
        (b"x-plrep-token", random.choice((_TOKEN.encode(),) * 6 + (b"\xff", b""))),
        (b"content-type", random.choice((b"application/json",) * 6 + (b"text/html", b"\xff"))),
    ]
    return Case(
        f"{method} {path[:150]!r}?{query[:80]!r} with {body[:80]!r}",
        lambda: _send(world, method, path, query, headers, body),
    )


def _body(world: World) -> bytes:
    random = world.random
    question = dict(random.choice(_QUESTIONS))
    change = random.randrange(5)
    if change == 0:
        question[random.choice(list(question))] = random.choice((number(random), deep(random)))
    elif change == 1:
        question[random.choice(("x", "kind", "group", "limit"))] = "a" * random.choice((1, 5000))
    text = json.dumps(question, default=str)
    if change == 2:
        text = mutated(random, text, '{}[]":,\\0123456789', 100_000)
    elif change == 3:
        text = '[{"a":'[:: random.choice((1, 2))] * 15_000
    return text.encode("utf-8", "surrogatepass")


def _send(
    world: World,
    method: str,
    path: str,
    query: str,
    headers: list[tuple[bytes, bytes]],
    body: bytes,
) -> None:
    found: list[dict[str, Any]] = []
    asyncio.run(_exchange(_application(world), method, path, query, headers, body, found))
    status = found[0]["status"] if found else None
    sent = b"".join(message.get("body", b"") for message in found[1:])
    if status is None or not 200 <= status < 500:
        raise Broken(f"status {status}: {sent[:200]!r}")
    if b"SECRET" in sent:
        raise Broken("a file that is none of the page's was sent")
    if path.startswith("/api/") and status >= 400 and method != "HEAD":
        json.loads(sent)


async def _exchange(
    app: Any,
    method: str,
    path: str,
    query: str,
    headers: list[tuple[bytes, bytes]],
    body: bytes,
    found: list[dict[str, Any]],
) -> None:
    left = [body]

    async def receive() -> dict[str, Any]:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        await asyncio.sleep(3600)
        raise AssertionError

    async def send(message: dict[str, Any]) -> None:
        found.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": path, "raw_path": path.encode("utf-8", "surrogatepass"),
        "query_string": query.encode("utf-8", "surrogatepass"), "root_path": "",
        "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000),
    }  # fmt: skip
    await app(scope, receive, send)


def _application(world: World) -> Any:
    from toolkit.explorer.server.app import create_app
    from toolkit.explorer.site.folders import PageFolder

    page = world.folder / "page"
    if not page.exists():
        (page / "js").mkdir(parents=True)
        (page / "index.html").write_text("<!DOCTYPE html><html><head></head></html>\n")
        (page / "js" / "main.js").write_text("export const words = 'words';\n")
        (page / ".hidden.js").write_text("SECRET\n")
        (world.folder / "outside.js").write_text("SECRET\n")
        (page / "link.js").symlink_to(world.folder / "outside.js")
    jobs = cast("Jobs", _NoJobs())
    return create_app(PageFolder(page), None, jobs, port=8000, token=_TOKEN)
