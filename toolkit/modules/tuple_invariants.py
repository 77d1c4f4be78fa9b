"""Invariants of pairs of tuples: a lower bound on the number of orbitals of products of modules.

Points of a product are tuples. A group keeps the orbital of any two entries of (y, x), so pairs of
tuples that differ in one of these are in different orbitals. For symmetric groups, wreath products
of them, and outer products this tells all orbitals apart; then they are proved complete at once,
where checking all Schreier generators on a million points would take days.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.gsets.orbitals import Orbitals, PairInvariant
    from toolkit.modules.permutation_module import PermutationModule

_LARGEST_TABLE = 1 << 22


def tuple_invariant(target: PermutationModule, source: PermutationModule) -> PairInvariant | None:
    """Return an invariant of pairs of points, or ``None`` if neither module is a product.

    Parameters
    ----------
    target, source
        Modules of one group.

    Returns
    -------
    callable or None
        From a point of the target and ``(b,)`` points of the source to ``(b,)`` numbers, which
        are equal for pairs in one orbital.

    Notes
    -----
    Exact. The orbitals of the factors are found, not those of the modules.

    Examples
    --------
    The first point of the square of three points, (0, 0), and all of its points:

    >>> import numpy as np, toolkit as tk
    >>> V = tk.group("S3").natural_module()
    >>> invariant = tuple_invariant(V**2, V**2)
    >>> np.unique(invariant(0, np.arange(9)), return_inverse=True)[1].tolist()
    [0, 2, 2, 3, 1, 4, 3, 4, 1]
    """
    if source.product == target.product == "outer":
        return _outer_invariant(target.factors, source.factors)
    there = target.factors if target.product == "diagonal" else (target,)
    here = source.factors if source.product == "diagonal" else (source,)
    if len(there) == len(here) == 1:
        return None
    return _diagonal_invariant(there, here)


def _outer_invariant(
    target: Sequence[PermutationModule], source: Sequence[PermutationModule]
) -> PairInvariant | None:
    if len(target) != len(source):
        return None
    if any(Y.home != X.home for Y, X in zip(target, source, strict=True)):
        return None
    tables = [_lookup(X.hom_basis(Y)) for Y, X in zip(target, source, strict=True)]
    rows, columns = [Y.degree for Y in target], [X.degree for X in source]

    def invariant(y: int, points: IntArray) -> IntArray:
        there = np.unravel_index(y, rows)
        here = np.unravel_index(points, columns)
        return _combined([
            (count, at(np.broadcast_to(a, b.shape), b))
            for (count, at), a, b in zip(tables, there, here, strict=True)
        ])  # fmt: skip

    return invariant


def _diagonal_invariant(
    target: Sequence[PermutationModule], source: Sequence[PermutationModule]
) -> PairInvariant:
    known: list[tuple[PermutationModule, PermutationModule, _Lookup]] = []

    def lookup(Y: PermutationModule, X: PermutationModule) -> _Lookup:
        for one, other, found in known:
            if one is Y and other is X:
                return found
        known.append((Y, X, _lookup(X.hom_basis(Y))))
        return known[-1][2]

    rows, columns = [Y.degree for Y in target], [X.degree for X in source]
    across = [[lookup(Y, X) for X in source] for Y in target]
    inside = [(i, j, lookup(source[i], source[j])) for j in range(len(source)) for i in range(j)]

    def invariant(y: int, points: IntArray) -> IntArray:
        there = np.unravel_index(y, rows)
        here = np.unravel_index(points, columns)
        labels = [(count, at(here[i], here[j])) for i, j, (count, at) in inside]
        for a, tables in zip(there, across, strict=True):
            for b, (count, at) in zip(here, tables, strict=True):
                labels.append((count, at(np.broadcast_to(a, b.shape), b)))
        return _combined(labels)

    return invariant


#: The number of orbitals, and the orbital of pairs of points.
_Lookup = tuple[int, "Callable[[IntArray, IntArray], IntArray]"]


def _lookup(orbitals: Orbitals) -> _Lookup:
    if math.prod(orbitals.shape) > _LARGEST_TABLE:
        return orbitals.count, orbitals.labels_at
    table = orbitals.labels
    return orbitals.count, lambda rows, columns: table[rows, columns].astype(np.intp)


def _combined(labels: Sequence[tuple[int, IntArray]]) -> IntArray:
    """Return numbers that are equal where all labels are."""
    size, out = labels[0]
    for count, more in labels[1:]:
        if size * count > 1 << 62:
            out = np.unique(out, return_inverse=True)[1]
            size = int(out.max()) + 1
        out = out * count + more
        size *= count
    return out
