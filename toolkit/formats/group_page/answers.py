"""The answers on a group's page: each a value, or the reason why there is none."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from toolkit.cached import cached_property
from toolkit.errors import (
    GapError,
    GapTimeoutError,
    NotAvailable,
    NotCachedError,
    ToolkitError,
)
from toolkit.groups.multipliers import multiplier_by_theory
from toolkit.groups.permutation_characters import (
    CosetDecomposition,
    decompose_coset_modules,
    maximal_subgroups,
)
from toolkit.groups.specs.families import Family
from toolkit.groups.subgroups import normal_subgroups_of_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.facts import GroupFacts
    from toolkit.groups.invariants import (
        AutomorphismOrders,
        GroupSeries,
        MaximalSubgroup,
        PcPresentation,
        SylowSubgroup,
    )
    from toolkit.groups.subgroups import (
        NormalSubgroup,
        NormalSubgroups,
        SubgroupClass,
        SubgroupClasses,
    )
    from toolkit.library.group import Group
    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.modules.spherical import SphericalTable

Answer = TypeVar("Answer")

_MOST_FOR_MARKS = 60
#: Modules that are decomposed one by one, each by a question to GAP, unless all are wanted.
_MOST_ONE_BY_ONE = 30
#: The default of --seconds and of --most.
SECONDS, MOST = 10.0, 200
_LARGEST_FOR_MULTIPLIER = 2000
_MOST_CLASSES_FOR_SOCLE = 200
_HUGE = 10**60


class NaturalPart(NamedTuple):
    """A transitive part of the natural module with its spherical table."""

    module: PermutationModule
    table: SphericalTable


class ModuleRow(NamedTuple):
    """What is known of Fun(G/H); ``None`` for what is not, and then there is a reason."""

    label: str
    multiplicities: dict[str, int] | None
    rank: int | None
    primitive: bool | None


def by_name(group: Group) -> bool:
    """Whether the name of a group says what GAP's description would: ``C2048``, ``D6000``."""
    spec = group.spec
    return isinstance(spec, Family) and spec.family in ("C", "D")


