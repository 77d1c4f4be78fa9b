"""What may depend on a point by itself: the orbit that it lies in.

A map of the channels at each point commutes with the group if it is the same at all points of an
orbit, and a vector added at each point does if it is an invariant function. So these are the only
legal weights and positions "per point".
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from toolkit.errors import ModuleMismatchError
from toolkit.modules.invariant_functions import invariant_functions, orbit_numbers
from toolkit.modules.module import require_module
from toolkit.nn.linear.layer_state import LayerWithRecipe
from toolkit.nn.linear.recipe import recipe_of_layer
from toolkit.nn.linear.tensors.inputs import wrong_input
from toolkit.nn.linear.tensors.point_maps import PointMap
from toolkit.nn.linear.tensors.pull_back import InvariantFunctions
from toolkit.nn.linear.tensors.weights import register_weight, require_channels, weight_of
from toolkit.nn.linear.weighted_map import result_dtype

if TYPE_CHECKING:
    from toolkit.modules.module import Module


def require_points(X: Module, what: str) -> None:
    """Raise ModuleMismatchError unless the group permutes coordinates, up to signs."""
    require_module(X)
    if X.generality > 1:
        raise ModuleMismatchError(
            f"{what} needs a permutation module, signed or not; {X.name} of {X.group_title} is a "
            "linear module and has no points"
        )


def require_input(x: torch.Tensor, X: Module, channels: int) -> None:
    """Raise ModuleMismatchError unless x is ``(..., |X|, channels)``."""
    if x.dim() < 2 or x.shape[-2] != X.degree or x.shape[-1] != channels:
        raise wrong_input(x, X, channels)


class OrbitLinear(LayerWithRecipe):
    """A linear map of the channels at each point, with weights for each orbit of points.

    Parameters
    ----------
    X
        A permutation module, signed or not.
    in_channels, out_channels
        Numbers of channels; 0 is allowed.
    bias
        Whether to add an invariant function: a vector per orbit (none on an orbit of a signed
        module that has no invariant function).
    device, dtype
        As in torch.

    Raises
    ------
    ModuleMismatchError
        If X has no points, or an input has the wrong shape.

    Notes
    -----
    Maps ``(..., |X|, in_channels)`` to ``(..., |X|, out_channels)``; ``weight`` is ``(orbits,
    out_channels, in_channels)``, and ``bias`` has one axis. It is the part of
    :class:`~toolkit.nn.EquivariantLinear` that does not mix points; on a module with one orbit it
    is ``torch.nn.Linear``. Weights start with Xavier's variance, biases at zero. O(|X| in_channels
    out_channels).

    Examples
    --------
    The four corners and the centre of a square:

    >>> import torch, toolkit as tk
    >>> X = tk.group([[1, 2, 3, 0, 4], [0, 3, 2, 1, 4]]).natural_module()
    >>> layer = OrbitLinear(X, 3, 8)
    >>> layer(torch.zeros(7, 5, 3)).shape, layer.weight.shape
    (torch.Size([7, 5, 8]), torch.Size([2, 8, 3]))
    """

    weight: torch.Tensor
    bias: torch.Tensor | None
    invariants: InvariantFunctions
    sorting: PointMap
    places: PointMap

    def __init__(
        self,
        X: Module,
        in_channels: int,
        out_channels: int,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        require_points(X, "a map for each orbit of points")
        require_channels(in_channels, out_channels)
        super().__init__()
        where = None if device is None else torch.device(device)
        self.X: Module = X
        self.in_channels, self.out_channels = in_channels, out_channels
        orbits = orbit_numbers(X.images)
        self.sizes: list[int] = np.bincount(orbits).tolist()
        order = np.argsort(orbits, kind="stable")
        self.keep("sorting", PointMap(order, X.degree, where, dtype))
        self.keep("places", PointMap(np.argsort(order), X.degree, where, dtype))
        size = (len(self.sizes), out_channels, in_channels)
        register_weight(self, "weight", size, device=where, dtype=dtype)
        if bias:
            numbers, signs = invariant_functions(X)
            self.bias_count = int(numbers.max(initial=-1)) + 1
            register_weight(
                self, "bias", (self.bias_count * out_channels,), device=where, dtype=dtype
            )
            functions = InvariantFunctions(numbers, signs, self.bias_count, where, dtype)
            self.keep("invariants", functions)
        else:
            self.register_parameter("bias", None)
        self.recipe = recipe_of_layer("OrbitLinear", X, X, len(self.sizes))
        self.reset_parameters()

    @property
    def Y(self) -> Module:
        """The module of the output, which is that of the input."""
        return self.X

    def reset_parameters(self) -> None:
        """Draw weights with Xavier's variance; set biases to zero."""
        if self.weight.numel():
            bound = math.sqrt(6 / (self.in_channels + self.out_channels))
            nn.init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., |X|, out_channels)`` for ``x`` of shape ``(..., |X|, in_channels)``."""
        require_input(x, self.X, self.in_channels)
        held = weight_of(self)
        dtype = result_dtype(x, held)
        if held is not None:
            self.follow(held)
        if not self.weight.numel():
            y = x[..., :0].sum().to(dtype).expand(*x.shape[:-1], self.out_channels)
        elif len(self.sizes) == 1:
            y = functional.linear(x, self.weight[0])
        else:
            axis = x.dim() - 2
            pieces = torch.split(self.sorting.pull(x, axis), self.sizes, axis)
            mapped = [functional.linear(own, self.weight[i]) for i, own in enumerate(pieces)]
            y = self.places.pull(torch.cat(mapped, axis), axis)
        if self.bias is not None and self.bias.numel():
            y = y + self.invariants.read(self.bias).to(dtype)
        return y

    def extra_repr(self) -> str:
        """Describe the module and the channels."""
        return (
            f"{self.in_channels} -> {self.out_channels} channels on {len(self.sizes)} orbits of "
            f"{self.X.name} of {self.X.group_title}, bias={self.bias is not None}"
        )


class OrbitEmbedding(LayerWithRecipe):
    """A learned vector for each orbit of points, added to the channels there.

    These are the only absolute positions that an equivariant network can learn, because points of
    one orbit cannot be distinguished. On a signed module there is a vector for each invariant
    function.

    Parameters
    ----------
    X
        A permutation module, signed or not.
    channels
        The length of the vectors.
    device, dtype
        As in torch.

    Raises
    ------
    ModuleMismatchError
        If X has no points, or an input has the wrong shape.

    Notes
    -----
    Maps ``(..., |X|, channels)`` to the same shape; ``weight`` is ``(invariant functions,
    channels)``, drawn with standard deviation 0.02. :meth:`values` returns the function that is
    added.

    Examples
    --------
    A board of 3 x 3 has three orbits under its symmetries: corners, edges and the centre.

    >>> import networkx, torch, toolkit as tk
    >>> X = tk.nn.graph_module(networkx.grid_2d_graph(3, 3))
    >>> embedding = OrbitEmbedding(X, 16)
    >>> embedding.weight.shape, embedding(torch.zeros(5, 9, 16)).shape
    (torch.Size([3, 16]), torch.Size([5, 9, 16]))
    """

    weight: torch.Tensor
    functions: InvariantFunctions
    bias = None

    def __init__(
        self,
        X: Module,
        channels: int,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        require_points(X, "an embedding of orbits")
        require_channels(channels, channels)
        super().__init__()
        where = None if device is None else torch.device(device)
        self.X: Module = X
        self.in_channels = self.out_channels = channels
        numbers, signs = invariant_functions(X)
        self.count = int(numbers.max(initial=-1)) + 1
        register_weight(self, "weight", (self.count, channels), device=where, dtype=dtype)
        functions = InvariantFunctions(numbers, signs, self.count, where, dtype)
        self.keep("functions", functions)
        self.recipe = recipe_of_layer("OrbitEmbedding", X, X, self.count)
        self.reset_parameters()

    @property
    def Y(self) -> Module:
        """The module of the output, which is that of the input."""
        return self.X

    def reset_parameters(self) -> None:
        """Draw the vectors, with standard deviation 0.02."""
        if self.weight.numel():
            nn.init.normal_(self.weight, std=0.02)

    def values(self) -> torch.Tensor:
        """Return ``(|X|, channels)``: the vector at each point."""
        self.follow(self.weight)
        found: torch.Tensor = self.functions.read(self.weight)
        return found.expand(self.X.degree, self.in_channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``x + values()`` for ``x`` of shape ``(..., |X|, channels)``."""
        require_input(x, self.X, self.in_channels)
        dtype = result_dtype(x, self.weight if self.weight.numel() else None)
        return x + self.values().to(dtype) if self.weight.numel() else x

    def extra_repr(self) -> str:
        """Describe the module and the channels."""
        return (
            f"{self.count} vectors of {self.in_channels} channels on {self.X.name} of "
            f"{self.X.group_title}"
        )
