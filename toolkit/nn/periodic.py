"""Convolutions on periodic images as layers of a product of cyclic groups.

The pixels of an n x m image that is periodic both ways are the regular module of C_n x C_m, and
its equivariant maps are the convolutions: a weight for each difference of pixels. Point (i, j) has
number ``i * m + j``; the weight of difference d takes the pixel p + d to the pixel p, as torch's
convolutions do.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from toolkit.errors import ModuleMismatchError
from toolkit.library.naming import group
from toolkit.nn.equivariant_linear import EquivariantLinear
from toolkit.nn.linear.initialisation import INITIALISATIONS, variance
from toolkit.nn.linear.tensors.constants import LayerWithConstants
from toolkit.nn.linear.tensors.point_maps import PointMap
from toolkit.nn.linear.tensors.weights import register_weight, require_channels, require_choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.nn.equivariant_linear import Method
    from toolkit.nn.linear.initialisation import Initialisation


def periodic_module(shape: Sequence[int]) -> PermutationModule:
    """Return the module of functions on a periodic grid.

    Parameters
    ----------
    shape
        ``(n, m, ...)`` numbers of pixels along each axis.

    Returns
    -------
    PermutationModule
        The module on the n m ... pixels, with C_n x C_m x ... acting by shifts.

    Examples
    --------
    >>> periodic_module((4, 6))
    <4 points x 6 points: module of C4 x C6 of degree 24>
    """
    sizes = _sizes("shape", shape)
    module = group(f"C{sizes[0]}").natural_module()
    for size in sizes[1:]:
        module = module.outer(group(f"C{size}").natural_module())
    return module


def images_to_points(x: torch.Tensor, axes: int = 2) -> torch.Tensor:
    """Convert images ``(..., C, n, m)`` to functions on points ``(..., n m, C)``.

    Parameters
    ----------
    x
        Images with the channels first.
    axes
        The number of axes of the image.

    Returns
    -------
    torch.Tensor
        ``(..., n m, C)``, a view if possible.

    Raises
    ------
    ModuleMismatchError
        If the images have too few axes.

    Examples
    --------
    >>> images_to_points(torch.zeros(5, 3, 4, 6)).shape
    torch.Size([5, 24, 3])
    """
    if x.dim() < axes + 1:
        raise ModuleMismatchError(
            f"images of {axes} axes must have shape (..., channels, n, ...), found {tuple(x.shape)}"
        )
    return x.flatten(-axes).transpose(-1, -2)


def points_to_images(x: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    """Convert functions on points ``(..., n m, C)`` to images ``(..., C, n, m)``.

    Parameters
    ----------
    x
        Functions on the points.
    shape
        ``(n, m, ...)`` of the image.

    Returns
    -------
    torch.Tensor
        ``(..., C, n, m)``.

    Raises
    ------
    ModuleMismatchError
        If the number of points is not the number of pixels.

    Examples
    --------
    >>> points_to_images(torch.zeros(5, 24, 3), (4, 6)).shape
    torch.Size([5, 3, 4, 6])
    """
    sizes = _sizes("shape", shape)
    if x.dim() < 2 or x.shape[-2] != math.prod(sizes):
        raise ModuleMismatchError(
            f"functions on {math.prod(sizes)} pixels must have shape (..., {math.prod(sizes)}, "
            f"channels), found {tuple(x.shape)}"
        )
    return x.transpose(-1, -2).reshape(*x.shape[:-2], x.shape[-1], *sizes)


def periodic_convolution(
    shape: Sequence[int],
    in_channels: int,
    out_channels: int,
    kernel_size: int | Sequence[int] | None = None,
    bias: bool = True,
    method: Method = "auto",
    device: torch.device | str | None = None,
    dtype: torch.dtype | None = None,
) -> EquivariantLinear | WindowedConvolution:
    """Return a convolution of periodic images, a layer that commutes with all shifts.

    Parameters
    ----------
    shape
        ``(n, m, ...)`` of the image.
    in_channels, out_channels
        Numbers of channels.
    kernel_size
        The size of a window, one number or one for each axis; weights outside the window are 0 and
        not parameters. ``None`` for all n m ... weights.
    bias, device, dtype
        As in torch.
    method
        The method of the layer without a window; see :class:`~toolkit.nn.EquivariantLinear`.

    Returns
    -------
    EquivariantLinear or WindowedConvolution
        A layer from ``(..., n m, in_channels)`` to ``(..., n m, out_channels)``;
        :func:`images_to_points` and :func:`points_to_images` convert from and to images.

    Notes
    -----
    Without a window ``layer.orbit_weights()[i * m + j]`` is the weight of the difference (i, j).

    Examples
    --------
    >>> layer = periodic_convolution((8, 8), 1, 4)
    >>> layer(images_to_points(torch.zeros(5, 1, 8, 8))).shape, layer.parameters_count()
    (torch.Size([5, 64, 4]), 260)
    >>> periodic_convolution((8, 8), 1, 4, kernel_size=3).parameters_count()
    40
    """
    if kernel_size is not None:
        return WindowedConvolution(
            shape, in_channels, out_channels, kernel_size, bias, device, dtype
        )
    X = periodic_module(shape)
    return EquivariantLinear(X, X, in_channels, out_channels, bias, method, device, dtype)


class WindowedConvolution(LayerWithConstants):
    """A convolution of periodic images that has only the weights of a window.

    Parameters
    ----------
    shape
        ``(n, m, ...)`` of the image.
    in_channels, out_channels
        Numbers of channels.
    kernel_size
        The size of the window, one number or one for each axis, at most that of the image. Its
        centre is as in ``torch.nn.Conv2d(..., padding="same", padding_mode="circular")``.
    bias
        Whether to add a number for each channel.
    device, dtype
        As in torch.
    init
        ``"he"``, ``"lecun"`` or ``"xavier"``.

    Raises
    ------
    ModuleMismatchError
        If the window does not fit into the image.

    Notes
    -----
    Maps ``(..., n m, in_channels)`` to ``(..., n m, out_channels)``. ``weight`` is ``(K,
    out_channels, in_channels)``, where K is the number of cells of the window, in row-major order.
    It is computed by torch's convolution for up to three axes, and by gathering for more. Weights
    are drawn independently: with a window the variances of the simples cannot be chosen separately,
    and ``init`` determines their mean. For groups that also rotate or reflect the image, and for
    images that are not periodic, see :class:`~toolkit.nn.GroupConvolution`.

    Examples
    --------
    >>> layer = WindowedConvolution((8, 8), 1, 4, 3)
    >>> layer(torch.zeros(5, 64, 1)).shape
    torch.Size([5, 64, 4])
    >>> layer.to_equivariant().parameters_count()
    260
    """

    weight: torch.Tensor
    bias: torch.Tensor | None
    differences: PointMap
    neighbours: PointMap | None

    def __init__(
        self,
        shape: Sequence[int],
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sequence[int],
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        init: Initialisation = "he",
    ) -> None:
        super().__init__()
        self.shape = _sizes("shape", shape)
        window = [kernel_size] * len(self.shape) if isinstance(kernel_size, int) else kernel_size
        self.kernel_size = _sizes("kernel_size", window)
        if len(self.kernel_size) != len(self.shape) or any(
            k > n for k, n in zip(self.kernel_size, self.shape, strict=True)
        ):
            raise ModuleMismatchError(
                f"a window in an image of {self.shape} must have as many axes and be no larger, "
                f"found {self.kernel_size}"
            )
        require_choice("init", init, INITIALISATIONS)
        require_channels(in_channels, out_channels)
        self.in_channels, self.out_channels, self.init = in_channels, out_channels, init
        self.X = periodic_module(self.shape)
        # as torch's padding="same": the odd one goes to the end
        self.padding = tuple(((k - 1) // 2, k // 2) for k in self.kernel_size)
        count = math.prod(self.kernel_size)
        size = (count, out_channels, in_channels)
        register_weight(self, "weight", size, device=device, dtype=dtype)
        if bias:
            register_weight(self, "bias", (out_channels,), device=device, dtype=dtype)
        else:
            self.register_parameter("bias", None)
        places = self._window()
        n = self.X.degree
        where = self.weight.device
        self.keep("differences", PointMap(places[0], n, where))
        far = len(self.shape) > 3
        self.keep("neighbours", PointMap(places.ravel(), n, where) if far else None)
        self.reset_parameters()

    def _window(self) -> IntArray:
        """Return ``(points, K)`` the points that each point reads."""
        grid = np.arange(math.prod(self.shape)).reshape(self.shape)
        axes = tuple(range(grid.ndim))
        steps = itertools.product(
            *(range(before, -after - 1, -1) for before, after in self.padding)
        )
        found: IntArray = np.stack([np.roll(grid, step, axes).ravel() for step in steps], axis=1)
        return found

    @property
    def Y(self) -> PermutationModule:
        """The module of the output, which is that of the input."""
        return self.X

    def reset_parameters(self) -> None:
        """Draw weights independently; set biases to zero."""
        if self.bias is not None:
            nn.init.zeros_(self.bias)
        into, out = (max(c, 1) * len(self.weight) for c in (self.in_channels, self.out_channels))
        with torch.no_grad():
            self.weight.normal_(std=math.sqrt(variance(into, out, self.init)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., n m, out_channels)`` for ``x`` of shape ``(..., n m, in_channels)``."""
        n = self.X.degree
        if x.dim() < 2 or x.shape[-2] != n or x.shape[-1] != self.in_channels:
            raise ModuleMismatchError(
                f"the input must have shape (..., {n}, {self.in_channels}), pixels and channels, "
                f"found {tuple(x.shape)}"
            )
        leading = x.shape[:-2]
        if self.weight.numel() == 0:
            y = x[..., :0, :].sum().expand(*leading, n, self.out_channels)  # with a gradient
            return y + self.bias if self.bias is not None and self.bias.numel() else y
        x = x.reshape(-1, n, self.in_channels)
        if self.neighbours is not None:
            self.neighbours.follow(x)
            gathered = self.neighbours.pull(x, 1)
            gathered = gathered.reshape(len(x), n, len(self.weight) * self.in_channels)
            matrix = self.weight.permute(1, 0, 2).flatten(1)
            y = functional.linear(gathered, matrix, self.bias)
        else:
            y = self._convolved(x)
        return y.reshape(*leading, n, self.out_channels)

    def _convolved(self, x: torch.Tensor) -> torch.Tensor:
        axes = len(self.shape)
        image = points_to_images(x, self.shape)
        padding = [size for pair in reversed(self.padding) for size in pair]
        if any(padding):
            image = functional.pad(image, padding, mode="circular")
        kernel = self.weight.permute(1, 2, 0)
        kernel = kernel.reshape(self.out_channels, self.in_channels, *self.kernel_size)
        convolution = (functional.conv1d, functional.conv2d, functional.conv3d)[axes - 1]
        return images_to_points(convolution(image, kernel, self.bias), axes)

    def to_equivariant(self, method: Method = "auto") -> EquivariantLinear:
        """Return the same function as a layer with all weights; those outside the window are 0.

        Parameters
        ----------
        method
            See :class:`~toolkit.nn.EquivariantLinear`.
        """
        layer = EquivariantLinear(
            self.X,
            self.X,
            self.in_channels,
            self.out_channels,
            self.bias is not None,
            method,
            self.weight.device,
            self.weight.dtype,
            init=self.init,
        )
        self.differences.follow(self.weight)
        layer.set_weights(self.differences.push(self.weight.detach(), 0))
        if layer.bias is not None and self.bias is not None:
            with torch.no_grad():
                layer.bias.copy_(self.bias)
        return layer

    def parameters_count(self) -> int:
        """Return the number of weights and biases."""
        return sum(p.numel() for p in self.parameters())

    def extra_repr(self) -> str:
        """Describe the image, window and channels."""
        return (
            f"shape={self.shape}, kernel_size={self.kernel_size}, in_channels={self.in_channels}, "
            f"out_channels={self.out_channels}, bias={self.bias is not None}"
        )


def _sizes(what: str, numbers: Sequence[int]) -> tuple[int, ...]:
    sizes = tuple(numbers)
    if not sizes or not all(isinstance(n, int) and n > 0 for n in sizes):
        raise ModuleMismatchError(f"{what} must be positive integers, found {sizes!r:.60}")
    return sizes
