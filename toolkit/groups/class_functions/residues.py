"""Irreducible characters modulo a prime: decompositions as one matrix product."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.exact.residues import LARGEST_INT64_PRIME, residue_product

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Number
    from toolkit.exact.residues import ResidueField
    from toolkit.groups.character_table import CharacterTable


class CharacterResidues:
    """The irreducible characters of a table in a field of p elements.

    Parameters
    ----------
    table
        The character table.
    field
        The field; p does not divide |G|.

    Notes
    -----
    A virtual character with multiplicities below p / 2 is known exactly from its residues, one
    with larger ones from its residues modulo several primes. Arrays are int64 where p allows it,
    else Python's integers.
    """

    def __init__(self, table: CharacterTable, field: ResidueField) -> None:
        arrays = table.arrays
        self.field = field
        self._dtype: Any = np.int64 if self.field.prime < LARGEST_INT64_PRIME else object
        rows = arrays.packed.residues(self.field).astype(self._dtype)[arrays.rows]
        scale = self.field.inverse(table.order)
        weights = self._array(size * scale for size in table.class_sizes)
        self._rows = rows.T
        self._dual = rows[:, list(table.inverse)] * weights % self.field.prime

    def _array(self, values: Iterable[int]) -> NDArray[Any]:
        return np.array([v % self.field.prime for v in values], dtype=self._dtype)

    def map(self, values: Iterable[Number]) -> NDArray[Any]:
        """Return ``(classes,)`` residues of exact values; conductors divide the table's."""
        field = self.field
        out = []
        for v in values:
            if isinstance(v, Cyclotomic):
                out += field.map([v])
            elif isinstance(v, int):
                out.append(v)
            else:
                out.append(v.numerator * field.inverse(v.denominator))
        return self._array(out)

    def values(self, multiplicities: Iterable[int]) -> NDArray[Any]:
        """Return ``(classes,)`` residues of the virtual character with these multiplicities."""
        return self._product(self._rows, self._array(multiplicities))

    def multiplicities(self, values: NDArray[Any]) -> tuple[int, ...]:
        """Return the multiplicities modulo p of a virtual character, from its residues."""
        found: list[int] = self._product(self._dual, values).tolist()
        return tuple(found)

    def _product(self, matrix: NDArray[Any], vector: NDArray[Any]) -> NDArray[Any]:
        out: NDArray[Any] = residue_product(matrix, vector[:, None], self.field.prime)[:, 0]
        return out
