"""Closed forms from an abelian normal subgroup with a cyclic quotient that GAP found."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.errors import InconsistentAnswerError
from toolkit.groups.closed_forms.abelian import AbelianForm, product_form
from toolkit.groups.closed_forms.cyclic_quotient import CyclicQuotientForm

if TYPE_CHECKING:
    from toolkit.groups.closed_forms.form import ClosedForm


@dataclass(frozen=True)
class AbelianNormalSubgroup:
    """GAP's answer; see ``gap_scripts/requests/abelian_normal_subgroup.g``."""

    orders: tuple[int, ...]
    gens: tuple[object, ...]
    index: int
    top: object
    action: tuple[tuple[int, ...], ...]
    power: tuple[int, ...]
    defining: tuple[tuple[tuple[int, ...], int], ...]


def closed_form_of_subgroup(name: str, found: AbelianNormalSubgroup) -> ClosedForm:
    """Return the form of a group with this subgroup.

    Parameters
    ----------
    name
        Canonical name of the group.
    found
        The subgroup, whose laws have been checked.

    Examples
    --------
    >>> found = AbelianNormalSubgroup((3,), ({"pc": [0, 1]},), 2, {"pc": [1, 0]}, ((2,),), (0,), ())
    >>> [s.dimension for s in closed_form_of_subgroup("S3", found).simples()]
    [1, 1, 2]
    """
    base = product_form(name, found.orders, tuple)

    def coordinates(x: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(
            sum(c * g[i] for c, g in zip(x, base.generators, strict=True)) % d
            for i, d in enumerate(base.invariants)
        )

    def data(a: tuple[int, ...], k: int) -> object:
        exponents: tuple[int, ...] = tuple(base.element_data(a))  # type: ignore[arg-type]
        factors = [[g, c] for g, c in zip(found.gens, exponents, strict=True) if c]
        return {"product": [*factors, [found.top, k]] if k else factors}

    defining = tuple((coordinates(a), k) for a, k in found.defining)
    identity = (0,) * len(base.invariants)
    if found.index == 1:
        return AbelianForm(
            name, base.invariants, tuple(a for a, _ in defining), lambda a: data(a, 0), False
        )
    units = _units(len(base.invariants))
    rows = []
    for unit in units:
        x: tuple[int, ...] = tuple(base.element_data(unit))  # type: ignore[arg-type]
        image = [0] * len(found.orders)
        for c, own in zip(x, found.action, strict=True):
            image = [i + c * o for i, o in zip(image, own, strict=True)]
        rows.append(coordinates(tuple(image)))
    return CyclicQuotientForm(
        name=name,
        invariants=base.invariants,
        action=tuple(rows),
        index=found.index,
        power=coordinates(found.power),
        generator=defining[0] if defining else (identity, 0),
        element_data=data,
    )


def _units(rank: int) -> list[tuple[int, ...]]:
    return [tuple(int(i == j) for j in range(rank)) for i in range(rank)]


def check_abelian_normal_subgroup(group: str, found: AbelianNormalSubgroup | None) -> None:
    """Check that t acts by an automorphism whose index-th power is 1, and fixes its power.

    Raises
    ------
    InconsistentAnswerError
        If it does not, so that there is no such group.
    """
    if found is None:
        return

    def moved(x: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(
            sum(c * row[i] for c, row in zip(x, found.action, strict=True)) % n
            for i, n in enumerate(found.orders)
        )

    units = _units(len(found.orders))
    lawful = all(n > 1 for n in found.orders) and found.index >= 1
    lawful = lawful and len(found.gens) == len(found.orders) == len(found.action)
    for x, n in zip(units, found.orders, strict=True):
        # the image of an element has its order
        image = moved(x)
        own = math.lcm(*(m // math.gcd(m, c) for c, m in zip(image, found.orders, strict=True)), 1)
        lawful = lawful and own == n
        for _ in range(found.index - 1):
            image = moved(image)
        lawful = lawful and image == x
    if not lawful or moved(found.power) != tuple(
        c % n for c, n in zip(found.power, found.orders, strict=True)
    ):
        raise InconsistentAnswerError(
            group, "an abelian normal subgroup with a cyclic quotient", f"{found!r:.80}"
        )
