"""What a layer is made from and fed with: gradients everywhere, wrong data refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.modules.gset_expressions import Action
from toolkit.modules.permutation_module import PermutationModule


def test_every_parameter_gets_a_gradient():
    G = tk.group("S4")
    H = next(c for c in G.subgroup_classes() if G.index_two_subgroups(c))
    signed = G.signed_coset_module(H, G.index_two_subgroups(H)[0])
    V = G.natural_module()
    for X, Y in ((signed, signed), (signed, V), (V, signed)):
        layer = tk.nn.EquivariantLinear(X, Y, 2, 3)
        x = torch.randn(4, X.degree, 2, requires_grad=True)
        layer(x).sum().backward()
        assert x.grad is not None
        assert all(p.grad is not None for p in layer.parameters())


def test_given_images_are_checked():
    S3 = tk.group("S3")
    with pytest.raises(ModuleMismatchError, match="not an action of S3: in the group, generators"):
        S3.module_from_images([[1, 2, 0, 3], [0, 1, 3, 2]])
    with pytest.raises(ModuleMismatchError, match="2 generators"):
        S3.module_from_images([[1, 0]])
    G = tk.group("SmallGroup(21,1)")
    with pytest.raises(
        ModuleMismatchError, match="the inverse permutations are an action: give those"
    ):
        G.module_from_images(np.argsort(G.regular_module().images, axis=1))
    # one that was not checked when it was made is refused by layers
    Z = PermutationModule(S3, "unchecked", 4, Action(np.array([[1, 2, 0, 3], [0, 1, 3, 2]])))
    with pytest.raises(ModuleMismatchError, match="not an action of S3"):
        tk.nn.EquivariantLinear(Z, Z, 1, 1)
    Z = PermutationModule(S3, "unchecked", 2, Action(np.array([[1, 0]])))
    with pytest.raises(ModuleMismatchError, match="2 generators"):
        tk.nn.EquivariantLinear(Z, Z, 1, 1)


def test_generators_in_another_order_are_recognised():
    """D8 has a turn and a mirror, S4 a 4-cycle and a transposition, S4 x C2 three generators."""
    D8, turn, mirror = tk.group("D8"), [[0, -1], [1, 0]], [[1, 0], [0, -1]]
    with pytest.raises(
        ModuleMismatchError, match=r"in the order \[1, 0\] they satisfy all relations"
    ):
        D8.linear_module([mirror, turn])
    with pytest.raises(
        ModuleMismatchError, match=r"in the order \[1, 0\] they are an action: give"
    ):
        D8.signed_module_from_matrices([mirror, turn])
    S4 = tk.group("S4")
    images = S4.natural_module().images
    with pytest.raises(
        ModuleMismatchError, match=r"in the order \[1, 0\] they are an action: give"
    ):
        S4.module_from_images(images[::-1])
    both = tk.group("S4 x C2")
    images = both.natural_module().images
    for order in ([1, 2, 0], [2, 1, 0]):
        with pytest.raises(ModuleMismatchError) as caught:
            both.module_from_images(images[order])
        found = eval(str(caught.value).split("in the order ")[1].split(" they")[0])
        both.module_from_images(images[order][found])
    with pytest.raises(ModuleMismatchError) as caught:
        S4.module_from_images([[1, 0, 2, 3], [1, 2, 0, 3]])  # in no order
    assert "in the order" not in str(caught.value)


@pytest.mark.parametrize(
    ("images", "advice"),
    [
        ([1, 0], r"a single generator are given as \[\["),
        ([[[0, 1], [1, 0]]], r"matrices are what Group.linear_module takes"),
        ([[2, 1]], r"they count from 1: subtract 1"),
    ],
)
def test_images_of_another_form_are_told_what_to_do(images, advice):
    with pytest.raises(ModuleMismatchError, match=advice):
        tk.group("C2").module_from_images(images)


def test_images_of_very_large_groups_are_checked_when_used():
    G = tk.group("S12")
    images = G.natural_module().images[:, :12].copy()
    X = G.module_from_images(np.roll(images, 1, axis=0))
    with pytest.raises(ModuleMismatchError, match="not an action of S12"):
        tk.nn.EquivariantLinear(X, X, 1, 1)


def test_weights_are_real():
    X = tk.group("C4").regular_module()
    with pytest.raises(ModuleMismatchError, match="real numbers"):
        tk.nn.EquivariantLinear(X, X, 1, 1, dtype=torch.complex64)
