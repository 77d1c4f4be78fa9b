"""Derivatives of layers: of first and second order, and through ``torch.func``."""

from __future__ import annotations

import pytest
import torch
from layer_cases import FEW_EACH, METHODS, PARAMETRIZATIONS, make_input, make_layer, same_weights
from torch import nn
from torch.func import functional_call, jacfwd, jacrev, stack_module_state, vmap


def called(layer: nn.Module, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor):
    return functional_call(layer, {"weight": weight, "bias": bias}, (x,))


@pytest.mark.parametrize(("name", "method"), FEW_EACH[5:])
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_first_and_second_order(name: str, parametrization: str, method: str) -> None:
    layer = make_layer(name, method, parametrization, (2, 1))
    x = make_input(name, 2, channels=2).requires_grad_()
    arguments = (x, layer.weight, layer.bias)
    function = lambda *a: called(layer, *a)  # noqa: E731
    assert torch.autograd.gradcheck(function, arguments, fast_mode=True)
    assert torch.autograd.gradgradcheck(function, arguments, fast_mode=True)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "method"), FEW_EACH)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_every_entry_of_the_jacobian(name: str, parametrization: str, method: str) -> None:
    layer = make_layer(name, method, parametrization, (2, 1))
    x = make_input(name, 1, channels=2).requires_grad_()
    arguments = (x, layer.weight, layer.bias)
    function = lambda *a: called(layer, *a)  # noqa: E731
    assert torch.autograd.gradcheck(function, arguments)
    assert torch.autograd.gradgradcheck(function, arguments)


@pytest.mark.parametrize(("name", "method"), FEW_EACH)
def test_gradients_agree_between_methods(name: str, method: str) -> None:
    plain, layer = same_weights(name, method, "orbit")
    x = make_input(name, 3)
    gradients = []
    for one in (plain, layer):
        one.zero_grad()
        own = x.clone().requires_grad_()
        one(own).square().sum().backward()
        gradients.append((own.grad, one.weight.grad, one.bias.grad))
    for found, expected in zip(*gradients, strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-10)


# torch compiles its rules for forward mode when they are first used
@pytest.mark.filterwarnings("ignore:.*torch.jit.script.* is deprecated:DeprecationWarning")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_function_transforms(method: str, parametrization: str) -> None:
    name = "points"
    layer = make_layer(name, method, parametrization)
    x = make_input(name, 4, 3)
    torch.testing.assert_close(vmap(layer)(x), layer(x))
    torch.testing.assert_close(vmap(vmap(layer))(x), layer(x))
    torch.testing.assert_close(vmap(layer, in_dims=1, out_dims=1)(x), layer(x))
    # the Jacobian of a linear map is its matrix
    matrix = layer.matrix()
    torch.testing.assert_close(jacrev(layer)(x[0, 0]), matrix)
    torch.testing.assert_close(jacfwd(layer)(x[0, 0]), matrix)
    # per sample gradients
    weights = {k: v.detach() for k, v in layer.named_parameters()}

    def loss(weights: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
        return functional_call(layer, weights, (x,)).square().sum()

    per_sample = vmap(torch.func.grad(loss), in_dims=(None, 0))(weights, x[0])
    whole = torch.func.grad(loss)(weights, x[0])
    for key, value in whole.items():
        assert per_sample[key].shape == (3, *value.shape)
        torch.testing.assert_close(per_sample[key].sum(0), value)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_an_ensemble_in_one_call(method: str, parametrization: str) -> None:
    layers = [make_layer("signed", method, parametrization) for _ in range(3)]
    for layer in layers:
        layer.reset_parameters()
    parameters, buffers = stack_module_state(layers)
    x = make_input("signed", 2)

    def one(p: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> torch.Tensor:
        return functional_call(layers[0], (p, b), (x,))

    found = vmap(one)(parameters, buffers)
    torch.testing.assert_close(found, torch.stack([layer(x) for layer in layers]))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_deterministic_algorithms_and_anomaly_mode(method: str, parametrization: str) -> None:
    found = []
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        for _ in range(2):
            layer = make_layer("sums", method, parametrization)
            x = make_input("sums", 3).requires_grad_()
            layer(x).square().sum().backward()
            found.append((x.grad, layer.weight.grad, layer.bias.grad))
    finally:
        torch.use_deterministic_algorithms(before)
    for a, b in zip(*found, strict=True):
        assert torch.equal(a, b)
    layer = make_layer("sums", method, parametrization)
    with pytest.warns(UserWarning, match="Anomaly Detection"), torch.autograd.detect_anomaly():
        layer(make_input("sums", 3)).square().sum().backward()
    assert layer.weight.grad.isfinite().all()


@pytest.mark.parametrize("method", METHODS)
def test_frozen_parts(method: str) -> None:
    layer = make_layer("points", method)
    layer.weight.requires_grad_(False)
    x = make_input("points", 2)
    layer(x).sum().backward()
    assert layer.weight.grad is None
    assert layer.bias.grad is not None
    layer.requires_grad_(False)
    own = x.clone().requires_grad_()
    layer(own).sum().backward()
    assert own.grad is not None


@pytest.mark.parametrize(
    ("method", "parametrization"),
    [("dense", "fourier"), ("structured", "orbit"), ("fast", "fourier"), ("fft", "orbit")],
)
def test_training_finds_a_planted_layer(method: str, parametrization: str) -> None:
    teacher = make_layer("quaternionic", "dense", "orbit")
    student = make_layer("quaternionic", method, parametrization)
    student.reset_parameters()
    x = make_input("quaternionic", 32)
    target = teacher(x).detach()
    optimizer = torch.optim.LBFGS(student.parameters(), line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = (student(x) - target).square().mean()
        loss.backward()
        return loss

    for _ in range(3):
        optimizer.step(closure)
    assert closure().item() < 1e-6
    torch.testing.assert_close(student.matrix(), teacher.matrix(), rtol=1e-2, atol=1e-2)
