"""Where everything stands in the picture of an interaction graph.

Pure geometry: no drawing library is used here. The picture is layered, one row for each order of
the action, the largest on top. :func:`plan_picture` decides *what* is drawn (every simple and
every edge of a small graph; boxes of twins and a transitive reduction of a large one),
:func:`arrange` decides *where*, in points (1/72 inch), x to the right and y downwards.

The method is the layered one of Sugiyama, Tagawa and Toda (1981): edges that skip rows get a
place of their own in each row between, rows are ordered by barycentres, and positions within a
row are the exact least-squares solution under the minimal distances (:func:`spread`). Nothing is
random: the same graph always gives the same picture.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from toolkit.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import networkx as nx

__all__ = [
    "Arrangement",
    "Box",
    "Head",
    "Link",
    "PicturePlan",
    "Route",
    "RowBand",
    "arrange",
    "line_kind",
    "line_width",
    "plan_picture",
    "spread",
]

#: Up to this many simples, each is drawn by itself, with every edge.
EVERY_EDGE_UP_TO = 8
#: A row with more boxes than this, or wider than this many points, is broken into several lines.
ITEMS_PER_LINE = 10
LINE_WIDTH_LIMIT = 900.0

_MOVE, _LINE, _CURVE = 1, 2, 4  # the codes of matplotlib.path.Path
_LOOP_REACH = 20.0
_ROW_PADDING = 9.0


def line_kind(parts: Iterable[str]) -> str:
    """Return how the line of an edge with these parts is drawn.

    Parameters
    ----------
    parts
        The parts of the activation that give the edge.

    Returns
    -------
    str
        ``"even"``, ``"odd"``, ``"even and odd"``, ``"polynomial"``, ``"linear"``, ``"constant"``
        or ``"unknown"``: the first that applies, so ``"linear"`` means linear at most.

    Examples
    --------
    >>> line_kind(("even", "linear")), line_kind(("linear",)), line_kind(("degree 2",))
    ('even', 'linear', 'polynomial')
    """
    found = set(parts)
    if {"even", "odd"} <= found:
        return "even and odd"
    for kind in ("even", "odd"):
        if kind in found:
            return kind
    if any(part.startswith("degree ") for part in found):
        return "polynomial"
    for kind in ("linear", "constant"):
        if kind in found:
            return kind
    return "unknown"


def line_width(share: float) -> float:
    """Return the width in points of an edge that carries this share of the energy.

    Parameters
    ----------
    share
        Between 0 and 1; what lies outside is taken as the nearer end.

    Returns
    -------
    float
        From 0.7 to 3.1 points, growing like the square root, so that small shares are seen.

    Examples
    --------
    >>> [round(line_width(share), 2) for share in (0, 0.25, 1)]
    [0.7, 1.9, 3.1]
    """
    return 0.7 + 2.4 * math.sqrt(min(1.0, max(0.0, share)))


def spread(
    wanted: Sequence[float], gaps: Sequence[float], weights: Sequence[float] | None = None
) -> list[float]:
    """Return the positions nearest to the wanted ones that keep order and distances.

    Parameters
    ----------
    wanted
        ``(n,)`` where each item would like to stand.
    gaps
        ``(n - 1,)`` least distance from each item to the next.
    weights
        ``(n,)`` how much each item insists, positive; all equal if left out.

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


@dataclass(frozen=True)
class Box:
    """One thing that is drawn in a row: a simple, or several that the graph cannot tell apart.

    Parameters
    ----------
    members
        Labels, in the graph's order.
    action_order
        Their common order of the action: the row.
    mutual
        Whether there are at least two members, and each has an edge to every other one.
    loop
        Parts of the edge from a member to itself, ``None`` if there is none.
    loop_share
        Mean share of that edge.
    """

    members: tuple[str, ...]
    action_order: int
    mutual: bool
    loop: tuple[str, ...] | None
    loop_share: float


