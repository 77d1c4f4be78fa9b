"""The picture of a map between simples: PNG, SVG or PDF.

What is drawn depends on the dimensions of source L and target K:

* L of dimension 1: ``"graph"``;
* L of dimension 2, K of dimension 1: ``"plane"``, that is ``"contour"`` with the fan of breaking
  lines and ``"surface"`` side by side (without the surface if the map jumps);
* L and K of dimension 2: ``"image"``, the image of a disc with its circles, rays and regions;
* L of dimension 3: ``"sphere"``, values on a sphere with the circles on which the map breaks (they
  determine a homogeneous map, and it is the default for these), with its back or its image;
* L of dimension 3 or more: ``"slices"``, a series of parallel plane sections.

On spheres and sections, vectors in K are shown by their length. The part of L that is drawn is the
unit ball for homogeneous activations, for which all radii look alike; for others a larger ball,
named in the caption.

SVG and PDF files are byte-identical each time.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from toolkit.errors import ConfigError
from toolkit.figures.canvas import content_of, format_of, settings
from toolkit.figures.map.page import Page, facts, title_of
from toolkit.figures.style import MARGIN, SOFT
from toolkit.files import write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from toolkit.pl.maps.pl_map import PLMap

_ANY = 1 << 30
#: The kinds of pictures, and the dimensions of source and target that they are for.
KINDS: dict[str, tuple[range, range]] = {
    "graph": (range(1, 2), range(1, 2)),
    "plane": (range(2, 3), range(1, 2)),
    "contour": (range(2, 3), range(1, 2)),
    "surface": (range(2, 3), range(1, 2)),
    "image": (range(2, 3), range(2, 3)),
    "sphere": (range(3, 4), range(1, 4)),
    "slices": (range(3, _ANY), range(1, _ANY)),
}
_DPI = 120


def draw_pl_map(
    phi: PLMap, path: str | Path, *, kind: str = "auto", format: str | None = None
) -> Figure:
    """Draw a map into a file.

    Parameters
    ----------
    phi
        The map.
    path
        The file to write; its folder must exist.
    kind
        One of :data:`KINDS`, or ``"auto"`` for the first of them that fits.
    format
        ``"png"``, ``"svg"`` or ``"pdf"``; by default the suffix of the file name.

    Returns
    -------
    matplotlib.figure.Figure
        The picture.

    Raises
    ------
    ConfigError
        If there is no such format or kind, or the kind does not fit the dimensions.

    Examples
    --------
    >>> import tempfile, toolkit as tk
    >>> phi = tk.pl_map(tk.group("S3").natural_module(), "L2", "L0", "abs")
    >>> figure = draw_pl_map(phi, tempfile.mkdtemp() + "/phi.svg")
    >>> figure.texts[0].get_text()
    'S3: L2 → L0 through abs'
    """
    path, ending = format_of(path, format)
    figure = figure_for_pl_map(phi, kind)
    title, about = title_of(phi), f"{title_of(phi)}. {facts(phi)}."
    content = content_of(figure, ending, title, about, dpi=_DPI)
    write_whole(path, _smaller(content, title, about) if ending == "png" else content)
    return figure


def _smaller(png: bytes, title: str, about: str) -> bytes:
    """Return a PNG with a palette of 256 colours: a quarter of the size.

    Surfaces are painted in 64 steps of colour, so that hardly any is lost.
    """
    from PIL import Image, PngImagePlugin

    about_it = PngImagePlugin.PngInfo()
    about_it.add_itxt("Title", title)
    about_it.add_itxt("Description", about)
    whole = Image.open(io.BytesIO(png)).convert("RGB")
    few = whole.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, "png", optimize=True, dpi=(_DPI, _DPI), pnginfo=about_it)
    return out.getvalue()


def figure_for_pl_map(phi: PLMap, kind: str = "auto") -> Figure:
    """Return the picture of a map as a matplotlib figure, not registered with pyplot.

    Parameters
    ----------
    phi, kind
        As in :func:`draw_pl_map`.

    Returns
    -------
    matplotlib.figure.Figure
        The picture.

    Examples
    --------
    >>> import toolkit as tk
    >>> phi = tk.pl_map(tk.group("C8").regular_module(), "L3", "L0", "abs")
    >>> [text.get_text() for text in figure_for_pl_map(phi).texts][0]
    'C8: L3 → L0 through abs'
    >>> figure_for_pl_map(phi, "slices")
    Traceback (most recent call last):
    ...
    toolkit.errors.ConfigError: slices is for dimension 3 or more to 1 or more, not for 2 to 1: use
    plane, contour or surface
    """
    chosen = kind_that_fits(phi, kind)
    with settings():
        if phi.is_zero:
            return _nothing(phi)
        if chosen in ("sphere", "slices"):
            from toolkit.figures.map.space import draw_slices, draw_sphere

            return draw_sphere(phi) if chosen == "sphere" else draw_slices(phi)
        from toolkit.figures.map.plane import draw_graph, draw_image, draw_plane

        if chosen == "graph":
            return draw_graph(phi)
        if chosen == "image":
            return draw_image(phi)
        jumps = phi.is_piecewise_linear and not phi.breaks.is_continuous
        flat = chosen == "contour" or (chosen == "plane" and jumps)
        return draw_plane(phi, contour=chosen != "surface", surface=not flat)


def kind_that_fits(phi: PLMap, kind: str = "auto") -> str:
    """Return the kind of picture that is drawn, or raise ConfigError if there is none."""
    d, e = phi.source.dimension, phi.target.dimension
    fitting = [name for name, (source, target) in KINDS.items() if d in source and e in target]
    if not isinstance(kind, str) or (kind != "auto" and kind not in KINDS):
        raise ConfigError(
            f"there is no picture called {kind!r:.40}: use auto or {', '.join(KINDS)}"
        )
    if kind in fitting or (phi.is_zero and kind == "auto"):
        return kind
    if not fitting:
        raise ConfigError(
            f"there is no picture of a map from dimension {d} to dimension {e} for a non-zero map"
        )
    if kind == "auto":
        flat = phi.activation.homogeneous_degree is None and "slices" in fitting
        return "slices" if flat else fitting[0]
    source, target = KINDS[kind]
    raise ConfigError(
        f"{kind} is for dimension {_either(source)} to {_either(target)}, not for {d} to {e}: use "
        f"{_listed(fitting)}"
    )


def paint_pl_map(phi: PLMap, path: str | Path | None, kind: str) -> Figure:
    """Draw a map, into a file if one is named: what ``PLMap.plot`` calls."""
    if path is None:
        return figure_for_pl_map(phi, kind)
    return draw_pl_map(phi, path, kind=kind)


def _nothing(phi: PLMap) -> Figure:
    """Return a page with the reason why the map is zero."""
    page = Page(phi, 460.0, 40.0 + 16.0 * len(phi.zero.parts))
    for number, part in enumerate(phi.zero.parts):
        page.words(
            f"{part.part} part: {part.reason}", MARGIN, 12.0 + 16.0 * number, 9.0, colour=SOFT
        )
    return page.figure


def _either(numbers: range) -> str:
    if numbers.stop == _ANY:
        return f"{numbers.start} or more"
    return _listed([str(n) for n in numbers])


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
