"""What all class functions of one table share: residues, power maps, exact combinations."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.cached import cached_property
from toolkit.errors import InconsistentAnswerError, NotAvailable
from toolkit.exact.cyclotomic import Cyclotomic, simplified
from toolkit.exact.normal_form import canonical_form
from toolkit.exact.packed import integers
from toolkit.exact.residues import LARGEST_INT64_PRIME, residue_field
from toolkit.groups.class_functions.residues import CharacterResidues

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Number
    from toolkit.groups.character_table import CharacterTable


#: Up to so many classes the irreducible characters are held as a whole, to decompose by them.
MOST_CLASSES = 4000


class ClassFunctionSpace:
    """The space of class functions of a finite group, by its character table.

    Parameters
    ----------
    table
        The character table.

    Examples
    --------
    >>> import toolkit as tk
    >>> space = tk.group("S4").character_table.class_functions
    >>> space.power_classes(2).tolist(), space.multiplicities((3, 3, 3, 0, 1))
    ([0, 0, 0, 3, 1], None)
    """

    def __init__(self, table: CharacterTable) -> None:
        self.table = table
        self._residues: list[CharacterResidues] = []
        self._powers: dict[int, NDArray[np.intp]] = {}

    def decomposed(
        self, bound: int, residues: Callable[[CharacterResidues], NDArray[Any]]
    ) -> tuple[int, ...]:
        """Return the multiplicities of a virtual character from its residues.

        Parameters
        ----------
        bound
            No smaller than the absolute value of any multiplicity.
        residues
            Given the table modulo a prime, the ``(classes,)`` residues of the character.

        Notes
        -----
        Exact: modulo as many primes of 31 bits as are needed for their product to be above twice
        the bound (the Chinese remainder theorem); one larger prime where the conductor of the
        table is large. What is made of the table is kept.
        """
        total, modulus, used = [0] * len(self.table), 1, 0
        while modulus <= 2 * bound:
            part = self._modulo(used, bound)
            used += 1
            p = part.field.prime
            scale = pow(modulus, -1, p)
            found = part.multiplicities(residues(part))
            total = [t + modulus * ((m - t) * scale % p) for t, m in zip(total, found, strict=True)]
            modulus *= p
        return tuple(t - modulus if 2 * t > modulus else t for t in total)

    def _modulo(self, number: int, bound: int) -> CharacterResidues:
        """Return the table modulo the prime of a number, or one prime for the whole bound."""
        if self.conductor > LARGEST_INT64_PRIME // 64:
            part = self._residues[0] if self._residues else None
            if part is None or part.field.prime <= 2 * bound:
                part = CharacterResidues(self.table, residue_field(self.conductor, bound))
                self._residues = [part]
            return part
        # another thread may be at the same: each makes a list of its own
        found = list(self._residues)
        skip = len(found)
        while len(found) <= number:
            field = residue_field(self.conductor, skip=skip)
            skip += 1
            known = any(field.prime == part.field.prime for part in found)
            if self.table.order % field.prime and not known:
                found.append(CharacterResidues(self.table, field))
        self._residues = found
        return found[number]

    @property
    def holds_table(self) -> bool:
        """Whether the irreducible characters are few enough to hold them all."""
        return len(self.table) <= MOST_CLASSES

    @property
    def conductor(self) -> int:
        """Least common multiple of the conductors of the table's values."""
        return self.table.arrays.conductor

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        """The table's distinct values, as ints where they are integers."""
        return tuple(map(simplified, self.table.values))

    @cached_property
    def degrees(self) -> tuple[int, ...]:
        """Degrees of the irreducible characters."""
        return self.table.degrees

    def combination(self, multiplicities: Sequence[int]) -> tuple[Number, ...]:
        """Return the values of a virtual character, per class.

        Parameters
        ----------
        multiplicities
            ``(characters,)`` integers.

        Notes
        -----
        Exact; O(characters met x classes).
        """
        met = [i for i, m in enumerate(multiplicities) if m]
        if len(met) == 1 and multiplicities[met[0]] == 1:
            return tuple(self.numbers[v] for v in self.table.rows[met[0]])
        weights = [multiplicities[i] for i in met]
        whole, largest = self._integer_values
        large = sum(map(abs, weights)) * largest >= 1 << 62
        column = np.array(weights, dtype=object if large else np.int64)
        rows = self.table.arrays.rows[met]
        # the integers of all classes at once, then what the other values add
        out: list[Number] = (column @ whole[rows].astype(column.dtype)).tolist()
        other = self._irrational[rows]
        for c in np.flatnonzero(other.any(axis=0)).tolist():
            chosen = other[:, c]
            out[c] = simplified(self._sum(rows[chosen, c], column[chosen]) + out[c])
        return tuple(out)

    @cached_property
    def _integer_values(self) -> tuple[NDArray[Any], int]:
        """The distinct values with 0 for those that are no integers, and the largest size."""
        found = [v if isinstance(v, int) else 0 for v in self.numbers]
        return integers(found), max(1, *map(abs, found))

    @cached_property
    def _irrational(self) -> NDArray[np.bool_]:
        """Whether each distinct value is no integer."""
        return np.array([not isinstance(v, int) for v in self.numbers])

    def weighted_sums(
        self, characters: Sequence[int], weights: Sequence[Sequence[int]]
    ) -> list[list[Number]]:
        """Return (1/|G|) sum over classes of weight times value.

        Parameters
        ----------
        characters
            0-based irreducible characters.
        weights
            ``(rows, classes)`` integers.

        Returns
        -------
        list
            ``(characters, rows)``.

        Notes
        -----
        Exact; O(characters x rows x classes), only weights other than 0 counting.
        """
        order = self.table.order
        scale = Fraction(1, order)
        given = [integers(row) for row in weights]
        columns = [(np.flatnonzero(row), row[row != 0]) for row in given]
        if all(len(w) == 1 and w[0] == order for _, w in columns):  # single values
            places = [int(c[0]) for c, _ in columns]
            lines = (self.table.rows[i] for i in characters)
            return [[self.numbers[line[c]] for c in places] for line in lines]
        rows = self.table.arrays.rows[list(characters)]
        return [[simplified(self._sum(row[c], w) * scale) for c, w in columns] for row in rows]

    def _sum(self, entries: NDArray[np.intp], weights: NDArray[Any]) -> Number:
        """Return the sum of weights times the values with these positions."""
        which, place = np.unique(entries, return_inverse=True)
        totals = np.zeros(len(which), dtype=weights.dtype)
        np.add.at(totals, place, weights)
        fields: dict[int, dict[int, int]] = {}
        integer = 0
        for v, m in zip(which.tolist(), totals.tolist(), strict=True):
            value = self.table.values[v]
            if value.conductor == 1:
                integer += m * value.to_int()
                continue
            terms = fields.setdefault(value.conductor, {})
            for e, n, _ in value.terms:  # characters are algebraic integers: no denominators
                terms[e] = terms.get(e, 0) + m * n
        if not fields:
            return integer
        n = math.lcm(*fields)
        total: dict[int, int] = {0: integer}
        for conductor, terms in fields.items():
            step = n // conductor
            for e, m in terms.items():
                total[e * step] = total.get(e * step, 0) + m
        return simplified(Cyclotomic(*canonical_form(n, total)))

    def multiplicities(self, values: Sequence[Number]) -> tuple[int, ...] | None:
        """Return the multiplicities of a virtual character, or ``None`` if it is none.

        Parameters
        ----------
        values
            ``(classes,)`` exact values.

        Notes
        -----
        Exact: read off modulo a prime of more than twice the largest value, then proved by
        forming the combination.

        Raises
        ------
        NotAvailable
            If there are more than :data:`MOST_CLASSES` classes.
        """
        if not self.holds_table:
            raise NotAvailable(
                self.table.group,
                "multiplicities in a class function",
                f"it has {len(self.table)} classes, and class functions are decomposed for up to "
                f"{MOST_CLASSES}; inner_product with single characters works",
            )
        size = 1
        for v in values:
            if isinstance(v, Fraction):
                return None
            if isinstance(v, Cyclotomic):
                if self.conductor % v.conductor or any(d > 1 for _, _, d in v.terms):
                    return None
                size = max(size, math.ceil(v.weight))
            else:
                size = max(size, abs(v))
        found = self.decomposed(size, lambda residues: residues.map(values))
        degree = sum(m * d for m, d in zip(found, self.degrees, strict=True))
        if degree != values[0] or any(abs(m) > size for m in found):
            return None
        return found if self.combination(found) == tuple(values) else None

    def power_classes(self, k: int) -> NDArray[np.intp]:
        """Return, per class, the 0-based class of the k-th powers of its elements.

        Parameters
        ----------
        k
            Any integer.

        Notes
        -----
        Exact. By the table's power maps of primes, and for what of k is prime to the order of
        the group by Galois conjugation of its columns.
        """
        table = self.table
        exponent = math.lcm(*table.element_orders)
        k %= exponent
        if k in self._powers:
            return self._powers[k]
        out = np.arange(len(table), dtype=np.intp)
        rest = k
        if k == 0:
            out[:] = 0
        elif k == exponent - 1:
            out, rest = np.array(table.inverse, dtype=np.intp), 1
        else:
            for p, power_map in table.power_maps.items():
                while rest % p == 0:
                    out = np.array(power_map, dtype=np.intp)[out]
                    rest //= p
        if rest > 1:
            out = self._galois_classes(rest, exponent)[out]
        out.flags.writeable = False
        self._powers[k] = out
        return out

    def _galois_classes(self, k: int, exponent: int) -> NDArray[np.intp]:
        """Return the classes of k-th powers for a k prime to the group's order."""
        found = self.table.arrays.class_galois(k)
        if math.gcd(k, exponent) != 1 or (found < 0).any():
            raise InconsistentAnswerError(
                self.table.group, "power maps for the primes that divide the order", f"{k} left"
            )
        return found
