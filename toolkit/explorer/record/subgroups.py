"""The part of a record about normal, Sylow, maximal and all subgroups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.explorer.record.numbers import whole
from toolkit.formats.group_page.notation import combination, element

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.formats.group_page.answers import Gatherer, ModuleRow
    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.subgroups import NormalSubgroups, SubgroupClasses


def normal_part(
    gather: Gatherer, characters: CharacterTable, normal: NormalSubgroups
) -> list[dict[str, Any]]:
    """Return ``normal``: one entry for each normal subgroup, in the order of the labels."""
    below: list[list[str]] = [[] for _ in normal]
    for i, j in normal.covers:
        below[j].append(normal[i].label)
    kernel_of: dict[tuple[int, ...], list[str]] = {}
    for s in characters.simples:
        kernel_of.setdefault(tuple(sorted(s.kernel)), []).append(s.label)
    names = gather.subgroup_names(normal, "names of normal subgroups")
    return [
        {
            "label": n.label,
            "order": whole(n.order),
            "index": whole(n.index),
            "covers": below[i],
            "structure": names.get(n.label),
            "quotient": n.quotient,
            "classes": list(n.classes),
            "kernel_of": kernel_of.get(n.classes, []),
        }
        for i, n in enumerate(normal)
    ]


def sylow_part(gather: Gatherer) -> list[dict[str, Any]] | None:
    """Return ``sylow``: one entry for each prime; ``None`` if the answer is missing."""
    found = gather.sylow
    if found is None:
        return None
    return [
        {
            "prime": s.prime,
            "order": whole(s.order),
            "count": whole(s.count),
            "structure": s.name,
            "normaliser_order": whole(s.normaliser_order),
            "normaliser": s.normaliser_name,
        }
        for s in found
    ]


def maximal_part(gather: Gatherer) -> list[dict[str, Any]] | None:
    """Return ``maximal``: one entry for each class; ``None`` if the answer is missing."""
    found = gather.maximal
    if found is None:
        return None
    return [
        {
            "order": whole(m.order),
            "index": whole(m.index),
            "length": whole(m.length),
            "structure": m.name,
        }
        for m in found
    ]


def subgroup_part(
    gather: Gatherer,
    classes: SubgroupClasses,
    modules: Mapping[str, ModuleRow],
    names: Mapping[str, str | None],
) -> list[dict[str, Any]]:
    """Return ``subgroups``: one entry for each class of subgroups with its module Fun(G/H)."""
    generators = gather.facts.generators
    out = []
    for c in classes:
        row = modules.get(c.label)
        transitivity = None
        if row is not None and c.index > 1:
            if row.rank == 2:
                transitivity = "2-transitive"
            elif row.primitive:
                transitivity = "primitive"
        multiplicities = None if row is None else row.multiplicities
        out.append(
            {
                "label": c.label,
                "order": whole(c.order),
                "index": whole(c.index),
                "length": whole(c.length),
                "normal": c.length == 1,
                "structure": names.get(c.label),
                "generators": [element(g, generators) for g in c.generators or ()],
                "rank": None if row is None or row.rank is None else whole(row.rank),
                "transitivity": transitivity,
                "contents": None if multiplicities is None else combination(multiplicities),
            }
        )
    return out
