"""Canonical order of classes, characters, simples and subgroup classes, for ever.

GAP may list classes and characters in another order in another version, or in the same session
after other questions. The order fixed here depends on the group and its generators alone.

Classes are coloured by element order and size; colours are refined by the colours of powers and
by the values that characters of each degree and indicator take, until nothing changes: all this
is invariant under isomorphism. What then still has one colour (Galois conjugates, classes that
an automorphism exchanges) is ordered by the first word in the generators, and its first power,
that lies in the class: an invariant of the group with its generators.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cmp_to_key
from typing import TYPE_CHECKING

from toolkit.errors import InconsistentAnswerError
from toolkit.exact.cyclotomic import Cyclotomic, certified_sign_of_difference
from toolkit.groups.character_table import ENDOMORPHISM_DIMENSIONS, CharacterTable, RealSimple
from toolkit.groups.subgroups import SubgroupClass, SubgroupClasses

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class RawSimple:
    """A real simple as GAP gave it; see ``gap_scripts/requests/character_table.g``."""

    constituents: tuple[int, ...]
    ends: int
    row: tuple[int, ...]


@dataclass(frozen=True)
class RawCharacterTable:
    """A table in GAP's order; fields as in ``gap_scripts/requests/character_table.g``."""

    order: int
    sizes: tuple[int, ...]
    orders: tuple[int, ...]
    names: tuple[str, ...]
    reps: tuple[object, ...]
    keys: tuple[tuple[int, ...] | None, ...]
    powers: dict[int, tuple[int, ...]]
    values: tuple[Cyclotomic, ...]
    rows: tuple[tuple[int, ...], ...]
    indicators: tuple[int, ...]
    simples: tuple[RawSimple, ...]


