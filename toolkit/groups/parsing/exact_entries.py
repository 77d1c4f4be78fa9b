"""Reading the entries of matrices: integers, fractions, sums of roots of unity, powers of z."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.groups.parsing.cursor import Cursor
from toolkit.groups.specs.exact_matrices import MAX_CONDUCTOR

_FIELD_ELEMENT = re.compile(r"Z *\(")
_STARTS_ROOT = re.compile(r"E *\(")
_STARTS_TERM = re.compile(r"[+-] *(?:[0-9]|E *\()")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a matrix and where it stands.

    Parameters
    ----------
    at
        Its place in the text.
    exponent
        k for z^k, else ``None``.
    value
        The number; 0 for a power of z.
    """

    at: int
    exponent: int | None
    value: Cyclotomic

    @property
    def integer(self) -> int | None:
        """The integer that this is, or ``None``."""
        return self.value.to_int() if self.exponent is None and self.value.is_integer else None


def read_number(text: str) -> Cyclotomic:
    """Return the number that a whole text is.

    Raises
    ------
    NamingError
        If it is none.

    Examples
    --------
    >>> str(read_number("-E(5)-E(5)^4"))
    '-E(5)-E(5)^4'
    """
    cursor = Cursor(text)
    entry = read_entry(cursor)
    if entry.exponent is not None or cursor.peek():
        raise cursor.error(
            "a sum of fractions times roots of unity is needed", 'for instance "1/2*E(3)"'
        )
    return entry.value


def read_entry(cursor: Cursor) -> Entry:
    """Read ``-1``, ``2/3``, ``z^5``, ``1/2*E(5)-E(5)^4``.

    Examples
    --------
    >>> from toolkit.groups.parsing.cursor import Cursor
    >>> str(read_entry(Cursor("1/2*E(8)-1/2*E(8)^3")).value), read_entry(Cursor("z^2")).exponent
    ('1/2*E(8)-1/2*E(8)^3', 2)
    """
    at = cursor.here()
    if cursor.take("z"):
        power = cursor.signed_integer("the exponent of z") if cursor.take("^") else 1
        return Entry(at, power, Cyclotomic.from_int(0))
    if cursor.at(_FIELD_ELEMENT):
        raise cursor.error(
            "elements of a finite field are written 0, 1, z and powers z^k, where z is GAP's Z(q) "
            "of the field that is named after the matrices",
            "for instance <[[z,0],[0,z^2]] | GF(4)>",
        )
    if cursor.starts("("):
        raise cursor.error(
            "an entry has no parentheses: it is a sum of fractions times roots of unity",
            "for instance 1/3*E(3)+2/3",
        )
    value = _term(cursor)
    while cursor.at(_STARTS_TERM):
        value = value + _term(cursor)
    return Entry(at, None, value)


def _term(cursor: Cursor) -> Cyclotomic:
    sign = -1 if cursor.take("-") else 1
    if sign == 1:
        cursor.take("+")
    factor = Fraction(sign)
    if not cursor.at(_STARTS_ROOT):
        factor *= cursor.integer("an entry")
        if cursor.take("/"):
            below = cursor.integer("the denominator of an entry")
            if not below:
                raise cursor.error("the denominator of an entry must not be 0")
            factor /= below
        if not cursor.take("*"):
            return Cyclotomic.from_fraction(factor)
    if not cursor.at(_STARTS_ROOT):
        raise cursor.error(f"a root of unity is needed here, not {cursor.found()}", "such as E(3)")
    cursor.take("E")
    cursor.take("(")
    at = cursor.here()
    order = cursor.integer("the order of a root of unity")
    cursor.expect(")", "the order of a root of unity")
    if not 1 <= order <= MAX_CONDUCTOR:
        raise cursor.error(f"the order of a root of unity is 1 to {MAX_CONDUCTOR:,}", at=at)
    cursor.spend(order)
    power = cursor.signed_integer("the exponent of a root of unity") if cursor.take("^") else 1
    return Cyclotomic.root_of_unity(order, power % order).scaled(factor)
