"""The sections about normal, Sylow, maximal and all subgroups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.cli.console import PAGE_WIDTH, Column, one_line, table, wrapped
from toolkit.cli.page.notes import MOST_ROWS, absent, hidden, shown_rows, unknown
from toolkit.formats.group_page.answers import MOST
from toolkit.formats.group_page.notation import combination
from toolkit.formats.group_page.numbers import number

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from toolkit.cli.console import Console
    from toolkit.formats.group_page.answers import Gatherer, ModuleRow
    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.subgroups import NormalSubgroups, SubgroupClasses


def normal_section(
    gather: Gatherer, normal: NormalSubgroups, options: argparse.Namespace, console: Console
) -> list[str]:
    """Return the table of normal subgroups."""
    shown = shown_rows(len(normal), options)
    below: list[list[str]] = [[] for _ in normal]
    for i, j in normal.covers:
        below[j].append(normal[i].label)
    some = normal.subgroups[:shown]
    names = gather.subgroup_names(normal, "names of normal subgroups")
    table_only = gather.group.is_table_only
    blank = "" if table_only else "?"
    columns = [
        Column("normal", [n.label for n in some]),
        Column("order", [number(n.order) for n in some], right=True),
        Column("index", [number(n.index) for n in some], right=True),
        Column("structure", [names.get(n.label) or blank for n in some], fit="wrap"),
        Column("quotient", [n.quotient or blank for n in some], fit="wrap"),
        Column("covers", [" ".join(below[i]) for i in range(shown)], fit="wrap"),
    ]
    return [
        "",
        console.heading(f"Normal subgroups: {len(normal)}"),
        *table(console, columns),
        *hidden("normal subgroups", len(normal), shown, console),
        *unknown(gather, "names of normal subgroups", console),
        *unknown(gather, "names of quotients", console),
        *(
            wrapped("A library table has no elements, so its subgroups are not named.", console)
            if table_only
            else []
        ),
    ]


def sylow_section(gather: Gatherer, console: Console) -> list[str]:
    """Return the table of Sylow subgroups, nothing for the trivial group."""
    found = gather.sylow
    if found is None:
        return absent("Sylow subgroups", gather.reason("the Sylow subgroups"), console)
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


def maximal_section(gather: Gatherer, options: argparse.Namespace, console: Console) -> list[str]:
    """Return the table of classes of maximal subgroups."""
    found = gather.maximal
    if found is None:
        return absent("Maximal subgroups", gather.reason("the maximal subgroups"), console)
    if not found:
        return []
    shown = shown_rows(len(found), options)
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
        *hidden("classes of maximal subgroups", len(found), shown, console),
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


def subgroups_sections(
    gather: Gatherer,
    characters: CharacterTable | None,
    options: argparse.Namespace,
    console: Console,
) -> Iterator[list[str]]:
    """Yield the table of classes of subgroups with their modules."""
    if options.no_subgroups:
        return
    title = "Subgroups up to conjugacy, and the modules Fun(G/H)"
    if characters is None and options.max_index is None and not gather.group.is_table_only:
        reason = "the group is too large to list them all; ask for some with --max-index N"
        yield absent(title, reason, console)
        return
    classes = gather.subgroup_classes(options.max_index)
    if classes is None:
        yield absent(title, gather.reason("the classes of subgroups"), console)
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
    some = list(classes) if options.full else list(classes)[-MOST_ROWS:]
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
        lines += unknown(gather, what, console, shown)
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
