"""Where the contents of permutation modules come from: the store, GAP, or the orbitals."""

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
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.library.session import Stopwatch
from toolkit.modules.gset_expressions import TransitiveRecord
from toolkit.modules.spherical import (
    SphericalSimple,
    SphericalTable,
    check_spherical_table,
    regular_spherical_table,
)
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.library.group import Group
    from toolkit.modules.gsets.actions import IntArray

__all__ = [
    "ActionSource",
    "CosetSource",
    "NaturalSource",
    "RegularSource",
    "TransitiveSource",
    "element_data",
]

# The images of a module this large or larger are asked of GAP again rather than stored.
_STORED_IMAGES = 20_000


def element_data(group: str, element: object) -> dict[str, list[int]]:
    """Return an element as data: a dictionary as it is, an image list as a permutation.

    ``{"perm": 0-based images}``, ``{"pc": exponents}`` or ``{"word": letters}``: generators by
    their 0-based numbers, multiplied from left to right, ``~i`` for the inverse of generator i.
    """
    if isinstance(element, dict) and set(element) in ({"perm"}, {"pc"}, {"word"}):
        ((kind, numbers),) = element.items()
    else:
        kind, numbers = "perm", element
    try:
        out = [int(x) for x in numbers]
    except (TypeError, ValueError):
        raise NamingError(
            group, None, f"an element must be a list of integers, not {element!r:.60}"
        ) from None
    if kind == "perm" and sorted(out) != list(range(len(out))):
        raise NamingError(
            group,
            None,
            f"an image list must be a permutation of 0 to {len(out) - 1}, not {out!r:.60}",
        )
    return {kind: out}


class TransitiveSource:
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
        What the store files it under, if that is not the description.
    """

    def __init__(
        self,
        group: Group,
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

    @property
    def module(self) -> dict[str, Any]:
        """The description of the module in requests."""
        return self._module

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TransitiveSource) and (self.group, self.key) == (
            other.group,
            other.key,
        )

    def __hash__(self) -> int:
        return hash((self.group, repr(self.key)))

    def record(self) -> TransitiveRecord:
        """Return the record, from the store or GAP."""
        return self.group.session.fetch(
            self.group.name,
            "transitive_module",
            self.key,
            TransitiveRecord,
            lambda watch: _record(self.group, self.module, self._answered(watch)),
        )

    def images(self) -> Sequence[Sequence[int]] | IntArray:
        """Return the generators' images, from the record unless they are too many to store."""
        stored = self.record().images
        if stored is not None:
            return stored
        answer = self._answered(Stopwatch())
        return tuple(tuple(row) for row in answer["images"])

    def spherical_table(self) -> SphericalTable:
        """Return the spherical table, by characters if GAP lists the group, else by orbitals."""
        table = self.group.session.fetch(
            self.group.name,
            "spherical_table",
            self.key,
            SphericalTable,
            self._computed_table,
        )
        return table if table.module == self.name else replace(table, module=self.name)

    def _computed_table(self, watch: Stopwatch) -> SphericalTable:
        record = self.record()
        answer = self._answered(watch)
        if answer["spherical"] is None:
            from toolkit.library.modules.orbital_route import spherical_table_by_orbitals

            images = tuple(tuple(map(int, image)) for image in self.images())
            return spherical_table_by_orbitals(
                self.group, self.module, self.name, images, watch, answer=answer
            )
        table = _spherical(self.group, self.name, record, answer["spherical"])
        check_spherical_table(table)
        return table

    def _answered(self, watch: Stopwatch) -> dict[str, Any]:
        """Return GAP's whole answer about the module, asked once."""
        if self._answer is None:
            group = self.group
            table = group.character_table if group.has_table else None
            self._answer = self._ask(
                {
                    "reps": list(table.representatives) if table else [],
                    "simples": table.simples_for_gap() if table else None,
                    "images": True,
                    "rep_images": False,
                },
                watch,
            )
        return self._answer

    def _ask(self, args: dict[str, Any], watch: Stopwatch) -> Any:  # noqa: ANN401
        return self.group.ask("transitive_module", {"module": self.module, **args}, watch)


class RegularSource(TransitiveSource):
    """The regular module: the character table, and multiplication from the right."""

    def __init__(self, group: Group) -> None:
        super().__init__(group, {"kind": "coset", "subgroup": []}, "regular module")

    def record(self) -> TransitiveRecord:
        """Return the record: nothing needs to be asked but the number of classes."""
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
        """Return how the generators multiply the elements from the right."""
        if self.group.is_table_only:
            raise NotAvailable(
                self.group.name, "the action on the regular module", "only its table is known"
            )

        def compute(watch: Stopwatch) -> TransitiveRecord:
            answer = self._ask(
                {"reps": [], "simples": None, "images": True, "rep_images": False}, watch
            )
            return _record(self.group, self.module, answer)

        record = self.group.session.fetch(
            self.group.name, "transitive_module", self.key, TransitiveRecord, compute
        )
        if record.images is None:  # too many to be stored
            answer = self._ask(
                {"reps": [], "simples": None, "images": True, "rep_images": False}, Stopwatch()
            )
            return tuple(tuple(row) for row in answer["images"])
        return record.images

    def spherical_table(self) -> SphericalTable:
        """Return the table made from the character table."""
        return regular_spherical_table(self.group.character_table)


