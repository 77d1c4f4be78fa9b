"""Finite G-sets given by generator images: orbits, transversals and block systems.

A G-set of ``n`` points is an integer array ``images`` of shape ``(k, n)``, 0-based, one row per
generator: ``images[g][i]`` is the image ``i^g`` under GAP's right action. Everything here is
exact; a group enters only through its generators, so its order does not matter.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.errors import ModuleMismatchError

if TYPE_CHECKING:
    from collections.abc import Iterator

IntArray: TypeAlias = NDArray[np.intp]

_SCALAR_EDGES = 20_000  # up to here plain Python beats the first import of scipy.sparse
_NARROW = 24  # frontiers below this size are walked point by point


def validate_images(images: ArrayLike, what: str = "the G-set") -> IntArray:
    """Return generator images as a contiguous array, after checking that they are permutations.

    Parameters
    ----------
    images
        ``(k, n)`` integers, ``images[g][i]`` the 0-based image of point ``i``; ``k`` may be 0
        (the trivial group) if the array has two axes, ``n`` may not.
    what
        Name used in error messages.

    Returns
    -------
    numpy.ndarray
        ``(k, n)`` array of ``intp``, C-contiguous.

    Raises
    ------
    ModuleMismatchError
        If the data is not a rectangular array of integers, or a row is not a permutation; the
        sentence names generator and entry.

    Notes
    -----
    Exact, O(k n), never starts GAP.

    Examples
    --------
    >>> validate_images([[1, 2, 0]])
    array([[1, 2, 0]])
    >>> validate_images([[0, 1], [1, 1]])
    Traceback (most recent call last):
    ...
    toolkit.errors.ModuleMismatchError: the G-set: generator 1 must permute its 2 points, but no point is sent to 0
    """  # noqa: E501
    try:
        array = np.asarray(images)
    except ValueError:
        array = np.empty(0, dtype=object)
    if array.ndim != 2 or not (array.dtype.kind in "iu" or array.size == 0):
        raise ModuleMismatchError(
            f"{what}: generator images must form an integer array of shape (generators, points), "
            f"found shape {array.shape} of {array.dtype}{_advice(array.shape)}"
        )
    k, n = array.shape
    if n == 0:
        raise ModuleMismatchError(f"{what}: a G-set needs at least one point, found none")
    for g in range(k):
        row = array[g]
        outside = np.flatnonzero((row < 0) | (row >= n))
        if outside.size:
            i = int(outside[0])
            raise ModuleMismatchError(
                f"{what}: generator {g} must map into points 0 to {n - 1}, but sends point {i} "
                f"to {int(row[i])}"
                + "; they count from 1: subtract 1"
                * bool(array.min() == 1 and array.max() == n)
            )
        hit = np.zeros(n, dtype=np.bool_)
        hit[row] = True
        if not hit.all():
            raise ModuleMismatchError(
                f"{what}: generator {g} must permute its {n} points, but no point is sent to "
                f"{int(np.argmin(hit))}"
            )
    return np.ascontiguousarray(array, dtype=np.intp)


def _advice(shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        return "; the images of a single generator are given as [[1, 2, 0]]"
    if len(shape) == 3 and shape[1] == shape[2]:
        return (
            "; matrices are what Group.linear_module takes, and with one entry 1 or -1 in each row "
            "Group.signed_module_from_matrices"
        )
    return ""


def invert_images(images: IntArray) -> IntArray:
    """Return the images of the inverse permutations, row by row.

    Examples
    --------
    >>> invert_images(np.array([[1, 2, 0]]))
    array([[2, 0, 1]])
    """
    inverse = np.empty_like(images)
    points = np.arange(images.shape[1], dtype=np.intp)
    for row, image in zip(inverse, images, strict=True):
        row[image] = points
    return inverse


def first_occurrence(labels: NDArray[np.integer]) -> IntArray:
    """Renumber labels ``0 .. c-1`` in use by the position of their first occurrence."""
    count = int(labels.max()) + 1
    first = np.full(count, labels.size, dtype=np.intp)
    # written backwards, so that the earliest position is the one that stays
    first[labels[::-1]] = np.arange(labels.size - 1, -1, -1, dtype=np.intp)
    rank = np.empty(count, dtype=np.intp)
    rank[np.argsort(first, kind="stable")] = np.arange(count, dtype=np.intp)
    result: IntArray = rank[labels]
    return result


def components(maps: IntArray, points: int | None = None) -> IntArray:
    """Label the finest partition that every permutation in a list keeps.

    Parameters
    ----------
    maps
        ``(t, n)`` permutations of the same points.
    points
        The number of points, needed only if ``t`` is 0 and the array does not say.

    Returns
    -------
    numpy.ndarray
        ``(n,)`` labels, numbered by the smallest point of each class.

    Notes
    -----
    Exact, O(t n). SciPy computes weak components, although strong ones are the same and cheaper:
    its search for strong ones never ends on some graphs with repeated edges (SciPy 1.17).
    """
    t = maps.shape[0]
    n = maps.shape[1] if points is None else points
    if t * n <= _SCALAR_EDGES:
        rows = maps.tolist()
        label = [-1] * n
        count = 0
        for start in range(n):
            if label[start] >= 0:
                continue
            label[start] = count
            stack = [start]
            while stack:
                x = stack.pop()
                for row in rows:
                    y = row[x]
                    if label[y] < 0:
                        label[y] = count
                        stack.append(y)
            count += 1
        return np.array(label, dtype=np.intp)

    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    small = np.int32 if t * n < 2**31 else np.int64
    indices = maps.T.astype(small).ravel()
    pointers = np.arange(0, t * n + 1, t, dtype=small)
    graph = csr_array((np.ones(t * n, dtype=np.float64), indices, pointers), shape=(n, n))
    found = connected_components(graph, directed=True, connection="weak")[1]
    return first_occurrence(found)


def orbit_labels(images: ArrayLike) -> IntArray:
    """Return the orbit number of every point, orbits numbered by their smallest point.

    Parameters
    ----------
    images
        ``(k, n)`` generator images.

    Returns
    -------
    numpy.ndarray
        ``(n,)`` labels.

    Notes
    -----
    Exact, O(k n), never starts GAP.

    Examples
    --------
    >>> orbit_labels([[2, 1, 0, 4, 3]])
    array([0, 1, 0, 2, 2])
    """
    return components(validate_images(images))


def orbits(images: ArrayLike) -> tuple[IntArray, ...]:
    """Return the orbits as sorted arrays, ordered by their smallest point.

    Examples
    --------
    >>> [orbit.tolist() for orbit in orbits([[2, 1, 0, 4, 3]])]
    [[0, 2], [1], [3, 4]]
    """
    labels = orbit_labels(images)
    order = np.argsort(labels, kind="stable")
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    return tuple(np.split(order, cuts))


def is_transitive(images: ArrayLike) -> bool:
    """Say whether all points form one orbit.

    Examples
    --------
    >>> is_transitive([[1, 2, 0]]), is_transitive([[1, 0, 2]])
    (True, False)
    """
    return int(orbit_labels(images).max()) == 0


@dataclass(frozen=True, eq=False)
class SchreierForest:
    """Breadth-first transversals of all orbits at once, one tree per orbit.

    Attributes
    ----------
    order
        ``(n,)`` points, nearest to their base first.
    parent
        ``(n,)`` the point before it on the way from the base; a base is its own parent.
    generator
        ``(n,)`` the generator that leads from the parent to the point; ``k`` (one more than the
        last generator) at a base, meaning the identity.
    depth
        ``(n,)`` the number of steps from the base.
    bases
        ``(r,)`` the smallest point of each orbit.
    orbit
        ``(n,)`` the orbit's number.
    """

    order: IntArray
    parent: IntArray
    generator: IntArray
    depth: IntArray
    bases: IntArray
    orbit: IntArray

    def word(self, point: int) -> tuple[int, ...]:
        """Return the generators that lead, applied left to right, from the base to a point.

        Examples
        --------
        >>> schreier_forest([[1, 2, 3, 0]]).word(3)
        (0, 0, 0)
        """
        letters = []
        while self.parent[point] != point:
            letters.append(int(self.generator[point]))
            point = int(self.parent[point])
        return tuple(reversed(letters))

    def levels(self) -> Iterator[IntArray]:
        """Yield the points at depth 1, 2, ... in turn."""
        cuts = np.flatnonzero(np.diff(self.depth[self.order])) + 1
        yield from np.split(self.order, cuts)[1:]


def schreier_forest(images: ArrayLike) -> SchreierForest:
    """Grow a breadth-first tree through each orbit, from its smallest point.

    Parameters
    ----------
    images
        ``(k, n)`` generator images.

    Returns
    -------
    SchreierForest
        The trees; its word for a point is a shortest one in the generators.

    Notes
    -----
    Exact, O(k n), never starts GAP.

    Examples
    --------
    >>> forest = schreier_forest([[1, 2, 3, 0, 4]])
    >>> forest.bases.tolist(), forest.parent.tolist(), forest.depth.tolist()
    ([0, 4], [0, 0, 1, 2, 4], [0, 1, 2, 3, 0])
    """
    array = validate_images(images)
    forest = grow_forest(array, components(array))
    assert forest is not None
    return forest


def grow_forest(
    images: IntArray, orbit: IntArray, max_depth: int | None = None
) -> SchreierForest | None:
    """Grow the trees of checked images; ``None`` if they are deeper than ``max_depth``."""
    k, n = images.shape
    bases = np.flatnonzero(np.concatenate(([True], np.diff(np.maximum.accumulate(orbit)) > 0)))
    parent = np.full(n, -1, dtype=np.intp)
    generator = np.full(n, k, dtype=np.intp)
    depth = np.zeros(n, dtype=np.intp)
    parent[bases] = bases
    frontier = bases
    levels = [bases]
    reached, level = bases.size, 0
    while reached < n:
        level += 1
        if max_depth is not None and level > max_depth:
            return None
        fresh: list[IntArray] = []
        if frontier.size < _NARROW:
            narrow: list[int] = []
            for x in frontier.tolist():
                for g in range(k):
                    y = images.item(g, x)
                    if parent.item(y) < 0:
                        parent[y] = x
                        generator[y] = g
                        narrow.append(y)
            frontier = np.array(narrow, dtype=np.intp)
        else:
            for g in range(k):
                # one permutation never reaches a point twice, so nothing is written twice
                there = images[g][frontier]
                new = parent[there] < 0
                there = there[new]
                parent[there] = frontier[new]
                generator[there] = g
                fresh.append(there)
            frontier = np.concatenate(fresh)
        depth[frontier] = level
        levels.append(frontier)
        reached += frontier.size
    return SchreierForest(np.concatenate(levels), parent, generator, depth, bases, orbit)


def random_elements(images: IntArray, seed: int = 0) -> Iterator[IntArray]:
    """Yield group elements by product replacement, as image arrays, without end.

    Parameters
    ----------
    images
        ``(k, n)`` checked generator images, ``k`` at least 1.
    seed
        Start of the pseudorandom choices; the same seed gives the same elements.

    Notes
    -----
    Every yielded array is a true element of the group; how well they are spread is not
    promised. The first costs about ``6 (log2 n + 2)`` products of O(n), the others one or two.
    """
    k, n = images.shape
    slots = [images[g % k] for g in range(max(k, 5) + 1)]
    size = len(slots)
    chance = random.Random(seed)
    warm = size * (n.bit_length() + 1)
    step = 0
    while True:
        i = chance.randrange(size)
        j = (i + 1 + chance.randrange(size - 1)) % size
        first, second = (i, j) if chance.random() < 0.5 else (j, i)
        slots[i] = slots[second][slots[first]]
        step += 1
        if step > warm:
            yield slots[i]


def class_cycles(labels: IntArray) -> IntArray:
    """Return a permutation whose cycles are the classes of a partition."""
    order = np.argsort(labels, kind="stable")
    ordered = labels[order]
    start = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    following = np.concatenate((order[1:], order[:1]))
    following[np.concatenate((start[1:], [labels.size])) - 1] = order[start]
    cycles = np.empty_like(order)
    cycles[order] = following
    return cycles
