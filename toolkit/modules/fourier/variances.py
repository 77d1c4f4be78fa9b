r"""Random equivariant maps with a prescribed variance on every simple, without characters.

Let W : Fun X -> Fun Y be random with independent weights w_o of variance 1/|o| on the orbitals o:
Gaussian in an orthonormal basis of the equivariant maps. Put K_X = sum over the orbitals o of
X x X of T_o T_o^T / |o|, T_o the 0/1 matrix. With the orthonormal basis (1 x e_ij c) / sqrt(dim L)
of End(Fun X), where e_ij are matrix units and c runs over the units of D = End(L), the same sum is

.. math:: K_X = \sum_L \frac{m_L \dim D}{\dim L} \, p_L,

since a sum over an orthonormal basis does not depend on the basis. A block W_L of the random W
has entries of variance 1/dim L, so that W K_X^{-1/2} has entries of variance 1 / (m_L(X) dim D):
each simple keeps its variance. More generally W -> a W K_X + b K_Y W is symmetric, multiplies W_L
by (a m_L(X) + b m_L(Y)) dim D / dim L, and its inverse square root applied to W makes the
variance 1 / ((a m_L(X) + b m_L(Y)) dim D). For regular modules K_X = 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def multiplicity_operator(
    labels: NDArray[np.integer], signs: NDArray[np.integer] | None, count: int
) -> NDArray[np.float64]:
    """Return K_X, ``(n, n)``, from the table of labels of X x X (-1 where every map vanishes).

    Notes
    -----
    A sum of rational numbers with denominators |o|, in floating point; O(n^3 / orbits) at worst,
    done as products of one row of each orbit with all: O(n^2) per orbital that is met.

    Examples
    --------
    >>> multiplicity_operator(np.array([[0, 1], [1, 0]]), None, 2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    sizes = np.bincount(labels[labels >= 0].ravel(), minlength=count)
    weight = np.zeros(count + 1)
    weight[:-1] = 1 / np.maximum(sizes, 1)
    n = len(labels)
    # K is constant on orbitals: one row for each orbit of points is enough
    diagonal = labels[np.arange(n), np.arange(n)]
    _, bases = np.unique(diagonal, return_index=True)
    values = np.zeros(count + 1)
    for base in bases.tolist():
        same = labels == labels[base]
        amount = weight[labels[base]]
        if signs is not None:
            amount = amount * signs[base]
            row = (same * signs) @ amount
            values[labels[base]] = row * signs[base]
        else:
            row = same @ amount
            values[labels[base]] = row
    values[-1] = 0.0
    out: NDArray[np.float64] = values[labels]
    return out if signs is None else np.asarray(out * signs, dtype=np.float64)


def variance_operator(
    rows: NDArray[np.integer],
    columns: NDArray[np.integer],
    labels: NDArray[np.integer],
    signs: NDArray[np.integer] | None,
    source: NDArray[np.float64] | None,
    target: NDArray[np.float64] | None,
) -> NDArray[np.float64]:
    """Return the matrix that turns independent normal numbers into weights with such variances.

    Parameters
    ----------
    rows, columns
        ``(R,)`` an entry (y, x) of each orbital.
    labels, signs
        ``(m, n)`` the table of Y x X, with -1 and 0 where every map vanishes.
    source, target
        a K_X and b K_Y, or ``None`` for a factor 0.

    Returns
    -------
    numpy.ndarray
        ``(R, R)``: its product with independent standard normal numbers are orbit weights.
    """
    count = len(rows)
    sizes = np.bincount(labels[labels >= 0].ravel(), minlength=count).astype(np.float64)
    operator = np.zeros((count, count))
    for o, (y, x) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
        here = 1 if signs is None else int(signs[y, x])
        # entry (y, x) of W K is row y of W times column x of K; of K W, row y of K times column x
        for line, factor in (
            (np.s_[y, :], None if source is None else source[:, x]),
            (np.s_[:, x], None if target is None else target[y]),
        ):
            if factor is not None:
                table = labels[line]
                amount = factor if signs is None else factor * signs[line]
                alive = table >= 0
                operator[o] += here * np.bincount(table[alive], amount[alive], minlength=count)
    root = np.sqrt(sizes)
    symmetric = operator * root[:, None] / root
    symmetric = (symmetric + symmetric.T) / 2
    values, vectors = np.linalg.eigh(symmetric)
    inverse = (vectors / np.sqrt(np.maximum(values, 1e-12))) @ vectors.T
    result: NDArray[np.float64] = inverse / root[:, None]
    return result
