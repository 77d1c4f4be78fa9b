"""Isomorphism of directed graphs: a hash by colour refinement, and the exact decision.

Colour refinement (Weisfeiler and Leman 1968): in every round the new colour of a node is its old
one together with the numbers of its arrows to, and from, nodes of each colour. Colours are
numbered by the sorted rows of these numbers, so neither names nor the order of nodes matter. It
ends when no colour splits. The rows of every round, and how often each occurs, are what is hashed:
there is no randomness, and Python's own hash is not used.

The exact decision:

1. Twins (nodes that can be swapped without changing anything else) are merged, again and again. The
   colour of a merged node records what it stands for, so the graph can be rebuilt from the rest,
   and two graphs are isomorphic exactly if their rests are.
2. Colours are refined.
3. If every node has its own colour, sorting by colour gives a canonical matrix: equal exactly for
   isomorphic graphs. Otherwise a node is singled out in one graph, and each of the same colour in
   the other, and step 2 is repeated: the search tries all of them, so its "no" is a proof.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = tuple[object, ...]

_DIGEST_BYTES = 12


def graph_hash(adjacency: NDArray[np.bool_]) -> str:
    """Return the hash of a directed graph.

    Parameters
    ----------
    adjacency
        ``(n, n)`` bool, loops included.

    Returns
    -------
    str
        24 hexadecimal digits. Isomorphic graphs have the same; graphs that colour refinement
        does not tell apart have the same too, whether or not they are isomorphic.

    Notes
    -----
    Exact and the same on every machine. For n nodes at most n rounds of about n^2 times the
    number of colours steps.

    Examples
    --------
    >>> import numpy as np
    >>> edge = np.array([[False, True], [False, False]])
    >>> graph_hash(edge) == graph_hash(edge.T), graph_hash(edge) == graph_hash(edge | edge.T)
    (True, False)
    """
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    digest.update(np.array([len(adjacency)], dtype="<i8").tobytes())
    for rows, sizes, _ in _rounds(adjacency, np.zeros(len(adjacency), dtype=np.int64)):
        digest.update(rows.tobytes())
        digest.update(sizes.astype("<i8").tobytes())
    return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class ReducedGraph:
    """A directed graph without twins, its nodes sorted by refined colours.

    Parameters
    ----------
    adjacency
        ``(n, n)`` bool: an arrow from row to column; nodes of one colour stand together.
    colours
        ``(n,)`` numbers from 0, rising; the same for all isomorphic graphs.
    kinds
        What a node of each colour stands for, in the order of colours: nested tuples.
    size
        Number of nodes before twins were merged.
    """

    adjacency: NDArray[np.bool_]
    colours: NDArray[np.int64]
    kinds: tuple[Kind, ...]
    size: int

    @property
    def certificate(self) -> tuple[object, ...]:
        """The graph as it stands here: the same for two graphs only if they are isomorphic."""
        return (self.invariant, self.adjacency.tobytes())

    @property
    def invariant(self) -> tuple[object, ...]:
        """The same for isomorphic graphs."""
        return (self.size, self.kinds, self.colours.tobytes())

    @property
    def is_canonical(self) -> bool:
        """Whether every node has its own colour: then equal certificates decide alone."""
        return len(self.kinds) == len(self.colours)


def reduced_graph(adjacency: NDArray[np.bool_]) -> ReducedGraph:
    """Merge twins and sort by refined colours.

    Parameters
    ----------
    adjacency
        ``(n, n)`` bool, loops included.

    Examples
    --------
    >>> import numpy as np
    >>> star = np.zeros((5, 5), dtype=bool); star[0, 1:] = True
    >>> reduced_graph(star).adjacency.shape, reduced_graph(star).is_canonical
    ((2, 2), True)
    """
    matrix = adjacency.astype(np.bool_)
    kinds: list[Kind] = [()] * len(matrix)
    while True:
        before = len(matrix)
        for flipped in (False, True):
            matrix, kinds = _without_twins(matrix, kinds, flipped)
        if len(matrix) == before:
            break
    order = sorted(set(kinds), key=repr)
    start = np.array([order.index(kind) for kind in kinds], dtype=np.int64)
    colours = _refined(matrix, start)
    by_colour = np.argsort(colours, kind="stable")
    sorted_colours = colours[by_colour]
    shown: list[Kind] = []
    for i, node in enumerate(by_colour.tolist()):
        if i == 0 or sorted_colours[i] != sorted_colours[i - 1]:
            shown.append(kinds[node])
    return ReducedGraph(
        np.ascontiguousarray(matrix[np.ix_(by_colour, by_colour)]),
        sorted_colours,
        tuple(shown),
        len(adjacency),
    )


def _without_twins(
    matrix: NDArray[np.bool_], kinds: list[Kind], flipped: bool
) -> tuple[NDArray[np.bool_], list[Kind]]:
    """Merge nodes with the same row and column; ``flipped``: once their loops are turned around.

    Without the turn these are twins whose arrows between each other are as their loops, with it
    those where they are the opposite. Merged nodes keep the loop of one of them.
    """
    seen = matrix ^ np.eye(len(matrix), dtype=np.bool_) if flipped else matrix
    groups: dict[tuple[bytes, bytes, Kind], list[int]] = {}
    columns = np.ascontiguousarray(seen.T)
    for node, kind in enumerate(kinds):
        key = (seen[node].tobytes(), columns[node].tobytes(), kind)
        groups.setdefault(key, []).append(node)
    if len(groups) == len(kinds):
        return matrix, kinds
    chosen = [nodes[0] for nodes in groups.values()]
    merged = [
        kinds[nodes[0]] if len(nodes) == 1 else (flipped, len(nodes), kinds[nodes[0]])
        for nodes in groups.values()
    ]
    return np.ascontiguousarray(matrix[np.ix_(chosen, chosen)]), merged


def _refined(matrix: NDArray[np.bool_], colours: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the coarsest refinement of colours for which arrows are counted alike.

    Isomorphic coloured graphs get the same colours.
    """
    for *_, finer in _rounds(matrix, colours):
        colours = finer
    return colours


