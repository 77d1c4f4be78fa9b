"""The lattice of normal subgroups of a group in a few bytes, from which its covers follow.

Normal subgroups that are listed completely form a modular lattice: every one is an intersection of
those that exactly one other covers. Each of these is stored as the set of *separators* that it
contains, a separator being a normal subgroup; the join-irreducible ones, which cover exactly one
other, are enough to tell all normal subgroups apart. The decoder forms all intersections and sorts
them: by order, which is the order of any one that is covered times a chief factor, then by
separators, the first separator first. Separators are chosen, and some that are not join-irreducible
are added, so that this is the order of the labels. The encoder decodes what it made; where the
covers do not come back, as for groups of which kernels alone are listed, the covers themselves are
stored.
"""

from __future__ import annotations

import json
import struct
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_MEETS, _COVERS = b"M", b"C"
_LARGEST_FACTOR = 2**16 - 1


def encoded_lattice(
    labels: Sequence[str], orders: Sequence[int], covers: Sequence[Sequence[str]]
) -> bytes:
    """Return the lattice of the normal subgroups of a group as bytes.

    Parameters
    ----------
    labels, orders
        Labels and orders of the normal subgroups, rising.
    covers
        For each the labels of those it covers.

    Examples
    --------
    >>> covers = [[], ["N0"], ["N0"], ["N0"], ["N1", "N2", "N3"]]
    >>> code = encoded_lattice(["N0", "N1", "N2", "N3", "N4"], [1, 2, 2, 2, 4], covers)
    >>> len(code), covers_of_lattice(code) == covers
    (12, True)
    """
    found = _by_meets(labels, orders, covers)
    with suppress(CatalogError):  # of what is no modular lattice
        if found is not None and covers_of_lattice(found) == [list(c) for c in covers]:
            return found
    return _COVERS + json.dumps([list(c) for c in covers], separators=(",", ":")).encode()


def covers_of_lattice(code: bytes) -> list[list[str]]:
    """Return for each normal subgroup, in order, the labels of those it covers.

    Raises
    ------
    CatalogError
        If these are not the bytes of a lattice.
    """
    ends, labels, names = lattice_lists(code)
    flat = [names[i] for i in labels.tolist()]
    return [flat[a:b] for a, b in pairwise(ends.tolist())]


def lattice_lists(code: bytes) -> tuple[NDArray[np.intp], NDArray[np.intp], list[str]]:
    """Return where the list of each normal subgroup ends, 0 first; the lists; the labels in them.

    The lists stand one after the other and have positions in the list of labels.

    Raises
    ------
    CatalogError
        If these are not the bytes of a lattice.

    Examples
    --------
    >>> code = encoded_lattice(["N0", "N1"], [1, 2], [[], ["N0"]])
    >>> [list(map(str, one)) for one in lattice_lists(code)]
    [['0', '0', '1'], ['0'], ['N0', 'N1']]
    """
    kind, rest = code[:1], code[1:]
    try:
        if kind == _COVERS:
            lists = [[str(label) for label in one] for one in json.loads(rest)]
            ends = np.cumsum([0, *map(len, lists)])
            names = [label for one in lists for label in one]
            return ends, np.arange(len(names)), names
        if kind == _MEETS:
            ends, below = _from_meets(rest)
            return ends, below, [f"N{i}" for i in range(len(ends) - 1)]
    except (ValueError, struct.error, IndexError, KeyError):
        pass
    raise CatalogError("lattices.parquet", "a lattice in it cannot be read", "copy the file again")


