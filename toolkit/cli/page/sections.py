"""The page about a group, section by section."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from toolkit.cli.console import Column, blocks, factored, labelled, number, one_line, table, wrapped
from toolkit.cli.page.notation import Letters, abelian_name, adjectives, combination, element
from toolkit.errors import NotAvailable
from toolkit.text import is_local, listed, shortened

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from toolkit.cli.console import Console
    from toolkit.cli.page.answers import Gatherer, NaturalPart
    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.facts import GroupFacts
    from toolkit.groups.permutation_characters import CosetDecomposition
    from toolkit.groups.subgroups import NormalSubgroups, SubgroupClasses

_MOST_CLASSES = 40
_MOST_ROWS = 30
_MOST_LINES = 3
_ABBREVIATED_ROWS = 16


def sections(
    gather: Gatherer, options: argparse.Namespace, console: Console
) -> Iterator[list[str]]:
    """Yield the sections of the page, each as lines, as they become known."""
    G = gather.group
    has_table = G.has_table
    characters = gather.table() if has_table else None
    yield _head(gather, characters, console)
    if characters is None:
        reason = gather.missing[-1]["reason"] if gather.missing else str(G.facts.table)
        yield _absent("Characters, simples, normal subgroups", reason, console)
    else:
        normal = gather.normal_subgroups()
        yield _classes(characters, options, console)
        yield _characters(characters, options, console)
        yield _simples(characters, normal, options, console)
        if normal is None:
            yield _absent("Normal subgroups", gather.missing[-1]["reason"], console)
        else:
            yield _normal(normal, options, console)
    yield from _subgroups(gather, characters, options, console)
    parts = gather.natural_parts()
    if parts:
        yield _natural(parts, console)
    elif gather.missing and gather.missing[-1]["what"] == "the natural module":
        yield _absent("Natural module", gather.missing[-1]["reason"], console)
    more = _more(gather, characters, parts, console)
    if more:
        yield more


def _absent(title: str, reason: str, console: Console) -> list[str]:
    text = "Not available: " + one_line(reason)
    return ["", console.heading(title), *wrapped(text, console)]


def _hidden(kind: str, count: int, shown: int, console: Console) -> list[str]:
    if shown >= count:
        return []
    return [console.plain(f"  … and {count - shown} more {kind} (--full shows all)")]


# --- the head -------------------------------------------------------------------------------------


def _characteristic(characters: CharacterTable) -> dict[str, str]:
    """Return the labels of the centre and the derived subgroup, unless the lattice is huge."""
    from toolkit.groups.subgroups import characteristic_subgroups, normal_subgroups_of_table

    if len(characters) > 200:
        return {}
    try:
        lattice = normal_subgroups_of_table(characters)
    except NotAvailable:
        return {}
    return {name: n.label for name, n in characteristic_subgroups(characters, lattice).items()}


def _head(gather: Gatherer, characters: CharacterTable | None, console: Console) -> list[str]:
    G = gather.group
    facts = G.facts
    lines = [console.bold(shortened(G.name, console.width)), ""]
    rows: list[tuple[str, str]] = [("order", _order(facts.order, console))]
    if facts.id is not None and "SmallGroup({},{})".format(*facts.id) != G.name:
        rows.append(("small group", "SmallGroup({},{})".format(*facts.id)))
    if facts.description is not None:
        rows.append(("description", f"{facts.description}  (GAP's words, not an identifier)"))
    if facts.generators:
        rows.append(("generators", ", ".join(map(element, facts.generators))))
    if facts.points:
        rows.append(("acts on", _action(facts)))
    classes = facts.classes if characters is None else len(characters)
    if classes is not None:
        count = f"{classes} conjugacy class" + ("es" if classes > 1 else "")
        if characters is not None:
            count += f", {len(characters.simples)} real simple"
            count += "s" if len(characters.simples) > 1 else ""
        rows.append(("classes", count))
    if facts.exponent is not None:
        rows.append(("exponent", number(facts.exponent)))
    rows.append(("abelianisation", abelian_name(facts.abelian_invariants)))
    subgroups = facts.subgroups
    orders = [
        (word, value)
        for word, value in (
            ("centre", subgroups.centre),
            ("derived", subgroups.derived),
            ("Frattini", subgroups.frattini),
            ("Fitting", subgroups.fitting),
            ("socle", subgroups.socle),
            ("radical", subgroups.radical),
        )
        if value is not None
    ]
    labels = {} if characters is None else _characteristic(characters)
    rows.append(
        (
            "subgroups of",
            "order "
            + ", ".join(
                f"{number(v)} ({word}{' ' + labels[word] if word in labels else ''})"
                for word, v in orders
            ),
        )
    )
    if facts.derived_series:
        rows.append(("derived series", " > ".join(map(number, facts.derived_series))))
    lines += wrapped(adjectives(facts, characters), console)
    return [*lines, "", *labelled(console, rows, most=_MOST_LINES)]


def _order(order: int, console: Console) -> str:
    factors = factored(order)
    digits = math.floor(math.log10(order)) + 1
    text = str(order) if digits <= 60 else f"{number(order)} ({digits} digits)"
    if order == 1 or factors == [text]:
        return text + (", prime" if order > 1 else "")
    if len(factors) > 24:
        factors = [*factors[:12], "…", *factors[-2:]]
    return f"{text} = " + console.plain(" · ").join(factors)


def _action(facts: GroupFacts) -> str:
    text = f"{facts.points} point" + ("s" if facts.points > 1 else "")
    if facts.faithful is not None:
        text += ", faithfully" if facts.faithful else ", not faithfully"
    if len(facts.orbit_lengths) == 1:
        return text + (", transitively" if facts.points > 1 else "")
    return f"{text}, with orbits of lengths {listed(facts.orbit_lengths, 20)}"


# --- characters -----------------------------------------------------------------------------------


def _shown(count: int, options: argparse.Namespace, most: int = _MOST_CLASSES) -> int:
    return count if options.full or count <= most else min(most, _MOST_ROWS)


def _classes(
    characters: CharacterTable, options: argparse.Namespace, console: Console
) -> list[str]:
    n = len(characters)
    shown = _shown(n, options)
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
    representatives = column(
        "representative", [element(r) for r in characters.representatives], right=False
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
    lines += _hidden("classes", n, shown, console)
    if characters.order >= 10**15:
        lines.append("  Numbers such as 1.00e20 are rounded; --json prints every digit.")
    return lines


def _characters(
    characters: CharacterTable, options: argparse.Namespace, console: Console
) -> list[str]:
    n = len(characters)
    short = not options.full and n > _MOST_CLASSES
    rows = _ABBREVIATED_ROWS if short else n
    columns = min(n, 30) if short else n
    letters = Letters(characters)
    cells = [[letters.name(v) for v in row[:columns]] for row in characters.rows[:rows]]
    keys = [Column("", [f"X.{i + 1}" for i in range(rows)])]
    if options.gap_order:
        keys.append(Column("GAP", [p + 1 for p in characters.gap_characters[:rows]], right=True))
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
        letters = Letters(characters)
        used = [[letters.name(v) for v in row[:columns]] for row in characters.rows[:rows]]
        shown = [
            Column(name, column, right=True)
            for name, column in zip(characters.class_names, zip(*used, strict=True), strict=False)
        ]
        made = [table(console, [*keys, *shown])]
    for i, block in enumerate(made):
        lines += [""] * (i > 0) + block
    if short:
        lines.append(
            console.plain(
                f"  … the first {rows} of {n} characters on the first {columns} of {n} classes"
                " (--full shows all)"
            )
        )
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
            "No invariant tells some of these classes apart; those stand in GAP's order.", console
        )
    return lines


def _columns_in(block: list[str], keys: Sequence[Column]) -> int:
    return len(block[0].split()) - sum(1 for key in keys if key.head)


def _simples(
    characters: CharacterTable,
    normal: NormalSubgroups | None,
    options: argparse.Namespace,
    console: Console,
) -> list[str]:
    simples = characters.simples
    shown = _shown(len(simples), options)
    named = {} if normal is None else {n.classes: n.label for n in normal}

    def group(order: int, classes: tuple[int, ...]) -> str:
        label = named.get(tuple(sorted(classes)))
        return f"{label}: {number(order)}" if label else number(order)

    def constituents(i: int) -> str:
        simple = simples[i]
        factor = "2 " if simple.type == "H" else ""
        return " + ".join(f"{factor}X.{c + 1}" for c in simple.constituents)

    some = simples[:shown]
    columns = [
        Column("simple", [s.label for s in some]),
        Column("dim", [number(s.dimension, 30) for s in some], right=True),
        Column("type", [s.type for s in some]),
        Column("action order", [number(s.action_order) for s in some], right=True),
        Column("kernel", [group(s.kernel_order, s.kernel) for s in some]),
        Column("±1", [group(s.plus_minus_order, s.kernel + s.minus) for s in some]),
        Column("characters", [constituents(i) for i in range(shown)]),
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
        *_hidden("simples", len(simples), shown, console),
    ]


# --- subgroups ------------------------------------------------------------------------------------


def _normal(normal: NormalSubgroups, options: argparse.Namespace, console: Console) -> list[str]:
    shown = _shown(len(normal), options)
    below: list[list[str]] = [[] for _ in normal]
    for i, j in normal.covers:
        below[j].append(normal[i].label)
    some = normal.subgroups[:shown]
    columns = [
        Column("normal", [n.label for n in some]),
        Column("order", [number(n.order) for n in some], right=True),
        Column("index", [number(n.index) for n in some], right=True),
        Column("quotient", [n.quotient or "" for n in some]),
        Column("covers", [" ".join(below[i]) for i in range(shown)], fit="wrap"),
    ]
    return [
        "",
        console.heading(f"Normal subgroups: {len(normal)}"),
        *table(console, columns),
        *_hidden("normal subgroups", len(normal), shown, console),
    ]


def _subgroups(
    gather: Gatherer,
    characters: CharacterTable | None,
    options: argparse.Namespace,
    console: Console,
) -> Iterator[list[str]]:
    if options.no_subgroups:
        return
    title = "Subgroups up to conjugacy, and the modules Fun(G/H)"
    if characters is None and options.max_index is None and not gather.group.is_table_only:
        reason = "the group is too large to list them all; ask for some with --max-index N"
        yield _absent(title, reason, console)
        return
    classes = gather.subgroup_classes(options.max_index)
    if classes is None:
        yield _absent(title, gather.missing[-1]["reason"], console)
        return
    modules = {m.label: m for m in gather.coset_modules(characters, classes)}
    yield _subgroup_table(title, classes, modules, options, console)


def _subgroup_table(
    title: str,
    classes: SubgroupClasses,
    modules: dict[str, CosetDecomposition],
    options: argparse.Namespace,
    console: Console,
) -> list[str]:
    count = len(classes)
    some = list(classes) if options.full else list(reversed(classes.classes))[:_MOST_ROWS][::-1]
    flags = []
    for c in some:
        module = modules.get(c.label)
        words = ["normal"] if c.length == 1 else []
        if module is not None and c.index > 1:
            if module.rank == 2:
                words.append("2-transitive")
            elif module.primitive:
                words.append("primitive")
        flags.append(", ".join(words))
    columns = [
        Column("H", [_short_label(c.label) for c in some]),
        Column("order", [number(c.order) for c in some], right=True),
        Column("index", [number(c.index) for c in some], right=True),
        Column("conjugates", [number(c.length) for c in some], right=True),
        Column("rank", [_known(modules, c.label, "rank") for c in some], right=True),
        Column("", flags),
        Column("Fun(G/H)", [_known(modules, c.label, "multiplicities") for c in some], fit="wrap"),
    ]
    bounded = "" if classes.max_index is None else f" of index at most {classes.max_index}"
    lines = ["", console.heading(f"{title}{bounded}: {count}"), *table(console, columns)]
    if len(some) < count:
        lines.append(
            console.plain(f"  … these are the {len(some)} largest of {count} (--full shows all)")
        )
    if not classes.complete:
        lines += wrapped("The list is not complete: there are more than the limit.", console)
    return lines


def _short_label(label: str) -> str:
    return label if len(label) <= 24 else f"{label[:12]}…{label[-4:]}"


def _known(modules: dict[str, CosetDecomposition], label: str, what: str) -> str:
    module = modules.get(label)
    if module is None:
        return ""
    return str(module.rank) if what == "rank" else combination(module.multiplicities)


# --- modules --------------------------------------------------------------------------------------


def _natural(parts: Sequence[NaturalPart], console: Console) -> list[str]:
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
    made = blocks(console, keys, values[:24])
    lines = [line for block in made for line in block]
    note = "V0, V1, ... are labels within this module; φ(k): spherical function on k points"
    if len(values) > 24:
        note += f"; the first 24 of {len(values)} suborbits"
    return [*lines, *wrapped(note + ".", console)]


def _more(
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
        text += "everything about natural_module() and its parts, and "
    text += "modules coset_module(H) of moderate degree, H given by generators."
    return ["", *wrapped(text, console)]
