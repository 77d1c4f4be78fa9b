"""Whether two character tables are the same up to the order of their rows and columns: exact.

Both tables are brought to the same canonical form (:mod:`toolkit.groups.table_search`), which does
not depend on the given orders, and compared value by value.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import NotAvailable
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.groups.table_refinement import ColouredMatrix, ranks
from toolkit.groups.table_search import Leaf, Search, SearchBoundError, bound_of

if TYPE_CHECKING:
    from toolkit.groups.table_arrays import TableArrays


@dataclass(frozen=True)
class TableEquivalence:
    """How the rows and columns of one table go to those of another.

    Parameters
    ----------
    characters, classes
        Per row and per column of the first table, the 0-based row and column of the second with
        the same values.
    """

    characters: tuple[int, ...]
    classes: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class CanonicalForm:
    """A table in the one order that all equivalent tables share, and how it came there.

    Parameters
    ----------
    values
        The distinct values, sorted.
    leaf
        Places of the values, and the powers, in canonical order.
    classes
        Element orders in canonical order; empty without power maps.
    """

    values: tuple[Cyclotomic, ...]
    leaf: Leaf
    classes: tuple[int, ...]

    def matches(self, other: CanonicalForm) -> bool:
        """Whether both tables are equivalent."""
        return (
            self.values == other.values
            and self.classes == other.classes
            and self.leaf.is_like(other.leaf)
        )

    def digest(self) -> str:
        """Return a SHA-256 of the form, as 64 hexadecimal digits."""
        out = hashlib.sha256(json.dumps([v.to_json() for v in self.values]).encode())
        out.update(json.dumps(self.classes).encode())
        for array in (self.leaf.matrix, self.leaf.maps):
            out.update(f"{array.shape}".encode())
            out.update(np.ascontiguousarray(array, dtype="<i8").tobytes())
        return out.hexdigest()


def canonical_form(group: str, arrays: TableArrays, *, power_maps: bool) -> CanonicalForm:
    """Return the canonical form of a table.

    Parameters
    ----------
    group
        Name for errors.
    arrays
        The table, in any order.
    power_maps
        Whether powers of classes and element orders belong to the table.

    Raises
    ------
    NotAvailable
        If the search exceeds its bound.
    """
    used, codes = np.unique(arrays.rows, return_inverse=True)
    codes = codes.reshape(arrays.rows.shape)
    k = len(arrays)
    if power_maps:
        maps = [m for _, m in sorted(arrays.powers.items())]
        columns, weight = ranks(arrays.orders, arrays.size_ranks), arrays.orders
        rows = arrays.indicators
    else:
        maps, columns = [], arrays.size_ranks
        rows = weight = np.zeros(k, dtype=np.int64)
    matrix = ColouredMatrix(codes, maps)
    search = Search(matrix, np.arange(k), weight, bound_of(codes))
    try:
        leaf, _ = search.canonical(matrix.refined(columns, ranks(rows)))
    except SearchBoundError:
        raise NotAvailable(
            group,
            "the canonical form of the character table",
            f"more than {search.bound} attempts were made to order its {k} classes",
        ) from None
    orders = arrays.orders[leaf.columns].tolist() if power_maps else []
    return CanonicalForm(tuple(arrays.values[i] for i in used), leaf, tuple(orders))


def may_be_equivalent(one: TableArrays, other: TableArrays, *, power_maps: bool) -> bool:
    """Return whether orders, class sizes and degrees, and element orders, agree."""
    if (one.order, len(one)) != (other.order, len(other)):
        return False
    if sorted(one.degrees) != sorted(other.degrees):
        return False
    if power_maps:
        lines = [sorted(zip(a.sizes, a.orders.tolist(), strict=True)) for a in (one, other)]
        return lines[0] == lines[1]
    return sorted(one.sizes) == sorted(other.sizes)


def equivalence_of(one: CanonicalForm, other: CanonicalForm) -> TableEquivalence | None:
    """Return how the rows and columns of one table go to those of another, or ``None``."""
    if not one.matches(other):
        return None
    characters, classes = np.empty((2, len(one.leaf.columns)), dtype=np.intp)
    characters[one.leaf.rows] = other.leaf.rows
    classes[one.leaf.columns] = other.leaf.columns
    return TableEquivalence(tuple(characters.tolist()), tuple(classes.tolist()))
