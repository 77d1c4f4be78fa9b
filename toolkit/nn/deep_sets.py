r"""Layers of the symmetric group on n points, for every n at once, in linear time.

Every map of Fun(n points) that commutes with all permutations is a combination of the identity and
of the mean over the points: for n of at least 2 the two orbitals of S_n, or its two simples, the
trivial and the standard one (Zaheer et al., Deep Sets, 2017). With channels,

.. math:: y_p = \Lambda x_p + \Gamma \bar{x} + b

acts as Lambda + Gamma on the trivial simple and as Lambda on the standard one. Written with the
mean, neither depends on n: one layer serves sets of all sizes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from toolkit.errors import ModuleMismatchError
from toolkit.nn.activation import Pointwise
from toolkit.nn.equivariant_linear import EquivariantLinear
from toolkit.nn.exchangeable import (
    ExchangeableLinear,
    TuplePooling,
    masks_of_sets,
    numbers_of_entries,
    sets_of_entries,
    with_zeros,
)
from toolkit.nn.linear.initialisation import INITIALISATIONS, variance
from toolkit.nn.linear.tensors.weights import (
    register_weight,
    require_channels,
    require_choice,
    weight_of,
)
from toolkit.nn.linear.weighted_map import result_dtype

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.nn.activation import ActivationLike
    from toolkit.nn.exchangeable import Masks, Order
    from toolkit.nn.linear.initialisation import Initialisation

SetPooling: TypeAlias = Literal["mean", "sum", "max"]


class DeepSetsLinear(nn.Module):
    """The equivariant layer of S_n on n points for every n: a map of each point and of the mean.

    Parameters
    ----------
    in_channels, out_channels
        Numbers of channels.
    bias
        Whether to add a number for each channel.
    init
        ``"he"``, ``"lecun"`` or ``"xavier"`` (:mod:`toolkit.nn.linear.initialisation`), for both
        simples.
    device, dtype
        As in torch.

    Notes
    -----
    Maps ``(..., n, in_channels)`` to ``(..., n, out_channels)`` for any n, in time and memory O(n).
    ``weight[0]`` is Lambda and ``weight[1]`` is Gamma, ``(out_channels, in_channels)`` each. The
    blocks of the standard simple, Lambda, and of the trivial simple, Lambda + Gamma, are drawn
    independently with the same variance. So both keep the variance of their component of the input
    for every n. A map of the *sum* over the points could not: its component in the trivial simple
    grows with n.

    Examples
    --------
    >>> import torch
    >>> layer = DeepSetsLinear(3, 5)
    >>> layer(torch.zeros(2, 10, 3)).shape, layer(torch.zeros(1000, 3)).shape
    (torch.Size([2, 10, 5]), torch.Size([1000, 5]))
    """

    weight: torch.Tensor
    bias: torch.Tensor | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        init: Initialisation = "he",
    ) -> None:
        super().__init__()
        require_choice("init", init, INITIALISATIONS)
        require_channels(in_channels, out_channels)
        self.in_channels, self.out_channels, self.init = in_channels, out_channels, init
        size = (2, out_channels, in_channels)
        register_weight(self, "weight", size, device=device, dtype=dtype)
        if bias:
            register_weight(self, "bias", (out_channels,), device=device, dtype=dtype)
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the blocks of both simples so that variances are kept; set biases to zero."""
        if self.bias is not None:
            nn.init.zeros_(self.bias)
        own = variance(self.in_channels, self.out_channels, self.init)
        with torch.no_grad():
            # first the blocks, standard and trivial; then Gamma is their difference
            self.weight.normal_(std=math.sqrt(own))
            self.weight[1] -= self.weight[0]

    def forward(self, x: torch.Tensor, mask: Masks = None) -> torch.Tensor:
        """Return ``(..., n, out_channels)``.

        Parameters
        ----------
        x
            ``(..., n, in_channels)``.
        mask
            ``(..., n)`` booleans, for sets of different sizes in one batch: points with false are
            left out of the mean, and their output is 0.

        Raises
        ------
        ModuleMismatchError
            If shapes or types do not fit.
        """
        if x.dim() < 2 or x.shape[-1] != self.in_channels:
            raise ModuleMismatchError(
                f"the input must have shape (..., points, {self.in_channels}), "
                f"found {tuple(x.shape)}"
            )
        result_dtype(x, weight_of(self))  # refuses other types
        mask = _mask_of(mask, x)
        if not self.weight.numel():
            y = x[..., :0].sum().expand(*x.shape[:-1], self.out_channels)  # with a gradient
            if self.bias is not None and self.bias.numel():
                y = y + self.bias
            return _only(y, mask)
        x = _only(x, mask)  # before any product: values elsewhere may be NaN
        own = functional.linear(x, self.weight[0])
        pooled = functional.linear(_mean(x, mask), self.weight[1], self.bias)
        y = own + pooled
        return _only(y, mask)

    def fourier_blocks(self) -> dict[str, torch.Tensor]:
        """Return the blocks ``(out_channels, in_channels)`` of the two simples, detached."""
        weight = self.weight.detach()
        return {"trivial": weight[0] + weight[1], "standard": weight[0].clone()}

    def to_equivariant(self, X: PermutationModule, **options: Any) -> EquivariantLinear:  # noqa: ANN401
        """Return the same function on n points as an :class:`EquivariantLinear`.

        Parameters
        ----------
        X
            A module with one point or two orbitals: that of any 2-transitive action, such as
            ``tk.group("S10").natural_module()``.
        **options
            Options for EquivariantLinear.

        Raises
        ------
        ModuleMismatchError
            If X has more orbitals.

        Examples
        --------
        >>> import toolkit as tk
        >>> DeepSetsLinear(3, 5).to_equivariant(tk.group("S4").natural_module()).parameters_count()
        35
        """
        layer = EquivariantLinear(
            X,
            X,
            self.in_channels,
            self.out_channels,
            self.bias is not None,
            device=self.weight.device,
            dtype=self.weight.dtype,
            **options,
        )
        n = _require_two_orbitals(layer)
        own, pooled = self.weight.detach()
        values = [own + pooled] if n == 1 else [own + pooled / n, pooled / n]
        layer.set_weights(torch.stack(values))
        if layer.bias is not None and self.bias is not None:
            with torch.no_grad():
                layer.bias.copy_(self.bias)
        return layer

    @classmethod
    def from_equivariant(cls, layer: EquivariantLinear) -> DeepSetsLinear:
        """Return the layer for every n that agrees with a given layer on its number of points.

        Parameters
        ----------
        layer
            A layer from a module with one point or two orbitals to itself.

        Raises
        ------
        ModuleMismatchError
            If the layer is on any other module.

        Examples
        --------
        >>> import toolkit as tk
        >>> X = tk.group("A5").natural_module()
        >>> DeepSetsLinear.from_equivariant(tk.nn.EquivariantLinear(X, X, 3, 5))
        DeepSetsLinear(in_channels=3, out_channels=5, bias=True)
        """
        n = _require_two_orbitals(layer)
        weight = layer.orbit_weights()
        new = cls(
            layer.in_channels,
            layer.out_channels,
            layer.bias is not None,
            weight.device,
            weight.dtype,
            init=layer.init,
        )
        with torch.no_grad():
            if n == 1:
                new.weight[0] = weight[0]
                new.weight[1] = 0
            else:
                new.weight[0] = weight[0] - weight[1]
                new.weight[1] = n * weight[1]
            if new.bias is not None and layer.bias is not None:
                new.bias.copy_(layer.bias)
        return new

    def extra_repr(self) -> str:
        """Describe the channels."""
        return (
            f"in_channels={self.in_channels}, out_channels={self.out_channels}, "
            f"bias={self.bias is not None}"
        )