@dataclass(frozen=True)
class Link:
    """One line between two different boxes.

    Parameters
    ----------
    source, target
        Indices of the boxes.
    parts
        Parts of the activation that give the edge.
    share
        Share of the energy of one simple of the source that goes into the whole target, the
        mean over the source.
    both
        Whether the line also stands for the edge back, which has the same kind.
    """

    source: int
    target: int
    parts: tuple[str, ...]
    share: float
    both: bool = False


@dataclass(frozen=True)
class PicturePlan:
    """What is drawn.

    Parameters
    ----------
    boxes
        Row by row from the top, inside a row in the graph's order.
    links
        The lines between different boxes.
    grouped
        Whether twins were put into one box.
    reduced
        Whether edges were left out because transitivity implies them.
    """

    boxes: tuple[Box, ...]
    links: tuple[Link, ...]
    grouped: bool
    reduced: bool


def plan_picture(
    graph: nx.DiGraph[str], *, every_edge_up_to: int = EVERY_EDGE_UP_TO
) -> PicturePlan:
    """Decide what the picture of an interaction graph shows.

    Parameters
    ----------
    graph
        The interaction graph; only ``action_order``, ``parts`` and ``share`` are read.
    every_edge_up_to
        Up to this many simples nothing is grouped or left out.

    Returns
    -------
    PicturePlan
        Boxes and lines.

    Raises
    ------
    ConfigError
        If a node is not a string or has no ``action_order``.

    Notes
    -----
    Two simples of a row are twins when exchanging them changes no edge and no ``parts``; this is
    an equivalence. Edges are left out only if the relation between boxes is transitive, so that
    what is left out can be read off the picture.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.complete_graph([f"L{i}" for i in range(12)], nx.DiGraph)
    >>> nx.set_node_attributes(graph, 13, "action_order")
    >>> plan = plan_picture(graph)
    >>> len(plan.boxes), len(plan.boxes[0].members), plan.boxes[0].mutual
    (1, 12, True)
    """
    nodes = list(graph)
    order: dict[str, int] = {}
    for node in nodes:
        if not isinstance(node, str) or "action_order" not in graph.nodes[node]:
            raise ConfigError(
                f"this is not an interaction graph: required labels with an action_order as "
                f"nodes, found {node!r} with {sorted(graph.nodes[node])}"
            )
        order[node] = graph.nodes[node]["action_order"]
    grouped = len(nodes) > every_edge_up_to
    classes: list[list[str]] = []
    for action_order in sorted(set(order.values()), reverse=True):
        row = [node for node in nodes if order[node] == action_order]
        classes += _twin_classes(graph, row) if grouped else [[node] for node in row]
    boxes = tuple(_box(graph, members, order[members[0]]) for members in classes)
    links = _links(graph, classes)
    kept = _without_implied(links) if grouped else links
    return PicturePlan(
        boxes,
        tuple(_paired(kept)),
        grouped=any(len(box.members) > 1 for box in boxes),
        reduced=len(kept) < len(links),
    )


def _parts(graph: nx.DiGraph[str], source: str, target: str) -> tuple[str, ...] | None:
    data = graph.get_edge_data(source, target)
    return None if data is None else tuple(data.get("parts", ()))


def _twin_classes(graph: nx.DiGraph[str], row: Sequence[str]) -> list[list[str]]:
    def twins(one: str, two: str) -> bool:
        if _parts(graph, one, one) != _parts(graph, two, two):
            return False
        if _parts(graph, one, two) != _parts(graph, two, one):
            return False
        around = (set(graph[one]) | set(graph[two])) - {one, two}
        before = (set(graph.pred[one]) | set(graph.pred[two])) - {one, two}
        return all(_parts(graph, one, x) == _parts(graph, two, x) for x in around) and all(
            _parts(graph, x, one) == _parts(graph, x, two) for x in before
        )

    classes: list[list[str]] = []
    for node in row:
        for members in classes:
            if twins(members[0], node):
                members.append(node)
                break
        else:
            classes.append([node])
    return classes


