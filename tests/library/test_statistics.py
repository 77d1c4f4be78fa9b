"""Statistics of symmetric data against sums over all group elements and over all data images."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from symmetric_data import CASES, all_elements, data, flat, generator_matrices, images_of, plane

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.library.statistics import EquivariantMap


@pytest.fixture(params=CASES, scope="module")
def X(request):
    return CASES[request.param]()


@pytest.fixture(scope="module")
def elements(X):
    return [a for a, _ in all_elements(X, X)]


# -- moments ---------------------------------------------------------------------------------------


def test_the_mean_is_that_of_all_images(X, elements):
    x = data(X)
    mean = tk.equivariant_mean(X, x)
    assert np.allclose(mean, images_of(elements, x).mean(axis=0), atol=1e-13)
    assert all(np.array_equal(g @ mean, mean) for g in elements)  # to the last bit


def test_the_covariance_is_that_of_all_images(X, elements):
    x = data(X)
    covariance = tk.equivariant_covariance(X, x)
    every = flat(images_of(elements, x))
    matrix = covariance.matrix()
    assert np.allclose(matrix, np.cov(every.T, bias=True), atol=1e-12)
    assert np.allclose(covariance.mean, tk.equivariant_mean(X, x))
    for g in elements:  # to the last bit
        wide = np.kron(g, np.eye(2))
        assert np.array_equal(wide @ matrix @ wide.T, matrix)
    assert np.allclose(covariance.variances.ravel(), matrix.diagonal())
    assert np.allclose(tk.equivariant_variance(X, x).ravel(), matrix.diagonal())
    scale = np.diag(matrix.diagonal() ** -0.5)
    correlation = tk.equivariant_correlation(X, x).matrix()
    assert np.allclose(correlation, scale @ matrix @ scale)
    assert np.allclose(correlation.diagonal(), 1)


def test_weights_are_repetitions(X):
    x = data(X, n=4)
    repeated = x[[0, 0, 0, 1, 3, 3]]
    kinds = (
        tk.equivariant_mean,
        tk.equivariant_variance,
        lambda *a, **k: tk.equivariant_covariance(*a, **k).matrix(),
        lambda *a, **k: tk.equivariant_correlation(*a, **k).matrix(),
    )
    for kind in kinds:
        assert np.allclose(kind(X, x, weights=[3, 1, 0, 2]), kind(X, repeated))


def test_one_degree_of_freedom_makes_the_covariance_unbiased(X, elements):
    """Over all pairs of the images of few samples, the mean estimate is the covariance."""
    x = data(X, n=3)
    every = images_of(elements, x)
    truth = np.cov(flat(every).T, bias=True)
    total = np.zeros_like(truth)
    variance = np.zeros((X.degree, 2))
    # pairs (a, b) drawn independently and uniformly; orbits of pairs have equal estimates
    for a in range(len(x)):
        for b in every:
            pair = np.stack([x[a], b])
            total += tk.equivariant_covariance(X, pair, ddof=1).matrix()
            variance += tk.equivariant_variance(X, pair, ddof=1)
    count = len(x) * len(every)
    assert np.allclose(total / count, truth, atol=1e-12)
    assert np.allclose((variance / count).ravel(), truth.diagonal(), atol=1e-12)


def test_a_known_mean_is_projected(X):
    x = data(X)
    own = tk.equivariant_covariance(X, x, mean=np.zeros(x.shape[1:])).matrix()
    second = tk.project_to_hom(X, X, flat(x).T @ flat(x) / len(x)).matrix()
    assert np.allclose(own, second)


def test_blocks_and_orbit_weights_are_one_map(X):
    x = data(X)
    by_orbit = tk.equivariant_covariance(X, x)
    by_block = EquivariantMap(**{**by_orbit.fields, "given": by_orbit.blocks})
    assert np.allclose(by_block.weights, by_orbit.weights, atol=1e-12)
    assert np.allclose(by_block(x), by_orbit(x))
    assert np.allclose(flat(by_block(x)), flat(x) @ by_orbit.matrix().T)
    # Hermitian blocks whose real traces are the variances
    tables = tk.fourier_basis(by_orbit.X)
    trace = 0.0
    for label, block in by_orbit.blocks.items():
        assert np.allclose(block[0], block[0].transpose(1, 0, 3, 2))
        assert np.allclose(block[1:], -block[1:].transpose(0, 2, 1, 4, 3))
        trace += tables.simple(label).dimension * np.einsum("iicc->", block[0])
    assert np.isclose(trace, np.trace(by_orbit.matrix()))


def test_the_cross_covariance_is_that_of_all_images():
    G = tk.group("S4")
    X, Y = G.natural_module(), G.coset_module("H4a") + G.natural_module()
    x, y = data(X), data(Y, channels=3, seed=1)
    pairs = all_elements(X, Y)
    a = flat(images_of([g for g, _ in pairs], x))
    b = flat(images_of([h for _, h in pairs], y))
    brute = (b - b.mean(axis=0)).T @ (a - a.mean(axis=0)) / len(a)
    assert np.allclose(tk.equivariant_cross_covariance(X, Y, x, y).matrix(), brute)


# -- projection ------------------------------------------------------------------------------------


@pytest.mark.parametrize("signed", [False, True])
def test_the_projection_is_the_average_over_the_group(signed):
    G = tk.group("C4")
    X = G.regular_module()
    Y = plane() + G.regular_module() if signed else X + X
    A = np.random.default_rng(0).normal(size=(Y.degree * 3, X.degree * 2))
    found = tk.project_to_hom(X, Y, A)
    pairs = all_elements(X, Y)
    brute = sum(np.kron(h, np.eye(3)) @ A @ np.kron(g, np.eye(2)).T for g, h in pairs) / len(pairs)
    assert np.allclose(found.matrix(), brute)
    assert np.isclose(found.distance, np.linalg.norm(A - brute))
    assert np.isclose(found.share, np.linalg.norm(brute) ** 2 / np.linalg.norm(A) ** 2)
    again = tk.project_to_hom(X, Y, found.matrix())
    assert np.isclose(again.share, 1)
    assert np.allclose(again.distance, 0)
    deep = tk.project_to_hom(X, Y, A.reshape(Y.degree, 3, X.degree, 2))
    assert np.array_equal(deep.matrix(), found.matrix())
    zero = tk.project_to_hom(X, Y, 0 * A)
    assert (zero.share, zero.distance) == (1, 0)


def test_where_every_map_is_zero():
    found = tk.project_to_hom(plane(), tk.group("C4").natural_module() ** 0, np.ones((1, 2)))
    assert found.matrix().tolist() == [[0, 0]]
    assert found.blocks == {}
    assert found(np.ones((3, 2))).tolist() == [[0.0]] * 3
    assert tk.equivariant_mean(plane(), np.ones((1, 2))).tolist() == [0, 0]


# -- whitening -------------------------------------------------------------------------------------


@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_whitening_is_the_symmetric_root(X, elements, ridge):
    x = data(X, n=40)
    whitening = tk.equivariant_whitening(X, x, ridge=ridge)
    sigma = np.cov(flat(images_of(elements, x)).T, bias=True) + ridge * np.eye(2 * X.degree)
    values, vectors = np.linalg.eigh(sigma)
    assert np.allclose(whitening.map.matrix(), vectors @ np.diag(values**-0.5) @ vectors.T)
    z = whitening.transform(x)
    assert np.allclose(whitening.inverse_transform(z), x)
    if not ridge:
        assert np.allclose(tk.equivariant_covariance(X, z).matrix(), np.eye(2 * X.degree))
    dims = {s.label: s.dimension for s in tk.fourier_basis(X).simples}
    listed = np.concatenate([np.repeat(v, dims[k]) for k, v in whitening.eigenvalues.items()])
    assert np.allclose(np.sort(listed) + ridge, values)
    layer = whitening.to_layer()
    assert np.allclose(layer(torch.tensor(x)).detach(), z)


def test_directions_without_variance_are_mapped_to_zero():
    X = tk.group("C4").regular_module()
    x = data(X, n=6)
    x = x - x.mean(axis=1, keepdims=True)
    whitening = tk.equivariant_whitening(X, x)
    z = whitening.transform(x)
    assert np.allclose(z.sum(axis=1), 0)
    assert np.allclose(whitening.inverse_transform(z), x)
    covariance = tk.equivariant_covariance(X, z).matrix()
    assert np.allclose(covariance @ covariance, covariance)
    assert np.isclose(np.trace(covariance), 6)
    with pytest.raises(ModuleMismatchError, match="ridge must be a finite number"):
        tk.equivariant_whitening(X, x, ridge=-1)


# -- principal components --------------------------------------------------------------------------


def test_principal_components_are_those_of_all_images(X, elements):
    x = data(X, n=30)
    fitted = tk.isotypic_components(X, x)
    sigma = np.cov(flat(images_of(elements, x)).T, bias=True)
    listed = np.concatenate([np.repeat(c.variance, c.dimension) for c in fitted.components])
    assert np.allclose(np.sort(listed), np.linalg.eigvalsh(sigma))
    assert np.isclose(sum(c.share for c in fitted.components), 1)
    assert np.isclose(sum(fitted.explained_variance_ratio.values()), 1)
    copies = {label: len(v) for label, v in fitted.explained_variance.items()}
    assert copies == {label: 2 * m for label, m in X.multiplicities.items()}
    # directions: orthonormal eigenvectors, on which G acts by the models
    rows = np.concatenate([v.reshape(-1, 2 * X.degree) for v in fitted.directions.values()])
    assert np.allclose(rows @ rows.T, np.eye(len(rows)))
    coordinates = fitted.transform(x)
    assert np.allclose(fitted.inverse_transform(coordinates), x)
    models = tk.fourier_basis(X).models
    for g, matrix in enumerate(generator_matrices(X)):
        moved = fitted.transform(np.einsum("pq,nqc->npc", matrix, x))
        for label, values in coordinates.items():
            assert np.allclose(moved[label], values @ models[label][g].T)
    for label, v in fitted.directions.items():
        for k, one in enumerate(v.reshape(*v.shape[:2], -1)):
            assert np.allclose(sigma @ one.T, fitted.explained_variance[label][k] * one.T)


def test_reduction_keeps_whole_copies_and_the_most_variance(X, elements):
    x = data(X, n=30)
    fitted = tk.isotypic_components(X, x)
    reduced = fitted.reduce(count=min(2, len(fitted.components)))
    assert reduced.components == fitted.components[:2]
    every = flat(images_of(elements, x))
    mean = every.mean(axis=0)
    kept = sum(c.dimension for c in reduced.components)
    values = np.sort(np.linalg.eigvalsh(np.cov(every.T, bias=True)))
    again = reduced.inverse_transform(reduced.transform(x))
    lost = ((x - again) ** 2).sum() / len(x)
    share = sum(c.share for c in reduced.components)
    assert np.isclose(lost, (1 - share) * values.sum(), atol=1e-9)
    assert len(fitted.reduce(1.0).components) == len(fitted.components)
    assert fitted.reduce(0.0).components == ()
    first = fitted.components[0].share
    assert len(fitted.reduce(first).components) == 1
    assert kept <= len(mean)
    for wrong in ({}, {"share": 2.0}, {"count": -1}, {"share": 0.5, "count": 1}):
        with pytest.raises(ModuleMismatchError, match="reduced to a share between 0 and 1"):
            fitted.reduce(**wrong)


def test_equal_eigenvalues_have_orthonormal_directions():
    """The identity covariance: every quaternionic direction is an eigenvector."""
    X = tk.group("Q8").regular_module()
    x = np.sqrt(16) * np.eye(16).reshape(16, 8, 2)
    fitted = tk.isotypic_components(X, np.concatenate([x, -x]))
    rows = np.concatenate([v.reshape(-1, 16) for v in fitted.directions.values()])
    assert np.allclose(rows @ rows.T, np.eye(16))
    assert np.allclose([c.variance for c in fitted.components], 1)


# -- both kinds of numbers -------------------------------------------------------------------------


def test_tensors_give_the_same_numbers(X):
    x = data(X)
    y = data(X, channels=3, seed=2)
    t = torch.tensor(x)
    pairs = [
        (tk.equivariant_mean, lambda v: v),
        (tk.equivariant_variance, lambda v: v),
        (tk.equivariant_covariance, lambda v: v.matrix()),
        (tk.equivariant_correlation, lambda v: v.matrix()),
        (lambda *a: tk.equivariant_whitening(*a, ridge=0.1), lambda v: v.map.matrix()),
        (tk.equivariant_whitening, lambda v: v.transform(v.mean[None])),
    ]
    for function, read in pairs:
        found = read(function(X, t))
        assert isinstance(found, torch.Tensor)
        assert found.dtype == torch.float64
        assert np.allclose(found, read(function(X, x)), atol=1e-9)
    fit, other = (tk.lstsq(X, X, a, b) for a, b in ((x, y), (t, torch.tensor(y))))
    assert np.allclose(other.matrix(), fit.matrix(), atol=1e-9)
    assert np.allclose(other.predict(t), fit.predict(x), atol=1e-9)
    fitted = tk.isotypic_components(X, t)
    coordinates = fitted.transform(t)
    assert all(isinstance(v, torch.Tensor) for v in coordinates.values())
    assert np.allclose(fitted.inverse_transform(coordinates), x)
    assert all(np.allclose(fitted.transform(x)[k], v) for k, v in coordinates.items())
    single = tk.equivariant_covariance(X, t.float())
    assert single.matrix().dtype == single.blocks.popitem()[1].dtype == torch.float32
    assert tk.equivariant_covariance(X, x.astype(np.float32)).matrix().dtype == np.float32


GRADIENTS = ("S3 points + regular", "Q8 regular", "C4 plane, twice, and regular")


@pytest.mark.parametrize("name", GRADIENTS)
@pytest.mark.quick_cases(1)
def test_gradients(name):
    X = CASES[name]()
    # few samples of many coordinates would leave ranks open
    t = torch.tensor(data(X, n=2 * X.degree + 3, channels=1), requires_grad=True)
    functions = [
        lambda v: tk.equivariant_mean(X, v),
        lambda v: tk.equivariant_variance(X, v, ddof=1),
        lambda v: tk.equivariant_covariance(X, v, ddof=1).matrix(),
        lambda v: tk.equivariant_correlation(X, v).matrix(),
        lambda v: tk.equivariant_whitening(X, v, ridge=0.2).transform(v[:2]),
        lambda v: tk.equivariant_whitening(X, v).inverse_map.weights,
        lambda v: tk.project_to_hom(X, X, v[: X.degree, :, 0]).distance,
        lambda v: tk.project_to_hom(X, X, v[: X.degree, :, 0]).share,
        lambda v: tk.lstsq(X, X, v, v**2, ridge=0.1).predict(v[:1]),
        lambda v: tk.lstsq(X, X, v, v**2).weights,
        lambda v: tk.isotypic_components(X, data(X, n=9, channels=1)).transform(v[:2])["L0"],
    ]
    small = torch.zeros_like(t)
    small[:2] = 1
    part = t[:2].detach().clone().requires_grad_()
    rest = t.detach()[2:]
    for function in functions:
        assert torch.autograd.gradcheck(
            lambda p, function=function: function(torch.cat([p, rest])), (part,), atol=1e-5
        )


def test_gradients_where_directions_have_no_variance():
    X = tk.group("C4").regular_module()
    base = torch.tensor(data(X, n=12, channels=1))
    t = base.requires_grad_()

    def projected(v):
        centred = v - v.mean(dim=1, keepdim=True)
        return tk.equivariant_whitening(X, centred, rcond=1e-6).map.matrix()

    assert torch.autograd.gradcheck(projected, (t,), atol=1e-5)


# -- refusals --------------------------------------------------------------------------------------


def test_samples_of_another_shape_are_refused_with_what_to_do():
    X = tk.group("S4").natural_module()
    cases = [
        (np.ones((5, 3, 4)), "points come before channels: swap the last two axes"),
        (np.ones((5, 8)), r"x.reshape\(5, 4, 2\) if channels vary fastest"),
        (np.ones(4), r"a single sample is x\[None\]"),
        (np.ones((5, 3)), r"must have shape \(samples, 4\) or \(samples, 4, channels\)"),
        (np.ones((0, 4)), "at least one sample"),
        (np.ones((2, 4)) * 1j, "real numbers"),
        ([[1, 2, 3, 4], [1]], "an array of numbers"),
        (torch.ones(2, 4, dtype=torch.complex64), "real numbers"),
    ]
    for wrong, message in cases:
        for function in (tk.equivariant_mean, tk.equivariant_covariance, tk.isotypic_components):
            with pytest.raises(ModuleMismatchError, match=message):
                function(X, wrong)
    with pytest.raises(ModuleMismatchError, match="a module is required, such as"):
        tk.equivariant_mean("S4", np.ones((5, 4)))


def test_weights_and_degrees_of_freedom_are_checked():
    X = tk.group("S4").natural_module()
    x = data(X, n=3)
    for wrong, message in (([1, 2], "one number for each of 3"), ([1, -1, 1], "at least 0"),
                           ([0, 0, 0], "not all of them 0")):  # fmt: skip
        with pytest.raises(ModuleMismatchError, match=message):
            tk.equivariant_mean(X, x, weights=wrong)
    for function in (tk.equivariant_covariance, tk.equivariant_variance):
        with pytest.raises(ModuleMismatchError, match="ddof=3 needs more samples"):
            function(X, x, ddof=3)
    with pytest.raises(ModuleMismatchError, match=r"the mean must have the shape \(4, 2\)"):
        tk.equivariant_covariance(X, x, mean=np.zeros(4))
    with pytest.raises(ModuleMismatchError, match=r"\(4 out, 4 in\)"):
        tk.project_to_hom(X, X, np.ones((4, 6)))
    covariance = tk.equivariant_covariance(X, x)
    with pytest.raises(ModuleMismatchError, match=r"must have shape \(..., 4, 2\)"):
        covariance(np.ones((5, 2, 4)))
    fitted = tk.isotypic_components(X, x)
    with pytest.raises(ModuleMismatchError, match=r"must have shape \(..., 4, 2\)"):
        fitted.transform(np.ones((5, 4)))
    with pytest.raises(ModuleMismatchError, match="coordinates of L9 must have shape"):
        fitted.inverse_transform({"L9": np.ones((5, 1, 1))})


def test_nothing_here_imports_torch():
    code = (
        "import sys, numpy as np, toolkit as tk\n"
        "X = tk.group('S3').natural_module()\n"
        "x = np.random.default_rng(0).normal(size=(9, 3))\n"
        "tk.equivariant_whitening(X, x).transform(x); tk.lstsq(X, X, x, x).predict(x)\n"
        "tk.isotypic_components(X, x).transform(x); tk.project_to_hom(X, X, np.eye(3)).matrix()\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_thousand_points_need_no_fourier_basis():
    X = tk.group("S1000").natural_module()
    x = np.random.default_rng(0).normal(size=(20, 1000))
    matrix = tk.equivariant_covariance(X, x).matrix()
    centred = x - x.mean()
    diagonal = (centred**2).sum(axis=1).mean() / 1000
    total = (centred.sum(axis=1) ** 2).mean()
    assert np.isclose(matrix[0, 0], diagonal)
    assert np.isclose(matrix[3, 7], (total - 1000 * diagonal) / (1000 * 999))
    assert len(np.unique(matrix)) == 2
