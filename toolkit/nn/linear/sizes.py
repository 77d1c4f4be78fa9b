"""Weights that mean the same for every number of points: layers of symmetric groups on tuples.

The orbit weights of a layer on tuples of n points are entries of its matrix, which change with n if
the function is to stay the same in kind: a sum over n points grows with n, a mean does not. The
weights of terms with means (:class:`toolkit.nn.ExchangeableLinear`) do not depend on n. So the
weights of a layer for m points become those for n points by way of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from toolkit.errors import CheckpointMismatchError
from toolkit.modules.tuples import TupleSpace
from toolkit.nn.linear.hom_space import OrbitalHomSpace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.nn.linear.hom_space_base import HomSpace

#: Groups that act on tuples as all permutations do, if there are enough points.
_FAMILY = re.compile(r"([SA])([1-9][0-9]{0,8})")


def orbit_weights(space: TupleSpace, weight: torch.Tensor) -> torch.Tensor:
    """Return ``(R, ...)`` orbit weights of weights of the terms with means, float64."""
    change = space.terms.zeta[space.has_points] / _means(space)
    found: torch.Tensor = torch.tensordot(torch.from_numpy(change), weight, 1)
    return found


def term_weights(space: TupleSpace, weight: torch.Tensor) -> torch.Tensor:
    """Return ``(terms, ...)`` weights of the terms with means of orbit weights, float64.

    Orbit weights of patterns that no tuple has are taken to be 0.
    """
    change = space.terms.moebius[:, space.has_points] * _means(space)[:, None]
    found: torch.Tensor = torch.tensordot(torch.from_numpy(change), weight, 1)
    return found


def orbit_biases(space: TupleSpace, bias: torch.Tensor) -> torch.Tensor:
    """Return biases by orbit of biases by diagonal, ``(..., C)`` each, float64."""
    zeta = space.target.zeta[space.target.has_sizes(space.sizes)].astype(np.float64)
    found: torch.Tensor = torch.tensordot(torch.from_numpy(zeta), bias, 1)
    return found


def diagonal_biases(space: TupleSpace, bias: torch.Tensor) -> torch.Tensor:
    """Return biases by diagonal of biases by orbit, ``(..., C)`` each, float64."""
    exists = space.target.has_sizes(space.sizes)
    moebius = space.target.moebius[:, exists].astype(np.float64)
    found: torch.Tensor = torch.tensordot(torch.from_numpy(moebius), bias, 1)
    return found


def _means(space: TupleSpace) -> NDArray[np.float64]:
    """Return per term the number of points that it takes a mean of."""
    sizes = np.array(space.sizes, dtype=np.float64)
    found: NDArray[np.float64] = np.prod(sizes**space.terms.summed, axis=1)
    return found


def other_size(mine: dict[str, Any], found: dict[str, Any], space: HomSpace) -> TupleSpace | None:
    """Return the tuples of a recipe that is this layer's for other numbers of points, or ``None``.

    Parameters
    ----------
    mine, found
        The recipes of the layer and of a checkpoint.
    space
        The layer's maps.

    Raises
    ------
    CheckpointMismatchError
        If the checkpoint is of such a layer, but has Fourier blocks, whose bases are not at hand,
        or has fewer points than its tuples have entries: it does not determine the weights for
        more.
    """
    own = space.tuples if isinstance(space, OrbitalHomSpace) else None
    if own is None:
        return None
    here, there = _sets_of(mine), _sets_of(found)
    if here is None or there is None or here.entries != there.entries:
        return None
    if here.kinds != there.kinds or here.sizes != own.sizes or here.sizes == there.sizes:
        return None
    other = TupleSpace(own.terms, there.sizes)
    if found.get("parametrization") != "orbit":
        raise CheckpointMismatchError(
            "orbit weights, the only ones that can be converted to another number of points "
            "(first load them into a layer of the same modules with parametrization='orbit')",
            f"Fourier blocks of {found.get('group')}",
        )
    if found.get("weights") != other.terms.count or other.count != other.terms.count:
        raise CheckpointMismatchError(
            f"the {other.terms.count} weights of a layer with more points, which determine those "
            "for every number of points (tk.nn.ExchangeableLinear.from_equivariant sets those "
            "that fewer points lack to 0)",
            f"{found.get('weights')} weights of {found.get('group')}",
        )
    return other


@dataclass(frozen=True)
class _Sets:
    """Per set the kind of group and the number of points, and what tuples there are."""

    kinds: tuple[str, ...]
    sizes: tuple[int, ...]
    entries: tuple[Any, Any]


def _sets_of(recipe: dict[str, Any]) -> _Sets | None:
    """Return the sets of a recipe between natural modules, powers and outer products of them."""
    source, target = recipe.get("source"), recipe.get("target")
    if not isinstance(source, dict) or not isinstance(target, dict):
        return None
    own = source.get("specification")
    sides = (own, target.get("specification", own))
    entries, names = [], []
    for side in sides:
        if not isinstance(side, dict):
            return None
        outer = side.get("module") == "outer product"
        factors = side.get("of") if outer else [side]
        groups = side.get("groups") if outer else [recipe.get("group")]
        if not isinstance(factors, list) or not all(map(_is_plain, factors)):
            return None
        entries.append(factors)
        names.append(groups)
    if names[0] != names[1] or not isinstance(names[0], list):
        return None
    found = [_FAMILY.fullmatch(str(name)) for name in names[0]]
    known = [match for match in found if match is not None]
    if len(known) < len(found):
        return None
    kinds = tuple(match[1] for match in known)
    return _Sets(kinds, tuple(int(match[2]) for match in known), (entries[0], entries[1]))


def _is_plain(specification: object) -> bool:
    """Whether a module is a natural one or a power of it."""
    plain = {"module": "natural"}
    return isinstance(specification, dict) and (
        specification == plain or specification.get("of") == plain
    )


def resized(
    state_dict: dict[str, Any], prefix: str, other: TupleSpace, space: HomSpace
) -> dict[str, Any]:
    """Return a state whose weights and biases by orbital are those for this number of points.

    Parameters
    ----------
    state_dict, prefix
        As torch hands them to a layer.
    other
        The tuples of the checkpoint.
    space
        The layer's maps.

    Notes
    -----
    Tensors of other shapes stay as they are: torch says what is wrong with them.
    """
    own = space.tuples if isinstance(space, OrbitalHomSpace) else None
    assert own is not None
    state_dict = dict(state_dict)
    weight = state_dict.get(prefix + "weight")
    if isinstance(weight, torch.Tensor) and weight.dim() == 3 and len(weight) == other.count:
        wide = weight.detach().to("cpu", torch.float64)
        state_dict[prefix + "weight"] = orbit_weights(own, term_weights(other, wide)).to(weight)
    bias = state_dict.get(prefix + "bias")
    patterns = len(other.target.patterns)
    if isinstance(bias, torch.Tensor) and bias.dim() == 1 and len(bias) % patterns == 0:
        wide = bias.detach().to("cpu", torch.float64).reshape(patterns, -1)
        by_orbit = orbit_biases(own, diagonal_biases(other, wide))
        state_dict[prefix + "bias"] = by_orbit.flatten().to(bias)
    return state_dict
