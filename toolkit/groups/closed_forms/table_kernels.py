"""The classes of simples with one kernel, from a character table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.groups.closed_forms.form import KernelClass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from toolkit.groups.character_table import CharacterTable, RealSimple


def kernel_classes_of_table(table: CharacterTable) -> tuple[KernelClass, ...]:
    """Return the classes of simples with one kernel, one dimension and one type.

    They stand in canonical order, in which the simples of a class follow one another.

    Examples
    --------
    >>> import toolkit as tk
    >>> classes = kernel_classes_of_table(tk.group("D10").character_table)
    >>> [(c.name, c.size, c.even, c.odd) for c in classes]
    [('L0', 1, (0,), ()), ('L1', 1, (0,), (1,)), ('L2..L3', 2, (0, 1, 2), ())]
    """
    firsts: list[tuple[int, RealSimple]] = []
    counts: list[int] = []
    for number, s in enumerate(table.simples):
        if firsts:
            before = firsts[-1][1]
            if (s.dimension, s.type, s.kernel) == (before.dimension, before.type, before.kernel):
                counts[-1] += 1
                continue
        firsts.append((number, s))
        counts.append(1)
    width = len(table)
    kernels = _sets((s.kernel for _, s in firsts), width)
    minus = _sets((s.minus for _, s in firsts), width)
    # subsets: no element of the one outside the other
    inside = kernels.astype(np.float32) @ (~kernels).T.astype(np.float32) == 0
    as_one = minus.astype(np.float32) @ (~kernels).T.astype(np.float32) == 0
    as_minus = minus.astype(np.float32) @ (~minus).T.astype(np.float32) == 0
    signed = minus.any(axis=1, keepdims=True)
    even, odd = inside & as_one, inside & as_minus & signed
    return tuple(
        KernelClass(
            number,
            count,
            s.dimension,
            s.type,
            s.action_order,
            s.kernel_order,
            s.plus_minus_order,
            tuple(np.flatnonzero(even[i]).tolist()),
            tuple(np.flatnonzero(odd[i]).tolist()),
        )
        for i, ((number, s), count) in enumerate(zip(firsts, counts, strict=True))
    )


def _sets(sets: Iterable[Iterable[int]], width: int) -> NDArray[np.bool_]:
    rows = []
    for members in sets:
        row = np.zeros(width, dtype=np.bool_)
        row[list(members)] = True
        rows.append(row)
    return np.stack(rows)
