"""Normal distributions with a symmetry, against torch's own and against all group elements."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from symmetric_data import CASES, all_elements, data, flat, images_of

import toolkit as tk
from toolkit.errors import ModuleMismatchError


def skew():
    G = tk.group("D8")
    T = np.array([[2.0, 1.0], [0.0, 1.0]])
    turns = ([[0, -1], [1, 0]], [[1, 0], [0, -1]])
    return G.linear_module([T @ m @ np.linalg.inv(T) for m in turns], name="skew")


@pytest.mark.parametrize("name", [*CASES, "skew"])
@pytest.mark.parametrize("ridge", [0.0, 0.5])
def test_density_and_samples(name, ridge):
    X = skew() if name == "skew" else CASES[name]()
    x = data(X, n=40)
    normal = tk.equivariant_normal(X, x, ridge=ridge)
    root = np.kron(tk.fourier_basis(X).inverse, np.eye(2))  # orthogonal, but for the skew module
    sigma = tk.equivariant_covariance(X, x).matrix() + ridge * root @ root.T
    assert np.allclose(normal.covariance.matrix(), sigma)
    plain = torch.distributions.MultivariateNormal(
        torch.tensor(normal.mean.ravel()), torch.tensor(sigma)
    )
    expected = plain.log_prob(torch.tensor(flat(x)))
    assert np.allclose(normal.log_prob(x), expected)
    tensors = tk.equivariant_normal(X, torch.tensor(x), ridge=ridge)
    assert torch.allclose(tensors.log_prob(torch.tensor(x)), expected)
    drawn = flat(normal.sample(20_000, seed=0))
    scale = np.sqrt(np.outer(sigma.diagonal(), sigma.diagonal()))
    assert (np.abs(np.cov(drawn.T).reshape(sigma.shape) - sigma) / scale).max() < 0.06
    assert np.abs((drawn.mean(axis=0) - normal.mean.ravel()) / sigma.diagonal() ** 0.5).max() < 0.04
    own = tensors.sample(3, seed=torch.Generator().manual_seed(0))
    assert own.shape == (3, X.degree, 2)
    assert torch.equal(own, tensors.sample(3, seed=torch.Generator().manual_seed(0)))


def test_the_density_is_invariant_and_largest():
    X = CASES["S3 points + regular"]()
    x = data(X, n=30, channels=1)[..., 0]
    normal = tk.equivariant_normal(X, x)
    own = normal.log_prob(x)
    for g, _ in all_elements(X, X):
        assert np.allclose(normal.log_prob(images_of([g], x[..., None])[..., 0]), own)
    for other in (tk.equivariant_normal(X, x, ridge=0.05), tk.equivariant_normal(X, x, ddof=1),
                  tk.equivariant_normal(X, x[:25])):  # fmt: skip
        assert other.log_prob(x).mean() < own.mean()


def test_a_singular_covariance_has_no_density():
    X = tk.group("C4").regular_module()
    x = data(X, n=5)
    normal = tk.equivariant_normal(X, x - x.mean(axis=1, keepdims=True))
    assert np.allclose(normal.sample(7).sum(axis=1), 0)
    with pytest.raises(
        ModuleMismatchError, match=r"some direction of L0: give more samples .* or ridge="
    ):
        normal.log_prob(x)
    with pytest.raises(ModuleMismatchError, match="ridge must be a finite number"):
        tk.equivariant_normal(X, x, ridge=-1)
