"""Convolutional networks of a group."""

from __future__ import annotations

import pytest
import torch
from field_cases import case, randomised
from torch import nn

import toolkit as tk
from toolkit.errors import IllegalActivationError, ModuleMismatchError
from toolkit.nn import EquivariantCNN, Window, square_window
from toolkit.testing import assert_convolution_equivariant, convolution_equivariance_error


@pytest.mark.parametrize("name", ["square", "rotations", "segment", "rectangle"])
def test_networks_commute(name):
    window, X, _ = case(name)
    padding = 1 if name == "rectangle" else None
    modules = [window.point, None, X + window.module]
    net = EquivariantCNN(window, modules, [2, 3, 4], "gelu", padding=padding)
    assert_convolution_equivariant(randomised(net), (7, 8)[: window.dimension])
    size = (9, 9)[: window.dimension] if name != "rectangle" else (9, 10)
    head = EquivariantCNN(
        window, modules, [2, 3, 4], "relu", strides=[2, 1], padding=padding, invariant_head=5
    )
    assert head.Y is None
    assert head.is_equivariant_on(size)
    assert_convolution_equivariant(randomised(head), size)
    x = torch.randn(3, 4, 1, 2, *size)
    assert head(x).shape == (3, 4, 5)
    assert not head.is_equivariant_on(tuple(n + 1 for n in size))
    wrong = convolution_equivariance_error(head, tuple(n + 1 for n in size))
    assert wrong.error > 1e-5
    assert len(net.convolutions()) == 2
    before = [p.detach().clone() for p in net.parameters()]
    net.reset_parameters()
    assert all(not torch.equal(p, q) for p, q in zip(net.parameters(), before, strict=True))
    assert net.output_size(size) == net(x)[0, 0, 0, 0].shape


def test_three_axes_and_a_hexagonal_lattice():
    G = tk.group("C2 wr S3")
    window = square_window(G, 3, 3)
    net = EquivariantCNN(
        window, [window.point, G.natural_module(), G.natural_module()], [1, 2, 2], invariant_head=3
    )
    assert_convolution_equivariant(randomised(net), (4, 4, 4), samples=2)
    window, X, _ = case("hexagon")
    net = EquivariantCNN(
        window, [window.point, X, X], [1, 2, 2], padding_mode="circular", invariant_head=3
    )
    assert_convolution_equivariant(randomised(net), (6, 6), periodic=True)


def test_normalisation_and_activations():
    window, X, _ = case("square")
    net = EquivariantCNN(
        window, [window.point, X, X], [1, 3, 4], ["tanh", nn.ReLU()], invariant_head=2,
        normalisation=lambda X, channels: nn.LayerNorm(channels),
    )  # fmt: skip
    assert_convolution_equivariant(net, (6, 6))
    norms = EquivariantCNN(
        window, [window.point, X, X], [1, 3, 4], "relu", normalisation=tk.nn.EquivariantBatchNorm
    )
    assert_convolution_equivariant(norms, (6, 6), training=True)
    net(torch.randn(2, 1, 1, 6, 6)).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    assert "invariant under D8" in repr(net)
    signed = case("square signed")[1]
    odd = EquivariantCNN(window, [window.point, signed, X], [1, 2, 2], "tanh", bias=False)
    assert_convolution_equivariant(odd, (6, 6))
    with pytest.raises(IllegalActivationError, match="relu"):
        EquivariantCNN(window, [window.point, signed, X], [1, 2, 2])


def test_refusals():
    window, X, _ = case("square")
    with pytest.raises(ModuleMismatchError, match="there are 2 convolutions"):
        EquivariantCNN(window, X, [1, 2, 3], strides=[1, 2, 1])
    with pytest.raises(ModuleMismatchError, match="a window of odd sizes"):
        EquivariantCNN(square_window(window.group, 2), X, [1, 2])
    with pytest.raises(ModuleMismatchError, match="a window is required"):
        EquivariantCNN(X, X, [1, 2])
    with pytest.raises(ModuleMismatchError, match="3 numbers of channels"):
        EquivariantCNN(window, [X, X], [1, 2, 3])
    assert isinstance(window, Window)


def test_vectors_between():
    window, vectors, X = case("square from vectors")
    window = square_window(window.group, 3)
    for activation in (tk.nn.NormActivation, tk.nn.Gated):
        net = EquivariantCNN(
            window, [window.point, vectors, vectors], [1, 3, 3], activation, invariant_head=2
        )
        assert_convolution_equivariant(randomised(net), (6, 6))
    net = EquivariantCNN(window, [window.point, vectors, X], [1, 3, 3], tk.nn.NormActivation)
    assert_convolution_equivariant(randomised(net), (6, 6))
    with pytest.raises(IllegalActivationError):
        EquivariantCNN(window, [window.point, vectors, X], [1, 3, 3], "relu")


def test_vectors_of_space_on_voxels():
    G = tk.group("PointGroup(O)")
    window, V = square_window(G, 3, 3), G.linear_module(G.space_matrices.matrices)
    net = EquivariantCNN(window, [window.point, V, V], [1, 3, 1], tk.nn.Gated)
    assert_convolution_equivariant(randomised(net), (4, 4, 4), samples=2)
    # to vectors a weight for faces, edges and corners, to the gate one more for the centre
    assert tk.hom_dimension(window.module, V) == 3
    assert net.convolutions()[0].hom_space.count == 3 + 4


def test_series_of_a_body_with_two_sides():
    G = tk.group("C2")
    joints = G.signed_module_from_images([[1, 0, 2]], [[-1, -1, 1]])
    feet = G.module_from_images([[1, 0]])
    window = Window.fixed(G, (5,))
    hidden = tk.SignedModule.from_permutation(G.regular_module())
    net = EquivariantCNN(window, [joints + feet, hidden, joints], [1, 4, 1], "tanh")
    assert_convolution_equivariant(randomised(net), (9,))