class DeepSets(nn.Module):
    """A network on sets or tuples: equivariant layers, then pooling and a plain perceptron.

    Parameters
    ----------
    channels
        ``(c_0, ..., c_k)`` numbers of channels of the equivariant layers.
    head
        The numbers of channels after pooling; the last one is that of the network's output. If it
        is empty, there is no pooling, and the network is equivariant.
    activation
        Any activation; see :class:`~toolkit.nn.activation.Pointwise`. A torch module is shared by
        all layers.
    pool
        ``"mean"``, ``"sum"`` or ``"max"`` over the tuples of points, before the head.
    bias
        Whether the layers have a bias.
    device, dtype
        As in torch.
    order
        The number of entries of the tuples that features belong to: 1 for points, 2 for pairs, such
        as the edges of a graph, and ``(1, 1)`` for matrices between two sets; see
        :class:`~toolkit.nn.ExchangeableLinear`. A list gives an order for each entry of
        ``channels``, such as ``[2, 2, 1]`` from pairs to points.

    Raises
    ------
    ModuleMismatchError
        If the channels, the orders or the pooling are invalid.

    Notes
    -----
    Maps ``(..., n, c_0)`` to ``(..., n, c_k)``, or to ``(..., head[-1])``, for any n. With order 2
    the input is ``(..., n, n, c_0)``, and the head reads both the pool over all pairs and the pool
    over the diagonal. A set that is empty, or left empty by the mask, pools to 0, so its output is
    that of the head at 0. Time and memory are linear in the size of the features.

    Examples
    --------
    >>> import torch
    >>> net = DeepSets([3, 16, 16], head=[16, 2], pool="max")
    >>> net(torch.zeros(7, 100, 3)).shape, net(torch.zeros(7, 5, 3)).shape
    (torch.Size([7, 2]), torch.Size([7, 2]))
    >>> DeepSets([3, 16, 16], head=[16, 2], order=2)(torch.zeros(7, 30, 30, 3)).shape
    torch.Size([7, 2])

    Pairs of 5 points as a module of S5, for the equivariance test of layers on a module:

    >>> import toolkit as tk
    >>> from toolkit.testing import assert_equivariant
    >>> pairs = tk.group("S5").natural_module() ** 2
    >>> net = DeepSets([3, 8, 2], order=2, dtype=torch.float64)
    >>> def on_pairs(x: torch.Tensor) -> torch.Tensor:
    ...     return net(x.unflatten(-2, (5, 5))).flatten(-3, -2)
    >>> assert_equivariant(on_pairs, pairs, channels=3)
    """

    def __init__(
        self,
        channels: Sequence[int],
        head: Sequence[int] = (),
        activation: ActivationLike = "relu",
        pool: SetPooling = "mean",
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        order: Order | list[Order] = 1,
    ) -> None:
        super().__init__()
        if len(channels) < 2:
            raise ModuleMismatchError(
                f"channels need at least two numbers, of input and output, found {list(channels)}"
            )
        if pool not in ("mean", "sum", "max"):
            raise ModuleMismatchError(f"pool must be mean, sum or max, not {pool!r}")
        self.orders = order if isinstance(order, list) else [order] * len(channels)
        if len(self.orders) != len(channels):
            raise ModuleMismatchError(
                f"a list of orders must have one order for each of {len(channels)} numbers of "
                f"channels, found {len(self.orders)}"
            )
        self.in_channels = channels[0]
        self.out_channels = head[-1] if head else channels[-1]
        self.pool = pool if head else None
        self.pooling = TuplePooling(sets_of_entries(self.orders[-1]), pool)
        place = {"device": device, "dtype": dtype}
        # after each layer but the network's last there is an activation
        count = len(channels) - 2 + (len(head) > 0) + max(len(head) - 1, 0)
        functions = [Pointwise(activation, device=device, dtype=dtype) for _ in range(count)]
        odd = bool(functions) and functions[0].is_odd
        between: Initialisation = "lecun" if odd else "he"
        self.layers = nn.ModuleList()
        last = len(channels) - 2
        for i in range(last + 1):
            init: Initialisation = between if i < last or head else "lecun"
            size = channels[i], channels[i + 1]
            own, following = self.orders[i : i + 2]
            self.layers.append(
                DeepSetsLinear(*size, bias, device, dtype, init=init)
                if own == following == 1
                else ExchangeableLinear(*size, own, following, bias, device, dtype, init=init)
            )
        self.activations = nn.ModuleList(functions[: last + (len(head) > 0)])
        self.head = nn.Sequential()
        sizes = [channels[-1] * len(self.pooling.diagonals), *head]
        for i in range(len(head)):
            if i:
                self.head.append(functions[last + i])
            self.head.append(nn.Linear(sizes[i], sizes[i + 1], bias=bias, **place))

    def forward(self, x: torch.Tensor, mask: Masks = None) -> torch.Tensor:
        """Return ``(..., n, c_k)`` or ``(..., head[-1])``.

        Parameters
        ----------
        x
            ``(..., n, c_0)``, with an axis for each entry of the tuples.
        mask
            ``(..., n)`` booleans: the points that exist, for sets of different sizes in one batch.
            For several sets, a sequence of such masks, with ``None`` for a complete set.
        """
        for i, layer in enumerate(self.layers):
            x = layer(x, mask)
            if i < len(self.activations):
                x = self.activations[i](x)
        if self.pool is None and mask is None:
            return x  # the last layer's own output, which toolkit.interpret follows
        sets = self.pooling.sets
        lead = x.shape[: x.dim() - len(sets) - 1]
        masks = masks_of_sets(mask, len(numbers_of_entries(self.orders[-1])), lead)
        batched = x.reshape(math.prod(lead), *x.shape[len(lead) :])
        if self.pool is None:
            return with_zeros(batched, sets, masks).reshape(x.shape)
        found = self.pooling(batched, masks)
        y: torch.Tensor = self.head(found.reshape(*lead, found.shape[-1]))
        return y

    def reset_parameters(self) -> None:
        """Draw new weights."""
        for part in self.modules():
            if isinstance(part, DeepSetsLinear | ExchangeableLinear | nn.Linear | nn.PReLU):
                part.reset_parameters()

    def extra_repr(self) -> str:
        """Describe the symmetry of the network."""
        over = "points" if self.orders[-1] == 1 else "tuples"
        kind = "equivariant" if self.pool is None else f"invariant, {self.pool} over the {over},"
        return f"{kind} under S_n for every n"


