"""Folding a graph: equal branches and twins become one point, before any search.

Points with one neighbour hang on it; points that have the same neighbours are twins. Both are
folded, again and again: a tree folds to a point, a complete multipartite graph too. What was
folded is a *bundle*, whose automorphisms are products and wreath products of symmetric groups, by
two generators each. Only the rest, the core, needs a search.

Bundles of equal *type* are isomorphic, and :func:`points_of` lists their points in corresponding
orders. Every step depends on the structure alone, never on the numbering, so that automorphisms
permute the bundles.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from toolkit.groups.graphs.relation import Relation

_ROUNDS = 64  # of branches and twins; what is then left is searched, which is only slower

#: Two sequences of points: the first are mapped to the second in order, all others stay.
Move: TypeAlias = tuple[list[int], list[int]]


@dataclass(frozen=True, eq=False, slots=True)
class Bundle:
    """A point of the folded graph.

    Parameters
    ----------
    type
        Equal for isomorphic bundles.
    point
        For one point of the graph, the point; else -1.
    base
        The bundle that carries the neighbours of this one, with ``groups`` hanging on it;
        ``None`` for twins, which are one group and all have the same neighbours.
    groups
        Lists of isomorphic bundles that are permuted at will.
    """

    type: int
    point: int
    base: Bundle | None = None
    groups: tuple[tuple[Bundle, ...], ...] = ()


@dataclass(frozen=True, eq=False)
class Folded:
    """A graph after folding.

    Parameters
    ----------
    bundles
        For each point that is left its bundle, by the point's number.
    orders
        For each type the order of the group of a bundle.
    """

    bundles: dict[int, Bundle]
    orders: list[int]


@dataclass(eq=False)
class _Types:
    """Types by what defines them, with the orders of their groups."""

    number: dict[Hashable, int] = field(default_factory=dict)
    orders: list[int] = field(default_factory=list)

    def of(self, key: Hashable, order: int) -> int:
        found = self.number.setdefault(key, len(self.orders))
        if found == len(self.orders):
            self.orders.append(order)
        return found


def fold(relation: Relation) -> Folded:
    """Fold equal branches and twins as long as there are any.

    Examples
    --------
    The star with three leaves folds to a point with 6 automorphisms:

    >>> from toolkit.groups.graphs.relation import Relation
    >>> folded = fold(Relation.of_pairs([0] * 4, [0, 0, 0], [1, 2, 3], [1] * 3, [1] * 3))
    >>> [folded.orders[b.type] for b in folded.bundles.values()]
    [6]
    """
    types = _Types()
    bundles = {
        point: Bundle(types.of(("point", color), 1), point)
        for point, color in enumerate(relation.colors.tolist())
    }
    alive = np.ones(relation.low.size, dtype=np.bool_)  # pairs
    for _ in range(_ROUNDS):
        before = len(bundles)
        alive = _absorb_branches(relation, alive, bundles, types)
        alive = _merge_twins(relation, alive, bundles, types)
        if len(bundles) == before:
            break
    return Folded(bundles, types.orders)


# -- branches ------------------------------------------------------------------------------------


def _absorb_branches(
    relation: Relation, alive: NDArray[np.bool_], bundles: dict[int, Bundle], types: _Types
) -> NDArray[np.bool_]:
    """Hang each point with one neighbour on it, layer by layer; return the pairs that are left."""
    pairs = np.flatnonzero(alive)
    ends = np.concatenate([relation.low[pairs], relation.high[pairs]])
    degree = np.bincount(ends, minlength=relation.size)
    if not (degree == 1).any():
        return alive
    # of a point with one neighbour this is the number of its only pair
    total = np.zeros(relation.size, dtype=np.int64)
    np.add.at(total, ends, np.concatenate([pairs, pairs]))
    layer = np.flatnonzero(degree == 1).tolist()
    degrees, totals = degree.tolist(), total.tolist()
    low, high = relation.low.tolist(), relation.high.tolist()
    forward, backward = relation.forward.tolist(), relation.backward.tolist()
    hanging: dict[int, list[tuple[tuple[int, int, int], Bundle]]] = {}
    removed: list[int] = []
    while layer:
        following: list[int] = []
        together = set(layer)
        for point in layer:
            _attach(point, hanging, bundles, types)
        for point in layer:
            if degrees[point] != 1:  # its neighbour hangs on it already
                continue
            pair = totals[point]
            other = low[pair] + high[pair] - point
            to, back = forward[pair], backward[pair]
            if point == high[pair]:
                to, back = back, to
            own = bundles[point].type
            if other in together:  # two points alone: they may be twins, else one is chosen
                theirs = bundles[other].type
                if (own, to) == (theirs, back):
                    continue
                if (own, to) > (theirs, back):
                    point, other, to, back = other, point, back, to
                    own = theirs
            hanging.setdefault(other, []).append(((back, to, own), bundles.pop(point)))
            degrees[point] = 0
            degrees[other] -= 1
            totals[other] -= pair
            removed.append(pair)
            if degrees[other] == 1:
                following.append(other)
        layer = [point for point in following if degrees[point] == 1]
    for point in list(hanging):
        _attach(point, hanging, bundles, types)
    left = alive.copy()
    left[removed] = False
    return left


def _attach(
    point: int,
    hanging: dict[int, list[tuple[tuple[int, int, int], Bundle]]],
    bundles: dict[int, Bundle],
    types: _Types,
) -> None:
    """Make one bundle of a point and all that hangs on it."""
    found = hanging.pop(point, None)
    if found is None:
        return
    groups: dict[tuple[int, int, int], list[Bundle]] = {}
    for kind, bundle in found:
        groups.setdefault(kind, []).append(bundle)
    base = bundles[point]
    kinds = sorted(groups)
    order = types.orders[base.type]
    for kind in kinds:
        order *= _wreath_order(types.orders[kind[2]], len(groups[kind]))
    key = ("branches", base.type, tuple((kind, len(groups[kind])) for kind in kinds))
    bundles[point] = Bundle(
        types.of(key, order), -1, base, tuple(tuple(groups[kind]) for kind in kinds)
    )


def _wreath_order(order: int, count: int) -> int:
    power: int = order**count
    return power * math.factorial(count)


# -- twins ---------------------------------------------------------------------------------------


def _merge_twins(
    relation: Relation, alive: NDArray[np.bool_], bundles: dict[int, Bundle], types: _Types
) -> NDArray[np.bool_]:
    """Make one bundle of all points that can be exchanged; return the pairs that are left."""
    points = np.fromiter(bundles, dtype=np.intp, count=len(bundles))
    points.sort()
    kinds = np.zeros(relation.size, dtype=np.int64)
    kinds[points] = [bundles[p].type for p in points.tolist()]
    low, high = relation.low[alive], relation.high[alive]
    forward, backward = relation.forward[alive], relation.backward[alive]
    # a point's sum over its neighbours of random numbers for neighbour and colours
    codes = int(max(forward.max(initial=0), backward.max(initial=0))) + 1
    chance = np.random.default_rng(0)
    names = chance.integers(0, 2**63, relation.size, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    weights = chance.integers(0, 2**63, (2, codes), dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    there = weights[0][forward] * np.uint64(3) + weights[1][backward]
    back = weights[0][backward] * np.uint64(3) + weights[1][forward]
    sums = np.zeros(relation.size, dtype=np.uint64)
    np.add.at(sums, low, names[high] * there)
    np.add.at(sums, high, names[low] * back)
    groups = _equal(points, kinds, sums)
    # neighbours: what each adds to the other's sum is left aside
    inner = np.zeros(len(groups), dtype=np.intp).tolist()
    symmetric = (forward == backward) & (kinds[low] == kinds[high])
    same = symmetric & (sums[low] + names[low] * there == sums[high] + names[high] * back)
    for color, members in _cliques(low[same], high[same], forward[same]):
        groups.append(members)
        inner.append(color)
    for color, members in zip(inner, groups, strict=True):
        parts = tuple(bundles.pop(p) for p in members)
        order = _wreath_order(types.orders[parts[0].type], len(parts))
        key = ("twins", parts[0].type, color, len(parts))
        bundles[members[0]] = Bundle(types.of(key, order), -1, None, (parts,))
    left = np.zeros(relation.size, dtype=np.bool_)
    left[list(bundles)] = True
    return alive & left[relation.low] & left[relation.high]


def _equal(
    points: NDArray[np.intp], kinds: NDArray[np.int64], sums: NDArray[np.uint64]
) -> list[list[int]]:
    """Return the sets of two or more points of one kind and one sum."""
    order = points[np.lexsort((points, sums[points], kinds[points]))]
    new = (np.diff(kinds[order]) != 0) | (np.diff(sums[order]) != 0)
    cuts = np.flatnonzero(new) + 1
    return [part.tolist() for part in np.split(order, cuts) if part.size > 1]


def _cliques(
    low: NDArray[np.intp], high: NDArray[np.intp], color: NDArray[np.intp]
) -> Iterator[tuple[int, list[int]]]:
    """Yield the classes that pairs of twins join, with the colour within each."""
    joined: dict[int, int] = {}
    members: dict[int, list[int]] = {}
    colors: dict[int, int] = {}
    for a, b, c in zip(low.tolist(), high.tolist(), color.tolist(), strict=True):
        first = joined.setdefault(a, a)
        if first == a and a not in members:
            members[a] = [a]
            colors[a] = c
        if b not in joined:
            joined[b] = first
            members[first].append(b)
    for first, found in members.items():
        yield colors[first], found


# -- what bundles consist of ---------------------------------------------------------------------


def points_of(bundle: Bundle) -> list[int]:
    """Return the points of a bundle, in an order that corresponds for equal types."""
    out: list[int] = []
    stack = [bundle]
    while stack:
        one = stack.pop()
        if one.point >= 0:
            out.append(one.point)
        for group in reversed(one.groups):
            stack.extend(reversed(group))
        if one.base is not None:
            stack.append(one.base)
    return out


def moves_within(bundle: Bundle) -> Iterator[Move]:
    """Yield generators of the group of a bundle, which fixes all points outside it."""
    stack = [bundle]
    while stack:
        one = stack.pop()
        for group in one.groups:
            if len(group) > 1:
                yield from exchanges([points_of(member) for member in group])
            stack.append(group[0])
        if one.base is not None:
            stack.append(one.base)


def exchanges(blocks: list[list[int]]) -> Iterator[Move]:
    """Yield two generators of the symmetric group that permutes blocks; one for two blocks."""
    first, second = blocks[:2]
    yield [*first, *second], [*second, *first]
    if len(blocks) > 2:
        yield (
            [p for block in blocks for p in block],
            [p for block in [*blocks[1:], first] for p in block],
        )
