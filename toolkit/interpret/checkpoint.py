"""Layers rebuilt from a checkpoint alone, by the recipes that travel with the weights.

A recipe names the group, gives the modules' specifications, and says by a digest how the
generators act. The modules are made, and the digest decides whether they are the right ones.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import torch

from toolkit.errors import CheckpointMismatchError, NotAvailable, ToolkitError
from toolkit.interpret.module_names import specification_of_name
from toolkit.library.naming import group
from toolkit.nn.equivariant_linear import EquivariantLinear
from toolkit.nn.files import as_state, load
from toolkit.nn.linear.recipe import fingerprint, read_recipe
from toolkit.nn.linear.tensors.stored import is_stored, shape_in_words
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.library.group import Group
    from toolkit.library.session import Session
    from toolkit.modules.module import Module

_STATE = "_extra_state"

# a module from a file has at most the recipe's points, and this many
_MOST_POINTS = 1 << 20
_ALWAYS_POINTS = 64  # what takes no time is made whatever the recipe says


def layers_of_checkpoint(
    state: Mapping[str, Any] | str | os.PathLike[str],
    session: Session | None = None,
    *,
    unchecked: bool = False,
) -> dict[str, EquivariantLinear]:
    """Return the equivariant linear layers of a ``state_dict``, by their dotted names.

    Parameters
    ----------
    state
        A model's ``state_dict``, as ``torch.load(..., weights_only=True)`` gives it; or a file,
        which :func:`toolkit.nn.load` reads.
    session
        The session that answers about the groups; the default one if left out.
    unchecked
        Whether a file is taken though its checksum does not hold: it was edited on purpose.

    Returns
    -------
    dict
        In the order of the ``state_dict``. Other parameters are ignored.

    Raises
    ------
    CheckpointFileError
        If the file is damaged, or is none of weights.
    CheckpointMismatchError
        If there is no layer with a recipe, a recipe or weights are damaged, or a module's points
        are not those of the recipe.
    NotAvailable
        If a recipe's module cannot be made (:func:`module_of_recipe`).

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("S4").natural_module()
    >>> net = tk.nn.EquivariantMLP([X, None, X], [1, 8, 2])
    >>> for name, layer in layers_of_checkpoint(net.state_dict()).items():
    ...     print(name, layer.X, layer.Y, layer.out_channels)
    layers.0 <4 points: module of S4 of degree 4> <regular module: module of S4 of degree 24> 8
    layers.2 <regular module: module of S4 of degree 24> <4 points: module of S4 of degree 4> 2
    """
    if isinstance(state, str | os.PathLike):
        state = as_state(load(state, unchecked=unchecked), os.fspath(state))
    out: dict[str, EquivariantLinear] = {}
    made: dict[tuple[str, str, int], Module] = {}
    for key, value in state.items():
        prefix, dot, last = str(key).rpartition(".")
        if last != _STATE:
            continue
        prefix += dot
        weight = state.get(prefix + "weight")
        recipe = read_recipe(value)
        if "layer" in recipe or "network" in recipe:
            continue  # of another kind of layer, or of a whole network
        recipe = _checked(recipe)
        if not is_stored(weight) or weight.dim() != 3:
            raise CheckpointMismatchError(
                f"{prefix}weight of shape (weights, out, in) beside the recipe {key!r}",
                _found(weight),
            )
        bias = state.get(prefix + "bias")
        X, Y = (
            _made(made, str(recipe["group"]), side, session)
            for side in (recipe["source"], _target(recipe))
        )
        layer = EquivariantLinear(
            X, Y, weight.shape[2], weight.shape[1], bias is not None, dtype=weight.dtype,
            parametrization=recipe["parametrization"],
        )  # fmt: skip
        for name, given, mine in (("weight", weight, layer.weight), ("bias", bias, layer.bias)):
            forms = [] if mine is None else [mine.shape]
            if name == "bias" and mine is not None:  # it once had two axes
                forms.append(torch.Size((layer.hom_space.bias_count, layer.out_channels)))
            if mine is not None and not (is_stored(given) and given.shape in forms):
                raise CheckpointMismatchError(
                    f"{prefix}{name} of shape {tuple(mine.shape)}, which its recipe requires",
                    _found(given),
                )
        own = {"weight": weight, _STATE: value}
        layer.load_state_dict(own if bias is None else {**own, "bias": bias})
        out[prefix[:-1]] = layer
    if not out:
        raise CheckpointMismatchError(
            "the state_dict of a model with EquivariantLinear layers, each with a recipe",
            f"{len(state)} entries without a recipe",
        )
    return out


def _checked(recipe: dict[str, Any]) -> dict[str, Any]:
    """Return a recipe after checking the entries that are used."""
    for side in (recipe.get("source"), recipe.get("target")):
        if not (
            isinstance(side, dict)
            and isinstance(side.get("name"), str)
            and isinstance(side.get("sha256"), str)
            and type(side.get("points")) is int
        ):
            raise CheckpointMismatchError(
                "a recipe whose source and target have name, points and sha256",
                shortened(repr(side)),
            )
    return recipe


def _target(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Return the target, with the source's specification if it has none: they are equal then."""
    shared = {k: v for k, v in recipe["source"].items() if k == "specification"}
    return {**shared, **recipe["target"]}


