"""Automorphisms by trying all permutations, and small graphs up to isomorphism."""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import networkx as nx
    from numpy.typing import NDArray


@lru_cache(maxsize=8)
def all_permutations(n: int) -> NDArray[np.intp]:
    """Return ``(n!, n)`` all permutations of n points."""
    return np.array(list(itertools.permutations(range(n))), dtype=np.intp)


def count_kept(matrix: NDArray[Any]) -> int:
    """Return how many permutations keep every entry of a matrix."""
    p = all_permutations(len(matrix))
    return int((matrix[p[:, :, None], p[:, None, :]] == matrix).all(axis=(1, 2)).sum())


def generated(images: NDArray[np.intp]) -> set[tuple[int, ...]]:
    """Return the group that permutations generate, as a set of tuples."""
    rows = [tuple(row) for row in images.tolist()]
    start = tuple(range(images.shape[1]))
    found, queue = {start}, [start]
    for x in queue:
        for g in rows:
            y = tuple(g[i] for i in x)
            if y not in found:
                found.add(y)
                queue.append(y)
    return found


def symmetric_matrices(n: int, values: int) -> Iterator[NDArray[np.intp]]:
    """Yield all symmetric matrices with zero diagonal and entries below ``values``."""
    low, high = np.triu_indices(n, 1)
    for entries in itertools.product(range(values), repeat=low.size):
        matrix = np.zeros((n, n), dtype=np.intp)
        matrix[low, high] = matrix[high, low] = entries
        yield matrix


def graph_classes(n: int, values: int) -> list[NDArray[np.intp]]:
    """Return one symmetric matrix for each class under renumbering, extended point by point."""
    classes = [np.zeros((1, 1), dtype=np.intp)]
    for size in range(2, n + 1):
        low, high = np.triu_indices(size, 1)
        rows = np.array(list(itertools.product(range(values), repeat=size - 1)), dtype=np.intp)
        whole = np.zeros((len(classes) * len(rows), size, size), dtype=np.intp)
        for i, old in enumerate(classes):
            part = whole[i * len(rows) : (i + 1) * len(rows)]
            part[:, :-1, :-1] = old
            part[:, -1, :-1] = part[:, :-1, -1] = rows
        weights = values ** np.arange(low.size, dtype=np.int64)
        least = np.full(len(whole), np.iinfo(np.int64).max)
        for p in all_permutations(size):
            np.minimum(least, whole[:, p[low], p[high]] @ weights, out=least)
        classes = list(whole[np.unique(least, return_index=True)[1]])
    return classes


def count_automorphisms(graph: nx.Graph[Any], edge_attribute: str | None = None) -> int:
    """Return how many permutations of the nodes keep a graph, by its own edges."""
    nodes = list(graph)
    number = {node: i for i, node in enumerate(nodes)}
    edges = [
        (number[u], number[v], repr(data.get(edge_attribute or "")))
        for u, v, data in graph.edges(data=True)
    ]

    def multiset(image: tuple[int, ...]) -> list[tuple[int, int, str]]:
        moved = [(image[u], image[v], data) for u, v, data in edges]
        if not graph.is_directed():
            moved = [(min(u, v), max(u, v), data) for u, v, data in moved]
        return sorted(moved)

    wanted = multiset(tuple(range(len(nodes))))
    return sum(multiset(p) == wanted for p in itertools.permutations(range(len(nodes))))
