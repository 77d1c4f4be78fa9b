"""Character tables and spherical tables, cut to what a screen shows: as cells, and as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.groups.character_table import CharacterTable
from toolkit.text import table as lines_of_table

if TYPE_CHECKING:
    from toolkit.modules.spherical import SphericalTable

#: The most rows, and the most columns, of a table on a screen.
MOST_ROWS = 24
MOST_COLUMNS = 16


@dataclass(frozen=True)
class CutTable:
    """The cells of a table, and how much of it they leave out.

    Parameters
    ----------
    caption
        What it is a table of, as words before the name, the name, and words after it.
    heads, rows
        The cells.
    rows_left_out, columns_left_out
        How many rows and columns there are besides.
    """

    caption: tuple[str, str, str]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    rows_left_out: int
    columns_left_out: int

    @property
    def remark(self) -> str:
        """What is left out, in words; nothing if the table is whole."""
        words = []
        if self.rows_left_out:
            words.append(f"{self.rows_left_out} more rows")
        if self.columns_left_out:
            words.append(f"{self.columns_left_out} more columns")
        return f"and {', '.join(words)}" if words else ""


def cut_table(table: CharacterTable | SphericalTable) -> CutTable:
    """Return the first rows and columns of a table.

    Examples
    --------
    >>> import toolkit as tk
    >>> found = cut_table(tk.group("C30").character_table)
    >>> len(found.rows), len(found.heads), found.remark
    (25, 18, 'and 6 more rows, 14 more columns')
    """
    if isinstance(table, CharacterTable):
        return _character_table(table)
    return _spherical_table(table)


def to_text(table: CharacterTable | SphericalTable) -> str:
    """Return a table as ``print`` shows it.

    Examples
    --------
    >>> import toolkit as tk
    >>> print(to_text(tk.group("S3").character_table))
    character table of S3
        indicator  1a  2a  3a
        size        1   3   2
    X0  1           1   1   1
    X1  1           1  -1   1
    X2  1           2   0  -1
    """
    cut = cut_table(table)
    lines = lines_of_table([cut.heads, *cut.rows], right=range(2, len(cut.heads)))
    return "\n".join(["".join(cut.caption), *lines, *filter(None, [cut.remark])])


def _character_table(table: CharacterTable) -> CutTable:
    wide = min(len(table), MOST_COLUMNS)
    rows = [("", "size", *(str(size) for size in table.class_sizes[:wide]))]
    rows += [
        (f"X{i}", str(table.indicators[i]), *(str(table.values[v]) for v in row[:wide]))
        for i, row in enumerate(table.rows[:MOST_ROWS])
    ]
    heads = ("", "indicator", *table.class_names[:wide])
    caption = ("character table of ", table.group, "")
    return CutTable(caption, heads, tuple(rows), max(len(table) - MOST_ROWS, 0), len(table) - wide)


def _spherical_table(table: SphericalTable) -> CutTable:
    wide = min(len(table.sizes), MOST_COLUMNS)
    rows = tuple(
        (s.label, str(s.multiplicity), *(str(table.values[v]) for v in s.row[:wide]))
        for s in table.simples[:MOST_ROWS]
    )
    heads = ("simple", "multiplicity", *(f"|D| = {size}" for size in table.sizes[:wide]))
    caption = ("spherical table of ", table.group, f", {table.module}")
    left_out = max(len(table.simples) - MOST_ROWS, 0)
    return CutTable(caption, heads, rows, left_out, len(table.sizes) - wide)
