"""Semidirect and central products that are named by their parts alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from toolkit.groups.specs.base import GroupSpec


def in_parentheses(spec: GroupSpec, loose: tuple[str, ...]) -> str:
    """Return the name of a part, in parentheses if its kind binds as loosely as those given."""
    return f"({spec.name})" if spec.kind in loose else spec.name


_LOOSE = ("product", "semidirect", "central", "wreath")


@dataclass(frozen=True, slots=True)
class Semidirect(GroupSpec):
    """A semidirect product by its parts, ``C101 : C25``, which must determine it.

    GAP decides at the first question which group it is. Among the semidirect products of the parts
    that are not direct products, dihedral, quaternion and semidihedral groups are left out if there
    are others, since they have names of their own; one must be left.

    Examples
    --------
    >>> from toolkit.groups.parsing.grammar import parse_group
    >>> C3, C101 = map(parse_group, ("C25", "C101"))
    >>> Semidirect(C101, C3).name
    'C101 : C25'
    """

    kind: ClassVar[str] = "semidirect"
    normal: GroupSpec
    top: GroupSpec

    @property
    def name(self) -> str:
        """The canonical name."""
        return f"{in_parentheses(self.normal, _LOOSE)} : {in_parentheses(self.top, _LOOSE)}"

    @property
    def parts(self) -> tuple[GroupSpec, ...]:
        """The normal subgroup and the group that acts on it."""
        return self.normal, self.top

    @property
    def order(self) -> int | None:
        """The product of the orders of the parts."""
        normal, top = self.normal.order, self.top.order
        return None if normal is None or top is None else normal * top


@dataclass(frozen=True, slots=True)
class Central(GroupSpec):
    """A central product by its parts, ``C4 o D8``, which must determine it.

    Its parts commute and meet in a subgroup of both centres that is not trivial. GAP decides at the
    first question whether only one group has this form.
    """

    kind: ClassVar[str] = "central"
    left: GroupSpec
    right: GroupSpec

    @property
    def name(self) -> str:
        """The canonical name."""
        return f"{in_parentheses(self.left, _LOOSE)} o {in_parentheses(self.right, _LOOSE)}"

    @property
    def parts(self) -> tuple[GroupSpec, ...]:
        """The two factors."""
        return self.left, self.right
