"""Layers as ONNX models, run by onnxruntime."""

from __future__ import annotations

import pytest
import torch
from layer_cases import EACH, METHODS, PARAMETRIZATIONS, make_input, make_layer
from onnx_runner import Runner, check
from torch import nn

import toolkit as tk
from toolkit.nn.linear.tensors import real_fft as transforms

pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")


@pytest.mark.slow
def test_a_transform_and_a_batch_of_any_size() -> None:
    model = make_layer("outer", "fft", "orbit", dtype=torch.float32)
    runner = Runner(model, make_input("outer", 4, dtype=torch.float32))
    for batch in (4, 2, 9):
        check(model, runner, make_input("outer", batch, dtype=torch.float32))


@pytest.mark.slow
def test_pooled_terms_and_a_batch_of_any_size() -> None:
    model = make_layer("square", "pooled", "orbit", dtype=torch.float32)
    runner = Runner(model, make_input("square", 4, dtype=torch.float32))
    for batch in (4, 2, 9):
        check(model, runner, make_input("square", batch, dtype=torch.float32))


@pytest.mark.slow
@pytest.mark.parametrize("first", [0, 1])
def test_all_methods_in_one_model(first: int) -> None:
    layers = []
    for i, method in enumerate((*METHODS, "kronecker", "pooled")):
        parametrization = PARAMETRIZATIONS[(i + first) % 2]
        layers.append(
            make_layer("outer", method, parametrization, (2, 2), dtype=torch.float32, init="lecun")
        )
    model = nn.Sequential(*layers)
    runner = Runner(model, make_input("outer", 4, channels=2, dtype=torch.float32))
    for batch in (4, 2, 9):
        check(model, runner, make_input("outer", batch, channels=2, dtype=torch.float32))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "method"), EACH)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_every_layer(name: str, parametrization: str, method: str) -> None:
    model = make_layer(name, method, parametrization, dtype=torch.float32)
    runner = Runner(model, make_input(name, 4, dtype=torch.float32))
    for batch in (4, 7):
        check(model, runner, make_input(name, batch, dtype=torch.float32))


@pytest.mark.slow
@pytest.mark.parametrize("group", ["C97", "C120", "C6 x C10"])
@pytest.mark.parametrize("method", ["fast", "fft"])
def test_long_transforms_keep_their_precision(group: str, method: str) -> None:
    """Which onnxruntime's own DFT does not at lengths that are no powers of two."""
    X = tk.group(group).regular_module()
    model = tk.nn.EquivariantLinear(X, X, 2, 2, method=method)
    runner = Runner(model, torch.randn(4, X.degree, 2))
    assert "DFT" not in runner.operators
    check(model, runner, torch.randn(5, X.degree, 2))


@pytest.mark.slow
def test_prepared_weights_and_onnx() -> None:
    """Nothing that is kept from before is written into the model as it stands."""
    model = make_layer("points", "structured", dtype=torch.float32)
    x = make_input("points", 2, dtype=torch.float32)
    with torch.no_grad(), tk.nn.prepared():
        model(x)
        runner = Runner(model, x)
    check(model, runner, x)


@pytest.mark.parametrize("orders", [(1,), (2,), (5,), (8,), (4, 3), (3, 4), (2, 3, 5), (1, 6)])
def test_transforms_by_matrices(orders: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    x = torch.randn(2, *orders, 3, dtype=torch.float64)
    expected = transforms.to_spectrum(x, orders, 1)
    monkeypatch.setattr(transforms, "_by_matrices", lambda orders: True)
    found = transforms.to_spectrum(x, orders, 1)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(transforms.from_spectrum(found, orders, 1), x)
    loose = torch.randn_like(expected)  # no spectrum of real data
    back = transforms.from_spectrum(loose, orders, 1)
    monkeypatch.undo()
    if orders in ((5,), (8,)):
        torch.testing.assert_close(back, transforms.from_spectrum(loose, orders, 1))