def _box(graph: nx.DiGraph[str], members: Sequence[str], action_order: int) -> Box:
    first = members[0]
    loops = [graph[node][node].get("share", 0.0) for node in members if graph.has_edge(node, node)]
    return Box(
        tuple(str(node) for node in members),
        action_order,
        mutual=len(members) > 1 and graph.has_edge(first, members[1]),
        loop=_parts(graph, first, first),
        loop_share=sum(loops) / len(loops) if loops else 0.0,
    )


def _links(graph: nx.DiGraph[str], classes: Sequence[Sequence[str]]) -> list[Link]:
    where = {node: index for index, members in enumerate(classes) for node in members}
    shares: dict[tuple[int, int], float] = defaultdict(float)
    parts: dict[tuple[int, int], set[str]] = defaultdict(set)
    for source, target, data in graph.edges(data=True):
        pair = where[source], where[target]
        if pair[0] != pair[1]:
            shares[pair] += data.get("share", 0.0) / len(classes[pair[0]])
            parts[pair].update(data.get("parts", ()))
    return [
        Link(*pair, parts=tuple(sorted(parts[pair])), share=shares[pair]) for pair in sorted(shares)
    ]


def _without_implied(links: Sequence[Link]) -> Sequence[Link]:
    """Leave out what transitivity implies; everything stays if the relation is not transitive."""
    after: dict[int, set[int]] = defaultdict(set)
    for link in links:
        after[link.source].add(link.target)
    for source in list(after):
        for middle in after[source]:
            if not after.get(middle, set()) - {source} <= after[source]:
                return links

    def implied(link: Link) -> bool:
        source, target = link.source, link.target
        if source in after.get(target, ()):
            return False
        return any(
            target in after.get(middle, ())
            and source not in after.get(middle, ())
            and middle not in after.get(target, ())
            for middle in after[source] - {target}
        )

    return [link for link in links if not implied(link)]


def _paired(links: Sequence[Link]) -> list[Link]:
    """Make one line with two heads out of an edge and its opposite, if they look the same."""
    by_pair = {(link.source, link.target): link for link in links}
    result = []
    for link in links:
        back = by_pair.get((link.target, link.source))
        if back is None or line_kind(back.parts) != line_kind(link.parts):
            result.append(link)
        elif link.source < link.target:
            parts = tuple(sorted({*link.parts, *back.parts}))
            share = (link.share + back.share) / 2
            result.append(Link(link.source, link.target, parts, share, both=True))
    return result


