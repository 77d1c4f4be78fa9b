"""Settle which group an expression of several parts stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.groups.names.descriptions import best_names, descriptions, normal_form
from toolkit.groups.names.library_tables import library_tables, table_hint
from toolkit.groups.specs.base import GroupSpec, refusal
from toolkit.groups.specs.families import Family
from toolkit.groups.specs.tree import central_product, direct_product, semidirect_product
from toolkit.text import listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.errors import NamingError
    from toolkit.groups.names.descriptions import Ids
    from toolkit.groups.specs.expression import Expression

    Reader = Callable[[str], GroupSpec]

_SHOWN = 20

#: Names of double covers that are two groups each.
_TWO_COVERS = {
    "2.S4": ((48, 28), (48, 29)),
    "2.S5": ((240, 89), (240, 90)),
}


def library_group(name: str, read: Reader) -> GroupSpec | tuple[str, str] | None:
    """Return what the table library's name of a group stands for; ``read`` reads plain names.

    Returns
    -------
    GroupSpec, tuple or None
        The group; or a problem and a hint, where it is too large or not determined by its name;
        or ``None`` if the library has no table of this name.
    """
    found = library_tables().get(name)
    if found is None or name[0].islower():
        return None
    if found.group and not (found.solvable and "." in name):
        return read(found.group)
    if found.solvable:
        problem = "an extension that does not split is not determined by its parts"
    else:
        problem = "no library has this group itself"
    return problem, table_hint(name)


def settled(expression: Expression | GroupSpec, read: Reader) -> GroupSpec:
    """Return the group that a name stands for; ``read`` reads the plain names it may have.

    Raises
    ------
    NamingError
        If it stands for several groups, which the message lists, or for none that is known.
    """
    if isinstance(expression, GroupSpec):
        return expression
    name = expression.text
    if name in _TWO_COVERS:
        raise _several(name, _TWO_COVERS[name])
    found = library_group(name, read)
    if isinstance(found, GroupSpec):
        return found
    if found and expression.sign != "x" and not library_tables()[name].solvable:
        raise refusal(name, *found)
    table = descriptions()
    ids = table.get(normal_form(expression, table), ())
    if len(ids) == 1:
        return _group_of_id(ids[0], read)
    if ids:
        raise _several(name, ids)
    if expression.sign == "=":
        raise refusal(name, "no group of order at most 255 is known to have these descriptions")
    parts = [settled(part, read) for part in expression.parts]
    if expression.sign == "x":
        return direct_product(parts)
    if expression.sign == ":":
        return semidirect_product(*parts)
    if expression.sign == "o":
        return central_product(*parts)
    problem = "an extension that does not split is not determined by its parts"
    raise refusal(name, *(found or (problem, "use SmallGroup(n,i) or generators")))


def _group_of_id(number: tuple[int, int], read: Reader) -> GroupSpec:
    """Return a group of the small groups library, by the name of a family if it has one."""
    name = best_names().get(number)
    return read(name) if name else Family("SmallGroup", number)


def _several(name: str, ids: Ids) -> NamingError:
    shown = [f"SmallGroup({order},{index})" for order, index in ids]
    return refusal(name, f"{len(ids)} groups have this description: {listed(shown, _SHOWN)}")
