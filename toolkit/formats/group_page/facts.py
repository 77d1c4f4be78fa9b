"""The facts about a group in words: order, series, automorphisms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from toolkit.errors import NotAvailable
from toolkit.formats.group_page.notation import abelian_name, element
from toolkit.formats.group_page.numbers import factored, number
from toolkit.text import listed

if TYPE_CHECKING:
    from toolkit.formats.group_page.answers import Gatherer
    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.facts import GroupFacts

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


def fact_rows(
    gather: Gatherer, characters: CharacterTable | None, *, full: bool = False
) -> list[tuple[str, str]]:
    """Return the rows at the head of a page: what, and its value or why there is none.

    Parameters
    ----------
    gather
        The answers about the group.
    characters
        Its character table, if there is one.
    full
        Whether long values are written out.

    Returns
    -------
    list of tuple
        An empty first text continues the row before; a value that is not known begins with
        ``"? "``, then the reason.

    Examples
    --------
    >>> import toolkit as tk
    >>> from toolkit.formats.group_page.answers import Gatherer
    >>> G = tk.group("S3")
    >>> fact_rows(Gatherer(G), G.character_table)[0]
    ('order', '6 = 2 · 3')
    """
    G = gather.group
    facts = gather.facts
    rows: list[tuple[str, str]] = [("order", _order(facts.order, full=full))]
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
        rows.append(("generators", ", ".join(element(g, full=full) for g in facts.generators)))
    if facts.points:
        rows.append(("acts on", _action(facts, full=full)))
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
    return rows


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


def _order(order: int, *, full: bool) -> str:
    factors = factored(order)
    digits = math.floor(math.log10(order)) + 1
    long = f"{number(order)} ({digits} digits, --json prints all)"
    text = str(order) if digits <= 60 else long
    if order == 1 or factors == [text]:
        return text + (", prime" if order > 1 else "")
    if len(factors) > 24 and not full:
        factors = [*factors[:12], "…", *factors[-2:]]
    return f"{text} = " + " · ".join(factors)


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
