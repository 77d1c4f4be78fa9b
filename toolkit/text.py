"""Words, labels and tables as text: shared by messages, pages and pictures.

Lists of names in the attributes of graphs (the ``parts`` of an edge, the ``simples`` of a closed
set) are one text, names with ``", "`` between them, so that every writer of networkx takes them:
:func:`join_names` and :func:`split_names`.
"""

from __future__ import annotations

import math
import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    import networkx as nx

_BETWEEN_NAMES = ", "


def is_path(text: str) -> bool:
    r"""Whether a system can be given a text as the path of a file, or as a word of a command.

    Examples
    --------
    >>> is_path("any/text at all"), is_path("not\0this"), is_path("nor\ud800this")
    (True, False, False)
    """
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def group_required(found: object) -> str:
    """Return the sentence about what should have been a group.

    Examples
    --------
    >>> group_required("C4")
    "a group is required, such as tk.group('S4'), or X.home of a module X, not 'C4'"
    """
    return (
        f"a group is required, such as tk.group('S4'), or X.home of a module X, not {found!r:.60}"
    )


# --- lists of names -------------------------------------------------------------------------------


def join_names(names: Iterable[object]) -> str:
    """Return names as one text, the form that lists have in the attributes of graphs.

    Parameters
    ----------
    names
        Texts or integers, such as parity parts, labels or numbers of classes.

    Raises
    ------
    ValueError
        If a name is empty, or could not be told apart from two names.

    See Also
    --------
    split_names : The way back.

    Examples
    --------
    >>> join_names(("constant", "even", "degree 3"))
    'constant, even, degree 3'
    """
    texts = [str(name) for name in names]
    joined = _BETWEEN_NAMES.join(texts)
    if not all(texts) or split_names(joined) != tuple(texts):
        raise ValueError(
            f"non-empty names are required that do not contain {_BETWEEN_NAMES!r} are required, "
            f"found {texts!r}"
        )
    return joined


def split_names(text: str | Iterable[str]) -> tuple[str, ...]:
    """Return the names in a text that :func:`join_names` made.

    Parameters
    ----------
    text
        The text. A tuple or list of names, which graphs had before, is also read.

    Examples
    --------
    >>> split_names("constant, even, degree 3"), split_names("")
    (('constant', 'even', 'degree 3'), ())
    """
    if isinstance(text, str):
        return tuple(text.split(_BETWEEN_NAMES)) if text else ()
    return tuple(text)


# --- labels ---------------------------------------------------------------------------------------


def label_key(label: str) -> tuple[str, int]:
    """Return the key by which labels such as ``"L3"`` are sorted: the letter, then the number.

    Examples
    --------
    >>> sorted(["L10", "L2", "L0"], key=label_key)
    ['L0', 'L2', 'L10']
    """
    return label[0], int(label[1:])


def is_local(label: str) -> bool:
    """Return whether a label (``V0``, ``V1``, ...) names a simple within one module only.

    Examples
    --------
    >>> is_local("V2"), is_local("L2")
    (True, False)
    """
    return label.startswith("V")


def label_runs(labels: Iterable[str]) -> str:
    """Return labels with commas between them, four or more consecutive ones as ``L3..L9``.

    Parameters
    ----------
    labels
        Labels such as ``"L3"``, in rising order.

    Examples
    --------
    >>> label_runs(["L0", "L2", "L3", "L4", "L5", "L7"])
    'L0, L2..L5, L7'
    """
    runs: list[list[str]] = []
    for label in labels:
        if runs and label[1:].isdigit() and int(label[1:]) == int(runs[-1][-1][1:]) + 1:
            runs[-1].append(label)
        else:
            runs.append([label])
    words = [[f"{run[0]}..{run[-1]}"] if len(run) > 3 else run for run in runs]
    return ", ".join(word for run in words for word in run)


