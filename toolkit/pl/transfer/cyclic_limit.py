r"""The cyclic groups at n = infinity: Fourier series of f(A sin x), and the limit of transfer.

On C_n, v in the simple of frequency 1 is A sin(2 pi x / n + shift). As n grows, f(v) has the
Fourier coefficients of f(A sin x): the odd part of f gives sines of odd multiples of x, the even
part cosines of even ones, since sin(x + pi) = -sin x. For ReLU

.. math:: \max(\sin x, 0) = \frac1\pi + \frac12 \sin x
          - \frac2\pi \sum_{k\ge1} \frac{\cos 2kx}{4k^2-1}.

With Gaussian v, A^2 is exponentially distributed, and the limit of the share T[1 -> k] is a Fourier
coefficient of kappa(cos x)/kappa(1). For f homogeneous the share does not depend on A: then it is
the share of the energy of f(sin x) at frequency k.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from toolkit.pl.activations.activation import find_activation
from toolkit.pl.activations.checks import require_count, require_positive
from toolkit.pl.gaussian.quadrature import piecewise_rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NODES = 2048  # of a quadrature that are treated at a time


def sine_series(
    activation: object, count: int, *, amplitude: float = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the Fourier coefficients of f(A sin x).

    Parameters
    ----------
    activation
        See :func:`~toolkit.pl.activations.activation.find_activation`.
    count
        The number of frequencies: 0 to count - 1.
    amplitude
        The amplitude A, a positive number.

    Raises
    ------
    UnsupportedActivationError
        If the count is not a non-negative integer, or if the amplitude is not positive.

    Returns
    -------
    tuple of numpy.ndarray
        ``(count,)`` coefficients of cos kx (the first is the mean), and ``(count,)`` coefficients
        of sin kx.

    Notes
    -----
    Gauss-Legendre quadrature between the kinks, with about twelve digits for every named
    activation. O(count) memory and O(count^2) multiplications: 4096 frequencies take less than a
    second.

    Examples
    --------
    >>> cosines, sines = sine_series("relu", 3)
    >>> (np.round(cosines * math.pi, 10) + 0).tolist(), (np.round(sines, 10) + 0).tolist()
    ([1.0, 0.0, -0.6666666667], [0.0, 0.5, 0.0])
    """
    f = find_activation(activation)
    count = require_count(count, "a count of frequencies")
    amplitude = require_positive(amplitude, "an amplitude")
    breaks = {-math.pi / 2, 0.0, math.pi / 2, math.pi, 1.5 * math.pi}
    for kink in f.kinks:
        if abs(kink) < amplitude:
            turn = math.asin(kink / amplitude)
            breaks |= {turn, math.pi - turn}
    width = min(0.2, 1 / amplitude, 6 / (count + 1))
    x, w = piecewise_rule(sorted(breaks), width)
    cosines, sines = _coefficients(x, f(amplitude * np.sin(x)) * w / math.pi, count)
    if count:
        cosines[0] /= 2
    return cosines, sines


def limit_transfer(activation: object, count: int, *, variance: float = 1.0) -> NDArray[np.float64]:
    """Return lim T[1 -> k] over the regular modules of C_n as n grows, k = 0 to count - 1.

    Parameters
    ----------
    activation
        See :func:`~toolkit.pl.activations.activation.find_activation`.
    count
        The number of frequencies.
    variance
        The variance of each coordinate of v.

    Returns
    -------
    numpy.ndarray
        ``(count,)`` shares; the shares of all frequencies sum to 1.

    Notes
    -----
    These are the Fourier coefficients of kappa(cos x)/kappa(1), which is smooth between 0 and pi.
    They have about twelve digits if kappa does.

    Examples
    --------
    >>> limit_transfer("relu", 3).round(6).tolist()
    [0.405285, 0.5, 0.090063]
    """
    f = find_activation(activation)
    count = require_count(count, "a count of frequencies")
    # kappa(cos x) has square-root-like ends for functions with a kink: none in the angle x
    x, w = piecewise_rule([0.0, math.pi / 2, math.pi], min(0.1, 6 / (count + 1)))
    kappa = f.dual_ratio(np.cos(x), variance)
    out, _ = _coefficients(x, kappa * w * (2 / math.pi), count)
    if count:
        out[0] /= 2
    return np.clip(out, 0.0, 1.0)


def _coefficients(
    x: NDArray[np.float64], values: NDArray[np.float64], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the sums of values cos kx and of values sin kx over the nodes, k below count.

    With k = ar + b, r about the root of count, exp(ikx) = exp(iarx) exp(ibx): one product of two
    matrices for some nodes at a time. So the memory is O(count), and few exponentials are taken.
    """
    r = math.isqrt(max(count - 1, 0)) + 1
    small, large = np.arange(r)[:, None], r * np.arange(-(-count // r))[:, None]
    sums = np.zeros((len(large), r), dtype=np.complex128)
    for start in range(0, len(x), _NODES):
        own = x[start : start + _NODES]
        heights = np.exp(1j * large * own) * values[start : start + _NODES]
        sums += heights @ np.exp(1j * small * own).T
    found = sums.ravel()[:count]
    return found.real.copy(), found.imag.copy()
