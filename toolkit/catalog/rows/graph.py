"""The rows of one interaction graph: its summary, its edges, the closures of its nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.catalog.rows.blocks import Block, LabelLists, Labels, joined
from toolkit.catalog.rows.isomorphism import graph_hash
from toolkit.pl.activations.activation import find_activation
from toolkit.pl.transfer.matrix import transfer_of_orbits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from toolkit.pl.criterion.orbit import OrbitCriterion

#: One activation of each common class: even + linear, even, odd, both.
DEFAULT_ACTIVATIONS = ("relu", "abs", "tanh", "elu")

#: Decimals to which shares are rounded; they are accurate to about 1e-11.
SHARE_DECIMALS = 12


def graph_rows(orbit: OrbitCriterion, activations: Sequence[str]) -> Iterator[tuple[str, Block]]:
    """Yield the name of a table and its rows, for the interaction graphs of a transitive module.

    Parameters
    ----------
    orbit
        The module.
    activations
        Names of activations.

    Notes
    -----
    Edges and closures are exact; shares are rounded to :data:`SHARE_DECIMALS`.
    """
    functions = [find_activation(name) for name in activations]
    labels, n = orbit.labels, len(orbit.labels)
    present = np.eye(n, dtype=np.bool_)
    found = [orbit.occurring(f, present) for f in functions]
    # adding 0.0 turns -0.0 into 0.0
    shares = [np.round(transfer_of_orbits((orbit,), f), SHARE_DECIMALS) + 0.0 for f in functions]
    masks = np.array([each.masks for each in found], dtype=np.int64).reshape(-1, n, n)
    edges, share = masks > 0, np.array(shares, dtype=np.float64).reshape(-1, n, n)
    trivial = None if orbit.trivial is None else orbit.position[orbit.trivial]
    yield (
        "graphs",
        Block(
            len(functions),
            {"activation": list(activations), **graph_summaries(edges, share, trivial)},
        ),
    )
    number, source, target = np.nonzero(edges)
    through, names = masks[edges], list[str]()
    for i, each in enumerate(found):  # masks of another activation have other names
        own = number == i
        used, where = np.unique(through[own], return_inverse=True)
        through[own] = where + len(names)
        names += joined(used.tolist(), each.parts)
    dimensions = np.array([each.dimensions for each in found]).reshape(-1, n, n)
    fixed = np.array(orbit.fixed, dtype=np.int64)
    yield (
        "edges",
        Block(
            len(source),
            {
                "activation": Labels(number.astype(np.int32), activations),
                "source": Labels(source.astype(np.int32), labels),
                "target": Labels(target.astype(np.int32), labels),
                "parts": Labels(through.astype(np.int32), names),
                "reach": dimensions[edges],
                "reach_of": fixed[target],
                "share": share[edges],
            },
        ),
    )
    closed = np.array(
        [orbit.closures(f, own) for f, own in zip(functions, edges, strict=True)], dtype=np.bool_
    ).reshape(-1, n)
    sizes = closed.sum(axis=1)
    energies = [m * d for m, d in zip(orbit.multiplicities, orbit.dimensions, strict=True)]
    every = np.arange(n, dtype=np.int32)
    yield (
        "closed_sets",
        Block(
            len(closed),
            {
                "activation": Labels(
                    np.repeat(np.arange(len(functions), dtype=np.int32), n), activations
                ),
                "source": Labels(np.tile(every, len(functions)), labels),
                "size": sizes,
                "dimension": closed @ np.array(energies, dtype=np.int64),
                "members": LabelLists(
                    np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
                    np.nonzero(closed)[1].astype(np.int32),
                    labels,
                ),
            },
        ),
    )


def graph_summary(
    edges: NDArray[np.bool_], share: NDArray[np.float64], trivial: int | None
) -> dict[str, int | float | str | None]:
    """Return the columns of the table ``graphs`` that summarise a graph.

    Parameters
    ----------
    edges
        ``(n, n)`` adjacency matrix, sources by rows.
    share
        ``(n, n)`` shares.
    trivial
        0-based position of the trivial simple, or ``None`` if it does not occur.

    Examples
    --------
    >>> import numpy as np
    >>> edges = np.array([[True, False], [True, True]])
    >>> found = graph_summary(edges, np.array([[1.0, 0.0], [0.5, 0.5]]), 0)
    >>> found["sinks"], found["nontrivial_sinks"], found["longest_path"], found["largest_leak"]
    (1, 0, 1, 0.5)
    """
    columns = graph_summaries(edges[None], share[None], trivial)
    return {name: values[0] for name, values in columns.items()}


def graph_summaries(
    edges: NDArray[np.bool_], share: NDArray[np.float64], trivial: int | None
) -> dict[str, list[int | float | str | None]]:
    """Return the columns of :func:`graph_summary` for several graphs on the same simples.

    Parameters
    ----------
    edges, share
        ``(graphs, n, n)`` as there.
    trivial
        As there.
    """
    n = edges.shape[-1]
    loops = np.diagonal(edges, axis1=1, axis2=2)
    others = edges & ~np.eye(n, dtype=np.bool_)
    sinks = np.logical_not(others.any(axis=2))
    at_trivial = 0 if trivial is None else sinks[:, trivial].astype(np.int64)
    # the graphs of some activations differ by loops only
    known: dict[bytes, tuple[int, int]] = {}
    lengths = []
    for own in others:
        key = own.tobytes()
        if key not in known:
            known[key] = _components(own)
        lengths.append(known[key])
    stays = [own.diagonal() for own in share]
    moving = share.copy()
    moving[:, np.arange(n), np.arange(n)] = 0.0
    return {
        "nodes": [n] * len(edges),
        "edges": edges.sum(axis=(1, 2)).tolist(),
        "loops": loops.sum(axis=1).tolist(),
        "sinks": sinks.sum(axis=1).tolist(),
        "nontrivial_sinks": (sinks.sum(axis=1) - at_trivial).tolist(),
        "sources": (~others.any(axis=1)).sum(axis=1).tolist(),
        "components": [count for count, _ in lengths],
        "longest_path": [steps for _, steps in lengths],
        "graph_hash": [graph_hash(own) for own in edges],
        "self_share_mean": [_mean(own) for own in stays],
        "self_share_least": [float(own.min()) for own in stays],
        "trivial_share_mean": [0.0 if trivial is None else _mean(own[:, trivial]) for own in share],
        "largest_leak": moving.max(axis=(1, 2)).tolist(),
    }


def _mean(values: NDArray[np.float64]) -> float:
    return float(np.round(values.mean(), SHARE_DECIMALS)) + 0.0


def _components(edges: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the number of strongly connected components, and of steps of the longest path.

    Two nodes are in one component exactly if they reach the same nodes. Without loops inside
    components, the longest path is as long as the ends of paths can be taken away once more.
    """
    n = len(edges)
    reached = (edges | np.eye(n, dtype=np.bool_)).astype(np.float32)
    while True:  # paths of twice as many steps; sums of at most n < 2^24 ones are exact
        further = (reached @ reached > 0).astype(np.float32)
        if np.array_equal(further, reached):
            break
        reached = further
    packed = np.packbits(reached > 0, axis=1)
    first = list({row: i for i, row in enumerate(row.tobytes() for row in packed)}.values())
    beyond = reached[np.ix_(first, first)] > 0
    np.fill_diagonal(beyond, False)
    steps, left = -1, np.ones(len(first), dtype=np.bool_)
    while left.any():
        left = beyond[:, left].any(axis=1) & left
        steps += 1
    return len(first), steps
