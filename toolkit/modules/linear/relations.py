"""Whether matrices obey the relations of a group: on floats measured, on exact entries proved.

A group is listed by its regular module; a spanning tree of its Cayley graph gives every element a
word, hence a product of matrices. The matrices are a representation exactly if along every edge
of the graph, from x to x g, the product of x times the matrix of g is the product of x g.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.exact.residues import ResidueField, residue_field, residue_product
from toolkit.exact.vanishing import real_degree
from toolkit.modules.gsets.actions import schreier_forest
from toolkit.modules.linear.characters import denominators, residues_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from toolkit.exact.matrix import ExactMatrix
    from toolkit.modules.gsets.actions import IntArray, SchreierForest

    Word = tuple[int, ...]

#: Primes that a proof may take: beyond, exact matrices are checked modulo a few and as floats.
_MOST_PRIMES = 200
_FEW_PRIMES = 3


def float_broken_relation(
    regular: IntArray, matrices: NDArray[np.float64], tol: float
) -> tuple[Word | None, float]:
    """Return the relation that float matrices break most, if any, and the largest deviation.

    Parameters
    ----------
    regular
        ``(k, N)`` images of the generators on the regular module.
    matrices
        ``(k, d, d)``.
    tol
        The largest deviation allowed, relative to the largest entry of the products.

    Returns
    -------
    tuple or None
        A word that is 1 in the group; inverses are written as ``~g``.
    float
        The largest entry of a difference that should be 0, relative to the largest of the products.

    Notes
    -----
    O(k N d^3), in floating point.

    Examples
    --------
    >>> cycle = np.array([[1, 2, 0]])
    >>> float_broken_relation(cycle, np.array([[[-1.0]]]), 1e-9)[0]
    (0, 0, 0)
    """
    forest = schreier_forest(regular)
    products = _tree_products(forest, matrices)
    size = max(1.0, float(np.abs(products).max(initial=0.0)))
    worst, word = 0.0, None
    for g, step in enumerate(regular):
        away = np.abs(products @ matrices[g] - products[step]).max(axis=(1, 2)) / size
        element = int(np.argmax(np.where(np.isfinite(away), away, np.inf)))
        if not away[element] <= worst:
            worst = float(away[element])
            word = _relation(forest, element, g, int(step[element]))
    return (word if not worst <= tol else None), worst


def exact_broken_relation(
    regular: IntArray, matrices: Sequence[ExactMatrix], degree: int
) -> tuple[Word | None, bool]:
    """Return a relation that exact matrices break, if any, and whether all were proved.

    Parameters
    ----------
    regular
        ``(k, N)`` images of the generators on the regular module.
    matrices
        ``k`` matrices, real.
    degree
        Their size.

    Returns
    -------
    tuple or None
        A word that is 1 in the group but not for the matrices, with proof.
    bool
        Whether the others hold with proof: differences that vanish modulo enough primes are 0
        (:mod:`toolkit.exact.vanishing`). Otherwise, for large groups and fields, they hold modulo
        three primes.

    Examples
    --------
    >>> from toolkit.exact.matrix import ExactMatrix
    >>> cycle = np.array([[1, 2, 0]])
    >>> exact_broken_relation(cycle, [ExactMatrix.of([[0, -1], [1, -1]])], 2)
    (None, True)
    """
    if not matrices:
        return None, True
    forest = schreier_forest(regular)
    entries = [
        x if isinstance(x, Cyclotomic) else Cyclotomic.from_fraction(Fraction(x))
        for matrix in matrices
        for row in matrix.rows
        for x in row
    ]
    conductor = ResidueField.common_conductor(entries)
    below = denominators(entries)
    weights = np.array([float(x.weight) for x in entries]).reshape(-1, degree, degree)
    growth = max(1.0, float(weights.sum(axis=2).max()))
    letters = int(forest.depth.max()) + 1
    bits = letters * (math.log2(growth) + math.log2(below)) + 1
    needed = real_degree(conductor) * bits + 1
    proof = needed / 30 <= _MOST_PRIMES
    skip, have = 0, 0.0
    while have <= needed and (proof or skip < _FEW_PRIMES):
        field = residue_field(conductor, skip=skip)
        skip += 1
        if below % field.prime == 0:
            continue
        have += math.log2(field.prime)
        found = _broken_modulo(forest, regular, residues_of(field, matrices, degree), field.prime)
        if found is not None:
            return found, True
    return None, proof


def _broken_modulo(
    forest: SchreierForest, regular: IntArray, matrices: NDArray[np.int64], prime: int
) -> Word | None:
    products = _tree_products(forest, matrices, prime)
    for g, step in enumerate(regular):
        wrong = (_times(products, matrices[g], prime) != products[step]).any(axis=(1, 2))
        if wrong.any():
            element = int(np.argmax(wrong))
            return _relation(forest, element, g, int(step[element]))
    return None


def _tree_products(
    forest: SchreierForest, matrices: NDArray[Any], prime: int | None = None
) -> NDArray[Any]:
    """Return ``(N, d, d)`` the product of matrices along the tree's word of each element."""
    d = matrices.shape[-1]
    out = np.empty((len(forest.order), d, d), dtype=matrices.dtype)
    out[0] = np.eye(d, dtype=matrices.dtype)
    for level in forest.levels():
        for g in np.unique(forest.generator[level]).tolist():
            own = level[forest.generator[level] == g]
            out[own] = _times(out[forest.parent[own]], matrices[g], prime)
    return out


def _times(left: NDArray[Any], right: NDArray[Any], prime: int | None) -> NDArray[Any]:
    if prime is None:
        product: NDArray[Any] = left @ right
        return product
    rows = left.reshape(-1, left.shape[-1])
    return residue_product(rows, right, prime).reshape(left.shape)


def _relation(forest: SchreierForest, element: int, generator: int, end: int) -> Word:
    back = tuple(~h for h in reversed(forest.word(end)))
    return (*forest.word(element), generator, *back)
