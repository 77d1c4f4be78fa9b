"""The ordinary tables of GAP's character table library, and the groups that they belong to.

The list is data, made by ``data/build_names.py`` from the library: each name by which the library
finds an ordinary table, whether its group is solvable, and a group that can be held where one is
known.
"""

from __future__ import annotations

import re
from functools import cache
from math import gcd
from typing import NamedTuple

_CLASSICAL_NAME = re.compile(r"(P?[SG][LU]|P?Sp|P?Omega)([+-]?)\(([0-9]{1,4}),([0-9]{1,9})\)")
_COXETER = {"W(E6)": "U4(2).2", "W(E7)": "2xS6(2)", "W(E8)": "2.O8+(2).2"}


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

    The library ignores case.

    Examples
    --------
    >>> library_name("u3(3)"), library_name("Fi25")
    ('U3(3)', None)
    """
    return name if name in library_tables() else _by_small_letters().get(name.lower())


#: Simple groups that the library has under other names.
_OTHER_NAMES = {
    "L2(4)": "A5", "L2(5)": "A5", "L2(7)": "L3(2)", "L2(9)": "A6", "L4(2)": "A8",
    "S4(3)": "U4(2)", "S4(2)'": "A6", "G2(2)'": "U3(3)",
}  # fmt: skip
_SUBSCRIPT = re.compile(r"(?<=[A-Za-z])_\{?([0-9]+)\}?")
_CLASSICAL = re.compile(r"^PS([LUp])\(([0-9]+),([0-9]+)\)")
_HEAD = re.compile(r"^[A-Z][0-9]\([0-9]\)'?(?=[.:])")


def usual_spelling(name: str) -> str:
    """Return the spelling of a name of the ATLAS that the library may have.

    Examples
    --------
    >>> usual_spelling("A_7.2"), usual_spelling("PSp(4,3).2"), usual_spelling("L2(9).2_1")
    ('A7.2', 'U4(2).2', 'A6.2_1')
    """
    if name in library_tables():
        return name
    plain = _SUBSCRIPT.sub(r"\1", name)
    plain = _CLASSICAL.sub(lambda m: f"{m[1].upper().replace('P', 'S')}{m[2]}({m[3]})", plain)
    other = _HEAD.sub(lambda m: _OTHER_NAMES.get(m[0], m[0]), plain)
    return plain if plain in library_tables() else other


@cache
def _by_group() -> dict[str, str]:
    return {table.group: name for name, table in reversed(library_tables().items()) if table.group}


def table_of_group(name: str) -> str | None:
    """Return the name of the table of a group by the group's canonical name, ``None`` if unknown.

    Examples
    --------
    >>> [table_of_group(name) for name in ("PSL(4,3)", "Sp(6,2)", "W(E7)", "GL(3,3)")]
    ['L4(3)', 'S6(2)', '2xS6(2)', None]
    """
    found = _COXETER.get(name) or _by_group().get(name)
    if found is None and (match := _CLASSICAL_NAME.fullmatch(name)):
        word, sign, degree, field = match[1], match[2], int(match[3]), int(match[4])
        if _is_simple_one(word, degree, field):
            letter = word.removeprefix("P")[0] if "Sp" in word or "Omega" in word else word[-1]
            found = f"{letter}{degree}{sign}({field})"
    return found if found in library_tables() else None


def _is_simple_one(word: str, degree: int, field: int) -> bool:
    """Whether a classical group is the one of its degree and field that is simple, mostly."""
    if word in ("PSL", "PSU", "PSp", "POmega"):
        return True
    if word == "Sp":
        return field % 2 == 0
    if word == "Omega":  # -1 has the determinant -1 in odd degree, and is 1 in characteristic 2
        return degree % 2 == 1 or field % 2 == 0
    units = field + (1 if word.endswith("U") else -1)
    return units == 1 if word in ("GL", "GU") else gcd(degree, units) == 1


def table_hint(name: str) -> str:
    """Return the sentence that points to a table, or the empty string if there is none."""
    found = library_name(name)
    return f"its library character table is Table({found})" if found else ""
