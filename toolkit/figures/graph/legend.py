"""The legend below the picture of an interaction graph."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from toolkit.figures.canvas import measured
from toolkit.figures.style import LINES, SOFT, line_width
from toolkit.palette import COLOURS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from toolkit.figures.canvas import Canvas

_SIZE = 8.0


class LegendItem(NamedTuple):
    """One entry: a mark and the words that explain it.

    Parameters
    ----------
    what
        ``"type"`` of a simple, ``"line"`` for its kind, ``"share"`` of the energy, or ``""`` for
        words alone.
    key
        Which type, which kind, how large a share, or the words.
    """

    what: str
    key: str

    @property
    def words(self) -> str:
        """What is written beside the mark."""
        if self.what == "type":
            return f"{self.key} {COLOURS[self.key][2]}"
        if self.what == "line":
            return LINES[self.key][2]
        return f"{float(self.key):.0%}" if self.what == "share" else self.key

    @property
    def mark(self) -> float:
        """The width of the mark with the space after it."""
        return {"type": 17.0, "line": 33.0, "share": 27.0, "": 0.0}[self.what]

    @property
    def width(self) -> float:
        """The width of all with the space to the next entry."""
        return self.mark + measured(self.words, _SIZE) + (8.0 if self.what == "share" else 16.0)

    def paint(self, canvas: Canvas, x: float, y: float) -> None:
        """Paint the entry from ``x`` to the right, centred at the height ``y``."""
        if self.what == "type":
            edge, face, _ = COLOURS[self.key]
            canvas.rounded(x + 6.0, y, 12.0, 9.0, face=face, edge=edge, radius=2.5, line=1.2)
        elif self.what:
            thick = line_width(float(self.key)) if self.what == "share" else 1.6
            colour, dashes, _ = LINES[self.key if self.what == "line" else "even"]
            ends = [(x, y), (x + self.mark - 5.0, y)]
            canvas.stroke(ends, [1, 2], colour, thick, dashes)
        canvas.text(self.words, x + self.mark, y, _SIZE, colour=SOFT, align="left")


def legend_groups(types: Collection[str], kinds: Collection[str]) -> list[list[LegendItem]]:
    """Return the entries of the legend for these types of simples and kinds of lines."""
    groups = [
        [LegendItem("type", kind) for kind in COLOURS if kind in types],
        [LegendItem("line", kind) for kind in LINES if kind in kinds],
    ]
    if kinds:
        shares = [LegendItem("share", share) for share in ("0.02", "0.1", "0.5")]
        groups.append([*shares, LegendItem("", "of the energy")])
    return groups


def legend_lines(groups: Sequence[Sequence[LegendItem]], width: float) -> list[list[LegendItem]]:
    """Fill lines with groups, which stay whole where possible."""
    lines: list[list[LegendItem]] = []
    used = math.inf
    for group in groups:
        pieces = [group]
        if sum(item.width for item in group) > width:
            pieces, used = [[item] for item in group], math.inf
        for piece in pieces:
            size = sum(item.width for item in piece)
            if used + size > width:
                lines.append([])
                used = 0.0
            lines[-1].extend(piece)
            used += size
    return lines
