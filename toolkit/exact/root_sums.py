"""Sums of roots of unity as exact cyclotomic numbers, in GAP's canonical form.

The canonical form of a number is that in the least cyclotomic field that holds it, in the basis of
Zumbroich. A character of a group with an abelian normal subgroup of cyclic quotient is such a sum,
so that its values need no other arithmetic.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.exact.residues import prime_factors

if TYPE_CHECKING:
    from collections.abc import Mapping


def sum_of_roots(order: int, counts: Mapping[int, int]) -> Cyclotomic:
    """Return the sum of ``count`` times E(order)^exponent over the items of ``counts``.

    Parameters
    ----------
    order
        E(order) is exp(2 pi i / order).
    counts
        Integers by exponent; exponents may have any sign and size.

    Returns
    -------
    Cyclotomic
        In GAP's canonical form: equal sums give equal values.

    Notes
    -----
    Exact. About as many steps as the field's basis has elements at worst; for one root of unity as
    many as the product of the primes p - 1 that divide the order.

    Examples
    --------
    >>> str(sum_of_roots(5, {1: 1, 4: 1})), str(sum_of_roots(6, {1: 1, 5: 1}))
    ('E(5)+E(5)^4', '1')
    >>> str(sum_of_roots(12, {1: 1, 11: 1})), str(sum_of_roots(4, {1: 1, 3: 1}))
    ('-E(12)^7+E(12)^11', '0')
    """
    n = order
    terms: dict[int, int] = {}
    for exponent, count in counts.items():
        _add(terms, exponent % n, count)
    common = math.gcd(n, *terms)
    n, terms = n // common, {e // common: c for e, c in terms.items()}
    if n % 4 == 2:  # E(2m) = -E(m)^((m+1)/2) for odd m
        n //= 2
        halved: dict[int, int] = {}
        for e, c in terms.items():
            if e % 2:
                _add(halved, (e + n) // 2 % n, -c)
            else:
                _add(halved, e // 2 % n, c)
        terms = halved
    return _least(n, _in_basis(n, terms))


@lru_cache(maxsize=65536)
def root_of_unity(order: int, exponent: int) -> Cyclotomic:
    """Return E(order)^exponent.

    Examples
    --------
    >>> str(root_of_unity(8, 3)), str(root_of_unity(6, 1)), str(root_of_unity(2, 1))
    ('E(8)^3', '-E(3)^2', '-1')
    """
    return sum_of_roots(order, {exponent: 1})


@lru_cache(maxsize=65536)
def twice_the_cosine(order: int, exponent: int) -> Cyclotomic:
    """Return E(order)^exponent plus its inverse: 2 cos(2 pi exponent / order).

    Examples
    --------
    >>> str(twice_the_cosine(8, 1)), str(twice_the_cosine(3, 1))
    ('E(8)-E(8)^3', '-1')
    """
    return sum_of_roots(
        order, {exponent: 1, -exponent: 1} if 2 * exponent % order else {exponent: 2}
    )


def _add(terms: dict[int, int], exponent: int, count: int) -> None:
    total = terms.get(exponent, 0) + count
    if total:
        terms[exponent] = total
    else:
        terms.pop(exponent, None)


@lru_cache(maxsize=1024)
def _prime_powers(n: int) -> tuple[tuple[int, int, int], ...]:
    """Return (p, q, inverse of n/q modulo q) for the prime powers q that are factors of n."""
    out = []
    for p in prime_factors(n):
        q = p
        while n % (q * p) == 0:
            q *= p
        out.append((p, q, pow(n // q, -1, q)))
    return tuple(out)


def _in_basis(n: int, terms: dict[int, int]) -> dict[int, int]:
    """Write a sum of roots in Zumbroich's basis of Q(E(n)), n not 2 modulo 4."""
    for p, q, inverse in _prime_powers(n):
        new: dict[int, int] = {}
        half = (q // p - 1) // 2
        for e, c in terms.items():
            b = e * inverse % q  # the q-component: e = a q + b n/q
            if p == 2:
                if b >= q // 2:
                    _add(new, (e + n // 2) % n, -c)
                else:
                    _add(new, e, c)
            elif b <= half or b >= q - half:
                for step in range(n // p, n, n // p):
                    _add(new, (e + step) % n, -c)
            else:
                _add(new, e, c)
        terms = new
    return terms


def _least(n: int, terms: dict[int, int]) -> Cyclotomic:
    """Return a sum in the basis of Q(E(n)) as a number of its least cyclotomic field."""
    if not terms:
        return Cyclotomic(1, ())
    common = math.gcd(n, *terms)
    # the primes whose squares divide n: in the smaller field exactly if p divides all exponents
    step = 1
    for p, q, _ in _prime_powers(n):
        while q > p and common % (step * p) == 0 and (n // step) % (p * p) == 0:
            if p == 2 and (n // step) % 8 == 4:
                break  # Q(E(4m)) over Q(E(m)), m odd: decided below
            step *= p
            q //= p
    if step > 1:
        return _least(n // step, {e // step: c for e, c in terms.items()})
    for p, q, _ in _prime_powers(n):
        if p == 2 and q == 4:
            if all(e % 4 == 0 for e in terms):
                return _least(n // 4, {e // 4: c for e, c in terms.items()})
            continue
        if q != p or len(terms) % (p - 1):
            continue
        smaller = _without(n, p, terms)
        if smaller is not None:
            return _least(n // p, smaller)
    ordered = sorted(terms.items())
    return Cyclotomic(n, tuple((e, c, 1) for e, c in ordered))


def _without(n: int, p: int, terms: dict[int, int]) -> dict[int, int] | None:
    """Return a sum as one of E(n/p), or ``None`` if it does not lie in that field; p odd, p || n.

    Each root of order prime to p is minus the sum of its products with the other p-th roots.
    """
    out: dict[int, int] = {}
    m = n // p
    seen = 0
    for e, c in terms.items():
        base = e * pow(p, -1, m) % m * p if m > 1 else 0  # e modulo n/p, divisible by p
        if base in out:
            continue
        if any(terms.get((base + step) % n) != c for step in range(m, n, m)):
            return None
        out[base] = -c
        seen += p - 1
    if seen != len(terms):
        return None
    return {e // p: c for e, c in out.items()}
