"""Transposed group convolutions: from a coarse grid to a fine one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn import functional

from toolkit.errors import ModuleMismatchError
from toolkit.nn.convolution.sliding import Sliding, per_axis
from toolkit.nn.convolution.windowed_map import WindowedMap, require_window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.modules.module import Module
    from toolkit.nn.convolution.window import Window
    from toolkit.nn.linear.initialisation import Initialisation

_TRANSPOSED = (
    functional.conv_transpose1d,
    functional.conv_transpose2d,
    functional.conv_transpose3d,
)
_TRANSPOSED_LAYERS = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


class GroupConvolutionTranspose(WindowedMap):
    """The transposed convolution: from a coarse grid to a fine one.

    Parameters
    ----------
    window, X, Y, in_channels, out_channels, dilation, groups, bias, device, dtype, init
        As for :class:`~toolkit.nn.GroupConvolution`.
    stride, padding, output_padding
        As in ``torch.nn.ConvTranspose2d``. Extra pixels on one side break the symmetry, so
        ``output_padding`` must be 0 along axes that the group reverses.

    Raises
    ------
    ModuleMismatchError
        As for :class:`~toolkit.nn.GroupConvolution`.

    Notes
    -----
    Maps ``(..., |X|, in_channels, *grid)`` to ``(..., |Y|, out_channels, *grid)``, and N pixels to
    (N - 1) stride - 2 padding + dilation (k - 1) + 1. A window of 4 cells with stride 2 and padding
    1 doubles the size. It commutes with G about the image's centre for every size. A shift of the
    input shifts the output by the stride. With one channel, X and Y exchanged and the weights of
    the transposed orbitals, it is the adjoint of the convolution.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> G = tk.group("D8")
    >>> X = G.regular_module()
    >>> up = tk.nn.GroupConvolutionTranspose(tk.nn.square_window(G, 4), X, X, 8, 4, 2, 1)
    >>> up(torch.zeros(5, 8, 8, 7, 7)).shape
    torch.Size([5, 8, 4, 14, 14])
    """

    _kernel_order = (3, 1, 5, 0, 4, 2)

    def __init__(
        self,
        window: Window,
        X: Module,
        Y: Module,
        in_channels: int,
        out_channels: int,
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        output_padding: int | Sequence[int] = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int | Sequence[int] = 1,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        init: Initialisation = "he",
    ) -> None:
        require_window(window)
        if isinstance(padding, str):
            raise ModuleMismatchError(
                f"padding of a transposed convolution is given as numbers, not {padding!r}"
            )
        sliding = Sliding.of(window, stride, padding, dilation, "zeros")
        self.output_padding = per_axis("output_padding", output_padding, window.dimension, 0)
        wrong = [a for a in sorted(window.turned_axes) if self.output_padding[a]]
        if wrong:
            raise ModuleMismatchError(
                f"output_padding must be 0 along axis {wrong[0]}, which the group reverses, found "
                f"{self.output_padding}: a window that is larger by stride cells doubles sizes "
                "without it"
            )
        super().__init__(
            sliding, X, Y, in_channels, out_channels, groups, bias, device, dtype, init
        )

    def is_equivariant_on(self, size: int | Sequence[int]) -> bool:
        """Whether the layer commutes exactly with the group on images of a given size.

        Parameters
        ----------
        size
            ``(N_1, ..., N_d)`` pixels along the axes, or one number for all.

        Notes
        -----
        It commutes on all sizes with an output, unless the group mixes axes and preserves no box.
        """
        grid = per_axis("size", size, self.window.dimension, 0)
        if min(grid) < 1 or min(self._output_grid(grid)) < 1:
            return False
        return self.window.keeps_boxes or len(self.window.matrices) == 0

    def _output_grid(self, grid: Sequence[int]) -> tuple[int, ...]:
        least = self.sliding.lowest_size(grid)
        return tuple(n + extra for n, extra in zip(least, self.output_padding, strict=True))

    def _convolved(
        self, x: torch.Tensor, kernel: torch.Tensor, bias: torch.Tensor | None
    ) -> torch.Tensor:
        sliding = self.sliding
        convolution: Any = _TRANSPOSED[self.window.dimension - 1]
        y: torch.Tensor = convolution(
            x,
            kernel,
            bias,
            sliding.stride,
            sliding.padding,
            self.output_padding,
            self.groups,
            sliding.dilation,
        )
        return y

    def _dense_shape(self) -> tuple[int, ...]:
        out = self.Y.degree * self.out_channels // self.groups
        return self.X.degree * self.in_channels, out, *self.window.shape

    def _gain(self) -> float:
        # a pixel of the output lies in this share of the windows only
        cells = len(self.window)
        return math.sqrt(min(math.prod(self.sliding.stride), cells))

    def to_dense(self) -> nn.Module:
        """Return the same map as ``torch.nn.ConvTranspose2d`` (or 1d, 3d), detached.

        The channels have the order of :meth:`toolkit.nn.GroupConvolution.to_dense`.
        """
        kind = _TRANSPOSED_LAYERS[self.window.dimension - 1]
        return self._made_dense(kind, output_padding=self.output_padding)

    def _options(self) -> dict[str, object]:
        return {**super()._options(), "output_padding": self.output_padding}
