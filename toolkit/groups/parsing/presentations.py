"""Reading finite presentations: ``<a, b | a^4, b^2, (a*b)^2>``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from toolkit.groups.specs.base import closest
from toolkit.groups.specs.generated import (
    GENERATOR_NAME,
    MAX_GENERATORS,
    MAX_LETTERS,
    MAX_RELATORS,
    Presentation,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.errors import NamingError
    from toolkit.groups.parsing.cursor import Cursor

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_DIGIT = re.compile(r"[0-9]")
_ATOM = re.compile(r"[A-Za-z0-9(\[]")
_PARENTHESISED_INTEGER = re.compile(r"\([ \t\r\n]*[+-]?[ \t\r\n]*[0-9]+[ \t\r\n]*\)")


class _Word:
    """A freely reduced word, to which letters are appended."""

    __slots__ = ("letters", "syllables")

    def __init__(self) -> None:
        self.syllables: list[tuple[int, int]] = []
        self.letters = 0

    def append(self, generator: int, exponent: int) -> None:
        """Multiply by a power of a generator from the right."""
        if self.syllables and self.syllables[-1][0] == generator:
            previous = self.syllables.pop()[1]
            self.letters -= abs(previous)
            exponent += previous
        if exponent:
            self.syllables.append((generator, exponent))
            self.letters += abs(exponent)

    def inverse(self) -> list[tuple[int, int]]:
        """Return the syllables of the inverse."""
        return [(generator, -exponent) for generator, exponent in reversed(self.syllables)]


def read_presentation(cursor: Cursor, start: int) -> Presentation:
    """Read generators, ``|`` and relators, up to and with ``>``.

    Parameters
    ----------
    cursor
        Stands behind ``<``.
    start
        Where that ``<`` is.
    """
    names = [_read_name(cursor)]
    while cursor.take(","):
        if len(names) == MAX_GENERATORS:
            raise cursor.error(f"a presentation has at most {MAX_GENERATORS} generators")
        at = cursor.here()
        name = _read_name(cursor)
        if name in names:
            raise cursor.error(f"two generators have the name {name!r}", at=at)
        names.append(name)
    if not cursor.take("|"):
        raise cursor.error(
            f"the generators must be followed by '|' and the relators, not {cursor.found()}",
            "for instance <a, b | a^4, b^2, (a*b)^2>",
        )
    reader = _Relators(cursor, names)
    relators = [] if cursor.starts(">") else reader.read()
    if not cursor.take(">"):
        raise cursor.error(f"a relator must be followed by ',', '=' or '>', not {cursor.found()}")
    with cursor.blaming(start):
        return Presentation(tuple(names), tuple(relators))


def read_word(cursor: Cursor, names: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Read a word in given generators; return its syllables (0-based generator, exponent).

    Examples
    --------
    >>> from toolkit.groups.parsing.cursor import Cursor
    >>> read_word(Cursor("(a*b)^2*b^-1"), ["a", "b"])
    ((0, 1), (1, 1), (0, 1))
    """
    return _Relators(cursor, list(names)).word()


def _read_name(cursor: Cursor) -> str:
    at = cursor.here()
    name = cursor.match(_NAME)
    if not name:
        raise cursor.error(f"the name of a generator is needed here, not {cursor.found()}")
    if not GENERATOR_NAME.fullmatch(name):
        raise cursor.error("a generator's name has at most 20 characters", at=at)
    return name


