r"""Tables in LaTeX: character tables, simples, decompositions, spherical tables.

The functions return fragments, tables of the booktabs package; :func:`latex_document` makes a
document of them that compiles as it is. The fragments need the packages amsmath, booktabs and
longtable. Names are escaped (:func:`escape`), labels such as L3 are set as symbols, numbers are
exact: roots of unity are written as powers of zeta_n = exp(2 pi i / n).
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from toolkit.exact.cyclotomic import Cyclotomic
    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.subgroups import NormalSubgroups
    from toolkit.modules.spherical import SphericalTable

#: The preamble that fragments, and pictures in TikZ, need.
PACKAGES = "amsmath,amssymb,booktabs,longtable,tikz"
#: Columns of values in one table; wider ones are continued in the next.
_MOST_COLUMNS = 14
#: Rows of a table on one page; longer ones are longtables.
_MOST_ROWS = 40
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    **{sign: rf"\{sign}" for sign in "{}&#%_"},
    "$": r"$\$$",  # as text it takes a font of its own
    "×": r"$\times$",
    "·": r"$\cdot$",
    "±": r"$\pm$",
    "…": r"\dots{}",
    "→": r"$\to$",
    "√": r"$\surd$",
    "⊗": r"$\otimes$",
}
_LABEL = re.compile(r"([A-Z][A-Za-z]?)([0-9]+)([a-z]*)")


def escape(text: str) -> str:
    r"""Return a text as LaTeX sets it literally.

    Accents are kept; other signs beyond ASCII become their nearest letters, or a question mark.

    Examples
    --------
    >>> print(escape("C2^3 : A_4 & 50%"))
    C2\textasciicircum{}3 : A\_4 \& 50\%
    """
    return "".join(_SPECIAL.get(sign) or _letter(sign) for sign in text)


def _letter(sign: str) -> str:
    if sign.isascii():
        return sign if sign.isprintable() else " "
    if sign.isalpha() and ord(sign) < 0x180:
        return sign
    plain = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return "".join(_SPECIAL.get(c, c) for c in plain) or "?"


def label(name: str) -> str:
    r"""Return a label as a symbol, ``$L_{3}$``; any other text escaped.

    Examples
    --------
    >>> print(label("L13"), label("H4a"), label("a b"))
    $L_{13}$ $H_{4a}$ a b
    """
    found = _LABEL.fullmatch(name)
    return f"${found[1]}_{{{found[2]}{found[3]}}}$" if found else escape(name)


def group_name(name: str) -> str:
    r"""Return the name of a group: C2, S4, Q8 and their products as symbols, any other escaped.

    Examples
    --------
    >>> print(group_name("C2 x S4"), group_name("C2^3 : C4"), group_name("SmallGroup(64,5)"))
    $C_{2} \times S_{4}$ $C_{2}^{3} : C_{4}$ SmallGroup(64,5)
    """
    words = name.replace("(", " ( ").replace(")", " ) ").split()
    parts = []
    for word in words:
        found = re.fullmatch(r"(C|S|A|D|Q|QD)([0-9]+)(?:\^([0-9]+))?", word)
        if found:
            power = f"^{{{found[3]}}}" if found[3] else ""
            parts.append(f"{found[1]}_{{{found[2]}}}{power}")
        elif word in ("x", "wr", ":", ".", "(", ")", "=", "1"):
            parts.append({"x": r"\times", "wr": r"\wr", ".": r"\cdot"}.get(word, word))
        else:
            return escape(name)
    joined = " ".join(parts).replace("( ", "(").replace(" )", ")")
    return f"${joined}$"


def latex_number(value: Cyclotomic | int) -> str:
    r"""Return an exact number between dollar signs.

    Examples
    --------
    >>> latex_number(-3)
    '$-3$'
    """
    return f"${value}$" if isinstance(value, int) else f"${value.latex()}$"


def latex_table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    align: str = "",
    caption: str = "",
) -> str:
    r"""Return a table from cells that are LaTeX already.

    Parameters
    ----------
    heads
        The first row.
    rows
        The others, each as long.
    align
        LaTeX's letters for the columns, all ``l`` by default.
    caption
        A line above it, LaTeX already.

    Notes
    -----
    A ``tabular``, or a ``longtable`` with more than 40 rows.

    Examples
    --------
    >>> print(latex_table(["a", "b"], [["1", "2"]], align="lr"))
    \begin{tabular}{lr}
      \toprule
      a & b \\
      \midrule
      1 & 2 \\
      \bottomrule
    \end{tabular}
    """
    body = [list(row) for row in rows]
    letters = align or "l" * len(heads)
    head = f"  {' & '.join(heads)} \\\\"
    lines = [f"  {' & '.join(row)} \\\\" for row in body]
    if len(body) > _MOST_ROWS:
        out = [
            rf"\begin{{longtable}}{{{letters}}}",
            *([rf"  \multicolumn{{{len(heads)}}}{{l}}{{{caption}}} \\"] if caption else []),
            r"  \toprule",
            head,
            r"  \midrule",
            r"  \endfirsthead",
            r"  \toprule",
            head,
            r"  \midrule",
            r"  \endhead",
            *lines,
            r"  \bottomrule",
            r"\end{longtable}",
        ]
        return "\n".join(out)
    out = [
        rf"\begin{{tabular}}{{{letters}}}",
        r"  \toprule",
        head,
        r"  \midrule",
        *lines,
        r"  \bottomrule",
        r"\end{tabular}",
    ]
    if caption:
        out = [rf"\noindent {caption}\par\smallskip\noindent", *out]
    return "\n".join(out)


def latex_document(*fragments: str, title: str = "") -> str:
    r"""Return a complete LaTeX document that contains the given fragments.

    Parameters
    ----------
    fragments
        Results of the functions of this module and of :func:`~toolkit.formats.tikz.to_tikz`.
    title
        A heading, as plain text.

    Returns
    -------
    str
        The whole file.

    Examples
    --------
    >>> print(latex_document(multiplicities_to_latex({"L0": 1})).splitlines()[-2:])
    ['$L_{0}$', '\\end{document}']
    """
    return "\n".join(
        [
            r"\documentclass[a4paper]{article}",
            r"\usepackage[utf8]{inputenc}",
            r"\usepackage[landscape,margin=15mm]{geometry}",
            rf"\usepackage{{{PACKAGES}}}",
            r"\renewcommand{\arraystretch}{1.2}",
            r"\begin{document}",
            *([rf"\section*{{{escape(title)}}}"] if title else []),
            "\n\n\\bigskip\n\n".join(fragments),
            r"\end{document}",
            "",
        ]
    )


# -- tables of a group ---------------------------------------------------------------------------


def character_table_to_latex(
    table: CharacterTable, *, rows: int | None = None, columns: int | None = None
) -> str:
    r"""Return the complex character table, split into tables of at most 14 classes.

    Parameters
    ----------
    table
        The character table.
    rows, columns
        How many of the first characters and classes to show; ``None`` for all. A line below the
        table says what is left out.

    Returns
    -------
    str
        The columns are the label of the character, its Frobenius-Schur indicator and its values.
        The sizes of the classes are below their names.

    Examples
    --------
    >>> import toolkit as tk
    >>> print(character_table_to_latex(tk.group("C2").character_table))
    \noindent Character table of $C_{2}$\par\smallskip\noindent
    \begin{tabular}{lcrr}
      \toprule
       & ind & 1a & 2a \\
       & & $1$ & $1$ \\
      \midrule
      $X_{0}$ & $+$ & $1$ & $1$ \\
      $X_{1}$ & $+$ & $1$ & $-1$ \\
      \bottomrule
    \end{tabular}
    """
    signs = {1: "$+$", 0: r"$\circ$", -1: "$-$"}
    value = _Numbers(table.values)
    out = []
    n = len(table)
    high, wide = _up_to(n, rows), _up_to(n, columns)
    some = [table.rows[i] for i in range(high)]
    for start in range(0, wide, _MOST_COLUMNS):
        shown = range(start, min(wide, start + _MOST_COLUMNS))
        sizes = " & ".join(f"${table.class_sizes[c]}$" for c in shown)
        heads = ["", "ind", *(escape(table.class_names[c]) for c in shown)]
        cells = (
            [label(f"X{i}"), signs[table.indicators[i]], *(value[row[c]] for c in shown)]
            for i, row in enumerate(some)
        )
        caption = "" if start else f"Character table of {group_name(table.group)}"
        made = latex_table(heads, cells, align="lc" + "r" * len(shown), caption=caption)
        out.append(made.replace(r"\midrule", rf" & & {sizes} \\" + "\n  \\midrule"))
    out += _cut("characters", n, high, "classes", n, wide)
    return "\n\n".join(out)


class _Numbers(dict[int, str]):
    """Numbers of a list as LaTeX, each written when it is first asked for."""

    def __init__(self, values: Sequence[Cyclotomic]) -> None:
        super().__init__()
        self._values = values

    def __missing__(self, place: int) -> str:
        self[place] = text = latex_number(self._values[place])
        return text


def _up_to(count: int, most: int | None) -> int:
    return count if most is None else min(count, most)


def _cut(rows: str, n: int, high: int, columns: str, m: int, wide: int) -> list[str]:
    """Return a line that says which rows and columns stand there, unless all do."""
    if (high, wide) == (n, m):
        return []
    return [rf"\noindent The first {high} of {n} {rows} on the first {wide} of {m} {columns}.\par"]


def simples_to_latex(
    table: CharacterTable, partitions: Mapping[str, Sequence[int]] | None = None
) -> str:
    r"""Return the real simples: dimension, type, orders of action and kernel, constituents.

    Parameters
    ----------
    table
        The character table.
    partitions
        The partitions of the simples of a symmetric group, by label; they make one more column.

    Returns
    -------
    str
        The LaTeX source of a table.

    Examples
    --------
    >>> import toolkit as tk
    >>> print(simples_to_latex(tk.group("C4").character_table).splitlines()[-3])
      $L_{2}$ & $2$ & C & $4$ & $1$ & $X_{2}+X_{3}$ \\
    """

    def constituents(simple: tuple[int, ...], factor: str) -> str:
        return "$" + "+".join(factor + label(f"X{c}").strip("$") for c in simple) + "$"

    heads = ["", "dim", "type", r"$|G/\ker|$", r"$|\ker|$", "characters"]
    rows = []
    for s in table.simples:
        row = [label(s.label), f"${s.dimension}$", s.type, f"${s.action_order}$"]
        row += [f"${s.kernel_order}$", constituents(s.constituents, "2" if s.type == "H" else "")]
        if partitions is not None:
            row.append(f"$({','.join(map(str, partitions[s.label]))})$")
        rows.append(row)
    if partitions is not None:
        heads.append("partition")
    caption = f"Real simples of {group_name(table.group)}"
    return latex_table(heads, rows, align="lrcrrl" + "l" * (len(heads) - 6), caption=caption)


def multiplicities_to_latex(multiplicities: Mapping[str, int]) -> str:
    r"""Return a sum of simples with multiplicities, in inline math mode.

    Parameters
    ----------
    multiplicities
        The multiplicity of each simple, by label.

    Returns
    -------
    str
        A formula between dollar signs.

    Examples
    --------
    >>> print(multiplicities_to_latex({"L0": 1, "L3": 2}))
    $L_{0}+2L_{3}$
    """
    terms = (
        ("" if m == 1 else str(m)) + label(name).strip("$") for name, m in multiplicities.items()
    )
    return f"${'+'.join(terms) or '0'}$"


def decompositions_to_latex(
    group: str,
    rows: Iterable[tuple[str, int, int, Mapping[str, int] | None, int | None]],
    names: Mapping[str, str | None] | None = None,
) -> str:
    r"""Return the table of the modules Fun(G/H).

    Parameters
    ----------
    group
        The name of G.
    rows
        For each class of subgroups the label, order, index, multiplicities by label, and rank.
        ``None`` stands for an unknown value and is written as a question mark.
    names
        Names of the subgroups by label.

    Returns
    -------
    str
        The LaTeX source of a table.

    Examples
    --------
    >>> rows = [("H6a", 6, 4, {"L0": 1, "L3": 1}, 2)]
    >>> print(decompositions_to_latex("S4", rows, {"H6a": "S3"}).splitlines()[-3])
      $H_{6a}$ & $S_{3}$ & $6$ & $4$ & $2$ & $L_{0}+L_{3}$ \\
    """
    known = names or {}
    cells = [
        [
            label(name),
            group_name(known.get(name) or "?"),
            f"${order}$",
            f"${index}$",
            "?" if rank is None else f"${rank}$",
            "?" if found is None else multiplicities_to_latex(found),
        ]
        for name, order, index, found, rank in rows
    ]
    heads = ["$H$", "structure", r"$|H|$", r"$|G:H|$", "rank", r"$\mathrm{Fun}(G/H)$"]
    caption = rf"Modules $\mathrm{{Fun}}(G/H)$ of {group_name(group)}"
    return latex_table(heads, cells, align="llrrrl", caption=caption)


def normal_subgroups_to_latex(
    lattice: NormalSubgroups, names: Mapping[str, str | None] | None = None
) -> str:
    r"""Return a table of the normal subgroups: order, index, names of N and G/N, and covers.

    Parameters
    ----------
    lattice
        The normal subgroups.
    names
        Names of the normal subgroups N by label; ``None`` for an unknown name.

    Returns
    -------
    str
        The LaTeX source of a table.

    Examples
    --------
    >>> import toolkit as tk
    >>> print(normal_subgroups_to_latex(tk.group("C2").normal_subgroups()).splitlines()[-3])
      $N_{1}$ & $2$ & $1$ & ? & $1$ & $N_{0}$ \\
    """
    known = names or {}
    below: list[list[str]] = [[] for _ in lattice]
    for i, j in lattice.covers:
        below[j].append(label(lattice[i].label))
    rows = (
        [
            label(n.label),
            f"${n.order}$",
            f"${n.index}$",
            group_name(known.get(n.label) or "?"),
            group_name(n.quotient or "?"),
            ", ".join(below[i]),
        ]
        for i, n in enumerate(lattice)
    )
    heads = ["$N$", r"$|N|$", r"$|G:N|$", "structure", "$G/N$", "covers"]
    caption = f"Normal subgroups of {group_name(lattice.group)}"
    return latex_table(heads, rows, align="lrrlll", caption=caption)


def spherical_table_to_latex(
    table: SphericalTable, *, rows: int | None = None, columns: int | None = None
) -> str:
    r"""Return a spherical table: for each simple its multiplicity and its spherical function.

    Parameters
    ----------
    table
        The spherical table; it is split into tables of at most 14 columns.
    rows, columns
        How many of the first simples and double cosets to show; ``None`` for all. A line below the
        table says what is left out.

    Returns
    -------
    str
        The LaTeX source of one or more tables.

    Examples
    --------
    >>> import toolkit as tk
    >>> print(spherical_table_to_latex(tk.group("S3").natural_module().spherical_table))
    \noindent Spherical table of $S_{3}$, 3 points\par\smallskip\noindent
    \begin{tabular}{lrrr}
      \toprule
       & mult & $1$ & $2$ \\
      \midrule
      $L_{0}$ & $1$ & $1$ & $1$ \\
      $L_{2}$ & $1$ & $1$ & $-\frac{1}{2}$ \\
      \bottomrule
    \end{tabular}
    """
    value = _Numbers(table.values)
    high, wide = _up_to(len(table.simples), rows), _up_to(len(table.sizes), columns)
    lengths = [size * table.degree // table.group_order for size in table.sizes]
    out = []
    for start in range(0, wide, _MOST_COLUMNS):
        shown = range(start, min(wide, start + _MOST_COLUMNS))
        heads = ["", "mult", *(f"${lengths[c]}$" for c in shown)]
        cells = (
            [label(s.label), f"${s.multiplicity}$", *(value[s.row[c]] for c in shown)]
            for s in table.simples[:high]
        )
        title = f"Spherical table of {group_name(table.group)}, {escape(table.module)}"
        caption = "" if start else title
        out.append(latex_table(heads, cells, align="lr" + "r" * len(shown), caption=caption))
    out += _cut("simples", len(table.simples), high, "double cosets", len(table.sizes), wide)
    return "\n\n".join(out)
