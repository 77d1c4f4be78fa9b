"""Layers of fields: on fibres, on grids, pooling."""

from __future__ import annotations

import pytest
import torch
from field_cases import case, randomised
from torch import nn

import toolkit as tk
from toolkit.errors import IllegalActivationError, ModuleMismatchError
from toolkit.nn import (
    GridPooling,
    Gridwise,
    GroupConvolution,
    Pixelwise,
    fields_to_points,
    points_to_fields,
)
from toolkit.testing import assert_convolution_equivariant, convolution_equivariance_error

DOUBLE = {"dtype": torch.float64}


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_views(axes):
    x = torch.randn(2, 5, 4, 3, *(6, 7, 8)[:axes])
    points = fields_to_points(x, axes)
    assert points.shape == (2, 5, *(6, 7, 8)[:axes], 4, 3)
    assert points.data_ptr() == x.data_ptr()
    assert torch.equal(points_to_fields(points, axes), x)
    index = (1, 2, *(3, 4, 5)[:axes])
    assert torch.equal(points[index], x[(1, 2, slice(None), slice(None), *(3, 4, 5)[:axes])])
    with pytest.raises(ModuleMismatchError, match="fields on"):
        fields_to_points(torch.zeros((2,) * (axes + 1)), axes)


def test_a_linear_layer_at_every_pixel_is_a_window_of_one_cell():
    window, X, Y = case("square signed")
    one = tk.nn.square_window(window.group, 1)
    conv = randomised(GroupConvolution(one, X, Y, 2, 3, **DOUBLE))
    linear = tk.nn.EquivariantLinear(X, Y, 2, 3, **DOUBLE)
    assert linear.weight.shape == conv.weight.shape
    linear.set_weights(conv.weight)
    with torch.no_grad():
        linear.bias.copy_(conv.bias)
    layer = Pixelwise(linear)
    x = torch.randn(2, X.degree, 2, 4, 5, **DOUBLE)
    torch.testing.assert_close(layer(x), conv(x))
    assert (layer.X, layer.Y) == (linear.X, linear.Y)
    assert_convolution_equivariant(layer, (4, 5), window=window, channels=2)


def test_pooling_over_the_fibre_projects():
    window, point, X = case("square lift")
    for reduction in ("mean", "max"):
        project = Pixelwise(tk.nn.EquivariantPooling(X, point, reduction))
        x = torch.randn(2, 8, 3, 4, 5)
        expected = x.mean(1, keepdim=True) if reduction == "mean" else x.amax(1, keepdim=True)
        torch.testing.assert_close(project(x), expected)
        net = nn.Sequential(
            GroupConvolution(window, point, X, 1, 2, padding="same"), nn.ReLU(), project
        )
        assert_convolution_equivariant(net, (5, 6), point, point, window=window)


@pytest.mark.parametrize(
    "layer", [nn.MaxPool2d(2), nn.AvgPool2d(3, 2, 1), nn.Upsample(scale_factor=2)]
)
def test_layers_of_the_grid(layer):
    window, _, X = case("square lift")
    whole = Gridwise(layer)
    x = torch.randn(2, 3, 8, 2, 6, 8)
    y = whole(x)
    assert y.shape[:4] == (2, 3, 8, 2)
    torch.testing.assert_close(y[1, 2, 3:4], layer(x[1, 2, 3:4]))
    assert whole(x[0, 0]).shape == y.shape[2:]
    size = (6, 6) if not isinstance(layer, nn.AvgPool2d) else (7, 7)
    assert_convolution_equivariant(whole, size, X, window=window)
    if not isinstance(layer, nn.Upsample):
        wrong = (7, 7) if size == (6, 6) else (6, 6)
        assert convolution_equivariance_error(whole, wrong, X, window=window).error > 0.1


@pytest.mark.parametrize("reduction", ["mean", "sum", "max"])
def test_pooling_over_the_grid(reduction):
    window, _, X = case("square lift")
    pool = GridPooling(X, reduction)
    x = torch.randn(2, 8, 3, 4, 5)
    flat = x.flatten(-2)
    expected = {"mean": flat.mean(-1), "sum": flat.sum(-1), "max": flat.amax(-1)}[reduction]
    torch.testing.assert_close(pool(x), expected)
    assert pool.Y is X
    assert reduction in repr(pool)
    assert_convolution_equivariant(pool, (4, 5), window=window)
    head = nn.Sequential(pool, tk.nn.InvariantPooling(X), nn.Flatten(-2))
    assert_convolution_equivariant(head, (4, 5), X, "invariant", window=window)


