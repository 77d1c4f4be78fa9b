"""Canonical order of classes, characters, simples and subgroup classes, for ever.

GAP may list classes and characters in another order in another version, or in the same session
after other questions. The order fixed here depends on the group and its generators alone.

Classes are coloured by element order and size; colours are refined by the colours of powers and
by the values that characters of each degree and indicator take, until nothing changes: all this
is invariant under isomorphism. What then still has one colour (Galois conjugates, classes that
an automorphism exchanges) is ordered by the first word in the generators, and its first power,
that lies in the class: an invariant of the group with its generators. The classes of an abelian
group stand in the order of its closed form (:mod:`toolkit.groups.closed_forms.abelian_order`),
which depends on the isomorphism type alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import InconsistentAnswerError
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.groups.subgroups import SubgroupClass, SubgroupClasses
from toolkit.groups.table_arrays import TableArrays, sort_keys, sorted_values
from toolkit.groups.table_assembly import PaperIndices, assembled_table, class_set_keys
from toolkit.text import ordered_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from toolkit.groups.character_table import CharacterTable

    Indices = NDArray[np.intp]


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

    def arrays(self) -> TableArrays:
        """Return the table as arrays, its values sorted."""
        values, places = sorted_values(self.values)
        return TableArrays(
            order=self.order,
            sizes=self.sizes,
            orders=np.array(self.orders, dtype=np.int64),
            powers={p: np.array(m, dtype=np.intp) for p, m in self.powers.items()},
            values=values,
            rows=places[np.array(self.rows, dtype=np.intp)],
            indicators=np.array(self.indicators, dtype=np.int64),
            constituents=tuple(s.constituents for s in self.simples),
            simple_rows=places[np.array([s.row for s in self.simples], dtype=np.intp)],
        )


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
    arrays = raw.arrays()
    if arrays.orders[arrays.identity] != 1:
        raise InconsistentAnswerError(group, "a class of the identity", "none")
    orders = canonical_orders(arrays, raw.keys)
    classes = orders.classes.tolist()
    key_to_place = {raw.keys[c]: i for i, c in enumerate(classes) if raw.keys[c] is not None}
    generator = key_to_place.get((2, 1)) if raw.reps[classes[0]] is not None else None
    if len(classes) == 1:
        generator = 0 if raw.reps[classes[0]] is not None else None
    paper = None
    if paper_order is not None and generator is not None:
        paper = PaperIndices(paper_order, generator, dihedral)
    return assembled_table(
        group,
        arrays.reordered(orders.classes, orders.characters),
        class_names=ordered_names([raw.orders[c] for c in classes]),
        representatives=tuple(raw.reps[c] for c in classes),
        gap_classes=classes,
        gap_characters=orders.characters.tolist(),
        generator_class=generator,
        paper=paper,
        canonical=orders.canonical,
    )


@dataclass(frozen=True, eq=False)
class CanonicalOrders:
    """What decides where everything in a table stands.

    Parameters
    ----------
    classes, characters
        ``(k,)`` intp: per canonical place, the place in the table that was given.
    canonical
        Whether every tie was broken by the group's own structure.
    """

    classes: Indices
    characters: Indices
    canonical: bool


def canonical_orders(
    arrays: TableArrays, keys: Sequence[tuple[int, ...] | None]
) -> CanonicalOrders:
    """Return the canonical order of classes and characters.

    Parameters
    ----------
    arrays
        The table in any order.
    keys
        Per class what breaks ties; see ``gap_scripts/requests/character_table.g``.
    """
    classes, canonical = _class_order(arrays, keys)
    rows = arrays.rows[:, classes]
    kernels = rows == rows[:, :1]
    sizes = np.array(arrays.sizes, dtype=object)[classes]
    kernel_orders = [int(sizes[line].sum()) for line in kernels]
    kernel_keys, row_keys = class_set_keys(kernels), sort_keys(rows)
    degrees, indicators = arrays.degrees, arrays.indicators.tolist()

    def character_key(i: int) -> tuple[object, ...]:
        trivial = degrees[i] == 1 and kernel_orders[i] == arrays.order
        action = arrays.order // kernel_orders[i]
        return (not trivial, degrees[i], -indicators[i], action, kernel_keys[i], row_keys[i])

    characters = sorted(range(len(rows)), key=character_key)
    return CanonicalOrders(classes, np.array(characters, dtype=np.intp), canonical)


def _renumber(signatures: Sequence[bytes]) -> Indices:
    number = {s: i for i, s in enumerate(sorted(set(signatures)))}
    return np.array([number[s] for s in signatures], dtype=np.intp)


def _class_order(
    arrays: TableArrays, keys: Sequence[tuple[int, ...] | None]
) -> tuple[Indices, bool]:
    k = len(arrays)
    if k == arrays.order:  # abelian: as by formula
        from toolkit.groups.closed_forms.recognised import abelian_class_order

        places = abelian_class_order(arrays.orders.tolist(), keys, arrays.values, arrays.rows)
        return np.array(places, dtype=np.intp), True
    maps = [m for _, m in sorted(arrays.powers.items())]

    def refine(colours: Indices) -> Indices:
        while True:
            finer = _renumber(sort_keys(np.stack([colours, *(colours[m] for m in maps)], axis=1)))
            if finer.max() == colours.max():
                return finer
            colours = finer

    colours = refine(_renumber(sort_keys(np.stack([arrays.orders, arrays.size_ranks], axis=1))))
    if colours.max() + 1 < k:
        ones = arrays.rows[:, arrays.identity]
        kinds = _renumber(sort_keys(np.stack([ones, arrays.indicators + 1], axis=1)))
        columns = np.sort(kinds[:, None] * len(arrays.values) + arrays.rows, axis=0).T
        colours = refine(_renumber(sort_keys(np.concatenate([colours[:, None], columns], axis=1))))
    tied = np.bincount(colours)[colours] > 1
    unreached = [c for c in np.flatnonzero(tied).tolist() if keys[c] is None]
    canonical = len(set(colours[unreached].tolist())) == len(unreached)
    last = (math.inf,)
    order = sorted(range(k), key=lambda c: (colours[c], keys[c] or last, c))
    return np.array(order, dtype=np.intp), canonical


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
