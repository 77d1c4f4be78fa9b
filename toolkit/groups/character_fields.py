"""Fields of values of all irreducible characters of a table at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import InconsistentAnswerError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.groups.table_arrays import TableArrays

    Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class CharacterFields:
    """The fields that the irreducible characters of a group generate over Q.

    Parameters
    ----------
    conductors
        ``(k,)`` int64: per character the least n with all its values in Q(E(n)).
    degrees
        ``(k,)`` int64: per character the degree of its field over Q.
    conductor, degree
        Those of the field that all values together generate.
    """

    conductors: Integers
    degrees: Integers
    conductor: int
    degree: int


def character_fields(group: str, arrays: TableArrays) -> CharacterFields:
    """Return the fields of values of the irreducible characters.

    Parameters
    ----------
    group
        Name for errors.
    arrays
        The table.

    Raises
    ------
    InconsistentAnswerError
        If a conjugate of a character is not in the table, or the Galois group has not as many
        orbits of classes as of characters, as Brauer's permutation lemma says.

    Notes
    -----
    Exact. The degree of the field of a character is the number of its Galois conjugates, that of
    all values together the number of ways in which automorphisms permute the values. Cost: a
    permutation of the values for each generator of the Galois group.

    Examples
    --------
    >>> import toolkit as tk
    >>> fields = character_fields("A5", tk.group("A5").character_table.arrays)
    >>> fields.degrees.tolist(), fields.conductors.tolist(), (fields.conductor, fields.degree)
    ([1, 2, 2, 1, 1], [1, 5, 5, 1, 1], (5, 2))
    """
    k = len(arrays)
    conductors = np.lcm.reduce(arrays.packed.conductors[arrays.rows], axis=1)
    images = [arrays.galois(e) for e in arrays.unit_generators]
    if not images:
        return CharacterFields(conductors, np.ones(k, dtype=np.int64), arrays.conductor, 1)
    characters = _orbit_sizes(group, arrays.rows, images)
    classes = _orbit_sizes(group, np.ascontiguousarray(arrays.rows.T), images)
    if (found := _count(classes)) != (wanted := _count(characters)):
        raise InconsistentAnswerError(
            group, "as many Galois orbits of classes as of characters", f"{found}, {wanted}"
        )
    return CharacterFields(conductors, characters, arrays.conductor, _group_order(images))


def _orbit_sizes(group: str, rows: NDArray[np.intp], images: list[NDArray[np.intp]]) -> Integers:
    """Return the size of the orbit of each row under permutations of the values."""
    place = {row.tobytes(): i for i, row in enumerate(rows)}
    moves = []
    for image in images:
        move = [place.get(row.tobytes(), -1) for row in image[rows]]
        if min(move) < 0:
            raise InconsistentAnswerError(group, "the conjugates of characters among them", "none")
        moves.append(move)
    sizes = np.zeros(len(rows), dtype=np.int64)
    for start in range(len(rows)):
        if not sizes[start]:
            orbit = [start]
            met = {start}
            for i in orbit:
                new = {move[i] for move in moves} - met
                met |= new
                orbit += new
            sizes[orbit] = len(orbit)
    return sizes


def _count(sizes: Integers) -> int:
    """Return the number of orbits: 1/size of each member adds up to 1 in each."""
    different, times = np.unique(sizes, return_counts=True)
    return int((times // different).sum())


def _group_order(images: list[NDArray[np.intp]]) -> int:
    """Return the order of the group that commuting permutations generate."""
    met = {np.arange(len(images[0])).tobytes()}
    for image in images:
        power = image
        new = set(met)
        while power.tobytes() not in met:  # cosets of the subgroup so far
            new |= {power[np.frombuffer(one, dtype=np.intp)].tobytes() for one in met}
            power = image[power]
        met = new
    return len(met)
