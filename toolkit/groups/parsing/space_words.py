"""Reading Coxeter groups, ``W(E6)``, and point groups, ``PointGroup(S4)``, ``Oh``, ``D3h``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.groups.parsing.cursor import Cursor
    from toolkit.groups.specs.base import GroupSpec

    Reader = Callable[[Cursor, int], GroupSpec | None]

_TYPE = re.compile(r" *\( *([A-Z])_?\{?([0-9]{1,3})\}?(?: *\( *([0-9]{1,9}) *\))? *\)")
_SYMBOL = re.compile(r" *\(([^()]{1,40}(?:\([0-9]{1,2}\))?[^()]{0,10})\)")
_BEHIND = re.compile(r"_?\{?([1-9][0-9]{0,5})\}?_?\{?([hvdi])\}?(?![A-Za-z0-9(])")
_BEHIND_BRACED = re.compile(r"_\{([1-9][0-9]{0,5})([hvdi])\}(?![A-Za-z0-9(])")


def coxeter_group(cursor: Cursor, start: int) -> GroupSpec | None:
    """Read ``W(E6)``, ``W(I2(7))``."""
    found = _TYPE.match(cursor.text, cursor.position)
    if not found:
        return None
    from toolkit.groups.specs.coxeter import Coxeter

    letter, rank, angle = found[1], int(found[2]), int(found[3] or 0)
    if bool(found[3]) != (letter == "I"):
        return None
    with cursor.blaming(start):
        spec = Coxeter(letter, rank, angle)
    cursor.position = found.end()
    return spec


def point_group_symbol(cursor: Cursor, start: int) -> GroupSpec | None:
    """Read ``PointGroup(S4)``, ``PointGroup(m-3m)``."""
    found = _SYMBOL.match(cursor.text, cursor.position)
    if not found:
        return None
    from toolkit.groups.specs.point_groups import point_group

    with cursor.blaming(start):
        spec = point_group(found[1].strip().strip("'\""))
    cursor.position = found.end()
    return spec


def bare_point_group(symbol: str) -> Reader:
    """Return the reader of a symbol that means nothing else, such as ``Oh``."""

    def read(cursor: Cursor, start: int) -> GroupSpec | None:
        from toolkit.groups.specs.point_groups import PointGroup

        return PointGroup(symbol)

    return read


def or_point_group(letter: str, otherwise: Reader) -> Reader:
    """Return the reader of ``D3h`` and the like, else of what the letter means otherwise."""

    def read(cursor: Cursor, start: int) -> GroupSpec | None:
        for pattern in (_BEHIND, _BEHIND_BRACED):
            found = pattern.match(cursor.text, cursor.position)
            if found:
                from toolkit.groups.specs.point_groups import point_group

                with cursor.blaming(start):
                    spec = point_group(f"{letter}{found[1]}{found[2]}")
                cursor.position = found.end()
                return spec
        return otherwise(cursor, start)

    return read
