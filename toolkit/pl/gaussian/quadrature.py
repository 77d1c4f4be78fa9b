r"""Dual functions by quadrature, with an estimate of the error.

kappa(t) = E f(a) f(b) for centred Gaussians of variance s and correlation t, here divided by
kappa(1) = E f(a)^2, so that nothing over- or underflows. By :mod:`toolkit.pl.gaussian.panels` f is
a polynomial on each of some panels, and three routes use it:

* \|t\| not near 1: the Hermite series sum of e_k t^k, e_k = h_k^2, h_k = E f(sqrt(s) x) He_k(x) /
  sqrt(k!) divided by the root of kappa(1). No e_k is negative and they add up to 1; so the error of
  N terms is at most \|t\|^N times the difference of their sum from 1, for every f.
* t = 1 and -1: an integral of one variable.
* \|t\| near 1: with t = cos 2p, a = u cos p - v sin p, b = u cos p + v sin p for independent u, v,
  the double integral between the edges of the panels, at Chebyshev points of 2p on intervals that
  halve towards 0, and the interpolating polynomials. They are computed when first needed.

For an f supported far out in the tail (a threshold at 50 standard deviations) Nelson's inequality
\|kappa(t)\| <= (E \|f\|^p)^(2/p), p = 1 + \|t\|, shows most ratios to be 0 to all digits.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from toolkit.pl.gaussian.panels import NoEnergyError, gaussian_panels, split_panels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from toolkit.pl.gaussian.panels import Panels

    Floats = NDArray[np.float64]
    Function = Callable[[Floats], Floats]

_TERMS = (512, 8192)  # of the Hermite series: enough for |t| up to _UP_TO
_UP_TO = (0.93, 0.9955)
_NEGLIGIBLE = math.log(1e-18)
_FAR = 45.0  # from here on the Hermite functions are 0 in float64
_REACH = 9.0  # the normal density is 1e-18 there
_DEGREE = 18  # of an interpolating polynomial
_WORK = 5_000_000  # values of f for one double integral
_BATCH = 72  # outer nodes at once
_FEW = 24  # values of a long series that numpy takes longer for
_REMEMBERED = 1 << 17  # correlations: groups that are swept over share most of theirs


class NumericDual:
    """A dual function, divided by kappa(1); made by :func:`numeric_dual`.

    Parameters
    ----------
    f
        The function on arrays.
    panels
        Its panels.
    variance
        Of the Gaussians.
    parity
        1 for an even function, -1 for an odd one, 0 for neither.

    Attributes
    ----------
    log_energy
        log of kappa(1).
    error
        Estimated largest error of the values returned so far, as a fraction of kappa(1).
    """

    def __init__(self, f: Function, panels: Panels, variance: float, parity: int) -> None:
        self._f, self._root, self._parity = f, math.sqrt(variance), parity
        self.panels = panels
        self.log_energy = panels.log_energy
        self.error = 4e-15
        self._series: dict[int, Floats] = {}
        self._pieces: dict[tuple[int, int], Floats] = {}
        self._known: dict[float, float] = {}

    def __call__(self, t: Floats) -> Floats:
        """Return kappa(t)."""
        with np.errstate(over="ignore", under="ignore"):
            return np.asarray(self.ratio(t) * np.exp(self.log_energy), dtype=np.float64)

    def ratio(self, t: Floats) -> Floats:
        """Return kappa(t) / kappa(1) for t in [-1, 1].

        Raises
        ------
        FloatingPointError
            If t is near 1 but not 1, and the double integral is out of reach.
        """
        given = np.asarray(t, dtype=np.float64)
        wanted, where = np.unique(given, return_inverse=True)
        keys = wanted.tolist()
        missing = [x for x in keys if x not in self._known]
        if len(self._known) + len(missing) > _REMEMBERED:
            self._known.clear()
            missing = keys
        if missing:
            self._known.update(zip(missing, self._ratios(np.array(missing)), strict=True))
        return np.array([self._known[x] for x in keys])[where].reshape(given.shape)

    def _ratios(self, known: Floats) -> list[float]:
        """Return kappa(t) / kappa(1) for rising, different t."""
        out = np.full(len(known), np.nan)
        out[known >= 1] = 1.0
        if len(known) and known[0] <= -1:
            out[known <= -1] = self._end(-1)
        size = np.abs(known)
        if abs(self.panels.centre) > _REACH:
            for i in np.flatnonzero(np.isnan(out)).tolist():
                if self._log_bound(float(size[i])) < _NEGLIGIBLE:
                    out[i] = 0.0
        if abs(self.panels.centre) <= _FAR:
            for terms, limit in zip(_TERMS, _UP_TO, strict=True):
                chosen = np.isnan(out) & (size <= limit)
                if chosen.any():
                    e = self.energies(terms)
                    out[chosen] = _series(known[chosen], e)
                    left = max(0.0, 1 - float(e.sum()))
                    self._note(left * limit**terms + 4e-15)
        for i in np.flatnonzero(np.isnan(out)).tolist():
            out[i] = self._near_one(float(known[i]))
        values: list[float] = out.tolist()
        return values

    def energies(self, count: int) -> Floats:
        """Return e_k, the share of kappa(1) in degree k, for k < count; none is negative."""
        made = next((n for n in _TERMS if n >= count), count)
        if made not in self._series:
            self._series[made] = self._hermite(made)
        return self._series[made][:count]

    def _note(self, error: float) -> None:
        self.error = max(self.error, error + self.panels.error)

    def _values(self, x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            out = np.asarray(self._f(self._root * x), dtype=np.float64) / self.panels.scale
        return np.where(np.isfinite(out), out, 0.0)

    def _weighted(self, x: Floats, quotient: float) -> Floats:
        """Return exp(-x^2/quotient), scaled to 1 at the centre."""
        with np.errstate(under="ignore"):
            c = self.panels.centre
            # beyond exp(700), far below the centre, g is 0
            return np.exp(np.minimum((c - x) * (c + x) / quotient, 700.0))

    def _end(self, sign: int) -> float:
        """Return kappa(-1) / kappa(1)."""
        if self._parity:
            return float(self._parity)
        self._note(4e-15)
        p = self.panels
        edges = np.unique(np.concatenate([p.low, p.high, -p.low, -p.high]))
        x, w = split_panels(edges[:-1], edges[1:], np.inf, 24)
        values = self._values(x) * self._values(sign * x)
        total = float((w * self._weighted(x, 2.0)) @ values) / math.sqrt(2 * math.pi)
        return total / math.exp(p.log_mass)

    def _log_bound(self, t: float) -> float:
        """Return log of Nelson's bound for abs(kappa(t)) / kappa(1)."""
        p, power = self.panels, 1 + t
        x, w = split_panels(p.low, p.high, np.inf, 16)
        with np.errstate(divide="ignore"):
            logs = power * np.log(np.abs(self._values(x))) + np.log(w)
        logs += (p.centre - x) * (p.centre + x) / 2
        top = float(logs.max())
        norm = top + math.log(float(np.exp(logs - top).sum())) - math.log(2 * math.pi) / 2
        norm -= p.centre**2 / 2
        return 2 / power * norm - (p.log_mass - p.centre**2 / 2)

    def _hermite(self, count: int) -> Floats:
        p = self.panels
        widest = min(1.0, 8 / math.sqrt(count + 1))
        x, w = split_panels(p.low, p.high, widest, 16)
        values = w * self._values(x) * self._weighted(x, 4.0)
        values *= math.exp(-p.log_mass / 2) / (2 * math.pi) ** 0.25
        with np.errstate(under="ignore"):
            now = np.exp(-x * x / 4) / (2 * math.pi) ** 0.25  # the root of the density
            before, out = np.zeros_like(x), np.empty(count)
            for k in range(count):
                out[k] = float(values @ now) ** 2
                before, now = now, (x * now - math.sqrt(k) * before) / math.sqrt(k + 1)
        return out

    # near 1 ---------------------------------------------------------------------------------

    def _near_one(self, t: float) -> float:
        """Interpolate in the angle arccos t."""
        sign = 1 if t > 0 else -1
        if sign < 0 and self._parity:
            return self._parity * self._near_one(-t)
        first = math.acos(_UP_TO[1] if abs(self.panels.centre) <= _FAR else 0.0)
        # f changes on the scale of its variance, its weight on that of the place where it lives
        least = 0.25 / max(1.0, self._root, abs(self.panels.centre))
        angle = math.acos(abs(t))
        number = 0
        while angle < first / 2 and first > least:
            first, number = first / 2, number + 1
        low = first / 2 if first > least else 0.0
        key = sign, number
        if key not in self._pieces:
            at = low + (first - low) * (1 + np.cos(math.pi * np.arange(_DEGREE + 1) / _DEGREE)) / 2
            self._pieces[key] = _chebyshev([self._double_integral(a, sign) for a in at.tolist()])
            self._note(4 * float(np.abs(self._pieces[key][-3:]).sum()) + 2e-14)
            if abs(self.panels.centre) > _REACH:
                self._note(4e-16 * self.panels.centre**2)
        place = (2 * angle - first - low) / (first - low)
        return float(np.polynomial.chebyshev.chebval(place, self._pieces[key]))

    def _double_integral(self, angle: float, sign: int) -> float:
        """Return kappa(sign cos(angle)) / kappa(1)."""
        if angle == 0:
            return 1.0 if sign > 0 else self._end(-1)
        p = self.panels
        c, s = math.cos(angle / 2), math.sin(angle / 2)
        edges = np.unique(np.concatenate([p.low, p.high]))
        if sign < 0:
            edges = np.unique(np.concatenate([edges, -edges]))
        # in u: the edges, where a and b cross one at once, and finer and finer about sharp points
        ends = edges[[0, -1]] / c
        breaks = [edges / c]
        for q in p.sharp:
            for place in {q, sign * q}:
                steps = max(1, math.ceil(math.log2(max(2.0, 2 * (ends[1] - ends[0]) / s))))
                ladder = s / 2 * np.exp2(np.arange(steps, dtype=np.float64))
                breaks += [place / c - ladder, place / c + ladder, np.array([place / c])]
        every = np.unique(np.concatenate(breaks))
        every = every[(every >= ends[0]) & (every <= ends[1])]
        u, wu = split_panels(every[:-1], every[1:], 1.0 / max(1.0, abs(p.centre) / 8), 12)
        wu = wu * self._weighted(u, 2.0) / (math.pi * math.exp(p.log_mass))
        grid = np.linspace(0.0, _REACH, 7)
        points, weights = np.polynomial.legendre.leggauss(12)
        total, work = 0.0, 0
        for start in range(0, len(u), _BATCH):
            x = u[start : start + _BATCH, None]
            near = (edges > c * x[0] - _REACH * s) & (edges < c * x[-1] + _REACH * s)
            y = np.minimum(np.abs(edges[near] - c * x) / s, _REACH)
            y = np.sort(np.concatenate([y, np.broadcast_to(grid, (len(x), 7))], axis=1), axis=1)
            half = np.diff(y, axis=1)[:, :, None] / 2
            work += 12 * half.size
            if work > _WORK:
                raise FloatingPointError(
                    "it changes too fast for Gaussians of this variance: correlations near 1 are "
                    "out of reach"
                )
            v = (y[:, 1:] + y[:, :-1])[:, :, None] / 2 + half * points
            a, b = c * x[:, :, None] - s * v, c * x[:, :, None] + s * v
            inner = self._values(a) * self._values(sign * b)
            if sign < 0:
                inner = (inner + self._values(b) * self._values(-a)) / 2
            inner *= np.exp(-v * v / 2) * half * weights
            total += float(wu[start : start + _BATCH] @ inner.sum(axis=(1, 2)))
        return total


