"""Reading and checking GAP's answers about transitive G-sets (``transitive_module.g``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.errors import InconsistentAnswerError
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.modules.gset_expressions import TransitiveRecord
from toolkit.modules.spherical import SphericalSimple, SphericalTable

if TYPE_CHECKING:
    from toolkit.library.structure import GroupStructure

# The images of a module this large or larger are asked of GAP again rather than stored.
_STORED_IMAGES = 20_000


def transitive_record(
    group: GroupStructure, module: dict[str, Any], answer: dict[str, Any]
) -> TransitiveRecord:
    """Read GAP's answer, and check Lagrange's theorem, the action, and the kernel."""
    degree, order = answer["points"], answer["subgroup_order"]
    alone = answer["counts"] is None and answer["rep_images"] is None  # no fact is waited for
    if not (alone and group.facts_at_hand is None) and degree * order != group.order:
        raise InconsistentAnswerError(
            group.name, "|X| |H| = |G|", f"{degree} points, |H| = {order}"
        )
    images = answer["images"]
    if images is not None:
        points = list(range(degree))
        if any(sorted(image) != points for image in images):
            raise InconsistentAnswerError(group.name, "permutations of the points", "other maps")
        _check_action(group, module, answer)
    fixed: tuple[int, ...] | None = None
    kernel: int | None = None
    counts, rep_images = answer["counts"], answer["rep_images"]
    wanted = not (counts is None and rep_images is None)
    table = group.characters_for_gap if wanted else None
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


def _check_action(group: GroupStructure, module: dict[str, Any], answer: dict[str, Any]) -> None:
    """Check images against independent data.

    On an orbit of the natural action of a permutation group they must be the generators. A coset
    space must have as many orbitals as there are double cosets.
    """
    from toolkit.modules.gsets.orbitals import Orbitals

    images = answer["images"]
    given = group.natural_images if module["kind"] == "natural" else None
    if given is not None:
        place = {point: i for i, point in enumerate(answer["orbit"])}
        expected = [[place[g[point]] for point in answer["orbit"]] for g in given.tolist()]
        if images != expected:
            raise InconsistentAnswerError(
                group.name, "the natural action of the generators", "another action"
            )
    rank = None
    if answer["spherical"] is not None:
        rank = len(answer["spherical"]["sizes"])
    elif answer["subgroup_order"] == 1:
        rank = answer["points"]
    if rank is not None and images:
        found = Orbitals(images).count
        if found != rank:
            raise InconsistentAnswerError(group.name, f"{rank} orbitals of the action", str(found))


def spherical_table(
    group: GroupStructure, name: str, record: TransitiveRecord, answer: dict[str, Any]
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
                group.name, f"a multiple of {ends} as dim {simple.label}^H", str(dimension)
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