class CosetSource(TransitiveSource):
    """The cosets of a subgroup given by generators."""

    def __init__(self, group: Group, generators: tuple[object, ...], name: str) -> None:
        super().__init__(group, {"kind": "coset", "subgroup": list(generators)}, name)


class NaturalSource(TransitiveSource):
    """An orbit of the natural action, by one of its points (0-based)."""

    def __init__(self, group: Group, point: int, name: str) -> None:
        super().__init__(group, {"kind": "natural", "point": point}, name)

    def images(self) -> Sequence[Sequence[int]] | IntArray:
        """Return the generators' images; those of a permutation group need no question."""
        facts = self.group.facts
        generators = [g.get("perm") for g in facts.generators if isinstance(g, dict)]
        whole = len(facts.orbit_lengths) == 1
        if whole and generators and all(g and len(g) == facts.points for g in generators):
            return [list(g) for g in generators if g]
        return super().images()

    def orbits(self) -> list[tuple[int, ...]]:
        """Return the orbits of the whole natural action, by their first points."""
        group = self.group

        def compute(watch: Stopwatch) -> tuple[tuple[int, ...], ...]:
            from toolkit.modules.gsets.actions import orbits

            answer = group.ask("natural_action", {}, watch)
            images = answer["images"] or [list(range(answer["points"]))]
            return tuple(tuple(int(x) for x in orbit) for orbit in orbits(images))

        kind = tuple[tuple[int, ...], ...]
        return list(group.session.fetch(group.name, "natural_action", None, kind, compute))


class ActionSource(TransitiveSource):
    """A transitive G-set given by the images of the generators, which are never asked of GAP.

    Parameters
    ----------
    group
        The group.
    images
        ``(k, n)`` 0-based images, checked to be permutations and to have one orbit. That they
        are an action of the group is checked by GAP when it is first asked.
    name
        Its name, for messages.
    """

    def __init__(self, group: Group, images: IntArray, name: str) -> None:
        digest = hashlib.sha256(images.astype("<i8").tobytes()).hexdigest()
        key = {"kind": "images", "shape": list(images.shape), "sha256": digest}
        super().__init__(group, {"kind": "images"}, name, key=key)
        self._images = images

    @property
    def module(self) -> dict[str, Any]:
        """The description of the module in requests, made when it is needed: it is long."""
        return {**self._module, "images": self._images.tolist(), "point": 0}

    def record(self) -> TransitiveRecord:
        """Return the record, from the store or GAP."""

        def compute(watch: Stopwatch) -> TransitiveRecord:
            answer = self._answered(watch)
            found = _record(self.group, self._module, answer)
            if answer["images"] != self._images.tolist():
                raise InconsistentAnswerError(
                    self.group.name, "the images that were given", "others"
                )
            return replace(found, images=None)

        return self.group.session.fetch(
            self.group.name, "transitive_module", self.key, TransitiveRecord, compute
        )

    def images(self) -> IntArray:
        """Return the images that were given."""
        return self._images

    def _answered(self, watch: Stopwatch) -> dict[str, Any]:
        generators = len(self.group.facts.generators)
        if len(self._images) != generators:
            raise ModuleMismatchError(
                f"{self.name}: {shortened(self.group.name)} has {generators} generators, so that "
                f"many rows of images are required, found {len(self._images)}"
            )
        answer = super()._answered(watch)
        broken = answer["broken"]
        if broken is not None:
            raise ModuleMismatchError(
                f"{self.name}: the images are no action of {shortened(self.group.name)}: "
                + _broken_action(broken)
            )
        return answer


def _broken_action(broken: dict[str, Any]) -> str:
    """Say which relation of the group the images break."""
    if broken["left"] is None:
        return "the generators' images do not satisfy the group's relations"
    left, right = (
        "generators " + ", ".join(map(str, word)) + " in turn" if word else "the identity"
        for word in (broken["left"], broken["right"])
    )
    point = broken["point"]
    one, other = broken["images"]
    return (
        f"in the group, {left} and {right} are the same element, but they take point {point} to "
        f"{one} and to {other} (generators and points count from 0)"
    )


