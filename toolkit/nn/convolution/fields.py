"""Fields, ``(..., |X|, channels, *grid)``: layers of the fibre or of the grid alone, and pooling.

The order of axes is this toolkit's (points, then channels) followed by torch's (the grid last).
With the grid moved to the front, every layer of this toolkit acts on the fibres, pixel by pixel;
with points and channels joined, every layer of torch that treats channels one by one acts on the
grid. Both are views, no copies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import torch
from torch import nn

from toolkit.errors import IllegalActivationError, ModuleMismatchError
from toolkit.nn.linear.tensors.weights import require_choice
from toolkit.nn.torch_modules import KINDS, ModuleKind

if TYPE_CHECKING:
    from toolkit.modules.module import Module

GridReduction: TypeAlias = Literal["mean", "sum", "max"]


def fields_to_points(x: torch.Tensor, axes: int = 2) -> torch.Tensor:
    """Convert fields ``(..., |X|, C, *grid)`` to functions on points ``(..., *grid, |X|, C)``.

    Parameters
    ----------
    x
        Fields.
    axes
        The number of axes of the grid.

    Returns
    -------
    torch.Tensor
        A view.

    Examples
    --------
    >>> fields_to_points(torch.zeros(5, 8, 3, 20, 30)).shape
    torch.Size([5, 20, 30, 8, 3])
    """
    _require_field(x, axes)
    return x.movedim((-axes - 2, -axes - 1), (-2, -1))


def points_to_fields(x: torch.Tensor, axes: int = 2) -> torch.Tensor:
    """Convert functions on points ``(..., *grid, |X|, C)`` to fields ``(..., |X|, C, *grid)``.

    Parameters
    ----------
    x
        Functions on the points of the fibre, one for each pixel.
    axes
        The number of axes of the grid.

    Returns
    -------
    torch.Tensor
        A view.

    Examples
    --------
    >>> points_to_fields(torch.zeros(5, 20, 30, 8, 3)).shape
    torch.Size([5, 8, 3, 20, 30])
    """
    _require_field(x, axes)
    return x.movedim((-2, -1), (-axes - 2, -axes - 1))


class Pixelwise(nn.Module):
    """A layer for functions on X, applied at every pixel of a field.

    Parameters
    ----------
    layer
        Any layer from ``(..., |X|, C)`` to ``(..., |Y|, C')``: activation, linear layer (a window
        of one cell), normalisation, pooling over the fibre.
    axes
        The number of axes of the grid.

    Notes
    -----
    Maps ``(..., |X|, C, *grid)`` to ``(..., |Y|, C', *grid)``. It commutes with G and with shifts
    if the layer commutes with G.

    Examples
    --------
    From the eight elements of D8 to one point, by their maximum:

    >>> import toolkit as tk
    >>> G = tk.group("D8")
    >>> X, point = G.regular_module(), tk.nn.square_window(G, 3).point
    >>> project = Pixelwise(tk.nn.EquivariantPooling(X, point, "max"))
    >>> project(torch.zeros(5, 8, 3, 20, 20)).shape
    torch.Size([5, 1, 3, 20, 20])
    """

    def __init__(self, layer: nn.Module, axes: int = 2) -> None:
        super().__init__()
        self.layer, self.axes = layer, axes

    @property
    def in_channels(self) -> int | None:
        """The number of channels of the input, if the layer states it."""
        return _channels_of(self.layer, "in_channels", "in_features", "channels")

    @property
    def out_channels(self) -> int | None:
        """The number of channels of the output, if the layer states it."""
        return _channels_of(self.layer, "out_channels", "out_features", "channels")

    @property
    def X(self) -> Module | None:
        """The module of the input's fibres, if the layer states it."""
        return getattr(self.layer, "X", None)

    @property
    def Y(self) -> Module | None:
        """The module of the output's fibres, if the layer states it."""
        return getattr(self.layer, "Y", None)

    @property
    def grid_axes(self) -> tuple[int | None, int | None]:
        """The numbers of grid axes after the channels, in input and output."""
        return self.axes, self.axes

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., |Y|, C', *grid)`` for ``x`` of shape ``(..., |X|, C, *grid)``."""
        return points_to_fields(self.layer(fields_to_points(x, self.axes)), self.axes)


class Gridwise(nn.Module):
    """A layer for images, applied to every point and channel of a field separately.

    Parameters
    ----------
    layer
        Any layer for images ``(batch, channels, *grid)`` that treats all channels alike, such as
        torch's pooling, upsampling and padding.
    axes
        The number of axes of the grid.

    Notes
    -----
    Maps ``(..., |X|, C, *grid)`` to ``(..., |X|, C, *grid')``. It commutes with G if the layer
    commutes with the symmetries of the grid. Pooling with k pixels and stride s does so if s
    divides N - k for the size N, or if no element of G reverses the axes. On a signed module the
    layer must also be odd: means are odd, maxima are not.

    Examples
    --------
    >>> Gridwise(nn.MaxPool2d(2))(torch.zeros(5, 8, 3, 20, 20)).shape
    torch.Size([5, 8, 3, 10, 10])
    """

    def __init__(self, layer: nn.Module, axes: int = 2) -> None:
        super().__init__()
        self.layer, self.axes = layer, axes

    @property
    def legal_on(self) -> tuple[ModuleKind, ...] | None:
        """The kinds of modules on which the layer is legal; ``None`` if unknown.

        Whether it commutes with the symmetries of the grid depends on the image's size.
        """
        if isinstance(self.layer, _MAXIMA):
            return ("permutation",)
        return KINDS if isinstance(self.layer, _MEANS) else None

    @property
    def grid_axes(self) -> tuple[int | None, int | None]:
        """The numbers of grid axes after the channels, in input and output."""
        return self.axes, self.axes

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., |X|, C, *grid')`` for ``x`` of shape ``(..., |X|, C, *grid)``."""
        _require_field(x, self.axes)
        leading, fibre = x.shape[: -self.axes - 2], x.shape[-self.axes - 2 : -self.axes]
        images = x.flatten(-self.axes - 2, -self.axes - 1)
        if len(leading) != 1:
            images = images.reshape(-1, *images.shape[-self.axes - 1 :])
        y: torch.Tensor = self.layer(images)
        return y.reshape(*leading, *fibre, *y.shape[2:])


class GridPooling(nn.Module):
    """The mean, sum or maximum of a field over all pixels, a function on X.

    Parameters
    ----------
    X
        The module of the fibres.
    reduction
        ``"mean"``, ``"sum"`` or ``"max"``; the maximum only for modules without signs.
    axes
        The number of axes of the grid.

    Raises
    ------
    IllegalActivationError
        For a maximum where the group changes signs or mixes coordinates.

    Notes
    -----
    Maps ``(..., |X|, C, *grid)`` to ``(..., |X|, C)``. The result is invariant under shifts that
    keep the whole content on the grid, and g in G acts on it as on X. An
    :class:`~toolkit.nn.InvariantPooling` after it makes it invariant.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("D8").regular_module()
    >>> GridPooling(X)(torch.zeros(5, 8, 3, 20, 20)).shape
    torch.Size([5, 8, 3])
    """

    def __init__(self, X: Module, reduction: GridReduction = "mean", axes: int = 2) -> None:
        super().__init__()
        require_choice("reduction", reduction, ("mean", "sum", "max"))
        if reduction == "max" and (X.generality > 1 or X.has_signs):
            raise IllegalActivationError(
                "max over pixels",
                f"some generator does not permute the coordinates of {X.name}",
                "use mean or sum",
            )
        self.X, self.reduction, self.axes = X, reduction, axes

    @property
    def Y(self) -> Module:
        """The module of the output, which is that of the fibres."""
        return self.X

    @property
    def grid_axes(self) -> tuple[int | None, int | None]:
        """The numbers of grid axes after the channels, in input and output."""
        return self.axes, 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., |X|, C)`` for ``x`` of shape ``(..., |X|, C, *grid)``."""
        _require_field(x, self.axes)
        if x.shape[-self.axes - 2] != self.X.degree:
            raise ModuleMismatchError(
                f"the input must have shape (..., {self.X.degree}, channels, {self.axes} axes of "
                f"the grid), points of {self.X.name}, found {tuple(x.shape)}"
            )
        over = tuple(range(-self.axes, 0))
        if self.reduction == "max":
            return x.amax(over)
        return x.sum(over) if self.reduction == "sum" else x.mean(over)

    def extra_repr(self) -> str:
        """Describe the module and the reduction."""
        return f"{self.reduction} over {self.axes} axes, {self.X.name} of {self.X.group_title}"


#: A mean over pixels, or pixels elsewhere: linear, and the same for each coordinate.
_MEANS = (
    nn.Identity, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d,
    nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d,
    nn.Upsample, nn.ZeroPad1d, nn.ZeroPad2d, nn.ZeroPad3d,
    nn.CircularPad1d, nn.CircularPad2d, nn.CircularPad3d,
    nn.ReflectionPad1d, nn.ReflectionPad2d, nn.ReflectionPad3d,
    nn.ReplicationPad1d, nn.ReplicationPad2d, nn.ReplicationPad3d,
)  # fmt: skip

#: A maximum, or a norm: it loses signs.
_MAXIMA = (
    nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d,
    nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d,
    nn.LPPool1d, nn.LPPool2d, nn.LPPool3d,
)  # fmt: skip


def _channels_of(layer: nn.Module, *names: str) -> int | None:
    for name in names:
        found = getattr(layer, name, None)
        if isinstance(found, int) and found:  # a lazy layer has 0
            return found
    return None


def _require_field(x: torch.Tensor, axes: int) -> None:
    if x.dim() < axes + 2:
        raise ModuleMismatchError(
            f"fields on {axes} axes have shape (..., points, channels, {axes} axes of the grid), "
            f"found {tuple(x.shape)}"
        )
