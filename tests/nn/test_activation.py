"""Pointwise activations: torch's own functions, and legality on signed modules."""

from __future__ import annotations

import copy
import pickle  # noqa: TID251 - a round trip between processes

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import toolkit as tk
from toolkit.errors import IllegalActivationError, ModuleMismatchError, UnsupportedActivationError
from toolkit.nn import Pointwise
from toolkit.pl.activations.activation import Activation, find_activation
from toolkit.pl.activations.registry import ACTIVATIONS
from toolkit.testing import assert_equivariant, equivariance_error

MORE = (
    "leaky_relu(0.3333333333)", "softplus(0.5)", "t^5", "polynomial(1,2,3)", "swish", "relu^2",
    "relu_power(4)", "hardtanh(-2,2)", "elu(0.5)", "hard-tanh",
)  # fmt: skip


@pytest.fixture(scope="module")
def plane():
    """Return the plane of C4: a quarter turn, with a sign."""
    return tk.group("C4").signed_coset_module([{"word": [0, 0]}], [])


@pytest.mark.parametrize("name", [*ACTIVATIONS, *MORE])
def test_names_mean_the_same_function_in_torch(name):
    known = find_activation(name)
    t = torch.linspace(-9, 9, 301, dtype=torch.float64, requires_grad=True)
    for given in (name, known):
        layer = Pointwise(given, dtype=torch.float64)
        assert layer.activation is known
        y = layer(t)
        np.testing.assert_allclose(y.detach().numpy(), known(t.detach().numpy()), atol=1e-12)
        torch.autograd.grad(y.sum(), t)
        assert layer(t.detach().float()[:3].double()).dtype == torch.float64


@pytest.mark.parametrize(
    "activation",
    [nn.GELU(), nn.ELU, nn.Hardtanh(-2, 2), torch.tanh, functional.silu, torch.abs, nn.PReLU()],
)
def test_torch_modules_and_functions_are_used_as_they_are(activation):
    layer = Pointwise(activation)
    if not isinstance(activation, type):
        assert layer.function is activation
    t = torch.randn(3, 4)
    expected = activation()(t) if isinstance(activation, type) else activation(t)
    assert torch.equal(layer(t), expected)
    assert "measured" not in repr(layer)


def test_prelu_is_trained():
    layer = Pointwise("prelu(0.1)")
    assert [p.tolist() for p in layer.parameters()] == [[pytest.approx(0.1)]]
    layer(torch.tensor([-1.0])).backward()
    assert layer.function.weight.grad.tolist() == [-1]
    with torch.no_grad():
        layer.function.weight.fill_(3)
    layer.reset_parameters()
    assert layer.function.weight.tolist() == [pytest.approx(0.1)]


def test_the_activation_is_kept_and_a_trained_one_read_as_it_is():
    assert Pointwise("leaky_relu(0.2)").activation is find_activation("leaky_relu(0.2)")
    assert Pointwise(torch.tanh).activation is find_activation("tanh")
    assert Pointwise(nn.ELU(0.5)).activation is find_activation("elu(0.5)")
    trained, own = Pointwise("prelu"), Pointwise(Scaled())
    assert trained.activation.name == "prelu"
    assert own.activation([1.0]) == pytest.approx(np.tanh(2))
    with torch.no_grad():
        trained.function.weight.fill_(1)
        own.function.scale.fill_(3)
    assert trained.activation.is_affine
    assert own.activation([1.0]) == pytest.approx(np.tanh(3))
    assert pickle.loads(pickle.dumps(own)).is_odd  # noqa: S301 - our own


def test_everything_acts_on_permutation_modules():
    X = tk.group("S4").natural_module()
    for f in ("relu", "gelu", "t^2", "cos", "sigmoid", lambda t: t.clamp(-1, 2)):
        assert_equivariant(Pointwise(f, X), channels=3)


ODD = ("tanh", "erf", "sin", "softshrink", "t^3", "identity", "hardtanh", torch.tanh, nn.Softsign())


@pytest.mark.parametrize("activation", [*ODD, lambda t: t + t**3])
def test_odd_ones_act_on_signed_modules(plane, activation):
    assert_equivariant(Pointwise(activation, plane), channels=3)


