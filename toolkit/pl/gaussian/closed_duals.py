r"""Duals of ReLU, GELU, erf and others: kappa(t) = E f(a) f(b) in closed form.

a and b are Gaussians of correlation t.

Both Gaussians are centred with variance s. Sources: Cho and Saul 2009 (powers of ReLU), Williams
1997 (erf), and integration by parts for GELU:

.. math:: E\,\mathrm{GELU}(a)\,\mathrm{GELU}(b) = \frac{c}{4} + \frac{c}{2\pi}
          \arcsin\frac{c}{1+s} + \frac{s^2 + c^2 (1-s)/(1+s)}{2\pi\sqrt{(1+s)^2 - c^2}},
          \qquad c = s t.

A polynomial is expanded in Hermite polynomials: f(sqrt(s) x) = sum of h_k He_k(x) / sqrt(k!)
gives kappa(t) = sum of h_k^2 t^k, which has no negative coefficient.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def dual_of_homogeneous(t: Floats, variance: float, even: float, odd: float) -> Floats:
    """Return kappa of a|t| + bt: a^2 (2/pi)(sqrt(1 - t^2) + t arcsin t) + b^2 t, times s.

    ReLU has a = b = 1/2: then this is the arc-cosine kernel of degree 1.
    """
    absolute = (2 / math.pi) * (np.sqrt((1 - t) * (1 + t)) + t * np.arcsin(t))
    return variance * (even**2 * absolute + odd**2 * t)


def dual_of_relu_squared(t: Floats, variance: float) -> Floats:
    """Return kappa of t^2 for t > 0, else 0."""
    sine = np.sqrt((1 - t) * (1 + t))
    angle = np.arccos(t)
    return variance**2 / (2 * math.pi) * (3 * sine * t + (math.pi - angle) * (1 + 2 * t * t))


def dual_of_erf(t: Floats, variance: float) -> Floats:
    """Return kappa of the error function: (2/pi) arcsin(2st / (1 + 2s)), as an arctangent.

    Near 1 the arcsine would lose half of the digits for a large variance.
    """
    c = 2 * variance
    beside = np.sqrt(1 + c * (1 - t)) * np.sqrt(1 + c * (1 + t))
    out: Floats = (2 / math.pi) * np.arctan2(c * t, beside)
    return out


def dual_of_sin(t: Floats, variance: float) -> Floats:
    """Return kappa of the sine: exp(-s) sinh(s t)."""
    # without cancellation for small variances
    grown: Floats = np.exp(variance * (np.abs(t) - 1)) * np.expm1(-2 * variance * np.abs(t))
    out: Floats = -0.5 * np.sign(t) * grown
    return out


def dual_of_cos(t: Floats, variance: float) -> Floats:
    """Return kappa of the cosine: exp(-s) cosh(s t)."""
    return 0.5 * (np.exp(variance * (t - 1)) + np.exp(-variance * (t + 1)))


def dual_of_sign(t: Floats, variance: float) -> Floats:
    """Return kappa of the sign: (2/pi) arcsin t."""
    return (2 / math.pi) * np.arcsin(t)


def dual_of_heaviside(t: Floats, variance: float) -> Floats:
    """Return kappa of the step from 0 to 1."""
    return 0.25 + np.arcsin(t) / (2 * math.pi)


def dual_of_gelu(t: Floats, variance: float) -> Floats:
    """Return kappa of t times the normal distribution function."""
    # the formula above, written so that no digits are lost for a large variance
    s, c = variance, variance * t
    beside = np.sqrt(1 + s * (1 - t)) * np.sqrt(1 + s * (1 + t))
    smooth = c / 4 + c / (2 * math.pi) * np.arctan2(c, beside)
    rest = s / (1 + s) * (s * (1 - t) * (1 + t) + 1 + t * t)
    out: Floats = smooth + rest * (s / beside) / (2 * math.pi)
    return out


def hermite_energies_of_polynomial(coefficients: Sequence[float], variance: float) -> Floats:
    """Return h_k^2 for a polynomial, k up to its degree; see the head of this module.

    Examples
    --------
    E a^2 b^2 = 1 + 2 t^2:

    >>> hermite_energies_of_polynomial((0, 0, 1), 1.0).round(12).tolist()
    [1.0, 0.0, 2.0]
    """
    out = np.zeros(len(coefficients))
    for k in range(len(coefficients)):
        # t^d = sum over k of d! / (2^j j! k!) He_k, d = k + 2j
        for d in range(k, len(coefficients), 2):
            j = (d - k) // 2
            factor = math.factorial(d) / (2**j * math.factorial(j) * math.factorial(k))
            out[k] += coefficients[d] * variance ** (d / 2) * factor
        out[k] *= math.sqrt(math.factorial(k))
    return out**2


def energy_shares_of_polynomial(
    coefficients: Sequence[float], variance: float
) -> tuple[Floats, float]:
    """Return h_k^2 divided by their sum, and the logarithm of the sum, without overflow.

    Parameters
    ----------
    coefficients
        Of the polynomial, the constant first; not all of them 0.
    variance
        Of the Gaussian.

    Examples
    --------
    >>> shares, size = energy_shares_of_polynomial((0, 1e-300, 0, 1e-300), 1.0)
    >>> shares.round(6).tolist(), round(size / math.log(10), 3)
    ([0.0, 0.727273, 0.0, 0.272727], -598.658)
    """
    # c s^(d/2) = mantissa times a power of two, the exponents kept apart
    parts = []
    for d, c in enumerate(coefficients):
        mantissa, exponent = math.frexp(c)
        root, twos = math.frexp(variance)
        if twos % 2:
            root, twos = root * 2, twos - 1
        parts.append((mantissa * math.sqrt(root) ** d, exponent + d * twos // 2))
    top = max(e for m, e in parts if m)
    scaled = [math.ldexp(m, max(e - top, -2000)) if m else 0.0 for m, e in parts]
    energies = hermite_energies_of_polynomial(scaled, 1.0)
    total = float(energies.sum())
    return energies / total, math.log(total) + 2 * top * math.log(2)


def dual_of_polynomial(t: Floats, variance: float, coefficients: Sequence[float]) -> Floats:
    """Return kappa of a polynomial."""
    out = np.zeros_like(t)
    for energy in hermite_energies_of_polynomial(coefficients, variance)[::-1]:
        out = out * t + energy
    return out
