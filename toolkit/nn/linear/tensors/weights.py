"""Weights and biases of layers, those without entries included.

A layer between modules without a common simple has no weights, and one to a signed module without
invariants no biases. A parameter without entries breaks what divides by its size or takes its
largest entry (Adafactor, ``clip_grad_norm_`` with the maximum norm). So such a tensor is no
parameter, but a buffer outside of the ``state_dict``: it still has the layer's device and dtype.
A layer that has no other tensors is then one without parameters, as an activation is; what needs
parameters (an optimizer, ``AveragedModel``) is for the network that it is a part of.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from toolkit.errors import ModuleMismatchError


def register_weight(module: nn.Module, name: str, size: tuple[int, ...], **place: Any) -> None:  # noqa: ANN401 - device and dtype
    """Register an uninitialised parameter, or a buffer if it has no entries.

    Parameters
    ----------
    module
        The layer.
    name
        ``"weight"`` or ``"bias"``.
    size
        The tensor's shape.
    **place
        ``device`` and ``dtype``, as in torch.

    Notes
    -----
    A ``state_dict`` that has the empty tensor, as older ones do, is read all the same.

    Examples
    --------
    >>> layer = nn.Module()
    >>> register_weight(layer, "weight", (2, 3))
    >>> register_weight(layer, "bias", (0, 3))
    >>> [name for name, _ in layer.named_parameters()], layer.bias.shape, list(layer.state_dict())
    (['weight'], torch.Size([0, 3]), ['weight'])
    """
    tensor = torch.empty(size, **place)
    if tensor.numel():
        module.register_parameter(name, nn.Parameter(tensor))
        return
    module.register_buffer(name, tensor, persistent=False)
    module.register_load_state_dict_pre_hook(_pass_over_empty)  # type: ignore[no-untyped-call]
    module.register_load_state_dict_post_hook(_follow_weights)  # type: ignore[no-untyped-call]


def _pass_over_empty(
    module: nn.Module,
    state_dict: dict[str, Any],
    prefix: str,
    *_: Any,  # noqa: ANN401 - torch's own
) -> None:
    for name in module._non_persistent_buffers_set:  # others are in the state, empty or not
        tensor = module._buffers[name]
        found = state_dict.get(prefix + name)
        if tensor is None:
            continue
        if tensor.numel() or not isinstance(found, torch.Tensor):
            continue
        if found.shape == tensor.shape or (name == "bias" and not found.numel()):
            del state_dict[prefix + name]


def with_flat_bias(
    state_dict: dict[str, Any], name: str, values: torch.Tensor | None
) -> dict[str, Any]:
    """Return a state in which a bias of two axes, as once saved, has the one axis of today.

    Parameters
    ----------
    state_dict
        A ``state_dict``; it is not changed.
    name
        The bias's name in it.
    values
        ``(invariant functions, channels)`` the layer's own bias; ``None`` if it has none.
    """
    found = state_dict.get(name)
    if values is None or not isinstance(found, torch.Tensor) or found.shape != values.shape:
        return state_dict
    return {**state_dict, name: found.flatten()}


def _follow_weights(module: nn.Module, _keys: object) -> None:
    """Have empty tensors where loading has put the others: it may have assigned them."""
    found = weight_of(module)
    if found is not None:
        for name in ("weight", "bias"):
            tensor = module._buffers.get(name)
            if tensor is not None:
                module._buffers[name] = found.new_empty(tensor.shape)


def weight_of(module: nn.Module) -> torch.Tensor | None:
    """Return a layer's weight, or its bias if the weight has no entries, or ``None``."""
    for name in ("weight", "bias"):
        tensor = getattr(module, name)
        if tensor is not None and tensor.numel():
            return torch.as_tensor(tensor)
    return None


def gathered_whole(weight: torch.Tensor) -> torch.Tensor:
    """Return a weight that several processes may share (a DTensor) as a plain tensor."""
    whole: torch.Tensor = weight.full_tensor() if hasattr(weight, "full_tensor") else weight
    return whole


def distributed_as(weight: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Return plain values shared among processes as a weight is."""
    if not hasattr(weight, "full_tensor"):
        return values
    from torch.distributed.tensor import DTensor, distribute_tensor

    assert isinstance(weight, DTensor)
    return distribute_tensor(values.to(weight.device), weight.device_mesh, weight.placements)


def require_choice(name: str, value: object, allowed: tuple[str, ...]) -> None:
    """Raise ModuleMismatchError unless an argument is one of the words allowed."""
    if value not in allowed:
        raise ModuleMismatchError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")


def require_channels(in_channels: int, out_channels: int) -> None:
    """Raise ModuleMismatchError unless both are numbers of channels."""
    for name, value in (("in_channels", in_channels), ("out_channels", out_channels)):
        if not isinstance(value, int) or value < 0:
            raise ModuleMismatchError(f"{name} must be a non-negative integer, not {value!r}")
