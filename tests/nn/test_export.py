"""Layers under torch.export, with a batch of any size."""

from __future__ import annotations

import io

import pytest
import torch
from layer_cases import EACH, METHODS, PARAMETRIZATIONS, make_input, make_layer
from torch.export import Dim, ExportedProgram, export

import toolkit as tk


def exported(layer: torch.nn.Module, x: torch.Tensor) -> ExportedProgram:
    return export(layer, (x,), dynamic_shapes=({0: Dim("batch")},))


def test_a_program_for_every_batch() -> None:
    layers = [
        make_layer("outer", method, channels=(2, 2)) for method in (*METHODS, "kronecker", "pooled")
    ]
    model = torch.nn.Sequential(*layers)
    program = exported(model, make_input("outer", 4, channels=2))
    module = program.module()
    for batch in (2, 3, 7, 50):
        x = make_input("outer", batch, channels=2)
        torch.testing.assert_close(module(x), model(x))
    assert set(program.state_dict) == set(dict(model.named_parameters()))  # no constants


def test_a_program_of_pooled_terms() -> None:
    model = make_layer("square", "pooled")
    module = exported(model, make_input("square", 4)).module()
    for batch in (2, 7):
        x = make_input("square", batch)
        torch.testing.assert_close(module(x), model(x))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "method"), EACH)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_every_layer(name: str, parametrization: str, method: str) -> None:
    layer = make_layer(name, method, parametrization)
    program = exported(layer, make_input(name, 4))
    x = make_input(name, 6)
    torch.testing.assert_close(program.module()(x), layer(x))
    with pytest.raises(ValueError, match="points of"):
        layer(x[:, :1])


def test_programs_are_saved_and_loaded() -> None:
    layer = make_layer("signed", "fast", "orbit")
    file = io.BytesIO()
    x = make_input("signed", 4)
    torch.export.save(exported(layer, x), file)
    file.seek(0)
    again = torch.export.load(file)
    torch.testing.assert_close(again.module()(x), layer(x))


def test_prepared_weights_are_not_baked_in() -> None:
    layer = make_layer("points", "structured")
    x = make_input("points", 4)
    with torch.no_grad(), tk.nn.prepared():
        expected = layer(x)
        program = exported(layer, x)
    module = program.module()
    state = {k: v * 2 for k, v in module.state_dict().items()}
    module.load_state_dict(state)
    torch.testing.assert_close(module(x).detach(), 2 * expected)
