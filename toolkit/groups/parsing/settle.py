"""Settle which group an expression of several parts stands for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from toolkit.groups.names.descriptions import as_printed, best_names, descriptions, normal_form
from toolkit.groups.names.library_tables import (
    library_name,
    library_tables,
    table_hint,
    usual_spelling,
)
from toolkit.groups.parsing.small_words import affine_maps
from toolkit.groups.specs.base import GroupSpec, refusal
from toolkit.groups.specs.expression import Expression
from toolkit.groups.specs.families import Family
from toolkit.groups.specs.family_row import prime_power
from toolkit.groups.specs.tree import central_product, direct_product, semidirect_product
from toolkit.text import listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.errors import NamingError
    from toolkit.groups.names.descriptions import Ids

    Reader = Callable[[str], GroupSpec]

_SHOWN = 20
_NOT_DETERMINED = "an extension that does not split is not determined by its parts"
_NOT_HELD = "no library has this group itself"

#: Names that stand for several groups, where the table library has one of them only.
_SEVERAL_GROUPS = {
    "2^4:A5": ((960, 11357), (960, 11358)),
    "2^4:S5": ((1920, 240507), (1920, 240993), (1920, 240996)),
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
    spelt = None if name[:1].islower() else library_name(usual_spelling(name))
    if spelt is None:
        return None
    found = library_tables()[spelt]
    if found.group and not (found.solvable and "." in name):
        return read(found.group)
    if found.solvable:
        return _NOT_DETERMINED, table_hint(spelt)
    return _NOT_HELD, table_hint(spelt)


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
    if name in _SEVERAL_GROUPS:
        raise _several(name, _SEVERAL_GROUPS[name])
    if affine := _affine(name):
        return affine
    table = descriptions()
    ids = table.get(as_printed(name)) or table.get(normal_form(expression, table), ())
    if len(ids) > 1 and _cannot_be_faithful(name):
        raise _several(name, ids)
    found = library_group(name, read)
    if isinstance(found, GroupSpec):
        return found
    if found and expression.sign != "x" and found[0] == _NOT_HELD:
        raise refusal(name, *found)
    if classical := _cover(expression) or _with_automorphism(expression):
        return classical
    if expression.sign == ":" and name.rpartition(":")[2].isdigit():
        found = library_group(".".join(name.rsplit(":", 1)), read)  # M22:2 is M22.2 there
        if isinstance(found, GroupSpec):
            return found
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
    usual = usual_spelling(name)
    if similar := [other for other in library_tables() if _is_variant(other, usual)]:
        raise refusal(name, f"{len(similar)} groups are of this form: {listed(similar, _SHOWN)}")
    raise refusal(name, *(found or (_NOT_DETERMINED, "use SmallGroup(n,i) or generators")))


_BARE = re.compile(r"([0-9]{1,6})(?:\^([0-9]{1,2}))?:([0-9]{1,6})")
_LARGEST_PRIME = 1000


def _affine(name: str) -> GroupSpec | None:
    """Return the group of x -> ux + t that bare numbers mean, ``13:4``, ``2^5:31``.

    As in the ATLAS the action is faithful, u of the order behind the colon.
    """
    found = _BARE.fullmatch(name)
    if not found:
        return None
    prime, power, top = int(found[1]), int(found[2] or 1), int(found[3])
    if prime_power(prime) != (prime, 1) or top < 3 or prime**power > _LARGEST_PRIME:
        return None
    if top == prime**power - 1:
        return Family("AGL", (1, prime**power))
    if power > 1 or (prime - 1) % top or name in library_tables():
        return None
    return affine_maps(prime, [u for u in range(2, prime) if _order(u, prime) == top][:1])


def _cannot_be_faithful(name: str) -> bool:
    """Whether bare numbers ``5:8`` have no faithful action, which they would mean."""
    found = _BARE.fullmatch(name)
    return bool(found and not found[2] and (int(found[1]) - 1) % max(1, int(found[3])))


def _order(u: int, prime: int) -> int:
    power, count = u, 1
    while power != 1:
        power, count = power * u % prime, count + 1
    return count


def _is_variant(other: str, name: str) -> bool:
    """Whether the library's name of a table is another one with a number, ``A6.2_1``."""
    return other.startswith(f"{name}_") and other[len(name) + 1 :].isdigit()


def _cover(expression: Expression) -> GroupSpec | None:
    """Return the classical group that ``2.L2(7)`` stands for: scalars below a simple group."""
    below, above = expression.parts[:2]
    if not isinstance(below, Family) or below.family != "C" or not isinstance(above, Family):
        return None
    if expression.sign != ".":
        return None
    word = {"PSL": "SL", "PSU": "SU", "PSp": "Sp"}.get(above.family)
    if word is None:
        return None
    cover, order = Family(word, above.numbers), above.order
    return cover if order and cover.order == order * below.numbers[0] else None


def _with_automorphism(expression: Expression) -> GroupSpec | None:
    """Return PGL(2,p) for ``L2(p).2`` and ``L2(p):2``, p an odd prime: there is no other one."""
    match expression:
        case Expression(sign="." | ":", parts=(Family("PSL", (2, prime)), Family("C", (2,)))):
            if prime > 2 and prime_power(prime) == (prime, 1):
                return Family("PGL", (2, prime))
    return None


def _group_of_id(number: tuple[int, int], read: Reader) -> GroupSpec:
    """Return a group of the small groups library, by the name of a family if it has one."""
    name = best_names().get(number)
    return read(name) if name else Family("SmallGroup", number)


def _several(name: str, ids: Ids) -> NamingError:
    shown = [f"SmallGroup({order},{index})" for order, index in ids]
    return refusal(name, f"{len(ids)} groups have this description: {listed(shown, _SHOWN)}")
