"""The section about the natural module, and what else can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.cli.console import Column, blocks, wrapped
from toolkit.formats.group_page.notation import combination
from toolkit.formats.group_page.numbers import number
from toolkit.text import is_local

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.cli.console import Console
    from toolkit.formats.group_page.answers import Gatherer, NaturalPart
    from toolkit.groups.character_table import CharacterTable

_MOST_SUBORBITS = 24


def natural_section(parts: Sequence[NaturalPart], console: Console) -> list[str]:
    """Return what is known of the orbits of the natural module."""
    several = len(parts) > 1
    lines = ["", console.heading("Natural module" + (f": {len(parts)} orbits" if several else ""))]
    for k, part in enumerate(parts, start=1):
        spherical = part.table
        sum_ = combination({s.label: s.multiplicity for s in spherical.simples})
        about = f"{part.module.degree} points" if part.module.degree > 1 else "1 point"
        front = f"orbit {k}: " if several else ""
        two = ", 2-transitive" if spherical.rank == 2 else ""
        lines += wrapped(f"{front}{about}, rank {spherical.rank}{two}: {sum_}", console)
        if any(is_local(s.label) for s in spherical.simples):
            lines += ["", *_spherical(part, console)]
            lines += [""] if k < len(parts) else []
    return lines


def _spherical(part: NaturalPart, console: Console) -> list[str]:
    spherical = part.table
    lengths = [s * part.module.degree // spherical.group_order for s in spherical.sizes]
    keys = [
        Column("simple", [s.label for s in spherical.simples]),
        Column("dim", [s.dimension for s in spherical.simples], right=True),
        Column("type", [s.type for s in spherical.simples]),
        Column("mult", [s.multiplicity for s in spherical.simples], right=True),
        Column("action order", [number(s.action_order) for s in spherical.simples], right=True),
    ]
    values = [
        Column(
            f"φ({length})",
            [spherical.values[s.row[c]].pretty() for s in spherical.simples],
            right=True,
        )
        for c, length in enumerate(lengths)
    ]
    shown = len(values) if console.full else min(len(values), _MOST_SUBORBITS)
    made = blocks(console, keys, values[:shown])
    lines = [line for block in made for line in block]
    note = "V0, V1, ... are labels within this module; φ(k): spherical function on k points"
    if len(values) > shown:
        note += f"; the first {shown} of {len(values)} suborbits (--full shows all)"
    return [*lines, *wrapped(note + ".", console)]


def what_else(
    gather: Gatherer,
    characters: CharacterTable | None,
    parts: Sequence[NaturalPart],
    console: Console,
) -> list[str]:
    """Name what can be answered for a group without a character table."""
    if characters is not None:
        return []
    text = "Answered for this group: "
    if parts:
        text += "everything about natural_module() and its orbits, and "
    text += "modules coset_module(H) of moderate degree, H given by generators."
    return ["", *wrapped(text, console)]
