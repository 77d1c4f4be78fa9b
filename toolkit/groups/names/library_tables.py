"""The ordinary tables of GAP's character table library, and the groups that they belong to.

The list is data, made by ``data/build_names.py`` from the library: each name by which the library
finds an ordinary table, whether its group is solvable, and a group that can be held where one is
known.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple


class LibraryTable(NamedTuple):
    """What is known of a table: its group's name, or the empty string; whether it is solvable."""

    group: str
    solvable: bool


@cache
def library_tables() -> dict[str, LibraryTable]:
    """Return the ordinary tables by their names, without white space.

    Examples
    --------
    >>> library_tables()["A5.2"], library_tables()["M"].group
    (LibraryTable(group='S5', solvable=False), '')
    """
    from importlib.resources import files  # names without extensions need no table

    lines = files("toolkit.groups.names").joinpath("library_tables.tsv").read_text("utf-8")
    out = {}
    for line in lines.splitlines():
        name, group, solvable = line.split("\t")
        out[name] = LibraryTable(group, solvable == "s")
    return out


@cache
def _by_small_letters() -> dict[str, str]:
    return {name.lower(): name for name in reversed(library_tables())}


def library_name(name: str) -> str | None:
    """Return the library's spelling of a table's name, or ``None`` if there is no such table.

    Capital and small letters are the same to the library.

    Examples
    --------
    >>> library_name("u3(3)"), library_name("Fi25")
    ('U3(3)', None)
    """
    return name if name in library_tables() else _by_small_letters().get(name.lower())


def table_hint(name: str) -> str:
    """Return the sentence that points to a table, or the empty string if there is none."""
    found = library_name(name)
    return f"its library character table is Table({found})" if found else ""
