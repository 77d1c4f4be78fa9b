"""Spectral transfer: how much energy goes from one simple to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.modules.permutation_module import require_module
from toolkit.pl.activations import Activation, find_activation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.modules.spherical import SphericalTable

__all__ = ["transfer_matrix", "transfer_of_table"]

_ACCEPTED_ERROR = 1e-11


def transfer_matrix(
    X: PermutationModule, activation: str | Activation, *, bias: bool = False
) -> NDArray[np.float64]:
    """Return the transfer matrix of a transitive module; see :func:`transfer_of_table`.

    Examples
    --------
    >>> import toolkit as tk
    >>> tk.transfer_matrix(tk.group("C2").regular_module(), "relu").round(3).tolist()
    [[1.0, 0.0], [0.5, 0.5]]
    """
    require_module(X)
    return transfer_of_table(X.spherical_table, activation, bias=bias)


def transfer_of_table(
    table: SphericalTable, activation: str | Activation, *, bias: bool = False
) -> NDArray[np.float64]:
    r"""Return the transfer matrix of a transitive module.

    .. math::
        T[L \to K] = \frac{m_K \dim K}{|G|} \sum_D |D|\, \varphi_K(D)\,
        \frac{\kappa(\varphi_L(D))}{\kappa(1)}

    Parameters
    ----------
    table
        The module's spherical table.
    activation
        See :func:`~toolkit.pl.activations.find_activation`.
    bias
        Whether a Gaussian constant of the same energy is added to v first (so that
        phi_L is replaced by (phi_L + 1)/2 inside kappa).

    Returns
    -------
    numpy.ndarray
        ``(simples, simples)`` float64: row L, column K, the expected share of the energy of f(v)
        that lies in K, v Gaussian in the L-isotypic part. Rows add up to 1.

    Notes
    -----
    No sampling. In float64 where the sum of the absolute values of the terms shows that at
    least eleven digits are right; with as many digits as it takes otherwise (large groups).
    """
    import numpy as np

    f = find_activation(activation)
    phi = table.to_numpy()
    weights = np.array([size / table.group_order for size in table.sizes])
    energy = np.array([float(s.multiplicity * s.dimension) for s in table.simples])
    kappa = f.dual((phi + 1) / 2 if bias else phi) / f.dual_at_one
    # each term carries a few rounding errors of its own size
    worst = 32 * np.finfo(float).eps * energy * (np.abs(kappa) @ (np.abs(phi) * weights).T)
    if float(worst.max()) < _ACCEPTED_ERROR:
        out: NDArray[np.float64] = energy * (kappa @ (phi * weights).T)
    else:
        out = _transfer_in_fixed_point(table, f, bias)
    return np.clip(out, 0.0, 1.0)


def _transfer_in_fixed_point(
    table: SphericalTable, f: Activation, bias: bool
) -> NDArray[np.float64]:
    """Compute the same sum with integers scaled by a power of two that outweighs cancellation."""
    import mpmath
    import numpy as np

    energy = [s.multiplicity * s.dimension for s in table.simples]
    # an error of 2^-bits in kappa or phi is multiplied by at most the energy
    bits = max(energy).bit_length() + 64
    with mpmath.workprec(bits + 40):
        scale = mpmath.mpf(2) ** bits

        def fixed(x: object) -> int:
            return int(mpmath.nint(x * scale))

        phi_values, kappa_values = [], []
        one = mpmath.mpf(f.even) ** 2 + mpmath.mpf(f.linear) ** 2
        for value in table.values:
            t = mpmath.fsum(
                mpmath.mpf(n) / d * mpmath.cospi(mpmath.mpf(2 * e) / value.conductor)
                for e, n, d in value.terms
            )
            t = min(max(t, mpmath.mpf(-1)), mpmath.mpf(1))
            phi_values.append(fixed(t))
            t = (t + 1) / 2 if bias else t
            absolute = 2 / mpmath.pi * (mpmath.sqrt(1 - t * t) + t * mpmath.asin(t))
            kappa_values.append(
                fixed((mpmath.mpf(f.even) ** 2 * absolute + mpmath.mpf(f.linear) ** 2 * t) / one)
            )
        rows = [s.row for s in table.simples]
        phi = np.array([[phi_values[v] for v in row] for row in rows], dtype=object)
        kappa = np.array([[kappa_values[v] for v in row] for row in rows], dtype=object)
    weighted = phi * np.array(table.sizes, dtype=object)
    product = kappa @ weighted.T
    denominator = table.group_order << (2 * bits)
    return np.array(
        [[m * int(x) / denominator for m, x in zip(energy, row, strict=True)] for row in product],
        dtype=np.float64,
    )
