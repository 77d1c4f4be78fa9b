"""The maps of channels that make queries, keys and values, and whatever else a block maps."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from torch import nn

from toolkit.nn.equivariant_linear import EquivariantLinear
from toolkit.nn.linear.tensors.weights import require_choice
from toolkit.nn.orbit_layers import OrbitLinear

if TYPE_CHECKING:
    import torch

    from toolkit.modules.module import Module

Projections: TypeAlias = Literal["channels", "orbits", "equivariant"]
PROJECTIONS: tuple[Projections, ...] = ("channels", "orbits", "equivariant")


def projection(
    kind: Projections,
    X: Module,
    in_channels: int,
    out_channels: int,
    bias: bool = True,
    device: torch.device | str | None = None,
    dtype: torch.dtype | None = None,
) -> nn.Module:
    """Return a linear map ``(..., |X|, in_channels)`` to ``(..., |X|, out_channels)``.

    Parameters
    ----------
    kind
        ``"channels"``: the same map at every point (``torch.nn.Linear``); ``"orbits"``: one for
        each orbit of points; ``"equivariant"``: all equivariant maps.
    X
        The module.
    in_channels, out_channels, bias, device, dtype
        As in the layers. A constant is not invariant where points change sign, or in a module
        of matrices: ``"channels"`` leaves the bias out there.
    """
    require_choice("projections", kind, PROJECTIONS)
    if kind == "equivariant":
        return EquivariantLinear(
            X, X, in_channels, out_channels, bias, "auto", device, dtype, init="xavier"
        )
    if kind == "orbits":
        return OrbitLinear(X, in_channels, out_channels, bias, device, dtype)
    constant = X.generality == 0 or (X.generality == 1 and not X.has_signs)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Initializing zero-element tensors")
        linear = nn.Linear(in_channels, out_channels, bias and constant, device, dtype)
    _reset(linear)
    return linear


def place_of(layer: nn.Module) -> dict[str, Any]:
    """Return the device and dtype of a layer's parameters, as arguments; none if it has none."""
    found = next(layer.parameters(), None)
    return {} if found is None else {"device": found.device, "dtype": found.dtype}


def reset_projection(layer: nn.Module) -> None:
    """Draw the weights of a projection anew."""
    if isinstance(layer, nn.Linear):
        _reset(layer)
    else:
        layer.reset_parameters()  # type: ignore[operator]


def _reset(linear: nn.Linear) -> None:
    if linear.weight.numel():
        nn.init.xavier_uniform_(linear.weight)
    if linear.bias is not None:
        nn.init.zeros_(linear.bias)
