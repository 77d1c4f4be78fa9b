"""The picture of a network's weights: the mean factor on the energy of each simple, by layer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from toolkit.errors import ConfigError
from toolkit.figures.canvas import Canvas, content_of, format_of, measured, settings
from toolkit.figures.style import FAINT, INK, MARGIN, SOFT
from toolkit.files import write_whole
from toolkit.text import label_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

    from toolkit.interpret.spectral.weights import BlockNorms

_CELL = (74.0, 24.0)
#: The most rows that are drawn: the simples with the largest blocks.
_ROWS = 40
_CAPTIONS = (
    "Factor on the energy of a function in the simple, mean over all directions.",
    "Orange: above the layer's mean, blue: below. Empty: not in both modules.",
)


def draw_weights(norms: Sequence[BlockNorms], path: str | Path, title: str = "Weights") -> None:
    """Draw the weights' spectrum into a PNG, SVG or PDF file.

    Parameters
    ----------
    norms
        The norms from :func:`toolkit.interpret.weight_spectrum`.
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
    >>> draw_weights([], "weights.png")
    Traceback (most recent call last):
    ...
    toolkit.errors.ConfigError: a picture of weights needs at least one block, found none
    """
    path, kind = format_of(path, None)
    write_whole(path, content_of(figure_for_weights(norms, title), kind, title))


def figure_for_weights(norms: Sequence[BlockNorms], title: str = "Weights") -> Figure:
    """Return the picture of the weights' spectrum as a matplotlib figure.

    Parameters
    ----------
    norms, title
        As in :func:`draw_weights`.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot. It has a column for each layer and a row for each simple.

    Raises
    ------
    ConfigError
        If there is nothing to draw.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("S3").natural_module()
    >>> net = tk.nn.EquivariantMLP(X, [1, 2, 1])
    >>> figure = figure_for_weights(tk.interpret.weight_spectrum(net))
    >>> figure.axes[0].texts[0].get_text()
    'Weights'
    """
    if not norms:
        raise ConfigError("a picture of weights needs at least one block, found none")
    layers = list(dict.fromkeys(one.stage for one in norms))
    gains = {(one.stage, one.label): one.gain for one in norms}
    labels = sorted({one.label for one in norms}, key=label_key, reverse=True)
    captions = list(_CAPTIONS)
    if len(labels) > _ROWS:
        largest = {x: max(v for (_, own), v in gains.items() if own == x) for x in labels}
        kept = set(sorted(labels, key=lambda x: -largest[x])[:_ROWS])
        captions.append(f"The {_ROWS} of {len(labels)} simples with the largest factors.")
        labels = [x for x in labels if x in kept]
    names = [layer or "layer" for layer in layers]
    wide = max(_CELL[0], *(measured(name, 8.5, bold=True) + 12.0 for name in names))
    left = MARGIN + max(measured(label, 9.0, bold=True) for label in labels) + 12.0
    top = MARGIN + 56.0
    width = max(
        left + wide * len(layers) + MARGIN,
        measured(title, 15.0, bold=True) + 2 * MARGIN,
        *(measured(line, 8.0) + 2 * MARGIN for line in captions),
    )
    below = top + _CELL[1] * len(labels) + 16.0
    with settings():
        canvas = Canvas(width, below + 13.0 * len(captions) + MARGIN - 6.0)
        canvas.text(title, MARGIN, MARGIN + 8.0, 15.0, bold=True, align="left")
        for i, name in enumerate(names):
            canvas.text(name, left + wide * (i + 0.5), top - 14.0, 8.5, bold=True)
        for j, label in enumerate(labels):
            y = top + _CELL[1] * (j + 0.5)
            canvas.text(label, left - 8.0, y, 9.0, bold=True, align="right")
            for i, layer in enumerate(layers):
                _cell(canvas, left + wide * (i + 0.5), y, wide, gains.get((layer, label)),
                      _mean([v for (own, _), v in gains.items() if own == layer]))  # fmt: skip
        for number, line in enumerate(captions):
            canvas.text(line, MARGIN, below + 13.0 * number, 8.0, colour=SOFT, align="left")
    return canvas.figure


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _cell(canvas: Canvas, x: float, y: float, wide: float, gain: float | None, mean: float) -> None:
    size = (wide - 4.0, _CELL[1] - 3.0)
    if gain is None:
        canvas.rounded(x, y, *size, face="white", edge=FAINT, radius=3.0, line=0.5)
        return
    # two powers of two away from the layer's mean the colour is full
    distance = math.log2(gain / mean) / 2 if gain > 0 and mean > 0 else -1.0 if mean > 0 else 0.0
    strength = min(1.0, abs(distance)) * 0.75
    full = (0xE6, 0x9F, 0x00) if distance > 0 else (0x00, 0x72, 0xB2)
    face = "#" + "".join(f"{round(255 + (part - 255) * strength):02X}" for part in full)
    canvas.rounded(x, y, *size, face=face, edge="none", radius=3.0, line=0.0)
    dark = distance < 0 and strength > 0.5
    canvas.text(f"{gain:.3g}", x, y, 8.5, colour="white" if dark else INK)
