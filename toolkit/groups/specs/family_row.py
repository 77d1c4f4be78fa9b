"""What a family of groups needs to be named: its numbers, their bounds, its order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from toolkit.exact.residues import prime_factors

if TYPE_CHECKING:
    from collections.abc import Callable


class Number(NamedTuple):
    """A number in a group's name: its JSON key, what it is, its least and largest value."""

    key: str
    meaning: str
    least: int
    most: int


class FamilyRow(NamedTuple):
    """What a family of groups needs to be named.

    Parameters
    ----------
    kind
        The kind in JSON. Families of one kind are told apart there by the key ``family``.
    numbers
        The numbers of a name, one or two.
    example
        Numbers that name a group of the family.
    problem
        From numbers within bounds, what is wrong with them and a suggestion, or ``None``.
    order
        From numbers without a problem, the order of the group; ``None`` where only a library
        knows it, or where it is too large to write out.
    pattern
        The form of a name, with a pair of braces for each number; the empty string for
        the word followed by one number, or by two in parentheses.
    points
        From numbers without a problem, the number of points of the natural action; ``None``
        where only GAP knows it.
    """

    kind: str
    numbers: tuple[Number, ...]
    example: tuple[int, ...]
    problem: Callable[..., tuple[str, str] | None] = lambda *numbers: None
    order: Callable[..., int | None] = lambda *numbers: None
    pattern: str = ""
    points: Callable[..., int | None] = lambda *numbers: None


def prime_power(number: int) -> tuple[int, int] | None:
    """Return ``(p, e)`` with ``number = p**e`` and p prime, or ``None``.

    Examples
    --------
    >>> prime_power(27), prime_power(12), prime_power(1)
    ((3, 3), None, None)
    """
    factors = prime_factors(number)
    if len(factors) != 1:
        return None
    prime, exponent = factors[0], 0
    while number > 1:
        number //= prime
        exponent += 1
    return prime, exponent
