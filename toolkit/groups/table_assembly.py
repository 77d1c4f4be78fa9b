"""From a table's arrays and its canonical order to the record that users hold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import InconsistentAnswerError
from toolkit.groups.character_table import CharacterTable, RealSimple
from toolkit.groups.table_arrays import TableArrays, sort_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from toolkit.groups.character_table import RealType
    from toolkit.groups.table_arrays import Indices

_TYPES: dict[int, RealType] = {1: "R", 0: "C", -1: "H"}


@dataclass(frozen=True)
class PaperIndices:
    """Where the simples of a cyclic or dihedral group get the index k of arXiv 2408.00949.

    Parameters
    ----------
    n
        The order of the cyclic group, or the number of corners of the polygon.
    generator
        0-based class of the generator, or of the rotation by 1/n of a turn.
    dihedral
        Whether the group is dihedral: only simples of dimension 2, and the trivial one, have an
        index.
    """

    n: int
    generator: int
    dihedral: bool


def assembled_table(
    group: str,
    arrays: TableArrays,
    *,
    class_names: tuple[str, ...],
    representatives: tuple[object, ...],
    gap_classes: Sequence[int],
    gap_characters: Sequence[int],
    generator_class: int | None,
    paper: PaperIndices | None,
    canonical: bool,
) -> CharacterTable:
    """Return the table of arrays whose classes and characters stand in their final order.

    Parameters
    ----------
    group
        Canonical name of the group.
    arrays
        The table; its simples may stand in any order.
    class_names, representatives, gap_classes, gap_characters, generator_class, canonical
        As in :class:`~toolkit.groups.character_table.CharacterTable`.
    paper
        How simples get their index of the paper, if they have one.

    Raises
    ------
    InconsistentAnswerError
        If no simple is trivial.

    Notes
    -----
    Exact; k^2 steps on arrays for k classes.
    """
    rows = arrays.simple_rows
    kernels = rows == rows[:, :1]
    actions = [arrays.order // order for order in class_set_orders(kernels, arrays)]
    dimensions = [arrays.values[v].to_int() for v in rows[:, 0].tolist()]
    kinds = ["RCH".index(_TYPES[int(arrays.indicators[c[0]])]) for c in arrays.constituents]
    kernel_keys, row_keys = class_set_keys(kernels), sort_keys(rows)

    def key(s: int) -> tuple[object, ...]:
        action = actions[s]
        return (action != 1, dimensions[s], kinds[s], action, kernel_keys[s], row_keys[s])

    sequence = sorted(range(len(rows)), key=key)
    if actions[sequence[0]] != 1 or dimensions[sequence[0]] != 1:
        raise InconsistentAnswerError(group, "a trivial character", "none")
    arrays = arrays.with_simples(sequence)
    indices = [
        _paper_index(arrays, paper, i, dimensions[s], actions[s]) for i, s in enumerate(sequence)
    ]
    table = CharacterTable(
        group=group,
        order=arrays.order,
        class_names=class_names,
        class_sizes=arrays.sizes,
        element_orders=tuple(arrays.orders.tolist()),
        representatives=representatives,
        power_maps={p: tuple(m.tolist()) for p, m in sorted(arrays.powers.items()) if p > 0},
        inverse=tuple(arrays.powers[-1].tolist()),
        values=arrays.values,
        rows=tuples(arrays.rows),
        indicators=tuple(arrays.indicators.tolist()),
        simples=real_simples(arrays, indices),
        gap_classes=tuple(gap_classes),
        gap_characters=tuple(gap_characters),
        generator_class=generator_class,
        canonical=canonical,
    )
    table.__dict__["arrays"] = arrays
    return table


def real_simples(
    arrays: TableArrays, paper_indices: Sequence[int | None]
) -> tuple[RealSimple, ...]:
    """Return the real simples of a table in its order, each with its index of the paper."""
    rows = arrays.simple_rows
    dimensions = [arrays.values[v].to_int() for v in rows[:, 0].tolist()]
    opposite = np.array([arrays.integers.get(-d, -1) for d in dimensions], dtype=np.intp)
    kernels, opposites = rows == rows[:, :1], rows == opposite[:, None]
    kernel_orders = class_set_orders(kernels, arrays)
    opposite_orders = class_set_orders(opposites, arrays)
    kernel_classes, opposite_classes = class_sets(kernels), class_sets(opposites)
    out = []
    for s, row in enumerate(tuples(rows)):
        constituents = arrays.constituents[s]
        out.append(
            RealSimple(
                label=f"L{s}",
                dimension=dimensions[s],
                type=_TYPES[int(arrays.indicators[constituents[0]])],
                constituents=tuple(sorted(constituents)),
                row=row,
                kernel=kernel_classes[s],
                kernel_order=kernel_orders[s],
                action_order=arrays.order // kernel_orders[s],
                minus=opposite_classes[s],
                plus_minus_order=kernel_orders[s] + opposite_orders[s],
                paper_index=paper_indices[s],
            )
        )
    return tuple(out)


def class_set_orders(members: NDArray[np.bool_], arrays: TableArrays) -> list[int]:
    """Return, per row of booleans, the number of elements in the classes where it is true."""
    kind = np.int64 if arrays.order < 1 << 62 else object
    orders: list[int] = (members @ np.array(arrays.sizes, dtype=kind)).tolist()
    return orders


def class_sets(members: NDArray[np.bool_]) -> list[tuple[int, ...]]:
    """Return, per row of booleans, the places where it is true."""
    places = members.nonzero()[1].tolist()
    ends = members.sum(axis=1).cumsum().tolist()
    return [tuple(places[a:b]) for a, b in zip([0, *ends], ends, strict=False)]


def class_set_keys(members: NDArray[np.bool_]) -> list[bytes]:
    """Return, per row of booleans, a key that sorts like the list of the places where it is true.

    Examples
    --------
    >>> keys = class_set_keys(np.array([[True, True, False], [True, False, True]]))
    >>> keys[0] < keys[1]
    True
    """
    places = members.nonzero()[1].astype(">u4").tobytes()
    ends = (4 * members.sum(axis=1).cumsum()).tolist()
    return [places[a:b] for a, b in zip([0, *ends], ends, strict=False)]


def tuples(rows: Indices) -> tuple[tuple[int, ...], ...]:
    """Return the rows of an array of places as tuples of Python's integers."""
    # one object for all entries that are equal: less memory, and three times as fast
    shared = np.arange(int(rows.max(initial=0)) + 1).astype(object)
    return tuple(map(tuple, shared[rows].tolist()))


def _paper_index(
    arrays: TableArrays, paper: PaperIndices | None, s: int, dimension: int, action: int
) -> int | None:
    if paper is None:
        return None
    if action == 1:
        return 0
    if paper.dihedral and dimension != 2:
        return None
    # the rotation acts with trace dim * cos(2 pi k / n); neighbouring k are far apart
    # compared with rounding, and gcd(n, k) is checked against the exact kernel
    value = arrays.values[arrays.simple_rows[s, paper.generator]]
    cosine = max(-1.0, min(1.0, value.to_float() / dimension))
    k = round(math.acos(cosine) * paper.n / (2 * math.pi))
    fits = paper.n // math.gcd(paper.n, k) == action // (2 if paper.dihedral else 1)
    return k if fits else None
