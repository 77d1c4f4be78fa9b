"""How the lines and boxes of pictures look: colours, dashes, widths."""

from __future__ import annotations

import math

INK, SOFT, FAINT, BAND, _LINEAR = "#2B2F36", "#5F6670", "#C9CED6", "#F3F5F8", "#8D949E"
#: Of what is not known: lines that lead there, and hatches.
UNKNOWN = "#9AA1AB"
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


def line_width(share: float) -> float:
    """Return the width in points of an edge that carries this share of the energy.

    Parameters
    ----------
    share
        Between 0 and 1; other values are clipped.

    Returns
    -------
    float
        From 0.7 to 3.1 points, growing like the square root, so that small shares stay visible.

    Examples
    --------
    >>> [round(line_width(share), 2) for share in (0, 0.25, 1)]
    [0.7, 1.9, 3.1]
    """
    return 0.7 + 2.4 * math.sqrt(min(1.0, max(0.0, share)))


def head_length(width: float) -> float:
    """Return the length in points of the arrow head of a line of this width."""
    return 5.0 + 1.5 * width
