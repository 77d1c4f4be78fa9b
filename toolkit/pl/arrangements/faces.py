r"""The faces of an arrangement up to symmetry, in each dimension.

A face is a region of the restriction to its span X, and two faces with span X are in one orbit of
G exactly if they are in one orbit of what fixes X. So the orbits of faces of dimension k are found
by walking through the regions of the restriction to one flat of each orbit
(:mod:`toolkit.pl.arrangements.region_walk`, :mod:`toolkit.pl.arrangements.flat_orbits`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import InconsistentAnswerError, NotAvailable
from toolkit.pl.arrangements.flat_orbits import FlatOrbit, face_numbers, flat_orbits
from toolkit.pl.arrangements.half_spaces import HalfSpaceGroup, of_lines
from toolkit.pl.arrangements.region_walk import RegionWalk
from toolkit.pl.arrangements.sign_orbits import SignOrbits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.pl.arrangements.projective import Points

_SAME = 1e-9


@dataclass(frozen=True)
class FaceCounts:
    """How many faces an arrangement has, and how many orbits of them.

    Parameters
    ----------
    faces
        f_0, f_1, ...: by dimension, modulo the directions that all hyperplanes contain. The last
        number is that of the regions, the one before it that of the walls.
    orbits
        The same up to symmetry; empty if they were not asked for.
    flats
        The intersections of hyperplanes, by the same dimension.
    flat_orbits
        The same up to symmetry.

    Examples
    --------
    >>> import toolkit as tk
    >>> tk.region_orbits([[1, 0], [0, 1], [1, 1], [1, -1]]).faces()
    FaceCounts(faces=(1, 8, 8), orbits=(1, 1, 1), flats=(1, 4, 1), flat_orbits=(1, 1, 1))
    """

    faces: tuple[int, ...]
    orbits: tuple[int, ...]
    flats: tuple[int, ...]
    flat_orbits: tuple[int, ...]


def face_counts(
    points: Points,
    normals: NDArray[np.float64],
    orbits: SignOrbits,
    above: int | None,
    *,
    up_to_symmetry: bool,
    most: int,
) -> FaceCounts:
    """Count the faces.

    Parameters
    ----------
    points, normals
        The normals modulo primes and in floating point, ``(n, d)``, in the same order; they span
        the space.
    orbits
        The symmetries.
    above
        A hyperplane that is fixed with its sides: only faces on its positive side count, and the
        dimension is one less.
    up_to_symmetry
        Whether orbits of faces are counted, too.
    most
        Orbits of flats, and of faces, that may be found.

    Raises
    ------
    NotAvailable
        If there are more.
    InconsistentAnswerError
        If numbers break a law.

    Notes
    -----
    Exact: flats are found without floats, and each orbit of faces is counted against the regions of
    the restriction.
    """
    rank = points.dimension
    flats = flat_orbits(points, orbits, most)
    if above is not None:
        flats = [flat for flat in flats if above not in flat.hyperplanes]
    faces = face_numbers(flats, rank)
    top = rank if above is None else rank - 1
    if above is not None:
        faces = tuple(f // 2 for f in faces[1:])
        if sum(f if k % 2 == top % 2 else -f for k, f in enumerate(faces)) != 1:
            raise InconsistentAnswerError(
                "an arrangement", "faces with Euler's relation", f"{faces} by dimension"
            )
    ranks = range(top, -1, -1)
    many: list[int] = []
    if up_to_symmetry:
        many = [0] * (top + 1)
        for flat in flats:
            many[top - flat.rank] += _orbits_on(flat, normals, orbits, above, most - sum(many))
    return FaceCounts(
        faces,
        tuple(many),
        tuple(sum(flat.size for flat in flats if flat.rank == k) for k in ranks),
        tuple(sum(flat.rank == k for flat in flats) for k in ranks),
    )


def _orbits_on(
    flat: FlatOrbit,
    normals: NDArray[np.float64],
    orbits: SignOrbits,
    above: int | None,
    most: int,
) -> int:
    """Return the number of orbits of faces whose span is in an orbit of flats."""
    n, d = normals.shape
    if flat.rank == d:
        return 1
    marks = np.zeros(n, dtype=np.int8)
    marks[flat.hyperplanes] = 2
    span = np.linalg.svd(normals[flat.hyperplanes], full_matrices=True)[2][flat.rank :]
    beside = np.flatnonzero(marks == 0)
    inside = normals[beside] @ span.T
    inside /= np.linalg.norm(inside, axis=1, keepdims=True)
    cosines = inside @ inside.T
    distance = np.sqrt(np.maximum(0.0, 2.0 - 2.0 * np.abs(cosines)))
    first = (distance < _SAME * 100).argmax(axis=1)
    chosen, of_each = np.unique(first, return_inverse=True)
    side = np.sign(cosines[np.arange(len(beside)), first]).astype(np.int8)
    place = np.full(n, -1, dtype=np.intp)
    place[beside] = of_each
    sides = np.zeros(n, dtype=np.int8)
    sides[beside] = side
    moves, turns = [], []
    for element in orbits.stabiliser(marks).generators:
        image = element[beside[chosen]]
        moves.append(place[image % n])
        turns.append(np.where(image < n, 1, -1) * sides[image % n])
    group = HalfSpaceGroup(
        len(chosen),
        of_lines(
            np.array(moves, dtype=np.intp).reshape(-1, len(chosen)),
            np.array(turns, dtype=np.int8).reshape(-1, len(chosen)),
        ),
    )
    infinity = None if above is None else int(place[above])
    if infinity is not None and above is not None:
        # the generators fix its sides: so they do those of what stands for it
        inside[chosen[infinity]] *= sides[above]
    walk = RegionWalk(inside[chosen], SignOrbits(group), above=infinity, most=max(most, 1))
    expected = flat.regions if above is None else flat.regions // 2
    if sum(walk.sizes()) != expected:
        raise NotAvailable(
            "an arrangement",
            "its faces up to symmetry",
            f"{sum(walk.sizes())} of {expected} faces on one flat were found; the others are too "
            "thin for float64: use faces(up_to_symmetry=False)",
        )
    return len(walk.nodes)
