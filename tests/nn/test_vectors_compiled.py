"""Layers of vectors under torch.compile, torch.export and ONNX."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import nn
from torch.export import Dim, export
from vector_cases import CHANNELS, LAYERS, MODULES, make_input

import toolkit as tk

if TYPE_CHECKING:
    from collections.abc import Iterator

#: One kind of module; the others with the slow checks, as compiling is slow.
FEW = [m if m == "tensors" else pytest.param(m, marks=pytest.mark.slow) for m in MODULES]


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


def chain(module: str) -> nn.Sequential:
    """All layers in a row, linear ones between them, ending on invariants."""
    V = MODULES[module]()
    layers: list[nn.Module] = []
    for name, make in LAYERS.items():
        layer = make(V)
        if name != "norms":
            layers += [tk.nn.EquivariantLinear(V, layer.X, CHANNELS, CHANNELS), layer]
    made = nn.Sequential(*layers, LAYERS["norms"](V))
    made.X = V
    torch.manual_seed(0)
    with torch.no_grad():
        for p in made.parameters():
            p.copy_(torch.randn(p.shape) / 2)
    return made


def loss_and_gradients(model: nn.Module, x: torch.Tensor) -> list[torch.Tensor]:
    x = x.detach().requires_grad_()
    y = model(x)
    parameters = list(model.parameters())
    return [y, *torch.autograd.grad(y.square().sum(), [x, *parameters])]


@pytest.mark.parametrize("module", FEW)
@pytest.mark.slow
def test_one_graph_and_a_batch_of_any_size(module: str) -> None:
    model = chain(module).double()
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager", dynamic=True)
    for batch in (4, 2, 7):
        x = make_input(model, batch)
        for found, expected in zip(
            loss_and_gradients(compiled, x), loss_and_gradients(model, x), strict=True
        ):
            torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("module", FEW)
def test_a_program_for_every_batch(module: str) -> None:
    model = chain(module).double()
    program = export(model, (make_input(model, 4),), dynamic_shapes=({0: Dim("batch")},))
    x = make_input(model, 6)
    torch.testing.assert_close(program.module()(x), model(x))
    assert set(program.state_dict) == set(dict(model.named_parameters()))  # no constants


@pytest.mark.parametrize("module", FEW)
@pytest.mark.slow
def test_a_model_in_onnxruntime(module: str) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    model = chain(module).eval()
    x = make_input(model, 4, dtype=torch.float32)
    with warnings.catch_warnings():
        # the exporter's own libraries use what others deprecate
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        program = torch.onnx.export(
            model, (x,), dynamo=True, dynamic_shapes=({0: Dim("batch")},), verbose=False
        )
    assert program is not None
    session = onnxruntime.InferenceSession(
        program.model_proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    (name,) = [i.name for i in session.get_inputs()]
    x = make_input(model, 6, dtype=torch.float32)
    found = session.run(None, {name: x.numpy()})[0]
    expected = model.double()(x.double()).detach().numpy()
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 1e-4 * max(1, np.abs(expected).max())
