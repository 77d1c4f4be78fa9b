"""Dual functions: closed forms against quadrature, quadrature against its ends and samples."""

from __future__ import annotations

import math

import numpy as np
import pytest

from toolkit.errors import UnsupportedActivationError
from toolkit.pl.activation_names import NAMES
from toolkit.pl.activations import Activation, find_activation
from toolkit.pl.gaussian_quadrature import gaussian_mean, numeric_dual, piecewise_rule
from toolkit.pl.transfer_limit import limit_transfer, sine_series

T = np.array([-1.0, -0.999, -0.5, 0.0, 0.3, 0.9, 0.9999, 1.0])
CLOSED = [n for n in (*NAMES, "t^5") if find_activation(n).closed_dual is not None]
SMOOTH = [n for n in NAMES if not find_activation(n).kinks]


@pytest.mark.parametrize("variance", [0.1, 1.0, 4.0])
@pytest.mark.parametrize("name", CLOSED)
def test_closed_forms(name: str, variance: float) -> None:
    f = find_activation(name)
    other = numeric_dual(f.function, f.kinks, variance)
    size = float(f.dual(1.0, variance))
    assert np.abs(other(T) - f.dual(T, variance)).max() < 1e-12 * size
    assert other.error < 1e-10 * size


@pytest.mark.parametrize("name", NAMES)
def test_ends(name: str) -> None:
    # at correlations 1 and -1 the double integral is a single one
    f = find_activation(name)
    both = (*f.kinks, *(-k for k in f.kinks))
    one = gaussian_mean(lambda t: f(t) ** 2, f.kinks, 1.0)
    other = gaussian_mean(lambda t: f(t) * f(-t), both, 1.0)
    middle = gaussian_mean(f, f.kinks, 1.0) ** 2
    found = f.dual([1.0, -1.0, 0.0])
    assert np.abs(found - [one, other, middle]).max() < 1e-12 * max(1.0, one)
    assert f.dual_error() < 1e-11 * max(1.0, one)


@pytest.mark.parametrize("name", ["elu", "hardtanh", "mish", "relu6", "hardshrink"])
def test_samples(name: str) -> None:
    f = find_activation(name)
    rng = np.random.default_rng(1)
    a, b = rng.standard_normal((2, 400_000))
    for t in (-0.6, 0.35):
        product = f(a) * f(t * a + math.sqrt(1 - t * t) * b)
        error = 5 * float(product.std()) / math.sqrt(len(a))
        assert abs(float(product.mean()) - float(f.dual(t))) < error


@pytest.mark.parametrize("name", SMOOTH)
def test_energies_add_up(name: str) -> None:
    f = find_activation(name)
    energies = f.energies(300)
    assert energies.min() >= 0
    assert np.polynomial.polynomial.polyval(0.7, energies) == pytest.approx(float(f.dual(0.7)))
    assert float(energies.sum()) == pytest.approx(f.dual_at_one)


def test_bad_variances() -> None:
    with pytest.raises(UnsupportedActivationError, match="positive number"):
        find_activation("tanh").dual(0.5, 0.0)
    wild = Activation.from_callable(np.exp, name="wild")
    assert float(wild.dual(0.5)) == pytest.approx(math.exp(1.5), rel=1e-10)


def test_relu_of_a_sine() -> None:
    cosines, sines = sine_series("relu", 60)
    expected = np.zeros(60)
    expected[0] = 1 / math.pi
    k = np.arange(1, 30)
    expected[2::2] = -2 / math.pi / (4 * k**2 - 1)
    assert np.abs(cosines - expected).max() < 1e-12
    assert np.abs(sines - 0.5 * (np.arange(60) == 1)).max() < 1e-12


@pytest.mark.parametrize("name", NAMES)
def test_the_limit_is_a_mean_over_amplitudes(name: str) -> None:
    # the energy of f(A sin x) at each frequency, A with density A exp(-A^2/2)
    f = find_activation(name)
    x, w = np.polynomial.legendre.leggauss(160)
    radius = 4.5 * (x + 1)
    density = 4.5 * w * radius * np.exp(-(radius**2) / 2)
    energy = np.zeros(6)
    for a, p in zip(radius.tolist(), density.tolist(), strict=True):
        cosines, sines = sine_series(f, 6, amplitude=a)
        part = (cosines**2 + sines**2) / 2
        part[0] *= 2
        energy += p * part
    # a radius at which A sin x meets a kink leaves the rule above four digits
    assert np.abs(energy / f.dual_at_one - limit_transfer(f, 6)).max() < 1e-4
    if f.homogeneous_degree is not None:
        # then the amplitude does not matter
        cosines, sines = sine_series(f, 6)
        share = (cosines**2 + sines**2) / 2
        share[0] *= 2
        angle, weight = piecewise_rule([i * math.pi / 2 for i in range(5)], 0.2)
        total = weight @ f(np.sin(angle)) ** 2 / (2 * math.pi)
        assert np.abs(share / total - limit_transfer(f, 6)).max() < 1e-10
