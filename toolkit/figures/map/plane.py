"""Pictures of maps from a line and from a plane."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from toolkit.figures.map.page import (
    Colours,
    Page,
    ball,
    colours_of,
    quiet,
    radius_of,
    sector_colours,
)
from toolkit.figures.map.solid import Scene, grid_faces, view
from toolkit.figures.style import FAINT, INK, MARGIN, SOFT
from toolkit.palette import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from toolkit.pl.maps.pl_map import PLMap

    Floats = NDArray[np.float64]

_PANEL = 300.0
_BLUE = COLOURS["R"][0]


def breaking_angles(phi: PLMap) -> Floats:
    """Return the angles of the rays on which a map from a plane breaks, rising, in [0, 2 pi).

    Empty if it breaks nowhere, or on lines that miss the origin.
    """
    if not phi.is_piecewise_linear or phi.offsets.any() or not len(phi.hyperplanes):
        return np.zeros(0)
    normals = phi.hyperplanes
    angles = np.arctan2(normals[:, 1], normals[:, 0]) + math.pi / 2
    both = np.mod(np.concatenate([angles, angles + math.pi]), 2 * math.pi)
    both[both > 2 * math.pi - 1e-9] = 0.0
    return np.sort(both)


def breaking_segments(phi: PLMap, radius: float) -> list[Floats]:
    """Return the segments, ``(2, 2)`` by their ends, of the lines in a disc on which a map breaks.

    Rays from the origin if all of them pass through it.
    """
    rays = breaking_angles(phi)
    if len(rays):
        return [radius * np.array([[0.0, 0.0], [math.cos(a), math.sin(a)]]) for a in rays]
    if not phi.is_piecewise_linear:
        return []
    out = []
    for normal, offset in zip(phi.hyperplanes, phi.offsets, strict=True):
        half = math.sqrt(max(0.0, radius**2 - offset**2))
        along = half * np.array([-normal[1], normal[0]])
        out.append(np.array([offset * normal - along, offset * normal + along]))
    return out


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
    radius = radius_of(phi)
    t = radius * np.linspace(-1.0, 1.0, 401)
    value = phi(t[:, None])[:, 0]
    axes.axhline(0.0, color=FAINT, linewidth=1.0, zorder=1)
    axes.axvline(0.0, color=FAINT, linewidth=1.0, zorder=1)
    axes.plot(t, value, color=_BLUE, linewidth=2.4, solid_capstyle="round", zorder=3)
    if phi.is_piecewise_linear and len(phi.hyperplanes):
        kinks = phi.hyperplanes[:, 0] * phi.offsets
        axes.plot(
            kinks, phi(kinks[:, None])[:, 0], "o", markersize=6, color="white", zorder=4,
            markeredgecolor=INK,
        )  # fmt: skip
    pad = 0.08 * float(np.ptp(np.append(value, 0.0)))
    least, most = min(0.0, float(value.min())), max(0.0, float(value.max()))
    axes.set(xlim=(-1.05 * radius, 1.05 * radius), ylim=(least - pad, most + pad))
    axes.locator_params(nbins=5)
    quiet(axes, (f"v in {phi.source.label}", f"value in {phi.target.label}"))
    return page.figure


# -- from a plane to a line -----------------------------------------------------------------------


def draw_plane(phi: PLMap, *, contour: bool = True, surface: bool = True) -> Figure:
    """Return contour lines with the fan of breaking lines, and the surface beside them."""
    both = contour and surface
    width = MARGIN + _PANEL + 66.0 + (_PANEL + 22.0 if both else 0.0) + MARGIN
    page = Page(phi, width, _PANEL + 44.0)
    radius = radius_of(phi)
    central = len(breaking_angles(phi)) > 0
    points, angles = _fan(phi, np.linspace(0.0, radius, 41 if central else 121))
    values = phi(points)[..., 0]
    colours = colours_of(values)
    x = MARGIN
    if contour:
        axes = page.panel(x, 0.0, _PANEL, _PANEL)
        _contour(axes, phi, points, values, colours)
        broken = ", breaking lines in black" if breaking_segments(phi, radius) else ""
        page.words(
            f"{ball(phi, 'disc')} in {phi.source.label}: values in colour{broken}",
            x + _PANEL / 2, _PANEL + 16.0, 8.5, colour=SOFT, align="center",
        )  # fmt: skip
        x += _PANEL + 22.0
    if surface:
        axes = page.panel(x, 0.0, _PANEL, _PANEL)
        _surface(axes, phi, angles, colours)
        page.words(
            f"the graph over this disc, of values in {phi.target.label}",
            x + _PANEL / 2, _PANEL + 16.0, 8.5, colour=SOFT, align="center",
        )  # fmt: skip
    page.scale(colours, width - MARGIN - 38.0, 50.0, 9.0, _PANEL - 100.0, phi.target.label)
    return page.figure


def _contour(axes: Axes, phi: PLMap, points: Floats, values: Floats, colours: Colours) -> None:
    # contour lines crowd along a jump and say nothing
    jumps = phi.is_piecewise_linear and not phi.breaks.is_continuous
    colours.paint(axes, points[..., 0], points[..., 1], values, thin=0.0 if jumps else 0.7)
    radius = radius_of(phi)
    rays = len(breaking_angles(phi)) > 0
    for segment in breaking_segments(phi, radius):
        ends = 1.06 * segment if rays else segment
        axes.plot(ends[:, 0], ends[:, 1], color=INK, linewidth=1.3, zorder=3)
    circle = np.linspace(0, 2 * math.pi, 361)
    rim = FAINT if rays else SOFT
    axes.plot(
        radius * np.cos(circle), radius * np.sin(circle), color=rim, linewidth=0.9, zorder=2.5
    )
    side = 1.1 * radius
    axes.set(xlim=(-side, side), ylim=(-side, side), aspect="equal", xticks=[], yticks=[])
    quiet(axes)


def _surface(axes: Axes, phi: PLMap, angles: Floats, colours: Colours) -> None:
    """Draw the graph, its edges the breaking rays; lengths are in units of the radius."""
    radius = radius_of(phi)
    central = len(breaking_angles(phi)) > 0
    radii = np.linspace(0.0, 1.0, 25 if central else 49)
    thinned = np.unique(np.concatenate([angles[::2], breaking_angles(phi), angles[-1:]]))
    circle = np.stack([np.cos(thinned), np.sin(thinned)], axis=-1)
    grid = radii[:, None, None] * circle
    height = phi(radius * grid)[..., 0]
    low, high = float(height.min()), float(height.max())
    stretch = 0.95 / max(max(high, 0.0) - min(low, 0.0), 1e-12)
    lifted = stretch * (height - min(low, 0.0))
    scene = Scene(view(30.0, -62.0))
    faces = grid_faces(np.concatenate([grid, lifted[..., None]], axis=-1))
    values = (height[:-1, :-1] + height[1:, :-1] + height[1:, 1:] + height[:-1, 1:]) / 4
    scene.faces(faces, colours.scale.to_rgba(values.ravel()))
    segments = breaking_segments(phi, 1.0 if central else radius)
    for start, end in segments:
        way = np.linspace(start, end, 25 if central else 101) / (1.0 if central else radius)
        up = stretch * (phi(radius * way) - min(low, 0.0))
        scene.line(np.concatenate([way, up], axis=-1), INK, 1.0, nearer=0.05)
    scene.line(np.concatenate([circle, lifted[-1][:, None]], axis=-1), INK, 1.3)
    floor = Scene(scene.rotation)
    flat = np.zeros((len(circle), 1))
    floor.line(np.concatenate([circle, flat], axis=-1), FAINT, 1.0)
    for segment in segments:
        below = segment / (1.0 if central else radius)
        floor.line(np.concatenate([below, np.zeros((2, 1))], axis=-1), FAINT, 0.8)
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
    """Return a disc with its regions, circles and rays, and their images."""
    gap = 64.0
    width = 2 * MARGIN + 2 * _PANEL + gap
    page = Page(phi, width, _PANEL + 44.0)
    left = page.panel(MARGIN, 0.0, _PANEL, _PANEL)
    right = page.panel(MARGIN + _PANEL + gap, 0.0, _PANEL, _PANEL)
    radius = radius_of(phi)
    rays = breaking_angles(phi)
    ends = np.append(rays, rays[0] + 2 * math.pi) if len(rays) else np.array([0.0, 2 * math.pi])
    orbit_of = _orbit_of_sector(phi, ends)
    for number, (a, b) in enumerate(itertools.pairwise(ends)):
        colour = sector_colours(orbit_of[number])
        _sector((left, right), phi, radius, (a, b), colour, whole=not len(rays))
    for start, end in breaking_segments(phi, radius):
        way = np.linspace(start, end, 201)
        for axes, picture in ((left, way), (right, phi(way))):
            axes.plot(picture[:, 0], picture[:, 1], color=INK, linewidth=1.3, zorder=4)
    rim = np.linspace(0.0, 2 * math.pi, 721)
    image = phi(radius * np.stack([np.cos(rim), np.sin(rim)], axis=-1))
    reach = float(np.linalg.norm(image, axis=-1).max())
    for axes, limit in ((left, radius), (right, float(np.abs(image).max()) or 1.0)):
        axes.set(
            xlim=(-1.08 * limit, 1.08 * limit), ylim=(-1.08 * limit, 1.08 * limit),
            aspect="equal", xticks=[], yticks=[],
        )  # fmt: skip
        quiet(axes)
    _arrow(page, right, MARGIN + _PANEL + gap / 2)
    for x, text in (
        (MARGIN, f"{ball(phi, 'disc')} in {phi.source.label}, {_legend(phi, orbit_of)}"),
        (MARGIN + _PANEL + gap, f"its image in {phi.target.label}: {_reaching(image, reach)}"),
    ):
        page.words(text, x + _PANEL / 2, _PANEL + 16.0, 8.5, colour=SOFT, align="center")
    return page.figure


def _sector(
    panels: tuple[Axes, Axes],
    phi: PLMap,
    radius: float,
    angles: tuple[float, float],
    colour: str,
    *,
    whole: bool,
) -> None:
    """Draw a sector with arcs and rays on the left, its image on the right."""
    a, b = angles
    turn = np.linspace(a, b, max(8, math.ceil((b - a) / (0.01 if whole else 0.03))))
    arc = radius * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    tip = np.zeros((0 if whole else 1, 2))
    outline = np.concatenate([tip, arc, tip])
    spokes = np.linspace(a, b, 2 + max(1, round((b - a) / 0.2)))[0 if whole else 1 : -1]
    along = np.linspace(0, radius, 101)[:, None]
    for axes, image in ((panels[0], np.asarray), (panels[1], phi)):
        shape = image(outline)
        axes.fill(shape[:, 0], shape[:, 1], color=colour, alpha=0.20, linewidth=0, zorder=1)
        for part in np.linspace(0.25, 1.0, 4):
            way = image(part * arc)
            axes.plot(
                way[:, 0], way[:, 1], color=colour, zorder=3, solid_capstyle="round",
                linewidth=2.2 if part == 1.0 else 0.7, alpha=1.0 if part == 1.0 else 0.75,
            )  # fmt: skip
        for spoke in spokes:
            way = image(along * [math.cos(spoke), math.sin(spoke)])
            axes.plot(way[:, 0], way[:, 1], color=colour, linewidth=0.6, alpha=0.6, zorder=2)


def _arrow(page: Page, axes: Axes, middle: float) -> None:
    """Draw an arrow between the panels."""
    level = page.height - 62.0 - _PANEL / 2
    style = {"arrowstyle": "-|>", "color": SOFT, "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
    axes.annotate(
        "", xy=(middle + 17, level), xytext=(middle - 17, level), xycoords="figure points",
        textcoords="figure points", arrowprops=style,
    )  # fmt: skip


def _legend(phi: PLMap, orbit_of: list[int]) -> str:
    """Return what the colours and the black lines mean."""
    if len(breaking_angles(phi)):
        orbits = len(set(orbit_of))
        return "one orbit of regions" if orbits == 1 else "a colour for each orbit of regions"
    if phi.is_piecewise_linear and len(phi.hyperplanes):
        return "breaking lines in black"
    return "its circles and rays"


def _reaching(image: Floats, reach: float) -> str:
    """Return the largest length in an image of the circle, and its winding number."""
    words = f"lengths up to {reach:.3g}"
    sizes = np.linalg.norm(image, axis=-1)
    if sizes.min() > 1e-6 * reach:
        z = image[:, 0] + 1j * image[:, 1]
        times = abs(round(float(np.angle(z[1:] / z[:-1]).sum()) / (2 * math.pi)))
        if times > 1:
            words += f", covered {times} times"
    return words


def _orbit_of_sector(phi: PLMap, ends: Floats) -> list[int]:
    """Return the number of the orbit of each sector between breaking rays."""
    if not len(breaking_angles(phi)):
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
