"""All rows about one group, table by table.

Rows are in the order of their table's key: labels by their numbers, the regular module first, then
modules by the order of the subgroup, activations by name.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toolkit.catalog.rows.blocks import Block, LabelLists
from toolkit.catalog.rows.graph import DEFAULT_ACTIVATIONS, graph_rows
from toolkit.errors import InconsistentAnswerError, NotAvailable
from toolkit.groups.character_fields import character_fields
from toolkit.groups.subgroups import normal_subgroups_or_kernels
from toolkit.groups.table_hashes import powered_table_hash, table_hash
from toolkit.pl.criterion.of_module import orbit_criteria

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from toolkit.catalog.rows.blocks import Column
    from toolkit.groups.character_fields import CharacterFields
    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.subgroups import NormalSubgroups
    from toolkit.library.group import Group
    from toolkit.modules.spherical import SphericalTable

#: For groups with more normal subgroups the catalog lists only the kernels of simples.
MOST_LISTED = 1000


@dataclass(frozen=True)
class Modules:
    """Which modules of each group a catalog has.

    Parameters
    ----------
    max_index
        ``None``: the regular module. Else also every transitive module of at most this many
        points, one for each class of subgroups.

    Examples
    --------
    >>> Modules.parse("transitive:24"), Modules.parse("regular")
    (Modules(max_index=24), Modules(max_index=None))
    """

    max_index: int | None = None

    @classmethod
    def parse(cls, text: str) -> Modules:
        """Return what ``regular`` or ``transitive:MAXINDEX`` means; ValueError if it is neither."""
        kind, _, index = text.partition(":")
        if text == "regular":
            return cls()
        if kind == "transitive" and index.isascii() and index.isdigit() and int(index) > 0:
            return cls(int(index))
        raise ValueError(
            f"modules are 'regular' or 'transitive:MAXINDEX', such as transitive:24, not {text!r}"
        )

    def __str__(self) -> str:
        return "regular" if self.max_index is None else f"transitive:{self.max_index}"


def rows_of_group(
    group: Group,
    modules: Modules | None = None,
    activations: Sequence[str] = DEFAULT_ACTIVATIONS,
) -> dict[str, list[Block]]:
    """Return the rows of all tables about one group.

    Parameters
    ----------
    group
        A group with a character table.
    modules
        Which modules; by default only the regular one.
    activations
        Names of activations.

    Returns
    -------
    dict
        Per table of :mod:`toolkit.catalog.schema` the blocks of rows, without the column
        ``provenance`` and without the tables ``provenance`` and ``attempts``.
        :func:`toolkit.catalog.files.arrow.arrow_table` turns them into pyarrow tables.

    Raises
    ------
    NotAvailable
        If the character table or the list of subgroups cannot be computed.
    InconsistentAnswerError
        If answers contradict each other.

    Notes
    -----
    Exact, except for shares, which are rounded to 12 decimals. GAP computes the facts, the
    character table, the quotients, and for transitive modules the classes of subgroups and a
    spherical table each.

    Examples
    --------
    >>> import toolkit as tk
    >>> rows = rows_of_group(tk.group("S3"), activations=["relu"])
    >>> rows["edges"][0].length, rows["groups"][0].columns["real_classes"]
    (6, 3)
    """
    wanted = modules or Modules()
    if not group.has_table:
        raise NotAvailable(group.name, "rows of a catalog", str(group.facts.table))
    table = group.character_table
    normal, count = normal_subgroups_or_kernels(table, MOST_LISTED)
    fields = character_fields(group.name, table.arrays)
    rows: dict[str, list[Block]] = {
        "groups": [_group_row(group, table, fields, count, wanted)],
        "classes": [_class_rows(table)],
        "simples": [_simple_rows(table, fields, normal)],
        "normal_subgroups": [_normal_rows(table, normal)],
        "quotients": [_quotient_rows(group, table)],
        "pl_maps": [_pl_map_rows(table, normal)],
    }
    for label, spherical, is_normal in _modules(group, wanted):
        for name, block in _module_rows(label, spherical, is_normal, activations):
            rows.setdefault(name, []).append(block)
    for blocks in rows.values():
        for block in blocks:
            block.columns.update({"group": group.name, "order": table.order})
    return rows


def _require(group: str, condition: bool, law: str, found: object) -> None:
    if not condition:
        raise InconsistentAnswerError(group, law, str(found))


def _group_row(
    group: Group,
    table: CharacterTable,
    fields: CharacterFields,
    normal: int | None,
    wanted: Modules,
) -> Block:
    facts = group.facts
    linear = sum(1 for d in table.degrees if d == 1)
    central = sum(1 for s in table.class_sizes if s == 1)
    exponent = math.lcm(*table.element_orders)
    # two routes to each: the group itself, and its character table
    _require(group.name, facts.subgroups.centre == central, f"a centre of order {central}", facts)
    _require(
        group.name,
        facts.subgroups.derived * linear == table.order,
        f"a derived subgroup of index {linear}",
        facts,
    )
    _require(group.name, facts.exponent in (None, exponent), f"the exponent {exponent}", facts)
    _require(group.name, facts.classes in (None, len(table)), f"{len(table)} classes", facts)
    kinds = [s.type for s in table.simples]
    subgroup_classes = None
    if wanted.max_index is not None and wanted.max_index >= table.order:
        subgroup_classes = len(group.subgroup_classes(wanted.max_index))
    return Block(
        1,
        {
            "number": None if facts.id is None else facts.id[1],
            "description": facts.description,
            "abelian": facts.abelian,
            "nilpotent": facts.nilpotent,
            "solvable": facts.solvable,
            "perfect": facts.perfect,
            "simple": facts.simple,
            "exponent": exponent,
            "classes": len(table),
            "real_classes": sum(1 for c, i in enumerate(table.inverse) if c == i),
            "real": all(c == i for c, i in enumerate(table.inverse)),
            "rational": fields.degree == 1,
            "conductor": fields.conductor,
            "field_degree": fields.degree,
            "table_hash": table_hash(table),
            "powered_table_hash": powered_table_hash(table),
            "simples": len(kinds),
            "simples_R": kinds.count("R"),
            "simples_C": kinds.count("C"),
            "simples_H": kinds.count("H"),
            "largest_dimension": max(s.dimension for s in table.simples),
            "faithful_simples": sum(1 for s in table.simples if s.kernel_order == 1),
            "normal_subgroups": normal,
            "centre_order": facts.subgroups.centre,
            "derived_order": facts.subgroups.derived,
            "subgroup_classes": subgroup_classes,
            "abelian_invariants": [[str(q) for q in facts.abelian_invariants]],
        },
    )


def _class_rows(table: CharacterTable) -> Block:
    k = len(table)
    return Block(
        k,
        {
            "class": np.arange(k),
            "element_order": list(table.element_orders),
            "size": list(table.class_sizes),
            "inverse": list(table.inverse),
        },
    )


def _simple_rows(table: CharacterTable, fields: CharacterFields, normal: NormalSubgroups) -> Block:
    simples = table.simples
    first = [s.constituents[0] for s in simples]
    labels = {n.classes: n.label for n in normal}
    return Block(
        len(simples),
        {
            "label": [s.label for s in simples],
            "dimension": [s.dimension for s in simples],
            "type": [s.type for s in simples],
            "degree": [table.degrees[i] for i in first],
            "conductor": fields.conductors[first],
            "field_degree": fields.degrees[first],
            "kernel": [labels[s.kernel] for s in simples],
            "kernel_order": [s.kernel_order for s in simples],
            "action_order": [s.action_order for s in simples],
            "sign_order": [s.plus_minus_order for s in simples],
        },
    )


def _normal_rows(table: CharacterTable, normal: NormalSubgroups) -> Block:
    kernels = {s.kernel for s in table.simples}
    labels = [n.label for n in normal]
    covers = _lists(((j, i) for i, j in normal.covers), labels)
    return Block(
        len(normal),
        {
            "label": labels,
            "subgroup_order": [n.order for n in normal],
            "index": [n.index for n in normal],
            "covers": covers,
            "is_kernel": [n.classes in kernels for n in normal],
        },
    )


def _lists(pairs: Iterable[tuple[int, int]], labels: Sequence[str]) -> LabelLists:
    """Return, per row i, the labels of all j of pairs ``(i, j)``, rising."""
    found = np.array(sorted(pairs), dtype=np.int32).reshape(-1, 2)
    counts = np.bincount(found[:, 0], minlength=len(labels))
    offsets = np.concatenate([[0], counts.cumsum()]).astype(np.int32)
    return LabelLists(offsets, found[:, 1], labels)


def _quotient_rows(group: Group, table: CharacterTable) -> Block:
    counts: dict[tuple[int, int], int] = {}
    if table.order > 1 and not group.is_table_only:
        for pair in group.quotient_ids():
            if pair is not None:
                counts[pair] = counts.get(pair, 0) + 1
    pairs = sorted(counts)
    return Block(
        len(pairs),
        {
            "quotient": [f"SmallGroup({n},{number})" for n, number in pairs],
            "kernels": [counts[pair] for pair in pairs],
            "kernel_order": [table.order // n for n, _ in pairs],
        },
    )


def _pl_map_rows(table: CharacterTable, normal: NormalSubgroups) -> Block:
    own: dict[tuple[int, ...], list[str]] = {}
    for s in table.simples:
        own.setdefault(s.kernel, []).append(s.label)
    kernels = normal.among({n.label for n in normal if n.classes in own})
    labels = [n.label for n in kernels]
    simples = [own[n.classes] for n in kernels]
    members = np.zeros((len(kernels), len(table)), dtype=np.float32)
    for row, n in zip(members, kernels, strict=True):
        row[list(n.classes)] = 1
    # per kernel which kernels contain it; sums of fewer than 2^24 ones are exact
    contained = members @ (1 - members).T == 0
    return Block(
        len(kernels),
        {
            "kernel": labels,
            "kernel_order": [n.order for n in kernels],
            "simples": simples,
            "below": _lists(kernels.covers, labels),
            "targets": contained @ np.array([len(s) for s in simples], dtype=np.int64),
        },
    )


def _modules(group: Group, wanted: Modules) -> Iterator[tuple[str, SphericalTable, bool]]:
    """Yield label, spherical table, and whether the subgroup is normal, for each module."""
    yield "regular", group.regular_module().spherical_table, True
    if wanted.max_index is not None:
        classes = group.subgroup_classes(wanted.max_index)
        if not classes.complete:
            raise NotAvailable(
                group.name, "its transitive modules", "it has too many classes of subgroups"
            )
        for H in classes:
            if H.order > 1:
                yield H.label, group.coset_module(H).spherical_table, H.is_normal


def _module_rows(
    label: str, table: SphericalTable, is_normal: bool, activations: Sequence[str]
) -> Iterator[tuple[str, Block]]:
    simples = table.simples
    module: dict[str, Column] = {"module": label}
    subgroup_order = table.group_order // table.degree
    yield (
        "modules",
        Block(
            1,
            module
            | {
                "degree": table.degree,
                "subgroup_order": subgroup_order,
                "subgroup_normal": is_normal,
                "rank": table.rank,
                "simples": len(simples),
                "largest_multiplicity": max(s.multiplicity for s in simples),
            },
        ),
    )
    (orbit,) = orbit_criteria(table)
    plus, minus = orbit.subgroups(np.eye(len(simples), dtype=np.bool_))
    hyperplanes = [table.group_order // order for order in orbit.orders_of(plus | minus)]
    yield (
        "contents",
        Block(
            len(simples),
            module
            | {
                "label": [s.label for s in simples],
                "multiplicity": [s.multiplicity for s in simples],
                "fixed": [s.fixed_dimension for s in simples],
                "hyperplanes": hyperplanes,
                "regions": [
                    {1: 2, 2: 2 * lines}.get(s.dimension)
                    for s, lines in zip(simples, hyperplanes, strict=True)
                ],
            },
        ),
    )
    for name, block in graph_rows(orbit, sorted(activations)):
        yield name, Block(block.length, module | block.columns)
