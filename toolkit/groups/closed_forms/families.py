"""The closed forms of the groups whose names say what they are: products of cyclic groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.exact.residues import prime_factors
from toolkit.groups.closed_forms.abelian import AbelianForm, product_form
from toolkit.groups.specs.families import Family
from toolkit.groups.specs.tree import Product

if TYPE_CHECKING:
    from toolkit.groups.specs.base import GroupSpec


@dataclass(frozen=True)
class _Factor:
    """A factor: the orders of its generators, GAP's exponents of an element, and its points."""

    orders: tuple[int, ...]
    points: int
    exponents: Callable[[tuple[int, ...]], list[int]]


def abelian_form(spec: GroupSpec) -> AbelianForm | None:
    """Return the form of a group whose name is a product of cyclic groups, else ``None``.

    Parameters
    ----------
    spec
        The group's description.

    Notes
    -----
    Elements are given as data as GAP gives them for these names: by the exponents of the pc
    generators.

    Examples
    --------
    >>> from toolkit.groups.parsing.grammar import parse_group
    >>> form = abelian_form(parse_group("C48 x C60"))
    >>> form.invariants, form.simple_count
    ((12, 240), 1442)
    >>> abelian_form(parse_group("S3")) is None
    True
    """
    specs = spec.factors if isinstance(spec, Product) else (spec,)
    factors: list[_Factor] = []
    for part in specs:
        factor = _factor(part)
        if factor is None:
            return None
        factors.append(factor)

    def data(x: tuple[int, ...]) -> object:
        out: list[int] = []
        rest = x
        for factor in factors:
            out += factor.exponents(rest[: len(factor.orders)])
            rest = rest[len(factor.orders) :]
        return {"pc": out}

    orders = [n for factor in factors for n in factor.orders]
    return product_form(
        spec.name,
        orders,
        data,
        paper_indices=isinstance(spec, Family) and len(orders) < 2,
        orbit_lengths=tuple(factor.points for factor in factors),
    )


def _factor(spec: GroupSpec) -> _Factor | None:
    match spec:
        case Family("C", (1,)):
            return _Factor((), 1, lambda x: [])
        case Family("C", (n,)):
            primes = _with_multiplicity(n)
            return _Factor((n,), n, lambda x: _digits(x[0], primes))
        case Family("D", (4,)):  # Klein's group: GAP's first generator is the second one here
            return _Factor((2, 2), 4, lambda x: [x[1], x[0]])
    return None


def _with_multiplicity(n: int) -> list[int]:
    out = []
    for p in prime_factors(n):
        while n % p == 0:
            out.append(p)
            n //= p
    return out


def _digits(x: int, radices: list[int]) -> list[int]:
    """Return the digits of x, the first radix counting the units: GAP's pc exponents."""
    out = []
    for p in radices:
        x, digit = divmod(x, p)
        out.append(digit)
    return out
