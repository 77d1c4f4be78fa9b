"""Quotients of G-sets, and the maps between G-sets that go by way of a common quotient.

For equivariant maps a: X -> Z and b: Y -> Z the matrix with entry 1 where b(y) = a(x) commutes with
G. It is "sum over the fibres of a, then copy along b", at the cost of |X| + |Y|, and the sum of the
orbitals of Y x X inside of the fibre product. All maps may be defined on one orbit only.

A :class:`PooledPlan` is a basis of the equivariant maps out of such matrices, those with few points
in Z first, and of single orbitals, small ones first. Everything is exact: quotients are block
systems, common ones are found as isomorphisms of G-sets, and independence is decided by integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toolkit.modules.gsets.actions import (
    IntArray,
    class_cycles,
    components,
    first_occurrence,
    orbits,
    random_elements,
)
from toolkit.modules.gsets.suborbits import make_frame

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.modules.gsets.orbitals import Orbitals

#: The largest numbers of block systems of an orbit that are used, of suborbits that they are
#: made from, and of fibre products that are tried.
_MOST_SYSTEMS = 48
_MOST_SEEDS = 96
_MOST_CANDIDATES = 1 << 15
#: Points that all of some random elements fix, which are tried as images of a base point.
_MOST_IMAGES = 64
#: A prime whose square times the number of orbitals is far below 2^63.
_PRIME = 1_048_573
#: The largest number of orbitals.
MOST_ORBITALS = 512
#: Denominators that are tried for the factors.
_DENOMINATORS = (1, 2, 3, 4, 6, 8, 12, 24, 48, 120, 720)


class FibreProduct(NamedTuple):
    """A map by way of a common quotient: numbers of the kind of Z, of b: Y -> Z and a: X -> Z."""

    kind: int
    target: int
    source: int


@dataclass(frozen=True, eq=False)
class Kind:
    """A common quotient Z, up to isomorphism.

    Parameters
    ----------
    size
        |Z|.
    targets, sources
        Maps ``(m,)`` from Y and ``(n,)`` from X to Z, -1 outside of an orbit.
    """

    size: int
    targets: tuple[IntArray, ...]
    sources: tuple[IntArray, ...]


@dataclass(frozen=True, eq=False)
class PooledPlan:
    """A basis of the equivariant maps out of fibre products and single orbitals.

    Parameters
    ----------
    kinds
        The common quotients.
    products
        The fibre products in the basis.
    singles
        ``(s,)`` the orbitals in the basis.
    factors
        ``(count, count)`` the factors of the basis' members, products first, are ``factors @ w``
        for weights w by orbital.
    denominator
        1 if the factors are integers, else a common denominator; 0 if it is not known, and the
        factors are rounded.
    """

    kinds: tuple[Kind, ...]
    products: tuple[FibreProduct, ...]
    singles: IntArray
    factors: NDArray[np.float64]
    denominator: int


def block_systems_of_seeds(images: IntArray, seeds: Iterable[int]) -> list[IntArray]:
    """Return block systems of a transitive G-set: the finest that join point 0 to some others.

    Parameters
    ----------
    images
        ``(k, n)`` checked images.
    seeds
        Points; one of each suborbit gives all block systems.

    Returns
    -------
    list of numpy.ndarray
        ``(n,)`` labels; the finest systems that join 0 and a seed, and joins of these, at most 48.

    Notes
    -----
    Exact: only what must be joined is joined, and the generators keep the result. Random elements
    only say where to begin. A few times O(k n) for each system.

    Examples
    --------
    >>> [s.tolist() for s in block_systems_of_seeds(np.array([[1, 2, 3, 0]]), [1, 2])]
    [[0, 0, 0, 0], [0, 1, 0, 1]]
    """
    supply = random_elements(images) if images.size else iter(())
    elements = np.stack([*images, *islice(supply, 24)]) if len(images) else images
    found: dict[bytes, IntArray] = {}
    principal: list[IntArray] = []
    for seed in islice(seeds, _MOST_SEEDS):
        if seed == 0:
            continue
        pairs = np.arange(images.shape[1], dtype=np.intp)
        swaps = []
        for element in elements:
            swap = pairs.copy()
            swap[[element[0], element[seed]]] = element[seed], element[0]
            swaps.append(swap)
        system = _closed(images, components(np.stack(swaps)) if swaps else pairs)
        if system.tobytes() not in found and len(found) < _MOST_SYSTEMS:
            found[system.tobytes()] = system
            principal.append(system)
    queue = list(principal)
    for system in queue:
        for other in principal:
            joined = components(np.stack([class_cycles(system), class_cycles(other)]))
            if joined.tobytes() not in found and len(found) < _MOST_SYSTEMS:
                found[joined.tobytes()] = joined
                queue.append(joined)
    return list(found.values())


def _closed(images: IntArray, labels: IntArray) -> IntArray:
    """Return the finest partition that is coarser and that all generators keep."""
    while True:
        cycles = class_cycles(labels)
        moved = [cycles]
        for image in images:
            turned = np.empty_like(cycles)
            turned[image] = image[cycles]
            moved.append(turned)
        coarser = components(np.stack(moved))
        if int(coarser.max()) == int(labels.max()):
            return first_occurrence(coarser)
        labels = coarser


def isomorphisms(one: IntArray, other: IntArray) -> list[IntArray]:
    """Return all isomorphisms of transitive G-sets, as images of the points of the first.

    Parameters
    ----------
    one, other
        ``(k, n)`` images of the same generators.

    Notes
    -----
    Exact: each is checked on every generator, and a point can only go to one that the elements
    fixing it fix. Beyond 64 such points the search is given up, and finds none.

    Examples
    --------
    >>> cycle = np.array([[1, 2, 0]])
    >>> [phi.tolist() for phi in isomorphisms(cycle, cycle)]
    [[0, 1, 2], [1, 2, 0], [2, 0, 1]]
    """
    n = one.shape[1]
    if other.shape[1] != n:
        return []
    frame = make_frame(one, other, same=False)
    base = int(frame.forest.bases[0])
    fixed = np.ones(n, dtype=np.bool_)
    for element in islice(frame.supply, 12):
        here = np.array([element[base]], dtype=np.intp)
        moved = frame.up(here, element[frame.columns][None])[0] - frame.offset
        fixed &= moved == np.arange(n)
    candidates = np.flatnonzero(fixed)
    if candidates.size > _MOST_IMAGES:
        return []
    found = []
    for image in candidates.tolist():
        values = np.empty(n, dtype=np.intp)
        values[base] = image
        for level in frame.forest.levels():
            step, before = frame.forest.generator[level], frame.forest.parent[level]
            values[level] = frame.elements[step, values[before] + frame.offset] - frame.offset
        if all(np.array_equal(values[g], h[values]) for g, h in zip(one, other, strict=True)):
            found.append(values)
    return found


class _Quotient(NamedTuple):
    """A map from one orbit of a G-set, and the images of the generators on what it leads to."""

    points: IntArray
    images: IntArray


def _proper_quotients(images: IntArray, orbitals: Orbitals) -> list[_Quotient]:
    """Return the quotients of all orbits but the orbits themselves."""
    found = []
    rows, columns = orbitals.representatives.T
    for orbit in orbits(images):
        points = np.asarray(orbit)
        place = np.full(images.shape[1], -1, dtype=np.intp)
        place[points] = np.arange(points.size)
        own = place[images[:, points]]
        seeds = place[columns[rows == points[0]]]
        systems = block_systems_of_seeds(own, seeds[seeds > 0].tolist())
        if points.size > 1 and not any(int(system.max()) == 0 for system in systems):
            systems.append(np.zeros(points.size, dtype=np.intp))
        if points.size == 1:
            systems = [np.zeros(1, dtype=np.intp)]
        for system in systems:
            size = int(system.max()) + 1
            if size == points.size > 1:
                continue
            first = np.empty(size, dtype=np.intp)
            first[system[::-1]] = np.arange(points.size - 1, -1, -1)
            labels = np.full(images.shape[1], -1, dtype=np.intp)
            labels[points] = system
            found.append(_Quotient(labels, system[own[:, first]]))
    return found


def pooled_plan(orbitals: Orbitals, own_target: Orbitals, own_source: Orbitals) -> PooledPlan:
    """Return a basis of the equivariant maps out of fibre products and single orbitals.

    Parameters
    ----------
    orbitals
        Those of Y x X.
    own_target, own_source
        Those of Y x Y and X x X, for the block systems.
    """
    kinds = _common_kinds(
        _proper_quotients(orbitals.target, own_target),
        _proper_quotients(orbitals.source, own_source),
    )
    rows, columns = orbitals.representatives.T
    candidates: list[tuple[float, FibreProduct | int, NDArray[np.int64]]] = []
    for number, kind in enumerate(kinds):
        for t, b in enumerate(kind.targets):
            for s, a in enumerate(kind.sources):
                inside = (b[rows] >= 0) & (b[rows] == a[columns])
                if inside.any() and len(candidates) < _MOST_CANDIDATES:
                    product = FibreProduct(number, t, s)
                    candidates.append((float(kind.size), product, inside.astype(np.int64)))
    unit = np.eye(orbitals.count, dtype=np.int64)
    for label, size in enumerate(orbitals.sizes.tolist()):
        candidates.append((2.0 * size, label, unit[label]))
    candidates.sort(key=lambda candidate: candidate[0])
    chosen = _independent([vector for _, _, vector in candidates], orbitals.count)
    products = [
        (own, v) for _, own, v in (candidates[i] for i in chosen) if not isinstance(own, int)
    ]
    singles = [(own, v) for _, own, v in (candidates[i] for i in chosen) if isinstance(own, int)]
    members = np.stack([v for _, v in (*products, *singles)])
    factors, denominator = _inverse(members.T)
    return PooledPlan(
        kinds,
        tuple(own for own, _ in products),
        np.array([own for own, _ in singles], dtype=np.intp),
        factors,
        denominator,
    )


def _common_kinds(targets: list[_Quotient], sources: list[_Quotient]) -> tuple[Kind, ...]:
    """Return what both sides have as quotients, each with all its maps."""
    models: list[IntArray] = []
    maps: list[tuple[list[IntArray], list[IntArray]]] = []
    for side, quotients in enumerate((targets, sources)):
        for quotient in quotients:
            for model, found in zip(models, maps, strict=True):
                inverse = isomorphisms(quotient.images, model)
                if inverse:
                    # one map on the side of Y, and all maps on that of X
                    for phi in inverse if side else inverse[:1]:
                        found[side].append(np.where(quotient.points < 0, -1, phi[quotient.points]))
                    break
            else:
                if side == 0:
                    models.append(quotient.images)
                    maps.append(([quotient.points], []))
    return tuple(
        Kind(model.shape[1], tuple(b), tuple(a))
        for model, (b, a) in zip(models, maps, strict=True)
        if a
    )


def _independent(vectors: list[NDArray[np.int64]], count: int) -> list[int]:
    """Return the first vectors that are independent modulo a prime, hence over the integers."""
    echelon = np.zeros((0, count), dtype=np.int64)
    pivots: list[int] = []
    chosen = []
    for number, vector in enumerate(vectors):
        left = vector % _PRIME
        if pivots:
            left = (left - left[pivots] @ echelon) % _PRIME
        places = np.flatnonzero(left)
        if not places.size:
            continue
        pivot = int(places[0])
        left = left * pow(int(left[pivot]), -1, _PRIME) % _PRIME
        echelon = (echelon - echelon[:, [pivot]] * left) % _PRIME
        echelon = np.vstack([echelon, left])
        pivots.append(pivot)
        chosen.append(number)
        if len(chosen) == count:
            break
    return chosen


def _inverse(matrix: NDArray[np.int64]) -> tuple[NDArray[np.float64], int]:
    """Return the inverse of a matrix of 0 and 1, and its denominator, 0 if that is a large one."""
    inverse = np.linalg.inv(matrix.astype(np.float64))
    for denominator in _DENOMINATORS:
        whole = np.rint(denominator * inverse).astype(np.int64)
        if np.array_equal(matrix @ whole, denominator * np.eye(len(matrix), dtype=np.int64)):
            return whole / denominator, denominator
    # one step of Newton's method: nearly as good as float64 can be
    improved: NDArray[np.float64] = inverse @ (2 * np.eye(len(matrix)) - matrix @ inverse)
    return improved, 0
