"""Automorphisms of a connected coloured graph, by a library that searches.

The libraries know undirected graphs with coloured points only. Colours of pairs are written as
binary numbers: a layer of points for each digit, joined by the pairs whose colour has the digit,
the copies of a point joined into a path. Colours of points are refined first, by the numbers of
their neighbours of each colour, so that only the colours between two classes need be told apart:
mostly one digit remains. An arrow within a class takes two further copies of its ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from toolkit.groups.graphs.relation import Relation

IntArray: TypeAlias = "NDArray[np.intp]"

_REFINEMENTS = 64  # coarser colours are right as well


class Engine(Protocol):
    """A library that finds automorphisms of an undirected graph with coloured points."""

    def automorphisms(
        self, points: int, edges: list[tuple[int, int]], colors: list[int]
    ) -> tuple[Sequence[Sequence[int]], int]:
        """Return the images of the points under generators, and the order of the group."""

    def canonical_labels(
        self, points: int, edges: list[tuple[int, int]], colors: list[int]
    ) -> list[int] | None:
        """Return a numbering that agrees for isomorphic graphs; ``None`` if there is none."""


class Igraph:
    """The engine of igraph, which has Junttila's and Kaski's bliss built in."""

    def automorphisms(
        self, points: int, edges: list[tuple[int, int]], colors: list[int]
    ) -> tuple[Sequence[Sequence[int]], int]:
        """Return the images of the points under generators, and the order of the group."""
        graph = self._graph(points, edges)
        order = int(graph.count_automorphisms(color=colors))
        found = graph.automorphism_group(color=colors) if order > 1 else []
        return found, order

    def canonical_labels(
        self, points: int, edges: list[tuple[int, int]], colors: list[int]
    ) -> list[int] | None:
        """Return a numbering that agrees for isomorphic graphs."""
        labels: list[int] = self._graph(points, edges).canonical_permutation(color=colors)
        return labels

    def _graph(self, points: int, edges: list[tuple[int, int]]) -> Any:  # noqa: ANN401 - igraph
        import igraph  # takes half a second, and is needed for a core only

        return igraph.Graph(points, edges)


@dataclass(frozen=True, eq=False)
class Core:
    """The automorphisms of a connected graph.

    Parameters
    ----------
    images
        ``(k, n)`` the images of the points under generators.
    order
        The order of the group that they generate.
    """

    images: IntArray
    order: int


class Drawing:
    """A relation, written as an undirected graph with coloured points.

    Parameters
    ----------
    relation
        Its colours must be comparable with those of other relations, if canonical forms are.

    Attributes
    ----------
    points, edges, colors
        The graph; its points 0 to n - 1 are those of the relation.
    """

    def __init__(self, relation: Relation) -> None:
        self.relation = relation
        self.cells = _refined(relation)
        n = relation.size
        undirected, arrows, code = _codes_between_cells(relation, self.cells)
        kinds = int(self.cells.max()) + 1
        digits = max(1, int(code[undirected].max(initial=0)).bit_length())
        edges, colors = [], [self.cells + digit * kinds for digit in range(digits)]
        low, high = relation.low, relation.high
        own = np.arange(n, dtype=np.intp)
        for digit in range(digits):
            chosen = undirected & (code >> digit & 1 == 1)
            edges.append((low[chosen] + digit * n, high[chosen] + digit * n))
            if digit:
                edges.append((own + (digit - 1) * n, own + digit * n))
        self.points = digits * n
        if arrows.any():
            ends = np.unique(np.concatenate([low[arrows], high[arrows]]))
            place = np.full(n, -1, dtype=np.intp)
            place[ends] = np.arange(ends.size)
            turned = relation.forward > relation.backward
            tail, head = np.where(turned, high, low), np.where(turned, low, high)
            for digit in range(int(code[arrows].max()).bit_length()):
                chosen = arrows & (code >> digit & 1 == 1)
                out, into = self.points, self.points + ends.size
                edges.append((ends, out + place[ends]))
                edges.append((ends, into + place[ends]))
                edges.append((out + place[tail[chosen]], into + place[head[chosen]]))
                colors.append(self.cells[ends] + (digits + 2 * digit) * kinds)
                colors.append(self.cells[ends] + (digits + 2 * digit + 1) * kinds)
                self.points += 2 * ends.size
        pairs = [np.concatenate(side).tolist() for side in zip(*edges, strict=True)]
        self.edges: list[tuple[int, int]] = list(zip(*pairs, strict=True))
        self.colors: list[int] = np.concatenate(colors).tolist()

    def automorphisms(self, engine: Engine) -> Core:
        """Return the automorphisms of the relation."""
        n = self.relation.size
        if int(self.cells.max()) + 1 == n:
            return Core(np.empty((0, n), dtype=np.intp), 1)
        found, order = engine.automorphisms(self.points, self.edges, self.colors)
        images = np.array([image[:n] for image in found], dtype=np.intp).reshape(-1, n)
        return Core(images, order)

    def canonical_order(self, engine: Engine) -> IntArray | None:
        """Return the points in an order that corresponds for isomorphic relations."""
        n = self.relation.size
        if int(self.cells.max()) + 1 == n:
            return np.argsort(self.cells)
        labels = engine.canonical_labels(self.points, self.edges, self.colors)
        return None if labels is None else np.argsort(np.array(labels[:n]))


def _refined(relation: Relation) -> IntArray:
    """Return colours that automorphisms keep, finer than those given: equal ones are not split.

    A colour's number depends on the structure alone. Points are never told apart by mistake; by
    an accident of the random weights two that differ may not be.
    """
    chance = np.random.default_rng(1)
    a, b, to, back = relation.incidences()
    codes = int(max(to.max(initial=0), back.max(initial=0))) + 1
    weights = chance.integers(0, 2**63, (2, codes), dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    names = chance.integers(0, 2**63, relation.size, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    weight = weights[0][to] * np.uint64(3) + weights[1][back]
    cells = np.unique(relation.colors, return_inverse=True)[1].reshape(-1)
    count = int(cells.max()) + 1
    for _ in range(_REFINEMENTS):
        sums = np.zeros(relation.size, dtype=np.uint64)
        np.add.at(sums, a, names[cells[b]] * weight)
        order = np.lexsort((sums, cells))
        new = (np.diff(cells[order]) != 0) | (np.diff(sums[order]) != 0)
        finer = np.empty_like(cells)
        finer[order] = np.concatenate(([0], np.cumsum(new)))
        cells = finer
        if int(cells.max()) + 1 == count:
            break
        count = int(cells.max()) + 1
    return cells.astype(np.intp)


def _codes_between_cells(
    relation: Relation, cells: IntArray
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], IntArray]:
    """Return which pairs are edges, which are arrows, and small numbers for their colours.

    Between two classes the colours count from 1. If all pairs between them have colours, the
    most frequent one is dropped: it is what is left.
    """
    one, two = cells[relation.low], cells[relation.high]
    f, r = relation.forward, relation.backward
    turned = (one > two) | ((one == two) & (f > r))
    first, second = np.where(turned, r, f), np.where(turned, f, r)
    arrows = (one == two) & (f != r)
    kinds = int(cells.max()) + 1
    between = np.minimum(one, two).astype(np.int64) * kinds + np.maximum(one, two)
    if not between.size:
        return ~arrows, arrows, np.empty(0, dtype=np.intp)
    rows = np.stack([between, arrows, first, second], axis=1).astype(np.int64)
    distinct, inverse, counts = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    inverse = inverse.reshape(-1)
    sizes = np.bincount(cells)
    start = np.flatnonzero(np.concatenate(([True], np.diff(distinct[:, 0]) != 0)))
    rank = np.empty(len(distinct), dtype=np.intp)
    drop = np.zeros(len(distinct), dtype=np.bool_)
    for begin, end in zip(start.tolist(), [*start[1:].tolist(), len(distinct)], strict=True):
        a, b = divmod(int(distinct[begin, 0]), kinds)
        pairs = (
            int(sizes[a]) * int(sizes[b]) if a != b else int(sizes[a]) * (int(sizes[a]) - 1) // 2
        )
        plain = distinct[begin:end, 1] == 0
        number = 0
        if int(counts[begin:end].sum()) == pairs and plain.any():
            most = begin + int(np.argmax(np.where(plain, counts[begin:end], -1)))
            drop[most] = True
        for row in range(begin, end):
            if drop[row]:
                rank[row] = 0
                continue
            if row > begin and distinct[row, 1] != distinct[row - 1, 1]:
                number = 0  # arrows count for themselves
            number += 1
            rank[row] = number
    code = rank[inverse]
    return ~arrows & (code > 0), arrows, code