def _found(x: object) -> str:
    if not isinstance(x, torch.Tensor):
        return "none" if x is None else f"a {type(x).__name__}"
    kind = "" if is_stored(x) else " without all its numbers, or not dense"
    return f"{shape_in_words(x)}{kind}"


def _made(
    made: dict[tuple[str, str, int], Module],
    name: str,
    side: Mapping[str, Any],
    session: Session | None,
) -> Module:
    known = (name, str(side["sha256"]), int(side["points"]))
    if known not in made:
        made[known] = module_of_recipe(group(name, session=session), side)
    return made[known]


def module_of_recipe(G: Group, side: Mapping[str, Any]) -> Module:
    """Return the module that a recipe describes, with the points in the recipe's order.

    Parameters
    ----------
    G
        The recipe's group.
    side
        ``recipe["source"]`` or ``recipe["target"]``: ``name``, ``points``, ``sha256``, and
        ``specification``, which old checkpoints lack: the name is read then.

    Raises
    ------
    NotAvailable
        If the module cannot be made: it is one of given images that are too many for a
        specification, or was changed to another group, or would have more points than the recipe
        says, or more than 2^20. That is decided before it is made.
    CheckpointMismatchError
        If its points are in another order, or the specification is damaged.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C4").natural_module().outer(tk.group("C6").natural_module())
    >>> module_of_recipe(tk.group("C4 x C6"), fingerprint(X))
    <4 points x 6 points: module of C4 x C6 of degree 24>
    """
    most = min(max(int(side["points"]), _ALWAYS_POINTS), _MOST_POINTS)
    specification = side.get("specification")
    if isinstance(specification, dict) and specification.get("module") == "left out":
        raise NotAvailable(
            G.name,
            f"the module {shortened(repr(side['name']))}",
            f"its specification, of {specification.get('characters')} characters, was too long to "
            "be stored with the weights: build the module and the layer in Python, then load the "
            "weights",
        )
    origin = "name" if specification is None else "specification"
    try:
        if specification is None:
            specification = specification_of_name(G, str(side["name"]), most)
        found = G.module(specification, most=most)
    except (ToolkitError, ValueError) as error:
        raise NotAvailable(
            G.name,
            f"the module {shortened(repr(side['name']))}",
            f"it cannot be rebuilt from its {origin} ({error}); load the model in Python",
        ) from error
    own = fingerprint(found)
    if own["sha256"] != side["sha256"]:
        raise CheckpointMismatchError(
            f"{side['name']} of {side['points']} points ({str(side['sha256'])[:8]})",
            f"{found.name} of {found.degree} points ({own['sha256'][:8]})",
        )
    return found
