"""The page about a group, section by section."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from toolkit.cli.console import (
    PAGE_WIDTH,
    Column,
    blocks,
    factored,
    labelled,
    number,
    one_line,
    power,
    table,
    wrapped,
)
from toolkit.cli.page.answers import MOST
from toolkit.cli.page.notation import Letters, abelian_name, adjectives, combination, element
from toolkit.errors import NotAvailable
from toolkit.text import is_local, listed, shortened

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Iterator, Sequence

    from toolkit.cli.console import Console
    from toolkit.cli.page.answers import Gatherer, ModuleRow, NaturalPart
    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.facts import GroupFacts
    from toolkit.groups.subgroups import NormalSubgroups, SubgroupClasses

_MOST_CLASSES = 40
_MOST_ROWS = 30
_MOST_LINES = 3
_MOST_SUBORBITS = 24
_MOST_LENGTHS = 20
_ABBREVIATED_ROWS = 16


def sections(
    gather: Gatherer, options: argparse.Namespace, console: Console
) -> Iterator[list[str]]:
    """Yield the sections of the page, each as lines, as they become known."""
    G = gather.group
    has_table = G.has_table
    characters = gather.table() if has_table else None
    yield _head(gather, characters, options, console)
    if characters is None:
        reason = gather.reason("the character table") or str(G.facts.table)
        yield _absent("Characters, simples, normal subgroups", reason, console)
    else:
        normal = gather.normal_subgroups()
        yield _classes(gather, characters, options, console)
        yield _characters(characters, options, console)
        yield _simples(gather, characters, normal, options, console)
        if normal is None:
            yield _absent("Normal subgroups", gather.reason("the normal subgroups"), console)
        else:
            yield _normal(gather, normal, options, console)
    if not G.is_table_only:
        yield _sylow(gather, console)
        yield _maximal(gather, options, console)
    yield from _subgroups(gather, characters, options, console)
    parts = gather.natural_parts()
    if parts:
        yield _natural(parts, console)
    elif reason := gather.reason("the natural module"):
        yield _absent("Natural module", reason, console)
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


def _unknown(
    gather: Gatherer, what: str, console: Console, shown: Collection[str] | None = None
) -> list[str]:
    """Return a note that explains the question marks of a table, nothing if there are none.

    With ``shown`` only gaps that concern one of these rows count.
    """
    out = []
    for gap in gather.missing:
        rows = gap.get("rows", [])
        there = [label for label in rows if shown is None or label in shown]
        if gap["what"] == what and (there or not rows):
            of = ""
            if there:
                of = f" of {listed(there, 3)}" if len(there) <= 3 else f" of {len(there)} rows"
            out += wrapped(f"? {what}{of}: {one_line(gap['reason'])}.", console, hang="  ")
    return out


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


def _head(
    gather: Gatherer,
    characters: CharacterTable | None,
    options: argparse.Namespace,
    console: Console,
) -> list[str]:
    G = gather.group
    facts = gather.facts
    lines = [console.bold(shortened(G.name, console.width)), ""]
    rows: list[tuple[str, str]] = [("order", _order(facts.order, console))]
    if facts.id is None:
        rows.append(("small group", _why(gather, "the small group number")))
    elif "SmallGroup({},{})".format(*facts.id) != G.name:
        rows.append(("small group", "SmallGroup({},{})".format(*facts.id)))
    if facts.description is None:
        rows.append(("description", _described(gather) or _why(gather, "the description")))
    else:
        rows.append(("description", f"{facts.description}  (GAP's words, not an identifier)"))
    if facts.generators:
        rows.append(("generators", ", ".join(element(g, options) for g in facts.generators)))
    if facts.points:
        rows.append(("acts on", _action(facts, full=console.full)))
    classes = facts.classes if characters is None else len(characters)
    if classes is not None:
        count = f"{classes} conjugacy class" + ("es" if classes > 1 else "")
        if characters is not None:
            count += f", {len(characters.simples)} real simple"
            count += "s" if len(characters.simples) > 1 else ""
        rows.append(("classes", count))
    exponent = _why(gather, "the exponent") if facts.exponent is None else number(facts.exponent)
    rows.append(("exponent", exponent))
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
    rows += [
        ("", f"? {gap['what'].removeprefix('the orders of: ')}: {gap['reason']}")
        for gap in gather.missing
        if gap["what"].startswith("the orders of")
    ]
    if facts.derived_series:
        rows.append(("derived series", " > ".join(map(number, facts.derived_series))))
    if not G.is_table_only:
        rows += _series(gather)
        rows += _automorphisms(gather)
    if gather.presentation is not None:
        rows.append(("relations", ", ".join(gather.presentation.relations)))
    elif reason := gather.reason("the presentation"):
        rows.append(("relations", f"? {reason}"))
    lines += wrapped(adjectives(facts, characters), console)
    most = None if options.full else _MOST_LINES
    out = [*lines, "", *labelled(console, rows, most=most)]
    if any(line.endswith(console.plain(" …")) for line in out):
        out.append(console.plain("  … rows are cut at three lines (--full shows all)"))
    return out


def _described(gather: Gatherer) -> str:
    """Return the name that the whole group gets as a subgroup, if it says more than a number."""
    normal = gather.normal_subgroups() if gather.group.has_table else None
    if normal is None:
        return ""
    whole = normal[len(normal) - 1]
    name = gather.subgroup_names(normal, "names of normal subgroups").get(whole.label)
    return "" if name is None or name.startswith("SmallGroup") else name


def _why(gather: Gatherer, what: str) -> str:
    return f"? {gather.reason(what)}"


def _series(gather: Gatherer) -> list[tuple[str, str]]:
    series = gather.series
    if series is None:
        return [("chief series", _why(gather, "the chief and central series"))]
    factors = f"; factors {', '.join(series.chief_factors)}" if series.chief_factors else ""
    central = [
        ("lower central", " > ".join(map(number, series.lower_central))),
        ("upper central", " < ".join(map(number, series.upper_central))),
    ]
    if series.nilpotency_class:
        central[0] = (central[0][0], f"{central[0][1]}; class {series.nilpotency_class}")
    return [("chief series", " > ".join(map(number, series.chief)) + factors), *central]


def _automorphisms(gather: Gatherer) -> list[tuple[str, str]]:
    found, multiplier = gather.automorphisms, gather.multiplier
    if found is None:
        first = _why(gather, "the automorphism group")
    else:
        first = (
            f"{number(found.automorphisms)}, inner {number(found.inner)}, "
            f"outer {number(found.outer)}"
        )
    if multiplier is None:
        second = _why(gather, "the Schur multiplier")
    else:
        second = abelian_name(multiplier)
    return [("automorphisms", first), ("multiplier", second)]


def _order(order: int, console: Console) -> str:
    factors = factored(order)
    digits = math.floor(math.log10(order)) + 1
    long = f"{number(order)} ({digits} digits, --json prints all)"
    text = str(order) if digits <= 60 else long
    if order == 1 or factors == [text]:
        return text + (", prime" if order > 1 else "")
    if len(factors) > 24 and not console.full:
        factors = [*factors[:12], "…", *factors[-2:]]
    return f"{text} = " + console.plain(" · ").join(factors)


def _action(facts: GroupFacts, *, full: bool) -> str:
    text = f"{facts.points} point" + ("s" if facts.points > 1 else "")
    if facts.faithful is not None:
        text += ", faithfully" if facts.faithful else ", not faithfully"
    if len(facts.orbit_lengths) == 1:
        return text + (", transitively" if facts.points > 1 else "")
    lengths = facts.orbit_lengths
    if full or len(lengths) <= _MOST_LENGTHS:
        return f"{text}, with orbits of lengths {listed(lengths, len(lengths))}"
    first = listed(lengths[:_MOST_LENGTHS], _MOST_LENGTHS)
    return f"{text}, with {len(lengths)} orbits, of lengths {first}, ... (--full shows all)"


# --- characters -----------------------------------------------------------------------------------


def _shown(count: int, options: argparse.Namespace, most: int = _MOST_CLASSES) -> int:
    return count if options.full or count <= most else min(most, _MOST_ROWS)


def _classes(
    gather: Gatherer,
    characters: CharacterTable,
    options: argparse.Namespace,
    console: Console,
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
    if gather.cycle_types is not None:
        first.append(column("cycles", [_cycles(c) for c in gather.cycle_types], right=False))
    representatives = column(
        "representative", [element(r, options) for r in characters.representatives], right=False
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
            "No invariant tells some of these classes apart; those stand in GAP's order.", console
        )
    return lines


def _columns_in(block: list[str], keys: Sequence[Column]) -> int:
    return len(block[0].split()) - sum(1 for key in keys if key.head)


def _cycles(lengths: Sequence[int]) -> str:
    """Return a cycle type, fixed points as 1s: ``1² 2``."""
    parts = [power(n, lengths.count(n)) for n in sorted(set(lengths))]
    return " ".join(parts)


def _simples(
    gather: Gatherer,
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
        *_hidden("simples", len(simples), shown, console),
    ]


def _partition(gather: Gatherer, label: str) -> str:
    found = gather.partitions
    if found is None:
        return ""
    parts = found[label]
    shown = [power(n, parts.count(n)) for n in dict.fromkeys(parts)]
    return f"({','.join(shown)})"


# --- subgroups ------------------------------------------------------------------------------------


def _normal(
    gather: Gatherer, normal: NormalSubgroups, options: argparse.Namespace, console: Console
) -> list[str]:
    shown = _shown(len(normal), options)
    below: list[list[str]] = [[] for _ in normal]
    for i, j in normal.covers:
        below[j].append(normal[i].label)
    some = normal.subgroups[:shown]
    names = gather.subgroup_names(normal, "names of normal subgroups")
    table_only = gather.group.is_table_only
    unknown = "" if table_only else "?"
    columns = [
        Column("normal", [n.label for n in some]),
        Column("order", [number(n.order) for n in some], right=True),
        Column("index", [number(n.index) for n in some], right=True),
        Column("structure", [names.get(n.label) or unknown for n in some], fit="wrap"),
        Column("quotient", [n.quotient or unknown for n in some], fit="wrap"),
        Column("covers", [" ".join(below[i]) for i in range(shown)], fit="wrap"),
    ]
    return [
        "",
        console.heading(f"Normal subgroups: {len(normal)}"),
        *table(console, columns),
        *_hidden("normal subgroups", len(normal), shown, console),
        *_unknown(gather, "names of normal subgroups", console),
        *_unknown(gather, "names of quotients", console),
        *(
            wrapped("A library table has no elements: its subgroups are not named.", console)
            if table_only
            else []
        ),
    ]


def _sylow(gather: Gatherer, console: Console) -> list[str]:
    found = gather.sylow
    if found is None:
        return _absent("Sylow subgroups", gather.reason("the Sylow subgroups"), console)
    if not found:
        return []
    columns = [
        Column("p", [s.prime for s in found], right=True),
        Column("order", [number(s.order) for s in found], right=True),
        Column("number", [number(s.count) for s in found], right=True),
        Column("structure", [s.name or "?" for s in found], fit="wrap"),
        Column("normaliser's order", [number(s.normaliser_order) for s in found], right=True),
        Column("normaliser", [s.normaliser_name or "?" for s in found], fit="wrap"),
    ]
    lines = ["", console.heading("Sylow subgroups"), *table(console, columns)]
    return [*lines, *_name_note([c for s in found for c in (s.name, s.normaliser_name)], console)]


def _maximal(gather: Gatherer, options: argparse.Namespace, console: Console) -> list[str]:
    found = gather.maximal
    if found is None:
        return _absent("Maximal subgroups", gather.reason("the maximal subgroups"), console)
    if not found:
        return []
    shown = _shown(len(found), options)
    some = found[:shown]
    columns = [
        Column("order", [number(m.order) for m in some], right=True),
        Column("index", [number(m.index) for m in some], right=True),
        Column("conjugates", [number(m.length) for m in some], right=True),
        Column("structure", [m.name or "?" for m in some], fit="wrap"),
    ]
    count = f"{len(found)} class" + ("es" if len(found) > 1 else "")
    return [
        "",
        console.heading(f"Maximal subgroups: {count}"),
        *table(console, columns),
        *_hidden("classes of maximal subgroups", len(found), shown, console),
        *_name_note([m.name for m in some], console),
    ]


def _name_note(names: Sequence[str | None], console: Console) -> list[str]:
    if all(names):
        return []
    text = (
        "? no name is known: groups of order up to 2000 (not 512, 1024, 1536), abelian, simple "
        "and symmetric ones are named."
    )
    return wrapped(text, console, hang="  ")


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
        yield _absent(title, gather.reason("the classes of subgroups"), console)
        return
    yield _subgroup_table(gather, title, classes, characters, options, console)


def _subgroup_table(
    gather: Gatherer,
    title: str,
    classes: SubgroupClasses,
    characters: CharacterTable | None,
    options: argparse.Namespace,
    console: Console,
) -> list[str]:
    count = len(classes)
    some = list(classes) if options.full else list(classes)[-_MOST_ROWS:]
    if count > MOST and len(some) < count:  # what is not shown is not asked for
        gather.most = len(some)
    modules = {m.label: m for m in gather.coset_modules(characters, classes)}
    names = gather.subgroup_names(classes, "names of subgroups")
    flags = []
    for c in some:
        module = modules.get(c.label)
        words = ["normal"] if c.length == 1 else []
        if module is not None and c.index > 1:
            if module.rank == 2:
                words.append("2-transitive" if console.width >= PAGE_WIDTH else "2-trans.")
            elif module.primitive:
                words.append("primitive")
            elif module.primitive is None:
                words.append("primitive?")
        flags.append(", ".join(words))
    columns = [
        Column("H", [_short_label(c.label, options) for c in some]),
        Column("order", [number(c.order) for c in some], right=True),
        Column("index", [number(c.index) for c in some], right=True),
        Column(
            "conjugates" if console.width >= PAGE_WIDTH else "conj.",
            [number(c.length) for c in some],
            right=True,
        ),
        Column("structure", [names.get(c.label) or "?" for c in some], fit="wrap"),
        Column("rank", [_known(modules, c.label, "rank") for c in some], right=True),
        Column("", flags, fit="wrap"),
        Column("Fun(G/H)", [_known(modules, c.label, "multiplicities") for c in some], fit="wrap"),
    ]
    bounded = "" if classes.max_index is None else f" of index at most {classes.max_index}"
    lines = ["", console.heading(f"{title}{bounded}: {count}"), *table(console, columns)]
    if len(some) < count:
        lines.append(
            console.plain(f"  … these are the {len(some)} largest of {count} (--full shows all)")
        )
    dots = console.plain("…")
    if not options.full and any(line.endswith(f" {dots}") for line in lines):
        lines.append(console.plain("  … cells are cut after some lines (--full shows all)"))
    shown = {c.label for c in some}
    for what in ("names of subgroups", "the modules Fun(G/H)", "which subgroups are maximal"):
        lines += _unknown(gather, what, console, shown)
    for gap in gather.missing:
        if gap["what"].startswith("Fun(G/") and gap["what"][6:-1] in shown:
            lines += wrapped(f"? {gap['what']}: {one_line(gap['reason'])}", console, hang="  ")
    if not classes.complete:
        lines += wrapped("The list is not complete: there are more than the limit.", console)
    return lines


def _short_label(label: str, options: argparse.Namespace) -> str:
    return label if len(label) <= 24 or options.full else f"{label[:12]}…{label[-4:]}"


def _known(modules: dict[str, ModuleRow], label: str, what: str) -> str:
    module = modules[label]
    if module.multiplicities is None:
        return "?"
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
    shown = len(values) if console.full else min(len(values), _MOST_SUBORBITS)
    made = blocks(console, keys, values[:shown])
    lines = [line for block in made for line in block]
    note = "V0, V1, ... are labels within this module; φ(k): spherical function on k points"
    if len(values) > shown:
        note += f"; the first {shown} of {len(values)} suborbits (--full shows all)"
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
