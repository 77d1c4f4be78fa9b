"""Torch's normalisations over the channels of each point, with zeros of symmetry kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.nn.linear.weighted_map import full_precision
from toolkit.nn.normalisation.gain import gain, widened

if TYPE_CHECKING:
    from toolkit.modules.module import Module


def _require_points(X: Module | None, what: str) -> None:
    if X is not None and not X.has_points:
        raise ModuleMismatchError(
            f"{what} normalises the channels of each point, but {X.name} has no points: the group "
            "mixes its coordinates; use EquivariantRMSNorm(X, channels)"
        )


def _scaled(norm: Any, wide: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:  # noqa: ANN401
    """Return a tensor with the size of each point's channels made one, times the weights."""
    energy = wide.square().mean(-1, keepdim=True)
    y = wide * gain(energy, torch.zeros_like(energy), norm.eps, dtype)
    return y if norm.weight is None else y * norm.weight.to(y.dtype)


class ChannelRMSNorm(nn.RMSNorm):
    """``torch.nn.RMSNorm`` over the channels of each point, without enlarging rounding errors.

    ``y = x * s / (s^2 + eps) * weight``, where s^2 is the mean square of a point's channels
    (:mod:`toolkit.nn.normalisation`, with e = eps: other points have no influence). The
    ``state_dict`` is the same as torch's.

    Parameters
    ----------
    channels
        The number of channels.
    eps
        Added to the mean squares, so that smaller values are not enlarged.
    elementwise_affine
        Whether there is a weight for each channel.
    X
        The module, permutation or signed, if it is to be checked; ``None`` for any such module.
    device, dtype
        As in torch.

    Raises
    ------
    ModuleMismatchError
        If X has no points.

    Notes
    -----
    Maps ``(..., channels)`` to the same shape. The value at a point is an odd function of all
    channels at this point. Like an odd activation it may produce other simples.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> norm = tk.nn.ChannelRMSNorm(2)
    >>> norm(torch.tensor([[3.0, 4.0], [3e-9, 4e-9]])).detach().numpy().round(3)
    array([[0.849, 1.131],
           [0.   , 0.   ]], dtype=float32)
    """

    #: How many axes of a grid follow the channels, in the input and in the output.
    grid_axes: tuple[int | None, int | None] = (0, 0)

    def __init__(
        self,
        channels: int,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        *,
        X: Module | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        _require_points(X, "ChannelRMSNorm")
        super().__init__(channels, eps, elementwise_affine, device=device, dtype=dtype)
        self.X = X
        self.in_channels = self.out_channels = channels

    @property
    def Y(self) -> Module | None:
        """The module of the output, which is that of the input."""
        return self.X

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., channels)`` for ``x`` of that shape."""
        _require_channels(x, self.in_channels)
        with full_precision(x.device.type):
            return _scaled(self, widened(x), x.dtype).to(x.dtype)


class ChannelLayerNorm(nn.LayerNorm):
    """``torch.nn.LayerNorm`` over the channels of each point, without enlarging rounding errors.

    ``y = (x - mean) * s / (s^2 + eps) * weight + bias``, where the mean and variance s^2 are taken
    over the channels of a point (:mod:`toolkit.nn.normalisation`, with e = eps: other points have
    no influence). The ``state_dict`` is the same as torch's.

    Parameters
    ----------
    channels, eps, elementwise_affine, X, device, dtype
        As for :class:`ChannelRMSNorm`.
    bias
        Whether there is a bias for each channel; not allowed where points change sign.

    Raises
    ------
    ModuleMismatchError
        If X has no points, or if there is a bias and points change sign.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> norm = tk.nn.ChannelLayerNorm(2)
    >>> norm(torch.tensor([[3.0, 5.0], [3e-9, 5e-9]])).detach().numpy().round(3) + 0.0
    array([[-1.,  1.],
           [ 0.,  0.]], dtype=float32)
    """

    #: How many axes of a grid follow the channels, in the input and in the output.
    grid_axes: tuple[int | None, int | None] = (0, 0)

    def __init__(
        self,
        channels: int,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        X: Module | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        _require_points(X, "ChannelLayerNorm")
        if X is not None and X.has_signs and bias and elementwise_affine:
            raise ModuleMismatchError(
                f"a bias does not change sign, but points of {X.name} do: use bias=False"
            )
        super().__init__(channels, eps, elementwise_affine, bias, device=device, dtype=dtype)
        self.X = X
        self.in_channels = self.out_channels = channels

    @property
    def Y(self) -> Module | None:
        """The module of the output, which is that of the input."""
        return self.X

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., channels)`` for ``x`` of that shape."""
        _require_channels(x, self.in_channels)
        with full_precision(x.device.type):
            wide = widened(x)
            y = _scaled(self, wide - wide.mean(-1, keepdim=True), x.dtype)
            return (y if self.bias is None else y + self.bias.to(y.dtype)).to(x.dtype)


def _require_channels(x: torch.Tensor, channels: int) -> None:
    if x.dim() < 1 or x.shape[-1] != channels or not x.is_floating_point():
        raise ModuleMismatchError(
            f"the input must have shape (..., {channels}), channels last, and a float type, found "
            f"{tuple(x.shape)} of {x.dtype}"
        )
