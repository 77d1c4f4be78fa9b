"""The picture of tolerance against the order of the group that it gives."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from toolkit.errors import ConfigError
from toolkit.figures.canvas import content_of, format_of, settings
from toolkit.figures.style import FAINT, INK, SOFT
from toolkit.files import write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from toolkit.library.symmetry.trade_off import TradeOff

_BLUE, _ORANGE = "#0072B2", "#E69F00"


def draw_trade_off(
    trade_off: TradeOff, path: str | Path, title: str = "Tolerance against symmetry"
) -> None:
    """Draw the order of the group against the tolerance into a PNG, SVG or PDF file.

    Parameters
    ----------
    trade_off
        The ``.trade_off`` of a result of :func:`toolkit.find_symmetry`.
    path
        The file to write; its suffix is the format, and its folder must exist.
    title
        The title of the picture.

    Raises
    ------
    ConfigError
        If the format is none of these, or there is nothing to draw.

    Examples
    --------
    >>> draw_trade_off(None, "trade_off.png")
    Traceback (most recent call last):
    ...
    toolkit.errors.ConfigError: a picture of a trade-off needs at least one row, found none: exact
    comparisons have no tolerance
    """
    path, kind = format_of(path, None)
    write_whole(path, content_of(figure_for_trade_off(trade_off, title), kind, title))


def figure_for_trade_off(
    trade_off: TradeOff | None, title: str = "Tolerance against symmetry"
) -> Figure:
    """Return the picture of order against tolerance as a matplotlib figure.

    Parameters
    ----------
    trade_off, title
        As in :func:`draw_trade_off`.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot. The upper plot shows the order of the group for each tolerance.
        The lower plot shows the share of the variance that averaging over the group loses, and the
        largest difference that it leaves.

    Raises
    ------
    ConfigError
        If there is nothing to draw.
    """
    if trade_off is None or not trade_off.rows:
        raise ConfigError(
            "a picture of a trade-off needs at least one row, found none: exact comparisons have "
            "no tolerance"
        )
    rows = [row for row in trade_off.rows if row.order is not None]
    tolerances = [row.tol for row in rows]
    with settings():
        from matplotlib.ticker import FuncFormatter, MaxNLocator

        from toolkit.figures.picture import Picture

        figure = Picture(figsize=(6.4, 4.8), layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        above.set_title(title, loc="left", fontweight="bold", color=INK)
        digits = [math.log10(row.order) for row in rows if row.order is not None]
        above.step(tolerances, digits, where="post", color=_BLUE, linewidth=1.6)
        above.plot(tolerances, digits, "o", color=_BLUE, markersize=3.5)
        above.set_ylabel("order of the group", color=INK)
        above.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        above.yaxis.set_major_formatter(FuncFormatter(_power_of_ten))
        below.plot(
            tolerances,
            [max(1.0 - row.kept, 1e-16) for row in rows],
            "o-",
            color=_ORANGE,
            markersize=3.5,
            label="share of the variance lost by averaging",
        )
        below.plot(
            tolerances,
            [max(row.residual, 1e-16) for row in rows],
            "s--",
            color=SOFT,
            markersize=3.0,
            label="largest difference left by averaging",
        )
        below.set_yscale("log")
        below.set_xscale("log")
        below.set_xlabel("tolerance", color=INK)
        below.legend(frameon=False, fontsize=8)
        if trade_off.chosen is not None and trade_off.rows[trade_off.chosen].order is not None:
            row = trade_off.rows[trade_off.chosen]
            for axes in (above, below):
                axes.axvline(row.tol, color=INK, linewidth=0.8, linestyle=":")
            height = math.log10(row.order or 1)
            above.plot([row.tol], [height], "o", color=INK, markersize=7, fillstyle="none")
            above.annotate(
                f"chosen: order {_number(row.order or 1)}",
                (row.tol, height),
                xytext=(8, -12 if height else 8),
                textcoords="offset points",
                fontsize=8,
                color=INK,
            )
        for axes in (above, below):
            axes.grid(color=FAINT, linewidth=0.5)
            axes.spines[["top", "right"]].set_visible(False)
    return figure


def _number(order: int) -> str:
    return str(order) if order < 10**9 else f"{order:.3g}" if order < 10**300 else "large"


def _power_of_ten(value: float, _place: int) -> str:
    if value < 6:
        return f"{10**value:,.0f}"
    return f"1e{value:g}"
