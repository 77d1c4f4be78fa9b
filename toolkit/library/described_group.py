"""A finite group by its description: names, facts, closed forms and the natural action."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

from toolkit.cached import cached_property
from toolkit.deprecation import deprecated
from toolkit.errors import InconsistentAnswerError, NotAvailable, ToolkitError
from toolkit.exact.records import decode
from toolkit.groups.names.library_tables import table_of_group
from toolkit.groups.specs.base import checked_title
from toolkit.groups.specs.families import Table
from toolkit.groups.specs.generated import Permutations, Presentation
from toolkit.groups.specs.tree import Product, Wreath
from toolkit.library import formulas, questions
from toolkit.library.refusals import Refusal, refusal_keys
from toolkit.settings import LARGEST_CLASSED
from toolkit.text import compact_integer, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from toolkit.groups.closed_forms.abelian import AbelianForm
    from toolkit.groups.closed_forms.form import ClosedForm
    from toolkit.groups.facts import GroupFacts
    from toolkit.groups.space import SpaceMatrices
    from toolkit.groups.specs.base import GroupSpec
    from toolkit.groups.subgroups import (
        SubgroupClasses,
    )
    from toolkit.library.questions import Question
    from toolkit.library.session import Session
    from toolkit.modules.fourier.basis import FourierBasis
    from toolkit.modules.gsets.actions import IntArray

_WITH_REACH = frozenset({"facts", "character_table"})  # questions that may be refused
_LARGEST_ORDER: int = 10**4000  # that GAP is told, and that Python writes out
_LARGEST_LOGARITHM = 4000 * math.log(10)

Record = TypeVar("Record")


class DescribedGroup:
    """A finite group as it was described; :class:`toolkit.Group` adds characters and modules.

    Parameters
    ----------
    spec
        The group's description.
    session
        The store and the GAP processes to use.
    space
        Matrices of the generators that came with data, such as points in space; those of a name
        are made from the name.
    title
        The name that its user gave it, for display; the canonical one by default.
    known_order
        The order, if it came with the data, such as a graph.
    """

    def __init__(
        self,
        spec: GroupSpec,
        session: Session,
        *,
        space: SpaceMatrices | None = None,
        title: str | None = None,
        known_order: int | None = None,
    ) -> None:
        self.spec = spec
        self.session = session
        self._space = space
        self._title = checked_title(title)
        self.known_order = known_order
        #: Limits of GAP's questions about this group, by name, before those of the settings.
        self.limits: dict[str, int] = {}
        self._subgroups: dict[tuple[int | None, int], SubgroupClasses] = {}
        #: Fourier bases of transitive modules, kept by :mod:`toolkit.library.point_bases`.
        self.fourier_bases: dict[str, FourierBasis] = {}
        #: Matrices of simples by label, kept by :mod:`toolkit.library.simple_models`.
        self.simple_models: dict[str, NDArray[np.float64]] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled: without what formulas make again, and functions are part of."""
        made_again = ("_named_form", "_table_form", "closed_form")
        state = {key: value for key, value in list(vars(self).items()) if key not in made_again}
        if any(vars(self).get(key) is not None for key in made_again):
            state.pop("character_table", None)
        return state

    @cached_property
    def name(self) -> str:
        """The canonical name, which identifies the group and its stored answers."""
        return self.spec.name

    @property
    def title(self) -> str:
        """The name to display: the one given by the user, else the canonical one."""
        return self.name if self._title is None else self._title

    def __repr__(self) -> str:
        return f"<group {shortened(self.title)}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DescribedGroup) and self.spec == other.spec

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(self.spec)

    @property
    def is_table_only(self) -> bool:
        """Whether only the character table is known (``Table(M)``)."""
        return isinstance(self.spec, Table)

    # facts ----------------------------------------------------------------------------------

    @cached_property
    def facts(self) -> GroupFacts:
        """The order, properties, orders of characteristic subgroups, and more, in one record."""
        found = self._facts()
        for known in (self.known_order, self.spec.order):
            if known not in (None, found.order):
                raise InconsistentAnswerError(
                    self.title,
                    f"the order {compact_integer(known or 0)} that came with it",
                    compact_integer(found.order),
                )
        return found

    @property
    def facts_at_hand(self) -> GroupFacts | None:
        """The facts if they are already stored or computed, else ``None``; never starts GAP."""
        if "facts" in vars(self) or self.session.where(self.name, questions.FACTS.name):
            return self.facts
        return None

    def _facts(self) -> GroupFacts:
        logarithm = math.log(self.known_order) if self.known_order else self.spec.log_order
        if logarithm is not None and logarithm >= _LARGEST_LOGARITHM:
            raise NotAvailable(
                self.title,
                "facts",
                f"its order has about {_digits(logarithm)} digits, and facts are told up to 4000; "
                "the order, modules, orbitals and layers need no facts",
            )
        found = self._facts_by_parts()
        if found is not None:
            from toolkit.groups.laws import check_facts

            check_facts(self.name, found)
            return found
        return formulas.facts_with_form(
            self.session.settings, self._large_form, self._facts_from_gap
        )

    def _facts_by_parts(self) -> GroupFacts | None:
        """Return the facts of a group put together from others, where GAP is slow, else None."""

        def facts_of(spec: GroupSpec) -> GroupFacts:
            return type(self)(spec, self.session).facts

        largest = max(self.session.settings.max_order, LARGEST_CLASSED)
        if self.action_images is not None:
            from toolkit.library.alternating_facts import alternating_facts

            return alternating_facts(self.action_images, facts_of, largest)
        order, stored = self.spec.order, self.session.where(self.name, questions.FACTS.name)
        if not isinstance(self.spec, Product | Wreath) or self._large_form is not None or stored:
            return None
        if order is None or order <= largest or self.spelled_images is None:
            return None
        from toolkit.library.alternating_facts import alternating_facts
        from toolkit.library.facts_of_parts import facts_of_parts

        images = self.spelled_images
        return alternating_facts(images, facts_of, largest) or facts_of_parts(
            self.spec, images, facts_of
        )

    def _facts_from_gap(self) -> GroupFacts:
        found = self.answer(questions.FACTS)
        more = self._raised_limit
        if more and found.table is not True:
            found = self.answer(questions.FACTS, key=more, send=lambda: more)
        return found

    @property
    def _raised_limit(self) -> dict[str, int]:
        """What tells GAP the largest table and the largest order of its group, if raised."""
        settings = self.session.settings
        out = {}
        if settings.max_table > formulas.GAP_CLASSES:
            out["classes"] = settings.max_table
        if settings.max_order > LARGEST_CLASSED:
            out["order"] = settings.max_order
        return out

    @property
    def order(self) -> int:
        """|G|.

        Raises
        ------
        NotAvailable
            If the order has too many digits to be written out, or the facts are out of reach.
        """
        if self.known_order is not None:
            return self.known_order
        if self._large_form is not None:
            return self._large_form.order
        if self.spec.order is None and self.spec.log_order is not None:
            raise NotAvailable(
                self.title,
                "the order",
                f"it has about {_digits(self.spec.log_order)} digits, and orders are written out "
                "up to a million; modules, orbitals and layers need no order",
            )
        if isinstance(self.spec, Product | Wreath) and self.spec.order is not None:
            return self.spec.order
        try:
            return self.facts.order
        except NotAvailable:  # the group cannot be held, and yet its name may tell the order
            if self.spec.order is None:
                raise
            return self.spec.order

    @property
    def order_alone(self) -> int:
        """|G|, computed without the other facts if the natural action determines it."""
        known = self.spec.order if self.known_order is None else self.known_order
        if known is not None:
            return known
        if self.facts_at_hand is None and self.spec.points is not None:
            images = self.natural_images
            if images is not None:
                return self._order_of_images(images)
        return self.order

    def _order_of_images(self, images: IntArray) -> int:
        asked = {"images": [images.tolist()]}
        found = self.session.ask_gap("permutation_order", asked, subject=self.name)
        return int(found[0])

    @cached_property
    def _named_form(self) -> ClosedForm | None:
        return formulas.named_form(self.spec)

    @property
    def abelian_form(self) -> AbelianForm | None:
        """The form of a large group that is abelian by its name or permutations; else ``None``.

        Never starts GAP.
        """
        from toolkit.groups.closed_forms.abelian import AbelianForm

        form = self._named_form
        if not isinstance(form, AbelianForm) or form.order <= formulas.SMALL_FOR_GAP:
            return None
        return form

    @property
    def _large_form(self) -> ClosedForm | None:
        """The form by name, unless the name says that the group is small for GAP."""
        return None if formulas.is_small_by_name(self.spec) else self._named_form

    @cached_property
    def _table_form(self) -> ClosedForm | None:
        """The form that makes the character table, ``None`` if GAP makes it."""
        form = None if formulas.is_small_by_name(self.spec) else self.closed_form
        return form if formulas.makes_the_table(form) else None

    @cached_property
    def closed_form(self) -> ClosedForm | None:
        """The closed form for the simples, at any order; ``None`` if there is none.

        If it does not follow from the name, it follows from the facts for an abelian group. If
        GAP's table is out of reach, an abelian normal subgroup with a cyclic quotient is searched
        for.
        """
        if self._named_form is not None or self.is_table_only:
            return self._named_form
        facts = self.facts
        if facts.abelian and facts.table is True and facts.order <= formulas.LARGEST_LISTED:
            from toolkit.groups.closed_forms.located import form_of_abelian_facts

            return form_of_abelian_facts(
                self.name, facts, lambda: self.answer(questions.ABELIAN_ELEMENTS)
            )
        if facts.table is True or not facts.solvable or facts.order > formulas.LARGEST_SEARCHED:
            return None
        found = self.answer(questions.ABELIAN_NORMAL_SUBGROUP)
        if found is None:
            return None
        from toolkit.groups.closed_forms.from_subgroup import closed_form_of_subgroup

        return closed_form_of_subgroup(self.name, found)

    @cached_property
    def action_images(self) -> IntArray | None:
        """``(generators, points)`` generators of a group given by permutations, else ``None``.

        0-based and read-only. They suffice for orbitals and layers, which need neither facts nor
        GAP.
        """
        if not isinstance(self.spec, Permutations):
            return None
        import numpy as np

        images = np.array(self.spec.images, dtype=np.intp)
        images.flags.writeable = False
        return images

    @cached_property
    def spelled_images(self) -> IntArray | None:
        """``(generators, points)`` generators that follow from the name alone, else ``None``.

        They exist for given permutations, for cyclic, dihedral, symmetric and alternating groups,
        and for products and wreath products of these. Never starts GAP.
        """
        if self.action_images is not None:
            return self.action_images
        from toolkit.library.spelled_actions import spelled_action

        return spelled_action(self.spec)

    @cached_property
    def natural_images(self) -> IntArray | None:
        """``(generators, points)`` the natural action; ``None`` if the name has none.

        0-based and read-only. Needs neither facts nor characters. It follows from the name or the
        store, or GAP computes the generators only.

        Raises
        ------
        NotAvailable
            If the group cannot be constructed, or its natural action is too large to list.
        """
        if self.is_table_only:
            return None
        spelled = self.spelled_images
        if spelled is not None:
            return spelled
        import numpy as np

        images = np.array(self._natural_images(), dtype=np.intp)
        if not images.size:
            return None
        images.flags.writeable = False
        return images

    def _natural_images(self) -> Sequence[Sequence[int]]:
        stored = self.session.where(self.name, questions.NATURAL_ACTION.name)
        known = None if stored else self.facts_at_hand
        if known is not None and known.points == 0:
            return []
        if known is not None and len(known.orbit_lengths) == 1:
            found = [g.get("perm") for g in known.generators if isinstance(g, dict)]
            if all(g and len(g) == known.points for g in found):
                return [g for g in found if g]
        return self.answer(questions.NATURAL_ACTION, read=_images_of_answer)

    @cached_property
    def natural_orbits(self) -> tuple[IntArray, ...]:
        """The orbits of :attr:`natural_images`, by first point; empty without an action."""
        if self.natural_images is None:
            return ()
        from toolkit.modules.gsets.actions import orbits

        return orbits(self.natural_images)

    @property
    def generator_count(self) -> int:
        """The number of generators."""
        spelled = self.spelled_images
        if spelled is not None:
            return len(spelled)
        natural = vars(self).get("natural_images")
        return len(self.facts.generators if natural is None else natural)

    @property
    def small_group_id(self) -> tuple[int, int] | None:
        """``(order, index)`` in the small groups library; ``None`` if it does not identify G."""
        return self.facts.id

    @property
    def description(self) -> str | None:
        """GAP's structure description, for display: different groups can have the same one."""
        return self.facts.description

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names: that of the small groups library, and GAP's; they may not be unique."""
        out = []
        if self.facts.id is not None:
            out.append("SmallGroup({},{})".format(*self.facts.id))
        if self.facts.description is not None:
            out.append(self.facts.description)
        return tuple(dict.fromkeys(a for a in out if a != self.name))

    @property
    def exponent(self) -> int | None:
        """The least common multiple of the element orders; ``None`` for huge groups."""
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

    @property
    def space_matrices(self) -> SpaceMatrices:
        """The real matrices of the generators that came with the group's name or data.

        Raises
        ------
        NotAvailable
            If the group came without a real space.

        Notes
        -----
        Never starts GAP. ``.matrices`` has shape ``(k, d, d)``: a matrix for each generator, which
        acts on row vectors from the right. ``.exact`` has the exact entries where they are known.
        """
        if self._space is None:
            from toolkit.groups.space import SpaceMatrices

            exact = self.spec.exact_matrices()
            if exact is None:
                raise NotAvailable(
                    self.title,
                    "space matrices",
                    "the group has no matrices over the real numbers: only groups of matrices, "
                    "points in space, Coxeter groups and point groups have them",
                )
            self._space = SpaceMatrices.of_exact(exact)
        return self._space

    # asking ---------------------------------------------------------------------------------

    def ask(self, request: str, args: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Ask GAP about this group, bypassing the store; the answer is unchecked JSON data.

        Raises
        ------
        NotAvailable
            If the group is a presentation whose enumeration was given up earlier, within the same
            limits.
        """
        spec = self.spec.to_gap()
        if self.known_order is not None and self.known_order < _LARGEST_ORDER:
            spec["size"] = self.known_order
        arguments = {"group": spec, "limits": self.limits, **args}
        if request in _WITH_REACH and (table := table_of_group(self.name)) is not None:
            arguments["library"] = table
        if not isinstance(self.spec, Presentation):
            return self.session.ask_gap(request, arguments, subject=self.name)
        proof, attempt = refusal_keys({**self.session.settings.limits, **self.limits})
        for key in (proof, attempt):
            kept = self.session.kept(self.name, questions.REFUSAL, key)
            if kept is not None:
                raise NotAvailable(self.name, request.replace("_", " "), kept.reason)
        try:
            return self.session.ask_gap(request, arguments, subject=self.name)
        except NotAvailable as error:
            if error.concerns_group:
                refusal = Refusal(error.reason)
                key = proof if refusal.is_proof else attempt
                self.session.fetch(self.name, questions.REFUSAL, key, lambda: refusal)
            raise

    def answer(
        self,
        question: Question[Record],
        *,
        key: object = None,
        send: Callable[[], dict[str, Any]] = dict,
        read: Callable[[Any], Record] | None = None,
    ) -> Record:
        """Return the answer to a question about this group: from the store, else from GAP.

        Parameters
        ----------
        question
            A row of the table in :mod:`toolkit.library.questions`.
        key
            Further arguments in the key of the answer, as JSON data.
        send
            A function that returns the further arguments for GAP; called only if GAP is used.
        read
            A function that makes the record from GAP's answer, which by default is the record's own
            JSON. A ValueError means that the answer does not have the expected form.
        """

        def compute() -> Record:
            answer = self.ask(question.name, send())
            try:
                return question.decode(answer) if read is None else read(answer)
            except ToolkitError:
                raise
            except ValueError as error:
                raise InconsistentAnswerError(
                    self.name, f"an answer of the form of {question.name!r}", str(error)
                ) from None

        return self.session.fetch(self.name, question, key, compute)

    @deprecated("Group.read() is now toolkit.exact.decode(), which raises ValueError")
    def read(self, kind: type[Any], data: object) -> Any:  # noqa: ANN401 - a record of that kind
        """Read GAP's answer as a record; an answer in any other form breaks a law."""
        try:
            return decode(kind, data)
        except ValueError as error:
            raise InconsistentAnswerError(
                self.name, f"an answer of the form {kind.__name__}", str(error)
            ) from None

    def _require_elements(self, what: str) -> None:
        if self.is_table_only:
            raise NotAvailable(
                self.title,
                what,
                "only the character table is known; give the group itself to work with elements",
            )


def _digits(logarithm: float) -> str:
    return f"{math.floor(logarithm / math.log(10)) + 1:,}"


def _images_of_answer(answer: dict[str, Any]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(image) for image in answer["images"])
