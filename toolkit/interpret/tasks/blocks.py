r"""Functions on a group, simple by simple: energies, and the singular values of their blocks.

The part of a function f in a simple L is f_L(x) = tr(W_L rho_L(x)) up to a factor and the real
part, W_L a square matrix with m_L = dim L / dim D rows over D = End(L), the numbers R, C or H. Its
energy is the sum of the squares of the singular values of W_L, and f_L is one matrix coefficient
x -> <u, rho_L(x) v> if and only if W_L has rank one over D. Left and right translations multiply
W_L by unitary matrices on either side, so that energies and singular values depend neither on the
side from which the group acts, nor on the basis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.fourier.adapted import AdaptedBasis


def energies_of_simples(basis: AdaptedBasis, functions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the energy of functions in each simple.

    Parameters
    ----------
    basis
        A Fourier basis, of degree n.
    functions
        ``(n, N)`` float64, a function in each column.

    Returns
    -------
    numpy.ndarray
        ``(simples, N)`` float64, in the order of ``basis.simples``; columns add up to the squared
        norms, to rounding.

    Examples
    --------
    >>> import toolkit as tk
    >>> basis = tk.fourier_basis(tk.group("C4").regular_module())
    >>> energies_of_simples(basis, np.array([[1.0, 1], [0, 1], [0, 1], [0, 1]])).round(9) + 0.0
    array([[0.25, 4.  ],
           [0.25, 0.  ],
           [0.5 , 0.  ]])
    """
    coordinates = basis.analyse(functions)
    return np.array([np.square(coordinates[s.rows]).sum(axis=0) for s in basis.simples])


def block_singular_values(
    basis: AdaptedBasis, functions: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Return the singular values of the blocks W_L of functions on a group.

    Parameters
    ----------
    basis
        The Fourier basis of a regular module, of degree n = |G|.
    functions
        ``(n, N)`` float64, a function in each column.

    Returns
    -------
    dict
        Per label ``(N, m_L)`` float64, falling: of a matrix over R, C or H, by the type of L. The
        sum of their squares is the energy in L.

    Notes
    -----
    O(N m_L^3). Over H they are those of the complex matrix of twice the size, where each occurs
    twice.

    Examples
    --------
    >>> import toolkit as tk
    >>> basis = tk.fourier_basis(tk.group("Q8").regular_module())
    >>> values = block_singular_values(basis, np.eye(8)[:, :1])  # a point mass
    >>> {label: value[0].round(6).tolist() for label, value in values.items() if label == "L4"}
    {'L4': [0.707107]}
    """
    coordinates = basis.analyse(functions)
    out: dict[str, NDArray[np.float64]] = {}
    for s in basis.simples:
        shape = (-1, s.multiplicity, s.positions, s.endomorphism_dimension)
        block = coordinates[s.rows].T.reshape(shape).swapaxes(1, 2)  # the group acts on the rows
        values = np.linalg.svd(_as_complex(block), compute_uv=False).astype(np.float64)
        out[s.label] = values[:, ::2] if s.endomorphism_dimension == 4 else values
    return out


def _as_complex(block: NDArray[np.float64]) -> NDArray[np.complex128] | NDArray[np.float64]:
    """Return matrices over R, C or H, ``(N, rows, columns, dim D)``, as ones over R or C."""
    if block.shape[-1] == 1:
        return block[..., 0]
    if block.shape[-1] == 2:
        return np.asarray(block[..., 0] + 1j * block[..., 1])
    a, b, c, d = np.moveaxis(block, -1, 0)
    one, other = a + 1j * b, c + 1j * d
    return np.block([[one, other], [-other.conj(), one.conj()]])
