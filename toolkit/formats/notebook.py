"""Groups, modules, tables, lattices and rows as HTML and LaTeX, for notebooks.

See :mod:`toolkit.display`. Long tables are cut, and a line says what was left out.
"""

from __future__ import annotations

from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING

from toolkit.catalog.query.results import Rows
from toolkit.errors import ToolkitError
from toolkit.formats.cut_tables import MOST_COLUMNS, MOST_ROWS, Cuttable, cut_table
from toolkit.formats.latex import (
    character_table_to_latex,
    multiplicities_to_latex,
    spherical_table_to_latex,
)
from toolkit.formats.lattice_table import LATTICES, lattice_cells, lattice_ending
from toolkit.groups.character_table import CharacterTable, RealSimple
from toolkit.library.group import Group
from toolkit.modules.layer_basis import LayerBasis
from toolkit.modules.module import FEW_POINTS, Module
from toolkit.modules.spherical import SphericalTable
from toolkit.pl.interactions.lattice import Lattice
from toolkit.text import compact_integer, counted, graph_title, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def to_html(thing: object) -> str | None:
    """Return an object as HTML, or ``None`` if there is no table of it.

    Parameters
    ----------
    thing
        A group, a simple, a module, a basis of it or of its layers; a table of characters,
        spherical functions or marks; a class function; a list of subgroups; a lattice; or rows of
        the catalog.

    Raises
    ------
    ToolkitError
        If what the table needs is neither known nor stored.

    Notes
    -----
    GAP is not started.

    Examples
    --------
    >>> import toolkit as tk
    >>> page = to_html(tk.group("S3"))
    >>> page[:62]
    '<div><b>S3</b>: order 6, SmallGroup(6,1), 3 simples</div><tabl'
    """
    match thing:
        case Group():
            with thing.session.without_gap():
                return _group(thing)
        case Module():
            return _module(thing)
        case RealSimple():
            return f"<div>{escape(str(thing))}</div>"
        case LayerBasis():
            return _layer_basis(thing)
        case Rows():
            return _rows(thing)
        case Lattice():
            return _lattice(thing)
    return _table(thing) if isinstance(thing, Cuttable) else None


def to_latex(thing: object) -> str | None:
    """Return an object as LaTeX, or ``None`` if there is none.

    Parameters
    ----------
    thing
        A module, which is the sum of its simples, a character table or a spherical table.

    Examples
    --------
    >>> import toolkit as tk
    >>> to_latex(tk.group("S4").natural_module())
    '$L_{0}+L_{3}$'
    """
    match thing:
        case Module():
            multiplicities = _multiplicities(thing)
            return None if multiplicities is None else multiplicities_to_latex(multiplicities)
        case CharacterTable():
            return character_table_to_latex(thing, rows=MOST_ROWS, columns=MOST_COLUMNS)
        case SphericalTable():
            return spherical_table_to_latex(thing, rows=MOST_ROWS, columns=MOST_COLUMNS)
    return None


def _multiplicities(X: Module) -> dict[str, int] | None:
    """Return the multiplicities if they are known, or the module is small."""
    if X.degree > FEW_POINTS and "multiplicities" not in vars(X):
        return None
    if not isinstance(X.home, Group):
        return X.multiplicities
    with X.home.session.without_gap():
        return X.multiplicities


def _group(G: Group) -> str:
    facts, body = [], ""
    with suppress(ToolkitError):
        facts.append(f"order {compact_integer(G.order)}")
    with suppress(ToolkitError):
        if G.small_group_id is not None:
            facts.append("SmallGroup({},{})".format(*G.small_group_id))
    with suppress(ToolkitError):
        simples = G.simples
        facts.append(counted(len(simples), "simple"))
        rows = (
            (L.label, L.dimension, L.type, L.action_order, L.kernel_order, L.over_complex_numbers)
            for L in simples[:MOST_ROWS]
        )
        heads = ("simple", "dimension", "type", "order of the action", "kernel", "over C")
        body = html_table(heads, rows, left_out=len(simples) - MOST_ROWS)
    return f"<div><b>{escape(G.title)}</b>: {', '.join(facts) or 'not asked yet'}</div>{body}"


def _module(X: Module) -> str | None:
    multiplicities = _multiplicities(X)
    if multiplicities is None:
        return None
    table = X.home.character_table if isinstance(X.home, Group) and X.home.has_table else None
    dimensions = {L.label: (L.dimension, L.type) for L in table.simples} if table else {}
    rows = (
        (label, *dimensions.get(label, ("", "")), count)
        for label, count in list(multiplicities.items())[:MOST_ROWS]
    )
    heads = ("simple", "dimension", "type", "multiplicity")
    body = html_table(heads, rows, left_out=len(multiplicities) - MOST_ROWS)
    return f"<div>{escape(repr(X)[1:-1])}</div>{body}"


def _layer_basis(basis: LayerBasis) -> str:
    """Return the matrix of weights: w0, w1, ... with their signs."""
    rows, columns = basis.shape
    title = f"<div>{counted(basis.dimension, 'map')} from {columns} to {rows} points"
    if rows > MOST_ROWS or columns > MOST_ROWS:
        return f"{title}</div>"
    body = [
        [f"{'-' if sign < 0 else ''}w{label}" if sign else "0" for label, sign in pairs]
        for pairs in map(zip, basis.label_matrix.tolist(), basis.signs.tolist())
    ]
    return f"{title}, with these weights</div>{html_table([], body)}"


def _table(table: Cuttable) -> str:
    cut = cut_table(table)
    before, name, after = cut.caption
    caption = f"<div>{before.capitalize()}<b>{escape(shortened(name))}</b>{escape(after)}</div>"
    rest = f"<div>{cut.remark}</div>" if cut.remark else ""
    return caption + html_table(cut.heads, cut.rows) + rest


def _lattice(graph: Lattice) -> str | None:
    if graph.graph.get("kind") not in LATTICES:
        return None
    (heads, *front), (last, *words) = lattice_cells(graph)
    rows = [[*cells, ", ".join(above)] for cells, above in zip(front, words, strict=True)]
    title = f"<div>{escape(graph_title(graph) + lattice_ending(graph))}</div>"
    body = html_table([*heads, *last], rows[:MOST_ROWS], left_out=len(rows) - MOST_ROWS)
    return title + body


def _rows(rows: Rows) -> str:
    cells = rows[:MOST_ROWS].cells()
    body = zip(*(texts for _, texts, _ in cells), strict=True)
    return html_table(rows.columns, body, left_out=len(rows) - MOST_ROWS)


def html_table(
    heads: Sequence[object], rows: Iterable[Sequence[object]], *, left_out: int = 0
) -> str:
    """Return a table in HTML.

    Parameters
    ----------
    heads, rows
        The cells; they are escaped.
    left_out
        How many rows or columns are not shown; a line says so if it is positive.

    Examples
    --------
    >>> html_table(["a"], [["<"]], left_out=2)[-59:]
    '<tr><td>&lt;</td></tr></tbody></table><div>and 2 more</div>'
    """
    first = "".join(f"<th>{escape(str(head))}</th>" for head in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    rest = f"<div>and {left_out} more</div>" if left_out > 0 else ""
    return f"<table><thead><tr>{first}</tr></thead><tbody>{body}</tbody></table>{rest}"
