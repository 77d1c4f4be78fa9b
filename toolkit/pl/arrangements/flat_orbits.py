r"""The flats of an arrangement up to symmetry, and how many faces it has in each dimension.

A flat X is the intersection of the hyperplanes that contain it. The faces of the arrangement with
span X are the regions of the restriction to X, so that

.. math:: f_k = \sum_{\dim X = k} r(\mathcal{A}^X),

summed over one flat of each orbit, times the orbit's size. Flats of the next rank are found by one
more hyperplane of each orbit under what fixes the flat: which others contain it then, residues
decide (:mod:`toolkit.pl.arrangements.projective`). No float is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from toolkit.errors import InconsistentAnswerError, NotAvailable
from toolkit.pl.arrangements.flats import betti_numbers

if TYPE_CHECKING:
    from toolkit.pl.arrangements.projective import Points
    from toolkit.pl.arrangements.sign_orbits import SignOrbits

#: Orbits of flats that are looked for.
MOST_FLATS = 5_000


@dataclass(frozen=True, eq=False)
class FlatOrbit:
    """An orbit of flats.

    Parameters
    ----------
    rank
        How many independent hyperplanes meet in each.
    hyperplanes
        ``(m,)`` the numbers of those that contain one of them.
    size
        How many flats.
    regions
        The number of regions of the restriction to each.
    """

    rank: int
    hyperplanes: NDArray[np.intp]
    size: int
    regions: int


def flat_orbits(
    points: Points, orbits: SignOrbits, most_flats: int = MOST_FLATS
) -> list[FlatOrbit]:
    """Return the flats up to symmetry, by rank.

    Parameters
    ----------
    points
        The normals modulo primes, in order, with weights 1.
    orbits
        The symmetries.
    most_flats
        Orbits that may be found.

    Raises
    ------
    NotAvailable
        If there are more.
    InconsistentAnswerError
        If the numbers of regions break Euler's relation.

    Notes
    -----
    Exact.

    Examples
    --------
    The six mirrors of a tetrahedron: lines where two of them meet and where three do.

    >>> from toolkit.pl.arrangements.half_spaces import HalfSpaceGroup
    >>> from toolkit.pl.arrangements.projective import merged
    >>> from toolkit.pl.arrangements.sign_orbits import SignOrbits
    >>> normals = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 1, 1]]
    >>> points = merged(np.array([[[2147483629]]]), [normals])
    >>> found = flat_orbits(points, SignOrbits(HalfSpaceGroup(6, [])))
    >>> [sum(flat.rank == rank for flat in found) for rank in range(4)]
    [1, 6, 7, 1]
    >>> sum(flat.regions for flat in found if flat.rank == 2)
    14
    """
    n, rank = len(points), points.dimension
    start = points.alone()
    out = [FlatOrbit(0, np.empty(0, dtype=np.intp), 1, sum(betti_numbers(start).numbers))]
    level = [(start, np.zeros(n, dtype=np.int8))]
    for k in range(1, rank + 1):
        known: dict[bytes, list[NDArray[np.int8]]] = {}
        following: list[tuple[Points, NDArray[np.int8]]] = []
        for restriction, marks in level:
            least = orbits.stabiliser(marks).orbits(n)
            for place, member in enumerate(restriction.members):
                first = (member & -member).bit_length() - 1
                if least[first] < first and any(
                    member >> int(i) & 1 == 0 and least[int(i)] == least[first]
                    for i in range(first)
                ):
                    continue  # a symmetry takes it to one that was met before
                own = marks.copy()
                own[_bits(member)] = 2
                alike = known.setdefault(orbits.key(own), [])
                if any(orbits.element(other, own) is not None for other in alike):
                    continue
                alike.append(own)
                below = restriction.projected_from(place) if k < rank else restriction
                following.append((below, own))
                regions = 1 if k == rank else sum(betti_numbers(below.alone()).numbers)
                out.append(FlatOrbit(k, np.flatnonzero(own), orbits.size(own), regions))
                if len(out) > most_flats:
                    raise NotAvailable(
                        "an arrangement",
                        "its flats up to symmetry",
                        f"there are more than {most_flats} orbits: raise most_orbits, or use "
                        "tk.regions for the number of regions only",
                    )
        level = following
    faces = face_numbers(out, rank)
    if sum(f if k % 2 == rank % 2 else -f for k, f in enumerate(faces)) != 1:
        raise InconsistentAnswerError(
            "an arrangement", "faces with Euler's relation", f"{faces} by dimension"
        )
    return out


def face_numbers(flats: list[FlatOrbit], rank: int) -> tuple[int, ...]:
    """Return f_0, ..., f_rank: the faces by dimension, modulo what all hyperplanes contain.

    Parameters
    ----------
    flats
        All orbits.
    rank
        Of the arrangement.
    """
    out = [0] * (rank + 1)
    for flat in flats:
        out[rank - flat.rank] += flat.size * flat.regions
    return tuple(out)


def _bits(member: int) -> list[int]:
    return [i for i in range(member.bit_length()) if member >> i & 1]
