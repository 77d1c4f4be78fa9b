"""The order of the items in each row of a layered picture, for few crossings of lines."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from toolkit.figures.graph.geometry import Item

#: Neighbours are exchanged in pictures with at most this many lines.
_MOST_LINES = 20_000
_ARC = 0.25  # what a line inside a row costs for each item it passes; a crossing costs 1


def order_layers(layers: list[list[Item]], arcs: Mapping[int, Sequence[tuple[int, int]]]) -> None:
    """Order each layer for few crossings: barycentres, then exchanges of neighbours.

    Parameters
    ----------
    layers
        The items of each layer; reordered in place. Lines lead from one layer to the next only.
    arcs
        Per layer the pairs of items (by ``index``) that a line joins inside it.
    """

    def cost() -> float:
        return sum(_crossings(one, two) for one, two in pairwise(layers)) + sum(
            _ARC * _arc_cost(layers[index], pairs) for index, pairs in arcs.items()
        )

    lines = sum(len(item.down) for layer in layers for item in layer)
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
        if lines <= _MOST_LINES:
            _exchange(layers, arcs)
        if cost() < least:
            best, least = [list(layer) for layer in layers], cost()
        if not least:
            break
    for layer, kept in zip(layers, best, strict=True):
        layer[:] = kept


def _exchange(layers: Sequence[list[Item]], arcs: Mapping[int, Sequence[tuple[int, int]]]) -> None:
    """Exchange neighbours in rows while that makes less cost, at most six times all."""
    for _ in range(6):
        better = [_exchanged(layers, i, arcs.get(i, ())) for i in range(len(layers))]
        if not any(better):
            return


def _exchanged(layers: Sequence[list[Item]], index: int, arcs: Sequence[tuple[int, int]]) -> bool:
    """Exchange neighbours in one row, from left to right; return whether it became better."""
    layer = layers[index]
    ends: list[dict[int, list[int]]] = []  # where the lines of each item end, above and below
    for beside, step in ((index - 1, "up"), (index + 1, "down")):
        if 0 <= beside < len(layers):
            there = {item.index: i for i, item in enumerate(layers[beside])}
            ends.append({a.index: sorted(there[b.index] for b in getattr(a, step)) for a in layer})
    joined: dict[int, list[int]] = defaultdict(list)
    for one, two in arcs:
        joined[one].append(two)
        joined[two].append(one)
    place = {item.index: i for i, item in enumerate(layer)}
    better = False
    for i in range(len(layer) - 1):
        a, b = layer[i].index, layer[i + 1].index
        change = 0.0
        for side in ends:
            change += _inversions(side[b], side[a]) - _inversions(side[a], side[b])
        for one, two, way in ((a, b, -1), (b, a, 1)):
            for other in joined.get(one, ()):
                if other != two:
                    change += _ARC * (way if place[other] > i else -way)
        if change < 0:
            layer[i], layer[i + 1] = layer[i + 1], layer[i]
            place[a], place[b] = i + 1, i
            better = True
    return better


def _inversions(left: Sequence[int], right: Sequence[int]) -> int:
    """Return how many lines cross: pairs with the larger end on the left; both are sorted."""
    return sum(bisect_left(right, end) for end in left)


def _crossings(upper: Sequence[Item], lower: Sequence[Item]) -> int:
    position = {item.index: i for i, item in enumerate(lower)}
    seen: list[int] = []
    total = 0
    for item in upper:
        ends = sorted(position[other.index] for other in item.down)
        total += sum(len(seen) - bisect_right(seen, end) for end in ends)
        for end in ends:
            insort(seen, end)
    return total


def _arc_cost(layer: Sequence[Item], arcs: Sequence[tuple[int, int]]) -> int:
    """Return how far the ends of lines inside a layer are apart, beyond neighbours."""
    position = {item.index: i for i, item in enumerate(layer)}
    return sum(abs(position[one] - position[two]) - 1 for one, two in arcs)
