"""The kernels of the characters of an abelian group, by formula: nothing of size |G| is listed.

Characters with one kernel generate one cyclic group of characters, a product of cyclic groups of
prime power order. Only the primary parts that are not cyclic are listed.
"""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from toolkit.collector import collector_paused
from toolkit.groups.closed_forms.form import KernelClass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from toolkit.groups.closed_forms.primary import PrimaryPart

    Ints = NDArray[np.int64]


class _CyclicGroups(NamedTuple):
    """The cyclic groups of characters of prime power order, for one prime, the trivial one first.

    Parameters
    ----------
    orders
        p^k.
    units
        Numbers of generators.
    ranks
        ``(levels, groups)``: per level the rank of the kernel.
    chains
        Per group the positions of its subgroups, the group itself first.
    """

    orders: Ints
    units: Ints
    ranks: Ints
    chains: list[list[int]]


def _cyclic_groups(part: PrimaryPart) -> _CyclicGroups:
    """Return the cyclic groups of characters of a primary part."""
    p, depth = part.prime, part.depth
    if part.is_cyclic:
        k = np.arange(depth + 1)
        ranks = np.stack([(k > depth - j).astype(np.int64) for j in range(1, depth + 1)])
        below = np.maximum(k - 1, 0).tolist()
    else:
        chosen = np.unique(part.generators)
        chosen = chosen[np.argsort(part.levels[chosen], kind="stable")]
        place = np.zeros(part.order, dtype=np.int64)
        place[chosen] = np.arange(len(chosen))
        k = part.levels[chosen]
        below = place[part.generators[part.codes(part.coordinates[chosen] * p)]].tolist()
        ranks = np.stack([found[chosen] for found in part.kernel_ranks])
    orders = p**k
    chains: list[list[int]] = []
    for g, under in enumerate(below):  # a group comes after those inside it
        chains.append([g, *chains[under]] if g else [0])
    return _CyclicGroups(orders, orders - np.where(k > 0, orders // p, 0), ranks, chains)


def cyclic_subgroup_count(exponents: Sequence[int], p: int) -> int:
    """Return how many cyclic subgroups C_(p^e1) x ... x C_(p^er) has.

    Examples
    --------
    >>> cyclic_subgroup_count([1, 1], 2), cyclic_subgroup_count([3], 5)
    (4, 4)
    """
    total = 1
    for k in range(1, max(exponents, default=0) + 1):
        up_to = math.prod(p ** min(e, k) for e in exponents)
        before = math.prod(p ** min(e, k - 1) for e in exponents)
        total += (up_to - before) // (p**k - p ** (k - 1))
    return total


def abelian_kernel_classes(parts: Sequence[PrimaryPart], order: int) -> tuple[KernelClass, ...]:
    """Return the classes of real simples with one kernel, in canonical order.

    Parameters
    ----------
    parts
        The primary parts of the group of characters, primes rising.
    order
        |G|.

    Notes
    -----
    About as many steps as there are pairs of cyclic groups of characters, one in the other.
    """
    with collector_paused():
        return _kernel_classes(parts, order)


def _kernel_classes(parts: Sequence[PrimaryPart], order: int) -> tuple[KernelClass, ...]:
    groups = [_cyclic_groups(part) for part in parts]
    # all products of one group for each prime, the last prime running fastest
    sizes = [len(found.orders) for found in groups]
    total = math.prod(sizes)
    where = np.indices(sizes).reshape(len(sizes), -1) if sizes else np.zeros((0, 1), dtype=int)
    m = np.ones(total, dtype=object if order > 1 << 62 else np.int64)
    units = m.copy()
    for found, own in zip(groups, where, strict=True):
        m, units = m * found.orders[own], units * found.units[own]
    # the levels of all primes by rising prime power, as kernels are compared
    levels = sorted(
        (part.prime ** (j + 1), i, j) for i, part in enumerate(parts) for j in range(part.depth)
    )
    keys = [m > 2, m, *(groups[i].ranks[j][where[i]] for _, i, j in levels)]
    ordered = np.lexsort(keys[::-1])
    position = np.empty(total, dtype=np.int64)
    position[ordered] = np.arange(total)
    places = position.tolist()
    strides = [math.prod(sizes[i + 1 :]) for i in range(len(sizes))]
    chains = [
        [[g * stride for g in chain] for chain in found.chains]
        for found, stride in zip(groups, strides, strict=True)
    ]

    def inside(chosen: list[list[int]]) -> tuple[int, ...]:
        numbers = [0]
        for chain in chosen:
            numbers = [x + y for x in numbers for y in chain]
        return tuple(sorted([places[x] for x in numbers]))

    sizes_in_order = m[ordered].tolist()
    evens: list[tuple[int, ...]] = []
    odds: list[tuple[int, ...]] = []
    if len(chains) == 1:
        # what acts as -1 on a group's generators acts as 1 on its proper subgroups, for p = 2
        skipped = int(parts[0].prime == 2)
        (own_chains,) = chains
        for i, g in enumerate(where[0][ordered].tolist()):
            even = [places[x] for x in own_chains[g][skipped if i else 0 :]]
            even.sort()
            evens.append(tuple(even))
        odds = [(i,) if skipped and i else () for i in range(total)]
    else:
        for size, own in zip(sizes_in_order, where[:, ordered].T.tolist(), strict=True):
            chosen = [chain[g] for chain, g in zip(chains, own, strict=True)]
            odd: tuple[int, ...] = ()
            if size % 2 == 0:  # then 2 is the first prime
                odd = inside([chosen[0][:1], *chosen[1:]])
                chosen[0] = chosen[0][1:]
            evens.append(inside(chosen))
            odds.append(odd)
    counts = [
        1 if size <= 2 else generators // 2
        for size, generators in zip(sizes_in_order, units[ordered].tolist(), strict=True)
    ]
    kernels = [order // size for size in sizes_in_order]
    columns = (
        [0, *accumulate(counts[:-1])],
        counts,
        [1 if size <= 2 else 2 for size in sizes_in_order],
        ["R" if size <= 2 else "C" for size in sizes_in_order],
        sizes_in_order,
        kernels,
        [k if size % 2 else 2 * k for size, k in zip(sizes_in_order, kernels, strict=True)],
        evens,
        odds,
    )
    return tuple(map(KernelClass._make, zip(*columns, strict=True)))
