"""Pooling over orbits and along equivariant maps, and the pull-back."""

from __future__ import annotations

import copy
import pickle  # noqa: TID251 - a round trip between processes

import numpy as np
import pytest
import torch

import toolkit as tk
from toolkit.errors import IllegalActivationError, ModuleMismatchError
from toolkit.modules.signed_module import SignedModule
from toolkit.nn import (
    EquivariantPooling,
    EquivariantUnpooling,
    InvariantPooling,
    equivariant_point_map,
)
from toolkit.testing import assert_equivariant, equivariance_error

REDUCTIONS = ("mean", "sum", "max")
CYCLE, FLIP = [1, 2, 3, 0], [2, 1, 0, 3]


@pytest.fixture(scope="module")
def S4():
    return tk.group("S4")


@pytest.fixture(scope="module")
def signed(S4):
    """Return a signed module without invariants, plus one with: 3 + 4 coordinates."""
    alone = S4.signed_coset_module([CYCLE, FLIP], [CYCLE])
    plain = SignedModule.from_permutation(S4.natural_module())
    return alone + plain


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_invariants_are_those_of_the_orbits(S4, reduction):
    V = S4.natural_module()
    X = V + V**2 + V
    pool = InvariantPooling(X, reduction)
    assert pool.Y.degree == X.orbit_count == 4
    assert_equivariant(pool, channels=3)
    x = torch.randn(5, X.degree, 3, dtype=torch.float64)
    y = pool(x)
    reduce = {"mean": torch.mean, "sum": torch.sum, "max": torch.amax}[reduction]
    numbers = np.concatenate([[0] * 4, [1 + (i % 5 != 0) for i in range(16)], [3] * 4])
    for orbit in range(4):
        points = torch.from_numpy(np.flatnonzero(numbers == orbit))
        torch.testing.assert_close(y[:, orbit], reduce(x[:, points], -2))


def test_orbits_that_are_not_consecutive():
    X = tk.group([[2, 3, 0, 1, 4]]).natural_module()
    pool = InvariantPooling(X, "sum")
    x = torch.arange(5.0)[:, None]
    assert pool(x).flatten().tolist() == [2, 4, 4]
    assert_equivariant(pool)


def test_signed_invariants(signed):
    pool = InvariantPooling(signed)
    assert pool(torch.zeros(2, 7, 3)).shape == (2, 1, 3)
    assert_equivariant(pool, channels=2)
    x = torch.randn(7, 1)
    assert pool(x).item() == pytest.approx(x[3:].mean().item())


def test_signs_that_can_be_removed(S4):
    V = S4.natural_module()
    turned = np.array([1, -1, 1, -1])
    signs = turned[None, :] * turned[V.images]
    X = SignedModule.from_signs(S4, V.images, signs)
    assert (X.signs < 0).any()
    pool = InvariantPooling(X)
    assert pool.size == 1
    assert_equivariant(pool, channels=2)


def test_no_invariants_is_an_empty_output(S4):
    X = S4.signed_coset_module([CYCLE, FLIP], [CYCLE])
    pool = InvariantPooling(X, "sum")
    assert pool(torch.zeros(2, 3, 5)).shape == (2, 0, 5)
    with pytest.raises(ModuleMismatchError, match="no invariants"):
        pool.Y  # noqa: B018


def test_a_maximum_of_signed_points_is_refused(signed):
    with pytest.raises(IllegalActivationError, match=r"changes the sign of point .*cover"):
        InvariantPooling(signed, "max")
    with pytest.raises(ModuleMismatchError, match="mean, sum or max"):
        InvariantPooling(signed, "median")
    InvariantPooling(SignedModule.from_permutation(tk.group("S3").natural_module()), "max")


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_from_cosets_to_cosets(S4, reduction):
    small, big = [[1, 0, 3, 2]], [[1, 0, 3, 2], [2, 3, 0, 1]]
    X, Y = S4.coset_module(small), S4.coset_module(big)
    pool = EquivariantPooling(X, Y, reduction)
    assert_equivariant(pool, channels=3)
    points, signs = equivariant_point_map(X, Y)
    assert (np.bincount(points) == 2).all()
    assert (signs == 1).all()
    # to all points at once, and to a point
    assert_equivariant(EquivariantPooling(S4.regular_module(), Y, reduction))
    assert_equivariant(EquivariantPooling(X + X, Y + X, reduction))


def test_points_that_nothing_goes_to_are_zero(S4):
    V = S4.natural_module()
    for reduction in REDUCTIONS:
        pool = EquivariantPooling(V, V + V, reduction)
        y = pool(torch.ones(4, 2))
        assert y.flatten().tolist() == [1] * 8 + [0] * 8
        assert_equivariant(pool)


