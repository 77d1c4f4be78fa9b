r"""Averages over a group that is known by its generators' matrices only.

The average of x over a group is the projection of x to what the group fixes. It needs no list of
elements: for random elements w, x -> (x + w x) / 2 keeps the fixed part and halves the square of
the rest on average, so that some hundred steps reach rounding, whatever the order of the group.
The elements are a few fixed products of the generators, the same in every representation: random
walks along so few random elements mix in O(log |G|) steps (Alon and Roichman 1994). Whether the
result is fixed is measured on the generators.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import InconsistentAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

_SLOTS = 12
_STEPS = 5  # products per slot before the elements are taken
_CHECKED = 48  # steps between two looks at the residual
_MOST_STEPS = 9600
_SEED = 11  # of the starts; what is chosen in the end does not depend on them
_WORTH = 0.37  # a coordinate is taken if its square is at least this much of the largest


class RandomElements:
    """A few random elements of a group, as they act in several representations.

    Parameters
    ----------
    representations
        Per representation ``(k, d, d)`` the matrices of the generators.

    Notes
    -----
    Deterministic: the i-th element is the same group element in each representation. Product
    replacement, with few enough steps that rounding errors stay near 1e-15.

    Examples
    --------
    >>> found = RandomElements([np.array([[[0.0, 1], [1, 0]]]), np.array([[[-1.0]]])])
    >>> bool(np.linalg.det(found[3][0]).round(6) == found[3][1][0, 0])
    True
    """

    def __init__(self, representations: Sequence[NDArray[np.float64]]) -> None:
        k = len(representations[0])
        rows = [[rho[g] for rho in representations] for g in range(k)]
        rows = rows or [[np.eye(rho.shape[-1]) for rho in representations]]
        count = max(_SLOTS, len(rows) + 2)
        self._slots = [rows[i % len(rows)] for i in range(count)]
        chance = random.Random(count)
        for _ in range(_STEPS * count if k else 0):
            i, j = chance.sample(range(count), 2)
            a, b = (i, j) if chance.random() < 0.5 else (j, i)
            self._slots[i] = [x @ y for x, y in zip(self._slots[a], self._slots[b], strict=True)]

    def __len__(self) -> int:
        return len(self._slots)

    def __getitem__(self, i: int) -> list[NDArray[np.float64]]:
        """Return the i-th element's matrix in each representation."""
        return self._slots[i]


def invariant_part(
    start: NDArray[np.float64],
    count: int,
    element: Callable[[int, NDArray[np.float64]], NDArray[np.float64]],
    residual: Callable[[NDArray[np.float64]], float],
) -> tuple[NDArray[np.float64], float]:
    """Return the projection of an array to what a group fixes, and how far it is from fixed.

    Parameters
    ----------
    start
        Any array.
    count
        The number of random elements.
    element
        ``element(i, x)``: how the i-th of them acts.
    residual
        How far an array is from being fixed by the generators, relative to its size.

    Returns
    -------
    numpy.ndarray, float
        The fixed array and its residual, as small as rounding allows.

    Raises
    ------
    InconsistentAnswerError
        If the average does not converge: then the matrices generate no finite group.
    """
    chance = random.Random(count)
    x = start
    best = x, residual(x)
    stale = 0
    for step in range(1, _MOST_STEPS + 1):
        x = (x + element(chance.randrange(count), x)) / 2
        if step % _CHECKED:
            continue
        now = residual(x)
        stale = stale + 1 if now > best[1] / 4 else 0
        if now < best[1]:
            best = x, now
        if not np.isfinite(now) or (stale >= 2 and best[1] < 1e-9) or stale >= 20:
            break
    return best


