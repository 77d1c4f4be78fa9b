"""Layers under torch.compile: whole graphs, any batch."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import torch
from layer_cases import FEW_EACH, METHODS, PARAMETRIZATIONS, make_input, make_layer
from torch import nn
from torch._dynamo.testing import CompileCounter

import toolkit as tk

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


def chain(first: int) -> nn.Sequential:
    """All methods in a row, with activations between and parametrisations taking turns."""
    layers: list[nn.Module] = []
    for i, method in enumerate((*METHODS, "kronecker", "pooled")):
        parametrization = PARAMETRIZATIONS[(i + first) % 2]
        layers += [make_layer("outer", method, parametrization, (2, 2)), nn.ReLU()]
    return nn.Sequential(*layers)


@pytest.mark.slow
def test_pooled_terms_in_one_graph() -> None:
    model = make_layer("square", "pooled", PARAMETRIZATIONS[0], (2, 2))
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    agree(model, compiled, make_input("square", 3, channels=2))


def agree(model: nn.Module, compiled: nn.Module, x: torch.Tensor) -> None:
    model.zero_grad()
    expected = model(x)
    expected.square().sum().backward()
    gradients = [p.grad for p in model.parameters()]
    model.zero_grad()
    found = compiled(x)
    found.square().sum().backward()
    torch.testing.assert_close(found, expected)
    for p, gradient in zip(model.parameters(), gradients, strict=True):
        torch.testing.assert_close(p.grad, gradient)


@pytest.mark.parametrize("first", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_all_methods_in_one_graph(first: int) -> None:
    model = chain(first)
    graphs = []

    def backend(graph: torch.fx.GraphModule, inputs: list[torch.Tensor]) -> torch.fx.GraphModule:
        graphs.append(graph)
        return graph

    compiled = torch.compile(model, fullgraph=True, backend=backend)
    x = make_input("outer", 3, channels=2)
    agree(model, compiled, x)
    assert len(graphs) == 1
    with torch.no_grad(), tk.nn.prepared():
        torch.testing.assert_close(compiled(x), model(x))


@pytest.mark.parametrize("dynamic", [None, pytest.param(True, marks=pytest.mark.slow)])
def test_any_batch_from_few_graphs(dynamic: bool | None) -> None:
    model = make_layer("signed", "fast", "orbit")
    counter = CompileCounter()
    compiled = torch.compile(model, fullgraph=True, backend=counter, dynamic=dynamic)
    for batch in (3, 4, 5, 9, 17, 30):
        x = make_input("signed", batch)
        torch.testing.assert_close(compiled(x), model(x))
    assert counter.frame_count <= 2
    for batch in (0, 1):  # of which torch makes graphs of their own
        x = make_input("signed", batch)
        torch.testing.assert_close(compiled(x), model(x))
    x = make_input("signed", 2, 3)
    torch.testing.assert_close(compiled(x), model(x))
    assert counter.frame_count <= 5


@pytest.mark.slow
@pytest.mark.parametrize(("name", "method"), FEW_EACH)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_forward_and_backward_graphs(name: str, parametrization: str, method: str) -> None:
    model = make_layer(name, method, parametrization)
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    for batch in (3, 5, 8):
        agree(model, compiled, make_input(name, batch))


def test_ahead_of_time_autograd() -> None:
    model = make_layer("quaternionic", "fast", "orbit")
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    agree(model, compiled, make_input("quaternionic", 3))


def test_state_is_shared_with_the_compiled_module() -> None:
    model = make_layer("points", "structured")
    compiled = torch.compile(model, fullgraph=True, backend="eager")
    x = make_input("points", 2)
    compiled(x)
    model.load_state_dict({k: v + (k == "bias") for k, v in model.state_dict().items()})
    torch.testing.assert_close(compiled(x), model(x))
    with torch.autocast("cpu", torch.bfloat16):
        single = make_layer("points", "fast", dtype=torch.float32)
        again = torch.compile(single, fullgraph=True, backend="eager")
        assert again(x.float()).dtype == torch.bfloat16


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="inductor needs a C++ compiler")
# inductor itself imports what Python deprecates, and runs complex numbers unfused
@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")
@pytest.mark.filterwarnings("ignore:Torchinductor does not support code generation for complex")
@pytest.mark.parametrize("method", METHODS)
def test_inductor(method: str) -> None:
    model = make_layer("quaternionic", method, "orbit", dtype=torch.float32)
    compiled = torch.compile(model, fullgraph=True)
    for batch in (3, 6):
        x = make_input("quaternionic", batch, dtype=torch.float32)
        torch.testing.assert_close(compiled(x), model(x), rtol=1e-4, atol=1e-5)
        agree_single(model, compiled, x)


def agree_single(model: nn.Module, compiled: nn.Module, x: torch.Tensor) -> None:
    gradients = []
    for one in (model, compiled):
        model.zero_grad()
        one(x).square().sum().backward()
        gradients.append([p.grad.clone() for p in model.parameters()])
    for a, b in zip(*gradients, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)
