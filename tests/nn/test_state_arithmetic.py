"""Arithmetic on whole states, as people do it: averages, sums, moving averages, other types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
import torch.distributed.checkpoint as dcp
from layer_cases import FEW, FEW_EACH, PARAMETRIZATIONS, make_input, make_layer, modules
from torch import nn

import toolkit as tk
from toolkit.errors import CheckpointMismatchError
from toolkit.nn.linear.recipe import make_recipe, read_recipe, recipe_tensor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

State = dict[str, torch.Tensor]


def moving_average(states: list[State]) -> State:
    out = dict(states[0])
    for state in states[1:]:
        out = {k: 0.9999 * v + 0.0001 * state[k] for k, v in out.items()}
    return out


def moving_average_in_place(states: list[State]) -> State:
    out = {k: v.clone() for k, v in states[0].items()}
    for state in states[1:]:
        for k, v in out.items():
            v.mul_(0.9).add_(state[k], alpha=0.1)
    return out


def mixture(states: list[State]) -> State:
    return {k: 0.9 * v + 0.1 * states[1][k] for k, v in states[0].items()}


def interpolation(states: list[State]) -> State:
    return {k: torch.lerp(v, states[1][k], 0.3) for k, v in states[0].items()}


def mean_of_three(states: list[State]) -> State:
    return {k: (v + states[1][k] + states[2][k]) / 3 for k, v in states[0].items()}


def stacked_mean(states: list[State]) -> State:
    return {k: torch.stack([s[k] for s in states]).mean(0) for k in states[0]}


def task_vectors(states: list[State]) -> State:
    return {k: v + 0.5 * (states[1][k] - states[2][k]) for k, v in states[0].items()}


def rounded(states: list[State]) -> State:
    return mean_of_three([{k: v.bfloat16() for k, v in s.items()} for s in states])


def halves(states: list[State]) -> State:
    return mixture([{k: v.half() for k, v in s.items()} for s in states])


ARITHMETIC = [
    moving_average,
    moving_average_in_place,
    mixture,
    interpolation,
    mean_of_three,
    stacked_mean,
    task_vectors,
    rounded,
    halves,
]


@pytest.mark.parametrize("combine", ARITHMETIC)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_combinations_load(combine: Callable[[list[State]], State], parametrization: str) -> None:
    states = []
    for seed in range(3):
        layer = make_layer("points", "dense", parametrization)
        torch.manual_seed(seed)
        layer.reset_parameters()
        states.append(layer.state_dict())
    combined = combine(states)
    for other in PARAMETRIZATIONS:
        layer = make_layer("points", "fast", other)
        layer.load_state_dict(combined)
        expected = make_layer("points", "dense", parametrization)
        with torch.no_grad():
            expected.weight.copy_(combined["weight"])
            expected.bias.copy_(combined["bias"])
        torch.testing.assert_close(layer.orbit_weights(), expected.orbit_weights())


@pytest.mark.parametrize("decay", [0.9, 0.999, 0.9999, 0.99999])
def test_a_hundred_thousand_steps_of_a_moving_average(decay: float) -> None:
    recipe = make_layer("points").recipe
    start = recipe_tensor(recipe)
    state = start.clone()
    for _ in range(100_000 if decay > 0.999 else 10_000):
        state.mul_(decay).add_(start, alpha=1 - decay)
    assert read_recipe(state) == recipe


@pytest.mark.parametrize("weight", [0.1, 0.25, 0.5])
def test_mixtures_of_different_layers_are_refused(weight: float) -> None:
    X, _Y = modules("points")
    state = make_layer("points", "dense", "orbit").state_dict()
    others = [
        make_layer("points", "dense", "fourier").state_dict(),
        tk.nn.EquivariantLinear(X, X, 3, 2, method="dense", dtype=torch.float64).state_dict(),
    ]
    for other in others:
        mixed = (1 - weight) * state["_extra_state"] + weight * other["_extra_state"]
        with pytest.raises(CheckpointMismatchError):
            make_layer("points").load_state_dict({**state, "_extra_state": mixed})
    gone = state["_extra_state"] - state["_extra_state"]
    with pytest.raises(CheckpointMismatchError, match="a recipe, or a mean of equal ones"):
        make_layer("points").load_state_dict({**state, "_extra_state": gone})


def test_lengths_are_the_same_for_all_parametrisations_and_names() -> None:
    X, Y = modules("points")
    lengths = {
        len(recipe_tensor(make_layer("points", "dense", p).recipe)) for p in PARAMETRIZATIONS
    }
    named = tk.group("S4").module_from_images(Y.images.tolist(), name="the corners of the square")
    lengths.add(len(recipe_tensor(tk.nn.EquivariantLinear(X, named, 1, 1).recipe)))
    assert len(lengths) == 1
    # also where one of them just fits into the last block
    recipe = make_recipe(make_layer("points").hom_space, "orbit")
    for length in range(90, 120):
        padded = {**recipe, "group": "G" * length}
        sizes = {len(recipe_tensor({**padded, "parametrization": p})) for p in PARAMETRIZATIONS}
        assert len(sizes) == 1


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.bfloat16, torch.half])
def test_recipes_as_bytes_are_read(dtype: torch.dtype) -> None:
    """Checkpoints had the JSON text as bytes before."""
    import json

    recipe = make_layer("points").recipe
    text = json.dumps(recipe, sort_keys=True, separators=(",", ":")).encode()
    old = torch.tensor(list(text), dtype=torch.uint8).to(dtype)
    assert read_recipe(old) == recipe
    layer = make_layer("points", "fast", "fourier")
    layer.load_state_dict({**make_layer("points").state_dict(), "_extra_state": old})
    torch.testing.assert_close(layer.orbit_weights(), make_layer("points").orbit_weights())


# -- torch.distributed.checkpoint ------------------------------------------------------------------


class Model(nn.Module):
    """Two layers under names that differ between models."""

    def __init__(self, method: str, parametrization: str, name: str) -> None:
        super().__init__()
        X, Y = modules("points")
        options = {"method": method, "parametrization": parametrization, "dtype": torch.float64}
        named = tk.group("S4").module_from_images(Y.images.tolist(), name=name)
        self.first = tk.nn.EquivariantLinear(X, named, 3, 2, **options)
        self.second = tk.nn.EquivariantLinear(named, X, 2, 1, **options)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(self.first(x).tanh())


@pytest.mark.filterwarnings("ignore:torch.distributed is disabled, unavailable or uninitialized")
@pytest.mark.filterwarnings("ignore:TypedStorage is deprecated")
@pytest.mark.parametrize("saved", PARAMETRIZATIONS)
@pytest.mark.parametrize("loaded", PARAMETRIZATIONS)
def test_distributed_checkpoints(tmp_path: Path, saved: str, loaded: str) -> None:
    """Loaded in place, under other names of modules, and of the part of a model."""
    source = Model("dense", saved, "corners")
    dcp.save({"model": source.state_dict()}, checkpoint_id=tmp_path)
    target = Model("spectral", loaded, "four points of another name")
    state = {"model": target.state_dict()}
    dcp.load(state, checkpoint_id=tmp_path)
    target.load_state_dict(state["model"])
    x = make_input("points", 2)
    torch.testing.assert_close(target(x), source(x))
    # one layer alone, under another name
    alone = Model("fast", loaded, "corners").first
    part = {f"first.{k}": v for k, v in alone.state_dict().items()}
    dcp.load({"model": part}, checkpoint_id=tmp_path)
    alone.load_state_dict({k.removeprefix("first."): v for k, v in part.items()})
    torch.testing.assert_close(alone(x), source.first(x))


# -- weights without entries -----------------------------------------------------------------------


def empties() -> dict[str, nn.Module]:
    X, Y = modules("points")
    signed, other = modules("signed")
    G = tk.group("S4")
    everything, even = [[1, 2, 3, 0], [1, 0, 2, 3]], [[1, 2, 0, 3], [1, 0, 3, 2]]
    trivial, sign = G.coset_module(everything), G.signed_coset_module(everything, even)
    return {
        "no invariants": tk.nn.EquivariantLinear(signed, other, 3, 2, dtype=torch.float64),
        "no common simple": tk.nn.EquivariantLinear(trivial, sign, 3, 2, dtype=torch.float64),
        "no outputs": tk.nn.EquivariantLinear(X, Y, 3, 0, dtype=torch.float64),
        "no inputs": tk.nn.EquivariantLinear(X, Y, 0, 2, dtype=torch.float64),
        "sets": tk.nn.DeepSetsLinear(3, 0, dtype=torch.float64),
        "window": tk.nn.WindowedConvolution((4, 4), 0, 2, 3, dtype=torch.float64),
    }


@pytest.mark.parametrize("name", list(empties()))
def test_nothing_empty_is_a_parameter(name: str) -> None:
    layer = empties()[name]
    assert all(p.numel() for p in layer.parameters())
    model = nn.Sequential(nn.Linear(2, layer.in_channels or 1, dtype=torch.float64), layer)
    optimizer = torch.optim.Adafactor(model.parameters())
    points = layer.X.degree if hasattr(layer, "X") else 5
    x = model[0](torch.randn(2, points, 2, dtype=torch.float64))[..., : layer.in_channels]
    y = layer(x)
    assert y.shape[-1] == layer.out_channels
    y.sum().backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0, norm_type=float("inf"))
    optimizer.step()
    # a checkpoint from when it was one
    state = layer.state_dict()
    old = {**state, "weight": layer.weight.detach().clone()}
    if layer.bias is not None:
        old["bias"] = layer.bias.detach().clone()
    again = empties()[name]
    assert not again.load_state_dict(old).unexpected_keys
    assert not again.load_state_dict(state).missing_keys
    wrong = {**old, "weight": torch.zeros(7, 7)}
    with pytest.raises(RuntimeError, match=r"Unexpected key|size mismatch"):
        again.load_state_dict(wrong)
    assert str(again) == str(layer)


@pytest.mark.parametrize(("name", "method"), FEW_EACH)
def test_no_buffer_is_registered(name: str, method: str) -> None:
    layer = make_layer(name, method, "orbit")
    assert [k for k, _ in layer.named_buffers()] == ["bias"] * (layer.bias.numel() == 0)
    assert list(layer.modules()) == [layer]


@pytest.mark.parametrize("name", FEW)
def test_types_and_devices_follow(name: str) -> None:
    layer = make_layer(name, "dense", "orbit")
    layer.half()
    assert layer.weight.dtype == layer.bias.dtype == torch.half


@pytest.mark.parametrize("name", list(empties()))
def test_empty_layers_made_on_meta_and_assigned(name: str) -> None:
    """As FSDP's users load: built without memory, then given the tensors of a checkpoint."""
    layer = empties()[name]
    state = layer.state_dict()
    with torch.device("meta"):
        other = empties()[name]
    other.load_state_dict(state, assign=True)
    points = layer.X.degree if hasattr(layer, "X") else 5
    x = torch.randn(2, points, layer.in_channels, dtype=torch.float64)
    y = other(x)
    assert not y.is_meta
    assert torch.equal(y, layer(x))
    # single precision assigned to a layer of double precision
    single = {k: v.float() if v.is_floating_point() else v for k, v in state.items()}
    other.load_state_dict(single, assign=True)
    if list(other.parameters()):
        assert other.weight.dtype == torch.float32
        assert other.bias is None or other.bias.dtype == torch.float32
    assert other(x.float()).dtype == torch.float32


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("saved", PARAMETRIZATIONS)
@pytest.mark.parametrize("loaded", PARAMETRIZATIONS)
@pytest.mark.parametrize("channels", [(0, 2), (3, 0)])
def test_empty_weights_in_the_other_parametrisation(
    channels: tuple[int, int], saved: str, loaded: str, bias: bool
) -> None:
    state = make_layer("points", "dense", saved, channels, bias=bias).state_dict()
    assert "weight" not in state
    for assign in (False, True):
        layer = make_layer("points", "dense", loaded, channels, bias=bias)
        result = layer.load_state_dict(state, assign=assign)
        assert not result.missing_keys
        assert not result.unexpected_keys
        assert layer.parametrization == loaded


@pytest.mark.parametrize(("name", "method"), FEW_EACH)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_parameters_of_another_type(name: str, method: str, parametrization: str) -> None:
    """Given from outside, or by mixed precision: computed in their type, as Linear does."""
    for own in (torch.float32, torch.float64):
        layer = make_layer(name, method, parametrization, dtype=own)
        for other in (torch.float64, torch.float32, torch.bfloat16):
            parameters = {k: p.detach().to(other) for k, p in layer.named_parameters()}
            x = make_input(name, 2, dtype=other)
            y = torch.func.functional_call(layer, parameters, (x,))
            assert y.dtype == other
            expected = make_layer(name, method, parametrization, dtype=torch.float64)
            expected.load_state_dict(layer.state_dict())
            tolerance = {torch.bfloat16: 0.1, torch.float32: 1e-4, torch.float64: 1e-5}[other]
            torch.testing.assert_close(
                y.double(), expected(x.double()), rtol=tolerance, atol=tolerance
            )
        x = make_input(name, 2, dtype=own)
        assert layer(x).dtype == own
