"""Facts of permutation groups that contain alternating groups on large blocks, without chains.

Let N be the direct product of the alternating groups on the blocks of G, and Q = G/N, which acts
on the other points and on the orientations of the blocks. N is perfect, and only 1 commutes with
it and fixes the points outside the blocks. If G fixes those, N is the socle, there is no solvable
normal subgroup, and the facts follow from those of Q: symmetric and alternating groups, their
products, wreath products with any group of blocks.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from toolkit.groups.facts import CharacteristicOrders, GroupFacts
from toolkit.groups.specs.generated import Permutations
from toolkit.modules.gsets.actions import orbits
from toolkit.modules.gsets.alternating_blocks import alternating_blocks, modulo_alternating
from toolkit.settings import LARGEST_CLASSED
from toolkit.text import compact_integer

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.modules.gsets.actions import IntArray

_TABLE_DEGREE = 23  # of symmetric and alternating groups whose tables are computed


def alternating_facts(
    images: IntArray, facts_of: Callable[[Permutations], GroupFacts], largest: int = LARGEST_CLASSED
) -> GroupFacts | None:
    """Return the facts of a permutation group, if they follow from blocks; else ``None``.

    Parameters
    ----------
    images
        ``(k, n)`` the images of its generators.
    facts_of
        Finds the facts of Q.
    largest
        Up to this order GAP computes the classes of a group, and finds its facts too.

    Notes
    -----
    Exact. GAP is asked about Q only if Q is neither trivial nor an elementary abelian 2-group.
    """
    blocks = alternating_blocks(images)
    count = int(blocks.max(initial=-1)) + 1
    outside = np.flatnonzero(blocks < 0)
    if not count or (images[:, outside] != outside).any():
        return None
    sizes = np.bincount(blocks[blocks >= 0]).tolist()
    normal = math.prod(math.factorial(size) // 2 for size in sizes)
    quotient = modulo_alternating(images, blocks)[:, outside.size :] - outside.size
    known = _two_group(quotient)
    if known is None:
        spec = Permutations(quotient.shape[1], tuple(map(tuple, quotient.tolist())))
        facts = facts_of(spec)
        size, invariants, series = facts.order, facts.abelian_invariants, facts.derived_series
    else:
        size = 2**known
        invariants, series = (2,) * known, (size, 1) if known else (1,)
    order = normal * size
    degree = sizes[0] if count == 1 else 0
    if not degree and order <= largest:
        return None  # small enough for all that GAP finds
    symmetric = degree > 0 and size == 2
    table, classes = _table(degree, symmetric, order, largest)
    return GroupFacts(
        order=order,
        generators=tuple({"perm": image} for image in images.tolist()),
        points=images.shape[1],
        faithful=True,
        orbit_lengths=tuple(sorted((len(o) for o in orbits(images)), reverse=True)),
        id=None,
        description=f"A{degree}" if degree and not symmetric else None,
        abelian=False,
        nilpotent=False,
        solvable=False,
        perfect=size == series[-1],
        simple=degree > 0 and not symmetric,
        exponent=_exponent(degree, symmetric) if degree else None,
        abelian_invariants=invariants,
        subgroups=CharacteristicOrders(
            centre=1,
            derived=order // math.prod(invariants),
            frattini=1,
            fitting=1,
            socle=normal,
            radical=1,
        ),
        derived_series=tuple(normal * n for n in series),
        table=table,
        classes=classes,
    )


def _two_group(images: IntArray) -> int | None:
    """Return r for a group of order 2^r that only turns pairs of points 2i, 2i + 1; else ``None``.

    Examples
    --------
    >>> _two_group(np.array([[1, 0, 2, 3], [1, 0, 3, 2], [0, 1, 3, 2]]))
    2
    """
    points = np.arange(images.shape[1])
    if (images // 2 != points // 2).any():
        return None
    found: dict[int, int] = {}  # rows over GF(2), by their leading bits
    for image in images:
        row = int("".join("1" if x else "0" for x in image[::2] != points[::2]), 2)
        while row and row.bit_length() in found:
            row ^= found[row.bit_length()]
        if row:
            found[row.bit_length()] = row
    return len(found)


def _exponent(degree: int, symmetric: bool) -> int:
    """Return the exponent of the symmetric or alternating group.

    A cycle of even length is an even permutation only beside another one.

    Examples
    --------
    >>> _exponent(8, True), _exponent(8, False)
    (840, 420)
    """
    whole = math.lcm(*range(1, degree + 1))
    half = math.lcm(*(n for n in range(1, degree + 1) if n % 2))
    power = 1 << (degree if symmetric else degree - 2).bit_length() - 1
    return power * half if not symmetric else whole


def _table(degree: int, symmetric: bool, order: int, largest: int) -> tuple[bool | str, int | None]:
    if 0 < degree <= _TABLE_DEGREE:
        whole = _partitions(degree, range(1, degree + 1))
        # classes that split have cycles of different odd lengths
        split = _partitions(degree, range(1, degree + 1, 2), repeated=False)
        return True, whole if symmetric else (whole + 3 * split) // 2
    if degree:
        return (
            f"a symmetric or alternating group on {degree} points has too many classes (tables are "
            f"computed up to {_TABLE_DEGREE} points)"
        ), None
    return (
        f"a group of order {compact_integer(order)} is past the bound of {largest} for "
        "computing its classes (PLREP_MAX_ORDER raises that)"
    ), None


def _partitions(total: int, parts: range, repeated: bool = True) -> int:
    """Return the number of partitions into given parts, each used once or repeatedly."""
    ways = [1] + [0] * total
    for part in parts:
        sums = range(part, total + 1)
        for n in sums if repeated else reversed(sums):
            ways[n] += ways[n - part]
    return ways[total]
