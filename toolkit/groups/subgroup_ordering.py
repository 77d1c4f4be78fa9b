"""Making GAP's list of subgroup classes canonical."""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.groups.labels import ordered_names
from toolkit.groups.subgroups import SubgroupClass, SubgroupClasses

__all__ = ["RawSubgroupClass", "RawSubgroupClasses", "canonical_subgroup_classes"]


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