def ordered_names(orders: Sequence[int]) -> tuple[str, ...]:
    """Return names in the manner of the ATLAS: an order and letters a, b, ..., z, aa, ab, ...

    Examples
    --------
    >>> ordered_names([1, 2, 2, 3])
    ('1a', '2a', '2b', '3a')
    """
    count: dict[int, int] = {}
    out = []
    for order in orders:
        n = count[order] = count.get(order, 0) + 1
        letters = ""
        while n:
            n, digit = divmod(n - 1, 26)
            letters = chr(97 + digit) + letters
        out.append(f"{order}{letters}")
    return tuple(out)


# --- numbers and words ----------------------------------------------------------------------------


def compact_integer(number: int) -> str:
    """Return an integer in readable form: in full up to seven digits, else rounded.

    Parameters
    ----------
    number
        Any integer, however large.

    Returns
    -------
    str
        Digits, or three significant digits and a power of ten.

    Examples
    --------
    >>> compact_integer(5040), compact_integer(808017424794512875 * 10**36)
    ('5040', '8.08e53')
    """
    if abs(number) < 10**7:
        return str(number)
    logarithm = math.log10(abs(number))
    exponent = math.floor(logarithm)
    mantissa = f"{10 ** (logarithm - exponent):.2f}"
    if mantissa == "10.00":
        mantissa, exponent = "1.00", exponent + 1
    return f"{'-' if number < 0 else ''}{mantissa}e{exponent}"


def percentage(share: float) -> str:
    """Return a share as a percentage with one digit after the point.

    Parameters
    ----------
    share
        A part of one.

    Returns
    -------
    str
        A string such as ``"31.8%"``; ``"<0.1%"`` for a positive share that would be shown as zero.

    Examples
    --------
    >>> percentage(0.3183), percentage(1e-9), percentage(0.0)
    ('31.8%', '<0.1%', '0.0%')
    """
    return "<0.1%" if 0 < share < 0.0005 else f"{100 * share:.1f}%"


def counted(number: int, noun: str) -> str:
    """Return a number of things, such as ``"1 simple"`` or ``"5 simples"``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def listed(items: Sequence[object], most: int) -> str:
    """Return the first items with commas between them, then dots if there are more.

    Examples
    --------
    >>> listed(["L0", "L1", "L2"], 2)
    'L0, L1, ...'
    """
    return ", ".join(map(str, items[:most])) + (", ..." if len(items) > most else "")


def readable(text: str) -> str:
    """Return a text with huge integers written as 5.41e2639, for messages."""
    return re.sub(r"\d{25,}", lambda m: f"{m[0][0]}.{m[0][1:3]}e{len(m[0]) - 1}", text)


def shortened(text: str, width: int = 60) -> str:
    """Return a text of at most ``width`` characters, its end replaced by three dots if too long.

    Examples
    --------
    >>> shortened("SmallGroup(96,227)", 13)
    'SmallGroup...'
    """
    return text if len(text) <= width else text[: width - 3] + "..."


def shortened_inside(text: str, width: int) -> str:
    """Return a text of at most ``width`` characters, its middle replaced by an ellipsis.

    Examples
    --------
    >>> shortened_inside("SmallGroup(96,227)", 13)
    'SmallGro…227)'
    """
    if len(text) <= width:
        return text
    head = (width - 1) * 2 // 3
    tail = width - 1 - head
    return f"{text[:head]}…{text[len(text) - tail :] if tail else ''}"


# --- the title of a graph -------------------------------------------------------------------------


def graph_title(graph: nx.DiGraph[str], width: int = 100) -> str:
    """Return one line with the group, module and activation.

    Parameters
    ----------
    graph
        The interaction graph.
    width
        The maximum length of the line, in characters; long names are shortened in the middle.

    Returns
    -------
    str
        A string such as ``"C8, regular module, relu"``; missing attributes are left out.

    Examples
    --------
    >>> import networkx as nx
    >>> graph_title(nx.DiGraph(group="C8", module="regular", activation="relu"))
    'C8, regular module, relu'
    """
    group = graph.graph.get("group_title", graph.graph.get("group", ""))
    shown = group, graph.graph.get("module", ""), graph.graph.get("activation", "")
    names = [" ".join(str(name).split()) for name in shown]
    if names[1].isalpha() and not names[1].endswith("module"):
        names[1] += " module"
    names = [name for name in names if name]
    if not names:
        return "interaction graph"
    while len(", ".join(names)) > width:
        longest = max(range(len(names)), key=lambda i: len(names[i]))
        keep = len(names[longest]) - (len(", ".join(names)) - width)
        if keep < 8:
            return shortened_inside(", ".join(names), width)
        names[longest] = shortened_inside(names[longest], keep)
    return ", ".join(names)


def bias_words(graph: nx.DiGraph[str]) -> str:
    """Return ``", with bias"``, ``", no bias"``, or nothing if the graph does not say."""
    return {True: ", with bias", False: ", no bias"}.get(graph.graph.get("bias", ""), "")


# --- lines and tables -----------------------------------------------------------------------------


def filled(words: Iterable[str], space: str, fits: Callable[[str], bool]) -> list[str]:
    """Fill lines with words that stay whole, as many as fit.

    Examples
    --------
    >>> filled(["one", "two", "three"], "  ", lambda line: len(line) <= 8)
    ['one  two', 'three']
    """
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]}{space}{word}" if lines else word
        if lines and fits(longer):
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def column_widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the width of each column of a table: that of its longest line."""
    return [
        max(len(line) for cell in column for line in cell.split("\n"))
        for column in zip(*rows, strict=True)
    ]


