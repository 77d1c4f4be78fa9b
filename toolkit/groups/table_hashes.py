"""Hashes of character tables: the same for equivalent tables."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import numpy as np

from toolkit.groups.table_refinement import ColouredMatrix

if TYPE_CHECKING:
    from toolkit.groups.character_table import CharacterTable

_DIGEST_BYTES = 12


def powered_table_hash(table: CharacterTable) -> str | None:
    """Return a hash of the character table with its power maps.

    Returns
    -------
    str or None
        24 hexadecimal digits. Tables that are equivalent with power maps have the same hash; other
        tables have a different one, unless two of 2^96 values coincide. ``None`` if the order of
        the table is not canonical.

    Notes
    -----
    The table itself is hashed: its order is the one that all equivalent tables share.

    Examples
    --------
    >>> import toolkit as tk
    >>> one, other = (tk.group(name).character_table for name in ("S3", "D6"))
    >>> powered_table_hash(one) == powered_table_hash(other)
    True
    """
    if not table.canonical:
        return None
    powers = sorted({**table.power_maps, -1: table.inverse}.items())
    return _digest(
        [
            table.order,
            table.class_sizes,
            table.element_orders,
            [[p, *image] for p, image in powers],
            [value.to_json() for value in table.values],
        ],
        np.array(table.rows, dtype="<i4"),
    )


def table_hash(table: CharacterTable) -> str:
    """Return a hash of the character table without element orders and power maps.

    Returns
    -------
    str
        24 hexadecimal digits. Tables that agree up to the order of rows and columns have the same.
        Tables that colour refinement does not tell apart have the same too:
        :meth:`~toolkit.groups.character_table.CharacterTable.is_equivalent` decides.

    Notes
    -----
    The hash covers the values, the class sizes and the stable colouring of rows and columns
    (:mod:`toolkit.groups.table_refinement`), about a millisecond for 60 classes.

    Examples
    --------
    >>> import toolkit as tk
    >>> d8, q8 = (tk.group(name).character_table for name in ("D8", "Q8"))
    >>> table_hash(d8) == table_hash(q8), powered_table_hash(d8) == powered_table_hash(q8)
    (True, False)
    """
    arrays = table.arrays
    used, codes = np.unique(arrays.rows, return_inverse=True)
    codes = codes.reshape(arrays.rows.shape)
    start = np.zeros(len(arrays), dtype=np.int64)
    found = ColouredMatrix(codes, []).refined(arrays.size_ranks, start)
    return _digest(
        [
            arrays.order,
            sorted(arrays.sizes),
            [arrays.values[i].to_json() for i in used.tolist()],
            found.trace,
        ],
        np.concatenate([np.sort(found.columns), np.sort(found.rows)]).astype("<i4"),
    )


def _digest(data: list[object], numbers: np.ndarray[tuple[int, ...], np.dtype[np.int32]]) -> str:
    digest = hashlib.blake2b(json.dumps(data).encode(), digest_size=_DIGEST_BYTES)
    digest.update(numbers.tobytes())
    return digest.hexdigest()
