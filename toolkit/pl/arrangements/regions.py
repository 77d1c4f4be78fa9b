r"""The regions of an arrangement with a group acting: how many, and one of each orbit.

Their number is Zaslavsky's, or a lower bound where that is out of reach. The list of regions has a
point inside each (:mod:`toolkit.pl.arrangements.sign_vectors`), grouped into orbits, and
in one region of each orbit a point far from the walls is computed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from toolkit.errors import InconsistentAnswerError, NotAvailable
from toolkit.memory import require_memory
from toolkit.pl.arrangements.counting import count_regions, counting_cost, is_circuit
from toolkit.pl.arrangements.exact_normals import points_of_gram
from toolkit.pl.arrangements.flats import betti_numbers
from toolkit.pl.arrangements.sign_vectors import signs_of_regions
from toolkit.pl.arrangements.whitney_bounds import region_bounds
from toolkit.text import readable

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.pl.arrangements.counting import Arrangement
    from toolkit.pl.arrangements.flats import Progress
    from toolkit.pl.arrangements.hyperplanes import Lines

Certainty = Literal["exact", "stated", "measured", "numerical", "lower bound", "upper bound"]

#: Most restrictions for a count, in rank up to 4 (where they are quick) and beyond.
MOST_QUICK, MOST_RESTRICTIONS = 100_000, 20_000
#: Residues that are looked at for a count over classes of flats: some seconds, at most a minute.
MOST_RESIDUES = 3e7
#: Most regions that are listed.
MOST_LISTED = 60_000
_MOST_WORK = 4e9  # multiplications, in rank above 4
_SAMPLES, _MOST_SAMPLED = 20_000, 4e8
_NEAR = 1e-7
_INSIDE = 1e-10  # distance from every wall of a point that is certainly inside


@dataclass(frozen=True)
class RegionCount:
    """A number of regions, and how it is known.

    Parameters
    ----------
    count
        The number.
    certainty
        ``"exact"``; ``"numerical"``: every coincidence of hyperplanes was decided in floating
        point, with a wide gap; ``"lower bound"``: the number is at least this; ``"stated"``,
        ``"measured"``: exact for an activation that is as its user stated, or as was measured.
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
        return f"{readable(str(self.count))} ({self.certainty})"

    @property
    def words(self) -> str:
        """The number for a sentence: "at least 40", "14", "12 (numerical)"."""
        number = readable(str(self.count))
        if self.certainty == "lower bound":
            return f"at least {number}"
        return number if self.certainty == "exact" else f"{number} ({self.certainty})"


