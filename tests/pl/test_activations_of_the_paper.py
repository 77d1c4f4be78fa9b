"""Activations of arXiv 2408.00949, and their dual functions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from toolkit.errors import UnsupportedActivationError
from toolkit.pl.activations.activation import Activation, find_activation


@pytest.mark.parametrize(
    ("name", "even", "linear"),
    [
        ("relu", 0.5, 0.5),
        ("ReLU", 0.5, 0.5),
        ("abs", 1.0, 0.0),
        ("|x|", 1.0, 0.0),
        ("leaky-relu", 0.495, 0.505),
        ("leaky_relu(0.2)", 0.4, 0.6),
        ("LeakyReLU(-1)", 1.0, 0.0),
        ("leaky_relu(1)", 0.0, 1.0),
    ],
)
def test_names(name: str, even: float, linear: float) -> None:
    found = find_activation(name)
    assert (found.even, found.linear) == (even, linear)
    assert find_activation(found) is found


@pytest.mark.parametrize(
    "name", ["", "tanhh", "leaky_relu()", "leaky_relu(1e999)", "leaky_relu(-)"]
)
def test_unknown_names(name: str) -> None:
    with pytest.raises(UnsupportedActivationError, match="use relu, abs"):
        find_activation(name)


@pytest.mark.parametrize("bad", [None, 3, np.tanh])
def test_no_names(bad: object) -> None:
    with pytest.raises(UnsupportedActivationError, match="by its name"):
        find_activation(bad)


@pytest.mark.parametrize(("even", "linear"), [(0.0, 0.0), (math.inf, 1.0), (1e200, 0.0)])
def test_useless_numbers(even: float, linear: float) -> None:
    with pytest.raises(UnsupportedActivationError, match="finite numbers"):
        Activation("z", even, linear)


def test_values() -> None:
    t = np.array([-2.0, 0.0, 3.0])
    assert find_activation("relu")(t).tolist() == [0, 0, 3]
    assert find_activation("abs")(t).tolist() == [2, 0, 3]
    assert find_activation("leaky_relu(0.5)")(t).tolist() == [-1, 0, 3]


@pytest.mark.parametrize("f", [find_activation(n) for n in ("relu", "abs", "leaky_relu(0.3)")])
@pytest.mark.parametrize("correlation", [-1.0, -0.4, 0.0, 0.7, 1.0])
def test_dual_by_quadrature(f: Activation, correlation: float) -> None:
    # both factors are homogeneous: E f(a) f(b) is E r^2 = 2 times a mean over the circle
    angle = np.linspace(0, 2 * math.pi, 200_000, endpoint=False)
    other = correlation * np.cos(angle) + math.sqrt(1 - correlation**2) * np.sin(angle)
    expected = 2 * float((f(np.cos(angle)) * f(other)).mean())
    assert abs(float(f.dual(np.array(correlation))) - expected) < 1e-8
    assert abs(f.dual_at_one - float(f.dual(np.array(1.0)))) < 1e-12