def canonical_character_table(
    group: str, raw: RawCharacterTable, *, paper_order: int | None = None, dihedral: bool = False
) -> CharacterTable:
    """Return the table in canonical order.

    Parameters
    ----------
    group
        Canonical name of the group.
    raw
        The table in any order.
    paper_order
        For a cyclic group of order n, and for the dihedral group of the n-gon, the number n:
        then simples get the index k of arXiv 2408.00949 where it has one.
    dihedral
        Whether the group is dihedral (only simples of dimension 2, and the trivial one, have an
        index).

    Raises
    ------
    InconsistentAnswerError
        If the table has no trivial character or no identity class.

    Notes
    -----
    Exact. About k^2 log k steps for k classes; never starts GAP.
    """
    rank = _value_ranks(raw.values)
    ranked = [[rank[v] for v in row] for row in raw.rows]
    classes, canonical = _class_order(raw, ranked)
    place = {c: i for i, c in enumerate(classes)}
    values = [raw.values[i] for i in sorted(range(len(raw.values)), key=rank.__getitem__)]
    sizes = [raw.sizes[c] for c in classes]
    one = [rank[row[classes[0]]] for row in raw.rows]

    def in_order(row: Sequence[int]) -> tuple[int, ...]:
        return tuple(rank[row[c]] for c in classes)

    def kernel(row: Sequence[int]) -> tuple[int, ...]:
        return tuple(i for i, v in enumerate(row) if v == row[0])

    def order_of(positions: Sequence[int]) -> int:
        return sum(sizes[i] for i in positions)

    rows = [in_order(row) for row in raw.rows]
    kernels = [kernel(row) for row in rows]
    if all(any(v != row[0] for v in row) or values[row[0]].to_int() != 1 for row in rows):
        raise InconsistentAnswerError(group, "a trivial character", "none")

    def character_key(i: int) -> tuple[object, ...]:
        degree = values[one[i]].to_int()
        trivial = degree == 1 and len(kernels[i]) == len(classes)
        return (
            not trivial,
            degree,
            -raw.indicators[i],
            raw.order // order_of(kernels[i]),
            kernels[i],
            rows[i],
        )

    characters = sorted(range(len(rows)), key=character_key)
    character_place = {c: i for i, c in enumerate(characters)}
    key_to_class = {key: c for c, key in enumerate(raw.keys) if key is not None}
    generator = place.get(key_to_class.get((2, 1), -1)) if raw.reps[classes[0]] else None
    if len(classes) == 1:
        generator = 0 if raw.reps[classes[0]] is not None else None

    integers = {v.to_int(): i for i, v in enumerate(values) if v.is_integer}
    simples: list[RealSimple] = []
    types = {ends: kind for kind, ends in ENDOMORPHISM_DIMENSIONS.items()}
    for simple in raw.simples:
        row = in_order(simple.row)
        dimension = values[row[0]].to_int()
        kept = kernel(row)
        minus_rank = integers.get(-dimension, -1)
        minus = tuple(i for i, v in enumerate(row) if v == minus_rank)
        simples.append(
            RealSimple(
                label="",
                dimension=dimension,
                type=types[simple.ends],
                constituents=tuple(sorted(character_place[c] for c in simple.constituents)),
                row=row,
                kernel=kept,
                kernel_order=order_of(kept),
                action_order=raw.order // order_of(kept),
                minus=minus,
                plus_minus_order=order_of(kept) + order_of(minus),
            )
        )
    simples.sort(
        key=lambda s: (
            s.action_order != 1,
            s.dimension,
            "RCH".index(s.type),
            s.action_order,
            s.kernel,
            s.row,
        )
    )
    named = tuple(
        _labelled(s, i, values, generator, paper_order, dihedral) for i, s in enumerate(simples)
    )
    return CharacterTable(
        group=group,
        order=raw.order,
        class_names=ordered_names([raw.orders[c] for c in classes]),
        class_sizes=tuple(sizes),
        element_orders=tuple(raw.orders[c] for c in classes),
        representatives=tuple(raw.reps[c] for c in classes),
        power_maps={
            p: tuple(place[m[c]] for c in classes) for p, m in sorted(raw.powers.items()) if p > 0
        },
        inverse=tuple(place[raw.powers[-1][c]] for c in classes),
        values=tuple(values),
        rows=tuple(rows[i] for i in characters),
        indicators=tuple(raw.indicators[i] for i in characters),
        simples=named,
        gap_classes=tuple(classes),
        gap_characters=tuple(characters),
        generator_class=generator,
        canonical=canonical,
    )


def _value_ranks(values: Sequence[Cyclotomic]) -> list[int]:
    """Rank of every value: larger real part first, then larger imaginary part."""
    # a double with the bound of its error, once for each value: they decide almost always
    rough = [(v.to_complex(), 1e-14 * float(v.weight + 1)) for v in values]

    def compare(i: int, j: int) -> int:
        (a, slack), (b, other) = rough[i], rough[j]
        if abs(a.real - b.real) > slack + other:
            return 1 if a.real < b.real else -1
        return -(
            certified_sign_of_difference(values[i], values[j])
            or certified_sign_of_difference(values[i], values[j], imaginary=True)
        )

    rank = [0] * len(values)
    for position, i in enumerate(sorted(range(len(values)), key=cmp_to_key(compare))):
        rank[i] = position
    return rank


def _renumber(signatures: list[tuple[object, ...]]) -> list[int]:
    number = {s: i for i, s in enumerate(sorted(set(signatures)))}
    return [number[s] for s in signatures]


