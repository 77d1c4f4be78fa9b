"""Which row of a table of weights belongs to which element of a group.

A table of weights of a group task has a row for each element. The rows are in the order of
``G.regular_module()``, or in an order of the user's own, which is given by the multiplication
table that goes with it, or by the elements as permutations of the natural points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import ModuleMismatchError, NotAvailable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from toolkit.library.group import Group
    from toolkit.modules.gsets.actions import IntArray

#: Groups up to this order are held as a multiplication table.
LARGEST_ORDER = 2048

#: The most products that a search for an isomorphism forms.
_MOST_PRODUCTS = 20_000_000


def multiplication_table(G: Group) -> IntArray:
    """Return the products of the points of the regular module.

    Parameters
    ----------
    G
        A group of order up to 2,048.

    Returns
    -------
    numpy.ndarray
        ``(|G|, |G|)`` integers: ``[x, y]`` is the number of the element x y.

    Raises
    ------
    NotAvailable
        If the group is larger.

    Examples
    --------
    >>> import toolkit as tk
    >>> multiplication_table(tk.group("C3")).tolist()
    [[0, 1, 2], [1, 2, 0], [2, 0, 1]]
    """
    if G.order > LARGEST_ORDER:
        raise NotAvailable(
            G.name,
            "a report on a group task",
            f"it requires the table of all products, for groups of order up to {LARGEST_ORDER:,}, "
            f"and this group has order {G.order}",
        )
    X = G.regular_module()
    return np.ascontiguousarray(X.elements.images(X).T)


def inverses(table: IntArray) -> IntArray:
    """Return per element of a multiplication table, identity 0, the number of its inverse.

    Examples
    --------
    >>> inverses(np.array([[0, 1, 2], [1, 2, 0], [2, 0, 1]])).tolist()
    [0, 2, 1]
    """
    found: IntArray = np.argmin(table, axis=1)
    return found


def points_of_rows(
    G: Group,
    table: ArrayLike | None = None,
    elements: ArrayLike | None = None,
) -> IntArray:
    """Return per row of a user's tables the point of the regular module that it belongs to.

    Parameters
    ----------
    G
        A group of order up to 2,048.
    table
        ``(|G|, |G|)`` the multiplication table in the user's order: ``table[i][j]`` is the row of
        the product i j. An isomorphism with the group is searched for; where there are several,
        which differ by an automorphism, the first one is taken, the one with the same generators
        if the group was made from this table.
    elements
        ``(|G|, points)`` the elements as 0-based image lists on the natural points of the group.
        The product of two means "first x, then y", as everywhere in the toolkit. Give at most one
        of the two; with neither, the rows are in the order of the regular module.

    Returns
    -------
    numpy.ndarray
        ``(|G|,)`` a permutation of 0, ..., |G| - 1.

    Raises
    ------
    ModuleMismatchError
        If the table is that of another group, or the permutations are not the group's elements.
    NotAvailable
        If the search is given up, after 20 million products.

    Notes
    -----
    Exact. The search tries images of the generators of the same orders, one generator at a time,
    and drops a choice as soon as a product disagrees. In the end all products are compared.

    Examples
    --------
    >>> import toolkit as tk
    >>> points_of_rows(tk.group("C3"), [[2, 0, 1], [0, 1, 2], [1, 2, 0]]).tolist()
    [2, 0, 1]
    >>> points_of_rows(tk.group("C3"), elements=[[0, 1, 2], [2, 0, 1], [1, 2, 0]]).tolist()
    [0, 2, 1]
    """
    if table is not None and elements is not None:
        raise ModuleMismatchError(
            "the order of the rows is given by table= or by elements=, not by both: omit one"
        )
    if table is not None:
        return _by_table(G, np.asarray(table))
    if elements is not None:
        return _by_permutations(G, np.asarray(elements))
    return np.arange(G.order)


def _by_permutations(G: Group, elements: NDArray[np.int_]) -> IntArray:
    natural = G.natural_module()
    own = G.regular_module().elements.images(natural)
    if elements.shape != own.shape:
        raise ModuleMismatchError(
            f"elements= must be {own.shape[0]} image lists of {own.shape[1]} points, as "
            f"{G.title} acts on its natural points, found an array of shape {elements.shape}"
        )
    number = {row.tobytes(): i for i, row in enumerate(np.ascontiguousarray(own, dtype=np.int64))}
    given = np.ascontiguousarray(elements, dtype=np.int64)
    found = [number.get(row.tobytes(), -1) for row in given]
    if -1 in found or len(set(found)) != len(found) or len(number) != len(own):
        wrong = given[found.index(-1)].tolist() if -1 in found else "an element twice"
        raise ModuleMismatchError(
            f"elements= must list each element of {G.title} once, by its images of the natural "
            f"points, found {wrong!s:.60}; give the multiplication table as table= instead"
        )
    return np.array(found, dtype=np.intp)


def _by_table(G: Group, given: NDArray[np.int_]) -> IntArray:
    """Return the inverse of the first isomorphism from the group to the table's."""
    n = G.order
    _require_latin(given, n)
    identity = int(np.flatnonzero((given == np.arange(n)).all(axis=1))[0])
    images = G.regular_module().images
    own_orders = _orders(images[:, :], np.zeros(len(images), dtype=np.intp))
    rows = given.T  # rows[y] is x -> x y
    orders = _orders(rows, np.full(n, identity))
    first = _natural_choice(G, given, identity)
    own = multiplication_table(G)
    if _invariants(own, _orders(own.T, np.zeros(n, dtype=np.intp))) != _invariants(given, orders):
        raise _another_group(G)
    choices = []
    for g, order in enumerate(own_orders):
        some = np.flatnonzero(orders == order).tolist()
        if first is not None and first[g] in some:
            some = [first[g], *(x for x in some if x != first[g])]
        choices.append(some)
    budget = [_MOST_PRODUCTS]
    found = _extended(images, given, identity, choices, [], budget)
    if found is None and budget[0] <= 0:
        raise NotAvailable(
            G.name,
            "an isomorphism with the group of a table",
            f"none was found among {_MOST_PRODUCTS:,} products; construct the group from the "
            "table, with tk.group_from_cayley_table",
        )
    if found is None or not np.array_equal(given[found[:, None], found], found[own]):
        raise _another_group(G)
    out = np.empty(n, dtype=np.intp)
    out[found] = np.arange(n)
    return out


