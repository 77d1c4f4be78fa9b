"""The picture of an interaction graph: PNG, SVG or PDF.

Low frequencies are on top: a simple with a small kernel has a large order of the action, as the
sine on the circle has. The trivial simple is at the bottom, and no edge goes to a higher row.
A small graph is shown with every edge. In a large one the simples that the graph cannot tell
apart share a box, and edges that follow from others are left out; the picture says so.

matplotlib is imported when the first picture is drawn, through its objects only: no window, no
global figure, no change of the user's settings. SVG and PDF are the same to the byte each time.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import ConfigError
from toolkit.explore.graph_formats import compact_integer, graph_title
from toolkit.explore.graph_layout import arrange, head_length, line_kind, line_width, plan_picture

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import networkx as nx
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from toolkit.explore.graph_layout import Arrangement, Box, PicturePlan, Route

__all__ = ["draw_interaction_graph", "figure_for_interaction_graph"]

_FORMATS = ("png", "svg", "pdf")
#: Okabe and Ito's palette, safe for colour-blind readers: border, and the same much lighter.
_COLOURS = {
    "R": ("#0072B2", "#DCEBF5", "real"),
    "C": ("#E69F00", "#FDF1D7", "complex"),
    "H": ("#009E73", "#D6F1E8", "quaternionic"),
}
_NO_TYPE = ("#666666", "#EEEEEE", "not stated")
_INK, _SOFT, _FAINT, _BAND, _LINEAR = "#2B2F36", "#5F6670", "#C9CED6", "#F3F5F8", "#8D949E"
#: Colour, dashes (in line widths) and words for each kind of line.
_LINES: dict[str, tuple[str, tuple[float, ...], str]] = {
    "even": (_INK, (), "even part"),
    "odd": (_INK, (1.0, 1.2), "odd part"),
    "even and odd": (_INK, (5.0, 1.2, 1.0, 1.2), "even and odd part"),
    "polynomial": (_INK, (7.0, 2.0), "polynomial part only"),
    "linear": (_LINEAR, (2.2, 1.4), "linear part only"),
    "constant": (_LINEAR, (1.0, 2.2), "constant part only"),
    "unknown": (_LINEAR, (), "part not stated"),
}
_MARGIN = 20.0
_REDUCED = "Edges implied by transitivity are not drawn."
_GROUPED = "A box holds simples with the same edges to and from all others."


def draw_interaction_graph(
    graph: nx.DiGraph[str], path: str | Path, *, format: str | None = None
) -> None:
    """Draw an interaction graph into a file.

    Parameters
    ----------
    graph
        The interaction graph.
    path
        The file to write; its folder must exist.
    format
        ``"png"``, ``"svg"`` or ``"pdf"``; if left out, the ending of the file's name says it.

    Raises
    ------
    ConfigError
        If the format is none of these, or the graph is not an interaction graph.

    See Also
    --------
    figure_for_interaction_graph : The same as a matplotlib figure.

    Examples
    --------
    >>> import networkx as nx
    >>> draw_interaction_graph(nx.DiGraph(), "graph.gif")
    Traceback (most recent call last):
    ...
    toolkit.errors.ConfigError: cannot draw into 'graph.gif': required png, svg or pdf, found 'gif'
    """
    path = Path(path)
    kind = (path.suffix[1:] if format is None else format).lower()
    if kind not in _FORMATS:
        raise ConfigError(
            f"cannot draw into {str(path)!r}: required png, svg or pdf, found {kind!r}"
        )
    figure = figure_for_interaction_graph(graph)
    about = {"Title": graph_title(graph), "Creator": "plrep-toolkit"}
    metadata: dict[str, dict[str, str | None]] = {
        "png": {"Title": about["Title"], "Description": _described(graph)},
        "svg": {**about, "Date": None, "Description": _described(graph)},
        "pdf": {**about, "CreationDate": None, "Subject": _described(graph)},
    }
    content = io.BytesIO()
    dpi = max(100.0, min(200.0, 5000.0 / max(figure.get_size_inches())))
    with _settings():
        figure.savefig(content, format=kind, dpi=dpi, metadata=metadata[kind])
    path.write_bytes(content.getvalue())


def figure_for_interaction_graph(graph: nx.DiGraph[str]) -> Figure:
    """Return the picture of an interaction graph as a matplotlib figure.

    Parameters
    ----------
    graph
        The interaction graph.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot. Each text that names a simple has the gid ``"label-L3"``, each
        box or simple has ``"box-L3"`` by its first member.

    Raises
    ------
    ConfigError
        If the graph is not an interaction graph: a node has no ``action_order``.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph(group="C1", module="regular", activation="relu")
    >>> graph.add_node("L0", dimension=1, type="R", multiplicity=1, action_order=1)
    >>> figure = figure_for_interaction_graph(graph)
    >>> [text.get_text() for text in figure.axes[0].texts][:2]
    ['C1, regular module, relu', '1 simple, no interactions']
    """
    with _settings():
        return _Painter(graph).figure()


def _settings() -> Any:  # noqa: ANN401 - a context manager without a public name
    import matplotlib as mpl

    return mpl.rc_context(
        {
            "font.family": ["DejaVu Sans"],
            "path.sketch": None,
            "path.effects": [],
            "path.simplify": True,
            "pdf.fonttype": 42,
            "savefig.bbox": None,
            "savefig.facecolor": "auto",
            "svg.fonttype": "path",
            "svg.hashsalt": "plrep",
            "text.hinting": "default",
            "text.usetex": False,
        }
    )


def _described(graph: nx.DiGraph[str]) -> str:
    """Return the text alternative: what the picture shows, in one or two sentences."""
    pairs = [(one, two) for one, two in graph.edges if one != two]
    text = f"Interaction graph of {graph_title(graph)}: {_counted(graph)}."
    if 0 < len(pairs) <= 60:
        text += " " + "; ".join(
            f"{node} goes to {', '.join(target for target in graph[node])}"
            for node in graph
            if len(graph[node])
        )
        text += "."
    return "".join(character for character in text if character.isprintable())


def _counted(graph: nx.DiGraph[str]) -> str:
    simples, edges = graph.number_of_nodes(), graph.number_of_edges()
    return (
        f"{simples} simple{'' if simples == 1 else 's'}, "
        f"{edges or 'no'} interaction{'' if edges == 1 else 's'}"
    )


# --- words in boxes -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Words:
    """A piece of text relative to the centre of its box, y downwards."""

    text: str
    x: float
    y: float
    size: float
    bold: bool = False
    colour: str = _INK
    italic: bool = False
    gid: str | None = None


@dataclass(frozen=True)
class _Chip:
    """A rounded rectangle relative to the centre of its box."""

    x: float
    y: float
    width: float
    height: float
    colours: tuple[str, str, str]


@dataclass(frozen=True)
class _Content:
    """What is inside a box, and its size."""

    width: float
    height: float
    chips: tuple[_Chip, ...]
    words: tuple[_Words, ...]


def _measured(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a text in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width) * 1.03


def _line(words: Sequence[_Words], y: float, space: float = 3.5) -> list[_Words]:
    """Set pieces of text next to one another, centred."""
    widths = [_measured(word.text, word.size, bold=word.bold) for word in words]
    x = -(sum(widths) + space * (len(words) - 1)) / 2
    placed = []
    for word, width in zip(words, widths, strict=True):
        placed.append(
            _Words(
                word.text,
                x + width / 2,
                y,
                word.size,
                word.bold,
                word.colour,
                word.italic,
                word.gid,
            )
        )
        x += width + space
    return placed


def _about(data: Mapping[str, Any]) -> str:
    dimension = data.get("dimension", "?")
    if isinstance(dimension, int):
        dimension = compact_integer(dimension)
    return f"dim {dimension} · {data.get('type', '?')}"


def _simple(label: str, data: Mapping[str, Any], *, size: float, about: bool) -> _Content:
    """Return the picture of one simple; ``about`` asks for the line with dimension and type."""
    colours = _COLOURS.get(data.get("type", ""), _NO_TYPE)
    first = [_Words(label, 0.0, 0.0, size, bold=True, gid=f"label-{label}")]
    if about and data.get("multiplicity", 1) != 1:
        first.append(_Words(f"×{data['multiplicity']}", 0.0, 0.0, 0.7 * size, colour=_INK))
    small = 0.58 * size if about else 0.68 * size
    rest = []
    if about:
        rest.append(_Words(_about(data), 0.0, 0.0, small, colour=_INK))
    if "paper_index" in data:
        rest.append(_Words(f"k={data['paper_index']}", 0.0, 0.0, small, colour=_SOFT))
    height = 1.3 * size + 1.32 * small * len(rest) + 0.62 * size
    lines, y = _line(first, -height / 2 + 0.31 * size + 0.65 * size), -height / 2 + 1.61 * size
    for word in rest:
        lines += _line([word], y + 0.66 * small)
        y += 1.32 * small
    half = max(abs(word.x) + _measured(word.text, word.size, bold=word.bold) / 2 for word in lines)
    width = 2 * half + 0.95 * size
    return _Content(width, height, (_Chip(0.0, 0.0, width, height, colours),), tuple(lines))


def _mark(box: Box) -> str:
    """Return the words that say how the members of a box of twins interact."""
    if box.mutual:
        return "all interact with all" if box.loop is not None else "all interact with all others"
    if box.loop is None:
        return "no interaction inside"
    if line_kind(box.loop) == "linear":
        return "each to itself only (linear part)"
    return "each to itself only"


def _twins(box: Box, graph: nx.DiGraph[str]) -> _Content:
    """Return the picture of a box of several simples: heading, grid, mark."""
    data = [graph.nodes[label] for label in box.members]
    kinds = {(_about(item), item.get("multiplicity", 1)) for item in data}
    chips = [
        _simple(label, item, size=10.0 if len(kinds) == 1 else 11.5, about=len(kinds) > 1)
        for label, item in zip(box.members, data, strict=True)
    ]
    cell = max(chip.width for chip in chips), max(chip.height for chip in chips)
    count, space = len(chips), 5.0
    rows = max(1, round(math.sqrt(count / 2.2))) if count > 4 else 1
    columns = -(-count // rows)
    rows = -(-count // columns)
    heading = f"{count} simples"
    if len(kinds) == 1:
        about, multiplicity = next(iter(kinds))
        heading += f" · {about}" + (f" · ×{multiplicity}" if multiplicity != 1 else "")
    mark, size = _mark(box), 8.0
    grid = columns * cell[0] + (columns - 1) * space, rows * cell[1] + (rows - 1) * space
    width = max(grid[0], _measured(heading, size, bold=True), _measured(mark, size)) + 20.0
    height = grid[1] + 44.0
    shapes, words = [], []
    for i, chip in enumerate(chips):
        row, column = divmod(i, columns)
        in_row = min(columns, count - row * columns)
        x = (column - (in_row - 1) / 2) * (cell[0] + space)
        y = row * (cell[1] + space) - grid[1] / 2 + cell[1] / 2
        shapes.append(_Chip(x, y, *cell, chip.chips[0].colours))
        words += [
            _Words(w.text, x + w.x, y + w.y, w.size, w.bold, w.colour, w.italic, w.gid)
            for w in chip.words
        ]
    words.append(_Words(heading, 0.0, -height / 2 + 12.5, size, bold=True))
    words.append(_Words(mark, 0.0, height / 2 - 12.0, size, colour=_SOFT, italic=True))
    return _Content(width, height, tuple(shapes), tuple(words))


# --- the page -----------------------------------------------------------------------------------


class _Painter:
    """Lays out one page and paints it."""

    def __init__(self, graph: nx.DiGraph[str]) -> None:
        self.graph = graph
        self.plan: PicturePlan = plan_picture(graph)
        self.contents = [
            _simple(box.members[0], graph.nodes[box.members[0]], size=14.0, about=True)
            if len(box.members) == 1
            else _twins(box, graph)
            for box in self.plan.boxes
        ]
        self.layout: Arrangement = arrange(
            self.plan, [(content.width, content.height) for content in self.contents]
        )
        self.axes: Axes

    def figure(self) -> Figure:
        """Return the finished figure."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        orders = [f"order {compact_integer(band.action_order)}" for band in self.layout.bands]
        left = _MARGIN + 18.0 + max((_measured(order, 9.0) for order in orders), default=0.0) + 24.0
        legend = self._legend()
        captions = [_GROUPED] * self.plan.grouped + [_REDUCED] * self.plan.reduced
        widest = max((sum(size for size, _ in group) for group in legend), default=0.0)
        width = max(left + self.layout.width + 16.0 + _MARGIN, 330.0)
        width = max(width, min(widest, 420.0) + 2 * _MARGIN)
        full = graph_title(self.graph, 400)
        width = max(width, min(500.0, _measured(full, 14.0, bold=True) + 2 * _MARGIN))
        title, size = self._title(full, width - 2 * _MARGIN)
        captions = [line for text in captions for line in _wrapped(text, 8.0, width - 2 * _MARGIN)]
        lines = _packed(legend, width - 2 * _MARGIN)
        top = _MARGIN + 52.0
        below = top + self.layout.height + 18.0
        height = below + 17.0 * len(lines) + 13.0 * len(captions) + _MARGIN - 4.0

        figure = Figure(figsize=(width / 72, height / 72), facecolor="white")
        FigureCanvasAgg(figure)
        self.axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self.axes.set(xlim=(0, width), ylim=(height, 0))
        self.axes.set_axis_off()
        self._text(title, _MARGIN, _MARGIN + 9.0, size, bold=True, align="left")
        self._text(self._subtitle(), _MARGIN, _MARGIN + 29.0, 9.5, colour=_SOFT, align="left")
        # The graph stands in the middle of what the margin leaves.
        free = width - left - _MARGIN - 16.0 - self.layout.width
        self._bands(orders, left - 12.0, width - _MARGIN, top)
        self._frequencies(top)
        self._graph(left + free / 2, top)
        for number, line in enumerate(lines):
            self._legend_line(line, below + 17.0 * number + 6.0)
        y = below + 17.0 * len(lines)
        for number, caption in enumerate(captions):
            self._text(caption, _MARGIN, y + 13.0 * number + 5.0, 8.0, colour=_SOFT, align="left")
        return figure

    def _title(self, full: str, room: float) -> tuple[str, float]:
        """Return the title and its size: first smaller letters, then fewer."""
        title, size, count = full, 16.0, len(full)
        while _measured(title, size, bold=True) > room:
            if size > 12.0:
                size -= 0.5
            else:
                count -= 1
                title = graph_title(self.graph, count)
        return title, size

    def _subtitle(self) -> str:
        bias = {True: ", with bias", False: ", no bias"}.get(self.graph.graph.get("bias", ""), "")
        return _counted(self.graph) + bias

    def _text(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        *,
        bold: bool = False,
        italic: bool = False,
        colour: str = _INK,
        align: str = "center",
        rotation: float = 0.0,
        gid: str | None = None,
    ) -> None:
        self.axes.text(
            x,
            y,
            text,
            fontsize=size,
            fontweight="bold" if bold else "normal",
            fontstyle="italic" if italic else "normal",
            color=colour,
            horizontalalignment=align,
            verticalalignment="center_baseline" if not rotation else "center",
            rotation=rotation,
            parse_math=False,
            gid=gid,
            zorder=6,
        )

    def _rounded(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        face: str,
        edge: str,
        radius: float,
        line: float = 1.0,
        zorder: float = 4,
        gid: str | None = None,
    ) -> None:
        from matplotlib.patches import FancyBboxPatch

        self.axes.add_patch(
            FancyBboxPatch(
                (x - width / 2, y - height / 2),
                width,
                height,
                boxstyle=f"round,pad=0,rounding_size={radius}",
                facecolor=face,
                edgecolor=edge,
                linewidth=line,
                zorder=zorder,
                gid=gid,
            )
        )

    def _bands(self, orders: Sequence[str], left: float, right: float, top: float) -> None:
        for band, order in zip(self.layout.bands, orders, strict=True):
            y, height = top + (band.top + band.bottom) / 2, band.bottom - band.top
            self._rounded(
                (left + right) / 2,
                y,
                right - left,
                height,
                face=_BAND,
                edge="none",
                radius=7.0,
                line=0.0,
                zorder=0,
            )
            self._text(order, left - 8.0, y, 9.0, colour=_SOFT, align="right")

    def _frequencies(self, top: float) -> None:
        """Say in the margin which end is which, where there is room."""
        high, low = top, top + self.layout.height
        x, size = _MARGIN + 3.0, 7.5
        first, last = "low frequency", "high frequency"
        one, two = _measured(first, size), _measured(last, size)
        if len(self.layout.bands) < 2 or low - high < one + two + 40.0:
            return
        self._text(first, x, high + one / 2, size, colour=_SOFT, italic=True, rotation=90.0)
        self._text(last, x, low - two / 2, size, colour=_SOFT, italic=True, rotation=90.0)
        self._stroke([(x, high + one + 8.0), (x, low - two - 13.0)], [1, 2], _FAINT, 1.0, ())
        self._head(x, low - two - 8.0, 0.0, 1.0, 1.0, _FAINT)

    def _stroke(
        self,
        vertices: Sequence[tuple[float, float]],
        codes: Sequence[int],
        colour: str,
        width: float,
        dashes: tuple[float, ...],
        *,
        zorder: float = 2.0,
    ) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path as Outline

        self.axes.add_patch(
            PathPatch(
                Outline(vertices, codes),
                facecolor="none",
                edgecolor=colour,
                linewidth=width,
                linestyle=(0, tuple(max(1.0, 1.6 / width) * dash for dash in dashes))
                if dashes
                else "-",
                capstyle="butt",
                joinstyle="round",
                zorder=zorder,
            )
        )

    def _head(self, x: float, y: float, dx: float, dy: float, width: float, colour: str) -> None:
        from matplotlib.patches import Polygon

        length, half = head_length(width), 1.9 + 0.75 * width
        base = x - dx * length, y - dy * length
        corners = [
            (x, y),
            (base[0] - dy * half, base[1] + dx * half),
            (base[0] + dx * 0.22 * length, base[1] + dy * 0.22 * length),
            (base[0] + dy * half, base[1] - dx * half),
        ]
        self.axes.add_patch(
            Polygon(corners, closed=True, facecolor=colour, edgecolor="none", zorder=3.5)
        )

    def _graph(self, left: float, top: float) -> None:
        routes = sorted(
            self.layout.routes, key=lambda route: (route.kind != "linear", -route.width)
        )
        for number, route in enumerate(routes):
            self._route(route, left, top, 1.0 + number / (len(routes) + 1))
        for box, content, (x, y) in zip(
            self.plan.boxes, self.contents, self.layout.centres, strict=True
        ):
            x, y = left + x, top + y
            gid = f"box-{box.members[0]}"
            if len(box.members) > 1:
                self._rounded(
                    x,
                    y,
                    content.width,
                    content.height,
                    face="white",
                    edge=_SOFT,
                    radius=9.0,
                    gid=gid,
                )
                gid = ""
            for chip in content.chips:
                border, fill, _ = chip.colours
                self._rounded(
                    x + chip.x,
                    y + chip.y,
                    chip.width,
                    chip.height,
                    face=fill,
                    edge=border,
                    radius=min(8.0, chip.height / 4),
                    line=1.4 if gid else 1.0,
                    zorder=5,
                    gid=gid or None,
                )
            for word in content.words:
                self._text(
                    word.text,
                    x + word.x,
                    y + word.y,
                    word.size,
                    bold=word.bold,
                    italic=word.italic,
                    colour=word.colour,
                    gid=word.gid,
                )

    def _route(self, route: Route, left: float, top: float, zorder: float) -> None:
        colour, dashes, _ = _LINES[route.kind]
        vertices = [(left + x, top + y) for x, y in route.vertices]
        self._stroke(vertices, route.codes, colour, route.width, dashes, zorder=zorder)
        for head in route.heads:
            self._head(left + head.x, top + head.y, head.dx, head.dy, route.width, colour)

    # The legend is a list of groups, each a list of (width, what to draw).

    def _legend(self) -> list[list[tuple[float, tuple[str, str]]]]:
        types = {self.graph.nodes[node].get("type", "") for node in self.graph}
        kinds = {route.kind for route in self.layout.routes}
        groups = [
            [("type", kind) for kind in _COLOURS if kind in types],
            [("line", kind) for kind in _LINES if kind in kinds],
        ]
        if kinds:
            shares = [("share", share) for share in ("0.02", "0.1", "0.5")]
            groups.append([*shares, ("", "of the energy")])
        return [[(self._legend_width(*item), item) for item in group] for group in groups]

    @staticmethod
    def _legend_words(what: str, key: str) -> str:
        if what == "type":
            return f"{key} {_COLOURS[key][2]}"
        if what == "line":
            return _LINES[key][2]
        return f"{float(key):.0%}" if what == "share" else key

    def _legend_width(self, what: str, key: str) -> float:
        mark = {"type": 17.0, "line": 33.0, "share": 27.0, "": 0.0}[what]
        space = 8.0 if what == "share" else 16.0
        return mark + _measured(self._legend_words(what, key), 8.0) + space

    def _legend_line(self, line: Sequence[tuple[float, tuple[str, str]]], y: float) -> None:
        x = _MARGIN
        for width, (what, key) in line:
            start = x
            if what == "type":
                border, fill, _ = _COLOURS[key]
                self._rounded(x + 6.0, y, 12.0, 9.0, face=fill, edge=border, radius=2.5, line=1.2)
                start += 17.0
            elif what:
                thick = line_width(float(key)) if what == "share" else 1.6
                colour, dashes, _ = _LINES[key if what == "line" else "even"]
                length = 28.0 if what == "line" else 22.0
                self._stroke([(x, y), (x + length, y)], [1, 2], colour, thick, dashes)
                start += length + 5.0
            self._text(self._legend_words(what, key), start, y, 8.0, colour=_SOFT, align="left")
            x += width


def _packed(
    groups: Sequence[Sequence[tuple[float, tuple[str, str]]]], width: float
) -> list[list[tuple[float, tuple[str, str]]]]:
    """Fill lines with groups that stay whole if they can."""
    lines: list[list[tuple[float, tuple[str, str]]]] = []
    used = math.inf
    for group in groups:
        needed = sum(size for size, _ in group)
        pieces = [group] if needed <= width else [[item] for item in group]
        if needed > width:
            used = math.inf
        for piece in pieces:
            size = sum(size for size, _ in piece)
            if used + size > width:
                lines.append([])
                used = 0.0
            lines[-1].extend(piece)
            used += size
    return lines


def _wrapped(text: str, size: float, width: float) -> list[str]:
    """Break a sentence into lines that fit."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _measured(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
