"""Pictures of a measured flow: ribbons as wide as the energy, or the layered graph.

Both read from left to right, from the input to the output. A simple has the same row and the same
colour in all columns.
"""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from toolkit.errors import ConfigError
from toolkit.figures.canvas import Canvas, measured, settings
from toolkit.figures.flow.plan import OTHERS, FlowPlan, plan_flow
from toolkit.figures.style import BAND, FAINT, INK, MARGIN, SOFT, line_width

if TYPE_CHECKING:
    import networkx as nx
    from matplotlib.figure import Figure

    from toolkit.figures.flow.plan import FlowLink

__all__ = ["FlowPicture", "draw_flow", "figure_for_flow"]

FlowPicture: TypeAlias = Literal["sankey", "graph"]

_FORMATS = ("png", "svg", "pdf")
#: Okabe and Ito's palette, and more, as many as a picture has rows.
_PALETTE = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C8C1A", "#6A5ACD",
    "#A0522D", "#117A8B", "#C2A5E0",
)  # fmt: skip
_GREY = "#9AA1AB"
_MORE, _LESS = "#D55E00", "#0072B2"
#: From how far a measured share is told apart from the expected one.
_APART = 0.1
#: Of more lines across an activation than this, thin ones are left out.
_LINES, _THIN = 40, 0.03
_ACROSS, _BETWEEN, _BAR, _HEIGHT, _GAP = 160.0, 112.0, 13.0, 250.0, 9.0
_BOX, _ROW = (58.0, 30.0), 46.0
_WAYS = {
    "single": "each simple alone",
    "pairwise": "pairs of simples, beyond each alone",
    "leave_one_out": "what is missing without each simple",
}


def draw_flow(
    graph: nx.DiGraph[str],
    path: str | Path,
    kind: FlowPicture = "sankey",
    *,
    format: str | None = None,
) -> None:
    """Draw a measured flow into a file.

    Parameters
    ----------
    graph
        From :func:`toolkit.interpret.flow`.
    path
        The file to write; its folder must exist.
    kind
        ``"sankey"`` or ``"graph"``; see :func:`figure_for_flow`.
    format
        ``"png"``, ``"svg"`` or ``"pdf"``; if left out, the ending of the file's name says it.

    Raises
    ------
    ConfigError
        If the format or the kind is none of these, or the graph none of a flow.

    Examples
    --------
    >>> import networkx as nx
    >>> draw_flow(nx.DiGraph(), "flow.gif")
    Traceback (most recent call last):
    ...
    toolkit.errors.ConfigError: cannot draw into 'flow.gif': required png, svg or pdf, found 'gif'
    """
    path = Path(path)
    ending = (path.suffix[1:] if format is None else format).lower()
    if ending not in _FORMATS:
        raise ConfigError(
            f"cannot draw into {str(path)!r}: required png, svg or pdf, found {ending!r}"
        )
    figure = figure_for_flow(graph, kind)
    content = io.BytesIO()
    metadata: dict[str, dict[str, str | None]] = {
        "png": {"Title": _title(graph)},
        "svg": {"Title": _title(graph), "Creator": "plrep-toolkit", "Date": None},
        "pdf": {"Title": _title(graph), "Creator": "plrep-toolkit", "CreationDate": None},
    }
    with settings():
        figure.savefig(content, format=ending, dpi=150, metadata=metadata[ending])
    path.write_bytes(content.getvalue())


def figure_for_flow(graph: nx.DiGraph[str], kind: FlowPicture = "sankey") -> Figure:
    """Return the picture of a measured flow as a matplotlib figure.

    Parameters
    ----------
    graph
        From :func:`toolkit.interpret.flow`.
    kind
        ``"sankey"``: bars as high as each simple's share of the energy; a ribbon leaves its source
        as wide as its share of the source's effect, and arrives as wide as its share of all
        effects in the target. ``"graph"``: a box for each simple, lines as wide as the share of
        the source's effect; a line is coloured where the share is more than 0.1 from the
        closed-form transfer. Boxes crossed out are exactly zero.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("C4").regular_module()
    >>> graph = tk.interpret.flow(tk.nn.EquivariantMLP(X, [1, 4, 1]), torch.randn(9, 4, 1))
    >>> figure = figure_for_flow(graph)
    >>> figure.axes[0].texts[0].get_text()
    'Flow of energy, C4'
    """
    if kind not in ("sankey", "graph"):
        raise ConfigError(f"a picture of a flow is a sankey or a graph, not {kind!r}")
    plan = plan_flow(graph)
    with settings():
        return (_Sankey if kind == "sankey" else _Layered)(graph, plan).figure()


