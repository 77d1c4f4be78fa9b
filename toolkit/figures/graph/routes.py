"""Routes of the lines of an interaction graph around the boxes, given the boxes' positions."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from toolkit.figures.graph.geometry import (
    LOOP_REACH,
    ROW_PADDING,
    Arrangement,
    Head,
    Item,
    Route,
    RowBand,
    spread,
)
from toolkit.figures.style import head_length, line_width
from toolkit.palette import line_kind

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from toolkit.figures.graph.plan import Box, PicturePlan

_MOVE, _LINE, _CURVE = 1, 2, 4  # the codes of matplotlib.path.Path


class _Wish(NamedTuple):
    """The preferred point at which a line meets a box.

    Lines with the same ``mark`` meet it in the same point; from left to right, points are sorted
    by ``side`` (-1 and 1: lines to a box of the same layer), then by ``rank``.
    """

    number: int
    mark: Hashable
    side: int
    rank: float
    x: float


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


class Router:
    """Routes the lines, once the items have their ``x``."""

    def __init__(
        self,
        plan: PicturePlan,
        layers: Sequence[Sequence[Item]],
        items: Sequence[Item],
        chains: Sequence[Sequence[Item]],
        *,
        bundle: bool,
    ) -> None:
        self.plan = plan
        self.layers = layers
        self.items = items
        self.chains = chains
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
            y += gap + ROW_PADDING
            height = max(item.height for item in layer)
            self.top.append(y)
            self.bottom.append(y + height)
            y += height + ROW_PADDING
        self.height = y

    def _middle(self, item: Item) -> float:
        return (self.top[item.layer] + self.bottom[item.layer]) / 2

    def _ports(self) -> dict[tuple[int, int], float]:
        """Return where each line (by number) meets each box (by item), as x."""
        wishes: dict[tuple[int, bool], list[_Wish]] = defaultdict(list)
        for number, (link, chain) in enumerate(zip(self.plan.links, self.chains, strict=True)):
            for end, beside in ((chain[0], chain[1]), (chain[-1], chain[-2])):
                if number in self.levels:
                    way = beside.x - end.x
                    side = -1 if way < 0 else 1
                    wishes[end.index, True].append(_Wish(number, number, side, -way, beside.x))
                    continue
                mark: Hashable = number
                if self.bundle and end.index == link.target and not link.both:
                    mark = line_kind(link.parts)
                elif not beside.is_box:
                    mark = ("via", beside.index)
                above = end is chain[-1]
                wishes[end.index, above].append(_Wish(number, mark, 0, beside.x, beside.x))
        ports: dict[tuple[int, int], float] = {}
        for (index, _), all_here in wishes.items():
            item = self.items[index]
            groups: dict[Hashable, list[_Wish]] = defaultdict(list)
            for wish in all_here:
                groups[wish.mark].append(wish)
            ranked = sorted(
                groups.values(),
                key=lambda group: (group[0].side, _mean([wish.rank for wish in group])),
            )
            last = len(ranked) - 1
            half = max(item.left - 6.5, 2.0)
            gap = min(11.0, 2 * half / max(1, last))
            wanted = [
                min(half, max(-half, _mean([wish.x for wish in group]) - item.x))
                for group in ranked
            ]
            for i, (group, x) in enumerate(zip(ranked, spread(wanted, [gap] * last), strict=True)):
                inside = min(half - (last - i) * gap, max(-half + i * gap, x))
                for wish in group:
                    ports[index, wish.number] = item.x + inside
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
        heads, y0, y1 = [], start, end
        if link.target == lower.index or link.both:
            heads.append(Head(last, end, 0.0, 1.0))
            y1 -= length
        if link.target == upper.index or link.both:
            heads.append(Head(first, start, 0.0, -1.0))
            y0 += length
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

    def _loop(self, item: Item, box: Box) -> Route:
        width = line_width(box.loop_share)
        length = 0.72 * head_length(width)
        x, y = item.x + item.left, self._middle(item)
        far, half = x + LOOP_REACH, 8.0
        vertices = [
            (x, y - half),
            (x + 0.7 * LOOP_REACH, y - half - 1.0),
            (far, y - 0.8 * half),
            (far, y),
            (far, y + 0.8 * half),
            (x + 0.75 * LOOP_REACH, y + half),
            (x + length, y + half),
        ]
        return Route(
            line_kind(box.loop or ()),
            width,
            tuple(vertices),
            (_MOVE, *[_CURVE] * 6),
            (Head(x, y + half, -1.0, 0.0),),
            (item.index, item.index),
        )

    def arrangement(self, orders: Sequence[int]) -> Arrangement:
        """Return everything in place; ``orders`` are the orders of the action of the layers."""
        routes = [self._course(number) for number in range(len(self.chains))]
        for item, box in zip(self.items, self.plan.boxes, strict=True):
            if box.has_loop:
                routes.append(self._loop(item, box))
        bands: list[RowBand] = []
        for layer, action_order in enumerate(orders):
            top = self.top[layer] - ROW_PADDING
            bottom = self.bottom[layer] + ROW_PADDING
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
