"""Operators kept in ``eval()``: nothing stale, whatever changes weights, and right gradients."""

from __future__ import annotations

import copy
import io
import threading
from typing import TYPE_CHECKING

import pytest
import torch
from layer_cases import FEW_EACH, make_input, make_layer
from torch import nn
from torch.func import functional_call, vmap
from torch.nn.utils import parametrizations, parametrize

import toolkit as tk
from toolkit.nn.linear.kept import KeptOperator, Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    Layer = tk.nn.EquivariantLinear


def whole(layer: Layer, x: torch.Tensor) -> torch.Tensor:
    """The layer's output by brute force: its matrix, entry by entry, and its bias."""
    y = torch.einsum("moni,...ni->...mo", layer.matrix().to(x), x)
    bias = layer.bias_values()
    return y if bias is None else y + layer.invariants.read(bias.detach())


def warm(layer: Layer, x: torch.Tensor) -> KeptOperator:
    """Call a layer until it keeps its operator."""
    layer.eval()
    with torch.no_grad():
        for _ in range(3):
            layer(x)
    kept = layer._operator_kept
    assert kept is not None
    return kept


def optimised(make: Callable[..., torch.optim.Optimizer]) -> Callable[[Layer], None]:
    def change(layer: Layer) -> None:
        for p in layer.parameters():
            p.grad = torch.ones_like(p)
        make(layer.parameters(), lr=0.1).step()

    return change


def load(layer: Layer, assign: bool) -> None:
    other = copy.deepcopy(layer)
    with torch.no_grad():
        other.weight.mul_(3)
        other.bias.add_(1)
    layer.load_state_dict(other.state_dict(), assign=assign)


def swap_data(layer: Layer) -> None:
    layer.weight.data = layer.weight.data * 2
    layer.weight.data = layer.weight.data * 2  # torch may give this the first one's memory


def in_place(layer: Layer) -> None:
    with torch.no_grad():
        layer.weight.mul_(2)


def by_data(layer: Layer) -> None:
    layer.weight.data.mul_(2)


def bias_by_data(layer: Layer) -> None:
    layer.bias.data.add_(1)


def by_numpy(layer: Layer) -> None:
    layer.weight.detach().numpy()[0] = 1


def by_alias_of_storage(layer: Layer) -> None:
    torch.empty(0, dtype=layer.weight.dtype).set_(layer.weight.untyped_storage())[0] += 1


def transposed(layer: Layer) -> None:
    """The same memory, read in another order."""
    layer.weight.data = layer.weight.data.transpose(1, 2)


def new_parameter(layer: Layer) -> None:
    layer.weight = nn.Parameter(layer.weight.detach() + 1)


def new_bias(layer: Layer) -> None:
    layer.bias = nn.Parameter(layer.bias.detach() + 1)


def under_inference_mode(layer: Layer) -> None:
    with torch.inference_mode():
        layer.weight.data.add_(1)


def moved_average(layer: Layer) -> None:
    """As target networks and averages of weights are updated by many."""
    layer.weight.data.copy_(0.5 * layer.weight.data + 1)


def reset(layer: Layer) -> None:
    layer.reset_parameters()


def set_weights(layer: Layer) -> None:
    layer.set_weights(torch.ones_like(layer.weight))


def shared(layer: Layer) -> None:
    layer.share_memory()
    layer.weight.data.mul_(2)


def resized(layer: Layer) -> None:
    """Memory given back and taken again, as shards of weights are."""
    values, storage = layer.weight.detach().clone(), layer.weight.untyped_storage()
    size = storage.size()
    storage.resize_(0)
    storage.resize_(size)
    layer.weight.data.copy_(2 * values)


def other_method(layer: Layer) -> None:
    layer.set_method("fft" if layer.method == "dense" else "dense")
    layer.weight.data.mul_(2)


