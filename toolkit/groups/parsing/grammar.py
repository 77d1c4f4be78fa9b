"""Naming a group: from what a user types to a checked specification.

The grammar, white space being free::

    name      = group { "=" group }                             two descriptions of one group
    group     = extension { "x" extension }                     C4 x S3
    extension = wreath { (":" | "." | "o") wreath }             C7 : C3, 2.A5, C4 o D8
    wreath    = power { "wr" power }                            C2 wr S3 wr C2, to the left
    power     = atom [ "^" number ]                             C2^3
    atom      = "(" name ")" | "<" generators ">" | word ... | numeral ...

What follows a word or a numeral is read by :mod:`toolkit.groups.parsing.words`. A bare number is a
cyclic group where something follows or goes before it, as in the ATLAS: ``2.A5``, ``2^4:A8``. What
extensions stand for is settled by :mod:`toolkit.groups.parsing.settle`.

A name is read into a tree of the dataclasses in :mod:`toolkit.groups.specs.tree`, and only the JSON
of that tree ever reaches GAP. Nothing that is typed can make GAP or Python run anything.
"""

from __future__ import annotations

import re

from toolkit.errors import NamingError
from toolkit.groups.parsing.cursor import Cursor
from toolkit.groups.parsing.spelling import original_position, plain_spelling
from toolkit.groups.parsing.words import NUMERALS, reader_of
from toolkit.groups.specs.base import MAX_FACTORS, GroupSpec, check_length
from toolkit.groups.specs.expression import Expression
from toolkit.groups.specs.families import Family
from toolkit.groups.specs.tree import Wreath, direct_product

_LETTERED_LABEL = re.compile(r" *[0-9]{1,12}\.[a-z]{1,6}(\.[a-z0-9]{1,6})* *")
_WORD = re.compile(r"[A-Za-z]+")
_DIGIT = re.compile(r"[0-9]")
_LONGEST_LIBRARY_NAME = 100


