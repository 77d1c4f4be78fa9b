"""Layers rebuilt from a checkpoint alone, by the recipes that travel with the weights.

A recipe names group and modules as people do, and says by a digest how the generators act. The
names are read, the modules made, and the digest decides whether they are the right ones.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeGuard

import torch

from toolkit.errors import (
    CheckpointMismatchError,
    ModuleMismatchError,
    NotAvailable,
    ToolkitError,
)
from toolkit.groups.specs.tree import Product
from toolkit.library.naming import group
from toolkit.nn.equivariant_linear import EquivariantLinear
from toolkit.nn.linear.recipe import fingerprint, read_recipe
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.library.group import Group
    from toolkit.library.session import Session
    from toolkit.modules.permutation_module import PermutationModule

__all__ = ["layers_of_checkpoint", "module_of_recipe"]

_STATE = "_extra_state"

# a name from a file is read only so far: what these bounds keep out, no one has written
_LONGEST_NAME = 4000
_DEEPEST_NAME = 50
_MOST_POINTS = 1 << 20


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
        If there is no layer with a recipe, a recipe or weights are damaged, or a module's points
        are not those of the recipe.
    NotAvailable
        If a recipe's module cannot be made from its name (a signed module, an orbit, images that
        were given), or has more than 2^20 points.

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
        prefix, dot, last = str(key).rpartition(".")
        if last != _STATE:
            continue
        prefix += dot
        weight = state.get(prefix + "weight")
        recipe = _checked(read_recipe(value))
        if not _is_stored(weight) or weight.dim() != 3:
            raise CheckpointMismatchError(
                f"{prefix}weight of shape (weights, out, in) beside the recipe {key!r}",
                _found(weight),
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
        for name, given, mine in (("weight", weight, layer.weight), ("bias", bias, layer.bias)):
            if mine is not None and not (_is_stored(given) and given.shape == mine.shape):
                raise CheckpointMismatchError(
                    f"{prefix}{name} of shape {tuple(mine.shape)}, which its recipe asks for",
                    _found(given),
                )
        own = {"weight": weight, _STATE: value}
        layer.load_state_dict(own if bias is None else {**own, "bias": bias})
        out[prefix[:-1]] = layer
    if not out:
        raise CheckpointMismatchError(
            "the state_dict of a model with EquivariantLinear layers, each with a recipe",
            f"{len(state)} entries without one",
        )
    return out


def _checked(recipe: dict[str, Any]) -> dict[str, Any]:
    """Return a recipe after looking at what is read of it."""
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


def _is_stored(x: object) -> TypeGuard[torch.Tensor]:
    """Whether it is a plain tensor with all its numbers there."""
    if not isinstance(x, torch.Tensor) or x.layout is not torch.strided or x.is_meta:
        return False
    return x.numel() * x.element_size() <= x.untyped_storage().nbytes()


def _found(x: object) -> str:
    if not isinstance(x, torch.Tensor):
        return "none" if x is None else f"a {type(x).__name__}"
    kind = "" if _is_stored(x) else " without all its numbers, or not a dense one"
    return f"a tensor of shape {tuple(x.shape)}{kind}"


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
        If the name is none that can be read, or the module would have more points than the
        recipe says, or more than 2^20: that is decided before it is made.
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
        _require_readable(name)
        found = _module(G, name, min(int(side["points"]), _MOST_POINTS))
    except NotAvailable:
        raise
    except (ToolkitError, ValueError) as error:
        raise NotAvailable(
            G.name,
            f"the module {shortened(repr(name))}",
            f"it cannot be made from its name ({error}); load the model in Python",
        ) from error
    if fingerprint(found)["sha256"] != side["sha256"]:
        raise CheckpointMismatchError(
            f"{name} of {side['points']} points ({str(side['sha256'])[:8]})",
            f"{found.name} of {found.degree} points ({fingerprint(found)['sha256'][:8]})",
        )
    return found


def _require_readable(name: str) -> None:
    """Refuse names that would take long to read."""
    depth = deepest = 0
    for letter in name:
        depth += (letter == "(") - (letter == ")")
        deepest = max(deepest, depth)
    if len(name) > _LONGEST_NAME or deepest > _DEEPEST_NAME:
        raise ModuleMismatchError(
            f"it has {len(name)} letters and brackets {deepest} deep: at most {_LONGEST_NAME} and "
            f"{_DEEPEST_NAME} are read"
        )


def _require_points(points: int, most: int) -> None:
    if points > most:
        raise ModuleMismatchError(f"it has more points than the {most} of the recipe")


def _module(G: Group, name: str, most: int) -> PermutationModule:
    """Return the module of a name as sums, products and powers write them.

    No part of it has more than ``most`` points.
    """
    name = name.strip()
    for sign in (" + ", " * ", " x "):
        pieces = _split(name, sign)
        if len(pieces) > 1:
            return _joined(G, sign, pieces, most)
    if match := re.fullmatch(r"(\d+) \((.*)\)", name):
        copies = int(match[1])
        _require_points(copies, most)
        return _joined(G, " + ", [match[2]] * copies, most)
    if match := re.fullmatch(r"\((.*)\)\^(\d+)", name):
        base, exponent = _module(G, match[1], most), int(match[2])
        # 1 to a power stays 1, but is no less work
        _require_points(2**exponent if exponent < 64 else most + 1, most)
        _require_points(base.degree**exponent, most)
        power: PermutationModule = base**exponent
        return power
    if name.startswith("(") and name.endswith(")"):
        return _module(G, name[1:-1], most)
    if name == "regular module":
        _require_points(G.order, most)
        return G.regular_module()
    if re.fullmatch(r"\d+ points?", name):
        degree = int(name.split()[0])
        _require_points(degree, most)
        natural = G.natural_module()
        for module in (natural, *natural.orbits):
            if module.degree == degree:
                return module
    if match := re.fullmatch(r"cosets of (\w+)", name):
        module = G.coset_module(match[1])
        _require_points(module.degree, most)
        return module
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


def _joined(G: Group, sign: str, pieces: list[str], most: int) -> PermutationModule:
    groups = [G] * len(pieces)
    if sign == " x ":
        factors = G.spec.factors if isinstance(G.spec, Product) else ()
        if len(factors) != len(pieces):
            raise ModuleMismatchError(f"{len(pieces)} factors, but {G.name} has {len(factors)}")
        groups = [type(G)(factor, G.session) for factor in factors]
    made: dict[tuple[str, str], PermutationModule] = {}
    out = None
    for H, piece in zip(groups, pieces, strict=True):
        if (H.name, piece) not in made:
            made[H.name, piece] = _module(H, piece, most)
        module = made[H.name, piece]
        if out is None:
            out = module
        elif sign == " + ":
            _require_points(out.degree + module.degree, most)
            out = out + module
        else:
            _require_points(out.degree * module.degree, most)
            out = out * module if sign == " * " else out.outer(module)
    assert out is not None  # there are pieces
    return out
