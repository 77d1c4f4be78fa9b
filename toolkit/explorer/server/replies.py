"""Replies of the server: JSON that nobody keeps, and refusals of one sentence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping


def sentence(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a reply ``{"error": text}``."""
    return json_reply({"error": text}, status, headers)


def json_reply(
    data: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a reply of JSON data."""
    return json_bytes(json.dumps(data, separators=(",", ":")).encode(), status, headers)


def json_bytes(
    body: bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a reply of text that is JSON already."""
    return Response(
        body,
        status,
        {"cache-control": "no-store", **(headers or {})},
        media_type="application/json",
    )
