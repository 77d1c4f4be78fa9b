"""The part of a record about classes, complex characters and real simples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.explorer.record.numbers import real, whole
from toolkit.formats.group_page.notation import Letters, cycle_type, element, partition

if TYPE_CHECKING:
    from toolkit.formats.group_page.answers import Gatherer
    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.subgroups import NormalSubgroups

_SIGNS = {1: "+", 0: "o", -1: "-"}


def class_part(gather: Gatherer, characters: CharacterTable) -> dict[str, Any]:
    """Return ``classes``: names, sizes, orders, powers and representatives, by columns.

    Parameters
    ----------
    gather
        The answers about the group.
    characters
        Its character table.
    """
    generators = gather.facts.generators
    representatives = [element(r, generators) for r in characters.representatives]
    cycles = gather.cycle_types
    return {
        "names": list(characters.class_names),
        "sizes": [whole(s) for s in characters.class_sizes],
        "orders": list(characters.element_orders),
        "centralisers": [whole(characters.order // s) for s in characters.class_sizes],
        "inverse": list(characters.inverse),
        "powers": {str(p): list(image) for p, image in sorted(characters.power_maps.items())},
        "representatives": representatives if any(representatives) else None,
        "cycles": None if cycles is None else [cycle_type(c) for c in cycles],
    }


def complex_part(characters: CharacterTable) -> dict[str, Any]:
    """Return ``complex``: the complex characters as texts, irrational values as letters.

    The ``legend`` says what a letter stands for; ``-A`` is the negative of A and ``/A`` its
    complex conjugate.
    """
    letters = Letters(characters)
    rows = [[letters.name(v).replace(".", "0") for v in row] for row in characters.rows]
    return {
        "names": [f"X{i}" for i in range(len(characters))],
        "indicators": [_SIGNS[i] for i in characters.indicators],
        "rows": rows,
        "legend": [[letter, _exact(value)] for letter, value in letters.legend],
        "notes": letters.notes(),
    }


def _exact(value: Any) -> str:  # noqa: ANN401 - a cyclotomic
    """Return an exact value as textbooks write it, and as GAP does where that differs."""
    gap, short = str(value), value.pretty()
    return gap if gap == short else f"{short} = {gap}"


def simples_part(
    gather: Gatherer, characters: CharacterTable, normal: NormalSubgroups | None
) -> list[dict[str, Any]]:
    """Return ``simples``: one entry for each real simple, in canonical order."""
    named = {} if normal is None else {n.classes: n.label for n in normal}
    partitions = gather.partitions
    values = [real(v) if v.is_real else None for v in characters.values]
    out = []
    for s in characters.simples:
        factor = "2 " if s.type == "H" else ""
        out.append(
            {
                "label": s.label,
                "dimension": whole(s.dimension),
                "type": s.type,
                "kernel": named.get(tuple(sorted(s.kernel))),
                "kernel_order": whole(s.kernel_order),
                "action_order": whole(s.action_order),
                "sign": named.get(tuple(sorted(s.kernel + s.minus))),
                "sign_order": whole(s.plus_minus_order),
                "paper_index": s.paper_index,
                "constituents": [f"{factor}X{c}" for c in s.constituents],
                "partition": None if partitions is None else partition(partitions[s.label]),
                "character": [values[v] for v in s.row],
            }
        )
    return out
