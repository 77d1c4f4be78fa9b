"""Layers of vectors: norms, gates and frames, on modules of every kind."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from all_elements import all_elements
from torch import nn
from vector_cases import CHANNELS, LAYERS, MODULES, make, make_input

import toolkit as tk
from toolkit.errors import ModuleMismatchError, UnsupportedActivationError
from toolkit.testing import assert_equivariant

EACH = [(layer, module) for layer in LAYERS for module in MODULES]


@pytest.mark.parametrize(("name", "module"), EACH)
def test_all_elements_of_the_group(name: str, module: str) -> None:
    layer = make(name, module)
    x = make_input(layer, 4)
    y = layer(x)
    assert y.shape == (4, layer.Y.degree, CHANNELS)
    for on_x, on_y in all_elements(layer.X, layer.Y):
        moved = layer(torch.from_numpy(on_x) @ x)
        torch.testing.assert_close(moved, torch.from_numpy(on_y) @ y, rtol=1e-9, atol=1e-9)
    assert_equivariant(layer, channels=CHANNELS)


@pytest.mark.parametrize(("name", "module"), EACH)
def test_any_leading_dimensions(name: str, module: str) -> None:
    layer = make(name, module)
    x = make_input(layer, 2, 5)
    y = layer(x)
    assert y.shape == (2, 5, layer.Y.degree, CHANNELS)
    torch.testing.assert_close(layer(x[1, 3]), y[1, 3])
    assert layer(x[:, :0]).shape == (2, 0, layer.Y.degree, CHANNELS)


@pytest.mark.parametrize(("name", "module"), EACH)
def test_derivatives(name: str, module: str) -> None:
    layer = make(name, module)
    parameters = dict(layer.named_parameters())

    def called(x: torch.Tensor, *values: torch.Tensor) -> torch.Tensor:
        state = dict(zip(parameters, values, strict=True))
        return torch.func.functional_call(layer, state, (x,))

    inputs = (make_input(layer, 2).requires_grad_(), *parameters.values())
    assert torch.autograd.gradcheck(called, inputs, fast_mode=True)
    assert torch.autograd.gradgradcheck(called, inputs, fast_mode=True)


@pytest.mark.parametrize(("name", "module"), EACH)
def test_derivatives_at_zero_are_finite(name: str, module: str) -> None:
    layer = make(name, module)
    x = torch.zeros(2, layer.X.degree, CHANNELS, dtype=torch.float64, requires_grad=True)
    layer(x).sum().backward()
    assert torch.isfinite(x.grad).all()
    assert all(torch.isfinite(p.grad).all() for p in layer.parameters() if p.grad is not None)


@pytest.mark.parametrize("name", LAYERS)
def test_types_and_copies(name: str) -> None:
    layer = make(name, "points")
    x = make_input(layer, 4)
    expected = layer(x)
    again = copy.deepcopy(layer)
    again.load_state_dict(layer.state_dict())
    assert torch.equal(again(x), expected)
    assert set(layer.state_dict()) == {name for name, _ in layer.named_parameters()}
    half = copy.deepcopy(layer).to(torch.bfloat16)
    found = half(x.bfloat16())
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.double(), expected, rtol=0.1, atol=0.1)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = layer.float()(x.float())
    torch.testing.assert_close(mixed.double(), expected, rtol=0.1, atol=0.1)
    torch.testing.assert_close(half.double()(x), expected, rtol=0.1, atol=0.1)
    with torch.device("meta"):
        empty = LAYERS[name](MODULES["points"]())
    assert all(p.is_meta for p in empty.parameters())
    empty.to_empty(device="cpu").double().load_state_dict(layer.double().state_dict())
    torch.testing.assert_close(empty(x), layer(x))


@pytest.mark.parametrize("name", LAYERS)
def test_a_wrong_input_is_one_sentence(name: str) -> None:
    layer = make(name, "points")
    with pytest.raises(ModuleMismatchError, match="the input must have shape"):
        layer(torch.zeros(2, layer.X.degree + 1, CHANNELS, dtype=torch.float64))


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("dtype", [torch.int64, torch.bool, torch.complex64])
def test_only_real_floats_are_taken(name: str, dtype: torch.dtype) -> None:
    """Tables would become whole numbers with integers, and squares are no norms of others."""
    layer = make(name, "points")
    with pytest.raises(ModuleMismatchError, match=f"must have a real float type, found {dtype}"):
        layer(make_input(layer, 2).to(dtype))


def test_what_norms_are() -> None:
    """The points of S3: a mean, and the distances from it."""
    X = tk.group("S3").natural_module()
    layer = tk.nn.InvariantNorms(X)
    x = torch.randn(5, 3, 2, dtype=torch.float64)
    mean = x.mean(dim=1, keepdim=True)
    square = ((x - mean) ** 2).sum(dim=1, keepdim=True) / 2
    found = layer.double()(x)
    assert layer.copies.labels == ("L0", "L2")
    torch.testing.assert_close(found, torch.cat([3**0.5 * mean, (square + 1e-6).sqrt()], dim=1))
    silu = tk.nn.NormActivation(X, 2).double()(x).mean(dim=1, keepdim=True)
    torch.testing.assert_close(3**0.5 * silu, nn.functional.silu(3**0.5 * mean))


def test_the_bias_of_a_norm_starts_at_zero() -> None:
    layer = make("norm", "points")
    layer.reset_parameters()
    assert layer.bias.shape == (4 * CHANNELS,)
    assert not layer.bias.any()
    assert tk.nn.NormActivation(layer.X, 0)(torch.zeros(2, 8, 0)).shape == (2, 8, 0)


def test_gates_that_do_not_fit() -> None:
    V = MODULES["points"]()
    with pytest.raises(ModuleMismatchError, match="layer of gates must act on"):
        tk.nn.Gated(V, 2, gates=tk.nn.InvariantNorms(tk.group("C3").natural_module()))
    layer = tk.nn.Gated(V, 2, gates=nn.Identity())
    with pytest.raises(ModuleMismatchError, match="a number for each copy"):
        layer(torch.zeros(3, 8, 2))
    with pytest.raises(UnsupportedActivationError):
        tk.nn.Gated(V, 2, "no such function")
    with pytest.raises(ModuleMismatchError, match="must be a non-negative integer"):
        tk.nn.Gated(V, 2.5)  # type: ignore[arg-type]


@pytest.mark.parametrize("module", MODULES)
def test_a_frame_is_undone(module: str) -> None:
    V = MODULES[module]()
    X = V.home.regular_module() + V.home.regular_module()
    frame = tk.nn.Frame(V, X, "identity", dtype=torch.float64)
    x = make_input(frame, 4)
    torch.testing.assert_close(frame(x), x)
    torch.testing.assert_close(frame.decode(frame.encode(x)), x)
    assert frame.points is X
    assert_equivariant(frame.encode)
    assert_equivariant(frame.decode)
    # the pseudo-inverse kills what is not in the image
    encode, decode = (m.map.table("matrix").numpy() for m in (frame.encode, frame.decode))
    projection = encode @ decode
    assert np.abs(projection @ projection - projection).max() < 1e-12
    assert np.abs(projection - projection.T).max() < 1e-12


def test_the_points_of_a_frame_are_few() -> None:
    G = tk.group("S4")
    X = G.natural_module()
    assert tk.nn.Frame(X).points is X
    plane = MODULES["signed"]()
    chosen = tk.nn.Frame(plane).points
    # two planes take two orbits of 4 points, which hold the number as well
    assert chosen.degree == 8
    assert all(chosen.multiplicities[k] >= m for k, m in plane.multiplicities.items())


def test_frames_that_do_not_exist() -> None:
    G = tk.group("S4")
    V, X = G.regular_module(), G.natural_module()
    with pytest.raises(ModuleMismatchError, match="leave X out, and one is chosen"):
        tk.nn.Frame(V, X)
    with pytest.raises(ModuleMismatchError, match="is no permutation module"):
        tk.nn.Frame(X, G.signed_coset_module("N3", "N2"))
    with pytest.raises(ModuleMismatchError, match="one group"):
        tk.nn.Frame(X, tk.group("S3").regular_module())
