"""The structure of a finite group: characters and subgroups, from the store or from GAP."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from toolkit.cached import cached_property
from toolkit.deprecation import deprecated
from toolkit.errors import InconsistentAnswerError, NotAvailable
from toolkit.exact.records import decode
from toolkit.groups.specs.families import Family
from toolkit.groups.subgroups import (
    NormalSubgroup,
    NormalSubgroups,
    SubgroupClasses,
    TableOfMarks,
    characteristic_subgroups,
    minimal_normal_subgroups,
    normal_subgroups_of_table,
    with_generators,
)
from toolkit.library import formulas, questions
from toolkit.library.described_group import DescribedGroup

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from toolkit.groups.character_table import CharacterTable, RealSimple
    from toolkit.groups.closed_forms.form import ClosedForm
    from toolkit.groups.invariants import SylowSubgroup
    from toolkit.modules.gset_expressions import Backend, ModuleGroup
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.signed_module import SignedModule

DEFAULT_SUBGROUP_LIMIT = 20_000


class GroupStructure(DescribedGroup, ABC):
    """A finite group without its modules, which :class:`toolkit.Group` adds.

    Made as its base class is, :class:`~toolkit.library.described_group.DescribedGroup`.
    """

    # characters -----------------------------------------------------------------------------

    @cached_property
    def character_table(self) -> CharacterTable:
        """The complex character table with the real simples, in canonical order.

        For a group with a closed form (:mod:`toolkit.groups.closed_forms`) the rows are computed
        when they are first used, without GAP.

        Raises
        ------
        NotAvailable
            If it is out of reach; the message names the setting that raises the limit, if that
            helps.
        """
        form = self._table_form
        if form is not None and not self._has_stored_table(form):
            formulas.require_listable(self.session.settings, form)
            return form.table()

        def read(answer: object) -> CharacterTable:
            from toolkit.groups.canonical_order import canonical_character_table
            from toolkit.groups.gap_table import read_gap_table

            raw = read_gap_table(answer)
            n: int | None = None
            dihedral = False
            match self.spec:
                case Family("C", (order,)):
                    n = order
                case Family("D", (order,)) if order > 4:
                    n, dihedral = order // 2, True
            return canonical_character_table(self.name, raw, paper_order=n, dihedral=dihedral)

        return self.answer(questions.CHARACTER_TABLE, send=lambda: self._raised_limit, read=read)

    @property
    def characters_for_gap(self) -> CharacterTable | None:
        """The character table if it is small enough to be sent to GAP, else ``None``.

        For a group with a larger table, each module except the regular one has its own labels of
        simples.
        """
        form = self._table_form
        small = form is None or form.class_count <= formulas.GAP_CLASSES
        return self.character_table if small and self.has_table else None

    def _has_stored_table(self, form: ClosedForm) -> bool:
        """Whether the table can be read, which takes less than a formula for small groups."""
        small = form.class_count <= formulas.GAP_CLASSES
        return small and self.session.where(self.name, questions.CHARACTER_TABLE.name) is not None

    @property
    def simples(self) -> tuple[RealSimple, ...]:
        """The real simples, the trivial one first."""
        return self.character_table.simples

    @property
    def has_table(self) -> bool:
        """Whether the character table is within reach; decided without computing it."""
        form = self._table_form
        if form is not None:
            return formulas.reason_against(self.session.settings, form) is None
        return self.is_table_only or self.facts.table is True

    # subgroups ------------------------------------------------------------------------------

    def normal_subgroups(self, *, generators: bool = True) -> NormalSubgroups:
        """Return all normal subgroups with their inclusions; ``.graph`` is a networkx DiGraph.

        Parameters
        ----------
        generators
            Whether to include generators and, for small quotients, descriptions of G/N; without
            them the character table suffices.
        """
        lattice = normal_subgroups_of_table(self.character_table)
        if not generators or self.is_table_only:
            return lattice

        def read(answer: Any) -> NormalSubgroups:  # noqa: ANN401 - JSON
            if len(answer) != len(lattice):
                raise InconsistentAnswerError(
                    self.name, f"{len(lattice)} normal subgroups", str(len(answer))
                )
            return with_generators(
                lattice, [(tuple(a["generators"]), a["quotient"]) for a in answer]
            )

        return self.answer(
            questions.NORMAL_SUBGROUPS, send=lambda: self._as_classes(lattice), read=read
        )

    def _as_classes(self, subgroups: Iterable[NormalSubgroup]) -> dict[str, Any]:
        """Return normal subgroups by their classes and orders, as GAP reads them."""
        return {
            "reps": list(self.character_table.representatives),
            "sets": [list(n.classes) for n in subgroups],
            "orders": [n.order for n in subgroups],
        }

    def quotient_ids(self) -> tuple[tuple[int, int] | None, ...]:
        """Return the small group identifier of G/N for each minimal normal subgroup N.

        Returns
        -------
        tuple
            For each subgroup, in the order of
            :func:`~toolkit.groups.subgroups.minimal_normal_subgroups`, ``(order, number)``, or
            ``None`` where groups of that order are not identified.
        """
        minimal = minimal_normal_subgroups(self.character_table)

        def read(answer: object) -> tuple[tuple[int, int] | None, ...]:
            found = questions.QUOTIENTS.decode(answer)
            wanted = [n.index for n in minimal]
            fits = all(p is None or p[0] == n for p, n in zip(found, wanted, strict=False))
            if len(found) != len(wanted) or not fits:
                raise InconsistentAnswerError(
                    self.name, f"quotients of orders {wanted}", f"{answer!s:.80}"
                )
            return found

        return self.answer(questions.QUOTIENTS, send=lambda: self._as_classes(minimal), read=read)

    @property
    def centre(self) -> NormalSubgroup:
        """The centre, as an element of :meth:`normal_subgroups`."""
        return characteristic_subgroups(self.character_table, self.normal_subgroups())["centre"]

    @property
    def derived_subgroup(self) -> NormalSubgroup:
        """The derived subgroup, as an element of :meth:`normal_subgroups`."""
        return characteristic_subgroups(self.character_table, self.normal_subgroups())["derived"]

    def subgroup_classes(
        self, max_index: int | None = None, *, limit: int = DEFAULT_SUBGROUP_LIMIT
    ) -> SubgroupClasses:
        """Return the conjugacy classes of subgroups, smallest first.

        Parameters
        ----------
        max_index
            The largest index of a subgroup; ``None`` for all subgroups.
        limit
            The largest number of classes; ``.complete`` says whether any are missing.

        Raises
        ------
        NotAvailable
            If there are certainly more than ``limit``, or if the group is too large to list them
            all.
        ValueError
            If a bound is no whole number of at least 1.
        """
        for what, bound in (("max_index", max_index), ("limit", limit)):
            if bound is None and what == "max_index":
                continue
            if isinstance(bound, bool) or not isinstance(bound, int) or bound < 1:
                raise ValueError(f"{what} must be a whole number, at least 1, not {bound!r:.40}")
        known = self._subgroups.get((max_index, limit))
        if known is not None:
            return known
        self._require_elements("the subgroups")
        everything = {"max_index": None, "limit": DEFAULT_SUBGROUP_LIMIT}
        if max_index is not None and self.session.where(self.name, "subgroup_classes", everything):
            whole = self.subgroup_classes()
            chosen = tuple(c for c in whole if c.index <= max_index)
            if whole.complete and len(chosen) <= limit:
                return replace(whole, classes=chosen, max_index=max_index)

        def send() -> dict[str, Any]:
            return {"reps": self.class_representatives(), "max_index": max_index, "limit": limit}

        def read(answer: object) -> SubgroupClasses:
            from toolkit.groups.canonical_order import (
                RawSubgroupClasses,
                canonical_subgroup_classes,
            )
            from toolkit.groups.laws import check_subgroup_classes

            raw = decode(RawSubgroupClasses, answer)
            classes = canonical_subgroup_classes(self.name, self.order, raw, max_index)
            check_subgroup_classes(self.name, self.order, classes)
            return classes

        key = {"max_index": max_index, "limit": limit}
        out = self.answer(questions.SUBGROUP_CLASSES, key=key, send=send, read=read)
        self._subgroups[max_index, limit] = out
        return out

    def table_of_marks(self) -> TableOfMarks:
        """Return the table of marks: the numbers of fixed points of subgroups on coset spaces.

        Raises
        ------
        NotAvailable
            If not all subgroups can be listed.
        """

        def classes() -> SubgroupClasses | None:
            if self.is_table_only:
                return None
            found = self.subgroup_classes()
            if not found.complete:
                raise NotAvailable(self.name, "the table of marks", "not all subgroups are listed")
            return found

        def send() -> dict[str, Any]:
            return {"subgroups": [list(c.generators) for c in classes() or ()]}

        def read(answer: Any) -> TableOfMarks:  # noqa: ANN401 - JSON
            from toolkit.groups.laws import check_table_of_marks

            rows = tuple(tuple(row) for row in answer["rows"])
            orders = tuple(answer["orders"])
            check_table_of_marks(self.name, self.order, rows, orders)
            return TableOfMarks(self.name, rows, orders, tuple(c.label for c in classes() or ()))

        return self.answer(questions.TABLE_OF_MARKS, send=send, read=read)

    def class_representatives(self) -> list[object]:
        """Return the canonical class representatives; empty without a character table."""
        return list(self.character_table.representatives) if self.has_table else []

    # as the group of a module ---------------------------------------------------------------

    def table_within_reach(self) -> CharacterTable | None:
        """Return the character table, or ``None`` if it is out of reach."""
        return self.character_table if self.has_table else None

    @abstractmethod
    def backend_of_action(self, images: IntArray, name: str) -> Backend:
        """Return the backend of a transitive G-set given by images."""

    @deprecated("Group.source_of_action() is now Group.backend_of_action()")
    def source_of_action(self, images: IntArray, name: str) -> Backend:
        """Return :meth:`backend_of_action`."""
        return self.backend_of_action(images, name)

    @abstractmethod
    def direct_product(self, other: ModuleGroup) -> ModuleGroup:
        """Return the direct product; this group's generators come first."""

    @abstractmethod
    def factor_classes(
        self, factors: tuple[ModuleGroup, ...]
    ) -> tuple[tuple[int, ...], ...] | None:
        """Return, per factor of this product and per class, the class of the component."""

    @abstractmethod
    def signed_module_of_action(
        self, images: IntArray, signs: NDArray[np.int8], name: str
    ) -> SignedModule:
        """Return the signed module of images and signs that are certainly an action."""

    @abstractmethod
    def class_words(self) -> Sequence[Sequence[int]] | None:
        """Return, per class, a word in the generators for one of its elements."""

    @abstractmethod
    def sylow_subgroups(self) -> tuple[SylowSubgroup, ...]:
        """Return a Sylow subgroup for each prime divisor of the order, in increasing order."""

    @abstractmethod
    def simple_matrices(self, label: str) -> NDArray[np.float64]:
        """Return ``(generators, d, d)`` the orthogonal matrices of a simple."""
