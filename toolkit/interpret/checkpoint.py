"""Layers rebuilt from a checkpoint alone, by the recipes that travel with the weights.

A recipe names group and modules as people do, and says by a digest how the generators act. The
names are read, the modules made, and the digest decides whether they are the right ones.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import torch

from toolkit.errors import CheckpointMismatchError, ModuleMismatchError, NotAvailable, ToolkitError
from toolkit.groups.specs import Product
from toolkit.library.naming import group
from toolkit.nn.equivariant_linear import EquivariantLinear
from toolkit.nn.recipe import fingerprint, read_recipe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.library.group import Group
    from toolkit.library.session import Session
    from toolkit.modules.permutation_module import PermutationModule

__all__ = ["layers_of_checkpoint", "module_of_recipe"]

_STATE = "_extra_state"


def layers_of_checkpoint(
    state: Mapping[str, Any], session: Session | None = None
) -> dict[str, EquivariantLinear]:
    """Return the equivariant linear layers of a ``state_dict``, by their dotted names.

    Parameters
    ----------
    state
        A model's ``state_dict``, as ``torch.load(..., weights_only=True)`` gives it.
    session
        The session that answers about the groups; the default one if left out.

    Returns
    -------
    dict
        In the order of the ``state_dict``. Other parameters are not looked at.

    Raises
    ------
    CheckpointMismatchError
        If there is no layer with a recipe, or a module's points are not those of the recipe.
    NotAvailable
        If a recipe's module cannot be made from its name (a signed module, an orbit, images that
        were given).

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
    out: dict[str, EquivariantLinear] = {}
    made: dict[tuple[str, str], PermutationModule] = {}
    for key, value in state.items():
        prefix, dot, last = key.rpartition(".")
        if last != _STATE:
            continue
        prefix += dot
        weight = state.get(prefix + "weight")
        recipe = read_recipe(value)
        if not isinstance(weight, torch.Tensor) or weight.dim() != 3:
            raise CheckpointMismatchError(
                f"{prefix}weight of shape (weights, out, in) beside the recipe {key!r}",
                "none" if weight is None else f"{type(weight).__name__}",
            )
        bias = state.get(prefix + "bias")
        X, Y = (
            _made(made, str(recipe["group"]), recipe[side], session)
            for side in ("source", "target")
        )
        layer = EquivariantLinear(
            X, Y, weight.shape[2], weight.shape[1], bias is not None, dtype=weight.dtype,
            parametrization=recipe["parametrization"],
        )  # fmt: skip
        own = {"weight": weight, _STATE: value}
        layer.load_state_dict(own if bias is None else {**own, "bias": bias})
        out[prefix[:-1]] = layer
    if not out:
        raise CheckpointMismatchError(
            "the state_dict of a model with EquivariantLinear layers, each with a recipe",
            f"{len(state)} entries without one",
        )
    return out


def _made(
    made: dict[tuple[str, str], PermutationModule],
    name: str,
    side: Mapping[str, Any],
    session: Session | None,
) -> PermutationModule:
    known = (name, str(side["sha256"]))
    if known not in made:
        made[known] = module_of_recipe(group(name, session=session), side)
    return made[known]


def module_of_recipe(G: Group, side: Mapping[str, Any]) -> PermutationModule:
    """Return the module that a recipe names, with the points in the recipe's order.

    Parameters
    ----------
    G
        The recipe's group.
    side
        ``recipe["source"]`` or ``recipe["target"]``: ``name``, ``points``, ``sha256``.

    Raises
    ------
    NotAvailable
        If the name is none that can be read.
    CheckpointMismatchError
        If the module of this name has its points in another order.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C4").natural_module().outer(tk.group("C6").natural_module())
    >>> module_of_recipe(tk.group("C4 x C6"), fingerprint(X))
    <4 points x 6 points: module of C4 x C6 of degree 24>
    """
    name = str(side["name"])
    try:
        found = _module(G, name)
    except NotAvailable:
        raise
    except (ToolkitError, ValueError, RecursionError) as error:
        raise NotAvailable(
            G.name,
            f"the module {name!r}",
            f"it cannot be made from its name ({error}); load the model in Python",
        ) from error
    if fingerprint(found)["sha256"] != side["sha256"]:
        raise CheckpointMismatchError(
            f"{name} of {side['points']} points ({str(side['sha256'])[:8]})",
            f"{found.name} of {found.degree} points ({fingerprint(found)['sha256'][:8]})",
        )
    return found


def _module(G: Group, name: str) -> PermutationModule:
    """Return the module of a name as sums, products and powers write them."""
    name = name.strip()
    for sign in (" + ", " * ", " x "):
        pieces = _split(name, sign)
        if len(pieces) > 1:
            return _joined(G, sign, pieces)
    if match := re.fullmatch(r"(\d+) \((.*)\)", name):
        return _joined(G, " + ", [match[2]] * int(match[1]))
    if match := re.fullmatch(r"\((.*)\)\^(\d+)", name):
        power: PermutationModule = _module(G, match[1]) ** int(match[2])
        return power
    if name.startswith("(") and name.endswith(")"):
        return _module(G, name[1:-1])
    if name == "regular module":
        return G.regular_module()
    if re.fullmatch(r"\d+ points?", name):
        natural = G.natural_module()
        degree = int(name.split()[0])
        for module in (natural, *natural.parts):
            if module.degree == degree:
                return module
    if match := re.fullmatch(r"cosets of (\w+)", name):
        return G.coset_module(match[1])
    raise ModuleMismatchError("no regular module, points, cosets, sum or product of such")


def _split(text: str, sign: str) -> list[str]:
    """Return the pieces between the signs that stand outside brackets."""
    out, depth, start = [], 0, 0
    for i, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and text.startswith(sign, i):
            out.append(text[start:i])
            start = i + len(sign)
    return [*out, text[start:]]


def _joined(G: Group, sign: str, pieces: list[str]) -> PermutationModule:
    if sign != " x ":
        modules = [_module(G, piece) for piece in pieces]
    else:
        factors = G.spec.factors if isinstance(G.spec, Product) else ()
        if len(factors) != len(pieces):
            raise ModuleMismatchError(f"{len(pieces)} factors, but {G.name} has {len(factors)}")
        modules = [
            _module(type(G)(factor, G.session), piece)
            for factor, piece in zip(factors, pieces, strict=True)
        ]
    out = modules[0]
    for module in modules[1:]:
        if sign == " + ":
            out = out + module
        else:
            out = out * module if sign == " * " else out.outer(module)
    return out
