"""Restricted, induced and inflated layers: the same functions, with weights that are copied."""

from __future__ import annotations

import pytest
import torch

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.library.change_of_group import induce, restrict
from toolkit.modules.module import hom_dimension
from toolkit.modules.signed_module import SignedModule
from toolkit.nn import EquivariantLinear, induced_layer, inflated_layer, restricted_layer
from toolkit.testing import assert_equivariant

pytestmark = pytest.mark.gap

SUBGROUPS = (
    [[1, 2, 0, 3]],
    [[1, 0, 3, 2], [2, 3, 0, 1]],
    [[1, 2, 3, 0], [1, 0, 2, 3]],
    [],
)
CYCLE, FLIP = [1, 2, 3, 0], [2, 1, 0, 3]


@pytest.fixture(scope="module")
def S4():
    return tk.group("S4")


def made(X, Y, *channels, **options):
    layer = EquivariantLinear(X, Y, *channels, dtype=torch.float64, **options)
    if layer.bias is not None:
        torch.nn.init.normal_(layer.bias)
    return layer


def assert_same_function(one, other):
    x = torch.randn(6, one.X.degree, one.in_channels, dtype=torch.float64)
    torch.testing.assert_close(one(x), other(x), rtol=0, atol=1e-12)


@pytest.mark.parametrize("subgroup", SUBGROUPS, ids=["C3", "V4", "S4", "1"])
@pytest.mark.parametrize("method", ["dense", "spectral"])
def test_restriction_is_the_same_function(S4, subgroup, method):
    X, Y = S4.natural_module() + S4.regular_module(), S4.natural_module() ** 2
    layer = made(X, Y, 2, 3, method=method)
    below = layer.restrict(subgroup)
    assert_same_function(layer, below)
    assert_equivariant(below)
    assert below.hom_space.count == hom_dimension(restrict(X, subgroup), restrict(Y, subgroup))
    assert below.hom_space.count >= layer.hom_space.count


def test_labels_name_subgroups(S4):
    X = S4.natural_module()
    layer = made(X, X, 2, 2)
    for found in S4.subgroup_classes():
        below = restricted_layer(layer, found.label)
        assert_same_function(layer, below)
        assert below.X.group_order == found.order


def test_frobenius_counts_the_weights(S4):
    C3 = tk.group("C3")
    X, Y = C3.regular_module(), S4.natural_module()
    elements = [[1, 2, 0, 3]]
    up = induce(X, S4, elements)
    down = restrict(Y, elements)
    X_below = down.home.module_from_images(X.images)
    assert hom_dimension(up, Y) == hom_dimension(X_below, down)
    assert made(up, Y, 1, 1, bias=False).parameters_count() == hom_dimension(X_below, down)


def test_signed_restriction(S4):
    signed = S4.signed_coset_module([CYCLE, FLIP], [CYCLE])
    X = signed + SignedModule.from_permutation(S4.natural_module())
    layer = made(X, signed + X, 2, 3)
    assert (X.signs < 0).any()
    for subgroup in SUBGROUPS:
        below = layer.restrict(subgroup)
        assert_same_function(layer, below)
        assert below.bias.shape[0] >= layer.bias.shape[0]
        if subgroup:
            assert below.hom_space.count == tk.hom_dimension(below.X, below.Y)


def test_plain_beside_signed(S4):
    layer = made(S4.natural_module(), S4.signed_coset_module([CYCLE, FLIP], [CYCLE]), 2, 3)
    assert_same_function(layer, layer.restrict([CYCLE]))


def test_induction_copies_the_layer(S4):
    X = tk.group("C3").natural_module()
    Y = X + X.home.coset_module([{"word": [0]}])
    layer = made(X, Y, 2, 3)
    above = induced_layer(layer, S4, [[1, 2, 0, 3]])
    assert above.X.degree == 8 * 3
    assert above.Y.degree == 8 * 4
    assert_equivariant(above)
    x = torch.randn(5, 8, 3, 2, dtype=torch.float64)
    y = above(x.reshape(5, 24, 2)).reshape(5, 8, 4, 3)
    torch.testing.assert_close(y, layer(x), rtol=0, atol=1e-12)
    assert above.hom_space.count == hom_dimension(above.X, above.Y)


def test_signed_induction(S4):
    plane = tk.group("C4").signed_coset_module([{"word": [0, 0]}], [])
    layer = made(plane, plane, 2, 3)
    above = induced_layer(layer, S4, [CYCLE])
    assert_equivariant(above)
    x = torch.randn(5, 6, 2, 2, dtype=torch.float64)
    y = above(x.reshape(5, 12, 2)).reshape(5, 6, 2, 3)
    torch.testing.assert_close(y, layer(x), rtol=0, atol=1e-12)


def test_inflation_keeps_the_weights(S4):
    X = tk.group("S3").natural_module()
    # S4 -> S3 with the Klein four-group as kernel
    images = S4.natural_module().images.tolist()
    pairings = [
        {frozenset(p), frozenset(range(4)) - frozenset(p)} for p in ((0, 1), (0, 2), (0, 3))
    ]
    moved = [
        [
            pairings.index({frozenset(g[i] for i in block) for block in pairing})
            for pairing in pairings
        ]
        for g in images
    ]
    layer = made(X, X + X, 2, 3)
    above = inflated_layer(layer, S4, moved)
    assert above.hom_space.count == layer.hom_space.count
    assert above.X.group == "S4"
    assert_same_function(layer, above)
    assert torch.equal(above.orbit_weights(), layer.orbit_weights())


def test_inflation_along_a_map_that_is_not_onto():
    X = tk.group("S3").natural_module()
    layer = made(X, X, 1, 1)
    below = inflated_layer(layer, tk.group("C3"), [[1, 2, 0]])
    assert below.hom_space.count == 3
    assert_same_function(layer, below)


def test_options_are_kept(S4):
    X = S4.natural_module()
    layer = EquivariantLinear(X, X, 2, 3, bias=False, init="xavier").eval()
    layer.weight.requires_grad_(False)
    below = layer.restrict([CYCLE])
    assert below.bias is None
    assert below.init == "xavier"
    assert below.weight.dtype == torch.float32
    assert not below.training
    assert not below.weight.requires_grad
    assert below.X is below.Y


def test_no_channels(S4):
    X = S4.natural_module()
    below = EquivariantLinear(X, X, 0, 3).restrict([CYCLE])
    assert below(torch.zeros(4, 0)).shape == (4, 3)


def test_what_is_no_layer_is_refused(S4):
    with pytest.raises(ModuleMismatchError, match="EquivariantLinear is required"):
        restricted_layer(torch.nn.Linear(2, 2), [])
    X = S4.natural_module()
    with pytest.raises(ModuleMismatchError, match="none called"):
        made(X, X, 1, 1).restrict("H99z")
