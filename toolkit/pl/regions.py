r"""The regions of an arrangement with a group acting: one of each orbit, with a point inside.

**How they are found.** Every region of an arrangement of full rank is a cone over its rays, the
lines in which hyperplanes of rank d - 1 meet. Next to a ray the regions are those of the
hyperplanes through it, an arrangement of rank d - 1; on the others the signs are those of the
ray itself. So the sign vectors of all regions come from rays by recursion, and by the group's
symmetry only rays on one hyperplane of each orbit are needed. No sign of a number near 0 is ever
taken: which hyperplanes hold a ray is known from the restrictions.

**How it is known that all are found.** Each sign vector is witnessed by a point inside, at a
distance from all hyperplanes; their number must be Zaslavsky's.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from toolkit.errors import InconsistentAnswerError, NotAvailable
from toolkit.pl.arrangement import count_regions, counting_cost

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from toolkit.modules.gsets import IntArray
    from toolkit.pl.arrangement import Arrangement
    from toolkit.pl.hyperplanes import Lines

__all__ = ["Certainty", "RegionCount", "RegionOrbit", "number_of_regions", "region_orbits"]

_Ray: TypeAlias = "tuple[NDArray[np.float64], NDArray[np.bool_]]"
Certainty = Literal["exact", "numerical", "lower bound", "upper bound"]

#: Most restrictions for a count, most regions that are listed.
MOST_RESTRICTIONS, MOST_LISTED = 20_000, 60_000
_SAMPLES = 20_000
_NEAR = 1e-7


@dataclass(frozen=True)
class RegionCount:
    """A number of regions, and how it is known.

    Parameters
    ----------
    count
        The number.
    certainty
        ``"exact"``; ``"numerical"``: every coincidence of hyperplanes was decided in floating
        point, with a wide gap; ``"lower bound"``: so many were met by sampling.
    reason
        How it was found.

    Examples
    --------
    >>> str(RegionCount(6, "exact", "three lines in a plane")), int(RegionCount(6, "exact", ""))
    ('6 (exact)', 6)
    """

    count: int
    certainty: Certainty
    reason: str

    def __int__(self) -> int:
        """Return the number."""
        return self.count

    def __str__(self) -> str:
        return f"{self.count} ({self.certainty})"


@dataclass(frozen=True, eq=False)
class RegionOrbit:
    """One region of a G-orbit of regions.

    Parameters
    ----------
    point
        ``(d,)`` the unit vector in it that is farthest from its walls.
    size
        How many regions its orbit has.
    signs
        ``(n,)`` 1 or -1: the side of each hyperplane.
    margin
        Distance of the point from the nearest wall.
    """

    point: NDArray[np.float64]
    size: int
    signs: NDArray[np.int8]
    margin: float


def number_of_regions(a: Arrangement, lines: Lines | None = None) -> RegionCount:
    """Return the number of regions: Zaslavsky's if that is within reach, else a lower bound.

    Parameters
    ----------
    a
        The arrangement.
    lines
        How a group moves it: makes a lower bound better.

    Notes
    -----
    Takes at most 20,000 restrictions (see :func:`~toolkit.pl.arrangement.counting_cost`), else
    20,000 samples, the same each time.
    """
    n, rank = len(a), a.rank
    if counting_cost(n, rank) > MOST_RESTRICTIONS:
        found = _sampled(a, lines)
        return RegionCount(
            found, "lower bound", f"met by {_SAMPLES} random points, their opposites and images"
        )
    believed = a.decisions.believed
    count = count_regions(a)
    if n <= 2 or a.decisions.believed == believed:
        return RegionCount(count, "exact", "Zaslavsky's theorem, by deletion and restriction")
    return RegionCount(
        count,
        "numerical",
        "Zaslavsky's theorem; which hyperplanes meet was decided in floating point, with a gap",
    )


def region_orbits(a: Arrangement, lines: Lines, expected: int) -> tuple[RegionOrbit, ...]:
    """Return one region of every orbit of G on the regions.

    Parameters
    ----------
    a
        The arrangement of the lines; their normals span the space.
    lines
        How G moves them.
    expected
        The number of regions, by Zaslavsky's theorem.

    Raises
    ------
    NotAvailable
        If there are more than 60,000 regions.
    InconsistentAnswerError
        If other than the expected number is found, or one has no point inside.

    Notes
    -----
    Orbits are ordered by size, then by the signs.
    """
    if expected > MOST_LISTED:
        raise NotAvailable(
            "an arrangement",
            "its regions one by one",
            f"there are {expected}, and at most {MOST_LISTED} are listed: ask for the matrix at a "
            "point",
        )
    seen: set[bytes] = set()
    orbits: list[tuple[NDArray[np.int8], int]] = []
    for signs in _top_regions(a, lines):
        for row in signs:
            if _packed(row[None])[0] not in seen:
                members = _orbit(row, lines, seen)
                best = members[np.lexsort(-members.T[::-1])[0]]
                orbits.append((best, len(members)))
    total = sum(size for _, size in orbits)
    if total != expected:
        raise InconsistentAnswerError(
            "an arrangement", f"{expected} regions, by Zaslavsky's theorem", str(total)
        )
    orbits.sort(key=lambda item: (item[1], (-item[0]).tolist()))
    out = []
    for signs, size in orbits:
        point = centre_of_region(a.normals, signs)
        margin = float((a.normals @ point * signs).min(initial=np.inf))
        if margin < _NEAR:
            raise InconsistentAnswerError(
                "an arrangement", "a point inside every region", f"one at distance {margin:.1e}"
            )
        out.append(RegionOrbit(point, size, signs, margin))
    return tuple(out)


def centre_of_region(normals: NDArray[np.float64], signs: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return the unit vector of a region that is farthest from its walls.

    The shortest vector with distance at least 1 from every wall has its direction; it is found
    as a least distance problem (Lawson and Hanson, Solving least squares problems, chapter 23).
    """
    from scipy.optimize import nnls

    d = normals.shape[1]
    if not len(normals):
        first: NDArray[np.float64] = np.eye(d)[0]
        return first
    inner = signs[:, None] * normals
    system = np.vstack([inner.T, np.ones(len(inner))])
    target = np.zeros(d + 1)
    target[-1] = 1.0
    weights, _ = nnls(system, target, maxiter=50 * len(inner) + 200)
    residual = system @ weights - target
    point = -residual[:d] / residual[-1] if residual[-1] < -1e-12 else np.zeros(d)
    size = float(np.linalg.norm(point))
    centre: NDArray[np.float64] = point / size if size > 0 else point
    return centre


