"""Points in space: their squared distances, and the isometries that permute them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.groups.graphs.matrices import ReadMatrix, read_matrix
from toolkit.groups.graphs.values import checked_tolerance, classes_of_values
from toolkit.groups.space import SpaceMatrices
from toolkit.groups.specs.base import data_refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from toolkit.errors import NamingError
    from toolkit.groups.graphs.relation import Relation

MAX_POINTS = 5000
"""Most points whose distances are compared."""

_RELATIVE = 1e-8  # the default tolerance of floats, of the size of the point set
_NOISE = 5e-3  # largest noise of distances that is asked about, of that size


def _fail(problem: str, suggestion: str = "") -> NamingError:
    return data_refusal("these points", problem, suggestion)


@dataclass(frozen=True, eq=False)
class PointSet:
    """Points in space, read.

    Parameters
    ----------
    coordinates
        ``(n, d)`` floats about the centroid, divided by ``unit``.
    unit
        A power of two, so that the coordinates are about 1.
    distances
        Distances, divided by ``unit``, and labels: what isometries keep. Squared distances if
        they were compared exactly.
    tol
        How far from its target an isometry may take a point, divided by ``unit``; also for equal
        distances. For exact coordinates only rounding is left.
    is_exact
        Whether the distances were compared exactly.
    """

    coordinates: NDArray[np.float64]
    unit: float
    distances: ReadMatrix
    tol: float
    is_exact: bool

    @property
    def relation(self) -> Relation:
        """The distances and labels as colours; see :class:`ReadMatrix`."""
        return self.distances.relation

    @property
    def near(self) -> list[float]:
        """Larger tolerances at which distances that differ would clearly be equal."""
        return [] if self.is_exact else [float(f"{t * self.unit:.3g}") for t in self.distances.near]

    def isometries(self, images: NDArray[np.intp]) -> SpaceMatrices:
        """Return the orthogonal matrices that carry the points to their images.

        Parameters
        ----------
        images
            ``(k, n)`` permutations that keep all distances.

        Returns
        -------
        SpaceMatrices
            Rows times matrices are images of rows. Directions at right angles to all points stay.

        Raises
        ------
        NamingError
            If distances are identified that differ by more than the tolerance, or no isometry
            carries all points to within the tolerance.
        """
        unequal = self.distances.unequal(images)
        if unequal is not None:
            one, two = (
                f"points {i} and {j} at distance {distance * self.unit:.9g}"
                for i, j, distance in unequal
            )
            raise _fail(
                f"a permutation takes {one} to {two}, farther apart than "
                f"tol={self.tol * self.unit:g}, though a chain of distances, each within tol of "
                "the next, joins them",
                "choose a smaller or a larger tol",
            )
        X = self.coordinates
        d = X.shape[1]
        scale = float(np.abs(X).max(initial=0.0))
        _, sizes, axes = np.linalg.svd(X, full_matrices=True)
        rank = int((sizes > max(self.tol, 1e-10 * max(scale, 1e-300))).sum())
        span, rest = axes[:rank].T, axes[rank:].T
        own = X @ span
        matrices = np.empty((len(images), d, d))
        worst, where = 0.0, 0
        for g, image in enumerate(images):
            left, _, right = np.linalg.svd(own.T @ own[image])
            matrices[g] = span @ (left @ right) @ span.T + rest @ rest.T
            error = float(np.abs(X @ matrices[g] - X[image]).max(initial=0.0))
            if error > worst:
                worst, where = error, g
        if worst > max(self.tol, 1e-9 * scale):
            raise _fail(
                f"distances agree within tol={self.tol * self.unit:g}, but no isometry maps the "
                f"points to their images under generator {where}: the best one leaves a distance "
                f"of {worst * self.unit:.2g}",
                "choose another tol, or give coordinates with more digits",
            )
        return SpaceMatrices.of_floats(matrices, worst * self.unit)


def read_points(
    coordinates: ArrayLike | Any,  # noqa: ANN401 - also fractions
    labels: Sequence[object] | None = None,
    tol: float | None = None,
) -> PointSet:
    """Read points and their labels.

    Parameters
    ----------
    coordinates
        ``(n, d)`` integers, fractions or floats.
    labels
        For each point a value that isometries keep, such as the symbol of an atom.
    tol
        Distances that differ by at most this much are equal; by default 0 for integers and
        fractions, and 1e-8 times the largest coordinate about the centroid for floats.

    Raises
    ------
    NamingError
        If the data has another form.

    Examples
    --------
    >>> read_points([[0, 0], [2, 0], [2, 1], [0, 1]]).is_exact
    True
    """
    array = _table(coordinates)
    n = len(array)
    exact = array.dtype == object or array.dtype.kind in "biu"
    names = np.zeros(n, dtype=np.intp)
    if labels is not None:
        given = list(labels)
        if len(given) != n:
            raise _fail(f"{n} points need as many labels, found {len(given)}")
        names = classes_of_values(given, 0.0, "labels", _fail)
    floats, unit = _centred(array)
    scale = float(np.abs(floats).max(initial=0.0))
    tolerance = _RELATIVE * scale if tol is None else checked_tolerance(tol, _fail) / unit
    if exact and not tol:
        squares = read_matrix(_exact_squares(array), 0.0, names)
        return PointSet(floats, unit, squares, 0.0, True)
    gram = floats @ floats.T
    own = np.diag(gram)
    distances = np.sqrt(np.maximum(own[:, None] + own[None] - 2 * gram, 0.0))
    near = distances < 1e-4 * scale  # there the difference of large numbers is inaccurate
    rows, columns = np.nonzero(near)
    distances[rows, columns] = np.linalg.norm(floats[rows] - floats[columns], axis=1)
    distances = np.maximum(distances, distances.T)
    noise = _NOISE * scale / max(float(distances.max()), 1e-300) if tol is None else 0.0
    read = read_matrix(distances, tolerance, names, noise)
    return PointSet(floats, unit, read, tolerance, False)


def _centred(array: NDArray[Any]) -> tuple[NDArray[np.float64], float]:
    """Return coordinates about the centroid as floats of size about 1, and their unit."""
    try:
        floats = array.astype(np.float64)
    except OverflowError:
        floats = np.full(array.shape, np.inf)
    if not np.isfinite(floats).all():
        raise _fail("coordinates must be finite numbers, within the range of floats")
    unit = 1.0
    for _ in range(2):  # all coordinates first, then the differences from the centroid
        size = float(np.abs(floats).max(initial=0.0))
        if size:
            power = math.frexp(size)[1] - 1
            floats = np.ldexp(floats, -power)
            unit = math.ldexp(unit, power)
        floats = floats - floats.mean(axis=0)
    return floats, unit


def _table(coordinates: Any) -> NDArray[Any]:  # noqa: ANN401
    given = coordinates.detach().cpu() if hasattr(coordinates, "detach") else coordinates
    try:
        array = np.asarray(given)
    except ValueError:
        array = np.empty(0)
    if array.ndim != 2 or 0 in array.shape:
        raise _fail(
            f"coordinates must form a table with a row for each point, found shape {array.shape}"
        )
    if len(array) > MAX_POINTS:
        raise _fail(f"there must be at most {MAX_POINTS:,} points, not {len(array):,}")
    if array.dtype == object:
        entries = array.reshape(-1).tolist()
        wrong = [x for x in entries if not isinstance(x, Real)]
        if wrong:
            raise _fail(f"coordinates must be real numbers, found {wrong[0]!r:.40}")
        if not all(isinstance(x, Rational) for x in entries):
            array = array.astype(np.float64)
    elif array.dtype.kind not in "biuf":
        raise _fail(f"coordinates must be real numbers, found {array.dtype}")
    return array


def _exact_squares(array: NDArray[Any]) -> NDArray[Any]:
    """Return the exact squared distances, as integers where all coordinates are."""
    if array.dtype != object and array.size and array.shape[1] * 4 * _largest(array) ** 2 < 2**62:
        whole = array.astype(np.int64)
        out: NDArray[Any] = np.zeros((len(whole), len(whole)), dtype=np.int64)
        for column in whole.T:
            out += (column[:, None] - column[None]) ** 2
        return out
    rows = [[Fraction(x) for x in row] for row in array.tolist()]
    out = np.empty((len(rows), len(rows)), dtype=object)
    for i, a in enumerate(rows):
        for j, b in enumerate(rows[: i + 1]):
            out[i, j] = out[j, i] = sum((x - y) ** 2 for x, y in zip(a, b, strict=True))
    return out


def _largest(array: NDArray[Any]) -> int:
    return max(abs(int(array.max())), abs(int(array.min())))
