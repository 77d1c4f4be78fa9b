"""What the output of a layer is, given its input: module and channels, checked on the way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from torch import nn

from toolkit.errors import IllegalActivationError, ModuleMismatchError
from toolkit.modules.module import Module
from toolkit.modules.same_functions import same_functions
from toolkit.nn.activation import Pointwise
from toolkit.nn.convolution.fields import Gridwise, Pixelwise
from toolkit.nn.convolution.window import Window
from toolkit.nn.torch_modules import ModuleKind, kind_of, row_of
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
    axes
        How many axes of a grid follow: fields ``(..., points, channels, *grid)`` have some, and
        torch's layers mean other axes there. ``None`` if unknown.
    window
        A window of the convolutions before, whose matrices say how the group moves the grid;
        ``None`` if unknown.
    """

    module: Module | None = None
    channels: int | None = None
    is_invariant: bool = False
    axes: int | None = None
    window: Window | None = field(default=None, compare=False)

    def __str__(self) -> str:
        channels = "" if self.channels is None else f", {self.channels} channels"
        if self.is_invariant:
            return f"invariants{channels}"
        grid = f", on a grid of {self.axes} axes" if self.axes else ""
        if self.module is None:
            return f"an unknown module{channels}{grid}"
        return f"{self.module.name} of {self.module.group_title}{channels}{grid}"


UNKNOWN = Space()

# what torch has for each number by itself
_ELEMENTWISE = (nn.Identity, nn.Dropout)
# torch's layers of images whose weights, or statistics, tell the second axis' entries apart, and
# what takes their place
_CONVOLUTION, _NORM = "tk.nn.GroupConvolution", "tk.nn.Pixelwise(tk.nn.EquivariantBatchNorm(X, C))"
_OF_IMAGES: dict[type[nn.Module], str] = {
    nn.Conv2d: _CONVOLUTION,
    nn.Conv3d: _CONVOLUTION,
    nn.ConvTranspose2d: "tk.nn.GroupConvolutionTranspose",
    nn.ConvTranspose3d: "tk.nn.GroupConvolutionTranspose",
    nn.BatchNorm2d: _NORM,
    nn.BatchNorm3d: _NORM,
    nn.InstanceNorm2d: _NORM,
    nn.InstanceNorm3d: _NORM,
}


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
    if isinstance(layer, Pixelwise):
        return _after_pixelwise(layer, space, where)
    if isinstance(layer, Gridwise) and layer.legal_on is not None:
        return _after_gridwise(layer, layer.legal_on, space, where)
    if hasattr(layer, "X"):
        return _after_own(layer, space, where)
    row = row_of(layer, None if space.module is None else space.module.degree)
    if row is None:
        _require_axes(layer, space, where)
        instead = _instead_on_fields(layer)
        if space.axes and instead is not None and not _acts_trivially(space):
            problem = "it treats points as channels or places, and has weights for each of them"
            raise _of_no_field(layer, space, where, problem, instead)
        out = getattr(layer, "out_channels", None)
        channels, axes = out if isinstance(out, int) else None, grid_axes(layer)[1]
        return Space(None, channels, axes=axes, window=space.window if axes else None)
    if space.axes and not (row.is_activation or isinstance(layer, _ELEMENTWISE)):
        if _acts_trivially(space):
            return UNKNOWN
        legal = space.module is None or kind_of(space.module) in row.legal_on
        advice = "tk.nn.Pixelwise(layer), which applies it at every pixel"
        problem = "it treats the last axes as points and channels"
        if row.on_fields:
            advice, problem = row.on_fields, "it takes images (batch, channels, *grid)"
        elif not legal:
            advice = f"tk.nn.Pixelwise of {row.instead}" if row.instead else "another layer"
        raise _of_no_field(layer, space, where, problem, advice)
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


def grid_axes(layer: nn.Module) -> tuple[int | None, int | None]:
    """Return how many axes of a grid follow the channels, in the input and in the output.

    A layer says so in its attribute ``grid_axes``; ``None`` stands for any number, or an unknown
    one.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("S4").natural_module()
    >>> grid_axes(tk.nn.GridPooling(X)), grid_axes(nn.ReLU())
    ((2, 0), (None, None))
    """
    found: tuple[int | None, int | None] = getattr(layer, "grid_axes", (None, None))
    return found


