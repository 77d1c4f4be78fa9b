"""Layers on devices: the meta device, deferred initialisation, and a real accelerator."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from layer_cases import (
    FEW_EACH,
    METHODS,
    PARAMETRIZATIONS,
    make_input,
    make_layer,
    modules,
    tables,
)
from torch import nn

import toolkit as tk


@pytest.mark.parametrize(("name", "method"), FEW_EACH)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_meta_device_and_back(name: str, parametrization: str, method: str) -> None:
    X, Y = modules(name)
    options = {"method": method, "parametrization": parametrization, "dtype": torch.float64}
    layer = tk.nn.EquivariantLinear(X, Y, 3, 2, device="meta", **options)
    assert {t.device.type for t in (*layer.parameters(), *tables(layer).values())} == {"meta"}
    x = make_input(name, 4)
    y = layer(x.to("meta"))
    assert y.is_meta
    assert y.shape == (4, layer.hom_space.shape[0], 2)
    layer.to_empty(device="cpu")
    assert {t.device.type for t in (*layer.parameters(), *tables(layer).values())} == {"cpu"}
    layer.load_state_dict(make_layer(name, "dense", "orbit").state_dict())
    torch.testing.assert_close(layer(x), make_layer(name, "dense", "orbit")(x))
    again = make_layer(name, method, parametrization).to("meta")
    assert {t.device.type for t in (*again.parameters(), *tables(again).values())} == {"meta"}
    assert again.state_dict()["weight"].is_meta
    again.to_empty(device="cpu").reset_parameters()
    again(x)


@pytest.mark.parametrize("method", METHODS)
def test_skip_init(method: str) -> None:
    X, Y = modules("points")
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    layer = nn.utils.skip_init(
        tk.nn.EquivariantLinear, X, Y, 3, 2, method=method, dtype=torch.float64
    )
    assert torch.equal(torch.rand(1), expected)  # nothing was drawn
    layer.load_state_dict(make_layer("points").state_dict())
    x = make_input("points", 2)
    torch.testing.assert_close(layer(x), make_layer("points")(x))


@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_device_contexts(parametrization: str) -> None:
    X, Y = modules("points")
    with torch.device("meta"):
        layer = tk.nn.EquivariantLinear(X, Y, 3, 2, parametrization=parametrization)
        assert layer.weight.is_meta
        assert all(b.is_meta for b in tables(layer).values())
    layer.to_empty(device="cpu")
    with torch.device("meta"):
        layer.reset_parameters()
        found = layer.fourier_blocks()
    assert all(not block.is_meta and block.isfinite().all() for block in found.values())


def test_no_device_is_written_into_the_layers() -> None:
    """Tensors are made where the layer is; the host is named only where numpy needs it."""
    folder = Path(tk.nn.__file__).parent
    allowed = {
        "equivariant_linear.py": 2,  # draws and exact conversions, said there
        "exchangeable.py": 2,  # the same
        "convolution/convolution.py": 1,  # where small kernels are gathered in another order
        "convolution/windowed_map.py": 1,  # draws
        "linear/direct.py": 1,  # where sums of gradients have a fixed order
        "linear/sizes.py": 2,  # conversions
        "linear/whole_matrix.py": 1,  # conversions
        "linear/weighted_map.py": 2,  # autocast
        "linear/kept.py": 1,  # where bytes are compared
        "linear/tuning.py": 1,  # what needs no waiting for
        "linear/tensors/constants.py": 1,  # what can be in shared memory
        "files.py": 1,  # where files are read
        "rebuilding.py": 1,  # the same
    }
    for path in sorted(folder.rglob("*.py")):
        named = re.findall(r"""["']cpu["']""", path.read_text())
        assert not re.search(r"\.cuda\(", path.read_text()), path.name
        name = path.relative_to(folder).as_posix()
        assert len(named) <= allowed.get(name, 0), name


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize(("name", "method"), FEW_EACH)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_cuda(name: str, parametrization: str, method: str) -> None:
    layer = make_layer(name, method, parametrization)
    x = make_input(name, 4)
    expected = layer(x)
    layer.to("cuda")
    assert {t.device.type for t in (*layer.parameters(), *tables(layer).values())} == {"cuda"}
    own = x.to("cuda").requires_grad_()
    y = layer(own)
    torch.testing.assert_close(y.cpu(), expected)
    y.sum().backward()
    assert layer.weight.grad.is_cuda
    made = make_layer(name, method, parametrization, device="cuda")
    torch.testing.assert_close(made.weight.cpu(), make_layer(name, method, parametrization).weight)
    made.load_state_dict(layer.state_dict())
    torch.testing.assert_close(made(own), y)
    layer.reset_parameters()
    layer.fourier_blocks()
    layer.matrix()
    layer.to_dense()
    single = layer.float()
    with torch.autocast("cuda", torch.bfloat16):
        assert single(x.float().to("cuda")).dtype == torch.bfloat16
    assert set(single.tune(x.float().to("cuda"))) >= set(METHODS)
