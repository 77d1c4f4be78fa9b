"""Block systems of a transitive G-set: the subgroups between a point stabiliser and G."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.modules.gsets.actions import (
    IntArray,
    class_cycles,
    components,
    first_occurrence,
    validate_images,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def _principal_system(rows: list[list[int]], n: int, seeds: list[int]) -> list[int]:
    """Return root labels of the finest invariant partition joining point 0 to the seeds."""
    root = list(range(n))

    def find(x: int) -> int:
        while root[x] != x:
            root[x] = root[root[x]]
            x = root[x]
        return x

    queue: list[tuple[int, int]] = [(0, b) for b in seeds]
    for x, y in queue:
        a, b = find(x), find(y)
        if a != b:
            root[max(a, b)] = min(a, b)
            queue.extend((row[x], row[y]) for row in rows)
    return [find(x) for x in range(n)]


def _zero_block(labels: list[int]) -> int:
    """Return the block of point 0 as a bit mask."""
    return sum(1 << x for x, label in enumerate(labels) if label == 0)


def _join(one: IntArray, other: IntArray) -> IntArray:
    """Return the finest common coarsening of two partitions."""
    return components(np.stack([class_cycles(one), class_cycles(other)]))


def block_systems(
    images: ArrayLike, *, suborbits: ArrayLike | None = None, limit: int = 10_000
) -> tuple[IntArray, ...]:
    """Return every block system of a transitive G-set, the two trivial ones included.

    A block system is a partition that the group permutes; block systems of G/H are the
    subgroups between H and G, the block of point 0 being the orbit of 0 under the subgroup.

    Parameters
    ----------
    images
        ``(k, n)`` generator images of a transitive G-set.
    suborbits
        ``(n,)`` labels of the orbits of the stabiliser of point 0, or of any subgroup of it, if
        known: then only one point of each has to be tried.
    limit
        The largest number of systems to return.

    Returns
    -------
    tuple of numpy.ndarray
        ``(n,)`` label arrays, blocks numbered by their smallest point; ordered by the size of a
        block, then by the labels themselves.

    Raises
    ------
    ModuleMismatchError
        If the G-set is not transitive or ``suborbits`` has another length.
    NotAvailable
        If there are more systems than ``limit``.

    Notes
    -----
    Exact, never starts GAP. Atkinson's method finds the finest system joining 0 to one point in
    O(k n) nearly; all systems are joins of such, closed under joining in O(n) per pair tried.

    References
    ----------
    .. [1] M. D. Atkinson, "An algorithm for finding the blocks of a permutation group",
       Math. Comp. 29 (1975).

    Examples
    --------
    >>> [system.tolist() for system in block_systems([[1, 2, 3, 0]])]
    [[0, 1, 2, 3], [0, 1, 0, 1], [0, 0, 0, 0]]
    """
    array = validate_images(images)
    n = array.shape[1]
    if int(components(array).max()) > 0:
        raise ModuleMismatchError(
            "block systems are those of a transitive G-set, but this one has several orbits: "
            "take one orbit at a time"
        )
    if suborbits is None:
        seeds = [[b] for b in range(1, n)]
    else:
        labels = np.asarray(suborbits)
        if labels.shape != (n,):
            raise ModuleMismatchError(
                f"suborbits must label the {n} points of the G-set, found shape {labels.shape}"
            )
        order = np.argsort(labels, kind="stable")
        cuts = np.flatnonzero(np.diff(labels[order])) + 1
        seeds = [cell.tolist() for cell in np.split(order, cuts) if cell[0] != 0 or cell.size > 1]
    rows = array.tolist()
    found: dict[int, IntArray] = {1: np.arange(n, dtype=np.intp)}
    for seed in seeds:
        finest = _principal_system(rows, n, seed)
        mask = _zero_block(finest)
        if mask not in found:
            _room(found, limit, n)
            found[mask] = first_occurrence(np.array(finest, dtype=np.intp))
    principal = [(mask, system) for mask, system in found.items() if mask != 1]
    queue = list(principal)
    for mask, system in queue:
        for other_mask, other in principal:
            if mask | other_mask in (mask, other_mask):
                continue
            joined = _join(system, other)
            joined_mask = _zero_block(joined.tolist())
            if joined_mask not in found:
                _room(found, limit, n)
                found[joined_mask] = joined
                queue.append((joined_mask, joined))
    return tuple(
        found[mask]
        for mask in sorted(found, key=lambda mask: (mask.bit_count(), found[mask].tolist()))
    )


def _room(found: dict[int, IntArray], limit: int, n: int) -> None:
    if len(found) >= limit:
        raise NotAvailable(
            f"a transitive G-set of {n} points",
            "the list of all block systems",
            f"there are more than {limit}; raise limit= to wait for them",
        )


def is_primitive(images: ArrayLike) -> bool:
    """Say whether a G-set of two or more points is transitive without a proper block system.

    Parameters
    ----------
    images
        ``(k, n)`` 0-based images of the points under the generators.

    Returns
    -------
    bool
        Exact.

    Notes
    -----
    Exact; at most ``n - 1`` times O(k n), stopped by the first proper system.

    Examples
    --------
    >>> is_primitive([[1, 2, 0]]), is_primitive([[1, 2, 3, 0]])
    (True, False)
    """
    array = validate_images(images)
    n = array.shape[1]
    if n < 2 or int(components(array).max()) > 0:
        return False
    rows = array.tolist()
    return all(not any(_principal_system(rows, n, [b])) for b in range(1, n))
