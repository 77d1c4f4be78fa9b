"""Transfer of energy and spectra by depth: sums, simulations, limits, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from cyclic import by_frequency, regular

import toolkit as tk
from toolkit.errors import (
    ModuleMismatchError,
)
from toolkit.modules.signed_module import SignedModule
from toolkit.pl.activations.activation import find_activation
from toolkit.pl.activations.registry import ACTIVATIONS
from toolkit.pl.transfer.cyclic_limit import limit_transfer
from toolkit.pl.transfer.depth import spectra_by_depth, transfer_spectrum
from toolkit.pl.transfer.high_precision import exact_product, precise_transfer
from toolkit.pl.transfer.matrix import transfer_error


def test_spectra() -> None:
    X = regular(6)
    for source in ("L1", "L3"):
        row = tk.transfer_matrix(X, "elu")[int(source[1:])]
        assert list(transfer_spectrum(X, {source: 2.0}, "elu").values()) == pytest.approx(row)
    layers = spectra_by_depth(X, {"L3": 1}, "relu", 3, weights={"L0": 0.0}, bias=0.5)
    assert [layer.depth for layer in layers] == [0, 1, 2, 3]
    for layer in layers[1:]:
        assert sum(layer.shares.values()) == pytest.approx(1)
        assert layer.shares["L0"] == pytest.approx(1 / 3)
    grown = spectra_by_depth(X, {"L3": 1}, "relu", 2, keep_variance=False)
    assert [layer.variance for layer in grown] == pytest.approx([1, 0.5, 0.25])
    for bad, words in (({"L3": -1.0}, "at least 0"), ({}, "not all 0")):
        with pytest.raises(ModuleMismatchError, match=words):
            transfer_spectrum(X, bad, "relu")
    with pytest.raises(ModuleMismatchError, match="no energy"):
        spectra_by_depth(X, {"L1": 1}, "identity", 1, weights={"L1": 0})
    with pytest.raises(KeyError, match="not 'L7'"):
        transfer_spectrum(X, {"L7": 1}, "relu")


@pytest.mark.parametrize("name", ["relu", "abs", "gelu", "tanh", "relu_squared", "cos", "cube"])
def test_mixtures_by_simulation(name: str) -> None:
    n, f = 6, find_activation(name)
    rng = np.random.default_rng(2)
    x = np.arange(n)
    mixture = {1: 0.5, 2: 0.3, 3: 0.2}
    v = np.zeros((200_000, n))
    for k, energy in mixture.items():
        a, b = rng.standard_normal((2, len(v), 1)) * math.sqrt(energy)
        angle = 2 * math.pi * k * x / n
        v += a * np.cos(angle) + (b * np.sin(angle) if 2 * k != n else 0)
    power = np.abs(np.fft.rfft(f(v), axis=1)) ** 2 * np.array([1, 2, 2, 1])
    total = power.sum(axis=1)
    label = by_frequency(regular(n))
    exact = transfer_spectrum(regular(n), {label[k]: e for k, e in mixture.items()}, f)
    for k in range(4):
        share = power[:, k].mean() / total.mean()
        spread = (power[:, k] - share * total).std() / total.mean() / math.sqrt(len(v))
        assert abs(share - exact[label[k]]) < 5 * spread + 1e-12


@pytest.mark.parametrize("name", ["relu", "gelu", "tanh", "elu", "square", "abs", "hardshrink"])
def test_large_cyclic_groups_near_the_limit(name: str) -> None:
    n = 12
    X = regular(n)
    label = by_frequency(X)
    row = tk.transfer_matrix(X, name)[int(label[1][1:])]
    # C_n sees frequency k and all others that agree with it modulo n
    many = limit_transfer(name, 480)
    for k in range(n // 2 + 1):
        folded = sum(many[m] for m in range(len(many)) if (m - k) % n == 0 or (m + k) % n == 0)
        assert row[int(label[k][1:])] == pytest.approx(folded, abs=3e-3)


def test_precise_and_plain_sums_agree() -> None:
    from toolkit.pl.criterion.of_module import orbit_criteria

    for X in (regular(12), tk.group("S4").natural_module(), tk.group("A5").regular_module()):
        part = orbit_criteria(X)[0]
        for name in ("relu", "elu", "cube", "sign", "gelu"):
            for bias in (False, True):
                plain = tk.transfer_matrix(X, name, bias=bias)
                precise = precise_transfer(part, find_activation(name), bias, 1.0)
                assert np.abs(plain - precise).max() < 1e-10, (X, name, bias)


def test_exact_products() -> None:
    rng = np.random.default_rng(4)
    a = np.array([[int(x) ** 7 for x in row] for row in rng.integers(-999, 999, (5, 9))], object)
    b = np.array([[int(x) ** 5 for x in row] for row in rng.integers(-999, 999, (9, 4))], object)
    assert (exact_product(a, b) == a @ b).all()


@pytest.mark.parametrize("name", [*ACTIVATIONS, "t^5", "polynomial(1,0,2,3)", "elu(0.5)"])
@pytest.mark.quick_cases(4)
def test_rows_add_up_to_one(name: str) -> None:
    V = tk.group("S4").natural_module()
    modules = [V, V + V**0, regular(12)]
    if find_activation(name).is_odd:
        modules.append(SignedModule.from_signs(tk.group("C4"), [[1, 0]], [[1, -1]]))
    for X in modules:
        for bias in (False, True):
            for variance in (1e-3, 1.0, 1e5):
                shares = tk.transfer_matrix(X, name, bias=bias, variance=variance)
                error = transfer_error(X, name, bias=bias, variance=variance)
                assert error < 1e-11
                gap = np.abs(shares.sum(axis=1) - 1).max()
                assert gap <= len(shares) * error, (X, bias, variance)
                assert shares.min() >= 0
                assert shares.max() <= 1


@pytest.mark.gap
@pytest.mark.parametrize(
    "name",
    [
        *("relu", "leaky_relu(0.2)", "gelu", "tanh", "erf", "sigmoid", "softplus", "elu", "t^3"),
        *("relu_squared", "cos", "sin", "hardtanh", "softsign"),
    ],
)
def test_transfer_by_simulation_on_many_modules(name: str) -> None:
    from exact_projectors import labelled_components

    f, variance = find_activation(name), 2.25
    V = tk.group("S4").natural_module()
    twelve = (V * V).orbits[-1]
    assert twelve.multiplicities["L3"] == 2
    cases: list[tuple[Any, list[Any]]] = [(twelve, [twelve]), (V + twelve, [V, twelve])]
    G = tk.group("C8")
    if f.is_odd:
        half = next(c for c in G.subgroup_classes() if c.order == 2)
        signed = G.signed_coset_module(half.generators, G.index_two_subgroups(half)[0])
        cases.append((signed, [signed.cover]))
    rng = np.random.default_rng(8)
    for X, parts in cases:
        known = []
        for part in parts:
            components, labels = labelled_components(part)
            projectors = dict(zip(labels, (c.projector for c in components), strict=True))
            if X is not part and isinstance(X, SignedModule):
                n = part.degree
                change = (np.eye(n) - np.eye(n)[np.arange(n) ^ 1]) / 2
                projectors = {k: p @ change for k, p in projectors.items()}
                projectors = {k: p for k, p in projectors.items() if np.trace(p) > 0.5}
            known.append(projectors)
        names = sorted({k for p in known for k in p})
        exact = tk.transfer_matrix(X, f, variance=variance)
        assert exact.shape == (len(names), len(names))
        for i, source in enumerate(names):
            energy = np.zeros((12_000, len(names)))
            for projectors in known:
                n = len(next(iter(projectors.values())))
                v = np.zeros((len(energy), n))
                if source in projectors:
                    p = projectors[source]
                    v = rng.standard_normal(v.shape) @ p * math.sqrt(variance / p[0, 0])
                w = f(v)
                for j, target in enumerate(names):
                    if target in projectors:
                        energy[:, j] += ((w @ projectors[target]) * w).sum(axis=1)
            total = energy.sum(axis=1)
            shares = energy.sum(axis=0) / total.sum()
            spread = (energy - total[:, None] * shares).std(axis=0) / total.mean()
            error = 5 * spread / math.sqrt(len(energy)) + 1e-9
            assert (np.abs(shares - exact[i]) < error).all(), (X, source, shares, exact[i])


def test_spectra_of_any_size() -> None:
    X = regular(8)
    wanted = transfer_spectrum(X, {"L1": 1, "L2": 2}, "relu")
    for size in (1e308 / 2, 5e-324):
        found = transfer_spectrum(X, {"L1": size, "L2": 2 * size}, "relu")
        assert found == pytest.approx(wanted, rel=1e-12)
    largest = np.finfo(float).max
    layers = spectra_by_depth(
        X, {"L1": 1.0}, "tanh", 2, weights=dict.fromkeys(X.multiplicities, largest), bias=largest
    )
    for layer in layers:
        assert sum(layer.shares.values()) == pytest.approx(1, rel=1e-12)
    assert layers[1].shares["L0"] == pytest.approx(1)


def test_a_bias_adds_to_the_mean_square() -> None:
    X = regular(8)
    plain, biased = (
        spectra_by_depth(X, {"L1": 1.0}, "cube", 1, bias=b, keep_variance=False)[1]
        for b in (0.0, 3.0)
    )
    assert biased.variance == pytest.approx(4 * plain.variance)
    assert biased.shares["L0"] == pytest.approx((plain.shares["L0"] + 3) / 4)


@pytest.mark.parametrize("wrong", ["a", None, math.nan, math.inf, -1, 10**400])
def test_energies_weights_and_depths_are_checked(wrong: Any) -> None:
    X = regular(4)
    at_least = "must be a finite number of at least 0, not"
    with pytest.raises(ModuleMismatchError, match=f"the energy of L1 {at_least}"):
        transfer_spectrum(X, {"L1": wrong}, "relu")
    with pytest.raises(ModuleMismatchError, match=f"the weight of L1 {at_least}"):
        spectra_by_depth(X, {"L1": 1.0}, "relu", 1, weights={"L1": wrong})
    with pytest.raises(ModuleMismatchError, match=f"a bias {at_least}"):
        spectra_by_depth(X, {"L1": 1.0}, "relu", 1, bias=wrong)
    if not isinstance(wrong, int) or wrong < 0:
        with pytest.raises(
            ModuleMismatchError, match="a depth must be a non-negative integer, not"
        ):
            spectra_by_depth(X, {"L1": 1.0}, "relu", wrong)
    with pytest.raises(ModuleMismatchError, match="each energy is given by its simple's label"):
        transfer_spectrum(X, wrong, "relu")
