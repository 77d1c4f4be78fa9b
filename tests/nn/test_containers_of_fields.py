"""Chains, sums and branches of fields: layers of points are told from layers of pixels."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import toolkit as tk
from toolkit.errors import IllegalActivationError, ModuleMismatchError
from toolkit.testing import assert_convolution_equivariant

G = tk.group("D8")
WINDOW = tk.nn.square_window(G, 3)
POINT, R = WINDOW.point, G.regular_module()
SIGNED = G.signed_module_from_images(R.images, [[-1] * 8, [1] * 8])


def convolution(X, Y, channels=8):
    return tk.nn.GroupConvolution(WINDOW, X, Y, channels, channels, padding="same")


@pytest.mark.parametrize(
    ("layer", "advice"),
    [
        (tk.nn.EquivariantBatchNorm(R, 8), r"takes \(..., points, channels\).*tk.nn.Pixelwise"),
        (tk.nn.EquivariantLayerNorm(R, 8), r"takes \(..., points, channels\).*tk.nn.Pixelwise"),
        (tk.nn.EquivariantDropout(R, 0.5), r"takes \(..., points, channels\).*tk.nn.Pixelwise"),
        (tk.nn.EquivariantLinear(R, R, 8, 8), r"takes \(..., points, channels\).*GridPooling"),
        (tk.nn.InvariantPooling(R), r"takes \(..., points, channels\).*GridPooling"),
        (tk.nn.Pointwise("relu", R), r"takes \(..., points, channels\).*tk.nn.Pixelwise"),
        (nn.Linear(8, 8), r"the last axes as points.*use tk.nn.Pixelwise\(layer\)"),
        (nn.LayerNorm(8), r"the last axes as points.*use tk.nn.Pixelwise\(layer\)"),
        (nn.Softmax(-2), r"the last axes as points.*use tk.nn.Pixelwise"),
        (nn.BatchNorm1d(8), r"the last axes as points.*tk.nn.Pixelwise of .*EquivariantBatchNorm"),
        (nn.BatchNorm2d(8), r"points as channels.*tk.nn.EquivariantBatchNorm"),
        (nn.BatchNorm3d(8), r"points as channels.*tk.nn.EquivariantBatchNorm"),
        (nn.Conv2d(8, 8, 3), r"points as channels.*use tk.nn.GroupConvolution$"),
        (nn.Conv3d(8, 8, 3), r"points as channels.*use tk.nn.GroupConvolution$"),
        (nn.MaxPool2d(2), r"it takes images.*use tk.nn.Gridwise\(layer\)$"),
        (nn.AvgPool2d(2), r"it takes images.*use tk.nn.Gridwise\(layer\)$"),
        (nn.AdaptiveAvgPool2d(4), r"it takes images.*use tk.nn.Gridwise\(layer\)$"),
        (nn.CircularPad2d(1), r"it takes images.*use tk.nn.Gridwise\(layer\)$"),
        (nn.Dropout2d(), r"images.*use tk.nn.Pixelwise\(tk.nn.EquivariantDropout\(X, p\)\)$"),
    ],
    ids=lambda x: type(x).__name__ if isinstance(x, nn.Module) else "",
)
def test_layers_of_points_are_refused_on_fields(layer, advice):
    """On 8 x 8 pixels with 8 channels none of their shapes would betray them."""
    with pytest.raises(
        ModuleMismatchError, match=rf"layer '1', {type(layer).__name__}, .*{advice}"
    ):
        tk.nn.Sequential(convolution(POINT, R), layer)


@pytest.mark.parametrize(
    "layer", [convolution(R, R), tk.nn.GridPooling(R), tk.nn.Gridwise(nn.Identity())]
)
def test_layers_of_fields_are_refused_where_no_grid_is(layer):
    for before in (
        nn.Sequential(convolution(POINT, R), tk.nn.GridPooling(R)),
        tk.nn.EquivariantLinear(POINT, R, 8, 8),
    ):
        with pytest.raises(ModuleMismatchError, match=r"takes fields .*, but the previous layers"):
            tk.nn.Sequential(before, layer)


def test_what_is_advised_for_layers_of_images_is_taken():
    drop = tk.nn.Pixelwise(tk.nn.EquivariantDropout(R, 0.5))
    net = tk.nn.Sequential(convolution(POINT, R), tk.nn.Gridwise(nn.MaxPool2d(2)), drop)
    assert net(torch.zeros(2, 1, 8, 8, 8)).shape == (2, 8, 8, 4, 4)


def test_channels_and_pixels_are_pooled_as_a_volume():
    """Torch takes a field of a batch for channels and volumes: no point meets another."""
    net = tk.nn.Sequential(convolution(POINT, R), nn.AvgPool3d((1, 2, 2)))
    x = torch.randn(2, 1, 8, 8, 8)
    expected = tk.nn.Gridwise(nn.AvgPool2d(2))(net[0](x))
    torch.testing.assert_close(net(x), expected)


def test_images_are_pooled_after_a_fibre_of_one_point():
    net = tk.nn.Sequential(convolution(R, POINT), nn.Flatten(-4, -3), nn.MaxPool2d(2))
    assert net(torch.zeros(2, 8, 8, 4, 4)).shape == (2, 8, 2, 2)


def test_activations_on_fields_of_signed_fibres_are_checked():
    with pytest.raises(IllegalActivationError, match="layer '1', ReLU"):
        tk.nn.Sequential(convolution(POINT, SIGNED), nn.ReLU())
    tk.nn.Sequential(convolution(POINT, SIGNED), nn.Tanh(), convolution(SIGNED, R))


def test_what_is_legal_on_fields_is_followed():
    block = tk.nn.Residual(
        tk.nn.Sequential(convolution(R, R), tk.nn.Pixelwise(tk.nn.EquivariantBatchNorm(R, 8)))
    )
    net = tk.nn.Sequential(
        convolution(POINT, R), nn.ReLU(), nn.Dropout(0.1), block, tk.nn.Gridwise(nn.MaxPool2d(2)),
        convolution(R, R), tk.nn.GridPooling(R), nn.Linear(8, 4), tk.nn.InvariantPooling(R),
        nn.Flatten(-2), nn.Linear(4, 10),
    )  # fmt: skip
    assert net.grid_axes[0] == 2
    assert block.grid_axes == (2, 2)
    assert "on a grid of 2 axes" in repr(net)
    net.eval()
    assert_convolution_equivariant(net, (8, 8))  # with the window of its first convolution


def test_after_a_fibre_of_one_point_everything_of_torch_is_left_alone():
    project = convolution(R, POINT)
    net = tk.nn.Sequential(project, nn.Flatten(-4, -3), nn.Conv2d(8, 3, 1))
    assert net(torch.zeros(2, 8, 8, 5, 5)).shape == (2, 3, 5, 5)


@pytest.mark.parametrize("grid", [(5, 7), (8, 8)])
def test_branches_of_fields_join_channels_or_points(grid):
    x = torch.randn(2, 8, 8, *grid)
    one, two = convolution(R, R), convolution(R, POINT)
    channels = tk.nn.Concat(one, nn.Identity())
    torch.testing.assert_close(channels(x), torch.cat([one(x), x], -3))
    assert channels.grid_axes == (2, 2)
    points = tk.nn.Concat(one, two, along="points")
    torch.testing.assert_close(points(x), torch.cat([one(x), two(x)], -4))
    assert points.Y.degree == 9
    assert_convolution_equivariant(points, grid if grid[0] == grid[1] else (5, 5), window=WINDOW)


def test_branches_and_sums_with_and_without_a_grid_are_refused():
    pooled = tk.nn.Sequential(convolution(R, R), tk.nn.GridPooling(R))
    with pytest.raises(ModuleMismatchError, match="a residual sum needs two terms of one kind"):
        tk.nn.Residual(pooled)
    with pytest.raises(
        ModuleMismatchError, match="either all branches must keep the grid, or none"
    ):
        tk.nn.Concat(convolution(R, R), pooled)
    with pytest.raises(
        ModuleMismatchError, match="either all branches must keep the grid, or none"
    ):
        tk.nn.Concat(convolution(R, R), pooled, along="points")
