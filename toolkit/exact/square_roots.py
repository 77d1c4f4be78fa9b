"""Square roots of rational numbers as sums of roots of unity: Gauss sums."""

from __future__ import annotations

import math
from fractions import Fraction

from toolkit.exact.cyclotomic import Cyclotomic

#: The largest square-free number whose root is written down: sums have about as many terms.
LARGEST_RADICAND = 1000
_LARGEST_FACTOR = 10_000


def square_root(value: Fraction) -> Cyclotomic | None:
    """Return the root of a rational number, not negative, as a cyclotomic number.

    Parameters
    ----------
    value
        0 or positive.

    Returns
    -------
    Cyclotomic or None
        ``None`` if its square-free part is above 1,000, or has a prime factor that is not found.

    Notes
    -----
    With p = 1 mod 4 the sum of (k | p) exp(2 pi i k / p) is sqrt(p), with p = 3 mod 4 it is
    i sqrt(p) (Gauss).

    Examples
    --------
    >>> square_root(Fraction(4, 9)).to_fraction()
    Fraction(2, 3)
    >>> root = square_root(Fraction(5, 3))
    >>> (root * root).to_fraction(), round(root.to_float(), 6)
    (Fraction(5, 3), 1.290994)
    >>> square_root(Fraction(1009)) is None
    True
    """
    found = _square_and_primes(value.numerator * value.denominator)
    if found is None:
        return None
    outside, primes = found
    if math.prod(primes) > LARGEST_RADICAND:
        return None
    out = Cyclotomic.from_fraction(Fraction(outside, value.denominator))
    for p in primes:
        out = out * _root_of_prime(p)
    return out


def _square_and_primes(number: int) -> tuple[int, list[int]] | None:
    """Return s and primes with number = s^2 times their product."""
    if number == 0:
        return 0, []
    outside, primes, p = 1, [], 2
    while p * p <= number and p <= _LARGEST_FACTOR:
        while number % (p * p) == 0:
            outside, number = outside * p, number // (p * p)
        if number % p == 0:
            primes.append(p)
            number //= p
        p += 1
    root = math.isqrt(number)
    if root * root == number:
        return outside * root, primes
    if number > _LARGEST_FACTOR**2:
        return None
    return outside, [*primes, number]


def _root_of_prime(p: int) -> Cyclotomic:
    if p == 2:
        return Cyclotomic.root_of_unity(8) + Cyclotomic.root_of_unity(8, 7)
    squares = {k * k % p for k in range(1, p)}
    out = Cyclotomic.from_int(0)
    for k in range(1, p):
        root = Cyclotomic.root_of_unity(p, k)
        out = out + root if k in squares else out - root
    return out if p % 4 == 1 else out * Cyclotomic.root_of_unity(4, 3)
