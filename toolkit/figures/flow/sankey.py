"""The Sankey diagram of a measured flow: ribbons as wide as the energy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.figures.flow.page import FlowPage

if TYPE_CHECKING:
    from toolkit.figures.flow.plan import FlowLink

_BAR, _HEIGHT, _GAP = 13.0, 250.0, 9.0


class Sankey(FlowPage):
    """A bar for each simple in each column, ribbons between them."""

    captions = (
        "Bars: share of the energy in each simple. Ribbons leave as wide as their share of the "
        "source's effect,",
        "arrive as wide as their share of all effects. Rest: the part of the energy that no "
        "effect accounts for.",
    )

    @property
    def body_height(self) -> float:
        """Height of the body in points."""
        return _HEIGHT + _GAP * (len(self.plan.rows) - 1)

    def body(self) -> None:
        """Paint bars and ribbons."""
        bars = {}
        for number, column in enumerate(self.plan.columns):
            y = self.top
            for row in self.plan.rows:
                high = _HEIGHT * column.shares.get(row, 0.0)
                bars[number, row] = (y, high)
                y += high + _GAP
        self._ribbons(bars)
        for (number, row), (y, high) in bars.items():
            if row not in self.plan.columns[number].shares or high < 0.05:
                continue
            self.canvas.rounded(
                self.x(number), y + high / 2, _BAR, max(high, 0.8),
                face=self.colours[row], edge="none", radius=0.0, line=0.0,
            )  # fmt: skip
            if high >= 1.0:
                self._label(number, row, y + high / 2, high)

    def _label(self, number: int, row: str, y: float, high: float) -> None:
        share = self.plan.columns[number].shares[row]
        last = number == len(self.plan.columns) - 1
        x = self.x(number) + (_BAR / 2 + 4.0) * (1 if last else -1)
        align = "left" if last else "right"
        if high >= 17.0:
            self._haloed(row, x, y - 4.5, 8.5, align, bold=True)
            self._haloed(f"{100 * share:.0f} %", x, y + 5.5, 7.5, align)
        else:
            self._haloed(row, x, y, 7.5, align, bold=True)

    def _haloed(
        self, text: str, x: float, y: float, size: float, align: str, *, bold: bool = False
    ) -> None:
        """Write on a ribbon so that it can be read."""
        from matplotlib.patheffects import withStroke

        self.canvas.text(text, x, y, size, bold=bold, align=align)
        halo = withStroke(linewidth=2.4, foreground="white", alpha=0.75)
        self.canvas.axes.texts[-1].set_path_effects([halo])

    def _ribbons(self, bars: dict[tuple[int, str], tuple[float, float]]) -> None:
        place = {row: i for i, row in enumerate(self.plan.rows)}
        arriving: dict[tuple[int, str], float] = {}
        for link in self.plan.links:
            arriving[link.target] = arriving.get(link.target, 0.0) + link.energy
        left = {end: y for end, (y, _) in bars.items()}
        right = dict(left)
        order = sorted(self.plan.links, key=lambda k: (place[k.source[1]], place[k.target[1]]))
        widths = {}
        for link in order:
            out = link.share * bars[link.source][1]
            into = link.energy / (arriving[link.target] or 1.0) * bars[link.target][1]
            widths[link.source, link.target] = (left[link.source], out, right[link.target], into)
            left[link.source] += out
            right[link.target] += into
        # the wide ones first, so that the narrow ones stay visible
        for link in sorted(order, key=lambda k: -widths[k.source, k.target][1]):
            self._ribbon(link, *widths[link.source, link.target])

    def _ribbon(self, link: FlowLink, y0: float, out: float, y1: float, into: float) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path as Outline

        if max(out, into) < 0.15:
            return
        x0, x1 = self.x(link.source[0]) + _BAR / 2, self.x(link.target[0]) - _BAR / 2
        middle = (x0 + x1) / 2
        vertices = [
            (x0, y0), (middle, y0), (middle, y1), (x1, y1),
            (x1, y1 + into), (middle, y1 + into), (middle, y0 + out), (x0, y0 + out), (x0, y0),
        ]  # fmt: skip
        codes = [1, 4, 4, 4, 2, 4, 4, 4, 79]
        self.canvas.axes.add_patch(
            PathPatch(
                Outline(vertices, codes),
                facecolor=self.colours[link.source[1]],
                edgecolor="none",
                alpha=0.42 if link.kind == "activation" else 0.24,
                zorder=2,
            )
        )
