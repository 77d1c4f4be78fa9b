"""Dual functions: closed forms against quadrature, quadrature against its ends and samples."""

from __future__ import annotations

import math
import tracemalloc
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

import toolkit as tk
from toolkit.errors import UnsupportedActivationError
from toolkit.pl.activations.activation import Activation, find_activation
from toolkit.pl.activations.parity_parts import ParityPart
from toolkit.pl.activations.registry import ACTIVATIONS
from toolkit.pl.gaussian.quadrature import gaussian_mean, numeric_dual, piecewise_rule
from toolkit.pl.transfer.cyclic_limit import limit_transfer, sine_series
from toolkit.pl.transfer.depth import spectra_by_depth

T = np.array([-1.0, -0.98, -0.5, 0.0, 0.3, 0.9, 0.96, 1.0])
NEAR = np.array([-1 + 1e-6, -0.9999, -0.997, 0.9957, 0.999, 0.99999, 1 - 1e-9])
CLOSED = [n for n in (*ACTIVATIONS, "t^5") if find_activation(n).closed_dual is not None]
SMOOTH = [n for n in ACTIVATIONS if not find_activation(n).kinks]


@pytest.mark.parametrize(
    "variance", [*(pytest.param(v, marks=pytest.mark.slow) for v in (0.01, 1e4)), 1.0, 1e9]
)
@pytest.mark.parametrize("name", CLOSED)
@pytest.mark.quick_cases(7)
def test_closed_forms(name: str, variance: float) -> None:
    f = find_activation(name)
    if name in {"sin", "cos"} and variance > 1e4:
        return
    other = numeric_dual(f.function, f.kinks, variance)
    found = other.ratio(T)
    assert other.error < 1e-12
    assert np.abs(found - f.dual_ratio(T, variance)).max() < other.error + 1e-14
    assert other.log_energy == pytest.approx(f.log_energy(variance), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "variance"), [("relu", 1.0), ("erf", 30.0), ("heaviside", 1.0), ("gelu", 0.1)]
)
def test_closed_forms_near_one(name: str, variance: float) -> None:
    f = find_activation(name)
    other = numeric_dual(f.function, f.kinks, variance)
    found = other.ratio(NEAR)
    assert other.error < 1e-12
    assert np.abs(found - f.dual_ratio(NEAR, variance)).max() < other.error + 1e-14


@pytest.mark.parametrize("variance", [1.0, 100.0, 1e4, 1e6])
def test_hardtanh_and_relu6_by_another_route(variance: float) -> None:
    # kappa'' is a sum over pairs of kinks of the density there (Price's theorem)
    for name, kinks, changes in (
        ("hardtanh", (-1.0, 1.0), (1.0, -1.0)),
        ("relu6", (0.0, 6.0), (1.0, -1.0)),
    ):
        f = find_activation(name)
        first = gaussian_mean(f, f.kinks, variance) ** 2
        inside = norm.cdf(kinks[1] / math.sqrt(variance)) - norm.cdf(kinks[0] / math.sqrt(variance))

        def second(angle: float, k: Any = kinks, c: Any = changes) -> float:
            t, w = math.sin(angle), math.cos(angle)
            total = 0.0
            for a, p in zip(k, c, strict=True):
                for b, q in zip(k, c, strict=True):
                    size = (a * a + b * b - 2 * a * b * t) / (2 * variance * w * w)
                    total += p * q * math.exp(-size)
            return total * variance / (2 * math.pi)

        def kappa(t: float, zero: float = first, one: float = inside, g: Any = second) -> float:
            found = quad(
                lambda angle: (t - math.sin(angle)) * g(angle),
                *(0, math.asin(t) * (1 - 1e-14)),
                epsabs=0,
                epsrel=1e-11,
                limit=400,
            )
            return zero + variance * one**2 * t + float(found[0])

        energy = math.exp(f.log_energy(variance))
        for t in (0.3, 0.7, 0.96, -0.5):
            assert float(f.dual_ratio(t, variance)) == pytest.approx(kappa(t) / energy, abs=1e-10)


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "softsign", "hardtanh", "hardsigmoid", "erf"])
def test_bounded_functions_become_steps(name: str) -> None:
    step = find_activation("heaviside" if "sigmoid" in name else "sign")
    f = find_activation(name)
    gaps = []
    for variance in (1e4, 1e8, 1e12, 1e300):
        gaps.append(float(np.abs(f.dual_ratio(T, variance) - step.dual_ratio(T)).max()))
        assert f.ratio_error(variance) < 1e-12
    # the transition is met with a probability like 1/sigma (times a logarithm for softsign)
    assert gaps[0] < 0.1
    assert gaps[1] < gaps[0] / 30
    assert gaps[2] < gaps[1] / 30
    assert gaps[3] < 1e-12