def _require_axes(layer: nn.Module, space: Space, where: str) -> None:
    """Refuse fields where there should be functions on points, and the other way."""
    wanted = grid_axes(layer)[0]
    _require_window(layer, space, where)
    if wanted is None or space.axes is None or wanted == space.axes:
        return
    shapes = [
        f"fields (..., points, channels, {n} axes of the grid)" if n else "(..., points, channels)"
        for n in (wanted, space.axes)
    ]
    if not wanted:
        last = f", axes={space.axes}" if space.axes != 2 else ""
        advice = (
            f": tk.nn.Pixelwise(layer{last}) applies it at every pixel, and tk.nn.GridPooling(X) "
            "takes the mean over all"
        )
    else:
        advice = "" if space.axes else ": put it before the grid is removed"
    raise ModuleMismatchError(
        f"{_named(layer, where)} takes {shapes[0]}, but the previous layers return "
        f"{shapes[1]}{advice}"
    )


def _require_window(layer: nn.Module, space: Space, where: str) -> None:
    """Refuse a window that the group moves in another way than those before."""
    problem = window_difference(getattr(layer, "window", None), space.window)
    if problem is not None:
        raise ModuleMismatchError(f"{_named(layer, where)} {problem}")


def window_difference(own: Window | None, before: Window | None) -> str | None:
    """Return how the group moves two windows of one dimension differently, ``None`` if alike."""
    if own is None or before is None or own.dimension != before.dimension:
        return None
    for g, (here, there) in enumerate(zip(own.matrices, before.matrices, strict=True)):
        if (here != there).any():
            return (
                f"moves the grid by {here.tolist()} for generator {g}, but the previous layers "
                f"move it by {there.tolist()}: use windows with the same matrices"
            )
    return None


def _of_no_field(
    layer: nn.Module, space: Space, where: str, problem: str, advice: str
) -> ModuleMismatchError:
    return ModuleMismatchError(
        f"{_named(layer, where)} is not equivariant on fields (..., points, channels, {space.axes} "
        f"axes of the grid): {problem}; use {advice}"
    )


def _instead_on_fields(layer: nn.Module) -> str | None:
    """Return what to use in the place of a layer of torch's that tells points apart."""
    for kind, instead in _OF_IMAGES.items():
        if isinstance(layer, kind) and type(layer).forward is kind.forward:
            return instead
    return None


def _acts_trivially(space: Space) -> bool:
    return space.module is not None and _is_trivial(space.module)


def _is_trivial(X: Module) -> bool:
    """Whether G does nothing to the points."""
    return bool(X.has_points and not X.has_signs and X.orbit_count == X.degree)


def _after_own(layer: nn.Module, space: Space, where: str) -> Space:
    X, Y = getattr(layer, "X", None), getattr(layer, "Y", None)
    if space.is_invariant:
        raise ModuleMismatchError(
            f"{_named(layer, where)} takes functions on a module, but the previous layers return "
            "invariants without points"
        )
    if isinstance(X, Module) and space.module is not None and not same_functions(space.module, X):
        raise ModuleMismatchError(
            f"{_named(layer, where)} takes functions on {X.name} of {X.group_title}, but the "
            f"previous layers return functions on {space.module.name} of "
            f"{space.module.group_title}"
        )
    _require_axes(layer, space, where)
    _require_channels(layer, space, where)
    if X is None and isinstance(layer, Pointwise) and space.module is not None:
        require_legal_on(space.module, layer.activation)
    out = getattr(layer, "out_channels", None)
    into = getattr(layer, "in_channels", space.channels)
    channels = out if isinstance(out, int) else into if isinstance(into, int) else None
    if Y is None and isinstance(X, Module):  # a network with an invariant head
        return Space(None, channels, is_invariant=True)
    module = Y if isinstance(Y, Module) else space.module
    taken, given = grid_axes(layer)
    axes = space.axes if taken is None and given is None else given
    window = getattr(layer, "window", None) or space.window
    return Space(module, channels, axes=axes, window=window if axes else None)


def _after_pixelwise(layer: Pixelwise, space: Space, where: str) -> Space:
    """Return the output of a layer at each pixel: it sees functions on points."""
    _require_axes(layer, space, where)
    inner = after(layer.layer, replace(space, axes=0, window=None), f"{where}.layer".lstrip("."))
    return replace(inner, axes=layer.axes, window=space.window)


def _after_gridwise(
    layer: Gridwise, legal_on: tuple[ModuleKind, ...], space: Space, where: str
) -> Space:
    """Return the output of a layer of images at each point and channel."""
    _require_axes(layer, space, where)
    if space.module is not None and kind_of(space.module) not in legal_on:
        raise IllegalActivationError(
            _named(layer.layer, where),
            f"{space.module.name} is a {kind_of(space.module)} module, and a maximum over pixels "
            "keeps neither signs nor mixed coordinates",
            "use a mean, such as nn.AvgPool2d",
        )
    return replace(space, axes=layer.axes)


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
                f"{_named(layer, where)} takes {expected} channels, but the previous layers return "
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
