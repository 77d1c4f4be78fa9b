"""Group convolutions against every element of the group, and against torch's own."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from field_cases import CASES, SIZES, act, case, elements, randomised

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.nn import GroupConvolution, GroupConvolutionTranspose, Window, square_window
from toolkit.testing import (
    NotEquivariantError,
    assert_convolution_equivariant,
    convolution_equivariance_error,
)

DOUBLE = {"dtype": torch.float64}


def error(layer, size, periodic=False, channels=None):
    """Return the largest relative error over all elements of the group."""
    window, X, Y = layer.window, layer.X, layer.Y
    torch.manual_seed(1)
    x = torch.randn(2, X.degree, channels or layer.in_channels, *size, **DOUBLE)
    with torch.no_grad():
        y = layer(x)
        worst = 0.0
        for element in elements(window, X, Y):
            there = layer(act(element.grid, element.source, x, periodic))
            here = act(element.grid, element.target, y, periodic)
            assert there.shape == here.shape
            worst = max(worst, float((there - here).abs().max() / y.abs().max()))
    return worst


# -- every element ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_commutes_with_every_element(name):
    layer = randomised(GroupConvolution(*case(name), 2, 3, **DOUBLE))
    size = SIZES[layer.window.dimension]
    assert layer.is_equivariant_on(size)
    assert error(layer, size) < 1e-12
    assert_convolution_equivariant(layer, size)


@pytest.mark.parametrize("name", CASES)
def test_transposed_commutes_with_every_element(name):
    layer = randomised(GroupConvolutionTranspose(*case(name), 2, 3, 2, 1, **DOUBLE))
    size = tuple(n - 2 for n in SIZES[layer.window.dimension])
    assert layer.is_equivariant_on(size)
    assert error(layer, size) < 1e-12
    assert_convolution_equivariant(layer, size)


@pytest.mark.parametrize("name", CASES)
def test_the_number_of_weights_is_that_of_invariant_kernels(name):
    window, X, Y = case(name)
    found = GroupConvolution(window, X, Y, 1, 1).hom_space.count
    # the mean over the group of the trace on kernels Y x K x X
    places = [tuple(p) for p in (2 * window.cells - np.array(window.shape) + 1).tolist()]
    total = 0
    for element in elements(window, X, Y):
        moved = [tuple((np.array(p) @ element.grid).tolist()) for p in places]
        fixed = sum(p == q for p, q in zip(places, moved, strict=True))
        total += fixed * np.trace(element.source) * np.trace(element.target)
    assert found == total / window.group.order
    assert found == tk.hom_dimension(window.module * X, Y)


def test_oracles():
    G = tk.group("D8")
    X = G.regular_module()
    point = G.natural_module() ** 0
    assert GroupConvolution(square_window(G, 3), X, X, 1, 1).weight.shape == (72, 1, 1)
    assert GroupConvolution(square_window(G, 3), point, X, 1, 1).weight.shape == (9, 1, 1)
    assert GroupConvolution(square_window(G, 3), point, point, 1, 1).weight.shape == (3, 1, 1)
    C = tk.group("C4")
    assert GroupConvolution(
        square_window(C, 5), C.regular_module(), C.regular_module(), 2, 3
    ).weight.shape == (100, 3, 2)
    cube = tk.group("Oh")
    window, faces = square_window(cube, 3, 3), cube.natural_module()
    assert window.module.degree == 27
    assert window.module.orbit_count == 4  # centre, faces, edges, corners
    for X, Y in itertools.product((cube.natural_module() ** 0, faces), (faces,)):
        count = GroupConvolution(window, X, Y, 1, 1).hom_space.count
        assert count == tk.hom_dimension(window.module * X, Y)
    lift = GroupConvolution(window, faces**0, cube.regular_module(), 1, 2)
    assert lift.weight.shape == (27, 2, 1)


def test_that_the_error_would_be_seen():
    layer = randomised(GroupConvolution(*case("square"), 2, 3, **DOUBLE))
    with torch.no_grad():
        plain = layer.to_dense()
        plain.weight[0, 0, 0, 0] += 1
    wrong = tk.nn.Gridwise(plain)

    def run(x):
        return wrong.layer(x.flatten(1, 2)).unflatten(1, (8, 3))

    window, X, _ = case("square")
    with pytest.raises(NotEquivariantError, match="does not commute"):
        assert_convolution_equivariant(run, (6, 6), X, X, window=window, channels=2)


# -- torch's own -----------------------------------------------------------------------------------

OPTIONS = (
    {},
    {"padding": "same"},
    {"padding": 2, "stride": 2},
    {"padding": 1, "dilation": 2},
    {"groups": 2, "padding": 1},
    {"groups": 2, "bias": False, "stride": 3},
    {"padding": "same", "padding_mode": "circular"},
    {"padding": 2, "padding_mode": "reflect", "stride": 2},
    {"padding": 1, "padding_mode": "replicate", "groups": 2},
)


def channel_order(groups: int, points: int, channels: int) -> torch.Tensor:
    """Return torch's channel of each (point, channel): points first within each group."""
    each = channels // groups
    number = [
        (c // each) * points * each + x * each + c % each
        for x in range(points)
        for c in range(channels)
    ]
    return torch.tensor(number)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", ["square", "square cross", "segment", "cube"])
@pytest.mark.quick_cases(4)
def test_is_torchs_convolution(name, options):
    window, X, Y = case(name)
    layer = randomised(GroupConvolution(window, X, Y, 4, 2, **options, **DOUBLE))
    size = (7, 7, 7)[: window.dimension]
    x = torch.randn(3, X.degree, 4, *size, **DOUBLE)
    dense = layer.to_dense()
    assert type(dense).__name__ == f"Conv{window.dimension}d"
    into = channel_order(layer.groups, X.degree, 4)
    out = channel_order(layer.groups, Y.degree, 2)
    images = torch.empty(3, X.degree * 4, *size, **DOUBLE)
    images[:, into] = x.flatten(1, 2)
    y = layer(x)
    assert tuple(y.shape) == (3, Y.degree, 2, *layer.output_size(size))
    torch.testing.assert_close(y.flatten(1, 2), dense(images)[:, out], rtol=0, atol=1e-11)
    assert layer.dense_parameters_count() == sum(p.numel() for p in dense.parameters())
    assert layer.is_equivariant_on(size) == (error(layer, size) < 1e-12)


@pytest.mark.parametrize(
    "options",
    [{}, {"stride": 2, "padding": 1}, {"dilation": 2, "groups": 2}, {"stride": 3, "bias": False}],
    ids=str,
)
@pytest.mark.parametrize("name", ["square cross", "segment", "cube"])
def test_is_torchs_transposed_convolution(name, options):
    window, X, Y = case(name)
    layer = randomised(GroupConvolutionTranspose(window, X, Y, 2, 4, **options, **DOUBLE))
    size = (4, 4, 4)[: window.dimension]
    x = torch.randn(3, X.degree, 2, *size, **DOUBLE)
    dense = layer.to_dense()
    into = channel_order(layer.groups, X.degree, 2)
    out = channel_order(layer.groups, Y.degree, 4)
    images = torch.empty(3, X.degree * 2, *size, **DOUBLE)
    images[:, into] = x.flatten(1, 2)
    y = layer(x)
    assert tuple(y.shape[3:]) == layer.output_size(size)
    torch.testing.assert_close(y.flatten(1, 2), dense(images)[:, out], rtol=0, atol=1e-11)
    assert layer.dense_parameters_count() == sum(p.numel() for p in dense.parameters())


def test_the_transpose_is_the_adjoint():
    window, X, Y = case("square even")
    conv = randomised(GroupConvolution(window, X, Y, 1, 1, 2, 1, bias=False, **DOUBLE))
    back = GroupConvolutionTranspose(window, Y, X, 1, 1, 2, 1, bias=False, **DOUBLE)
    # the same kernel: entry (y, k, x) of the one is entry (x, k, y) of the other
    labels = back.hom_space.labels.reshape(X.degree, len(window), Y.degree)
    mine = conv.hom_space.labels.reshape(Y.degree, len(window), X.degree)
    with torch.no_grad():
        for y, k, x in np.ndindex(*mine.shape):
            back.weight[labels[x, k, y]] = conv.weight[mine[y, k, x]]
    x = torch.randn(1, X.degree, 1, 8, 8, **DOUBLE)
    y = torch.randn(1, Y.degree, 1, *conv.output_size((8, 8)), **DOUBLE)
    assert back(y).shape == x.shape
    torch.testing.assert_close((conv(x) * y).sum(), (x * back(y)).sum())


# -- stride and sizes ------------------------------------------------------------------------------


@pytest.mark.parametrize(("stride", "padding", "dilation"), [(2, 1, 1), (3, 0, 1), (2, 2, 2)])
@pytest.mark.parametrize("name", ["square", "square even", "segment", "diagonal", "rectangle"])
def test_when_a_stride_is_exact(name, stride, padding, dilation):
    window, X, Y = case(name)
    layer = randomised(GroupConvolution(window, X, Y, 1, 1, stride, padding, dilation, **DOUBLE))
    answers = set()
    for n, m in ((7, 7), (8, 8), (9, 9), (8, 10), (7, 8), (9, 10)):
        size = (n, m)[: window.dimension]
        found = error(layer, size)
        assert layer.is_equivariant_on(size) == (found < 1e-12), (size, found)
        assert found < 1e-12 or found > 1e-3
        measured = convolution_equivariance_error(layer, size).error
        assert (measured < 1e-12) == (found < 1e-12)
        answers.add(found < 1e-12)
    assert answers == {True, False}


def test_a_group_that_reverses_nothing_needs_no_size():
    for name in ("series", "trivial"):
        window, X, Y = case(name)
        layer = randomised(GroupConvolution(window, X, Y, 1, 1, 2, 1, **DOUBLE))
        for n in (7, 8):
            assert layer.is_equivariant_on((n,) * window.dimension)
            assert error(layer, (n,) * window.dimension) < 1e-12


@pytest.mark.parametrize("name", ["square", "hexagon", "segment"])
@pytest.mark.parametrize("stride", [1, 2])
def test_periodic_images(name, stride):
    window, X, Y = case(name)
    d = window.dimension
    layer = randomised(
        GroupConvolution(
            window,
            X,
            Y,
            1,
            2,
            stride,
            padding=1 if name != "segment" else 2,
            padding_mode="circular",
            **DOUBLE,
        )
    )
    size = (6,) * d
    assert layer.is_equivariant_on(size)
    assert error(layer, size, periodic=True) < 1e-12
    assert_convolution_equivariant(layer, size, periodic=True)
    x = torch.randn(2, X.degree, 1, *size, **DOUBLE)
    axes = tuple(range(-d, 0))
    there = layer(x.roll((stride,) * d, axes))
    torch.testing.assert_close(there, layer(x).roll((1,) * d, axes))
    odd = (7,) * d
    assert layer.is_equivariant_on(odd) == (stride == 1 or name != "hexagon")
    if stride == 2:
        assert error(layer, odd, periodic=True) > 1e-3
    if name == "hexagon":
        with pytest.raises(ModuleMismatchError, match="periodic=True"):
            assert_convolution_equivariant(layer, size)


def test_even_windows_move_the_grid_by_half_a_pixel():
    layer = randomised(GroupConvolution(*case("square even"), 1, 1, **DOUBLE))
    assert layer.output_size((6, 7)) == (5, 6)
    for size in ((6, 6), (7, 7), (6, 7)):
        assert error(layer, size) < 1e-12
    with pytest.raises(ModuleMismatchError, match="odd sizes"):
        GroupConvolution(*case("square even"), 1, 1, padding="same")


# -- bad input -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stride": (1, 2)}, "stride must be the same along axes 0 and 1"),
        ({"padding": (1, 0)}, "padding must be the same along axes 0 and 1"),
        ({"dilation": (1, 2)}, "dilation must be the same along axes 0 and 1"),
        ({"stride": 0}, "stride must be an integer of at least 1"),
        ({"padding": (1, 1, 1)}, "or 2 of them"),
        ({"padding": "full"}, "padding must be one of same, valid"),
        ({"padding": "same", "stride": 2}, "needs stride 1"),
        ({"padding_mode": "periodic"}, "padding_mode must be one of zeros, circular"),
        ({"groups": 3}, "groups must divide both numbers of channels"),
        ({"dtype": torch.int64}, "use a float type"),
        ({"init": "kaiming"}, "init must be one of he, lecun, xavier"),
    ],
)
def test_refusals(options, message):
    window, X, Y = case("square")
    with pytest.raises(ModuleMismatchError, match=message):
        GroupConvolution(window, X, Y, 2, 4, **options)