def _rounds(
    matrix: NDArray[np.bool_], colours: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    """Refine colours until none splits; yield each round.

    Yields
    ------
    tuple
        The sorted distinct rows (old colour, loop, numbers of arrows to and from each colour), how
        often each occurs, and the new colour of each node: the position of its row.
    """
    n = len(matrix)
    arrows = matrix.astype(np.float32)  # sums of at most n < 2^24 ones are exact
    loops = matrix.diagonal()
    count = int(colours.max(initial=-1)) + 1
    while n:
        ones = np.zeros((n, count), dtype=np.float32)
        ones[np.arange(n), colours] = 1
        rows = np.column_stack([colours, loops, arrows @ ones, arrows.T @ ones]).astype("<i8")
        # as np.unique does, which takes several times as long for few rows: big-endian bytes of
        # numbers from 0 on sort like the numbers
        keys = [row.tobytes() for row in rows.astype(">i8")]
        place = {key: i for i, key in enumerate(sorted(set(keys)))}
        finer = np.array([place[key] for key in keys], dtype=np.int64)
        first = np.empty(len(place), dtype=np.intp)
        first[finer[::-1]] = np.arange(n - 1, -1, -1)
        yield rows[first], np.bincount(finer), finer
        if len(place) == count:
            return
        colours, count = finer, len(place)


def are_isomorphic(first: ReducedGraph, second: ReducedGraph) -> bool:
    """Return whether two graphs are isomorphic; exact.

    Notes
    -----
    Fast where colours tell nodes apart, or where nodes of one colour can be swapped, as in all
    interaction graphs met so far. The worst case is exponential, as for every method known.

    Examples
    --------
    >>> import numpy as np
    >>> def circle(*lengths):
    ...     blocks = [np.roll(np.eye(n, dtype=bool), 1, axis=0) for n in lengths]
    ...     n, at = sum(lengths), 0
    ...     out = np.zeros((n, n), dtype=bool)
    ...     for block in blocks:
    ...         out[at : at + len(block), at : at + len(block)] = block
    ...         at += len(block)
    ...     return reduced_graph(out)
    >>> circle(6).invariant == circle(3, 3).invariant, are_isomorphic(circle(6), circle(3, 3))
    (True, False)
    >>> are_isomorphic(circle(3, 4, 5), circle(5, 3, 4))
    True
    """
    if first.invariant != second.invariant:
        return False
    if np.array_equal(first.adjacency, second.adjacency):
        return True
    if first.is_canonical:
        return False
    return _search(first.adjacency, first.colours, second.adjacency, second.colours)


def _search(
    a: NDArray[np.bool_],
    a_colours: NDArray[np.int64],
    b: NDArray[np.bool_],
    b_colours: NDArray[np.int64],
) -> bool:
    """Return whether an isomorphism keeps colours; both are refined, with equal sorted colours."""
    a_counts = np.bincount(a_colours)
    repeated = np.flatnonzero(a_counts > 1)
    if not len(repeated):
        i, j = np.argsort(a_colours), np.argsort(b_colours)
        return bool(np.array_equal(a[np.ix_(i, i)], b[np.ix_(j, j)]))
    colour = repeated[np.argmin(a_counts[repeated])]
    alone = int(np.flatnonzero(a_colours == colour)[0])
    a_next = _singled_out(a, a_colours, alone)
    profile = _profile(a, a_next)
    for other in np.flatnonzero(b_colours == colour).tolist():
        b_next = _singled_out(b, b_colours, other)
        if profile == _profile(b, b_next) and _search(a, a_next, b, b_next):
            return True
    return False


def _singled_out(
    matrix: NDArray[np.bool_], colours: NDArray[np.int64], node: int
) -> NDArray[np.int64]:
    chosen = colours * 2
    chosen[node] += 1
    _, numbered = np.unique(chosen, return_inverse=True)
    return _refined(matrix, numbered.reshape(len(colours)).astype(np.int64))


def _profile(matrix: NDArray[np.bool_], colours: NDArray[np.int64]) -> tuple[bytes, bytes]:
    """Return the sizes of colours and the numbers of arrows between them."""
    n, count = len(matrix), int(colours.max()) + 1
    ones = np.zeros((n, count), dtype=np.float32)
    ones[np.arange(n), colours] = 1
    between = ones.T @ matrix.astype(np.float32) @ ones
    return np.bincount(colours).tobytes(), between.astype(np.int64).tobytes()