@pytest.mark.parametrize(
    ("name", "variance", "power"),
    [
        ("t^5", 1e-200, None),
        ("polynomial(0,1e-300)", 1.0, None),
        ("cube", 1e300, None),
        ("relu_power(30)", 1e200, None),
        ("gelu", 1e200, "relu"),
        ("gelu", 1e-200, "identity"),
        ("softplus", 1e-200, "polynomial(1)"),
        ("sin", 1e-25, "identity"),
        ("tanhshrink", 1e-40, "cube"),
        ("elu", 1e250, "relu"),
        ("mish", 1e-200, "identity"),
    ],
)
def test_nothing_over_or_underflows(name: str, variance: float, power: str | None) -> None:
    f = find_activation(name)
    ratio = f.dual_ratio(T, variance)
    assert ratio[-1] == 1.0
    other = f.dual_ratio(T) if power is None else find_activation(power).dual_ratio(T)
    assert np.abs(ratio - other).max() < 1e-12
    assert math.isfinite(f.log_energy(variance))


def test_thresholds_far_out() -> None:
    for name, variance in (("softshrink", 1e-4), ("hardshrink(50)", 1.0), ("softshrink", 1e-12)):
        f = find_activation(name)
        assert f.dual_ratio([1.0, 0.9, 0.5, 0.0, -0.9, -1.0], variance).tolist() == [
            *(1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
        ]
    # E (x - a)^2 for x > a, twice
    with mpmath.workdps(60):
        a = mpmath.mpf(50)
        tail = mpmath.erfc(a / mpmath.sqrt(2)) / 2
        wanted = (1 + a * a) * tail - a * mpmath.npdf(a)
        assert find_activation("softshrink(50)").log_energy() == pytest.approx(
            float(mpmath.log(2 * wanted)), rel=1e-12
        )


def test_kinks_that_nobody_named() -> None:
    for place in (0.0, 1.0, 2.5):
        f = Activation.from_callable(lambda t, p=place: np.abs(t - p), name="bent")
        known = numeric_dual(f.function, (place,), 1.0)
        assert np.abs(f.dual_ratio(T) - known.ratio(T)).max() < 1e-12


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda t: 0 * t, "it is 0 wherever"),
        (lambda t: np.exp(t * t), "has no mean"),
        (lambda t: np.where(t > 2, np.nan, t), "not finite"),
        (lambda t: np.sin(1e7 * t), "too fast"),
    ],
)
def test_no_dual_function(function: Any, words: str) -> None:
    f = Activation("wild", ParityPart.other(), ParityPart.other(), function=function)
    with pytest.raises(UnsupportedActivationError, match=f"wild at variance 1: .*{words}"):
        f.dual_ratio(0.5)


def test_beyond_float64() -> None:
    with pytest.raises(UnsupportedActivationError, match="use dual_ratio"):
        find_activation("t^5").dual(0.5, 1e200)
    assert float(find_activation("t^5").dual(0.5, 1e-200)) == 0.0
    with pytest.raises(UnsupportedActivationError, match="non-negative integer, not -1"):
        sine_series("relu", -1)
    with pytest.raises(UnsupportedActivationError, match="non-negative integer, not -2"):
        limit_transfer("relu", -2)
    assert sine_series("relu", 0)[0].shape == limit_transfer("relu", 0).shape == (0,)


