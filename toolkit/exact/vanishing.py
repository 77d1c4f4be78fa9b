r"""Proving that an algebraic number is 0, prime by prime.

Let t be a number of the field of n-th roots of unity, N t an algebraic integer, and B a bound for
the absolute values of t and of its Galois conjugates. For a prime p = 1 mod n sending E(n) to a
root of unity modulo p gives a residue of t. One residue that is not 0 proves that t is not 0. If
they are all 0 for primes p_1, ..., p_k, the norm of N t, an integer of absolute value at most
(N B)^D with D the degree of the field, is divisible by their product; as soon as that is larger,
t = 0. A real t lies in a field of half the degree, and if t is rational D = 1.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from toolkit.exact.residues import prime_factors, residue_field

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from toolkit.exact.residues import ResidueField

    Bools = NDArray[np.bool_]


def real_degree(conductor: int) -> int:
    """Return the degree of the real subfield of the n-th roots of unity.

    Examples
    --------
    >>> [real_degree(n) for n in (1, 3, 5, 8, 12)]
    [1, 1, 2, 2, 2]
    """
    phi = conductor
    for p in prime_factors(conductor):
        phi -= phi // p
    return max(1, phi // 2)


def which_vanish(
    residues: Callable[[ResidueField, Bools], NDArray[np.int64]],
    shape: tuple[int, int],
    *,
    conductor: int,
    degree: int,
    bits: float,
    start: Bools | None = None,
    avoid: int = 1,
) -> Bools:
    """Return which entries of a matrix of real algebraic numbers are 0, with proof.

    Parameters
    ----------
    residues
        Given a field and which entries are still wanted, the residues of at least those.
    shape
        Of the matrix.
    conductor
        n.
    degree
        D, the degree of a field that holds the entries and has all conjugates within the bound.
    bits
        log2 of N B.
    start
        Entries already known not to be 0 are False; by default all are open.
    avoid
        Primes that divide this are passed over.

    Notes
    -----
    Exact. As many primes of 31 bits as the proof takes: D bits / 31.

    Examples
    --------
    >>> from toolkit.exact.cyclotomic import Cyclotomic
    >>> golden = Cyclotomic(5, ((1, 1, 1), (4, 1, 1)))
    >>> def values(field, wanted):
    ...     x = field.map([golden])[0]
    ...     return np.array([[x * x + x - 1, x * x - x - 1]]) % field.prime
    >>> which_vanish(values, (1, 2), conductor=5, degree=2, bits=3).tolist()
    [[True, False]]
    """
    opened = np.ones(shape, dtype=bool) if start is None else start.copy()
    needed = degree * max(bits, 1.0) + 1
    skip, have = 0, 0.0
    while have <= needed and opened.any():
        field = residue_field(conductor, skip=skip)
        skip += 1
        if avoid % field.prime:
            opened &= residues(field, opened) == 0
            have += math.log2(field.prime)
    return opened
