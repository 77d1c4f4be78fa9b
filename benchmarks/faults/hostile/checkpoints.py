"""Checkpoints: bytes that are changed, tensors of strange kinds, recipes of other things."""

from __future__ import annotations

import copy
import io
import warnings
from typing import Any

import toolkit as tk
from hostile.case import Case, World, command, refused
from hostile.text import deep, number


def case(world: World) -> Case:
    """Return a state or a file of one, and rebuild its layers."""
    import torch

    random = world.random
    state: dict[str, Any] = dict(world.layers.state_dict())
    if random.random() < 0.4:
        buffer = io.BytesIO()
        torch.save(state, buffer)
        data = bytearray(buffer.getvalue())
        for _ in range(random.choice((1, 1, 8, 100))):
            data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        if random.random() < 0.3:
            del data[random.randrange(len(data)) :]
        path = world.folder / "model.pt"
        path.write_bytes(bytes(data))
        return Case(
            f"plrep inspect of {len(data)} bytes with flips",
            lambda: command("inspect", str(path), "--no-pictures"),
        )
    key = random.choice(list(state))
    if key.endswith("_extra_state") and random.random() < 0.6:
        state[key], words = _recipe(world, state[key])
    else:
        change = random.choice(list(_CHANGES))
        state[key], words = _CHANGES[change](state[key]), change
    from toolkit.interpret.checkpoint import layers_of_checkpoint

    x = torch.randn(2, 3, 2)
    if random.random() < 0.3:
        x = _CHANGES[random.choice(list(_CHANGES))](x)
        return Case(
            f"spectra of a batch: {type(x).__name__}",
            lambda: tk.interpret.spectra(world.layers, x),
        )
    return Case(
        f"{key}: {words}", lambda: refused(lambda: layers_of_checkpoint(state, world.session))
    )


def _quantised(x: Any) -> Any:
    import torch

    with warnings.catch_warnings(action="ignore"):  # torch is about to drop them
        return torch.quantize_per_tensor(x.float(), 0.1, 0, torch.qint8)


def _nested(x: Any) -> Any:
    import torch

    with warnings.catch_warnings(action="ignore"):  # torch calls them a prototype
        return torch.nested.nested_tensor([x.float(), x.float()])


def _huge(x: Any) -> Any:
    return x.new_zeros(1).expand(*(10**5 for _ in range(max(1, x.dim()))), 10**3)


_CHANGES: dict[str, Any] = {
    "sparse": lambda x: x.to_sparse(),
    "quantised": _quantised,
    "nested": _nested,
    "meta": lambda x: x.to("meta"),
    "huge": _huge,
    "complex": lambda x: x * 1j,
    "integers": lambda x: x.int(),
    "truth": lambda x: x > 0,
    "half": lambda x: x.half(),
    "not a number": lambda x: x * float("nan"),
    "infinite": lambda x: x * float("inf"),
    "none of it": lambda x: x[:0],
    "one number": lambda x: x.sum(),
    "one more axis": lambda x: x[None],
    "turned round": lambda x: x.flip(0),
    "None": lambda x: None,
    "a text": lambda x: "x" * 1000,
    "a list": lambda x: [1, 2],
}


def _recipe(world: World, state: Any) -> tuple[Any, str]:
    from toolkit.nn.linear.recipe import read_recipe, recipe_tensor

    random = world.random
    recipe = copy.deepcopy(read_recipe(state))
    at: Any = random.choice((recipe, recipe["source"], recipe["target"]))
    key = random.choice([*at, "specification"])
    at[key] = random.choice((number(random), deep(random), "\0" * 30, "S" + "9" * 5000, "\ud800"))
    if at is recipe and key == "parametrization":
        at[key] = "orbit"
    try:
        return recipe_tensor(recipe), f"its recipe's {key} is {at[key]!r:.60}"
    except (TypeError, ValueError, RecursionError):
        return state, "as it was"
