"""Conditions of the catalog: what follows ``plrep find``."""

from __future__ import annotations

from hostile.case import Broken, Case, World, command
from hostile.text import almost

_TEXTS = (
    "order <= 60 and not abelian", "order = 24", "nilpotent or solvable", "order in (8, 16)",
    "not (order < 10)", "group = 'C8'", "classes > 5 and perfect", "order between 2 and 9",
    "group like '%S4%'", "simple and order > 59", "description = 'Q8'", "abelian = false",
)  # fmt: skip
_ALPHABET = "orderabnotdi<>=()%'\",.0123456789 -+*/"


def case(world: World) -> Case:
    """Return a condition, and ask for the rows."""
    random = world.random
    text = almost(random, _TEXTS, _ALPHABET, (" and ", " or ", " ", ","))
    if random.random() < 0.1 and not text.startswith("-"):
        words = ("find", text, "--json", "--limit", "3")
        return Case(f"plrep find {text!r}", lambda: command(*words))
    more = {
        "order_by": random.choice(
            (None, None, "order", "order desc", "nosuch", "order; drop", "\0")
        ),
        "columns": random.choice((None, None, "group, order", "group,,", "*", "\ud800")),
        "table": random.choice(("groups",) * 5 + ("graphs", "nosuch", "")),
    }
    return Case(f"find({text!r}, **{more!r})", lambda: _ask(world, text, more))


def _ask(world: World, text: str, more: dict[str, str | None]) -> None:
    rows = world.catalog.find(text, limit=5, **more)
    if not 0 <= len(rows) <= 5:
        raise Broken(f"{len(rows)} rows at a limit of 5")
    list(rows)
