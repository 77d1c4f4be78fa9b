"""Groups as values: naming, characters, real simples, subgroups, and their laws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.lazy import lazy_face

if TYPE_CHECKING:
    from toolkit.groups.character_table import CharacterTable, RealSimple
    from toolkit.groups.class_functions.class_function import ClassFunction
    from toolkit.groups.class_functions.values_field import FieldOfValues
    from toolkit.groups.facts import GroupFacts
    from toolkit.groups.invariants import (
        AutomorphismOrders,
        GroupSeries,
        MaximalSubgroup,
        PcPresentation,
        SylowSubgroup,
    )
    from toolkit.groups.parsing.grammar import parse_group
    from toolkit.groups.space import SpaceMatrices
    from toolkit.groups.specs.base import GroupSpec
    from toolkit.groups.specs.tree import spec_from_json
    from toolkit.groups.subgroups import (
        NormalSubgroup,
        NormalSubgroups,
        SubgroupClass,
        SubgroupClasses,
        TableOfMarks,
    )
    from toolkit.groups.table_equivalence import TableEquivalence

__all__ = [
    "AutomorphismOrders",
    "CharacterTable",
    "ClassFunction",
    "FieldOfValues",
    "GroupFacts",
    "GroupSeries",
    "GroupSpec",
    "MaximalSubgroup",
    "NormalSubgroup",
    "NormalSubgroups",
    "PcPresentation",
    "RealSimple",
    "SpaceMatrices",
    "SubgroupClass",
    "SubgroupClasses",
    "SylowSubgroup",
    "TableEquivalence",
    "TableOfMarks",
    "parse_group",
    "spec_from_json",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "character_table": "CharacterTable RealSimple",
        "class_functions.class_function": "ClassFunction",
        "class_functions.values_field": "FieldOfValues",
        "facts": "GroupFacts",
        "invariants": "AutomorphismOrders GroupSeries MaximalSubgroup PcPresentation SylowSubgroup",
        "parsing.grammar": "parse_group",
        "space": "SpaceMatrices",
        "specs.tree": "GroupSpec spec_from_json",
        "table_equivalence": "TableEquivalence",
        "subgroups": "NormalSubgroup NormalSubgroups SubgroupClass SubgroupClasses TableOfMarks",
    },
)
