"""The dual function of one function of a Gaussian, computed so that nothing over- or underflows.

The formulas are in :mod:`toolkit.pl.gaussian.closed_duals`, used where neither they nor kappa(1)
over- or underflow, powers of a homogeneous function's variance taken out first; a polynomial has
its scaled Hermite coefficients; all others quadrature.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np

from toolkit.errors import UnsupportedActivationError
from toolkit.pl.activations.checks import correlations, require_count, require_variance
from toolkit.pl.gaussian.closed_duals import energy_shares_of_polynomial
from toolkit.pl.gaussian.quadrature import numeric_dual

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from toolkit.pl.gaussian.quadrature import NumericDual

    Floats = NDArray[np.float64]

T = TypeVar("T")
_ROUNDING = 4e-15


@dataclass(frozen=True)
class Dual:
    """The dual function kappa of one function, divided by kappa(1).

    Parameters
    ----------
    name
        Of the function, for messages.
    function, kinks
        The function on arrays, and where it is known not to be smooth.
    closed
        kappa(t, variance) in closed form, if there is one.
    coefficients
        Of a polynomial that is not affine, the constant first; else ``None``.
    degree
        The d with f(s t) = s^d f(t) for s > 0; ``None`` if there is none.
    parity
        1 for an even function, -1 for an odd one, 0 for neither.
    """

    name: str
    function: Callable[[Floats], Floats]
    kinks: tuple[float, ...] = ()
    closed: Callable[[Floats, float], Floats] | None = None
    coefficients: tuple[float, ...] | None = None
    degree: int | None = None
    parity: int = 0

    def ratio(self, t: Floats, variance: float) -> Floats:
        """Return kappa(t)/kappa(1)."""
        way = self._way(variance)
        if way == "polynomial":
            shares = self._shares_and_size(variance)[0]
            return np.asarray(np.polynomial.polynomial.polyval(t, shares), dtype=np.float64)
        if way == "closed":
            return self._closed(t, variance) / float(self._closed(np.ones(()), variance))
        return self._by_quadrature(lambda dual: dual.ratio(t), variance)

    def log_energy(self, variance: float) -> float:
        """Return the logarithm of kappa(1)."""
        way = self._way(variance)
        if way == "polynomial":
            return self._shares_and_size(variance)[1]
        grown = 0.0 if self.degree is None else self.degree * math.log(variance)
        if way == "closed":
            return math.log(float(self._closed(np.ones(()), variance))) + grown
        return self._by_quadrature(lambda dual: dual.log_energy, variance) + grown

    def ratio_error(self, variance: float) -> float:
        """Return an estimate of the largest error of what :meth:`ratio` has returned."""
        if self._way(variance) != "numeric":
            return _ROUNDING
        return self._by_quadrature(lambda dual: dual.error, variance)

    def energy_shares(self, count: int, variance: float) -> Floats:
        """Return the first coefficients of kappa(t)/kappa(1)."""
        if self._way(variance) == "polynomial":
            shares = self._shares_and_size(variance)[0]
            return np.concatenate([shares, np.zeros(max(0, count - len(shares)))])[:count]
        return self._by_quadrature(lambda dual: dual.energies(count), variance)

    def _way(self, variance: float) -> Literal["closed", "polynomial", "numeric"]:
        """Return how kappa is computed: by its closed form only where float64 holds that."""
        if self.closed is None:
            return "numeric"
        if self.coefficients is not None:
            return "polynomial"
        ends = self._closed(np.array([1.0, 0.5, 0.0, -0.5, -1.0]), variance)
        held = bool(np.isfinite(ends).all()) and 1e-280 < float(ends[0]) < 1e280
        return "closed" if held else "numeric"

    def _shares_and_size(self, variance: float) -> tuple[Floats, float]:
        return energy_shares_of_polynomial(self.coefficients or (), variance)

    def _closed(self, t: Floats, variance: float) -> Floats:
        """Return the closed form; that of a homogeneous function at variance 1."""
        if self.closed is None:
            raise UnsupportedActivationError(f"{self.name} has no dual function in closed form")
        try:
            with np.errstate(all="ignore"):
                found = self.closed(t, variance if self.degree is None else 1.0)
                return np.asarray(found, dtype=np.float64)
        except OverflowError:
            return np.full(t.shape, np.nan)

    def _by_quadrature(self, read: Callable[[NumericDual], T], variance: float) -> T:
        try:
            return read(_numeric_dual(self, variance if self.degree is None else 1.0))
        except FloatingPointError as error:
            raise UnsupportedActivationError(
                f"{self.name} at variance {variance:g}: {error}; try another variance"
            ) from None


class HasDual(ABC):
    """The methods of an activation that rest on its dual function."""

    @property
    @abstractmethod
    def _dual(self) -> Dual:
        """The dual function."""

    def dual(self, t: ArrayLike, variance: float = 1.0) -> Floats:
        r"""Return kappa(t) = E f(a) f(b) for centred Gaussians of correlation t.

        Parameters
        ----------
        t
            Correlations in [-1, 1].
        variance
            The variance of a and of b.

        Raises
        ------
        UnsupportedActivationError
            If a correlation is not a number from -1 to 1, the variance is not positive, E f^2
            overflows float64 (:meth:`dual_ratio` may still be finite), or f is not square
            integrable.

        Notes
        -----
        In closed form where there is one (up to rounding), else by
        :mod:`toolkit.pl.gaussian.quadrature`; :meth:`dual_error` estimates the error.

        Examples
        --------
        >>> from toolkit.pl.activations.activation import find_activation
        >>> float(find_activation("relu").dual(1.0)), float(find_activation("square").dual(0.5))
        (0.5, 1.5)
        """
        variance, c = require_variance(variance), correlations(t)
        closed = self._dual.closed
        if closed is not None:
            try:
                with np.errstate(all="ignore"):
                    out = np.asarray(closed(c, variance), dtype=np.float64)
            except OverflowError:
                out = np.full(c.shape, np.nan)
            if np.isfinite(out).all():
                return out
        size = self.log_energy(variance)
        if size > 709:
            raise UnsupportedActivationError(
                f"E f^2 of {self._dual.name} at variance {variance:g} is about "
                f"10^{size / 2.302585:.0f}, beyond float64: use dual_ratio"
            )
        return self.dual_ratio(c, variance) * math.exp(size)

    def dual_ratio(self, t: ArrayLike, variance: float = 1.0) -> Floats:
        r"""Return kappa(t) / kappa(1), scaled so that nothing overflows or underflows.

        Parameters
        ----------
        t
            Correlations in [-1, 1].
        variance
            The variance of both Gaussians.

        Raises
        ------
        UnsupportedActivationError
            If a correlation is not a number from -1 to 1, the variance is not positive, or f is 0
            in float64 wherever the Gaussian has mass, is not square integrable, or changes too
            fast.

        Examples
        --------
        >>> from toolkit.pl.activations.activation import find_activation
        >>> find_activation("t^5").dual_ratio([1.0, 0.5], 1e-200).round(6).tolist()
        [1.0, 0.202381]
        >>> find_activation("hardshrink(50)").dual_ratio([1.0, 0.5, -1.0]).tolist()
        [1.0, 0.0, -1.0]
        """
        variance = require_variance(variance)
        return self._dual.ratio(correlations(t), variance)

    def log_energy(self, variance: float = 1.0) -> float:
        """Return the logarithm of kappa(1) = E f(a)^2.

        Raises
        ------
        UnsupportedActivationError
            As for :meth:`dual_ratio`.

        Examples
        --------
        >>> from toolkit.pl.activations.activation import find_activation
        >>> round(find_activation("cube").log_energy(1e-200) / math.log(10), 3)
        -598.824
        """
        return self._dual.log_energy(require_variance(variance))

    def ratio_error(self, variance: float = 1.0) -> float:
        """Return an estimate of the largest error of the values of :meth:`dual_ratio`."""
        return self._dual.ratio_error(require_variance(variance))

    def dual_error(self, variance: float = 1.0) -> float:
        """Return an estimate of the largest absolute error of the values of :meth:`dual`."""
        return self.ratio_error(variance) * math.exp(min(self.log_energy(variance), 709.0))

    def energy_shares(self, count: int, variance: float = 1.0) -> Floats:
        """Return the first coefficients of kappa(t)/kappa(1) = sum of e_k t^k; none is negative.

        Raises
        ------
        UnsupportedActivationError
            If the count is not a non-negative integer; otherwise as for :meth:`dual_ratio`.

        Examples
        --------
        >>> from toolkit.pl.activations.activation import find_activation
        >>> find_activation("cube").energy_shares(5).round(9).tolist()
        [0.0, 0.6, 0.0, 0.4, 0.0]
        """
        count = require_count(count, "a count of energies")
        return self._dual.energy_shares(count, require_variance(variance))

    def energies(self, count: int, variance: float = 1.0) -> Floats:
        """Return the first coefficients of kappa(t) = sum of e_k t^k; none is negative.

        Examples
        --------
        >>> from toolkit.pl.activations.activation import find_activation
        >>> find_activation("cube").energies(5).round(9).tolist()
        [0.0, 9.0, 0.0, 6.0, 0.0]
        """
        return self.energy_shares(count, variance) * float(self.dual(1.0, variance))

    @property
    def dual_at_one(self) -> float:
        """kappa(1) = E f(a)^2 for variance 1."""
        return float(self.dual(1.0))


@lru_cache(maxsize=64)
def _numeric_dual(dual: Dual, variance: float) -> NumericDual:
    return numeric_dual(dual.function, dual.kinks, variance, dual.parity)
