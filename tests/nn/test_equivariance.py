"""Measuring equivariance: it passes what commutes, and says where the rest fails."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.modules.signed_module import SignedModule
from toolkit.testing import NotEquivariantError, assert_equivariant, equivariance_error


@pytest.fixture(scope="module")
def S4():
    return tk.group("S4")


class BrokenAt(torch.nn.Module):
    """Equivariant but for a term in one simple of the output."""

    def __init__(self, X, label, size=1.0):
        super().__init__()
        basis = tk.fourier_basis(X)
        row = basis.matrix[basis.simple(label).start]
        self.register_buffer("row", torch.tensor(row)[:, None] * size)
        self.X, self.in_channels = X, 2

    def forward(self, x):
        return x.relu() + self.row


@pytest.mark.parametrize("label", ["L1", "L3", "L4"])
def test_names_the_simple_where_a_layer_fails(S4, label):
    X = S4.regular_module()
    found = equivariance_error(BrokenAt(X, label), X)
    assert found.error > 0.01
    assert found.worst_simple == label
    assert found.shares[label] == pytest.approx(1)
    assert sum(found.shares.values()) == pytest.approx(1)


def test_names_the_generator_and_the_point(S4):
    X = S4.natural_module()

    def layer(x):
        y = x.clone()
        y[..., 0, :] += x[..., 3, :]
        return y

    found = equivariance_error(layer, X)
    assert found.generator == max(range(len(X.images)), key=lambda g: found.per_generator[g])
    assert found.per_generator[found.generator] == found.error
    assert found.worst_point in (0, int(X.images[found.generator].tolist().index(0)))
    # a layer that only the first generator breaks
    fixed_by_second = X.images[1] == range(4)
    weight = torch.tensor(fixed_by_second.astype(float))[:, None]
    found = equivariance_error(lambda x: weight * x, X)
    assert found.per_generator[1] == 0
    assert found.generator == 0


def test_message_says_required_found_and_where(S4):
    X = S4.regular_module()
    with pytest.raises(NotEquivariantError) as caught:
        assert_equivariant(BrokenAt(X, "L3"), X)
    text = str(caught.value)
    assert isinstance(caught.value, AssertionError)
    for part in ("at most 1e-09 is required", "of S4", "largest at point", "100%", "in L3"):
        assert part in text


def test_narrow_types_inside_are_named(S4):
    X = S4.regular_module()
    # rounding to float32 of a sum whose order the group changes
    with pytest.raises(NotEquivariantError, match="float32"):
        assert_equivariant(lambda x: sum(x.float().unbind(-2))[:, None].double() + 0 * x, X)


def test_the_layer_is_left_alone(S4):
    X = S4.natural_module()
    layer = tk.nn.EquivariantLinear(X, X, 2, 3)
    layer.train()
    before = layer.weight.clone()
    assert equivariance_error(layer).error < 1e-14
    assert layer.training
    assert layer.weight.dtype == torch.float32
    assert torch.equal(layer.weight, before)


def test_seeds_give_the_same_numbers(S4):
    X = S4.natural_module()
    first, again = (equivariance_error(lambda x: x.cumsum(-2), X, seed=3) for _ in range(2))
    assert first.per_generator == again.per_generator
    assert first.error != equivariance_error(lambda x: x.cumsum(-2), X, seed=4).error


def test_invariant_outputs(S4):
    X = S4.natural_module()
    assert_equivariant(lambda x: x.mean(-2), X, "invariant", channels=3)
    with pytest.raises(NotEquivariantError):
        assert_equivariant(lambda x: x[..., 0, :], X, "invariant", channels=3)


def test_signed_modules_need_the_signs(S4):
    cycle = [1, 2, 3, 0]
    X = S4.signed_coset_module([cycle, [2, 1, 0, 3]], [cycle])
    assert (X.signs < 0).any()
    assert_equivariant(torch.tanh, X)
    found = equivariance_error(torch.relu, X)
    assert found.error > 0.1
    assert set(found.shares) == set(X.multiplicities)


def test_not_a_number_is_an_error(S4):
    X = S4.natural_module()
    found = equivariance_error(lambda x: x / 0, X)
    assert found.error == float("inf")
    with pytest.raises(NotEquivariantError, match="not finite"):
        assert_equivariant(lambda x: x / 0, X)


def test_zero_layers_pass(S4):
    X = S4.natural_module()
    assert equivariance_error(torch.zeros_like, X).error == 0


def test_trivial_group():
    X = tk.group("C1").module_from_images([[0, 1, 2]])
    one = X.home.natural_module()
    assert X.images.shape == (0, 3)  # C1 has no generators
    assert tk.group("<()>").module_from_images([[0, 1, 2]]).images.shape == (1, 3)
    assert tk.nn.EquivariantLinear(X, X, 1, 1).parameters_count() == 12
    assert_equivariant(lambda x: x.cumsum(-2), X)
    assert "no generators" in str(equivariance_error(lambda x: x, one))


def test_what_does_not_fit_is_refused(S4):
    X = S4.natural_module()
    with pytest.raises(ModuleMismatchError, match="module X of the input"):
        equivariance_error(lambda x: x)
    with pytest.raises(ModuleMismatchError, match="must have shape"):
        equivariance_error(lambda x: x[..., :2, :], X)
    with pytest.raises(ModuleMismatchError, match="of one group"):
        equivariance_error(lambda x: x, X, tk.group("C4").natural_module())
    with pytest.raises(ModuleMismatchError, match='"invariant"'):
        equivariance_error(lambda x: x, X, "trivial")


def test_plain_and_signed_agree(S4):
    X = S4.natural_module()
    layer = tk.nn.EquivariantLinear(X, X, 2, 2)
    assert_equivariant(layer, SignedModule.from_permutation(X), SignedModule.from_permutation(X))


def test_importing_needs_no_torch():
    code = "import sys, toolkit.testing; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_errors_within_a_plain_function_say_in_which_type_it_is_tested(S4):
    """A module is copied to float64, a network within a function is not."""
    X = S4.natural_module()
    layer = tk.nn.EquivariantLinear(X, X, 1, 1)
    for net in (layer, torch.nn.Linear(1, 1)):
        with pytest.raises((ModuleMismatchError, RuntimeError)) as caught:
            assert_equivariant(lambda x, net=net: net(x), X)
        assert "in float64, as net.double() is" in caught.value.__notes__[0]
    with pytest.raises(ModuleMismatchError) as caught:
        assert_equivariant(layer, X, channels=3)
    assert not hasattr(caught.value, "__notes__")
    layer.double()
    assert_equivariant(lambda x: layer(x), X)
