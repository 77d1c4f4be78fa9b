"""Series, Sylow and maximal subgroups, automorphisms, names of subgroups: what a page adds."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from toolkit.errors import InconsistentAnswerError, ModuleMismatchError, NotAvailable
from toolkit.groups.multipliers import multiplier_by_theory
from toolkit.groups.partitions import cycle_type, partitions_of_simples
from toolkit.groups.specs.families import Family
from toolkit.library import questions
from toolkit.library.structure import GroupStructure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from toolkit.groups.invariants import (
        AutomorphismOrders,
        GroupSeries,
        MaximalSubgroup,
        PcPresentation,
        SylowSubgroup,
    )
    from toolkit.groups.subgroups import NormalSubgroup, SubgroupClass
    from toolkit.library.questions import Question

    GivenSubgroup: TypeAlias = "SubgroupClass | NormalSubgroup"

Answer = TypeVar("Answer")


class GroupInvariants(GroupStructure):
    """A finite group with what is asked of GAP only when somebody wants it.

    Every method may take long for a large group: :meth:`toolkit.Session.time_limit` bounds it.

    Parameters
    ----------
    spec
        The group's description.
    session
        The store and the GAP processes to use.
    """

    def series(self) -> GroupSeries:
        """Return the orders of the chief series and of the lower and upper central series.

        The derived series is in :attr:`facts`.

        Raises
        ------
        NotAvailable
            If only the character table is known.

        Examples
        --------
        >>> import toolkit as tk
        >>> tk.group("S4").series().chief_factors
        ('C2', 'C3', 'C2^2')
        """
        self._require_elements("the chief and central series")

        def read(answer: object) -> GroupSeries:
            found = questions.SERIES.decode(answer)
            self._require_order(found.chief[0], "a chief series of the whole group")
            return found

        return self.answer(questions.SERIES, read=read)

    def sylow_subgroups(self) -> tuple[SylowSubgroup, ...]:
        """Return a Sylow subgroup for each prime divisor of the order, in increasing order.

        Raises
        ------
        NotAvailable
            If only the character table is known.

        Examples
        --------
        >>> import toolkit as tk
        >>> [(P.prime, P.name, P.count) for P in tk.group("S4").sylow_subgroups()]
        [(2, 'D8', 3), (3, 'C3', 4)]
        """
        self._require_elements("the Sylow subgroups")

        def read(answer: object) -> tuple[SylowSubgroup, ...]:
            found = questions.SYLOW_SUBGROUPS.decode(answer)
            product = 1
            for s in found:
                product *= s.order
            self._require_order(product, "Sylow subgroups for every prime")
            return found

        return self.answer(questions.SYLOW_SUBGROUPS, read=read)

    def maximal_subgroups(self) -> tuple[MaximalSubgroup, ...]:
        """Return the conjugacy classes of maximal subgroups, sorted by index.

        Raises
        ------
        NotAvailable
            If only the character table is known.

        Examples
        --------
        >>> import toolkit as tk
        >>> [(M.name, M.index, M.length) for M in tk.group("S4").maximal_subgroups()]
        [('A4', 2, 1), ('D8', 3, 3), ('S3', 4, 4)]
        """
        self._require_elements("the maximal subgroups")
        return self.answer(questions.MAXIMAL_SUBGROUPS)

    def automorphism_orders(self) -> AutomorphismOrders:
        r"""Return \|Aut(G)\| and \|Inn(G)\|; ``.outer`` is \|Out(G)\|.

        Raises
        ------
        NotAvailable
            If only the character table is known.

        Examples
        --------
        >>> import toolkit as tk
        >>> tk.group("S6").automorphism_orders()
        AutomorphismOrders(automorphisms=1440, inner=720)
        """
        self._require_elements("the automorphism group")
        return self.answer(questions.AUTOMORPHISMS)

    def schur_multiplier(self) -> tuple[int, ...]:
        """Return the abelian invariants of the Schur multiplier: prime powers, in increasing order.

        For an abelian group there is a formula, and for a group with cyclic Sylow subgroups the
        multiplier is trivial; otherwise GAP computes it.

        Raises
        ------
        NotAvailable
            If only the character table is known.

        Examples
        --------
        >>> import toolkit as tk
        >>> tk.group("A6").schur_multiplier(), tk.group("Q8").schur_multiplier()
        ((2, 3), ())
        """
        self._require_elements("the Schur multiplier")
        known = multiplier_by_theory(self.facts)
        if known is not None:
            return known
        return self.answer(questions.SCHUR_MULTIPLIER)

    def pc_presentation(self) -> PcPresentation:
        """Return the relations of the generators f1, f2, ... in which elements are written.

        Raises
        ------
        NotAvailable
            If the elements of the group are permutations.

        Examples
        --------
        >>> import toolkit as tk
        >>> tk.group("SmallGroup(8,4)").pc_presentation().relations
        ('f1^2 = f3', 'f2^2 = f3', 'f3^2 = 1', 'f2^f1 = f2*f3')
        """
        self._require_elements("a pc presentation")
        return self.answer(questions.PC_PRESENTATION)

    def subgroup_names(self, subgroups: Iterable[GivenSubgroup]) -> tuple[str | None, ...]:
        """Return readable names of subgroups, such as ``"D8"`` or ``"SmallGroup(64,138)"``.

        Parameters
        ----------
        subgroups
            From :meth:`subgroup_classes` or :meth:`normal_subgroups`.

        Returns
        -------
        tuple
            For each subgroup a name, which different groups may share. ``None`` if no name is
            within reach: for orders above 2000, unless the subgroup is abelian, simple or
            symmetric.

        Examples
        --------
        >>> import toolkit as tk
        >>> G = tk.group("S4")
        >>> G.subgroup_names(list(G.subgroup_classes())[-4:])
        ('S3', 'D8', 'A4', 'S4')
        """
        return self._named(questions.SUBGROUP_NAMES, subgroups)

    def quotient_names(self, subgroups: Iterable[NormalSubgroup]) -> tuple[str | None, ...]:
        """Return readable names of the factor groups G/N, as :meth:`subgroup_names` does.

        Examples
        --------
        >>> import toolkit as tk
        >>> G = tk.group("S4")
        >>> G.quotient_names(G.normal_subgroups())
        ('S4', 'S3', 'C2', '1')
        """
        return self._named(questions.QUOTIENT_NAMES, subgroups)

    def _named(
        self, question: Question[tuple[str | None, ...]], subgroups: Iterable[GivenSubgroup]
    ) -> tuple[str | None, ...]:
        self._require_elements("names of subgroups")
        chosen = list(subgroups)
        names = self._per_subgroup(question, [_generators(s) for s in chosen], {})
        if not isinstance(self.spec, Family) or self.spec.family != "D":
            return names
        # abelian ones always have a name, and the others here are dihedral
        orders = [
            self.order // s.order if question is questions.QUOTIENT_NAMES else s.order
            for s in chosen
        ]
        return tuple(
            f"D{order}" if name is None else name for name, order in zip(names, orders, strict=True)
        )

    def _per_subgroup(
        self,
        question: Question[tuple[Answer, ...]],
        given: list[list[object]],
        more: dict[str, object],
    ) -> tuple[Answer, ...]:
        """Ask about a list of subgroups, given by generators; the key is a digest of them."""

        def read(answer: object) -> tuple[Answer, ...]:
            found = question.decode(answer)
            if len(found) != len(given):
                law = f"{len(given)} answers, one per subgroup"
                raise InconsistentAnswerError(self.name, law, str(len(found)))
            return found

        digest = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()
        return self.answer(
            question,
            key={"subgroups": digest},
            send=lambda: {"subgroups": given, **more},
            read=read,
        )

    def are_maximal(self, subgroups: Iterable[GivenSubgroup]) -> tuple[bool, ...]:
        """Return for each subgroup H whether it is maximal, that is, whether G/H is primitive.

        Examples
        --------
        >>> import toolkit as tk
        >>> G = tk.group("S4")
        >>> classes = G.subgroup_classes()
        >>> [H.label for H, maximal in zip(classes, G.are_maximal(classes)) if maximal]
        ['H6a', 'H8a', 'H12a']
        """
        self._require_elements("maximal subgroups")
        given = [_generators(s) for s in subgroups]
        return self._per_subgroup(questions.ARE_MAXIMAL, given, {})

    def class_counts(self, subgroups: Iterable[SubgroupClass]) -> tuple[tuple[int, ...], ...]:
        """Return the number of elements of each conjugacy class in each of the given subgroups.

        Raises
        ------
        NotAvailable
            If the group has no character table, or more than 100,000 elements.

        Examples
        --------
        >>> import toolkit as tk
        >>> G = tk.group("S4")
        >>> G.class_counts(list(G.subgroup_classes())[-2:])
        ((1, 3, 0, 8, 0), (1, 3, 6, 8, 6))
        """
        self._require_elements("the elements of subgroups")
        chosen = list(subgroups)
        if all(c.class_counts for c in chosen):
            return tuple(c.class_counts for c in chosen)
        return self.counted_by_class([_generators(s) for s in chosen], [c.order for c in chosen])

    def counted_by_class(
        self, generators: Sequence[Sequence[object]], orders: Sequence[int]
    ) -> tuple[tuple[int, ...], ...]:
        """Return :meth:`class_counts` for subgroups given by generators, as data, and orders."""
        given = [list(own) for own in generators]
        reps = list(self.character_table.representatives)
        found = self._per_subgroup(questions.CLASS_COUNTS, given, {"reps": reps})
        sizes = [sum(counts) for counts in found]
        if sizes != list(orders):
            law = "as many elements as the subgroups have"
            raise InconsistentAnswerError(self.name, law, f"{sizes!s:.80}")
        return found

    # permutations ---------------------------------------------------------------------------

    def cycle_types(self) -> tuple[tuple[int, ...], ...]:
        """Return the cycle type of each conjugacy class in the natural action, with fixed points.

        Returns
        -------
        tuple
            For each class, in the order of the character table, the decreasing lengths of the
            cycles.

        Raises
        ------
        NotAvailable
            If the elements are not permutations of the natural action's points.

        Examples
        --------
        >>> import toolkit as tk
        >>> tk.group("S4").cycle_types()
        ((1, 1, 1, 1), (2, 2), (2, 1, 1), (3, 1), (4,))
        """
        table, facts = self.character_table, self.facts
        images = [r.get("perm") for r in table.representatives if isinstance(r, dict)]
        points = facts.points
        fits = points and facts.faithful and len(images) == len(table)
        if not fits or any(image is None or len(image) > points for image in images):
            raise NotAvailable(
                self.name,
                "cycle types",
                "its elements are not permutations of the points of a natural action",
            )
        return tuple(cycle_type(image, points) for image in images if image is not None)

    def partitions(self) -> dict[str, tuple[int, ...]]:
        """Return the partition of each simple of a symmetric group in its natural action.

        Returns
        -------
        dict
            Partitions by label. The simple of the partition p is the Specht module S^p in
            characteristic 0: (n) is trivial, (1, ..., 1) is the sign, and the functions on the
            points are (n) + (n - 1, 1) (James, The Representation Theory of the Symmetric Groups).

        Raises
        ------
        NotAvailable
            If the group is not the symmetric group on the points of its natural action.

        Examples
        --------
        >>> import toolkit as tk
        >>> tk.group("S4").partitions()
        {'L0': (4,), 'L1': (1, 1, 1, 1), 'L2': (2, 2), 'L3': (3, 1), 'L4': (2, 1, 1)}
        """
        points = self.facts.points
        order = 0 if self.is_table_only or not points or not self.facts.faithful else self.order
        factorial = 1
        for k in range(2, points + 1):
            factorial *= k
            if factorial > order:  # billions of points are possible
                break
        if order != factorial:
            raise NotAvailable(
                self.name, "partitions", "it does not act on n points as the whole of S_n"
            )
        return partitions_of_simples(self.character_table, self.cycle_types())

    def _require_order(self, found: int, law: str) -> None:
        if found != self.order:
            raise InconsistentAnswerError(self.name, f"{law} of order {self.order}", str(found))


def _generators(subgroup: Any) -> list[object]:  # noqa: ANN401 - a class of subgroups, or one
    generators: Sequence[object] | None = getattr(subgroup, "generators", None)
    if generators is None:
        raise ModuleMismatchError(
            "subgroups with generators are required, from subgroup_classes() or "
            f"normal_subgroups(), found {subgroup!r:.60}"
        )
    return list(generators)
