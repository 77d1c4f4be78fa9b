"""Naming a group: from what a user types to a checked specification.

The grammar, white space being free::

    group   = wreath { ("x" | "×") wreath }                     C4 x S3
    wreath  = power { "wr" power }                              C2 wr S3 wr C2, to the left
    power   = atom [ "^" number ]                               C2^3
    atom    = "(" group ")" | family | "<" generators ">"
    family  = letter number | word "(" arguments ")"            S5, SL(2,3), SmallGroup(24,12)

A name is read into a tree of the dataclasses in :mod:`toolkit.groups.specs.tree`, and only the JSON
of that tree ever reaches GAP. Nothing that is typed can make GAP or Python run anything.
"""

from __future__ import annotations

import re
from math import gcd

from toolkit.errors import NamingError
from toolkit.groups.parsing.cursor import Cursor
from toolkit.groups.parsing.generators import read_generators
from toolkit.groups.specs.base import MAX_FACTORS, GroupSpec, check_length, closest
from toolkit.groups.specs.families import FAMILIES, Family, Table
from toolkit.groups.specs.tree import Wreath, direct_product

#: Words followed by a number; ``Z8`` is another name of ``C8``.
_LETTERS = (*(word for word, row in FAMILIES.items() if len(row.numbers) == 1), "Z")
_TWO_ARGUMENTS = tuple(word for word, row in FAMILIES.items() if len(row.numbers) == 2)
_FAMILIES = (*_LETTERS, *_TWO_ARGUMENTS, "Table")

_LONG_NAMES = {
    "AlternatingGroup": "A",
    "Alt": "A",
    "CyclicGroup": "C",
    "Cyc": "C",
    "DihedralGroup": "D",
    "Dih": "D",
    "MathieuGroup": "M",
    "QuaternionGroup": "Q",
    "SymmetricGroup": "S",
    "Sym": "S",
}
_SPORADIC = ("B", "Co", "F", "Fi", "HN", "HS", "He", "J", "Ly", "McL", "ON", "Ru", "Suz", "Th")
_CHEVALLEY = ("E", "F", "G", "L", "O", "R", "S", "U")
#: Classical groups that only the table library knows, with the letter of its tables' names.
_CLASSICAL = {"PSU": "U", "PSp": "S", "SU": "U", "Sp": "S"}
_BY_WORD = {"baby": "B", "babymonster": "B", "monster": "M"}

_WORD = re.compile(r"[A-Za-z]+")
_DIGIT = re.compile(r"[0-9]")
_NUMBER = re.compile(r" *\(? *([0-9]{1,9})(?![0-9])")
_ARGUMENTS = re.compile(r"(?:[0-9]{1,9}(?![0-9]))?(?:\([0-9, ]{1,30}\))?")
_PAIR = re.compile(r"([0-9]{1,3}) *\( *([0-9]{1,5}) *\)|\( *([0-9]{1,3}) *, *([0-9]{1,5}) *\)")
_PROJECTIVE = re.compile(r"([0-9]{1,3})\(([0-9]{1,5})\)")


def parse_group(text: str) -> GroupSpec:
    """Return the specification of the group that ``text`` names.

    Parameters
    ----------
    text
        A name such as ``S5``, ``C4 x S3``, ``SmallGroup(24,12)``, ``<(1,2,3), (1,2)>``,
        ``<a, b | a^4, b^2, (a*b)^2>`` or ``<[[1,1],[0,1]] | GF(3)>``.

    Returns
    -------
    GroupSpec
        The syntax tree; its ``name`` is the canonical spelling and parses to an equal one.

    Raises
    ------
    NamingError
        If the text is not a name of a finite group: what is wrong, and at which character.

    Examples
    --------
    >>> parse_group("C2^2xS3").name
    'C2 x C2 x S3'
    >>> parse_group("<(1,2,3),(2,1)>").to_json()
    {'kind': 'permutations', 'degree': 3, 'images': [[1, 2, 0], [1, 0, 2]]}
    >>> parse_group("D7")
    Traceback (most recent call last):
    ...
    toolkit.errors.NamingError: cannot read the group name 'D7' at character 1: D8 means the
    dihedral group of order 8, so the number must be even and at least 4; the dihedral group of
    the 7-gon is D14
    """
    if not isinstance(text, str):
        raise NamingError(
            type(text).__name__, None, "a name is text", "see toolkit.groups.from_data for data"
        )
    cursor = Cursor(text)
    if not cursor.peek():
        raise cursor.error("the name is empty", "for instance S4 or C4 x S3")
    spec = _read_product(cursor)
    if cursor.peek():
        raise _unexpected(cursor)
    with cursor.blaming(0):
        return check_length(spec)


