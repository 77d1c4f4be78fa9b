"""Measuring equivariance of layers whose parameters could have other values."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

import toolkit as tk
from toolkit.testing import NotEquivariantError, assert_equivariant, equivariance_error
from toolkit.testing.randomised import randomise


@pytest.fixture(scope="module")
def X():
    return tk.group("D8").regular_module()


class Positions(nn.Module):
    """A positional embedding that starts at zero."""

    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(8, 3))

    def forward(self, x):
        return x + self.table


FRESH = (
    nn.LayerNorm([8, 3]), nn.RMSNorm([8, 3]), nn.BatchNorm1d(8), nn.BatchNorm1d(8, affine=False),
    nn.InstanceNorm1d(8, affine=True), nn.GroupNorm(2, 8), Positions(),
    nn.Sequential(nn.Linear(3, 3), Positions()), nn.PReLU(8),
)  # fmt: skip


@pytest.mark.parametrize("layer", FRESH, ids=lambda layer: type(layer).__name__)
def test_what_is_equivariant_only_untrained_fails(X, layer):
    if not isinstance(layer, nn.GroupNorm):  # groups of points are wrong at once
        assert equivariance_error(layer, X, channels=3).error < 1e-12
    assert equivariance_error(layer, X, channels=3, randomize=True).error > 1e-2
    with pytest.raises(NotEquivariantError, match=r"not after training|of at most"):
        assert_equivariant(layer, X, channels=3)
    if not isinstance(layer, nn.GroupNorm):
        assert_equivariant(layer, X, channels=3, randomize=False)


LEGAL = (
    nn.LayerNorm(3), nn.Linear(3, 5), nn.LazyLinear(4), nn.PReLU(),
    parametrizations.weight_norm(nn.Linear(3, 3)), parametrizations.orthogonal(nn.Linear(3, 3)),
    parametrizations.spectral_norm(nn.Linear(3, 4)), nn.Linear(3, 3, dtype=torch.bfloat16),
)  # fmt: skip


@pytest.mark.parametrize("layer", LEGAL, ids=lambda layer: type(layer).__name__)
def test_what_is_legal_passes_and_is_left_alone(X, layer):
    before = copy.deepcopy(layer.state_dict())
    assert_equivariant(layer, X, channels=3)
    after = layer.state_dict()
    assert list(after) == list(before)
    for name, value in before.items():
        assert type(after[name]) is type(value)
        if not torch.nn.parameter.is_lazy(value):
            assert torch.equal(after[name], value)


def test_values_that_make_a_layer_equivariant(X):
    layer = nn.Linear(3, 3)
    matrix = torch.eye(8)[X.images[0].tolist()]
    mixing = nn.Linear(8, 8, bias=False)

    class Mixes(nn.Module):
        def __init__(self):
            super().__init__()
            self.mixing, self.layer = mixing, layer

        def forward(self, x):
            return self.layer(self.mixing(x.mT).mT)

    with torch.no_grad():
        mixing.weight.fill_(0.25)
    model = Mixes()
    assert_equivariant(model, X, channels=3, randomize=False)
    with pytest.raises(NotEquivariantError, match="randomize=False"):
        assert_equivariant(model, X, channels=3)
    mixing.weight.requires_grad_(False)  # a constant
    assert_equivariant(model, X, channels=3)
    with torch.no_grad():
        mixing.weight.copy_(matrix)  # does not commute with the other generator
    with pytest.raises(NotEquivariantError) as caught:
        assert_equivariant(model, X, channels=3)
    assert "trained" not in str(caught.value)


def test_masks_and_tables_are_constants_and_sharing_stays():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(3, 3)
            self.second = nn.Linear(3, 3)
            self.second.weight = self.first.weight
            self.norm = nn.BatchNorm1d(3)
            self.register_buffer("mask", torch.ones(4))
            self.register_buffer("index", torch.arange(4))

    model, again = Model(), Model()
    again.load_state_dict(model.state_dict())
    randomise(model, 3)
    randomise(again, 3)
    assert model.first.weight is model.second.weight
    assert torch.equal(model.mask, torch.ones(4))
    assert torch.equal(model.index, torch.arange(4))
    assert int(model.norm.num_batches_tracked) == 0
    for (name, value), other in zip(
        model.state_dict().items(), again.state_dict().values(), strict=True
    ):
        assert torch.equal(value, other), name
    assert (model.norm.running_mean != 0).all()
    assert (model.norm.running_var > 0).all()
    assert model.norm.weight.unique().numel() == 3
    randomise(again, 4)
    assert not torch.equal(model.first.weight, again.first.weight)


def test_signs_and_kinds_of_numbers_stay():
    model = nn.Module()
    model.scale = nn.Parameter(torch.rand(50) + 1e-3)
    model.phase = nn.Parameter(torch.randn(5, dtype=torch.complex64))
    model.nothing = nn.Parameter(torch.empty(0, 3))
    before = model.scale.detach().clone()
    randomise(model, 0)
    assert (model.scale > 0).all()
    assert (model.scale != before).all()
    assert model.phase.dtype == torch.complex64


def test_training_mode(X):
    # per-point masks: the same mask is not moved with the points
    dropout = nn.Dropout()
    assert_equivariant(dropout, X)
    assert equivariance_error(dropout, X, training=True).error > 0.1
    assert_equivariant(nn.Dropout1d(), X, channels=3)
    # statistics of one batch for each point are equivariant, but not with other weights
    norm = nn.BatchNorm1d(8, affine=False)
    assert_equivariant(norm, X, channels=3, training=True)
    with pytest.raises(NotEquivariantError):
        assert_equivariant(norm, X, channels=3)
    assert norm.training
    assert int(norm.num_batches_tracked) == 0
    state = torch.get_rng_state()
    equivariance_error(dropout, X, training=True)
    assert torch.equal(torch.get_rng_state(), state)


def test_functions_are_taken_as_they_are(X):
    norm = nn.LayerNorm([8, 3], dtype=torch.float64)
    assert_equivariant(lambda x: norm(x), X, channels=3)
    assert equivariance_error(lambda x: norm(x), X, channels=3, randomize=True).error < 1e-12
