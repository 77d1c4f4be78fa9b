"""The pieces of a layout: places, lines with their heads, and least distances.

Everything is in points (1/72 inch), x to the right and y downwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: How far a loop extends beyond its box, and a row's band above and below its boxes.
LOOP_REACH = 20.0
ROW_PADDING = 9.0


@dataclass(eq=False)
class Item:
    """A box, or the place where a line passes through a layer.

    Parameters
    ----------
    index
        The number of the box in the plan; places come after all boxes.
    is_box
        Whether it is a box.
    layer
        Its layer, counted from the top.
    left, right
        Its extent to either side of ``x``.
    height
        Its height.
    x
        Its position.
    up, down
        The items of the layers above and below to which lines lead.
    """

    index: int
    is_box: bool
    layer: int
    left: float
    right: float
    height: float
    x: float = 0.0
    up: list[Item] = field(default_factory=list)
    down: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class Head:
    """An arrow head: its tip and the unit vector along which it points."""

    x: float
    y: float
    dx: float
    dy: float


@dataclass(frozen=True)
class Route:
    """The course of one line.

    Parameters
    ----------
    kind
        See :func:`~toolkit.palette.line_kind`.
    width
        Width of the line in points.
    vertices, codes
        The path, with the codes of :class:`matplotlib.path.Path`.
    heads
        Its arrow heads.
    ends
        Indices of the boxes that it joins.
    """

    kind: str
    width: float
    vertices: tuple[tuple[float, float], ...]
    codes: tuple[int, ...]
    heads: tuple[Head, ...]
    ends: tuple[int, int]


@dataclass(frozen=True)
class RowBand:
    """One order of the action, from ``top`` to ``bottom``."""

    action_order: int
    top: float
    bottom: float


@dataclass(frozen=True)
class Arrangement:
    """The positions of all boxes and lines; the corner is (0, 0), y grows downwards.

    Parameters
    ----------
    centres
        ``(x, y)`` of each box of the plan.
    bands
        The rows, from the top.
    routes
        The lines, loops included.
    width, height
        Extent of the whole.
    """

    centres: tuple[tuple[float, float], ...]
    bands: tuple[RowBand, ...]
    routes: tuple[Route, ...]
    width: float
    height: float


def spread(
    wanted: Sequence[float], gaps: Sequence[float], weights: Sequence[float] | None = None
) -> list[float]:
    """Return the positions nearest to the wanted ones that keep order and distances.

    Parameters
    ----------
    wanted
        ``(n,)`` preferred position of each item.
    gaps
        ``(n - 1,)`` least distance from each item to the next.
    weights
        ``(n,)`` positive weight of each preference; all equal if left out.

    Returns
    -------
    list of float
        The minimiser of the weighted sum of squared displacements (isotonic regression by
        pooling adjacent violators; exact, linear time).

    Examples
    --------
    >>> spread([0.0, 0.0, 10.0], [4.0, 4.0])
    [-2.0, 2.0, 10.0]
    """
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    blocks: list[tuple[float, float, int]] = []  # mean, weight, count
    for i, target in enumerate(wanted):
        mean, weight, count = target - offsets[i], 1.0 if weights is None else weights[i], 1
        while blocks and blocks[-1][0] >= mean:
            other, more, number = blocks.pop()
            mean = (mean * weight + other * more) / (weight + more)
            weight, count = weight + more, count + number
        blocks.append((mean, weight, count))
    levels = [mean for mean, _, count in blocks for _ in range(count)]
    return [level + offset for level, offset in zip(levels, offsets, strict=False)]
