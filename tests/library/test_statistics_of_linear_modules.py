"""Statistics on linear modules, orthogonal or not, against sums over all group elements."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import toolkit as tk
from toolkit.errors import ModuleMismatchError

SKEW = np.array([[2, 1.0, 0], [0, 1, 0], [1, 0, 1]])


def square():
    G = tk.group("D8")
    return G, G.linear_module([[[0, -1], [1, 0]], [[1, 0], [0, -1]]], name="plane")


def modules(kind):
    G, plane = square()
    if kind == "orthogonal":
        return plane + G.natural_module(), plane * plane
    wide = [np.block([[m, np.zeros((2, 1))], [np.zeros((1, 2)), np.ones((1, 1))]])
            for m in plane.matrices]  # fmt: skip
    skew = G.linear_module([SKEW @ m @ np.linalg.inv(SKEW) for m in wide], name="skew")
    return skew + plane + G.natural_module(), skew * plane


@pytest.fixture(params=["orthogonal", "skew"])
def pair(request):
    return modules(request.param)


def all_elements(X, Y):
    found = [(np.eye(X.degree), np.eye(Y.degree))]
    for a, b in found:
        for g, h in zip(X.matrices, Y.matrices, strict=True):
            new = a @ g, b @ h
            if not any(np.allclose(new[0], u) and np.allclose(new[1], v) for u, v in found):
                found.append(new)
    assert len(found) == 8
    return found


def data(X, channels, seed):
    return np.random.default_rng(seed).normal(size=(9, X.degree, channels)) + 1


def flat(x):
    return x.reshape(len(x), -1)


def images_of(elements, x):
    return np.concatenate([np.einsum("pq,nqc->npc", g, x) for g in elements])


def test_moments_are_those_of_all_images(pair):
    X, Y = pair
    x, y = data(X, 2, 0), data(Y, 3, 1)
    every = flat(images_of([g for g, _ in all_elements(X, Y)], x))
    covariance = tk.equivariant_covariance(X, x)
    assert np.allclose(covariance.matrix(), np.cov(every.T, bias=True))
    assert np.allclose(covariance.mean.ravel(), every.mean(axis=0))
    assert np.allclose(tk.equivariant_variance(X, x).ravel(), every.var(axis=0))
    other = flat(images_of([h for _, h in all_elements(X, Y)], y))
    cross = (other - other.mean(axis=0)).T @ (every - every.mean(axis=0)) / len(every)
    assert np.allclose(tk.equivariant_cross_covariance(X, Y, x, y).matrix(), cross)
    with pytest.raises(ModuleMismatchError, match="correlations of coordinates are equivariant"):
        covariance.correlation()
    with pytest.raises(ModuleMismatchError, match=r"have no orbitals.*use .blocks or .matrix"):
        _ = covariance.weights


def test_whitening_and_components(pair):
    X, Y = pair
    x = data(X, 2, 0)
    elements = [g for g, _ in all_elements(X, Y)]
    every = images_of(elements, x)
    whitening = tk.equivariant_whitening(X, x)
    for g in elements:
        wide, matrix = np.kron(g, np.eye(2)), whitening.map.matrix()
        assert np.allclose(wide @ matrix, matrix @ wide)
    assert np.allclose(whitening.inverse_transform(whitening.transform(x)), x)
    basis = tk.fourier_basis(X)
    coordinates = flat(np.einsum("rp,npc->nrc", basis.matrix, whitening.transform(every)))
    assert np.allclose(np.cov(coordinates.T, bias=True), np.eye(2 * X.degree))
    layer = whitening.to_layer()
    assert np.allclose(layer(torch.tensor(x)).detach(), whitening.transform(x))
    fitted = tk.isotypic_components(X, x)
    parts = fitted.transform(x)
    assert np.allclose(fitted.inverse_transform(parts), x)
    for g, matrix in enumerate(X.matrices):
        moved = fitted.transform(np.einsum("pq,nqc->npc", matrix, x))
        for label, values in parts.items():
            assert np.allclose(moved[label], values @ basis.models[label][g].T)
    for label, values in fitted.transform(every).items():
        variances = np.cov(flat(values).T, bias=True).reshape(-1, flat(values).shape[1])
        expected = np.repeat(fitted.explained_variance[label], values.shape[2])
        assert np.allclose(variances, np.diag(expected))


def test_the_projection_is_the_average_over_the_group(pair):
    X, Y = pair
    A = np.random.default_rng(0).normal(size=(Y.degree * 3, X.degree * 2))
    average = (
        sum(
            np.kron(h, np.eye(3)) @ A @ np.kron(np.linalg.inv(g), np.eye(2))
            for g, h in all_elements(X, Y)
        )
        / 8
    )
    found = tk.project_to_hom(X, Y, A)
    assert np.allclose(found.matrix(), average)
    left = np.kron(tk.fourier_basis(Y).matrix, np.eye(3))
    right = np.kron(tk.fourier_basis(X).inverse, np.eye(2))
    assert np.isclose(found.distance, np.linalg.norm(left @ (A - average) @ right))
    assert np.isclose(tk.project_to_hom(X, Y, average).share, 1)
    plain = torch.nn.Linear(X.degree * 2, Y.degree * 3)
    layer, _ = tk.nn.projected_layer(plain, X, Y)
    x = torch.randn(5, X.degree, 2)
    moved = [
        torch.einsum("pq,nqc->npc", torch.tensor(np.linalg.inv(h)).float(),
                     plain(torch.einsum("pq,nqc->npc", torch.tensor(g).float(), x).flatten(1))
                     .reshape(5, Y.degree, 3))
        for g, h in all_elements(X, Y)
    ]  # fmt: skip
    assert torch.allclose(layer(x), torch.stack(moved).mean(dim=0), atol=1e-5)


@pytest.mark.parametrize("ridge", [0.0, 0.4])
def test_least_squares_are_those_of_all_images_in_invariant_coordinates(pair, ridge):
    X, Y = pair
    x, y = data(X, 2, 0), data(Y, 3, 1)
    fit = tk.lstsq(X, Y, x, y, ridge=ridge)
    pairs = all_elements(X, Y)
    left, right = tk.fourier_basis(Y), tk.fourier_basis(X)
    a, b = images_of([g for g, _ in pairs], x), images_of([h for _, h in pairs], y)
    z = flat(np.einsum("rp,npc->nrc", right.matrix, a))
    w = flat(np.einsum("rp,npc->nrc", left.matrix, b))
    z, w = z - z.mean(axis=0), w - w.mean(axis=0)
    extra = np.sqrt(8 * ridge) * np.eye(z.shape[1])
    design = np.concatenate([z, extra])
    wanted = np.concatenate([w, np.zeros((len(extra), w.shape[1]))])
    solution = np.linalg.lstsq(design, wanted, rcond=None)[0].T
    matrix = np.kron(left.inverse, np.eye(3)) @ solution @ np.kron(right.matrix, np.eye(2))
    assert np.allclose(fit.matrix(), matrix, atol=1e-8)
    constant = flat(b).mean(axis=0) - matrix @ flat(a).mean(axis=0)
    assert np.allclose(fit.intercept.ravel(), constant)
    assert np.allclose(fit.to_layer()(torch.tensor(x)).detach(), fit.predict(x))
