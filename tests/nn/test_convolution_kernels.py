"""Kernels with their channels last for small images, and kernels kept in ``eval()``."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest
import torch
from torch import nn

import toolkit as tk

if TYPE_CHECKING:
    from collections.abc import Callable

    Layer = tk.nn.GroupConvolution


def make(signed: bool = False, **options: object) -> Layer:
    torch.manual_seed(0)
    G = tk.group("D8")
    X = Y = G.regular_module()
    if signed:
        Y = G.signed_coset_module([{"word": [0]}], [{"word": [0, 0]}])  # of the rotations
    layer = tk.nn.GroupConvolution(
        tk.nn.square_window(G, 3), X, Y, 2, 3, **{"padding": 1, **options}
    )
    if layer.bias is not None:
        nn.init.normal_(layer.bias)
    return layer


def image(size: int, batch: int = 1) -> torch.Tensor:
    torch.manual_seed(1)
    return torch.randn(batch, 8, 2, size, size)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(
    "options",
    [{}, {"stride": 2}, {"padding_mode": "circular"}, {"bias": False}, {"dilation": 2}],
)
def test_small_and_large_images_beside_torch(signed: bool, options: dict[str, object]) -> None:
    layer = make(signed, **options)
    dense = layer.to_dense()
    for size, batch, is_small in ((7, 1, True), (7, 40, False)):
        x = image(size, batch).requires_grad_()
        assert layer._is_small(x) == is_small
        y = layer(x)
        assert y.is_contiguous()
        right = dense(x.flatten(1, 2)).unflatten(1, (layer.Y.degree, 3))
        torch.testing.assert_close(y, right, rtol=1e-4, atol=1e-5)
        weights = torch.randn_like(y)
        found = torch.autograd.grad((y * weights).sum(), (x, layer.weight))
        of_x, of_dense = torch.autograd.grad((right * weights).sum(), (x, dense.weight))
        torch.testing.assert_close(found[0], of_x, rtol=1e-4, atol=1e-4)
        kernel = layer._kernel(layer.weight)  # by torch's own derivatives
        (of_weight,) = torch.autograd.grad(kernel, layer.weight, of_dense)
        torch.testing.assert_close(found[1], of_weight, rtol=1e-4, atol=1e-3)
        assert found[1].stride() == layer.weight.stride()


@pytest.mark.parametrize("signed", [False, True])
def test_the_kernel_with_channels_last(signed: bool) -> None:
    layer = make(signed).double()
    kernel = layer._channels_last(layer.weight)
    assert kernel.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(kernel, layer.kernel())
    assert torch.autograd.gradcheck(layer._channels_last, (layer.weight,), fast_mode=True)
    square = lambda w: layer._channels_last(w).square()  # noqa: E731
    assert torch.autograd.gradgradcheck(square, (layer.weight,), fast_mode=True)


def test_a_window_with_holes() -> None:
    G = tk.group("D8")
    cross = tk.nn.Window(G, [[0, 0], [0, 1], [0, -1], [1, 0], [-1, 0]], _matrices(G))
    X = G.regular_module()
    layer = tk.nn.GroupConvolution(cross, X, X, 2, 3, padding=1)
    kernel = layer._channels_last(layer.weight)
    assert torch.equal(kernel, layer.kernel())
    assert not kernel[:, :, 0, 0].any()
    gradient = torch.randn_like(kernel)
    expected = torch.autograd.grad(layer._kernel(layer.weight), layer.weight, gradient)[0]
    found = torch.autograd.grad(kernel, layer.weight, gradient)[0]
    torch.testing.assert_close(found, expected)


def _matrices(G: tk.Group) -> object:
    return tk.nn.square_window(G, 3).matrices


def test_an_image_with_channels_last_stays_so() -> None:
    layer, x = make(), image(7, 2)
    flat = x.flatten(1, 2).contiguous(memory_format=torch.channels_last)
    y = layer(flat.unflatten(1, (8, 2)))
    assert y.flatten(1, 2).is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(y, layer(x), rtol=1e-4, atol=1e-5)


def by_data(layer: Layer) -> None:
    layer.weight.data.mul_(2)


def bias_by_data(layer: Layer) -> None:
    layer.bias.data.add_(1)


def in_place(layer: Layer) -> None:
    with torch.no_grad():
        layer.weight.add_(1)


def new_bias(layer: Layer) -> None:
    layer.bias = nn.Parameter(layer.bias.detach() + 1)


def load(layer: Layer) -> None:
    other = copy.deepcopy(layer)
    with torch.no_grad():
        other.weight.mul_(3)
        other.bias.add_(1)
    layer.load_state_dict(other.state_dict())


@pytest.mark.parametrize("change", [by_data, bias_by_data, in_place, new_bias, load])
def test_kept_kernels_and_biases_follow_the_parameters(change: Callable[[Layer], None]) -> None:
    layer = make().eval()
    with torch.no_grad():
        for x in (image(7), image(7, 40)):
            for _ in range(3):
                before = layer(x)
            assert layer._operator_kept is not None
            torch.testing.assert_close(before.flatten(1, 2), layer.to_dense()(x.flatten(1, 2)))
            change(layer)
            for _ in range(3):
                after = layer(x)
                assert after.is_contiguous()
                assert not torch.allclose(after, before)
                right = layer.to_dense()(x.flatten(1, 2))
                torch.testing.assert_close(after.flatten(1, 2), right, rtol=1e-4, atol=1e-4)
        assert layer.train()._operator_kept is None


@pytest.mark.parametrize("free", ["weight", "bias"])
def test_gradients_in_eval(free: str) -> None:
    layer, x = make().eval(), image(7)
    expected = torch.autograd.grad(layer(x).square().sum(), getattr(layer, free))[0]
    with torch.no_grad():
        for _ in range(3):
            layer(x)
    layer.requires_grad_(False)
    getattr(layer, free).requires_grad_(True)
    for _ in range(2):
        found = torch.autograd.grad(layer(x).square().sum(), getattr(layer, free))[0]
        torch.testing.assert_close(found, expected)


def test_prepared_and_copied() -> None:
    layer, x = make().eval(), image(7)
    with torch.no_grad():
        expected = [layer(x) for _ in range(3)][-1]
        other = copy.deepcopy(layer)
        assert "_operator_kept" not in other.__dict__
        assert "_rows" not in copy.deepcopy(layer.computation).__dict__
        with tk.nn.prepared():
            for _ in range(2):
                torch.testing.assert_close(other(x), expected, rtol=1e-4, atol=1e-5)
    outputs = torch.func.vmap(layer)(x.unsqueeze(0))
    torch.testing.assert_close(outputs[0], expected, rtol=1e-4, atol=1e-5)
