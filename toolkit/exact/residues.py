"""Cyclotomics modulo one large prime: how integer sums of them are decided exactly, and fast.

A prime p with p = 1 mod n holds n-th roots of unity, so sending E(n) to one of them is a ring
homomorphism from the cyclotomic integers (with denominators prime to p) to the integers mod p.
A sum that is *known to be a rational integer of absolute value at most B* is therefore known
exactly from its residue as soon as p > 2B. Nothing is rounded and no tolerance is chosen.
"""

from __future__ import annotations

import math
from functools import lru_cache
from operator import mul
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Cyclotomic

#: Products of two residues modulo a prime below it fit into int64.
LARGEST_INT64_PRIME = 3_000_000_000
#: float64 holds every integer up to here.
EXACT_FLOAT = 1 << 53


@lru_cache(maxsize=256)
def residue_field(conductor: int, bound: int = 1 << 29, skip: int = 0) -> ResidueField:
    """Return a field of :class:`ResidueField`, the same one for the same arguments."""
    return ResidueField(conductor, bound, skip=skip)


class ResidueField:
    """The integers modulo a prime p with p = 1 mod ``conductor`` and p > 2 * ``bound``.

    Parameters
    ----------
    conductor
        A common multiple of the conductors of the numbers to be mapped.
    bound
        The largest absolute value of an integer that will be read back.
    skip
        How many suitable primes to skip; a different ``skip`` gives an independent field.

    Examples
    --------
    >>> from toolkit.exact.cyclotomic import Cyclotomic
    >>> field = ResidueField(5, 10)
    >>> golden = [Cyclotomic(5, ((1, 1, 1), (4, 1, 1))), Cyclotomic(5, ((2, 1, 1), (3, 1, 1)))]
    >>> a, b = field.map(golden)
    >>> field.to_int(a + b), field.to_int(a * b)
    (-1, -1)
    """

    def __init__(self, conductor: int, bound: int, *, skip: int = 0) -> None:
        start = max(2 * abs(bound), 2**31 - 2**24)
        k = start // conductor + 1
        while True:
            p = k * conductor + 1
            if is_prime(p):
                if not skip:
                    break
                skip -= 1
            k += 1
        self._found(conductor, p)

    @classmethod
    def of_prime(cls, conductor: int, prime: int) -> ResidueField:
        """Return the field of a given prime p = 1 mod ``conductor``."""
        self = cls.__new__(cls)
        self._found(conductor, prime)
        return self

    def _found(self, conductor: int, prime: int) -> None:
        self.prime = prime
        self.conductor = conductor
        self._root = _element_of_order(prime, conductor)
        self._powers: list[int] | None = None
        self._power_array: NDArray[np.int64] | None = None

    def _power(self, exponent: int) -> int:
        if self.conductor > 10**6:
            return pow(self._root, exponent, self.prime)
        if self._powers is None:
            powers = [1]
            for _ in range(self.conductor - 1):
                powers.append(powers[-1] * self._root % self.prime)
            self._powers = powers
        return self._powers[exponent % self.conductor]

    def power_array(self) -> NDArray[np.int64]:
        """Return the residues of E(n)^0, ..., E(n)^(n-1), ``(n,)`` int64, where n is the conductor.

        The prime must be below :data:`LARGEST_INT64_PRIME`.
        """
        if self._power_array is None:
            import numpy as np

            powers = np.ones(1, dtype=np.int64)
            while len(powers) < self.conductor:
                step = pow(self._root, len(powers), self.prime)
                powers = np.concatenate((powers, powers * step % self.prime))
            self._power_array = powers[: self.conductor]
        return self._power_array

    def map(self, values: Iterable[Cyclotomic], *, galois: int = 1) -> list[int]:
        """Return the residue of each value; its conductor must divide the field's.

        With ``galois`` = k, prime to the conductor, return the residues of the Galois conjugates
        under E(n) -> E(n)^k; k = -1 gives complex conjugates.

        Raises
        ------
        ValueError
            If the conductor of a value does not divide the field's conductor.
        """
        p = self.prime
        out = []
        for value in values:
            if self.conductor % value.conductor:
                raise ValueError(
                    f"conductor {value.conductor} does not divide {self.conductor}: "
                    "make the field from the least common multiple"
                )
            step = self.conductor // value.conductor
            total = 0
            for exponent, numerator, denominator in value.terms:
                term = numerator * self._power(exponent * step * galois)
                total += term if denominator == 1 else term * pow(denominator, -1, p)
            out.append(total % p)
        return out

    def to_int(self, residue: int) -> int:
        """Return the integer with this residue whose absolute value is below p/2."""
        r = residue % self.prime
        return r if 2 * r < self.prime else r - self.prime

    def inverse(self, value: int) -> int:
        """Return 1/value modulo p."""
        return pow(value, -1, self.prime)

    @staticmethod
    def common_conductor(values: Iterable[Cyclotomic]) -> int:
        """Return the least common multiple of the conductors of ``values``."""
        return math.lcm(*{v.conductor for v in values}, 1)


