"""The dual function of an activation by the way that float64 can hold.

A closed form where neither it nor kappa(1) over- or underflows, powers of a homogeneous function's
variance taken out first; a polynomial by its scaled Hermite coefficients; all others by
quadrature.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np

from toolkit.errors import UnsupportedActivationError
from toolkit.pl.gaussian.closed_forms import energy_shares_of_polynomial
from toolkit.pl.gaussian.quadrature import numeric_dual

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from toolkit.pl.activations.activation import Activation
    from toolkit.pl.gaussian.quadrature import NumericDual

    Floats = NDArray[np.float64]

__all__ = ["energy_shares", "log_energy", "ratio", "ratio_error"]

T = TypeVar("T")
_ROUNDING = 4e-15


def ratio(f: Activation, t: Floats, variance: float) -> Floats:
    """Return kappa(t)/kappa(1), as in :meth:`.Activation.dual_ratio`."""
    way = _way(f, variance)
    if way == "polynomial":
        shares = energy_shares_of_polynomial(f.coefficients, variance)[0]
        return np.asarray(np.polynomial.polynomial.polyval(t, shares), dtype=np.float64)
    if way == "closed":
        return _closed(f, t, variance) / float(_closed(f, np.ones(()), variance))
    return _by_quadrature(f, lambda dual: dual.ratio(t), variance)


def log_energy(f: Activation, variance: float) -> float:
    """Return the logarithm of kappa(1)."""
    way = _way(f, variance)
    if way == "polynomial":
        return energy_shares_of_polynomial(f.coefficients, variance)[1]
    degree = f.homogeneous_degree if f.parts_are == "exact" else None
    grown = 0.0 if degree is None else degree * math.log(variance)
    if way == "closed":
        return math.log(float(_closed(f, np.ones(()), variance))) + grown
    return _by_quadrature(f, lambda dual: dual.log_energy, variance) + grown


def ratio_error(f: Activation, variance: float) -> float:
    """Return an estimate of the largest error of what :func:`ratio` has returned."""
    if _way(f, variance) != "numeric":
        return _ROUNDING
    return _by_quadrature(f, lambda dual: dual.error, variance)


def energy_shares(f: Activation, count: int, variance: float) -> Floats:
    """Return the first coefficients of kappa(t)/kappa(1)."""
    if _way(f, variance) == "polynomial":
        shares = energy_shares_of_polynomial(f.coefficients, variance)[0]
        return np.concatenate([shares, np.zeros(max(0, count - len(shares)))])[:count]
    return _by_quadrature(f, lambda dual: dual.energies(count), variance)


def _way(f: Activation, variance: float) -> Literal["closed", "polynomial", "numeric"]:
    """Return how kappa is computed: by its closed form only where float64 holds that."""
    if f.closed_dual is None:
        return "numeric"
    if f.is_polynomial and f.parts_are == "exact" and not f.is_affine:
        return "polynomial"
    ends = _closed(f, np.array([1.0, 0.5, 0.0, -0.5, -1.0]), variance)
    held = bool(np.isfinite(ends).all()) and 1e-280 < float(ends[0]) < 1e280
    return "closed" if held else "numeric"


def _closed(f: Activation, t: Floats, variance: float) -> Floats:
    """Return the closed form; of a homogeneous function at variance 1, whatever it is."""
    if f.closed_dual is None:
        raise UnsupportedActivationError(f"{f.name} has no dual function in closed form")
    scales = f.parts_are == "exact" and f.homogeneous_degree is not None
    try:
        with np.errstate(all="ignore"):
            return np.asarray(f.closed_dual(t, 1.0 if scales else variance), dtype=np.float64)
    except OverflowError:
        return np.full(t.shape, np.nan)


def _by_quadrature(f: Activation, ask: Callable[[NumericDual], T], variance: float) -> T:
    scales = f.parts_are == "exact" and f.homogeneous_degree is not None
    try:
        return ask(_numeric_dual(f, 1.0 if scales else variance))
    except FloatingPointError as error:
        raise UnsupportedActivationError(
            f"{f.name} at variance {variance:g}: {error}; try another variance"
        ) from None


@lru_cache(maxsize=64)
def _numeric_dual(f: Activation, variance: float) -> NumericDual:
    exact = f.parts_are == "exact"
    parity = (1 if f.is_even and exact else 0) - (1 if f.is_odd and exact else 0)
    return numeric_dual(f.function, f.kinks, variance, parity)
