"""The picture of what can be present in a network: a line for each tensor, a mark for each simple.

What is not known is drawn as that: a hatched band in place of marks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from toolkit.errors import ConfigError
from toolkit.figures.canvas import Canvas, content_of, format_of, measured, settings
from toolkit.figures.style import BAND, FAINT, INK, MARGIN, SOFT, UNKNOWN
from toolkit.files import write_whole
from toolkit.text import label_key, label_runs, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.figure import Figure

    from toolkit.interpret.zeros.report import ZeroComponents

#: ``"none"``: the simple is not in the module of the tensor.
Mark: TypeAlias = Literal["occurs", "bound", "possible", "zero", "none"]

_BLUE = "#0072B2"
_ROW, _COLUMN, _TRACK = 22.0, 30.0, 9.0
_SLANT = 40.0  # of long heads, in degrees
_MOST_ROWS, _MOST_COLUMNS = 80, 24
_NAME, _KIND = 150.0, 84.0
_WORDS = {
    "occurs": "occurs for some weights",
    "bound": "not excluded: only a bound is known",
    "possible": "possible",
    "zero": "exactly zero",
}


@dataclass(frozen=True)
class TensorRow:
    """One tensor of a network.

    Parameters
    ----------
    key, kind
        Its name, and what makes it.
    marks
        By simple; empty if it is no functions on a module.
    words
        What stands in place of marks: ``"invariant"``, ``"unknown from here on"``.
    is_unknown
        Whether nothing is known of it.
    takes
        0-based numbers of the rows that it is made of.
    """

    key: str
    kind: str
    marks: dict[str, Mark]
    words: str
    is_unknown: bool
    takes: tuple[int, ...]


def draw_zero_components(
    zeros: ZeroComponents, path: str | Path, title: str = "", *, format: str | None = None
) -> None:
    """Draw what can be present in a network into a file.

    Parameters
    ----------
    zeros
        The report of :func:`toolkit.interpret.zero_components`.
    path
        The file to write; its folder must exist.
    title
        The title; by default it names the simples in the input.
    format
        ``"png"``, ``"svg"`` or ``"pdf"``; by default the suffix of the file name.

    Raises
    ------
    ConfigError
        If the format is none of these, or there is no stage.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("C4").regular_module()
    >>> zeros = tk.interpret.zero_components(tk.nn.EquivariantMLP(X, [1, 4, 1]), ["L1"])
    >>> draw_zero_components(zeros, "zeros.gif")
    Traceback (most recent call last):
    ...
    toolkit.errors.ConfigError: cannot draw into 'zeros.gif': png, svg or pdf is required, found
    'gif'
    """
    path, kind = format_of(path, format)
    title = title or _title(zeros)
    write_whole(path, content_of(figure_for_zero_components(zeros, title), kind, title))


def figure_for_zero_components(zeros: ZeroComponents, title: str = "") -> Figure:
    """Return the picture of what can be present in a network as a matplotlib figure.

    Parameters
    ----------
    zeros, title
        As in :func:`draw_zero_components`.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot. There is a row for each tensor, at most 80, in the order of a
        run. Lines on the left lead to it from the tensors that it is computed from. Simples with
        the same marks in every row share a column. Tensors about which nothing is known are hatched
        bands, and the lines to them are dashed: nothing in them is drawn as absent.

    Raises
    ------
    ConfigError
        If there is no stage.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("S3").natural_module()
    >>> net = tk.nn.EquivariantMLP(X, [1, 2, 1])
    >>> zeros = tk.interpret.zero_components(net, {"L2"})
    >>> len(figure_for_zero_components(zeros).axes)
    1
    """
    rows = rows_of(zeros)
    if not rows:
        raise ConfigError("a picture of zero components needs at least one stage, found none")
    with settings():
        return _Picture(rows, title or _title(zeros), zeros.unknown, zeros.remarks).figure()


def rows_of(zeros: ZeroComponents) -> tuple[TensorRow, ...]:
    """Return the rows of the picture, one for each tensor.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C4").regular_module()
    >>> net = tk.nn.EquivariantMLP(X, [1, 4, 1], bias=False)
    >>> rows = rows_of(tk.interpret.zero_components(net, ["L1"]))
    >>> rows[1].key, rows[1].takes, rows[1].marks
    ('layers.0', (0,), {'L0': 'zero', 'L1': 'possible', 'L2': 'zero'})
    """
    place = {getattr(r, "number", i): i for i, r in enumerate(zeros.stages)}
    out = []
    for i, (r, data) in enumerate(zip(zeros.stages, zeros.rows(), strict=True)):
        takes = getattr(r, "takes", (i - 1,) if i else ())
        marks: dict[str, Mark] = {}
        words = ""
        if data["unknown"] is not None:
            words = "unknown from here on" if r.key in zeros.unknown else "unknown"
        elif data["module"] is None:
            words = str(getattr(r, "words", ("no functions on a module",))[0])
        else:
            occurs = data["occurs"]
            for label in data["possible"]:
                mark: Mark = "possible" if occurs is None else "bound"
                marks[label] = "occurs" if occurs is not None and label in occurs else mark
            marks |= dict.fromkeys(data["zero"], "zero")
            marks = {label: marks[label] for label in sorted(marks, key=label_key)}
        came = tuple(dict.fromkeys(place[n] for n in takes if n in place and place[n] != i))
        out.append(
            TensorRow(r.key or "model", r.kind, marks, words, data["unknown"] is not None, came)
        )
    if zeros.unknown_from is not None and not any(row.is_unknown for row in out):
        # a chain ends before what is unknown
        out.append(TensorRow(zeros.unknown_from or "model", "unknown", {}, "unknown from here on",
                             True, (len(out) - 1,)))  # fmt: skip
    return tuple(out)


def _title(zeros: ZeroComponents) -> str:
    return f"What can be present, from {shortened(' '.join(zeros.sources) or 'nothing', 60)}"


class _Picture:
    """The page."""

    def __init__(
        self,
        rows: tuple[TensorRow, ...],
        title: str,
        unknown: Mapping[str, str],
        remarks: tuple[str, ...],
    ) -> None:
        self.unknown, self.remarks = unknown, remarks
        self.rows, self.title = rows[:_MOST_ROWS], title
        self.more = len(rows) - len(self.rows)
        self.columns, self.left_out = _columns(self.rows)
        self.tracks = _tracks(self.rows)
        self.left = MARGIN + _TRACK * (max(self.tracks.values(), default=0) + 2)
        self.body = self.left + _NAME + _KIND
        self.heads = [_cut(label_runs(labels), 150.0, 8.5) for labels in self.columns]
        self.slant = any(measured(name, 8.5, bold=True) > _COLUMN - 4.0 for name in self.heads)
        self.top = MARGIN + 58.0
        if self.slant:
            self.top = MARGIN + 36.0 + max(map(_height, self.heads))
        self.canvas: Canvas

    def figure(self) -> Figure:
        used = {mark for row in self.rows for mark in row.marks.values()}
        legend = [mark for mark in _WORDS if mark in used]
        notes = self._notes()
        wide = max(_COLUMN * len(self.columns), 210.0)
        if self.slant:  # heads lean over the columns to the right
            lean = max(_COLUMN * i + _height(name) * 1.3 for i, name in enumerate(self.heads))
            wide = max(wide, lean)
        width = max(self.body + wide + MARGIN, measured(self.title, 14.0, bold=True) + 2 * MARGIN)
        bottom = self.top + _ROW * len(self.rows)
        has_unknown = any(row.is_unknown for row in self.rows)
        lines = len(legend) + has_unknown + len(notes)
        self.canvas = Canvas(width, bottom + 16.0 + 15.0 * lines + MARGIN)
        self.canvas.text(self.title, MARGIN, MARGIN + 8.0, 14.0, bold=True, align="left")
        for i, name in enumerate(self.heads):
            if self.slant:
                y = self.top - 6.0 - _height(name) / 2
                self.canvas.text(name, self._x(i) - 4.0, y, 8.5, bold=True, align="left",
                                 rotation=_SLANT)  # fmt: skip
            else:
                self.canvas.text(name, self._x(i), self.top - 14.0, 8.5, bold=True)
        for i, row in enumerate(self.rows):
            self._row(i, row, wide)
        self._lines()
        y = bottom + 18.0
        for mark in legend:
            self._mark(MARGIN + 8.0, y, mark)
            self.canvas.text(_WORDS[mark], MARGIN + 22.0, y, 8.0, colour=SOFT, align="left")
            y += 15.0
        if has_unknown:
            self.canvas.hatched(MARGIN + 8.0, y, 14.0, 9.0)
            words = "unknown from here on: nothing is claimed, neither present nor absent"
            self.canvas.text(words, MARGIN + 22.0, y, 8.0, colour=SOFT, align="left")
            y += 15.0
        for note in notes:
            self.canvas.text(note, MARGIN, y, 8.0, colour=SOFT, align="left")
            y += 15.0
        return self.canvas.figure

    def _notes(self) -> list[str]:
        out = [
            shortened(f"unknown from {name!r} on: {why}", 140) for name, why in self.unknown.items()
        ]
        out += [shortened(remark, 140) for remark in self.remarks]
        if self.left_out:
            out.append(f"{self.left_out} simples more are not drawn; the table has them all")
        if self.more:
            out.append(f"{self.more} tensors more are not drawn; the table has them all")
        return out

    def _x(self, column: int) -> float:
        return self.body + _COLUMN * (column + 0.5)

    def _y(self, row: int) -> float:
        return self.top + _ROW * (row + 0.5)

    def _row(self, number: int, row: TensorRow, wide: float) -> None:
        y = self._y(number)
        if number % 2 == 0:
            whole = _NAME + _KIND + wide
            self.canvas.rounded(
                self.left + whole / 2, y, whole, _ROW,
                face=BAND, edge="none", radius=3.0, line=0.0, zorder=0,
            )  # fmt: skip
        self.canvas.text(_cut(row.key, _NAME - 12.0, 9.0), self.left + 8.0, y, 9.0, align="left")
        kind = "" if row.is_unknown else row.kind
        self.canvas.text(kind, self.left + _NAME, y, 8.0, colour=SOFT, align="left")
        if row.is_unknown:
            self.canvas.hatched(self.body + wide / 2, y, wide - 4.0, _ROW - 6.0)
            words = _cut(row.words, wide - 20.0, 8.0)
            x = self.body + wide / 2
            self.canvas.rounded(
                x, y, measured(words, 8.0) + 10.0, 12.0,
                face="white", edge="none", radius=3.0, line=0.0, zorder=5,
            )  # fmt: skip
            self.canvas.text(words, x, y, 8.0, italic=True, colour=SOFT)
        elif not row.marks:
            self.canvas.text(row.words, self.body + 8.0, y, 8.0, italic=True, colour=SOFT,
                             align="left")  # fmt: skip
        for i, labels in enumerate(self.columns):
            self._mark(self._x(i), y, row.marks.get(labels[0], "none"))

    def _mark(self, x: float, y: float, mark: Mark) -> None:
        if mark in ("occurs", "possible"):
            self.canvas.rounded(x, y, 12.0, 12.0, face=_BLUE, edge=_BLUE, radius=6.0)
        elif mark == "bound":
            self.canvas.rounded(x, y, 12.0, 12.0, face="white", edge=_BLUE, radius=6.0, line=1.6)
        elif mark == "zero":
            for one, two in (((-4, -4), (4, 4)), ((-4, 4), (4, -4))):
                ends = [(x + one[0], y + one[1]), (x + two[0], y + two[1])]
                self.canvas.stroke(ends, [1, 2], FAINT, 1.4, (), zorder=4.0)

    def _lines(self) -> None:
        """Paint the lines from the tensors that each is made of."""
        for (source, target), track in self.tracks.items():
            unknown = self.rows[target].is_unknown
            colour, dashes = (UNKNOWN, (2.2, 1.4)) if unknown else (INK, ())
            x, y0, y1 = self.left - _TRACK * (track + 1), self._y(source), self._y(target)
            r = min(4.0, (y1 - y0) / 2)
            vertices = [
                (self.left, y0 + 3.0), (x + r, y0 + 3.0), (x, y0 + 3.0), (x, y0 + 3.0 + r),
                (x, y1 - 3.0 - r), (x, y1 - 3.0), (x + r, y1 - 3.0), (self.left - 3.0, y1 - 3.0),
            ]  # fmt: skip
            self.canvas.stroke(vertices, [1, 2, 3, 3, 2, 3, 3, 2], colour, 1.1, dashes)
            self.canvas.head(self.left + 4.0, y1 - 3.0, 1.0, 0.0, 0.6, colour)


def _columns(rows: tuple[TensorRow, ...]) -> tuple[list[tuple[str, ...]], int]:
    """Return the simples that share a column, and how many have none."""
    labels = sorted({label for row in rows for label in row.marks}, key=label_key)
    same: dict[tuple[Mark, ...], list[str]] = {}
    for label in labels:
        pattern = tuple(row.marks.get(label, "none") for row in rows)
        same.setdefault(pattern, []).append(label)
    if len(labels) <= _MOST_COLUMNS:
        return [(label,) for label in labels], 0
    groups = [tuple(group) for group in same.values()]
    shown = groups[:_MOST_COLUMNS]
    return shown, len(labels) - sum(map(len, shown))


def _tracks(rows: tuple[TensorRow, ...]) -> dict[tuple[int, int], int]:
    """Return for each line, from row to row, its track at the left: lines on one do not meet."""
    lines = sorted(
        ((source, target) for target, row in enumerate(rows) for source in row.takes
         if source < target),
        key=lambda line: (line[1] - line[0], line),
    )  # fmt: skip
    out: dict[tuple[int, int], int] = {}
    taken: list[list[tuple[int, int]]] = []
    for source, target in lines:
        free = (k for k, own in enumerate(taken) if all(target <= a or b <= source for a, b in own))
        track = next(free, len(taken))
        if track == len(taken):
            taken.append([])
        taken[track].append((source, target))
        out[source, target] = track
    return out


def _height(name: str) -> float:
    """Return how high a slanted head is."""
    return measured(name, 8.5, bold=True) * math.sin(math.radians(_SLANT)) + 7.0


def _cut(text: str, width: float, size: float) -> str:
    """Return a text that is at most as wide."""
    if measured(text, size) <= width:
        return text
    while text and measured(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"
