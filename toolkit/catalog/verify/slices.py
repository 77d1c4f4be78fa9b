"""A catalog in slices, so that a law on many rows needs little memory.

A slice is a range of orders, or a part of one order. Every row of every table lies in exactly one
slice, also a row whose group no other table knows: slices are conditions, not lists of groups.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
        f'SELECT "order", count(*) AS k FROM {table} WHERE "order" IS NOT NULL '
        "GROUP BY 1 ORDER BY 1"
    )
    return slices_of_orders([(row["order"], row["k"]) for row in found], ROWS_OF_SLICE)


def slices_of_orders(rows: Sequence[tuple[int, int]], most: int) -> list[Slice]:
    """Return slices for numbers of rows of each order, rising.

    Examples
    --------
    >>> for part in slices_of_orders([(1, 5), (2, 6), (3, 6), (4, 25)], 12):
    ...     print(part.condition)
    "order" IS NULL OR "order" <= 2
    "order" > 2 AND "order" <= 3
    "order" > 3 AND hash("group") % 3 = 0
    "order" > 3 AND hash("group") % 3 = 1
    "order" > 3 AND hash("group") % 3 = 2
    """
    ranges: list[tuple[int, int]] = []  # the last order, and the number of rows
    for order, count in rows:
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
        parts = max(1, -(-count // most))
        if parts == 1:
            out.append(Slice(between))
            continue
        first = f"({between}) AND " if " OR " in between else f"{between} AND " if between else ""
        out += [Slice(f'{first}hash("group") % {parts} = {k}') for k in range(parts)]
    return out or [Slice()]
