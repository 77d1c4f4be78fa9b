"""Training of small layers by the quickest way: the same as the whole matrix, and never stale."""

from __future__ import annotations

import copy
import io
from typing import TYPE_CHECKING

import pytest
import torch
from layer_cases import make_input, make_layer
from torch import nn

import toolkit as tk

if TYPE_CHECKING:
    from collections.abc import Callable

    Layer = tk.nn.EquivariantLinear

#: Case, channels and batch, and which products they take.
WAYS = [
    ("quaternionic", (3, 2), 1, "one"),
    ("quaternionic", (3, 2), 5, "many"),
    ("quaternionic", (16, 8), 2, "sample"),
    ("quaternionic", (8, 8), 64, "many"),
    ("quaternionic", (16, 16), 64, "matrix"),
    ("points", (2, 2), 1, "many"),
    ("sums", (2, 3), 1, "many"),
    ("signed", (2, 3), 4, "many"),
    ("signed and plain", (2, 3), 1, "many"),
]


def way(layer: Layer, batch: int) -> str:
    direct = layer._direct
    assert direct is not None
    if batch == 1 and direct._takes_one:
        return "one"
    if batch >= direct._least:
        return "many"
    return "sample" if batch < direct._few else "matrix"


def by_matrix(layer: Layer, x: torch.Tensor) -> torch.Tensor:
    """The layer by its matrix, made entry by entry, with gradients by torch."""
    y = torch.einsum("moni,...ni->...mo", layer.matrix(detach=False), x)
    bias = layer.bias_values()
    return y if bias is None else y + layer.invariants.read(bias)


@pytest.mark.parametrize(("name", "channels", "batch", "expected"), WAYS)
def test_every_way(name: str, channels: tuple[int, int], batch: int, expected: str) -> None:
    layer = make_layer(name, "dense", "orbit", channels)
    x = make_input(name, batch, channels=channels[0]).requires_grad_()
    arguments = (x, *layer.parameters())
    layer(x)
    assert way(layer, batch) == expected
    found, right = layer(x), by_matrix(layer, x)
    torch.testing.assert_close(found, right)
    weights = torch.randn(2, *found.shape, dtype=found.dtype)
    for w in weights:
        ours = torch.autograd.grad((found * w).sum(), arguments, retain_graph=True)
        theirs = torch.autograd.grad((right * w).sum(), arguments, retain_graph=True)
        for a, b in zip(ours, theirs, strict=True):
            torch.testing.assert_close(a, b)
    batched = torch.autograd.grad(
        found, arguments, weights, is_grads_batched=True, retain_graph=True
    )
    for a, b in zip(batched, ours, strict=True):
        torch.testing.assert_close(a[-1], b)
    strided = x.detach().transpose(1, 2).contiguous().transpose(1, 2)
    torch.testing.assert_close(layer(strided), right.detach())
    for leading in ((), (2, batch), (0,), (2, 0)):
        other = make_input(name, *leading, channels=channels[0])
        torch.testing.assert_close(layer(other), by_matrix(layer, other))


@pytest.mark.parametrize(("name", "channels", "batch", "expected"), WAYS[:4] + WAYS[-3:])
def test_derivatives_of_every_order(
    name: str, channels: tuple[int, int], batch: int, expected: str
) -> None:
    layer = make_layer(name, "dense", "orbit", channels)
    x = make_input(name, batch, channels=channels[0]).requires_grad_()
    layer(x)
    assert way(layer, batch) == expected
    function = lambda x, *p: layer(x)  # noqa: E731
    arguments = (x, *layer.parameters())
    assert torch.autograd.gradcheck(function, arguments, fast_mode=True)
    assert torch.autograd.gradgradcheck(function, arguments, fast_mode=True)


def by_data(layer: Layer) -> None:
    layer.weight.data = 2 * layer.weight.data


def in_place(layer: Layer) -> None:
    layer.weight.data.mul_(2)


def transposed(layer: Layer) -> None:
    layer.weight.data = layer.weight.data.transpose(1, 2)


def new_weight(layer: Layer) -> None:
    layer.weight = nn.Parameter(layer.weight.detach() + 1)


def new_bias(layer: Layer) -> None:
    layer.bias = nn.Parameter(layer.bias.detach() + 1)


def no_bias(layer: Layer) -> None:
    layer.bias = None


def frozen(layer: Layer) -> None:
    layer.weight.requires_grad_(False)


def computed(layer: Layer) -> None:
    nn.utils.parametrizations.weight_norm(layer)


def other_method(layer: Layer) -> None:
    layer.set_method("structured")


def narrow_and_back(layer: Layer) -> None:
    layer.half().double()


def evaluated(layer: Layer) -> None:
    layer.eval()
    with torch.no_grad():
        for _ in range(3):
            layer(make_input("quaternionic", 2))
    layer.train()


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize(
    "change",
    [by_data, in_place, transposed, new_weight, new_bias, no_bias, frozen, computed, other_method,
     narrow_and_back, evaluated],
)  # fmt: skip
def test_every_change_is_seen(change: Callable[[Layer], None], batch: int) -> None:
    layer, x = (
        make_layer("quaternionic", "dense", "orbit", (3, 3)),
        make_input("quaternionic", batch),
    )
    layer(x)
    assert layer._direct is not None
    change(layer)
    for _ in range(2):
        torch.testing.assert_close(layer(x), by_matrix(layer, x))


def test_it_is_no_part_of_the_state() -> None:
    layer, x = make_layer("quaternionic"), make_input("quaternionic", 2)
    expected = layer(x)
    file = io.BytesIO()
    torch.save(layer, file)
    file.seek(0)
    for other in (
        copy.deepcopy(layer), copy.copy(layer), torch.load(file, weights_only=False)
    ):  # fmt: skip
        assert "_direct" not in other.__dict__
        torch.testing.assert_close(other(x), expected)
    assert layer.eval()._direct is None


@pytest.mark.parametrize("batch", [1, 4])
def test_what_is_out_of_the_ordinary_goes_another_way(batch: int) -> None:
    layer, x = make_layer("quaternionic", dtype=torch.float32), make_input("quaternionic", batch)
    x = x.float()
    expected = layer(x)
    state = {name: p.detach() for name, p in layer.named_parameters()}
    stacked = {name: torch.stack([p, 2 * p]) for name, p in state.items()}
    outputs = torch.func.vmap(lambda p: torch.func.functional_call(layer, p, (x,)))(stacked)
    torch.testing.assert_close(outputs, torch.stack([expected, 2 * expected]))
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(x).dtype is torch.bfloat16
    with pytest.raises(tk.errors.ModuleMismatchError, match="weights' type"):
        layer(x.double())
    with pytest.raises(tk.errors.ModuleMismatchError, match="must have shape"):
        layer(x[..., :2])
    with tk.nn.prepared(), torch.no_grad():
        torch.testing.assert_close(layer(x), expected.detach())
    narrow = copy.deepcopy(layer).bfloat16()
    y = narrow(x.bfloat16())
    assert narrow._direct._entries is None  # sums of gradients in narrow types lose digits
    torch.testing.assert_close(y.float(), expected, rtol=0.05, atol=0.05)


def test_large_layers_have_no_tables_of_entries() -> None:
    layer = make_layer("quaternionic", "dense", "orbit", (40, 40))
    assert layer.computation.gathered(layer.weight).entries is None
    layer = make_layer("quaternionic", "dense", "orbit", (16, 16))
    entries = layer.computation.gathered(layer.weight).entries
    assert entries.takes_one
    assert entries.least == float("inf")
    assert "entries" not in entries._buffers
