"""The head of the page about a group."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from toolkit.cli.console import factored, labelled, number, wrapped
from toolkit.cli.page.notation import abelian_name, adjectives, element
from toolkit.errors import NotAvailable
from toolkit.text import listed, shortened

if TYPE_CHECKING:
    import argparse

    from toolkit.cli.console import Console
    from toolkit.cli.page.answers import Gatherer
    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.facts import GroupFacts

_MOST_LINES = 3
_MOST_LENGTHS = 20


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


def head(
    gather: Gatherer,
    characters: CharacterTable | None,
    options: argparse.Namespace,
    console: Console,
) -> list[str]:
    """Return the head of the page: order, series, automorphisms, adjectives."""
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
        whose = "its name" if G.facts.description is None else "GAP's words, not an identifier"
        rows.append(("description", f"{facts.description}  ({whose})"))
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