def test_refusals():
    _, X, _ = case("square signed")
    with pytest.raises(IllegalActivationError, match="use mean or sum"):
        GridPooling(X, "max")
    with pytest.raises(ModuleMismatchError, match="reduction must be one of"):
        GridPooling(X, "median")
    with pytest.raises(ModuleMismatchError, match="points of"):
        GridPooling(X)(torch.zeros(1, 3, 2, 4, 4))
    with pytest.raises(ModuleMismatchError, match="a window of its group are required"):
        convolution_equivariance_error(GridPooling(X), (4, 4))
    window = case("square")[0]
    with pytest.raises(ModuleMismatchError, match="must have 2 numbers"):
        convolution_equivariance_error(GridPooling(X), (4,), window=window)
    with pytest.raises(ValueError, match="at least 1"):
        convolution_equivariance_error(GridPooling(X), (4, 4), window=window, samples=0)
    with pytest.raises(ModuleMismatchError, match="output must have shape"):
        convolution_equivariance_error(lambda x: x[:, :1], (4, 4), X, X, window=window)


def test_a_chain_of_fields_is_followed():
    G = tk.group("D8")
    window, X = tk.nn.square_window(G, 3), G.regular_module()
    lift = GroupConvolution(window, window.point, X, 1, 8, padding="same")
    conv = GroupConvolution(window, X, X, 8, 8, padding="same")
    net = tk.nn.Sequential(
        lift, nn.ReLU(), nn.Dropout(0.1), tk.nn.Residual(tk.nn.Sequential(conv, nn.Tanh())),
        Pixelwise(nn.LayerNorm(8)), Gridwise(nn.AvgPool2d(2)), Pixelwise(nn.Linear(8, 4)),
        tk.nn.Concat(GroupConvolution(window, X, X, 4, 3), GroupConvolution(window, X, X, 4, 2)),
        GridPooling(X), tk.nn.EquivariantLinear(X, X, 5, 2),
    )  # fmt: skip
    assert (net.in_channels, net.out_channels, net.Y, net.grid_axes) == (1, 2, X, (2, 0))
    assert_convolution_equivariant(net.eval(), 8)
    with pytest.raises(ModuleMismatchError, match="axes of the grid"):  # as large as the fibre
        tk.nn.Sequential(lift, Gridwise(nn.MaxPool2d(1)), tk.nn.EquivariantLinear(X, X, 8, 8))
    with pytest.raises(ModuleMismatchError, match=r"'1.layer', Linear, takes 7 channels"):
        tk.nn.Sequential(lift, Pixelwise(nn.Linear(7, 4)))


def test_branches_of_fields_are_side_by_side_along_channels():
    window, X, Y = case("square signed")
    one, two = (GroupConvolution(window, X, Y, 2, C, padding="same") for C in (3, 1))
    both = tk.nn.Concat(one, two)
    x = torch.randn(2, X.degree, 2, 5, 6)
    assert torch.equal(both(x)[..., :3, :, :], one(x))
    assert torch.equal(both(x)[..., 3:, :, :], two(x))
    assert_convolution_equivariant(both, (5, 6))
    points = tk.nn.Concat(one, one, along="points")
    assert torch.equal(points(x)[..., : Y.degree, :, :, :], one(x))
    assert_convolution_equivariant(points, (5, 6))


def test_windows_in_one_chain_move_the_grid_alike():
    G = tk.group("C2")
    X = G.regular_module()
    rows, columns = ([[[-1, 0], [0, 1]]], [[[1, 0], [0, -1]]])
    one, two = (
        GroupConvolution(tk.nn.Window.box(G, (3, 3), m), X, X, 1, 1) for m in (rows, columns)
    )
    with pytest.raises(ModuleMismatchError, match=r"moves the grid by .* for generator 0"):
        tk.nn.Sequential(one, nn.ReLU(), two)
    with pytest.raises(ModuleMismatchError, match=r"moves the grid|one grid"):
        tk.nn.Concat(one, two)
    line = GroupConvolution(tk.nn.square_window(G, 3, 1), X, X, 1, 1)
    with pytest.raises(ModuleMismatchError, match="1 axes of the grid"):
        tk.nn.Sequential(line, two)


def test_layers_of_fields_keep_signs():
    window, X, _ = case("square signed")
    assert X.has_signs
    conv = GroupConvolution(window, X, X, 2, 3)
    for layer in (nn.ReLU(), Pixelwise(nn.ReLU()), Gridwise(nn.MaxPool2d(2))):
        with pytest.raises(IllegalActivationError):
            tk.nn.Sequential(conv, layer)
    chain = tk.nn.Sequential(conv, nn.Tanh(), Gridwise(nn.AvgPool2d(2)), Pixelwise(nn.Tanh()))
    assert chain.Y == conv.Y
    assert tk.nn.Sequential(conv, Gridwise(nn.Conv2d(1, 1, 3))).Y is None


def test_what_measures_finds_the_window_and_the_channels():
    window, X, Y = case("square signed")
    conv = GroupConvolution(window, X, Y, 2, 3, padding="same")
    assert_convolution_equivariant(tk.nn.Sequential(conv, nn.Tanh()), 5)
    at_pixels = Pixelwise(tk.nn.EquivariantLinear(X, Y, 2, 3))
    assert (at_pixels.in_channels, at_pixels.out_channels) == (2, 3)
    assert_convolution_equivariant(at_pixels, (4, 5), window=window)
    with pytest.raises(ModuleMismatchError, match="window"):
        assert_convolution_equivariant(at_pixels, 4)
