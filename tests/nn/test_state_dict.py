"""Checkpoints: what is in them, who may read them, and what is refused."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import warnings

import pytest
import torch
from layer_cases import FEW, FEW_EACH, METHODS, PARAMETRIZATIONS, make_input, make_layer, modules
from torch import nn

import toolkit as tk
from toolkit.errors import CheckpointMismatchError
from toolkit.nn.linear.recipe import read_recipe


def saved(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return what comes back from a file, read without any trust in it."""
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


@pytest.mark.parametrize("name", FEW)
def test_keys_are_the_same_everywhere(name: str) -> None:
    for parametrization in PARAMETRIZATIONS:
        for method in METHODS:
            layer = make_layer(name, method, parametrization)
            keys = list(layer.state_dict())
            biases = [] if layer.bias.numel() == 0 else ["bias"]
            assert keys == ["weight", *biases, "_extra_state"]
            assert list(layer.eval().state_dict()) == keys
            assert all(isinstance(v, torch.Tensor) for v in layer.state_dict().values())
            assert not list(layer.modules())[1:]
            assert not [k for k, buffer in layer.named_buffers() if buffer.numel()]
            saved(layer.state_dict())
    assert list(make_layer(name, bias=False).state_dict()) == ["weight", "_extra_state"]


@pytest.mark.parametrize(("name", "method"), FEW_EACH)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_any_method_and_parametrisation_reads_any(
    name: str, parametrization: str, method: str
) -> None:
    x = make_input(name, 2)
    for own in PARAMETRIZATIONS:
        source = make_layer(name, "dense", own)
        target = make_layer(name, method, parametrization)
        target.reset_parameters()
        result = target.load_state_dict(saved(source.state_dict()))
        assert not result.missing_keys
        assert not result.unexpected_keys
        assert target.parametrization == parametrization
        torch.testing.assert_close(target(x), source(x), rtol=1e-12, atol=1e-12)
        if own == parametrization:
            assert torch.equal(target.weight, source.weight)


def on_trust(missing: str) -> contextlib.AbstractContextManager[object]:
    """Return a context that expects a warning if the recipe is missing."""
    if missing != "_extra_state":
        return contextlib.nullcontext()
    return pytest.warns(
        UserWarning, match=r"without the recipe \(_extra_state\).*accepted unchecked"
    )


def test_strictness() -> None:
    layer = make_layer("points")
    state = layer.state_dict()
    for name in ("weight", "bias", "_extra_state"):
        part = {k: v for k, v in state.items() if k != name}
        with pytest.raises(RuntimeError, match=rf'Missing key.*"{name}"'), on_trust(name):
            make_layer("points").load_state_dict(part)
        with on_trust(name):
            found = make_layer("points").load_state_dict(part, strict=False)
        assert found.missing_keys == [name]
    extra = {**state, "more": torch.zeros(1)}
    with pytest.raises(RuntimeError, match=r'Unexpected key.*"more"'):
        make_layer("points").load_state_dict(extra)
    assert make_layer("points").load_state_dict(extra, strict=False).unexpected_keys == ["more"]
    with pytest.raises(RuntimeError, match="size mismatch for weight"):
        make_layer("points", channels=(3, 5)).load_state_dict(state)
    with pytest.raises(RuntimeError, match="size mismatch for weight"):
        make_layer("points", "fast", "fourier", (3, 5)).load_state_dict(state)


def renamed() -> tk.nn.EquivariantLinear:
    """The same layer as "points", with the points of Y in another order."""
    X, Y = modules("points")
    G = tk.group("S4")
    order = [2, 0, 1, 3]
    images = [[order.index(int(row[order[i]])) for i in range(4)] for row in Y.images]
    return tk.nn.EquivariantLinear(
        X, G.module_from_images(images), 3, 2, method="dense", dtype=torch.float64
    )


def corrupted(state: dict[str, torch.Tensor], **changes: object) -> dict[str, torch.Tensor]:
    recipe = read_recipe(state["_extra_state"])
    text = json.dumps({**recipe, **changes}).encode()
    return {**state, "_extra_state": torch.tensor(list(text), dtype=torch.uint8)}


