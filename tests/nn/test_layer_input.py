"""What a layer is made from and fed with: gradients everywhere, wrong data refused."""

from __future__ import annotations

import pytest
import torch

import toolkit as tk
from toolkit.errors import ModuleMismatchError


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
    Z = S3.module_from_images([[1, 2, 0, 3], [0, 1, 3, 2]])
    with pytest.raises(ModuleMismatchError, match="no action of S3"):
        tk.nn.EquivariantLinear(Z, Z, 1, 1)
    Z = S3.module_from_images([[1, 0]])
    with pytest.raises(ModuleMismatchError, match="2 generators"):
        tk.nn.EquivariantLinear(Z, Z, 1, 1)


def test_weights_are_real():
    X = tk.group("C4").regular_module()
    with pytest.raises(ModuleMismatchError, match="real numbers"):
        tk.nn.EquivariantLinear(X, X, 1, 1, dtype=torch.complex64)
