"""Colours of the types of simples, and the kinds of lines: for pictures and for Graphviz."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.text import split_names

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Okabe and Ito's palette, safe for colour-blind readers: border, the same much lighter, and the
#: word for the type.
COLOURS = {
    "R": ("#0072B2", "#DCEBF5", "real"),
    "C": ("#E69F00", "#FDF1D7", "complex"),
    "H": ("#009E73", "#D6F1E8", "quaternionic"),
}
NO_TYPE = ("#666666", "#EEEEEE", "not stated")


def line_kind(parts: str | Iterable[str]) -> str:
    """Return the kind of line by which an edge with these parts is drawn.

    Parameters
    ----------
    parts
        The parity parts of the activation that give the edge: the edge's attribute ``parts``, or
        the names in it.

    Returns
    -------
    str
        ``"even"``, ``"odd"``, ``"even and odd"``, ``"polynomial"``, ``"linear"``, ``"constant"``
        or ``"unknown"``: the first that applies, so ``"linear"`` means linear at most.

    Examples
    --------
    >>> line_kind("even, linear"), line_kind("linear"), line_kind("degree 2")
    ('even', 'linear', 'polynomial')
    """
    found = set(split_names(parts))
    if {"even", "odd"} <= found:
        return "even and odd"
    for kind in ("even", "odd"):
        if kind in found:
            return kind
    if any(part.startswith("degree ") for part in found):
        return "polynomial"
    for kind in ("linear", "constant"):
        if kind in found:
            return kind
    return "unknown"
