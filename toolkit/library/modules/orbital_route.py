"""The second route to a spherical table: from the orbitals, without listing the group.

numpy counts the intersection numbers of the orbitals; GAP splits the Hecke (centraliser) algebra,
which the orbitals span, exactly; type and multiplicity follow from integers (see
:mod:`toolkit.modules`). With a character table, each simple found is matched to one of the
group's by the exact character of its isotypic part on the class representatives; without one,
simples are labelled V0, V1, ... within the module.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import InconsistentAnswerError
from toolkit.exact.cyclotomic import Cyclotomic, order_key
from toolkit.groups.character_table import ENDOMORPHISM_DIMENSIONS
from toolkit.modules.gsets.orbitals import Orbitals
from toolkit.modules.schemes.intersection_numbers import intersection_numbers, numbered_from
from toolkit.modules.spherical import SphericalSimple, SphericalTable, check_spherical_table

if TYPE_CHECKING:
    from toolkit.groups.character_table import CharacterTable, RealType
    from toolkit.library.structure import GroupStructure
    from toolkit.modules.gsets.actions import IntArray

#: The largest rank of a Hecke algebra that GAP splits, from rank^3 integers.
MOST_ORBITALS = 32


def spherical_table_by_orbitals(
    group: GroupStructure,
    module: dict[str, Any],
    name: str,
    images: tuple[tuple[int, ...], ...],
    *,
    answer: dict[str, Any] | None = None,
) -> SphericalTable:
    """Compute and check a transitive module's spherical table from its orbitals.

    Parameters
    ----------
    group, module, name
        The group, the description of the module in requests, its name.
    images
        The generators' images.
    answer
        GAP's answer to ``transitive_module``, if known.

    Raises
    ------
    NotAvailable
        If the module has too many orbitals, or irrationalities of too high a degree.
    """
    degree = len(images[0]) if images else 1
    array = np.array(images, dtype=np.intp).reshape(-1, degree)
    if not images:
        array = np.zeros((1, 1), dtype=np.intp)
    table = group.characters_for_gap
    base, traces, subgroup_order = 0, [], group.order // degree
    if table is not None:
        if answer is None or answer["rep_images"] is None:
            answer = group.ask(
                "transitive_module",
                {
                    "module": module,
                    "reps": list(table.representatives),
                    "simples": None,
                    "images": False,
                    "rep_images": True,
                },
            )
        base = answer["base"]
        traces = _traces(array, base, answer["rep_images"])
    points, sizes, paired, constants = intersection_numbers(array, base, most=MOST_ORBITALS)
    split = group.session.ask_gap(
        "orbital_algebra",
        {"constants": constants.tolist(), "paired": paired, "points": degree, "traces": traces},
        subject=f"{name} of {group.name}",
    )
    values = tuple(Cyclotomic.from_json(v) for v in split["values"])
    found = []
    for s in split["simples"]:
        kind, multiplicity = _type_and_multiplicity(group.name, s["algebra"], s["symmetric"])
        dimension, rest = divmod(s["total"], multiplicity)
        if rest:
            raise InconsistentAnswerError(
                group.name, "a dimension divisible by its multiplicity", str(s["total"])
            )
        found.append((kind, multiplicity, dimension, tuple(s["row"]), tuple(s["character"])))
    if table is not None:
        simples = _matched(table, values, found)
    else:
        simples = _named_locally(group, array, base, points, values, found)
    used = sorted({v for simple in simples for v in simple.row})
    place = {v: i for i, v in enumerate(used)}
    out = SphericalTable(
        group=group.name,
        module=name,
        group_order=group.order,
        degree=degree,
        simples=tuple(replace(s, row=tuple(place[v] for v in s.row)) for s in simples),
        values=tuple(values[v] for v in used),
        sizes=tuple(size * subgroup_order for size in sizes),
        points=tuple(points),
        rank=len(sizes),
    )
    check_spherical_table(out)
    return out


def _type_and_multiplicity(group: str, algebra: int, symmetric: int) -> tuple[RealType, int]:
    """Read type and multiplicity off (dim pAp, dim of its symmetric elements)."""
    for kind, ends in ENDOMORPHISM_DIMENSIONS.items():
        m = math.isqrt(algebra // ends)
        wanted = {"R": m * (m + 1) // 2, "C": m * m, "H": 2 * m * m - m}[kind]
        if m and ends * m * m == algebra and wanted == symmetric:
            return kind, m
    raise InconsistentAnswerError(
        group,
        "(dim pAp, dim of symmetric elements) of type R, C or H",
        f"({algebra}, {symmetric})",
    )


def _traces(array: IntArray, base: int, rep_images: list[list[int]]) -> list[list[int]]:
    """Per class, per orbital (numbered from the base): how many x have (x, x^g) in it."""
    orbitals = Orbitals(array)
    everything = np.arange(array.shape[1])
    row = orbitals.labels_at(np.full_like(everything, base), everything)
    new = numbered_from(row, base)
    return [
        np.bincount(
            new[orbitals.labels_at(everything, np.array(image))], minlength=len(new)
        ).tolist()
        for image in rep_images
    ]


Found = tuple["RealType", int, int, tuple[int, ...], tuple[int, ...]]


def _matched(
    table: CharacterTable, values: tuple[Cyclotomic, ...], found: list[Any]
) -> list[SphericalSimple]:
    """Match each isotypic part to a simple of the group by its exact character."""
    by_character = {
        tuple(table.values[v] for v in simple.row): i for i, simple in enumerate(table.simples)
    }
    placed: dict[int, SphericalSimple] = {}
    for kind, multiplicity, dimension, row, character in found:
        chi = tuple(values[v].scaled(Fraction(1, multiplicity)) for v in character)
        position = by_character.get(chi)
        if position is None or position in placed:
            raise InconsistentAnswerError(
                table.group, "the character of another simple on each isotypic part", str(chi[:4])
            )
        simple = table.simples[position]
        if simple.type != kind or simple.dimension != dimension:
            raise InconsistentAnswerError(
                table.group,
                f"{simple.label} of type {simple.type} and dimension {simple.dimension}",
                f"type {kind}, dimension {dimension}",
            )
        placed[position] = SphericalSimple(
            label=simple.label,
            dimension=dimension,
            type=kind,
            multiplicity=multiplicity,
            action_order=simple.action_order,
            kernel_order=simple.kernel_order,
            row=row,
            paper_index=simple.paper_index,
        )
    return [placed[i] for i in sorted(placed)]


def _named_locally(
    group: GroupStructure,
    array: IntArray,
    base: int,
    points: list[int],
    values: tuple[Cyclotomic, ...],
    found: list[Any],
) -> list[SphericalSimple]:
    """Label simples within the module, and find the order of each one's action from blocks."""
    one = values.index(Cyclotomic.from_int(1))
    row_labels = Orbitals(array)
    actions = []
    for _, _, _, row, _ in found:
        inside = [k for k, v in enumerate(row) if v == one]
        actions.append(_block_images(array, base, inside, points, row_labels))
    orders = group.session.ask_gap("permutation_order", {"images": actions}, subject=group.name)
    unnamed = [
        SphericalSimple(
            label="",
            dimension=dimension,
            type=kind,
            multiplicity=multiplicity,
            action_order=order,
            kernel_order=group.order // order,
            row=row,
        )
        for (kind, multiplicity, dimension, row, _), order in zip(found, orders, strict=True)
    ]
    return labelled_locally(unnamed, values)


