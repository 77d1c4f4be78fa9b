"""The explorer as static files beside the pages, with the groups of small order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.explorer.site.export import export_site

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ORDERS = (1, 31)


def export(app: Sphinx, error: Exception | None) -> None:
    """Write the explorer into the folder ``explorer`` of the site."""
    if error is None and app.builder.format == "html":
        export_site(Path(app.outdir) / "explorer", orders=ORDERS, replace=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Export when all is written, before it is looked through."""
    app.connect("build-finished", export, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
