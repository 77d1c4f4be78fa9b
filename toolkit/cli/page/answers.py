"""The answers on a group's page: each a value, or the reason why there is none."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from toolkit.errors import GapError, NotAvailable, NotCachedError, ToolkitError
from toolkit.groups.permutation_characters import (
    CosetDecomposition,
    decompose_coset_modules,
    maximal_subgroups,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.subgroups import NormalSubgroups, SubgroupClass, SubgroupClasses
    from toolkit.library.group import Group
    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.modules.spherical import SphericalTable

_MOST_FOR_MARKS = 60
_MOST_MODULES_ASKED = 12


class NaturalPart(NamedTuple):
    """A transitive part of the natural module with its spherical table."""

    module: PermutationModule
    table: SphericalTable


class Gatherer:
    """Collects the answers about a group, and the reasons for those that are missing.

    Parameters
    ----------
    group
        The group.
    """

    def __init__(self, group: Group) -> None:
        self.group = group
        self.missing: list[dict[str, str]] = []
        self.status = 0

    def get(self, what: str, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever is asked
        """Return the answer, or ``None``: then :attr:`missing` has the reason."""
        try:
            return ask()
        except NotAvailable as error:
            reason = error.reason
        except NotCachedError as error:
            reason, self.status = str(error), 4
        except GapError as error:
            reason, self.status = str(error), 3
        self.missing.append({"what": what, "reason": reason})
        return None

    def table(self) -> CharacterTable | None:
        """Return the character table."""
        found: CharacterTable | None = self.get(
            "the character table", lambda: self.group.character_table
        )
        return found

    def normal_subgroups(self) -> NormalSubgroups | None:
        """Return the normal subgroups."""
        found: NormalSubgroups | None = self.get(
            "the normal subgroups", self.group.normal_subgroups
        )
        return found

    def subgroup_classes(self, max_index: int | None) -> SubgroupClasses | None:
        """Return the classes of subgroups."""
        found: SubgroupClasses | None = self.get(
            "the classes of subgroups", lambda: self.group.subgroup_classes(max_index)
        )
        return found

    def coset_modules(
        self, table: CharacterTable | None, classes: SubgroupClasses
    ) -> list[CosetDecomposition]:
        """Return Fun(G/H) for each class, by characters where there is a table."""
        if table is not None and all(c.class_counts for c in classes):
            maximal = self._maximal(classes)
            return decompose_coset_modules(table, classes, maximal)
        out = []
        for c in list(classes)[-_MOST_MODULES_ASKED:]:
            found = self.get(f"Fun(G/{c.label})", partial(self._asked, c))
            if found is not None:
                out.append(found)
        return out

    def _asked(self, subgroup: SubgroupClass) -> CosetDecomposition:
        module = self.group.coset_module(subgroup)
        return CosetDecomposition(subgroup.label, module.multiplicities, module.rank, None)

    def _maximal(self, classes: SubgroupClasses) -> set[str] | None:
        if not classes.complete or classes.max_index is not None or len(classes) > _MOST_FOR_MARKS:
            return None
        try:
            marks = self.group.table_of_marks()
        except ToolkitError:  # a flag in a table is not worth more
            return None
        return maximal_subgroups(marks.labels, marks.rows)

    def natural_parts(self) -> list[NaturalPart]:
        """Return the transitive parts of the natural module; empty if the name brings none."""
        if self.group.is_table_only or not self.group.facts.points:
            return []

        def ask() -> list[NaturalPart]:
            module = self.group.natural_module()
            return [NaturalPart(p, p.spherical_table) for p in module.orbits]

        return self.get("the natural module", ask) or []
