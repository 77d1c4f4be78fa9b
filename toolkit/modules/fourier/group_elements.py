"""One endless list of elements of a group, the same on every one of its modules.

Elements are products in the generators, chosen pseudorandomly but once for all: the i-th element
is the same group element on every module of the group, whatever its number of points. It is never
needed as a word, only as it acts.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray

Number = TypeVar("Number", np.float64, np.complex128)

#: A (signed) permutation: (g f)(x) = signs[x] f(images[x]), signs None meaning all 1.
Action: TypeAlias = "tuple[IntArray, NDArray[np.int8] | None]"


class GroupElements:
    """Pseudorandom elements of a group by product replacement, as they act on one module.

    Parameters
    ----------
    images
        ``(k, n)`` generator images, 0-based.
    signs
        ``(k, n)`` generator signs, or ``None``.
    group_order
        |G|, which says how many steps to take before the first element is used.

    Notes
    -----
    Deterministic. Each element costs one product of O(n).

    Examples
    --------
    >>> import numpy as np
    >>> cycle = GroupElements(np.array([[1, 2, 0]]), None, 3)
    >>> cycle[0][0].tolist() == cycle[0][0].tolist()
    True
    """

    def __init__(self, images: IntArray, signs: NDArray[np.int8] | None, group_order: int) -> None:
        n = images.shape[1]
        rows: list[Action] = [
            (images[g], None if signs is None else signs[g]) for g in range(len(images))
        ] or [(np.arange(n, dtype=np.intp), None if signs is None else np.ones(n, np.int8))]
        self._slots = [rows[g % len(rows)] for g in range(max(len(rows), 5) + 1)]
        self._chance = random.Random(len(rows))
        self._known: list[Action] = []
        for _ in range(len(self._slots) * (group_order.bit_length().bit_length() + 4)):
            self._step()

    def __getitem__(self, i: int) -> Action:
        """Return the i-th element, from 0."""
        while len(self._known) <= i:
            self._known.append(self._slots[self._step()])
        return self._known[i]

    def _step(self) -> int:
        slots, chance = self._slots, self._chance
        i = chance.randrange(len(slots))
        j = (i + 1 + chance.randrange(len(slots) - 1)) % len(slots)
        first, second = (i, j) if chance.random() < 0.5 else (j, i)
        slots[i] = product(slots[first], slots[second])
        return i


def product(first: Action, second: Action) -> Action:
    """Return the action of the product g_1 g_2."""
    images = second[0][first[0]]
    if first[1] is None or second[1] is None:
        return images, None
    return images, first[1] * second[1][first[0]]


def move(action: Action, functions: NDArray[Number]) -> NDArray[Number]:
    """Return g f for functions ``(n, b)``."""
    images, signs = action
    moved = functions[images]
    return moved if signs is None else (moved * signs[:, None]).astype(functions.dtype)
