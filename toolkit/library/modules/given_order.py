"""Generators given in another order than the group's: which order would be right."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# 4! - 1 orders are tried, no more
_MOST_GENERATORS = 4


def order_that_obeys(count: int, obeys: Callable[[list[int]], bool]) -> list[int] | None:
    """Return an order, not the given one, in which what was given obeys the group's relations.

    Parameters
    ----------
    count
        The number of generators; with more than four no order is tried.
    obeys
        Whether what was given does in an order: number ``order[0]`` first.

    Examples
    --------
    >>> order_that_obeys(3, lambda order: order[2] == 0)
    [1, 2, 0]
    """
    if count > _MOST_GENERATORS:
        return None
    orders = itertools.islice(itertools.permutations(range(count)), 1, None)
    return next((list(order) for order in orders if obeys(list(order))), None)