def invariant_form(matrices: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return an inner product that a finite group of matrices keeps, and how well.

    Parameters
    ----------
    matrices
        ``(k, d, d)``: the generators, acting on columns.

    Returns
    -------
    numpy.ndarray, float
        ``(d, d)`` symmetric and positive definite: the average Q of ρ(g)^T ρ(g), and the largest
        entry of ρ(g)^T Q ρ(g) - Q over the generators, relative to the largest of Q.

    Raises
    ------
    InconsistentAnswerError
        If none is found: the matrices generate no finite group.

    Examples
    --------
    >>> form, residual = invariant_form(np.array([[[0.0, 2.0], [0.5, 0.0]]]))
    >>> (form / form[0, 0]).round(12).tolist(), residual < 1e-14
    ([[1.0, 0.0], [0.0, 4.0]], True)
    """
    d = matrices.shape[-1]
    elements = RandomElements([matrices])

    def residual(form: NDArray[np.float64]) -> float:
        moved = matrices.transpose(0, 2, 1) @ form @ matrices
        return float(np.abs(moved - form).max(initial=0.0) / np.abs(form).max(initial=1e-300))

    form, found = invariant_part(
        np.eye(d), len(elements), lambda i, q: elements[i][0].T @ q @ elements[i][0], residual
    )
    form = (form + form.T) / 2
    values = np.linalg.eigvalsh(form)
    if not (found < 1e-3 and values[0] > 0):
        raise InconsistentAnswerError(
            "these matrices", "an inner product that they keep", f"a residual of {found:.1e}"
        )
    return form, found


def intertwiners(
    subject: str,
    target: NDArray[np.float64],
    source: NDArray[np.float64],
    dimension: int,
    elements: RandomElements,
    places: tuple[int, int],
) -> NDArray[np.float64]:
    """Return an orthonormal basis of the equivariant maps between orthogonal representations.

    Parameters
    ----------
    subject
        For errors.
    target, source
        ``(k, n, n)`` and ``(k, d, d)`` orthogonal matrices of the generators.
    dimension
        The dimension of the space, known exactly.
    elements, places
        Random elements, and which of their representations target and source are.

    Returns
    -------
    numpy.ndarray
        ``(dimension, n, d)``, orthonormal in the Frobenius product.

    Raises
    ------
    InconsistentAnswerError
        If the space has another dimension.
    """
    n, d = target.shape[-1], source.shape[-1]
    count = min(dimension + 1, n * d)
    start = np.random.RandomState(_SEED).standard_normal((n, d * count))

    def act(a: NDArray[np.float64], b: NDArray[np.float64], x: Any) -> Any:  # noqa: ANN401
        # x has the maps side by side, each transposed to (d, count) in its columns
        moved = (a @ x).reshape(n, d, count)
        return np.einsum("ij,njc->nic", b, moved, optimize=True).reshape(n, d * count)

    def residual(x: NDArray[np.float64]) -> float:
        size = np.abs(x).max(initial=1e-300)
        return max(
            (
                float(np.abs(act(a, b, x) - x).max() / size)
                for a, b in zip(target, source, strict=True)
            ),
            default=0.0,
        )

    found, worst = invariant_part(
        start,
        len(elements),
        lambda i, x: act(elements[i][places[0]], elements[i][places[1]], x),
        residual,
    )
    maps = found.reshape(n * d, count)
    u, singular, _ = np.linalg.svd(maps, full_matrices=False)
    size = float(singular[0]) if dimension else 1.0
    kept, lost = singular[:dimension], singular[dimension:]
    if worst > 1e-6 or (kept < 1e-6 * size).any() or (lost > 1e-6 * size).any():
        raise InconsistentAnswerError(
            subject,
            f"{dimension} independent equivariant maps",
            f"singular values {', '.join(f'{s:.1e}' for s in singular[:8])}",
        )
    out: NDArray[np.float64] = u[:, :dimension].T.reshape(dimension, n, d)
    return out


def chosen_copies(
    maps: NDArray[np.float64], units: NDArray[np.float64], copies: int
) -> NDArray[np.float64]:
    """Return isometric copies of a simple that are orthogonal over D, chosen by coordinates.

    Parameters
    ----------
    maps
        ``(m e, n, d)`` an orthonormal basis of Hom_G(L, V).
    units
        ``(e, d, d)`` the units of D as they act on L from the right, 1 first.
    copies
        m.

    Returns
    -------
    numpy.ndarray
        ``(m, d, n)`` the rows of each copy. They depend on the space alone, not on its basis: the
        j-th copy is the projection of a coordinate of V to the first row, orthogonalised over D;
        coordinates are taken in turn, as long as they give a new direction.
    """
    size, _, d = maps.shape
    turned = [np.einsum("anj,bnk,kj->ab", maps, maps, unit) for unit in units[1:]]
    rows = maps[:, :, 0].T.copy()  # the projections of the coordinates
    frame: list[NDArray[np.float64]] = []
    for _ in range(copies):
        norms = (rows**2).sum(axis=1)
        v = rows[int(np.argmax(norms > _WORTH * norms.max()))]
        v = v / np.linalg.norm(v)
        for _ in range(2):
            for other in frame:
                v = v - other * (other @ v)
            v = v / np.linalg.norm(v)
        line = np.array([v, *(unit @ v for unit in turned)])
        rows -= (rows @ line.T) @ line
        frame.extend(line)
    first = np.array(frame[:: len(units)]).reshape(copies, size)
    out: NDArray[np.float64] = np.einsum("ca,anj->cjn", first, maps) * np.sqrt(d)
    return out
