"""The rows of one interaction graph: its summary, its edges, the closures of its nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.catalog.rows.blocks import Block, LabelLists, Labels, joined
from toolkit.catalog.rows.isomorphism import graph_hash
from toolkit.pl.activations.activation import find_activation
from toolkit.pl.transfer.matrix import transfer_of_orbits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from toolkit.pl.criterion.orbit import OrbitCriterion

#: One activation of each common class: even + linear, even, odd, both.
DEFAULT_ACTIVATIONS = ("relu", "abs", "tanh", "elu")

#: Decimals to which shares are rounded; they are accurate to about 1e-11.
SHARE_DECIMALS = 12


def graph_rows(orbit: OrbitCriterion, activation: str) -> Iterator[tuple[str, Block]]:
    """Yield the name of a table and its rows, for the interaction graph of a transitive module.

    Parameters
    ----------
    orbit
        The module.
    activation
        Name of the activation.

    Notes
    -----
    Edges and closures are exact; shares are rounded to :data:`SHARE_DECIMALS`.
    """
    f = find_activation(activation)
    labels = orbit.labels
    present = np.eye(len(labels), dtype=np.bool_)
    found = orbit.occurring(f, present)
    # adding 0.0 turns -0.0 into 0.0
    share = np.round(transfer_of_orbits((orbit,), f), SHARE_DECIMALS) + 0.0
    edges = found.masks > 0
    trivial = None if orbit.trivial is None else orbit.position[orbit.trivial]
    yield (
        "graphs",
        Block(
            1,
            {
                "activation": activation,
                **graph_summary(edges, share, trivial),
            },
        ),
    )
    source, target = np.nonzero(edges)
    through = found.masks[source, target]
    masks = np.flatnonzero(np.bincount(through, minlength=1))
    where = np.searchsorted(masks, through)
    fixed = np.array(orbit.fixed, dtype=np.int64)
    yield (
        "edges",
        Block(
            len(source),
            {
                "activation": activation,
                "source": Labels(source.astype(np.int32), labels),
                "target": Labels(target.astype(np.int32), labels),
                "parts": Labels(where.astype(np.int32), joined(masks.tolist(), found.parts)),
                "reach": found.dimensions[source, target],
                "reach_of": fixed[target],
                "share": share[source, target],
            },
        ),
    )
    closed = orbit.closures(f, edges)
    sizes = closed.sum(axis=1)
    energies = [m * d for m, d in zip(orbit.multiplicities, orbit.dimensions, strict=True)]
    yield (
        "closed_sets",
        Block(
            len(labels),
            {
                "activation": activation,
                "source": list(labels),
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
    n = len(edges)
    own = edges.diagonal()
    others = edges & ~np.eye(n, dtype=np.bool_)
    sinks = ~np.any(others, axis=1)
    components, longest = _components(others)
    stays = share.diagonal()
    leaks = share - np.diag(stays)
    return {
        "nodes": n,
        "edges": int(edges.sum()),
        "loops": int(own.sum()),
        "sinks": int(sinks.sum()),
        "nontrivial_sinks": int(sinks.sum()) - int(trivial is not None and bool(sinks[trivial])),
        "sources": int((~np.any(others, axis=0)).sum()),
        "components": components,
        "longest_path": longest,
        "graph_hash": graph_hash(edges),
        "self_share_mean": _mean(stays),
        "self_share_least": float(stays.min()),
        "trivial_share_mean": 0.0 if trivial is None else _mean(share[:, trivial]),
        "largest_leak": float(leaks.max()),
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
    count = -1
    while count != (count := np.count_nonzero(reached)):  # paths of twice as many steps
        reached = (reached @ reached > 0).astype(np.float32)  # sums of at most n < 2^24 ones
    packed = np.packbits(reached > 0, axis=1)
    first = list({row: i for i, row in enumerate(row.tobytes() for row in packed)}.values())
    beyond = reached[np.ix_(first, first)] > 0
    np.fill_diagonal(beyond, False)
    steps, left = -1, np.ones(len(first), dtype=np.bool_)
    while left.any():
        left = beyond[:, left].any(axis=1) & left
        steps += 1
    return len(first), steps
