"""The simples and the character table of an abelian group, by formula, at any order."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from toolkit.cached import cached_property
from toolkit.collector import collector_paused
from toolkit.exact.cyclotomic import certified_sign_of_difference
from toolkit.exact.root_sums import root_of_unity, twice_the_cosine
from toolkit.groups.closed_forms.form import ClosedForm
from toolkit.groups.closed_forms.lazy_table import FormulaSimple, FormulaTable, TableFormula

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Cyclotomic
    from toolkit.groups.character_table import CharacterTable, RealSimple
    from toolkit.groups.closed_forms.abelian_order import AbelianOrder
    from toolkit.groups.closed_forms.form import KernelClass
    from toolkit.groups.facts import GroupFacts

ElementData = Callable[[tuple[int, ...]], object]


@dataclass(frozen=True)
class AbelianForm(ClosedForm):
    """An abelian group with its defining generators, in coordinates by invariant factors.

    Parameters
    ----------
    name
        Canonical name of the group.
    invariants
        The invariant factors d1 | ... | dr, all above 1.
    generators
        The coordinates of the defining generators, in their order.
    element_data
        Returns the element with given coordinates as data.
    paper_indices
        Whether a cyclic group's simples have the index of arXiv 2408.00949.
    orbit_lengths
        Of the natural action, if the name brings one.

    Examples
    --------
    >>> form = AbelianForm("C6", (6,), ((1,),), lambda x: {"word": [0] * x[0]})
    >>> [(L.label, L.dimension, L.type, L.paper_index) for L in form.simples()]
    [('L0', 1, 'R', 0), ('L1', 1, 'R', 3), ('L2', 2, 'C', 2), ('L3', 2, 'C', 1)]
    >>> form.table().element_orders
    (1, 2, 3, 3, 6, 6)
    """

    name: str
    invariants: tuple[int, ...]
    generators: Sequence[tuple[int, ...]]
    element_data: ElementData = field(repr=False, compare=False)
    paper_indices: bool = True
    orbit_lengths: tuple[int, ...] = ()

    @property
    def order(self) -> int:
        """|G|."""
        return math.prod(self.invariants)

    @property
    def class_count(self) -> int:
        """Number of conjugacy classes."""
        return self.order

    @property
    def simple_count(self) -> int:
        """Number of real simples: (|G| + number of elements with square 1) / 2."""
        return (self.order + (1 << sum(d % 2 == 0 for d in self.invariants))) // 2

    @property
    def table_entries(self) -> int:
        """A row at a time."""
        return self.order

    @cached_property
    def _order(self) -> AbelianOrder:
        from toolkit.groups.closed_forms.abelian_order import abelian_order

        return abelian_order(self.invariants)

    @cached_property
    def _formula(self) -> AbelianFormula:
        return AbelianFormula(self, self._order)

    def simples(self) -> tuple[RealSimple, ...]:
        """Return the real simples in canonical order; about 2 microseconds each."""
        formula, order = self._formula, self._order
        n = self.order
        chosen = order.simples
        indices: list[int | None] = [None] * len(chosen)
        if self.paper_indices and len(self.invariants) <= 1:
            indices = chosen.tolist()
        orders = order.orders[chosen].tolist()
        with collector_paused():
            return tuple(
                FormulaSimple.of(
                    formula,
                    number,
                    1 if m <= 2 else 2,
                    "R" if m <= 2 else "C",
                    m,
                    n // m,
                    n // m * (1 + (m % 2 == 0)),
                    index,
                )
                for number, (m, index) in enumerate(zip(orders, indices, strict=True))
            )

    def simples_with(self, phases: NDArray[np.int64], modulus: int) -> list[int]:
        """Return the numbers of the simples that characters belong to.

        Parameters
        ----------
        phases
            ``(characters, generators)``: the values at the defining generators, exp(2 pi i phase /
            modulus). The generators, one at most, are the group's coordinates.
        modulus
            Divides the exponent.

        Examples
        --------
        >>> import numpy as np
        >>> product_form("C6", (6,), lambda x: x).simples_with(np.array([[0], [1], [2]]), 3)
        [0, 2, 2]
        """
        order = self._order
        place = {code: number for number, code in enumerate(order.simples.tolist())}
        codes = order.codes(phases * (order.exponent // modulus))
        both = zip(codes.tolist(), order.negatives[codes].tolist(), strict=True)
        return [place[a] if a in place else place[b] for a, b in both]

    def table(self) -> CharacterTable:
        """Return the character table, whose entries are computed when first used."""
        return FormulaTable.of(self.name, self._formula, self.simples())

    def facts(self) -> GroupFacts:
        """Return the facts, by formula."""
        from toolkit.groups.facts import CharacteristicOrders, GroupFacts

        n, parts = self.order, self._order.parts
        socle = math.prod(part.prime ** sum(e > 0 for e in part.exponents) for part in parts)
        return GroupFacts(
            order=n,
            generators=tuple(self.element_data(x) for x in self.generators),
            points=sum(self.orbit_lengths),
            faithful=True if self.orbit_lengths else None,
            orbit_lengths=tuple(sorted(self.orbit_lengths, reverse=True)),
            id=None,
            description=" x ".join(f"C{d}" for d in reversed(self.invariants)) or "1",
            abelian=True,
            nilpotent=True,
            solvable=True,
            perfect=n == 1,
            simple=n > 1 and len(self.invariants) == 1 and socle == n and len(parts) == 1,
            exponent=self._order.exponent,
            abelian_invariants=tuple(
                sorted(part.prime**e for part in parts for e in part.exponents if e)
            ),
            subgroups=CharacteristicOrders(n, 1, n // socle, n, socle, n),
            derived_series=(n, 1) if n > 1 else (1,),
            table=True,
            classes=n,
        )

    def kernel_class_count(self) -> int:
        """Return the number of cyclic subgroups, which is that of kernels of characters."""
        from toolkit.groups.closed_forms.abelian_kernels import cyclic_subgroup_count

        parts = self._order.parts
        return math.prod(cyclic_subgroup_count(part.exponents, part.prime) for part in parts)

    def kernel_classes(self) -> tuple[KernelClass, ...]:
        """Return the classes of simples with one kernel: one for each cyclic group of characters.

        Examples
        --------
        >>> form = product_form("C1000000000", (10**9,), lambda x: x)
        >>> classes = form.kernel_classes()
        >>> len(classes), classes[-1].size, classes[-1].name
        (100, 200000000, 'L300000001..L500000000')
        """
        from toolkit.groups.closed_forms.abelian_kernels import abelian_kernel_classes

        return abelian_kernel_classes(self._order.parts, self.order)


class AbelianFormula(TableFormula):
    """The character table of an abelian group, row by row."""

    def __init__(self, form: AbelianForm, order: AbelianOrder) -> None:
        self._form = form
        self._by = order

    @property
    def order(self) -> int:
        """|G|."""
        return self._by.order

    @property
    def class_count(self) -> int:
        """|G|."""
        return self._by.order

    def class_sizes(self) -> tuple[int, ...]:
        """Return 1 for each class."""
        return (1,) * self.order

    def element_orders(self) -> tuple[int, ...]:
        """Return the orders of the elements."""
        return tuple(self._by.orders[self._by.classes].tolist())

    def representatives(self) -> tuple[object, ...]:
        """Return the elements as data."""
        rows = self._by.coordinates[self._by.classes].tolist()
        return tuple(self._form.element_data(tuple(row)) for row in rows)

    def power_map(self, exponent: int) -> tuple[int, ...]:
        """Return the positions of the powers."""
        powers = self._by.codes(self._by.coordinates[self._by.classes] * exponent)
        return tuple(self._by.class_places[powers].tolist())

    def generator_class(self) -> int:
        """Return the position of the first generator; that of 1 if there is none."""
        import numpy as np

        if not self._form.invariants or not len(self._form.generators):
            return 0
        first = np.array(self._form.generators[:1], dtype=np.int64)
        return int(self._by.class_places[self._by.codes(first)[0]])

    @cached_property
    def _values(self) -> tuple[tuple[Cyclotomic, ...], NDArray[np.int64], NDArray[np.int64]]:
        """The values, and the positions of each E(e)^j and of each 2 cos(2 pi j / e)."""
        import numpy as np

        e = self._by.exponent
        roots = [root_of_unity(e, j) for j in range(e)]
        doubles = [twice_the_cosine(e, j) for j in range(e)] if e > 2 else []
        parts = [_parts(e, j) for j in range(e)]
        rough = dict(zip(roots, parts, strict=True))
        rough.update(zip(doubles, ((2 * x, 0.0) for x, _ in parts), strict=False))
        values = sorted(rough, key=lambda v: (-rough[v][0], -rough[v][1]))
        _check_order(values, rough)
        place = {v: i for i, v in enumerate(values)}
        one = np.array([place[v] for v in roots], dtype=np.int64)
        two = np.array([place[v] for v in doubles], dtype=np.int64) if doubles else one
        return tuple(values), one, two

    def values(self) -> tuple[Cyclotomic, ...]:
        """Return the roots of unity and twice the cosines, largest real part first."""
        return self._values[0]

    def character(self, character: int) -> tuple[int, ...]:
        """Return the positions of the values of a character."""
        phases = self._by.phases(int(self._by.characters[character]), self._by.classes)
        return tuple(self._values[1][phases].tolist())

    def characters(self) -> NDArray[np.intp]:
        """Return all of them at once."""
        import numpy as np

        phases = self._by.phases_of(self._by.characters, self._by.classes)
        return self._values[1][phases].astype(np.intp, copy=False)

    def indicators(self) -> tuple[int, ...]:
        """Return 1 for real characters, 0 for the others."""
        return tuple((self._by.orders[self._by.characters] <= 2).astype(int).tolist())

    def constituents(self, simple: int) -> tuple[int, ...]:
        """Return one character, or two that are conjugate."""
        code = int(self._by.simples[simple])
        places = self._by.character_places
        both = {int(places[code]), int(places[self._by.negatives[code]])}
        return tuple(sorted(both))

    def simple_row(self, simple: int) -> tuple[int, ...]:
        """Return the character of a simple."""
        code = int(self._by.simples[simple])
        phases = self._by.phases(code, self._by.classes)
        _, one, two = self._values
        return tuple((one if self._by.orders[code] <= 2 else two)[phases].tolist())

    def simple_rows(self) -> NDArray[np.intp]:
        """Return the characters of all simples."""
        import numpy as np

        codes, (_, one, two) = self._by.simples, self._values
        phases = self._by.phases_of(codes, self._by.classes)
        real = (self._by.orders[codes] <= 2)[:, None]
        return np.where(real, one[phases], two[phases]).astype(np.intp, copy=False)

    def kernel_and_minus(self, simple: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return where the character is 1 and where it is -1."""
        import numpy as np

        phases = self._by.phases(int(self._by.simples[simple]), self._by.classes)
        kernel = np.flatnonzero(phases == 0)
        minus = np.flatnonzero(2 * phases == self._by.exponent)
        return tuple(kernel.tolist()), tuple(minus.tolist())


