"""Subgroups under which functions known by samples are equivariant: found, and not by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import ModuleMismatchError, NotAvailable, UnknownLabelError
from toolkit.library.symmetry.design import design_of
from toolkit.library.symmetry.functions import symmetry_of_function
from toolkit.library.symmetry.hom_subspace import (
    actions_of_words,
    hom_subspace,
    matrices_of_actions,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Data = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]

#: S4 on 4 points, twice on the pair <(1,2)>, <(3,4)>.
UNDER_H4B = np.array([[1, 2, 0.5, 0.5], [2, 1, 0.5, 0.5], [0.3, 0.3, 3, 0], [0.3, 0.3, 0, 3.0]])


def square() -> Any:
    return tk.group([[1, 2, 3, 0], [2, 1, 0, 3]]).natural_module()  # D8 on the corners


def samples(W: np.ndarray[Any, Any], noise: float, seed: int, count: int = 100) -> Data:
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(count, W.shape[1]))
    return x, x @ W.T + noise * chance.normal(size=(count, W.shape[0]))


def test_the_subspaces_have_the_dimension_of_hom() -> None:
    G = tk.group("S4")
    X, V, R = G.natural_module(), G.simple_module("L3"), G.regular_module()
    words = [(g,) for g in range(G.generator_count)]
    for source, target in ((X, X), (X, V), (V, X), (V, V), (X, R), (R, V)):
        a, b = actions_of_words(source, words), actions_of_words(target, words)
        basis = hom_subspace(a, b)
        assert len(basis) == tk.hom_dimension(source, target)
        for own, other in zip(matrices_of_actions(a), matrices_of_actions(b), strict=True):
            assert np.abs(other @ basis - basis @ own).max() < 1e-10
        flat = basis.reshape(len(basis), -1)
        assert np.abs(flat @ flat.T - np.eye(len(flat))).max() < 1e-10
    by_matrices = hom_subspace(matrices_of_actions(actions_of_words(X, words)), actions_of_words(
        X, words
    ))  # fmt: skip
    one = hom_subspace(actions_of_words(X, words), actions_of_words(X, words)).reshape(2, -1)
    two = by_matrices.reshape(2, -1)
    assert np.abs(one.T @ one - two.T @ two).max() < 1e-10


def test_all_subgroups_are_tested_and_the_planted_one_is_found() -> None:
    X = tk.group("S4").natural_module()
    x, y = samples(UNDER_H4B, 0.1, 0)
    report = tk.find_symmetry(x, y, modules=(X, X))
    assert len(report.tests) == 29  # S4 has 30 subgroups
    assert report.best is not None
    assert report.order == 4
    assert report.is_symmetric
    kept = {image.tobytes() for image in report.modules["inputs"].images}
    for image in report.modules["inputs"].images:
        assert np.abs(UNDER_H4B[np.ix_(image, image)] - UNDER_H4B).max() == 0
    assert kept
    assert report.group.order == 4
    kept_by = {one.label for one in report.tests if one.share > 0.99}
    assert len(kept_by) == 4  # <(1,2)>, <(3,4)>, <(1,2)(3,4)> and all of it
    called = {one.label for one in report.tests if one.is_symmetry(0.05, 0.001)}
    assert report.best.label in called <= kept_by
    nearest = tk.lstsq(report.modules["inputs"], report.modules["outputs"], x, y)
    assert np.abs(nearest.matrix() - UNDER_H4B).max() < 0.1


def test_shares_against_the_average_over_the_group() -> None:
    """With orthonormal inputs the share is that of the projection to Hom."""
    X = square()
    chance = np.random.default_rng(3)
    x = np.linalg.qr(np.concatenate([np.ones((40, 1)), chance.normal(size=(40, 4))], axis=1))[0]
    x = x[:, 1:]
    W = chance.normal(size=(4, 4))
    report = tk.find_symmetry(x, x @ W.T, modules=(X, X))
    assert abs(report.explained - 1) < 1e-12
    for one in report.tests:
        inputs, outputs = report.restricted(one.label)
        nearest = tk.project_to_hom(inputs, outputs, W)
        assert abs(one.share - float(nearest.share)) < 1e-9
        assert one.dimension == tk.hom_dimension(inputs, outputs)
        assert one.expected == one.dimension / 16
        assert one.p_contradiction == (1.0 if one.share > 1 - 1e-9 else 0.0)


def test_the_f_test_of_chance_against_simulation() -> None:
    X = square()
    x, y = samples(np.random.default_rng(8).normal(size=(4, 4)), 0.1, 1)
    report = symmetry_of_function(x, y, modules=(X, X), draws=1999)
    for one in report.tests:  # isotropic maps are one kind of chance among several
        assert one.p_value > one.p_isotropic - 0.12


@pytest.mark.slow
def test_contradiction_is_calibrated_under_the_symmetry() -> None:
    X = square()
    W = np.array([np.roll([1.0, 0.5, 0.2, 0.5], i) for i in range(4)])
    p = []
    for seed in range(60):
        x, y = samples(W, 1.0, seed, 30)
        report = symmetry_of_function(x, y, modules=(X, X), draws=19)
        p.append(next(one.p_contradiction for one in report.tests if one.order == 8))
    assert 0.35 < float(np.mean(np.array(p, dtype=float))) < 0.65
    assert float((np.array(p, dtype=float) <= 0.1).mean()) < 0.25


@pytest.mark.parametrize(
    "noise",
    [pytest.param(0.0, marks=pytest.mark.slow), 0.1, pytest.param(1.0, marks=pytest.mark.slow)],
)
def test_planted_symmetries_with_noise(noise: float) -> None:
    X = square()
    W = np.array([np.roll([1.0, 2.0, -1.0, 2.0], i) for i in range(4)])
    found = [
        symmetry_of_function(*samples(W, noise, seed, 200), modules=(X, X), draws=99).order
        for seed in range(10)
    ]
    assert found.count(8) >= 9


def test_invariant_functions_of_degree_two() -> None:
    G = tk.group([[1, 2, 3, 0], [2, 1, 0, 3]])
    X, T = G.natural_module(), G.trivial_module()
    chance = np.random.default_rng(2)
    x = chance.normal(size=(300, 4)) + 0.5
    y = (x * np.roll(x, 1, axis=1)).sum(axis=1, keepdims=True) + 0.1 * chance.normal(size=(300, 1))
    report = tk.find_symmetry(x, y, modules=(X, T), degree=2)
    assert report.order == 8
    assert report.explained > 0.99
    assert report.tests[0].dimension < 14  # x and products up to order: 4 + 10


def test_linear_modules() -> None:
    G = tk.group("S4")
    V = G.simple_module("L3")
    x, y = samples(2.0 * np.eye(3), 0.1, 5)
    report = tk.find_symmetry(x, y, modules=(V, V))
    assert report.order == 24
    assert report.modules["inputs"].degree == 3


def _noise(chance: np.random.Generator) -> Data:
    return chance.normal(size=(40, 4)), chance.normal(size=(40, 4))


def _linear(chance: np.random.Generator) -> Data:
    x = chance.normal(size=(40, 4))
    return x, x @ chance.normal(size=(4, 4)) + 0.1 * chance.normal(size=(40, 4))


def _skewed(chance: np.random.Generator) -> Data:
    x = chance.normal(size=(40, 4)) * [1.0, 3.0, 0.2, 1.0] + 2.0
    return x, x @ chance.normal(size=(4, 4)) + 0.1 * chance.normal(size=(40, 4))


def _rank_one(chance: np.random.Generator) -> Data:
    x = chance.normal(size=(40, 4))
    W = np.outer(chance.normal(size=4), chance.normal(size=4))
    return x, x @ W + 0.1 * chance.normal(size=(40, 4))


def _network(chance: np.random.Generator) -> Data:
    x = chance.normal(size=(40, 4))
    return x, np.tanh(x @ chance.normal(size=(4, 16))) @ chance.normal(size=(16, 4))


KINDS = [_noise, _linear, _skewed, _rank_one, _network]


def _six(chance: np.random.Generator, W: Any, noise: float, count: int = 40) -> Data:
    x = chance.normal(size=(count, 6))
    return x, x @ np.asarray(W).T + noise * chance.normal(size=(count, 6))


#: Maps without a symmetry that are not isotropic: identity, mean and gains stand out.
STRUCTURED: dict[str, Callable[[np.random.Generator], Data]] = {
    "gains": lambda chance: _six(chance, np.diag(chance.random(6)), 0.5),
    "few samples": lambda chance: _six(chance, np.diag(chance.random(6)), 1.0, 12),
    "positive": lambda chance: _six(chance, chance.random((6, 6)), 5.0),
    "residual": lambda chance: _six(chance, np.eye(6) + 0.3 * chance.normal(size=(6, 6)), 1.0),
    "covariance": lambda chance: _six(chance, np.cov(chance.normal(size=(6, 8))), 0.5),
    "rows": lambda chance: _six(chance, chance.random((6, 1)) + np.zeros((6, 6)), 0.5),
}


def cyclic() -> Any:
    return tk.group([[1, 2, 3, 4, 5, 0]]).natural_module()


def called_symmetric(
    make: Callable[[np.random.Generator], Data], count: int, draws: int, X: Any = None
) -> int:
    X = square() if X is None else X
    out = 0
    for seed in range(count):
        x, y = make(np.random.default_rng(seed))
        out += symmetry_of_function(x, y, modules=(X, X), draws=draws, seed=seed).is_symmetric
    return out


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.quick_cases(1)
def test_few_data_sets_without_symmetry_are_called_symmetric(make: Any) -> None:
    # of 20 with probability 0.05 each, more than 5 have probability below 0.0004
    assert called_symmetric(make, 20, 19) <= 5


@pytest.mark.parametrize("name", STRUCTURED)
@pytest.mark.quick_cases(2)
def test_few_structured_maps_without_symmetry_are_called_symmetric(name: str) -> None:
    assert called_symmetric(STRUCTURED[name], 20, 19, cyclic()) <= 5


@pytest.mark.slow
@pytest.mark.parametrize("name", STRUCTURED)
def test_of_1000_structured_maps_at_most_the_level(name: str) -> None:
    assert called_symmetric(STRUCTURED[name], 1000, 99, cyclic()) <= 50 + 14


@pytest.mark.parametrize("noise", [0.1, 1.0])
@pytest.mark.quick_cases(1)
def test_planted_turns_are_found_in_noise(noise: float) -> None:
    X = cyclic()
    found = []
    for seed in range(10):
        chance = np.random.default_rng(seed)
        w = chance.normal(size=6)
        data = _six(chance, [np.roll(w, i) for i in range(6)], noise)
        found.append(symmetry_of_function(*data, modules=(X, X), draws=99, seed=seed).order)
    assert found.count(6) >= 9


def test_what_all_relabelings_keep() -> None:
    """Of a multiple of the identity and means no group is found by itself, but all of them."""
    X = cyclic()
    W = 2.0 * np.eye(6) + 0.5
    report = tk.find_symmetry(*samples(W, 0.05, 0), modules=(X, X))
    assert report.common > 0.99
    assert report.order == 6
    gains = tk.find_symmetry(*samples(np.diag([1.0, 2, 3, 4, 5, 6]), 0.05, 0), modules=(X, X))
    assert 0.7 < gains.common < 0.9  # of 91 parts 6 times 3.5^2
    assert gains.order == 1
    whole = next(one for one in gains.tests if one.order == 6)
    assert whole.specific < 0.01 < whole.share
    assert f"keep {gains.common:.4f}" in str(gains)


@pytest.mark.parametrize("factor", [1e-200, 1e200])
def test_sizes_of_numbers_do_not_matter(factor: float) -> None:
    X = square()
    W = np.array([np.roll([1.0, 2.0, -1.0, 2.0], i) for i in range(4)])
    x, y = samples(W, 0.1, 0)
    report = tk.find_symmetry(x * factor, y * factor, modules=(X, X))
    assert report.order == tk.find_symmetry(x, y, modules=(X, X)).order == 8


@pytest.mark.slow
@pytest.mark.parametrize("make", KINDS)
def test_of_1000_data_sets_without_symmetry_at_most_the_level(make: Any) -> None:
    # 50 expected at most; the standard deviation is 7
    assert called_symmetric(make, 1000, 99) <= 50 + 14


def test_too_few_samples_are_not_contradicted_and_constants_do_not_count() -> None:
    X = square()
    x, y = samples(np.eye(4), 0.0, 0, 5)
    report = tk.find_symmetry(x, y + 100.0, modules=(X, X))
    assert all(one.p_contradiction in (None, 1.0) for one in report.tests)
    constant = tk.find_symmetry(x, np.ones((5, 4)), modules=(X, X))
    assert not constant.is_symmetric
    assert constant.order == 1
    assert constant.explained == 0.0
    assert constant.modules["inputs"].home.order == 1


def test_reports() -> None:
    X = square()
    report = tk.find_symmetry(*samples(np.eye(4) + 1, 0.1, 0), modules=(X, X))
    data = report.to_json()
    assert data["best"] == report.best.label
    assert len(data["tests"]) == len(report.tests)
    assert "* the largest" in str(report)
    with pytest.raises(UnknownLabelError, match="the subgroups tested are"):
        report.restricted("H99")


def test_refusals() -> None:
    X = square()
    x, y = samples(np.eye(4), 0.1, 0)
    with pytest.raises(ModuleMismatchError, match=r"need shape \(samples, 4\)"):
        tk.find_symmetry(x[:, :3], y, modules=(X, X))
    with pytest.raises(ModuleMismatchError, match="at least three samples"):
        tk.find_symmetry(x[:2], y[:2], modules=(X, X))
    with pytest.raises(ModuleMismatchError, match="degree must be 1 or 2"):
        tk.find_symmetry(x, y, modules=(X, X), degree=3)
    with pytest.raises(ModuleMismatchError, match="need at least 19 draws"):
        tk.find_symmetry(x, y, modules=(X, X), draws=5)
    with pytest.raises(ModuleMismatchError, match="level must be between"):
        tk.find_symmetry(x, y, modules=(X, X), level=2.0)
    trivial = tk.group("C1").trivial_module()
    with pytest.raises(ModuleMismatchError, match="no subgroup but the trivial one"):
        tk.find_symmetry(x[:, :1], y[:, :1], modules=(trivial, trivial))
    large = tk.group("S8").natural_module()
    with pytest.raises(NotAvailable, match="more than 5,000"):
        tk.find_symmetry(np.zeros((5, 8)), np.zeros((5, 8)), modules=(large, large))


def test_least_squares_against_numpy() -> None:
    chance = np.random.default_rng(0)
    x, y = chance.normal(size=(30, 3)), chance.normal(size=(30, 2))
    design = design_of(x, y, 1)
    columns = np.concatenate([np.ones((30, 1)), x], axis=1)
    rest = np.linalg.lstsq(columns, y, rcond=None)[1].sum()
    assert abs(design.residual - rest) < 1e-9
    assert design.freedom == 2 * 26
