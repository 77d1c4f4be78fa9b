"""A catalog in slices, so that a law on many rows needs little memory.

A slice is a range of orders, or a part of one order. Every row of every table lies in exactly one
slice, also a row whose group no other table knows: slices are conditions, not lists of groups.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from toolkit.catalog.query.views import quoted
from toolkit.catalog.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.catalog.query.engine import OpenCatalog

#: About how many rows of the longest table a slice has.
ROWS_OF_SLICE = 4_000_000

_CUT = tuple(t.name for t in TABLES if {"group", "order"} <= {c.name for c in t.columns})
_WORDS = {name: re.compile(rf"\b{name}\b") for name in _CUT}


@dataclass(frozen=True)
class Slice:
    """A part of a catalog.

    Parameters
    ----------
    condition
        SQL on ``"group"`` and ``"order"``, true for the rows of the slice; empty for all rows.

    Examples
    --------
    >>> Slice('"order" <= 8').of("SELECT count(*) FROM simples")
    'WITH simples AS (FROM main.simples WHERE "order" <= 8) SELECT count(*) FROM simples'
    """

    condition: str = ""

    def of(self, query: str) -> str:
        """Return a query in which the tables that it reads have the rows of the slice alone."""
        names = [name for name, word in _WORDS.items() if self.condition and word.search(query)]
        cut = ", ".join(f"{name} AS (FROM main.{name} WHERE {self.condition})" for name in names)
        return f"WITH {cut} {query}" if cut else query


def slices(catalog: OpenCatalog, table: str) -> list[Slice]:
    """Return slices with about :data:`ROWS_OF_SLICE` rows of a table each.

    Notes
    -----
    Rows are counted: what the table ``graphs`` says about them may be damaged.
    """
    found = catalog.ask(
        f'SELECT "order", "group", count(*) AS k FROM {table} WHERE "order" IS NOT NULL '
        "GROUP BY ALL ORDER BY ALL NULLS FIRST"
    )
    return slices_of_groups(
        [(row["order"], row["group"], row["k"]) for row in found], ROWS_OF_SLICE
    )


def slices_of_groups(rows: Sequence[tuple[int, str | None, int]], most: int) -> list[Slice]:
    """Return slices for numbers of rows of each order and group, rising.

    Examples
    --------
    >>> found = [(1, "a", 5), (2, "a", 6), (3, "a", 6), (4, "a", 8), (4, "b", 3), (4, "c", 9)]
    >>> for part in slices_of_groups(found, 12):
    ...     print(part.condition)
    "order" IS NULL OR "order" <= 2
    "order" > 2 AND "order" <= 3
    "order" > 3 AND "group" < 'c'
    "order" > 3 AND "group" >= 'c'
    "order" > 3 AND "group" IS NULL
    """
    of_order: dict[int, int] = {}
    for order, _, count in rows:
        of_order[order] = of_order.get(order, 0) + count
    ranges: list[tuple[int, int]] = []  # the last order, and the number of rows
    for order, count in of_order.items():
        if ranges and ranges[-1][1] + count <= most:
            ranges[-1] = order, ranges[-1][1] + count
        else:
            ranges.append((order, count))
    out = []
    for i, (last, count) in enumerate(ranges):
        bounds = [f'"order" > {ranges[i - 1][0]}'] if i else []
        if i < len(ranges) - 1:
            bounds.append(f'"order" <= {last}')
        between = " AND ".join(bounds)
        if not i and bounds:
            between = f'"order" IS NULL OR {between}'
        cuts = _cuts([(g, k) for order, g, k in rows if order == last and g], most)
        if count <= most or not cuts:
            out.append(Slice(between))
            continue
        first = f"({between}) AND " if " OR " in between else f"{between} AND " if between else ""
        # plain comparisons: the engine then reads these groups alone, in every table of a view
        out.append(Slice(f'{first}"group" < {cuts[0]}'))
        out += [Slice(f'{first}"group" >= {a} AND "group" < {b}') for a, b in pairwise(cuts)]
        out += [Slice(f'{first}"group" >= {cuts[-1]}'), Slice(f'{first}"group" IS NULL')]
    return out or [Slice()]


def _cuts(groups: Sequence[tuple[str, int]], most: int) -> list[str]:
    """Return the groups, as literals of SQL, at which parts with at most so many rows begin."""
    found = []
    rows = 0
    for i, (name, count) in enumerate(groups):
        if i and rows + count > most:
            found.append(quoted(name))
            rows = 0
        rows += count
    return found
