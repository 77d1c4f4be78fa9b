"""Names of classes in the manner of the ATLAS."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ordered_names"]


def ordered_names(orders: Sequence[int]) -> tuple[str, ...]:
    """Return names in the manner of the ATLAS: an order and letters a, b, ..., z, aa, ab, ...

    Examples
    --------
    >>> ordered_names([1, 2, 2, 3])
    ('1a', '2a', '2b', '3a')
    """
    count: dict[int, int] = {}
    out = []
    for order in orders:
        n = count[order] = count.get(order, 0) + 1
        letters = ""
        while n:
            n, digit = divmod(n - 1, 26)
            letters = chr(97 + digit) + letters
        out.append(f"{order}{letters}")
    return tuple(out)
