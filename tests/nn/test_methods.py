"""All methods and parametrisations of a layer compute one function, and the right one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from layer_cases import (
    CASES,
    EACH,
    METHODS,
    PARAMETRIZATIONS,
    acted,
    make_input,
    make_layer,
    modules,
    same_weights,
)

import toolkit as tk

every_case = pytest.mark.parametrize("name", CASES)


def relative(found: torch.Tensor, expected: torch.Tensor) -> float:
    return ((found - expected).abs().max() / expected.abs().max()).item()


@pytest.mark.parametrize(("name", "method"), EACH)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_one_function(name: str, parametrization: str, method: str) -> None:
    plain, layer = same_weights(name, method, parametrization)
    x = make_input(name, 4)
    expected = plain.to_dense()(x.flatten(-2)).reshape(4, -1, 2)
    found = layer(x)
    assert relative(found, expected) < 1e-12
    dense = layer.to_dense()
    assert relative(dense.weight, plain.to_dense().weight) < 1e-12
    assert torch.equal(dense.bias, plain.to_dense().bias)
    torch.testing.assert_close(
        layer.matrix().permute(0, 2, 1, 3).sum((2, 3)),
        dense.weight.reshape(found.shape[1], 2, -1, 3).sum((1, 3)),
    )


@pytest.mark.parametrize(("name", "method"), EACH)
def test_equivariant_under_every_generator(name: str, method: str) -> None:
    X, Y = modules(name)
    layer = make_layer(name, method)
    X, Y = layer.X, layer.Y  # signed, if one of them is
    x = make_input(name, 3)
    y = layer(x)
    assert len(X.images) >= 1
    for g in range(len(X.images)):
        assert relative(layer(acted(X, g, x)), acted(Y, g, y)) < 1e-12


def test_a_broken_layer_is_not_equivariant() -> None:
    layer = make_layer("points")
    with torch.no_grad():
        gathered = layer.computation.gathered(layer.weight)
        gathered.table("rows")[0] += 1
        entries = gathered.entries.table("entries")
        entries[0] = entries[0].flip(0)
    x = make_input("points", 3)
    found = [layer(acted(layer.X, g, x)) - acted(layer.Y, g, layer(x)) for g in range(2)]
    assert max(d.abs().max().item() for d in found) > 1e-3


@every_case
def test_the_number_of_weights_is_the_dimension_of_all_equivariant_maps(name: str) -> None:
    layer = make_layer(name)
    X, Y = layer.X, layer.Y
    m, n = Y.degree, X.degree
    equations = []
    for g in range(len(X.images)):
        left = acted(Y, g, torch.eye(m, dtype=torch.float64)).numpy()
        right = acted(X, g, torch.eye(n, dtype=torch.float64)).numpy()
        # g W - W g = 0, W as a long vector, row by row
        equations.append(np.kron(left, np.eye(n)) - np.kron(np.eye(m), right.T))
    singular = np.linalg.svd(np.concatenate(equations), compute_uv=False)
    dimension = m * n - int((singular > 1e-9).sum())
    assert layer.hom_space.count == dimension
    invariants = [
        acted(Y, g, torch.eye(m, dtype=torch.float64)).numpy() for g in range(len(Y.images))
    ]
    singular = np.linalg.svd(np.concatenate([a - np.eye(m) for a in invariants]), compute_uv=False)
    assert layer.hom_space.bias_count == m - int((singular > 1e-9).sum())
    count = 6 * dimension + 2 * layer.hom_space.bias_count
    assert layer.parameters_count() == count == sum(p.numel() for p in layer.parameters())
    assert layer.dense_parameters_count() == sum(p.numel() for p in layer.to_dense().parameters())


@pytest.mark.parametrize("name", ["cyclic", "points", "sums", "quaternionic", "all types", "pairs"])
def test_the_number_of_weights_by_characters(name: str) -> None:
    X, Y = modules(name)
    assert make_layer(name).hom_space.count == tk.hom_dimension(X, Y)


@every_case
def test_round_trip_between_parametrisations(name: str) -> None:
    orbit = make_layer(name, "dense", "orbit")
    fourier = make_layer(name, "dense", "fourier")
    fourier.set_weights(orbit.weight)
    assert relative(fourier.orbit_weights(), orbit.weight) < 1e-13
    again = make_layer(name, "dense", "orbit")
    again.set_weights(fourier.weight, "fourier")
    assert relative(again.weight, orbit.weight) < 1e-13
    if layer_is_not_trivial(name):
        assert not torch.allclose(fourier.weight, orbit.weight)


def layer_is_not_trivial(name: str) -> bool:
    return make_layer(name).hom_space.count > 1


@every_case
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_blocks_block_diagonalise(name: str, parametrization: str) -> None:
    from toolkit.modules.fourier.copies import END_UNITS

    layer = make_layer(name, "dense", parametrization)
    source, target = tk.fourier_basis(layer.X), tk.fourier_basis(layer.Y)
    W = layer.matrix().numpy()
    spectrum = np.einsum("pm,monc,qn->poqc", target.matrix, W, source.matrix)
    expected = np.zeros_like(spectrum)
    for label, block in layer.fourier_blocks().items():
        s, t = source.simple(label), target.simple(label)
        e, positions = s.endomorphism_dimension, s.positions
        units = END_UNITS[s.type]
        # coordinates of a copy: position, component; D acts on components from the right
        small = np.einsum("cfa,ctsoi->tfosai", units, block.numpy())
        for k in range(positions):
            for j in range(t.multiplicity):
                for i in range(s.multiplicity):
                    row = t.start + (j * positions + k) * e
                    column = s.start + (i * positions + k) * e
                    expected[row : row + e, :, column : column + e] = small[j, :, :, i]
    assert np.abs(spectrum - expected).max() < 1e-12
    assert set(layer.fourier_blocks()) == {s.label for s in source.simples} & {
        t.label for t in target.simples
    }


@every_case
def test_set_method_keeps_function_and_weights(name: str) -> None:
    layer = make_layer(name, "dense", "fourier")
    x = make_input(name, 2)
    expected, weight = layer(x), layer.weight
    for method in (*METHODS, "dense"):
        layer.set_method(method)
        assert layer.method == method
        assert layer.weight is weight
        assert relative(layer(x), expected) < 1e-12


def test_tune_keeps_the_fastest() -> None:
    layer = make_layer("points")
    x = make_input("points", 8)
    expected = layer(x)
    times = layer.tune(x)
    assert set(times) == {*METHODS, "pooled"}
    assert layer.method == min(times, key=lambda m: times[m])
    assert all(t > 0 for t in times.values())
    torch.testing.assert_close(layer(x), expected)
    assert layer.tune(x, ("fft",)).keys() == {"fft"}
    assert layer.method == "fft"
    with pytest.raises(tk.errors.ModuleMismatchError, match="none of the methods"):
        layer.tune(x, ())
    with pytest.raises(tk.errors.ModuleMismatchError, match="must have shape"):
        layer.tune(x[..., :2], ("dense",))
    assert layer.method == "fft"


def test_auto_is_the_cheapest_by_its_own_estimate() -> None:
    X, Y = modules("points")
    layer = tk.nn.EquivariantLinear(X, Y, 4, 4)
    estimate = layer.estimate()
    assert layer.method == estimate.best == min(estimate.apply, key=estimate.total)
    text = repr(layer)
    assert f"method={layer.method!r}" in text
    assert "estimate for batch 64" in text
    assert " ms" in text
    hinted = tk.nn.EquivariantLinear(X, Y, 4, 4, batch_hint=1)
    assert hinted.estimate().batch == 1
    named = tk.nn.EquivariantLinear(X, Y, 4, 4, method="fast")
    assert named.parametrization == "fourier"
    assert "estimate" not in repr(named)


def test_few_samples_are_planned_for_otherwise() -> None:
    """With fewer samples than channels no matrix of a regular module is gathered."""
    X = tk.group("A5").regular_module()
    few = tk.nn.EquivariantLinear(X, X, 16, 16, batch_hint=1).estimate()
    many = tk.nn.EquivariantLinear(X, X, 16, 16, batch_hint=64).estimate()
    assert few.best == "dense"
    assert few.prepare["dense"] == 0
    assert many.best == "spectral"
    assert many.total("dense") > 5 * few.total("dense")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "quick"}, "method must be one of auto, dense"),
        ({"parametrization": "blocks"}, "parametrization must be one of auto, orbit"),
        ({"init": "zero"}, "init must be one of he, lecun"),
    ],
)
def test_unknown_choices(options: dict[str, str], message: str) -> None:
    with pytest.raises(tk.errors.ModuleMismatchError, match=message):
        make_layer("points", **options)
    with pytest.raises(tk.errors.ModuleMismatchError, match="method must be"):
        make_layer("points").set_method("auto")
    with pytest.raises(tk.errors.ModuleMismatchError, match="parametrization must be"):
        make_layer("points").set_weights(torch.zeros(4, 2, 3), "auto")
    with pytest.raises(tk.errors.ModuleMismatchError, match=r"must have shape \(4, 2, 3\)"):
        make_layer("points").set_weights(torch.zeros(4, 3, 2))


def test_a_method_that_is_refused_changes_nothing() -> None:
    layer = make_layer("points", "fast", "orbit")
    x = make_input("points", 2)
    expected, path = layer(x), layer.computation
    with pytest.raises(tk.errors.ModuleMismatchError, match="'kronecker' needs outer products"):
        layer.set_method("kronecker")
    assert layer.method == "fast"
    assert layer.computation is path
    assert torch.equal(layer(x), expected)
    assert layer.tune(x, ("kronecker", "dense")).keys() == {"dense"}


def test_bases_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer works without Fourier bases; only what needs them is refused."""
    from toolkit.nn.linear import hom_space_base as hom_space

    def refuse(module: object) -> None:
        raise tk.NotAvailable("a group", "its Fourier basis", "it is too large")

    monkeypatch.setattr(hom_space, "fourier_basis", refuse)
    X, Y = modules("points")
    layer = tk.nn.EquivariantLinear(X, Y, 2, 2, dtype=torch.float64)
    x = make_input("points", 3, channels=2)
    expected = layer.to_dense()(x.flatten(-2))
    for method in ("dense", "structured", "fft"):
        layer.set_method(method)
        torch.testing.assert_close(layer(x).flatten(-2), expected)
    for method in ("spectral", "fast"):
        with pytest.raises(tk.NotAvailable):
            layer.set_method(method)
        assert layer.method == "fft"
        torch.testing.assert_close(layer(x).flatten(-2), expected)
    assert set(layer.tune(x)) == {"dense", "structured", "fft", "pooled"}
    with pytest.raises(tk.NotAvailable):
        tk.nn.EquivariantLinear(X, Y, 2, 2, parametrization="fourier")
    with pytest.raises(tk.NotAvailable):
        layer.fourier_blocks()
