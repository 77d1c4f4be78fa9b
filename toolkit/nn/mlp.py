"""Equivariant multilayer perceptrons: linear layers between modules, with activations between."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import torch
from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.nn.activation import Pointwise
from toolkit.nn.dense_network import dense_network
from toolkit.nn.equivariant_linear import EquivariantLinear
from toolkit.nn.network_state import NetworkWithRecipe, written_activation
from toolkit.nn.normalisation.channel_norms import ChannelLayerNorm, ChannelRMSNorm
from toolkit.nn.stacks import (
    activation_layer,
    invariant_head_on,
    modules_of_layers,
    one_for_each,
)
from toolkit.nn.vectors.frame import Frame
from toolkit.nn.vectors.gated import Gated
from toolkit.nn.vectors.norm_activation import NormActivation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from toolkit.modules.module import Module
    from toolkit.nn.activation import ActivationLike
    from toolkit.nn.equivariant_linear import Method

Normalisation: TypeAlias = Literal["layer", "rms"]

_WITH_PARAMETERS = (
    EquivariantLinear, Frame, Gated, NormActivation, Pointwise, nn.Linear, nn.LayerNorm, nn.RMSNorm,
)  # fmt: skip


class EquivariantMLP(NetworkWithRecipe):
    """Equivariant linear layers with an activation after each one except the last.

    Parameters
    ----------
    modules
        The modules X_0, ..., X_k for k linear layers. ``None`` stands for the regular module. A
        single module is used throughout.
    channels
        ``(c_0, ..., c_k)`` numbers of channels.
    activation
        One activation for all layers, or one for each; see
        :class:`~toolkit.nn.activation.Pointwise`. A single torch module is shared by all layers. On
        linear modules, one of the classes :class:`~toolkit.nn.NormActivation`,
        :class:`~toolkit.nn.Gated` and :class:`~toolkit.nn.Frame`, or such a layer whose output is
        on the module; the preceding linear layer then maps to its ``.X``.
    bias
        Whether the linear layers have a bias.
    normalisation
        ``"layer"`` or ``"rms"``: :class:`~toolkit.nn.ChannelLayerNorm` or
        :class:`~toolkit.nn.ChannelRMSNorm` over the channels of each point, before each
        activation. ``None`` for none.
    method
        The method of the linear layers; see :class:`~toolkit.nn.EquivariantLinear`.
    invariant_head
        If given, the network is invariant: the last functions are also activated, then averaged
        over each orbit (for a linear module, replaced by their norms), and mapped to this many
        numbers by a plain linear layer.
    device, dtype
        As in torch.

    Raises
    ------
    ModuleMismatchError
        If the modules and channels do not fit together.
    IllegalActivationError
        If an activation does not commute with the group on its module; raised on construction.

    Notes
    -----
    Maps ``(..., |X_0|, c_0)`` to ``(..., |X_k|, c_k)``, or to ``(..., invariant_head)``. Linear
    layers before an activation that is not odd start with He's variance, others with LeCun's. The
    layers are in ``.layers``, an ``nn.Sequential``. A LayerNorm on signed modules has no bias,
    because a bias would not change sign.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> G = tk.group("S4")
    >>> net = EquivariantMLP([G.natural_module(), None, G.natural_module()], [2, 8, 3])
    >>> net(torch.zeros(5, 4, 2)).shape
    torch.Size([5, 4, 3])
    >>> net = EquivariantMLP(G.natural_module(), [2, 8, 8], "gelu", invariant_head=10)
    >>> net(torch.zeros(5, 4, 2)).shape
    torch.Size([5, 10])

    Vectors as input and output with functions on points in between; or vectors throughout:

    >>> V = G.simple_module("L3")
    >>> net = EquivariantMLP([V, G.natural_module(), V], [2, 8, 1])
    >>> net(torch.zeros(5, 3, 2)).shape
    torch.Size([5, 3, 1])
    >>> EquivariantMLP(V, [2, 8, 1], tk.nn.Gated)(torch.zeros(5, 3, 2)).shape
    torch.Size([5, 3, 1])
    """

    #: How many axes of a grid follow the channels, in the input and in the output.
    grid_axes: tuple[int | None, int | None] = (0, 0)

    network_name = "EquivariantMLP"

    def __init__(
        self,
        modules: Module | Sequence[Module | None],
        channels: Sequence[int],
        activation: ActivationLike | Sequence[ActivationLike] = "relu",
        bias: bool = True,
        normalisation: Normalisation | None = None,
        method: Method = "auto",
        invariant_head: int | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        if normalisation not in (None, "layer", "rms"):
            raise ModuleMismatchError(
                f"normalisation must be layer, rms or None, not {normalisation!r}"
            )
        spaces = modules_of_layers(modules, channels)
        count = len(spaces) - 1 if invariant_head is not None else len(spaces) - 2
        chosen = one_for_each(activation, count)
        # legality first: it is quick, and linear layers may not be
        place: dict[str, Any] = {"device": device, "dtype": dtype}
        activations = [
            activation_layer(f, X, c, **place)
            for f, X, c in zip(chosen, spaces[1:], channels[1:], strict=False)
        ]
        layers: list[nn.Module] = []
        for i, (X, Y) in enumerate(itertools.pairwise(spaces)):
            follows = activations[i] if i < len(activations) else None
            init: Literal["he", "lecun"] = "lecun"
            if isinstance(follows, Pointwise) and not follows.is_odd:
                init = "he"
            size = channels[i], channels[i + 1]
            target = Y if follows is None else cast("Module", follows.X)
            layers.append(EquivariantLinear(X, target, *size, bias, method, init=init, **place))
            if follows is not None and normalisation is not None:
                layers.append(_norm(normalisation, target, size[1], **place))
            if follows is not None:
                layers.append(follows)
        self.X: Module = spaces[0]
        self.Y: Module | None = spaces[-1]
        self.in_channels, self.out_channels = channels[0], channels[-1]
        if invariant_head is not None:
            layers.extend(invariant_head_on(spaces[-1], channels[-1], invariant_head, **place))
            self.Y, self.out_channels = None, invariant_head
        self.layers = nn.Sequential(*layers)
        self._arguments: dict[str, Any] = {
            "channels": list(channels),
            "activation": [written_activation(f) for f in chosen],
            "bias": bias,
            "normalisation": normalisation,
            "invariant_head": invariant_head,
        }
        self._spaces = tuple(spaces)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., |X_k|, c_k)``, or ``(..., invariant_head)``."""
        y: torch.Tensor = self.layers(x)
        return y

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, index: int) -> nn.Module:
        return self.layers[index]

    def __iter__(self) -> Iterator[nn.Module]:
        return iter(self.layers)

    def to_dense(self) -> nn.Sequential:
        """Return the same function as a network of torch modules, with ``nn.Linear`` layers.

        For deployment. :func:`toolkit.nn.dense_network.dense_network` describes the replacements of
        the other layers. Inputs and outputs have the same shapes as here.

        Examples
        --------
        >>> import torch, toolkit as tk
        >>> net = EquivariantMLP(tk.group("S4").natural_module(), [2, 8, 3])
        >>> dense = net.to_dense()
        >>> [type(layer).__name__ for layer in dense]
        ['Flatten', 'Linear', 'ReLU', 'Linear', 'Unflatten']
        >>> x = torch.randn(5, 4, 2)
        >>> torch.allclose(dense(x), net(x), atol=1e-5)
        True
        """
        return dense_network(self.layers)

    def reset_parameters(self) -> None:
        """Draw new weights."""
        for layer in self.layers:
            if isinstance(layer, _WITH_PARAMETERS):
                layer.reset_parameters()

    def parameters_count(self) -> int:
        """Return the number of weights and biases."""
        return sum(p.numel() for p in self.parameters())

    def extra_repr(self) -> str:
        """Describe the group, and whether the network is invariant."""
        kind = "equivariant under" if self.Y is not None else "invariant under"
        return f"{kind} {self.X.group_title}, {self.parameters_count()} parameters"


def _norm(kind: Normalisation, X: Module, channels: int, **place: Any) -> nn.Module:  # noqa: ANN401
    if not X.has_points:
        raise ModuleMismatchError(
            f'normalisation="{kind}" acts at each point, but {X.name} of {X.group_title} is a '
            "linear module without points: omit it, because the network's linear layers keep the "
            "variance of every simple"
        )
    if kind == "rms":
        return ChannelRMSNorm(channels, X=X, **place)
    return ChannelLayerNorm(channels, bias=not X.has_signs, X=X, **place)
