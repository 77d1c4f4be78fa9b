"""The content of the boxes in the picture of an interaction graph."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from toolkit.figures.canvas import measured
from toolkit.figures.style import INK, SOFT
from toolkit.palette import COLOURS, NO_TYPE, line_kind
from toolkit.text import compact_integer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import networkx as nx

    from toolkit.figures.graph.plan import Box


@dataclass(frozen=True)
class Words:
    """A piece of text relative to the centre of its box, y downwards."""

    text: str
    x: float
    y: float
    size: float
    bold: bool = False
    colour: str = INK
    italic: bool = False
    gid: str | None = None


@dataclass(frozen=True)
class Chip:
    """A rounded rectangle relative to the centre of its box."""

    x: float
    y: float
    width: float
    height: float
    colours: tuple[str, str, str]


@dataclass(frozen=True)
class Content:
    """The content of a box, and its size."""

    width: float
    height: float
    chips: tuple[Chip, ...]
    words: tuple[Words, ...]


def box_content(box: Box, graph: nx.DiGraph[str]) -> Content:
    """Return the picture of a box: of one simple, or of several with a frame around them."""
    if len(box.members) == 1:
        return _simple(box.members[0], graph.nodes[box.members[0]], size=14.0, about=True)
    return _twins(box, graph)


def _simple(label: str, data: Mapping[str, Any], *, size: float, about: bool) -> Content:
    """Return the picture of one simple, with ``about`` also its dimension and type."""
    colours = COLOURS.get(data.get("type", ""), NO_TYPE)
    first = [Words(label, 0.0, 0.0, size, bold=True, gid=f"label-{label}")]
    if about and data.get("multiplicity", 1) != 1:
        first.append(Words(f"×{data['multiplicity']}", 0.0, 0.0, 0.7 * size))
    small = 0.58 * size if about else 0.68 * size
    rest = []
    if about:
        rest.append(Words(_about(data), 0.0, 0.0, small))
    if "paper_index" in data:
        rest.append(Words(f"k={data['paper_index']}", 0.0, 0.0, small, colour=SOFT))
    height = 1.3 * size + 1.32 * small * len(rest) + 0.62 * size
    lines, y = _line(first, -height / 2 + 0.31 * size + 0.65 * size), -height / 2 + 1.61 * size
    for word in rest:
        lines.append(replace(word, y=y + 0.66 * small))
        y += 1.32 * small
    half = max(abs(word.x) + measured(word.text, word.size, bold=word.bold) / 2 for word in lines)
    width = 2 * half + 0.95 * size
    return Content(width, height, (Chip(0.0, 0.0, width, height, colours),), tuple(lines))


def _twins(box: Box, graph: nx.DiGraph[str]) -> Content:
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
    width = max(grid[0], measured(heading, size, bold=True), measured(mark, size)) + 20.0
    height = grid[1] + 44.0
    shapes, words = [], []
    for i, chip in enumerate(chips):
        row, column = divmod(i, columns)
        in_row = min(columns, count - row * columns)
        x = (column - (in_row - 1) / 2) * (cell[0] + space)
        y = row * (cell[1] + space) - grid[1] / 2 + cell[1] / 2
        shapes.append(Chip(x, y, *cell, chip.chips[0].colours))
        words += [replace(word, x=x + word.x, y=y + word.y) for word in chip.words]
    words.append(Words(heading, 0.0, -height / 2 + 12.5, size, bold=True))
    words.append(Words(mark, 0.0, height / 2 - 12.0, size, colour=SOFT, italic=True))
    return Content(width, height, tuple(shapes), tuple(words))


def _line(words: Sequence[Words], y: float, space: float = 3.5) -> list[Words]:
    """Set pieces of text next to one another, centred."""
    widths = [measured(word.text, word.size, bold=word.bold) for word in words]
    x = -(sum(widths) + space * (len(words) - 1)) / 2
    placed = []
    for word, width in zip(words, widths, strict=True):
        placed.append(replace(word, x=x + width / 2, y=y))
        x += width + space
    return placed


def _about(data: Mapping[str, Any]) -> str:
    dimension = data.get("dimension", "?")
    if isinstance(dimension, int):
        dimension = compact_integer(dimension)
    return f"dim {dimension} · {data.get('type', '?')}"


def _mark(box: Box) -> str:
    """Return how the members of a box of twins interact, in words."""
    if box.mutual:
        return "all interact with all" if box.loop is not None else "all interact with all others"
    if box.loop is None:
        return "no interaction inside"
    if line_kind(box.loop) == "linear":
        return "each to itself only (linear part)"
    return "each to itself only"
