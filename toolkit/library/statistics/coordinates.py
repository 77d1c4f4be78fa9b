"""Fourier coordinates and invariant parts of functions, for arrays and tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from toolkit.errors import NotAvailable
from toolkit.library.fourier import fourier_basis
from toolkit.library.invariant_vectors import trivial_rows
from toolkit.library.statistics.arrays import constant, einsum, index, means_by_label
from toolkit.modules.invariant_functions import invariant_functions
from toolkit.modules.kept import kept
from toolkit.text import is_local

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.fourier.adapted import FourierSimple
    from toolkit.modules.module import Module


class FourierTables(NamedTuple):
    """A Fourier basis as two matrices.

    Parameters
    ----------
    analysis
        ``(n, n)`` float64: from functions to coordinates.
    synthesis
        ``(n, n)`` float64: its inverse, the transpose where the module is orthogonal.
    simples
        By label the simples that occur, and where their rows are.
    """

    analysis: NDArray[np.float64]
    synthesis: NDArray[np.float64]
    simples: dict[str, FourierSimple]

    @property
    def dual(self) -> FourierTables:
        """The basis of the dual module: the same where the module is orthogonal."""
        return FourierTables(self.synthesis.T, self.analysis.T, self.simples)


def fourier_tables(X: Module) -> FourierTables:
    """Return the Fourier basis of a module as matrices.

    Raises
    ------
    NotAvailable
        If the basis is out of reach.

    Examples
    --------
    >>> import toolkit as tk
    >>> tables = fourier_tables(tk.group("S3").natural_module())
    >>> list(tables.simples), tables.analysis.shape
    (['L0', 'L2'], (3, 3))
    """

    def make() -> FourierTables:
        basis = fourier_basis(X)
        return FourierTables(basis.matrix, basis.inverse, {s.label: s for s in basis.simples})

    return kept(X, X, "Fourier basis", make)


def fourier_tables_of(X: Module, Y: Module) -> tuple[FourierTables, FourierTables]:
    """Return the Fourier bases of X and of Y, with labels in common.

    Raises
    ------
    NotAvailable
        If one is out of reach, or simples are known within each module only.

    Examples
    --------
    >>> import toolkit as tk
    >>> G = tk.group("S3")
    >>> X, Y = fourier_tables_of(G.natural_module(), G.regular_module())
    >>> [s for s in X.simples if s in Y.simples]
    ['L0', 'L2']
    """
    source = fourier_tables(X)
    if X == Y:
        return source, source
    target = fourier_tables(Y)
    if any(is_local(label) for label in (*source.simples, *target.simples)):
        raise NotAvailable(
            X.group,
            f"Fourier blocks from {X.name} to {Y.name}",
            "simples are known within each module only",
        )
    return source, target


def invariant_part(X: Module, functions: Any) -> Any:  # noqa: ANN401 - an array or a tensor
    """Return the projection of functions ``(|X|, ...)`` to the invariant ones.

    For permutation and signed modules it is constant on orbits to the last bit, up to signs; it
    needs orbits only. For linear modules it is read off the Fourier basis.

    Examples
    --------
    >>> import toolkit as tk
    >>> invariant_part(tk.group("S3").natural_module(), np.array([1.0, 2.0, 6.0])).tolist()
    [3.0, 3.0, 3.0]
    """
    if not X.has_points:
        projector = kept(X, X, "projector", lambda: _projector(X))
        return einsum("pq,q...->p...", constant(projector, functions), functions)
    numbers, signs = kept(X, X, "invariant functions", lambda: invariant_functions(X))
    count = int(numbers.max(initial=-1)) + 1
    if not count:
        return functions * 0
    factor = constant(signs.astype(np.float64), functions)
    factor = factor.reshape(-1, *(1,) * (functions.ndim - 1))
    means = means_by_label(functions * factor, numbers, count)
    return means[index(np.maximum(numbers, 0), functions)] * factor


def _projector(X: Module) -> NDArray[np.float64]:
    basis = fourier_basis(X)
    rows = trivial_rows(basis)
    projector: NDArray[np.float64] = basis.inverse[:, rows] @ basis.matrix[rows]
    return projector
