"""Numbers as they stand in a record: what is exact stays exact in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.exact.cyclotomic import Cyclotomic

#: Integers above this lose digits in a browser, where numbers are doubles.
LARGEST = 2**53


def whole(value: int) -> int | str:
    """Return an integer as itself, or as its digits where a double would not hold it.

    Examples
    --------
    >>> whole(24), whole(2**60)
    (24, '1152921504606846976')
    """
    return value if abs(value) <= LARGEST else str(value)


def real(value: Cyclotomic) -> int | float | str:
    """Return a real value: an integer exactly, a large one as its digits, else the nearest double.

    Examples
    --------
    >>> import toolkit as tk
    >>> table = tk.group("C5").character_table
    >>> [round(real(table.values[v]), 12) for v in table.simples[1].row[:2]]
    [2, 0.61803398875]
    """
    return whole(value.to_int()) if value.is_integer else value.to_float()


def all_whole(data: Any) -> Any:  # noqa: ANN401 - JSON
    """Return JSON data with every integer that a double would not hold as its digits.

    Examples
    --------
    >>> all_whole({"orders": [6, 2**60], "known": True})
    {'orders': [6, '1152921504606846976'], 'known': True}
    """
    if isinstance(data, dict):
        return {key: all_whole(value) for key, value in data.items()}
    if isinstance(data, list):
        return [all_whole(value) for value in data]
    return whole(data) if isinstance(data, int) else data
