"""A transformer block: attention and a map of channels, each with a norm before and a sum after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.modules.same_functions import same_functions
from toolkit.nn.activation import Pointwise
from toolkit.nn.attention.over_points import EquivariantAttention, require_dropout
from toolkit.nn.attention.over_tokens import TokenAttention, TokenWise
from toolkit.nn.attention.projections import place_of, reset_projection
from toolkit.nn.linear.tensors.weights import require_choice
from toolkit.nn.normalisation.channel_norms import ChannelLayerNorm, ChannelRMSNorm
from toolkit.nn.torch_modules import kind_of, row_of

if TYPE_CHECKING:
    import torch

    from toolkit.modules.module import Module
    from toolkit.nn.activation import ActivationLike

BlockNorm: TypeAlias = Literal["layer", "rms"]


class EquivariantTransformerBlock(nn.Module):
    """A transformer block: ``x + attention(norm(x))``, then ``x + maps(norm(x))``.

    Parameters
    ----------
    attention
        :class:`~toolkit.nn.EquivariantAttention` of a module to itself, or
        :class:`~toolkit.nn.TokenAttention`. It determines the module, the channels and the kind of
        the maps.
    hidden_channels
        The number of channels between the two maps; by default four times the channels.
    activation
        The activation between the two maps; see :class:`~toolkit.nn.Pointwise`. On signed modules
        it must be odd.
    normalisation
        ``"layer"`` or ``"rms"``: :class:`~toolkit.nn.ChannelLayerNorm` or
        :class:`~toolkit.nn.ChannelRMSNorm`, over the channels of each point; ``None`` for none. On
        signed modules a LayerNorm has no bias. Linear modules have no points and need suitable
        ``norms=`` and ``activation=``.
    norms
        Two layers to use as norms instead, one before the attention and one before the maps.
    dropout
        The share of entries that are dropped after the attention and after the maps.

    Raises
    ------
    ModuleMismatchError
        If the attention is between different modules, a norm over channels is requested without
        points, or a given norm is on another module or not equivariant.
    IllegalActivationError
        If the activation does not commute with the group.

    Notes
    -----
    Shapes are those of the attention. Norms come first ("pre-norm", Xiong et al. 2020), so the last
    block should be followed by a norm.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("S4").natural_module()
    >>> blocks = [EquivariantTransformerBlock(EquivariantAttention(X, 32, 4)) for _ in range(2)]
    >>> net = torch.nn.Sequential(tk.nn.OrbitEmbedding(X, 32), *blocks)
    >>> net(torch.zeros(5, 4, 32)).shape
    torch.Size([5, 4, 32])
    """

    #: How many axes of a grid follow the channels, in the input and in the output.
    grid_axes: tuple[int | None, int | None] = (0, 0)

    def __init__(
        self,
        attention: EquivariantAttention | TokenAttention,
        hidden_channels: int | None = None,
        activation: ActivationLike = "gelu",
        normalisation: BlockNorm | None = "layer",
        *,
        norms: tuple[nn.Module, nn.Module] | None = None,
        dropout: float = 0.0,
    ) -> None:
        require_dropout(dropout)
        if not isinstance(attention, EquivariantAttention | TokenAttention):
            raise ModuleMismatchError(
                f"an EquivariantAttention or a TokenAttention is required, not {attention!r:.60}"
            )
        if isinstance(attention, EquivariantAttention) and attention.is_cross:
            raise ModuleMismatchError(
                "a block adds attention to its own input: create it without keys=, found "
                f"attention from {attention.X.name} to {attention.keys_module.name}"
            )
        super().__init__()
        channels = attention.channels
        hidden = 4 * channels if hidden_channels is None else hidden_channels
        self.X: Module = attention.X
        self.in_channels = self.out_channels = channels
        place = place_of(attention)
        own = _activation(activation, _pointwise_module(attention), **place)
        if norms is None:
            first, second = (_norm(normalisation, self.X, channels, **place) for _ in range(2))
            norms = first, second
        for norm in norms:
            _require_equivariant(norm, self.X)
        self.attention_norm, self.maps_norm = norms
        self.attention = attention
        self.maps = nn.Sequential(
            attention.projection(channels, hidden), own, attention.projection(hidden, channels)
        )
        self.dropout = nn.Dropout(dropout)

    @property
    def Y(self) -> Module:
        """The module of the output, which is that of the input."""
        return self.X

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return functions with the shape of ``x``; ``mask`` is as in the attention."""
        x = x + self.dropout(self.attention(self.attention_norm(x), mask=mask))
        y: torch.Tensor = x + self.dropout(self.maps(self.maps_norm(x)))
        return y

    def reset_parameters(self) -> None:
        """Draw new weights."""
        self.attention.reset_parameters()
        for layer in (self.attention_norm, self.maps_norm, self.maps[1]):
            if callable(reset := getattr(layer, "reset_parameters", None)):
                reset()
        for i in (0, 2):
            layer = self.maps[i]
            if isinstance(layer, TokenWise):
                layer.reset_parameters()
            else:
                reset_projection(layer)


def _pointwise_module(attention: EquivariantAttention | TokenAttention) -> Module:
    """Return the module that an activation is checked on."""
    return attention.fibre if isinstance(attention, TokenAttention) else attention.X


def _activation(given: ActivationLike, V: Module, **place: Any) -> nn.Module:  # noqa: ANN401
    """Return the activation; a layer that knows its module is taken as it is."""
    if isinstance(given, nn.Module) and getattr(given, "X", None) is not None:
        return given
    Pointwise(given, V, **place)  # refuses what does not commute
    return Pointwise(given, **place)


def _require_equivariant(norm: nn.Module, X: Module) -> None:
    """Refuse a norm of another module, or one of torch's that is not equivariant on X."""
    own = getattr(norm, "X", None)
    if own is not None and not same_functions(own, X):
        raise ModuleMismatchError(
            f"norms must act on {X.name} of {X.group_title}, found one on {own.name} of "
            f"{own.group_title}"
        )
    row = row_of(norm, X.degree)
    if row is not None and kind_of(X) not in row.legal_on:
        raise ModuleMismatchError(
            f"the norm {type(norm).__name__} is not equivariant: {row.why}; {X.name} is a "
            f"{kind_of(X)} module; use {row.instead or 'another one'}"
        )


def _norm(kind: BlockNorm | None, X: Module, channels: int, **place: Any) -> nn.Module:  # noqa: ANN401
    if kind is None:
        return nn.Identity()
    require_choice("normalisation", kind, ("layer", "rms"))
    if X.generality > 1:
        raise ModuleMismatchError(
            f"{X.name} has no points whose channels could be normalised: give suitable norms=, or "
            "normalisation=None"
        )
    if kind == "rms":
        return ChannelRMSNorm(channels, X=X, **place)
    return ChannelLayerNorm(channels, bias=not X.has_signs, X=X, **place)
