"""The canonical order of the classes and characters of a table, on its integer arrays.

Classes are coloured by element order and size; colours are refined by the colours of powers and
by the values that characters of each degree and indicator take, then to a stable colouring of
classes and characters together. Where classes still share a colour, one of the largest element
order is put first and the colouring refined again, until no two share one; of all choices the
one with the least table is kept (:mod:`toolkit.groups.table_search`). Of equal colours the class
chosen first and its powers c, c^2, c^3, ... stand first, then the second and its powers, and so on.
So isomorphic groups have equal tables, power maps included, however they are described: only
where an automorphism of the table exchanges classes, first words in the generators decide.

The classes of an abelian group stand in the order of its closed form
(:mod:`toolkit.groups.closed_forms.abelian_order`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toolkit.exact.galois import unit_generators
from toolkit.exact.residues import prime_factors
from toolkit.groups.table_arrays import sort_keys
from toolkit.groups.table_assembly import class_set_keys, class_set_orders
from toolkit.groups.table_refinement import ColouredMatrix, Ints, ranks
from toolkit.groups.table_search import Search, SearchBoundError, bound_of, fixing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.groups.table_arrays import TableArrays

    Key = tuple[int, ...] | None

_FEW_CLASSES = 128


@dataclass(frozen=True, eq=False)
class CanonicalOrders:
    """The order of classes and characters.

    Parameters
    ----------
    classes, characters
        ``(k,)`` intp: 0-based positions in the given table, first to last.
    canonical
        Whether nothing was decided by the order of the given table.
    """

    classes: Ints
    characters: Ints
    canonical: bool


def canonical_orders(arrays: TableArrays, keys: Sequence[Key]) -> CanonicalOrders:
    """Return the canonical order of the classes and characters of a table.

    Parameters
    ----------
    arrays
        The table, in any order.
    keys
        Per class the number of the first word in the generators and its first power that lie in
        it, or ``None`` if that is not known: the least decides between classes that automorphisms
        of the table exchange.

    Notes
    -----
    Exact. A few milliseconds for 400 classes that invariants tell apart; the search for the least
    table is bounded by :data:`~toolkit.groups.table_search.SEARCH_BOUND`, beyond which the words
    decide alone and the result is not ``canonical``. Never starts GAP.
    """
    k = len(arrays)
    preference = np.empty(k, dtype=np.intp)
    preference[sorted(range(k), key=lambda c: (keys[c] or (math.inf,), c))] = np.arange(k)
    if k == arrays.order:  # abelian: as by formula
        from toolkit.groups.closed_forms.recognised import abelian_class_order

        places = abelian_class_order(arrays.orders.tolist(), keys, arrays.values, arrays.rows)
        classes, canonical = np.array(places, dtype=np.intp), True
    else:
        colours = invariant_colours(arrays)
        classes, canonical = _searched(arrays, colours, preference, keys)
    return CanonicalOrders(classes, character_order(arrays, classes), canonical)


def invariant_colours(arrays: TableArrays) -> Ints:
    """Return a colour per class: ranks by invariants of the table that need no choice.

    By element order, then size, then the colours of powers, then how often characters of each
    degree and indicator take each value, then again the colours of powers.

    Returns
    -------
    numpy.ndarray
        ``(k,)`` intp, 0 for the identity class; classes that automorphisms of the table exchange
        have the same colour.
    """
    maps = [m for _, m in sorted(arrays.powers.items())]
    colours = _refined_by_maps(ranks(arrays.orders, arrays.size_ranks), maps)
    open_classes = np.flatnonzero(np.bincount(colours)[colours] > 1)
    if len(open_classes):
        kinds = character_kinds(arrays)
        count = len(arrays.values)
        # fewer than 2^31 for all tables that fit in memory; int32 are sorted faster
        signs = kinds[:, None] * count + arrays.rows[:, open_classes]
        columns = np.ascontiguousarray(signs.T, dtype=np.int32)
        columns.sort(axis=1)
        texts = sort_keys(columns)
        number = {text: i + 1 for i, text in enumerate(sorted(set(texts)))}
        values = np.zeros(len(colours), dtype=np.intp)
        values[open_classes] = [number[text] for text in texts]
        colours = _refined_by_maps(ranks(colours, values), maps)
    return colours


def character_kinds(arrays: TableArrays) -> Ints:
    """Return a rank per character: larger degrees first, then smaller indicators."""
    return ranks(arrays.rows[:, arrays.identity], arrays.indicators)


def _refined_by_maps(colours: Ints, maps: Sequence[Ints]) -> Ints:
    while True:
        finer = ranks(colours, *(colours[m] for m in maps))
        if finer.max() == colours.max():
            return finer
        colours = finer


def _searched(
    arrays: TableArrays, colours: Ints, preference: Ints, keys: Sequence[Key]
) -> tuple[Ints, bool]:
    """Return the order of classes, and whether it is canonical."""
    if colours.max() + 1 == len(colours):
        return np.argsort(colours), True
    maps = [m for _, m in sorted(arrays.powers.items())]
    matrix = ColouredMatrix(arrays.rows, maps)
    root = matrix.refined(colours, character_kinds(arrays))
    known = _galois_symmetries(arrays)
    search = Search(matrix, preference, arrays.orders, bound_of(arrays.rows), known)
    try:
        leaf, _ = search.canonical(root)
        canonical = True
    except SearchBoundError:
        search = Search(matrix, preference, arrays.orders, len(colours))
        leaf, canonical = search.first_leaf(root), False
    moved = np.arange(len(colours))
    symmetries = search.found
    base = list(leaf.base)
    for level in range(len(base)):
        symmetries = fixing(symmetries, base[:level])
        tree = _orbit_tree(base[level], symmetries)
        least = min(tree, key=preference.__getitem__)
        if len(tree) > 1 and keys[least] is None:
            canonical = False
        taken = tree[least]
        if taken is not None:
            back = np.argsort(taken)
            symmetries = [taken[s[back]] for s in symmetries]
            base = taken[base].tolist()
            moved = taken[moved]
    place = np.empty(len(colours), dtype=np.intp)
    place[moved[leaf.columns]] = np.arange(len(colours))
    reached = _reached_as_powers(arrays, base)
    return np.lexsort((place, reached, root.columns)), canonical


def _galois_symmetries(arrays: TableArrays) -> list[Ints]:
    """Return those powers of classes, with exponents prime to |G|, that are symmetries.

    In a character table all are; of what GAP answered this is not yet known, and is checked.
    """
    maps = list(arrays.powers.values())
    rows = {row.tobytes() for row in arrays.rows}
    out = []
    for unit in unit_generators(math.lcm(*set(arrays.orders.tolist()))):
        moved = _class_powers(arrays, unit)
        if moved is None or (moved == np.arange(len(moved))).all():
            continue
        images = arrays.rows[:, moved]
        if (
            len(set(moved.tolist())) == len(moved)
            and all((moved[m] == m[moved]).all() for m in maps)
            and all(row.tobytes() in rows for row in images)
        ):
            out.append(moved)
    return out


def _orbit_tree(point: int, symmetries: Sequence[Ints]) -> dict[int, Ints | None]:
    """Return the orbit of a point, with a permutation that takes it there (``None``: identity)."""
    tree: dict[int, Ints | None] = {point: None}
    queue = [point]
    for at in queue:
        for s in symmetries:
            image = int(s[at])
            if image not in tree:
                before = tree[at]
                tree[image] = s if before is None else s[before]
                queue.append(image)
    return tree


def _reached_as_powers(arrays: TableArrays, base: Sequence[int]) -> Ints:
    """Return per class a rank: by the first class of the base with it as a power, and exponent.

    Classes that are no powers of the base come last.
    """
    k = len(arrays)
    exponent = math.lcm(*set(arrays.orders.tolist()))
    steps: list[tuple[int, list[int]]] = []
    for unit in unit_generators(exponent):
        images = _class_powers(arrays, unit)
        if images is not None:
            steps.append((unit, images.tolist()))
    steps += [(p, arrays.powers[p].tolist()) for p in prime_factors(exponent) if p in arrays.powers]
    last = np.iinfo(np.intp).max
    out = [last] * k
    start = 0
    for c in base:
        n = int(arrays.orders[c])
        powers = {1 % n: c}  # per exponent the class of that power
        for step, images_of_step in steps:
            for e, place in list(powers.items()):
                while (e := e * step % n) not in powers:
                    place = images_of_step[place]
                    powers[e] = place
        for e, place in powers.items():
            out[place] = min(out[place], start + e)
        start += n
    return np.array(out, dtype=np.intp)


def _class_powers(arrays: TableArrays, unit: int) -> Ints | None:
    """Return per class that of the powers with an exponent prime to |G|; ``None`` if not found.

    The column of c^u is the Galois conjugate of the column of c. Of a large table as many rows are
    compared as tell all columns apart.
    """
    if len(arrays) <= _FEW_CLASSES:  # as the laws do, which ask for the same
        moved = arrays.class_galois(unit)
        return None if (moved < 0).any() else moved
    images = arrays.galois(unit)
    count = 16
    while True:
        some = np.ascontiguousarray(arrays.rows[-count:].T)
        place = {row.tobytes(): c for c, row in enumerate(some)}
        if len(place) == len(arrays):
            break
        if count >= len(arrays):
            return None  # equal columns: no character table
        count *= 4
    found = np.array([place.get(row.tobytes(), -1) for row in images[some]])
    return None if (found < 0).any() else found


def character_order(arrays: TableArrays, classes: Ints) -> Ints:
    """Return the characters by degree, indicator, order of the action, kernel and values."""
    rows = arrays.rows[:, classes]
    kernels = rows == rows[:, :1]
    kernel_orders = class_set_orders(arrays.rows == arrays.rows[:, classes[:1]], arrays)
    kernel_keys, row_keys = class_set_keys(kernels), sort_keys(rows)
    degrees, indicators = arrays.degrees, arrays.indicators.tolist()

    def key(i: int) -> tuple[object, ...]:
        trivial = degrees[i] == 1 and kernel_orders[i] == arrays.order
        action = arrays.order // kernel_orders[i]
        return (not trivial, degrees[i], -indicators[i], action, kernel_keys[i], row_keys[i])

    return np.array(sorted(range(len(rows)), key=key), dtype=np.intp)
