"""Who may ask the server: requests to this machine, from its own page, with its token."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from toolkit.explorer.server.replies import sentence

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: The header that carries the token.
TOKEN_HEADER = "x-plrep-token"

SECURITY_HEADERS = {
    # data: and blob: are needed where a picture is drawn again as PNG
    "content-security-policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_NAMES = ("localhost", "127.0.0.1", "[::1]")


class Guard:
    """An application around another that refuses what does not come from its own page.

    Parameters
    ----------
    inner
        The application behind it.
    port
        The port that requests must name in ``Host``.
    token
        What requests below ``/api/`` must carry.

    Notes
    -----
    A name that someone else's domain server points to this machine is not ours, and is refused:
    otherwise any page on the web could read the token under such a name. Every reply, refusals
    included, gets the security headers.
    """

    def __init__(self, inner: ASGIApp, *, port: int, token: str) -> None:
        self.inner = inner
        self._token = token.encode()
        self._hosts = {f"{name}:{port}" for name in _NAMES}
        if port == 80:
            self._hosts.update(_NAMES)
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.inner(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(message)
            await send(message)

        refusal = self._refusal(scope)
        if refusal is None:
            await self.inner(scope, receive, sending)
        else:
            await sentence(*refusal)(scope, receive, sending)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Return the status and the sentence that refuse a request, or ``None``."""
        hosts = _values(scope, b"host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            found = ", ".join(hosts)[:60] or "none"
            return 421, (
                f"this server answers requests for {min(self._hosts)}, not for the host {found!r}"
            )
        if any(origin.lower() not in self._origins for origin in _values(scope, b"origin")):
            return 403, "this server answers only its own page, not pages from other addresses"
        if scope["path"].startswith("/api/") and not self._is_authorised(scope):
            return 403, (
                "the token of this server is required: reload the page, which contains it, and "
                "ask again"
            )
        return None

    def _is_authorised(self, scope: Scope) -> bool:
        found = [value for name, value in scope["headers"] if name == TOKEN_HEADER.encode()]
        return len(found) == 1 and hmac.compare_digest(found[0], self._token)


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _add_headers(message: MutableMapping[str, Any]) -> None:
    present = {name.lower() for name, _ in message.get("headers", [])}
    extra = [
        (name.encode(), value.encode())
        for name, value in SECURITY_HEADERS.items()
        if name.encode() not in present
    ]
    message["headers"] = [*message.get("headers", []), *extra]
