"""The recipe of a layer's weights: what a checkpoint must hold to be interpreted correctly.

Weights mean nothing without the modules, their points' order and the basis they refer to. The
recipe names group and parametrisation, gives fingerprints of the generators' images, and the
modules' specifications (:mod:`toolkit.modules.specification`), from which they can be made again.
It is JSON text, and travels in a ``state_dict`` as one tensor of numbers, so that every loader of
plain tensors takes it, ``weights_only=True`` included.

People do arithmetic on whole states: moving averages, means of checkpoints, sums divided by their
number. So the text is written as hexadecimal digits in float32 behind a 16 that gives the scale:
any combination of equal recipes whose weights do not cancel is still that recipe (in bfloat16, of
a dozen of them), and a real mixture of different ones is refused. The length is
the same for both parametrisations and for modules of other names, as loading in place
(``torch.distributed.checkpoint``) needs it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from toolkit.errors import CheckpointMismatchError, NotAvailable, NotCachedError
from toolkit.nn.linear.tensors.stored import is_stored, shape_in_words
from toolkit.text import shortened

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.module import Module
    from toolkit.nn.linear.hom_space_base import HomSpace

#: Raised whenever the meaning of weights changes: order of orbitals, of blocks, the bases.
RECIPE_VERSION = 1

#: A specification with a longer text, of many images, is left out, and this is said.
_LONGEST_SPECIFICATION = 4000
#: A name with a longer text, of many generators on many points, is replaced by its digest.
_LONGEST_NAME = 100_000
#: Texts are filled up with blanks to a multiple of this many characters.
_BLOCK = 512
#: No recipe is nearly as long.
_MOST_NUMBERS = 1 << 20
_LONGEST = max(len("orbit"), len("fourier"))
#: The base of the digits, also the first number of the tensor.
_BASE = 16
#: How far from an integer a digit may be. One step in bfloat16 rounds by 0.06; a moving average in
#: float32 drifts by 0.01 at decay 0.9999 and by more at larger ones.
_DRIFT = 0.25


def make_recipe(hom_space: HomSpace, parametrization: str) -> dict[str, Any]:
    """Return the recipe of a layer as JSON data.

    ``source`` and ``target`` are fingerprints. ``source`` has a ``specification`` if it is known
    without GAP, and ``target`` has one if it is another module, ``None`` for one that is not
    known. Of one that is too long it says ``{"module": "left out", "characters": n}``.
    """
    return _recipe(hom_space.X, hom_space.Y, hom_space.count, parametrization)


def recipe_of_layer(layer: str, X: Module, Y: Module, count: int) -> dict[str, Any]:
    """Return the recipe of parameters that belong to the orbits or orbitals of modules.

    Parameters
    ----------
    layer
        What kind of layer they are of; loading compares it.
    X, Y
        The modules that the numbers of orbits or orbitals refer to.
    count
        How many there are.
    """
    return {"layer": layer, **_recipe(X, Y, count, "orbit")}


def _recipe(X: Module, Y: Module, count: int, parametrization: str) -> dict[str, Any]:
    source, target = ({**fingerprint(M), **_specified(M)} for M in (X, Y))
    if target.get("specification") == source.get("specification"):
        target.pop("specification", None)
    elif "specification" not in target:
        target["specification"] = None
    return {
        "recipe": RECIPE_VERSION,
        "group": _short_name(X.group),
        "source": source,
        "target": target,
        "weights": count,
        "parametrization": parametrization,
    }


def _short_name(group: str) -> str:
    """Return the canonical name of a group, or the digest of a very long one."""
    if len(group) <= _LONGEST_NAME:
        return group
    return f"sha256:{hashlib.sha256(group.encode()).hexdigest()}"


def _specified(module: Module) -> dict[str, Any]:
    """Return a module's specification, if known without GAP; of a long one the length alone."""
    try:
        found = module.specification
    except (NotAvailable, NotCachedError):
        return {}
    length = len(json.dumps(found, separators=(",", ":")))
    if length > _LONGEST_SPECIFICATION:
        found = {"module": "left out", "characters": length}
    return {"specification": found}


def fingerprint(module: Module) -> dict[str, Any]:
    """Return a module's name, its number of points and a digest of how the generators act."""
    return {"name": module.name, "points": module.degree, "sha256": module.action_digest[:32]}


def recipe_tensor(recipe: dict[str, Any]) -> torch.Tensor:
    """Return a recipe as a float32 tensor: 16, then the hexadecimal digits of its JSON text.

    Examples
    --------
    >>> state = recipe_tensor({"parametrization": "orbit"})
    >>> state[:5], len(state)
    (tensor([16.,  7., 11.,  2.,  2.]), 1025)
    >>> read_recipe(0.9 * state + 0.1 * state), read_recipe(state + state + state)
    ({'parametrization': 'orbit'}, {'parametrization': 'orbit'})
    """
    text = json.dumps(recipe, sort_keys=True, separators=(",", ":"))
    longest = len(text) - len(recipe["parametrization"]) + _LONGEST
    data = text.ljust(-(-longest // _BLOCK) * _BLOCK).encode()
    return torch.tensor([_BASE, *(int(digit, _BASE) for digit in data.hex())], dtype=torch.float32)


def read_recipe(state: object) -> dict[str, Any]:
    """Return the recipe in a tensor, or in a multiple or mean of equal ones.

    Parameters
    ----------
    state
        What :func:`recipe_tensor` made, in any type and on any device; or the bytes of the JSON
        text, as checkpoints had them before.

    Raises
    ------
    CheckpointMismatchError
        If the tensor holds no recipe.
    """
    recipe = None
    if is_stored(state) and state.dim() == 1 and state.numel() <= _MOST_NUMBERS:
        values = state.detach().cpu().to(torch.float64).numpy()
        for read in (_digits, _bytes):
            with contextlib.suppress(ValueError, RecursionError):
                recipe = json.loads(read(values))
                break
    if not isinstance(recipe, dict) or recipe.get("parametrization") not in ("orbit", "fourier"):
        raise CheckpointMismatchError("a recipe, or a mean of equal ones", _shown(state))
    return recipe


def _shown(state: object) -> str:
    """Return what was found instead of a recipe; strange and huge tensors have no repr."""
    if isinstance(state, torch.Tensor) and not (is_stored(state) and state.numel() < 1 << 16):
        return f"{shape_in_words(state)}, of {state.dtype} and {state.layout}"
    return shortened(repr(state))


def _digits(values: NDArray[np.float64]) -> bytes:
    """Return the bytes whose digits a tensor holds, at any scale; ValueError if it holds none."""
    if values.size % 2 == 0 or not np.isfinite(values).all() or values[0] == 0:
        raise ValueError
    digits = values[1:] * (_BASE / values[0])
    whole = np.rint(digits)
    if (abs(digits - whole) > _DRIFT).any() or (whole < 0).any() or (whole >= _BASE).any():
        raise ValueError
    high, low = whole.astype(np.uint8).reshape(-1, 2).T
    return bytes((high * _BASE + low).tolist())


def _bytes(values: NDArray[np.float64]) -> bytes:
    whole = np.rint(values)
    if not ((whole >= 0) & (whole < 256)).all():
        raise ValueError
    return whole.astype(np.uint8).tobytes()


def warn_of_missing_recipe() -> None:
    """Warn of weights that come without a recipe; Python shows equal warnings once."""
    warnings.warn(
        "weights of a layer are loaded without the recipe (_extra_state) that states their group, "
        "module and basis: they are accepted unchecked",
        stacklevel=3,
    )


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
