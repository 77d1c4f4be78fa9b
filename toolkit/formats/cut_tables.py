"""Tables of groups, subgroups and modules, cut to what a screen shows: as cells, and as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from toolkit.exact.cyclotomic import pretty
from toolkit.groups.character_table import CharacterTable
from toolkit.groups.class_functions.class_function import ClassFunction
from toolkit.groups.subgroups import NormalSubgroups, SubgroupClasses, TableOfMarks
from toolkit.modules.fourier.adapted import AdaptedBasis
from toolkit.modules.spherical import SphericalTable
from toolkit.text import compact_integer, shortened
from toolkit.text import table as lines_of_table

Cuttable: TypeAlias = (
    CharacterTable | SphericalTable | ClassFunction | NormalSubgroups | SubgroupClasses
    | TableOfMarks | AdaptedBasis
)  # fmt: skip

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
    words
        0-based numbers of the columns of words; the others are numbers, which stand to the right.
    """

    caption: tuple[str, str, str]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    rows_left_out: int
    columns_left_out: int
    words: frozenset[int] = frozenset({0})

    @property
    def remark(self) -> str:
        """What is left out, in words; nothing if the table is whole."""
        words = []
        if self.rows_left_out:
            words.append(f"{self.rows_left_out} more rows")
        if self.columns_left_out:
            words.append(f"{self.columns_left_out} more columns")
        return f"and {', '.join(words)}" if words else ""


def cut_table(table: Cuttable) -> CutTable:
    """Return the first rows and columns of a table.

    Examples
    --------
    >>> import toolkit as tk
    >>> found = cut_table(tk.group("C30").character_table)
    >>> len(found.rows), len(found.heads), found.remark
    (25, 18, 'and 6 more rows, 14 more columns')
    """
    match table:
        case CharacterTable():
            return _character_table(table)
        case ClassFunction():
            return _class_function(table)
        case NormalSubgroups():
            return _normal_subgroups(table)
        case SubgroupClasses():
            return _subgroup_classes(table)
        case TableOfMarks():
            return _table_of_marks(table)
        case AdaptedBasis():
            return _adapted_basis(table)
    return _spherical_table(table)


def to_text(table: Cuttable) -> str:
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
    right = set(range(len(cut.heads))) - cut.words
    lines = lines_of_table([cut.heads, *cut.rows], right=right)
    before, name, after = cut.caption
    return "\n".join([f"{before}{shortened(name)}{after}", *lines, *filter(None, [cut.remark])])


def _character_table(table: CharacterTable) -> CutTable:
    wide = min(len(table), MOST_COLUMNS)
    rows = [("", "size", *(str(size) for size in table.class_sizes[:wide]))]
    rows += [
        (f"X{i}", str(table.indicators[i]), *(str(table.values[v]) for v in row[:wide]))
        for i, row in enumerate(table.rows[:MOST_ROWS])
    ]
    heads = ("", "indicator", *table.class_names[:wide])
    caption = ("character table of ", table.group, "")
    more = max(len(table) - MOST_ROWS, 0)
    return CutTable(caption, heads, tuple(rows), more, len(table) - wide, frozenset({0, 1}))


def _spherical_table(table: SphericalTable) -> CutTable:
    wide = min(len(table.sizes), MOST_COLUMNS)
    rows = tuple(
        (s.label, str(s.multiplicity), *(str(table.values[v]) for v in s.row[:wide]))
        for s in table.simples[:MOST_ROWS]
    )
    heads = ("simple", "multiplicity", *(f"|D| = {size}" for size in table.sizes[:wide]))
    caption = ("spherical table of ", table.group, f", {table.module}")
    left_out = max(len(table.simples) - MOST_ROWS, 0)
    return CutTable(caption, heads, rows, left_out, len(table.sizes) - wide, frozenset({0, 1}))


def _class_function(chi: ClassFunction) -> CutTable:
    table = chi.table
    wide = min(len(table), MOST_COLUMNS)
    rows = (
        ("size", *(str(size) for size in table.class_sizes[:wide])),
        ("value", *(pretty(value) for value in chi.values[:wide])),
    )
    caption = ("class function of ", table.group, "")
    return CutTable(caption, ("", *table.class_names[:wide]), rows, 0, len(table) - wide)


def _normal_subgroups(subgroups: NormalSubgroups) -> CutTable:
    above: dict[int, list[str]] = {}
    for i, j in subgroups.covers:
        above.setdefault(i, []).append(subgroups[j].label)
    rows = tuple(
        (
            N.label, compact_integer(N.order), compact_integer(N.index),
            N.quotient or (shortened(subgroups.group) if N.order == 1 else "?"),
            ", ".join(above.get(i, ())) or "nothing",
        )
        for i, N in enumerate(subgroups.subgroups[:MOST_ROWS])
    )  # fmt: skip
    heads = ("", "order", "index", "quotient", "just above")
    caption = ("normal subgroups of ", subgroups.group, "")
    more = max(len(subgroups) - MOST_ROWS, 0)
    return CutTable(caption, heads, rows, more, 0, frozenset({0, 3, 4}))


def _subgroup_classes(classes: SubgroupClasses) -> CutTable:
    rows = tuple(
        (H.label, compact_integer(H.order), compact_integer(H.index), compact_integer(H.length))
        for H in classes.classes[:MOST_ROWS]
    )
    limit = "" if classes.max_index is None else f" of index at most {classes.max_index}"
    whole = "" if classes.complete else "; not all of them"
    caption = (f"classes of subgroups{limit} of ", classes.group, whole)
    heads = ("", "order", "index", "conjugates")
    return CutTable(caption, heads, rows, max(len(classes) - MOST_ROWS, 0), 0)


def _table_of_marks(marks: TableOfMarks) -> CutTable:
    n = len(marks.rows)
    labels = marks.labels or tuple(f"H{i}" for i in range(n))
    wide, high = min(n, MOST_COLUMNS), min(n, MOST_ROWS)
    rows = tuple(
        (f"G/{labels[i]}", *(str(marks.marks(i, j)) if j <= i else "" for j in range(wide)))
        for i in range(high)
    )
    caption = ("table of marks of ", marks.group, "")
    return CutTable(caption, ("", *labels[:wide]), rows, n - high, n - wide)


def _adapted_basis(basis: AdaptedBasis) -> CutTable:
    rows = tuple(
        (s.label, str(s.dimension), s.type, str(s.multiplicity), f"{s.rows.start}:{s.rows.stop}")
        for s in basis.simples[:MOST_ROWS]
    )
    caption = (
        f"basis adapted to simples: {basis.module} of ", basis.group,
        f"; orthogonal and equivariant within {basis.certificate.worst:.0e}",
    )  # fmt: skip
    heads = ("simple", "dimension", "type", "multiplicity", "rows")
    more = max(len(basis.simples) - MOST_ROWS, 0)
    return CutTable(caption, heads, rows, more, 0, frozenset({0, 2, 4}))