@dataclass(frozen=True, eq=False)
class RegionOrbit:
    """One region of a G-orbit of regions.

    Parameters
    ----------
    point
        ``(d,)`` a unit vector in it, as a rule the one that is farthest from its walls.
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


def is_countable(n: int, rank: int) -> bool:
    """Return whether the regions of n hyperplanes are counted by deletion and restriction.

    Examples
    --------
    >>> is_countable(440, 4), is_countable(440, 5), is_countable(25, 6), is_countable(26, 6)
    (True, False, True, True)
    """
    cost = counting_cost(n, rank)
    if rank <= 4:
        return cost <= MOST_QUICK
    return rank <= 200 and cost <= MOST_RESTRICTIONS and cost * n**2 * rank <= _MOST_WORK


def least_regions(n: int, rank: int) -> int:
    """Return 2^(rank - 1) (n - rank + 2), a lower bound for the regions of any arrangement.

    Rank many independent hyperplanes have 2^rank regions. Each other one adds as many as there are
    in its restriction, which has rank - 1 independent hyperplanes: at least 2^(rank - 1).

    Examples
    --------
    >>> least_regions(5, 2), least_regions(4, 3)
    (10, 12)
    """
    return 1 if rank == 0 else 2 ** (rank - 1) * (n - rank + 2)


def number_of_regions(
    a: Arrangement,
    lines: Lines | None = None,
    *,
    most_work: float = MOST_RESIDUES,
    progress: Callable[[Progress], None] | None = None,
) -> RegionCount:
    """Return the number of regions: Zaslavsky's if that is within reach, else a lower bound.

    Parameters
    ----------
    a
        The arrangement.
    lines
        How a group moves it: makes a lower bound better.
    most_work
        Residues that may be looked at for a count over classes of flats.
    progress
        Called for every restriction that is looked at in such a count.

    Notes
    -----
    Where normals or their inner products are known exactly: counted over classes of flats
    (:mod:`toolkit.pl.arrangements.flats`), as far as some seconds go; beyond, a lower bound from
    the first Betti numbers. For floats: in rank up to 3 always, in rank 4 up to 448 hyperplanes,
    beyond where it takes at most 20,000 restrictions (see
    :func:`~toolkit.pl.arrangements.counting.counting_cost`) and some seconds. Otherwise the larger
    of two lower bounds: :func:`least_regions`, and the regions that up to 20,000 points lie in,
    the same points each time.
    """
    n, rank = len(a), a.rank
    part = _by_classes_of_flats(a, lines, most_work, progress)
    if part is not None and part.certainty == "exact":
        return part
    if not is_countable(n, rank):
        if n == rank + 1 and is_circuit(a):
            reason = f"{n} normals with one linear relation, which involves all of them"
            return RegionCount((1 << n) - 2, "exact", reason)
        reason = f"{n} hyperplanes whose normals span dimension {rank} have at least this number"
        bounds = [RegionCount(least_regions(n, rank), "lower bound", reason)]
        if part is not None:
            bounds.append(part)
        best = max(bounds, key=int)
        if n * rank <= _MOST_SAMPLED / 100 and best.count < MOST_LISTED:
            reason = "regions met by random points, their opposites and images"
            best = max(best, RegionCount(_sampled(a, lines), "lower bound", reason), key=int)
        if part is not None and best is not part:
            best = replace(best, reason=f"{best.reason}; {part.reason.partition('; ')[2]}")
        return best
    believed = a.decisions.believed
    count = count_regions(a)
    # that the normals span less than the whole space is read off singular values
    full = rank == a.normals.shape[1]
    if n <= 2 or (full and a.decisions.believed == believed):
        return RegionCount(count, "exact", "Zaslavsky's theorem, by deletion and restriction")
    return RegionCount(
        count,
        "numerical",
        "Zaslavsky's theorem; which hyperplanes meet was decided in floating point, with a gap",
    )


def _by_classes_of_flats(
    a: Arrangement,
    lines: Lines | None,
    most_work: float,
    progress: Callable[[Progress], None] | None,
) -> RegionCount | None:
    """Return the number, or a bound, from exact normals or inner products; ``None``: no such."""
    if (a.gram is None and a.spanned is None) or a.rank < 3:
        return None
    try:
        if a.spanned is not None:
            points, number = a.spanned()
        else:
            assert a.gram is not None
            points, number = points_of_gram(a.gram, a.rank)
    except NotAvailable:
        return None
    if len(points) != len(a) or points.dimension != a.rank:
        return None
    known = None
    if lines is not None:
        known = np.empty_like(lines.moves)
        known[:, number] = number[lines.moves]
    found = betti_numbers(points, most_work=most_work, watch=progress, known=known)
    if found.is_complete:
        return RegionCount(
            sum(found.numbers), "exact", "Zaslavsky's theorem, over classes of flats"
        )
    betti = found.numbers if len(found.numbers) > 1 else (1, len(a))
    lower, upper = region_bounds(betti, a.rank)
    return RegionCount(
        lower,
        "lower bound",
        f"a lower bound from the first {len(betti)} Betti numbers; there are at most "
        f"{readable(str(upper))}: phi.count_regions(most_work=...) continues the count",
    )


def region_orbits(
    a: Arrangement, lines: Lines, expected: int, *, above: int | None = None
) -> tuple[RegionOrbit, ...]:
    """Return one region of every orbit of G on the regions.

    Parameters
    ----------
    a
        The arrangement of the lines; their normals span the space.
    lines
        How G moves them.
    expected
        The number of regions, by Zaslavsky's theorem.
    above
        The number of a hyperplane that G maps to itself without swapping its sides: only regions
        on its positive side are returned. All are found and counted.

    Raises
    ------
    NotAvailable
        If there are more than 60,000 regions, they need more than 20,000 restrictions, or one is
        so thin that no point is certainly inside it.
    InconsistentAnswerError
        If a number other than the expected one is found.

    Notes
    -----
    Orbits are ordered by size, then by the signs.
    """
    if expected > MOST_LISTED * (1 if above is None else 2):
        raise NotAvailable(
            "an arrangement",
            "its regions one by one",
            f"there are {expected}, and at most {MOST_LISTED} are listed: use the matrix at a "
            "point",
        )
    if counting_cost(len(a), a.rank) > MOST_RESTRICTIONS:
        raise NotAvailable(
            "an arrangement",
            "its regions one by one",
            f"{len(a)} hyperplanes of rank {a.rank} need up to {counting_cost(len(a), a.rank)} "
            f"restrictions, and at most {MOST_RESTRICTIONS} are made for a list: use the "
            "matrix at a point",
        )
    require_memory(
        "an arrangement",
        "its regions one by one",
        # signs four times over, packed ones as keys, points twice
        expected * (4 * len(a) + len(a) // 8 + 120 + 16 * a.normals.shape[1]),
        "use the matrix at a point",
    )
    seen: set[bytes] = set()
    orbits: list[tuple[NDArray[np.int8], int]] = []
    signs, inside = signs_of_regions(a)
    keys = _packed(signs)
    number = {key: place for place, key in enumerate(keys)}
    for row, key in zip(signs, keys, strict=True):
        if key not in seen:
            members = _orbit(row, lines, seen)
            best = members[np.lexsort(-members.T[::-1])[0]]
            orbits.append((best, len(members)))
    total = sum(size for _, size in orbits)
    if not len(number) == total == expected:
        raise InconsistentAnswerError(
            "an arrangement",
            f"{expected} regions, by Zaslavsky's theorem",
            f"{len(number)}, and {total} with their images",
        )
    if above is not None:
        orbits = [(signs, size) for signs, size in orbits if signs[above] > 0]
    orbits.sort(key=lambda item: (item[1], (-item[0]).tolist()))
    out = []
    for row, size in orbits:
        # the known points lie in the regions, but near a wall
        witness = inside[number[_packed(row[None])[0]]]
        point, margin = centre_of_region(a.normals, row, witness)
        if margin < _INSIDE:
            raise NotAvailable(
                "an arrangement",
                "its regions one by one",
                f"one of them is only {margin:.1e} wide, too thin for float64: use the matrix "
                "at a point",
            )
        out.append(RegionOrbit(point, size, row, margin))
    return tuple(out)


def centre_of_region(
    normals: NDArray[np.float64], signs: NDArray[np.int8], witness: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Return the unit vector of a region that is farthest from its walls, and how far it is.

    Parameters
    ----------
    normals
        ``(n, d)`` unit vectors.
    signs
        ``(n,)`` the sides of the hyperplanes that are meant.
    witness
        ``(d,)`` a unit vector in the region.

    Notes
    -----
    The shortest vector with distance at least 1 from every wall has its direction; it is found
    as a least distance problem (Lawson and Hanson, Solving least squares problems, chapter 23).
    Where the solver stops short of it, as it may, the best of its vector, of one from a linear
    program, and of the witness is taken: inside, though not as far from the walls as can be.

    Examples
    --------
    >>> signs = np.array([1, -1], dtype=np.int8)
    >>> point, margin = centre_of_region(np.eye(2), signs, np.array([0.8, -0.6]))
    >>> point.round(6).tolist(), round(margin, 6)
    ([0.707107, -0.707107], 0.707107)
    """
    if not len(normals):
        return witness, math.inf
    inner = signs[:, None] * normals
    shortest = _by_least_distance(inner)
    best = _unit(shortest)
    if (inner @ shortest).min() < 1 - 1e-6:
        found = (best, _by_linear_program(inner), witness)
        best = max(found, key=lambda point: float((inner @ point).min()))
    return best, float((inner @ best).min())