EVEN_OR_NEITHER = ("relu", "abs", "gelu", "sigmoid", "prelu", "hardtanh(-1,2)", nn.PReLU(init=1.0))


@pytest.mark.parametrize("activation", EVEN_OR_NEITHER)
def test_others_do_not_and_the_message_says_why(plane, activation):
    with pytest.raises(IllegalActivationError) as caught:
        Pointwise(activation, plane)
    error = caught.value
    g, i = np.argwhere(plane.signs < 0)[0]
    j = plane.images[g, i]
    assert f"generator {g} takes coordinate {i} to minus coordinate {j}" in str(error)
    assert "odd activation" in error.advice
    assert "tanh" in error.advice
    assert "cover" in error.advice


def test_relu_on_a_signed_module_really_fails(plane):
    assert equivariance_error(torch.relu, plane).error > 0.1


def test_signed_modules_without_minus_take_all():
    from toolkit.modules.signed_module import SignedModule

    X = SignedModule.from_permutation(tk.group("S3").natural_module())
    assert_equivariant(Pointwise("relu", X), channels=2)


def test_unknown_functions_are_measured_and_it_is_said(plane):
    X = tk.group("S3").natural_module()
    assert "parts measured" in repr(Pointwise(lambda t: t.exp() - 1, X))
    with pytest.raises(IllegalActivationError, match="measured not to be odd"):
        Pointwise(lambda t: t.exp() - 1, plane)
    stated = Activation.from_callable(np.tanh, even="zero", odd="other", name="tanh")
    assert "stated" in repr(Pointwise(stated, plane))
    assert Pointwise(stated, plane).activation is stated


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(2.0))

    def forward(self, t):
        return torch.tanh(self.scale * t)


def test_own_modules_keep_their_parameters(plane):
    layer = Pointwise(Scaled(), plane)
    assert [name for name, _ in layer.named_parameters()] == ["function.scale"]
    layer(torch.ones(1, 2, 3)).sum().backward()
    assert layer.function.scale.grad is not None


@pytest.mark.parametrize(
    "activation",
    [
        lambda t: t - t.mean(),
        lambda t: t.softmax(-1),
        lambda t: t.sum(-1),
        lambda t: t.cumsum(0),
        lambda t: t @ t,
        lambda t: t + torch.arange(t.shape[-1]),
    ],
)
def test_what_mixes_entries_is_refused(activation):
    with pytest.raises(
        UnsupportedActivationError, match=r"on each number separately|entry-by-entry"
    ):
        Pointwise(activation)


@pytest.mark.parametrize(
    "activation", [nn.Softmax(-1), nn.PReLU(4), nn.Dropout(), "nonsense", 3, nn.GLU()]
)
def test_what_is_no_activation_is_refused(activation):
    with pytest.raises(UnsupportedActivationError):
        Pointwise(activation)


def test_functions_that_torch_cannot_have_are_refused():
    with pytest.raises(UnsupportedActivationError, match="the function of tensors itself"):
        Pointwise(Activation.from_callable(lambda t: np.sinh(t) / 100, name="mine"))


def test_shapes_are_checked():
    X = tk.group("S3").natural_module()
    layer = Pointwise("relu", X)
    assert layer(torch.zeros(2, 5, 3, 7)).shape == (2, 5, 3, 7)
    with pytest.raises(ModuleMismatchError, match=r"\(\.\.\., 3, channels\)"):
        layer(torch.zeros(4, 7))
    with pytest.raises(ModuleMismatchError, match="permutation or signed module or None"):
        Pointwise("relu", 5)


def test_copies_and_compiles():
    X = tk.group("S3").natural_module()
    layer = Pointwise("leaky_relu(0.2)", X)
    twin = copy.deepcopy(layer)
    assert twin.X is X
    again = pickle.loads(pickle.dumps(layer))  # noqa: S301 - our own
    x = torch.randn(2, 3, 4)
    assert torch.equal(again(x), layer(x))
    exported = torch.export.export(layer, (x,))
    assert torch.equal(exported.module()(x), layer(x))