def test_more_refusals():
    window, X, Y = case("square")
    other = tk.group("C4").regular_module()
    with pytest.raises(ModuleMismatchError, match="one group"):
        GroupConvolution(window, other, other, 1, 1)
    with pytest.raises(ModuleMismatchError, match="one group"):
        GroupConvolution(window, X, other, 1, 1)
    with pytest.raises(ModuleMismatchError, match="a window is required"):
        GroupConvolution(X, X, Y, 1, 1)
    with pytest.raises(ModuleMismatchError, match="output_padding must be 0 along axis 0"):
        GroupConvolutionTranspose(window, X, Y, 1, 1, 2, 1, 1)
    with pytest.raises(ModuleMismatchError, match="given as numbers"):
        GroupConvolutionTranspose(window, X, Y, 1, 1, padding="same")
    layer = GroupConvolution(window, X, Y, 2, 1)
    assert layer.output_size(7) == layer.output_size((7, 7)) == (5, 5)
    assert layer.is_equivariant_on(7)
    assert not layer.is_equivariant_on(2)
    for ask in (layer.output_size, layer.is_equivariant_on):
        with pytest.raises(ModuleMismatchError, match="size must be an integer"):
            ask((7, 7, 7))
    for shape in ((1, 8, 3, 5, 5), (1, 7, 2, 5, 5), (8, 2, 5), (2, 5, 5)):
        with pytest.raises(ModuleMismatchError, match=r"must have shape \(..., 8, 2, 2 axes"):
            layer(torch.zeros(shape))
    with pytest.raises(ModuleMismatchError, match="weights' type"):
        layer(torch.zeros(1, 8, 2, 5, 5, dtype=torch.float64))


def test_output_padding_where_nothing_is_reversed():
    window, X, Y = case("series")
    layer = randomised(GroupConvolutionTranspose(window, X, Y, 1, 1, 2, 1, 1, **DOUBLE))
    assert layer.output_size((5,)) == (10,)
    assert error(layer, (5,)) < 1e-12
    assert isinstance(window, Window)


def test_without_a_group_it_is_the_periodic_convolution():
    window = Window.fixed(tk.group("C1"), (3, 5))
    layer = randomised(
        GroupConvolution(
            window, window.point, window.point, 2, 3, padding="same", padding_mode="circular",
            **DOUBLE,
        )
    )  # fmt: skip
    other = tk.nn.WindowedConvolution((6, 7), 2, 3, (3, 5), **DOUBLE)
    with torch.no_grad():
        other.weight.copy_(layer.weight)
        other.bias.copy_(layer.bias)
    x = torch.randn(2, 2, 6, 7, **DOUBLE)
    found = tk.nn.points_to_images(other(tk.nn.images_to_points(x)), (6, 7))
    torch.testing.assert_close(layer(x.unsqueeze(1)).squeeze(1), found)
