"""The canonical form of sums of roots of unity: GAP's basis, and the least conductor.

A sum of n-th roots of unity is written in one basis of the n-th cyclotomic field, a product over
the primes of n [1]_, and then in the smallest cyclotomic field that holds it. Two sums are equal
exactly when their canonical forms are the same data.

References
----------
.. [1] M. Zumbroich, *Grundlagen einer Arithmetik in Kreisteilungskoerpern und ihre Implementation
   in CAS*, 1989. T. Breuer, Integral bases for subfields of cyclotomic fields, AAECC 8 (1997),
   doi:10.1007/s002000050065.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from toolkit.exact.residues import prime_factors

if TYPE_CHECKING:
    from collections.abc import Mapping

Terms: TypeAlias = "tuple[tuple[int, int, int], ...]"


def canonical_form(
    conductor: int, coefficients: Mapping[int, int], denominator: int = 1
) -> tuple[int, Terms]:
    """Return the least conductor and the terms of a sum of roots of unity.

    Parameters
    ----------
    conductor
        n.
    coefficients
        By exponent e, from 0 to n - 1, the integer coefficient of E(n)^e.
    denominator
        What the sum is divided by, at least 1.

    Returns
    -------
    int, tuple
        The conductor and ``(exponent, numerator, denominator)`` per term, exponents rising and
        fractions in lowest terms: the fields of a :class:`~toolkit.exact.cyclotomic.Cyclotomic`.

    Notes
    -----
    Exact. A root of unity has at most one term for each of (p_1 - 1)(p_2 - 1)..., p_i the odd
    primes of n.

    Examples
    --------
    >>> canonical_form(5, {0: 1, 1: 1, 2: 1, 3: 1, 4: 1})
    (1, ())
    >>> canonical_form(12, {2: 1, 10: 2}, 2)
    (3, ((1, -1, 1), (2, -1, 2)))
    """
    total: dict[int, int] = {}
    for e, c in coefficients.items():
        if c:
            for exponent, sign in _in_basis(conductor, e):
                total[exponent] = total.get(exponent, 0) + sign * c
    n, found = _smallest_field(conductor, {e: c for e, c in total.items() if c})
    terms = []
    for e in sorted(found):
        common = math.gcd(found[e], denominator)
        terms.append((e, found[e] // common, denominator // common))
    return (n, tuple(terms)) if terms else (1, ())


@lru_cache(maxsize=1 << 15)
def _in_basis(n: int, exponent: int) -> tuple[tuple[int, int], ...]:
    """Return E(n)^exponent in the basis: (exponent, 1 or -1) per term."""
    out = [(exponent, 1)]
    for p, q in _prime_powers(n):
        inverse = pow(n // q, -1, q)
        b = exponent * inverse % q
        if p == 2:
            if b >= q // 2:
                out = [((e + n // 2) % n, -s) for e, s in out]
        elif min(b, q - b) <= (q // p - 1) // 2:
            out = [((e + j * (n // p)) % n, -s) for e, s in out for j in range(1, p)]
    return tuple(out)


@lru_cache(maxsize=1 << 12)
def _prime_powers(n: int) -> tuple[tuple[int, int], ...]:
    """Return the primes of n with the powers that divide it exactly."""
    out = []
    for p in prime_factors(n):
        q = p
        while n % (q * p) == 0:
            q *= p
        out.append((p, q))
    return tuple(out)


def _smallest_field(n: int, terms: dict[int, int]) -> tuple[int, dict[int, int]]:
    """Return a number of the n-th field, given in its basis, in the smallest field it lies in."""
    for p, q in _prime_powers(n):
        while n % p == 0 and all(e % p == 0 for e in terms) and (p == 2 or n % (p * p) == 0):
            n //= p
            terms = {e // p: c for e, c in terms.items()}
        if p == 2 or n % p or (q > p and n % (p * p) == 0):
            continue
        smaller = _without_prime(n, p, terms)
        if smaller is not None:
            n, terms = n // p, smaller
    return n, terms


def _without_prime(n: int, p: int, terms: dict[int, int]) -> dict[int, int] | None:
    """Return the number in the field without a prime that divides n once, ``None`` if it is not.

    The basis has of E(n)^e times the p-th roots of unity all but the one with exponent divisible
    by p, and their sum is 0.
    """
    if len(terms) % (p - 1):
        return None
    step = n // p
    inverse = pow(step, -1, p)
    out: dict[int, int] = {}
    met: dict[int, int] = {}
    for e, c in terms.items():
        zero = (e - e * inverse % p * step) % n
        if out.setdefault(zero // p, -c) != -c:
            return None
        met[zero] = met.get(zero, 0) + 1
    return out if all(count == p - 1 for count in met.values()) else None
