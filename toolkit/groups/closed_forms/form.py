"""What a closed form of a group offers, and the classes of simples with one kernel."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from toolkit.groups.character_table import CharacterTable, RealSimple, RealType
    from toolkit.groups.facts import GroupFacts


class KernelClass(NamedTuple):
    """The real simples with one kernel, one dimension and one type.

    Parameters
    ----------
    first, size
        Number of the label of the first one, and how many there are: their labels follow one
        another.
    dimension, type
        Of each.
    action_order, kernel_order, plus_minus_order
        As in :class:`toolkit.groups.character_table.RealSimple`.
    even, odd
        Positions of the classes of simples K in which the subgroup of elements that act as 1 or
        -1 on L acts as 1, and of those in which it acts as on L. If no element acts as -1 on L the
        two are one, and ``odd`` is empty.
    """

    first: int
    size: int
    dimension: int
    type: RealType
    action_order: int
    kernel_order: int
    plus_minus_order: int
    even: tuple[int, ...]
    odd: tuple[int, ...]

    @property
    def has_minus(self) -> bool:
        """Whether an element acts as -1."""
        return self.plus_minus_order > self.kernel_order

    @property
    def name(self) -> str:
        """The labels: ``"L3"``, or ``"L3..L7"`` for several."""
        if self.size == 1:
            return f"L{self.first}"
        return f"L{self.first}..L{self.first + self.size - 1}"


class ClosedForm(ABC):
    """A group whose simples and characters are known by formula."""

    name: str

    @property
    @abstractmethod
    def order(self) -> int:
        """|G|."""

    @property
    @abstractmethod
    def class_count(self) -> int:
        """Number of conjugacy classes."""

    @property
    @abstractmethod
    def table_entries(self) -> int:
        """How many entries of its table have to stand in memory at once."""

    @abstractmethod
    def simples(self) -> tuple[RealSimple, ...]:
        """Return the real simples in canonical order."""

    @abstractmethod
    def table(self) -> CharacterTable:
        """Return the character table in canonical order."""

    @abstractmethod
    def facts(self) -> GroupFacts | None:
        """Return the facts except the number in a library; ``None`` if they need GAP."""

    @abstractmethod
    def kernel_class_count(self) -> int:
        """Return the number of classes of simples with one kernel, or an upper bound."""

    @abstractmethod
    def kernel_classes(self) -> tuple[KernelClass, ...]:
        """Return the classes of simples with one kernel, in canonical order."""
