"""A finite group as its users hold it: ask, and the store or GAP answers."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from toolkit.errors import (
    InconsistentAnswerError,
    ModuleMismatchError,
    NotAvailable,
)
from toolkit.exact.records import decode
from toolkit.groups.character_table import CharacterTable, RealSimple
from toolkit.groups.facts import GroupFacts
from toolkit.groups.specs.tree import Cyclic, Dihedral, GroupSpec, Table, direct_product
from toolkit.groups.subgroups import (
    NormalSubgroup,
    NormalSubgroups,
    SubgroupClasses,
    TableOfMarks,
    characteristic_subgroups,
    normal_subgroups_of_table,
    with_generators,
)
from toolkit.library.modules import construct as making
from toolkit.library.modules.sources import ActionSource
from toolkit.text import shortened

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from toolkit.library.modules.construct import SubgroupLike
    from toolkit.library.session import Session, Stopwatch
    from toolkit.modules.fourier.basis import FourierBasis
    from toolkit.modules.gset_expressions import Home, ModuleSource
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.modules.signed_module import SignedModule

__all__ = ["DEFAULT_SUBGROUP_LIMIT", "Group"]

DEFAULT_SUBGROUP_LIMIT = 20_000


class Group:
    """A finite group, made by :func:`toolkit.group`.

    Properties are exact and lazy: each is looked up in the cache and the bundled answers, and
    else asked of GAP, checked and stored. Any of them may raise
    :class:`~toolkit.errors.NotAvailable`, which says why and what can be asked instead, or a
    :class:`~toolkit.errors.GapError`.

    Parameters
    ----------
    spec
        The group's description.
    session
        The store and the GAP processes to use.

    Examples
    --------
    >>> import toolkit as tk
    >>> G = tk.group("S4")
    >>> G.order, G.small_group_id, G.is_solvable
    (24, (24, 12), True)
    >>> [(L.label, L.dimension, L.type) for L in G.simples]
    [('L0', 1, 'R'), ('L1', 1, 'R'), ('L2', 2, 'R'), ('L3', 3, 'R'), ('L4', 3, 'R')]
    """

    def __init__(self, spec: GroupSpec, session: Session) -> None:
        self.spec = spec
        self.session = session
        self._subgroups: dict[tuple[int | None, int], SubgroupClasses] = {}
        #: Fourier bases of transitive modules, kept by :mod:`toolkit.library.fourier`.
        self.fourier_bases: dict[str, FourierBasis] = {}

    @property
    def name(self) -> str:
        """Canonical name."""
        return self.spec.name

    def __repr__(self) -> str:
        return f"<group {shortened(self.name)}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Group) and self.spec == other.spec

    def __hash__(self) -> int:
        return hash(self.spec)

    @property
    def is_table_only(self) -> bool:
        """Whether only the character table is known (``Table(M)``)."""
        return isinstance(self.spec, Table)

    # facts ----------------------------------------------------------------------------------

    @cached_property
    def facts(self) -> GroupFacts:
        """Everything that fits on a line each, in one record."""

        def compute(watch: Stopwatch) -> GroupFacts:
            from toolkit.groups.laws import check_facts

            raw = self.ask("facts", {}, watch)
            facts: GroupFacts = self.read(GroupFacts, raw)
            check_facts(self.name, facts)
            return facts

        return self.session.fetch(self.name, "facts", None, GroupFacts, compute)

    @property
    def order(self) -> int:
        """|G|."""
        return self.facts.order

    @property
    def small_group_id(self) -> tuple[int, int] | None:
        """``(order, index)`` in the small groups library, or ``None`` if it is not known there."""
        return self.facts.id

    @property
    def description(self) -> str | None:
        """GAP's structure description: helpful, heuristic, never an identifier."""
        return self.facts.description

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names: the library's identifier and GAP's description. Never identifiers here."""
        out = []
        if self.facts.id is not None:
            out.append("SmallGroup({},{})".format(*self.facts.id))
        if self.facts.description is not None:
            out.append(self.facts.description)
        return tuple(dict.fromkeys(a for a in out if a != self.name))

    @property
    def exponent(self) -> int | None:
        """Least common multiple of the element orders; ``None`` for huge groups."""
        return self.facts.exponent

    @property
    def is_abelian(self) -> bool:
        """Whether the group is abelian."""
        return self.facts.abelian

    @property
    def is_nilpotent(self) -> bool:
        """Whether the group is nilpotent."""
        return self.facts.nilpotent

    @property
    def is_solvable(self) -> bool:
        """Whether the group is solvable."""
        return self.facts.solvable

    @property
    def is_perfect(self) -> bool:
        """Whether the group equals its derived subgroup."""
        return self.facts.perfect

    @property
    def is_simple(self) -> bool:
        """Whether the group is simple."""
        return self.facts.simple

    # characters -----------------------------------------------------------------------------

    @cached_property
    def character_table(self) -> CharacterTable:
        """The complex character table with the real simples, in canonical order."""

        def compute(watch: Stopwatch) -> CharacterTable:
            from toolkit.groups.canonical_order import RawCharacterTable, canonical_character_table
            from toolkit.groups.laws import check_character_table

            raw = self.read(RawCharacterTable, self.ask("character_table", {}, watch))
            dihedral = isinstance(self.spec, Dihedral) and self.spec.order > 4
            n: int | None = None
            if isinstance(self.spec, Cyclic):
                n = self.spec.order
            elif isinstance(self.spec, Dihedral) and dihedral:
                n = self.spec.order // 2
            table = canonical_character_table(self.name, raw, paper_order=n, dihedral=dihedral)
            check_character_table(table)
            return table

        return self.session.fetch(self.name, "character_table", None, CharacterTable, compute)

    @property
    def simples(self) -> tuple[RealSimple, ...]:
        """The real simples, the trivial one first."""
        return self.character_table.simples

    @property
    def has_table(self) -> bool:
        """Whether the character table is within reach; decided without computing it."""
        return self.is_table_only or self.facts.table is True

    # subgroups ------------------------------------------------------------------------------

    def normal_subgroups(self, *, generators: bool = True) -> NormalSubgroups:
        """Return all normal subgroups with their inclusions; ``.graph`` is a networkx DiGraph.

        Parameters
        ----------
        generators
            Whether generators and (for small quotients) descriptions of G/N are wanted; without
            them the character table alone is used.
        """
        lattice = normal_subgroups_of_table(self.character_table)
        if not generators or self.is_table_only:
            return lattice

        def compute(watch: Stopwatch) -> NormalSubgroups:
            answer = self.ask(
                "normal_subgroups",
                {
                    "reps": list(self.character_table.representatives),
                    "sets": [list(n.classes) for n in lattice],
                    "orders": [n.order for n in lattice],
                },
                watch,
            )
            if len(answer) != len(lattice):
                raise InconsistentAnswerError(
                    self.name, f"{len(lattice)} normal subgroups", str(len(answer))
                )
            return with_generators(
                lattice, [(tuple(a["generators"]), a["quotient"]) for a in answer]
            )

        return self.session.fetch(self.name, "normal_subgroups", None, NormalSubgroups, compute)

    @property
    def centre(self) -> NormalSubgroup:
        """The centre, as a member of :meth:`normal_subgroups`."""
        return characteristic_subgroups(self.character_table, self.normal_subgroups())["centre"]

    @property
    def derived_subgroup(self) -> NormalSubgroup:
        """The derived subgroup, as a member of :meth:`normal_subgroups`."""
        return characteristic_subgroups(self.character_table, self.normal_subgroups())["derived"]

    def subgroup_classes(
        self, max_index: int | None = None, *, limit: int = DEFAULT_SUBGROUP_LIMIT
    ) -> SubgroupClasses:
        """Return the conjugacy classes of subgroups, smallest first.

        Parameters
        ----------
        max_index
            Only those of index at most this.
        limit
            The most classes wanted; ``.complete`` says whether that cut anything off.

        Raises
        ------
        NotAvailable
            If there are clearly more than ``limit``, or the group is too large for listing all.
        """
        if max_index is not None and max_index < 1:
            raise ValueError(f"max_index must be at least 1, not {max_index}")
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
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

        def compute(watch: Stopwatch) -> SubgroupClasses:
            from toolkit.groups.laws import check_subgroup_classes
            from toolkit.groups.subgroup_ordering import (
                RawSubgroupClasses,
                canonical_subgroup_classes,
            )

            answer = self.ask(
                "subgroup_classes",
                {"reps": self.class_representatives(), "max_index": max_index, "limit": limit},
                watch,
            )
            raw = self.read(RawSubgroupClasses, answer)
            classes = canonical_subgroup_classes(self.name, self.order, raw, max_index)
            check_subgroup_classes(self.name, self.order, classes)
            return classes

        out = self.session.fetch(
            self.name,
            "subgroup_classes",
            {"max_index": max_index, "limit": limit},
            SubgroupClasses,
            compute,
        )
        self._subgroups[max_index, limit] = out
        return out

    def table_of_marks(self) -> TableOfMarks:
        """Return the table of marks: fixed points of subgroups on cosets of subgroups."""

        def compute(watch: Stopwatch) -> TableOfMarks:
            from toolkit.groups.laws import check_table_of_marks

            labels: tuple[str, ...] = ()
            subgroups: list[list[object]] = []
            if not self.is_table_only:
                classes = self.subgroup_classes()
                if not classes.complete:
                    raise NotAvailable(
                        self.name, "the table of marks", "not all subgroups are listed"
                    )
                labels = tuple(c.label for c in classes)
                subgroups = [list(c.generators) for c in classes]
            answer = self.ask("table_of_marks", {"subgroups": subgroups}, watch)
            rows = tuple(tuple(row) for row in answer["rows"])
            orders = tuple(answer["orders"])
            check_table_of_marks(self.name, self.order, rows, orders)
            return TableOfMarks(self.name, rows, orders, labels)

        return self.session.fetch(self.name, "table_of_marks", None, TableOfMarks, compute)

    def class_representatives(self) -> list[object]:
        """Return the canonical class representatives, or nothing if there is no table."""
        return list(self.character_table.representatives) if self.has_table else []

    # modules --------------------------------------------------------------------------------

    def regular_module(self) -> PermutationModule:
        """Return Fun(G), G acting by right multiplication.

        Its spherical table needs the character table only.
        """
        return making.regular_module(self)

    def natural_module(self) -> PermutationModule:
        """Return the module of the action that came with the group's name or generators.

        Raises
        ------
        NotAvailable
            If the name brings no action (``SmallGroup(24,12)``, ``Q8``, presentations).
        """
        self._require_elements("the natural module")
        return making.natural_module(self)

    def coset_module(self, subgroup: SubgroupLike) -> PermutationModule:
        """Return Fun(G/H).

        Parameters
        ----------
        subgroup
            H: a class from :meth:`subgroup_classes` (a representative is taken), its label
            (``"H4a"``), a normal subgroup or its label (``"N2"``), or a list of generators:
            elements as data (``{"perm": ...}``, ``{"pc": ...}``), words in the group's generators
            (``{"word": [0, ~1]}``, counted from 0, ``~i`` an inverse), or plain 0-based image
            lists for a permutation group. The empty list is the trivial subgroup.

        Raises
        ------
        ModuleMismatchError
            If there is no such subgroup (a ValueError).
        """
        self._require_elements("a coset module")
        return making.coset_module(self, subgroup)

    def module_from_images(self, images: ArrayLike, name: str | None = None) -> PermutationModule:
        """Return Fun(X) for any finite G-set X, given by what the generators do to its points.

        Parameters
        ----------
        images
            ``(k, n)`` integers, 0-based: ``images[g][i]`` is the image of point i under the g-th
            generator, in the order of the group's generators (that of :attr:`facts` and of every
            module's ``images``).
        name
            The module's name.

        Raises
        ------
        ModuleMismatchError
            If a row is not a permutation: at once. If the images are no action of the group:
            when GAP is first asked about the module, since orbitals and images need no GAP.

        Examples
        --------
        >>> import toolkit as tk
        >>> tk.group("C4").module_from_images([[1, 0, 3, 2]]).multiplicities
        {'L0': 2, 'L1': 2}
        """
        return making.module_from_images(self, images, name)

    def signed_coset_module(self, subgroup: SubgroupLike, kernel: SubgroupLike) -> SignedModule:
        """Return the functions on G/K that change sign under H/K, for K of index 2 in H.

        Parameters
        ----------
        subgroup, kernel
            H and K, each as in :meth:`coset_module`; K must lie in H, not only in a conjugate.
            K = H gives the module Fun(G/H) with all signs +.

        Raises
        ------
        ModuleMismatchError
            If K does not lie in H, or has another index in it than 1 or 2.
        """
        from toolkit.library.modules.signed import signed_coset_module

        self._require_elements("a signed coset module")
        return signed_coset_module(self, subgroup, kernel)

    def index_two_subgroups(self, subgroup: SubgroupLike) -> tuple[tuple[object, ...], ...]:
        """Return the subgroups of index 2 in H by generators, one for each class under N_G(H).

        They are the kernels of the sign characters of H, for :meth:`signed_coset_module`.
        """
        from toolkit.library.modules.signed import index_two_subgroups

        self._require_elements("subgroups of index 2")
        return index_two_subgroups(self, subgroup)

    def permutation_modules(
        self, max_index: int | None = None, *, limit: int = DEFAULT_SUBGROUP_LIMIT
    ) -> tuple[PermutationModule, ...]:
        """Return one transitive module for each class of subgroups, the regular one first.

        Parameters
        ----------
        max_index
            Only those with at most this many points.
        limit
            As in :meth:`subgroup_classes`.
        """
        return tuple(self.coset_module(c) for c in self.subgroup_classes(max_index, limit=limit))

    # as the home of modules ----------------------------------------------------------------

    def table_within_reach(self) -> CharacterTable | None:
        """Return the character table, or ``None`` if it is out of reach."""
        return self.character_table if self.has_table else None

    def source_of_action(self, images: IntArray, name: str) -> ModuleSource:
        """Return the source of a transitive G-set given by images."""
        return ActionSource(self, images, name)

    def direct_product(self, other: Home) -> Group:
        """Return the direct product; this group's generators come first."""
        if not isinstance(other, Group):
            raise ModuleMismatchError(f"a group is required, such as tk.group('S3'), not {other!r}")
        return Group(direct_product([self.spec, other.spec]), self.session)

    def factor_classes(self, factors: tuple[Home, ...]) -> tuple[tuple[int, ...], ...] | None:
        """Return, per factor of this product and per class, the class of the component."""
        from toolkit.library.modules.direct_products import factor_classes

        return factor_classes(self, tuple(f for f in factors if isinstance(f, Group)))

    # asking ---------------------------------------------------------------------------------

    def ask(self, request: str, args: dict[str, Any], watch: Stopwatch) -> Any:  # noqa: ANN401
        """Ask GAP about this group, past the store; the answer is unchecked JSON data."""
        return self.session.ask_gap(
            request, {"group": self.spec.to_json(), **args}, subject=self.name, watch=watch
        )

    def read(self, kind: type[Any], data: object) -> Any:  # noqa: ANN401
        """Read GAP's answer as a record; an answer of another form breaks a law."""
        try:
            return decode(kind, data)
        except ValueError as error:
            raise InconsistentAnswerError(
                self.name, f"an answer of the form {kind.__name__}", str(error)
            ) from None

    def _require_elements(self, what: str) -> None:
        if self.is_table_only:
            raise NotAvailable(
                self.name,
                what,
                "only the character table is known; name the group itself to work with elements",
            )