def _series(t: Floats, coefficients: Floats) -> Floats:
    """Return the sum of c_k t^k, by the same steps and with the same rounding for any number of t.

    No c_k is negative and they add up to at most 1: terms that together cannot exceed 1e-18 are
    left out. Of a few t, Python's own floats take a fraction of numpy's time.
    """
    out = np.empty(len(t))
    needed = _terms_needed(np.abs(t), len(coefficients))
    for terms in np.unique(needed).tolist():
        chosen = needed == terms
        if chosen.sum() > _FEW:
            out[chosen] = np.polynomial.polynomial.polyval(t[chosen], coefficients[:terms])
            continue
        falling = coefficients[:terms][::-1].tolist()
        sums = []
        for x in t[chosen].tolist():
            total = 0.0
            for c in falling:
                total = c + total * x
            sums.append(total)
        out[chosen] = sums
    return out


def _terms_needed(size: Floats, most: int) -> NDArray[np.int64]:
    """Return for each abs(t) a power of two N with abs(t)^N <= 1e-18, or ``most`` if that is less.

    Examples
    --------
    >>> _terms_needed(np.array([0.0, 0.5, 0.9, 1.0]), 512).tolist()
    [1, 64, 512, 512]
    """
    with np.errstate(divide="ignore"):
        least = _NEGLIGIBLE / np.minimum(np.log(size), -1e-9)
    powers = np.exp2(np.ceil(np.log2(np.maximum(least, 1.0))))
    needed: NDArray[np.int64] = np.minimum(powers, most).astype(np.int64)
    return needed


