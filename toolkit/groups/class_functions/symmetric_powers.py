r"""Symmetric and exterior powers and Schur functors of class functions, by power sums.

With p_i(g) = f(g^i), Newton's identities give the symmetric powers h_n and exterior powers e_n,

.. math:: n h_n = \sum_{i=1}^n p_i h_{n-i}, \qquad n e_n = \sum_{i=1}^n (-1)^{i-1} p_i e_{n-i},

and the Schur functor of a partition is the determinant of the h of lambda_i - i + j (Jacobi and
Trudi). The same formulas serve residues modulo a prime and exact values.

References: Macdonald, Symmetric Functions and Hall Polynomials, chapter I.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from toolkit.exact.cyclotomic import Number
    from toolkit.groups.class_functions.residues import CharacterResidues
    from toolkit.groups.class_functions.space import ClassFunctionSpace

Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True)
class Power:
    """A power of class functions that symmetric or exterior powers give.

    Parameters
    ----------
    highest
        The highest symmetric (exterior) power that is needed.
    exterior
        Whether exterior powers are.
    choose
        Makes the power from the powers 0, 1, ..., and the prime that residues are taken modulo.
    bound
        From the degree of a character, a bound for the multiplicities in its power.
    """

    highest: int
    exterior: bool
    choose: Callable[[list[Array], int | None], Array]
    bound: Callable[[int], int]

    def of(
        self,
        space: ClassFunctionSpace,
        values: Sequence[Number],
        multiplicities: tuple[int, ...] | None,
    ) -> Sequence[Any]:
        """Return the power of a class function.

        Parameters
        ----------
        space
            The class functions of the table.
        values
            ``(classes,)`` exact values.
        multiplicities
            In the irreducible characters, if it is a virtual character.

        Returns
        -------
        sequence
            Multiplicities for a virtual character, else exact values.
        """
        where = [space.power_classes(i) for i in range(1, self.highest + 1)]
        if multiplicities is None:
            given = np.empty(len(values), dtype=object)
            given[:] = values
            powers = powers_by_newton([given[c] for c in where], exterior=self.exterior)
            found: list[Number] = self.choose(powers, None).tolist()
            return found
        degree = sum(abs(m) * d for m, d in zip(multiplicities, space.degrees, strict=True))

        def chosen(residues: CharacterResidues) -> Array:
            given, prime = residues.values(multiplicities), residues.field.prime
            powers = powers_by_newton([given[c] for c in where], prime, exterior=self.exterior)
            return self.choose(powers, prime)

        return space.decomposed(self.bound(degree), chosen)


def symmetric_power(k: int) -> Power:
    """Return the k-th symmetric power."""
    return _newton_power(k, exterior=False)


def exterior_power(k: int) -> Power:
    """Return the k-th exterior power."""
    return _newton_power(k, exterior=True)


def _newton_power(k: int, *, exterior: bool) -> Power:
    # the exterior power of a difference holds symmetric powers: one bound for both
    return Power(
        max(k, 1),
        exterior,
        lambda powers, _: powers[k],
        lambda degree: max(1, math.comb(degree + k - 1, k)) if degree else 1,
    )


def schur_power(partition: tuple[int, ...]) -> Power:
    """Return the Schur functor of a partition, positive parts that fall."""
    return Power(
        partition[0] + len(partition) - 1,
        False,
        lambda powers, prime: schur_by_jacobi_trudi(partition, powers, prime),
        lambda degree: max(1, degree) ** sum(partition),
    )


def powers_by_newton(
    power_sums: Sequence[Array], prime: int | None = None, *, exterior: bool = False
) -> list[Array]:
    """Return the symmetric (or exterior) powers 0 to n of a class function.

    Parameters
    ----------
    power_sums
        ``(n, classes)``: the values at g, g^2, ..., g^n, n at least 1; residues or exact numbers.
    prime
        What residues are taken modulo, a prime above n; ``None`` for exact numbers.
    exterior
        Whether exterior powers are wanted.

    Examples
    --------
    The plane of a triangle, at the identity, the reflections and the turns:

    >>> sums = [np.array(p, dtype=object) for p in ([2, 0, -1], [2, 2, -1])]
    >>> powers_by_newton(sums)[2].tolist(), powers_by_newton(sums, exterior=True)[2].tolist()
    ([Fraction(3, 1), Fraction(1, 1), Fraction(0, 1)],
     [Fraction(1, 1), Fraction(-1, 1), Fraction(1, 1)])
    """
    out = [np.ones_like(power_sums[0])]
    for n in range(1, len(power_sums) + 1):
        total = out[0] * 0
        for i in range(1, n + 1):
            part = power_sums[i - 1] * out[n - i]
            total = total + (-part if exterior and i % 2 == 0 else part)
            if prime is not None:
                total %= prime
        scale = Fraction(1, n) if prime is None else pow(n, -1, prime)
        total = total * scale
        out.append(total if prime is None else total % prime)
    return out


def schur_by_jacobi_trudi(
    partition: Sequence[int], complete: Sequence[Array], prime: int | None = None
) -> Array:
    """Return the Schur functor of a partition, from the symmetric powers 0, 1, 2, ...

    Parameters
    ----------
    partition
        Positive parts, falling.
    complete
        The symmetric powers up to the partition's first part plus its length.
    prime
        As in :func:`powers_by_newton`.

    Notes
    -----
    Of length l: l 2^l products, the expansion of the determinant along its rows.
    """
    length = len(partition)
    minors: dict[int, Array] = {0: np.ones_like(complete[0])}
    for i in range(length):
        below, minors = minors, {}
        for used, minor in below.items():
            for j in range(length):
                n = partition[i] - i + j
                if used >> j & 1 or n < 0:
                    continue
                part = minor * complete[n]
                if (used >> j).bit_count() % 2:  # columns to the right that came before
                    part = -part
                key = used | 1 << j
                part = part + minors[key] if key in minors else part
                minors[key] = part if prime is None else part % prime
    return minors.get((1 << length) - 1, complete[0] * 0)
