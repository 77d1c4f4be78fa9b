"""The canonical order of the classes of an abelian group whose table was computed otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.exact.residues import prime_factors
from toolkit.exact.root_sums import root_of_unity
from toolkit.groups.closed_forms.abelian_order import abelian_order
from toolkit.groups.closed_forms.integers import invariant_factors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Cyclotomic


def abelian_class_order(
    orders: Sequence[int],
    keys: Sequence[tuple[int, ...] | None],
    values: Sequence[Cyclotomic],
    rows: NDArray[np.intp],
) -> list[int]:
    """Return the classes of an abelian group's table in the order of its closed form.

    Parameters
    ----------
    orders
        Element orders, per class.
    keys
        Per class what decides which of several equivalent independent generators are chosen:
        those with the least keys, then the first classes.
    values
        The distinct values.
    rows
        ``(characters, classes)`` indices into ``values``.

    Returns
    -------
    list of int
        The given position of each class, in canonical order.

    Notes
    -----
    The labelled table does not depend on the choice: independent generators whose orders are the
    invariant factors are equivalent under automorphisms. About k^2 steps for k classes.
    """
    e = max(orders)
    exponent_of = {root_of_unity(e, j): j for j in range(e)}
    phase = np.array([exponent_of.get(v, -1) for v in values], dtype=np.int64)
    columns = np.ascontiguousarray(phase[np.asarray(rows)].T)  # per class
    place = {column.tobytes(): c for c, column in enumerate(columns)}

    def multiple(c: int, k: int) -> int:
        return place[(columns[c] * k % e).tobytes()]

    def plus(some: Sequence[int], others: Sequence[int]) -> list[int]:
        sums = (columns[list(some)] + columns[list(others)]) % e
        return [place[column.tobytes()] for column in sums]

    by_key = sorted(range(len(orders)), key=lambda c: (keys[c] is None, keys[c] or (), c))
    invariants = _invariants(orders)
    basis = independent_generators(invariants, by_key, orders, multiple, plus)
    order = abelian_order(invariants)
    generators = columns[basis] if basis else np.zeros((0, len(orders)), dtype=np.int64)
    found = order.coordinates[order.classes] @ generators % e
    return [place[column.tobytes()] for column in np.ascontiguousarray(found)]


def independent_generators(
    invariants: Sequence[int],
    by_key: Sequence[int],
    orders: Sequence[int],
    multiple: Callable[[int, int], int],
    plus: Callable[[Sequence[int], Sequence[int]], Sequence[int]],
) -> list[int]:
    """Return independent generators of an abelian group whose orders are its invariant factors.

    Parameters
    ----------
    invariants
        The invariant factors d1 | ... | dr.
    by_key
        The elements, numbers from 0, those to be chosen first before the others.
    orders
        Their orders.
    multiple
        Returns a multiple of an element.
    plus
        Returns the sums of elements, pair by pair.
    """
    span = [next(c for c in by_key if orders[c] == 1)]
    basis: list[int] = []
    for d in reversed(invariants):
        steps = [d // p for p in prime_factors(d)]
        inside = set(span)
        b = next(
            c for c in by_key if orders[c] == d and not any(multiple(c, s) in inside for s in steps)
        )
        basis.insert(0, b)
        if len(basis) < len(invariants):  # else all elements
            powers = [multiple(b, k) for k in range(d)]
            span = list(plus([x for x in span for _ in powers], powers * len(span)))
    return basis


def _invariants(orders: Sequence[int]) -> tuple[int, ...]:
    """Return the invariant factors of an abelian group from the orders of its elements."""
    count: dict[int, int] = {}
    for n in orders:
        count[n] = count.get(n, 0) + 1
    cyclic: list[int] = []
    e = max(orders)
    for p in prime_factors(e):
        # p^r_j elements have order up to p^j: r_j - r_(j-1) cyclic factors of order at least p^j
        q, total, before, at_least = p, 1, 0, []
        while e % q == 0:
            total += count[q]
            r = 0
            while p ** (r + 1) <= total:
                r += 1
            at_least.append(r - before)
            before, q = r, q * p
        for j, n in enumerate(at_least, start=1):
            more = at_least[j] if j < len(at_least) else 0
            cyclic += [p**j] * (n - more)
    return invariant_factors(cyclic)
