"""Averages over a group that is given by generators, and what they leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FLAT = 0.1  # directions may be flattened in which points vary by this part of the largest


@dataclass(frozen=True, eq=False)
class Average:
    """Numbers and their averages over orbits.

    Parameters
    ----------
    values
        The averages, of the shape of the numbers.
    residual
        The largest difference between a number and its average.
    spread
        The largest difference between two numbers of one orbit.
    kept
        The share of the variance about the mean that the averages have; 1 if there is none.
    """

    values: NDArray[np.float64]
    residual: float
    spread: float
    kept: float


def orbit_labels(images: list[NDArray[np.intp]], count: int) -> NDArray[np.intp]:
    """Return the number of the orbit of each of ``count`` points under permutations.

    Examples
    --------
    >>> orbit_labels([np.array([1, 0, 2])], 3).tolist()
    [0, 0, 1]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not images:
        return np.arange(count)
    sources = np.tile(np.arange(count), len(images))
    ones = np.ones(sources.size, dtype=np.int8)
    graph = coo_array((ones, (sources, np.concatenate(images))), shape=(count, count))
    labels: NDArray[np.intp] = connected_components(graph, directed=False)[1].astype(np.intp)
    return labels


def average_of_matrix(
    matrix: NDArray[Any], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> Average:
    """Return the average of a matrix over a group that permutes its rows and columns.

    Parameters
    ----------
    matrix
        ``(m, n)`` real numbers.
    rows, columns
        ``(k, m)`` and ``(k, n)`` images under generators.

    Notes
    -----
    O(k m n): entries in one orbit of pairs have one average; the group is not written out.

    Examples
    --------
    >>> swap = np.array([[1, 0]])
    >>> found = average_of_matrix(np.array([[1.0, 5.0], [5.5, 2.0]]), swap, swap)
    >>> found.values.tolist(), found.residual, found.spread
    ([[1.5, 5.25], [5.25, 1.5]], 0.5, 1.0)
    """
    m, n = matrix.shape
    pairs = [(r[:, None] * n + c[None]).reshape(-1) for r, c in zip(rows, columns, strict=True)]
    return average_of_numbers(matrix.astype(np.float64), orbit_labels(pairs, m * n))


def average_of_numbers(numbers: NDArray[np.float64], labels: NDArray[np.intp]) -> Average:
    """Return the averages of numbers over the classes that labels name.

    Examples
    --------
    >>> average_of_numbers(np.array([1.0, 3.0, 7.0]), np.array([0, 0, 1])).values.tolist()
    [2.0, 2.0, 7.0]
    """
    flat = numbers.reshape(-1)
    if not flat.size:
        return Average(numbers, 0.0, 0.0, 1.0)
    sizes = np.bincount(labels)
    means = np.bincount(labels, flat) / sizes
    alone = sizes == 1
    means[labels[alone[labels]]] = flat[alone[labels]]  # without rounding
    order = np.lexsort((flat, labels))
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    ends = np.append(starts[1:], order.size) - 1
    spread = float((flat[order[ends]] - flat[order[starts]]).max())
    values = means[labels]
    left = flat - values
    total = float(((flat - flat.mean()) ** 2).sum())
    rounding = flat.size * (1e-15 * float(np.abs(flat).max())) ** 2
    kept = 1.0 - float((left**2).sum()) / total if total > rounding else 1.0
    return Average(values.reshape(numbers.shape), float(np.abs(left).max()), spread, kept)


def average_of_points(
    points: NDArray[np.float64], images: NDArray[np.intp], matrices: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the nearest points p with ``p[images[g]] = p @ matrices[g]`` for all generators g.

    Parameters
    ----------
    points
        ``(n, d)`` coordinates about a fixed point.
    images, matrices
        ``(k, n)`` and ``(k, d, d)`` an action and a representation by orthogonal matrices.

    Notes
    -----
    The average of ``points[images[g]] @ matrices[g].T`` over the group, found as the orthogonal
    projection on the solutions by sparse least squares; the group is not written out. Float64.

    Examples
    --------
    >>> swap, turn = np.array([[1, 0]]), np.array([[[-1.0]]])
    >>> average_of_points(np.array([[1.0], [-1.5]]), swap, turn).round(9).tolist()
    [[1.25], [-1.25]]
    """
    from scipy.sparse.linalg import LinearOperator, lsqr

    n, d = points.shape
    moves = (images != np.arange(n)).any(axis=1) | (np.abs(matrices - np.eye(d)) > 1e-9).any((1, 2))
    images, matrices = images[moves], matrices[moves]
    k = len(images)
    if not k:
        return points
    inverse = np.argsort(images, axis=1)

    def broken(x: NDArray[np.float64]) -> NDArray[np.float64]:
        p = x.reshape(n, d)
        return np.stack([p[i] - p @ m for i, m in zip(images, matrices, strict=True)]).reshape(-1)

    def adjoint(y: NDArray[np.float64]) -> NDArray[np.float64]:
        parts = y.reshape(k, n, d)
        out = np.zeros((n, d))
        for part, back, m in zip(parts, inverse, matrices, strict=True):
            out += part[back] - part @ m.T
        return out.reshape(-1)

    operator = LinearOperator((k * n * d, n * d), matvec=broken, rmatvec=adjoint, dtype=np.float64)
    target = broken(points.reshape(-1))
    if not np.abs(target).max() > 1e-14 * np.abs(points).max():
        return points
    away = lsqr(operator, target, atol=1e-14, btol=1e-14, conlim=0, iter_lim=20 * n * d)[0]
    return points - np.asarray(away).reshape(n, d)


def symmetric_points(
    points: NDArray[np.float64], images: NDArray[np.intp], tol: float = 0.0
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return points near the given ones that permutations move by isometries, and the isometries.

    Parameters
    ----------
    points
        ``(n, d)`` coordinates about the centroid.
    images
        ``(k, n)`` permutations that nearly keep all distances.
    tol
        The points may be flattened in directions in which they vary, in the mean square, by at
        most this much: a flat molecule with rounded coordinates is flat.

    Returns
    -------
    tuple
        ``(n, d)`` points p and ``(k, d, d)`` orthogonal matrices with ``p[images[g]] = p @
        matrices[g]`` up to rounding, so that the matrices obey all relations that the permutations
        obey. Directions at right angles to all points stay as they are. And the largest distance,
        in any coordinate, by which the points that gave the matrices miss their images: more than
        rounding if no isometries of this dimension belong to the permutations.

    Notes
    -----
    The inner products of the points are averaged over orbits of pairs: of the average the leading
    eigenvectors span an invariant subspace. The points that it defines give the matrices; then
    the given points are averaged with these.
    """
    _n, d = points.shape
    gram = average_of_matrix(points @ points.T, images, images).values
    sizes, vectors = np.linalg.eigh((gram + gram.T) / 2)
    sizes, vectors = sizes[::-1], vectors[:, ::-1]
    _, own, axes = np.linalg.svd(points, full_matrices=True)
    rank = int((own > 1e-8 * max(float(own.max(initial=0.0)), 1e-300)).sum())
    flat = min(tol * np.sqrt(len(points)), _FLAT * float(own.max(initial=0.0)))
    least = min(rank, int((own > flat).sum()))
    best: tuple[float, NDArray[np.float64]] | None = None
    for r in range(rank, least - 1, -1):
        matrices, missed = _isometries(points, images, sizes, vectors, axes, r)
        if best is None or missed < best[0]:
            best = missed, matrices
        if missed <= 1e-9 * float(np.abs(points).max(initial=0.0)):
            break
    missed, matrices = best if best is not None else (0.0, np.empty((0, d, d)))
    return average_of_points(points, images, matrices), matrices, missed


def _isometries(
    points: NDArray[np.float64],
    images: NDArray[np.intp],
    sizes: NDArray[np.float64],
    vectors: NDArray[np.float64],
    axes: NDArray[np.float64],
    rank: int,
) -> tuple[NDArray[np.float64], float]:
    """Return matrices from the leading eigenvectors, and by how much these miss their images."""
    near = vectors[:, :rank] * np.sqrt(np.maximum(sizes[:rank], 0.0))
    span, rest = axes[:rank].T, axes[rank:].T
    left, _, right = np.linalg.svd(near.T @ points @ span)
    near = near @ (left @ right)
    matrices = np.empty((len(images), axes.shape[1], axes.shape[1]))
    for g, image in enumerate(images):
        a, _, b = np.linalg.svd(near.T @ near[image])
        matrices[g] = span @ (a @ b) @ span.T + rest @ rest.T
    moved = [
        near[image] @ span.T - near @ span.T @ m for image, m in zip(images, matrices, strict=True)
    ]
    return matrices, max((float(np.abs(one).max(initial=0.0)) for one in moved), default=0.0)
