"""Wide random networks have the spectra that the theory predicts."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.interpret.spectral.wide_networks import width_comparison

CASES = {
    "C8": (lambda: tk.group("C8").regular_module(), {"L4": 1.0}),
    "Q8": (lambda: tk.group("Q8").regular_module(), {"L1": 0.5, "L4": 1.0}),
    "D16": (lambda: tk.group("D16").regular_module(), {"L1": 0.2, "L5": 1.0}),
    "S4 on cosets": (lambda: tk.group("S4").coset_module([[1, 0, 3, 2]]), {"L3": 1.0, "L4": 0.5}),
}


def require_agreement(found, depth, labels):
    assert found.labels == tuple(labels)
    assert found.predicted.shape == (depth + 1, len(labels))
    assert np.allclose(found.predicted.sum(axis=1), 1)
    assert np.allclose(found.measured.sum(axis=1), 1)
    # a hundred numbers: the largest of as many normal ones is below 4.5 nearly always
    assert found.worst < 4.5, found.to_table()
    assert found.mean_square < 4, found.to_table()
    z = (found.measured_variance - found.predicted_variance) / found.variance_error
    assert np.abs(z).max() < 4.5


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu"])
@pytest.mark.parametrize("name", CASES)
def test_four_groups_three_activations_six_depths(name, activation):
    make, spectrum = CASES[name]
    X = make()
    found = width_comparison(X, spectrum, activation, 5, width=256, networks=16, seed=1)
    require_agreement(found, 5, X.multiplicities)
    assert found.standard_error.max() < 0.03


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu"])
def test_a_sample(activation):
    X = tk.group("C6").regular_module()
    found = width_comparison(X, {"L3": 1.0}, activation, 5, width=96, networks=16)
    require_agreement(found, 5, X.multiplicities)
    assert found.standard_error.max() < 0.1


def test_it_would_notice_a_wrong_prediction():
    X = tk.group("C6").regular_module()
    relu = width_comparison(X, {"L3": 1.0}, "relu", 2, width=96, networks=8)
    gelu = width_comparison(X, {"L3": 1.0}, "gelu", 2, width=96, networks=8)
    unit = np.maximum(relu.standard_error, 1e-9)
    assert np.abs((relu.measured - gelu.predicted) / unit).max() > 5


def test_weights_of_simples_and_a_variance():
    X = tk.group("C8").regular_module()
    weights = {"L0": 0.0, "L2": 2.0}
    found = width_comparison(
        X, {"L4": 1.0, "L2": 1.0}, "gelu", 3, width=96, networks=8, weights=weights, variance=4.0
    )
    require_agreement(found, 3, X.multiplicities)
    assert np.abs(found.measured[:, 0]).max() < 1e-25
    assert found.predicted_variance[0] == pytest.approx(2 * 4.0 * (0.5 * 1 + 0.5 * 2))
    assert found.predicted[0, 2] == pytest.approx(2 / 3)


def test_impossible_simples_are_zero_in_both():
    X = tk.group("C8").regular_module()
    found = width_comparison(X, {"L2": 1.0}, "relu", 3, width=32, networks=4)
    assert np.abs(found.predicted[:, 3:]).max() < 1e-14
    assert np.abs(found.measured[:, 3:]).max() < 1e-25


def test_signed_modules():
    G = tk.group("C12")
    X = G.signed_coset_module([{"word": [0] * 6}], [])
    label = next(iter(X.multiplicities))
    found = width_comparison(X, {label: 1.0}, "erf", 3, width=96, networks=8)
    require_agreement(found, 3, X.multiplicities)


def test_a_seed_repeats_and_leaves_the_generator_alone():
    X = tk.group("C4").regular_module()
    torch.manual_seed(7)
    before = torch.get_rng_state()
    one, two, other = (
        width_comparison(X, {"L2": 1.0}, "relu", 2, width=8, networks=3, inputs=2, seed=s)
        for s in (0, 0, 1)
    )
    assert torch.equal(torch.get_rng_state(), before)
    assert np.array_equal(one.measured, two.measured)
    assert not np.array_equal(one.measured, other.measured)
    assert len(one.to_table().splitlines()) == 4


def test_clear_errors():
    X = tk.group("C4").regular_module()
    with pytest.raises(
        ModuleMismatchError, match="networks must be an integer of at least 2, not 1"
    ):
        width_comparison(X, {"L2": 1.0}, "relu", networks=1)
    with pytest.raises(ModuleMismatchError, match="orbits"):
        width_comparison(X + X, {"L2": 1.0}, "relu")
    with pytest.raises(KeyError, match="not 'L9'"):
        width_comparison(X, {"L9": 1.0}, "relu")
    with pytest.raises(ModuleMismatchError, match="non-negative energies"):
        width_comparison(X, {}, "relu")


def test_numbers_that_mean_nothing_are_refused():
    X = tk.group("C4").regular_module()
    with pytest.raises(ModuleMismatchError, match=r"integer of at least 0, not 2\.5"):
        width_comparison(X, {"L0": 1.0}, "relu", 2.5)
    with pytest.raises(ModuleMismatchError, match="weights remove every simple"):
        width_comparison(X, {"L0": 1.0}, "relu", 2, weights={"L0": 0.0}, width=4, networks=2)
