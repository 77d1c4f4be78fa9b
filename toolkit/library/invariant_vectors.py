"""The invariant elements of a module: what biases are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.library.fourier import fourier_basis
from toolkit.modules.invariant_functions import invariant_functions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.fourier.adapted import AdaptedBasis, FourierSimple
    from toolkit.modules.module import Module


def invariant_vectors(module: Module) -> NDArray[np.float64]:
    """Return a basis of the elements that G fixes, ``(degree, invariants)``.

    On points it is made of the indicators of orbits, with signs; else it is read off the Fourier
    basis.
    """
    if module.has_points:
        numbers, signs = invariant_functions(module)
        matrix = np.zeros((module.degree, int(numbers.max(initial=-1)) + 1))
        points = np.flatnonzero(numbers >= 0)
        matrix[points, numbers[points]] = signs[points]
        return matrix
    basis = fourier_basis(module)
    vectors: NDArray[np.float64] = basis.inverse[:, trivial_rows(basis)]
    return vectors


def invariant_coordinates(module: Module) -> NDArray[np.float64]:
    """Return ``(invariants, degree)``: what reads the coefficients of an invariant element.

    Its product with :func:`invariant_vectors` is 1. It vanishes on all other simples.

    Examples
    --------
    >>> import toolkit as tk
    >>> invariant_coordinates(tk.group("C4").natural_module()).tolist()
    [[0.25, 0.25, 0.25, 0.25]]
    """
    if module.has_points:
        vectors = invariant_vectors(module)
        means: NDArray[np.float64] = (vectors / (vectors**2).sum(axis=0)).T
        return means
    basis = fourier_basis(module)
    rows: NDArray[np.float64] = basis.matrix[trivial_rows(basis)]
    return rows


def trivial_rows(basis: AdaptedBasis) -> list[int]:
    """Return the rows of a Fourier basis that belong to the trivial simple.

    Examples
    --------
    >>> import toolkit as tk
    >>> trivial_rows(tk.fourier_basis(tk.group("S3").natural_module()))
    [0]
    """
    return [
        row
        for simple in basis.simples
        if is_trivial(basis, simple)
        for row in range(simple.start, simple.start + simple.multiplicity)
    ]


def is_trivial(basis: AdaptedBasis, simple: FourierSimple) -> bool:
    """Whether G acts on a simple of a module as the identity."""
    # on a line an orthogonal matrix is 1 or -1
    return simple.dimension == 1 and bool((basis.models[simple.label] > 0).all())
