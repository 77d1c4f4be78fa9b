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
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from toolkit.exact.matrix import ExactMatrix
    from toolkit.modules.gsets.actions import IntArray, SchreierForest

    Word = tuple[int, ...]

#: Primes that a proof may take: beyond, exact matrices are checked modulo a few and as floats.
_MOST_PRIMES = 200
_FEW_PRIMES = 3

#: Rounds of the refinement of float matrices.
_MOST_ROUNDS = 12


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


def refined(
    regular: IntArray, matrices: NDArray[np.float64], enough: float
) -> tuple[NDArray[np.float64], float]:
    """Return matrices nearby that obey the relations to rounding, and their largest deviation.

    Parameters
    ----------
    regular
        ``(k, N)`` images of the generators on the regular module.
    matrices
        ``(k, d, d)`` that obey them to a few digits.
    enough
        The deviation to reach.

    Notes
    -----
    With rho(x) the product along the tree, the mean over x of rho(x)^-1 rho(x g) is taken as the
    new matrix of g; the deviation falls to its square each time (Grove, Karcher and Ruh 1974).

    Examples
    --------
    >>> turn = np.array([[[-0.5, -0.866], [0.866, -0.5]]])
    >>> found, residual = refined(np.array([[1, 2, 0]]), turn, 1e-14)
    >>> found.round(6).tolist(), residual < 1e-14
    ([[[-0.5, -0.866025], [0.866025, -0.5]]], True)
    """
    best, residual = matrices, float_broken_relation(regular, matrices, np.inf)[1]
    forest = schreier_forest(regular)
    for _ in range(_MOST_ROUNDS):
        if residual <= enough:
            break
        products = _tree_products(forest, best)
        inverses: NDArray[Any] = np.linalg.inv(products)
        found = np.array([(inverses @ products[step]).mean(axis=0) for step in regular])
        now = float_broken_relation(regular, found, np.inf)[1]
        if not now < residual:
            break
        best, residual = found, now
    return best, residual


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
    letters = int(forest.depth.max()) + 1
    return _by_primes(
        matrices,
        degree,
        letters,
        lambda rho, prime: _broken_modulo(forest, regular, rho, prime),
    )


def float_broken_relator(
    relators: Sequence[Sequence[int]], matrices: NDArray[np.float64], tol: float
) -> tuple[Word | None, float]:
    """Return :func:`float_broken_relation` from the relators of a presentation.

    Parameters
    ----------
    relators
        Words that define the group on its generators, ``~g`` for an inverse.
    matrices, tol
        As there.

    Examples
    --------
    >>> float_broken_relator([(0, 0, 0)], np.array([[[-1.0]]]), 1e-9)[0]
    (0, 0, 0)
    """
    letters = np.concatenate([matrices, np.linalg.inv(matrices)[::-1]])  # ~g is -1 - g
    worst, word = 0.0, None
    for relator in relators:
        product = np.eye(matrices.shape[-1])
        size = 1.0
        for g in relator:
            product = product @ letters[g]
            size = max(size, float(np.abs(product).max()))
        away = float(np.abs(product - np.eye(len(product))).max()) / size
        if not away <= worst:
            worst, word = away, tuple(relator)
    return (word if not worst <= tol else None), worst


def exact_broken_relator(
    relators: Sequence[Sequence[int]], matrices: Sequence[ExactMatrix], degree: int
) -> tuple[Word | None, bool]:
    """Return :func:`exact_broken_relation` from the relators of a presentation.

    Examples
    --------
    >>> from toolkit.exact.matrix import ExactMatrix
    >>> exact_broken_relator([(0, 0, 0), (0, ~0)], [ExactMatrix.of([[0, -1], [1, -1]])], 2)
    (None, True)
    """
    if not matrices or not relators:
        return None, True
    both = [*matrices, *(matrix.inverse() for matrix in reversed(matrices))]

    def broken(rho: NDArray[np.int64], prime: int) -> Word | None:
        for relator in relators:
            product = np.eye(degree, dtype=np.int64)
            for g in relator:
                product = residue_product(product, rho[g], prime)
            if not np.array_equal(product, np.eye(degree, dtype=np.int64)):
                return tuple(relator)
        return None

    return _by_primes(both, degree, max(map(len, relators)), broken)


def _by_primes(
    matrices: Sequence[ExactMatrix],
    degree: int,
    letters: int,
    broken: Callable[[NDArray[np.int64], int], Word | None],
) -> tuple[Word | None, bool]:
    """Check relations of so many letters modulo as many primes as a proof takes, or a few."""
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
        found = broken(residues_of(field, matrices, degree), field.prime)
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
