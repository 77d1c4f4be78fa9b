"""Shapes, sizes, biases and errors of the equivariant linear layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from layer_cases import FEW, METHODS, PARAMETRIZATIONS, acted, make_input, make_layer, modules

import toolkit as tk
from toolkit.errors import ModuleMismatchError

if TYPE_CHECKING:
    from toolkit.modules.module import Module

pytestmark = pytest.mark.parametrize("method", METHODS)


@pytest.mark.parametrize("name", FEW)
def test_leading_dimensions(name: str, method: str) -> None:
    layer = make_layer(name, method)
    x = make_input(name, 2, 3, 4)
    m, n = layer.hom_space.shape
    y = layer(x)
    assert y.shape == (2, 3, 4, m, 2)
    torch.testing.assert_close(layer(x.flatten(0, 2)), y.flatten(0, 2))
    torch.testing.assert_close(layer(x[1, 2, 3]), y[1, 2, 3])
    assert layer(x[0, 0, 0]).shape == (m, 2)
    strided = x.transpose(-1, -2).contiguous().transpose(-1, -2)
    torch.testing.assert_close(layer(strided), y)
    torch.testing.assert_close(layer(x[:1].expand(5, 3, 4, n, 3))[4], y[0])


@pytest.mark.parametrize("name", FEW)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_empty_batch(name: str, parametrization: str, method: str) -> None:
    layer = make_layer(name, method, parametrization)
    m, n = layer.hom_space.shape
    x = torch.zeros(0, n, 3, dtype=torch.float64, requires_grad=True)
    y = layer(x)
    assert y.shape == (0, m, 2)
    y.sum().backward()
    assert torch.count_nonzero(layer.weight.grad) == 0
    assert x.grad is not None
    assert layer(torch.zeros(2, 0, 5, n, 3, dtype=torch.float64)).shape == (2, 0, 5, m, 2)


@pytest.mark.parametrize("channels", [(0, 2), (3, 0), (0, 0)])
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_no_channels(channels: tuple[int, int], parametrization: str, method: str) -> None:
    layer = make_layer("points", method, parametrization, channels)
    into, out = channels
    x = make_input("points", 5, channels=into).requires_grad_()
    y = layer(x)
    assert y.shape == (5, 4, out)
    assert torch.equal(y, layer.bias.expand(5, 4, out))
    y.sum().backward()
    assert layer.weight.shape == (4, out, into)
    assert layer.to_dense()(x.flatten(-2)).shape == (5, 4 * out)
    assert layer.matrix().shape == (4, out, 24, into)
    torch.testing.assert_close(
        layer.to_dense()(x.flatten(-2)).reshape(5, 4, out), y, rtol=0, atol=0
    )
    again = make_layer("points", method, parametrization, channels)
    again.load_state_dict(layer.state_dict())


def disjoint() -> tuple[Module, Module]:
    """Two modules without a common simple: the sign of S4, and the trivial one."""
    G = tk.group("S4")
    whole = [[1, 2, 3, 0], [1, 0, 2, 3]]
    return G.signed_coset_module(whole, [[1, 2, 0, 3], [1, 0, 3, 2]]), G.coset_module(whole)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_no_common_simple(parametrization: str, method: str, bias: bool) -> None:
    sign, trivial = disjoint()
    layer = tk.nn.EquivariantLinear(
        sign, trivial, 3, 2, bias=bias, method=method, parametrization=parametrization
    )
    assert layer.weight.shape == (0, 2, 3)
    assert layer.parameters_count() == 2 * bias
    y = layer(torch.randn(4, 1, 3))
    assert torch.equal(y, torch.zeros(4, 1, 2))
    assert layer.fourier_blocks() == {}
    assert layer.orbit_weights().shape == (0, 2, 3)
    assert not layer.to_dense().weight.any()
    if bias:
        y.sum().backward()
    back = tk.nn.EquivariantLinear(trivial, sign, 3, 2, bias=bias, method=method)
    assert back.parameters_count() == 0
    assert torch.equal(back(torch.randn(4, 1, 3)), torch.zeros(4, 1, 2))
    model = torch.nn.Sequential(layer, back)
    model.load_state_dict(model.state_dict())


def test_bias_on_several_orbits(method: str) -> None:
    layer = make_layer("sums", method)
    assert layer.bias.shape == (4,)
    assert layer.bias_values().shape == (2, 2)
    with torch.no_grad():
        layer.bias_values().copy_(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert layer.bias.tolist() == [1.0, 2.0, 3.0, 4.0]
    m, n = layer.hom_space.shape
    y = layer(torch.zeros(n, 3, dtype=torch.float64))
    assert m == 5
    assert y.tolist() == [[1.0, 2.0]] + [[3.0, 4.0]] * 4


def test_bias_on_signed_modules(method: str) -> None:
    """A point that some element fixes with a change of sign has no bias; others have signs."""
    G = tk.group("S4")
    cycle = [1, 2, 3, 0]
    rotations = [[1, 2, 0, 3], [1, 0, 3, 2]]
    trivial = G.coset_module([cycle, [1, 0, 2, 3]])
    both = tk.group("S4").signed_coset_module(rotations, rotations)
    layer = tk.nn.EquivariantLinear(trivial, both, 1, 1, method=method, dtype=torch.float64)
    assert layer.hom_space.bias_count == 1
    with torch.no_grad():
        layer.bias.fill_(2.0)
        layer.weight.zero_()
    y = layer(torch.ones(1, 1, dtype=torch.float64))
    assert y.abs().tolist() == [[2.0], [2.0]]
    for g in range(len(layer.Y.images)):
        assert torch.equal(acted(layer.Y, g, y), y)
    signed = make_layer("signed", method)
    assert signed.bias.shape == (0,)
    assert signed.bias_values().shape == (0, 2)
    _, n = signed.hom_space.shape
    assert not signed(torch.zeros(n, 3, dtype=torch.float64)).any()
    mixed = tk.nn.EquivariantLinear(both, signed.Y + both, 1, 1, method=method)
    with torch.no_grad():
        mixed.bias.fill_(1.0)
    value = mixed(torch.zeros(2, 1))
    assert value.abs().ravel().tolist() == [0.0] * signed.Y.degree + [1.0, 1.0]
    torch.testing.assert_close(mixed.to_dense()(torch.zeros(2)), value.ravel(), rtol=0, atol=0)


def test_signs_of_an_invariant_function(method: str) -> None:
    """A trivial module may be written with signs; its bias is written with the same ones."""
    from toolkit.modules.signed_module import SignedModule

    G = tk.group("C2")
    Y = SignedModule.from_signs(G, [[1, 0]], [[-1, -1]])
    layer = tk.nn.EquivariantLinear(Y, Y, 1, 1, method=method, dtype=torch.float64)
    assert layer.bias.shape == (1,)
    with torch.no_grad():
        layer.bias.fill_(1.0)
        layer.weight.zero_()
    y = layer(torch.zeros(2, 1, dtype=torch.float64))
    assert y.ravel().tolist() == [1.0, -1.0]


@pytest.mark.parametrize(
    "shape", [(4, 24, 2), (4, 23, 3), (3, 24), (24,), (), (24, 3, 1), (2, 3, 24)]
)
def test_wrong_shapes(shape: tuple[int, ...], method: str) -> None:
    layer = make_layer("points", method)
    message = r"the input must have shape \(..., 24, 3\), points of regular module and channels"
    with pytest.raises(ModuleMismatchError, match=message):
        layer(torch.zeros(shape, dtype=torch.float64))


def test_wrong_type(method: str) -> None:
    layer = make_layer("points", method, dtype=torch.float32)
    for dtype in (torch.float64, torch.half, torch.int64, torch.complex64):
        with pytest.raises(ModuleMismatchError, match=r"weights' type torch.float32, found torch"):
            layer(torch.zeros(24, 3, dtype=dtype))


def test_wrong_modules(method: str) -> None:
    X, Y = modules("points")
    other = tk.group("C8").regular_module()
    with pytest.raises(ModuleMismatchError, match="C8"):
        tk.nn.EquivariantLinear(X, other, 1, 1, method=method)
    with pytest.raises(ModuleMismatchError):
        tk.nn.EquivariantLinear(X, 4, 1, 1, method=method)
    for value in (-1, 2.5, "3", None):
        with pytest.raises(ModuleMismatchError, match="in_channels must be a non-negative integer"):
            tk.nn.EquivariantLinear(X, Y, value, 1, method=method)
        with pytest.raises(
            ModuleMismatchError, match="out_channels must be a non-negative integer"
        ):
            tk.nn.EquivariantLinear(X, Y, 1, value, method=method)


def test_without_bias(method: str) -> None:
    layer = make_layer("points", method, bias=False)
    assert layer.bias is None
    assert list(dict(layer.named_parameters())) == ["weight"]
    assert not layer(torch.zeros(24, 3, dtype=torch.float64)).any()
    assert layer.to_dense().bias is None
    assert layer.dense_parameters_count() == 24 * 3 * 4 * 2
    assert "bias=False" in repr(layer)


def test_to_dense_leaves_the_generator_alone(method: str) -> None:
    layer = make_layer("points", method)
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    layer.to_dense()
    assert torch.equal(torch.rand(1), expected)