def with_bytes(state: dict[str, torch.Tensor], text: bytes) -> dict[str, torch.Tensor]:
    return {**state, "_extra_state": torch.tensor(list(text), dtype=torch.uint8)}


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("assign", [True, False])
def test_refusals_change_nothing(strict: bool, assign: bool) -> None:
    layer = make_layer("cyclic")
    state = make_layer("cyclic").state_dict()
    state["weight"] = state["weight"] + 1
    X = tk.group("C2 x C4").regular_module()
    foreign = tk.nn.EquivariantLinear(X, X, 3, 2, method="dense", dtype=torch.float64)
    Z = next(M for M in tk.group("C8").permutation_modules() if M.degree == 4)
    bad = {
        "another group": foreign.state_dict(),
        "another module": tk.nn.EquivariantLinear(
            Z + Z, Z, 3, 2, method="dense", dtype=torch.float64
        ).state_dict(),
        "another name": corrupted(state, group="C9"),
        "another version": corrupted(state, recipe=99),
        "another count": corrupted(state, weights=9),
        "no source": corrupted(state, source=None),
        "no parametrisation": corrupted(state, parametrization=None),
        "nonsense": with_bytes(state, b"nonsense"),
        "no text": with_bytes(state, b"\xff\xfe"),
        "a list": with_bytes(state, b"[1, 2]"),
        "nothing": with_bytes(state, b""),
        "deep": with_bytes(state, b"[" * 100_000),
        "no tensor": {**state, "_extra_state": "text"},
        "a number": {**state, "_extra_state": torch.tensor(3)},
    }
    weight, before = layer.weight, layer.weight.detach().clone()
    for what, broken in bad.items():
        with pytest.raises(CheckpointMismatchError) as caught:
            layer.load_state_dict(broken, strict=strict, assign=assign)
        assert "belong to another layer" in str(caught.value), what
        assert "\n" not in str(caught.value)
        assert layer.weight is weight, what
        assert torch.equal(layer.weight, before), what


def test_another_order_of_points_is_refused() -> None:
    other = renamed()
    layer = make_layer("points")
    assert other.weight.shape == layer.weight.shape
    with pytest.raises(CheckpointMismatchError, match="target module 4 points of 4 points"):
        layer.load_state_dict(other.state_dict())
    other.load_state_dict(renamed().state_dict())


def test_names_do_not_matter() -> None:
    """The action decides: the same images under another name are the same module."""
    X, Y = modules("points")
    G = tk.group("S4")
    again = G.module_from_images(Y.images.tolist(), name="corners")
    layer = tk.nn.EquivariantLinear(X, again, 3, 2, method="fast", dtype=torch.float64)
    layer.load_state_dict(make_layer("points").state_dict())


@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_assign(parametrization: str) -> None:
    state = make_layer("points", "dense", "orbit", dtype=torch.float32).state_dict()
    layer = make_layer("points", "dense", parametrization, dtype=torch.float32, device="meta")
    assert layer.weight.is_meta
    layer.load_state_dict(state, assign=True)
    assert isinstance(layer.weight, nn.Parameter)
    assert not layer.weight.is_meta
    assert layer.weight.requires_grad
    if parametrization == "orbit":
        assert layer.weight.data_ptr() == state["weight"].data_ptr()
    expected = make_layer("points", dtype=torch.float32)
    torch.testing.assert_close(layer.orbit_weights(), expected.weight)
    x = make_input("points", 2, dtype=torch.float32)
    layer.to("cpu")
    torch.testing.assert_close(layer(x), expected(x))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.half])
def test_checkpoint_of_another_type(dtype: torch.dtype) -> None:
    state = {k: v.to(dtype) for k, v in make_layer("points").state_dict().items()}
    layer = make_layer("points", "spectral", "fourier")
    layer.load_state_dict(state)
    assert layer.weight.dtype == torch.float64
    torch.testing.assert_close(layer.orbit_weights(), state["weight"].double())


class Model(nn.Module):
    def __init__(self, method: str, parametrization: str) -> None:
        super().__init__()
        X, Y = modules("points")
        options = {"method": method, "parametrization": parametrization}
        self.blocks = nn.ModuleList(
            [tk.nn.EquivariantLinear(X, X, 3, 3, **options) for _ in range(2)]
        )
        self.head = nn.Sequential(nn.ReLU(), tk.nn.EquivariantLinear(X, Y, 3, 2, **options))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def test_nested_models() -> None:
    first, second = Model("dense", "orbit"), Model("fast", "fourier")
    keys = set(first.state_dict())
    assert keys == set(second.state_dict())
    assert "blocks.1._extra_state" in keys
    assert "head.1.weight" in keys
    state = saved(first.state_dict())
    second.load_state_dict(state)
    x = make_input("points", 2, dtype=torch.float32)
    torch.testing.assert_close(second(x), first(x))
    wrapped = nn.ModuleDict({"model": Model("fft", "orbit")})
    wrapped.load_state_dict({f"model.{k}": v for k, v in state.items()})
    torch.testing.assert_close(wrapped["model"](x), first(x))
    state["head.1._extra_state"] = state["blocks.1._extra_state"]
    with pytest.raises(CheckpointMismatchError, match="target module"):
        second.load_state_dict(state)


