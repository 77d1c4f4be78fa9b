"""The files of the page and of its data, compressed where that helps, checked by their tags."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, Response

from toolkit.explorer.server.replies import sentence
from toolkit.explorer.site.folders import MEDIA_TYPES

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from toolkit.explorer.site.folders import PageFolder

#: Bytes of a file that is read, and sent, as a whole.
_SMALL = 1 << 20
_COMPRESSED = frozenset({".html", ".css", ".js", ".json", ".svg", ".txt"})
#: The browser asks every time whether a file is as it was: the next server may be another version.
_ASK_AGAIN = {"cache-control": "no-cache"}


@dataclass(frozen=True)
class _Packed:
    """A file compressed, and the tag of the state that was compressed."""

    tag: str
    body: bytes


class Files:
    """The files that the server sends.

    Parameters
    ----------
    page
        The page; its ``index.html`` is sent with the token.
    data
        What is served below ``data/``; ``None`` if there are no bundled data.
    token
        Put into ``index.html`` as ``<meta name="plrep-token">``.
    """

    def __init__(self, page: PageFolder, data: PageFolder | None, token: str) -> None:
        self.page = page
        self.data = data
        self.token = token
        self._packed: dict[Path, _Packed] = {}

    async def reply(self, request: Request) -> Response:
        """Answer a request for a file; the route hands over its relative name as ``name``."""
        name: str = request.path_params.get("name", "") or "index.html"
        if name == "index.html":
            return self._index()
        folder, rest = self.page, name
        if name.startswith("data/"):
            if self.data is None:
                return sentence(404, "this installation has no bundled data of the explorer")
            folder, rest = self.data, name.removeprefix("data/")
        path = folder.find(rest)
        if path is None:
            return sentence(404, "there is no such file")
        return self._file(request, path)

    def _index(self) -> Response:
        """Return the page itself, which nobody keeps: the token is that of this server alone."""
        text = (self.page.root / "index.html").read_text(encoding="utf-8")
        head, mark, rest = text.partition("</head>")
        if not mark:
            return sentence(500, "index.html has no </head> before which the token can stand")
        meta = f'<meta name="plrep-token" content="{self.token}">\n'
        return Response(
            f"{head}{meta}{mark}{rest}",
            headers={"cache-control": "no-store"},
            media_type=MEDIA_TYPES[".html"],
        )

    def _file(self, request: Request, path: Path) -> Response:
        status = path.stat()
        kind = MEDIA_TYPES[path.suffix]
        tag = f"{status.st_mtime_ns:x}-{status.st_size:x}"
        packed = path.suffix in _COMPRESSED and _takes_gzip(request)
        headers = {**_ASK_AGAIN, "etag": f'"{tag}-gzip"' if packed else f'"{tag}"'}
        if path.suffix in _COMPRESSED:
            headers["vary"] = "accept-encoding"
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if packed:
            headers["content-encoding"] = "gzip"
            return Response(self._compressed(path, tag), headers=headers, media_type=kind)
        if status.st_size > _SMALL:
            return FileResponse(path, headers=headers, media_type=kind)
        return Response(path.read_bytes(), headers=headers, media_type=kind)

    def _compressed(self, path: Path, tag: str) -> bytes:
        found = self._packed.get(path)
        if found is None or found.tag != tag:
            found = _Packed(tag, gzip.compress(path.read_bytes(), 6, mtime=0))
            self._packed[path] = found
        return found.body


def _takes_gzip(request: Request) -> bool:
    accepted = ",".join(request.headers.getlist("accept-encoding")).lower()
    for item in accepted.split(","):
        coding, _, quality = item.partition(";")
        if coding.strip() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
