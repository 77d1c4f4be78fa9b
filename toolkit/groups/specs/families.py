"""The groups that have a name of their own: families, libraries, library tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from toolkit.exact.residues import prime_factors
from toolkit.groups.specs.base import MAX_FIELD, GroupSpec, check_range, refusal

__all__ = [
    "LINEAR_FAMILIES",
    "MATHIEU_DEGREES",
    "Alternating",
    "Cyclic",
    "Dihedral",
    "Linear",
    "Mathieu",
    "Primitive",
    "Quaternion",
    "Small",
    "Symmetric",
    "Table",
    "Transitive",
]

LINEAR_FAMILIES = ("AGL", "ASL", "GL", "PGL", "PSL", "SL")
MATHIEU_DEGREES = (11, 12, 22, 23, 24)

_MAX_ORDER = 10**9
_MAX_DEGREE = 10**7
_MAX_INDEX = 10**12
_MAX_LINEAR_DEGREE = 1000
_MAX_TABLE_NAME = 100

_TABLE_CHARACTERS = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.()'_+-/:"
)


@dataclass(frozen=True, slots=True)
class Cyclic(GroupSpec):
    """The cyclic group, ``C8``.

    Examples
    --------
    >>> Cyclic(8).name, Cyclic(8).to_json()
    ('C8', {'kind': 'cyclic', 'order': 8})
    """

    kind: ClassVar[str] = "cyclic"
    order: int

    def __post_init__(self) -> None:
        check_range("C{}", ("order of a cyclic group", self.order, 1, _MAX_ORDER))

    @property
    def name(self) -> str:
        """The canonical name."""
        return f"C{self.order}"


@dataclass(frozen=True, slots=True)
class Dihedral(GroupSpec):
    """The dihedral group by its order, as GAP prints it: ``D8`` has 8 elements."""

    kind: ClassVar[str] = "dihedral"
    order: int

    def __post_init__(self) -> None:
        check_range("D{}", ("order of a dihedral group", self.order, 0, _MAX_ORDER))
        if self.order >= 4 and self.order % 2 == 0:
            return
        small = {0: "the smallest one is D4", 1: "the trivial group is C1", 2: "write C2"}
        raise refusal(
            self.name,
            "D8 means the dihedral group of order 8, so the number must be even and at least 4",
            small.get(
                self.order, f"the dihedral group of the {self.order}-gon is D{2 * self.order}"
            ),
        )

    @property
    def name(self) -> str:
        """The canonical name."""
        return f"D{self.order}"


@dataclass(frozen=True, slots=True)
class Quaternion(GroupSpec):
    """The generalised quaternion group by its order, a power of two: ``Q16``."""

    kind: ClassVar[str] = "quaternion"
    order: int

    def __post_init__(self) -> None:
        check_range("Q{}", ("order of a quaternion group", self.order, 1, _MAX_ORDER))
        n = self.order
        if n >= 8 and n & (n - 1) == 0:
            return
        small_groups = {12: 1, 20: 1, 24: 4, 28: 1}
        if n < 8:
            suggestion = "the smallest one is Q8"
        elif n in small_groups:
            suggestion = f"the dicyclic group of order {n} is SmallGroup({n},{small_groups[n]})"
        elif n % 4 == 0:
            suggestion = (
                f"the dicyclic group of order {n} is <a,b | a^{n // 2}, b^2 = a^{n // 4}, "
                "a^b = a^-1>"
            )
        else:
            suggestion = f"for instance Q{1 << (n.bit_length() - 1)}"
        raise refusal(
            self.name,
            "Q8 means the quaternion group of order 8, so the number must be a power of two "
            "and at least 8",
            suggestion,
        )

    @property
    def name(self) -> str:
        """The canonical name."""
        return f"Q{self.order}"


@dataclass(frozen=True, slots=True)
class Symmetric(GroupSpec):
    """The symmetric group on ``degree`` points, ``S5``."""

    kind: ClassVar[str] = "symmetric"
    degree: int

    def __post_init__(self) -> None:
        check_range("S{}", ("degree of a symmetric group", self.degree, 1, _MAX_DEGREE))

    @property
    def name(self) -> str:
        """The canonical name."""
        return f"S{self.degree}"


@dataclass(frozen=True, slots=True)
class Alternating(GroupSpec):
    """The alternating group on ``degree`` points, ``A5``."""

    kind: ClassVar[str] = "alternating"
    degree: int

    def __post_init__(self) -> None:
        check_range("A{}", ("degree of an alternating group", self.degree, 1, _MAX_DEGREE))

    @property
    def name(self) -> str:
        """The canonical name."""
        return f"A{self.degree}"


@dataclass(frozen=True, slots=True)
class Linear(GroupSpec):
    """A linear or affine group over a finite field: ``SL(2,3)``, ``AGL(1,5)``.

    Parameters
    ----------
    family
        One of :data:`LINEAR_FAMILIES`.
    degree
        Dimension of the vector space.
    field
        Number of elements of the field, a prime power.
    """

    kind: ClassVar[str] = "linear"
    family: str
    degree: int
    field: int

    def __post_init__(self) -> None:
        if self.family not in LINEAR_FAMILIES:
            raise refusal(
                self.family,
                "this is not a family of linear groups",
                f"the families are {', '.join(LINEAR_FAMILIES)}",
            )
        check_range(
            self.family + "({},{})",
            ("dimension of a linear group", self.degree, 1, _MAX_LINEAR_DEGREE),
            ("field size", self.field, 2, MAX_FIELD),
        )
        if len(prime_factors(self.field)) > 1:
            raise refusal(
                self.name, f"the field size must be a prime power, and {self.field} is none"
            )

    @property
    def name(self) -> str:
        """The canonical name."""
        return f"{self.family}({self.degree},{self.field})"


@dataclass(frozen=True, slots=True)
class Mathieu(GroupSpec):
    """A Mathieu group, ``M11``."""

    kind: ClassVar[str] = "mathieu"
    degree: int

    def __post_init__(self) -> None:
        if self.degree not in MATHIEU_DEGREES:
            known = [f"M{n}" for n in MATHIEU_DEGREES]
            check_range("M{}", ("degree of a Mathieu group", self.degree, 1, _MAX_DEGREE))
            raise refusal(
                self.name,
                "there is no such Mathieu group",
                f"the Mathieu groups are {', '.join(known[:-1])} and {known[-1]}",
            )

    @property
    def name(self) -> str:
        """The canonical name."""
        return f"M{self.degree}"


@dataclass(frozen=True, slots=True)
class Small(GroupSpec):
    """A group of the small groups library, ``SmallGroup(24,12)``."""

    kind: ClassVar[str] = "small"
    order: int
    index: int

    def __post_init__(self) -> None:
        check_range(
            "SmallGroup({},{})",
            ("order", self.order, 1, _MAX_ORDER),
            ("index", self.index, 1, _MAX_INDEX),
        )

    @property
    def name(self) -> str:
        """The canonical name."""
        return f"SmallGroup({self.order},{self.index})"


@dataclass(frozen=True, slots=True)
class Transitive(GroupSpec):
    """A group of the transitive groups library, ``TransitiveGroup(8,3)``."""

    kind: ClassVar[str] = "transitive"
    degree: int
    index: int

    def __post_init__(self) -> None:
        check_range(
            "TransitiveGroup({},{})",
            ("degree", self.degree, 1, _MAX_DEGREE),
            ("index", self.index, 1, _MAX_INDEX),
        )

    @property
    def name(self) -> str:
        """The canonical name."""
        return f"TransitiveGroup({self.degree},{self.index})"


@dataclass(frozen=True, slots=True)
class Primitive(GroupSpec):
    """A group of the primitive groups library, ``PrimitiveGroup(9,4)``."""

    kind: ClassVar[str] = "primitive"
    degree: int
    index: int

    def __post_init__(self) -> None:
        check_range(
            "PrimitiveGroup({},{})",
            ("degree", self.degree, 1, _MAX_DEGREE),
            ("index", self.index, 1, _MAX_INDEX),
        )

    @property
    def name(self) -> str:
        """The canonical name."""
        return f"PrimitiveGroup({self.degree},{self.index})"


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
