"""Convolutional networks of a group: convolutions between fibres, with activations between."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import nn

from toolkit.errors import ConfigError, ModuleMismatchError
from toolkit.nn.activation import Pointwise
from toolkit.nn.convolution.convolution import GroupConvolution
from toolkit.nn.convolution.fields import GridPooling, Pixelwise
from toolkit.nn.convolution.sliding import per_axis
from toolkit.nn.convolution.windowed_map import require_window
from toolkit.nn.network_state import UNNAMED, NetworkWithRecipe, written_activation
from toolkit.nn.normalisation.batch_norm import EquivariantBatchNorm
from toolkit.nn.normalisation.sample_norms import (
    EquivariantLayerNorm,
    EquivariantRMSNorm,
    SimpleNorm,
)
from toolkit.nn.stacks import (
    activation_layer,
    invariant_head_on,
    modules_of_layers,
    one_for_each,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.modules.module import Module
    from toolkit.nn.activation import ActivationLike
    from toolkit.nn.convolution.sliding import PaddingMode
    from toolkit.nn.convolution.window import Window
    from toolkit.nn.linear.initialisation import Initialisation


#: Normalisations by the names that a recipe has for them.
NORMS_BY_NAME: dict[str, Callable[[Module, int], nn.Module]] = {
    "EquivariantBatchNorm": EquivariantBatchNorm,
    "EquivariantLayerNorm": EquivariantLayerNorm,
    "EquivariantRMSNorm": EquivariantRMSNorm,
    "SimpleNorm": SimpleNorm,
}


class EquivariantCNN(NetworkWithRecipe):
    """Group convolutions with an activation after each one except the last.

    Parameters
    ----------
    window
        The window of all convolutions.
    modules
        The fibres X_0, ..., X_k for k convolutions. ``None`` stands for the regular module. The
        fibre of ordinary images is ``window.point``.
    channels
        ``(c_0, ..., c_k)`` numbers of channels.
    activation
        One activation for all layers, or one for each, as for :class:`~toolkit.nn.EquivariantMLP`.
    strides
        One stride for all convolutions, or one for each.
    padding
        The padding of all convolutions, as in torch; by default half of the window, whose sizes
        must then be odd.
    padding_mode
        As for :class:`~toolkit.nn.GroupConvolution`.
    bias
        Whether the convolutions have a bias.
    normalisation
        A function that makes a normalisation from a module and a number of channels. It is applied
        at every pixel before each activation. ``None`` for none.
    invariant_head
        If given, the network is invariant: the last functions are activated as well, averaged over
        the grid and over each orbit, and mapped to this many numbers by a plain linear layer.
    device, dtype
        As in torch.

    Raises
    ------
    ModuleMismatchError
        If the window, modules, channels or strides do not fit together.
    IllegalActivationError
        If an activation does not commute with the group on its module; raised on construction.
    ConfigError
        If ``normalisation`` is no function.

    Notes
    -----
    Maps ``(..., |X_0|, c_0, *grid)`` to ``(..., |X_k|, c_k, *grid)``, or to ``(...,
    invariant_head)``. The layers are in ``.layers``, an ``nn.Sequential``. With strides,
    :meth:`is_equivariant_on` tells the sizes on which the network is exactly equivariant.

    Examples
    --------
    An image classifier that is invariant under rotations by 90 degrees and reflections:

    >>> import torch, toolkit as tk
    >>> window = tk.nn.square_window(tk.group("D8"), 3)
    >>> net = EquivariantCNN(
    ...     window, [window.point, None, None], [1, 4, 8], strides=[1, 2], invariant_head=10
    ... )
    >>> net(torch.zeros(5, 1, 1, 29, 29)).shape
    torch.Size([5, 10])
    >>> net.is_equivariant_on((29, 29)), net.is_equivariant_on((28, 28))
    (True, False)
    """

    network_name = "EquivariantCNN"

    def __init__(
        self,
        window: Window,
        modules: Module | Sequence[Module | None],
        channels: Sequence[int],
        activation: ActivationLike | Sequence[ActivationLike] = "relu",
        *,
        strides: int | Sequence[int] = 1,
        padding: int | str | None = None,
        padding_mode: PaddingMode = "zeros",
        bias: bool = True,
        normalisation: Callable[[Module, int], nn.Module] | None = None,
        invariant_head: int | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        require_window(window)
        spaces = modules_of_layers(modules, channels)
        steps = _strides(strides, len(spaces) - 1)
        around: Any = _half(window) if padding is None else padding
        count = len(spaces) - 1 if invariant_head is not None else len(spaces) - 2
        place: dict[str, Any] = {"device": device, "dtype": dtype}
        chosen = one_for_each(activation, count)
        activations = [
            activation_layer(f, X, c, **place)
            for f, X, c in zip(chosen, spaces[1:], channels[1:], strict=False)
        ]
        if not (normalisation is None or callable(normalisation)):
            raise ConfigError(
                "normalisation must be a function of a module and a number of channels, such as "
                f"tk.nn.EquivariantBatchNorm, not {normalisation!r:.60}"
            )
        axes = window.dimension
        layers: list[nn.Module] = []
        for i, (X, Y) in enumerate(itertools.pairwise(spaces)):
            follows = activations[i] if i < len(activations) else None
            init: Initialisation = "lecun"
            if isinstance(follows, Pointwise) and not follows.is_odd:
                init = "he"
            size = channels[i], channels[i + 1]
            target = Y if follows is None else cast("Module", follows.X)
            convolution = GroupConvolution(
                window, X, target, *size, steps[i], around, bias=bias, padding_mode=padding_mode,
                init=init, **place,
            )  # fmt: skip
            layers.append(convolution)
            if follows is not None and normalisation is not None:
                norm = normalisation(target, size[1]).to(device=device, dtype=dtype)
                layers.append(Pixelwise(norm, axes))
            if follows is not None:
                layers.append(Pixelwise(follows, axes))
        self.window = window
        self.X: Module = spaces[0]
        self.Y: Module | None = spaces[-1]
        self.in_channels, self.out_channels = channels[0], channels[-1]
        if invariant_head is not None:
            layers.append(GridPooling(spaces[-1], "mean", axes))
            layers.extend(invariant_head_on(spaces[-1], channels[-1], invariant_head, **place))
            self.Y, self.out_channels = None, invariant_head
        self.layers = nn.Sequential(*layers)
        names = {norm: name for name, norm in NORMS_BY_NAME.items()}
        self._arguments = {
            "window": window.specification,
            "channels": list(channels),
            "activation": [written_activation(f) for f in chosen],
            "strides": [list(s) if isinstance(s, Sequence) else s for s in steps],
            "padding": list(around) if isinstance(around, tuple) else around,
            "padding_mode": padding_mode,
            "bias": bias,
            "normalisation": None
            if normalisation is None
            else names.get(cast("Any", normalisation), UNNAMED),
            "invariant_head": invariant_head,
        }
        self._spaces = tuple(spaces)

    @property
    def grid_axes(self) -> tuple[int | None, int | None]:
        """The numbers of grid axes after the channels, in input and output."""
        return self.window.dimension, 0 if self.Y is None else self.window.dimension

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., |X_k|, c_k, *grid)``, or ``(..., invariant_head)``."""
        y: torch.Tensor = self.layers(x)
        return y

    def reset_parameters(self) -> None:
        """Draw new weights."""
        for layer in self.layers.modules():
            reset = getattr(layer, "reset_parameters", None)
            if reset is not None:
                reset()

    def convolutions(self) -> list[GroupConvolution]:
        """Return the convolutions, in order."""
        return [layer for layer in self.layers if isinstance(layer, GroupConvolution)]

    def output_size(self, size: int | Sequence[int]) -> tuple[int, ...]:
        """Return the size of the last convolution's grid for a given size of the input's grid.

        Parameters
        ----------
        size
            ``(N_1, ..., N_d)`` pixels along the axes, or one number for all.
        """
        found = per_axis("size", size, self.window.dimension, 0)
        for layer in self.convolutions():
            found = layer.output_size(found)
        return found

    def is_equivariant_on(self, size: int | Sequence[int]) -> bool:
        """Whether every convolution commutes exactly with the group, for a given size of the input.

        Parameters
        ----------
        size
            ``(N_1, ..., N_d)`` pixels of the input, or one number for all axes.
        """
        found = per_axis("size", size, self.window.dimension, 0)
        for layer in self.convolutions():
            if not layer.is_equivariant_on(found):
                return False
            found = layer.output_size(found)
        return True

    def parameters_count(self) -> int:
        """Return the number of weights and biases."""
        return sum(p.numel() for p in self.parameters())

    def extra_repr(self) -> str:
        """Describe the group and the window, and whether the network is invariant."""
        kind = "equivariant under" if self.Y is not None else "invariant under"
        return (
            f"{self.window.name}, {kind} {self.X.group_title}, {self.parameters_count()} parameters"
        )


def _strides(strides: int | Sequence[int], count: int) -> list[int]:
    if isinstance(strides, int):
        return [strides] * count
    if not isinstance(strides, Sequence) or len(strides) != count:
        raise ModuleMismatchError(
            f"there are {count} convolutions, so one stride or {count} of them are required, found "
            f"{strides!r:.60}"
        )
    return list(strides)


def _half(window: Window) -> tuple[int, ...]:
    if any(k % 2 == 0 for k in window.shape):
        raise ModuleMismatchError(
            f"half of the {window.name} is not a padding: give padding=..., or a window of "
            "odd sizes"
        )
    return tuple(k // 2 for k in window.shape)
