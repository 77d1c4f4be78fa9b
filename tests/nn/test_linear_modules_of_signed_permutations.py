"""Linear modules whose matrices are (signed) permutation matrices take what those modules take."""

from __future__ import annotations

import numpy as np
import pytest
from torch import nn

import toolkit as tk
from toolkit.errors import ConfigError, IllegalActivationError, ModuleMismatchError
from toolkit.nn.torch_modules import kind_of
from toolkit.testing import assert_equivariant

V4 = tk.group("C2 x C2")
VELOCITY = V4.linear_module([np.diag([1, -1, 1]), np.diag([-1, 1, 1])], name="velocity")
S3 = tk.group("S3")
PERMUTED = S3.linear_module(S3.natural_module().matrices)
MODULES = {"signs": VELOCITY, "permutations": PERMUTED, "mixed": S3.simple_module("L2")}
KINDS = {"signs": "signed", "permutations": "permutation", "mixed": "linear"}
ACTIVATIONS = [nn.Tanh(), nn.Softshrink(), nn.ReLU(), nn.ELU(), nn.PReLU(), nn.Identity()]


@pytest.mark.parametrize("name", MODULES)
def test_the_kind_is_that_of_the_matrices(name):
    assert kind_of(MODULES[name]) == KINDS[name]


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda f: type(f).__name__)
@pytest.mark.parametrize("name", MODULES)
def test_a_chain_takes_exactly_what_legality_allows(name, activation):
    V = MODULES[name]
    layer = tk.nn.EquivariantLinear(V, V, 1, 4)
    known = nn.LeakyReLU(0.25) if isinstance(activation, nn.PReLU) else activation
    if tk.legality(V.matrices, known).is_legal:
        assert_equivariant(tk.nn.Sequential(layer, activation))
    else:
        with pytest.raises(IllegalActivationError):
            tk.nn.Sequential(layer, activation)


def test_a_robots_whole_observation():
    joints = V4.signed_module_from_images(
        [[1, 0, 3, 2], [2, 3, 0, 1]], [[-1, -1, -1, -1], [1, 1, 1, 1]]
    )
    seen = joints + VELOCITY
    net = tk.nn.Sequential(
        tk.nn.EquivariantLinear(seen, VELOCITY, 1, 8), nn.Tanh(),
        tk.nn.EquivariantLinear(VELOCITY, joints, 8, 1),
    )  # fmt: skip
    assert_equivariant(net, seen, joints)


def test_rows_of_signs_of_several_lengths_are_refused():
    with pytest.raises(ModuleMismatchError, match="signs must be a table"):
        V4.signed_module_from_images([[1, 0], [0, 1]], [[-1] * 2, [1] * 3])


@pytest.mark.parametrize("modules", [2, 3])
def test_a_name_is_no_normalisation_of_a_network_on_a_grid(modules):
    window = tk.nn.square_window(tk.group("D8"), 3)
    with pytest.raises(ConfigError, match="must be a function of a module"):
        tk.nn.EquivariantCNN(
            window, [window.point, *[None] * (modules - 1)], [1, *[4] * (modules - 1)],
            normalisation="layer",
        )  # fmt: skip