def _unexpected(cursor: Cursor) -> NamingError:
    hints = {
        "*": "a direct product is written C4 x S3",
        "X": "a direct product is written with a small x, C4 x S3",
        ":": "semidirect products have no name here, use SmallGroup(n,i) or generators",
        "⋊": "semidirect products have no name here, use SmallGroup(n,i) or generators",
        ".": "extensions have no name here, use SmallGroup(n,i) or generators",
        "≀": "a wreath product is written C2 wr S3",
        ")": "no parenthesis is open here",
        "^": "a power of a power needs parentheses",
        "-": "numbers have no sign here",
    }
    return cursor.error(
        f"a group can be followed by 'x', 'wr', '^' or the end, not {cursor.found()}",
        hints.get(cursor.peek(), ""),
    )


def _read_product(cursor: Cursor) -> GroupSpec:
    start = cursor.here()
    factors = [_read_wreath(cursor)]
    while cursor.take("x") or cursor.take("×"):
        factors.append(_read_wreath(cursor))
        if len(factors) > MAX_FACTORS:
            raise cursor.error(f"one name puts together at most {MAX_FACTORS} groups")
    with cursor.blaming(start):
        return direct_product(factors)


def _read_wreath(cursor: Cursor) -> GroupSpec:
    start = cursor.here()
    spec = _read_power(cursor)
    while cursor.take("wr"):
        top = _read_power(cursor)
        with cursor.blaming(start):
            spec = Wreath(spec, top)
    return spec


def _read_power(cursor: Cursor) -> GroupSpec:
    start = cursor.here()
    spec = _read_atom(cursor)
    if not cursor.take("^"):
        return spec
    at = cursor.here()
    exponent = cursor.integer("the exponent of a group")
    if not 1 <= exponent <= MAX_FACTORS:
        raise cursor.error(
            f"the exponent must be 1 to {MAX_FACTORS}, not {exponent}",
            "a power of a group is a direct product of copies of it",
            at=at,
        )
    with cursor.blaming(start):
        return direct_product([spec] * exponent)


def _read_atom(cursor: Cursor) -> GroupSpec:
    if cursor.starts("<"):
        return read_generators(cursor)
    if cursor.take("("):
        with cursor.nested():
            spec = _read_product(cursor)
        if not cursor.take(")"):
            raise _unexpected(cursor) if cursor.peek() else cursor.error("a ')' is missing")
        return spec
    start = cursor.here()
    word = cursor.match(_WORD)
    if not word:
        raise cursor.error(f"a group is needed here, not {cursor.found()}", _hint(cursor.peek()))
    if word in _LETTERS and cursor.at(_DIGIT):
        number = cursor.integer("the number")
        if cursor.starts("("):
            raise _foreign(cursor, word, start)
        with cursor.blaming(start):
            return Family("C" if word == "Z" else word, (number,))
    if word in _TWO_ARGUMENTS and cursor.starts("("):
        return _read_two_arguments(cursor, word, start)
    if word == "Table" and cursor.starts("("):
        return _read_table(cursor, start)
    raise _foreign(cursor, word, start)


def _hint(character: str) -> str:
    if character in ("'", '"'):
        return "quotation marks are not part of a name"
    return "the trivial group is C1" if character == "1" else ""


def _read_two_arguments(cursor: Cursor, word: str, start: int) -> GroupSpec:
    cursor.expect("(", word)
    first = cursor.integer(f"the first number of {word}")
    if not cursor.take(","):
        raise cursor.error(
            f"{word} has two numbers, separated by a comma", f"for instance {_example(word)}"
        )
    second = cursor.integer(f"the second number of {word}")
    cursor.expect(")", f"the second number of {word}")
    with cursor.blaming(start):
        return Family(word, (first, second))


