"""Positions in the picture of an interaction graph: rows, order, coordinates.

Pure geometry: no drawing library is used here. The picture is layered, one row for each order of
the action, the largest on top. :func:`~toolkit.figures.graph.plan.plan_picture` has decided
*what* is drawn, :func:`arrange` decides *where*.

The method is the layered one of Sugiyama, Tagawa and Toda (1981): edges that skip rows get a
place of their own in each row between, rows are ordered by barycentres, and positions within a
row are the exact least-squares solution under the minimal distances
(:func:`~toolkit.figures.graph.geometry.spread`). Nothing is random: the same graph always gives
the same picture.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from toolkit.figures.graph.crossings import order_layers
from toolkit.figures.graph.geometry import LOOP_REACH, Arrangement, Item, spread
from toolkit.figures.graph.plan import EVERY_EDGE_UP_TO
from toolkit.figures.graph.routes import Router
from toolkit.palette import line_kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from toolkit.figures.graph.plan import PicturePlan

#: A row with more boxes than this, or wider than this many points, is broken into several lines.
ITEMS_PER_LINE = 10
LINE_WIDTH_LIMIT = 900.0


def arrange(plan: PicturePlan, sizes: Sequence[tuple[float, float]]) -> Arrangement:
    """Place the boxes and route the lines around them.

    Parameters
    ----------
    plan
        What is drawn.
    sizes
        Width and height of each box, in points.

    Returns
    -------
    Arrangement
        Positions and paths.

    Notes
    -----
    From 9 boxes on, or when something was grouped, lines of one kind into one box share their
    way through the rows between. The picture stays unambiguous, because such lines only ever
    merge.

    Examples
    --------
    >>> from toolkit.figures.graph.plan import Box, PicturePlan
    >>> box = Box(("L0",), 1, mutual=False, loop=("even",), loop_share=1.0)
    >>> arrange(PicturePlan((box,), (), False, False), [(40.0, 30.0)]).centres
    ((20.0, 24.0),)
    """
    bundle = plan.grouped or len(plan.boxes) > EVERY_EDGE_UP_TO
    layers, items, orders = _layers(plan, sizes)
    chains = _chains(plan, items, layers, bundle=bundle)
    order_layers(layers, _arcs(plan, items))
    place_layers(layers)
    return Router(plan, layers, items, chains, bundle=bundle).arrangement(orders)


def _layers(
    plan: PicturePlan, sizes: Sequence[tuple[float, float]]
) -> tuple[list[list[Item]], list[Item], list[int]]:
    """Return the lines of boxes, the items of the boxes, and the order of each line."""
    layers: list[list[Item]] = []
    items: list[Item] = []
    orders: list[int] = []
    rows: dict[int, list[int]] = defaultdict(list)
    for index, box in enumerate(plan.boxes):
        rows[box.action_order].append(index)
    for action_order, row in rows.items():
        total = sum(sizes[index][0] + 24.0 for index in row)
        lines = max(-(-len(row) // ITEMS_PER_LINE), int(-(-total // LINE_WIDTH_LIMIT)))
        layer: list[Item] = []
        used = 0.0
        done = 0
        for index in row:
            width, height = sizes[index]
            # Start a new line once this one has its share of the width or of the number.
            middle = used + width / 2
            if layer and middle > total * (done + 1) / lines and done + 1 < lines:
                layers.append(layer)
                orders.append(action_order)
                layer, done = [], done + 1
            loop = LOOP_REACH if plan.boxes[index].has_loop else 0.0
            item = Item(index, True, len(layers), width / 2, width / 2 + loop, height)
            items.append(item)
            layer.append(item)
            used += width + 24.0
        layers.append(layer)
        orders.append(action_order)
    return layers, items, orders


def _chains(
    plan: PicturePlan, items: Sequence[Item], layers: Sequence[list[Item]], *, bundle: bool
) -> list[list[Item]]:
    """Return the items that each line visits, from its upper end to its lower end."""
    shared: dict[tuple[Any, ...], Item] = {}
    joined: set[tuple[int, int]] = set()
    count = len(items)
    chains = []
    for number, link in enumerate(plan.links):
        upper, lower = items[link.source], items[link.target]
        if upper.layer > lower.layer:
            upper, lower = lower, upper
        chain = [upper]
        for layer in range(upper.layer + 1, lower.layer):
            key: tuple[Any, ...] = (number, layer)
            if bundle and not link.both:
                key = (link.target, line_kind(link.parts), layer, upper is items[link.source])
            if key not in shared:
                shared[key] = Item(count, False, layer, 2.0, 2.0, 0.0)
                layers[layer].append(shared[key])
                count += 1
            chain.append(shared[key])
        chain.append(lower)
        if upper.layer < lower.layer:
            for one, two in pairwise(chain):
                if (one.index, two.index) not in joined:
                    joined.add((one.index, two.index))
                    one.down.append(two)
                    two.up.append(one)
        chains.append(chain)
    return chains


def _arcs(plan: PicturePlan, items: Sequence[Item]) -> dict[int, list[tuple[int, int]]]:
    """Return, for each layer, the pairs of items that a line joins inside the layer."""
    arcs: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for link in plan.links:
        one, two = items[link.source], items[link.target]
        if one.layer == two.layer:
            arcs[one.layer].append((one.index, two.index))
    return arcs


def place_layers(layers: Sequence[Sequence[Item]]) -> None:
    """Set ``x`` of the items of ordered layers: neighbours pull, distances hold.

    Parameters
    ----------
    layers
        The items of each layer, from left to right; the leftmost edge comes to 0.
    """

    def weight(one: Item, two: Item) -> float:
        return (1.0, 3.0, 8.0)[(not one.is_box) + (not two.is_box)]

    def settle(layer: Sequence[Item], near: Mapping[int, Sequence[Item]]) -> None:
        wanted, weights = [], []
        for item in layer:
            pulls = [(weight(item, other), other.x) for other in near[item.index]]
            total = sum(pull for pull, _ in pulls)
            wanted.append(sum(pull * x for pull, x in pulls) / total if pulls else item.x)
            weights.append(total if pulls else 0.5)
        gaps = [_distance(one, two) for one, two in pairwise(layer)]
        for item, x in zip(layer, spread(wanted, gaps, weights), strict=True):
            item.x = x

    for layer in layers:
        gaps = [_distance(one, two) for one, two in pairwise(layer)]
        for item, x in zip(layer, spread([0.0] * len(layer), gaps), strict=True):
            item.x = x
    for _ in range(12):
        for layer in layers[1:]:
            settle(layer, {item.index: item.up for item in layer})
        for layer in reversed(layers[:-1]):
            settle(layer, {item.index: item.down for item in layer})
    for _ in range(40):
        for layer in layers:
            settle(layer, {item.index: item.up + item.down for item in layer})
    start = min((item.x - item.left for layer in layers for item in layer), default=0.0)
    for layer in layers:
        for item in layer:
            item.x -= start


def _distance(one: Item, two: Item) -> float:
    space = (24.0, 15.0, 7.0)[(not one.is_box) + (not two.is_box)]
    return one.right + two.left + space
