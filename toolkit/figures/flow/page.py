"""What the pictures of a measured flow share: title, columns, colours of simples, captions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from toolkit.figures.canvas import Canvas, measured
from toolkit.figures.flow.plan import OTHERS
from toolkit.figures.style import MARGIN, SOFT, UNKNOWN
from toolkit.text import shortened

if TYPE_CHECKING:
    import networkx as nx
    from matplotlib.figure import Figure

    from toolkit.figures.flow.plan import FlowPlan

#: Okabe and Ito's palette, and more, as many as a picture has rows.
_PALETTE = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C8C1A", "#6A5ACD",
    "#A0522D", "#117A8B", "#C2A5E0",
)  # fmt: skip
_GREY = "#9AA1AB"
_ACROSS, _BETWEEN = 160.0, 112.0
#: Width and height of a simple's box in points.
BOX = (58.0, 30.0)
_WAYS = {
    "single": "each simple alone",
    "pairwise": "pairs of simples, beyond each of the two",
    "leave_one_out": "what is missing without each simple",
}


def flow_title(graph: nx.DiGraph[str]) -> str:
    """Return the title of the picture."""
    return f"Flow of energy, {graph.graph['group']}"


class FlowPage(ABC):
    """A picture of a flow without its body.

    Parameters
    ----------
    graph
        The measured flow.
    plan
        What is shown of it.
    """

    captions: tuple[str, ...] = ()

    def __init__(self, graph: nx.DiGraph[str], plan: FlowPlan) -> None:
        self.graph, self.plan = graph, plan
        shown = [row for row in plan.rows if row != OTHERS]
        self.colours = {row: _PALETTE[i % len(_PALETTE)] for i, row in enumerate(shown)}
        self.colours[OTHERS] = _GREY
        self.left = MARGIN + 34.0
        self.top = MARGIN + 86.0
        self.middles = [self.left]
        for number in range(1, len(plan.columns)):
            step = _ACROSS if number in plan.activations else _BETWEEN
            self.middles.append(self.middles[-1] + step)
        #: Room below the body for the ways to what is unknown.
        self.below = 34.0 + (22.0 if plan.unknown else 0.0)
        self.canvas: Canvas

    @property
    def right(self) -> float:
        """The middle of what is unknown, if something is, else of the last column."""
        return self.middles[-1] + (_BETWEEN if self.plan.unknown else 0.0)

    @property
    @abstractmethod
    def body_height(self) -> float:
        """Height of the body in points."""

    @abstractmethod
    def body(self) -> None:
        """Paint the body on the canvas."""

    def figure(self) -> Figure:
        """Return the finished figure."""
        captions = self.captions
        if self.plan.unknown:
            reasons = self.graph.graph.get("unknown_reasons", "")
            captions = (*captions, shortened(f"Unknown from here on: {reasons}", 120))
        way = _WAYS[self.graph.graph["attribution"]]
        samples = self.graph.graph["samples"]
        subtitle = f"{samples} samples; effects of {way}"
        width = self.right + BOX[0] / 2 + MARGIN + 12.0
        width = max(
            width,
            measured(flow_title(self.graph), 15.0, bold=True) + 2 * MARGIN,
            *(measured(line, 8.0) + 2 * MARGIN for line in (*captions, subtitle + "xx")),
        )
        height = self.top + self.body_height + self.below + 13.0 * len(captions) + MARGIN - 8.0
        self.canvas = Canvas(width, height)
        self.canvas.text(
            flow_title(self.graph), MARGIN, MARGIN + 8.0, 15.0, bold=True, align="left"
        )
        self.canvas.text(subtitle, MARGIN, MARGIN + 28.0, 9.0, colour=SOFT, align="left")
        self._heads()
        self.body()
        self._unknown()
        y = self.top + self.body_height + self.below
        for number, caption in enumerate(captions):
            self.canvas.text(caption, MARGIN, y + 13.0 * number, 8.0, colour=SOFT, align="left")
        return self.canvas.figure

    def _unknown(self) -> None:
        """Paint what is unknown as a hatched box, and a dashed way to it from where it begins."""
        if not self.plan.unknown:
            return
        x, wide = self.right, BOX[0]
        bottom = self.top + self.body_height
        self.canvas.hatched(x, self.top + self.body_height / 2, wide, self.body_height)
        words = "unknown from here on"
        self.canvas.rounded(
            x, self.top + self.body_height / 2, 16.0, measured(words, 9.0) + 14.0,
            face="white", edge="none", radius=4.0, line=0.0, zorder=5,
        )  # fmt: skip
        self.canvas.text(words, x, self.top + self.body_height / 2, 9.0, italic=True, rotation=90.0)
        self.canvas.text("unknown", x, self.top - 20.0, 9.0, bold=True, colour=SOFT)
        names = shortened(", ".join(self.plan.unknown), 18)
        self.canvas.text(names, x, self.top - 33.0, 7.5, colour=SOFT)
        y = bottom + 28.0
        for column in self.plan.unknown_from:
            start = self.x(column)
            ends = [(start, bottom + 3.0), (start, y), (x, y), (x, bottom + 6.0)]
            self.canvas.stroke(ends, [1, 2, 2, 2], UNKNOWN, 1.4, (2.2, 1.4))
        if self.plan.unknown_from:
            self.canvas.head(x, bottom, 0.0, -1.0, 1.0, UNKNOWN)

    def x(self, column: int) -> float:
        """Return the middle of a column."""
        return self.middles[column]

    def _heads(self) -> None:
        for number, column in enumerate(self.plan.columns):
            stage, _, when = column.place.rpartition(" ")
            if stage in ("input", "output"):  # one of several
                stage, when = "", column.place
            self.canvas.text(when, self.x(number), self.top - 20.0, 9.0, bold=True)
            if stage and when == "after" and number in self.plan.activations:
                name, rest = self.plan.activations[number]
                middle = (self.x(number - 1) + self.x(number)) / 2
                self.canvas.text(name, middle, self.top - 20.0, 9.5, italic=True)
                self.canvas.text(stage, middle, self.top - 33.0, 7.5, colour=SOFT)
                y = self.top + self.body_height + 14.0
                percent = round(100 * rest, 1)
                words = f"rest {percent:+.1f} %" if percent else "rest 0 %"
                self.canvas.text(words, middle, y, 8.0, colour=SOFT)
