"""Character tables that are computed entry by entry: only the columns and rows in use."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar, overload

from toolkit.cached import cached_property
from toolkit.groups.character_table import CharacterTable, RealSimple, RealType
from toolkit.text import ordered_names

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Cyclotomic

T = TypeVar("T")


class LazySequence(Sequence[T]):
    """A sequence whose items are made on demand; equal to a tuple of the same items.

    Parameters
    ----------
    length
        Number of items.
    item
        Makes the item of a 0-based index.
    """

    __slots__ = ("_item", "_length")

    def __init__(self, length: int, item: Callable[[int], T]) -> None:
        self._length = length
        self._item = item

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        if isinstance(index, slice):
            return tuple(self._item(i) for i in range(*index.indices(self._length)))
        if not -self._length <= index < self._length:
            raise IndexError(f"an index below {self._length} is required, not {index}")
        return self._item(index % self._length)

    def __iter__(self) -> Iterator[T]:
        return map(self._item, range(self._length))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, tuple | LazySequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"<{self._length} items, made when asked for>"


class TableFormula(ABC):
    """A character table by formula; every method is exact.

    Classes, characters and simples are given by their 0-based positions in canonical order.
    """

    @property
    @abstractmethod
    def order(self) -> int:
        """|G|."""

    @property
    @abstractmethod
    def class_count(self) -> int:
        """Number of conjugacy classes."""

    @abstractmethod
    def class_sizes(self) -> tuple[int, ...]:
        """Return the sizes of the classes."""

    @abstractmethod
    def element_orders(self) -> tuple[int, ...]:
        """Return the orders of the elements of each class."""

    @abstractmethod
    def representatives(self) -> tuple[object, ...]:
        """Return an element of each class, as data."""

    @abstractmethod
    def power_map(self, exponent: int) -> tuple[int, ...]:
        """Return the class of the powers of each class, for any exponent."""

    @abstractmethod
    def values(self) -> tuple[Cyclotomic, ...]:
        """Return the distinct values of characters and of simples, largest real part first."""

    @abstractmethod
    def character(self, character: int) -> tuple[int, ...]:
        """Return a complex irreducible character: per class the position of its value."""

    @abstractmethod
    def characters(self) -> NDArray[np.intp]:
        """Return all complex irreducible characters, ``(characters, classes)``."""

    @abstractmethod
    def indicators(self) -> tuple[int, ...]:
        """Return the Frobenius-Schur indicators of the characters."""

    @abstractmethod
    def constituents(self, simple: int) -> tuple[int, ...]:
        """Return the characters in a simple, as in :class:`RealSimple`."""

    @abstractmethod
    def simple_row(self, simple: int) -> tuple[int, ...]:
        """Return the character of a simple: per class the position of its value."""

    @abstractmethod
    def simple_rows(self) -> NDArray[np.intp]:
        """Return the characters of all simples, ``(simples, classes)``."""

    @abstractmethod
    def kernel_and_minus(self, simple: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the classes that act as 1 and those that act as -1 on a simple."""

    @abstractmethod
    def generator_class(self) -> int:
        """Return the class of the first defining generator."""


class FormulaSimple(RealSimple):
    """A real simple of a table by formula; its row, kernel and constituents are made on demand.

    :meth:`of` makes one. The class itself takes all fields, as ``dataclasses.replace`` needs it.
    """

    @classmethod
    def of(
        cls,
        formula: TableFormula,
        index: int,
        dimension: int,
        kind: RealType,
        action_order: int,
        kernel_order: int,
        plus_minus_order: int,
        paper_index: int | None,
    ) -> FormulaSimple:
        """Return the simple of a 0-based number, with what is known beforehand."""
        out = cls.__new__(cls)
        fields = out.__dict__
        fields["_formula"] = formula
        fields["_number"] = index
        fields["label"] = f"L{index}"
        fields["dimension"] = dimension
        fields["type"] = kind
        fields["action_order"] = action_order
        fields["kernel_order"] = kernel_order
        fields["plus_minus_order"] = plus_minus_order
        fields["paper_index"] = paper_index
        return out

    if TYPE_CHECKING:
        _formula: TableFormula
        _number: int

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a field that is not yet there
        if "_formula" not in self.__dict__:
            raise AttributeError(name)
        if name == "row":
            found: object = self._formula.simple_row(self._number)
        elif name in ("kernel", "minus"):
            kernel, minus = self._formula.kernel_and_minus(self._number)
            self.__dict__.update(kernel=kernel, minus=minus)
            return self.__dict__[name]
        elif name == "constituents":
            found = self._formula.constituents(self._number)
        else:
            raise AttributeError(name)
        self.__dict__[name] = found
        return found

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RealSimple):
            return NotImplemented
        return _fields(self, RealSimple) == _fields(other, RealSimple)

    def __hash__(self) -> int:
        return hash(_fields(self, RealSimple))

    def __reduce__(self) -> tuple[Any, ...]:
        """Return the plain record: a formula cannot be pickled."""
        return RealSimple, _fields(self, RealSimple)


