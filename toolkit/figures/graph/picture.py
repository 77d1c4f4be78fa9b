"""The picture of an interaction graph: PNG, SVG or PDF.

Low frequencies are on top: a simple with a small kernel has a large order of the action, as the
sine on the circle has. The trivial simple is at the bottom, and no edge goes to a higher row.
A small graph is shown with every edge. In a large one the simples that the graph cannot tell
apart share a box, and edges that follow from others are left out; the picture says so.

SVG and PDF files are byte-identical each time. The steps, each in a file of its own: what is
drawn (:mod:`~toolkit.figures.graph.plan`), what stands in the boxes
(:mod:`~toolkit.figures.graph.boxes`), where it all stands (:mod:`~toolkit.figures.graph.layout`,
:mod:`~toolkit.figures.graph.routes`), what the marks mean (:mod:`~toolkit.figures.graph.legend`),
and here the page, painted on a :class:`~toolkit.figures.canvas.Canvas`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.figures.canvas import Canvas, content_of, format_of, measured, settings
from toolkit.figures.graph.boxes import box_content
from toolkit.figures.graph.layout import arrange
from toolkit.figures.graph.legend import legend_groups, legend_lines
from toolkit.figures.graph.plan import plan_picture
from toolkit.figures.style import BAND, FAINT, LINES, MARGIN, SOFT
from toolkit.files import write_whole
from toolkit.text import bias_words, compact_integer, counted, filled, graph_title

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import networkx as nx
    from matplotlib.figure import Figure

    from toolkit.figures.graph.geometry import Route

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
        ``"png"``, ``"svg"`` or ``"pdf"``; by default the suffix of the file name.

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
    toolkit.errors.ConfigError: cannot draw into 'graph.gif': png, svg or pdf is required, found
    'gif'
    """
    path, kind = format_of(path, format)
    figure = figure_for_interaction_graph(graph)
    dpi = max(100.0, min(200.0, 5000.0 / max(figure.get_size_inches())))
    write_whole(path, content_of(figure, kind, graph_title(graph), _described(graph), dpi=dpi))


