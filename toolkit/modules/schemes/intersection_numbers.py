"""Intersection numbers of the orbitals of a transitive G-set, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import NotAvailable
from toolkit.modules.gsets.orbitals import Orbitals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray

#: The largest number of orbitals whose intersection numbers, its third power, are counted.
MOST_RELATIONS = 200


def intersection_numbers(
    images: IntArray, base: int = 0, *, most: int = MOST_RELATIONS
) -> tuple[list[int], list[int], list[int], NDArray[np.int64]]:
    """Return points, sizes, pairing and intersection numbers of a transitive G-set's orbitals.

    Parameters
    ----------
    images
        ``(generators, n)`` 0-based images.
    base
        The point x whose suborbits are numbered; suborbit 0 is x itself.
    most
        The largest number of orbitals.

    Returns
    -------
    points, sizes, paired, constants
        Per orbital: the first y with (x, y) in it; how many such y; the 0-based transposed
        orbital; and ``(r, r, r)`` int64: ``constants[i, j, k]`` is the number of z with (x, z) in
        orbital i and (z, y) in orbital j for (x, y) in orbital k.

    Raises
    ------
    NotAvailable
        If there are more than ``most``.
    """
    orbitals = Orbitals(images)
    r = orbitals.count
    if r > most:
        raise NotAvailable(
            f"a module of {images.shape[1]} points",
            "intersection numbers",
            f"they are counted for up to {most} orbitals, and it has {r}",
        )
    everything = np.arange(images.shape[1])
    row = orbitals.labels_at(np.full_like(everything, base), everything)
    new = numbered_from(row, base)
    row = new[row]
    points = [int(np.flatnonzero(row == k)[0]) for k in range(r)]
    sizes = np.bincount(row, minlength=r).tolist()
    constants = np.empty((r, r, r), dtype=np.int64)
    paired = [0] * r
    for k, y in enumerate(points):
        column = new[orbitals.labels_at(everything, np.full_like(everything, y))]
        constants[:, :, k] = np.bincount(row * r + column, minlength=r * r).reshape(r, r)
        paired[k] = int(new[orbitals.labels_at([y], [base])[0]])
    return points, sizes, paired, constants


def numbered_from(row: IntArray, base: int) -> IntArray:
    """Return each orbital's new number: the diagonal first, then by first point of suborbit."""
    names, first = np.unique(row, return_index=True)
    order = names[np.argsort(first, kind="stable")].tolist()
    order.remove(int(row[base]))
    new = np.empty(len(order) + 1, dtype=np.intp)
    new[[int(row[base]), *order]] = np.arange(len(new))
    return new
