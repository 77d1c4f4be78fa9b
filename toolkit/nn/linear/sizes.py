"""Weights that mean the same for every number of points: layers of symmetric groups on tuples.

The orbit weights of a layer on tuples of n points are entries of its matrix, which change with n if
the function is to stay the same in kind: a sum over n points grows with n, a mean does not. The
weights of terms with means (:class:`toolkit.nn.ExchangeableLinear`) do not depend on n. So the
weights of a layer for m points become those for n points by way of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

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
    """Return the tuples of a recipe that is this layer's for another number of points, or ``None``.

    Parameters
    ----------
    mine, found
        The recipes of the layer and of a checkpoint.
    space
        The layer's maps.

    Returns
    -------
    TupleSpace or None
        ``None`` also if the checkpoint has Fourier blocks, whose bases are not at hand, or has
        fewer points than its tuples have entries: it does not determine the weights for more.
    """
    own = space.tuples if isinstance(space, OrbitalHomSpace) else None
    if own is None or len(own.sizes) != 1 or found.get("parametrization") != "orbit":
        return None
    groups = [_FAMILY.fullmatch(str(recipe.get("group"))) for recipe in (mine, found)]
    if groups[0] is None or groups[1] is None or groups[0][1] != groups[1][1]:
        return None
    if int(groups[0][2]) != own.sizes[0] or not _same_specifications(mine, found):
        return None
    other = TupleSpace(own.terms, (int(groups[1][2]),))
    is_whole = other.count == other.terms.count == found.get("weights")
    return other if is_whole else None


def _same_specifications(mine: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether modules are natural ones or powers of them, the same in both recipes."""
    both = []
    for recipe in (mine, found):
        source, target = recipe.get("source"), recipe.get("target")
        if not isinstance(source, dict) or not isinstance(target, dict):
            return False
        own = source.get("specification")
        both.append((own, target.get("specification", own)))
    plain = {"module": "natural"}
    return both[0] == both[1] and all(
        isinstance(spec, dict) and (spec == plain or spec.get("of") == plain) for spec in both[0]
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
