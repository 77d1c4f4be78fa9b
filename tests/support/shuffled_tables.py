"""Character tables with their classes, characters and simples in another order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from toolkit.groups.table_arrays import TableArrays


def shuffled(arrays: TableArrays, rng: np.random.Generator) -> TableArrays:
    """Return the same table in a random order."""
    k, s = len(arrays), len(arrays.constituents)
    moved = arrays.reordered(rng.permutation(k), rng.permutation(k))
    return moved.with_simples(rng.permutation(s).tolist())


def labelled(
    arrays: TableArrays, classes: np.ndarray, characters: np.ndarray
) -> tuple[object, ...]:
    """Return all that a table says, its classes and characters in a given order."""
    there = arrays.reordered(classes, characters)
    return (
        there.sizes,
        there.orders.tolist(),
        {p: m.tolist() for p, m in there.powers.items()},
        there.rows.tolist(),
        there.indicators.tolist(),
        sorted(zip(map(sorted, there.constituents), there.simple_rows.tolist(), strict=True)),
    )
