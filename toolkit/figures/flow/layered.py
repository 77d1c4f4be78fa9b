"""The layered graph of a measured flow: boxes, and lines compared with the closed form."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from toolkit.figures.flow.page import BOX, FlowPage
from toolkit.figures.style import BAND, FAINT, INK, SOFT, line_width

if TYPE_CHECKING:
    import networkx as nx

    from toolkit.figures.flow.plan import FlowLink, FlowPlan

_MORE, _LESS = "#D55E00", "#0072B2"
#: From how far a measured share is told apart from the expected one.
_APART = 0.1
#: Of more lines across an activation than this, thin ones are left out.
_LINES, _THIN = 40, 0.03
_ROW = 46.0
_BETWEEN = 112.0
#: So many lines pass each other above a row.
_LANES = 5


class Layered(FlowPage):
    """A box for each simple in each column, lines between them."""

    def __init__(self, graph: nx.DiGraph[str], plan: FlowPlan) -> None:
        super().__init__(graph, plan)
        across = Counter(k.target[0] for k in plan.links if k.kind == "activation")
        self.crowded = {column for column, lines in across.items() if lines > _LINES}
        spans = {(k.source[0], k.target[0]) for k in plan.links if k.target[0] > k.source[0] + 1}
        #: For each pair of columns with others between, where its lines pass those.
        self.lanes = {span: lane for lane, span in enumerate(sorted(spans))}
        # the closed form is about simples alone
        self.compares = graph.graph["attribution"] == "single"
        words = ["Lines across an activation are as wide as the share of the source's effect."]
        if self.compares:
            words.append(
                "Orange: more than 0.1 above, blue: more than 0.1 below the closed-form transfer."
            )
        if self.crowded:
            words.append(f"If there are many, those of less than {_THIN:.0%} are left out.")
        self.captions = (*words, "Crossed out: exactly zero. Pale: no energy measured.")

    @property
    def body_height(self) -> float:
        """Height of the body in points."""
        return _ROW * (len(self.plan.rows) - 1) + BOX[1]

    def y(self, row: str) -> float:
        """Return the middle of a row."""
        return self.top + BOX[1] / 2 + _ROW * self.plan.rows.index(row)

    def body(self) -> None:
        """Paint rows, lines and boxes."""
        for row in self.plan.rows:
            width = self.x(len(self.plan.columns) - 1) - self.x(0) + BOX[0] + 16.0
            middle = (self.x(len(self.plan.columns) - 1) + self.x(0)) / 2
            self.canvas.rounded(
                middle, self.y(row), width, BOX[1] + 8.0,
                face=BAND, edge="none", radius=6.0, line=0.0, zorder=0,
            )  # fmt: skip
        for link in sorted(self.plan.links, key=lambda k: k.share):
            self._line(link)
        for number, column in enumerate(self.plan.columns):
            for row in self.plan.rows:
                if row in column.shares:
                    self._box(number, row)

    def _line(self, link: FlowLink) -> None:
        least = _THIN if link.target[0] in self.crowded else 1e-4
        if link.kind == "activation" and link.share < least:
            return
        x0, x1 = self.x(link.source[0]) + BOX[0] / 2, self.x(link.target[0]) - BOX[0] / 2
        y0, y1 = self.y(link.source[1]), self.y(link.target[1])
        if link.kind != "activation":
            dashes = () if link.kind == "linear" else (2.2, 1.4)
            if link.target[0] - link.source[0] == 1:
                self.canvas.stroke([(x0, y0), (x1, y1)], [1, 2], FAINT, 1.6, dashes)
            else:
                self._way_round(x0, y0, x1, y1, self.lanes[link.source[0], link.target[0]], dashes)
            return
        colour = INK
        if self.compares and link.expected is not None and abs(link.share - link.expected) > _APART:
            colour = _MORE if link.share > link.expected else _LESS
        width = line_width(link.share)
        bend = 0.45 * (x1 - x0)
        tip = x1 - 5.0 - 1.2 * width
        vertices = [(x0, y0), (x0 + bend, y0), (tip - bend, y1), (tip, y1)]
        self.canvas.stroke(vertices, [1, 4, 4, 4], colour, width, ())
        self.canvas.head(x1, y1, 1.0, 0.0, width, colour)

    def _way_round(
        self, x0: float, y0: float, x1: float, y1: float, lane: int, dashes: tuple[float, ...]
    ) -> None:
        """Paint a line over columns between: above the boxes of its row, not through them."""
        turn = 0.16 * _BETWEEN
        y = min(y0, y1) - BOX[1] / 2 - 2.5 - 2.4 * (lane % _LANES)
        vertices = [
            (x0, y0), (x0 + turn / 2, y0), (x0 + turn / 2, y), (x0 + turn, y),
            (x1 - turn, y), (x1 - turn / 2, y), (x1 - turn / 2, y1), (x1, y1),
        ]  # fmt: skip
        self.canvas.stroke(vertices, [1, 4, 4, 4, 2, 4, 4, 4], FAINT, 1.6, dashes, zorder=3.0)

    def _box(self, number: int, row: str) -> None:
        column = self.plan.columns[number]
        share, x, y = column.shares[row], self.x(number), self.y(row)
        present = share >= 1e-6
        wide, high = BOX
        self.canvas.rounded(
            x, y, wide, high, face="white", edge=self.colours[row] if present else FAINT,
            radius=7.0, line=1.5 if present else 0.8, zorder=4,
        )  # fmt: skip
        if present:
            self.canvas.text(row, x, y - 5.5, 9.5, bold=True)
            words = f"{100 * share:.1f} %" if share >= 1e-3 else f"{100 * share:.1g} %"
            self.canvas.text(words, x, y + 6.5, 7.5, colour=SOFT)
        else:
            self.canvas.text(row, x, y, 9.5, colour=FAINT)
        if row not in column.possible:
            ends = [(x - wide / 2 + 6, y + high / 2 - 4), (x + wide / 2 - 6, y - high / 2 + 4)]
            self.canvas.stroke(ends, [1, 2], FAINT, 1.2, (), zorder=7.0)
