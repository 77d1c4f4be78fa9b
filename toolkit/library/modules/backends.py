"""The contents of transitive permutation modules, from the store, GAP or the orbitals."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from toolkit.errors import (
    InconsistentAnswerError,
    ModuleMismatchError,
    NamingError,
    NotAvailable,
)
from toolkit.groups.parsing.elements import read_element
from toolkit.library.formulas import require_entries
from toolkit.library.modules.transitive_answers import spherical_table, transitive_record
from toolkit.library.questions import (
    ELEMENT_IMAGES,
    SPHERICAL_TABLE,
    TRANSITIVE_ACTION,
    TRANSITIVE_MODULE,
)
from toolkit.modules.gset_expressions import TransitiveRecord
from toolkit.modules.spherical import regular_spherical_table
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.exact.cyclotomic import Cyclotomic
    from toolkit.groups.specs.base import GroupSpec
    from toolkit.library.structure import GroupStructure
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.spherical import SphericalTable


_ACTION_ALONE: dict[str, Any] = {"reps": [], "simples": None, "images": True, "rep_images": False}


def element_data(element: object, spec: GroupSpec | None = None) -> dict[str, list[Any]]:
    """Return an element as data; an image list stands for a permutation.

    A text is cycles of points that count from 1, or a word in the generators of a presented group,
    which ``spec`` describes (:func:`~toolkit.groups.parsing.elements.read_element`). The forms of
    data are ``{"perm": 0-based images}``, ``{"pc": exponents}``,
    ``{"word": letters}``: generators by their 0-based numbers, multiplied from left to right,
    ``~i`` for the inverse of generator i, ``{"powers": [[i, exponent], ...]}``, and
    ``{"product": [[element as data, exponent], ...]}``.
    """
    if isinstance(element, str):
        try:
            return read_element(element, spec)
        except NamingError as error:
            hint = f"; {error.suggestion}" if error.suggestion else ""
            raise ModuleMismatchError(
                f"cannot read the element {element!r:.60}: {error.problem}{hint}"
            ) from None
    if isinstance(element, dict) and set(element) == {"product"}:
        factors = element["product"]
        return {"product": [[element_data(g, spec), int(exponent)] for g, exponent in factors]}
    if isinstance(element, dict) and set(element) == {"powers"}:
        return {"powers": [[int(i), int(exponent)] for i, exponent in element["powers"]]}
    if isinstance(element, dict) and set(element) in ({"perm"}, {"pc"}, {"word"}):
        ((kind, numbers),) = element.items()
    else:
        kind, numbers = "perm", element
    try:
        out = [int(x) for x in numbers]
    except (TypeError, ValueError):
        raise ModuleMismatchError(
            "an element is a text of cycles such as '(1,2)(3,4)', a list of images from 0 on, "
            "or a word as in {'word': [0, 0, 1]}: the generators by number, counted from 0; found "
            f"{element!r:.60}"
        ) from None
    if kind == "perm" and sorted(out) != list(range(len(out))):
        raise ModuleMismatchError(
            f"an image list is a permutation of 0 to {len(out) - 1}; found {out!r:.60}"
        )
    return {kind: out}


class TransitiveBackend:
    """A transitive module G/H of one group.

    Parameters
    ----------
    group
        The group.
    module
        The description of the module in requests.
    name
        Its name, for messages.
    key
        Its key in the store, if that is not the description.
    """

    def __init__(
        self,
        group: GroupStructure,
        module: dict[str, Any],
        name: str,
        *,
        key: dict[str, Any] | None = None,
    ) -> None:
        self.group = group
        self.name = name
        self._module = module
        self.key = {"module": module if key is None else key}
        self._answer: dict[str, Any] | None = None
        self._bare: dict[str, Any] | None = None

    @property
    def module(self) -> dict[str, Any]:
        """The description of the module in requests."""
        return self._module

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TransitiveBackend) and (self.group, self.key) == (
            other.group,
            other.key,
        )

    def __hash__(self) -> int:
        return hash((self.group, repr(self.key)))

    def record(self) -> TransitiveRecord:
        """Return the record, from the store or GAP."""
        return self.group.session.fetch(
            self.group.name,
            TRANSITIVE_MODULE,
            self.key,
            lambda: transitive_record(self.group, self.module, self._answered()),
        )

    def action(self) -> TransitiveRecord:
        """Return the record without fixed points, for which no character table is needed."""
        session, name = self.group.session, self.group.name
        if session.where(name, TRANSITIVE_MODULE.name, self.key):
            return self.record()
        return session.fetch(
            name,
            TRANSITIVE_ACTION,
            self.key,
            lambda: transitive_record(self.group, self.module, self._acting()),
        )

    def natural_points(self) -> IntArray | None:
        """Return ``None``: the points are cosets, named by words from the base point."""
        return None

    def images(self) -> Sequence[Sequence[int]] | IntArray:
        """Return the generators' images; those that are too many to store are asked again."""
        stored = self.action().images
        if stored is not None:
            return stored
        return tuple(tuple(row) for row in self._acting()["images"])

    def spherical_table(self) -> SphericalTable:
        """Return the spherical table: by characters if GAP can list the group, else by orbitals."""
        if self._is_regular_by_formula():
            return replace(RegularBackend(self.group).spherical_table(), module=self.name)
        table = self.group.session.fetch(
            self.group.name, SPHERICAL_TABLE, self.key, self._computed_table
        )
        return table if table.module == self.name else replace(table, module=self.name)

    def element_images(self, data: list[dict[str, list[int]]]) -> IntArray:
        """Return ``(elements, degree)`` the images under elements of the group, given as data."""
        import numpy as np

        group, degree = self.group, self.record().degree

        def read(answer: dict[str, Any]) -> tuple[tuple[int, ...], ...]:
            images = tuple(tuple(image) for image in answer["images"])
            if any(sorted(image) != list(range(degree)) for image in images):
                raise InconsistentAnswerError(
                    group.name, f"permutations of {degree} points", "other maps"
                )
            return images

        found = group.answer(
            ELEMENT_IMAGES,
            key={**self.key, "elements": data},
            send=lambda: {"module": self.module, "elements": data},
            read=read,
        )
        return np.array(found, dtype=np.intp)

    def representative_images(self) -> IntArray:
        """Return the images under the representatives of the classes; asks GAP, stores nothing."""
        import numpy as np

        group = self.group
        if not group.has_table:
            raise NotAvailable(group.name, "class representatives", "it has no character table")
        elements = list(group.character_table.representatives)
        self.record()  # raises the clearer error if given images are no action
        answer = group.ask(ELEMENT_IMAGES.name, {"module": self.module, "elements": elements})
        found = np.array(answer["images"], dtype=np.intp)
        fixed = (found == np.arange(found.shape[1])).sum(axis=1)
        if tuple(fixed.tolist()) != self.record().fixed_points:
            raise InconsistentAnswerError(
                group.name, f"the fixed points {self.record().fixed_points}", str(fixed)
            )
        return found

    def split_scheme(
        self, numbers: list[list[list[int]]], paired: Sequence[int]
    ) -> list[tuple[int, tuple[Cyclotomic, ...]]]:
        """Return dimension and eigenvalues, by eigenspace, of orbitals that commute."""
        from toolkit.exact.cyclotomic import Cyclotomic

        answer = self.group.session.ask_gap(
            "commuting_orbitals",
            {"constants": numbers, "paired": list(paired), "points": self.record().degree},
            subject=f"{self.name} of {self.group.name}",
        )
        values = [Cyclotomic.from_json(v) for v in answer["values"]]
        rows = [tuple(values[v] for v in row) for row in answer["rows"]]
        return list(zip(answer["dimensions"], rows, strict=True))

    def _is_regular_by_formula(self) -> bool:
        """Whether the stabiliser is trivial and the table of the group comes by formula alone."""
        group = self.group
        if not group.has_table or group.characters_for_gap is not None:
            return False
        return self.record().subgroup_order == 1

    def _computed_table(self) -> SphericalTable:
        record = self.record()
        answer = self._answered()
        if answer["spherical"] is not None:
            return spherical_table(self.group, self.name, record, answer["spherical"])
        from toolkit.library.modules import orbital_route
        from toolkit.modules.gsets.orbitals import Orbitals

        images = tuple(tuple(map(int, image)) for image in self.images())
        matched = self.group.characters_for_gap is not None or not images
        if not matched and Orbitals(images).count > orbital_route.MOST_ORBITALS:
            return self._inflated_table(images)
        return orbital_route.spherical_table_by_orbitals(
            self.group, self.module, self.name, images, answer=answer
        )

    def _inflated_table(self, images: tuple[tuple[int, ...], ...]) -> SphericalTable:
        """Return the table by the first route for the group that acts, if that is small enough.

        The simples of Fun(X) are those of G / kernel, the group that the images generate.
        """
        from toolkit.groups.from_data import spec_from_permutations
        from toolkit.library.modules.orbital_route import MOST_ORBITALS, labelled_locally

        group = self.group
        acting = type(group)(spec_from_permutations(images), group.session)
        if not acting.has_table or acting.order > 20_000:
            reason = f"is too large for characters: its order is {acting.order}"
        elif acting.characters_for_gap is None:  # the action would lead back to here
            reason = "has more classes than GAP is given (PLREP_MAX_TABLE raises that)"
        else:
            reason = ""
        if reason:
            raise NotAvailable(
                group.name,
                f"the spherical table of {self.name}",
                f"it has more than {MOST_ORBITALS} orbitals, and the group that acts {reason}",
            )
        table = NaturalBackend(acting, 0, f"{len(images[0])} points").spherical_table()
        simples = [replace(s, kernel_order=group.order // s.action_order) for s in table.simples]
        return replace(
            table,
            group=group.name,
            module=self.name,
            group_order=group.order,
            simples=tuple(labelled_locally(simples, table.values)),
            sizes=tuple(size * (group.order // acting.order) for size in table.sizes),
        )

    def _answered(self) -> dict[str, Any]:
        """Return GAP's whole answer about the module; GAP is asked once."""
        if self._answer is None:
            group = self.group
            table = group.characters_for_gap
            self._answer = self._ask(
                {
                    "reps": list(table.representatives) if table else [],
                    "simples": table.simples_for_gap() if table else None,
                    "images": True,
                    "rep_images": False,
                }
            )
        return self._answer

    def _acting(self) -> dict[str, Any]:
        """Return GAP's answer about the action alone."""
        if self._answer is not None:
            return self._answer
        if self._bare is None:
            self._bare = self._ask(_ACTION_ALONE)
        return self._bare

    def _ask(self, args: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        return self.group.ask(TRANSITIVE_MODULE.name, {"module": self.module, **args})


class RegularBackend(TransitiveBackend):
    """The regular module, from the character table and from right multiplication."""

    def __init__(self, group: GroupStructure) -> None:
        super().__init__(group, {"kind": "coset", "subgroup": []}, "regular module")

    @property
    def specification(self) -> dict[str, Any]:
        """What the module is, as JSON data."""
        return {"module": "regular"}

    def record(self) -> TransitiveRecord:
        """Return the record, for which only the number of classes is needed."""
        group = self.group
        fixed = None
        if group.has_table:
            fixed = (group.order, *(0 for _ in range(len(group.character_table) - 1)))
        return TransitiveRecord(
            degree=group.order,
            subgroup_order=1,
            subgroup=(),
            orbit=None,
            base=0,
            images=None,
            fixed_points=fixed,
            kernel_order=1,
        )

    def images(self) -> tuple[tuple[int, ...], ...]:
        """Return the permutations of the elements by right multiplication with the generators."""
        if self.group.is_table_only:
            raise NotAvailable(
                self.group.name, "the action on the regular module", "only its table is known"
            )
        record = self.group.session.fetch(
            self.group.name,
            TRANSITIVE_MODULE,
            self.key,
            lambda: transitive_record(self.group, self.module, self._acting()),
        )
        if record.images is None:  # too many to be stored
            return tuple(tuple(row) for row in self._acting()["images"])
        return record.images

    def spherical_table(self) -> SphericalTable:
        """Return the table made from the character table."""
        table = self.group.character_table
        if self.group.characters_for_gap is None:
            settings = self.group.session.settings
            require_entries(settings, self.group.name, self.name, len(table.simples))
        return regular_spherical_table(table)


class CosetBackend(TransitiveBackend):
    """The cosets of a subgroup given by generators."""

    def __init__(self, group: GroupStructure, generators: tuple[object, ...], name: str) -> None:
        super().__init__(group, {"kind": "coset", "subgroup": list(generators)}, name)

    @property
    def specification(self) -> dict[str, Any]:
        """What the module is, as JSON data."""
        return {"module": "cosets", "subgroup": list(self.module["subgroup"])}


class NaturalBackend(TransitiveBackend):
    """An orbit of the natural action, by one of its points (0-based)."""

    def __init__(self, group: GroupStructure, point: int, name: str) -> None:
        super().__init__(group, {"kind": "natural", "point": point}, name)

    @property
    def specification(self) -> dict[str, Any]:
        """What the module is, as JSON data."""
        if len(self.group.natural_orbits) == 1:
            return {"module": "natural"}
        return {"module": "orbit", "point": self.module["point"]}

    def natural_points(self) -> IntArray:
        """Return the point of the whole natural action that each point of the orbit is."""
        return self._orbit()

    def images(self) -> Sequence[Sequence[int]] | IntArray:
        """Return the generators' images, known from the whole natural action."""
        import numpy as np

        given = self.group.natural_images
        points = self._orbit()
        if given is None or points.size == given.shape[1]:
            return super().images() if given is None else given
        moved: IntArray = np.searchsorted(points, given[:, points]).astype(np.intp)
        return moved

    def spherical_table(self) -> SphericalTable:
        """Return the spherical table, by formula for abelian groups that are not small."""
        group, form = self.group, self.group.abelian_form
        local = group.characters_for_gap is None
        if form is None or not (local or group.action_images is not None):
            return super().spherical_table()
        if local and form.orbit_lengths == (form.order,):
            return replace(RegularBackend(group).spherical_table(), module=self.name)
        import numpy as np

        from toolkit.groups.abelian_actions import AbelianAction
        from toolkit.library.modules.orbital_route import labelled_locally
        from toolkit.modules.abelian_spherical import abelian_spherical_table

        images = np.array(self.images(), dtype=np.intp)
        require_entries(group.session.settings, group.name, self.name, images.shape[1])
        action = AbelianAction.of_images(images)
        found = abelian_spherical_table(action, group.name, self.name, group.order)
        if local:
            simples = labelled_locally(list(found.simples), found.values)
        else:
            numbers = form.simples_with(action.characters, action.exponent)
            numbered = sorted(zip(numbers, found.simples, strict=True), key=lambda item: item[0])
            simples = [replace(s, label=f"L{number}") for number, s in numbered]
        return replace(found, simples=tuple(simples))

    def representative_images(self) -> IntArray:
        """Return those of the classes; those of a permutation group are the elements themselves."""
        if self.group.has_table:
            known = self._as_permutations(self.group.character_table.representatives)
            if known:
                import numpy as np

                return np.array(known, dtype=np.intp)
        return super().representative_images()

    def _as_permutations(self, elements: Sequence[object]) -> list[list[int]]:
        """Return elements as permutations of all points, if they are given so; else nothing."""
        facts = self.group.facts
        found = [g.get("perm") for g in elements if isinstance(g, dict)]
        whole = len(facts.orbit_lengths) == 1
        if whole and all(g and len(g) == facts.points for g in found):
            return [list(g) for g in found if g]
        return []

    def _orbit(self) -> IntArray:
        """Return the points of the orbit, rising."""
        import numpy as np

        point = self.module["point"]
        for orbit in self.group.natural_orbits:
            place = int(np.searchsorted(orbit, point))
            if place < orbit.size and orbit[place] == point:
                return orbit
        raise ModuleMismatchError(f"{shortened(self.group.title)} does not act on a point {point}")


class ActionBackend(TransitiveBackend):
    """A transitive G-set given by the images of its points under the generators.

    Parameters
    ----------
    group
        The group.
    images
        ``(k, n)`` 0-based images, checked to be permutations and to have one orbit. GAP checks
        that they are an action of the group when it is first asked.
    name
        Its name, for messages.
    """

    def __init__(self, group: GroupStructure, images: IntArray, name: str) -> None:
        digest = hashlib.sha256(images.astype("<i8").tobytes()).hexdigest()
        key = {"kind": "images", "shape": list(images.shape), "sha256": digest}
        super().__init__(group, {"kind": "images"}, name, key=key)
        self._images = images

    @property
    def specification(self) -> dict[str, Any]:
        """What the module is, as JSON data, without the images themselves."""
        digest = self.key["module"]
        return {"module": "images", "shape": digest["shape"], "sha256": digest["sha256"]}

    @property
    def module(self) -> dict[str, Any]:
        """The description of the module in requests, formed when needed since it is long."""
        return {**self._module, "images": self._images.tolist(), "point": 0}

    def record(self) -> TransitiveRecord:
        """Return the record, from the store or GAP."""
        return self.group.session.fetch(
            self.group.name,
            TRANSITIVE_MODULE,
            self.key,
            lambda: self._checked_record(self._answered()),
        )

    def action(self) -> TransitiveRecord:
        """Return the record without fixed points; GAP checks that the images are an action."""
        session, name = self.group.session, self.group.name
        if session.where(name, TRANSITIVE_MODULE.name, self.key):
            return self.record()
        return session.fetch(
            name, TRANSITIVE_ACTION, self.key, lambda: self._checked_record(self._acting())
        )

    def _checked_record(self, answer: dict[str, Any]) -> TransitiveRecord:
        found = transitive_record(self.group, self._module, answer)
        if answer["images"] != self._images.tolist():
            raise InconsistentAnswerError(self.group.name, "the given images", "other images")
        return replace(found, images=None)

    def natural_points(self) -> IntArray:
        """Return the numbers of the points: they are what was given."""
        import numpy as np

        return np.arange(self._images.shape[1])

    def images(self) -> IntArray:
        """Return the images that were given."""
        return self._images

    def broken_relation(self) -> dict[str, Any] | None:
        """Return a relation of the group that the images break, ``None`` if they are an action.

        Returns
        -------
        dict or None
            ``left`` and ``right``, two words in the generators for one element, and ``point``
            with its ``images`` under them; or ``left`` is ``None`` if no short words show it.
        """
        for question in (TRANSITIVE_MODULE, TRANSITIVE_ACTION):
            if self.group.session.where(self.group.name, question.name, self.key):
                return None
        broken: dict[str, Any] | None = super()._acting()["broken"]
        return broken

    def _acting(self) -> dict[str, Any]:
        return self._checked(super()._acting)

    def _answered(self) -> dict[str, Any]:
        return self._checked(super()._answered)

    def _checked(self, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        generators = self.group.generator_count
        if len(self._images) != generators:
            raise ModuleMismatchError(
                f"{self.name}: {shortened(self.group.name)} has {generators} generators, so the "
                f"same number of rows of images is required, found {len(self._images)}"
            )
        answer = ask()
        broken = answer["broken"]
        if broken is not None:
            raise ModuleMismatchError(
                f"{self.name}: the images are not an action of {shortened(self.group.name)}: "
                + described_relation(broken, str)
                + ("; the inverse permutations are an action: give those" * self.is_inverted())
            )
        return answer

    def is_inverted(self) -> bool:
        """Whether the inverse permutations are an action of the group; asks GAP."""
        from toolkit.modules.gsets.actions import invert_images

        inverse = ActionBackend(self.group, invert_images(self._images), self.name)
        return inverse.broken_relation() is None


def described_relation(broken: dict[str, Any], show: Callable[[int], str]) -> str:
    """Say which relation of the group images break; ``show`` writes a point."""
    if broken["left"] is None:
        return "the generators' images do not satisfy the group's relations"
    left, right = (
        "generators " + ", ".join(map(str, word)) + " in turn" if word else "the identity"
        for word in (broken["left"], broken["right"])
    )
    point, one, other = map(show, (broken["point"], *broken["images"]))
    return (
        f"in the group, {left} and {right} are the same element, but they take point {point} to "
        f"{one} and to {other} (generators and points count from 0)"
    )
