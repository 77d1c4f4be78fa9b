"""What is said of a map agrees with itself, with its values, and with what it was given."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import ConfigError, ModuleMismatchError, NotAvailable


def point() -> Any:
    """Return one point, of C2."""
    return next(X for X in tk.group("C2").permutation_modules() if X.degree == 1)


def of_numbers(f: str, w: list[Any], u: list[Any]) -> Any:
    """Return v -> the sum of u f(w v)."""
    one = point()
    whole = one
    for _ in w[1:]:
        whole = whole + one
    given = [[(one, {0: x}) for x in numbers] for numbers in (w, u)]
    return tk.pl_map(whole, "L0", "L0", f, w=given[0], u=given[1])


def sum_over_orbits(f: str, w: dict[int, Any], u: dict[int, Any]) -> Any:
    X, Y = tk.group("S3").regular_module(), tk.group("S3").natural_module()
    return tk.pl_map(X, "L2", "L2", f, w=(Y, w), u=(Y, u))


# -- rounding -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [10**16, 10**18])
def test_rounding_is_added_where_terms_cancel(size: int) -> None:
    """2 size relu(v) - (size - 1) relu(2 v) = 2 relu(v)."""
    phi = of_numbers("relu", [1, 2], [2 * size, -size + 1])
    assert (phi.is_zero, phi.zero.certainty, str(phi.regions)) == (False, "exact", "2 (exact)")
    assert phi.lipschitz.certainty == "upper bound"
    assert phi.lipschitz.value >= 2
    found = phi.region_orbits()
    assert (sum(found.killed), found.killed_is) == (1, "exact")


@pytest.mark.parametrize(("digits", "certainty"), [(4, "exact"), (20, "upper bound")])
def test_lipschitz_of_a_sum_whose_terms_cancel(digits: int, certainty: str) -> None:
    def times(k: int) -> Any:
        return sum_over_orbits("relu", {0: 1}, {0: k})

    phi = times(10**digits) + times(-(10**digits) + 1)
    assert phi.lipschitz.certainty == certainty
    assert phi.lipschitz.value >= 3 - 1e-9
    if certainty == "exact":
        assert abs(phi.lipschitz.value - 3) < 1e-6


def test_a_constant_map_has_lipschitz_constant_0_exactly() -> None:
    X = tk.group("A5").coset_module("H5a")
    phi = tk.pl_map(X, "L1", "L0", "hardsigmoid")
    assert (phi.is_zero, str(phi.lipschitz)) == (False, "0 (exact)")


# -- weights --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weights", "words"),
    [({0: 10**9, 1: 10**9, 2: 10**9 + 1}, "cancel to less than"),
     ({0: 1, 1: 1, 2: 1}, "must not be 0"),
     ({0: 10**300, 1: 1}, "of a size between 1e-100 and 1e"),
     ({0: Fraction(1, 10**200)}, "of a size between 1e-100 and 1e"),
     ({0: 10**400}, "of a size between 1e-100 and 1e"), ({0: "1"}, "found text")],
)  # fmt: skip
def test_weights_that_floats_do_not_hold(weights: dict[int, Any], words: str) -> None:
    with pytest.raises(ModuleMismatchError, match=words) as caught:
        sum_over_orbits("abs", weights, {0: 1})
    assert "\n" not in str(caught.value)


def test_weights_that_cancel_in_part_are_taken() -> None:
    phi = sum_over_orbits("abs", {0: 1000, 1: 1000, 2: 1001}, {0: 1})
    alike = sum_over_orbits("abs", {2: 1}, {0: 1})
    assert np.abs(phi.vectors - alike.vectors).max() < 1e-12
    assert str(phi.regions) == "6 (exact)"


# -- labels ---------------------------------------------------------------------------------------


def test_what_holds_for_every_w_is_exact_for_floats() -> None:
    X = tk.group("S4").regular_module()
    phi = tk.pl_map(X, "L2", "L3", "relu", w=[0.5, 0.1])
    assert phi.is_zero
    assert {phi.zero.certainty, phi.regions.certainty, phi.breaks_are, phi.lipschitz.certainty,
            phi.region_orbits().killed_is} == {"exact"}  # fmt: skip
    linear = tk.pl_map(X, "L2", "L2", "t", w=[0.5, 0.1])
    assert (str(linear.regions), linear.breaks_are) == ("1 (exact)", "exact")
    assert linear.lipschitz.certainty == "numerical"


@pytest.mark.parametrize("f", ["abs", "hardtanh", "sign", "hardsigmoid"])
def test_sums_of_zeros_of_different_modules_are_exact(f: str) -> None:
    """Of 12 and of 20 points: their lengths have a ratio that is not the root of a fraction."""
    A5 = tk.group("A5")
    one, two = (tk.pl_map(A5.coset_module(H), "L1", "L0", f) for H in ("H5a", "H3a"))
    both = one + two
    labels = {both.zero.certainty, both.regions.certainty, both.breaks_are}
    assert (both.is_zero, labels) == (one.is_zero and two.is_zero, {"exact"})
    if f != "abs":
        assert both.regions.count == 1


def test_killed_agrees_with_the_other_labels() -> None:
    regular, one = tk.group("C2").regular_module(), point()
    both = tk.pl_map(one, "L0", "L0", "relu") + tk.pl_map(regular, "L0", "L0", "relu")
    assert {both.regions.certainty, both.region_orbits().killed_is} == {"exact"}


def test_maps_of_any_activation_are_added() -> None:
    X = tk.group("S4").regular_module()
    phi = tk.pl_map(X, "L2", "L2", "tanh")
    both = phi + phi
    v = np.random.default_rng(0).normal(size=(5, 2))
    assert np.abs(both(v) - 2 * phi(v)).max() < 1e-14
    assert (both.is_zero, both.zero.certainty) == (False, "exact")
    with pytest.raises(ModuleMismatchError, match="activation agree"):
        phi + tk.pl_map(X, "L2", "L2", "sin")


@pytest.mark.parametrize("order", [0, 1])
def test_generic_copies_on_several_orbits_are_isometric(order: int) -> None:
    """L3 once on 4 points and three times on 24: scales that differ by a hundred."""
    G = tk.group("S4")
    parts = [G.natural_module(), G.regular_module()][:: 1 - 2 * order]
    phi = tk.pl_map(parts[0] + parts[1], "L3", "L0", "abs")
    assert np.abs(phi.vectors.T @ phi.vectors - np.eye(3)).max() < 1e-12
    lengths = np.linalg.norm(phi.vectors, axis=1)
    assert lengths.min() > 0.05 * lengths.max()
    assert phi.regions.certainty == "exact"


def test_a_generic_copy_is_never_0() -> None:
    """Multiples of one root have differences in common, and here these add up to 0."""
    G = tk.group("C2 x C2 x S3")
    for X in G.permutation_modules():
        for label, many in X.multiplicities.items():
            if many > 1:
                phi = tk.pl_map(X, label, label, "relu")
                assert phi.regions.certainty == "exact"


# -- narrow regions -------------------------------------------------------------------------------


def test_pieces_of_narrow_regions_are_found_by_walking() -> None:
    A5 = tk.group("A5")
    w = A5.coset_module("H5a"), {0: 10**6, 1: 1, 2: 3}
    phi = tk.pl_map(A5.regular_module(), "L1", "L0", "abs", w=w)
    assert str(phi.regions) == "3542 (exact)"
    assert sum(piece.size for piece in phi.matrices) == 3542
    assert phi.lipschitz.certainty == "exact"


def test_regions_too_narrow_for_floats_are_said_to_be() -> None:
    phi = sum_over_orbits("hardtanh", {0: 10**9, 1: 1}, {0: 1})
    with pytest.raises(NotAvailable, match="too thin for float64"):
        phi.region_orbits()


# -- options --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "option", "value", "words"),
    [("count_regions", "most_work", "much", "must be a number of residues"),
     ("count_regions", "most_work", -1, "must be a number of residues"),
     ("count_regions", "most_work", float("nan"), "must be a number of residues"),
     ("count_regions", "progress", 3, "must be a function"),
     ("region_orbits", "most_orbits", "all", "must be a number of orbits"),
     ("region_orbits", "progress", 3, "must be a function")],
)  # fmt: skip
def test_options_are_checked(method: str, option: str, value: Any, words: str) -> None:
    phi = tk.pl_map(tk.group("S3").natural_module(), "L2", "L0", "abs")
    with pytest.raises(ConfigError, match=words):
        getattr(phi, method)(**{option: value})


def test_vectors_beyond_float64_are_refused() -> None:
    phi = tk.pl_map(tk.group("S3").natural_module(), "L2", "L0", "abs")
    with pytest.raises(ModuleMismatchError, match="up to 1e150"):
        phi.at([1e308, 1e308])
