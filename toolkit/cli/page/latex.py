"""The page about a group as a document in LaTeX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit import formats
from toolkit.cli.page.notes import MOST_CLASSES
from toolkit.formats.latex import escape

if TYPE_CHECKING:
    import argparse

    from toolkit.formats.group_page.answers import Gatherer

#: Normal subgroups in a picture of their lattice.
_MOST_IN_PICTURE = 60
#: Rows and columns of a table that is too large to be written whole, unless all is wanted.
_ROWS, _COLUMNS = 16, 20


def page_in_latex(gather: Gatherer, options: argparse.Namespace) -> str:
    """Return the tables of the page, and the lattice of normal subgroups, as a document.

    What is not available is said in a line at the end.
    """
    G = gather.group
    table = gather.table() if G.has_table else gather.get("the table", lambda: G.character_table)
    fragments = []
    if table is not None:
        limits = _limits(len(table), options)
        fragments.append(formats.character_table_to_latex(table, **limits))
        fragments.append(formats.simples_to_latex(table, gather.partitions))
        normal = gather.normal_subgroups()
        if normal is not None:
            names = gather.subgroup_names(normal, "names of normal subgroups")
            fragments.append(formats.normal_subgroups_to_latex(normal, names))
            if len(normal) <= _MOST_IN_PICTURE:
                fragments.append(formats.to_tikz(normal.graph))
            else:
                reason = f"drawn up to {_MOST_IN_PICTURE} of them; there are {len(normal)}"
                gather.miss("the picture of the lattice of normal subgroups", reason)
    if not options.no_subgroups:
        classes = gather.subgroup_classes(options.max_index)
        if classes is not None:
            modules = gather.coset_modules(table, classes)
            names = gather.subgroup_names(classes, "names of subgroups")
            rows = [
                (c.label, c.order, c.index, m.multiplicities, m.rank)
                for c, m in zip(classes, modules, strict=True)
                if m.multiplicities is not None
            ]
            fragments.append(formats.decompositions_to_latex(G.name, rows, names))
    for part in gather.natural_parts():
        limits = _limits(len(part.table.sizes), options)
        fragments.append(formats.spherical_table_to_latex(part.table, **limits))
    if any(" on the first " in fragment for fragment in fragments):
        fragments.append(escape("Tables that say so are cut; plrep query --full writes all."))
    gaps = [
        rf"Not available: {escape(gap['what'])}: {escape(' '.join(gap['reason'].split()))}.\\par"
        for gap in gather.missing
    ]
    if gaps:
        fragments.append("\n".join(gaps))
    return formats.latex_document(*fragments, title=G.name)


def _limits(columns: int, options: argparse.Namespace) -> dict[str, int]:
    """Return how much of a table with so many columns is written; nothing for all of it."""
    if options.full or columns <= MOST_CLASSES:
        return {}
    return {"rows": _ROWS, "columns": _COLUMNS}