@lru_cache(maxsize=256)
def fields_beyond(
    conductor: int, bound: int, *, inner: int = 1, avoid: int = 1
) -> tuple[ResidueField, ...]:
    """Return fields whose primes multiply to more than ``bound``.

    Parameters
    ----------
    conductor
        As in :class:`ResidueField`.
    bound
        An integer from 0 on.
    inner
        The length of the sums of products to be formed: primes are taken, where there are enough
        of them, for which float64 holds such a sum of products of residues exactly.
    avoid
        No prime divides this.

    Notes
    -----
    The primes are p = 1 mod ``conductor``, so each splits completely in the field of n-th roots
    of unity, n the conductor. An algebraic integer of that field whose residues and whose Galois
    conjugates' residues are 0 in every field returned is divisible by the product P of the
    primes. Its norm, an integer, is then 0 or at least P^degree in absolute value: it is 0 if it
    and its conjugates are all of absolute value below P. A rational integer is its own conjugate.

    Examples
    --------
    >>> [field.prime for field in fields_beyond(5, 10**10, inner=1000)]
    [3001171, 3001151]
    """
    out: list[ResidueField] = []
    product = 1
    largest = math.isqrt(EXACT_FLOAT // inner)
    for p in range((largest - 1) // conductor * conductor + 1, max(largest // 16, 2), -conductor):
        if product > bound:
            return tuple(out)
        if avoid % p and is_prime(p):
            out.append(ResidueField.of_prime(conductor, p))
            product *= p
    skip = 0
    while product <= bound:
        field = residue_field(conductor, skip=skip)
        skip += 1
        if avoid % field.prime and all(field.prime != other.prime for other in out):
            out.append(field)
            product *= field.prime
    return tuple(out)


def residue_product(
    left: NDArray[np.int64], right: NDArray[np.int64], prime: int
) -> NDArray[np.int64]:
    """Return the product of two matrices of residues modulo ``prime``, exactly.

    Parameters
    ----------
    left, right
        ``(a, n)`` and ``(n, b)`` integers from 0 to ``prime`` - 1: int64, or Python's integers
        (dtype object) for primes from :data:`LARGEST_INT64_PRIME` on.
    prime
        The modulus.

    Notes
    -----
    In float64: in one product where n (prime - 1)^2 is below 2^53, so that every partial sum is
    an integer that float64 holds; else the residues are split into pieces of 16 bits, whose sums
    of products are below n 2^32 (n up to 2^21).

    Examples
    --------
    >>> import numpy as np
    >>> residue_product(np.array([[2, 3]]), np.array([[5], [7]]), 11).tolist()
    [[9]]
    """
    import numpy as np

    inner = left.shape[1]
    if prime >= LARGEST_INT64_PRIME or inner > 1 << 21:
        rows = modular_product(left.tolist(), right.tolist(), prime)
        return np.array(rows, dtype=object if prime >= LARGEST_INT64_PRIME else np.int64)
    if inner * (prime - 1) ** 2 < EXACT_FLOAT:
        a = left.astype(np.float64)
        # the same array twice: half the work
        b = a.T if right.base is left and right.shape == left.T.shape else right.astype(np.float64)
        out: NDArray[np.int64] = (a @ b).astype(np.int64) % prime
        return out
    low, high = ((m & 0xFFFF).astype(np.float64) for m in (left, left >> 16))
    low_right, high_right = ((m & 0xFFFF).astype(np.float64) for m in (right, right >> 16))
    outer = (high @ high_right).astype(np.int64) % prime
    middle = (low @ high_right + high @ low_right).astype(np.int64) % prime
    inner_part = (low @ low_right).astype(np.int64)
    return ((outer * (1 << 16) + middle) % prime * (1 << 16) + inner_part) % prime


def modular_product(
    left: Sequence[Sequence[int]], right: Sequence[Sequence[int]], prime: int
) -> list[list[int]]:
    """Return the matrix product of two integer matrices modulo ``prime``, exactly.

    Small products are done with Python's integers; large ones in float64, the residues split
    into pieces of 20 bits, whose sums of up to 8,192 products stay below 2^53.

    Examples
    --------
    >>> modular_product([[2, 3]], [[5], [7]], 11)
    [[9]]
    """
    inner = len(right)
    # measured: from here on pieces are faster, products of Python's integers in int64 or not
    few = 8_000 if prime < LARGEST_INT64_PRIME else 50_000
    if len(left) * inner * len(right[0]) < few or inner > 8192:
        columns = list(zip(*right, strict=True))
        return [[sum(map(mul, row, column)) % prime for column in columns] for row in left]
    import numpy as np

    pieces = -(-prime.bit_length() // 20)
    # residues below 2^31 are added up in int64, larger ones as Python's integers
    kind = np.int64 if prime < LARGEST_INT64_PRIME else object

    def split(rows: Sequence[Sequence[int]]) -> list[NDArray[np.float64]]:
        whole = np.array(rows, dtype=object) % prime
        whole = whole.astype(kind)
        return [((whole >> 20 * k) & 0xFFFFF).astype(np.float64) for k in range(pieces)]

    a, b = split(left), split(right)
    total = np.zeros((len(left), len(right[0])), dtype=kind)
    for power in range(2 * pieces - 1):
        unit = pow(2, 20 * power, prime)
        for k in range(max(0, power - pieces + 1), min(pieces, power + 1)):
            part = (a[k] @ b[power - k]).astype(np.int64).astype(kind) % prime
            total = (total + part * unit) % prime
    out: list[list[int]] = total.tolist()
    return out


def is_prime(n: int) -> bool:
    """Return whether ``n`` is prime: Miller-Rabin on the first primes.

    The first 13 are a proof for n < 3.3e24 (Sorenson and Webster 2015); beyond, 40 are taken.
    """
    if n < 2:
        return False
    for p in _SMALL_PRIMES:
        if n % p == 0:
            return n == p
    d, s = n - 1, 0
    while d % 2 == 0:
        d //= 2
        s += 1
    bases = _SMALL_PRIMES[:13] if n < 3 * 10**24 else _SMALL_PRIMES
    return all(_passes(n, a, d, s) for a in bases)


def _passes(n: int, a: int, d: int, s: int) -> bool:
    x = pow(a, d, n)
    if x in (1, n - 1):
        return True
    for _ in range(s - 1):
        x = x * x % n
        if x == n - 1:
            return True
    return False


def _primes_below(limit: int) -> Sequence[int]:
    return [n for n in range(2, limit) if all(n % d for d in range(2, math.isqrt(n) + 1))]


_SMALL_PRIMES = tuple(_primes_below(174))


def prime_factors(n: int) -> list[int]:
    """Return the prime divisors of ``n``, rising, by trial division.

    Examples
    --------
    >>> prime_factors(360)
    [2, 3, 5]
    """
    out, d = [], 2
    while d * d <= n:
        if n % d == 0:
            out.append(d)
            while n % d == 0:
                n //= d
        d += 1
    if n > 1:
        out.append(n)
    return out


def _element_of_order(p: int, n: int) -> int:
    """Return the first element of multiplicative order exactly n modulo p = 1 mod n."""
    factors = prime_factors(n)
    for a in range(2, p):
        x = pow(a, (p - 1) // n, p)
        if all(pow(x, n // q, p) != 1 for q in factors):
            return x
    raise AssertionError("a prime field has a primitive root")