def _by_meets(
    labels: Sequence[str], orders: Sequence[int], covers: Sequence[Sequence[str]]
) -> bytes | None:
    n = len(labels)
    place = {label: i for i, label in enumerate(labels)}
    if list(labels) != [f"N{i}" for i in range(n)] or not n or orders[0] != 1:
        return None
    lower = [[place[name] for name in names] for names in covers]
    above = [1 << j for j in range(n)]  # as bits, itself included
    covered = [0] * n
    for j in range(n - 1, -1, -1):
        for i in lower[j]:
            above[i] |= above[j]
            covered[i] += 1
    separators = _separators(orders, above, [j for j in range(n) if len(lower[j]) == 1])
    if separators is None:
        return None
    factors = [orders[j] // orders[lower[j][0]] if len(lower[j]) == 1 else 0 for j in separators]
    if max(factors, default=0) > _LARGEST_FACTOR:
        return None
    width = (len(separators) + 7) // 8
    meets = []
    for i in range(n):
        if covered[i] == 1:
            bits = sum(
                1 << 8 * width - 1 - b for b, j in enumerate(separators) if above[j] >> i & 1
            )
            meets.append(bits.to_bytes(width, "big"))
    head = struct.pack(f"<H{len(factors)}H", len(factors), *factors)
    return _MEETS + head + b"".join(meets)


def _separators(
    orders: Sequence[int], above: Sequence[int], irreducible: Sequence[int]
) -> list[int] | None:
    """Return separators by which normal subgroups of one order are sorted as they are."""
    n = len(orders)
    open_pairs = sum(1 << p for p in range(n - 1) if orders[p] == orders[p + 1])

    def sorts(j: int) -> bool:
        """Whether a separator distinguishes open neighbours, and puts none in the wrong order."""
        first, second = above[j], above[j] >> 1
        return bool(first & ~second & open_pairs) and not second & ~first & open_pairs

    chosen: list[int] = []
    rest = list(irreducible)
    while open_pairs:
        found = next((j for j in rest if sorts(j)), None)
        if found is None:
            found = next((j for j in range(n) if sorts(j)), None)
        if found is None:
            return None
        chosen.append(found)
        open_pairs &= ~(above[found] & ~(above[found] >> 1))
        if found in rest:
            rest.remove(found)
    return chosen + rest


def _from_meets(code: bytes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    (k,) = struct.unpack_from("<H", code)
    factors = struct.unpack_from(f"<{k}H", code, 2)
    width, start = (k + 7) // 8, 2 + 2 * k
    spare = 8 * width - k
    found = {(1 << k) - 1}
    for at in range(start, len(code), width or 1):
        meet = int.from_bytes(code[at : at + width], "big") >> spare
        found |= {other & meet for other in found}
    sets = sorted(found, key=lambda bits: (bits.bit_count(), -bits))
    data = b"".join((bits << spare).to_bytes(width, "big") for bits in sets)
    bits_of_sets = np.unpackbits(
        np.frombuffer(data, dtype=np.uint8).reshape(len(sets), width), axis=1, count=k
    )
    members = bits_of_sets.astype(np.float32)  # counts below 2^24 are exact
    contains = (1 - members) @ members.T == 0
    np.fill_diagonal(contains, val=False)
    largest = np.where(contains.any(axis=1), len(sets) - 1 - contains[:, ::-1].argmax(axis=1), -1)
    with_factor = sum(1 << b for b, f in enumerate(reversed(factors)) if f)
    by_bit = {1 << b: f for b, f in enumerate(reversed(factors))}
    orders: list[int] = []
    ranks: list[int] = []
    for bits, i in zip(sets, largest.tolist(), strict=True):
        if i < 0:
            orders.append(1)
            ranks.append(0)
            continue
        more = bits & ~sets[i] & with_factor
        orders.append(orders[i] * by_bit[more & -more])
        ranks.append(ranks[i] + 1)
    rank = np.array(ranks)
    covered = contains & (rank[:, None] == rank + 1)  # as in every modular lattice
    ranked = sorted(range(len(sets)), key=lambda j: (orders[j], -sets[j]))
    above, below = np.nonzero(covered[np.ix_(ranked, ranked)])
    return np.searchsorted(above, np.arange(len(sets) + 1)), below