def _by_least_distance(inner: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the shortest p with inner p >= 1; zeros, or another vector, if it is not found."""
    from scipy.optimize import nnls

    n, d = inner.shape
    system = np.vstack([inner.T, np.ones(n)])
    target = np.zeros(d + 1)
    target[-1] = 1.0
    try:
        weights, _ = nnls(system, target, maxiter=50 * n + 200)
    except RuntimeError:  # it did not converge
        return np.zeros(d)
    residual = system @ weights - target
    if residual[-1] >= -1e-12:
        return np.zeros(d)
    out: NDArray[np.float64] = -residual[:d] / residual[-1]
    return out


def _by_linear_program(inner: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the direction of the p in the cube [-1, 1]^d with the largest minimum of inner p."""
    from scipy.optimize import linprog

    n, d = inner.shape
    found = linprog(
        np.append(np.zeros(d), -1.0),
        A_ub=np.column_stack([-inner, np.ones(n)]),
        b_ub=np.zeros(n),
        bounds=[(-1.0, 1.0)] * d + [(None, 1.0)],
        method="highs-ds",
    )
    return np.zeros(d) if found.x is None else _unit(np.asarray(found.x[:d], dtype=np.float64))


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    size = float(np.linalg.norm(vector))
    return vector / size if size > 0 else vector


# -- the group's action ---------------------------------------------------------------------------


def _packed(signs: NDArray[np.int8]) -> list[bytes]:
    return [row.tobytes() for row in np.packbits(signs > 0, axis=1)]


def _orbit(
    start: NDArray[np.int8], lines: Lines, seen: set[bytes], most: float = math.inf
) -> NDArray[np.int8]:
    """Return the orbit of a sign vector, ``(size, n)``; its members are added to ``seen``.

    No more are looked for once ``seen`` has more than ``most``.
    """
    members = [start[None]]
    seen.update(_packed(start[None]))
    front = start[None]
    while front.size:
        fresh = []
        for move, turn in zip(lines.moves, lines.turns, strict=True):
            block = front[:, move] * turn
            for row, key in zip(block, _packed(block), strict=True):
                if key not in seen and len(seen) <= most:
                    seen.add(key)
                    fresh.append(row)
        front = np.array(fresh, dtype=np.int8).reshape(len(fresh), len(start))
        members.append(front)
    return np.concatenate(members)


def _sampled(a: Arrangement, lines: Lines | None) -> int:
    """Return how many regions random points, their opposites and their images lie in."""
    rng = np.random.default_rng(0)
    many = min(_SAMPLES, int(_MOST_SAMPLED / (len(a) * a.rank)))
    points = rng.standard_normal((many, a.normals.shape[1]))
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
            _orbit(row, lines, seen, MOST_LISTED)
    return max(len(seen), len(signs))
