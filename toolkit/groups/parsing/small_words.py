"""Reading names of few groups: exceptional groups in small cases, holomorphs, ``OD16``, ``Klein``.

The smallest groups of some families of Lie type are not perfect: their names, and those of their
derived subgroups with a prime, mean the groups of other families that they are isomorphic to.
"""

from __future__ import annotations

import re
from math import gcd
from typing import TYPE_CHECKING

from toolkit.groups.specs.base import GroupSpec, refusal
from toolkit.groups.specs.families import Family
from toolkit.groups.specs.family_row import prime_power
from toolkit.groups.specs.tree import direct_product

if TYPE_CHECKING:
    from toolkit.groups.parsing.cursor import Cursor

_LARGEST_HOLOMORPH = 1000
_G2 = re.compile(r"_?\{?2\}? *\( *2 *\)('?)(?![A-Za-z0-9'_])")
_FOUR = re.compile(r"(?:4|FourGroup)?(?![A-Za-z0-9])")
_OF_CYCLIC = re.compile(r" *\( *(?:C_?|Z_?|Z/)\{?([0-9]{1,9})\}?Z? *\)")
_NUMBER = re.compile(r"_?\{?([0-9]{1,12})\}?")


def tits_group() -> GroupSpec:
    """Return the Tits group 2F4(2)', on 1600 points."""
    return Family("PrimitiveGroup", (1600, 20))


def suzuki_group(field: int) -> GroupSpec:
    """Return Sz(q), of order 20 for q = 2."""
    return Family("AGL", (1, 5)) if field == 2 else Family("Sz", (field,))


def ree_group(field: int, prime: str) -> GroupSpec | None:
    """Return the Ree group of a field of characteristic 3, its derived subgroup for a prime."""
    if not prime:
        return Family("Ree", (field,))
    return Family("PSL", (2, 8)) if field == 3 else None


def twisted(found: re.Match[str]) -> GroupSpec:
    """Return ``2B2(8)``, ``2G2(27)``, ``2F4(2)``, ``2F4(2)'`` and ``2G2(3)'``."""
    word, field, prime = found[1], int(found[2]), found[3]
    if word == "B" and not prime:
        return suzuki_group(field)
    if word == "F":
        return tits_group() if prime else Family("PrimitiveGroup", (1755, 2))
    out = None if word == "B" and prime else ree_group(field, prime)
    if out is None:
        raise refusal(found.group(), "a prime is read after 2F4(2), 2G2(3), G2(2) and S4(2)")
    return out


#: What :func:`twisted` returns the group of.
TWISTED_NAME = re.compile(
    r"2(?:(?=F4 *\( *2 *\)|B2|G2)([BGF])[24]) *\( *([0-9]{1,9}) *\)('?)(?![A-Za-z0-9'_])"
)


def exceptional(cursor: Cursor, start: int) -> GroupSpec | None:
    """Read ``G2(2)`` and ``G2(2)'``; the simple groups of this type are the table library's."""
    found = _G2.match(cursor.text, cursor.position)
    if not found:
        return None
    cursor.position = found.end()
    return Family("PSU", (3, 3)) if found[1] else Family("PrimitiveGroup", (28, 5))


def tits(cursor: Cursor, start: int) -> GroupSpec | None:
    """Read ``Tits``."""
    return tits_group()


def klein(cursor: Cursor, start: int) -> GroupSpec | None:
    """Read ``Klein``, ``Klein4``."""
    found = _FOUR.match(cursor.text, cursor.position)
    if not found:
        return None
    cursor.position = found.end()
    return direct_product([Family("C", (2,))] * 2)


def modular(cursor: Cursor, start: int) -> GroupSpec | None:
    """Read ``OD16``, the modular group M4(2)."""
    found = _NUMBER.match(cursor.text, cursor.position)
    if not found:
        return None
    order = int(found[1])
    with cursor.blaming(start):
        if order < 16 or order & (order - 1):
            raise refusal(
                f"OD{order}",
                "OD16 means the modular group M4(2) of order 16, so the number must be a power of "
                "two and at least 16",
            )
        spec = Family("Mod", (order.bit_length() - 1, 2))
    cursor.position = found.end()
    return spec


def holomorph(cursor: Cursor, start: int) -> GroupSpec | None:
    """Read ``Hol(C8)``: the maps x -> ux + t of the integers modulo 8."""
    found = _OF_CYCLIC.match(cursor.text, cursor.position)
    n = int(found[1]) if found else 0
    with cursor.blaming(start):
        if not found or not 1 <= n <= _LARGEST_HOLOMORPH:
            raise refusal(
                "Hol",
                f"holomorphs are read of the cyclic groups C1 to C{_LARGEST_HOLOMORPH}",
                "for instance Hol(C8)",
            )
    cursor.position = found.end()
    if n == 1:
        return Family("C", (1,))
    if prime_power(n) == (n, 1):
        return Family("AGL", (1, n))
    return affine_maps(n, [u for u in range(2, n) if gcd(u, n) == 1])


def affine_maps(n: int, units: list[int]) -> GroupSpec:
    """Return the group of the maps x -> ux + t modulo n, u in the group that units generate.

    Examples
    --------
    >>> affine_maps(7, [2]).name
    '<(1,2,3,4,5,6,7), (2,3,5)(4,7,6)>'
    """
    from toolkit.groups.from_data import spec_from_permutations

    images, reached = [[(x + 1) % n for x in range(n)]], {1}
    for u in units:
        if u not in reached:
            images.append([u * x % n for x in range(n)])
            powers = [1]
            while (power := powers[-1] * u % n) != 1:
                powers.append(power)
            reached = {a * b % n for a in reached for b in powers}
    return spec_from_permutations(images)
