"""Equivariant least squares against all equivariant maps at once, and against augmented data."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from symmetric_data import CASES, all_elements, data, flat, images_of, plane

import toolkit as tk
from toolkit.errors import ModuleMismatchError


def signed_pair():
    return plane() + tk.group("C4").regular_module(), plane() + plane()


PAIRS = {
    "S4 points to cosets": lambda: (
        tk.group("S4").natural_module(),
        tk.group("S4").coset_module("H4a") + tk.group("S4").natural_module(),
    ),
    "Q8 regular": lambda: (tk.group("Q8").regular_module(),) * 2,
    "SL(2,3)": lambda: (tk.group("SL(2,3)").natural_module(), tk.group("SL(2,3)").regular_module()),
    "C5": lambda: (tk.group("C5").regular_module(),) * 2,
    "signed C4": signed_pair,
    "signed Q8": lambda: (CASES["Q8 quaternions, signed"](), tk.group("Q8").regular_module()),
}


@pytest.fixture(params=PAIRS, scope="module")
def modules(request):
    return PAIRS[request.param]()


def augmented(X, Y, x, y):
    pairs = all_elements(X, Y)
    return flat(images_of([g for g, _ in pairs], x)), flat(images_of([h for _, h in pairs], y))


def brute_basis(X, Y, out, into):
    """All equivariant maps with channels, as matrices: the layer basis times matrix units."""
    basis = tk.layer_basis(X, Y).dense()
    units = np.eye(out * into).reshape(-1, out, into)
    every = np.einsum("rmn,uoi->rumoni", basis, units)
    return every.reshape(-1, Y.degree * out, X.degree * into)


@pytest.mark.parametrize("samples", [2, 30])
@pytest.mark.parametrize("intercept", [False, True])
def test_equals_plain_least_squares_on_all_images(modules, samples, intercept):
    X, Y = modules
    x, y = data(X, samples), data(Y, samples, 3, seed=1)
    fit = tk.lstsq(X, Y, x, y, intercept=intercept)
    a, b = augmented(X, Y, x, y)
    shift = (a.mean(axis=0), b.mean(axis=0)) if intercept else (0, 0)
    plain = np.linalg.lstsq(a - shift[0], b - shift[1], rcond=None)[0].T
    assert np.allclose(fit.matrix(), plain, atol=1e-8)  # of least norm where not determined
    predicted = (a - shift[0]) @ plain.T + shift[1]
    assert np.allclose(flat(fit.predict(x)), predicted[: len(x)])
    assert np.isclose(fit.residual, ((predicted - b) ** 2).sum() / len(a), atol=1e-9)
    energy = ((b - shift[1]) ** 2).sum() / len(a)
    assert np.isclose(fit.r_squared, 1 - fit.residual / energy)
    assert sum(fit.energies.values()) == pytest.approx(energy)
    rank = np.linalg.matrix_rank(a - shift[0])
    simples = {s.label: s.dimension for s in tk.fourier_basis(fit.map.X).simples}
    if all(label in fit.ranks for label in simples):
        assert sum(fit.ranks[k] * d for k, d in simples.items()) == rank


@pytest.mark.parametrize("ridge", [0.0, 0.7])
def test_equals_least_squares_over_the_whole_basis(modules, ridge):
    X, Y = modules
    n, into, out = 6, 2, 1
    x, y = data(X, n, into), data(Y, n, out, seed=1)
    every = brute_basis(X, Y, out, into)
    columns = np.einsum("kab,nb->nak", every, flat(x)).reshape(-1, len(every))
    penalty = np.sqrt(ridge) * every.reshape(len(every), -1).T
    wanted = np.concatenate([y.ravel(), np.zeros(len(penalty))])
    # maps of least norm: in an orthonormal basis
    norms = np.linalg.norm(every.reshape(len(every), -1), axis=1)
    design = np.concatenate([columns, penalty]) / norms
    solution = np.linalg.lstsq(design, wanted, rcond=None)[0] / norms
    fit = tk.lstsq(X, Y, x, y, ridge=ridge, intercept=False)
    assert np.allclose(fit.matrix(), np.tensordot(solution, every, 1), atol=1e-8)


def test_weights_are_repetitions(modules):
    X, Y = modules
    x, y = data(X, 4), data(Y, 4, seed=1)
    some = [0, 0, 0, 1, 3, 3]
    fit = tk.lstsq(X, Y, x, y, weights=[3, 1, 0, 2], ridge=0.2)
    repeated = tk.lstsq(X, Y, x[some], y[some], ridge=0.2)
    assert np.allclose(fit.matrix(), repeated.matrix())
    assert np.allclose(fit.intercept, repeated.intercept)
    assert np.isclose(fit.residual, repeated.residual)


def test_the_layer_computes_the_prediction(modules):
    X, Y = modules
    x, y = data(X, 10), data(Y, 10, 3, seed=1)
    for intercept in (True, False):
        fit = tk.lstsq(X, Y, x, y, intercept=intercept)
        layer = fit.to_layer(parametrization="fourier", method="spectral")
        assert (layer.bias is not None) == intercept
        assert layer.weight.dtype == torch.float64
        assert np.allclose(layer(torch.tensor(x)).detach(), fit.predict(x), atol=1e-9)
        for label, block in layer.fourier_blocks().items():
            assert np.allclose(block, fit.blocks[label], atol=1e-9)


def test_a_teacher_is_found():
    G = tk.group("D8")
    X, Y = G.natural_module(), G.regular_module()
    teacher = tk.nn.EquivariantLinear(X, Y, 2, 3, dtype=torch.float64)
    torch.nn.init.normal_(teacher.bias)
    x = torch.randn(50, 4, 2, dtype=torch.float64)
    fit = tk.lstsq(X, Y, x, teacher(x).detach())
    assert torch.allclose(fit.matrix(), teacher.to_dense().weight, atol=1e-10)
    assert torch.allclose(fit.intercept.reshape(-1), teacher.to_dense().bias, atol=1e-10)
    assert fit.r_squared == pytest.approx(1)


def test_data_without_channels():
    X = tk.group("S4").natural_module()
    x = data(X, 8, 1)[..., 0]
    fit = tk.lstsq(X, X, x, 2 * x + 1)
    assert np.allclose(fit.matrix(), 2 * np.eye(4))
    assert np.allclose(fit.intercept, np.ones(4))
    assert fit.predict(x[0]).shape == (4,)
    assert repr(fit) == "<LeastSquares 4 points -> 4 points of S4: R^2 = 1>"


def test_wrong_samples_are_refused():
    X = tk.group("S4").natural_module()
    x = data(X, 8)
    cases = [
        ((x, x[:5]), {}, "agree in number, both with or both without"),
        ((x, x[..., 0]), {}, "agree in number, both with or both without"),
        ((x, torch.tensor(x)), {}, "one type, found float64 of numpy and torch.float64"),
        ((x, x), {"ridge": -1}, "ridge must be a finite number"),
    ]
    for given, more, message in cases:
        with pytest.raises(ModuleMismatchError, match=message):
            tk.lstsq(X, X, *given, **more)
    with pytest.raises(ModuleMismatchError, match="one group"):
        tk.lstsq(X, tk.group("C4").natural_module(), x, x)


def test_plain_layers_are_projected():
    G = tk.group("D8")
    X, Y = G.natural_module(), G.regular_module()
    plain = torch.nn.Linear(8, 24).eval()
    layer, share = tk.nn.projected_layer(plain, X, Y)
    assert not layer.training
    assert layer.weight.dtype == torch.float32
    pairs = all_elements(X, Y)
    weight, bias = plain.weight.detach().double(), plain.bias.detach().double()
    average = sum(
        np.kron(h, np.eye(3)) @ weight.numpy() @ np.kron(g, np.eye(2)).T for g, h in pairs
    ) / len(pairs)
    shift = sum(np.kron(h, np.eye(3)) @ bias.numpy() for _, h in pairs) / len(pairs)
    dense = layer.to_dense()
    assert np.allclose(dense.weight.detach(), average, atol=1e-6)
    assert np.allclose(dense.bias.detach(), shift, atol=1e-6)
    kept = (average**2).sum() + (shift**2).sum()
    assert share == pytest.approx(kept / float((weight**2).sum() + (bias**2).sum()), rel=1e-5)
    with pytest.raises(ModuleMismatchError, match=r"torch.nn.Linear is required, not ReLU"):
        tk.nn.projected_layer(torch.nn.ReLU(), X, Y)
    without, _ = tk.nn.projected_layer(torch.nn.Linear(8, 24, bias=False), X, Y)
    assert without.bias is None
