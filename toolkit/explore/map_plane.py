"""Pictures of maps from a line and from a plane."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from toolkit.explore.graph_style import COLOURS, FAINT, INK, MARGIN, SOFT
from toolkit.explore.map_page import Colours, Page, colours_of, quiet, sector_colours
from toolkit.explore.map_solid import Scene, grid_faces, view

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from toolkit.pl.pl_map import PLMap

    Floats = NDArray[np.float64]

__all__ = ["breaking_angles", "draw_graph", "draw_image", "draw_plane"]

_PANEL = 300.0
_BLUE = COLOURS["R"][0]


def breaking_angles(phi: PLMap) -> Floats:
    """Return the angles of the rays on which a map from a plane breaks, rising, in [0, 2 pi)."""
    normals = phi.hyperplanes if phi.slopes is not None else phi.normals
    if not len(normals):
        return np.zeros(0)
    angles = np.arctan2(normals[:, 1], normals[:, 0]) + math.pi / 2
    both = np.mod(np.concatenate([angles, angles + math.pi]), 2 * math.pi)
    both[both > 2 * math.pi - 1e-9] = 0.0
    return np.sort(both)


def _fan(phi: PLMap, radii: Floats, fine: float = 0.03) -> tuple[Floats, Floats]:
    """Return a polar grid ``(r, t, 2)`` and its angles ``(t,)``, every breaking ray among them."""
    rays = breaking_angles(phi)
    if not len(rays):
        rays = np.zeros(1)
    ends = np.append(rays, rays[0] + 2 * math.pi)
    pieces = [
        np.linspace(a, b, max(16, 2 * math.ceil((b - a) / fine / 2)), endpoint=False)
        for a, b in itertools.pairwise(ends)
    ]
    angles = np.append(np.concatenate(pieces), ends[-1])
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return radii[:, None, None] * circle, angles


# -- from a line ----------------------------------------------------------------------------------


def draw_graph(phi: PLMap) -> Figure:
    """Return the graph of a map from a line to a line."""
    page = Page(phi, 400.0, 330.0)
    axes: Axes = page.panel(MARGIN + 34, 0.0, 400 - 2 * MARGIN - 44, 276.0)
    t = np.linspace(-1.0, 1.0, 401)
    value = phi(t[:, None])[:, 0]
    axes.axhline(0.0, color=FAINT, linewidth=1.0, zorder=1)
    axes.axvline(0.0, color=FAINT, linewidth=1.0, zorder=1)
    axes.plot(t, value, color=_BLUE, linewidth=2.4, solid_capstyle="round", zorder=3)
    if phi.slopes is not None and len(phi.hyperplanes):
        axes.plot([0.0], [0.0], "o", markersize=6, color="white", markeredgecolor=INK, zorder=4)
    pad = 0.08 * float(np.ptp(np.append(value, 0.0)))
    least, most = min(0.0, float(value.min())), max(0.0, float(value.max()))
    axes.set(xlim=(-1.05, 1.05), ylim=(least - pad, most + pad), xticks=[-1, -0.5, 0, 0.5, 1])
    quiet(axes, (f"v in {phi.source.label}", f"value in {phi.target.label}"))
    return page.figure


# -- from a plane to a line -----------------------------------------------------------------------


def draw_plane(phi: PLMap, *, contour: bool = True, surface: bool = True) -> Figure:
    """Return contour lines with the fan of breaking lines, and the surface beside them."""
    both = contour and surface
    width = MARGIN + _PANEL + 66.0 + (_PANEL + 22.0 if both else 0.0) + MARGIN
    page = Page(phi, width, _PANEL + 44.0)
    points, angles = _fan(phi, np.linspace(0.0, 1.0, 41))
    values = phi(points)[..., 0]
    colours = colours_of(values)
    x = MARGIN
    if contour:
        axes = page.panel(x, 0.0, _PANEL, _PANEL)
        _contour(axes, phi, points, values, colours)
        page.words(
            "contour lines and breaking lines",
            x + _PANEL / 2, _PANEL + 16.0, 8.5, colour=SOFT, align="center",
        )  # fmt: skip
        x += _PANEL + 22.0
    if surface:
        axes = page.panel(x, 0.0, _PANEL, _PANEL)
        _surface(axes, phi, angles, colours)
        page.words(
            "its graph over the unit disc",
            x + _PANEL / 2, _PANEL + 16.0, 8.5, colour=SOFT, align="center",
        )  # fmt: skip
    page.scale(colours, width - MARGIN - 38.0, 50.0, 9.0, _PANEL - 100.0, phi.target.label)
    return page.figure


def _contour(axes: Axes, phi: PLMap, points: Floats, values: Floats, colours: Colours) -> None:
    colours.paint(axes, points[..., 0], points[..., 1], values)
    for angle in breaking_angles(phi):
        end = 1.06 * np.array([math.cos(angle), math.sin(angle)])
        axes.plot([0, end[0]], [0, end[1]], color=INK, linewidth=1.3, zorder=3)
    circle = np.linspace(0, 2 * math.pi, 361)
    axes.plot(np.cos(circle), np.sin(circle), color=FAINT, linewidth=0.9, zorder=2.5)
    axes.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), aspect="equal", xticks=[], yticks=[])
    quiet(axes)


def _surface(axes: Axes, phi: PLMap, angles: Floats, colours: Colours) -> None:
    """Draw the graph: flat faces between breaking rays, which are edges of it."""
    radii = np.linspace(0.0, 1.0, 25)
    thinned = np.unique(np.concatenate([angles[::2], breaking_angles(phi), angles[-1:]]))
    circle = np.stack([np.cos(thinned), np.sin(thinned)], axis=-1)
    grid = radii[:, None, None] * circle
    height = phi(grid)[..., 0]
    low, high = float(height.min()), float(height.max())
    stretch = 0.95 / max(high - low, 1e-12)
    lifted = stretch * (height - min(low, 0.0))
    scene = Scene(view(30.0, -62.0))
    faces = grid_faces(np.concatenate([grid, lifted[..., None]], axis=-1))
    values = (height[:-1, :-1] + height[1:, :-1] + height[1:, 1:] + height[:-1, 1:]) / 4
    scene.faces(faces, colours.scale.to_rgba(values.ravel()))
    for angle in breaking_angles(phi):
        way = radii[:, None] * np.array([math.cos(angle), math.sin(angle)])
        up = stretch * (phi(way) - min(low, 0.0))
        scene.line(np.concatenate([way, up], axis=-1), INK, 1.0, nearer=0.1)
    scene.line(np.concatenate([circle, lifted[-1][:, None]], axis=-1), INK, 1.3)
    floor = Scene(scene.rotation)
    flat = np.zeros((len(circle), 1))
    floor.line(np.concatenate([circle, flat], axis=-1), FAINT, 1.0)
    for angle in breaking_angles(phi):
        end = [math.cos(angle), math.sin(angle), 0.0]
        floor.line(np.array([[0.0, 0.0, 0.0], end]), FAINT, 0.8)
    floor.paint(axes, 1.0)
    scene.paint(axes)
    least, most = scene.limits()
    under, over = floor.limits()
    least, most = np.minimum(least, under), np.maximum(most, over)
    middle, half = (least + most) / 2, 0.53 * float((most - least).max())
    axes.set(
        xlim=(middle[0] - half, middle[0] + half), ylim=(middle[1] - half, middle[1] + half),
        aspect="equal",
    )  # fmt: skip


# -- from a plane to a plane ----------------------------------------------------------------------


def draw_image(phi: PLMap) -> Figure:
    """Return the unit disc with its regions, and their images: what happens to a grid."""
    gap = 64.0
    width = 2 * MARGIN + 2 * _PANEL + gap
    page = Page(phi, width, _PANEL + 44.0)
    left = page.panel(MARGIN, 0.0, _PANEL, _PANEL)
    right = page.panel(MARGIN + _PANEL + gap, 0.0, _PANEL, _PANEL)
    rays = breaking_angles(phi)
    ends = np.append(rays, rays[0] + 2 * math.pi) if len(rays) else np.array([0.0, 2 * math.pi])
    orbit_of = _orbit_of_sector(phi, ends)
    radii = np.linspace(0.25, 1.0, 4)
    largest = 0.0
    for number, (a, b) in enumerate(itertools.pairwise(ends)):
        colour = sector_colours(orbit_of[number])
        angles = np.linspace(a, b, max(8, math.ceil((b - a) / 0.03)))
        circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
        outline = np.concatenate([np.zeros((1, 2)), circle, np.zeros((1, 2))])
        largest = max(largest, float(np.abs(phi(circle)).max()))
        for axes, picture in ((left, outline), (right, phi(outline))):
            axes.fill(picture[:, 0], picture[:, 1], color=colour, alpha=0.20, linewidth=0, zorder=1)
        spokes = np.linspace(a, b, 2 + max(1, round((b - a) / 0.2)))[1:-1]
        for axes, image in ((left, np.asarray), (right, phi)):
            for radius in radii:
                way = image(radius * circle)
                axes.plot(
                    way[:, 0], way[:, 1], color=colour, zorder=3, solid_capstyle="round",
                    linewidth=2.2 if radius == 1.0 else 0.7,
                    alpha=1.0 if radius == 1.0 else 0.75,
                )  # fmt: skip
            for spoke in spokes:
                way = image(np.linspace(0, 1, 2)[:, None] * [math.cos(spoke), math.sin(spoke)])
                axes.plot(way[:, 0], way[:, 1], color=colour, linewidth=0.6, alpha=0.6, zorder=2)
            if len(rays):
                way = image(np.linspace(0, 1.0, 2)[:, None] * circle[0])
                axes.plot(way[:, 0], way[:, 1], color=INK, linewidth=1.3, zorder=4)
    for axes, limit in ((left, 1.0), (right, largest or 1.0)):
        axes.set(
            xlim=(-1.08 * limit, 1.08 * limit), ylim=(-1.08 * limit, 1.08 * limit),
            aspect="equal", xticks=[], yticks=[],
        )  # fmt: skip
        quiet(axes)
    middle = MARGIN + _PANEL + gap / 2
    level = page.height - 62.0 - _PANEL / 2
    right.annotate(
        "",
        xy=(middle + 17, level),
        xytext=(middle - 17, level),
        xycoords="figure points",
        textcoords="figure points",
        arrowprops={
            "arrowstyle": "-|>",
            "color": SOFT,
            "linewidth": 1.4,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )
    orbits = len(set(orbit_of))
    shown = "one colour" if orbits == 1 else "a colour"
    for x, text in (
        (MARGIN, f"unit disc of {phi.source.label}, {shown} for each orbit of regions"),
        (MARGIN + _PANEL + gap, f"its image in {phi.target.label}, reaching {largest:.3g}"),
    ):
        page.words(text, x + _PANEL / 2, _PANEL + 16.0, 8.5, colour=SOFT, align="center")
    return page.figure


def _orbit_of_sector(phi: PLMap, ends: Floats) -> list[int]:
    """Return the number of the orbit of each sector between breaking rays."""
    if phi.slopes is None or not len(phi.hyperplanes):
        return [0] * (len(ends) - 1)
    middles = (ends[:-1] + ends[1:]) / 2
    centres = np.stack([np.cos(middles), np.sin(middles)], axis=-1)
    orbit = [-1] * len(centres)
    number = 0
    for start in range(len(centres)):
        if orbit[start] >= 0:
            continue
        orbit[start] = number
        front = [centres[start]]
        while front:
            point = front.pop()
            for model in phi.source.models:
                moved = model @ point
                place = int(np.argmax(centres @ moved))
                if orbit[place] < 0:
                    orbit[place] = number
                    front.append(centres[place])
        number += 1
    return orbit
