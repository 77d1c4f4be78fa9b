"""The layers of trimmed networks: plain torch modules with weights and index tables.

They know nothing of groups or modules. Weights are parameters; indices, signs and changes of
basis are constants that are not part of the ``state_dict``, since the network's shape gives them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from toolkit.nn.linear.methods.spectral import SpectralMethod
from toolkit.nn.linear.tensors.constants import ConstantModule, LayerWithConstants
from toolkit.nn.linear.tensors.pull_back import InvariantFunctions, PullBack
from toolkit.nn.linear.weighted_map import WeightedMap, result_dtype

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from toolkit.nn.linear.methods.dense import DenseMethod


class _WithBias(LayerWithConstants):
    """A map with an optional bias: a number per channel, for each of several sets of points."""

    bias: nn.Parameter | None
    invariants: InvariantFunctions | None

    def set_bias(self, values: torch.Tensor | None, functions: InvariantFunctions | None) -> None:
        """Set the bias, ``(functions, C)``, or none."""
        self.bias = None if values is None else nn.Parameter(values.clone())
        self.keep("invariants", functions)

    def biased(self, y: torch.Tensor) -> torch.Tensor:
        """Return y with the bias added."""
        if self.bias is None:
            return y
        assert self.invariants is not None
        self.follow(self.bias)
        return y + self.invariants.read(self.bias).to(y.dtype)


class ReadPoints(LayerWithConstants):
    """Functions of n points to functions of m points, each of which reads one, with a sign.

    So functions of points become functions of blocks (one point of each is read) and back.

    Parameters
    ----------
    points
        ``(m,)`` 0-based, -1 where the function is 0.
    signs
        ``(m,)`` 1 or -1; ``None`` if all are 1.
    size
        n.
    like
        A tensor with the required type and device.
    """

    reading: PullBack

    def __init__(
        self,
        points: NDArray[np.intp],
        signs: NDArray[np.int8] | None,
        size: int,
        like: torch.Tensor,
    ) -> None:
        super().__init__()
        self.shape = (len(points), size)
        self.keep("reading", PullBack(points, signs, size, like.device, like.dtype))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., m, C)`` for ``x`` of shape ``(..., n, C)``."""
        self.follow(x)
        return self.reading.read(x)

    def extra_repr(self) -> str:
        """Describe the numbers of points."""
        return f"{self.shape[1]} -> {self.shape[0]} points"


class PointMatrix(LayerWithConstants):
    """A fixed linear map of the points, the same in every channel: pooling, or a projection.

    Parameters
    ----------
    matrix
        ``(m, n)``.
    like
        A tensor with the required type and device.
    """

    tables: ConstantModule

    def __init__(self, matrix: NDArray[np.float64], like: torch.Tensor) -> None:
        super().__init__()
        self.shape = matrix.shape
        tables = ConstantModule(like.device, like.dtype)
        tables.constant("matrix", matrix)
        self.keep("tables", tables)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., m, C)`` for ``x`` of shape ``(..., n, C)``."""
        self.follow(x)
        return torch.matmul(self.tables.table("matrix").to(x.dtype), x)

    def extra_repr(self) -> str:
        """Describe the numbers of points."""
        return f"{self.shape[1]} -> {self.shape[0]} points"


class Constant(_WithBias):
    """No input passes: 0, or the bias.

    Parameters
    ----------
    points, channels
        Of the output.
    """

    def __init__(self, points: int, channels: int) -> None:
        super().__init__()
        self.size = (points, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., points, channels)``, whatever the values of x."""
        return self.biased(x.new_zeros(*x.shape[:-2], *self.size))

    def extra_repr(self) -> str:
        """Describe the size of the output."""
        return f"{self.size[0]} points, {self.size[1]} channels"


class TrimmedLinear(WeightedMap, _WithBias):
    """A linear map whose matrix is gathered from few weights, or given by Fourier blocks.

    Parameters
    ----------
    weight
        ``(R, C_out, C_in)``.
    computation
        The dense method for orbit weights, or the spectral one for blocks.
    shape
        ``(m, n)`` the points of output and input.
    """

    def __init__(
        self,
        weight: torch.Tensor,
        computation: DenseMethod | SpectralMethod,
        shape: tuple[int, int],
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight.clone())
        self.shape = shape
        self.keep("computation", computation)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., m, C_out)`` for ``x`` of shape ``(..., n, C_in)``."""
        weight = self.weight
        dtype = result_dtype(x, weight)
        self.follow(weight)
        return self.biased(self._applied(x, weight, self.shape[0]).to(dtype))

    def extra_repr(self) -> str:
        """Describe the size of the map."""
        m, n = self.shape
        count, out, into = self.weight.shape
        text = f"({n}, {into}) -> ({m}, {out}), {count} weights x channels"
        if isinstance(self.computation, SpectralMethod):
            text += f" of {sum(len(s.labels) for s in self.computation.shapes)} simples"
        return text


class FlatLinear(nn.Module):
    """A linear map by its whole matrix: most weights, fewest operations.

    Parameters
    ----------
    matrix
        ``(m C_out, n C_in)``, points first.
    bias
        ``(m C_out,)`` or ``None``.
    points
        m.
    """

    def __init__(self, matrix: torch.Tensor, bias: torch.Tensor | None, points: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(matrix.clone())
        self.bias = None if bias is None else nn.Parameter(bias.clone())
        self.size = (points, len(matrix) // max(points, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., m, C_out)`` for ``x`` of shape ``(..., n, C_in)``."""
        y = nn.functional.linear(x.flatten(-2), self.weight, self.bias)
        return y.reshape(*x.shape[:-2], *self.size)

    def extra_repr(self) -> str:
        """Describe the size of the map."""
        return f"{self.weight.shape[1]} -> {self.size[0]} x {self.size[1]}"