class _Relators:
    """Reads words in given generators; the work is bounded, whatever is written.

    If all generators are single letters, ``ab`` is read as ``a*b``.

    word    = factor { ["*"] factor }
    factor  = atom [ "^" ( integer | "(" integer ")" | atom ) ]
    atom    = generator | "1" | "(" word ")" | "[" word "," word "]"
    """

    def __init__(self, cursor: Cursor, names: list[str]) -> None:
        self._cursor = cursor
        self._index = {name: index for index, name in enumerate(names)}
        self._single = all(len(name) == 1 for name in names)

    def read(self) -> list[tuple[tuple[int, int], ...]]:
        """Read relators and equations, separated by commas; trivial relators are left out."""
        relators: list[tuple[tuple[int, int], ...]] = []
        while True:
            left = self._word()
            if not self._cursor.starts("="):
                self._keep(left, relators)
            while self._cursor.take("="):
                right = self._word()
                self._extend(left, right.inverse())
                self._keep(left, relators)
                left = right
            if not self._cursor.take(","):
                return relators

    def word(self) -> tuple[tuple[int, int], ...]:
        """Read one word; return its syllables."""
        return tuple(self._word().syllables)

    def _keep(self, word: _Word, relators: list[tuple[tuple[int, int], ...]]) -> None:
        if word.syllables:
            relators.append(tuple(word.syllables))
        if len(relators) > MAX_RELATORS:
            raise self._cursor.error(f"a presentation has at most {MAX_RELATORS:,} relators")

    def _extend(self, word: _Word, syllables: list[tuple[int, int]]) -> None:
        self._cursor.spend(len(syllables) + 1)
        for generator, exponent in syllables:
            word.append(generator, exponent)
        if word.letters > MAX_LETTERS:
            raise self._cursor.error(f"the word has more than {MAX_LETTERS:,} letters")

    def _product(self, *parts: list[tuple[int, int]]) -> _Word:
        word = _Word()
        for part in parts:
            self._extend(word, part)
        return word

    def _word(self) -> _Word:
        word = self._product(self._factor().syllables)
        while self._cursor.take("*") or self._cursor.at(_ATOM):
            self._extend(word, self._factor().syllables)
        return word

    def _factor(self) -> _Word:
        cursor = self._cursor
        start = cursor.here()
        word = self._atom()
        if not cursor.take("^"):
            return word
        if cursor.at(_PARENTHESISED_INTEGER):
            cursor.expect("(", "^")
            word = self._power(word, cursor.signed_integer("the exponent"), start)
            cursor.expect(")", "the exponent")
        elif cursor.at_integer():
            word = self._power(word, cursor.signed_integer("the exponent"), start)
        else:
            by = self._atom()
            word = self._product(by.inverse(), word.syllables, by.syllables)
        if cursor.starts("^"):
            raise cursor.error(
                "a power of a power is ambiguous", "write parentheses, as in (a^b)^2"
            )
        return word

    def _power(self, word: _Word, exponent: int, start: int) -> _Word:
        if abs(exponent) * word.letters > MAX_LETTERS:
            raise self._cursor.error(f"the word has more than {MAX_LETTERS:,} letters", at=start)
        syllables = word.syllables if exponent > 0 else word.inverse()
        if len(syllables) == 1:
            generator, power = syllables[0]
            return self._product([(generator, power * abs(exponent))])
        return self._product(syllables * abs(exponent) if syllables else [])

    def _atom(self) -> _Word:
        cursor = self._cursor
        start = cursor.here()
        if cursor.take("("):
            with cursor.nested():
                word = self._word()
            cursor.expect(")", "a word in parentheses")
            return word
        if cursor.take("["):
            with cursor.nested():
                left = self._word()
                cursor.expect(",", "the first word of a commutator")
                right = self._word()
            cursor.expect("]", "the second word of a commutator")
            return self._product(left.inverse(), right.inverse(), left.syllables, right.syllables)
        if name := cursor.match(_NAME):
            return self._product([(self._generator(name, start), 1)])
        if not cursor.at(_DIGIT):
            raise cursor.error(f"a word is needed here, not {cursor.found()}")
        if cursor.integer("a number in a word") != 1:
            raise cursor.error(
                "the only number in a word is 1, the identity", "powers are written a^2", at=start
            )
        return _Word()

    def _generator(self, name: str, start: int) -> int:
        if name in self._index:
            return self._index[name]
        if self._single and name.isalpha() and name[0] in self._index:
            self._cursor.position = start + 1
            return self._index[name[0]]
        raise self._unknown(name, start)

    def _unknown(self, name: str, start: int) -> NamingError:
        base = name.rstrip("0123456789")
        if base in self._index:
            suggestion = f"a power is written {base}^{name[len(base) :]}"[:60]
        else:
            close = closest(name, self._index)
            suggestion = f"did you mean {close}?" if close else ""
        return self._cursor.error(
            f"{name[:30]!r} is not among the generators", suggestion, at=start
        )
