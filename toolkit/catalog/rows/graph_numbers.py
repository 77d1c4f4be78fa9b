"""Numbers for the isomorphism classes of graphs, decided exactly, as they first occur."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.catalog.rows.isomorphism import ReducedGraph, are_isomorphic, reduced_graph

if TYPE_CHECKING:
    from collections.abc import Container

    from numpy.typing import NDArray


class GraphNumbers:
    """Numbers isomorphism classes of directed graphs from 0, as they first occur.

    Parameters
    ----------
    alone
        Hashes (:func:`~toolkit.catalog.rows.isomorphism.graph_hash`) that only one graph is known
        to have: these graphs are not compared.

    Notes
    -----
    Exact: graphs with different hashes are not isomorphic, others are compared. Repeated matrices
    are handled once.

    Examples
    --------
    >>> import numpy as np
    >>> from toolkit.catalog.rows.isomorphism import graph_hash
    >>> numbers, edge = GraphNumbers(), np.array([[False, True], [False, False]])
    >>> [numbers.number(m, graph_hash(m)) for m in (edge, edge | edge.T, edge.T)]
    [0, 1, 0]
    """

    def __init__(self, alone: Container[str] = ()) -> None:
        self._alone = alone
        self._count = 0
        self._same: dict[tuple[int, bytes], int] = {}
        self._certificates: dict[tuple[object, ...], int] = {}
        self._buckets: dict[tuple[object, ...], list[tuple[ReducedGraph, int]]] = {}

    def __len__(self) -> int:
        """Return how many classes there are so far."""
        return self._count

    def number(self, matrix: NDArray[np.bool_], graph_hash: str) -> int:
        """Return the number of the class of a graph, given as its matrix and its hash."""
        if graph_hash in self._alone:
            return self._new()
        whole = (len(matrix), np.packbits(matrix).tobytes())
        found = self._same.get(whole)
        if found is None:
            found = self._same[whole] = self._compared(reduced_graph(matrix), graph_hash)
        return found

    def _new(self) -> int:
        self._count += 1
        return self._count - 1

    def _compared(self, graph: ReducedGraph, graph_hash: str) -> int:
        key = (graph_hash, graph.certificate)
        found = self._certificates.get(key)
        if found is None:
            bucket = self._buckets.setdefault((graph_hash, graph.invariant), [])
            found = next((i for other, i in bucket if are_isomorphic(graph, other)), None)
            if found is None:
                found = self._new()
                bucket.append((graph, found))
            self._certificates[key] = found
        return found
