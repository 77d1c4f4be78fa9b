"""Actions on hidden layers of networks under a known symmetry of the inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.library.symmetry.hom_subspace import actions_of_words
from toolkit.library.symmetry.nearest_representation import nearest_representation


def equivariant_weights(G: Any, channels: int, seed: int) -> np.ndarray[Any, Any]:
    """Weights of neurons that G permutes, ``channels`` regular modules, as rows of moved ones."""
    X, R = G.natural_module(), G.regular_module()
    chance = np.random.default_rng(seed)
    rows = [
        tk.project_to_hom(X, R, chance.normal(size=(R.degree, X.degree))).matrix()
        for _ in range(channels)
    ]
    return np.concatenate(rows)


def dihedral() -> Any:
    return tk.group([[1, 2, 3, 4, 0], [0, 4, 3, 2, 1]])


def inputs(n: int, seed: int = 0, count: int = 400) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).normal(size=(count, n))


@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_a_permutation_of_mixed_neurons_is_found(noise: float) -> None:
    G = dihedral()
    W = equivariant_weights(G, 2, 1)
    chance = np.random.default_rng(2)
    mixed = W[chance.permutation(len(W))] + noise * chance.normal(size=W.shape)
    found = tk.find_symmetry(
        lambda x: np.maximum(x @ mixed.T, 0), inputs=inputs(5), module=G.natural_module()
    )
    assert min(found.facts["permutation_r2"]) > 1 - 100 * noise**2 - 1e-9
    assert found.facts["permutation_chance"] < 0.8
    H = found["permutation"]
    assert H.degree == 20
    assert H.orbit_count == 2
    assert H.multiplicities == (G.regular_module() + G.regular_module()).multiplicities
    assert found.module is H


def test_a_linear_action_is_found_where_no_permutation_fits() -> None:
    G = dihedral()
    V = G.natural_module()
    turn = np.linalg.qr(np.random.default_rng(4).normal(size=(5, 5)))[0]
    stretch = np.diag([1.0, 2.0, 0.7, 1.5, 1.0])
    found = tk.find_symmetry(lambda x: x @ turn @ stretch, inputs=inputs(5), module=V)
    assert "permutation" not in found.modules
    assert min(found.facts["linear_r2"]) > 1 - 1e-9
    assert min(found.facts["representation_r2"]) > 1 - 1e-9
    assert found["linear"].multiplicities == V.multiplicities
    assert not found["linear"].is_orthogonal


def test_fewer_directions_than_neurons_and_dead_neurons() -> None:
    G = dihedral()
    W = np.concatenate([equivariant_weights(G, 1, 3), np.zeros((2, 5))])
    found = tk.find_symmetry(lambda x: x @ W.T, inputs=inputs(5), module=G.natural_module())
    assert found.facts["dead"] == [10, 11]
    assert np.shape(found.facts["basis"]) == (12, 5)
    assert found["linear"].degree == 5
    assert found["permutation"].images[:, 10:].tolist() == [[10, 11]] * 2


def test_an_unrelated_network_has_no_action() -> None:
    G = dihedral()
    W = np.random.default_rng(0).normal(size=(20, 5))
    found = tk.find_symmetry(
        lambda x: np.maximum(x @ W.T, 0), inputs=inputs(5), module=G.natural_module()
    )
    assert list(found.modules) == ["inputs"]
    chance = found.facts["permutation_chance"]
    assert all(abs(share - chance) < 0.2 for share in found.facts["permutation_r2"])
    assert "none returned" in str(found)


def test_linear_inputs_and_tensors() -> None:
    torch = pytest.importorskip("torch")
    G = tk.group_from_points([[1.0, 0], [0, 1], [-1, 0], [0, -1]])
    V = G.space_module()
    W = torch.tensor([[1.0, 0], [0, 1], [-1, 0], [0, -1]])
    x = torch.as_tensor(inputs(2), dtype=torch.float32)
    found = tk.find_symmetry(torch.nn.Sequential(_Layer(W), torch.nn.ReLU()), inputs=x, module=V)
    assert min(found.facts["permutation_r2"]) > 1 - 1e-9
    assert found["permutation"].degree == 4


def _Layer(W: Any) -> Any:
    torch = pytest.importorskip("torch")
    layer = torch.nn.Linear(2, 4, bias=False)
    with torch.no_grad():
        layer.weight.copy_(W)
    return layer


def test_representations_from_nearby_matrices() -> None:
    G = tk.group("S4")
    R, V = G.regular_module(), G.simple_module("L3")
    from toolkit.modules.gsets.actions import schreier_forest

    forest = schreier_forest(R.images)
    words = [tuple(forest.word(i)) for i in range(24)]
    products = actions_of_words(R, words).T
    exact = actions_of_words(V, words)
    chance = np.random.default_rng(0)
    base = np.eye(3) + 0.3 * chance.normal(size=(3, 3))
    skew = base @ exact @ np.linalg.inv(base)
    near = nearest_representation(skew + 0.02 * chance.normal(size=skew.shape), products)
    assert near is not None
    assert near.defect < 1e-12
    assert np.abs(near.matrices - skew).max() < 0.1
    assert np.abs(np.trace(near.matrices - exact, axis1=1, axis2=2)).max() < 1e-9
    same = nearest_representation(skew, products)
    assert same is not None
    assert np.abs(same.matrices - skew).max() < 1e-9
    assert nearest_representation(np.zeros((24, 3, 3)), products) is None


def test_refusals() -> None:
    X = dihedral().natural_module()
    with pytest.raises(ModuleMismatchError, match=r"need shape \(samples, 5\)"):
        tk.find_symmetry(lambda x: x, inputs=np.zeros((9, 4)), module=X)
    with pytest.raises(ModuleMismatchError, match="every neuron is constant"):
        tk.find_symmetry(lambda x: np.ones((len(x), 2)), inputs=inputs(5), module=X)
    with pytest.raises(ModuleMismatchError, match=r"must give \(samples, neurons\)"):
        tk.find_symmetry(lambda x: x[0], inputs=inputs(5), module=X)