def _read_table(cursor: Cursor, start: int) -> Table:
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


def _example(word: str) -> str:
    if word == "Table":
        return "Table(M)"
    return Family(word, FAMILIES[word].example).name if word in FAMILIES else f"{word}8"


def _foreign(cursor: Cursor, word: str, start: int) -> NamingError:
    """Return the error about a word that starts no group, with the best guess at what was meant."""
    problem = f"no family of groups is called {word[:30]!r}"
    if word in _FAMILIES:
        problem = f"{word!r} must be followed by " + (
            "a number" if word in _LETTERS else "its arguments in parentheses"
        )
        if word in _LETTERS and cursor.starts("("):
            problem = f"{word!r} takes a number and no parentheses"
    return cursor.error(problem, _guess(cursor.text, start, word), at=start)


def _guess(text: str, start: int, word: str) -> str:
    behind = start + len(word)
    number, arguments = _NUMBER.match(text, behind), _ARGUMENTS.match(text, behind)
    rest = arguments.group() if arguments else ""
    if word in ("V", "K") and rest == "4":
        return "Klein's four-group is C2 x C2"
    if word in _CLASSICAL:
        return _classical(word, _PAIR.match(text, behind))
    if word.lower() in _BY_WORD:
        return f"its library character table is Table({_BY_WORD[word.lower()]})"
    if word == "Sz":
        if number:
            return f"its library character table, if there is one, is Table(Sz({number[1]}))"
        return "use a library character table, for instance Table(Sz(8))"
    projective = _PROJECTIVE.match(text, behind)
    if projective and word == "L":
        return f"did you mean PSL({projective[1]},{projective[2]})?"
    if (projective and word in _CHEVALLEY) or word in _SPORADIC or (word == "M" and not rest):
        return f"its library character table is Table({word}{rest})"
    if word == "Dih" and number:
        return _dihedral(int(number[1]))
    family = _LONG_NAMES.get(word, word if word in _LETTERS else "")
    if family:
        return f"write {family}{number[1]}" if number else f"for instance {_example(family)}"
    if word in _FAMILIES:
        return f"for instance {_example(word)}"
    # A single letter is no misspelling of another one, only of the same one in the other case.
    known = _FAMILIES if len(word) == 1 else (*_TWO_ARGUMENTS, "Table", *_LONG_NAMES)
    close = closest(word, known)
    if close == "Dih" and number:
        return _dihedral(int(number[1]))
    if close in _LONG_NAMES:
        return f"did you mean {_LONG_NAMES[close]}{number[1] if number else ''}?"
    if close:
        return f"did you mean {close}{rest}?"
    return f"the families are {', '.join(name for name in _FAMILIES if name != 'Z')}"


def _dihedral(number: int) -> str:
    """Say which dihedral groups the number after ``Dih`` may mean: it is not clear which."""
    if number < 2:
        return "for instance D8"
    corners = {2: "", 3: " (symmetries of the triangle)", 4: " (symmetries of the square)"}
    shape = corners.get(number, f" (symmetries of the {number}-gon)")
    other = f", D{number} the one of order {number}" if number > 2 and number % 2 == 0 else ""
    return f"D{2 * number} is the dihedral group of order {2 * number}{shape}{other}"


def _classical(word: str, match: re.Match[str] | None) -> str:
    """Say how the table library, or a family, calls a symplectic or unitary group."""
    letter = _CLASSICAL[word]
    if match is None:
        example = {"S": "S4(3)", "U": "U3(3)"}[letter]
        return f"use a library character table, for instance Table({example})"
    degree, field = (int(text) for text in match.groups() if text)
    if degree == 2:
        return f"did you mean {'PSL' if word in ('PSp', 'PSU') else 'SL'}(2,{field})?"
    centre = {"Sp": gcd(2, field - 1), "SU": gcd(degree, field + 1)}.get(word, 1)
    name = f"{letter}{degree}({field})" if centre == 1 else f"{centre}.{letter}{degree}({field})"
    name = {"2.S4(3)": "2.U4(2)"}.get(name, name)  # the same group, and the library's name for it
    return f"its library character table, if there is one, is Table({name})"
