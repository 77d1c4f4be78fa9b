"""The groups that have a name of their own: one table of families, and library tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from toolkit.exact.residues import prime_factors
from toolkit.groups.specs.base import MAX_FIELD, GroupSpec, check_range, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_ORDER = 10**9
_MAX_DEGREE = 10**7
_MAX_INDEX = 10**12
_MAX_LINEAR_DEGREE = 1000
_MAX_TABLE_NAME = 100

_TABLE_CHARACTERS = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.()'_+-/:"
)


class Number(NamedTuple):
    """A number in a group's name: its JSON key, what it is, its least and largest value."""

    key: str
    meaning: str
    least: int
    most: int


class FamilyRow(NamedTuple):
    """What a family of groups needs to be named.

    Parameters
    ----------
    kind
        The kind in JSON. Families of one kind are told apart there by the key ``family``.
    numbers
        The numbers of a name, one or two.
    example
        Numbers that name a group of the family.
    problem
        From numbers within bounds, what is wrong with them and a suggestion, or ``None``.
    """

    kind: str
    numbers: tuple[Number, ...]
    example: tuple[int, ...]
    problem: Callable[..., tuple[str, str] | None] = lambda *numbers: None


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
    small_groups = {12: 1, 20: 1, 24: 4, 28: 1}
    if order < 8:
        suggestion = "the smallest one is Q8"
    elif order in small_groups:
        number = small_groups[order]
        suggestion = f"the dicyclic group of order {order} is SmallGroup({order},{number})"
    elif order % 4 == 0:
        suggestion = (
            f"the dicyclic group of order {order} is <a,b | a^{order // 2}, b^2 = a^{order // 4}, "
            "a^b = a^-1>"
        )
    else:
        suggestion = f"for instance Q{1 << (order.bit_length() - 1)}"
    return (
        "Q8 means the quaternion group of order 8, so the number must be a power of two "
        "and at least 8",
        suggestion,
    )


def _mathieu(degree: int) -> tuple[str, str] | None:
    if degree in (11, 12, 22, 23, 24):
        return None
    return "there is no such Mathieu group", "the Mathieu groups are M11, M12, M22, M23 and M24"


def _linear(degree: int, field: int) -> tuple[str, str] | None:
    if len(prime_factors(field)) == 1:
        return None
    return f"the field size must be a prime power, and {field} is none", ""


def _order(what: str, least: int) -> tuple[Number, ...]:
    return (Number("order", f"order of a {what} group", least, _MAX_ORDER),)


def _degree(what: str) -> tuple[Number, ...]:
    return (Number("degree", f"degree of {what} group", 1, _MAX_DEGREE),)


_LINEAR = FamilyRow(
    "linear",
    (
        Number("degree", "dimension of a linear group", 1, _MAX_LINEAR_DEGREE),
        Number("field", "field size", 2, MAX_FIELD),
    ),
    (2, 3),
    _linear,
)
_OF_DEGREE = (Number("degree", "degree", 1, _MAX_DEGREE), Number("index", "index", 1, _MAX_INDEX))
_OF_ORDER = (Number("order", "order", 1, _MAX_ORDER), Number("index", "index", 1, _MAX_INDEX))

#: The families by the word of their names: one number follows it, two stand in parentheses.
FAMILIES: dict[str, FamilyRow] = {
    "A": FamilyRow("alternating", _degree("an alternating"), (8,)),
    "C": FamilyRow("cyclic", _order("cyclic", 1), (8,)),
    "D": FamilyRow("dihedral", _order("dihedral", 0), (8,), _dihedral),
    "M": FamilyRow("mathieu", _degree("a Mathieu"), (11,), _mathieu),
    "Q": FamilyRow("quaternion", _order("quaternion", 1), (8,), _quaternion),
    "S": FamilyRow("symmetric", _degree("a symmetric"), (8,)),
    "AGL": _LINEAR,
    "ASL": _LINEAR,
    "GL": _LINEAR,
    "PGL": _LINEAR,
    "PSL": _LINEAR,
    "SL": _LINEAR,
    "PrimitiveGroup": FamilyRow("primitive", _OF_DEGREE, (9, 4)),
    "SmallGroup": FamilyRow("small", _OF_ORDER, (24, 12)),
    "TransitiveGroup": FamilyRow("transitive", _OF_DEGREE, (8, 3)),
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
        return self.family + ("{}" if len(self.numbers) == 1 else "({},{})")

    @property
    def name(self) -> str:
        """The canonical name."""
        return self._pattern().format(*self.numbers)

    def to_json(self) -> dict[str, Any]:
        """Return the canonical JSON."""
        row = FAMILIES[self.family]
        values: dict[str, Any] = {"kind": row.kind}
        if row.kind == "linear":
            values["family"] = self.family
        return values | {n.key: v for n, v in zip(row.numbers, self.numbers, strict=True)}


def family_from_json(kind: str, values: dict[str, Any]) -> Family:
    """Return the group of a family that JSON describes.

    Raises
    ------
    ValueError
        If the keys or the types of their values are others than the family's.
    """
    words = [word for word, row in FAMILIES.items() if row.kind == kind]
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
                "this is not a family of linear groups",
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
        Letters, digits and ``. ( ) ' _ + - / :`` only, parentheses balanced.
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
                    f"a table's name consists of letters, digits and . ( ) ' _ + - / : only, "
                    f"and has no {character!r}",
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