def _parts(n: int, j: int) -> tuple[float, float]:
    """Return real and imaginary part of E(n)^j, equal doubles where the exact parts are equal."""
    k = min(j % n, -j % n)
    sign = 1.0 if 2 * (j % n) < n else -1.0
    if 4 * k == n:
        return 0.0, sign
    if 2 * k == n:
        return -1.0, 0.0
    if 6 * k == n:
        real = 0.5
    elif 3 * k == n:
        real = -0.5
    elif 4 * k > n:  # the cosine of the supplement, as it is
        real = -math.cos(2 * math.pi * (n - 2 * k) / (2 * n))
    else:
        real = math.cos(2 * math.pi * k / n)
    return real, sign * math.sin(2 * math.pi * k / n) if k else 0.0


def _check_order(values: list[Cyclotomic], rough: dict[Cyclotomic, tuple[float, float]]) -> None:
    """Decide exactly the few neighbours that doubles do not tell apart."""
    for i in range(len(values) - 1):
        (a, b), (c, d) = rough[values[i]], rough[values[i + 1]]
        if abs(a - c) > 1e-11 or (a == c and abs(b - d) > 1e-11):
            continue
        x, y = values[i], values[i + 1]
        sign = certified_sign_of_difference(x, y) or certified_sign_of_difference(
            x, y, imaginary=True
        )
        if sign < 0:
            values[i], values[i + 1] = y, x


