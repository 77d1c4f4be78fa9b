"""Tolerance against the order of the group: what a larger tolerance buys, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.library.symmetry.coincidences import LEVEL
from toolkit.text import table

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

PLATEAU = 3.0
"""Least factor between tolerances over which the group must stay the same."""
KEPT = 0.9
"""Least share of the variance that averaging must keep."""
_LOWEST = 1e-6  # smallest tolerance of a trade-off, of the standard deviation of the numbers
_STEPS = 24  # tolerances of a trade-off, by equal factors
_STOP = 0.5  # a trade-off ends where averaging keeps less of the variance


@dataclass(frozen=True)
class TradeOffRow:
    """The group that one tolerance gives.

    Parameters
    ----------
    tol
        The tolerance: numbers that differ by at most this much may be identified.
    order
        The order of the group; ``None`` if it was not found within the bound on the search.
    residual
        The largest difference between a number and its average over the group.
    kept
        The share of the variance of the numbers, about their mean, that averaging keeps; 1 if
        there is no variance.
    generators
        0-based image lists of generators; empty if ``order`` is 1 or ``None``.
    """

    tol: float
    order: int | None
    residual: float
    kept: float
    generators: tuple[tuple[int, ...], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the row as JSON."""
        return {
            "tol": self.tol,
            "order": None if self.order is None else str(self.order),
            "residual": self.residual,
            "kept": self.kept,
            "generators": [list(image) for image in self.generators],
        }


@dataclass(frozen=True)
class TradeOff:
    """Tolerance against order of the group.

    Parameters
    ----------
    rows
        Rising in tolerance.
    chosen
        The 0-based number of the row of the group that was chosen; ``None`` if it is none of
        them.

    Examples
    --------
    >>> rows = (TradeOffRow(0.001, 1, 0.0, 1.0), TradeOffRow(0.01, 6, 0.004, 0.99))
    >>> print(TradeOff(rows, 1))
       tolerance  order  largest difference left  variance kept
           0.001      1                        0         1.0000
    *       0.01      6                    0.004         0.9900
    """

    rows: tuple[TradeOffRow, ...]
    chosen: int | None = None

    def __str__(self) -> str:
        cells: list[tuple[str, ...]] = [
            ("", "tolerance", "order", "largest difference left", "variance kept")
        ]
        for i, row in enumerate(self.rows):
            order = "not found" if row.order is None else f"{row.order:.6g}"
            if row.order is not None and row.order < 10**9:
                order = str(row.order)
            cells.append(
                (
                    "*" if i == self.chosen else "",
                    f"{row.tol:.3g}",
                    order,
                    f"{row.residual:.3g}",
                    f"{row.kept:.4f}",
                )
            )
        return "\n".join(table(cells, right={1, 2, 3, 4}))

    def to_json(self) -> dict[str, Any]:
        """Return the rows and the choice as JSON."""
        return {"rows": [row.to_json() for row in self.rows], "chosen": self.chosen}


def longest_plateau(
    rows: tuple[TradeOffRow, ...],
    chance: Callable[[int], float] | None = None,
    lowest: float | None = None,
) -> tuple[int, str] | None:
    """Return the row to choose and why, or ``None`` if no group above order 1 is clear.

    Consecutive rows of equal order form a plateau. The one that spans
    the largest factor between tolerances is chosen, if that is at least :data:`PLATEAU`, its order
    is more than 1, averaging keeps at least the share :data:`KEPT` of the variance, and numbers
    without a symmetry have the group with a chance of at most
    :data:`~toolkit.library.symmetry.coincidences.LEVEL`; of it the first row.

    Parameters
    ----------
    rows
        Rising in tolerance.
    chance
        A bound on that chance for a row.
    lowest
        Where a plateau begins that the first row belongs to, if that is rounding.

    Examples
    --------
    >>> rows = tuple(TradeOffRow(t, n, 0.0, 1.0) for t, n in [(1, 1), (2, 4), (4, 4), (8, 4)])
    >>> longest_plateau(rows)[0]
    1
    """
    best: tuple[float, int, int] | None = None
    i = 0
    while i < len(rows):
        j = i
        while j + 1 < len(rows) and rows[j + 1].order == rows[i].order:
            j += 1
        order = rows[i].order
        if order is not None and order > 1 and rows[i].kept >= KEPT and rows[i].tol > 0:
            start = rows[i].tol if i or lowest is None else min(lowest, rows[i].tol)
            factor = rows[j].tol / start
            likely = chance is None or chance(i) <= LEVEL
            if factor >= PLATEAU and likely and (best is None or factor > best[0]):
                best = factor, i, j
        i = j + 1
    if best is None:
        return None
    factor, i, j = best
    return i, (
        f"the group stays the same from tol={rows[i].tol:.3g} to {rows[j].tol:.3g}, the longest "
        "range of tolerances with a nontrivial group that is not due to chance"
    )


def searched_trade_off(
    numbers: NDArray[np.float64],
    within: Callable[[float], tuple[TradeOffRow, NDArray[np.intp]]],
    rounding: float = 0.0,
    chance: Callable[[int], float] | None = None,
) -> tuple[TradeOff, list[NDArray[np.intp]], tuple[int, str] | None]:
    """Return the trade-off over rising tolerances, the generators of each row, and the plateau.

    Parameters
    ----------
    numbers
        What tolerances are compared with, by its standard deviation.
    within
        Returns the row and the generators for a tolerance.
    rounding
        The smallest tolerance that makes sense.
    chance
        As for :func:`longest_plateau`.

    Notes
    -----
    24 tolerances from 1e-6 of the standard deviation, or from rounding, up to all of it; they end
    where averaging keeps less than half of the variance or a search does not end. The row chosen
    is that of :func:`longest_plateau`, else the first.
    """
    scale = float(numbers.std()) or float(np.abs(numbers).max(initial=0.0)) or 1.0
    lowest = _LOWEST * scale
    rows, images = [], []
    for t in np.geomspace(min(max(lowest, rounding), scale), scale, _STEPS):
        row, own = within(float(t))
        rows.append(row)
        images.append(own)
        if row.kept < _STOP or row.order is None:
            break
    found = longest_plateau(tuple(rows), chance, lowest if rounding > lowest else None)
    return TradeOff(tuple(rows), found[0] if found else 0), images, found
