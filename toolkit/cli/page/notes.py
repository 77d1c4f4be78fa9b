"""What all sections of the page share: how many rows are shown, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.cli.console import one_line, wrapped
from toolkit.text import listed

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection

    from toolkit.cli.console import Console
    from toolkit.formats.group_page.answers import Gatherer

MOST_CLASSES = 40
MOST_ROWS = 30


def absent(title: str, reason: str, console: Console) -> list[str]:
    """Return a section that says why it is empty."""
    text = "Not available: " + one_line(reason)
    return ["", console.heading(title), *wrapped(text, console)]


def hidden(kind: str, count: int, shown: int, console: Console) -> list[str]:
    """Return a note about rows that are left out, nothing if none are."""
    if shown >= count:
        return []
    return [console.plain(f"  … and {count - shown} more {kind} (--full shows all)")]


def unknown(
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


def shown_rows(count: int, options: argparse.Namespace, most: int = MOST_CLASSES) -> int:
    """Return how many rows of a table are shown."""
    return count if options.full or count <= most else min(most, MOST_ROWS)
