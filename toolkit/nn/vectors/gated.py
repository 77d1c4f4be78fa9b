"""Gates: invariant numbers that multiply the copies of simples in a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.modules.module import direct_sum
from toolkit.nn.activation import Pointwise
from toolkit.nn.linear.tensors.constants import LayerWithConstants
from toolkit.nn.linear.tensors.weights import require_channels
from toolkit.nn.vectors.inputs import require_element
from toolkit.nn.vectors.simple_copies import SimpleCopies
from toolkit.nn.vectors.trivial_modules import fixed_points

if TYPE_CHECKING:
    from toolkit.modules.module import Module
    from toolkit.nn.activation import ActivationLike


class Gated(LayerWithConstants):
    """Multiply each copy of a simple, in each channel, by a function of an invariant number.

    Parameters
    ----------
    V
        The module: a linear one, or any other with a Fourier basis.
    channels
        The number of channels.
    activation
        The function of a gate; see :class:`~toolkit.nn.Pointwise`.
    gates
        ``None``: the gates are part of the input. The input is then an element of ``V + T``, where
        T is a trivial module with a point for each copy of a simple in V; a linear layer to ``.X``
        produces it. Or a layer from ``(..., dim V, channels)`` to invariants ``(..., copies,
        channels)``, such as :class:`~toolkit.nn.InvariantNorms` followed by layers on the channels:
        the input is then an element of V.
    device, dtype
        As in torch.

    Raises
    ------
    ModuleMismatchError
        If a layer for the gates acts on another module, or if an input has the wrong shape.
    NotAvailable
        If V has no Fourier basis.

    Notes
    -----
    Maps ``(..., dim .X, channels)`` to ``(..., dim V, channels)``. It is not checked here that a
    layer for the gates is invariant; :func:`toolkit.testing.assert_equivariant` checks it.

    Examples
    --------
    A network whose hidden vectors are gated by numbers from its linear layer:

    >>> import torch, toolkit as tk
    >>> V = tk.group("D8").natural_module()
    >>> gated = Gated(V, 16)
    >>> gated.X, gated.Y
    (<4 points + gates: module of D8 of degree 7>, <4 points: module of D8 of degree 4>)
    >>> net = torch.nn.Sequential(tk.nn.EquivariantLinear(V, gated.X, 2, 16), gated)
    >>> net(torch.zeros(5, 4, 2)).shape
    torch.Size([5, 4, 16])

    Gates computed from the norms of the vectors:

    >>> gates = torch.nn.Sequential(tk.nn.InvariantNorms(V), torch.nn.Linear(16, 16))
    >>> Gated(V, 16, gates=gates)(torch.zeros(5, 4, 16)).shape
    torch.Size([5, 4, 16])
    """

    copies: SimpleCopies

    def __init__(
        self,
        V: Module,
        channels: int,
        activation: ActivationLike = "sigmoid",
        *,
        gates: nn.Module | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        where = None if device is None else torch.device(device)
        require_channels(channels, channels)
        self.in_channels = self.out_channels = channels
        self.activation = Pointwise(activation, device=where, dtype=dtype)
        self.keep("copies", SimpleCopies(V, where, dtype))
        self.Y = V
        self.X: Module = V
        if gates is None:
            self.X = direct_sum(V, fixed_points(V, "gates", self.copies.count))
        own = getattr(gates, "X", None)
        if own is not None and (own.group, own.degree) != (V.group, V.degree):
            raise ModuleMismatchError(
                f"the layer of gates must act on {V.name} of {V.group_title}, found one on "
                f"{own.name} of {own.group_title}"
            )
        self.gates = gates

    def reset_parameters(self) -> None:
        """Set a trained slope of the function to its initial value."""
        self.activation.reset_parameters()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the gated elements, ``(..., dim V, channels)``."""
        require_element(x, self.X, self.in_channels)
        self.copies.follow(x)
        n, count = self.Y.degree, self.copies.count
        if self.gates is None:
            x, found = x.narrow(-2, 0, n), x.narrow(-2, n, count)
        else:
            found = self.gates(x)
            size = (*x.shape[:-2], count, self.in_channels)
            if found.shape != size:
                raise ModuleMismatchError(
                    f"the layer of gates must give shape {tuple(size)}, a number for each copy of "
                    f"a simple and channel, found {tuple(found.shape)}"
                )
        values = self.activation.function(found)
        return self.copies.gated(x, lambda coordinates: values.to(coordinates.dtype))

    def extra_repr(self) -> str:
        """Describe the function, the module and the source of the gates."""
        source = "the input" if self.gates is None else "a layer"
        return (
            f"{self.activation.name} on {self.copies.count} copies of simples in {self.Y.name} of "
            f"{self.Y.group_title}, {self.in_channels} channels, gates from {source}"
        )
