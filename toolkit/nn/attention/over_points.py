"""Attention in which the points of a module attend to each other, or to those of another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.modules.module import require_same_group
from toolkit.nn.attention.pairs import has_signs, neighbours, pair_labels
from toolkit.nn.attention.projections import (
    Projections,
    place_of,
    projection,
    reset_projection,
)
from toolkit.nn.attention.relative_positions import (
    PositionalTerm,
    RelativePositions,
    read_terms,
    require_bias_alone,
)
from toolkit.nn.attention.scores import attended, attention_weights
from toolkit.nn.linear.tensors.constants import ConstantModule, LayerWithConstants
from toolkit.nn.orbit_layers import require_input, require_points

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from numpy.typing import NDArray

    from toolkit.modules.module import Module


def require_heads(channels: int, heads: int) -> None:
    """Raise ModuleMismatchError unless the heads share the channels equally."""
    if heads < 1 or channels < 0 or channels % heads:
        raise ModuleMismatchError(
            f"{channels} channels cannot be divided equally among {heads} heads: take a multiple"
        )


def require_dropout(dropout: float) -> None:
    """Raise ModuleMismatchError unless it is a share below 1."""
    if not 0 <= dropout < 1:
        raise ModuleMismatchError(f"dropout must be at least 0 and below 1, not {dropout}")


def batched(x: torch.Tensor, last: int) -> torch.Tensor:
    """Return x with one axis in front of its last ones, whatever number it had."""
    front = x.dim() - last
    return x.unsqueeze(0) if front == 0 else x.flatten(0, front - 1)


def joined(x: torch.Tensor) -> torch.Tensor:
    """Return x with its last two axes as one.

    Copied in any case: an exported program must not rely on the strides that torch's attention
    happens to give, as other runtimes give others.
    """
    return x.clone(memory_format=torch.contiguous_format).flatten(-2)


def split_heads(x: torch.Tensor, heads: int) -> torch.Tensor:
    """Return ``(batch, heads, n, C / heads)`` of ``(batch, n, C)``."""
    return torch.unflatten(x, -1, (heads, x.shape[-1] // heads)).transpose(1, 2)


def merge_heads(x: torch.Tensor) -> torch.Tensor:
    """Return ``(batch, n, C)`` of ``(batch, heads, n, C / heads)``."""
    return joined(x.transpose(1, 2))


class EquivariantAttention(LayerWithConstants):
    r"""Multi-head attention over the points of a module, which commutes with its group.

    Every point of X attends to every point, or to those of its neighbourhood: its query is
    compared with their keys, and it receives the mean of their values with weights
    ``softmax(q k / sqrt(d) + b)``. Positions enter only through the orbital of the pair.

    Parameters
    ----------
    X
        The module whose points attend: a permutation module, signed or not.
    channels, heads
        The number of channels, and the number of heads that share them equally.
    keys, key_channels
        For cross attention: the module and the number of channels of the functions that are
        attended to. By default the points of X attend to themselves.
    positions
        Any of ``"bias"`` (a number per orbital and head, added to the score), ``"keys"`` and
        ``"values"`` (a vector per orbital, added to the key or value); ``None`` for none. Signed
        modules allow only a bias.
    neighbourhood
        The points that a point attends to: numbers of orbitals (as in ``tk.layer_basis(keys,
        X).label_matrix``), or booleans ``(|X|, |keys|)`` that are constant on orbitals. By default
        all points.
    projections
        The maps that make queries, keys, values and the output: ``"channels"``, the same map at
        every point; ``"orbits"``, one for each orbit of points; ``"equivariant"``, every
        equivariant map, which mixes points.
    bias
        Whether these maps have a bias. On signed modules a map of channels never has one.
    dropout
        The share of attention weights that are dropped in training.
    device, dtype
        As in torch.

    Raises
    ------
    ModuleMismatchError
        If modules, channels, heads or the neighbourhood do not fit, or if a module has no points.

    Notes
    -----
    Maps ``(..., |X|, channels)`` to the same shape. Without positions and neighbourhood it commutes
    with every permutation of points that keeps the orbits; a bias makes it depend on the group.

    *Signed modules.* A point with its sign is a point of the cover, where the function is odd. A
    query attends to the keys k and -k, with values v and -v: it receives ``sum of sinh(s_j) v_j /
    sum of cosh(s_j)`` with the scores s_j. This changes sign with the query's point but not with
    the points of the keys.

    *Cost.* O(|X| channels^2) for the maps of channels and O(|X| |keys| channels) for scores and
    values. Without positions, neighbourhood and mask, memory is linear in the points, because
    torch's fused kernels form no table. A bias or neighbourhood takes ``heads |X| |keys|`` numbers;
    a mask, or terms in keys and values, take this many for each sample. A neighbourhood saves no
    arithmetic.

    With dropout, as always, the layer is equivariant in distribution only.

    References
    ----------
    A. Vaswani et al., *Attention is all you need* (2017). D. Romero, J.-B. Cordonnier, *Group
    Equivariant Stand-Alone Self-Attention for Vision* (2021).

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("D8").regular_module()
    >>> layer = EquivariantAttention(X, 32, 4)
    >>> layer(torch.zeros(5, 8, 32)).shape
    torch.Size([5, 8, 32])
    >>> layer.positions.bias_table.shape
    torch.Size([4, 8])

    Neighbours on a ring of twelve:

    >>> ring = tk.group("D24").natural_module()
    >>> near = EquivariantAttention(ring, 8, 2, neighbourhood=[0, 1])
    >>> near.attention_weights(torch.zeros(12, 8))[0, 0].nonzero().flatten().tolist()
    [0, 1, 11]
    """

    positions: RelativePositions | None
    near: ConstantModule | None

    def __init__(
        self,
        X: Module,
        channels: int,
        heads: int,
        *,
        keys: Module | None = None,
        key_channels: int | None = None,
        positions: PositionalTerm | Collection[PositionalTerm] | None = "bias",
        neighbourhood: Iterable[int] | NDArray[np.bool_] | None = None,
        projections: Projections = "channels",
        bias: bool = True,
        dropout: float = 0.0,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        source = X if keys is None else keys
        for module in (X, source):
            require_points(module, "attention between points (TokenAttention has none)")
        require_same_group(source, X)
        require_heads(channels, heads)
        require_dropout(dropout)
        terms = read_terms(positions)
        super().__init__()
        self.X: Module = X
        self.keys_module: Module = source
        self.is_cross = keys is not None
        self.in_channels = self.out_channels = self.channels = channels
        self.key_channels = channels if key_channels is None else key_channels
        if not self.is_cross and self.key_channels != channels:
            raise ModuleMismatchError(
                f"key_channels={key_channels} is for cross attention: give the module of the keys"
            )
        self.heads, self.dropout, self.projections = heads, dropout, projections
        self.is_signed = has_signs(X, source)
        if self.is_signed:
            require_bias_alone(terms, "a vector would not change sign with the points")
        place: dict[str, Any] = {"device": device, "dtype": dtype}
        self.query = projection(projections, X, channels, channels, bias, **place)
        self.key = projection(projections, source, self.key_channels, channels, bias, **place)
        self.value = projection(projections, source, self.key_channels, channels, bias, **place)
        self.out = projection(projections, X, channels, channels, bias, **place)
        self.positions = None
        if terms and channels:
            size = (heads, channels // heads)
            self.positions = RelativePositions(
                terms, pair_labels(X, source), *size, X, source, **place
            )
        part = None
        if neighbourhood is not None:
            found = neighbours(neighbourhood, X, source)
            part = ConstantModule(None if device is None else torch.device(device), dtype)
            part.constant("allowed", np.tile(found, (1, 2)) if self.is_signed else found)
        self.keep("near", part)

    @property
    def Y(self) -> Module:
        """The module of the output, which is that of the queries."""
        return self.X

    def reset_parameters(self) -> None:
        """Draw new weights."""
        for layer in (self.query, self.key, self.value, self.out):
            reset_projection(layer)
        if self.positions is not None:
            self.positions.reset_parameters()

    def projection(self, in_channels: int, out_channels: int) -> nn.Module:
        """Return a new map of channels on X of this layer's kind."""
        where = place_of(self)
        return projection(
            self.projections, self.X, in_channels, out_channels, self._has_bias, **where
        )

    @property
    def _has_bias(self) -> bool:
        return getattr(self.out, "bias", None) is not None

    def forward(
        self,
        x: torch.Tensor,
        context: torch.Tensor | None = None,
        mask: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Return ``(..., |X|, channels)``.

        Parameters
        ----------
        x
            ``(..., |X|, channels)`` the functions that make the queries.
        context
            ``(..., |keys|, key_channels)`` the functions that are attended to, for cross
            attention.
        mask
            ``(..., |keys|)`` booleans: a point with false is not attended to; within X its own
            output is also 0. The group must move the mask with the points. A query without keys
            receives the value 0.
        """
        q, k, v, allowed = self._prepared(x, context, mask)
        dropout = self.dropout if self.training else 0.0
        found = merge_heads(attended(q, k, v, self.positions, allowed, dropout))
        y: torch.Tensor = self.out(found.reshape(*x.shape[:-1], self.channels))
        if mask is not None and not self.is_cross:
            y = torch.where(mask.unsqueeze(-1), y, 0)
        return y

    def attention_weights(
        self,
        x: torch.Tensor,
        context: torch.Tensor | None = None,
        mask: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Return ``(..., heads, |X|, |keys|)``: how much of each value each query receives.

        Parameters
        ----------
        x, context, mask
            As in :meth:`forward`.

        Notes
        -----
        Without dropout. The weights of a query sum to 1. On signed modules they have signs, and
        their absolute values sum to at most 1.
        """
        q, k, _, allowed = self._prepared(x, context, mask)
        weights = attention_weights(q, k, self.positions, allowed)
        if self.is_signed:
            plus, minus = weights.chunk(2, -1)
            weights = plus - minus
        return weights.reshape(*x.shape[:-2], *weights.shape[1:])

    def _prepared(
        self, x: torch.Tensor, context: torch.Tensor | None, mask: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """Return queries, keys and values by heads, and which pairs are allowed."""
        require_input(x, self.X, self.channels)
        if self.is_cross:
            if context is None:
                raise ModuleMismatchError(
                    f"cross attention needs context=, functions on {self.keys_module.name}"
                )
            require_input(context, self.keys_module, self.key_channels)
        elif context is not None:
            raise ModuleMismatchError(
                "a context is for cross attention: give its module as keys= when the "
                "layer is created"
            )
        else:
            context = x
        allowed = None
        if self.near is not None:
            self.near.follow(x)
            allowed = self.near.table("allowed")
        if mask is not None:
            mask = read_mask(mask, context.shape[:-1])
            context = torch.where(mask.unsqueeze(-1), context, 0)  # what is there may be NaN
            if not self.is_cross:
                x = context
            own = mask.reshape(-1, 1, 1, mask.shape[-1])
            own = torch.cat([own, own], -1) if self.is_signed else own
            allowed = own if allowed is None else own & allowed
        q = self._by_heads(self.query(x))
        k, v = self._by_heads(self.key(context)), self._by_heads(self.value(context))
        if self.is_signed:
            k, v = torch.cat([k, -k], -2), torch.cat([v, -v], -2)
        return q, k, v, allowed

    def _by_heads(self, x: torch.Tensor) -> torch.Tensor:
        return split_heads(batched(x, 2), self.heads)

    def extra_repr(self) -> str:
        """Describe the modules, channels and heads."""
        where = f"{self.X.name} of {self.X.group_title}"
        if self.is_cross:
            where = f"{where} to {self.keys_module.name}"
        near = "" if self.near is None else ", in a neighbourhood"
        return f"{where}, channels={self.channels}, heads={self.heads}{near}"


def read_mask(mask: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    """Return a mask of a given shape, after a check."""
    if mask.dtype != torch.bool or mask.dim() < 1 or mask.shape[-1] != shape[-1]:
        raise ModuleMismatchError(
            f"a mask has booleans, true for the points that take part, of shape {tuple(shape)}, "
            f"found {tuple(mask.shape)} of {mask.dtype}"
        )
    return mask.expand(shape)