# -- sign vectors ---------------------------------------------------------------------------------


def _top_regions(a: Arrangement, lines: Lines) -> Iterator[NDArray[np.int8]]:
    """Yield sign vectors that meet every orbit: those next to rays on one line of each orbit."""
    if len(a) == a.rank:
        yield _boolean(len(a))
        return
    seen: set[bytes] = set()
    for start in lines.orbit_starts:
        for ray, on in _rays_on(a, start, np.zeros(len(a), dtype=np.bool_)):
            key = np.packbits(on).tobytes()
            if key in seen:
                continue
            seen.update(_orbit_of_set(on, lines))
            for direction in (ray, -ray):
                yield _next_to(a, direction, on)


def _next_to(a: Arrangement, ray: NDArray[np.float64], on: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Return the signs of the regions next to a ray that lies on the given hyperplanes."""
    value = a.normals @ ray
    if (np.abs(value[~on]) < _NEAR).any():
        raise NotAvailable(
            "an arrangement", "its regions one by one", "a ray is too near to a hyperplane"
        )
    local = _regions(a.only(np.flatnonzero(on), a.rank - 1))
    out = np.empty((len(local), len(a)), dtype=np.int8)
    out[:] = np.sign(value)
    out[:, on] = local
    return out


def _regions(a: Arrangement) -> NDArray[np.int8]:
    """Return the sign vectors of all regions, ``(r, n)``."""
    if len(a) == a.rank:
        return _boolean(len(a))
    found = [
        _next_to(a, direction, on)
        for ray, on in _rays(a, np.zeros(len(a), dtype=np.bool_))
        for direction in (ray, -ray)
    ]
    return np.unique(np.concatenate(found), axis=0)


def _rays(a: Arrangement, avoided: NDArray[np.bool_]) -> list[_Ray]:
    """Return a vector on each line in which hyperplanes of rank - 1 meet, and those hyperplanes.

    Parameters
    ----------
    a
        The arrangement.
    avoided
        ``(n,)`` rays on these hyperplanes are left out.
    """
    if a.rank == 1:
        return [(a.normals[0], np.zeros(1, dtype=np.bool_))]
    out: list[_Ray] = []
    for i in np.flatnonzero(~avoided).tolist():
        # those of which this is the first hyperplane
        earlier = avoided.copy()
        earlier[:i] = True
        out.extend(_rays_on(a, i, earlier))
    return out


def _rays_on(a: Arrangement, i: int, avoided: NDArray[np.bool_]) -> list[_Ray]:
    """Return the rays on a hyperplane and on none of those to be avoided."""
    smaller, labels = a.restricted(i)
    there = np.zeros(len(smaller), dtype=np.bool_)
    there[labels[avoided & (labels >= 0)]] = True
    # a hyperplane that becomes the same as an avoided one is avoided too
    return [(ray, np.where(labels < 0, True, on[labels])) for ray, on in _rays(smaller, there)]


def _boolean(n: int) -> NDArray[np.int8]:
    return np.array(list(itertools.product((1, -1), repeat=n)), dtype=np.int8).reshape(-1, n)


# -- the group's action ---------------------------------------------------------------------------


def _packed(signs: NDArray[np.int8]) -> list[bytes]:
    return [row.tobytes() for row in np.packbits(signs > 0, axis=1)]


def _orbit(start: NDArray[np.int8], lines: Lines, seen: set[bytes]) -> NDArray[np.int8]:
    """Return the orbit of a sign vector, ``(size, n)``; its members are added to ``seen``."""
    members = [start[None]]
    seen.update(_packed(start[None]))
    front = start[None]
    while front.size:
        moved = [front[:, move] * turn for move, turn in zip(lines.moves, lines.turns, strict=True)]
        fresh = []
        for block in moved:
            for row, key in zip(block, _packed(block), strict=True):
                if key not in seen:
                    seen.add(key)
                    fresh.append(row)
        front = np.array(fresh, dtype=np.int8).reshape(len(fresh), len(start))
        members.append(front)
    return np.concatenate(members)


def _orbit_of_set(on: NDArray[np.bool_], lines: Lines) -> set[bytes]:
    """Return the orbit of a set of lines, packed."""
    found = {np.packbits(on).tobytes()}
    front = [on]
    while front:
        now = front.pop()
        for move in lines.moves:
            moved = now[move]
            key = np.packbits(moved).tobytes()
            if key not in found:
                found.add(key)
                front.append(moved)
    return found


def _sampled(a: Arrangement, lines: Lines | None) -> int:
    """Return how many regions random points, their opposites and their images lie in."""
    rng = np.random.default_rng(0)
    points = rng.standard_normal((_SAMPLES, a.normals.shape[1]))
    value = points @ a.normals.T
    good = np.abs(value).min(axis=1) > _NEAR
    signs: NDArray[np.int8] = np.sign(value[good]).astype(np.int8)
    signs = np.unique(np.concatenate([signs, -signs]), axis=0)
    if lines is None:
        return len(signs)
    seen: set[bytes] = set()
    for row in signs:
        if len(seen) > MOST_LISTED:
            break
        if _packed(row[None])[0] not in seen:
            _orbit(row, lines, seen)
    return max(len(seen), len(signs))


def plain_lines(normals: Sequence[Sequence[float]] | NDArray[np.float64]) -> Lines:
    """Return lines that no group moves, for arrangements without symmetry."""
    from toolkit.pl.hyperplanes import find_lines

    vectors = np.asarray(normals, dtype=np.float64)
    none: IntArray = np.empty((0, len(vectors)), dtype=np.intp)
    return find_lines("an arrangement", vectors, none)
