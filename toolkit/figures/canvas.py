"""A page in points for text and shapes, and its content as a file.

matplotlib is imported when the first picture is drawn, through its objects only: no window, no
global figure, no change of the user's settings.
"""

from __future__ import annotations

import io
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import ConfigError
from toolkit.figures.style import FONT, INK, UNKNOWN, head_length

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

_FORMATS = ("png", "svg", "pdf")


def settings() -> Any:  # noqa: ANN401 - a context manager without a public name
    """Return a context in which the user's settings of matplotlib do not matter."""
    import matplotlib as mpl

    return mpl.rc_context(
        {
            "font.family": [FONT],
            "path.sketch": None,
            "path.effects": [],
            "path.simplify": True,
            "pdf.fonttype": 42,
            "savefig.bbox": None,
            "savefig.facecolor": "auto",
            "svg.fonttype": "path",
            "svg.hashsalt": "plrep",
            "text.hinting": "default",
            "text.usetex": False,
        }
    )


def format_of(path: str | Path, format: str | None) -> tuple[Path, str]:
    """Return the path of a picture, and ``"png"``, ``"svg"`` or ``"pdf"``.

    Parameters
    ----------
    path
        The file to write.
    format
        The format; ``None``: by the ending of the file's name.

    Raises
    ------
    ConfigError
        If it is none of the three.
    """
    if not isinstance(path, str | PathLike):
        raise ConfigError(
            f"a picture is drawn into a file: its path is required, found {path!r:.40}"
        )
    path = Path(path)
    kind = (path.suffix[1:] if format is None else format).lower()
    if kind not in _FORMATS:
        raise ConfigError(
            f"cannot draw into {str(path)!r}: png, svg or pdf is required, found {kind!r}"
        )
    return path, kind


def content_of(
    figure: Figure, kind: str, title: str, description: str | None = None, *, dpi: float = 150
) -> bytes:
    """Return a picture as the content of a file, byte-identical each time.

    Parameters
    ----------
    figure
        The picture.
    kind
        ``"png"``, ``"svg"`` or ``"pdf"``.
    title, description
        Metadata of the file.
    dpi
        Pixels to the inch, of a PNG.
    """
    about = {"Title": title, "Description": description}
    metadata: dict[str, str | None] = {
        "png": about,
        "svg": {**about, "Creator": "plrep-toolkit", "Date": None},
        "pdf": {
            "Title": title,
            "Subject": description,
            "Creator": "plrep-toolkit",
            "CreationDate": None,
        },
    }[kind]
    if description is None:
        metadata.pop("Subject" if kind == "pdf" else "Description")
    content = io.BytesIO()
    with settings():
        figure.savefig(content, format=kind, dpi=dpi, metadata=metadata)
    return content.getvalue()


def measured(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a text in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=FONT, size=size, weight="bold" if bold else "normal")
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width) * 1.03


class Canvas:
    """A white page with the corner (0, 0) at the top left and y downwards.

    Parameters
    ----------
    width, height
        Its size in points.
    """

    def __init__(self, width: float, height: float) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        from toolkit.figures.picture import Picture

        self.figure = Picture(figsize=(width / 72, height / 72), facecolor="white")
        FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self.axes.set(xlim=(0, width), ylim=(height, 0))
        self.axes.set_axis_off()

    def text(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        *,
        bold: bool = False,
        italic: bool = False,
        colour: str = INK,
        align: str = "center",
        rotation: float = 0.0,
        gid: str | None = None,
    ) -> None:
        """Write a line of text, centred at a height."""
        self.axes.text(
            x,
            y,
            text,
            fontsize=size,
            fontweight="bold" if bold else "normal",
            fontstyle="italic" if italic else "normal",
            color=colour,
            horizontalalignment=align,
            verticalalignment="center_baseline" if not rotation else "center",
            rotation=rotation,
            parse_math=False,
            gid=gid,
            zorder=6,
        )

    def rounded(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        face: str,
        edge: str,
        radius: float,
        line: float = 1.0,
        zorder: float = 4,
        gid: str | None = None,
    ) -> None:
        """Paint a rounded rectangle around its centre."""
        from matplotlib.patches import FancyBboxPatch

        self.axes.add_patch(
            FancyBboxPatch(
                (x - width / 2, y - height / 2),
                width,
                height,
                boxstyle=f"round,pad=0,rounding_size={radius}",
                facecolor=face,
                edgecolor=edge,
                linewidth=line,
                zorder=zorder,
                gid=gid,
            )
        )

    def hatched(
        self, x: float, y: float, width: float, height: float, *, zorder: float = 3
    ) -> None:
        """Paint a hatched grey rectangle around its centre: what is not known."""
        from matplotlib.patches import Rectangle

        self.axes.add_patch(
            Rectangle(
                (x - width / 2, y - height / 2),
                width,
                height,
                facecolor="#ECEEF1",
                edgecolor=UNKNOWN,
                linewidth=0.0,
                hatch="/////",
                zorder=zorder,
            )
        )

    def stroke(
        self,
        vertices: Sequence[tuple[float, float]],
        codes: Sequence[int],
        colour: str,
        width: float,
        dashes: tuple[float, ...],
        *,
        zorder: float = 2.0,
    ) -> None:
        """Paint a line along a path."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path as Outline

        self.axes.add_patch(
            PathPatch(
                Outline(vertices, codes),
                facecolor="none",
                edgecolor=colour,
                linewidth=width,
                linestyle=(0, tuple(max(1.0, 1.6 / width) * dash for dash in dashes))
                if dashes
                else "-",
                capstyle="butt",
                joinstyle="round",
                zorder=zorder,
            )
        )

    def head(self, x: float, y: float, dx: float, dy: float, width: float, colour: str) -> None:
        """Paint an arrow head with its tip and direction."""
        from matplotlib.patches import Polygon

        length, half = head_length(width), 1.9 + 0.75 * width
        base = x - dx * length, y - dy * length
        corners = [
            (x, y),
            (base[0] - dy * half, base[1] + dx * half),
            (base[0] + dx * 0.22 * length, base[1] + dy * 0.22 * length),
            (base[0] + dy * half, base[1] - dx * half),
        ]
        self.axes.add_patch(
            Polygon(corners, closed=True, facecolor=colour, edgecolor="none", zorder=3.5)
        )
