"""The kernels of the characters of an abelian group, by formula: nothing of size |G| is listed.

Characters with one kernel generate one cyclic group of characters, a product of cyclic groups of
prime power order. Only the primary parts that are not cyclic are listed.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toolkit.groups.closed_forms.form import KernelClass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.groups.closed_forms.primary import PrimaryPart


@dataclass(frozen=True, slots=True)
class _CyclicGroup:
    """A cyclic group of characters of prime power order.

    Parameters
    ----------
    order
        p^k.
    units
        Number of its generators.
    ranks
        Per level the rank of the kernel.
    below
        Position of the subgroup of index p among the cyclic groups of this prime; of itself if the
        order is 1.
    """

    order: int
    units: int
    ranks: tuple[int, ...]
    below: int


def _cyclic_groups(part: PrimaryPart) -> list[_CyclicGroup]:
    """Return the cyclic groups of characters of a primary part, the trivial one first."""
    p = part.prime
    if part.is_cyclic:
        return [
            _CyclicGroup(
                p**k,
                p**k - p ** (k - 1) if k else 1,
                tuple(int(k > part.depth - j) for j in range(1, part.depth + 1)),
                max(k - 1, 0),
            )
            for k in range(part.depth + 1)
        ]
    chosen = np.unique(part.generators)
    chosen = chosen[np.argsort(part.levels[chosen], kind="stable")]
    place = {code: i for i, code in enumerate(chosen.tolist())}
    below = part.generators[part.codes(part.coordinates[chosen] * p)].tolist()
    ranks = np.stack([ranks[chosen] for ranks in part.kernel_ranks], axis=1).tolist()
    out = []
    for k, own, under in zip(part.levels[chosen].tolist(), ranks, below, strict=True):
        units = p**k - p ** (k - 1) if k else 1
        out.append(_CyclicGroup(p**k, units, tuple(own), place[under]))
    return out


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
    groups = [_cyclic_groups(part) for part in parts]
    # the levels of all primes by rising prime power, as kernels are compared
    levels = sorted(
        (part.prime ** (j + 1), i, j) for i, part in enumerate(parts) for j in range(part.depth)
    )
    tuples = list(itertools.product(*(range(len(g)) for g in groups)))
    m = [math.prod(groups[i][g].order for i, g in enumerate(t)) for t in tuples]
    keys = [
        (m[n] > 2, m[n], *(groups[i][t[i]].ranks[j] for _, i, j in levels))
        for n, t in enumerate(tuples)
    ]
    ordered = sorted(range(len(tuples)), key=keys.__getitem__)
    place = {tuples[n]: position for position, n in enumerate(ordered)}
    has_two = bool(parts) and parts[0].prime == 2
    chains = [[_chain(found, g) for g in range(len(found))] for found in groups]
    out = []
    first = 0
    for n in ordered:
        t = tuples[n]
        units = math.prod(groups[i][g].units for i, g in enumerate(t))
        inside = [chains[i][g] for i, g in enumerate(t)]
        minus = m[n] % 2 == 0
        odd: tuple[int, ...] = ()
        if minus and has_two:
            rest = list(itertools.product(*inside[1:]))
            odd = tuple(sorted(place[t[0], *other] for other in rest))
            inside[0] = inside[0][1:]
        even = tuple(sorted(place[other] for other in itertools.product(*inside)))
        real = m[n] <= 2
        count = 1 if real else units // 2
        kernel = order // m[n]
        out.append(
            KernelClass(
                first,
                count,
                1 if real else 2,
                "R" if real else "C",
                m[n],
                kernel,
                kernel * (2 if minus else 1),
                even,
                odd,
            )
        )
        first += count
    return tuple(out)


def _chain(groups: list[_CyclicGroup], g: int) -> list[int]:
    """Return the cyclic groups inside the g-th one, that one first."""
    out = [g]
    while groups[out[-1]].order > 1:
        out.append(groups[out[-1]].below)
    return out
