"""The groups that have a name of their own: one table of families, and library tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from math import factorial, lgamma, log
from typing import Any, ClassVar

from toolkit.groups.specs.base import MAX_LOG_ORDER, GroupSpec, check_range, refusal
from toolkit.groups.specs.classical import CLASSICAL
from toolkit.groups.specs.family_row import FamilyRow, Number
from toolkit.groups.specs.p_groups import P_GROUPS, TWISTED

_MAX_ORDER = 10**12
_MAX_DEGREE = 10**7
_MAX_INDEX = 10**12
_MAX_TABLE_NAME = 100

_MATHIEU_ORDERS = {
    9: 72,
    10: 720,
    11: 7920,
    12: 95040,
    21: 20160,
    22: 443520,
    23: 10200960,
    24: 244823040,
}

_TABLE_CHARACTERS = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.()'_+-/:^*,[]{}`"
)


def _dihedral(order: int) -> tuple[str, str] | None:
    if order >= 4 and order % 2 == 0:
        return None
    small = {0: "the smallest one is D4", 1: "the trivial group is C1", 2: "write C2"}
    return (
        "D8 means the dihedral group of order 8, so the number must be even and at least 4",
        small.get(order, f"the dihedral group of the {order}-gon is D{2 * order}"),
    )


def _quaternion(order: int) -> tuple[str, str] | None:
    if order >= 8 and order & (order - 1) == 0:
        return None
    if order < 8:
        suggestion = "the smallest one is Q8"
    elif order % 4 == 0:
        suggestion = f"the dicyclic group of order {order} is Dic{order // 4}"
    else:
        suggestion = f"for instance Q{1 << (order.bit_length() - 1)}"
    return (
        "Q8 means the quaternion group of order 8, so the number must be a power of two "
        "and at least 8",
        suggestion,
    )


def _mathieu(degree: int) -> tuple[str, str] | None:
    if degree in _MATHIEU_ORDERS:
        return None
    return "there is no such Mathieu group", "the Mathieu groups are M11, M12, M22, M23 and M24"


@lru_cache(maxsize=64)
def _factorial(degree: int) -> int | None:
    return factorial(degree) if lgamma(degree + 1) <= MAX_LOG_ORDER else None


def _half_factorial(degree: int) -> int | None:
    order = _factorial(degree)
    return order and max(1, order // 2)


def _itself(number: int) -> int:
    return number


def _polygon(order: int) -> int:
    return 4 if order == 4 else order // 2


def _first(degree: int, index: int) -> int:
    return degree


def _order(what: str, least: int) -> tuple[Number, ...]:
    return (Number("order", f"order of a {what} group", least, _MAX_ORDER),)


def _degree(what: str) -> tuple[Number, ...]:
    return (Number("degree", f"degree of {what} group", 1, _MAX_DEGREE),)


_OF_DEGREE = (Number("degree", "degree", 1, _MAX_DEGREE), Number("index", "index", 1, _MAX_INDEX))
_OF_ORDER = (Number("order", "order", 1, _MAX_ORDER), Number("index", "index", 1, _MAX_INDEX))

#: The families by the word of their names: one number follows it, two stand in parentheses.
FAMILIES: dict[str, FamilyRow] = {
    "A": FamilyRow(
        "alternating", _degree("an alternating"), (8,), order=_half_factorial, points=_itself
    ),
    "C": FamilyRow("cyclic", _order("cyclic", 1), (8,), order=_itself, points=_itself),
    "D": FamilyRow("dihedral", _order("dihedral", 0), (8,), _dihedral, _itself, points=_polygon),
    "M": FamilyRow(
        "mathieu",
        _degree("a Mathieu"),
        (11,),
        _mathieu,
        _MATHIEU_ORDERS.__getitem__,
        points=_itself,
    ),
    "Q": FamilyRow("quaternion", _order("quaternion", 1), (8,), _quaternion, _itself),
    "S": FamilyRow("symmetric", _degree("a symmetric"), (8,), order=_factorial, points=_itself),
    **P_GROUPS,
    **CLASSICAL,
    **TWISTED,
    "PerfectGroup": FamilyRow("perfect", _OF_ORDER, (120, 1)),
    "PrimitiveGroup": FamilyRow("primitive", _OF_DEGREE, (9, 4), points=_first),
    "SmallGroup": FamilyRow("small", _OF_ORDER, (24, 12)),
    "TransitiveGroup": FamilyRow("transitive", _OF_DEGREE, (8, 3), points=_first),
}


@dataclass(frozen=True, slots=True)
class Family(GroupSpec):
    """A group of a family: ``C8``, ``SL(2,3)``, ``SmallGroup(24,12)``.

    Parameters
    ----------
    family
        A key of :data:`FAMILIES`.
    numbers
        Its numbers. ``D8``, ``Q8`` mean groups of order 8, as GAP prints them.

    Examples
    --------
    >>> Family("C", (8,)).name, Family("C", (8,)).to_json()
    ('C8', {'kind': 'cyclic', 'order': 8})
    """

    kind: ClassVar[str] = "family"
    family: str
    numbers: tuple[int, ...]

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise refusal(self.family, "there is no such family of groups")
        row = FAMILIES[self.family]
        check_range(
            self._pattern(),
            *(
                (number.meaning, value, number.least, number.most)
                for number, value in zip(row.numbers, self.numbers, strict=True)
            ),
        )
        problem = row.problem(*self.numbers)
        if problem:
            raise refusal(self.name, *problem)

    def _pattern(self) -> str:
        shape = "{}" if len(self.numbers) == 1 else "({},{})"
        return FAMILIES[self.family].pattern or self.family + shape

    @property
    def name(self) -> str:
        """The canonical name."""
        return self._pattern().format(*self.numbers)

    @property
    def order(self) -> int | None:
        """The order by a closed formula, or ``None`` where only a library knows the group."""
        return FAMILIES[self.family].order(*self.numbers)

    @property
    def points(self) -> int | None:
        """The number of points of the natural action, or ``None`` where only GAP knows it."""
        return FAMILIES[self.family].points(*self.numbers)

    @property
    def log_order(self) -> float | None:
        """The natural logarithm of the order, or ``None`` where only a library knows it."""
        if self.family in ("A", "S"):
            whole = lgamma(self.numbers[0] + 1)
            return whole - (log(2) if self.family == "A" and self.numbers[0] > 1 else 0)
        return super(Family, self).log_order

    def to_json(self) -> dict[str, Any]:
        """Return the canonical JSON."""
        row = FAMILIES[self.family]
        values: dict[str, Any] = {"kind": row.kind}
        if len(_words_of_kind(row.kind)) > 1:
            values["family"] = self.family
        return values | {n.key: v for n, v in zip(row.numbers, self.numbers, strict=True)}


@cache
def _words_of_kind(kind: str) -> list[str]:
    return [word for word, row in FAMILIES.items() if row.kind == kind]


def family_from_json(kind: str, values: dict[str, Any]) -> Family:
    """Return the group of a family that JSON describes.

    Raises
    ------
    ValueError
        If the keys or the types of their values are others than the family's.
    """
    words = _words_of_kind(kind)
    row, word = FAMILIES[words[0]], words[0]
    keys = [*(["family"] if len(words) > 1 else []), *(n.key for n in row.numbers)]
    missing, unknown = sorted(set(keys) - set(values)), sorted(set(values) - set(keys))
    if missing or unknown:
        raise ValueError(f"fields missing {missing}, unknown {unknown}")
    if len(words) > 1:
        word = values["family"]
        if word not in words:
            raise refusal(
                f"{word!r:.40}",
                f"this is not a family of {kind} groups",
                f"the families are {', '.join(words)}",
            )
    for key in keys[-len(row.numbers) :]:
        if type(values[key]) is not int:
            raise ValueError(f"{kind}.{key} must be int, not {values[key]!r}")
    return Family(word, tuple(values[n.key] for n in row.numbers))


@dataclass(frozen=True, slots=True)
class Table(GroupSpec):
    """A library character table of a group too large to hold, ``Table(M)``.

    Parameters
    ----------
    table
        The name that GAP's character table library knows it by, such as ``2.M12`` or ``L2(7)``.
        Letters, digits and the signs that occur there only, parentheses balanced.
    """

    kind: ClassVar[str] = "table"
    table: str

    def __post_init__(self) -> None:
        if not self.table:
            raise refusal("Table()", "a table has a name", "for instance Table(M)")
        if len(self.table) > _MAX_TABLE_NAME:
            raise refusal(
                f"Table({self.table[:_MAX_TABLE_NAME]}",
                f"a table's name has at most {_MAX_TABLE_NAME} characters",
            )
        for character in self.table:
            if character not in _TABLE_CHARACTERS:
                raise refusal(
                    self.name,
                    "a table's name consists of letters, digits and . ( ) [ ] { } ' ` _ + - / : ^ *"
                    f" and commas only, and has no {character!r}",
                )
        if not _is_balanced(self.table):
            raise refusal(self.name, "the parentheses in the table's name do not match")

    @property
    def name(self) -> str:
        """The canonical name."""
        return f"Table({self.table})"

    def to_json(self) -> dict[str, Any]:
        """Return the canonical JSON, where the table's name is called ``name``."""
        return {"kind": self.kind, "name": self.table}


def _is_balanced(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0
