r"""Mixtures of simples, and how a spectrum changes from layer to layer of a wide network.

The *spectrum* of a Gaussian G-invariant v in Fun(X), X transitive, is the share c_L of its energy
in each L. If within each isotypic part no direction is preferred, the coordinates at aH and bH have
correlation Phi(a^-1 b) with Phi = sum of c_L phi_L, and the share of the energy of f(v) in K is

.. math:: \frac{m_K \dim K}{|G|} \sum_D |D|\, \varphi_K(D)\, \kappa(\Phi(D)) / \kappa(1).

An infinitely wide layer of random equivariant linear maps, weights independent with a variance for
each simple, makes f(v) such a Gaussian again: its energies are those of f(v) times the variances
(Neal 1996; Daniely, Frostig and Singer 2016).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, SupportsIndex, cast

import numpy as np

from toolkit.errors import ModuleMismatchError
from toolkit.pl.activations.checks import finite_number, require_variance, shown
from toolkit.pl.criterion.of_module import orbit_criteria
from toolkit.pl.legality import require_legal_on

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.pl.activations.activation import Activation
    from toolkit.pl.criterion.of_module import AnyModule
    from toolkit.pl.criterion.orbit import OrbitCriterion


@dataclass(frozen=True)
class DepthSpectrum:
    """The spectrum before the activation of one layer.

    Parameters
    ----------
    depth
        The number of the layer; 0 for the input.
    variance
        The mean square of a coordinate.
    shares
        The share of the energy in each simple; the shares sum to 1.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("S3").natural_module()
    >>> last = tk.pl.spectra_by_depth(X, {"L2": 1.0}, "relu", depth=1)[-1]
    >>> last.depth, {label: round(share, 3) for label, share in last.shares.items()}
    (1, {'L0': 0.406, 'L2': 0.594})
    """

    depth: int
    variance: float
    shares: dict[str, float]


def transfer_spectrum(
    X: AnyModule, spectrum: Mapping[str, float], activation: object, *, variance: float = 1.0
) -> dict[str, float]:
    """Return the expected shares of the energy of f(v) for a mixture of simples.

    Parameters
    ----------
    X
        A transitive permutation or signed module, or a spherical table.
    spectrum
        The energy of v in each simple, up to a common factor; 0 for simples that are omitted. A
        bias counts as energy in the trivial simple.
    activation
        See :func:`~toolkit.pl.activations.activation.find_activation`.
    variance
        Mean square of a coordinate of v.

    Returns
    -------
    dict
        The shares by label, for all simples of X in canonical order; they sum to 1.

    Raises
    ------
    ModuleMismatchError
        If X has several orbits, or if an energy is negative or not finite, or if all energies are
        0.
    KeyError
        If a label does not occur in X.
    UnsupportedActivationError
        If the variance is not positive, or if f has no shares at this variance.

    Notes
    -----
    No sampling; float64.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C6").regular_module()
    >>> out = transfer_spectrum(X, {"L1": 1, "L2": 1}, "cube")
    >>> {label: round(share, 4) for label, share in out.items()}
    {'L0': 0.0125, 'L1': 0.425, 'L2': 0.4875, 'L3': 0.075}
    """
    orbit = _only_orbit(X)
    c = _coefficients(orbit, spectrum)
    f = require_legal_on(X, activation)
    shares = _shares(orbit, c, f, variance)
    return dict(zip(orbit.labels, shares.tolist(), strict=True))


def spectra_by_depth(
    X: AnyModule,
    spectrum: Mapping[str, float],
    activation: object,
    depth: int,
    *,
    weights: Mapping[str, float] | None = None,
    bias: float = 0.0,
    variance: float = 1.0,
    keep_variance: bool = True,
) -> tuple[DepthSpectrum, ...]:
    """Return the spectrum before each activation of an infinitely wide random network on X.

    Parameters
    ----------
    X, spectrum, activation
        As in :func:`transfer_spectrum`; the spectrum is the input's.
    depth
        The number of layers; each is an activation followed by a random equivariant linear map.
    weights
        For each simple the factor on its energy in each linear map (default 1); 0 removes it.
    bias
        The energy that each layer adds to the trivial simple, relative to the energy of the layer.
    variance
        Mean square of a coordinate of the input.
    keep_variance
        Whether each layer is scaled to this mean square. Otherwise the weights change it, which
        matters for activations that are not homogeneous.

    Returns
    -------
    tuple of DepthSpectrum
        ``depth + 1`` spectra, beginning with the input.

    Raises
    ------
    ModuleMismatchError
        If X has several orbits; if an energy, a weight or the bias is negative or not finite; if
        the depth is not a non-negative integer; if no energy is left; or if a mean square overflows
        float64.
    KeyError
        If a label does not occur in X.
    UnsupportedActivationError
        If the variance is not positive, or if f has no shares at this variance.

    Examples
    --------
    A deep ReLU network without mean removal drifts to the constants:

    >>> import toolkit as tk
    >>> X = tk.group("C8").regular_module()
    >>> layers = spectra_by_depth(X, {"L4": 1.0}, "relu", 8)
    >>> [round(layer.shares["L0"], 3) for layer in layers]
    [0.0, 0.406, 0.572, 0.67, 0.735, 0.782, 0.816, 0.842, 0.863]
    """
    orbit = _only_orbit(X)
    f = require_legal_on(X, activation)
    variance, depth = require_variance(variance), _depth(depth)
    factor = _by_label(orbit, weights or {}, "weight", np.ones(len(orbit.labels)))
    bias = _from_zero(bias, "a bias")
    c = _coefficients(orbit, spectrum)
    out = [_described(orbit, 0, variance, c)]
    now = variance
    for layer in range(1, depth + 1):
        energy = _shares(orbit, c, f, now) * factor
        if not energy.any():
            raise ModuleMismatchError("the weights leave no energy")
        c, grown = _normalised(energy)
        if bias:
            if orbit.trivial is None:
                raise ModuleMismatchError(f"{orbit.table.module} has no invariants for a bias")
            c[orbit.position[orbit.trivial]] += bias
            c, more = _normalised(c)
            grown += more
        if not keep_variance:
            size = f.log_energy(now) + grown
            if abs(size) > 700:
                raise ModuleMismatchError(
                    f"after layer {layer} the mean square is about 10^{size / 2.302585:.0f}, "
                    "beyond float64: use fewer layers, or keep_variance"
                )
            now = math.exp(size)
        out.append(_described(orbit, layer, now, c))
    return tuple(out)


def _described(
    orbit: OrbitCriterion, depth: int, variance: float, c: NDArray[np.float64]
) -> DepthSpectrum:
    return DepthSpectrum(depth, variance, dict(zip(orbit.labels, c.tolist(), strict=True)))


def _only_orbit(X: AnyModule) -> OrbitCriterion:
    orbits = orbit_criteria(X)
    if len(orbits) > 1:
        raise ModuleMismatchError(
            f"a spectrum by depth needs a transitive module, but this module has {len(orbits)} "
            "orbits: use one of its .orbits"
        )
    return orbits[0]


def _depth(depth: object) -> int:
    try:
        number = operator.index(cast("SupportsIndex", depth))
    except TypeError:
        number = -1
    if number < 0:
        raise ModuleMismatchError(f"a depth must be a non-negative integer, not {shown(depth)}")
    return number


def _from_zero(value: object, what: str) -> float:
    number = finite_number(value)
    if number is None or number < 0:
        raise ModuleMismatchError(
            f"{what} must be a finite number of at least 0, not {shown(value)}"
        )
    return number


def _by_label(
    orbit: OrbitCriterion, given: object, what: str, out: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return numbers by simple: those given by label, else what ``out`` holds."""
    if not isinstance(given, Mapping):
        raise ModuleMismatchError(
            f"each {what} is given by its simple's label, such as {{'L1': 1.0}}, not {shown(given)}"
        )
    for label, value in given.items():
        if label not in orbit.position:
            raise KeyError(
                f"the simples in {orbit.table.module} are {', '.join(orbit.labels)}, not {label!r}"
            )
        out[orbit.position[label]] = _from_zero(value, f"the {what} of {label}")
    return out


def _coefficients(orbit: OrbitCriterion, spectrum: object) -> NDArray[np.float64]:
    energy = _by_label(orbit, spectrum, "energy", np.zeros(len(orbit.labels)))
    if not energy.any():
        raise ModuleMismatchError(
            f"a spectrum needs non-negative energies that are not all 0, found {shown(spectrum)}"
        )
    return _normalised(energy)[0]


def _normalised(energy: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return shares and the logarithm of the sum, which itself may be beyond float64."""
    top = float(energy.max())
    scaled = energy / top
    total = float(scaled.sum())
    return np.asarray(scaled / total, dtype=np.float64), math.log(top) + math.log(total)


def _shares(
    orbit: OrbitCriterion, c: NDArray[np.float64], f: Activation, variance: float
) -> NDArray[np.float64]:
    correlation = np.clip(c @ orbit.floats, -1.0, 1.0)
    kappa = f.dual_ratio(correlation, variance)
    return np.clip(orbit.energies * (orbit.floats @ (orbit.weights * kappa)), 0.0, 1.0)
