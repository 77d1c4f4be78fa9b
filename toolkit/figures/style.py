"""How the lines and boxes of an interaction graph look: colours, dashes, widths."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "BAND",
    "COLOURS",
    "FAINT",
    "FONT",
    "INK",
    "LINES",
    "MARGIN",
    "NO_TYPE",
    "SOFT",
    "head_length",
    "line_kind",
    "line_width",
]

#: Okabe and Ito's palette, safe for colour-blind readers: border, and the same much lighter.
COLOURS = {
    "R": ("#0072B2", "#DCEBF5", "real"),
    "C": ("#E69F00", "#FDF1D7", "complex"),
    "H": ("#009E73", "#D6F1E8", "quaternionic"),
}
NO_TYPE = ("#666666", "#EEEEEE", "not stated")
INK, SOFT, FAINT, BAND, _LINEAR = "#2B2F36", "#5F6670", "#C9CED6", "#F3F5F8", "#8D949E"
#: Colour, dashes (in line widths) and words for each kind of line.
LINES: dict[str, tuple[str, tuple[float, ...], str]] = {
    "even": (INK, (), "even part"),
    "odd": (INK, (1.0, 1.2), "odd part"),
    "even and odd": (INK, (5.0, 1.2, 1.0, 1.2), "even and odd part"),
    "polynomial": (INK, (7.0, 2.0), "polynomial part only"),
    "linear": (_LINEAR, (2.2, 1.4), "linear part only"),
    "constant": (_LINEAR, (1.0, 2.2), "constant part only"),
    "unknown": (_LINEAR, (), "part not stated"),
}
FONT = "DejaVu Sans"
MARGIN = 20.0


def line_kind(parts: Iterable[str]) -> str:
    """Return how the line of an edge with these parts is drawn.

    Parameters
    ----------
    parts
        The parts of the activation that give the edge.

    Returns
    -------
    str
        ``"even"``, ``"odd"``, ``"even and odd"``, ``"polynomial"``, ``"linear"``, ``"constant"``
        or ``"unknown"``: the first that applies, so ``"linear"`` means linear at most.

    Examples
    --------
    >>> line_kind(("even", "linear")), line_kind(("linear",)), line_kind(("degree 2",))
    ('even', 'linear', 'polynomial')
    """
    found = set(parts)
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


def line_width(share: float) -> float:
    """Return the width in points of an edge that carries this share of the energy.

    Parameters
    ----------
    share
        Between 0 and 1; what lies outside is taken as the nearer end.

    Returns
    -------
    float
        From 0.7 to 3.1 points, growing like the square root, so that small shares are seen.

    Examples
    --------
    >>> [round(line_width(share), 2) for share in (0, 0.25, 1)]
    [0.7, 1.9, 3.1]
    """
    return 0.7 + 2.4 * math.sqrt(min(1.0, max(0.0, share)))


def head_length(width: float) -> float:
    """Return how long the arrow head of a line of this width is, in points."""
    return 5.0 + 1.5 * width