def _another_group(G: Group) -> ModuleMismatchError:
    return ModuleMismatchError(
        f"table= must be the multiplication table of a group isomorphic to {G.title}, found the "
        "table of another group: construct the group from the table, with "
        "tk.group_from_cayley_table"
    )


def _invariants(table: NDArray[np.int_], orders: IntArray) -> list[tuple[int, int, int]]:
    """Return per element its order, that of its centraliser and its square roots, sorted."""
    commuting = (table == table.T).sum(axis=1)
    roots = np.bincount(np.diagonal(table), minlength=len(table))
    return sorted(zip(orders.tolist(), commuting.tolist(), roots.tolist(), strict=True))


def _require_latin(given: NDArray[np.int_], n: int) -> None:
    if given.shape != (n, n) or not np.issubdtype(given.dtype, np.integer):
        raise ModuleMismatchError(
            f"table= must be {n} rows of {n} integers, the numbers of the products, found an array "
            f"of shape {given.shape} and type {given.dtype}"
        )
    full = np.arange(n)
    if not (
        (np.sort(given, axis=0) == full[:, None]).all()
        and (np.sort(given, axis=1) == full).all()
        and (given == full).all(axis=1).any()
        and (given == full[:, None]).all(axis=0).any()
    ):
        raise ModuleMismatchError(
            "table= must be the multiplication table of a group: each number once in each row and "
            "column, and an identity; check the order of its rows and columns"
        )


def _orders(steps: IntArray, start: IntArray) -> IntArray:
    """Return per step how often it must be taken to come back to its start."""
    at = steps[np.arange(len(steps)), start]
    out = np.ones(len(steps), dtype=np.intp)
    moving = at != start
    while moving.any():
        out[moving] += 1
        at = np.where(moving, steps[np.arange(len(steps)), at], at)
        moving &= at != start
    return out


def _natural_choice(G: Group, given: NDArray[np.int_], identity: int) -> list[int] | None:
    """Return the rows of the generators if the group acts on the rows by right multiplication."""
    try:
        images = G.natural_module().images
    except NotAvailable:
        return None
    if images.shape[1] != len(given):
        return None
    rows = [int(image[identity]) for image in images]
    same = all(
        np.array_equal(given[:, row], image) for row, image in zip(rows, images, strict=True)
    )
    return rows if same else None


def _extended(
    images: IntArray,
    given: NDArray[np.int_],
    identity: int,
    choices: list[list[int]],
    chosen: list[int],
    budget: list[int],
) -> IntArray | None:
    """Return the rows of the points for the first choice that is an isomorphism."""
    rows = _partial(images, given, identity, chosen, budget)
    if rows is None or budget[0] <= 0:
        return None
    if len(chosen) == len(choices):
        return rows  # injective on all points, and compatible with every generator
    for row in choices[len(chosen)]:
        found = _extended(images, given, identity, choices, [*chosen, row], budget)
        if found is not None:
            return found
    return None


def _partial(
    images: IntArray,
    given: NDArray[np.int_],
    identity: int,
    chosen: list[int],
    budget: list[int],
) -> IntArray | None:
    """Return the rows of the points of the subgroup of the first generators, -1 elsewhere."""
    rows = np.full(images.shape[1], -1, dtype=np.intp)
    rows[0] = identity
    points = [0]
    for point in points:  # grows while it is read
        budget[0] -= len(chosen)
        for g, row in enumerate(chosen):
            new, to = int(images[g, point]), int(given[rows[point], row])
            if rows[new] < 0:
                rows[new] = to
                points.append(new)
            elif rows[new] != to:
                return None
    used = rows[points]
    return rows if len(np.unique(used)) == len(used) else None