def test_loading_leaves_the_checkpoint_alone() -> None:
    state = make_layer("points", "dense", "orbit").state_dict()
    before = copy.deepcopy(state)
    make_layer("points", "fast", "fourier").load_state_dict(state)
    assert all(torch.equal(state[k], before[k]) for k in before)


def test_the_recipe_says_what_the_layer_is() -> None:
    recipe = read_recipe(make_layer("points").state_dict()["_extra_state"])
    assert recipe["group"] == tk.group("S4").name
    assert recipe["source"]["points"] == 24
    assert recipe["target"]["name"] == "4 points"
    assert recipe["weights"] == 4
    assert recipe["parametrization"] == "orbit"


def test_a_model_without_recipes_is_loaded_with_one_warning() -> None:
    model = Model("dense", "orbit")
    bare = {k: v for k, v in model.state_dict().items() if not k.endswith("_extra_state")}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        Model("fast", "orbit").load_state_dict(bare, strict=False)
    assert [str(w.message).count("\n") for w in caught] == [0]


# -- biases ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["points", "sums", "signed"])
@pytest.mark.parametrize("assign", [True, False])
def test_biases_of_two_axes_are_read(name: str, assign: bool) -> None:
    """As they were saved before: ``(invariant functions, channels)``."""
    layer = make_layer(name)
    old = {**layer.state_dict(), "bias": layer.bias_values().detach().clone()}
    other = make_layer(name)
    torch.nn.init.zeros_(other.bias)
    result = other.load_state_dict(old, assign=assign)
    assert not result.unexpected_keys
    assert torch.equal(other.bias, layer.bias)
    assert old["bias"].dim() == 2
    wrong = {**old, "bias": torch.zeros(3, 7, dtype=torch.float64)}
    with pytest.raises(RuntimeError, match=r"size mismatch for bias|Unexpected key.*bias"):
        other.load_state_dict(wrong)


def test_rules_for_weight_decay_see_biases() -> None:
    X, Y = modules("sums")
    model = nn.Sequential(
        tk.nn.EquivariantLinear(X, Y, 2, 3), nn.LayerNorm(3), tk.nn.EquivariantLinear(Y, X, 3, 1)
    )
    decayed = {name for name, p in model.named_parameters() if p.ndim > 1}
    assert decayed == {"0.weight", "2.weight"}


# -- a layer with two names ------------------------------------------------------------------------


@pytest.mark.parametrize("saved_in", PARAMETRIZATIONS)
@pytest.mark.parametrize("dropped", ["first", "second"])
def test_the_tensors_of_a_shared_layer_are_stored_once(saved_in: str, dropped: str) -> None:
    """As safetensors stores them: under one of the names; the recipe stays under both."""

    def shared(parametrization: str) -> nn.ModuleDict:
        layer = make_layer("cyclic", "dense", parametrization)
        return nn.ModuleDict({"first": layer, "second": layer})

    source = shared(saved_in)
    state = {
        k: v
        for k, v in source.state_dict().items()
        if k not in (f"{dropped}.weight", f"{dropped}.bias")
    }
    for loaded_in in PARAMETRIZATIONS:
        target = shared(loaded_in)
        target["first"].reset_parameters()
        missing = target.load_state_dict(state, strict=False).missing_keys
        assert missing == [f"{dropped}.weight", f"{dropped}.bias"]
        x = make_input("cyclic", 2)
        torch.testing.assert_close(target["first"](x), source["first"](x))


def test_a_weight_under_another_name_is_not_taken_in_the_wrong_basis() -> None:
    """Torch's parametrisations keep the weight elsewhere: it cannot be converted there."""
    source, target = make_layer("cyclic", "dense", "orbit"), make_layer("cyclic", "fft", "fourier")
    for layer in (source, target):
        nn.utils.parametrizations.weight_norm(layer)
    with pytest.raises(CheckpointMismatchError, match="under a name that is not converted"):
        target.load_state_dict(source.state_dict())
