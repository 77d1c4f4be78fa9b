"""Pictures of maps from three dimensions, on the sphere, and from more, in parallel sections."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toolkit.figures.map.page import Colours, Page, ball, colours_of, quiet, radius_of
from toolkit.figures.map.solid import Scene, grid_faces, view
from toolkit.figures.style import FAINT, INK, MARGIN, SOFT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from toolkit.pl.maps.pl_map import PLMap

    Floats = NDArray[np.float64]

_PANEL = 290.0
_SMALL = 148.0
_HEIGHTS = (-0.8, -0.4, 0.0, 0.4, 0.8)


@dataclass(frozen=True, eq=False)
class Sections:
    """Values of a map on parallel planes, ready for a slider.

    Parameters
    ----------
    frame
        ``(3, d)`` orthonormal rows: the two directions in the planes, and the one across. From
        more than three dimensions the planes lie in the space of these three.
    coordinates
        ``(r,)`` along either direction in the planes.
    heights
        ``(h,)`` the planes.
    values
        ``(h, r, r, e)`` the map, rows along the second direction.
    """

    frame: Floats
    coordinates: Floats
    heights: Floats
    values: Floats


def parallel_sections(
    phi: PLMap,
    heights: Floats | tuple[float, ...] = _HEIGHTS,
    resolution: int = 121,
    radius: float = 1.0,
) -> Sections:
    """Return the values of a map from three or more dimensions on planes across its first w.

    Parameters
    ----------
    phi
        A map whose source has dimension at least 3.
    heights
        Of the planes, along w.
    resolution
        Number of points along each side of the square from -1.1 to 1.1 times the radius.
    radius
        Of the ball that is shown.

    Examples
    --------
    >>> import toolkit as tk
    >>> phi = tk.pl_map(tk.group("S4").natural_module(), "L3", "L0", "abs")
    >>> parallel_sections(phi, (0.0, 0.5), 5).values.shape
    (2, 5, 5, 1)
    """
    frame = _frame(phi)
    coordinates = 1.1 * radius * np.linspace(-1.0, 1.0, resolution)
    x, y = np.meshgrid(coordinates, coordinates)
    planes = np.asarray(heights, dtype=np.float64)
    points = np.stack([np.stack([x, y, np.full_like(x, h)], axis=-1) @ frame for h in planes])
    return Sections(frame, coordinates, planes, phi(points))


def _frame(phi: PLMap) -> Floats:
    """Return three orthonormal rows: the last along w, the others towards other vectors gw.

    In three dimensions their determinant is 1.
    """
    d = phi.source.dimension
    candidates = np.concatenate([phi.normals, np.eye(d)])
    rows = [candidates[0]]
    while len(rows) < 3:
        basis = np.array(rows)
        inside = candidates - candidates @ basis.T @ basis
        sizes = np.linalg.norm(inside, axis=1)
        best = int(np.argmax(sizes > 0.9 * sizes.max()))
        rows.append(inside[best] / sizes[best])
    across, first, second = rows
    if d == 3:
        second = np.cross(across, first)
    return np.array([first, second, across])


def _shown(phi: PLMap, values: Floats) -> Floats:
    """Return the quantity that is coloured: the value, or the length of a vector."""
    if phi.target.dimension == 1:
        return values[..., 0]
    out: Floats = np.linalg.norm(values, axis=-1)
    return out


def _name(phi: PLMap) -> str:
    return phi.target.label if phi.target.dimension == 1 else f"|{phi.target.label}|"


# -- the sphere -----------------------------------------------------------------------------------


def draw_sphere(phi: PLMap) -> Figure:
    """Return the unit sphere coloured by the map, its breaking circles, and back or image."""
    e = phi.target.dimension
    gap = 30.0 if e == 1 else 60.0
    width = 2 * MARGIN + 2 * _PANEL + gap + 62.0
    page = Page(phi, width, _PANEL + 44.0)
    frame = _frame(phi)
    front = view(24.0, 20.0) @ frame
    back = np.diag([-1.0, 1.0, -1.0]) @ front
    disc = _disc()
    sides = [front, back] if e == 1 else [front]
    radius = radius_of(phi)
    values = [_shown(phi, phi(radius * disc @ side)) for side in sides]
    colours = colours_of(np.stack(values), with_zero=e > 1)
    words = [f"front of the {ball(phi, 'sphere')} in {phi.source.label}", "the other side of it"]
    for number, (side, value) in enumerate(zip(sides, values, strict=True)):
        axes = page.panel(MARGIN + number * (_PANEL + gap), 0.0, _PANEL, _PANEL)
        _hemisphere(axes, phi, side, disc, value, colours)
        page.words(
            words[number], MARGIN + number * (_PANEL + gap) + _PANEL / 2, _PANEL + 16.0, 8.5,
            colour=SOFT, align="center",
        )  # fmt: skip
    if e > 1:
        axes = page.panel(MARGIN + _PANEL + gap, 0.0, _PANEL, _PANEL)
        _image_of_sphere(axes, phi, frame, colours)
        page.words(
            f"its image in {phi.target.label}: lengths up to {colours.high:.3g}",
            MARGIN + _PANEL + gap + _PANEL / 2, _PANEL + 16.0, 8.5, colour=SOFT, align="center",
        )  # fmt: skip
    page.scale(colours, width - MARGIN - 38.0, 50.0, 9.0, _PANEL - 100.0, _name(phi))
    return page.figure


def _disc() -> Floats:
    """Return points ``(r, t, 3)`` of the nearer half of the sphere, dense at the rim."""
    radius = np.sin(np.linspace(0.0, math.pi / 2, 46))
    angle = np.linspace(0.0, 2 * math.pi, 145)
    x, y = radius[:, None] * np.cos(angle), radius[:, None] * np.sin(angle)
    return np.stack([x, y, np.sqrt(np.maximum(0.0, 1 - x**2 - y**2))], axis=-1)


def _hemisphere(
    axes: Axes, phi: PLMap, side: Floats, disc: Floats, value: Floats, colours: Colours
) -> None:
    colours.paint(axes, disc[..., 0], disc[..., 1], value, thin=0.6, steps=48)
    for circle in _circles(phi):
        seen = circle @ side.T
        shown = seen[:, 2] >= -1e-9
        near = np.where(shown[:, None], seen[:, :2], np.nan)
        axes.plot(near[:, 0], near[:, 1], color=INK, linewidth=1.2, zorder=3)
    rim = np.linspace(0, 2 * math.pi, 361)
    axes.plot(np.cos(rim), np.sin(rim), color=SOFT, linewidth=1.0, zorder=4)
    axes.set(xlim=(-1.06, 1.06), ylim=(-1.06, 1.06), aspect="equal", xticks=[], yticks=[])
    quiet(axes)


def _circles(phi: PLMap) -> list[Floats]:
    """Return points, on the unit sphere, of the circles on which the map breaks on its sphere."""
    out: list[Floats] = []
    t = np.linspace(0.0, 2 * math.pi, 361)
    if not phi.is_piecewise_linear:
        return out
    for normal, offset in zip(phi.hyperplanes, phi.offsets / radius_of(phi), strict=True):
        if abs(offset) < 1.0:
            first = np.linalg.svd(normal[None])[2][1]
            round_it = np.outer(np.cos(t), first) + np.outer(np.sin(t), np.cross(normal, first))
            out.append(offset * normal + math.sqrt(1.0 - offset**2) * round_it)
    return out


def _image_of_sphere(axes: Axes, phi: PLMap, frame: Floats, colours: Colours) -> None:
    """Draw the image of the sphere: a surface in space, or a shape in the plane."""
    theta = np.linspace(0.0, math.pi, 49)
    angle = np.linspace(0.0, 2 * math.pi, 97)
    grid = np.stack(
        [
            np.outer(np.sin(theta), np.cos(angle)),
            np.outer(np.sin(theta), np.sin(angle)),
            np.outer(np.cos(theta), np.ones_like(angle)),
        ],
        axis=-1,
    ) @ frame  # fmt: skip
    radius = radius_of(phi)
    image = phi(radius * grid)
    solid = phi.target.dimension == 3
    scene = Scene(view(24.0, 20.0) @ (frame if phi.target.label == phi.source.label else np.eye(3)))
    if not solid:
        scene = Scene(np.eye(3))
        image = np.concatenate([image, np.zeros_like(image[..., :1])], axis=-1)
    faces = grid_faces(image)
    reach = float(np.abs(image).max()) or 1.0
    sizes = np.linalg.norm(faces.mean(axis=1), axis=-1)
    scene.faces(faces, colours.scale.to_rgba(sizes))
    for circle in _circles(phi):
        way = phi(radius * circle[::4])
        if not solid:
            way = np.concatenate([way, np.zeros_like(way[:, :1])], axis=-1)
        scene.line(way, INK, 1.1, nearer=0.06 * reach if solid else reach)
    scene.paint(axes)
    low, high = scene.limits()
    middle, half = (low + high) / 2, 0.54 * float((high - low).max()) or 1.0
    axes.set(
        xlim=(middle[0] - half, middle[0] + half), ylim=(middle[1] - half, middle[1] + half),
        aspect="equal",
    )  # fmt: skip


# -- sections -------------------------------------------------------------------------------------


def draw_slices(phi: PLMap) -> Figure:
    """Return plane sections at several heights, in one scale."""
    gap = 12.0
    many = len(_HEIGHTS)
    width = 2 * MARGIN + many * _SMALL + (many - 1) * gap + 62.0
    page = Page(phi, width, _SMALL + 44.0)
    radius = radius_of(phi)
    sections = parallel_sections(phi, radius * np.array(_HEIGHTS), 89, radius)
    shown = _shown(phi, sections.values)
    colours = colours_of(shown)
    for number, height in enumerate(sections.heights):
        x = MARGIN + number * (_SMALL + gap)
        axes = page.panel(x, 0.0, _SMALL, _SMALL)
        side = sections.coordinates
        colours.paint(axes, side, side, shown[number], thin=0.5, steps=48)
        _section_lines(axes, phi, sections.frame, float(height))
        ends = (float(side[0]), float(side[-1]))
        axes.set(xlim=ends, ylim=ends, aspect="equal", xticks=[], yticks=[])
        quiet(axes)
        page.words(
            f"height {height:.3g}".replace("-", "−"), x + _SMALL / 2, _SMALL + 13.0, 8.5,
            colour=SOFT, align="center",
        )  # fmt: skip
    page.words(
        _about_sections(phi, radius), MARGIN, _SMALL + 31.0,
        8.5, colour=SOFT,
    )  # fmt: skip
    page.scale(colours, width - MARGIN - 38.0, 14.0, 9.0, _SMALL - 14.0, _name(phi))
    return page.figure


def _about_sections(phi: PLMap, radius: float) -> str:
    d = phi.source.dimension
    where = f"{phi.source.label}, of dimension {d}," if d > 3 else phi.source.label
    kind = "planes" if d == 3 else "hyperplanes"
    lines = f"; breaking {kind} in black" if phi.is_piecewise_linear and len(phi.offsets) else ""
    return (
        f"squares of side {2.2 * radius:.2g} in {where} perpendicular to w, by their height along "
        f"w{lines}"
    )


def _section_lines(axes: Axes, phi: PLMap, frame: Floats, height: float) -> None:
    """Draw where the breaking planes meet a section, and its frame."""
    side = 1.1 * radius_of(phi)
    if phi.is_piecewise_linear:
        for normal, offset in zip(phi.hyperplanes, phi.offsets, strict=True):
            a, b, c = frame @ normal
            size = math.hypot(a, b)
            if size < 1e-9:
                continue
            foot = (offset - c * height) / size**2 * np.array([a, b])
            along = 4.0 * side / size * np.array([-b, a])
            ends = np.array([foot - along, foot + along])
            axes.plot(ends[:, 0], ends[:, 1], color=INK, linewidth=1.0, zorder=3)
    corners = side * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]])
    axes.plot(corners[:, 0], corners[:, 1], color=FAINT, linewidth=0.8, zorder=4)