# --- where ------------------------------------------------------------------------------------


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
        See :func:`line_kind`.
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
    """Where everything stands: the corner is (0, 0), y grows downwards.

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


@dataclass(eq=False)
class _Item:
    """A box, or the place where a line passes through a row."""

    index: int
    box: int | None
    layer: int
    left: float
    right: float
    height: float
    x: float = 0.0
    up: list[_Item] = field(default_factory=list)
    down: list[_Item] = field(default_factory=list)


def arrange(
    plan: PicturePlan, sizes: Sequence[tuple[float, float]], *, bundle: bool | None = None
) -> Arrangement:
    """Place the boxes and lead the lines around them.

    Parameters
    ----------
    plan
        What is drawn.
    sizes
        Width and height of each box, in points.
    bundle
        Whether lines of one kind into one box share their way through the rows between. The
        picture stays unambiguous, for such lines only ever flow together. If left out: from 9
        boxes on, or when something was grouped.

    Returns
    -------
    Arrangement
        Positions and paths.

    Examples
    --------
    >>> box = Box(("L0",), 1, mutual=False, loop=("even",), loop_share=1.0)
    >>> arrange(PicturePlan((box,), (), False, False), [(40.0, 30.0)]).centres
    ((20.0, 24.0),)
    """
    if bundle is None:
        bundle = plan.grouped or len(plan.boxes) > EVERY_EDGE_UP_TO
    layers, items, bands = _layers(plan, sizes)
    chains = _chains(plan, items, layers, bundle=bundle)
    _order_layers(layers, _initial_arcs(plan, items))
    _place(layers)
    return _Router(plan, layers, items, chains, bands, bundle=bundle).result()


def _layers(
    plan: PicturePlan, sizes: Sequence[tuple[float, float]]
) -> tuple[list[list[_Item]], list[_Item], list[int]]:
    """Return the lines of boxes, the items of the boxes, and the order of each line."""
    layers: list[list[_Item]] = []
    items: list[_Item] = []
    orders: list[int] = []
    rows: dict[int, list[int]] = defaultdict(list)
    for index, box in enumerate(plan.boxes):
        rows[box.action_order].append(index)
    for action_order, row in rows.items():
        total = sum(sizes[index][0] + 24.0 for index in row)
        lines = max(-(-len(row) // ITEMS_PER_LINE), int(-(-total // LINE_WIDTH_LIMIT)))
        layer: list[_Item] = []
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
            loop = _LOOP_REACH if _has_loop(plan.boxes[index]) else 0.0
            item = _Item(len(items), index, len(layers), width / 2, width / 2 + loop, height)
            items.append(item)
            layer.append(item)
            used += width + 24.0
        layers.append(layer)
        orders.append(action_order)
    return layers, items, orders


def _has_loop(box: Box) -> bool:
    return len(box.members) == 1 and box.loop is not None


def _chains(
    plan: PicturePlan, items: Sequence[_Item], layers: Sequence[list[_Item]], *, bundle: bool
) -> list[list[_Item]]:
    """Return the items that each line visits, from its upper end to its lower end."""
    shared: dict[tuple[Any, ...], _Item] = {}
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
                shared[key] = _Item(count, None, layer, 2.0, 2.0, 0.0)
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


def _initial_arcs(plan: PicturePlan, items: Sequence[_Item]) -> dict[int, list[tuple[int, int]]]:
    """Return, for each layer, the pairs of items that a line joins inside the layer."""
    arcs: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for link in plan.links:
        one, two = items[link.source], items[link.target]
        if one.layer == two.layer:
            arcs[one.layer].append((one.index, two.index))
    return arcs


def _crossings(upper: Sequence[_Item], lower: Sequence[_Item]) -> int:
    position = {item.index: i for i, item in enumerate(lower)}
    seen: list[int] = []
    total = 0
    for item in upper:
        ends = sorted(position[other.index] for other in item.down)
        total += sum(len(seen) - bisect_right(seen, end) for end in ends)
        for end in ends:
            insort(seen, end)
    return total


def _arc_cost(layer: Sequence[_Item], arcs: Sequence[tuple[int, int]]) -> int:
    """Return how far the ends of lines inside a layer are apart, beyond neighbours."""
    position = {item.index: i for i, item in enumerate(layer)}
    return sum(abs(position[one] - position[two]) - 1 for one, two in arcs)


def _order_layers(layers: list[list[_Item]], arcs: Mapping[int, Sequence[tuple[int, int]]]) -> None:
    """Order each layer for few crossings: barycentres, then exchanges of neighbours."""

    def cost_around(index: int) -> float:
        total = 0.25 * _arc_cost(layers[index], arcs.get(index, ()))
        if index:
            total += _crossings(layers[index - 1], layers[index])
        if index + 1 < len(layers):
            total += _crossings(layers[index], layers[index + 1])
        return total

    def cost() -> float:
        return sum(_crossings(one, two) for one, two in pairwise(layers)) + sum(
            0.25 * _arc_cost(layers[index], pairs) for index, pairs in arcs.items()
        )

    def exchange() -> None:
        for _ in range(6):
            better = False
            for index, layer in enumerate(layers):
                for i in range(len(layer) - 1):
                    before = cost_around(index)
                    layer[i], layer[i + 1] = layer[i + 1], layer[i]
                    if cost_around(index) < before:
                        better = True
                    else:
                        layer[i], layer[i + 1] = layer[i + 1], layer[i]
            if not better:
                return

    lines = sum(len(item.down) for layer in layers for item in layer)
    small = lines * sum(map(len, layers)) <= 40_000  # exchanges look at every line for each item
    best, least = [list(layer) for layer in layers], cost()
    for sweep in range(12):
        downwards = sweep % 2 == 0
        for index in range(len(layers)) if downwards else reversed(range(len(layers))):
            beside = index - 1 if downwards else index + 1
            if not 0 <= beside < len(layers):
                continue
            there = {
                item.index: (i + 0.5) / len(layers[beside]) for i, item in enumerate(layers[beside])
            }
            size = len(layers[index])
            keys = {}
            for i, item in enumerate(layers[index]):
                near = item.up if downwards else item.down
                keys[item.index] = (
                    sum(there[other.index] for other in near) / len(near)
                    if near
                    else (i + 0.5) / size
                )
            layers[index].sort(key=lambda item: keys[item.index])
        if small:
            exchange()
        if cost() < least:
            best, least = [list(layer) for layer in layers], cost()
        if not least:
            break
    for layer, kept in zip(layers, best, strict=True):
        layer[:] = kept


def _distance(one: _Item, two: _Item) -> float:
    space = 24.0 if one.box is not None and two.box is not None else 15.0
    if one.box is None and two.box is None:
        space = 7.0
    return one.right + two.left + space


def _place(layers: Sequence[Sequence[_Item]]) -> None:
    """Set ``x``: neighbours pull, distances hold."""

    def weight(one: _Item, two: _Item) -> float:
        return (1.0, 3.0, 8.0)[(one.box is None) + (two.box is None)]

    def settle(layer: Sequence[_Item], near: Mapping[int, Sequence[_Item]]) -> None:
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


class _Router:
    """Leads the lines, once the items have their ``x``."""

    def __init__(
        self,
        plan: PicturePlan,
        layers: Sequence[Sequence[_Item]],
        items: Sequence[_Item],
        chains: Sequence[Sequence[_Item]],
        orders: Sequence[int],
        *,
        bundle: bool,
    ) -> None:
        self.plan = plan
        self.layers = layers
        self.items = items
        self.chains = chains
        self.orders = orders
        self.bundle = bundle
        self.levels = self._arc_levels()
        self.top: list[float] = []
        self.bottom: list[float] = []
        self._stack()
        self.ports = self._ports()

    def _arc_levels(self) -> dict[int, int]:
        """Return how high each line inside a layer rises: above all it spans."""
        spans = []
        for number, chain in enumerate(self.chains):
            if chain[0].layer == chain[-1].layer:
                low, high = sorted((chain[0].x, chain[-1].x))
                spans.append((high - low, low, high, chain[0].layer, number))
        levels: dict[int, int] = {}
        done: list[tuple[float, float, int, int]] = []
        for _, low, high, layer, number in sorted(spans):
            below = [
                level
                for left, right, where, level in done
                if where == layer and left < high - 1.0 and right > low + 1.0
            ]
            levels[number] = 1 + max(below, default=0)
            done.append((low, high, layer, levels[number]))
        return levels

    def _rise(self, number: int) -> float:
        deepest = max(self.levels.values())
        return 6.0 + self.levels[number] * max(5.0, min(13.0, 110.0 / deepest))

    def _stack(self) -> None:
        y = 0.0
        for index, layer in enumerate(self.layers):
            lines = sum(len(item.up) for item in layer)
            wide = max((abs(item.x - other.x) for item in layer for other in item.up), default=0.0)
            gap = 0.0 if not index else 24.0 + min(50.0, 1.2 * lines) + min(40.0, 0.08 * wide)
            rises = [
                self._rise(number)
                for number, chain in enumerate(self.chains)
                if number in self.levels and chain[0].layer == index
            ]
            if rises:
                gap += max(rises) + 4.0
            y += gap + _ROW_PADDING
            height = max(item.height for item in layer)
            self.top.append(y)
            self.bottom.append(y + height)
            y += height + _ROW_PADDING
        self.height = y

    def _middle(self, item: _Item) -> float:
        return (self.top[item.layer] + self.bottom[item.layer]) / 2

    def _ports(self) -> dict[tuple[int, int], float]:
        """Return where each line (by number) meets each box (by item), as x."""
        wishes: dict[tuple[int, bool], list[tuple[tuple[float, ...], float, Any, int]]]
        wishes = defaultdict(list)
        for number, (link, chain) in enumerate(zip(self.plan.links, self.chains, strict=True)):
            kind = line_kind(link.parts)
            for end, beside in ((chain[0], chain[1]), (chain[-1], chain[-2])):
                if number in self.levels:
                    way = beside.x - end.x
                    key = (-1.0 if way < 0 else 1.0, -way)
                    wishes[end.index, True].append((key, beside.x, number, number))
                else:
                    mark: Any = number
                    arrives = end.box == link.target and not link.both
                    if arrives and self.bundle:
                        mark = kind
                    elif beside.box is None:
                        mark = ("via", beside.index)
                    above = end is chain[-1]
                    wishes[end.index, above].append(((0.0, beside.x), beside.x, mark, number))
        ports: dict[tuple[int, int], float] = {}
        for (index, _), entries in wishes.items():
            item = self.items[index]
            groups: dict[Any, list[tuple[tuple[float, ...], float, Any, int]]] = defaultdict(list)
            for entry in entries:
                groups[entry[2]].append(entry)
            ranked = sorted(
                groups.values(),
                key=lambda group: (
                    group[0][0][0],
                    sum(entry[0][1] for entry in group) / len(group),
                ),
            )
            half = max(item.left - 6.5, 2.0)
            gap = min(11.0, 2 * half / max(1, len(ranked) - 1))
            wanted = [
                min(half, max(-half, sum(entry[1] for entry in group) / len(group) - item.x))
                for group in ranked
            ]
            places = spread(wanted, [gap] * (len(ranked) - 1))
            last = len(ranked) - 1
            for i, (group, place) in enumerate(zip(ranked, places, strict=True)):
                inside = min(half - (last - i) * gap, max(-half + i * gap, place))
                for entry in group:
                    ports[index, entry[3]] = item.x + inside
        return ports

    def _course(self, number: int) -> Route:
        link, chain = self.plan.links[number], self.chains[number]
        kind = line_kind(link.parts)
        width = line_width(link.share)
        if number in self.levels:
            return self._arc(number, kind, width)
        upper, lower = chain[0], chain[-1]
        length = 0.72 * head_length(width)
        start = self._middle(upper) + upper.height / 2
        end = self._middle(lower) - lower.height / 2
        first, last = self.ports[upper.index, number], self.ports[lower.index, number]
        heads = []
        if link.target == lower.box or link.both:
            heads.append(Head(last, end, 0.0, 1.0))
        if link.target == upper.box or link.both:
            heads.append(Head(first, start, 0.0, -1.0))
        y0 = start + (length if link.target == upper.box or link.both else 0.0)
        y1 = end - (length if link.target == lower.box or link.both else 0.0)
        vertices, codes = [(first, y0)], [_MOVE]
        x = first
        for one, two in pairwise(chain):
            high = self.bottom[one.layer] if one is not upper else max(y0, self.bottom[one.layer])
            low = self.top[two.layer] if two is not lower else min(y1, self.top[two.layer])
            if vertices[-1][1] < high - 0.01:
                vertices.append((x, high))
                codes.append(_LINE)
            target = last if two is lower else two.x
            bend = 0.5 * (low - high)
            vertices += [(x, high + bend), (target, low - bend), (target, low)]
            codes += [_CURVE] * 3
            x = target
        if vertices[-1][1] < y1 - 0.01:
            vertices.append((x, y1))
            codes.append(_LINE)
        return Route(
            kind, width, tuple(vertices), tuple(codes), tuple(heads), (link.source, link.target)
        )

    def _arc(self, number: int, kind: str, width: float) -> Route:
        link, chain = self.plan.links[number], self.chains[number]
        source, target = chain[0], chain[-1]
        length = 0.72 * head_length(width)
        x0, x1 = self.ports[source.index, number], self.ports[target.index, number]
        y0 = self._middle(source) - source.height / 2
        y1 = self._middle(target) - target.height / 2
        heads = [Head(x1, y1, 0.0, 1.0)]
        start, end = y0, y1 - length
        if link.both:
            heads.append(Head(x0, y0, 0.0, 1.0))
            start -= length
        base = self.top[source.layer] - length
        rise = self._rise(number) - length
        # Two quarters of an ellipse; a wide flat arc has a straight piece between them.
        way = 1.0 if x1 > x0 else -1.0
        reach = way * min(abs(x1 - x0) / 2, 3.2 * rise)
        free, apex = 0.4477, base - rise  # 1 - 4/3 (sqrt 2 - 1): a cubic for a quarter circle
        vertices = [
            (x0, start),
            (x0, base),
            (x0, base - (1 - free) * rise),
            (x0 + free * reach, apex),
            (x0 + reach, apex),
            (x1 - reach, apex),
            (x1 - free * reach, apex),
            (x1, base - (1 - free) * rise),
            (x1, base),
            (x1, end),
        ]
        codes = [_MOVE, _LINE, *[_CURVE] * 3, _LINE, *[_CURVE] * 3, _LINE]
        return Route(
            kind, width, tuple(vertices), tuple(codes), tuple(heads), (link.source, link.target)
        )

    def _loop(self, item: _Item, box: Box) -> Route:
        width = line_width(box.loop_share)
        length = 0.72 * head_length(width)
        x, y = item.x + item.left, self._middle(item)
        far, half = x + _LOOP_REACH, 8.0
        vertices = [
            (x, y - half),
            (x + 0.7 * _LOOP_REACH, y - half - 1.0),
            (far, y - 0.8 * half),
            (far, y),
            (far, y + 0.8 * half),
            (x + 0.75 * _LOOP_REACH, y + half),
            (x + length, y + half),
        ]
        index = -1 if item.box is None else item.box
        return Route(
            line_kind(box.loop or ()),
            width,
            tuple(vertices),
            (_MOVE, *[_CURVE] * 6),
            (Head(x, y + half, -1.0, 0.0),),
            (index, index),
        )

    def result(self) -> Arrangement:
        """Return everything in place."""
        routes = [self._course(number) for number in range(len(self.chains))]
        for item, box in zip(self.items, self.plan.boxes, strict=True):
            if _has_loop(box):
                routes.append(self._loop(item, box))
        bands: list[RowBand] = []
        for layer, action_order in enumerate(self.orders):
            top = self.top[layer] - _ROW_PADDING
            bottom = self.bottom[layer] + _ROW_PADDING
            if bands and bands[-1].action_order == action_order:
                bands[-1] = RowBand(action_order, bands[-1].top, bottom)
            else:
                bands.append(RowBand(action_order, top, bottom))
        right = (item.x + item.right for layer in self.layers for item in layer)
        return Arrangement(
            tuple((item.x, self._middle(item)) for item in self.items),
            tuple(bands),
            tuple(routes),
            max(right, default=0.0),
            self.height,
        )


def head_length(width: float) -> float:
    """Return how long the arrow head of a line of this width is, in points."""
    return 5.0 + 1.5 * width
