"""What the output of a layer is, given its input: module and channels, checked on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from torch import nn

from toolkit.errors import IllegalActivationError, ModuleMismatchError
from toolkit.modules.module import Module
from toolkit.modules.same_functions import same_functions
from toolkit.nn.activation import Pointwise
from toolkit.nn.torch_modules import kind_of, row_of
from toolkit.pl.legality import require_legal_on

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Space:
    """What a tensor holds, as far as it is known.

    Parameters
    ----------
    module
        The module ``(..., points, channels)`` is a function on; ``None`` if unknown.
    channels
        Their number; ``None`` if unknown.
    is_invariant
        Whether there are no points any more: ``(..., channels)`` that do not change.
    has_grid
        Whether axes of a grid follow: then torch's layers mean other axes.
    """

    module: Module | None = None
    channels: int | None = None
    is_invariant: bool = False
    has_grid: bool = False

    def __str__(self) -> str:
        channels = "" if self.channels is None else f", {self.channels} channels"
        if self.is_invariant:
            return f"invariants{channels}"
        if self.module is None:
            return f"an unknown module{channels}"
        return f"{self.module.name} of {self.module.group_title}{channels}"


UNKNOWN = Space()


def after(layer: nn.Module, space: Space, where: str = "") -> Space:
    """Return what the output of a layer is, and refuse an input that does not fit.

    Parameters
    ----------
    layer
        Any module. Layers with an attribute ``X`` say themselves what they take; torch's are known
        from :data:`toolkit.nn.torch_modules.TORCH_MODULES`; containers are followed; after any
        other module nothing is known.
    space
        What the input is.
    where
        The position, for messages.

    Raises
    ------
    ModuleMismatchError
        If modules or channels do not fit, or the layer is not equivariant on the module.
    IllegalActivationError
        If the layer is an activation that is not legal on the module.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("S4").natural_module()
    >>> after(tk.nn.EquivariantLinear(X, X**2, 3, 5), Space(X, 3)).channels
    5
    """
    if type(layer).forward is nn.Sequential.forward and isinstance(layer, nn.Sequential):
        for name, child in layer._modules.items():  # also one that stands twice
            if child is not None:
                space = after(child, space, f"{where}.{name}" if where else name)
        return space
    if hasattr(layer, "X"):
        return _after_own(layer, space, where)
    row = row_of(layer, None if space.module is None else space.module.degree)
    if row is None:
        out = getattr(layer, "out_channels", None)
        return Space(None, out if isinstance(out, int) else None)
    if space.has_grid:
        return space if row.is_activation or isinstance(layer, nn.Identity) else UNKNOWN
    if space.is_invariant or (space.module is not None and _is_trivial(space.module)):
        return _after_on_invariants(layer, space, where)
    if space.module is not None:
        kind = kind_of(space.module)
        if kind not in row.legal_on:
            problem = f"{row.why}; {space.module.name} is a {kind} module"
            advice = f"use {row.instead}" if row.instead else "leave it out"
            if row.is_activation:
                raise IllegalActivationError(_named(layer, where), problem, advice)
            raise ModuleMismatchError(
                f"{_named(layer, where)} is not equivariant: {problem}; {advice}"
            )
    _require_channels(layer, space, where)
    return replace(space, channels=row.channels(layer, space.channels))


def _named(layer: nn.Module, where: str) -> str:
    return f"layer {where!r}, {type(layer).__name__}," if where else type(layer).__name__


def _is_trivial(X: Module) -> bool:
    """Whether G does nothing to the points."""
    return bool(X.has_points and not X.has_signs and X.orbit_count == X.degree)


def _after_own(layer: nn.Module, space: Space, where: str) -> Space:
    X, Y = getattr(layer, "X", None), getattr(layer, "Y", None)
    if space.is_invariant:
        raise ModuleMismatchError(
            f"{_named(layer, where)} takes functions on a module, but what comes before gives "
            "invariants without points"
        )
    if isinstance(X, Module) and space.module is not None and not same_functions(space.module, X):
        raise ModuleMismatchError(
            f"{_named(layer, where)} takes functions on {X.name} of {X.group_title}, but what "
            f"comes before gives functions on {space.module.name} of {space.module.group_title}"
        )
    _require_channels(layer, space, where)
    if X is None and isinstance(layer, Pointwise) and space.module is not None:
        require_legal_on(space.module, layer.activation)
    out = getattr(layer, "out_channels", None)
    into = getattr(layer, "in_channels", space.channels)
    channels = out if isinstance(out, int) else into if isinstance(into, int) else None
    if Y is None and isinstance(X, Module):  # a network with an invariant head
        return Space(None, channels, is_invariant=True)
    module = Y if isinstance(Y, Module) else space.module
    return Space(module, channels, has_grid=space.has_grid or hasattr(layer, "window"))


def _after_on_invariants(layer: nn.Module, space: Space, where: str) -> Space:
    """Return the output where G does nothing: everything is legal, only sizes matter."""
    if isinstance(layer, nn.Flatten) and space.module is not None:
        points = space.module.degree
        return Space(
            None, None if space.channels is None else points * space.channels, is_invariant=True
        )
    _require_channels(layer, space, where)
    row = row_of(layer)
    assert row is not None
    return replace(space, channels=row.channels(layer, space.channels))


def _require_channels(layer: nn.Module, space: Space, where: str) -> None:
    """Refuse a layer for another number of channels."""
    for expected in _expected_channels(layer):
        if space.channels is not None and expected not in (0, space.channels):
            raise ModuleMismatchError(
                f"{_named(layer, where)} takes {expected} channels, but what comes before gives "
                f"{space.channels}"
            )


def _expected_channels(layer: nn.Module) -> Iterator[int]:
    """Yield the numbers of input channels that a layer names; 0 if a lazy one has none yet."""
    for name in ("in_channels", "in_features", "channels"):
        found = getattr(layer, name, None)
        if isinstance(found, int):
            yield found
    shape = getattr(layer, "normalized_shape", None)
    if isinstance(shape, tuple) and len(shape) == 1:
        yield shape[0]
