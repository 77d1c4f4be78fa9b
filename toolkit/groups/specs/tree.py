"""The syntax tree of group names: one frozen dataclass per kind of group.

A spec is what the toolkit knows about a group before it asks GAP: plain checked data. Its
:attr:`~GroupSpec.name` is the canonical text, its :meth:`~GroupSpec.to_json` the canonical JSON,
the only form that ever reaches GAP. Construction checks the content, so that every spec that
exists makes sense as far as this can be told cheaply.
"""

from __future__ import annotations

import math
import reprlib
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from toolkit.errors import NamingError
from toolkit.exact.records import decode
from toolkit.groups.specs.base import (
    MAX_FACTORS,
    MAX_LOG_ORDER,
    GroupSpec,
    check_length,
    refusal,
)
from toolkit.groups.specs.families import FAMILIES, Table, family_from_json
from toolkit.groups.specs.generated import (
    MAX_ENTRIES,
    MAX_TOTAL_LETTERS,
    Permutations,
    Presentation,
    letter_count,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from toolkit.groups.space import ExactMatrices
    from toolkit.groups.specs.extensions import Central, Semidirect


@dataclass(frozen=True, slots=True)
class Product(GroupSpec):
    """A direct product of two or more groups, ``C4 x S3``.

    Products are flat: no factor is a product itself. :func:`direct_product` sees to that.
    """

    kind: ClassVar[str] = "product"
    factors: tuple[GroupSpec, ...]

    def __post_init__(self) -> None:
        if len(self.factors) < 2:
            raise refusal("a product", "a direct product has at least two factors")
        if any(isinstance(factor, Product) for factor in self.factors):
            raise refusal("a product", "a factor must not be a direct product itself")
        _check_parts(self.factors)

    @property
    def name(self) -> str:
        """The canonical name."""
        return " x ".join(factor.name for factor in self.factors)

    @property
    def parts(self) -> tuple[GroupSpec, ...]:
        """The factors."""
        return self.factors

    @property
    def order(self) -> int | None:
        """The product of the factors' orders, if that has at most a million digits."""
        orders = [factor.order for factor in self.factors]
        if not _is_short(self.log_order):
            return None
        return math.prod(n for n in orders if n is not None)

    @property
    def points(self) -> int | None:
        """The sum of the factors' numbers of points."""
        found = [factor.points for factor in self.factors]
        return None if None in found else sum(n for n in found if n is not None)

    @property
    def log_order(self) -> float | None:
        """The sum of the factors' logarithms."""
        found = [factor.log_order for factor in self.factors]
        return None if None in found else sum(x for x in found if x is not None)

    def exact_matrices(self) -> ExactMatrices | None:
        """Return the matrices on the direct sum of the factors' spaces, if all have one."""
        parts = [factor.exact_matrices() for factor in self.factors]
        return None if None in parts else _direct_sum([p for p in parts if p is not None])


@dataclass(frozen=True, slots=True)
class Wreath(GroupSpec):
    """The wreath product ``C2 wr S3``: one copy of ``base`` for each point that ``top`` acts on."""

    kind: ClassVar[str] = "wreath"
    base: GroupSpec
    top: GroupSpec

    def __post_init__(self) -> None:
        _check_parts((self.base, self.top))

    @property
    def name(self) -> str:
        """The canonical name; ``wr`` associates to the left."""
        base, top = self.base.name, self.top.name
        if self.base.kind in ("product", "semidirect", "central"):
            base = f"({base})"
        if self.top.kind in ("product", "wreath", "semidirect", "central"):
            top = f"({top})"
        return f"{base} wr {top}"

    @property
    def parts(self) -> tuple[GroupSpec, ...]:
        """The group whose copies it has, and the one that permutes them."""
        return self.base, self.top

    @property
    def order(self) -> int | None:
        """|B|^n |T| for n points of the upper group T, if that has at most a million digits."""
        base, top, copies = self.base.order, self.top.order, self.top.points
        if base is None or top is None or copies is None or not _is_short(self.log_order):
            return None
        order: int = base**copies * top
        return order

    @property
    def points(self) -> int | None:
        """The product of the numbers of points."""
        base, top = self.base.points, self.top.points
        return None if base is None or top is None else base * top

    @property
    def log_order(self) -> float | None:
        """The logarithm of the order."""
        base, top, copies = self.base.log_order, self.top.log_order, self.top.points
        return None if base is None or top is None or copies is None else base * copies + top


def _is_short(log_order: float | None) -> bool:
    return log_order is not None and log_order <= MAX_LOG_ORDER


def _direct_sum(parts: Sequence[ExactMatrices]) -> ExactMatrices:
    from toolkit.exact.cyclotomic import Cyclotomic

    sizes = [len(part[0]) for part in parts]
    whole, zero, one = sum(sizes), Cyclotomic.from_int(0), Cyclotomic.from_int(1)
    out = []
    for number, part in enumerate(parts):
        start = sum(sizes[:number])
        for matrix in part:
            rows = [[one if i == j else zero for j in range(whole)] for i in range(whole)]
            for i, row in enumerate(matrix, start):
                rows[i][start : start + len(row)] = row
            out.append(tuple(map(tuple, rows)))
    return tuple(out)


def _check_parts(parts: tuple[GroupSpec, ...]) -> None:
    for part in parts:
        if isinstance(part, Table):
            raise refusal(
                part.name,
                "of a library table only the characters are known, so it cannot be part of a "
                "product, a power or a wreath product",
            )
    if sum(map(_count, parts)) > MAX_FACTORS:
        raise refusal("a product", f"one name combines at most {MAX_FACTORS} groups")
    if sum(map(_weight, parts)) > MAX_ENTRIES:
        raise refusal("a product", "the generators of its factors are too long taken together")


def _weight(spec: GroupSpec) -> int:
    """Return how long the generators are, on a scale where MAX_ENTRIES bounds every kind."""
    match spec:
        case Permutations():
            return spec.degree * len(spec.images)
        case Presentation():
            letters = sum(map(letter_count, spec.relators))
            return letters * (MAX_ENTRIES // MAX_TOTAL_LETTERS)
    return sum(map(_weight, spec.parts))


def _count(spec: GroupSpec) -> int:
    return sum(map(_count, spec.parts)) if spec.parts else 1


def semidirect_product(normal: GroupSpec, top: GroupSpec) -> Semidirect:
    """Return the semidirect product that is named by its parts, both of them checked."""
    from toolkit.groups.specs.extensions import Semidirect

    _check_parts((normal, top))
    return Semidirect(normal, top)


def central_product(left: GroupSpec, right: GroupSpec) -> Central:
    """Return the central product that is named by its parts, both of them checked."""
    from toolkit.groups.specs.extensions import Central

    _check_parts((left, right))
    return Central(left, right)


def direct_product(factors: Iterable[GroupSpec]) -> GroupSpec:
    """Return the direct product of the factors, flattened; of one factor, the factor itself.

    Examples
    --------
    >>> from toolkit.groups.parsing.grammar import parse_group
    >>> C1, C2, S3 = map(parse_group, ("C1", "C2", "S3"))
    >>> direct_product([C1, direct_product([C2, S3])]).name
    'C1 x C2 x S3'
    """
    flat: list[GroupSpec] = []
    for factor in factors:
        flat.extend(factor.factors if isinstance(factor, Product) else (factor,))
    return flat[0] if len(flat) == 1 else Product(tuple(flat))


#: The class of each other kind with fields, by the module of this package that has it.
_GENERATED = {
    "coxeter": ("coxeter", "Coxeter"),
    "exact_matrices": ("exact_matrices", "ExactMatrixGroup"),
    "matrices": ("generated", "Matrices"),
    "permutations": ("generated", "Permutations"),
    "point_group": ("point_groups", "PointGroup"),
    "presentation": ("generated", "Presentation"),
}
_FAMILY_KINDS = frozenset(row.kind for row in FAMILIES.values())


def spec_from_json(data: object) -> GroupSpec:
    """Return the spec that canonical JSON describes, checked as if it had been typed.

    Parameters
    ----------
    data
        What :meth:`GroupSpec.to_json` makes.

    Returns
    -------
    GroupSpec
        The description of the group.

    Raises
    ------
    NamingError
        If ``data`` is not of the form that :meth:`GroupSpec.to_json` makes.

    Examples
    --------
    >>> spec_from_json({"kind": "small", "order": 24, "index": 12}).name
    'SmallGroup(24,12)'
    """
    return check_length(_read(data, 0))


def _read(data: object, depth: int) -> GroupSpec:
    if depth > MAX_FACTORS:
        raise refusal("JSON", f"products are nested more than {MAX_FACTORS} deep")
    match data:
        case {"kind": "product", "factors": [_, _, *_] as factors, **rest} if not rest:
            if len(factors) > MAX_FACTORS:
                raise refusal("a product", f"a product has at most {MAX_FACTORS} factors")
            return direct_product([_read(factor, depth + 1) for factor in factors])
        case {"kind": "wreath", "base": base, "top": top, **rest} if not rest:
            return Wreath(_read(base, depth + 1), _read(top, depth + 1))
        case {"kind": "semidirect", "normal": normal, "top": top, **rest} if not rest:
            return semidirect_product(_read(normal, depth + 1), _read(top, depth + 1))
        case {"kind": "central", "left": left, "right": right, **rest} if not rest:
            return central_product(_read(left, depth + 1), _read(right, depth + 1))
        case {"kind": "sporadic", "name": str(word)}:
            from toolkit.groups.specs.sporadic import Sporadic

            return Sporadic(word)
        case {"kind": "table", "name": str(table), **rest} if not rest:
            return Table(table)
        case {"kind": str(kind), **rest} if kind in _FAMILY_KINDS:
            return _decoded(partial(family_from_json, kind), rest)
        case {"kind": str(kind), **rest} if kind in _GENERATED:
            module, name = _GENERATED[kind]
            found = getattr(import_module(f"toolkit.groups.specs.{module}"), name)
            return _decoded(partial(decode, found), rest)
    raise refusal(_glimpse(data), "this is not the JSON of a group")


def _decoded(read: Callable[[Any], GroupSpec], values: dict[Any, Any]) -> GroupSpec:
    if not all(isinstance(key, str) for key in values):
        raise refusal(_glimpse(values), "the keys of JSON are texts")
    try:
        return read(values)
    except NamingError:
        raise
    except ValueError as error:
        raise refusal(_glimpse(values), f"this is not the JSON of a group ({error})") from None
    except RecursionError:  # from the repr of a value, which is too deep to be any field's
        raise refusal(_glimpse(values), "this is not the JSON of a group") from None


def _glimpse(data: object) -> str:
    try:
        return reprlib.repr(data)
    except ValueError:  # a number of more digits than Python prints
        return type(data).__name__
