"""Canonical order of classes, characters, simples and subgroup classes, for ever.

GAP may list classes and characters in another order in another version, or in the same session
after other questions. The labelled table fixed here depends on the group alone, up to isomorphism
and even up to equivalence of character tables with power maps
(:mod:`toolkit.groups.canonical_labelling`): words in the generators say which classes get the
labels of classes that an automorphism of the table exchanges.

Classes of subgroups are ordered by order, length, and how many elements of each class of elements
they contain; ties are broken by the first words of their elements. So their labels follow those of
the classes of elements, and where an automorphism of the table does not come from one of the group,
or different classes of subgroups meet the classes of elements alike, they depend on the generators.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.errors import InconsistentAnswerError
from toolkit.groups.canonical_labelling import canonical_orders
from toolkit.groups.subgroups import SubgroupClass, SubgroupClasses
from toolkit.groups.table_assembly import PaperIndices, assembled_table
from toolkit.text import ordered_names

if TYPE_CHECKING:
    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.table_arrays import UnorderedTable


def canonical_character_table(
    group: str, raw: UnorderedTable, *, paper_order: int | None = None, dihedral: bool = False
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
    Exact; never starts GAP. Cost: see :func:`toolkit.groups.canonical_labelling.canonical_orders`.
    """
    arrays = raw.arrays
    if arrays.orders[arrays.identity] != 1:
        raise InconsistentAnswerError(group, "a class of the identity", "none")
    orders = canonical_orders(arrays, raw.keys)
    classes = orders.classes.tolist()
    key_to_place = {raw.keys[c]: i for i, c in enumerate(classes) if raw.keys[c] is not None}
    generator = key_to_place.get((2, 1)) if raw.representatives[classes[0]] is not None else None
    if len(classes) == 1:
        generator = 0 if raw.representatives[classes[0]] is not None else None
    paper = None
    if paper_order is not None and generator is not None:
        paper = PaperIndices(paper_order, generator, dihedral)
    return assembled_table(
        group,
        arrays.reordered(orders.classes, orders.characters),
        class_names=ordered_names(arrays.orders[orders.classes].tolist()),
        representatives=tuple(raw.representatives[c] for c in classes),
        gap_classes=classes,
        gap_characters=orders.characters.tolist(),
        generator_class=generator,
        paper=paper,
        canonical=orders.canonical,
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
