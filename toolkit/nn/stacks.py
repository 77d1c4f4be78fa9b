"""What networks of several layers share: a module and an activation for each, invariant heads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.library.change_of_group import group_of_module
from toolkit.modules.module import Module
from toolkit.nn.activation import Pointwise
from toolkit.nn.pooling import InvariantPooling
from toolkit.nn.vectors.frame import Frame
from toolkit.nn.vectors.gated import Gated
from toolkit.nn.vectors.invariant_norms import InvariantNorms
from toolkit.nn.vectors.norm_activation import NormActivation

if TYPE_CHECKING:
    from toolkit.nn.activation import ActivationLike


def modules_of_layers(
    modules: Module | Sequence[Module | None], channels: Sequence[int]
) -> list[Module]:
    """Return one module for each number of channels."""
    if len(channels) < 2:
        raise ModuleMismatchError(
            f"channels need at least two numbers, of input and output, found {list(channels)}"
        )
    if isinstance(modules, Module):
        return [modules] * len(channels)
    if not isinstance(modules, Sequence) or len(modules) != len(channels):
        found = len(modules) if isinstance(modules, Sequence) else repr(modules)[:60]
        raise ModuleMismatchError(
            f"{len(channels)} numbers of channels need as many modules, or one for all, "
            f"found {found}"
        )
    known = [m for m in modules if m is not None]
    if not known or not all(isinstance(m, Module) for m in known):
        raise ModuleMismatchError(
            "modules must be permutation, signed or linear modules, or None for the regular "
            f"module, and at least one must not be None; found {list(modules)!r:.80}"
        )
    if all(m is not None for m in modules):
        return known
    regular = group_of_module(known[0]).regular_module()
    return [regular if m is None else m for m in modules]


def one_for_each(
    activation: ActivationLike | Sequence[ActivationLike], count: int
) -> list[ActivationLike]:
    """Return one activation for each place."""
    if isinstance(activation, str) or not isinstance(activation, Sequence):
        return [activation] * count
    if len(activation) != count:
        raise ModuleMismatchError(
            f"the number of activations must be {count}, found {len(activation)}"
        )
    return list(activation)


def activation_layer(
    f: ActivationLike,
    X: Module,
    channels: int,
    **place: Any,  # noqa: ANN401 - device and dtype
) -> nn.Module:
    """Return the layer of an activation that ends on a module."""
    if isinstance(f, type) and issubclass(f, NormActivation | Gated):
        return f(X, channels, **place)
    if isinstance(f, type) and issubclass(f, Frame):
        return f(X, **place)
    end = getattr(f, "Y", None)
    if not isinstance(f, nn.Module) or not isinstance(end, Module):
        return Pointwise(f, X, **place)
    if (end.group, end.action_digest) != (X.group, X.action_digest):
        raise ModuleMismatchError(
            f"the activation of {X.name} of {X.group_title} must end on it, found {f!r:.80} on "
            f"{end.name} of {end.group_title}"
        )
    sizes = [getattr(f, name, channels) for name in ("in_channels", "out_channels")]
    if sizes != [channels, channels]:
        raise ModuleMismatchError(
            f"the activation of {X.name} must take and return {channels} channels, found {f!r:.80} "
            f"from {sizes[0]} to {sizes[1]}"
        )
    return f


def invariant_head_on(
    X: Module,
    channels: int,
    out: int,
    **place: Any,  # noqa: ANN401 - device and dtype
) -> tuple[nn.Module, nn.Module, nn.Module]:
    """Return layers from functions on X to ``out`` numbers, by means over the orbits."""
    pooling = InvariantPooling(X, **place) if X.has_points else InvariantNorms(X, **place)
    size = pooling.size * channels
    if size == 0:
        raise ModuleMismatchError(
            f"{X.name} of {X.group_title} with {channels} channels has no invariants to read: end "
            "on another module"
        )
    return pooling, nn.Flatten(-2), nn.Linear(size, out, **place)
