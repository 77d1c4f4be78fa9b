"""The head of the page about a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.cli.console import labelled, wrapped
from toolkit.formats.group_page.facts import fact_rows
from toolkit.formats.group_page.notation import adjectives
from toolkit.text import shortened

if TYPE_CHECKING:
    import argparse

    from toolkit.cli.console import Console
    from toolkit.formats.group_page.answers import Gatherer
    from toolkit.groups.character_table import CharacterTable

_MOST_LINES = 3


def head(
    gather: Gatherer,
    characters: CharacterTable | None,
    options: argparse.Namespace,
    console: Console,
) -> list[str]:
    """Return the head of the page: order, series, automorphisms, adjectives."""
    rows = fact_rows(gather, characters, full=options.full)
    lines = [console.bold(shortened(gather.group.name, console.width)), ""]
    lines += wrapped(adjectives(gather.facts, characters), console)
    most = None if options.full else _MOST_LINES
    out = [*lines, "", *labelled(console, rows, most=most)]
    if any(line.endswith(console.plain(" …")) for line in out):
        out.append(console.plain("  … rows are cut at three lines (--full shows all)"))
    return out
