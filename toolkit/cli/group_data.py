"""What a group's page shows, gathered: every part is a value, or the sentence why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from toolkit.errors import GapError, NotAvailable, NotCachedError, ToolkitError
from toolkit.exact.residues import ResidueField

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.groups.characters import CharacterTable
    from toolkit.groups.subgroups import NormalSubgroups, SubgroupClasses
    from toolkit.library.group import Group
    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.modules.spherical import SphericalTable

__all__ = ["CosetModule", "Gatherer", "NaturalPart", "coset_modules", "maximal_subgroups"]

_MOST_FOR_MARKS = 60
_MOST_MODULES_ASKED = 12


@dataclass(frozen=True)
class CosetModule:
    """What the page says about Fun(G/H).

    Parameters
    ----------
    label
        Label of H.
    multiplicities
        By label of the simple.
    rank
        Number of orbitals of G/H.
    primitive
        Whether H is maximal; ``None`` if that was not decided.
    """

    label: str
    multiplicities: dict[str, int]
    rank: int
    primitive: bool | None


@dataclass(frozen=True)
class NaturalPart:
    """A transitive part of the natural module with its spherical table."""

    module: PermutationModule
    table: SphericalTable


@dataclass
class Gatherer:
    """Asks a group its questions one by one, and keeps what could not be answered, and why."""

    group: Group
    missing: list[dict[str, str]] = field(default_factory=list)
    status: int = 0

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
    ) -> list[CosetModule]:
        """Return Fun(G/H) for each class, by characters where there is a table."""
        if table is not None and all(c.class_counts for c in classes):
            maximal = self._maximal(classes)
            return coset_modules(table, classes, maximal)
        out = []
        for c in list(classes)[-_MOST_MODULES_ASKED:]:
            module = self.group.coset_module(c)
            m = self.get(f"Fun(G/{c.label})", lambda module=module: module.multiplicities)
            if m is not None:
                out.append(CosetModule(c.label, m, module.rank, None))
        return out

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
            return [NaturalPart(p, p.spherical_table) for p in module.transitive_parts]

        return self.get("the natural module", ask) or []


def maximal_subgroups(labels: Sequence[str], rows: Sequence[Sequence[int]]) -> set[str]:
    """Return the labels of the maximal subgroups, from a table of marks.

    H_i lies in a conjugate of H_j exactly if it fixes a point of G/H_j.
    """
    last = len(rows) - 1
    return {
        labels[i]
        for i in range(last)
        if not any(rows[j][i] for j in range(i + 1, last))
    }


def coset_modules(
    table: CharacterTable, classes: SubgroupClasses, maximal: set[str] | None
) -> list[CosetModule]:
    """Return multiplicities and rank of Fun(G/H) for each class of subgroups.

    dim L^H = (1/|H|) sum over classes of |H and class| chi_L(class), an integer between 0 and
    dim L, read off modulo a prime of more than twice that size: exact, and GAP is not asked.
    """
    bound = max(s.dimension for s in table.simples)
    field_ = ResidueField(ResidueField.common_conductor(table.values), 2 * bound)
    values = field_.map(table.values)
    characters = [[values[v] for v in s.row] for s in table.simples]
    out = []
    for c in classes:
        scale = field_.inverse(c.order % field_.prime)
        met = [(k, n) for k, n in enumerate(c.class_counts) if n]
        found, rank = {}, 0
        for simple, chi in zip(table.simples, characters, strict=True):
            fixed = field_.to_int(sum(n * chi[k] for k, n in met) * scale)
            multiplicity, rest = divmod(fixed, simple.endomorphism_dimension)
            if rest or not 0 <= fixed <= simple.dimension:
                from toolkit.errors import InconsistentAnswerError

                raise InconsistentAnswerError(
                    table.group, f"dim {simple.label}^H to be a multiplicity", f"{fixed}"
                )
            if multiplicity:
                found[simple.label] = multiplicity
                rank += multiplicity * fixed
        primitive = None if maximal is None else c.label in maximal
        out.append(CosetModule(c.label, found, rank, primitive))
    return out