def _record(group: Group, module: dict[str, Any], answer: dict[str, Any]) -> TransitiveRecord:
    """Read GAP's answer, and check Lagrange's theorem, the action, and the kernel."""
    degree, order = answer["points"], answer["subgroup_order"]
    if degree * order != group.order:
        raise InconsistentAnswerError(
            group.name, "|X| |H| = |G|", f"{degree} points, |H| = {order}"
        )
    images = answer["images"]
    if images is not None:
        points = list(range(degree))
        if any(sorted(image) != points for image in images):
            raise InconsistentAnswerError(group.name, "generators to permute the points", "not")
        _check_action(group, module, answer)
    fixed: tuple[int, ...] | None = None
    kernel: int | None = None
    counts, rep_images = answer["counts"], answer["rep_images"]
    wanted = group.has_table and not (counts is None and rep_images is None)
    table = group.character_table if wanted else None
    if table is not None and counts is not None:
        numbers = [
            divmod(group.order * c, order * size)
            for c, size in zip(counts, table.class_sizes, strict=True)
        ]
        if any(rest for _, rest in numbers):
            raise InconsistentAnswerError(
                group.name, "integral numbers of fixed points", str(counts)
            )
        fixed = tuple(n for n, _ in numbers)
    elif rep_images is not None:
        fixed = tuple(sum(i == x for i, x in enumerate(image)) for image in rep_images)
    if table is not None and fixed is not None:
        kernel = sum(s for s, n in zip(table.class_sizes, fixed, strict=True) if n == degree)
        if sum(s * n for s, n in zip(table.class_sizes, fixed, strict=True)) != group.order:
            raise InconsistentAnswerError(group.name, "one orbit, by Burnside's lemma", str(fixed))
    return TransitiveRecord(
        degree=degree,
        subgroup_order=order,
        subgroup=tuple(answer["subgroup"]),
        orbit=None if answer["orbit"] is None else tuple(answer["orbit"]),
        base=answer["base"],
        images=None
        if images is None or degree > _STORED_IMAGES
        else tuple(tuple(image) for image in images),
        fixed_points=fixed,
        kernel_order=kernel,
    )


def _check_action(group: Group, module: dict[str, Any], answer: dict[str, Any]) -> None:
    """Check images against what is known of them from elsewhere.

    An orbit of the natural action of a permutation group must be that group's own generators. A
    coset space must have as many orbitals as there are double cosets, and the first generator
    must fix as many points as its class does.
    """
    from toolkit.modules.gsets.orbitals import Orbitals

    images = answer["images"]
    generators = [g.get("perm") for g in group.facts.generators if isinstance(g, dict)]
    natural = module["kind"] == "natural" and all(
        g is not None and len(g) == group.facts.points for g in generators
    )
    if natural:
        place = {point: i for i, point in enumerate(answer["orbit"])}
        expected = [[place[g[point]] for point in answer["orbit"]] for g in generators if g]
        if images != expected:
            raise InconsistentAnswerError(
                group.name, "the natural action to be that of the generators", "another"
            )
    rank = None
    if answer["spherical"] is not None:
        rank = len(answer["spherical"]["sizes"])
    elif answer["subgroup_order"] == 1:
        rank = group.order
    if rank is not None and images:
        found = Orbitals(images).count
        if found != rank:
            raise InconsistentAnswerError(group.name, f"{rank} orbitals of the action", str(found))


def _spherical(
    group: Group, name: str, record: TransitiveRecord, answer: dict[str, Any]
) -> SphericalTable:
    """Build the spherical table from GAP's answer, and check dim L^H against fixed points."""
    table = group.character_table
    dimensions = answer["dimensions"]
    for simple, dimension, multiplicity in zip(
        table.simples, dimensions, answer["multiplicities"], strict=True
    ):
        ends = simple.endomorphism_dimension
        if not isinstance(multiplicity, int) or multiplicity * ends != dimension:
            raise InconsistentAnswerError(
                group.name, f"dim {simple.label}^H to be a multiple of {ends}", str(dimension)
            )
    simples = []
    for position, row in zip(answer["kept"], answer["rows"], strict=True):
        simple = table.simples[position]
        simples.append(
            SphericalSimple(
                label=simple.label,
                dimension=simple.dimension,
                type=simple.type,
                multiplicity=answer["multiplicities"][position],
                action_order=simple.action_order,
                kernel_order=simple.kernel_order,
                row=tuple(row),
                paper_index=simple.paper_index,
            )
        )
    return SphericalTable(
        group=group.name,
        module=name,
        group_order=group.order,
        degree=record.degree,
        simples=tuple(simples),
        values=tuple(Cyclotomic.from_json(v) for v in answer["values"]),
        sizes=tuple(answer["sizes"]),
        points=tuple(answer["points"]),
        rank=len(answer["sizes"]),
    )
