"""What a notebook shows of an object, made by a room above the one that the object is of.

IPython asks an object for ``_repr_html_``, ``_repr_svg_``, ``_repr_png_`` and ``_repr_latex_``.
Where these return ``None`` the ``repr`` is shown; so it is where an answer is not known. GAP is
not started. ``print`` shows tables as text.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from toolkit.errors import ToolkitError


class Tabulated:
    """An object that a notebook shows as a table, made by :mod:`toolkit.formats.notebook`."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        shown: str | None = _made("toolkit.formats.notebook", "to_html", self)
        return shown

    def _repr_latex_(self) -> str | None:
        shown: str | None = _made("toolkit.formats.notebook", "to_latex", self)
        return shown


class PrintedTable(Tabulated):
    """A table that ``print`` shows as text, made by :mod:`toolkit.formats.cut_tables`."""

    __slots__ = ()

    def __str__(self) -> str:
        shown: str | None = _made("toolkit.formats.cut_tables", "to_text", self)
        return repr(self) if shown is None else shown


class Pictured:
    """An object that a notebook shows as a picture, made by :mod:`toolkit.figures.notebook`."""

    __slots__ = ()

    def _repr_svg_(self) -> str | None:
        shown: str | None = _made("toolkit.figures.notebook", "to_svg", self)
        return shown

    def _repr_png_(self) -> bytes | None:
        shown: bytes | None = _made("toolkit.figures.notebook", "to_png", self)
        return shown


def _made(module: str, function: str, thing: object) -> Any:  # noqa: ANN401
    try:
        return getattr(import_module(module), function)(thing)
    except ToolkitError:
        return None