def product_form(
    name: str,
    orders: Sequence[int],
    element_data: Callable[[tuple[int, ...]], object],
    *,
    paper_indices: bool = True,
    orbit_lengths: tuple[int, ...] = (),
) -> AbelianForm:
    """Return the form of a product of cyclic groups whose generators are the defining ones.

    Parameters
    ----------
    name
        Canonical name of the group.
    orders
        The orders of the generators, all at least 1.
    element_data
        Returns the element with given exponents of the generators as data.
    paper_indices
        Whether a cyclic group's simples have the index of arXiv 2408.00949.
    orbit_lengths
        Of the natural action, if the name brings one.

    Notes
    -----
    The i-th invariant factor takes, for each prime, the i-th smallest prime power among the factors
    of the orders, the last generator's first where two are equal.

    Examples
    --------
    >>> form = product_form("C4 x C6", (4, 6), lambda x: x)
    >>> form.invariants, form.generators, form.element_data((1, 0))
    ((2, 12), ((0, 9), (1, 4)), (0, 3))
    """
    from toolkit.exact.residues import prime_factors
    from toolkit.groups.closed_forms.integers import invariant_factors

    invariants = invariant_factors(orders)
    rank = len(invariants)
    forward = [[0] * rank for _ in orders]
    back = [[0] * len(orders) for _ in range(rank)]
    for p in prime_factors(invariants[-1]) if invariants else ():
        powers = sorted(
            ((_prime_power(n, p), g) for g, n in enumerate(orders) if n % p == 0),
            key=lambda item: (-item[0], item[1]),
        )
        for i, (q, g) in enumerate(powers, start=1):
            d, n = invariants[rank - i], orders[g]
            # the idempotents: 1 modulo q and 0 modulo the rest
            forward[g][rank - i] += d // q * pow(d // q, -1, q)
            back[rank - i][g] += n // q * pow(n // q, -1, q)
    generators = tuple(
        tuple(x % d for x, d in zip(row, invariants, strict=True)) for row in forward
    )

    def data(x: tuple[int, ...]) -> object:
        return element_data(
            tuple(
                sum(c * row[g] for c, row in zip(x, back, strict=True)) % n
                for g, n in enumerate(orders)
            )
        )

    return AbelianForm(name, invariants, generators, data, paper_indices, orbit_lengths)


def _prime_power(n: int, p: int) -> int:
    q = 1
    while n % (q * p) == 0:
        q *= p
    return q
