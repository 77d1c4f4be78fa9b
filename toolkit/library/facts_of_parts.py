"""Facts of large direct products and wreath products, from those of their parts.

A direct product is put together factor by factor. In B wr T with T = S_n or A_n, n > 4, and B not
trivial, only the identity of T acts on the base group as the identity, so that the centre, the
Fitting subgroup and the solvable radical are those of the base group B^n, the centre on the
diagonal. The abelianisation is that of B beside that of T. The derived subgroup consists of the
elements over A_n whose entries multiply to an element of B'. It is perfect: the elements of B^n
with entries b and 1/b at two places are commutators of such elements with A_n, and commutators
of them are the elements of B' at one place.
"""

from __future__ import annotations

import math
from itertools import zip_longest
from typing import TYPE_CHECKING

from toolkit.groups.facts import CharacteristicOrders, GroupFacts
from toolkit.groups.specs.families import Family
from toolkit.groups.specs.tree import Product, Wreath
from toolkit.modules.gsets.actions import orbits
from toolkit.text import compact_integer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.groups.specs.base import GroupSpec
    from toolkit.modules.gsets.actions import IntArray

_LEAST_DEGREE = 5  # of an alternating group that is simple


def facts_of_parts(
    spec: GroupSpec, images: IntArray, facts_of: Callable[[GroupSpec], GroupFacts]
) -> GroupFacts | None:
    """Return the facts of a product or a wreath product, if those of its parts tell them.

    Parameters
    ----------
    spec
        The group, of larger order than those whose classes GAP computes.
    images
        ``(k, n)`` the images of its generators.
    facts_of
        Finds the facts of a part.

    Notes
    -----
    Exact. Groups that GAP holds by polycyclic generators are left to it.
    """
    match spec:
        case Product():
            if all(isinstance(part, Family) and part.family in ("C", "D") for part in spec.factors):
                return None
            factors = [facts_of(part) for part in spec.factors]
            if sum(part.order > 1 for part in factors) < 2:
                return None
            return _product(factors, images)
        case Wreath(base, Family("S" | "A" as family, (degree,))) if degree >= _LEAST_DEGREE:
            below = facts_of(base)
            return _wreath(below, family == "S", degree, images) if below.order > 1 else None
    return None


def _product(factors: Sequence[GroupFacts], images: IntArray) -> GroupFacts:
    order = math.prod(part.order for part in factors)
    exponents = [part.exponent for part in factors]
    known = [n for n in exponents if n is not None]
    solvable = all(part.solvable for part in factors)

    def orders(name: str) -> int | None:
        found = [getattr(part.subgroups, name) for part in factors]
        return None if None in found else math.prod(found)

    series = [part.derived_series for part in factors]
    rows = zip_longest(*series, fillvalue=None)
    totals = [
        math.prod(own[-1] if n is None else n for n, own in zip(row, series, strict=True))
        for row in rows
    ]
    return _facts(
        order,
        images,
        abelian=all(part.abelian for part in factors),
        nilpotent=all(part.nilpotent for part in factors),
        solvable=solvable,
        exponent=math.lcm(*known) if len(known) == len(factors) else None,
        invariants=tuple(sorted(n for part in factors for n in part.abelian_invariants)),
        subgroups=CharacteristicOrders(
            centre=math.prod(part.subgroups.centre for part in factors),
            derived=math.prod(part.subgroups.derived for part in factors),
            frattini=orders("frattini"),
            fitting=orders("fitting"),
            socle=orders("socle"),
            radical=order if solvable else orders("radical"),
        ),
        series=tuple(totals),
    )


def _wreath(below: GroupFacts, symmetric: bool, degree: int, images: IntArray) -> GroupFacts:
    order = below.order**degree * math.factorial(degree) // (1 if symmetric else 2)
    invariants = tuple(sorted([*below.abelian_invariants, *[2] * symmetric]))
    derived = order // math.prod(invariants)

    def power(number: int | None) -> int | None:
        return None if number is None else number**degree

    return _facts(
        order,
        images,
        abelian=False,
        nilpotent=False,
        solvable=False,
        exponent=None,
        invariants=invariants,
        subgroups=CharacteristicOrders(
            centre=below.subgroups.centre,
            derived=derived,
            frattini=None,
            fitting=power(below.subgroups.fitting),
            socle=None,
            radical=below.order**degree if below.solvable else power(below.subgroups.radical),
        ),
        series=(order,) if derived == order else (order, derived),
    )


def _facts(
    order: int,
    images: IntArray,
    *,
    abelian: bool,
    nilpotent: bool,
    solvable: bool,
    exponent: int | None,
    invariants: tuple[int, ...],
    subgroups: CharacteristicOrders,
    series: tuple[int, ...],
) -> GroupFacts:
    return GroupFacts(
        order=order,
        generators=tuple({"perm": image} for image in images.tolist()),
        points=images.shape[1],
        faithful=True,
        orbit_lengths=tuple(sorted((len(o) for o in orbits(images)), reverse=True)),
        id=None,
        description=None,
        abelian=abelian,
        nilpotent=nilpotent,
        solvable=solvable,
        perfect=not invariants,
        simple=False,
        exponent=exponent,
        abelian_invariants=invariants,
        subgroups=subgroups,
        derived_series=series,
        table=(
            f"a group of order {compact_integer(order)} is past the bound for computing "
            "its classes (PLREP_MAX_ORDER raises that)"
        ),
        classes=None,
    )
