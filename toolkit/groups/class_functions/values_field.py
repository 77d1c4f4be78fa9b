"""Fields of values of class functions, and their Galois groups."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.exact.cyclotomic import Cyclotomic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.exact.cyclotomic import Number


@dataclass(frozen=True)
class FieldOfValues:
    """The field that the values of a class function generate over Q.

    Parameters
    ----------
    conductor
        The least n with the field inside Q(E(n)).
    stabiliser
        The k from 1 to n, prime to n, whose automorphism E(n) -> E(n)^k fixes all values.
    degree
        Over Q.

    Examples
    --------
    >>> import toolkit as tk
    >>> chi = tk.group("A5").character("X1")
    >>> chi.field_of_values
    FieldOfValues(conductor=5, stabiliser=(1, 4), degree=2)
    """

    conductor: int
    stabiliser: tuple[int, ...]
    degree: int

    @property
    def is_rational(self) -> bool:
        """Whether the field is Q."""
        return self.degree == 1

    @property
    def is_real(self) -> bool:
        """Whether all values are real."""
        return self.conductor == 1 or self.conductor - 1 in self.stabiliser

    def automorphisms(self) -> tuple[int, ...]:
        """Return one k for each automorphism E(n) -> E(n)^k of the field, 1 first."""
        n = self.conductor
        out: list[int] = []
        met: set[int] = set()
        for k in _units(n):
            if k not in met:
                out.append(k)
                met.update(k * s % n for s in self.stabiliser)
        return tuple(out)


def field_of_values(values: Iterable[Number]) -> FieldOfValues:
    """Return the field that exact numbers generate over Q.

    Notes
    -----
    Exact. Each number takes away the automorphisms that move it.
    """
    different = {v for v in values if isinstance(v, Cyclotomic) and v.conductor > 1}
    n = math.lcm(*(v.conductor for v in different))
    units = _units(n)
    kept = units
    for v in sorted(different, key=lambda v: -v.conductor):
        fixes = {
            r: v.galois_conjugate(r) == v for r in {k % v.conductor for k in kept if len(kept) > 1}
        }
        kept = [k for k in kept if fixes.get(k % v.conductor, True)]
    return FieldOfValues(n, tuple(kept), len(units) // len(kept))


def _units(n: int) -> list[int]:
    return [k for k in range(1, n + 1) if math.gcd(k, n) == 1]
