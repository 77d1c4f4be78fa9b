"""The closed forms of the groups whose names say what they are.

Products of cyclic groups; dihedral, quaternion, dicyclic, semidihedral and modular groups; and the
products of one of these with cyclic groups.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from toolkit.exact.residues import prime_factors
from toolkit.groups.closed_forms.abelian import AbelianForm, product_form
from toolkit.groups.facts import CharacteristicOrders, GroupFacts
from toolkit.groups.specs.families import Family
from toolkit.groups.specs.generated import Permutations
from toolkit.groups.specs.tree import Product

if TYPE_CHECKING:
    from toolkit.groups.closed_forms.cyclic_quotient import CyclicQuotientForm
    from toolkit.groups.closed_forms.form import ClosedForm, KernelClass
    from toolkit.groups.specs.base import GroupSpec


def closed_form_of_name(spec: GroupSpec) -> ClosedForm | None:
    """Return the closed form of a group whose name says that it has one, else ``None``.

    Parameters
    ----------
    spec
        The group's description.

    Examples
    --------
    >>> from toolkit.groups.parsing.grammar import parse_group
    >>> form = closed_form_of_name(parse_group("D2000000"))
    >>> form.class_count, len(form.kernel_classes())
    (500003, 51)
    """
    if isinstance(spec, Permutations):
        if len(spec.images) == 1:
            return _one_permutation(spec)
        from toolkit.groups.closed_forms.commuting import form_of_commuting_permutations

        return form_of_commuting_permutations(spec.name, spec.images)
    return abelian_form(spec) or _metacyclic_form(spec)


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


def _one_permutation(spec: Permutations) -> AbelianForm:
    """Return the form of the cyclic group that one permutation generates."""
    image = spec.images[0]
    cycles: list[list[int]] = []
    seen: set[int] = set()
    for start in range(len(image)):
        if start not in seen:
            cycle = [start]
            while image[cycle[-1]] != start:
                cycle.append(image[cycle[-1]])
            seen.update(cycle)
            cycles.append(cycle)
    lengths = tuple(map(len, cycles))

    def data(x: tuple[int, ...]) -> object:
        moved = list(image)
        for cycle in cycles:
            for i, point in enumerate(cycle):
                moved[point] = cycle[(i + x[0]) % len(cycle)]
        return {"perm": moved}

    return product_form(
        spec.name, (math.lcm(*lengths),), data, paper_indices=False, orbit_lengths=lengths
    )


@dataclass(frozen=True)
class _Metacyclic:
    """<a, b>, where a has order n, b a b^-1 = a^twist, and b^index = a^power."""

    n: int
    index: int
    twist: int
    power: int


def _metacyclic(spec: GroupSpec) -> _Metacyclic | None:
    match spec:
        case Family("D", (order,)) if order > 4:
            return _Metacyclic(order // 2, 2, -1, 0)
        case Family("Q", (order,)):
            return _Metacyclic(order // 2, 2, -1, order // 4)
        case Family("Dic", (n,)):
            return _Metacyclic(2 * n, 2, -1, n)
        case Family("QD", (order,)):
            return _Metacyclic(order // 2, 2, order // 4 - 1, 0)
        case Family("Mod", (e, p)):
            n = p ** (e - 1)
            return _Metacyclic(n, p, pow(1 + p ** (e - 2), -1, n), 0)
    return None


def _metacyclic_form(spec: GroupSpec) -> CyclicQuotientForm | None:
    """Return the form of a metacyclic group, or of its product with cyclic groups."""
    specs = spec.factors if isinstance(spec, Product) else (spec,)
    found = [(i, m) for i, part in enumerate(specs) if (m := _metacyclic(part)) is not None]
    if len(found) != 1:
        return None
    from toolkit.groups.closed_forms.cyclic_quotient import CyclicQuotientForm
    from toolkit.groups.closed_forms.rotation_kernels import (
        rotation_kernel_classes,
        semidihedral_kernel_classes,
    )

    at, group = found[0]
    # the generators of the abelian subgroup, and their numbers among those of the group
    orders: list[int] = []
    numbers: list[int] = []
    number, b, where = 0, 0, 0
    for i, part in enumerate(specs):
        if i == at:
            where, b = len(orders), number + 1
            orders.append(group.n)
            numbers.append(number)
            number += 2
            continue
        factor = _factor(part)
        if factor is None:
            return None
        orders += factor.orders
        numbers += range(number, number + len(factor.orders))
        number += len(factor.orders)
    base = product_form(spec.name, orders, tuple)
    rank = len(base.invariants)

    def exponents(a: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(base.element_data(a))  # type: ignore[arg-type]

    def coordinates(x: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(
            sum(c * g[i] for c, g in zip(x, base.generators, strict=True)) % d
            for i, d in enumerate(base.invariants)
        )

    def twisted(x: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(c * group.twist if i == where else c for i, c in enumerate(x))

    def data(a: tuple[int, ...], k: int) -> object:
        powers = [[g, c] for g, c in zip(numbers, exponents(a), strict=True) if c]
        return {"powers": [*powers, [b, k]] if k else powers}

    n = group.n
    rotations = len(specs) == 1 and group.index == 2 and group.twist == -1
    dicyclic = group.power > 0
    corners = n // 2 if dicyclic else n
    kernels: Callable[[], tuple[KernelClass, ...]] | None = None
    class_count = None
    if rotations:
        kernels = partial(rotation_kernel_classes, n, dicyclic=dicyclic)
        class_count = _class_count(corners, dicyclic)
    elif isinstance(spec, Family) and spec.family == "QD":
        kernels = partial(semidihedral_kernel_classes, 2 * n)
        class_count = n // 2 + 3
    return CyclicQuotientForm(
        name=spec.name,
        invariants=base.invariants,
        action=tuple(coordinates(twisted(exponents(_unit(i, 1, rank)))) for i in range(rank)),
        index=group.index,
        power=coordinates(_unit(where, group.power, len(orders))),
        # b, if it is the first generator, does not occur: a comes before it
        generator=(coordinates(_unit(0, 1, len(orders))), 0),
        element_data=data,
        polygon=n if rotations and not dicyclic else None,
        known_facts=partial(_facts, corners, dicyclic) if rotations else None,
        known_kernels=kernels,
        known_class_count=class_count,
    )


def _unit(i: int, c: int, length: int) -> tuple[int, ...]:
    return tuple(c if j == i else 0 for j in range(length))


def _class_count(n: int, dicyclic: bool) -> int:
    if dicyclic:
        return n + 3
    return (n + 3) // 2 if n % 2 else n // 2 + 3


def _facts(n: int, dicyclic: bool) -> GroupFacts:
    """Return the facts of the dihedral group of the n-gon, or the dicyclic group of order 4n."""
    order = 4 * n if dicyclic else 2 * n
    two_group = n & (n - 1) == 0
    derived = n if dicyclic or n % 2 else n // 2
    odd_invariants = (4,) if dicyclic else (2,)
    return GroupFacts(
        order=order,
        generators=({"powers": [[0, 1]]}, {"powers": [[1, 1]]}),
        points=0 if dicyclic else n,
        faithful=None if dicyclic else True,
        orbit_lengths=() if dicyclic else (n,),
        id=None,
        description=None if dicyclic else f"D{order}",
        abelian=False,
        nilpotent=two_group,
        solvable=True,
        perfect=False,
        simple=False,
        exponent=math.lcm(order // 2, 4 if dicyclic else 2),
        abelian_invariants=odd_invariants if n % 2 else (2, 2),
        subgroups=CharacteristicOrders(
            centre=2 if dicyclic or n % 2 == 0 else 1,
            derived=derived,
            frattini=n // math.prod(prime_factors(n)) * (2 if dicyclic else 1),
            fitting=order if two_group else order // 2,
            socle=math.prod(prime_factors(order // 2)),
            radical=order,
        ),
        derived_series=(order, derived, 1),
        table=True,
        classes=_class_count(n, dicyclic),
    )
