"""Periodic convolutions: torch's own, and layers of products of cyclic groups."""

from __future__ import annotations

import copy
import itertools

import pytest
import torch
from torch import nn
from torch.nn import functional

from toolkit.errors import ModuleMismatchError
from toolkit.nn import (
    EquivariantLinear,
    WindowedConvolution,
    images_to_points,
    periodic_convolution,
    periodic_module,
    points_to_images,
)
from toolkit.testing import assert_equivariant

SHAPES = ((8,), (4, 6), (5, 3), (3, 1), (2, 3, 4))


def random_parameters(layer):
    for p in layer.parameters():
        torch.nn.init.normal_(p)
    return layer


@pytest.mark.parametrize("method", ["dense", "structured", "fft", "auto"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_full_kernels_are_torchs_convolution(shape, method):
    layer = random_parameters(periodic_convolution(shape, 2, 3, method=method, dtype=torch.float64))
    assert isinstance(layer, EquivariantLinear)
    axes = len(shape)
    x = torch.randn(5, 2, *shape, dtype=torch.float64)
    found = points_to_images(layer(images_to_points(x, axes)), shape)
    # weight of the difference d reads x(p + d): a window that starts at the pixel itself
    kernel = layer.orbit_weights().permute(1, 2, 0).reshape(3, 2, *shape)
    padding = [size for n in reversed(shape) for size in (0, n - 1)]
    convolution = (functional.conv1d, functional.conv2d, functional.conv3d)[axes - 1]
    # torch's circular padding takes at most three axes
    expected = convolution(functional.pad(x, padding, "circular"), kernel, layer.bias)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-11)
    assert layer.parameters_count() == layer.X.degree * 6 + 3


@pytest.mark.parametrize(
    ("shape", "window"),
    [((8,), 3), ((8,), 8), ((6, 7), 3), ((6, 7), (1, 4)), ((5, 5), 5), ((4, 5, 3), (3, 2, 3))],
    ids=str,
)
def test_windows_are_torchs_convolution(shape, window):
    layer = periodic_convolution(shape, 2, 3, window, dtype=torch.float64)
    random_parameters(layer)
    kind = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[len(shape) - 1]
    theirs = kind(2, 3, window, padding="same", padding_mode="circular", dtype=torch.float64)
    with torch.no_grad():
        theirs.weight.copy_(layer.weight.permute(1, 2, 0).reshape(theirs.weight.shape))
        theirs.bias.copy_(layer.bias)
    x = torch.randn(5, 2, *shape, dtype=torch.float64)
    found = points_to_images(layer(images_to_points(x, len(shape))), shape)
    torch.testing.assert_close(found, theirs(x), rtol=0, atol=1e-12)
    assert layer.parameters_count() == sum(p.numel() for p in theirs.parameters())
    assert_equivariant(layer)


@pytest.mark.parametrize(
    ("shape", "window"), [((8,), 3), ((6, 7), (2, 3)), ((2, 3, 2, 3), (2, 3, 1, 2))], ids=str
)
def test_windows_are_full_layers_with_zeros(shape, window):
    layer = random_parameters(WindowedConvolution(shape, 2, 3, window, dtype=torch.float64))
    full = layer.to_equivariant()
    assert int((full.orbit_weights() != 0).any(-1).any(-1).sum()) == len(layer.weight)
    x = torch.randn(2, 5, layer.X.degree, 2, dtype=torch.float64)
    torch.testing.assert_close(layer(x), full(x), rtol=0, atol=1e-12)
    assert_equivariant(layer)
    assert layer(x[:0]).shape == (0, 5, layer.X.degree, 3)


def test_images_and_points():
    x = torch.arange(2 * 3 * 4).reshape(2, 3, 4)
    points = images_to_points(x)
    assert points.shape == (12, 2)
    for i, j in itertools.product(range(3), range(4)):
        assert torch.equal(points[i * 4 + j], x[:, i, j])
    assert torch.equal(points_to_images(points, (3, 4)), x)
    many = torch.randn(2, 5, 3, 4, 5, 6)
    assert torch.equal(points_to_images(images_to_points(many, 3), (4, 5, 6)), many)
    with pytest.raises(ModuleMismatchError, match="images of 2 axes"):
        images_to_points(torch.zeros(3, 4))
    with pytest.raises(ModuleMismatchError, match="functions on 12 pixels"):
        points_to_images(torch.zeros(13, 2), (3, 4))


def test_the_group_shifts_the_image():
    X = periodic_module((3, 4))
    x = torch.randn(2, 3, 4)
    points = images_to_points(x)
    for image, axis in zip(X.images, (1, 2), strict=True):
        moved = points_to_images(points[torch.from_numpy(image.copy())], (3, 4))
        assert torch.equal(moved, torch.roll(x, -1, axis))


def test_what_does_not_fit_is_refused():
    for window in (5, (3, 5), (3,), (3, 3, 3), 0, (2, -1)):
        with pytest.raises(ModuleMismatchError):
            periodic_convolution((4, 4), 1, 1, window)
    for shape in ((), (0, 3), (2.5,)):
        with pytest.raises(ModuleMismatchError, match="positive integers"):
            periodic_module(shape)
    layer = periodic_convolution((4, 4), 2, 1, 3)
    with pytest.raises(ModuleMismatchError, match=r"\(\.\.\., 16, 2\)"):
        layer(torch.zeros(3, 15, 2))
    with pytest.raises(ModuleMismatchError, match="one of he, lecun, xavier"):
        WindowedConvolution((4,), 1, 1, 3, init="big")


def test_variance_and_options():
    torch.manual_seed(0)
    layer = WindowedConvolution((8, 8), 32, 32, 3, bias=False, init="lecun")
    assert layer.bias is None
    assert layer(torch.randn(64, 64, 32)).var().item() == pytest.approx(1, rel=0.1)
    assert "kernel_size=(3, 3)" in repr(layer)
    twin = copy.deepcopy(layer)
    assert twin.X is layer.X
    assert set(layer.state_dict()) == {"weight"}
    twin.reset_parameters()
    twin.load_state_dict(layer.state_dict())
    x = torch.randn(2, 64, 32)
    assert torch.equal(twin(x), layer(x))
    exported = torch.export.export(layer, (x,))
    torch.testing.assert_close(exported.module()(x), layer(x))


def test_gradients():
    layer = random_parameters(WindowedConvolution((3, 4), 2, 2, 2, dtype=torch.float64))
    x = torch.randn(2, 12, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, (x,))
