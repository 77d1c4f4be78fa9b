"""Normal subgroups of one group from its character table: all, or those that a catalog lists.

The same subgroups and labels as :func:`toolkit.groups.subgroups.normal_subgroups_of_table`, for
groups with tens of thousands of them (elementary abelian ones) in seconds: inclusions are found
by products of matrices, and covers only where all are listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.groups.character_table import CharacterTable

    Bools: TypeAlias = NDArray[np.bool_]

__all__ = ["MOST_LISTED", "Normal", "normal_subgroups"]

#: Groups with more normal subgroups have only the kernels of simples in the catalog.
MOST_LISTED = 1000

# Beyond this many they are not counted either.
_MOST_COUNTED = 100_000


@dataclass(frozen=True, eq=False)
class Normal:
    """Normal subgroups of one group, as a catalog lists them, rising.

    Parameters
    ----------
    count
        How many normal subgroups there are; ``None`` if there are more than 100,000.
    labels
        Per listed subgroup ``"N3"``, its label among all; ``"K3"``, its label among the kernels,
        where all could not be counted.
    orders
        Per listed subgroup its order.
    inside
        ``(listed, listed)``: whether the first lies in the second; all lie in themselves.
    kernels
        Per simple the position of its kernel.
    minimal
        Per minimal normal subgroup of the group its 0-based classes, and its order.
    """

    count: int | None
    labels: tuple[str, ...]
    orders: tuple[int, ...]
    inside: Bools
    kernels: tuple[int, ...]
    minimal: tuple[tuple[tuple[int, ...], int], ...]

    def covers(self, chosen: list[int]) -> list[list[int]]:
        """Return, per chosen subgroup, the positions of the maximal chosen ones inside it."""
        strict = self.inside[np.ix_(chosen, chosen)] & ~np.eye(len(chosen), dtype=np.bool_)
        whole = strict.astype(np.float32)
        direct = strict & ~(whole @ whole > 0)
        positions = np.array(chosen, dtype=np.intp)
        return [positions[np.flatnonzero(column)].tolist() for column in direct.T]


def normal_subgroups(table: CharacterTable) -> Normal:
    """Return the normal subgroups that a catalog lists, and the minimal ones.

    Notes
    -----
    Exact, from the character table alone: they are the intersections of kernels.

    Examples
    --------
    >>> import toolkit as tk
    >>> found = normal_subgroups(tk.group("S4").character_table)
    >>> found.labels, found.orders, found.minimal
    (('N0', 'N1', 'N2', 'N3'), (1, 4, 12, 24), (((0, 1), 4),))
    """
    k = len(table)
    of_simples = [_mask(s.kernel, k) for s in table.simples]
    # a set of classes as an integer whose highest bit is the first class: among subgroups of one
    # order, none of which lies in another, larger integers are smaller tuples of classes
    everything = _intersections(set(of_simples), k)
    few = everything is not None and len(everything) <= MOST_LISTED
    listed = everything if everything is not None and few else set(of_simples)
    ordered, orders, rows = _ordered(listed, table)
    if everything is None:
        labels = tuple(f"K{i}" for i in range(len(ordered)))
    else:
        place = {m: i for i, m in enumerate(_ordered(everything, table)[0])}
        labels = tuple(f"N{place[m]}" for m in ordered)
    counts = rows.astype(np.float32)
    inside: Bools = counts @ counts.T == counts.sum(axis=1)[:, None]
    position = {m: i for i, m in enumerate(ordered)}
    return Normal(
        count=None if everything is None else len(everything),
        labels=labels,
        orders=tuple(orders),
        inside=inside,
        kernels=tuple(position[m] for m in of_simples),
        minimal=_minimal(set(of_simples), table),
    )


def _mask(classes: tuple[int, ...], k: int) -> int:
    return sum(1 << (k - 1 - c) for c in classes)


def _intersections(kernels: set[int], k: int) -> set[int] | None:
    found = {(1 << k) - 1}
    for kernel in sorted(kernels):
        found |= {n & kernel for n in found}
        if len(found) > _MOST_COUNTED:
            return None
    return found


def _ordered(masks: set[int], table: CharacterTable) -> tuple[list[int], list[int], Bools]:
    """Return the sets of classes by order and classes, with their orders, and as a matrix."""
    k = len(table)
    width = -(-k // 8)
    start = sorted(masks, reverse=True)
    data = b"".join(m.to_bytes(width, "big") for m in start)
    bits = np.unpackbits(np.frombuffer(data, dtype=np.uint8).reshape(-1, width), axis=1)
    rows = bits[:, 8 * width - k :].astype(np.bool_)
    sizes = np.array(table.class_sizes, dtype=np.int64 if table.order < 1 << 62 else object)
    orders = rows @ sizes
    by_order = np.argsort(orders, kind="stable")
    return [start[i] for i in by_order.tolist()], orders[by_order].tolist(), rows[by_order]


def _minimal(kernels: set[int], table: CharacterTable) -> tuple[tuple[tuple[int, ...], int], ...]:
    """Return the minimal normal subgroups: the least ones among normal closures of classes."""
    k = len(table)
    closures = set()
    for c in range(1, k):
        own = (1 << k) - 1
        for kernel in kernels:
            if kernel >> (k - 1 - c) & 1:
                own &= kernel
        closures.add(own)
    ordered, orders, rows = _ordered(closures, table)
    out: list[int] = []
    for i, m in enumerate(ordered):
        if all(ordered[j] & ~m for j in out):
            out.append(i)
    return tuple((tuple(np.flatnonzero(rows[i]).tolist()), orders[i]) for i in out)
