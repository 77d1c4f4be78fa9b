"""Layers in every floating point type, and under autocast."""

from __future__ import annotations

import pytest
import torch
from layer_cases import (
    FEW_EACH,
    METHODS,
    PARAMETRIZATIONS,
    make_input,
    make_layer,
    modules,
    same_weights,
    tables,
)

NARROW = {torch.half: 2e-2, torch.bfloat16: 1e-1}


@pytest.mark.parametrize(("name", "method"), FEW_EACH)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_single_precision(name: str, parametrization: str, method: str) -> None:
    plain, layer = same_weights(name, method, parametrization)
    x = make_input(name, 4)
    y = layer.float()(x.float())
    assert y.dtype == torch.float32
    torch.testing.assert_close(y.double(), plain(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", NARROW)
@pytest.mark.parametrize(("name", "method"), FEW_EACH[5:])
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_half_precision(name: str, parametrization: str, method: str, dtype: torch.dtype) -> None:
    plain, layer = same_weights(name, method, parametrization)
    x = make_input(name, 4)
    layer.to(dtype)
    assert layer.weight.dtype == layer.bias.dtype == dtype
    y = layer(x.to(dtype))
    assert y.dtype == dtype
    assert (y.double() - plain(x)).abs().max() < NARROW[dtype]
    y.sum().backward()
    assert layer.weight.grad.dtype == dtype
    made = make_layer(name, method, parametrization, dtype=dtype)
    assert made(x.to(dtype)).dtype == dtype
    # as the reference layer does
    dense = plain.to(dtype).to_dense()(x.to(dtype).flatten(-2)).reshape(y.shape)
    assert (dense.double() - y.double()).abs().max() < NARROW[dtype]


@pytest.mark.parametrize("dtype", NARROW)
@pytest.mark.parametrize(("name", "method"), FEW_EACH[5:])
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_autocast(name: str, parametrization: str, method: str, dtype: torch.dtype) -> None:
    plain, layer = same_weights(name, method, parametrization, dtype=torch.float32)
    x = make_input(name, 4, dtype=torch.float32)
    expected = plain(x)
    with torch.autocast("cpu", dtype):
        y = layer(x)
        again = layer(x.to(dtype))  # as it comes from a layer before
        reference = torch.nn.functional.linear(x.flatten(-2), plain.to_dense().weight)
    assert y.dtype == again.dtype == reference.dtype == dtype
    assert (y.float() - expected).abs().max() < NARROW[dtype]
    assert (again.float() - expected).abs().max() < NARROW[dtype]
    y.float().sum().backward()
    assert layer.weight.grad.dtype == torch.float32
    with torch.autocast("cpu", enabled=False):
        assert layer(x).dtype == torch.float32
    wide = make_layer(name, method, parametrization)
    with torch.autocast("cpu", dtype):
        double = wide(x.double())
    assert double.dtype == torch.float64  # as torch.nn.Linear leaves it alone
    torch.testing.assert_close(double, wide(x.double()), rtol=1e-12, atol=1e-13)


def test_autocast_where_nothing_is_computed() -> None:
    layer = make_layer("points", channels=(0, 2), dtype=torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(torch.zeros(3, 24, 0)).dtype == torch.bfloat16
        assert make_layer("points", dtype=torch.float32)(torch.zeros(0, 24, 3)).dtype == (
            torch.bfloat16
        )


@pytest.mark.parametrize(("name", "method"), FEW_EACH)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_bases_survive_a_narrow_type(name: str, parametrization: str, method: str) -> None:
    layer = make_layer(name, method, parametrization)
    expected = {k: b.clone() for k, b in tables(layer).items()}
    assert expected
    layer.half().bfloat16().float().double()
    for key, buffer in tables(layer).items():
        assert torch.equal(buffer, expected[key]), key
    narrow = make_layer(name, method, parametrization, dtype=torch.half).double()
    for key, buffer in tables(narrow).items():
        assert torch.equal(buffer, expected[key]), key


@pytest.mark.parametrize("method", METHODS)
def test_default_type(method: str) -> None:
    import toolkit as tk

    before = torch.get_default_dtype()
    try:
        torch.set_default_dtype(torch.float64)
        layer = tk.nn.EquivariantLinear(*modules("points"), 3, 2, method=method)
    finally:
        torch.set_default_dtype(before)
    assert layer.weight.dtype == torch.float64
    torch.testing.assert_close(
        layer(make_input("points", 2)).flatten(-2),
        layer.to_dense()(make_input("points", 2).flatten(-2)),
    )