def parse_group(text: str) -> GroupSpec:
    """Return the specification of the group that ``text`` names.

    Parameters
    ----------
    text
        A name such as ``S5``, ``C4 x S3``, ``SmallGroup(24,12)``, ``C7 : C3``, ``L2(7)``,
        ``<(1,2,3), (1,2)>``, ``<a, b | a^4, b^2, (a*b)^2>`` or ``<[[1,1],[0,1]] | GF(3)>``.

    Returns
    -------
    GroupSpec
        The syntax tree; its ``name`` is the canonical spelling and parses to an equal one.

    Raises
    ------
    NamingError
        If the text is not a name of a finite group; the message says what is wrong, and at which
        character.

    Examples
    --------
    >>> parse_group("C2^2xS3").name
    'C2 x C2 x S3'
    >>> parse_group("<(1,2,3),(2,1)>").to_json()
    {'kind': 'permutations', 'degree': 3, 'images': [[1, 2, 0], [1, 0, 2]]}
    >>> parse_group("C₇⋊C₃").name, parse_group("24.12").name
    ('SmallGroup(21,1)', 'SmallGroup(24,12)')
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
    spelt, origin = plain_spelling(text)
    try:
        return _parsed(spelt)
    except UnknownWordError as error:
        if _LETTERED_LABEL.fullmatch(spelt):
            raise NamingError(
                text,
                error.start,
                "LMFDB's labels with letters are not known here",
                "give a name, generators, or its label with a number, such as 24.12",
            ) from None
        from toolkit.groups.parsing.hints import hint_about

        hinted = error.with_hint(*hint_about(spelt, error.start, error.word, can_be_read))
        raise original_position(_or_point_group(hinted, spelt), text, origin) from None
    except NamingError as error:
        raise original_position(_or_point_group(error, spelt), text, origin) from None


def _or_point_group(error: NamingError, spelt: str) -> NamingError:
    """Return the error, which says so if the text is a symbol of Hermann and Mauguin."""
    from toolkit.groups.parsing.hints import point_group_hint

    hint = point_group_hint(spelt)
    if not hint:
        return error
    hint = f"{error.suggestion} and {hint}" if spelt.strip().isdigit() else hint
    return NamingError(error.text, error.position, error.problem, hint)


def can_be_read(text: str) -> bool:
    """Whether a text is the name of a group.

    Examples
    --------
    >>> can_be_read("D8"), can_be_read("D7")
    (True, False)
    """
    try:
        _parsed(text)
    except NamingError:
        return False
    return True


class UnknownWordError(NamingError):
    """A word that starts no name; a hint is added where the name was typed."""

    def __init__(self, text: str, start: int, word: str) -> None:
        super().__init__(text, start, f"no family of groups is called {word[:30]!r}", "")
        self.start = start
        self.word = word

    def with_hint(self, problem: str, suggestion: str) -> NamingError:
        """Return the error that says what was probably meant."""
        return NamingError(self.text, self.start, problem, suggestion)


def _parsed(text: str) -> GroupSpec:
    cursor = Cursor(text)
    start = cursor.here()
    try:
        expression = _read_all(cursor)
    except NamingError:
        found = _of_library(text)
        if found is None:
            raise
        return found
    with cursor.blaming(start):
        return check_length(_settled(expression))


def _settled(expression: Expression | GroupSpec) -> GroupSpec:
    if isinstance(expression, GroupSpec):
        return expression
    from toolkit.groups.parsing.settle import settled  # its tables serve extensions only

    return settled(expression, _parsed)


def _of_library(text: str) -> GroupSpec | None:
    """Return the group of a table of the library whose name the grammar does not read."""
    from toolkit.groups.parsing.settle import library_group

    name = "" if len(text) > _LONGEST_LIBRARY_NAME else "".join(text.split())
    found = library_group(name, _parsed)
    if isinstance(found, tuple):
        raise NamingError(text, 0, *found)
    return found


def parse_expression(text: str) -> Expression | GroupSpec:
    """Return what ``text`` says, where extensions are not yet settled; else as parse_group.

    Examples
    --------
    >>> parse_expression("C13 : C12").sign
    ':'
    """
    return _read_all(Cursor(plain_spelling(text)[0]))


def _read_all(cursor: Cursor) -> Expression | GroupSpec:
    if not cursor.peek():
        raise cursor.error("the name is empty", "for instance S4 or C4 x S3")
    start = cursor.here()
    expression = _read_equal(cursor)
    if cursor.peek():
        raise _unexpected(cursor)
    if isinstance(expression, _Numeral):
        raise _lonely(cursor, expression, start)
    return expression


def _unexpected(cursor: Cursor) -> NamingError:
    hints = {
        "*": "a direct product is written C4 x S3",
        "X": "a direct product is written with a small x, C4 x S3",
        ")": "no parenthesis is open here",
        "^": "a power of a power needs parentheses",
        "-": "numbers have no sign here",
    }
    return cursor.error(
        "a group can be followed by 'x', 'wr', ':', '.', 'o', '^' or the end, "
        f"not {cursor.found()}",
        hints.get(cursor.peek(), ""),
    )


class _Numeral(Family):
    """A bare number: a cyclic group, but not when it stands alone."""

    __slots__ = ()


def _lonely(cursor: Cursor, numeral: _Numeral, start: int) -> NamingError:
    number = numeral.numbers[0]
    hint = "the trivial group is C1" if number == 1 else f"the cyclic group is C{number}"
    return cursor.error(f"a group is needed here, not '{number}'", hint, at=start)


def _read_equal(cursor: Cursor) -> Expression | GroupSpec:
    start = cursor.here()
    found = _read_product(cursor)
    while cursor.take("="):
        other = _read_product(cursor)
        found = Expression("=", (_plain(found), _plain(other)), _written(cursor, start))
    return found


def _read_product(cursor: Cursor) -> Expression | GroupSpec:
    start = cursor.here()
    factors = [_read_extension(cursor)]
    while cursor.take("x"):
        factors.append(_read_extension(cursor))
        if len(factors) > MAX_FACTORS:
            raise cursor.error(f"one name combines at most {MAX_FACTORS} groups")
    if len(factors) == 1:
        return factors[0]
    plain = tuple(map(_plain, factors))
    groups = [factor for factor in plain if isinstance(factor, GroupSpec)]
    if len(groups) < len(plain):
        return Expression("x", plain, _written(cursor, start))
    with cursor.blaming(start):
        return direct_product(groups)


def _read_extension(cursor: Cursor) -> Expression | GroupSpec:
    start = cursor.here()
    found = _read_wreath(cursor)
    count = 1
    while sign := next((sign for sign in ":.o" if cursor.take(sign)), ""):
        count += 1
        if count > MAX_FACTORS:
            raise cursor.error(f"one name combines at most {MAX_FACTORS} groups")
        right = _read_wreath(cursor)
        found = Expression(sign, (_plain(found), _plain(right)), _written(cursor, start))
    return found


def _written(cursor: Cursor, start: int) -> str:
    return "".join(cursor.text[start : cursor.position].split())


def _plain(group: Expression | GroupSpec) -> Expression | GroupSpec:
    return Family("C", group.numbers) if isinstance(group, _Numeral) else group


def _read_wreath(cursor: Cursor) -> Expression | GroupSpec:
    start = cursor.here()
    found = _read_power(cursor)
    while cursor.take("wr"):
        top = _read_power(cursor)
        with cursor.blaming(start):
            found = Wreath(_settled(_plain(found)), _settled(_plain(top)))
    return found


def _read_power(cursor: Cursor) -> Expression | GroupSpec:
    start = cursor.here()
    found = _read_atom(cursor)
    if not cursor.take("^"):
        return found
    at = cursor.here()
    braced = cursor.take("{")
    exponent = cursor.integer("the exponent of a group")
    if braced:
        cursor.expect("}", "the exponent of a group")
    if not 1 <= exponent <= MAX_FACTORS:
        raise cursor.error(
            f"the exponent must be 1 to {MAX_FACTORS}, not {exponent}",
            "a power of a group is a direct product of copies of it",
            at=at,
        )
    with cursor.blaming(start):
        return direct_product([_settled(_plain(found))] * exponent)


def _read_atom(cursor: Cursor) -> Expression | GroupSpec:
    if cursor.starts("<"):
        from toolkit.groups.parsing.generators import read_generators

        return read_generators(cursor)
    if cursor.take("("):
        with cursor.nested():
            found = _read_equal(cursor)
        if not cursor.take(")"):
            raise _unexpected(cursor) if cursor.peek() else cursor.error("a ')' is missing")
        return found
    start = cursor.here()
    if cursor.at(_DIGIT):
        return _read_numeral(cursor, start)
    if cursor.peek() in ("'", '"'):
        raise cursor.error(
            f"a group is needed here, not {cursor.found()}",
            "quotation marks are not part of a name",
        )
    word = cursor.match(_WORD)
    if not word:
        raise cursor.error(f"a group is needed here, not {cursor.found()}")
    reader = reader_of(word)
    group = reader(cursor, start) if reader else None
    if group is None or cursor.text[cursor.position : cursor.position + 1] == "(":
        raise UnknownWordError(cursor.text, start, word)
    return group


def _read_numeral(cursor: Cursor, start: int) -> GroupSpec:
    for pattern, group_of in NUMERALS:
        if found := pattern.match(cursor.text, start):
            cursor.position = found.end()
            with cursor.blaming(start):
                return group_of(found)
    number = cursor.integer("the number")
    if number == 0:
        raise cursor.error("a group is needed here, not '0'", at=start)
    with cursor.blaming(start):
        return _Numeral("C", (number,))
