"""The public names and commands of the toolkit, each name with the page where it is documented.

Nothing here needs Sphinx, so that a test can look where the site does.
"""

from __future__ import annotations

import importlib
import inspect
import os
import re
import warnings
from dataclasses import dataclass
from functools import cache

#: The packages whose ``__all__`` is public, in the order of the pages about them.
ROOMS = (
    "toolkit", "toolkit.library", "toolkit.groups", "toolkit.modules", "toolkit.pl", "toolkit.nn",
    "toolkit.interpret", "toolkit.catalog", "toolkit.figures", "toolkit.formats", "toolkit.testing",
    "toolkit.exact", "toolkit.errors", "toolkit.settings", "toolkit.store", "toolkit.gap",
)  # fmt: skip


@dataclass(frozen=True)
class Public:
    """A public name.

    Attributes
    ----------
    name
        The name, from ``toolkit`` on.
    page
        The name under which the same object is documented: the first one, room by room.
    kind
        ``"function"``, ``"class"``, ``"exception"``, ``"module"`` or ``"data"``.
    """

    name: str
    page: str
    kind: str

    @property
    def room(self) -> str:
        """The package that it is a name of."""
        return self.name.rpartition(".")[0]


def found(name: str) -> object:
    """Return the object of a public name."""
    room, _, last = name.rpartition(".")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return getattr(importlib.import_module(room), last)


@cache
def public_names() -> dict[str, Public]:
    """Return every public name."""
    pages: dict[int, str] = {}
    names = {}
    for room in ROOMS:
        for last in sorted(importlib.import_module(room).__all__):
            name = f"{room}.{last}"
            thing = found(name)
            kind = kind_of(thing)
            page = name if kind == "data" else pages.setdefault(id(thing), name)
            names[name] = Public(name, page, kind)
    return names


def kind_of(thing: object) -> str:
    """Return which kind of page an object has."""
    if inspect.ismodule(thing):
        return "module"
    if inspect.isclass(thing):
        return "exception" if issubclass(thing, BaseException) else "class"
    return "function" if callable(thing) else "data"


@cache
def pages_by_object() -> dict[int, str]:
    """Return the documented name of each object, by its identity."""
    return {
        id(found(public.name)): public.page
        for public in public_names().values()
        if public.kind != "data"
    }


def members(thing: type) -> list[str]:
    """Return the names of the public members that the toolkit defines, sorted."""
    return sorted(
        {
            name
            for base in thing.__mro__
            if base.__module__.startswith("toolkit")
            for name in vars(base)
            if not name.startswith("_")
        }
    )


def first_line(thing: object) -> str:
    """Return the first sentence of an object's docstring, without the stop."""
    text = inspect.getdoc(thing) or ""
    return " ".join(text.partition("\n\n")[0].split()).removesuffix(".")


def sections(thing: object) -> set[str]:
    """Return the names of the sections of an object's docstring."""
    text = inspect.getdoc(thing) or ""
    return set(re.findall(r"^([A-Z][A-Za-z ]+)\n-{3,}$", text, re.MULTILINE))


def help_of(command: str) -> str:
    """Return the help of a command, on lines of at most 100 characters."""
    from toolkit.cli.main import command_parser

    os.environ["COLUMNS"] = "100"
    return command_parser(command).format_help()
