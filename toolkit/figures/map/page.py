"""A page for the pictures of one map: title, facts, colours, axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.figures.canvas import measured
from toolkit.figures.style import FAINT, INK, MARGIN, SOFT
from toolkit.text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from toolkit.pl.maps.pl_map import PLMap

#: Negative, nothing, positive: blue and orange of the graphs, safe for colour-blind readers.
_DIVERGING = ("#00395C", "#0072B2", "#7DB7DA", "#F7F8FA", "#F5C873", "#E69F00", "#7A4B00")
#: For the orbits of regions: Okabe and Ito's palette without black.
_ORBITS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
_HEAD = 62.0


@dataclass(frozen=True, eq=False)
class Colours:
    """Colours of values between two ends.

    Parameters
    ----------
    low, high
        The ends.
    table
        The colours from the low to the high end.
    """

    low: float
    high: float
    table: Any

    @property
    def scale(self) -> ScalarMappable:
        """What turns values into colours."""
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import Normalize

        return ScalarMappable(Normalize(self.low, self.high), self.table)

    def levels(self, steps: int) -> NDArray[np.float64]:
        """Return ``(steps + 1,)`` values from end to end, the ends moved out a little."""
        import numpy as np

        slack = 1e-9 * (self.high - self.low)
        return np.linspace(self.low - slack, self.high + slack, steps + 1)

    def paint(
        self,
        axes: Axes,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        values: NDArray[np.float64],
        *,
        thin: float = 0.7,
        steps: int = 64,
    ) -> None:
        """Fill the plane with colours in steps, and draw every fourth contour line in white.

        With ``thin=0`` no lines are drawn.
        """
        axes.contourf(
            x,
            y,
            values,
            levels=self.levels(steps),
            cmap=self.table,
            vmin=self.low,
            vmax=self.high,
            zorder=1,
        )
        if not thin:
            return
        axes.contour(
            x,
            y,
            values,
            levels=self.levels(steps // 4),
            colors="white",
            linewidths=thin,
            alpha=0.8,
            linestyles="solid",
            zorder=2,
        )


def colours_of(values: NDArray[np.float64], *, with_zero: bool = True) -> Colours:
    """Return the colours for values: white is 0, unless all are on one side of it and far away.

    Parameters
    ----------
    values
        Of any shape.
    with_zero
        Whether the scale includes 0 if all values have one sign.
    """
    from matplotlib.colors import LinearSegmentedColormap

    low, high = float(values.min()), float(values.max())
    size = max(-low, high, 1e-12)
    middle = len(_DIVERGING) // 2
    if low >= -1e-9 * size:
        shades, low = _DIVERGING[middle:], (0.0 if with_zero else low)
    elif high <= 1e-9 * size:
        shades, high = _DIVERGING[: middle + 1], (0.0 if with_zero else high)
    else:
        shades, low, high = _DIVERGING, -size, size
    if high - low < 1e-9 * size:
        low, high = low - size, high + size
    return Colours(low, high, LinearSegmentedColormap.from_list("plrep", shades, N=512))


def sector_colours(orbit: int) -> str:
    """Return the colour of the regions of an orbit, by its number from 0."""
    return _ORBITS[orbit % len(_ORBITS)]


def title_of(phi: PLMap) -> str:
    """Return ``C8: L3 → L0 through abs``."""
    group = phi.group_title or phi.group
    return f"{group}: {phi.source.name} → {phi.target.name} through {phi.activation.name}"


def facts(phi: PLMap) -> str:
    """Return the line below the title; a number that is not exact says so."""
    words = [phi.module]
    if phi.is_zero:
        how = phi.zero.certainty
        words.append("the map is zero" + ("" if how == "exact" else f" ({how})"))
    elif phi.is_piecewise_linear and not len(phi.hyperplanes):
        words.append(f"{shape_of(phi)}: breaks nowhere")
    elif phi.is_piecewise_linear:
        many = len(phi.hyperplanes)
        kind = {1: "breaking point", 2: "breaking line", 3: "breaking plane"}.get(
            phi.source.dimension, "breaking hyperplane"
        )
        words.append(counted(many, kind))
        words.append(f"{phi.regions.words} region{'' if phi.regions.count == 1 else 's'}")
        bound, value = phi.lipschitz, phi.lipschitz.value
        most = "at most " if bound.certainty == "upper bound" else ""
        words.append(
            f"Lipschitz constant {most}{value:.3g}" if value < float("inf") else "not continuous"
        )
    else:
        words.append(f"{phi.activation.name} is not piecewise linear: no regions")
    return "  ·  ".join(words)


def shape_of(phi: PLMap) -> str:
    """Return what a map without breaking hyperplanes is: linear, constant or affine."""
    if phi.is_linear:
        return "linear"
    return "affine" if phi.matrices[0].matrix.any() else "constant"


def radius_of(phi: PLMap) -> float:
    """Return the radius of the disc or ball that is drawn, rounded to two digits.

    1 if the activation is homogeneous, for then all radii look alike. Otherwise so large that all
    breaking hyperplanes are met, or that coordinates reach 3 where the activation has no pieces.
    """
    if phi.activation.homogeneous_degree is not None:
        return 1.0
    if phi.is_piecewise_linear:
        reach = 1.6 * float(max(abs(phi.offsets), default=0.0))
    else:
        reach = 3.0 / float(max((phi.vectors**2).sum(axis=1))) ** 0.5
    return float(f"{reach:.2g}") if reach > 0 else 1.0


def ball(phi: PLMap, word: str) -> str:
    """Return ``unit disc``, or ``disc of radius 4.2``."""
    radius = radius_of(phi)
    return f"unit {word}" if radius == 1.0 else f"{word} of radius {radius:.3g}"


class Page:
    """A white page with a title; panels are placed in points from the top left.

    Parameters
    ----------
    phi
        The map.
    width, height
        Of the part below the head, in points, margins included.
    """

    def __init__(self, phi: PLMap, width: float, height: float) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        from toolkit.figures.picture import Picture

        title, line = title_of(phi), facts(phi)
        size = 16.0
        while size > 9.0 and measured(title, size, bold=True) > width - 2 * MARGIN:
            size -= 0.5
        small = 9.5
        while small > 6.0 and measured(line, small) > width - 2 * MARGIN:
            small -= 0.5
        self.width, self.height = width, height + _HEAD
        self.figure: Figure = Picture(
            figsize=(self.width / 72, self.height / 72), facecolor="white"
        )
        FigureCanvasAgg(self.figure)
        self.words(title, MARGIN, MARGIN + 9.0 - _HEAD, size, bold=True)
        self.words(line, MARGIN, MARGIN + 29.0 - _HEAD, small, colour=SOFT)

    def words(
        self,
        text: str,
        x: float,
        y: float,
        size: float = 9.0,
        *,
        bold: bool = False,
        colour: str = INK,
        align: str = "left",
    ) -> None:
        """Write a line, its middle at a height below the head."""
        self.figure.text(
            x / self.width,
            1 - (y + _HEAD) / self.height,
            text,
            fontsize=size,
            fontweight="bold" if bold else "normal",
            color=colour,
            horizontalalignment=align,
            verticalalignment="center_baseline",
            parse_math=False,
        )

    def panel(self, x: float, y: float, width: float, height: float) -> Axes:
        """Return axes in a rectangle given by its top left corner below the head."""
        box = (
            x / self.width,
            1 - (y + height + _HEAD) / self.height,
            width / self.width,
            height / self.height,
        )
        return self.figure.add_axes(box)

    def scale(
        self, colours: Colours, x: float, y: float, width: float, height: float, label: str
    ) -> None:
        """Draw the scale of colours, upright."""
        axes = self.panel(x, y, width, height)
        bar = self.figure.colorbar(colours.scale, cax=axes)
        bar.outline.set_visible(False)
        axes.tick_params(labelsize=8, labelcolor=SOFT, color=FAINT, length=2)
        axes.set_title(label, fontsize=8.5, color=SOFT, pad=6, parse_math=False)


def quiet(axes: Axes, labels: Sequence[str] = ()) -> None:
    """Remove the frame, label the axes, and draw few ticks in a soft colour."""
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(labelsize=8, labelcolor=SOFT, color=FAINT, length=2)
    axes.set_axisbelow(True)
    if labels:
        axes.set_xlabel(labels[0], fontsize=9, color=SOFT, labelpad=2)
        axes.set_ylabel(labels[1], fontsize=9, color=SOFT, labelpad=2)
