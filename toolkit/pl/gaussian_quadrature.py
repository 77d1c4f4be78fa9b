r"""Dual functions by quadrature, with an estimate of the error.

kappa(t) = E f(a) f(b) for centred Gaussians of variance s and correlation t. Two routes:

* f without kinks: the Hermite series kappa(t) = sum of h_k^2 t^k, h_k = E f(sqrt(s) x) He_k(x) /
  sqrt(k!). No term is negative for t >= 0 and they add up to E f(a)^2, which is integrated on its
  own; so what is missing is bounded, for all t in [-1, 1], by the difference.
* f with kinks, whose Hermite series is slow: the double integral itself at Chebyshev points of
  the angle arcsin t, in which kappa has no singularity, and the interpolating polynomial. The
  error is estimated by its last coefficients.

Integrals are sums of Gauss-Legendre rules between the kinks.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Function = Callable[[Floats], Floats]

__all__ = ["NumericDual", "gaussian_mean", "hermite_energies", "numeric_dual", "piecewise_rule"]

_REACH = 9.0  # the normal density is 1e-18 there
_FAR = 13.0  # and its square root
_ACCEPTED = 1e-13


@dataclass(frozen=True, eq=False)
class NumericDual:
    """A dual function as a series.

    Parameters
    ----------
    coefficients
        Of t^k (``"powers"``) or of the k-th Chebyshev polynomial of 2 arcsin(t) / pi
        (``"angles"``).
    kind
        Which of the two.
    error
        Estimated largest error on [-1, 1].
    """

    coefficients: Floats
    kind: Literal["powers", "angles"]
    error: float

    def __call__(self, t: Floats) -> Floats:
        """Return kappa(t) for t in [-1, 1]."""
        if self.kind == "powers":
            out = np.polynomial.polynomial.polyval(t, self.coefficients)
        else:
            out = np.polynomial.chebyshev.chebval(np.arcsin(t) * (2 / math.pi), self.coefficients)
        return np.asarray(out, dtype=np.float64)


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
    ends = sorted(set(breaks))
    edges = [ends[0]]
    for low, high in itertools.pairwise(ends):
        steps = max(1, math.ceil((high - low) / widest))
        edges += [low + (high - low) * i / steps for i in range(1, steps + 1)]
    points, weights = np.polynomial.legendre.leggauss(count)
    edge = np.array(edges)
    half = np.diff(edge)[:, None] / 2
    middle = (edge[1:] + edge[:-1])[:, None] / 2
    return (middle + half * points).ravel(), (half * weights).ravel()


def gaussian_mean(f: Function, kinks: Sequence[float], variance: float) -> float:
    """Return E f(a) for a centred Gaussian a, f smooth between the kinks.

    Examples
    --------
    >>> round(gaussian_mean(np.abs, (0.0,), 1.0) ** 2 * math.pi, 12)
    2.0
    """
    x, w = _normal_rule(kinks, variance)
    return float(w @ f(math.sqrt(variance) * x))


def _normal_rule(kinks: Sequence[float], variance: float) -> tuple[Floats, Floats]:
    breaks = [b for k in kinks if abs(b := k / math.sqrt(variance)) < _FAR]
    x, w = piecewise_rule([-_FAR, *breaks, _FAR], _narrow(variance))
    return x, w * np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def _narrow(variance: float) -> float:
    """Width of a panel on which a function that varies on the scale 1 is smooth."""
    return min(0.5, 1.5 / math.sqrt(variance))


def hermite_energies(f: Function, kinks: Sequence[float], variance: float, count: int) -> Floats:
    """Return h_k^2 for k < count: how much of E f(a)^2 lies in degree k.

    Parameters
    ----------
    f
        A function on arrays, smooth between the kinks.
    kinks
        Where it is not.
    variance
        Of the Gaussian.
    count
        How many.

    Examples
    --------
    ReLU: 1/(2 pi), 1/4, 1/(4 pi), 0, ...

    >>> (hermite_energies(lambda t: np.maximum(t, 0), (0.0,), 1.0, 4) * 4 * math.pi).round(9)
    array([2.        , 3.14159265, 1.        , 0.        ])
    """
    breaks = [b for k in kinks if abs(b := k / math.sqrt(variance)) < _FAR]
    widest = min(_narrow(variance), 8 / math.sqrt(count + 1))
    x, w = piecewise_rule([-_FAR, *breaks, _FAR], widest)
    root = np.exp(-x * x / 4) / (2 * math.pi) ** 0.25  # square root of the density
    values = f(math.sqrt(variance) * x) * root * w
    before, now = np.zeros_like(x), root
    out = np.empty(count)
    for k in range(count):
        out[k] = float(values @ now) ** 2
        before, now = now, (x * now - math.sqrt(k) * before) / math.sqrt(k + 1)
    return out


def numeric_dual(
    f: Function, kinks: Sequence[float], variance: float, parity: int = 0
) -> NumericDual:
    """Return kappa for a function that has no closed form; see the head of this module.

    Parameters
    ----------
    f, kinks, variance
        As in :func:`hermite_energies`.
    parity
        1 for an even function, -1 for an odd one, 0 for neither: saves half of the work.

    Raises
    ------
    FloatingPointError
        If the function is not finite where Gaussians of this variance fall.
    """
    energy = gaussian_mean(lambda t: f(t) ** 2, kinks, variance)
    if not math.isfinite(energy):
        raise FloatingPointError(f"f is not square integrable for variance {variance:g}")
    if not kinks:
        for count in (48, 96, 192, 384):
            energies = hermite_energies(f, kinks, variance, count)
            missing = abs(energy - float(energies.sum()))
            if missing <= _ACCEPTED * energy:
                break
        return NumericDual(energies, "powers", missing + 4e-15 * energy)
    known: dict[float, float] = {}
    for degree in (32, 64, 128):
        # the Chebyshev points of one degree are among those of the next
        for k in range(degree + 1):
            place = k / degree
            if place not in known and parity and 1 - place in known:
                known[place] = parity * known[1 - place]
            elif place not in known:
                angle = math.cos(math.pi * place) * math.pi / 2
                known[place] = _double_integral(f, kinks, variance, angle)
        series = _angle_series([known[k / degree] for k in range(degree + 1)])
        tail = float(np.abs(series[-max(4, degree // 8) :]).sum())
        if tail <= 4 * _ACCEPTED * energy:
            break
    return NumericDual(series, "angles", 2 * tail + 1e-13 * energy)


def _angle_series(values: list[float]) -> Floats:
    """Return Chebyshev coefficients from the values at cos(pi k / degree)."""
    k = np.arange(len(values))
    degree = len(values) - 1
    cosines = np.cos(math.pi * np.outer(k, k) / degree)
    ends = np.ones(len(values))
    ends[[0, -1]] = 0.5
    out: Floats = (2 / degree) * ends * (cosines @ (ends * np.array(values)))
    return out


def _double_integral(f: Function, kinks: Sequence[float], variance: float, angle: float) -> float:
    """Return E f(a) f(b) for correlation sin(angle)."""
    t, w = math.sin(angle), abs(math.cos(angle))
    s = math.sqrt(variance)
    places = [k / s for k in kinks]
    if w < 1e-9:
        sign = 1.0 if t > 0 else -1.0
        both = [*kinks, *(sign * k for k in kinks)]
        return gaussian_mean(lambda a: f(a) * f(sign * a), both, variance)
    # the outer integrand changes within a distance of w of these points
    sharp = [*places, *((p / t for p in places) if abs(t) > 0.05 else ())]
    breaks = [-_REACH, _REACH]
    for p in sharp:
        step = _REACH
        while step > w / 2:
            breaks += [p - step, p + step]
            step /= 2
        breaks.append(p)
    x, wx = piecewise_rule([b for b in breaks if -_REACH <= b <= _REACH], _narrow(variance), 12)
    wx = wx * np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    edges = np.clip([(p - t * x) / w for p in sorted(places)], -_REACH, _REACH)
    edges = np.concatenate([np.full((1, len(x)), -_REACH), edges, np.full((1, len(x)), _REACH)])
    pieces = max(2, math.ceil(6 / _narrow(variance) * 0.5 * w)) if w < 1 else 12
    points, weights = piecewise_rule([0.0, 1.0], 1 / max(6, pieces), 12)
    total = np.zeros(len(x))
    for low, high in itertools.pairwise(edges):
        length = high - low
        y = low[:, None] + length[:, None] * points
        density = np.exp(-y * y / 2) / math.sqrt(2 * math.pi)
        total += length * ((f(s * (t * x[:, None] + w * y)) * density) @ weights)
    return float((wx * f(s * x)) @ total)
