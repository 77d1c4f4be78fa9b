"""The functions themselves, on numpy arrays, as torch defines them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SELU_SCALE = 1.0507009873554804934193349852946
SELU_ALPHA = 1.6732632423543772848170429916717
_GELU_SCALE = math.sqrt(2 / math.pi)


def homogeneous(t: Floats, even: float, odd: float) -> Floats:
    """Return a|t| + bt."""
    return even * np.abs(t) + odd * t


def relu_power(t: Floats, degree: int) -> Floats:
    """Return t^degree for t > 0, else 0."""
    return np.maximum(t, 0.0) ** degree


def polynomial(t: Floats, coefficients: Sequence[float]) -> Floats:
    """Return the sum of coefficients[d] t^d."""
    out = np.zeros_like(t)
    for c in reversed(coefficients):
        out = out * t + c
    return out


def clip(t: Floats, least: float, greatest: float) -> Floats:
    """Return t cut off at least and greatest."""
    return np.clip(t, least, greatest)


def heaviside(t: Floats) -> Floats:
    """Return the step from 0 to 1, which is 1/2 at 0."""
    return np.heaviside(t, 0.5)


def erf(t: Floats) -> Floats:
    """Return the error function."""
    from scipy.special import erf as function

    out: Floats = function(t)
    return out


def sigmoid(t: Floats) -> Floats:
    """Return 1 / (1 + exp(-t))."""
    return 0.5 + 0.5 * np.tanh(0.5 * t)


def gelu(t: Floats) -> Floats:
    """Return t times the normal distribution function."""
    from scipy.special import ndtr

    out: Floats = t * ndtr(t)
    return out


def gelu_tanh(t: Floats) -> Floats:
    """Return the approximation of GELU by tanh."""
    return 0.5 * t * (1.0 + np.tanh(_GELU_SCALE * (t + 0.044715 * t**3)))


def silu(t: Floats) -> Floats:
    """Return t sigmoid(t)."""
    return t * sigmoid(t)


def softplus(t: Floats, beta: float) -> Floats:
    """Return log(1 + exp(beta t)) / beta; torch replaces it by t where beta t > 20."""
    return np.logaddexp(0.0, beta * t) / beta


def logsigmoid(t: Floats) -> Floats:
    """Return log(sigmoid(t))."""
    return -np.logaddexp(0.0, -t)


def elu(t: Floats, alpha: float) -> Floats:
    """Return t for t > 0, else alpha (exp(t) - 1)."""
    return np.where(t > 0, t, alpha * np.expm1(np.minimum(t, 0.0)))


def celu(t: Floats, alpha: float) -> Floats:
    """Return t for t > 0, else alpha (exp(t / alpha) - 1)."""
    return np.maximum(t, 0.0) + np.minimum(alpha * np.expm1(np.minimum(t / alpha, 700.0)), 0.0)


def selu(t: Floats) -> Floats:
    """Return the scaled ELU."""
    return SELU_SCALE * elu(t, SELU_ALPHA)


def mish(t: Floats) -> Floats:
    """Return t tanh(softplus(t))."""
    return t * np.tanh(np.logaddexp(0.0, t))


def softshrink(t: Floats, width: float) -> Floats:
    """Return t moved towards 0 by width, 0 between."""
    return t - np.clip(t, -width, width)


def hardshrink(t: Floats, width: float) -> Floats:
    """Return t where |t| > width, else 0."""
    return np.where(np.abs(t) > width, t, 0.0)


def hardsigmoid(t: Floats) -> Floats:
    """Return t/6 + 1/2 cut off at 0 and 1."""
    return np.clip(t + 3.0, 0.0, 6.0) / 6.0


def hardswish(t: Floats) -> Floats:
    """Return t hardsigmoid(t)."""
    return t * np.clip(t + 3.0, 0.0, 6.0) / 6.0


def softsign(t: Floats) -> Floats:
    """Return t / (1 + |t|)."""
    return t / (1.0 + np.abs(t))


def tanhshrink(t: Floats) -> Floats:
    """Return t - tanh(t), for small t by the continued fraction of tanh: no cancellation."""
    square = np.minimum(t * t, 1.0)
    below = np.full_like(square, 21.0)
    for odd in range(19, 2, -2):
        below = odd + square / below
    small = square / below
    return np.where(np.abs(t) < 1, t * (small / (1 + small)), t - np.tanh(t))