def _class_order(raw: RawCharacterTable, ranked: list[list[int]]) -> tuple[list[int], bool]:
    k = len(raw.sizes)
    colours = _renumber(list(zip(raw.orders, raw.sizes, strict=True)))
    maps = [m for _, m in sorted(raw.powers.items())]

    def refine(colours: list[int]) -> list[int]:
        while True:
            finer = _renumber([(colours[c], *(colours[m[c]] for m in maps)) for c in range(k)])
            if max(finer) == max(colours):
                return finer
            colours = finer

    colours = refine(colours)
    if max(colours) + 1 < k:
        identity = raw.orders.index(1)
        by_kind = [(row[identity], nu) for row, nu in zip(ranked, raw.indicators, strict=True)]
        kinds = _renumber(list(by_kind))
        columns: list[tuple[object, ...]] = []
        for c in range(k):
            column = sorted((kind, row[c]) for kind, row in zip(kinds, ranked, strict=True))
            columns.append((colours[c], tuple(column)))
        colours = refine(_renumber(columns))
    tied = {colour for colour in colours if colours.count(colour) > 1} if k < 2000 else set()
    unreached = [c for c in range(k) if raw.keys[c] is None and colours[c] in tied]
    canonical = len({colours[c] for c in unreached}) == len(unreached)
    last = (math.inf,)
    order = sorted(range(k), key=lambda c: (colours[c], raw.keys[c] or last, c))
    return order, canonical


def _labelled(
    simple: RealSimple,
    number: int,
    values: Sequence[Cyclotomic],
    generator: int | None,
    n: int | None,
    dihedral: bool,
) -> RealSimple:
    index: int | None = None
    if n is not None and generator is not None:
        if simple.action_order == 1:
            index = 0
        elif not dihedral or simple.dimension == 2:
            # the rotation acts with trace dim * cos(2 pi k / n); neighbouring k are far apart
            # compared with rounding, and gcd(n, k) is checked against the exact kernel
            cosine = values[simple.row[generator]].to_float() / simple.dimension
            k = round(math.acos(max(-1.0, min(1.0, cosine))) * n / (2 * math.pi))
            if n // math.gcd(n, k) == simple.action_order // (2 if dihedral else 1):
                index = k
    return RealSimple(
        label=f"L{number}",
        dimension=simple.dimension,
        type=simple.type,
        constituents=simple.constituents,
        row=simple.row,
        kernel=simple.kernel,
        kernel_order=simple.kernel_order,
        action_order=simple.action_order,
        minus=simple.minus,
        plus_minus_order=simple.plus_minus_order,
        paper_index=index,
    )


@dataclass(frozen=True)
class RawSubgroupClass:
    """A class as GAP gave it; see ``gap_scripts/requests/subgroup_classes.g``."""

    order: int
    length: int
    counts: tuple[int, ...]
    generators: tuple[object, ...]
    tie: tuple[int, ...]


@dataclass(frozen=True)
class RawSubgroupClasses:
    """GAP's answer; see ``gap_scripts/requests/subgroup_classes.g``."""

    complete: bool
    classes: tuple[RawSubgroupClass, ...]


def canonical_subgroup_classes(
    group: str, order: int, raw: RawSubgroupClasses, max_index: int | None
) -> SubgroupClasses:
    """Return the classes in canonical order, with their labels."""

    def key(c: RawSubgroupClass) -> tuple[object, ...]:
        return (c.order, c.length, tuple(-x for x in c.counts), c.tie)

    ordered = sorted(raw.classes, key=key)
    keys = [key(c) for c in ordered]
    names = ordered_names([c.order for c in ordered])
    return SubgroupClasses(
        group=group,
        classes=tuple(
            SubgroupClass(
                group=group,
                label="H" + names[i],
                order=c.order,
                index=order // c.order,
                length=c.length,
                generators=c.generators,
                class_counts=c.counts,
            )
            for i, c in enumerate(ordered)
        ),
        complete=raw.complete,
        max_index=max_index,
        canonical=len(set(keys)) == len(keys),
    )


def ordered_names(orders: Sequence[int]) -> tuple[str, ...]:
    """Return names in the manner of the ATLAS: an order and letters a, b, ..., z, aa, ab, ...

    Examples
    --------
    >>> ordered_names([1, 2, 2, 3])
    ('1a', '2a', '2b', '3a')
    """
    count: dict[int, int] = {}
    out = []
    for order in orders:
        n = count[order] = count.get(order, 0) + 1
        letters = ""
        while n:
            n, digit = divmod(n - 1, 26)
            letters = chr(97 + digit) + letters
        out.append(f"{order}{letters}")
    return tuple(out)
