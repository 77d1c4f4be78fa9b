"""What people do to ``nn.Linear`` can be done to our layers, with the same outcome."""

from __future__ import annotations

import copy
import io
import pickle  # noqa: TID251 - that layers can be pickled is what is tested
import warnings
from typing import TYPE_CHECKING, Any

import pytest
import torch
from layer_cases import make_input, make_layer, tables
from torch import nn
from torch.nn.utils import parametrizations, parametrize, prune
from torch.optim.swa_utils import (
    AveragedModel,
    get_ema_avg_fn,
    get_ema_multi_avg_fn,
    get_swa_avg_fn,
    get_swa_multi_avg_fn,
)

import toolkit as tk

if TYPE_CHECKING:
    from collections.abc import Callable

Outcome = dict[str, Any]


class Counting(nn.Module):
    """What people add in a subclass: buffers of their own, in the state and out of it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))
        self.register_buffer("scale", torch.full((2,), 0.1, dtype=torch.float64))
        self.register_buffer("scratch", torch.arange(3.0), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return super().forward(x) * self.scale.sum().to(x.dtype)


class CountingLinear(Counting, nn.Linear):
    pass


class CountingEquivariant(Counting, tk.nn.EquivariantLinear):
    pass


class Double(nn.Module):
    """A parametrisation: the weight is twice what is stored."""

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        return 2 * weight

    def right_inverse(self, weight: torch.Tensor) -> torch.Tensor:
        return weight / 2


def linear() -> tuple[nn.Module, torch.Tensor]:
    torch.manual_seed(1)
    return nn.Linear(6, 4, dtype=torch.float64), torch.randn(5, 6, dtype=torch.float64)


def counting_linear() -> tuple[nn.Module, torch.Tensor]:
    torch.manual_seed(1)
    return CountingLinear(6, 4, dtype=torch.float64), torch.randn(5, 6, dtype=torch.float64)


def equivariant(method: str, parametrization: str) -> Callable[[], tuple[nn.Module, torch.Tensor]]:
    def make() -> tuple[nn.Module, torch.Tensor]:
        return make_layer("points", method, parametrization), make_input("points", 5)

    make.__name__ = f"{method}_{parametrization}"
    return make


def counting(method: str, parametrization: str) -> Callable[[], tuple[nn.Module, torch.Tensor]]:
    def make() -> tuple[nn.Module, torch.Tensor]:
        X, Y = make_layer("points").X, make_layer("points").Y
        options = {"method": method, "parametrization": parametrization, "dtype": torch.float64}
        torch.manual_seed(1)
        return CountingEquivariant(X, Y, 3, 2, **options), make_input("points", 5)

    make.__name__ = f"counting_{method}_{parametrization}"
    return make


OURS = [equivariant("dense", "orbit"), equivariant("fast", "orbit"), equivariant("fft", "fourier")]
OURS_COUNTING = [counting("dense", "orbit"), counting("spectral", "orbit")]


def saved(thing: Any, weights_only: bool) -> Any:
    file = io.BytesIO()
    torch.save(thing, file)
    file.seek(0)
    return torch.load(file, weights_only=weights_only)


def foreign(layer: nn.Module) -> Outcome:
    """What is registered on a layer, but for the recipe that ours have."""
    return {
        "state": [k for k in layer.state_dict() if not k.endswith("_extra_state")],
        "parameters": [k for k, _ in layer.named_parameters()],
        "buffers": {k: (b.dtype, b.device.type) for k, b in layer.named_buffers()},
        "types": {k: (p.dtype, p.device.type) for k, p in layer.named_parameters()},
        "hooks": (len(layer._forward_pre_hooks), len(layer._forward_hooks)),
    }


def same(a: nn.Module, b: nn.Module, x: torch.Tensor) -> bool:
    return torch.equal(a(x), b(x))


def trained(layer: nn.Module, x: torch.Tensor) -> bool:
    """Take a step; say whether every parameter had a gradient that is not zero."""
    optimizer = torch.optim.Adam(layer.parameters())
    layer(x).square().sum().backward()
    moved = all(p.grad is not None and bool(p.grad.any()) for p in layer.parameters())
    optimizer.step()
    return moved


def loaded(layer: nn.Module, state: dict[str, Any]) -> str:
    """Say what comes of loading a state."""
    try:
        return str(layer.load_state_dict(state))
    except RuntimeError as error:  # old-style norms leave a hook behind that misses their keys
        return str(error).partition("\n")[2]


def copies(layer: nn.Module, x: torch.Tensor) -> Outcome:
    """Every way to copy a layer: what comes of each."""
    found: Outcome = {}
    ways: dict[str, Callable[[], nn.Module]] = {
        "deepcopy": lambda: copy.deepcopy(layer),
        "pickle": lambda: pickle.loads(pickle.dumps(layer)),  # noqa: S301
        "save": lambda: saved(layer, weights_only=False),
    }
    for name, way in ways.items():
        try:
            other = way()
        except (RuntimeError, AttributeError, TypeError) as error:
            found[name] = type(error).__name__
            continue
        found[name] = (same(layer, other, x), foreign(other))
        found[f"{name}, state"] = loaded(other, saved(layer.state_dict(), weights_only=True))
    return found


def pruned(layer: nn.Module, x: torch.Tensor) -> Outcome:
    prune.l1_unstructured(layer, "weight", amount=0.5)
    zeros = int((layer.weight == 0).sum()) * 2 == layer.weight.numel()
    found = {"zeros": zeros, **foreign(layer), **copies(layer.eval(), x)}
    found["trained"] = trained(layer, x)
    layer(x)
    prune.remove(layer, "weight")
    return {**found, "removed": foreign(layer), "after": copies(layer, x)}


def spectral_norm_by_hook(layer: nn.Module, x: torch.Tensor) -> Outcome:
    torch.nn.utils.spectral_norm(layer)
    found = {**foreign(layer), "trained": trained(layer, x)}
    layer.eval()
    layer(x)
    state = layer.state_dict()
    before = layer(x)
    with torch.no_grad():
        layer.weight_orig.zero_()
    layer.load_state_dict(state)
    found["again"] = bool(torch.equal(layer(x), before)) or str(layer.weight_orig.abs().max() > 0)
    layer.double()
    layer(x)
    torch.nn.utils.remove_spectral_norm(layer)
    return {**found, "removed": foreign(layer), "after": copies(layer, x)}


def weight_norm_by_hook(layer: nn.Module, x: torch.Tensor) -> Outcome:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        torch.nn.utils.weight_norm(layer)
    found = {**foreign(layer), "trained": trained(layer, x)}
    torch.nn.utils.remove_weight_norm(layer)
    return {**found, "removed": foreign(layer), "after": copies(layer, x)}


def parametrized(wrap: Callable[[nn.Module], Any]) -> Callable[[nn.Module, torch.Tensor], Outcome]:
    def operation(layer: nn.Module, x: torch.Tensor) -> Outcome:
        wrap(layer)
        found = {**foreign(layer), "trained": trained(layer, x), "copies": copies(layer.eval(), x)}
        layer.float().double()
        layer(x)
        parametrize.remove_parametrizations(layer, "weight")
        return {**found, "removed": foreign(layer)}

    operation.__name__ = f"parametrized_{wrap.__name__}"
    return operation


def double(layer: nn.Module) -> None:
    parametrize.register_parametrization(layer, "weight", Double())


def copied(layer: nn.Module, x: torch.Tensor) -> Outcome:
    layer(x)
    return {**foreign(layer), **copies(layer, x)}


def moved(layer: nn.Module, x: torch.Tensor) -> Outcome:
    found: Outcome = {}
    before = layer(x)
    for name, move in {
        "half": lambda m: m.half(),
        "bfloat16": lambda m: m.bfloat16(),
        "float": lambda m: m.float(),
        "double": lambda m: m.double(),
        "to": lambda m: m.to(torch.float32),
        "type": lambda m: m.type(torch.float64),
        "meta": lambda m: m.to("meta"),
        "empty": lambda m: m.to_empty(device="cpu"),
    }.items():
        moved = move(copy.deepcopy(layer))
        found[name] = foreign(moved)
        if name != "meta":
            dtype = next(moved.parameters()).dtype
            found[f"{name}, y"] = moved(x.to(dtype)).dtype
    layer.half().bfloat16().double()
    return {**found, "close": bool((layer(x) - before).abs().max() < 0.1)}


def shared(layer: nn.Module, x: torch.Tensor) -> Outcome:
    before = layer(x)
    layer.share_memory()
    tensors = [*layer.parameters(), *layer.buffers()]
    return {
        "shared": all(t.is_shared() for t in tensors),
        "same": torch.equal(layer(x), before),
        **foreign(layer),
    }


def averaged(layer: nn.Module, x: torch.Tensor) -> Outcome:
    found: Outcome = {}
    for use_buffers in (False, True):
        for name, options in {
            "plain": {},
            "swa": {"avg_fn": get_swa_avg_fn()},
            "ema": {"avg_fn": get_ema_avg_fn(0.99)},
            "swa, many": {"multi_avg_fn": get_swa_multi_avg_fn()},
            "ema, many": {"multi_avg_fn": get_ema_multi_avg_fn(0.99)},
        }.items():
            outcome: Any
            try:
                average = AveragedModel(layer, use_buffers=use_buffers, **options)
                for _ in range(30):
                    average.update_parameters(layer)
                outcome = bool(torch.allclose(average.module(x), layer(x)))
                outcome = outcome, str(average.load_state_dict(average.state_dict()))
            except RuntimeError as error:
                outcome = type(error).__name__
            found[f"{name}, {use_buffers}"] = outcome
    return found


def hooked(layer: nn.Module, x: torch.Tensor) -> Outcome:
    seen: list[str] = []
    layer.register_forward_pre_hook(lambda *_: seen.append("before"))
    layer.register_forward_hook(lambda *_: seen.append("after"))
    layer.register_full_backward_hook(lambda *_: seen.append("backward"))
    layer.register_state_dict_post_hook(lambda *_: seen.append("state"))
    layer(x.requires_grad_()).sum().backward()
    layer.state_dict()
    return {"seen": seen, **foreign(layer)}


def functional(layer: nn.Module, x: torch.Tensor) -> Outcome:
    others = [copy.deepcopy(layer) for _ in range(3)]
    parameters, buffers = torch.func.stack_module_state(others)
    y = torch.func.vmap(
        lambda p, b: torch.func.functional_call(layer, (p, b), (x,)), in_dims=(0, 0)
    )(parameters, buffers)
    return {
        "buffers": list(buffers),
        "same": all(torch.allclose(one, layer(x)) for one in y),
        "gradients": sorted(
            torch.func.grad(lambda p: torch.func.functional_call(layer, p, (x,)).sum())(
                dict(layer.named_parameters())
            )
        ),
    }


OPERATIONS = [
    copied,
    pruned,
    spectral_norm_by_hook,
    weight_norm_by_hook,
    parametrized(parametrizations.spectral_norm),
    parametrized(parametrizations.weight_norm),
    parametrized(double),
    moved,
    shared,
    averaged,
    hooked,
    functional,
]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("ours", OURS)
def test_as_linear(
    operation: Callable[[nn.Module, torch.Tensor], Outcome],
    ours: Callable[[], tuple[nn.Module, torch.Tensor]],
) -> None:
    assert operation(*ours()) == operation(*linear())


@pytest.mark.parametrize("operation", [op for op in OPERATIONS if op is not functional])
@pytest.mark.parametrize("ours", OURS_COUNTING)
def test_a_subclass_with_buffers_as_one_of_linear(
    operation: Callable[[nn.Module, torch.Tensor], Outcome],
    ours: Callable[[], tuple[nn.Module, torch.Tensor]],
) -> None:
    assert operation(*ours()) == operation(*counting_linear())


def test_weights_moved_by_others_are_followed() -> None:
    """Some tools move parameters and nothing else: the constants come along in forward."""
    layer, x = make_layer("points", "fast", "orbit"), make_input("points", 2)
    expected = layer(x)
    for name in ("weight", "bias"):
        setattr(layer, name, nn.Parameter(getattr(layer, name).detach().to("meta")))
    assert layer(x.to("meta")).is_meta
    assert {t.device.type for t in tables(layer).values()} == {"meta"}
    layer.load_state_dict(make_layer("points", "fast", "orbit").state_dict(), assign=True)
    assert torch.equal(layer(x), expected)


POOLS = {
    "invariant": lambda X: tk.nn.InvariantPooling(X),
    "pooling": lambda X: tk.nn.EquivariantPooling(X, X),
    "unpooling": lambda X: tk.nn.EquivariantUnpooling(X, X),
}


@pytest.mark.parametrize("name", POOLS)
def test_layers_without_weights_have_nothing_of_their_own(name: str) -> None:
    X = tk.group("S4").natural_module()
    layer = POOLS[name](X)
    assert not list(layer.buffers())
    assert not list(layer.parameters())
    assert not list(layer.state_dict())
    layer.register_buffer("mine", torch.tensor(0.1, dtype=torch.float64))
    x = torch.randn(3, 4, 2, dtype=torch.float64)
    for other in (copy.deepcopy(layer), saved(layer, weights_only=False)):
        assert torch.equal(other(x), layer(x))
        assert list(other.state_dict()) == ["mine"]
    assert layer.half().mine.dtype == torch.half
    assert torch.equal(layer.double()(x), copy.deepcopy(layer)(x))


def _spawned(layer: nn.Module, x: torch.Tensor, queue: Any) -> None:
    queue.put(layer(x).detach().numpy())


@pytest.mark.slow
@pytest.mark.parametrize("share", [False, True])
def test_spawned_workers(share: bool) -> None:
    context = torch.multiprocessing.get_context("spawn")
    layer, x = counting("dense", "orbit")()
    if share:
        layer.share_memory()
    queue = context.Queue()
    worker = context.Process(target=_spawned, args=(layer, x, queue))
    worker.start()
    found = queue.get()
    worker.join()
    assert worker.exitcode == 0
    own = layer(x).detach()
    torch.testing.assert_close(torch.from_numpy(found), own)
    assert int(layer.calls) == 2  # one here and one there: torch shares what it sends
