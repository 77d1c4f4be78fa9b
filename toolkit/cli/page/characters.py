"""The sections about classes, complex characters and real simples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.cli.console import PAGE_WIDTH, Column, blocks, table, wrapped
from toolkit.cli.page.notes import MOST_CLASSES, hidden, shown_rows
from toolkit.formats.group_page.notation import Letters, cycle_type, element, partition
from toolkit.formats.group_page.numbers import number

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from toolkit.cli.console import Console
    from toolkit.formats.group_page.answers import Gatherer
    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.subgroups import NormalSubgroups

_ABBREVIATED_ROWS = 16


def classes_section(
    gather: Gatherer,
    characters: CharacterTable,
    options: argparse.Namespace,
    console: Console,
) -> list[str]:
    """Return the table of conjugacy classes."""
    n = len(characters)
    shown = shown_rows(n, options)
    names = characters.class_names

    def column(head: str, cells: Sequence[object], *, right: bool = True) -> Column:
        return Column(head, cells[:shown], right=right)

    first = [
        column("size", [number(s) for s in characters.class_sizes]),
        column("centraliser", [number(characters.order // s) for s in characters.class_sizes]),
        column("order", characters.element_orders),
    ]
    powers = [
        column(f"{p}P", [names[c] for c in image], right=False)
        for p, image in sorted(characters.power_maps.items())
    ]
    key = [column("class", names, right=False)]
    if options.gap_order:
        key.append(column("GAP", [p + 1 for p in characters.gap_classes]))
    if gather.cycle_types is not None:
        first.append(column("cycles", [cycle_type(c) for c in gather.cycle_types], right=False))
    generators = gather.facts.generators
    representatives = column(
        "representative",
        [element(r, generators, full=options.full) for r in characters.representatives[:shown]],
        right=False,
    )
    lines = ["", console.heading(f"Conjugacy classes: {n}")]
    used = 2 + sum(c.width + 2 for c in (*key, *first, *powers))
    room = max(14, min(24, representatives.width)) if any(representatives.cells) else 0
    if used + room <= console.width:
        lines += table(console, [*key, *first, *powers, representatives])
    else:
        lines += table(console, [*key, *first, representatives])
        for block in blocks(console, key, powers):
            lines += ["", *block]
    lines += hidden("classes", n, shown, console)
    if characters.order >= 10**15:
        lines.append("  Numbers such as 1.00e20 are rounded; --json prints every digit.")
    return lines


def characters_section(
    characters: CharacterTable, options: argparse.Namespace, console: Console
) -> list[str]:
    """Return the table of complex characters."""
    n = len(characters)
    short = not options.full and n > MOST_CLASSES
    rows = _ABBREVIATED_ROWS if short else n
    columns = min(n, 30) if short else n
    letters = Letters(characters, rows)
    cells = [[letters.name(v) for v in row[:columns]] for row in characters.rows[:rows]]
    keys = [Column("", [f"X{i}" for i in range(rows)])]
    if options.gap_order:
        keys.append(Column("GAP's", [f"X.{p + 1}" for p in characters.gap_characters[:rows]]))
    signs = {1: "+", 0: "o", -1: "-"}
    keys.append(Column("ind", [signs[i] for i in characters.indicators[:rows]]))
    shown = [
        Column(name, column, right=True)
        for name, column in zip(characters.class_names, zip(*cells, strict=True), strict=False)
    ]
    made = blocks(console, keys, shown)
    lines = ["", console.heading(f"Complex characters: {n}")]
    if short:
        columns = _columns_in(made[0], keys)
        letters = Letters(characters, rows)
        used = [[letters.name(v) for v in row[:columns]] for row in characters.rows[:rows]]
        shown = [
            Column(name, column, right=True)
            for name, column in zip(characters.class_names, zip(*used, strict=True), strict=False)
        ]
        made = [table(console, [*keys, *shown])]
    for i, block in enumerate(made):
        lines += [""] * (i > 0) + block
    if short:
        text = (
            f"… the first {rows} of {n} characters on the first {columns} of {n} classes "
            "(--full shows all)"
        )
        lines += wrapped(text, console)
    notes = letters.notes()
    if letters.legend:
        lines.append("")
        width = max(len(letter) for letter, _ in letters.legend)
        for letter, value in letters.legend:
            text = f"{letter.ljust(width)} = {console.exact(value)}"
            lines += wrapped(text, console, hang=" " * (width + 3))
    if not all(i == 1 for i in characters.indicators):
        notes.append("ind: + real, o complex, - quaternionic type")
    if notes:
        lines += [""] * (not letters.legend)
        lines += wrapped("; ".join(notes), console)
    if not characters.canonical:
        lines += wrapped(
            "Some of these classes are not distinguished by any invariant; they are in "
            "GAP's order.",
            console,
        )
    return lines


def _columns_in(block: list[str], keys: Sequence[Column]) -> int:
    return len(block[0].split()) - sum(1 for key in keys if key.head)


def simples_section(
    gather: Gatherer,
    characters: CharacterTable,
    normal: NormalSubgroups | None,
    options: argparse.Namespace,
    console: Console,
) -> list[str]:
    """Return the table of real simples."""
    simples = characters.simples
    shown = shown_rows(len(simples), options)
    named = {} if normal is None else {n.classes: n.label for n in normal}

    def group(order: int, classes: tuple[int, ...]) -> str:
        label = named.get(tuple(sorted(classes)))
        return f"{label}: {number(order)}" if label else number(order)

    def constituents(i: int) -> str:
        simple = simples[i]
        factor = "2 " if simple.type == "H" else ""
        return " + ".join(f"{factor}X{c}" for c in simple.constituents)

    some = simples[:shown]
    digits = 30 if console.width >= PAGE_WIDTH else 12
    columns = [
        Column("simple", [s.label for s in some]),
        Column("dim", [number(s.dimension, digits) for s in some], right=True),
        Column("type", [s.type for s in some]),
        Column("action order", [number(s.action_order) for s in some], right=True),
        Column("kernel", [group(s.kernel_order, s.kernel) for s in some]),
        Column("±1", [group(s.plus_minus_order, s.kernel + s.minus) for s in some]),
        Column("characters", [constituents(i) for i in range(shown)], fit="wrap"),
        Column("partition", [_partition(gather, s.label) for s in some]),
        Column(
            "paper's index", ["" if s.paper_index is None else f"L_{s.paper_index}" for s in some]
        ),
    ]
    counts = ", ".join(
        f"{sum(s.type == t for s in simples)} {word}"
        for t, word in (("R", "real"), ("C", "complex"), ("H", "quaternionic"))
        if any(s.type == t for s in simples)
    )
    return [
        "",
        console.heading(f"Real simples: {len(simples)} ({counts})"),
        *table(console, columns),
        *hidden("simples", len(simples), shown, console),
    ]


def _partition(gather: Gatherer, label: str) -> str:
    found = gather.partitions
    return "" if found is None else partition(found[label])
