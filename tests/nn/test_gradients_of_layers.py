"""Gradients as others see them: their strides, and those of the whole matrix."""

from __future__ import annotations

import pytest
import torch
from layer_cases import EACH, FEW, PARAMETRIZATIONS, make_input, make_layer

import toolkit as tk
from toolkit.nn.linear.methods.gathered_matrix import GatheredMatrix

CHANNELS = [(3, 2), (1, 1), (1, 3), (3, 1)]


@pytest.mark.parametrize(("name", "method"), EACH)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
@pytest.mark.quick_cases(25)
def test_strides_of_the_parameters(name: str, method: str, parametrization: str) -> None:
    """DistributedDataParallel puts gradients into buckets, with the parameters' strides."""
    for channels in CHANNELS:
        layer = make_layer(name, method, parametrization, channels)
        for leading in ((4,), (2, 3), ()):
            layer.zero_grad()
            x = make_input(name, *leading, channels=channels[0])
            layer(x).square().sum().backward()
            for key, parameter in layer.named_parameters():
                assert parameter.grad.stride() == parameter.stride(), (key, channels, leading)


@pytest.mark.parametrize("name", [*FEW, "sums", "outer"])
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_the_matrix_with_its_gradient(name: str, parametrization: str) -> None:
    layer = make_layer(name, "dense", parametrization, (2, 2))
    assert not layer.matrix().requires_grad
    assert torch.equal(layer.matrix(), layer.matrix(detach=False).detach())

    def matrix(weight: torch.Tensor) -> torch.Tensor:
        state = {"weight": weight}
        return torch.func.functional_call(
            _Matrix(layer), {"layer." + k: v for k, v in state.items()}
        )

    assert torch.autograd.gradcheck(matrix, (layer.weight,), fast_mode=True)
    layer.matrix(detach=False).square().sum().backward()
    found = layer.weight.grad.clone()
    layer.zero_grad()
    identity = torch.eye(layer.X.degree * 2, dtype=torch.float64).reshape(-1, layer.X.degree, 2)
    bias = 0 if layer.bias is None else layer(torch.zeros_like(identity[:1]))
    (layer(identity) - bias).square().sum().backward()
    torch.testing.assert_close(found, layer.weight.grad)


class _Matrix(torch.nn.Module):
    def __init__(self, layer: tk.nn.EquivariantLinear) -> None:
        super().__init__()
        self.layer = layer

    def forward(self) -> torch.Tensor:
        return self.layer.matrix(detach=False)


def test_a_linear_module_has_it_too() -> None:
    V = tk.group("S3").linear_module([[[0, -1], [1, -1]], [[0, 1], [1, 0]]])
    layer = tk.nn.EquivariantLinear(V, V, 2, 2, dtype=torch.float64)
    layer.matrix(detach=False).square().sum().backward()
    assert layer.weight.grad.abs().max() > 0
    assert not layer.matrix().requires_grad


@pytest.mark.parametrize("name", ["cyclic", "points", "sums", "signed", "signed and plain"])
def test_the_gathered_matrix_and_its_transpose(name: str) -> None:
    layer = make_layer(name, "dense", "orbit", (3, 2))
    gathered = layer.computation.gathered(layer.weight)
    assert isinstance(gathered, GatheredMatrix)
    m, n = layer.hom_space.shape
    whole = layer.matrix().reshape(m * 2, n * 3)
    assert torch.equal(gathered.expand(layer.weight), whole)
    other = torch.randn_like(whole)
    with torch.no_grad():
        collected = gathered.collect(other)
    torch.testing.assert_close((collected * layer.weight).sum(), (other * whole).sum())
    torch.testing.assert_close(gathered.collect(other), collected)


@pytest.mark.parametrize("name", ["cyclic", "quaternionic"])
@pytest.mark.parametrize("batch", [1, 64])
def test_both_products(name: str, batch: int) -> None:
    """Few samples take another way than many: the same outputs and gradients."""
    layer = make_layer(name, "dense", "orbit", (3, 5))
    gathered = layer.computation.gathered(layer.weight)
    x = make_input(name, batch).requires_grad_()
    assert (x.numel() < gathered.few) == (batch == 1)
    dense = layer.to_dense()
    arguments = (x, layer.weight, layer.bias)
    weights = torch.randn(batch, x.shape[1], 5, dtype=torch.float64)
    y = layer(x)
    torch.testing.assert_close(y.flatten(1), dense(x.flatten(1)))
    found = torch.autograd.grad((y * weights).sum(), arguments)
    of_x, of_dense = torch.autograd.grad(
        (dense(x.flatten(1)) * weights.flatten(1)).sum(), (x, dense.weight)
    )
    torch.testing.assert_close(found[0], of_x)
    with torch.no_grad():
        torch.testing.assert_close(found[1], gathered.collect(of_dense))
    torch.testing.assert_close(found[2], weights.sum((0, 1)))
