"""Solid shapes in parallel projection: small flat faces and edges, painted from back to front."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def view(elevation: float, azimuth: float) -> Floats:
    """Return the rotation ``(3, 3)`` whose rows point to the right, up, and towards the viewer.

    Parameters
    ----------
    elevation, azimuth
        Where the viewer is, in degrees: above the plane of the first two axes, and around.

    Examples
    --------
    >>> (view(90, -90) @ [1.0, 2.0, 3.0]).round(9).tolist()
    [1.0, 2.0, 3.0]
    """
    e, a = math.radians(elevation), math.radians(azimuth)
    towards = np.array([math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e)])
    right = np.array([-math.sin(a), math.cos(a), 0.0])
    return np.array([right, np.cross(towards, right), towards])


def grid_faces(corners: Floats) -> Floats:
    """Return the faces ``(f, 4, 3)`` of a grid ``(r, t, 3)`` of points."""
    return np.stack(
        [corners[:-1, :-1], corners[1:, :-1], corners[1:, 1:], corners[:-1, 1:]], axis=2
    ).reshape(-1, 4, 3)


class Scene:
    """Faces and edges, to be painted from the farthest to the nearest.

    Parameters
    ----------
    rotation
        From :func:`view`.
    """

    def __init__(self, rotation: Floats) -> None:
        self.rotation = rotation
        self._items: list[tuple[float, Floats, dict[str, Any]]] = []

    def faces(self, corners: Floats, colours: Floats, alpha: float = 1.0) -> None:
        """Add faces ``(f, k, 3)`` in colours ``(f, 4)``; no seams show between them."""
        seen = corners @ self.rotation.T
        for face, colour in zip(seen, colours, strict=True):
            shade = (*colour[:3], alpha)
            style = {"facecolor": shade, "edgecolor": shade, "linewidth": 0.35}
            self._items.append((float(face[:, 2].mean()), face[:, :2], style))

    def line(self, points: Floats, colour: str, width: float, nearer: float = 0.02) -> None:
        """Add a line ``(k, 3)``, painted as if it were a little nearer."""
        seen = points @ self.rotation.T
        for one, two in itertools.pairwise(seen):
            style = {"facecolor": "none", "edgecolor": colour, "linewidth": width}
            depth = float(one[2] + two[2]) / 2 + nearer
            self._items.append((depth, np.array([one[:2], two[:2]]), style))

    def paint(self, axes: Axes, zorder: float = 3.0) -> None:
        """Paint everything."""
        from matplotlib.collections import PolyCollection

        self._items.sort(key=lambda item: item[0])
        shapes = PolyCollection(
            [item[1] for item in self._items],
            facecolors=[item[2]["facecolor"] for item in self._items],
            edgecolors=[item[2]["edgecolor"] for item in self._items],
            linewidths=[item[2]["linewidth"] for item in self._items],
            closed=False,
            capstyle="round",
            joinstyle="round",
            zorder=zorder,
        )
        axes.add_collection(shapes)
        axes.set_axis_off()

    def limits(self) -> tuple[Floats, Floats]:
        """Return the least and the largest coordinates on the page, each ``(2,)``."""
        points = np.concatenate([item[1] for item in self._items])
        return points.min(axis=0), points.max(axis=0)