def with_words(
    rows: Sequence[Sequence[str]], words: Sequence[Sequence[str]], width: int
) -> list[tuple[str, ...]]:
    r"""Return the rows of a table with one more column of words, filled to the width of a page.

    Parameters
    ----------
    rows
        The cells of the columns before.
    words
        For each row the words beside it; they stay whole, two spaces between them.
    width
        Of the page; at least 20 characters are used for the words.

    Examples
    --------
    >>> with_words([("L0", "1")], [["L0 50.0%", "L1* 30.0%", "L3 20.0%"]], 30)
    [('L0', '1', 'L0 50.0%  L1* 30.0%\nL3 20.0%')]
    """
    room = max(20, width - sum(w + 2 for w in column_widths(rows)))
    return [
        (*row, "\n".join(filled(own, "  ", lambda line: len(line) <= room)))
        for row, own in zip(rows, words, strict=True)
    ]


def table(
    rows: Sequence[Sequence[str]],
    *,
    right: Collection[int] = (),
    indent: int = 0,
    rule: bool = False,
) -> list[str]:
    r"""Return the lines of a table: columns side by side, two spaces between them.

    Parameters
    ----------
    rows
        The cells, the heads first; all rows have the same length. The last cell of a row may have
        several lines.
    right
        0-based numbers of the columns that stand to the right, as numbers do.
    indent
        Spaces in front of each line.
    rule
        Whether a line of dashes follows the heads.

    Returns
    -------
    list of str
        Lines without spaces at their ends.

    Examples
    --------
    >>> rows = [("label", "dim", "goes to"), ("L0", "1", "L0"), ("L3", "12", "L0\nL3")]
    >>> print(*table(rows, right={1}, rule=True), sep="\n")
    label  dim  goes to
    -----  ---  -------
    L0       1  L0
    L3      12  L0
                L3
    """
    rows = list(rows)
    if not rows:
        return []
    widths = column_widths(rows)
    if rule:
        rows.insert(1, ["-" * width for width in (*widths[:-1], len(rows[0][-1]))])
    start = " " * indent
    below = " " * (indent + sum(widths[:-1]) + 2 * (len(widths) - 1))
    lines = []
    for row in rows:
        *cells, last = row
        first, *more = last.split("\n")
        padded = [
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip((*cells, first), widths, strict=True))
        ]
        lines.append((start + "  ".join(padded)).rstrip())
        lines += [below + line for line in more]
    return lines
