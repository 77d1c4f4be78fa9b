"""Networks built again from their weights alone, by the recipes that travel with these."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import torch

from toolkit.errors import CheckpointMismatchError, NotAvailable
from toolkit.library.change_of_group import group_of_module
from toolkit.nn.convolution.network import NORMS_BY_NAME, EquivariantCNN
from toolkit.nn.convolution.window import Window
from toolkit.nn.equivariant_linear import EquivariantLinear
from toolkit.nn.files import as_state, load
from toolkit.nn.hub import module_from_json
from toolkit.nn.linear.recipe import read_recipe
from toolkit.nn.mlp import EquivariantMLP
from toolkit.nn.network_state import read_activations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from toolkit.library.session import Session
    from toolkit.modules.module import Module

_STATE = "_extra_state"


def from_state(
    state: Mapping[str, Any] | str | os.PathLike[str],
    session: Session | None = None,
    *,
    unchecked: bool = False,
) -> EquivariantMLP | EquivariantCNN | EquivariantLinear:
    """Return the network that a ``state_dict`` or its file describes, with its weights.

    Parameters
    ----------
    state
        The ``state_dict`` of an :class:`~toolkit.nn.EquivariantMLP`, an
        :class:`~toolkit.nn.EquivariantCNN` or an :class:`~toolkit.nn.EquivariantLinear`; or a file
        with it, either safetensors or from ``torch.save``, read by :func:`toolkit.nn.load`.
    session
        The session that answers questions about the group; by default the default session.
    unchecked
        Whether to accept a file whose checksum does not match, because it was edited on purpose.

    Returns
    -------
    EquivariantMLP, EquivariantCNN or EquivariantLinear
        The network on the CPU, with the type of the weights and the methods that are cheapest
        there.

    Raises
    ------
    CheckpointFileError
        If the file is damaged, or is not a weight file.
    CheckpointMismatchError
        If there is no recipe of a network, or if the weights do not fit the recipe.
    NotAvailable
        If the network cannot be rebuilt from its recipe, because of a user-defined function or a
        module that was too large to be specified.

    Notes
    -----
    Reading never runs code from the file. The weights are exactly those of the file, unless they
    are converted to the other parametrisation. For layers inside other networks see
    :func:`toolkit.interpret.checkpoint.layers_of_checkpoint`.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> G = tk.group("S4")
    >>> net = tk.nn.EquivariantMLP([G.natural_module(), None], [2, 8], "gelu", invariant_head=3)
    >>> again = from_state(net.state_dict())
    >>> x = torch.randn(5, 4, 2)
    >>> again, torch.equal(again(x), net(x))
    (EquivariantMLP(
      invariant under S4, ...
    """
    if isinstance(state, str | os.PathLike):
        state = as_state(load(state, unchecked=unchecked), os.fspath(state))
    root = state.get(_STATE)
    if root is None:
        names = [str(k) for k in state if str(k).endswith(_STATE)]
        raise CheckpointMismatchError(
            "the state_dict of an EquivariantMLP, EquivariantCNN or EquivariantLinear, with a "
            "recipe",
            f"{len(state)} entries with {len(names)} recipes of parts: "
            "toolkit.interpret.checkpoint.layers_of_checkpoint returns its linear layers",
        )
    recipe = read_recipe(root)
    dtype = next((v.dtype for k, v in state.items() if str(k).endswith("weight")), None)
    network: EquivariantMLP | EquivariantCNN | EquivariantLinear
    make = _MAKERS.get(recipe.get("network", ""))
    if make is not None:
        network = make(*_arguments(recipe, session), dtype)
    elif "network" in recipe or "layer" in recipe:
        kind = recipe.get("network", recipe.get("layer"))
        raise CheckpointMismatchError(
            "an EquivariantMLP, EquivariantCNN or EquivariantLinear", f"a {kind!r:.60}"
        )
    else:
        network = _linear(recipe, state, dtype, session)
    network.load_state_dict(state)
    return network


def _arguments(
    recipe: Mapping[str, Any], session: Session | None
) -> tuple[list[Module], dict[str, Any]]:
    """Return the modules of a network, and its other arguments."""
    arguments = recipe.get("arguments")
    if not isinstance(arguments, dict):
        raise NotAvailable(
            f"an {recipe['network']}",
            "the network",
            f"{recipe.get('reason')}: build it in Python, then load the weights",
        )
    made = [module_from_json(data, session) for data in arguments["modules"]]
    rest = {k: v for k, v in arguments.items() if k not in ("modules", "order")}
    rest["activation"] = read_activations(rest["activation"])
    return [made[i] for i in arguments["order"]], rest


def _mlp(modules: list[Module], rest: dict[str, Any], dtype: torch.dtype | None) -> EquivariantMLP:
    return EquivariantMLP(modules, dtype=dtype, **rest)


def _cnn(modules: list[Module], rest: dict[str, Any], dtype: torch.dtype | None) -> EquivariantCNN:
    window = Window.from_specification(group_of_module(modules[0]), rest.pop("window"))
    norm = rest.pop("normalisation")
    return EquivariantCNN(
        window,
        modules,
        normalisation=None if norm is None else NORMS_BY_NAME[norm],
        dtype=dtype,
        **rest,
    )


_MAKERS: dict[str, Callable[..., EquivariantMLP | EquivariantCNN]] = {
    "EquivariantMLP": _mlp,
    "EquivariantCNN": _cnn,
}


def _linear(
    recipe: Mapping[str, Any],
    state: Mapping[str, Any],
    dtype: torch.dtype | None,
    session: Session | None,
) -> EquivariantLinear:
    weight = state.get("weight")
    if not isinstance(weight, torch.Tensor) or weight.dim() != 3:
        raise CheckpointMismatchError("a weight of shape (weights, out, in)", f"{weight!r:.60}")
    source = {"group": recipe["group"], **recipe["source"]}
    kept = {k: v for k, v in source.items() if k == "specification"}
    X = module_from_json(source, session)
    target = {"group": recipe["group"], **kept, **recipe["target"]}
    Y = X if target["sha256"] == source["sha256"] else module_from_json(target, session)
    _, out, into = weight.shape
    return EquivariantLinear(X, Y, into, out, "bias" in state, dtype=dtype)
