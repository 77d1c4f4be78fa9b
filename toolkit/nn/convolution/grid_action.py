"""How a group acts on a grid: an integer matrix for each of its generators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.library.modules.construct import module_from_images
from toolkit.library.modules.given_actions import require_action
from toolkit.modules.gsets.block_systems import block_systems
from toolkit.text import shortened

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from toolkit.library.group import Group
    from toolkit.modules.gsets.actions import IntArray

#: The most vectors that the matrices may make of the unit vectors before they are refused.
MOST_VECTORS = 10_000

#: How far an entry of a matrix in the lattice's basis may be from an integer.
_DRIFT = 1e-6


def grid_matrices(group: Group, dimension: int, *, lattice: ArrayLike | None = None) -> IntArray:
    """Return the action of a group's generators on the grid Z^d, if the group determines it.

    Parameters
    ----------
    group
        A group with :attr:`~toolkit.Group.space_matrices` (a point group, a group of matrices); its
        first d coordinates are used if the matrices do not mix them with the others. Or a group
        whose natural module has 2 d points in opposite pairs, the directions of the axes: D8 and C4
        on the corners of a square, C2 on two points, ``C2 wr S3`` on six.
    dimension
        The number d of axes.
    lattice
        ``(d, d)`` the lattice's basis vectors as rows, in the coordinates of the space matrices; by
        default the unit vectors.

    Returns
    -------
    numpy.ndarray
        ``(generators, d, d)`` integers, acting on rows from the right.

    Raises
    ------
    ModuleMismatchError
        If the group does not determine an action on a grid with d axes, or if its matrices do not
        preserve the lattice.

    Notes
    -----
    Float matrices are rounded to integers; :class:`~toolkit.nn.Window` then checks with integers
    that they are an action.

    Examples
    --------
    >>> import toolkit as tk
    >>> grid_matrices(tk.group("D8"), 2).tolist()
    [[[0, 1], [-1, 0]], [[1, 0], [0, -1]]]

    The hexagonal lattice, with its six-fold axis and mirrors:

    >>> grid_matrices(tk.group("C6v"), 2, lattice=[[1, 0], [-0.5, 3**0.5 / 2]]).tolist()
    [[[1, 1], [-1, 0]], [[1, 0], [-1, -1]]]
    """
    try:
        space = group.space_matrices.matrices
    except NotAvailable:
        if lattice is not None:
            raise
        return _matrices_of_directions(group, dimension)
    total = space.shape[-1]
    apart = total >= dimension and not (
        abs(space[:, :dimension, dimension:]).max(initial=0) > _DRIFT
        or abs(space[:, dimension:, :dimension]).max(initial=0) > _DRIFT
    )
    if not apart:
        raise ModuleMismatchError(
            f"{shortened(group.name)} acts on a space of {total} dimensions and does not preserve "
            f"the grid of its first {dimension} axes: give the matrices, Window.box(group, shape, "
            "matrices)"
        )
    basis = np.eye(dimension) if lattice is None else np.asarray(lattice, dtype=np.float64)
    if basis.shape != (dimension, dimension) or abs(np.linalg.det(basis)) < _DRIFT:
        raise ModuleMismatchError(
            f"a lattice of {dimension} axes needs as many independent basis vectors as rows, found "
            f"shape {basis.shape}"
        )
    found = basis @ space[:, :dimension, :dimension] @ np.linalg.inv(basis)
    whole = np.rint(found)
    if abs(found - whole).max(initial=0) > _DRIFT:
        g = int(np.argmax(abs(found - whole).max(axis=(1, 2))))
        raise ModuleMismatchError(
            f"generator {g} of {shortened(group.name)} does not preserve the lattice: its matrix "
            f"there is {np.round(found[g], 4).tolist()}; an invariant lattice can be given by "
            "grid_matrices(group, dimension, lattice=basis)"
        )
    return whole.astype(np.intp)


def _matrices_of_directions(group: Group, dimension: int) -> IntArray:
    """Return the matrices of a group that permutes the 2 d directions of the axes."""
    if group.generator_count == 0:
        return np.zeros((0, dimension, dimension), dtype=np.intp)
    images = group.natural_images
    pairs: list[IntArray] = []
    if images is not None and images.shape[1] == 2 * dimension:
        pairs = _opposites(images)
    if len(pairs) != 1:
        found = "none" if images is None else f"{images.shape[1]} points"
        if pairs:
            found += f", paired in {len(pairs)} ways"
        raise ModuleMismatchError(
            f"how {shortened(group.name)} acts on a grid of {dimension} axes does not follow from "
            f"its name: an action on {2 * dimension} points in opposite pairs is required, found "
            f"{found}; give a matrix for each generator, Window.box(group, shape, matrices)"
        )
    assert images is not None
    opposite = pairs[0]
    # the first of each pair is the positive direction of an axis
    first = [i for i, other in enumerate(opposite.tolist()) if i < other]
    axis = np.empty(2 * dimension, dtype=np.intp)
    sign = np.ones(2 * dimension, dtype=np.intp)
    for a, point in enumerate(first):
        axis[[point, opposite[point]]] = a
        sign[opposite[point]] = -1
    matrices = np.zeros((len(images), dimension, dimension), dtype=np.intp)
    for g, row in enumerate(images):
        for a, point in enumerate(first):
            matrices[g, a, axis[row[point]]] = sign[row[point]]
    return matrices


def _opposites(images: IntArray) -> list[IntArray]:
    """Return each way to pair the points that the group keeps, as ``(n,)`` partners."""
    try:
        systems = block_systems(images)
    except ModuleMismatchError:  # not transitive
        return []
    out = []
    for labels in systems:
        if (np.bincount(labels) == 2).all():
            order = np.argsort(labels, kind="stable").reshape(-1, 2)
            partner = np.empty(labels.size, dtype=np.intp)
            partner[order[:, 0]], partner[order[:, 1]] = order[:, 1], order[:, 0]
            out.append(partner)
    return out


def checked_matrices(group: Group, matrices: ArrayLike, dimension: int) -> IntArray:
    """Return integer matrices after a check that they are an action of the group."""
    given = np.asarray(matrices)
    count = group.generator_count
    if given.size == 0 and count == 0:
        return np.zeros((0, dimension, dimension), dtype=np.intp)
    if given.shape != (count, dimension, dimension):
        raise ModuleMismatchError(
            f"{shortened(group.name)} has {count} generators and the window {dimension} axes, so "
            f"matrices of shape {(count, dimension, dimension)} are required, found {given.shape}"
        )
    whole = np.rint(given.astype(np.float64)).astype(np.intp)
    if not np.array_equal(whole, given):
        raise ModuleMismatchError(
            f"matrices that act on a grid have integer entries, found {given.tolist()!r:.80}"
        )
    if not np.array_equal(whole, np.broadcast_to(np.eye(dimension), whole.shape)):
        vectors = _orbit_images(whole)
        module = module_from_images(group, vectors, f"vectors of the {dimension} axes")
        require_action(module)
    return whole


def _orbit_images(matrices: IntArray) -> IntArray:
    """Return how the matrices permute the vectors that they make of the unit vectors."""
    dimension = matrices.shape[-1]
    vectors = [tuple(row) for row in np.eye(dimension, dtype=np.intp).tolist()]
    number = {vector: i for i, vector in enumerate(vectors)}
    for vector in vectors:  # grows on the way
        for matrix in matrices:
            image = tuple((np.array(vector) @ matrix).tolist())
            if image not in number:
                number[image] = len(vectors)
                vectors.append(image)
        if len(vectors) > MOST_VECTORS:
            raise ModuleMismatchError(
                f"the matrices make more than {MOST_VECTORS} vectors of the unit vectors: a finite "
                "group that acts on a grid makes few; some product has infinite order"
            )
    rows = np.array(vectors)
    out = np.empty((len(matrices), len(vectors)), dtype=np.intp)
    for g, matrix in enumerate(matrices):
        out[g] = [number[tuple(image)] for image in (rows @ matrix).tolist()]
        if np.unique(out[g]).size < len(vectors):
            raise ModuleMismatchError(
                f"matrix {g} is singular or takes two vectors to one: {matrix.tolist()}"
            )
    return out
