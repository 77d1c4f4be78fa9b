"""Activations of vectors: each copy of a simple is scaled by a function of its own norm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from toolkit.nn.activation import Pointwise
from toolkit.nn.linear.tensors.constants import LayerWithConstants
from toolkit.nn.linear.tensors.weights import register_weight, require_channels
from toolkit.nn.vectors.inputs import require_element
from toolkit.nn.vectors.simple_copies import SimpleCopies

if TYPE_CHECKING:
    from toolkit.modules.module import Module
    from toolkit.nn.activation import ActivationLike


class NormActivation(LayerWithConstants):
    r"""Scale each copy v of a simple, in each channel, by a function of its invariant norm.

    .. math:: v \mapsto f(|v| / \sqrt{\dim L} + b)\, v

    with a bias b for each copy and channel. A copy of the trivial simple is already an invariant
    number, which is used in place of its norm: with ``f="sigmoid"`` the result is its SiLU.

    Parameters
    ----------
    V
        The module: a linear one, or any other with a Fourier basis.
    channels
        The number of channels.
    activation
        f, a function of one number, as for :class:`~toolkit.nn.Pointwise`. Bounded functions such
        as ``"sigmoid"`` keep the size of v.
    bias
        Whether there is a bias; it starts at 0.
    device, dtype
        As in torch.

    Raises
    ------
    NotAvailable
        If V has no Fourier basis.
    UnsupportedActivationError
        If f is not a function of one number.

    Notes
    -----
    Maps ``(..., dim V, channels)`` to the same shape. Equivariant for every f. The norm comes from
    an invariant inner product and is smooth at 0: it is the square root of the mean square plus
    1e-6, so gradients are finite everywhere. If a simple occurs several times,
    :func:`toolkit.fourier_basis` determines the copies that are scaled. The cost is two products
    with matrices of V's dimension.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> V = tk.group("D8").natural_module()
    >>> layer = NormActivation(V, 16)
    >>> layer(torch.zeros(5, 4, 16)).shape, layer.copies.labels
    (torch.Size([5, 4, 16]), ('L0', 'L1', 'L4'))
    """

    bias: torch.Tensor | None
    copies: SimpleCopies

    def __init__(
        self,
        V: Module,
        channels: int,
        activation: ActivationLike = "sigmoid",
        bias: bool = True,
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        where = None if device is None else torch.device(device)
        require_channels(channels, channels)
        self.X = self.Y = V
        self.in_channels = self.out_channels = channels
        self.activation = Pointwise(activation, device=where, dtype=dtype)
        self.keep("copies", SimpleCopies(V, where, dtype))
        if bias:
            size = (self.copies.count * channels,)
            register_weight(self, "bias", size, device=where, dtype=dtype)
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set biases to zero, and a trained slope of f to its initial value."""
        if self.bias is not None:
            nn.init.zeros_(self.bias)
        self.activation.reset_parameters()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the scaled elements, ``(..., dim V, channels)``."""
        require_element(x, self.X, self.in_channels)
        self.copies.follow(x)

        def gates(coordinates: torch.Tensor) -> torch.Tensor:
            found = self.copies.invariants(coordinates)
            if self.bias is not None:
                found = found + self.bias.to(found.dtype).reshape(
                    self.copies.count, self.in_channels
                )
            return self.activation.function(found)

        return self.copies.gated(x, gates)

    def extra_repr(self) -> str:
        """Describe the activation, the module and the channels."""
        return (
            f"{self.activation.name} on {self.copies.count} copies of simples in {self.X.name} of "
            f"{self.X.group_title}, {self.in_channels} channels, bias={self.bias is not None}"
        )
