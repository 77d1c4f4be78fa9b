"""Copies of layers: deep, pickled, and in a process that has no GAP."""

from __future__ import annotations

import copy
import io
import pickle  # noqa: TID251 - that layers can be pickled is what is tested
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import torch
from layer_cases import FEW, METHODS, PARAMETRIZATIONS, make_input, make_layer, tables

import toolkit as tk

if TYPE_CHECKING:
    from pathlib import Path


def again(layer: tk.nn.EquivariantLinear) -> tk.nn.EquivariantLinear:
    return pickle.loads(pickle.dumps(layer))  # noqa: S301


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_deepcopy_and_pickle(parametrization: str, method: str) -> None:
    name = "all types"
    layer = make_layer(name, method, parametrization)
    x = make_input(name, 2)
    expected = layer(x)
    for other in (copy.deepcopy(layer), again(layer)):
        assert torch.equal(other(x), expected)
        assert list(other.state_dict()) == list(layer.state_dict())
        assert list(tables(other)) == list(tables(layer))
        with torch.no_grad():
            other.weight.zero_()
            other.bias.zero_()
        assert torch.equal(layer(x), expected)
        assert not other(x).any()
        for key, table in tables(layer).items():
            assert tables(other)[key].data_ptr() != table.data_ptr()
        other.load_state_dict(layer.state_dict())
        assert torch.equal(other(x), expected)
        assert repr(other) == repr(layer)


@pytest.mark.parametrize("name", FEW)
def test_copies_can_change_their_method(name: str) -> None:
    layer = make_layer(name, "dense", "orbit")
    x = make_input(name, 2)
    for other in (copy.deepcopy(layer), again(layer)):
        for method in METHODS:
            other.set_method(method)
            torch.testing.assert_close(other(x), layer(x))


def test_copies_share_their_tables() -> None:
    layer = make_layer("points")
    other = copy.deepcopy(layer)
    assert other.hom_space is layer.hom_space
    mine, theirs = layer.computation.labels._arrays, other.computation.labels._arrays
    assert theirs["points"] is mine["points"]
    assert theirs is not mine


def test_whole_modules_are_saved() -> None:
    layer = make_layer("quaternionic", "fast", "fourier")
    file = io.BytesIO()
    torch.save(layer, file)
    file.seek(0)
    other = torch.load(file, weights_only=False)
    x = make_input("quaternionic", 2)
    assert torch.equal(other(x), layer(x))


def test_averaged_models() -> None:
    layer = make_layer("points")
    average = torch.optim.swa_utils.AveragedModel(layer)
    average.update_parameters(layer)
    x = make_input("points", 2)
    torch.testing.assert_close(average(x), layer(x))


def test_parametrizations_of_weights() -> None:
    """Weight norm and the like wrap the weight; prepared kernels notice."""
    layer = make_layer("points", "structured")
    x = make_input("points", 2)
    expected = layer(x)
    torch.nn.utils.parametrizations.weight_norm(layer)
    torch.testing.assert_close(layer(x), expected)
    with torch.no_grad(), tk.nn.prepared():
        torch.testing.assert_close(layer(x), expected)
        layer.parametrizations.weight.original0.mul_(2)
        torch.testing.assert_close(layer(x) - layer.bias, 2 * (expected - layer.bias))


CODE = """
import os, sys, torch
import toolkit as tk
layers = torch.load(sys.argv[1], weights_only=False)
for layer, x, y in layers:
    torch.testing.assert_close(layer(x), y)
    layer.state_dict()
    repr(layer)
    layer.load_state_dict(layer.state_dict())
    layer.double()
    try:
        tk.group("C8 x C8 x S4").facts
    except tk.ToolkitError:
        pass
    else:
        raise SystemExit("GAP is there")
print(len(layers))
"""


@pytest.mark.slow
def test_copies_need_neither_gap_nor_a_cache(tmp_path: Path) -> None:
    layers = []
    for name in FEW:
        for method in METHODS:
            for parametrization in PARAMETRIZATIONS:
                layer = make_layer(name, method, parametrization, dtype=torch.float32)
                x = make_input(name, 2, dtype=torch.float32)
                layers.append((layer, x, layer(x).detach()))
    torch.save(layers, tmp_path / "layers.pt")
    program = tmp_path / "read.py"
    program.write_text(CODE)
    done = subprocess.run(
        [sys.executable, str(program), str(tmp_path / "layers.pt")],
        capture_output=True,
        text=True,
        env={"PATH": "", "PLREP_CACHE_DIR": str(tmp_path / "none"), "PLREP_OFFLINE": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "30"


def test_a_closed_session_is_not_asked() -> None:
    from toolkit.library.session import Session

    with Session() as session:
        X = tk.group("C6", session=session).regular_module()
        layer = tk.nn.EquivariantLinear(X, X, 3, 2, method="fast")
        other = copy.deepcopy(layer)
        text = pickle.dumps(layer)
    x = torch.randn(2, 6, 3)
    third = pickle.loads(text)  # noqa: S301
    assert torch.equal(layer(x), other(x))
    assert torch.equal(layer(x), third(x))
    third.load_state_dict(other.state_dict())
