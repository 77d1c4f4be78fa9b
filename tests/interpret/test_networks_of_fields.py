"""Fields on a grid are not followed: every tool says so in the same sentence, with what to do."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.testing import assert_equivariant

G = tk.group("D8")
WINDOW = tk.nn.square_window(G, 3)
R = G.regular_module()
NET = tk.nn.Sequential(
    tk.nn.GroupConvolution(WINDOW, WINDOW.point, R, 1, 4, padding="same"),
    nn.ReLU(),
    tk.nn.GridPooling(R),
    tk.nn.EquivariantLinear(R, R, 4, 4),
)
X = torch.zeros(2, 1, 1, 5, 5)
I = tk.interpret  # noqa: E741

ASKED = {
    "zero_components": lambda net: I.zero_components(net, ["L0"]),
    "zero_components on an example": lambda net: I.zero_components(net, ["L0"], example=X),
    "several inputs": lambda net: I.zero_components(net, {"input": ["L0"]}, example=X),
    "trim": lambda net: I.trim(net, ["L0"]),
    "flow": lambda net: I.flow(net, X),
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_what_follows_functions_on_points_names_the_layer_on_a_grid(asked):
    with pytest.raises(
        ModuleMismatchError,
        match=r"^the layer '0', GroupConvolution, takes fields.*, net\[3:\]; .*periodic_conv",
    ):
        asked(NET)


def test_a_network_names_its_own_layers():
    net = tk.nn.EquivariantCNN(WINDOW, [WINDOW.point, R, R], [1, 2, 2], invariant_head=3)
    for ask in (lambda: I.trim(net, ["L0"]), lambda: I.weight_spectrum(net)):
        with pytest.raises(ModuleMismatchError, match=r"^EquivariantCNN takes .*net.layers\[5:\];"):
            ask()
    assert I.zero_components(net.layers[5:], ["L0"]).unknown_from is None


def test_tests_of_equivariance_name_the_one_for_grids():
    for layer in (NET[0], NET):
        with pytest.raises(ModuleMismatchError, match="assert_convolution_equivariant"):
            assert_equivariant(layer)


def test_a_convolution_by_itself():
    layer = NET[0]
    for ask in (
        lambda: I.zero_components(layer, ["L0"]),
        lambda: I.spectra(layer, X),
        lambda: I.weight_spectrum(layer),
    ):
        with pytest.raises(ModuleMismatchError, match=r"^GroupConvolution takes fields"):
            ask()


def test_of_a_stated_module_the_shape_is_looked_at():
    found = I.zero_components(NET[:1], ["L0"], modules=WINDOW.point, example=X)
    assert "its shape is not" in found.unknown["input"]


def test_what_is_advised_is_done():
    assert I.zero_components(NET[3:], ["L1"]).zero["3"] == ("L0", "L2", "L3", "L4")
    periodic = tk.nn.periodic_convolution((4, 4), 1, 2)
    found = I.zero_components(nn.Sequential(periodic, nn.ReLU()), ["L0"])
    assert found.unknown_from is None
