"""Statistics of samples of other types, without channels or numbers, and their derivatives."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import toolkit as tk
from toolkit.errors import ModuleMismatchError

SKEW = np.array([[2.0, 1, 0, 0], [0, 1, 0, 0], [1, 0, 1, 3], [0, 0, 0, 1]])


def module(name):
    G = tk.group("Q8")
    if name == "regular":
        return G.regular_module()
    V = G.simple_module("L4")  # over the quaternions
    return V if name == "simple" else G.linear_module(SKEW @ V.matrices @ np.linalg.inv(SKEW))


NAMES = ["regular", "simple", "skew"]


def samples(X, n=9, channels=1):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, X.degree, channels)), rng.uniform(0.2, 1, size=n)


@pytest.mark.parametrize("name", NAMES)
def test_layers_of_covariances_compute_their_matrices(name):
    """Of a skew module a covariance is a map from the dual module, and so is its layer."""
    X, Y = module(name), module("regular")
    x, y = samples(X, channels=2)[0], samples(Y, channels=3)[0]
    for found in (tk.equivariant_covariance(X, x), tk.equivariant_cross_covariance(X, Y, x, y)):
        layer = found.to_layer()
        assert X.dual == layer.X
        f = torch.from_numpy(samples(X, channels=2)[0])
        expected = f.flatten(1) @ torch.from_numpy(found.matrix()).T
        assert torch.allclose(layer(f).flatten(1), expected)
        assert f"{X.dual.name} -> " in repr(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_gradients_with_respect_to_samples_and_weights(name):
    X, Y = module(name), module("regular")
    x, w = (torch.tensor(v, requires_grad=True) for v in samples(X))
    y = torch.tensor(samples(Y)[0][::-1].copy(), requires_grad=True)
    functions = {
        "covariance": lambda x, y, w: tk.equivariant_covariance(X, x, weights=w, ddof=1).matrix(),
        "variance": lambda x, y, w: tk.equivariant_variance(Y, y, weights=w, ddof=1),
        "whitening": lambda x, y, w: tk.equivariant_whitening(X, x, weights=w).transform(x),
        "density": lambda x, y, w: tk.equivariant_normal(X, x, weights=w, ridge=0.1).log_prob(x),
        "fit": lambda x, y, w: tk.lstsq(X, Y, x, y, weights=w).predict(x),
        "ridge": lambda x, y, w: tk.lstsq(X, Y, x, y, weights=w, ridge=0.3).matrix(),
    }
    for f in functions.values():
        assert torch.autograd.gradcheck(f, (x, y, w))


def test_the_density_of_its_own_samples_has_the_gradient_of_its_parts():
    """All eigenvalues are equal: those of C8 on white samples."""
    X = tk.group("C8").regular_module()
    x = torch.eye(8, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: tk.equivariant_normal(X, x, ridge=1).log_prob(x), x)


def test_a_projection_of_what_is_equivariant_has_a_gradient():
    X = module("regular")
    A = torch.eye(8, dtype=torch.float64, requires_grad=True)
    tk.project_to_hom(X, X, A).share.backward()
    assert torch.allclose(A.grad, torch.zeros_like(A))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_single(name, dtype):
    X, Y = module(name), module("regular")
    x, y = (torch.from_numpy(samples(M)[0]).to(dtype) for M in (X, Y))
    for found in (
        tk.equivariant_mean(X, x),
        tk.equivariant_whitening(X, x).transform(x),
        tk.equivariant_normal(X, x, ridge=0.1).log_prob(x),
        tk.lstsq(X, Y, x, y).predict(x),
        tk.project_to_hom(Y, Y, torch.eye(8, dtype=dtype)).matrix(),
    ):
        assert found.dtype == torch.float32
    half = x.to(torch.float16)
    single = tk.equivariant_whitening(X, half.float().numpy()).transform(half.numpy())
    assert single.dtype == np.float32
    assert np.allclose(single, tk.equivariant_whitening(X, half).transform(half).numpy(), atol=1e-4)
    components = tk.isotypic_components(X, x)
    assert torch.allclose(
        components.inverse_transform(components.transform(x)), x.float(), atol=1e-4
    )
    assert tk.equivariant_mean(X, samples(X)[0].astype(np.longdouble)).dtype == np.float64


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("make", [np.zeros, torch.zeros])
def test_no_channels(name, make):
    X, Y = module(name), module("regular")
    n = X.degree
    x, y = make((5, n, 0)), make((5, 8, 2))
    assert tk.equivariant_mean(X, x).shape == (n, 0)
    assert tk.equivariant_covariance(X, x).matrix().shape == (0, 0)
    whitening = tk.equivariant_whitening(X, x)
    assert whitening.transform(x).shape == (5, n, 0)
    assert whitening.to_layer()(torch.zeros(5, n, 0)).shape == (5, n, 0)
    assert not tk.equivariant_normal(X, x).log_prob(x).any()
    components = tk.isotypic_components(X, x)
    assert components.inverse_transform(components.transform(x)).shape == (5, n, 0)
    assert tk.lstsq(X, Y, x, y).predict(x).shape == (5, 8, 2)
    assert tk.lstsq(Y, X, y, x).predict(y).shape == (5, n, 0)
    assert tk.project_to_hom(X, Y, make((8, 2, n, 0))).matrix().shape == (16, 0)


@pytest.mark.parametrize("kind", [np.array, torch.tensor])
def test_numbers_that_are_not_finite_are_named(kind):
    X = module("regular")
    x = samples(X)[0]
    x[2, 3, 0] = np.nan
    x = kind(x)
    for call in (tk.equivariant_whitening, tk.isotypic_components):
        with pytest.raises(ModuleMismatchError, match="and so the samples, must be finite"):
            call(X, x)
    with pytest.raises(ModuleMismatchError, match="must be finite numbers, found 1 of 72"):
        tk.lstsq(X, X, x, x)
    with pytest.raises(ModuleMismatchError, match="finite numbers of at least 0"):
        tk.equivariant_mean(X, samples(X)[0], weights=[np.inf] + [1.0] * 8)


@pytest.mark.parametrize("ridge", [-1, np.nan, np.inf, None, "1", torch.ones(1)])
def test_a_ridge_is_a_number(ridge):
    X = module("simple")
    x = samples(X)[0]
    for call in (
        lambda: tk.lstsq(X, X, x, x, ridge=ridge),
        lambda: tk.equivariant_whitening(X, x, ridge=ridge),
        lambda: tk.equivariant_normal(X, x, ridge=ridge),
    ):
        with pytest.raises(ModuleMismatchError, match="ridge must be a finite number"):
            call()


def test_a_known_mean_may_be_of_another_type():
    X = module("simple")
    x, mean = torch.from_numpy(samples(X)[0]), np.ones((4, 1), dtype=np.float32)
    expected = tk.equivariant_covariance(X, x, mean=torch.ones(4, 1).double()).matrix()
    assert torch.equal(tk.equivariant_covariance(X, x, mean=mean).matrix(), expected)
    with pytest.raises(ModuleMismatchError, match="the mean must have the shape"):
        tk.equivariant_covariance(X, x, mean=[1.0, 2.0])