def _chebyshev(values: list[float]) -> Floats:
    """Return Chebyshev coefficients from the values at cos(pi k / degree)."""
    k = np.arange(len(values))
    degree = len(values) - 1
    cosines = np.cos(math.pi * np.outer(k, k) / degree)
    ends = np.ones(len(values))
    ends[[0, -1]] = 0.5
    out: Floats = (2 / degree) * ends * (cosines @ (ends * np.array(values)))
    return out


def numeric_dual(
    f: Function, kinks: Sequence[float], variance: float, parity: int = 0
) -> NumericDual:
    """Return kappa for a function that has no closed form; see the head of this module.

    Parameters
    ----------
    f
        A function on arrays.
    kinks
        Where it is known not to be smooth; others are found.
    variance
        Of the Gaussians.
    parity
        1 for an even function, -1 for an odd one, 0 for neither: saves work.

    Raises
    ------
    FloatingPointError
        If the function is not finite where Gaussians of this variance fall, is 0 there, or
        changes too fast.

    Examples
    --------
    A threshold at 50 standard deviations: kappa(1) is 1e-548, and all the rest 0 beside it.

    >>> dual = numeric_dual(lambda t: np.maximum(t - 50, 0), (50.0,), 1.0)
    >>> round(dual.log_energy / math.log(10)), dual.ratio(np.array([1.0, 0.9, -1.0])).tolist()
    (-548, [1.0, 0.0, 0.0])
    """
    return NumericDual(f, gaussian_panels(f, kinks, variance), variance, parity)


def piecewise_rule(
    breaks: Sequence[float], widest: float, count: int = 16
) -> tuple[Floats, Floats]:
    """Return nodes and weights of Gauss-Legendre rules between the breaks.

    Parameters
    ----------
    breaks
        Two or more numbers; the least and the greatest are the ends.
    widest
        No single rule is wider.
    count
        Nodes of a single rule.
    """
    ends = np.array(sorted(set(breaks)))
    return split_panels(ends[:-1], ends[1:], widest, count)


def gaussian_mean(f: Function, kinks: Sequence[float], variance: float) -> float:
    """Return E f(a) for a centred Gaussian a.

    Examples
    --------
    >>> round(gaussian_mean(np.abs, (0.0,), 1.0) ** 2 * math.pi, 12)
    2.0
    """
    try:
        panels = gaussian_panels(f, kinks, variance)
    except NoEnergyError:
        return 0.0
    x, w = split_panels(panels.low, panels.high, 0.5, 24)
    values = f(math.sqrt(variance) * x)
    return float((w * np.exp(-x * x / 2)) @ values) / math.sqrt(2 * math.pi)
