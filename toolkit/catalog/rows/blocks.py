"""Blocks of rows of one table about one group, with compact forms for repetitive columns.

The rows of a group are a dictionary from names of columns to one of

* a plain value, the same in every row;
* a list or a one-dimensional array, one value per row;
* :class:`Labels`: strings by their positions in a short list;
* :class:`LabelLists`, a list of labels per row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Labels:
    """A column of strings.

    Parameters
    ----------
    codes
        ``(rows,)`` 0-based positions in ``names``.
    names
        The strings; not all need to occur.
    """

    codes: NDArray[np.int32]
    names: Sequence[str]

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, eq=False)
class LabelLists:
    """A column of lists of strings.

    Parameters
    ----------
    offsets
        ``(rows + 1,)``: the list of row i is ``codes[offsets[i]:offsets[i + 1]]``.
    codes
        0-based positions in ``names``.
    names
        The strings.
    """

    offsets: NDArray[np.int32]
    codes: NDArray[np.int32]
    names: Sequence[str]

    def __len__(self) -> int:
        return len(self.offsets) - 1


Column: TypeAlias = (
    bool | int | float | str | Sequence[object] | NDArray[np.generic] | Labels | LabelLists | None
)


@dataclass(frozen=True, eq=False)
class Block:
    """Rows of one table.

    Parameters
    ----------
    length
        Number of rows.
    columns
        Per name a column of that length, or a plain value for all rows.
    """

    length: int
    columns: dict[str, Column]


def joined(masks: Sequence[int], parts: Sequence[str]) -> list[str]:
    """Return, for each bit mask, the parts at the positions of its bits, joined by '+'.

    Examples
    --------
    >>> joined([3, 2], ["even", "linear"])
    ['even+linear', 'linear']
    """
    return ["+".join(p for i, p in enumerate(parts) if mask >> i & 1) for mask in masks]
