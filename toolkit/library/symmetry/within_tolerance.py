"""Permutations that keep a matrix of floats within a tolerance, by a search with backtracking.

No classes of values are formed: two entries may be identified if they differ by at most the
tolerance. That is no equivalence, so that products of permutations may be farther away than the
permutations themselves; :class:`Near` says by how much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolkit.library.symmetry.averaging import average_of_matrix, orbit_labels

MAX_POINTS = 1024
"""Most rows of a matrix that is searched with a tolerance."""
STEPS = 20_000
"""Most points that are given an image in a search."""


@dataclass(frozen=True, eq=False)
class Near:
    """Generators of a group that nearly keeps a matrix.

    Parameters
    ----------
    images
        ``(k, n)`` permutations, each of which keeps every entry within the tolerance.
    chain_order
        The product of the lengths of the orbits along a chain of stabilisers: the order of the
        group, if all its elements keep all entries within the tolerance.
    is_group
        Whether they do: all entries of an orbit of pairs are within the tolerance of each other.
    is_complete
        Whether the search ended: if not, there may be more.
    """

    images: NDArray[np.intp]
    chain_order: int
    is_group: bool
    is_complete: bool


class _OutOfSteps(Exception):  # noqa: N818 - no error
    """The bound on the search is reached."""


class _Search:
    def __init__(self, matrix: NDArray[np.float64], tol: float, steps: int) -> None:
        self.matrix = matrix
        self.turned = None if (matrix == matrix.T).all() else np.ascontiguousarray(matrix.T)
        self.tol = tol
        self.steps = steps

    def assigned(
        self, possible: NDArray[np.bool_], done: NDArray[np.bool_], pairs: list[tuple[int, int]]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
        """Return what is possible once points have images, with all that follows; or ``None``."""
        possible, done = possible.copy(), done.copy()
        waiting = list(pairs)
        while True:
            while waiting:
                p, q = waiting.pop()
                if done[p]:
                    continue
                if not possible[p, q]:
                    return None
                self.steps -= 1
                if self.steps < 0:
                    raise _OutOfSteps
                done[p] = True
                possible[p] = False
                possible[:, q] = False
                possible[p, q] = True
                left = np.flatnonzero(~done)
                fixed = np.flatnonzero(done)
                image = np.argmax(possible[fixed], axis=1)
                for own in (self.matrix, self.turned):
                    if own is None:
                        continue
                    if (np.abs(own[p][fixed] - own[q][image]) > self.tol).any():
                        return None
                    possible[left] &= np.abs(own[p][left, None] - own[q][None]) <= self.tol
            counts = possible.sum(axis=1)
            if not counts.all() or not possible.any(axis=0).all():
                return None
            forced = np.flatnonzero((counts == 1) & ~done)
            if not forced.size:
                return possible, done
            if (counts == 1).all():  # one permutation is left: compare all at once
                image = np.argmax(possible, axis=1)
                moved = self.matrix[np.ix_(image, image)]
                if (np.abs(moved - self.matrix) <= self.tol).all():
                    return possible, np.ones_like(done)
                return None
            waiting = [(int(p), int(np.argmax(possible[p]))) for p in forced]

    def element(
        self, state: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None
    ) -> NDArray[np.intp] | None:
        """Return a permutation among those that are possible, or ``None``."""
        if state is None:
            return None
        possible, done = state
        if done.all():
            return np.asarray(np.argmax(possible, axis=1), dtype=np.intp)
        counts = np.where(done, possible.shape[0] + 1, possible.sum(axis=1))
        p = int(np.argmin(counts))
        choices = np.flatnonzero(possible[p])
        if possible[p, p]:  # the identity first, else in order
            choices = np.concatenate(([p], choices[choices != p]))
        for q in choices.tolist():
            found = self.element(self.assigned(possible, done, [(p, q)]))
            if found is not None:
                return found
        return None


def permutations_within(
    matrix: NDArray[np.float64],
    tol: float,
    colors: NDArray[np.intp] | None = None,
    *,
    steps: int = STEPS,
) -> Near:
    """Return generators of the group of permutations that keep a matrix within a tolerance.

    Parameters
    ----------
    matrix
        ``(n, n)`` floats, n at most :data:`MAX_POINTS`.
    tol
        A permutation g is wanted if M[i^g, j^g] and M[i, j] differ by at most this much for all
        i and j.
    colors
        ``(n,)`` colours that permutations keep.
    steps
        The bound on the search.

    Notes
    -----
    Along a chain of stabilisers, for each possible image of the next point a permutation is looked
    for, by backtracking; whatever is left after each choice is narrowed down by the entries that
    are fixed, and before the first one by the sorted rows. O(n^2) for a step, O(n^3) before. Where
    the search ends and ``is_group`` holds, ``chain_order`` is the order of the group. As products
    may leave the tolerance, a permutation within it can lie outside the group in borderline cases;
    with ``tol=0`` it cannot.

    Examples
    --------
    >>> ring = np.array([[0, 1, 5, 1.01], [1, 0, 1, 5], [5, 1, 0, 1], [1.01, 5, 1, 0]])
    >>> permutations_within(ring, 0.05).chain_order, permutations_within(ring, 0.0).chain_order
    (8, 2)
    """
    n = len(matrix)
    search = _Search(matrix, tol, steps)
    own = np.zeros(n, dtype=np.intp) if colors is None else colors
    possible = _compatible(matrix, tol, own)
    generators: list[NDArray[np.intp]] = []
    order, complete = 1, True
    levels = []
    try:
        state = search.assigned(possible, np.zeros(n, dtype=np.bool_), [])
        while state is not None and not state[1].all():
            base = int(np.argmin(np.where(state[1], n + 1, state[0].sum(axis=1))))
            levels.append((base, state))
            state = search.assigned(*state, [(base, base)])
        for base, state in reversed(levels):
            failed: set[int] = set()
            labels = orbit_labels(generators, n)
            for image in np.flatnonzero(state[0][base]).tolist():
                if labels[image] == labels[base] or int(labels[image]) in failed:
                    continue
                found = search.element(search.assigned(*state, [(base, image)]))
                if found is None:
                    failed.add(int(labels[image]))
                    continue
                generators.append(found)
                before = labels
                labels = orbit_labels(generators, n)
                failed = {int(labels[np.argmax(before == x)]) for x in failed}
            order *= int((labels == labels[base]).sum())
    except _OutOfSteps:
        complete = False
    images = np.array(generators, dtype=np.intp).reshape(-1, n)
    spread = average_of_matrix(matrix, images, images).spread if len(images) else 0.0
    return Near(images, order, spread <= tol, complete)


def _compatible(
    matrix: NDArray[np.float64], tol: float, colors: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Return which points may go to which, by diagonal entries and sorted rows and columns."""
    diagonal = np.diag(matrix)
    out: NDArray[np.bool_] = (colors[:, None] == colors[None]) & (
        np.abs(diagonal[:, None] - diagonal[None]) <= tol
    )
    for own in (matrix,) if (matrix == matrix.T).all() else (matrix, matrix.T):
        for color in np.unique(colors):
            rows = np.sort(own[:, colors == color], axis=1)
            for i, row in enumerate(rows):
                for part in (slice(None, None, max(1, row.size // 8)), slice(None)):
                    alive = np.flatnonzero(out[i])
                    far = np.abs(rows[alive, part] - row[part]).max(axis=1, initial=0.0) > tol
                    out[i, alive[far]] = False
    return out
