"""Inputs of the wrong shape: each sentence names what to do, and doing it works."""

from __future__ import annotations

import re

import pytest
import torch

import toolkit as tk
from toolkit.errors import ModuleMismatchError

IMAGE = "an image (..., channels, height, width) is converted by x.flatten(-2).transpose(-1, -2)"
SWAPPED = "points come before channels, x.transpose(-1, -2)"


def layers():
    X = tk.group("D8").natural_module()
    V = tk.SignedModule.from_permutation(X)
    return {
        "linear": (tk.nn.EquivariantLinear(X, X, 3, 5), 3),
        "linear of one channel": (tk.nn.EquivariantLinear(X, X, 1, 5), 1),
        "pointwise": (tk.nn.Pointwise("relu", X), None),
        "pooling": (tk.nn.InvariantPooling(X), None),
        "signed": (tk.nn.EquivariantLinear(V, V, 3, 5), 3),
    }


@pytest.mark.parametrize(
    ("name", "shape", "advice"),
    [
        ("linear", (7, 3, 4), SWAPPED),
        ("signed", (3, 4), SWAPPED),
        ("linear", (7, 12), "a flattened input is converted by x.unflatten(-1, (4, 3))"),
        ("linear", (7, 3, 2, 2), IMAGE),
        ("linear of one channel", (7, 4), "an axis of one channel is added by x.unsqueeze(-1)"),
        ("linear of one channel", (4,), "an axis of one channel is added by x.unsqueeze(-1)"),
        ("pointwise", (7, 3, 4), SWAPPED),
        ("pointwise", (7, 4), "an axis of one channel is added by x.unsqueeze(-1)"),
        ("pooling", (5, 3, 2, 2), IMAGE),
    ],
)
def test_advice_that_works(name, shape, advice):
    layer, _ = layers()[name]
    x = torch.randn(shape)
    with pytest.raises(ModuleMismatchError, match=re.escape(advice)):
        layer(x)
    done = re.search(r"x\.\w+\([^:]*\)(\.\w+\(.*\))?$", advice)
    assert layer(eval(done[0], {"x": x})).isfinite().all()  # the advice, as it is printed


@pytest.mark.parametrize("shape", [(7, 5, 3), (7, 4, 2), (7, 5), (), (3,)])
def test_no_advice_where_none_is_sure(shape):
    layer, _ = layers()["linear"]
    with pytest.raises(
        ModuleMismatchError, match=r"\(\.\.\., 4, 3\).*channels, found \([\d, ]*\)$"
    ):
        layer(torch.randn(shape))


def test_modules_of_other_groups_are_named():
    X, Y = tk.group("D8").natural_module(), tk.group("S4").natural_module()
    with pytest.raises(ModuleMismatchError, match=r"4 points of D8 and 4 points of S4; make both"):
        tk.nn.EquivariantLinear(X, Y, 1, 1)
    with pytest.raises(ModuleMismatchError, match=r"natural_module\(\), not <group D8>"):
        tk.nn.EquivariantLinear(tk.group("D8"), X, 1, 1)