def figure_for_interaction_graph(graph: nx.DiGraph[str]) -> Figure:
    """Return the picture of an interaction graph as a matplotlib figure.

    Parameters
    ----------
    graph
        The interaction graph.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot. The label of a simple has a gid such as ``"label-L3"``; a box
        has a gid such as ``"box-L3"``, after its first member.

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
    with settings():
        return _Painter(graph).figure()


def _described(graph: nx.DiGraph[str]) -> str:
    """Return the text alternative: what the picture shows, in one or two sentences."""
    pairs = [(one, two) for one, two in graph.edges if one != two]
    text = f"Interaction graph of {graph_title(graph)}: {_counted(graph)}."
    if 0 < len(pairs) <= 60:
        text += " " + "; ".join(
            f"{node} goes to {', '.join(graph[node])}" for node in graph if len(graph[node])
        )
        text += "."
    return "".join(character for character in text if character.isprintable())


def _counted(graph: nx.DiGraph[str]) -> str:
    edges = graph.number_of_edges()
    interactions = counted(edges, "interaction") if edges else "no interactions"
    return f"{counted(graph.number_of_nodes(), 'simple')}, {interactions}"


class _Painter:
    """Lays out one page and paints it."""

    def __init__(self, graph: nx.DiGraph[str]) -> None:
        self.graph = graph
        self.plan = plan_picture(graph)
        self.contents = [box_content(box, graph) for box in self.plan.boxes]
        self.layout = arrange(
            self.plan, [(content.width, content.height) for content in self.contents]
        )
        self.canvas: Canvas

    def figure(self) -> Figure:
        """Return the finished figure."""
        orders = [f"order {compact_integer(band.action_order)}" for band in self.layout.bands]
        left = MARGIN + 18.0 + max((measured(order, 9.0) for order in orders), default=0.0) + 24.0
        types = {data.get("type", "") for _, data in self.graph.nodes(data=True)}
        legend = legend_groups(types, {route.kind for route in self.layout.routes})
        widest = max(sum(item.width for item in group) for group in legend)
        width = max(left + self.layout.width + 16.0 + MARGIN, 330.0)
        width = max(width, min(widest, 420.0) + 2 * MARGIN)
        full = graph_title(self.graph, 400)
        width = max(width, min(500.0, measured(full, 14.0, bold=True) + 2 * MARGIN))
        title, size = self._title(full, width - 2 * MARGIN)
        captions = [
            line
            for text in [_GROUPED] * self.plan.grouped + [_REDUCED] * self.plan.reduced
            for line in filled(
                text.split(), " ", lambda line: measured(line, 8.0) <= width - 2 * MARGIN
            )
        ]
        lines = legend_lines(legend, width - 2 * MARGIN)
        top = MARGIN + 52.0
        below = top + self.layout.height + 18.0
        height = below + 17.0 * len(lines) + 13.0 * len(captions) + MARGIN - 4.0

        self.canvas = Canvas(width, height)
        self.canvas.text(title, MARGIN, MARGIN + 9.0, size, bold=True, align="left")
        self.canvas.text(self._subtitle(), MARGIN, MARGIN + 29.0, 9.5, colour=SOFT, align="left")
        # The graph stands in the middle of what the margin leaves.
        free = width - left - MARGIN - 16.0 - self.layout.width
        self._bands(orders, left - 12.0, width - MARGIN, top)
        self._frequencies(top)
        self._graph(left + free / 2, top)
        for number, line in enumerate(lines):
            x = MARGIN
            for item in line:
                item.paint(self.canvas, x, below + 17.0 * number + 6.0)
                x += item.width
        y = below + 17.0 * len(lines)
        for number, caption in enumerate(captions):
            self.canvas.text(
                caption, MARGIN, y + 13.0 * number + 5.0, 8.0, colour=SOFT, align="left"
            )
        return self.canvas.figure

    def _title(self, full: str, room: float) -> tuple[str, float]:
        """Return the title and its size: first smaller letters, then fewer."""
        title, size, count = full, 16.0, len(full)
        while measured(title, size, bold=True) > room:
            if size > 12.0:
                size -= 0.5
            else:
                count -= 1
                title = graph_title(self.graph, count)
        return title, size

    def _subtitle(self) -> str:
        return _counted(self.graph) + bias_words(self.graph)

    def _bands(self, orders: Sequence[str], left: float, right: float, top: float) -> None:
        for band, order in zip(self.layout.bands, orders, strict=True):
            y, height = top + (band.top + band.bottom) / 2, band.bottom - band.top
            self.canvas.rounded(
                (left + right) / 2,
                y,
                right - left,
                height,
                face=BAND,
                edge="none",
                radius=7.0,
                line=0.0,
                zorder=0,
            )
            self.canvas.text(order, left - 8.0, y, 9.0, colour=SOFT, align="right")

    def _frequencies(self, top: float) -> None:
        """Label the two ends in the margin, where there is room."""
        high, low = top, top + self.layout.height
        x, size = MARGIN + 3.0, 7.5
        first, last = "low frequency", "high frequency"
        one, two = measured(first, size), measured(last, size)
        if len(self.layout.bands) < 2 or low - high < one + two + 40.0:
            return
        self.canvas.text(first, x, high + one / 2, size, colour=SOFT, italic=True, rotation=90.0)
        self.canvas.text(last, x, low - two / 2, size, colour=SOFT, italic=True, rotation=90.0)
        self.canvas.stroke([(x, high + one + 8.0), (x, low - two - 13.0)], [1, 2], FAINT, 1.0, ())
        self.canvas.head(x, low - two - 8.0, 0.0, 1.0, 1.0, FAINT)

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
            gid, framed = f"box-{box.members[0]}", len(box.members) > 1
            if framed:
                self.canvas.rounded(
                    x,
                    y,
                    content.width,
                    content.height,
                    face="white",
                    edge=SOFT,
                    radius=9.0,
                    gid=gid,
                )
            for chip in content.chips:
                border, fill, _ = chip.colours
                self.canvas.rounded(
                    x + chip.x,
                    y + chip.y,
                    chip.width,
                    chip.height,
                    face=fill,
                    edge=border,
                    radius=min(8.0, chip.height / 4),
                    line=1.0 if framed else 1.4,
                    zorder=5,
                    gid=None if framed else gid,
                )
            for word in content.words:
                self.canvas.text(
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
        colour, dashes, _ = LINES[route.kind]
        vertices = [(left + x, top + y) for x, y in route.vertices]
        self.canvas.stroke(vertices, route.codes, colour, route.width, dashes, zorder=zorder)
        for head in route.heads:
            self.canvas.head(left + head.x, top + head.y, head.dx, head.dy, route.width, colour)