def _title(graph: nx.DiGraph[str]) -> str:
    return f"Flow of energy, {graph.graph['group']}"


class _Page:
    """What both pictures share: title, columns' heads, captions."""

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
        self.canvas: Canvas

    @property
    def body_height(self) -> float:
        raise NotImplementedError

    def body(self) -> None:
        raise NotImplementedError

    def figure(self) -> Figure:
        way = _WAYS[self.graph.graph["attribution"]]
        samples = self.graph.graph["samples"]
        subtitle = f"{samples} samples; effects of {way}"
        width = self.middles[-1] + _BOX[0] / 2 + MARGIN + 12.0
        width = max(
            width,
            measured(_title(self.graph), 15.0, bold=True) + 2 * MARGIN,
            *(measured(line, 8.0) + 2 * MARGIN for line in (*self.captions, subtitle + "xx")),
        )
        height = self.top + self.body_height + 34.0 + 13.0 * len(self.captions) + MARGIN - 8.0
        self.canvas = Canvas(width, height)
        self.canvas.text(_title(self.graph), MARGIN, MARGIN + 8.0, 15.0, bold=True, align="left")
        self.canvas.text(subtitle, MARGIN, MARGIN + 28.0, 9.0, colour=SOFT, align="left")
        self._heads()
        self.body()
        y = self.top + self.body_height + 34.0
        for number, caption in enumerate(self.captions):
            self.canvas.text(caption, MARGIN, y + 13.0 * number, 8.0, colour=SOFT, align="left")
        return self.canvas.figure

    def x(self, column: int) -> float:
        """Return the middle of a column."""
        return self.middles[column]

    def _heads(self) -> None:
        for number, column in enumerate(self.plan.columns):
            stage, _, when = column.place.rpartition(" ")
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