@pytest.mark.parametrize("name", ACTIVATIONS)
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


@pytest.mark.parametrize(
    "name",
    [pytest.param(f, marks=[pytest.mark.slow] * (i % 3 > 0)) for i, f in enumerate(ACTIVATIONS)],
)
@pytest.mark.quick_cases(4)
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


@pytest.mark.parametrize("name", ["tanh", "relu", "t^3", "relu_power(3)"])
@pytest.mark.parametrize(
    "t",
    [math.nan, [0.5, math.nan], 2.0, [0.1, -1.5], math.inf, None, "a", "0.5", 1j, [[1], [1, 0]]],
)
def test_correlations_are_numbers_from_minus_one_to_one(name: str, t: Any) -> None:
    f = find_activation(name)
    for ask in (f.dual, f.dual_ratio):
        with pytest.raises(UnsupportedActivationError, match="a real number from -1 to 1, not"):
            ask(t)


def test_rounding_beyond_one_is_forgiven() -> None:
    f = find_activation("relu")
    assert f.dual([1 + 1e-9, -1 - 1e-9]).tolist() == f.dual([1.0, -1.0]).tolist()
    assert f.dual_ratio(np.zeros((0, 2))).shape == (0, 2)


@pytest.mark.parametrize("variance", ["a", None, [1, 2], 10**400, math.nan, -1, 1j])
def test_variances_are_positive_numbers(variance: Any) -> None:
    f, X = find_activation("tanh"), tk.group("C4").regular_module()
    for ask in (
        lambda: f.dual(0.5, variance),
        lambda: f.dual_ratio(0.5, variance),
        lambda: f.log_energy(variance),
        lambda: f.ratio_error(variance),
        lambda: f.energies(3, variance),
        lambda: tk.transfer_matrix(X, "relu", variance=variance),
        lambda: tk.interaction_graph(X, "relu", variance=variance),
        lambda: limit_transfer("relu", 3, variance=variance),
        lambda: spectra_by_depth(X, {"L1": 1.0}, "relu", 0, variance=variance),
    ):
        with pytest.raises(UnsupportedActivationError, match="a variance must be a positive num"):
            ask()
    with pytest.raises(UnsupportedActivationError, match="an amplitude must be a positive number"):
        sine_series("relu", 3, amplitude=variance)


def test_variances_of_other_types() -> None:
    f = find_activation("gelu")
    expected = f.dual([0.3, 0.9], 2.0).tolist()
    for variance in (2, Fraction(2), np.float32(2), np.array(2.0)):
        assert f.dual([0.3, 0.9], variance).tolist() == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [-1, "a", 1.5, None, math.nan])
def test_counts_are_whole_numbers(count: Any) -> None:
    for name in ("tanh", "cube"):
        f = find_activation(name)
        for ask in (f.energies, f.energy_shares):
            with pytest.raises(
                UnsupportedActivationError, match="energies must be a non-negative integer"
            ):
                ask(count)
    for lines in (limit_transfer, sine_series):
        with pytest.raises(
            UnsupportedActivationError, match="frequencies must be a non-negative integer"
        ):
            lines("relu", count)
    assert find_activation("cube").energies(0).tolist() == []


def test_many_frequencies_take_little_memory() -> None:
    """ReLU(sin x) has its closed form up to frequency 4095, in memory far below count^2."""
    tracemalloc.start()
    cosines, sines = sine_series("relu", 4096)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1e8
    k = np.arange(1, 2048)
    assert np.abs(cosines[2::2] + 2 / (math.pi * (4 * k**2 - 1))).max() < 1e-12
    assert np.abs(np.delete(sines, 1)).max() < 1e-12
    assert limit_transfer("relu", 4096).sum() == pytest.approx(1, abs=1e-9)
