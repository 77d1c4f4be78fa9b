"""The numbers of a generic copy: fixed ones without relations that a group could meet by chance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from toolkit.exact.residues import is_prime

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: How often other numbers are tried where the first ones turn out not to be generic.
ATTEMPTS = 8


def generic_numbers(many: int, attempt: int = 0) -> NDArray[np.float64]:
    """Return ``(n,)`` 1/2 + the fractional parts of the roots of consecutive primes.

    Parameters
    ----------
    many
        How many.
    attempt
        So many primes are left out at first.

    Notes
    -----
    Multiples of one root would do worse: their fractional parts have differences in common, and
    a group can add up just those to 0.

    Examples
    --------
    >>> generic_numbers(4).round(3).tolist()
    [0.914, 1.232, 0.736, 1.146]
    >>> generic_numbers(2, attempt=1).round(3).tolist()
    [1.232, 0.736]
    """
    found: list[float] = []
    number = 2
    while len(found) < many + attempt:
        if is_prime(number):
            found.append(0.5 + math.modf(math.sqrt(number))[0])
        number += 1
    return np.array(found[attempt:])