def labelled_locally(
    simples: list[SphericalSimple], values: tuple[Cyclotomic, ...]
) -> list[SphericalSimple]:
    """Label simples V0, V1, ... by dimension, type, order of the action, and phi."""
    ordered = sorted(
        simples,
        key=lambda s: (
            s.action_order != 1,
            s.dimension,
            "RCH".index(s.type),
            s.action_order,
            order_key(tuple(values[v] for v in s.row)),
        ),
    )
    return [replace(s, label=f"V{i}") for i, s in enumerate(ordered)]


def _block_images(
    array: IntArray,
    base: int,
    inside: list[int],
    points: list[int],
    orbitals: Any,  # noqa: ANN401
) -> list[list[int]]:
    """Return images of the generators on the translates of the block that ``inside`` forms.

    The kernel of L is the core of U+, the stabiliser of the block, so that G acts on the blocks
    as G / ker L.
    """
    n = array.shape[1]
    everything = np.arange(n)
    row = orbitals.labels_at(np.full_like(everything, base), everything)
    wanted = {int(row[points[k]]) for k in inside}
    block = np.flatnonzero(np.isin(row, list(wanted)))
    number = np.full(n, -1, dtype=np.intp)
    blocks = [block]
    number[block] = 0
    head = 0
    while head < len(blocks):
        for image in array:
            moved = image[blocks[head]]
            if number[moved[0]] < 0:
                number[moved] = len(blocks)
                blocks.append(moved)
        head += 1
    if int(number.min()) < 0 or len(blocks) * len(block) != n:
        raise InconsistentAnswerError("a module", "a block of the suborbits where phi = 1", "none")
    out = []
    for image in array:
        targets = number[image]
        if any(len(set(targets[b].tolist())) != 1 for b in blocks):
            raise InconsistentAnswerError("a module", "a block system", "blocks that break up")
        out.append([int(targets[b[0]]) for b in blocks])
    return out
