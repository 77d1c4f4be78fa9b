"""Reading a text from left to right: the cursor that the parsers share."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from toolkit.errors import NamingError
from toolkit.groups.specs.base import MAX_DEPTH, MAX_DIGITS, MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPACE = re.compile(r"[ \t\r\n\u00a0]*")
_DIGITS = re.compile(r"[0-9]+")
_SIGNED = re.compile(r"[+-]?[ \t\r\n\u00a0]*[0-9]")

# Twice what the canonical name of any spec needs: see MAX_ENTRIES and MAX_TOTAL_LETTERS.
_MAX_WORK = 2_000_000


class Cursor:
    """A text and a position in it.

    White space is passed over before everything that is looked at.

    Parameters
    ----------
    text
        What is read.

    Examples
    --------
    >>> cursor = Cursor("  S5 x A4")
    >>> cursor.match(re.compile("[A-Z]")), cursor.integer("the degree"), cursor.take("x")
    ('S', 5, True)
    """

    __slots__ = ("_depth", "_work", "position", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self._depth = 0
        self._work = 0
        if len(text) > MAX_TEXT:
            raise self.error(f"a name has at most {MAX_TEXT:,} characters", at=MAX_TEXT)

    def peek(self) -> str:
        """Return the next character that is not white space; the empty string at the end."""
        space = _SPACE.match(self.text, self.position)
        if space:
            self.position = space.end()
        return self.text[self.position : self.position + 1]

    def here(self) -> int:
        """Return where the next token starts."""
        self.peek()
        return self.position

    def starts(self, token: str) -> bool:
        """Whether ``token`` comes next."""
        return self.text.startswith(token, self.here())

    def take(self, token: str) -> bool:
        """Pass over ``token`` if it comes next, and say whether it did."""
        found = self.starts(token)
        if found:
            self.position += len(token)
        return found

    def expect(self, token: str, after: str) -> None:
        """Pass over ``token``, which must come next."""
        if not self.take(token):
            raise self.error(f"{after} must be followed by {token!r}, not {self.found()}")

    def match(self, pattern: re.Pattern[str]) -> str:
        """Pass over what ``pattern`` matches here and return it; the empty string if nothing."""
        found = pattern.match(self.text, self.here())
        if not found:
            return ""
        self.position = found.end()
        return found.group()

    def at(self, pattern: re.Pattern[str]) -> bool:
        """Whether something that ``pattern`` matches comes next."""
        return pattern.match(self.text, self.here()) is not None

    def at_integer(self) -> bool:
        """Whether an integer, perhaps with a sign, comes next."""
        return self.at(_SIGNED)

    def integer(self, what: str) -> int:
        """Read an unsigned integer."""
        start = self.here()
        digits = self.match(_DIGITS)
        if not digits:
            raise self.error(f"{what} must be a whole number, not {self.found()}")
        if len(digits) > MAX_DIGITS:
            raise self.error(
                f"{what} has {len(digits):,} digits, and {MAX_DIGITS} are the most",
                at=start,
            )
        return int(digits)

    def signed_integer(self, what: str) -> int:
        """Read an integer that may have a sign."""
        if self.take("-"):
            return -self.integer(what)
        self.take("+")
        return self.integer(what)

    def found(self) -> str:
        """Return what comes next in words, for messages."""
        character = self.peek()
        return ascii(character) if character else "the end"

    def spend(self, amount: int) -> None:
        """Count letters or images that are written out; one text has a limit on their number."""
        self._work += amount
        if self._work > _MAX_WORK:
            raise self.error("the generators and relators are too long when all is written out")

    @contextmanager
    def nested(self) -> Iterator[None]:
        """Go one level of parentheses deeper, up to a limit."""
        if self._depth == MAX_DEPTH:
            raise self.error(f"parentheses are nested more than {MAX_DEPTH} deep")
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def error(self, problem: str, suggestion: str = "", at: int | None = None) -> NamingError:
        """Return the error about the character that comes next, or the one at ``at``."""
        return NamingError(self.text, self.here() if at is None else at, problem, suggestion)

    @contextmanager
    def blaming(self, start: int) -> Iterator[None]:
        """Give refusals without a position the one at ``start``, and this text."""
        try:
            yield
        except NamingError as error:
            if error.position is not None:
                raise
            raise self.error(error.problem, error.suggestion, at=start) from None