CHANGES: dict[str, Callable[[Layer], None]] = {
    "in place": in_place,
    "by data": by_data,
    "bias by data": bias_by_data,
    "data swapped": swap_data,
    "numpy": by_numpy,
    "an alias of the storage": by_alias_of_storage,
    "transposed in place": transposed,
    "new parameter": new_parameter,
    "new bias": new_bias,
    "inference mode": under_inference_mode,
    "moving average": moved_average,
    "load_state_dict": lambda layer: load(layer, assign=False),
    "load_state_dict, assign": lambda layer: load(layer, assign=True),
    "SGD": optimised(torch.optim.SGD),
    "SGD, foreach": optimised(lambda p, lr: torch.optim.SGD(p, lr=lr, foreach=True)),
    "SGD, fused": optimised(lambda p, lr: torch.optim.SGD(p, lr=lr, fused=True)),
    "Adam, foreach": optimised(lambda p, lr: torch.optim.Adam(p, lr=lr, foreach=True)),
    "Adam, fused": optimised(lambda p, lr: torch.optim.Adam(p, lr=lr, fused=True)),
    "reset_parameters": reset,
    "set_weights": set_weights,
    "share_memory": shared,
    "storage resized": resized,
    "set_method": other_method,
    "vector_to_parameters": lambda layer: nn.utils.vector_to_parameters(
        torch.ones(sum(p.numel() for p in layer.parameters()), dtype=torch.float64),
        layer.parameters(),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    ("method", "parametrization"),
    [("dense", "orbit"), ("dense", "fourier"), ("structured", "orbit"), ("fast", "fourier")],
)
def test_every_change_is_seen(change: str, method: str, parametrization: str) -> None:
    layer = make_layer("quaternionic", method, parametrization, (3, 3))
    x = make_input("quaternionic", 2)
    warm(layer, x)
    with torch.no_grad():
        before = layer(x).clone()
        torch.testing.assert_close(before, whole(layer, x))
        CHANGES[change](layer)
        for _ in range(3):
            after = layer(x)
            assert not torch.allclose(after, before)
            torch.testing.assert_close(after, whole(layer, x))


@pytest.mark.parametrize("move", [lambda m: m.float(), lambda m: m.half(), lambda m: m.bfloat16()])
def test_moved(move: Callable[[nn.Module], nn.Module]) -> None:
    layer, x = make_layer("quaternionic"), make_input("quaternionic", 2)
    warm(layer, x)
    with torch.no_grad():
        move(layer)
        assert layer._operator_kept is None
        narrow = x.to(layer.weight.dtype)
        for _ in range(3):
            assert layer(narrow).dtype == layer.weight.dtype
        wide = copy.deepcopy(layer).double()
        torch.testing.assert_close(
            layer(narrow).double(), wide(narrow.double()), rtol=2e-2, atol=4e-2
        )
        layer.to("meta")
        assert layer(narrow.to("meta")).is_meta
        layer.to_empty(device="cpu").double()
        layer.reset_parameters()
        for _ in range(3):
            torch.testing.assert_close(layer(x), whole(layer, x))


@pytest.mark.parametrize("method", ["dense", "fft"])
def test_copies_are_their_own(method: str) -> None:
    layer, x = make_layer("quaternionic", method), make_input("quaternionic", 2)
    warm(layer, x)
    file = io.BytesIO()
    torch.save(layer, file)
    file.seek(0)
    saved = torch.load(file, weights_only=False)
    with torch.no_grad():
        expected = layer(x)
        for other in (copy.deepcopy(layer), saved, copy.copy(layer)):
            torch.testing.assert_close(other(x), expected)
        for other in (copy.deepcopy(layer), saved):
            assert "_operator_kept" not in other.__dict__
            other.weight.data.zero_()
            torch.testing.assert_close(other(x), whole(other, x))
        torch.testing.assert_close(layer(x), expected)
    assert layer.train()._operator_kept is None


def test_replicas_of_data_parallel() -> None:
    layer, x = make_layer("quaternionic"), make_input("quaternionic", 2)
    warm(layer, x)
    replica = layer._replicate_for_data_parallel()
    weight = 2 * layer.weight
    replica.weight, replica.bias = weight, layer.bias.clone()  # as torch sets them
    with torch.no_grad():
        for _ in range(3):
            torch.testing.assert_close(replica(x), functional_call(layer, {"weight": weight}, (x,)))
        assert not torch.allclose(replica(x), layer(x))


def test_threads_share_it() -> None:
    layer, x = make_layer("quaternionic"), make_input("quaternionic", 2)
    expected = layer(x).detach()
    layer.eval()
    right: list[bool] = []

    def work() -> None:
        with torch.no_grad():
            right.extend(torch.allclose(layer(x), expected) for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert right == [True] * 200


# torch compiles its rules for forward mode when they are first used
@pytest.mark.filterwarnings("ignore:.*torch.jit.script.* is deprecated:DeprecationWarning")
@pytest.mark.parametrize("method", ["dense", "fft"])
def test_under_function_transforms(method: str) -> None:
    layer, x = make_layer("quaternionic", method), make_input("quaternionic", 3)
    warm(layer, x)
    weights = torch.randn(4, *layer.weight.shape, dtype=torch.float64)

    def one(weight: torch.Tensor, x: torch.Tensor = x) -> torch.Tensor:
        return functional_call(layer, {"weight": weight}, (x,))

    with torch.no_grad():
        plain = layer(x)
        for _ in range(2):
            torch.testing.assert_close(vmap(one)(weights), torch.stack([one(w) for w in weights]))
            torch.testing.assert_close(vmap(layer)(x), plain)
            torch.testing.assert_close(layer(x), plain)
    direction = torch.randn_like(x)
    _, tangent = torch.func.jvp(layer, (x,), (direction,))
    no_bias = torch.zeros_like(layer.bias)
    linear = functional_call(layer, {"bias": no_bias}, (direction,))
    torch.testing.assert_close(tangent, linear)
    with torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(x, direction)
        tangent = torch.autograd.forward_ad.unpack_dual(layer(dual)).tangent
    torch.testing.assert_close(tangent, linear)
    gradient = torch.func.grad(lambda w: one(w).square().sum())(layer.weight.detach())
    layer(x).square().sum().backward()
    torch.testing.assert_close(gradient, layer.weight.grad)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
def test_a_traced_layer_has_its_weights_and_not_the_operator() -> None:
    layer, x = make_layer("quaternionic"), make_input("quaternionic", 2)
    warm(layer, x)
    with torch.no_grad():
        traced = torch.jit.trace(layer, (x,))
        torch.testing.assert_close(traced(x), layer(x))
        layer.weight.mul_(2)
        torch.testing.assert_close(traced(x), layer(x))


@pytest.mark.parametrize("method", ["dense", "fft"])
def test_compiled_and_exported_programs_read_the_weights(method: str) -> None:
    layer, x = make_layer("quaternionic", method), make_input("quaternionic", 2)
    warm(layer, x)
    torch._dynamo.reset()
    compiled = torch.compile(layer, fullgraph=True, backend="eager")
    with torch.no_grad():
        before = layer(x)
        torch.testing.assert_close(compiled(x), before)
        layer.weight.data.mul_(2)
        torch.testing.assert_close(compiled(x), layer(x))
        assert not torch.allclose(layer(x), before)
        program = torch.export.export(layer, (x,))
        torch.testing.assert_close(program.module()(x), layer(x))
        assert "weight" in program.state_dict


@pytest.mark.parametrize("wrap", [parametrizations.weight_norm, parametrizations.spectral_norm])
def test_parametrised_weights(wrap: Callable[[nn.Module], nn.Module]) -> None:
    layer, x = make_layer("quaternionic"), make_input("quaternionic", 2)
    warm(layer, x)
    wrap(layer)
    layer.eval()
    with torch.no_grad():
        for _ in range(3):
            torch.testing.assert_close(layer(x), whole(layer, x))
        layer.parametrizations.weight[0].eval()
        for p in layer.parametrizations.parameters():
            p.add_(0.1)
        for _ in range(3):
            torch.testing.assert_close(layer(x), whole(layer, x))
        parametrize.remove_parametrizations(layer, "weight")
        for _ in range(3):
            torch.testing.assert_close(layer(x), whole(layer, x))


@pytest.mark.parametrize(("name", "method"), FEW_EACH)
@pytest.mark.parametrize("parametrization", ["orbit", "fourier"])
def test_gradients_in_eval(name: str, method: str, parametrization: str) -> None:
    """With gradients enabled, as many evaluate: those of ``train()``, and none are lost."""
    layer = make_layer(name, method, parametrization)
    x = make_input(name, 3).requires_grad_()
    arguments = (x, *layer.parameters())  # signed modules may have no invariants, hence no bias
    expected = torch.autograd.grad(layer(x).square().sum(), arguments)
    warm(layer, x.detach())
    for _ in range(3):
        found = torch.autograd.grad(layer(x).square().sum(), arguments)
        for a, b in zip(found, expected, strict=True):
            torch.testing.assert_close(a, b)
    for i, free in enumerate(arguments):  # all others are frozen
        layer.requires_grad_(False)
        free.requires_grad_(True)
        (only,) = torch.autograd.grad(layer(x).square().sum(), (free,))
        torch.testing.assert_close(only, expected[i])


def test_second_order_in_eval() -> None:
    layer = make_layer("quaternionic", "dense", "orbit", (2, 1))
    x = make_input("quaternionic", 2, channels=2).requires_grad_()
    warm(layer, x.detach())
    function = lambda x, *p: layer(x)  # noqa: E731
    arguments = (x, layer.weight, layer.bias)
    assert torch.autograd.gradcheck(function, arguments, fast_mode=True)
    assert torch.autograd.gradgradcheck(function, arguments, fast_mode=True)


def test_inference_mode_and_back() -> None:
    layer, x = make_layer("quaternionic"), make_input("quaternionic", 2)
    layer.eval()
    with torch.inference_mode():
        for _ in range(3):
            layer(x)
    assert layer._operator_kept is not None
    y = layer(x.requires_grad_())
    y.sum().backward()  # an operator made in inference mode could not be saved for this
    assert x.grad is not None


@pytest.mark.parametrize("dtype", [torch.half, torch.bfloat16])
def test_autocast_in_eval(dtype: torch.dtype) -> None:
    layer = make_layer("quaternionic", dtype=torch.float32)
    x = make_input("quaternionic", 2, dtype=torch.float32)
    warm(layer, x)
    with torch.no_grad():
        expected = layer(x)
        with torch.autocast("cpu", dtype):
            y, again = layer(x), layer(x.to(dtype))
        assert y.dtype == again.dtype == dtype
        torch.testing.assert_close(y.float(), expected, rtol=0.05, atol=0.05)
        torch.testing.assert_close(again.float(), expected, rtol=0.05, atol=0.05)
        assert torch.equal(layer(x), expected)


def test_errors_are_the_same() -> None:
    layer, x = make_layer("quaternionic"), make_input("quaternionic", 2)
    warm(layer, x)
    with torch.no_grad():
        for wrong, message in (
            (x[:, :7], "must have shape"),
            (x[..., :2], "must have shape"),
            (x[0, 0], "must have shape"),
            (x.float(), "weights' type"),
        ):
            with pytest.raises(tk.errors.ModuleMismatchError, match=message):
                layer(wrong)


def test_shapes_in_eval() -> None:
    layer, x = make_layer("quaternionic"), make_input("quaternionic", 2, 4, 3)
    warm(layer, x)
    with torch.no_grad():
        for one in (x, x[0], x[0, 0], x[0, 0, 0], x[:0], x[:, :0], x.transpose(0, 1)):
            torch.testing.assert_close(layer(one), whole(layer, one))
        strided = x.transpose(-1, -2).contiguous().transpose(-1, -2)
        torch.testing.assert_close(layer(strided), whole(layer, x))


@pytest.mark.parametrize("size", [3, 8, 1 << 15])
def test_a_snapshot_sees_one_bit(size: int) -> None:
    weight = nn.Parameter(torch.zeros(size))
    snapshot = Snapshot(weight)
    assert snapshot.holds(weight)
    assert not snapshot.holds(None)
    assert not snapshot.holds(nn.Parameter(torch.zeros(size)))
    weight.data[-1] = -0.0
    assert not snapshot.holds(weight)
    weight.data[-1] = 0.0
    assert snapshot.holds(weight)
    weight.data[0] = float("nan")
    again = Snapshot(weight)
    assert again.holds(weight)
