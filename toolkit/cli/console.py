"""Output of the commands: encodings, numbers, tables, and errors of one line."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, TextIO

from toolkit.text import shortened
from toolkit.text import table as aligned

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from toolkit.exact.cyclotomic import Cyclotomic

#: The most columns that a page takes, whatever the terminal.
PAGE_WIDTH = 100
_LEAST_WIDTH = 7
_ASCII = str.maketrans(
    {
        "─": "-",
        "·": "*",
        "…": "...",
        "±": "+-",
        "×": "x",
        "≤": "<=",
        "≥": ">=",
        "→": "->",
        "φ": "phi",
        "–": "-",
        "−": "-",
        "≈": "~",
    }
)
_PLAIN_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_ROOT = re.compile(r"√(\d+)")
_LONG_NUMBER = re.compile(r"\d{31,}")


class UsageError(Exception):
    """An option or argument that cannot be used; exit status 2."""


class Console:
    """A stream, its width, and the characters that it can encode.

    Parameters
    ----------
    stream
        Where to write; standard output, if left out.
    full
        Whether no cell of a table is cut after some lines.
    """

    def __init__(self, stream: TextIO | None = None, *, full: bool = False) -> None:
        self.full = full
        self.stream = sys.stdout if stream is None else stream
        encoding = (getattr(self.stream, "encoding", None) or "ascii").lower().replace("-", "")
        self.unicode = encoding in ("utf8", "utf8sig", "utf16", "utf32")
        self.terminal = bool(getattr(self.stream, "isatty", lambda: False)())
        self._colours = (
            self.terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        )
        self.width = PAGE_WIDTH
        if self.terminal:
            try:
                columns = os.get_terminal_size(self.stream.fileno()).columns
            except OSError:
                columns = PAGE_WIDTH
            self.width = min(PAGE_WIDTH, max(60, columns or PAGE_WIDTH))

    def plain(self, text: str) -> str:
        """Return the text in characters that the stream can encode; do this before measuring it."""
        if self.unicode or text.isascii():
            return text
        text = _RAISED.sub(lambda m: "^" + m.group().translate(_PLAIN_DIGITS), text)
        text = _ROOT.sub(r"sqrt(\1)", text).translate(_ASCII)
        return text.encode("ascii", "replace").decode("ascii")

    def write(self, *lines: str) -> None:
        """Write lines."""
        encoding = getattr(self.stream, "encoding", None) or "ascii"
        text = "".join(self.plain(line) + "\n" for line in lines)
        self.stream.write(text.encode(encoding, "replace").decode(encoding))

    def heading(self, title: str) -> str:
        """Return the line that begins a section."""
        rule = "─" * max(2, self.width - len(title) - 4)
        line = self.plain(f"── {title} {rule}")[: self.width]
        return f"\x1b[1m{line}\x1b[0m" if self._colours else line

    def bold(self, text: str) -> str:
        """Return the text in bold if the terminal can show that."""
        return f"\x1b[1m{text}\x1b[0m" if self._colours else text

    def exact(self, value: Cyclotomic) -> str:
        """Return an exact value as textbooks write it, and as GAP does where that differs."""
        gap, short = str(value), self.plain(value.pretty())
        return gap if gap == short else f"{short} = {gap}"


def one_line(text: str, most: int = 600) -> str:
    r"""Return a message as one line, numbers of more than 30 digits shortened.

    Examples
    --------
    >>> one_line("of order " + "1234567890" * 4 + ":\n too large")
    'of order 123456... (40 digits): too large'
    """

    def short(match: re.Match[str]) -> str:
        return f"{match.group()[:6]}... ({len(match.group())} digits)"

    text = _LONG_NUMBER.sub(short, " ".join(text.split()))
    return shortened(text, most)


# --- tables ---------------------------------------------------------------------------------------


class Column:
    """A column of a table.

    Parameters
    ----------
    head
        Its title.
    cells
        One text per row.
    right
        Whether cells stand to the right, as numbers do.
    fit
        In a table that is too wide: ``"wrap"`` the cells at ``" + "`` or at spaces; ``"cut"`` them
        if it is the last column.
    """

    __slots__ = ("cells", "fit", "head", "right")

    def __init__(
        self, head: str, cells: Iterable[object], *, right: bool = False, fit: str = "cut"
    ) -> None:
        self.head = head
        self.cells = [str(cell) for cell in cells]
        self.right = right
        self.fit = fit

    def in_signs_of(self, console: Console) -> Column:
        """Return the column in characters that the console can encode."""
        return Column(
            console.plain(self.head), map(console.plain, self.cells), right=self.right, fit=self.fit
        )

    @property
    def width(self) -> int:
        """The widest cell."""
        return max(map(len, (self.head, *self.cells)))


def table(console: Console, columns: Sequence[Column], indent: int = 2) -> list[str]:
    """Return the lines of a table, at most as wide as the page; empty columns are left out.

    Where it is too wide the last column and those with ``fit="wrap"`` share the room: each gets
    what it needs, or an equal part of what is left, the last one two parts.
    """
    shown = [c.in_signs_of(console) for c in columns if any(c.cells)]
    if not shown:
        return []
    last = len(shown) - 1
    room = console.width - indent - 2 * last
    flexible = [c.fit == "wrap" or i == last for i, c in enumerate(shown)]
    caps = _caps([c.width for c in shown], flexible, room)
    rows: list[tuple[str, ...]] = []
    for row in zip(*((c.head, *c.cells) for c in shown), strict=True):
        cells = [
            filled(cell, caps[i], shown[i].fit, console) if flexible[i] else [cell]
            for i, cell in enumerate(row)
        ]
        height = max(map(len, cells))
        rows += zip(*(lines + [""] * (height - len(lines)) for lines in cells), strict=True)
    right = [i for i, c in enumerate(shown) if c.right]
    return aligned(rows, right=right, indent=indent)


def _caps(widths: Sequence[int], flexible: Sequence[bool], room: int) -> list[int]:
    """Return the widths of columns, those of flexible ones reduced, to not less than 7."""
    cap = max(widths)

    def reduced() -> list[int]:
        *others, last = (
            min(width, cap) if f else width for width, f in zip(widths, flexible, strict=True)
        )
        left = room - sum(others)
        return [*others, min(widths[-1], max(last, min(2 * cap, left)))]

    while cap > _LEAST_WIDTH and sum(reduced()) > room:
        cap -= 1
    return reduced()


def filled(text: str, room: int, fit: str, console: Console, most: int = 6) -> list[str]:
    """Return a text in lines of at most ``room``: cut at the end, or wrapped between its terms.

    At most ``most`` lines, unless the console shows all.
    """
    dots = console.plain("…")
    if len(text) <= room:
        return [text]
    if fit == "cut":
        return [text[: max(0, room - len(dots))] + dots]
    joint, lead = (" + ", "+ ") if " + " in text else (" ", "")
    lines: list[str] = []
    for term in text.split(joint):
        if lines and len(lines[-1]) + len(joint) + len(term) <= room:
            lines[-1] += joint + term
        else:
            lines.append((lead if lines else "") + term)
    lines = [x if len(x) <= room else x[: max(0, room - len(dots))] + dots for x in lines]
    if len(lines) > most and not console.full:
        kept = lines[:most]
        kept[-1] = kept[-1][: max(0, room - len(dots) - 1)] + " " + dots
        return kept
    return lines


def wrapped(text: str, console: Console, indent: str = "  ", hang: str = "") -> list[str]:
    """Return a text in lines between words; a word that is longer than a line is cut."""
    dots = console.plain("…")
    lines: list[str] = []
    now = ""
    for word in console.plain(text).split(" "):
        lead = indent + hang if lines else indent
        most = console.width - len(lead)
        if now and len(now) + 1 + len(word) <= most:
            now += " " + word
            continue
        if now:
            lines.append(lead + now)
            most = console.width - len(indent + hang)
        now = word if len(word) <= most else word[: most - len(dots)] + dots
    return [*lines, (indent + hang if lines else indent) + now]


def labelled(
    console: Console,
    rows: Sequence[tuple[str, str]],
    *,
    indent: str = "  ",
    most: int | None = None,
) -> list[str]:
    """Return labels with texts beside them, wrapped, of each at most ``most`` lines."""
    width = max((len(label) for label, _ in rows), default=0)
    out = []
    for label, text in rows:
        front = f"{indent}{label.ljust(width)}  "
        lines = wrapped(text, console, " " * len(front))
        if most is not None and len(lines) > most:
            dots = console.plain(" …")
            lines = lines[:most]
            lines[-1] = lines[-1][: console.width - len(dots)].rstrip() + dots
        out += [front + lines[0][len(front) :], *lines[1:]]
    return out


def blocks(
    console: Console, keys: Sequence[Column], columns: Sequence[Column], indent: int = 2
) -> list[list[str]]:
    """Return a table split into blocks that fit the page, each with the key columns in front."""
    columns = [c.in_signs_of(console) for c in columns]
    front = sum(c.in_signs_of(console).width + 2 for c in keys) + indent
    out: list[list[Column]] = []
    used = console.width + 1
    for column in columns:
        if used + 2 + column.width > console.width:
            out.append([])
            used = front - 2
        out[-1].append(column)
        used += 2 + column.width
    return [table(console, [*keys, *block], indent) for block in out]
