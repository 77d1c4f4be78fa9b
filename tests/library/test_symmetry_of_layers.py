"""Pairs of permutations that keep a layer's weights, against all pairs."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import toolkit as tk
from tests.library.test_symmetry_of_graphs import elements
from toolkit.errors import ConfigError, NamingError
from toolkit.figures import draw_trade_off, figure_for_trade_off
from toolkit.library.symmetry.averaging import average_of_matrix

if TYPE_CHECKING:
    from pathlib import Path


def pairs(W: np.ndarray[Any, Any], tol: float = 0.0) -> set[tuple[int, ...]]:
    m, n = W.shape
    return {
        (*p, *(m + j for j in q))
        for p in permutations(range(m))
        for q in permutations(range(n))
        if (abs(W[np.ix_(p, q)] - W) <= tol).all()
    }


def found_pairs(found: Any) -> set[tuple[int, ...]]:
    m, n = found["outputs"].degree, found["inputs"].degree
    rows = found["outputs"].images.reshape(-1, m)
    both = np.concatenate([rows, m + found["inputs"].images.reshape(-1, n)], axis=1)
    return elements(both, m + n)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("floats", [False, True])
def test_small_layers_against_all_pairs(seed: int, floats: bool) -> None:
    chance = np.random.default_rng(seed)
    m, n = chance.integers(1, 5, 2)
    W = chance.integers(0, 2, (m, n))
    found = tk.find_symmetry(W.astype(float) if floats else W, kind="layer")
    assert found_pairs(found) == pairs(W)
    assert found.order == len(pairs(W))
    assert found.is_exact != floats


@pytest.mark.parametrize("seed", range(4))
def test_pairs_within_a_tolerance(seed: int) -> None:
    W = np.random.default_rng(seed).normal(size=(3, 4))
    for tol in (0.0, 0.3, 1.0):
        found = tk.find_symmetry(W, kind="layer", tol=tol)
        assert found_pairs(found) >= pairs(W, tol)
        if not found.facts["spread"] > tol:
            assert found_pairs(found) == pairs(W, tol)
            assert found.order == len(pairs(W, tol))


@pytest.mark.parametrize("noise", [1e-7, 1e-4, 1e-3])
def test_a_planted_symmetry_of_another_shape(noise: float) -> None:
    """S3 x C2 on 6 outputs by 9 inputs."""
    G = tk.group([[1, 2, 0, 3, 4], [1, 0, 2, 3, 4], [0, 1, 2, 4, 3]])
    Y = G.module_from_images([[2, 3, 4, 5, 0, 1], [2, 3, 0, 1, 4, 5], [1, 0, 3, 2, 5, 4]])
    turn = [3, 4, 5, 6, 7, 8, 0, 1, 2]
    X = G.module_from_images([turn, [3, 4, 5, 0, 1, 2, 6, 7, 8], [1, 0, 2, 4, 3, 5, 7, 6, 8]])
    chance = np.random.default_rng(5)
    W = average_of_matrix(chance.normal(size=(6, 9)), Y.images, X.images).values
    noisy = W + noise * chance.normal(size=W.shape)
    found = tk.find_symmetry(noisy, kind="layer", shuffles=19)
    assert found.order == 12
    assert found.facts["p_value"] == 0.05
    assert np.abs(found.averaged - W).max() < 4 * noise
    assert tk.hom_dimension(found["inputs"], found["outputs"]) == tk.hom_dimension(X, Y)
    nearest = tk.project_to_hom(found["inputs"], found["outputs"], noisy)
    assert np.abs(nearest.matrix() - found.averaged).max() < 1e-12


def test_a_random_layer_has_no_symmetry() -> None:
    for seed in range(10):
        W = np.random.default_rng(seed).normal(size=(6, 7))
        found = tk.find_symmetry(W, kind="layer")
        assert found.order == 1
        assert found.residual == 0.0
        assert found.averaged.tolist() == W.tolist()


def test_biases_fractions_and_layers_of_torch() -> None:
    W = [[Fraction(1, 3), Fraction(0)], [Fraction(0), Fraction(1, 3)]]
    assert tk.find_symmetry(W, kind="layer").order == 2
    assert tk.find_symmetry(W, kind="layer", bias=[1, 2]).order == 1
    torch = pytest.importorskip("torch")
    layer = torch.nn.Linear(3, 3)
    with torch.no_grad():
        layer.weight.copy_(torch.eye(3))
        layer.bias.copy_(torch.tensor([1.0, 1.0, 2.0]))
    found = tk.find_symmetry(layer)
    assert found.order == 2
    equivariant = tk.nn.EquivariantLinear(found["inputs"], found["outputs"], 1, 1)
    assert equivariant(torch.zeros(1, 3, 1)).shape == (1, 3, 1)


def test_the_trade_off_and_its_picture(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    W = np.kron(np.ones((2, 2)), chance.normal(size=(2, 3)))
    found = tk.find_symmetry(W + 1e-3 * chance.normal(size=W.shape), kind="layer")
    trade_off = found.trade_off
    assert trade_off is not None
    orders = [row.order for row in trade_off.rows]
    assert orders[0] == 1
    assert found.order == 2 * 2 * 2**3
    assert [row.residual for row in trade_off.rows] == sorted(
        row.residual for row in trade_off.rows
    )
    assert "*" in str(trade_off)
    assert len(trade_off.to_json()["rows"]) == len(trade_off.rows)
    draw_trade_off(trade_off, tmp_path / "trade_off.svg")
    once = (tmp_path / "trade_off.svg").read_bytes()
    draw_trade_off(trade_off, tmp_path / "trade_off.svg")
    assert (tmp_path / "trade_off.svg").read_bytes() == once
    assert len(figure_for_trade_off(trade_off).axes) == 2
    with pytest.raises(ConfigError, match="exact comparisons have no tolerance"):
        figure_for_trade_off(tk.find_symmetry([[1]], kind="layer").trade_off)


def test_refusals() -> None:
    with pytest.raises(NamingError, match="must be a matrix"):
        tk.find_symmetry([1, 2], kind="layer")
    with pytest.raises(NamingError, match=r"needs shape \(2,\)"):
        tk.find_symmetry([[1], [2]], kind="layer", bias=[1])
    with pytest.raises(NamingError, match="from 0 on"):
        tk.find_symmetry([[1.0]], kind="layer", tol=-1)
    with pytest.raises(NamingError, match="1,024 rows and columns"):
        tk.find_symmetry(np.random.default_rng(0).normal(size=(1024, 2)), kind="layer")