def test_there_may_be_no_map(S4):
    with pytest.raises(ModuleMismatchError, match="must fix a point of the second"):
        EquivariantPooling(S4.natural_module(), S4.regular_module())
    with pytest.raises(ModuleMismatchError):
        EquivariantPooling(S4.natural_module(), tk.group("C4").natural_module())


def test_a_given_map_is_checked(S4):
    V = S4.natural_module()
    P = V * V
    first, second = np.repeat(np.arange(4), 4), np.tile(np.arange(4), 4)
    for point_map in (first, second):
        pool = EquivariantPooling(P, V, "sum", point_map=point_map)
        assert_equivariant(pool)
    x = torch.arange(16.0)[:, None]
    assert pool(x).flatten().tolist() == x.reshape(4, 4).sum(0).tolist()
    wrong = first.copy()
    wrong[5] = 2
    with pytest.raises(ModuleMismatchError, match="not equivariant: generator 0 takes point"):
        EquivariantPooling(P, V, point_map=wrong)
    for bad in (first[:3], first.astype(float)):
        with pytest.raises(ModuleMismatchError, match="has 16 integers"):
            EquivariantPooling(P, V, point_map=bad)
    with pytest.raises(ModuleMismatchError, match="are 0 to 3"):
        EquivariantPooling(P, V, point_map=first + 1)
    with pytest.raises(ModuleMismatchError, match="have no signs"):
        EquivariantPooling(P, V, point_map=first, point_signs=-np.ones(16, dtype=int))
    with pytest.raises(ModuleMismatchError, match="1 or -1"):
        EquivariantPooling(P, V, point_map=first, point_signs=np.zeros(16, dtype=int))


def test_signed_maps(S4):
    sign = S4.signed_coset_module([CYCLE, [1, 0, 2, 3]], [[1, 2, 0, 3], [1, 0, 3, 2]])
    three = S4.signed_coset_module([CYCLE, FLIP], [[1, 0, 3, 2], [2, 3, 0, 1]])
    for X in (sign, three):
        regular = SignedModule.from_permutation(S4.regular_module())
        pool, back = EquivariantPooling(regular, X, "sum"), EquivariantUnpooling(X, regular)
        assert (equivariant_point_map(regular, X)[1] < 0).any()
        assert_equivariant(pool, channels=2)
        assert_equivariant(back, channels=2)
        points, signs = equivariant_point_map(regular, X)
        assert_equivariant(EquivariantPooling(regular, X, point_map=points, point_signs=signs))
        with pytest.raises(ModuleMismatchError, match="or signs differ"):
            EquivariantPooling(regular, X, point_map=points)
        with pytest.raises(IllegalActivationError):
            EquivariantPooling(regular, X, "max")


def test_unpooling_is_the_transpose_of_sums(S4):
    X, Y = S4.regular_module(), S4.natural_module()
    pool, back = EquivariantPooling(X, Y, "sum"), EquivariantUnpooling(Y, X)
    assert_equivariant(back, channels=2)
    one, other = torch.eye(24), torch.eye(4)
    assert torch.equal(pool(one), back(other).T)
    mean = EquivariantPooling(X, Y)
    assert torch.allclose(mean(back(other)), other)


def test_gradients_of_equal_maxima_are_shared(S4):
    x = torch.ones(4, 1, requires_grad=True)
    InvariantPooling(S4.natural_module(), "max")(x).sum().backward()
    assert x.grad.flatten().tolist() == [0.25] * 4


def test_shapes(S4):
    V = S4.natural_module()
    for layer in (InvariantPooling(V), EquivariantPooling(V, V), EquivariantUnpooling(V, V)):
        assert layer(torch.zeros(2, 3, 4, 5)).shape[:2] == (2, 3)
        assert layer(torch.zeros(0, 4, 5)).shape[0] == 0
        with pytest.raises(ModuleMismatchError, match=r"\(\.\.\., 4, channels\)"):
            layer(torch.zeros(3, 5))


def test_no_state_and_every_type(S4, signed):
    pool = InvariantPooling(signed, "sum")
    assert pool.state_dict() == {}
    x = torch.randn(7, 2)
    for dtype in (torch.float64, torch.bfloat16, torch.float16):
        assert pool(x.to(dtype)).dtype == dtype
    assert copy.deepcopy(pool).X is signed
    assert torch.equal(pickle.loads(pickle.dumps(pool))(x), pool(x))  # noqa: S301 - our own
    exported = torch.export.export(pool, (x,))
    assert torch.equal(exported.module()(x), pool(x))
    made = InvariantPooling(signed, device="meta").to_empty(device="cpu")
    assert torch.equal(made(x), InvariantPooling(signed)(x))


def test_a_wrong_pooling_would_be_found(S4):
    V = S4.natural_module()
    pool = InvariantPooling(V + V)
    assert equivariance_error(lambda x: pool(x * torch.arange(8.0)[:, None]), V + V, pool.Y).error
