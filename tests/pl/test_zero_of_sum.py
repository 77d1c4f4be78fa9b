"""Zero or not, for maps whose vectors on one line differ in length: against values of the map."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import toolkit as tk
from toolkit.pl.activations.activation import Activation

#: Factors of w and of u on each orbit: what is added up on the one line that they share.
CASES: dict[str, list[tuple[Any, Any]]] = {
    "lengths times u": [(1, 1), (2, Fraction(-1, 2))],
    "u alone": [(1, 1), (2, -1)],
    "twice the same": [(2, 1), (2, -1)],
    "opposite, odd": [(1, 1), (-1, 1)],
    "opposite, even": [(1, 1), (-1, -1)],
    "squares times u": [(1, 1), (2, Fraction(-1, 4))],
    "lengths of three": [(1, 1), (2, -1), (3, Fraction(1, 3))],
    "in part": [(1, 1), (1, -1), (2, 1), (4, Fraction(-1, 2))],
}
AFFINE = ["abs", "hardtanh", "hardsigmoid", "sign", "t+sign(t)"]
OTHERS = ["tanh", "relu_squared", "t*abs(t)", "t^2", "abs(t)+t^2"]
MORE_AFFINE = ["relu", "leaky_relu", "relu6", "softshrink", "hardshrink", "heaviside", "max(t,0)+1"]
MORE = ["gelu", "sin", "elu", "hardswish", "t^3"]
SLOW = [pytest.param(f, marks=pytest.mark.slow) for f in MORE_AFFINE + MORE]


def values_are_zero(phi: Any) -> bool:
    """Return whether the map is 0 at 400 vectors."""
    rng = np.random.default_rng(1)
    v = rng.normal(size=(400, phi.source.dimension)) * 10 ** rng.uniform(-1, 1.5, size=(400, 1))
    return bool(np.abs(phi(v)).max() < 1e-9)


def on_orbits(f: Any, factors: list[tuple[Any, Any]]) -> Any:
    """Return the map over as many copies of three points."""
    X = tk.group("S3").natural_module()
    whole = X
    for _ in factors[1:]:
        whole = whole + X
    w, u = ([(X, {0: pair[i]}) for pair in factors] for i in (0, 1))
    return tk.pl_map(whole, "L2", "L2", f, w=w, u=u)


def as_sum(f: Any, factors: list[tuple[Any, Any]]) -> Any:
    """Return the sum of maps over three points."""
    X = tk.group("S3").natural_module()
    maps = [tk.pl_map(X, "L2", "L2", f, w=(X, {0: a}), u=(X, {0: b})) for a, b in factors]
    total = maps[0]
    for phi in maps[1:]:
        total = total + phi
    return total


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("f", [*AFFINE, *OTHERS, *SLOW])
def test_zero_is_exact_whatever_the_lengths(f: str, case: str) -> None:
    made = [on_orbits(f, CASES[case])]
    if f in AFFINE + MORE_AFFINE:
        made.append(as_sum(f, CASES[case]))
    for phi in made:
        assert phi.zero.is_zero == values_are_zero(phi), phi.zero.reason
        assert phi.zero.certainty == "exact"
        if phi.is_piecewise_linear and phi.is_zero:
            assert len(phi.hyperplanes) == 0
            assert float(phi.lipschitz) == 0.0


def test_both_answers_occur() -> None:
    found = {
        (f, case): on_orbits(f, CASES[case]).is_zero
        for f, case in itertools.product(("abs", "hardtanh", "sign", "t*abs(t)"), CASES)
    }
    zero = {f: {case for (g, case), is_zero in found.items() if g == f and is_zero}
            for f in ("abs", "hardtanh", "sign", "t*abs(t)")}  # fmt: skip
    assert zero["abs"] == {
        "lengths times u", "twice the same", "opposite, even", "lengths of three", "in part"
    }  # fmt: skip
    assert zero["hardtanh"] == {"twice the same", "opposite, odd"}
    assert zero["sign"] == {"u alone", "twice the same", "opposite, odd"}
    assert zero["t*abs(t)"] == {
        "squares times u", "twice the same", "opposite, odd", "lengths of three"
    }  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    "function",
    [np.tanh, np.abs, lambda t: np.sqrt(np.abs(t)), lambda t: np.abs(t) ** 1.5],
    ids=["tanh", "abs", "root", "power"],
)
def test_functions_of_the_user_are_never_called_exact(function: Any, case: str) -> None:
    phi = on_orbits(Activation.from_callable(function), CASES[case])
    assert phi.is_zero == values_are_zero(phi)
    assert phi.zero.certainty in {"measured", "numerical"}


def test_vectors_of_floats_are_numerical() -> None:
    X = tk.group("S3").natural_module()
    regular = tk.group("S3").regular_module()
    phi = tk.pl_map(regular, "L2", "L2", "hardtanh", w=[1.0, 0.25], u=[0.5, 1.0])
    both = phi + tk.pl_map(regular, "L2", "L2", "hardtanh", w=[2.0, 0.5], u=[-0.25, -0.5])
    assert not both.is_zero
    assert both.zero.certainty == "numerical"
    assert both.zero.is_zero == values_are_zero(both)
    killed = tk.pl_map(regular, "L2", "L0", "relu", w=[1.0, 0.25]).region_orbits()
    assert killed.killed_is == "numerical"
    assert killed.regions.certainty == "numerical"
    assert tk.pl_map(X, "L2", "L0", "relu").region_orbits().killed_is == "exact"
