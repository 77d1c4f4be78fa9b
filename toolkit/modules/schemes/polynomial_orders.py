"""P- and Q-polynomial association schemes: orders in which multiplication is tridiagonal."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def polynomial_orders(nonzero: NDArray[np.bool_]) -> tuple[tuple[int, ...], ...]:
    """Return the orders (0, i, ...) in which multiplication by basis element i is tridiagonal.

    Parameters
    ----------
    nonzero
        ``(r, r, r)``: whether basis element k occurs in the product of elements i and j. Element 0
        is the unit.

    Returns
    -------
    tuple
        One order of the r elements for each i that has one.

    Notes
    -----
    Each element is then a polynomial, of the degree of its place, in element i.

    Examples
    --------
    >>> from toolkit.modules.schemes.intersection_numbers import intersection_numbers
    >>> import numpy as np
    >>> hexagon = np.array([[1, 2, 3, 4, 5, 0], [0, 5, 4, 3, 2, 1]])
    >>> polynomial_orders(intersection_numbers(hexagon)[3] != 0)
    ((0, 1, 2, 3),)
    """
    r = nonzero.shape[0]
    found = []
    for i in range(1, r):
        order = [0, i]
        while len(order) <= r:
            met = set(np.flatnonzero(nonzero[i, order[-1]]).tolist()) - set(order[-2:])
            if len(met) != 1 or met & set(order):
                break
            order.append(met.pop())
        closed = set(np.flatnonzero(nonzero[i, order[-1]]).tolist()) <= set(order[-2:])
        if len(order) == r and closed:
            found.append(tuple(order))
    return tuple(found)


def intersection_array(
    numbers: NDArray[np.int64], order: Sequence[int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the intersection array of a distance-regular graph.

    Parameters
    ----------
    numbers
        ``(r, r, r)`` the intersection numbers.
    order
        The relations by distance.

    Returns
    -------
    tuple, tuple
        (b_0, ..., b_{d-1}) and (c_1, ..., c_d): of a point at distance j, b_j neighbours are at
        distance j + 1 and c_j at distance j - 1.
    """
    graph = order[1]
    pairs = list(itertools.pairwise(order))
    return (
        tuple(int(numbers[further, graph, at]) for at, further in pairs),
        tuple(int(numbers[at, graph, further]) for at, further in pairs),
    )