class Gatherer:
    """Collects the answers about a group, and the reasons for those that are missing.

    Parameters
    ----------
    group
        The group.
    seconds
        Time for each of the answers that are only added where GAP is quick; ``None`` for the
        default, with which what is likely to take long is not asked at all.
    most
        How many classes of subgroups, the largest, get names and modules; ``None`` for all.
    """

    def __init__(
        self, group: Group, *, seconds: float | None = None, most: int | None = MOST
    ) -> None:
        self.group = group
        self.seconds = SECONDS if seconds is None else seconds
        self.patient = seconds is not None
        self.most = most
        self.missing: list[dict[str, Any]] = []
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
        self.miss(what, reason)
        return None

    def miss(self, what: str, reason: str, rows: Sequence[str] = ()) -> None:
        """Add a gap, once, with the labels of the rows that it concerns."""
        entry: dict[str, Any] = {"what": what, "reason": reason}
        if rows:
            entry["rows"] = list(rows)
        if entry not in self.missing:
            self.missing.append(entry)

    def reason(self, what: str) -> str:
        """Return why an answer is missing; empty if it is not."""
        return next((gap["reason"] for gap in self.missing if gap["what"] == what), "")

    def extra(
        self, what: str, ask: Callable[[], Answer], seconds: float | None = None
    ) -> Answer | None:
        """Return an answer that GAP gives within the seconds allowed, or ``None`` and a gap.

        The exit status stays as it is: the page is whole without it.
        """
        limit = self.seconds if seconds is None else seconds
        try:
            with self.group.session.time_limit(limit, keep=True):
                return ask()
        except NotAvailable as error:
            reason = error.reason
        except NotCachedError:
            reason = "not in the cache, and GAP is not to be started (offline)"
        except GapTimeoutError as error:  # now, or earlier with as many seconds or more
            most = max(limit, round(error.seconds, 2))
            reason = f"not computed within {most:g} s; raise with --seconds N"
        except GapError as error:
            reason = str(error)
        self.miss(what, reason)
        return None

    # -- the group ---------------------------------------------------------------------------

    @cached_property
    def facts(self) -> GroupFacts:
        """The facts, completed from the character table; each one that is missing is a gap."""
        G = self.group
        facts = G.facts
        orders = facts.subgroups
        if G.has_table and facts.exponent is None:
            table = self.table()
            if table is not None:
                facts = replace(facts, exponent=facts.exponent or math.lcm(*table.element_orders))
        if G.has_table and orders.socle is None:
            orders = replace(orders, socle=self._socle())
            facts = replace(facts, subgroups=orders)
        if facts.exponent is None:
            self.miss("the exponent", "asked up to order 2000000, or from the character table")
        if facts.id is None:
            reason = "identified up to order 2000 (not 512, 1024, 1536) by the library's own data"
            self.miss("the small group number", self._of_table() or reason)
        if facts.description is None and by_name(G):
            facts = replace(facts, description=G.name)
        if facts.description is None:
            reason = (
                "GAP's StructureDescription is asked up to order 200 (not 64, 128, 192), for "
                "simple groups, and for abelian ones up to order 2000: it can take very long"
            )
            self.miss("the description", self._of_table() or reason)
        absent = [
            word
            for word, value in (
                ("Frattini subgroup", orders.frattini),
                ("Fitting subgroup", orders.fitting),
                ("socle", orders.socle),
                ("radical", orders.radical),
            )
            if value is None
        ]
        if absent:
            reason = "asked up to order 100000, and up to 20000 for groups that are not solvable"
            self.miss(f"the orders of: {', '.join(absent)}", self._of_table() or reason)
        return facts

    def _socle(self) -> int | None:
        """Return the order of the least normal subgroup that contains all minimal ones."""
        table = self.table()
        if table is None or len(table) > _MOST_CLASSES_FOR_SOCLE:
            return None
        try:
            lattice = normal_subgroups_of_table(table)
        except NotAvailable:
            return None
        minimal = {c for i, j in lattice.covers if i == 0 for c in lattice[j].classes}
        return next(n.order for n in lattice if minimal <= set(n.classes))

    def _of_table(self) -> str:
        return "only the character table is known" if self.group.is_table_only else ""

    def table(self) -> CharacterTable | None:
        """Return the character table."""
        found: CharacterTable | None = self.get(
            "the character table", lambda: self.group.character_table
        )
        return found

    @cached_property
    def series(self) -> GroupSeries | None:
        """The chief and central series."""
        return self.extra("the chief and central series", self.group.series)

    @cached_property
    def sylow(self) -> tuple[SylowSubgroup, ...] | None:
        """Sylow subgroups."""
        return self._unless_huge("the Sylow subgroups", self.group.sylow_subgroups)

    @cached_property
    def maximal(self) -> tuple[MaximalSubgroup, ...] | None:
        """Classes of maximal subgroups."""
        return self._unless_huge("the maximal subgroups", self.group.maximal_subgroups)

    @cached_property
    def automorphisms(self) -> AutomorphismOrders | None:
        """Orders of automorphism groups."""
        return self.extra("the automorphism group", self.group.automorphism_orders)

    def _unless_huge(self, what: str, ask: Callable[[], Answer]) -> Answer | None:
        if self.group.is_table_only or self.patient or self.group.order < _HUGE:
            return self.extra(what, ask)
        digits = len(str(_HUGE)) - 1
        self.miss(what, f"not asked for orders of more than {digits} digits; ask with --seconds N")
        return None

    @cached_property
    def multiplier(self) -> tuple[int, ...] | None:
        """The Schur multiplier; not asked of large groups unless a time is given."""
        G, what = self.group, "the Schur multiplier"
        likely = G.is_table_only or G.order <= _LARGEST_FOR_MULTIPLIER or self.patient
        known = likely or multiplier_by_theory(G.facts) is not None
        if not known and G.session.where(G.name, "schur_multiplier") is None:
            reason = (
                f"not asked above order {_LARGEST_FOR_MULTIPLIER}, where it can take long; ask "
                "with --seconds N"
            )
            self.miss(what, reason)
            return None
        return self.extra(what, G.schur_multiplier)

    @cached_property
    def presentation(self) -> PcPresentation | None:
        """The relations of f1, f2, ..., if elements are words in these; no gap otherwise."""
        generators = self.group.facts.generators
        if not any(isinstance(g, dict) and "pc" in g for g in generators):
            return None
        return self.extra("the presentation", self.group.pc_presentation)

    @cached_property
    def cycle_types(self) -> tuple[tuple[int, ...], ...] | None:
        """Cycle types of the classes, if elements are permutations of points; no gap otherwise."""
        try:
            return self.group.cycle_types()
        except NotAvailable:
            return None

    def note_without_table(self, table: CharacterTable | None) -> None:
        """Add the gaps that the page passes over and data should name."""
        if table is not None:
            return
        reason = self.reason("the table") or self.reason("the character table")
        self.miss("the normal subgroups", f"they need the character table: {reason}")
        if self.facts.points:
            self.miss("the cycle types", f"they need the character table: {reason}")

    @cached_property
    def partitions(self) -> dict[str, tuple[int, ...]] | None:
        """Partitions of the simples of a symmetric group; no gap for others."""
        try:
            return self.group.partitions()
        except NotAvailable:
            return None

    # -- subgroups ---------------------------------------------------------------------------

    def normal_subgroups(self) -> NormalSubgroups | None:
        """Return the normal subgroups, quotients named as far as they can be."""
        return self._normal

    @cached_property
    def _normal(self) -> NormalSubgroups | None:
        found: NormalSubgroups | None = self.get(
            "the normal subgroups", self.group.normal_subgroups
        )
        if found is None or self.group.is_table_only:
            return found
        nameless = [n for n in self._first(found.subgroups) if n.quotient is None]
        if not nameless:
            return found
        names = self.extra("names of quotients", lambda: self.group.quotient_names(nameless))
        if names is None:
            return found
        known = {n.label: name for n, name in zip(nameless, names, strict=True)}
        self._nameless("names of quotients", [n.label for n in nameless], names)
        return replace(
            found,
            subgroups=tuple(
                replace(n, quotient=n.quotient or known.get(n.label)) for n in found.subgroups
            ),
        )

    def subgroup_classes(self, max_index: int | None) -> SubgroupClasses | None:
        """Return the classes of subgroups."""
        found: SubgroupClasses | None = self.get(
            "the classes of subgroups", lambda: self.group.subgroup_classes(max_index)
        )
        return found

    def subgroup_names(
        self, subgroups: Iterable[SubgroupClass | NormalSubgroup], what: str
    ) -> dict[str, str | None]:
        """Return names by label, of as many as get one; ``None`` and a gap for the others."""
        asked = [s for s in subgroups if s.generators is not None]
        if not asked:
            return {}
        chosen = self._first(asked, largest=True)
        names = self.extra(what, lambda: self.group.subgroup_names(chosen))
        if names is None:
            return {s.label: None for s in asked}
        self._nameless(what, [s.label for s in chosen], names)
        known = {s.label: name for s, name in zip(chosen, names, strict=True)}
        self._too_many(what, [s.label for s in asked if s.label not in known])
        return {s.label: known.get(s.label) for s in asked}

    def _nameless(self, what: str, labels: Sequence[str], names: Sequence[str | None]) -> None:
        rows = [label for label, name in zip(labels, names, strict=True) if name is None]
        if rows:
            reason = (
                "no name is known: groups of order up to 2000 (not 512, 1024, 1536), abelian, "
                "simple and symmetric ones are named"
            )
            self.miss(what, reason, rows)

    def _first(self, rows: Sequence[Answer], *, largest: bool = False) -> Sequence[Answer]:
        if self.most is None or len(rows) <= self.most:
            return rows
        return rows[-self.most :] if largest else rows[: self.most]

    def _too_many(self, what: str, rows: Sequence[str]) -> None:
        if rows:
            reason = (
                f"answered for the {self.most} largest classes; raise with --most N, or --full "
                "for all"
            )
            self.miss(what, reason, rows)

    # -- modules -----------------------------------------------------------------------------

    def coset_modules(
        self, table: CharacterTable | None, classes: SubgroupClasses
    ) -> list[ModuleRow]:
        """Return a row for each class: by characters where there is a table."""
        what = "the modules Fun(G/H)"
        chosen = self._first(classes.classes, largest=True)
        found: list[CosetDecomposition] | None = None
        if table is not None and all(c.class_counts for c in classes):
            chosen = classes.classes
            found = decompose_coset_modules(table, classes, None)
        elif table is not None:
            found = self._by_counts(table, classes, chosen)
        if found is None:
            found, chosen = self._one_by_one(chosen, what)
        self._too_many(what, [c.label for c in classes.classes[: len(classes) - len(chosen)]])
        known = {m.label: m for m in found}
        primitive = self._primitive(classes, chosen, known)
        out = []
        for c in classes:
            m = known.get(c.label)
            out.append(
                ModuleRow(c.label, None, None, primitive.get(c.label))
                if m is None
                else ModuleRow(c.label, m.multiplicities, m.rank, primitive.get(c.label))
            )
        return out

    def _by_counts(
        self, table: CharacterTable, classes: SubgroupClasses, chosen: Sequence[SubgroupClass]
    ) -> list[CosetDecomposition] | None:
        """Decompose by counting elements by class; ``None`` where that is out of reach."""
        try:
            with self.group.session.time_limit(max(self.seconds, 60.0), keep=True):
                counts = self.group.class_counts(chosen)
        except ToolkitError:  # the modules are asked one by one then
            return None
        counted_classes = tuple(
            replace(c, class_counts=n) for c, n in zip(chosen, counts, strict=True)
        )
        return decompose_coset_modules(table, replace(classes, classes=counted_classes), None)

    def _one_by_one(
        self, chosen: Sequence[SubgroupClass], what: str
    ) -> tuple[list[CosetDecomposition], Sequence[SubgroupClass]]:
        few = chosen
        if self.most is not None and not self.patient:
            few = chosen[-_MOST_ONE_BY_ONE:]
            rows = [c.label for c in chosen[: len(chosen) - len(few)]]
            if rows:
                reason = (
                    f"each needs a question of its own, asked for the {_MOST_ONE_BY_ONE} largest; "
                    "ask for more with --seconds N or --full"
                )
                self.miss(what, reason, rows)
        out: list[CosetDecomposition] = []
        for c in few:
            found = self.get(f"Fun(G/{c.label})", partial(self._asked, c))
            if found is not None:
                out.append(found)
        return out, chosen

    def _asked(self, subgroup: SubgroupClass) -> CosetDecomposition:
        module = self.group.coset_module(subgroup)
        return CosetDecomposition(subgroup.label, module.multiplicities, module.rank, None)

    def _primitive(
        self,
        classes: SubgroupClasses,
        chosen: Sequence[SubgroupClass],
        known: dict[str, CosetDecomposition],
    ) -> dict[str, bool]:
        """Return which H are maximal: by the table of marks where it is small, else by GAP."""
        whole = classes.complete and classes.max_index is None
        if whole and len(classes) <= _MOST_FOR_MARKS:
            try:
                marks = self.group.table_of_marks()
            except ToolkitError:
                pass  # GAP is asked below
            else:
                maximal = maximal_subgroups(marks.labels, marks.rows)
                return {c.label: c.label in maximal for c in classes}
        found = self.extra("which subgroups are maximal", lambda: self.group.are_maximal(chosen))
        if found is not None:
            return {c.label: flag for c, flag in zip(chosen, found, strict=True)}
        # of rank 2: 2-transitive, so that H is maximal
        return {label: True for label, m in known.items() if m.rank == 2} | {
            c.label: False for c in chosen if c.index == 1
        }

    def natural_parts(self) -> list[NaturalPart]:
        """Return the transitive parts of the natural module; empty if the name brings none."""
        if self.group.is_table_only or not self.group.facts.points:
            return []

        def ask() -> list[NaturalPart]:
            module = self.group.natural_module()
            return [NaturalPart(p, p.spherical_table) for p in module.orbits]

        return self.extra("the natural module", ask, 3 * self.seconds) or []
