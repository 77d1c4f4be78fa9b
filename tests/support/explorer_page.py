"""A page of the explorer in a test: what it complains of, and when it is drawn."""

from __future__ import annotations

import time


class Watch:
    """What a page complained of, and whom it asked."""

    def __init__(self, context, address):
        self.complaints = []
        self.address = address
        context.on("page", self._follow)
        context.on("request", self._requested)
        context.on("response", self._answered)

    def _follow(self, page):
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))

    def _said(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"console {message.type}: {message.text}")

    def _requested(self, request):
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.complaints.append(f"request to another place: {request.url}")

    def _answered(self, response):
        if response.status >= 400:
            self.complaints.append(f"status {response.status}: {response.url}")

    def expect(self, words):
        """Take out the complaints that contain these words; there must be one."""
        kept = [one for one in self.complaints if words not in one]
        assert len(kept) < len(self.complaints), f"nobody complained of {words!r}"
        self.complaints = kept


def settled(page):
    """Wait until the view that the address asks for is drawn."""
    page.locator("main:not([aria-busy]) h1").first.wait_for()


def until(page, condition):
    """Wait until a condition holds, however slow the machine; fail after half a minute.

    The page's content security policy forbids ``wait_for_function``, so it is asked from here.
    """
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "what is waited for did not come within 30 seconds"
        page.wait_for_timeout(20)


def clipboard(page, sign=""):
    """Return what the clipboard holds, once it holds something with a sign in it."""
    until(page, lambda: sign in (page.evaluate("navigator.clipboard.readText()") or " "))
    return page.evaluate("navigator.clipboard.readText()")