class FormulaTable(CharacterTable):
    """A character table by formula: every field is made when it is first used.

    :meth:`of` makes one. The class itself takes all fields, as ``dataclasses.replace`` needs it.
    ``rows`` is a sequence that makes each row on demand, so that the table of a group with
    thousands of classes never stands in memory.
    """

    @classmethod
    def of(cls, group: str, formula: TableFormula, simples: tuple[RealSimple, ...]) -> FormulaTable:
        """Return the table of a group.

        Parameters
        ----------
        group
            Canonical name of the group.
        formula
            The formula of the table.
        simples
            The real simples, in canonical order.
        """
        out = cls.__new__(cls)
        out.__dict__.update(
            group=group,
            order=formula.order,
            simples=simples,
            canonical=True,
            _formula=formula,
            rows=LazySequence(formula.class_count, formula.character),
        )
        out.__post_init__()
        return out

    if TYPE_CHECKING:
        _formula: TableFormula

    def __len__(self) -> int:
        return len(self.rows)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a field that is not yet there
        make = _MADE.get(name)
        if make is None or "_formula" not in self.__dict__:
            raise AttributeError(name)
        found = self.__dict__[name] = make(self._formula)
        return found

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CharacterTable):
            return NotImplemented
        return _fields(self, CharacterTable) == _fields(other, CharacterTable)

    def __hash__(self) -> int:
        return hash((self.group, self.order))

    def __reduce__(self) -> tuple[Any, ...]:
        """Return the plain record: a formula cannot be pickled."""
        return CharacterTable, _fields(self, CharacterTable)

    @property
    def character_rows(self) -> NDArray[np.intp]:
        """``(characters, classes)`` the array of ``rows``: indices into ``values``."""
        if "_formula" in self.__dict__:
            return self._formula.characters()
        return super().character_rows

    @property
    def simple_rows(self) -> NDArray[np.intp]:
        """``(simples, classes)`` the characters of the simples, as indices into ``values``."""
        if "_formula" in self.__dict__:
            return self._formula.simple_rows()
        return super().simple_rows

    @cached_property
    def degrees(self) -> tuple[int, ...]:
        """Degrees of the complex irreducible characters, from those of the real simples."""
        out = [0] * len(self)
        for simple in self.simples:
            for i in simple.constituents:
                out[i] = simple.dimension if simple.type == "R" else simple.dimension // 2
        return tuple(out)


def _fields(record: object, kind: type[CharacterTable | RealSimple]) -> tuple[object, ...]:
    found = (getattr(record, field.name) for field in fields(kind))
    return tuple(tuple(x) if isinstance(x, LazySequence) else x for x in found)


def _names(formula: TableFormula) -> tuple[str, ...]:
    return ordered_names(formula.element_orders())


def _power_maps(formula: TableFormula) -> dict[int, tuple[int, ...]]:
    from toolkit.exact.residues import prime_factors

    return {p: formula.power_map(p) for p in sorted({2, *prime_factors(formula.order)})}


_MADE: dict[str, Callable[[TableFormula], object]] = {
    "class_names": _names,
    "class_sizes": lambda formula: formula.class_sizes(),
    "element_orders": lambda formula: formula.element_orders(),
    "representatives": lambda formula: formula.representatives(),
    "power_maps": _power_maps,
    "inverse": lambda formula: formula.power_map(-1),
    "values": lambda formula: formula.values(),
    "indicators": lambda formula: formula.indicators(),
    "gap_classes": lambda formula: tuple(range(formula.class_count)),
    "gap_characters": lambda formula: tuple(range(formula.class_count)),
    "generator_class": lambda formula: formula.generator_class(),
}
