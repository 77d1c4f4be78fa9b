"""Integers as people write them: shortened, as powers, factored."""

from __future__ import annotations

from toolkit.text import compact_integer

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: int, digits: int = 15) -> str:
    """Return an integer in full up to ``digits`` digits, else rounded, such as ``8.08e53``.

    Examples
    --------
    >>> number(7920), number(10**20 + 1), number(10**20 + 1, 30)
    ('7920', '1.00e20', '100000000000000000001')
    """
    return str(value) if abs(value) < 10**digits else compact_integer(value)


def power(base: int, exponent: int) -> str:
    """Return ``2³``."""
    return str(base) if exponent == 1 else f"{base}{str(exponent).translate(_SUPERSCRIPTS)}"


def factored(value: int, limit: int = 10**5) -> list[str]:
    """Return the prime powers of a positive integer; primes above ``limit`` stay together.

    Examples
    --------
    >>> factored(24), factored(1)
    (['2³', '3'], [])
    """
    out, d = [], 2
    while value > 1 and d <= limit:
        if d * d > value:
            d = value
        exponent = 0
        while value % d == 0:
            value //= d
            exponent += 1
        if exponent:
            out.append(power(d, exponent))
        d += 1 if d == 2 else 2
    if value > 1:
        out.append(number(value))
    return out
