"""Spectral transfer: how much energy goes from one simple to another."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from toolkit.pl.criterion.of_module import labels_of, orbit_criteria
from toolkit.pl.legality import require_legal_on
from toolkit.pl.transfer.high_precision import precise_transfer, share_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from toolkit.pl.activations.activation import Activation
    from toolkit.pl.criterion.of_module import AnyModule
    from toolkit.pl.criterion.orbit import OrbitCriterion

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
        The variance of each coordinate on orbits with non-zero input; on the other orbits the input
        is 0.

    Returns
    -------
    numpy.ndarray
        ``(simples, simples)`` float64. Row L and column K, in canonical order, contain the expected
        share of the energy of f(v) that lies in K, for a Gaussian v in the L-isotypic part. Rows
        sum to 1.

    Raises
    ------
    UnsupportedActivationError
        If there are no shares: f is 0 wherever Gaussians of this variance have mass, is not square
        integrable, or changes too fast to be integrated.
    IllegalActivationError
        If the module has signs and the activation is not odd.

    Notes
    -----
    No sampling. Computed in float64 if the sum of the absolute values of the terms shows that
    eleven digits are right (or as many as the activation's dual function has), otherwise with as
    many digits as necessary (large groups). :func:`transfer_error` estimates the error. Because
    kappa is scaled, any variance and any coefficients are allowed.

    Examples
    --------
    >>> import toolkit as tk
    >>> tk.transfer_matrix(tk.group("C2").regular_module(), "relu").round(3).tolist()
    [[1.0, 0.0], [0.5, 0.5]]
    """
    f = require_legal_on(X, activation)
    return transfer_of_orbits(orbit_criteria(X), f, bias=bias, variance=variance)


def transfer_error(
    X: AnyModule, activation: object, *, bias: bool = False, variance: float = 1.0
) -> float:
    """Return an estimate of the largest error of an entry of :func:`transfer_matrix`.

    Parameters
    ----------
    X, activation, bias, variance
        As for :func:`transfer_matrix`.

    Returns
    -------
    float
        An estimate, not a bound.

    Notes
    -----
    The error of the dual function (rounding for a closed form, otherwise the estimate of
    :mod:`toolkit.pl.gaussian.quadrature`) times the largest factor by which the sum over the double
    cosets can enlarge it; or 1e-10 if more digits than those of float64 were needed.

    Examples
    --------
    >>> import toolkit as tk
    >>> transfer_error(tk.group("C8").regular_module(), "tanh", variance=1e4) < 1e-12
    True
    """
    f = require_legal_on(X, activation)
    return error_of_orbits(orbit_criteria(X), f, bias=bias, variance=variance)


def error_of_orbits(
    orbits: Sequence[OrbitCriterion], f: Activation, *, bias: bool = False, variance: float = 1.0
) -> float:
    """Return the estimate of :func:`transfer_error` for a module given by its orbits."""
    worst = 0.0
    for orbit in {id(p): p for p in orbits}.values():
        kappa = _kappa(orbit, f, bias and orbit.trivial is not None, variance)
        rounding = 32 * np.finfo(float).eps * np.abs(kappa)
        if not _is_accurate(orbit, rounding):
            worst = max(worst, 1e-10)
            continue
        worst = max(worst, share_error(orbit, rounding + f.ratio_error(variance)))
    return worst


def transfer_of_orbits(
    orbits: Sequence[OrbitCriterion],
    f: Activation,
    *,
    bias: bool = False,
    variance: float = 1.0,
) -> NDArray[np.float64]:
    """Return the transfer matrix of a module given by its orbits; see :func:`transfer_matrix`."""
    if len(orbits) == 1:
        return _transfer_of_orbit(orbits[0], f, bias, variance)
    labels = labels_of(orbits)
    place = {label: i for i, label in enumerate(labels)}
    # the energy f(0)^2 of a silent coordinate, relative to that of another
    silent = 1.0
    if not bias:
        zero = abs(f.at_zero)
        silent = math.exp(2 * math.log(zero) - f.log_energy(variance)) if zero else 0.0
    out = np.zeros((len(labels), len(labels)))
    own: dict[int, NDArray[np.float64]] = {}
    for orbit in orbits:
        if id(orbit) not in own:
            own[id(orbit)] = _transfer_of_orbit(orbit, f, bias, variance)
        where = np.array([place[label] for label in orbit.labels], dtype=np.intp)
        out[np.ix_(where, where)] += orbit.coordinates * own[id(orbit)]
        if orbit.trivial is not None:
            rest = np.setdiff1d(np.arange(len(labels)), where)
            out[rest, place[orbit.trivial]] += orbit.coordinates * silent
    total: NDArray[np.float64] = out / out.sum(axis=1, keepdims=True)
    return total


def _transfer_of_orbit(
    orbit: OrbitCriterion, f: Activation, bias: bool, variance: float
) -> NDArray[np.float64]:
    bias = bias and orbit.trivial is not None
    kappa = _kappa(orbit, f, bias, variance)
    # each term carries a few rounding errors of its own size
    eps = 32 * np.finfo(float).eps
    if _is_accurate(orbit, eps * np.abs(kappa)):
        out: NDArray[np.float64] = orbit.energies * (kappa @ orbit.weighted)
    else:
        out = precise_transfer(orbit, f, bias, variance)
    return np.clip(out, 0.0, 1.0)


def _is_accurate(orbit: OrbitCriterion, slack: NDArray[np.float64]) -> bool:
    """Return whether float64 is enough; a quick bound, as no |phi| exceeds 1, often says so."""
    rough = (slack @ orbit.weights).max() * orbit.energies.max()
    return bool(2 * rough < _ACCEPTED_ERROR) or share_error(orbit, slack) < _ACCEPTED_ERROR


def _kappa(
    orbit: OrbitCriterion, f: Activation, bias: bool, variance: float
) -> NDArray[np.float64]:
    """Return kappa(phi_L(D)) / kappa(1), ``(simples, columns)``, exact where phi_L is 1 or -1."""
    if orbit.swap is None:  # a few different numbers stand in many places; 1 and -1 are exact
        distinct = orbit.distinct
        return f.dual_ratio((distinct + 1) / 2 if bias else distinct, variance)[orbit.places]
    phi = np.where(orbit.plus, 1.0, np.where(orbit.minus, -1.0, orbit.floats))
    return f.dual_ratio((phi + 1) / 2 if bias else phi, variance)
