"""Spectral transfer: how much energy goes from one simple to another."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from toolkit.modules.signed_module import SignedModule
from toolkit.pl.activations.activation import find_activation
from toolkit.pl.criterion.orbit import parts_of
from toolkit.pl.legality import require_legal_on
from toolkit.text import label_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from toolkit.modules.spherical import SphericalTable
    from toolkit.pl.activations.activation import Activation
    from toolkit.pl.criterion.orbit import AnyModule, Part

__all__ = [
    "error_of_parts",
    "legal_activation",
    "share_error",
    "transfer_error",
    "transfer_matrix",
    "transfer_of_parts",
    "transfer_of_table",
]

_ACCEPTED_ERROR = 1e-11


def transfer_matrix(
    X: AnyModule, activation: object, *, bias: bool = False, variance: float = 1.0
) -> NDArray[np.float64]:
    r"""Return the expected shares of energy that go from simple to simple.

    .. math::
        T[L \to K] = \frac{m_K \dim K}{|G|} \sum_D |D|\, \varphi_K(D)\,
        \frac{\kappa(\varphi_L(D))}{\kappa(1)}

    Parameters
    ----------
    X
        A permutation module (transitive or not), a signed module, or a spherical table.
    activation
        See :func:`~toolkit.pl.activations.activation.find_activation`.
    bias
        Whether a Gaussian invariant of the same energy is added first, so that phi_L is replaced
        by (phi_L + 1)/2 inside kappa.
    variance
        Of each coordinate that the activation meets, in the transitive parts where there is
        anything to meet; in the others the activation meets 0.

    Raises
    ------
    UnsupportedActivationError
        If there are no shares: f is 0 wherever Gaussians of this variance fall, is not square
        integrable there, or changes too fast to be integrated.
    IllegalActivationError
        If the module has signs and the activation is not odd.

    Returns
    -------
    numpy.ndarray
        ``(simples, simples)`` float64: row L, column K, in canonical order: the expected share of
        the energy of f(v) that lies in K, v Gaussian in the L-isotypic part. Rows add up to 1.

    Notes
    -----
    No sampling. In float64 where the sum of the absolute values of the terms shows that eleven
    digits are right (or as many as the activation's dual function has); with as many digits as it
    takes otherwise (large groups). :func:`transfer_error` states the error; kappa is scaled, so
    that no variance and no coefficient is too large or too small for it.

    Examples
    --------
    >>> import toolkit as tk
    >>> tk.transfer_matrix(tk.group("C2").regular_module(), "relu").round(3).tolist()
    [[1.0, 0.0], [0.5, 0.5]]
    """
    f = legal_activation(X, activation)
    parts = parts_of(X)
    found = {label for part in parts for label in part.labels}
    labels = sorted(found, key=label_key)
    return transfer_of_parts(parts, labels, f, bias=bias, variance=variance)


def transfer_error(
    X: AnyModule, activation: object, *, bias: bool = False, variance: float = 1.0
) -> float:
    """Return an estimate of the largest error of an entry of :func:`transfer_matrix`.

    Parameters
    ----------
    X, activation, bias, variance
        As there.

    Notes
    -----
    The error of the dual function (rounding for a closed form, the estimate of
    :mod:`toolkit.pl.gaussian.quadrature` else), multiplied by what the sum over the double cosets
    does to it at most; 1e-10 where more digits than float64 were taken.

    Examples
    --------
    >>> import toolkit as tk
    >>> transfer_error(tk.group("C8").regular_module(), "tanh", variance=1e4) < 1e-12
    True
    """
    f = legal_activation(X, activation)
    return error_of_parts(parts_of(X), f, bias=bias, variance=variance)


def error_of_parts(
    parts: Sequence[Part], f: Activation, *, bias: bool = False, variance: float = 1.0
) -> float:
    """Return the estimate of :func:`transfer_error` for a module given by its parts."""
    worst = 0.0
    for part in {id(p): p for p in parts}.values():
        kappa = _kappa(part, f, bias and part.trivial is not None, variance)
        rounding = 32 * np.finfo(float).eps * np.abs(kappa)
        if share_error(part, rounding) >= _ACCEPTED_ERROR:
            worst = max(worst, 1e-10)
            continue
        worst = max(worst, share_error(part, rounding + f.ratio_error(variance)))
    return worst


def legal_activation(X: AnyModule, activation: object) -> Activation:
    """Return the activation, or raise IllegalActivationError if the module's signs forbid it."""
    f = find_activation(activation)
    return require_legal_on(X, f) if isinstance(X, SignedModule) else f


def transfer_of_table(
    table: SphericalTable, activation: object, *, bias: bool = False, variance: float = 1.0
) -> NDArray[np.float64]:
    """Return the transfer matrix from the spherical table; see :func:`transfer_matrix`."""
    return transfer_matrix(table, activation, bias=bias, variance=variance)


def transfer_of_parts(
    parts: Sequence[Part],
    labels: Sequence[str],
    f: Activation,
    *,
    bias: bool = False,
    variance: float = 1.0,
) -> NDArray[np.float64]:
    """Return the transfer matrix of a module given by its parts; see :func:`transfer_matrix`."""
    if len(parts) == 1:
        return _transfer_of_part(parts[0], f, bias, variance)
    place = {label: i for i, label in enumerate(labels)}
    # the energy f(0)^2 of a silent coordinate, relative to that of another
    silent = 1.0
    if not bias:
        zero = abs(f.at_zero)
        silent = math.exp(2 * math.log(zero) - f.log_energy(variance)) if zero else 0.0
    out = np.zeros((len(labels), len(labels)))
    own: dict[int, NDArray[np.float64]] = {}
    for part in parts:
        if id(part) not in own:
            own[id(part)] = _transfer_of_part(part, f, bias, variance)
        where = np.array([place[label] for label in part.labels], dtype=np.intp)
        out[np.ix_(where, where)] += part.coordinates * own[id(part)]
        if part.trivial is not None:
            rest = np.setdiff1d(np.arange(len(labels)), where)
            out[rest, place[part.trivial]] += part.coordinates * silent
    total: NDArray[np.float64] = out / out.sum(axis=1, keepdims=True)
    return total


def share_error(part: Part, slack: NDArray[np.float64]) -> float:
    """Return what errors of at most ``slack`` in kappa(phi_L(D))/kappa(1) do to a share at most.

    Parameters
    ----------
    part
        The transitive part.
    slack
        ``(simples, columns)``.
    """
    return float((_energies(part) * (slack @ (np.abs(part.floats) * _weights(part)).T)).max())


def _energies(part: Part) -> NDArray[np.float64]:
    pairs = zip(part.multiplicities, part.dimensions, strict=True)
    return np.array([float(m * d) for m, d in pairs])


def _weights(part: Part) -> NDArray[np.float64]:
    return np.array([size / part.table.group_order for size in part.sizes])


def _transfer_of_part(
    part: Part, f: Activation, bias: bool, variance: float
) -> NDArray[np.float64]:
    bias = bias and part.trivial is not None
    phi = part.floats
    kappa = _kappa(part, f, bias, variance)
    # each term carries a few rounding errors of its own size
    eps = 32 * np.finfo(float).eps
    if share_error(part, eps * np.abs(kappa)) < _ACCEPTED_ERROR:
        out: NDArray[np.float64] = _energies(part) * (kappa @ (phi * _weights(part)).T)
    else:
        from toolkit.pl.transfer.high_precision import precise_transfer

        out = precise_transfer(part, f, bias, variance)
    return np.clip(out, 0.0, 1.0)


def _kappa(part: Part, f: Activation, bias: bool, variance: float) -> NDArray[np.float64]:
    """Return kappa(phi_L(D)) / kappa(1), ``(simples, columns)``, 1 and -1 being met exactly."""
    phi = np.where(part.plus, 1.0, np.where(part.minus, -1.0, part.floats))
    return f.dual_ratio((phi + 1) / 2 if bias else phi, variance)
