"""The page about a group, section by section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.cli.page.characters import characters_section, classes_section, simples_section
from toolkit.cli.page.head import head
from toolkit.cli.page.natural import natural_section, what_else
from toolkit.cli.page.notes import absent
from toolkit.cli.page.subgroups import (
    maximal_section,
    normal_section,
    subgroups_sections,
    sylow_section,
)

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from toolkit.cli.console import Console
    from toolkit.formats.group_page.answers import Gatherer


def sections(
    gather: Gatherer, options: argparse.Namespace, console: Console
) -> Iterator[list[str]]:
    """Yield the sections of the page, each as lines, as they become known."""
    G = gather.group
    has_table = G.has_table
    characters = gather.table() if has_table else None
    yield head(gather, characters, options, console)
    if characters is None:
        reason = gather.reason("the character table") or str(G.facts.table)
        yield absent("Characters, simples, normal subgroups", reason, console)
    else:
        normal = gather.normal_subgroups()
        yield classes_section(gather, characters, options, console)
        yield characters_section(characters, options, console)
        yield simples_section(gather, characters, normal, options, console)
        if normal is None:
            yield absent("Normal subgroups", gather.reason("the normal subgroups"), console)
        else:
            yield normal_section(gather, normal, options, console)
    if G.is_table_only:
        reason = "" if gather.series else gather.reason("the chief and central series")
        title = "Series, automorphisms, Schur multiplier, Sylow and maximal subgroups"
        yield absent(title, reason, console)
    else:
        yield sylow_section(gather, console)
        yield maximal_section(gather, options, console)
    yield from subgroups_sections(gather, characters, options, console)
    parts = gather.natural_parts()
    if parts:
        yield natural_section(parts, console)
    elif reason := gather.reason("the natural module"):
        yield absent("Natural module", reason, console)
    more = what_else(gather, characters, parts, console)
    if more:
        yield more
