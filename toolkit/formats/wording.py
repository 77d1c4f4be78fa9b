"""Short words about interaction graphs: numbers, shares, the title line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import networkx as nx

__all__ = [
    "bias_words",
    "compact_integer",
    "counted",
    "filled",
    "graph_title",
    "label_runs",
    "percentage",
]


def compact_integer(number: int) -> str:
    """Return an integer as people read it: in full up to seven digits, else rounded.

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
        Such as ``"31.8%"``; ``"<0.1%"`` for what is positive and would be shown as zero.

    Examples
    --------
    >>> percentage(0.3183), percentage(1e-9), percentage(0.0)
    ('31.8%', '<0.1%', '0.0%')
    """
    return "<0.1%" if 0 < share < 0.0005 else f"{100 * share:.1f}%"


def graph_title(graph: nx.DiGraph[str], width: int = 100) -> str:
    """Return one line that names group, module and activation.

    Parameters
    ----------
    graph
        The interaction graph.
    width
        The longest line wanted, in characters; long names lose their middle.

    Returns
    -------
    str
        Such as ``"C8, regular module, relu"``; absent attributes are passed over.

    Examples
    --------
    >>> import networkx as nx
    >>> graph_title(nx.DiGraph(group="C8", module="regular", activation="relu"))
    'C8, regular module, relu'
    """
    keys = "group", "module", "activation"
    names = [" ".join(str(graph.graph.get(key, "")).split()) for key in keys]
    if names[1].isalpha() and not names[1].endswith("module"):
        names[1] += " module"
    names = [name for name in names if name]
    if not names:
        return "interaction graph"
    while len(", ".join(names)) > width:
        longest = max(range(len(names)), key=lambda i: len(names[i]))
        keep = len(names[longest]) - (len(", ".join(names)) - width)
        if keep < 8:
            return _shortened(", ".join(names), width)
        names[longest] = _shortened(names[longest], keep)
    return ", ".join(names)


def _shortened(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    head = (length - 1) * 2 // 3
    tail = length - 1 - head
    return f"{text[:head]}…{text[len(text) - tail :] if tail else ''}"


def counted(number: int, noun: str) -> str:
    """Return a number of things, such as ``"1 simple"`` or ``"5 simples"``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def bias_words(graph: nx.DiGraph[str]) -> str:
    """Return ``", with bias"``, ``", no bias"``, or nothing if the graph does not say."""
    return {True: ", with bias", False: ", no bias"}.get(graph.graph.get("bias", ""), "")


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


def label_runs(labels: Sequence[str]) -> str:
    """Return labels with commas between them, four or more in a row as ``L3..L9``.

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
