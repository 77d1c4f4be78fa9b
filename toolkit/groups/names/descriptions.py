"""GAP's descriptions of small groups, and which groups each of them stands for.

The list is data, made by ``data/build_names.py``: the descriptions that the catalog prints for
the groups of order at most 255, and the names of families. Spellings that mean the same share one
entry: direct factors are sorted, abelian ones written by their invariant factors, and a part that
stands for one group is written as its number, ``24.12``.
"""

from __future__ import annotations

import re
from functools import cache
from math import gcd
from typing import TYPE_CHECKING

from toolkit.groups.specs.expression import Expression
from toolkit.groups.specs.families import Family
from toolkit.groups.specs.tree import Product

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.groups.specs.base import GroupSpec

_USUAL = re.compile(r"([CSAQDM]|QD|Dic|He)[0-9]+|M[0-9]+\(.*|[0-9].*|(AGL|SL|GL|PSL)\(.*")

#: Numbers (order, index) of the groups that a description stands for.
Ids = tuple[tuple[int, int], ...]


@cache
def descriptions() -> dict[str, Ids]:
    """Return, for each description in its normal form, the groups that it stands for."""
    return _table("descriptions.tsv")


@cache
def family_names() -> dict[str, Ids]:
    """Return the names of families, each with its group of order at most 255."""
    return _table("families.tsv")


@cache
def frobenius_groups() -> dict[int, Ids]:
    """Return the Frobenius groups of order at most 255 by their orders."""
    return {int(order): ids for order, ids in _table("frobenius.tsv").items()}


@cache
def best_names() -> dict[tuple[int, int], str]:
    """Return for a group the name of a usual family that it belongs to, the most usual one."""
    out: dict[tuple[int, int], str] = {}
    for name, (number,) in family_names().items():
        if _USUAL.fullmatch(name):
            out.setdefault(number, name)
    return out


def small_group_number(spec: GroupSpec) -> tuple[int, int] | None:
    """Return the number of a group in the small groups library if its name alone tells.

    Examples
    --------
    >>> small_group_number(Family("S", (3,))), small_group_number(Family("S", (9,)))
    ((6, 1), None)
    """
    if isinstance(spec, Family) and spec.family == "SmallGroup":
        return spec.numbers[0], spec.numbers[1]
    if _is_four_group(spec):
        return 4, 2
    found = family_names().get(spec.name)
    if found is None and isinstance(spec, Product):
        table = descriptions()
        found = table.get(normal_form(spec, table))
    return found[0] if found and len(found) == 1 else None


def names_of_group(spec: GroupSpec) -> list[str]:
    """Return a group's name and, where its name tells its number, the other names of the group.

    Examples
    --------
    >>> names_of_group(Family("S", (3,)))[:3]
    ['S3', 'SmallGroup(6,1)', 'D6']
    """
    number = small_group_number(spec)
    if number is None:
        return [spec.name]
    families = [name for name, ids in family_names().items() if ids[0] == number]
    return list(dict.fromkeys([spec.name, Family("SmallGroup", number).name, *families]))


def _table(name: str) -> dict[str, Ids]:
    from importlib.resources import files  # names without extensions need no table

    out = {}
    text = files("toolkit.groups.names").joinpath(name).read_text("utf-8")
    for line in text.splitlines():
        description, numbers = line.split("\t")
        out[description] = tuple(_id(number) for number in numbers.split(","))
    return out


def _id(number: str) -> tuple[int, int]:
    order, index = number.split(".")
    return int(order), int(index)


def as_printed(text: str) -> str:
    """Return the key of a description as GAP prints it, where the normal form tells less.

    GAP prints ``(C5 : C4) x D10`` for one group and ``D10 x (C5 : C4)`` for another.
    """
    return f"'{text}'"


def normal_form(expression: Expression | GroupSpec, table: Mapping[str, Ids]) -> str:
    """Return the form under which a description is looked up.

    Parameters
    ----------
    expression
        What a name was read as.
    table
        The descriptions known so far, in their normal form.

    Examples
    --------
    >>> from toolkit.groups.specs.expression import Expression
    >>> C2, C4 = Family("C", (2,)), Family("C", (4,))
    >>> normal_form(Expression(":", (Expression("x", (C2, C4)), C2)), descriptions())
    '8.2 : 2.1'
    """
    if not isinstance(expression, Expression):
        return _normal_spec(expression, table)
    if expression.sign == "x":
        return _normal_product(expression.parts, table)
    if expression.sign == "=":
        return " = ".join(normal_form(part, table) for part in expression.parts)
    left, right = (_part(part, table) for part in expression.parts)
    return f"{left} {expression.sign} {right}"


def _part(part: Expression | GroupSpec, table: Mapping[str, Ids]) -> str:
    found = normal_form(part, table)
    ids = table.get(found) or family_names().get(found, ())
    if len(ids) == 1:
        return f"{ids[0][0]}.{ids[0][1]}"
    return f"({found})" if " " in found else found


def _normal_spec(spec: GroupSpec, table: Mapping[str, Ids]) -> str:
    if isinstance(spec, Product):
        return _normal_product(spec.factors, table)
    return "C2 x C2" if _is_four_group(spec) else spec.name


def _is_four_group(spec: Expression | GroupSpec) -> bool:
    return isinstance(spec, Family) and (spec.family, spec.numbers) == ("D", (4,))


def _normal_product(parts: tuple[Expression | GroupSpec, ...], table: Mapping[str, Ids]) -> str:
    cyclic: list[int] = []
    others: list[str] = []
    for part in _flat(parts):
        if isinstance(part, Family) and part.family == "C":
            cyclic.append(part.numbers[0])
        elif _is_four_group(part):
            cyclic.extend((2, 2))
        else:
            others.append(_part(part, table))
    abelian = [f"C{n}" for n in _invariant_factors(cyclic)]
    factors = [*sorted(others), *abelian]
    return " x ".join(factors) if factors else "C1"


def _flat(parts: tuple[Expression | GroupSpec, ...]) -> list[Expression | GroupSpec]:
    out: list[Expression | GroupSpec] = []
    for part in parts:
        if isinstance(part, Product):
            out.extend(part.factors)
        elif isinstance(part, Expression) and part.sign == "x":
            out.extend(_flat(part.parts))
        else:
            out.append(part)
    return out


def _invariant_factors(orders: list[int]) -> list[int]:
    """Return n1, n2, … with n2 | n1, n3 | n2, … and the same direct product of cyclic groups."""
    factors = list(orders)
    for i in range(len(factors)):
        for j in range(i + 1, len(factors)):
            common = gcd(factors[i], factors[j])
            factors[i], factors[j] = factors[i] * factors[j] // common, common
    return [n for n in factors if n > 1]
