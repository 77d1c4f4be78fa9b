"""The recipe of a layer's weights: what a checkpoint must say to be read rightly.

Weights mean nothing without the modules, their points' order and the basis they refer to. The
recipe names group, modules and parametrisation, with fingerprints of the generators' images; it
travels in a ``state_dict`` as one tensor of bytes (JSON text), so that every loader of plain
tensors takes it, ``weights_only=True`` included.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from toolkit.errors import CheckpointMismatchError, shortened

if TYPE_CHECKING:
    from toolkit.nn.geometry import Geometry, Module

__all__ = [
    "RECIPE_VERSION",
    "fingerprint",
    "make_recipe",
    "read_recipe",
    "recipe_tensor",
    "require_same_recipe",
]

#: Raised whenever the meaning of weights changes: order of orbitals, of blocks, the bases.
RECIPE_VERSION = 1


def make_recipe(geometry: Geometry, parametrization: str) -> dict[str, Any]:
    """Return the recipe of a layer as JSON data."""
    return {
        "recipe": RECIPE_VERSION,
        "group": geometry.X.group,
        "source": fingerprint(geometry.X),
        "target": fingerprint(geometry.Y),
        "weights": geometry.count,
        "parametrization": parametrization,
    }


def fingerprint(module: Module) -> dict[str, Any]:
    """Return a module's name, its number of points and a digest of how the generators act."""
    digest = hashlib.sha256(np.ascontiguousarray(module.images, dtype="<i8").tobytes())
    signs = getattr(module, "signs", None)
    if signs is not None:
        digest.update(np.ascontiguousarray(signs, dtype="<i1").tobytes())
    return {"name": module.name, "points": module.degree, "sha256": digest.hexdigest()[:32]}


def recipe_tensor(recipe: dict[str, Any]) -> torch.Tensor:
    """Return a recipe as a tensor of bytes."""
    text = json.dumps(recipe, sort_keys=True, separators=(",", ":"))
    return torch.tensor(list(text.encode()), dtype=torch.uint8)


def read_recipe(state: object) -> dict[str, Any]:
    """Return the recipe in a tensor of bytes.

    Raises
    ------
    CheckpointMismatchError
        If it is none.
    """
    recipe = None
    if isinstance(state, torch.Tensor) and state.dim() == 1 and not state.is_meta:
        with contextlib.suppress(ValueError, RecursionError):
            recipe = json.loads(bytes(state.cpu().to(torch.uint8).tolist()))
    if not isinstance(recipe, dict) or recipe.get("parametrization") not in ("orbit", "fourier"):
        raise CheckpointMismatchError("a recipe (JSON as bytes)", shortened(repr(state)))
    return recipe


def require_same_recipe(mine: dict[str, Any], found: dict[str, Any]) -> None:
    """Raise CheckpointMismatchError unless weights mean the same, up to their parametrisation."""
    for key, value in mine.items():
        if key == "parametrization":
            continue
        other = found.get(key)
        if key in ("source", "target") and isinstance(other, dict):
            # names are for people; the action decides
            if other.get("sha256") == value["sha256"]:
                continue
            raise CheckpointMismatchError(
                f"{key} module {value['name']} of {value['points']} points ({value['sha256'][:8]})",
                f"{other.get('name')} of {other.get('points')} points "
                f"({str(other.get('sha256'))[:8]})",
            )
        if other != value:
            raise CheckpointMismatchError(f"{key} {value}", f"{key} {other}")
