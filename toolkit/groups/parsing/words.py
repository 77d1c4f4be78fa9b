"""Reading one group: families, libraries, labels, and the symbols that lists of groups use.

:data:`WORDS` has one reader for each word that starts a name, :data:`NUMERALS` one pattern for each
kind of name that starts with a digit. A new family needs a row of
:data:`toolkit.groups.specs.families.FAMILIES`, or an entry here.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from toolkit.groups.parsing.small_words import (
    TWISTED_NAME,
    exceptional,
    holomorph,
    klein,
    modular,
    ree_group,
    suzuki_group,
    tits,
    twisted,
)
from toolkit.groups.parsing.space_words import (
    bare_point_group,
    coxeter_group,
    or_point_group,
    point_group_symbol,
)
from toolkit.groups.specs.base import GroupSpec, refusal
from toolkit.groups.specs.classical import CLASSICAL, ORTHOGONAL
from toolkit.groups.specs.families import FAMILIES, Family, Table
from toolkit.groups.specs.family_row import prime_power
from toolkit.groups.specs.sporadic import SPORADIC, Sporadic
from toolkit.groups.specs.tree import direct_product

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.groups.names.descriptions import Ids
    from toolkit.groups.parsing.cursor import Cursor

_DIGIT = re.compile(r"[0-9]")
_ONE = re.compile(r" *\( *([0-9]{1,15}) *\)")
_FIELD = r"(?:GF *\( *([0-9]{1,9}) *\)|F_?([0-9]{1,9})|([0-9]{1,9}))"
_DEGREE_FIELD = re.compile(rf"_?\{{?([0-9]{{1,4}})\}}?\^?([+-]?) *\( *{_FIELD} *\)")
_PAIR = re.compile(rf"([+-]?) *\( *(?:([+-]?1) *, *)?([0-9]{{1,9}}) *, *{_FIELD} *\)")
_MODULUS = re.compile(r" */ *(?:\( *([0-9]{1,9}) *\)|([0-9]{1,9})Z?)")
_NUMBERS = re.compile(r" *\( *\[? *([0-9]{1,9}(?: *, *[0-9]{1,9})*) *\]? *\)")


def _family(word: str, cursor: Cursor, start: int) -> GroupSpec | None:
    """Read a letter and its number: ``C8``, ``C_8``, ``D_{10}``."""
    number = _number_behind(cursor)
    if number is None:
        return None
    with cursor.blaming(start):
        return Family(word, (number,))


def _number_behind(cursor: Cursor) -> int | None:
    """Read a number that may be a subscript, as in ``C_8``, ``D_{10}``."""
    behind = cursor.position
    cursor.take("_")
    braced = cursor.take("{")
    if not cursor.at(_DIGIT):
        cursor.position = behind
        return None
    number = cursor.integer("the number")
    if braced:
        cursor.expect("}", "the number")
    return number


def _long_name(word: str, cursor: Cursor, start: int) -> GroupSpec | None:
    """Read ``CyclicGroup(5)`` and the like, GAP's functions with one number."""
    found = _ONE.match(cursor.text, cursor.position)
    if not found:
        return None
    cursor.position = found.end()
    number = int(found[1])
    with cursor.blaming(start):
        if word == "Q" and number >= 8 and number % 4 == 0 and number & (number - 1):
            return Family("Dic", (number // 4,))
        return Family(word, (number,))


def _dicyclic_group(cursor: Cursor, start: int) -> GroupSpec | None:
    found = _ONE.match(cursor.text, cursor.position)
    if not found:
        return None
    order = int(found[1])
    with cursor.blaming(start):
        if order % 4 or order < 8:
            raise refusal(
                f"DicyclicGroup({order})",
                "the order of a dicyclic group is a multiple of 4, and at least 8",
            )
        cursor.position = found.end()
        return _long_name_of_order(order)


def _long_name_of_order(order: int) -> Family:
    return Family("Dic", (order // 4,)) if order & (order - 1) else Family("Q", (order,))


def _two_numbers(word: str, cursor: Cursor, start: int) -> GroupSpec | None:
    """Read a pair in parentheses, as of ``SmallGroup(24,12)``."""
    if not cursor.starts("("):
        return None
    cursor.expect("(", word)
    listed = cursor.take("[")
    first = cursor.integer(f"the first number of {word}")
    if not cursor.take(","):
        example = Family(word, FAMILIES[word].example).name
        raise cursor.error(
            f"{word} has two numbers, separated by a comma", f"for instance {example}"
        )
    second = cursor.integer(f"the second number of {word}")
    if listed:
        cursor.expect("]", f"the second number of {word}")
    cursor.expect(")", f"the second number of {word}")
    with cursor.blaming(start):
        return Family(word, (first, second))


def _classical(word: str, cursor: Cursor, start: int) -> GroupSpec | None:
    """Read ``SL(2,3)``, ``SL2(3)``, ``SL_2(F_3)``, ``SO+(4,3)``, ``SO(-1,4,3)``, ``SO4-(3)``."""
    name = word
    if found := _DEGREE_FIELD.match(cursor.text, cursor.position):
        degree, sign, *fields = found.groups()
    elif found := _PAIR.match(cursor.text, cursor.position):
        sign, type_number, degree, *fields = found.groups()
        sign = sign or {"1": "+", "+1": "+", "-1": "-"}.get(type_number or "", "")
    else:
        return _two_numbers(word, cursor, start) if word in FAMILIES else None
    if sign and word not in ORTHOGONAL:
        return None
    cursor.position = found.end()
    field = int(next(filter(None, fields)))
    if (word, int(degree), field) == ("Sp", 4, 2) and cursor.take("'"):
        return Family("A", (6,))
    with cursor.blaming(start):
        return Family(name + sign, (int(degree), field))


def _conformal_unitary(cursor: Cursor, start: int) -> GroupSpec | None:
    """Read ``CSU(2,3)``, the binary octahedral group, and ``CSU(2,5)``."""
    family = _classical("SL", cursor, start)
    known = {(2, 3): (48, 28), (2, 5): (240, 89)}
    if not isinstance(family, Family) or family.numbers not in known:
        return None
    return Family("SmallGroup", known[family.numbers])


#: Letters of the ATLAS with a degree and a field: the simple groups.
_ATLAS = {"L": "PSL", "S": "PSp", "U": "PSU"}


def _atlas(word: str, cursor: Cursor, start: int) -> GroupSpec | None:
    """Read ``L2(7)``, ``U_3(3)``, ``S4(3)``, ``O7(3)``, ``O8+(2)``."""
    found = _DEGREE_FIELD.match(cursor.text, cursor.position)
    if not found:
        return None
    degree, sign, *fields = found.groups()
    family = _ATLAS.get(word, "POmega")
    if sign and word != "O":
        return None
    cursor.position = found.end()
    if found.group().strip("_") == "4(2)" and word == "S" and cursor.take("'"):
        return Family("A", (6,))
    with cursor.blaming(start):
        return Family(family + sign, (int(degree), int(next(filter(None, fields)))))


def _symmetric(cursor: Cursor, start: int) -> GroupSpec | None:
    return _atlas("S", cursor, start) or _family("S", cursor, start)


def _orthogonal(cursor: Cursor, start: int) -> GroupSpec | None:
    """Read the ATLAS's simple ``O7(3)``, and ``O(7,3)`` for all orthogonal matrices."""
    return _atlas("O", cursor, start) or _classical("GO", cursor, start)


_MODULAR = re.compile(r"_?\{?([0-9]{1,2})\}? *\( *([0-9]{1,5}) *\)")


def _mathieu(cursor: Cursor, start: int) -> GroupSpec | None:
    """Read ``M11``, and the modular group ``M4(2)`` of order 16."""
    found = _MODULAR.match(cursor.text, cursor.position)
    if not found:
        return _family("M", cursor, start)
    cursor.position = found.end()
    with cursor.blaming(start):
        return Family("Mod", (int(found[1]), int(found[2])))


def _field_only(word: str, cursor: Cursor, start: int) -> GroupSpec | None:
    """Read ``Sz(8)``, ``Ree(27)``, ``Ree(3)'``."""
    found = re.compile(rf" *\( *{_FIELD} *\)").match(cursor.text, cursor.position)
    if not found:
        return None
    cursor.position = found.end()
    field = int(next(filter(None, found.groups())))
    with cursor.blaming(start):
        if word == "Sz":
            return suzuki_group(field)
        return ree_group(field, "'" if field == 3 and cursor.take("'") else "")


def _integers_modulo(cursor: Cursor, start: int) -> GroupSpec | None:
    """Read ``Z8``, ``Z/8``, ``Z/8Z``, ``Z/(8)``."""
    found = _MODULUS.match(cursor.text, cursor.position)
    if not found:
        return _family("C", cursor, start)
    cursor.position = found.end()
    with cursor.blaming(start):
        return Family("C", (int(found[1] or found[2]),))


def _four_group(cursor: Cursor, start: int) -> GroupSpec | None:
    if _number_behind(cursor) != 4:
        return None
    return direct_product([Family("C", (2,))] * 2)


def _abelian(cursor: Cursor, start: int) -> GroupSpec | None:
    """Read ``AbelianGroup([2,4])``, the direct product of cyclic groups."""
    found = _NUMBERS.match(cursor.text, cursor.position)
    if not found:
        return None
    cursor.position = found.end()
    with cursor.blaming(start):
        return direct_product([Family("C", (int(n),)) for n in found[1].split(",")])


def _elementary_abelian(cursor: Cursor, start: int) -> GroupSpec | None:
    found = _ONE.match(cursor.text, cursor.position)
    power = prime_power(int(found[1])) if found else None
    if not found or not power:
        return None
    cursor.position = found.end()
    return direct_product([Family("C", (power[0],))] * power[1])


def _frobenius(cursor: Cursor, start: int) -> GroupSpec | None:
    """Read ``F7``, the affine group of a field, and ``F21``, the Frobenius group of that order."""
    number = _number_behind(cursor)
    if number is None or cursor.text[cursor.position : cursor.position + 1] in ("(", "+"):
        return None
    from toolkit.groups.names.descriptions import frobenius_groups

    with cursor.blaming(start):
        if 2 < number < 2**16 and prime_power(number):
            return Family("AGL", (1, number))
        return _of_ids(f"F{number}", frobenius_groups().get(number, ()))


def _of_ids(name: str, ids: Ids) -> GroupSpec:
    if len(ids) == 1:
        return Family("SmallGroup", ids[0])
    if ids:
        shown = ", ".join(f"SmallGroup({order},{index})" for order, index in ids)
        raise refusal(name, f"{len(ids)} Frobenius groups have this order: {shown}")
    raise refusal(
        name,
        "F7 means the affine group AGL(1,7) of a field, or F21 the Frobenius group of order 21, "
        "up to order 255; no such group has this number",
    )


def _held(cursor: Cursor, start: int) -> GroupSpec | None:
    """Read ``He3``, the Heisenberg group of order 27, and ``He``, the sporadic group."""
    return _family("He", cursor, start) or Sporadic("He")


def _sporadic(word: str, cursor: Cursor, start: int) -> GroupSpec | None:
    digits = re.compile(r"_?([0-9]{0,2})(?![0-9])").match(cursor.text, cursor.position)
    name = word + (digits[1] if digits else "")
    if digits is None or name not in SPORADIC:
        return None
    cursor.position = digits.end()
    return Sporadic(name)


_EXTRASPECIAL_GROUP = re.compile(
    r" *\( *([0-9]{1,9}) *, *(?:['\"]?([+-])1?['\"]?|([0-9]{1,9})) *\)"
)
_EXTRASPECIAL_PAIR = re.compile(r"([+-]) *\( *([0-9]{1,5}) *, *([0-9]{1,2}) *\)")


def _extraspecial_group(cursor: Cursor, start: int) -> GroupSpec | None:
    """Read ``ExtraspecialGroup(32, '-')``, and ``ExtraspecialGroup(27, 3)`` by the exponent."""
    found = _EXTRASPECIAL_GROUP.match(cursor.text, cursor.position)
    power = prime_power(int(found[1])) if found else None
    if not found or not power or power[1] < 3:
        return None
    prime = power[0]
    sign = found[2] or {prime: "+", prime * prime: "-"}.get(int(found[3]), "")
    with cursor.blaming(start):
        if not found[2] and (prime == 2 or not sign):
            raise refusal(
                f"ExtraspecialGroup{found.group()}",
                "for order p^(1+2n) with p odd the exponent must be p or p^2, and for p = 2 two "
                "groups have the exponent 4",
                f"write ExtraspecialGroup({found[1]},+) or ExtraspecialGroup({found[1]},-)"
                if power[1] % 2
                else "",
            )
        cursor.position = found.end()
        return Family(f"ES{sign}", (prime, power[1] - 1))


def _extraspecial_symbol(cursor: Cursor, start: int) -> GroupSpec | None:
    """Read ``ES-(2,2)``: order 2^(1+2*2)."""
    found = _EXTRASPECIAL_PAIR.match(cursor.text, cursor.position)
    if not found:
        return None
    cursor.position = found.end()
    with cursor.blaming(start):
        return Family(f"ES{found[1]}", (int(found[2]), 2 * int(found[3])))


def _table(cursor: Cursor, start: int) -> GroupSpec | None:
    if not cursor.starts("("):
        return None
    cursor.expect("(", "Table")
    at = cursor.here()
    depth, end = 0, at
    while end < len(cursor.text):
        depth += (cursor.text[end] == "(") - (cursor.text[end] == ")")
        if depth < 0:
            break
        end += 1
    else:
        raise cursor.error("a ')' is missing after the table's name", at=start)
    with cursor.blaming(at):
        spec = Table(cursor.text[at:end].rstrip())
    cursor.position = end + 1
    return spec


#: Readers of what follows a word. A reader is given the cursor, which stands behind the word, and
#: where the word started; it returns ``None`` where what follows is no name of its kind.
WORDS: dict[str, Callable[[Cursor, int], GroupSpec | None]] = {
    **{word: partial(_family, word) for word in ("A", "Q", "Dic", "QD")},
    **{word: or_point_group(word, partial(_family, word)) for word in ("C", "D")},
    "SD": partial(_family, "QD"),
    "Z": _integers_modulo,
    "S": _symmetric,
    "M": _mathieu,
    "L": partial(_atlas, "L"),
    "U": partial(_atlas, "U"),
    "O": _orthogonal,
    "F": _frobenius,
    "He": _held,
    "V": _four_group,
    "K": _four_group,
    **{word.rstrip("+-"): partial(_classical, word.rstrip("+-")) for word in CLASSICAL},
    "PO": partial(_classical, "PGO"),
    "CSU": _conformal_unitary,
    **{
        word: partial(_two_numbers, word)
        for word in ("PerfectGroup", "PrimitiveGroup", "SmallGroup", "TransitiveGroup")
    },
    "Sz": partial(_field_only, "Sz"),
    "SuzukiGroup": partial(_field_only, "Sz"),
    "Ree": partial(_field_only, "Ree"),
    "ReeGroup": partial(_field_only, "Ree"),
    "R": partial(_field_only, "Ree"),
    **{
        word: partial(_sporadic, word)
        for word in dict.fromkeys(name.rstrip("0123456789") for name in SPORADIC)
        if word != "He"
    },
    **{
        word: partial(_long_name, letter)
        for word, letter in {
            "Alt": "A",
            "AlternatingGroup": "A",
            "CyclicGroup": "C",
            "DihedralGroup": "D",
            "MathieuGroup": "M",
            "QuaternionGroup": "Q",
            "Sym": "S",
            "SymmetricGroup": "S",
        }.items()
    },
    "DicyclicGroup": _dicyclic_group,
    "AbelianGroup": _abelian,
    "ElementaryAbelianGroup": _elementary_abelian,
    "ExtraspecialGroup": _extraspecial_group,
    "ES": _extraspecial_symbol,
    "Table": _table,
    "G": exceptional,
    "Tits": tits,
    "Klein": klein,
    "KleinFourGroup": klein,
    "OD": modular,
    "Hol": holomorph,
    "W": coxeter_group,
    "PointGroup": point_group_symbol,
    **{symbol: bare_point_group(symbol) for symbol in ("Td", "Th", "Oh", "Ih", "Cs", "Ci")},
}


_LONG_WORDS = {word.lower(): word for word in WORDS if len(word) >= 8}


def reader_of(word: str) -> Callable[[Cursor, int], GroupSpec | None] | None:
    """Return the reader of a word; in GAP's long words, ``smallgroup``, capitals may be missing."""
    return WORDS.get(word) or WORDS.get(_LONG_WORDS.get(word.lower(), ""))


def _small_label(found: re.Match[str]) -> GroupSpec:
    return Family("SmallGroup", (int(found[1]), int(found[2])))


def _transitive_label(found: re.Match[str]) -> GroupSpec:
    return Family("TransitiveGroup", (int(found[1]), int(found[2])))


def _binary(found: re.Match[str]) -> GroupSpec:
    return {
        "T": Family("SL", (2, 3)),
        "O": Family("SmallGroup", (48, 28)),
        "I": Family("SL", (2, 5)),
    }[found[1]]


def _extraspecial(found: re.Match[str]) -> GroupSpec:
    prime, before, inner, behind = found.groups()
    return Family(f"ES{before or behind}", (int(prime), int(inner)))


#: Names that start with a digit: LMFDB's labels, binary polyhedral and extraspecial groups.
NUMERALS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], GroupSpec]], ...] = (
    (re.compile(r"([0-9]{1,9})\.([0-9]{1,12})(?![0-9.^_(:A-Za-wyz])"), _small_label),
    (re.compile(r"([0-9]{1,4})T([0-9]{1,12})(?![0-9])"), _transitive_label),
    (TWISTED_NAME, twisted),
    (re.compile(r"2([TOI])(?![0-9A-Za-z(])"), _binary),
    (
        re.compile(
            r"([0-9]{1,5})(?:_?([+-]) *\^?|\^) *[({]?1 *\+ *([0-9]{1,2})[)}]?"
            r"(?(2)|(?:_?\^?\{?([+-])\}?))"
        ),
        _extraspecial,
    ),
)