class _Sankey(_Page):
    """Bars and ribbons."""

    captions = (
        "Bars: share of the energy in each simple. Ribbons leave as wide as their share of the "
        "source's effect,",
        "arrive as wide as their share of all effects. Rest: the part of the energy that no "
        "effect accounts for.",
    )

    @property
    def body_height(self) -> float:
        return _HEIGHT + _GAP * (len(self.plan.rows) - 1)

    def body(self) -> None:
        bars = {}
        for number, column in enumerate(self.plan.columns):
            y = self.top
            for row in self.plan.rows:
                high = _HEIGHT * column.shares.get(row, 0.0)
                bars[number, row] = (y, high)
                y += high + _GAP
        self._ribbons(bars)
        for (number, row), (y, high) in bars.items():
            if row not in self.plan.columns[number].shares or high < 0.05:
                continue
            self.canvas.rounded(
                self.x(number), y + high / 2, _BAR, max(high, 0.8),
                face=self.colours[row], edge="none", radius=0.0, line=0.0,
            )  # fmt: skip
            if high >= 1.0:
                self._label(number, row, y + high / 2, high)

    def _label(self, number: int, row: str, y: float, high: float) -> None:
        share = self.plan.columns[number].shares[row]
        last = number == len(self.plan.columns) - 1
        x = self.x(number) + (_BAR / 2 + 4.0) * (1 if last else -1)
        align = "left" if last else "right"
        if high >= 17.0:
            self._haloed(row, x, y - 4.5, 8.5, align, bold=True)
            self._haloed(f"{100 * share:.0f} %", x, y + 5.5, 7.5, align)
        else:
            self._haloed(row, x, y, 7.5, align, bold=True)

    def _haloed(
        self, text: str, x: float, y: float, size: float, align: str, *, bold: bool = False
    ) -> None:
        """Write on a ribbon so that it can be read."""
        from matplotlib.patheffects import withStroke

        self.canvas.text(text, x, y, size, bold=bold, align=align)
        halo = withStroke(linewidth=2.4, foreground="white", alpha=0.75)
        self.canvas.axes.texts[-1].set_path_effects([halo])

    def _ribbons(self, bars: dict[tuple[int, str], tuple[float, float]]) -> None:
        place = {row: i for i, row in enumerate(self.plan.rows)}
        arriving: dict[tuple[int, str], float] = {}
        for link in self.plan.links:
            arriving[link.target] = arriving.get(link.target, 0.0) + link.energy
        left = {end: y for end, (y, _) in bars.items()}
        right = dict(left)
        order = sorted(self.plan.links, key=lambda k: (place[k.source[1]], place[k.target[1]]))
        widths = {}
        for link in order:
            out = link.share * bars[link.source][1]
            into = link.energy / (arriving[link.target] or 1.0) * bars[link.target][1]
            widths[link.source, link.target] = (left[link.source], out, right[link.target], into)
            left[link.source] += out
            right[link.target] += into
        # the wide ones first, so that the narrow ones stay visible
        for link in sorted(order, key=lambda k: -widths[k.source, k.target][1]):
            self._ribbon(link, *widths[link.source, link.target])

    def _ribbon(self, link: FlowLink, y0: float, out: float, y1: float, into: float) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path as Outline

        if max(out, into) < 0.15:
            return
        x0, x1 = self.x(link.source[0]) + _BAR / 2, self.x(link.target[0]) - _BAR / 2
        middle = (x0 + x1) / 2
        vertices = [
            (x0, y0), (middle, y0), (middle, y1), (x1, y1),
            (x1, y1 + into), (middle, y1 + into), (middle, y0 + out), (x0, y0 + out), (x0, y0),
        ]  # fmt: skip
        codes = [1, 4, 4, 4, 2, 4, 4, 4, 79]
        self.canvas.axes.add_patch(
            PathPatch(
                Outline(vertices, codes),
                facecolor=self.colours[link.source[1]],
                edgecolor="none",
                alpha=0.42 if link.kind == "activation" else 0.24,
                zorder=2,
            )
        )


class _Layered(_Page):
    """Boxes and lines."""

    def __init__(self, graph: nx.DiGraph[str], plan: FlowPlan) -> None:
        super().__init__(graph, plan)
        across = Counter(k.target[0] for k in plan.links if k.kind == "activation")
        self.crowded = {column for column, lines in across.items() if lines > _LINES}
        # the closed form is about simples alone
        self.compares = graph.graph["attribution"] == "single"
        words = ["Lines across an activation: as wide as the share of the source's effect."]
        if self.compares:
            words.append(
                "Orange: more than 0.1 above, blue: more than 0.1 below the closed-form transfer."
            )
        if self.crowded:
            words.append(f"Where there are many, those of less than {_THIN:.0%} are left out.")
        self.captions = (*words, "Crossed out: exactly zero. Pale: no energy measured.")

    @property
    def body_height(self) -> float:
        return _ROW * (len(self.plan.rows) - 1) + _BOX[1]

    def y(self, row: str) -> float:
        """Return the middle of a row."""
        return self.top + _BOX[1] / 2 + _ROW * self.plan.rows.index(row)

    def body(self) -> None:
        for row in self.plan.rows:
            width = self.x(len(self.plan.columns) - 1) - self.x(0) + _BOX[0] + 16.0
            middle = (self.x(len(self.plan.columns) - 1) + self.x(0)) / 2
            self.canvas.rounded(
                middle, self.y(row), width, _BOX[1] + 8.0,
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
        x0, x1 = self.x(link.source[0]) + _BOX[0] / 2, self.x(link.target[0]) - _BOX[0] / 2
        y0, y1 = self.y(link.source[1]), self.y(link.target[1])
        if link.kind != "activation":
            dashes = () if link.kind == "linear" else (2.2, 1.4)
            self.canvas.stroke([(x0, y0), (x1, y1)], [1, 2], FAINT, 1.6, dashes)
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

    def _box(self, number: int, row: str) -> None:
        column = self.plan.columns[number]
        share, x, y = column.shares[row], self.x(number), self.y(row)
        present = share >= 1e-6
        wide, high = _BOX
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
