"""Divisors and invariant factors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.exact.residues import prime_factors

if TYPE_CHECKING:
    from collections.abc import Iterable


def invariant_factors(orders: Iterable[int]) -> tuple[int, ...]:
    """Return d1 | d2 | ... | dr, all above 1, of a product of cyclic groups of these orders.

    Examples
    --------
    >>> invariant_factors([48, 60]), invariant_factors([2, 3]), invariant_factors([1])
    ((12, 240), (6,), ())
    """
    powers: dict[int, list[int]] = {}
    for n in orders:
        for p in prime_factors(n):
            q = p
            while n % (q * p) == 0:
                q *= p
            powers.setdefault(p, []).append(q)
    rank = max(map(len, powers.values()), default=0)
    out = [1] * rank
    for found in powers.values():
        for i, q in enumerate(sorted(found, reverse=True)):
            out[rank - 1 - i] *= q
    return tuple(out)


def divisors(n: int) -> list[int]:
    """Return the divisors of n, rising.

    Examples
    --------
    >>> divisors(12)
    [1, 2, 3, 4, 6, 12]
    """
    out = [1]
    for p in prime_factors(n):
        powers, q = [1], p
        while n % q == 0:
            powers.append(q)
            q *= p
        out = [d * q for d in out for q in powers]
    return sorted(out)


def valuation(n: int, p: int) -> int:
    """Return the largest e with p^e dividing n.

    Examples
    --------
    >>> valuation(24, 2)
    3
    """
    e = 0
    while n % p ** (e + 1) == 0:
        e += 1
    return e