def _mask_of(mask: Masks, x: torch.Tensor) -> torch.Tensor | None:
    """Return ``(..., n)`` booleans for all leading axes of x, after a check of their shape."""
    found = masks_of_sets(mask, 1, x.shape[:-2])[0]
    if found is None:
        return None
    if found.shape[-1] != x.shape[-2]:
        raise ModuleMismatchError(
            f"a mask must have a value for each of {x.shape[-2]} points, found {found.shape[-1]} "
            "values"
        )
    return found.reshape(x.shape[:-1])


def _mean(x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """Return the mean ``(..., 1, C)`` over the points of the mask; x is 0 at the others."""
    if mask is None:
        return x.mean(-2, keepdim=True)
    count = mask.bool().sum(-1)[..., None, None].clamp(min=1)
    # divided first, so that narrow types do not overflow
    return (x / count.to(x.dtype)).sum(-2, keepdim=True)


def _only(x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """Return x with 0 at masked points."""
    return x if mask is None else x.masked_fill(~mask.bool().unsqueeze(-1), 0.0)


def _require_two_orbitals(layer: EquivariantLinear) -> int:
    """Return the number of points of a layer whose weights are those of S_n."""
    X, Y = layer.X, layer.Y
    n = X.degree
    two = layer.hom_space.count == (1 if n == 1 else 2) and not layer.hom_space.is_signed
    if not two or not np.array_equal(X.images, Y.images) or layer.hom_space.bias_count != 1:
        raise ModuleMismatchError(
            "only a layer from a 2-transitive module to itself is equivariant under the symmetric "
            f"group, found {layer.hom_space.count} orbitals from {X.name} to {Y.name} of "
            f"{X.group_title}"
        )
    return n
