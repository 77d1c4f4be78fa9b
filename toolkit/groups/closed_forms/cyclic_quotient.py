"""Groups with an abelian normal subgroup A and a cyclic quotient: tables by Clifford's theorem.

G = <A, t>, where t acts on A by an automorphism s, and t^q = z in A is the first power in A. A
character l of A with k different conjugates extends to A<t^k> in q/k ways, t^k going to w with
w^(q/k) = l(z), and these induce the irreducible characters of G above l:

    chi(a t^(k j)) = w^j (l(a) + l(s(a)) + ... + l(s^(k-1)(a))),

and 0 off A<t^k>. The classes in the coset A t^j are the orbits of s on A / {a - s^j(a)}. All values
are sums of roots of unity. Dihedral, dicyclic, semidihedral, modular and all metacyclic groups
are of this kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from toolkit.cached import cached_property
from toolkit.exact.residues import prime_factors
from toolkit.exact.root_sums import sum_of_roots
from toolkit.groups.closed_forms.abelian_order import AbelianOrder, abelian_order
from toolkit.groups.closed_forms.form import ClosedForm, KernelClass
from toolkit.groups.closed_forms.table_kernels import kernel_classes_of_table
from toolkit.groups.facts import GroupFacts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Cyclotomic
    from toolkit.groups.character_table import CharacterTable, RealSimple
    from toolkit.groups.table_arrays import UnorderedTable

    Ints = NDArray[np.int64]

Element = tuple[tuple[int, ...], int]


@dataclass(frozen=True)
class CyclicQuotientForm(ClosedForm):
    """A group with an abelian normal subgroup A and a cyclic quotient.

    Parameters
    ----------
    name
        Canonical name of the group.
    invariants
        The invariant factors of A, all above 1.
    action
        The coordinates of t e_i t^-1 for the generators e_i of A, by rows.
    index
        q = |G : A|.
    power
        The coordinates of z = t^q.
    generator
        The first defining generator, as (coordinates of a, j) for a t^j.
    element_data
        Returns a t^j as data, from the coordinates of a and j.
    polygon
        For a dihedral group the number of corners, so that simples get the index of arXiv
        2408.00949.
    known_facts, known_kernels
        Return the facts and the classes of simples by kernels, where a formula knows them.
    known_class_count
        The number of conjugacy classes, where a formula knows it.
    """

    name: str
    invariants: tuple[int, ...]
    action: tuple[tuple[int, ...], ...]
    index: int
    power: tuple[int, ...]
    generator: Element
    element_data: Callable[[tuple[int, ...], int], object] = field(repr=False, compare=False)
    polygon: int | None = None
    known_facts: Callable[[], GroupFacts] | None = field(default=None, repr=False, compare=False)
    known_kernels: Callable[[], tuple[KernelClass, ...]] | None = field(
        default=None, repr=False, compare=False
    )
    known_class_count: int | None = None

    @property
    def order(self) -> int:
        """|G|."""
        return math.prod(self.invariants) * self.index

    @cached_property
    def class_count(self) -> int:
        """Number of conjugacy classes."""
        if self.known_class_count is not None:
            return self.known_class_count
        return len(self._classes.sizes)

    @property
    def table_entries(self) -> int:
        """The whole table stands in memory."""
        return self.class_count**2

    def simples(self) -> tuple[RealSimple, ...]:
        """Return the real simples in canonical order."""
        return self.table().simples

    def table(self) -> CharacterTable:
        """Return the character table, in the canonical order of every table."""
        return self._table

    def facts(self) -> GroupFacts | None:
        """Return the facts, where a formula knows them."""
        return None if self.known_facts is None else self.known_facts()

    def kernel_class_count(self) -> int:
        """Return the number of classes of simples with one kernel, dimension and type."""
        return len(self.kernel_classes())

    def kernel_classes(self) -> tuple[KernelClass, ...]:
        """Return the classes of simples with one kernel, one dimension and one type."""
        if self.known_kernels is not None:
            return self.known_kernels()
        return kernel_classes_of_table(self.table())

    # classes --------------------------------------------------------------------------------

    @cached_property
    def _by(self) -> AbelianOrder:
        return abelian_order(self.invariants)

    @cached_property
    def _moduli(self) -> Ints:
        return np.array(self.invariants, dtype=np.int64)

    def _power_of_action(self, k: int) -> Ints:
        """Return the matrix of s^k; coordinates stand at its left."""
        out: Ints = np.eye(len(self.invariants), dtype=np.int64)
        step = np.array(self.action, dtype=np.int64).reshape(out.shape)
        while k:
            if k & 1:
                out = out @ step % self._by.exponent
            step = step @ step % self._by.exponent
            k >>= 1
        return out

    def _norm(self, k: int, m: int) -> Ints:
        """Return the matrix of 1 + s^k + ... + s^(k (m - 1))."""
        e, r = self._by.exponent, len(self.invariants)
        total: Ints = np.zeros((r, r), dtype=np.int64)
        power: Ints = np.eye(r, dtype=np.int64)
        one = self._power_of_action(k)
        for bit in bin(m)[2:]:  # (1 + ... + T^(j-1), T^j) for the leading bits j of m
            total = (total + total @ power) % e
            power = power @ power % e
            if bit == "1":
                total = (total @ one + np.eye(r, dtype=np.int64)) % e
                power = power @ one % e
        return total

    @cached_property
    def _classes(self) -> _Classes:
        return _Classes.of(self)

    def _powers(self, exponent: int) -> list[int]:
        """Return the class of the powers of each class."""
        found = self._classes
        out = np.zeros(len(found.sizes), dtype=np.int64)
        z = np.array(self.power, dtype=np.int64)
        q = self.index
        for k in range(q):
            here = np.flatnonzero(found.cosets == k)
            a = found.representatives[here]
            if exponent < 0:
                image = -(a @ self._power_of_action((q - k) % q)) - (z if k else 0)
                target = (q - k) % q
            else:
                image = a @ self._norm(k, exponent) + k * exponent // q * z
                target = k * exponent % q
            out[here] = found.lookup(image % self._moduli, target)
        return out.tolist()

    def _element_orders(self) -> tuple[int, ...]:
        found = self._classes
        out = np.zeros(len(found.sizes), dtype=np.int64)
        z = np.array(self.power, dtype=np.int64)
        for k in range(self.index):
            here = np.flatnonzero(found.cosets == k)
            g = math.gcd(k, self.index)
            a = found.representatives[here] @ self._norm(k, self.index // g) + k // g * z
            out[here] = self._by.orders[self._by.codes(a)] * (self.index // g)
        return tuple(out.tolist())

    # characters -----------------------------------------------------------------------------

    @cached_property
    def _table(self) -> CharacterTable:
        from toolkit.groups.canonical_order import canonical_character_table

        found = canonical_character_table(
            self.name,
            self.raw_table(),
            paper_order=self.polygon,
            dihedral=self.polygon is not None,
        )
        classes = self._classes
        a, k = self.generator
        own = int(classes.lookup(np.array([a], dtype=np.int64), k)[0])
        return replace(found, generator_class=found.gap_classes.index(own))

    def raw_table(self) -> UnorderedTable:
        """Return the table in the order of the cosets of A, as GAP would give it in its own."""
        from toolkit.groups.table_arrays import TableArrays, UnorderedTable, sorted_values

        classes = self._classes
        values = _Values(self._by.exponent * self.index)
        rows: list[list[int]] = []
        for conjugates in self._orbits_of_characters():
            rows += self._characters_above(conjugates, values)
        powers = {p: self._powers(p) for p in sorted({2, *prime_factors(self.order)})}
        powers[-1] = self._powers(-1)
        rough = np.array([v.to_complex() for v in values.found])
        matrix = rough[np.array(rows)]
        weights = np.array(classes.sizes, dtype=float) / self.order
        sums = (matrix[:, powers[2]] * weights).sum(axis=1)
        # integers: -1, 0 or 1, and rounding errors are far smaller
        indicators = [round(float(x.real)) for x in sums]
        place = {tuple(row): i for i, row in enumerate(rows)}
        constituents: list[tuple[int, ...]] = []
        simple_rows = []
        for i, row in enumerate(rows):
            if indicators[i] == 1:
                constituents.append((i,))
                simple_rows.append(row)
            elif indicators[i] == -1:
                constituents.append((i,))
                simple_rows.append([values.doubled(v) for v in row])
            else:
                j = place[tuple(row[c] for c in powers[-1])]
                if j > i:
                    constituents.append((i, j))
                    simple_rows.append([values.real(v) for v in row])
        keys = [(3 + k, x) for k, x in zip(classes.cosets.tolist(), classes.codes, strict=True)]
        keys[int(classes.lookup(np.zeros((1, len(self.invariants)), dtype=np.int64), 0)[0])] = (
            1,
            1,
        )
        a, k = self.generator
        own = int(classes.lookup(np.array([a], dtype=np.int64), k)[0])
        keys[own] = (2, 1)
        ordered, places = sorted_values(tuple(values.found))
        arrays = TableArrays(
            order=self.order,
            sizes=tuple(classes.sizes),
            orders=np.array(self._element_orders(), dtype=np.int64),
            powers={p: np.array(m, dtype=np.intp) for p, m in powers.items()},
            values=ordered,
            rows=places[np.array(rows, dtype=np.intp)],
            indicators=np.array(indicators, dtype=np.int64),
            constituents=tuple(constituents),
            simple_rows=places[np.array(simple_rows, dtype=np.intp)],
        )
        representatives = tuple(
            self.element_data(tuple(a), k)
            for a, k in zip(classes.representatives.tolist(), classes.cosets.tolist(), strict=True)
        )
        return UnorderedTable(arrays, representatives, tuple(keys))

    def _orbits_of_characters(self) -> list[Ints]:
        """Return the orbits of s on the characters of A: weights ``(k, r)`` modulo the exponent."""
        e = self._by.exponent
        scale = e // self._moduli if len(self._moduli) else self._moduli
        weights = self._by.coordinates * scale
        matrix = np.array(self.action, dtype=np.int64).reshape(len(scale), len(scale))
        moved = self._by.codes(weights @ matrix.T % e // scale) if len(scale) else np.zeros(1, int)
        seen = np.zeros(self._by.order, dtype=np.bool_)
        out = []
        for start in range(self._by.order):
            if not seen[start]:
                orbit = [start]
                while moved[orbit[-1]] != start:
                    orbit.append(int(moved[orbit[-1]]))
                seen[orbit] = True
                out.append(weights[orbit])
        return out

    def _characters_above(self, conjugates: Ints, values: _Values) -> list[list[int]]:
        """Return the irreducible characters of G above one orbit of characters of A."""
        e, q, k = self._by.exponent, self.index, len(conjugates)
        classes = self._classes
        cosets = classes.cosets
        here = np.flatnonzero(cosets % k == 0)
        steps = cosets[here] // k
        # phases modulo e q
        on_a = conjugates @ classes.representatives[here].T % e * q
        at_power = int(conjugates[0] @ np.array(self.power, dtype=np.int64) % e)
        rows = []
        for j in range(q // k):
            w = (at_power + e * j) * k
            phases = np.sort((on_a + steps * w) % (e * q), axis=0)
            row = np.full(len(cosets), values.zero, dtype=np.int64)
            row[here] = values.places(phases)
            rows.append(row.tolist())
        return rows


@dataclass(frozen=True, eq=False)
class _Classes:
    """The conjugacy classes, coset by coset of A.

    Parameters
    ----------
    cosets
        ``(classes,)`` the coset A t^k.
    representatives
        ``(classes, r)`` coordinates of a in a representative a t^k.
    codes
        The code of a.
    sizes
        Numbers of elements.
    reductions
        Per coset: the triangular basis of {a - s^k(a)} with the moduli, and the class by code.
    """

    form: CyclicQuotientForm
    cosets: Ints
    representatives: Ints
    codes: list[int]
    sizes: list[int]
    reductions: list[tuple[Ints, Ints]]

    @classmethod
    def of(cls, form: CyclicQuotientForm) -> _Classes:
        """Return the classes of a form."""
        by, r = form._by, len(form.invariants)
        cosets, reps, codes, sizes, reductions = [], [], [], [], []
        count = 0
        one = np.eye(r, dtype=np.int64)
        step = form._power_of_action(1)
        for k in range(form.index):
            basis = _triangular(
                [*(one - form._power_of_action(k)).tolist(), *np.diag(form._moduli).tolist()], r
            )
            heights = [int(basis[i, i]) for i in range(r)]
            grid = np.indices(heights, dtype=np.int64).reshape(r, -1).T if r else by.coordinates
            number = by.codes(grid)
            smallest = number
            moved = grid
            for _ in range(form.index - 1):
                moved = _reduced(moved @ step, basis)
                smallest = np.minimum(smallest, by.codes(moved))
            chosen, where, lengths = np.unique(smallest, return_inverse=True, return_counts=True)
            class_of = np.full(by.order, -1, dtype=np.int64)
            class_of[number] = count + where
            reductions.append((basis, class_of))
            cosets.append(np.full(len(chosen), k))
            reps.append(by.coordinates[chosen])
            codes += chosen.tolist()
            sizes += (lengths * (by.order // math.prod(heights))).tolist()
            count += len(chosen)
        return cls(form, np.concatenate(cosets), np.concatenate(reps), codes, sizes, reductions)

    def lookup(self, coordinates: Ints, coset: int) -> Ints:
        """Return the classes of elements a t^k of one coset."""
        basis, class_of = self.reductions[coset]
        reduced = _reduced(coordinates % self.form._moduli, basis)
        out: Ints = class_of[self.form._by.codes(reduced)]
        return out


def _reduced(x: Ints, basis: Ints) -> Ints:
    """Return coordinates modulo a triangular lattice: entry i from 0 to its i-th height."""
    out = np.array(x, dtype=np.int64)
    for i, row in enumerate(basis):
        out -= (out[:, i] // row[i])[:, None] * row
    return out


def _triangular(rows: Sequence[Sequence[int]], rank: int) -> Ints:
    """Return the upper triangular basis of the lattice that rows span, of full rank."""
    work = [[int(x) for x in row] for row in rows]
    out: list[list[int]] = []
    for i in range(rank):
        while True:
            live = [row for row in work if row[i]]
            pivot = min(live, key=lambda row: abs(row[i]))
            if len(live) == 1:
                break
            for row in live:
                if row is not pivot:
                    factor = row[i] // pivot[i]
                    row[:] = [a - factor * b for a, b in zip(row, pivot, strict=True)]
        work = [row for row in work if row is not pivot and any(row)]
        out.append(pivot if pivot[i] > 0 else [-a for a in pivot])
    for i in range(rank):  # entries above the diagonal small, so that nothing overflows
        for j in range(i):
            factor = out[j][i] // out[i][i]
            out[j] = [a - factor * b for a, b in zip(out[j], out[i], strict=True)]
    return np.array(out, dtype=np.int64).reshape(rank, rank)


class _Values:
    """The distinct values found so far, as sums of roots of unity of one order."""

    def __init__(self, order: int) -> None:
        self.order = order
        self.found: list[Cyclotomic] = []
        self._roots: list[tuple[int, ...]] = []
        self._by_roots: dict[tuple[int, ...], int] = {}
        self._by_value: dict[Cyclotomic, int] = {}
        self._by_code: dict[int, dict[int, int]] = {}
        self.zero = self._place(())

    def _place(self, roots: tuple[int, ...]) -> int:
        if roots not in self._by_roots:
            counts: dict[int, int] = {}
            for exponent in roots:
                counts[exponent] = counts.get(exponent, 0) + 1
            value = sum_of_roots(self.order, counts)
            if value not in self._by_value:
                self._by_value[value] = len(self.found)
                self.found.append(value)
                self._roots.append(roots)
            self._by_roots[roots] = self._by_value[value]
        return self._by_roots[roots]

    def places(self, phases: Ints) -> Ints:
        """Return the value of each column of sorted exponents, ``(roots, columns)``."""
        count = len(phases)
        if self.order**count >= 1 << 62:
            columns, back = np.unique(phases, axis=1, return_inverse=True)
            found = [self._place(tuple(column)) for column in columns.T.tolist()]
        else:  # a column as one integer: many times faster
            scale = np.array([self.order**i for i in range(count)], dtype=np.int64)
            codes, first, back = np.unique(scale @ phases, return_index=True, return_inverse=True)
            known = self._by_code.setdefault(count, {})
            found = []
            for code, column in zip(codes.tolist(), first.tolist(), strict=True):
                if code not in known:
                    known[code] = self._place(tuple(phases[:, column].tolist()))
                found.append(known[code])
        out: Ints = np.array(found, dtype=np.int64)[np.ravel(back)]
        return out

    def doubled(self, value: int) -> int:
        """Return twice a value."""
        return self._place(tuple(sorted(self._roots[value] * 2)))

    def real(self, value: int) -> int:
        """Return a value plus its conjugate."""
        roots = self._roots[value]
        return self._place(tuple(sorted((*roots, *(-e % self.order for e in roots)))))
