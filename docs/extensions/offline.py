"""A page that would fetch something from elsewhere when it is read is a warning of the build."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_LOGGER = logging.getLogger(__name__)
_FETCHED = re.compile(
    r"""<(?:script|img|iframe|source|video)\b[^>]*\ssrc\s*=\s*["'](?:https?:)?//[^"']+"""
    r"""|<link\b[^>]*rel="(?:stylesheet|preload|icon)"[^>]*href=["'](?:https?:)?//[^"']+"""
    r"""|@import\s+(?:url\()?["']?(?:https?:)?//[^"')]+|url\(["']?(?:https?:)?//[^"')]+"""
)


def look(app: Sphinx, error: Exception | None) -> None:
    """Look through all pages and style sheets."""
    if error is not None:
        return
    for kind in ("*.html", "*.css"):
        for page in sorted(Path(app.outdir).rglob(kind)):
            found = _FETCHED.search(page.read_text())
            if found:
                _LOGGER.warning("%s fetches something when it is read: %s", page.name, found[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Look when all is written."""
    app.connect("build-finished", look)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
