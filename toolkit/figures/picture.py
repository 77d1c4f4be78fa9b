"""A figure of matplotlib that a notebook shows as the picture it is."""

from __future__ import annotations

import io

from matplotlib.figure import Figure  # noqa: TID253 - imported when something is drawn


class Picture(Figure):
    """A figure, not known to pyplot, that is shown when it is the last line of a cell."""

    def _repr_png_(self) -> bytes:
        content = io.BytesIO()
        self.savefig(content, format="png", dpi=100)
        return content.getvalue()
