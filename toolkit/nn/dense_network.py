"""Networks as plain torch modules of flattened size, to run where this library is not."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from torch import nn

from toolkit.nn.activation import Pointwise
from toolkit.nn.equivariant_linear import EquivariantLinear

if TYPE_CHECKING:
    from collections.abc import Iterable


def dense_network(layers: Iterable[nn.Module]) -> nn.Sequential:
    """Return a chain of layers with an ``nn.Linear`` in place of each equivariant one.

    Parameters
    ----------
    layers
        The layers, the first of them an :class:`~toolkit.nn.EquivariantLinear`.

    Returns
    -------
    torch.nn.Sequential
        The same function: ``(..., points, channels)`` to what the last layer gives. Between
        linear layers functions are flattened, points first. Activations are torch's modules where
        torch has them; what does not act entry by entry (a normalisation, a gate, a pooling) is
        copied as it is, between ``nn.Unflatten`` and ``nn.Flatten``.

    Notes
    -----
    It has the weights of today, as many as the layers have matrix entries, and is not equivariant
    any more once trained.
    """
    out: list[nn.Module] = [nn.Flatten(-2)]
    shared: dict[int, Any] = {}
    is_flat, size = True, (0, 0)
    for layer in layers:
        if isinstance(layer, EquivariantLinear):
            if not is_flat:
                out.append(nn.Flatten(-2))
            out.append(layer.to_dense())
            is_flat, size = True, (layer.Y.degree, layer.out_channels)
            continue
        entrywise = _torch_module(layer) if isinstance(layer, Pointwise) else None
        if entrywise is None:
            if is_flat:
                out.append(nn.Unflatten(-1, size))
            is_flat = False
        out.append(copy.deepcopy(entrywise or layer, shared))
    if is_flat:
        out.append(nn.Unflatten(-1, size))
    return nn.Sequential(*out)


def _torch_module(layer: Pointwise) -> nn.Module | None:
    """Return torch's own module for an activation, if there is one."""
    if isinstance(layer.function, nn.Module):
        return layer.function
    named = layer.activation.named
    place = None if named is None else named.row.torch
    if named is None or place is None or not place.module:
        return None
    numbers = dict(zip(place.parameters, named.numbers, strict=True))
    return getattr(nn, place.module)(**numbers, **dict(place.fixed))  # type: ignore[no-any-return]
