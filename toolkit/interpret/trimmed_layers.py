"""What trimmed networks are made of: plain torch modules with weights and index buffers.

They know nothing of groups or modules. Weights are parameters; indices, signs and changes of
basis are buffers that are not part of the ``state_dict``, since the network's shape gives them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = [
    "BlockLinear",
    "Constant",
    "ExpandPoints",
    "FlatLinear",
    "GatheredLinear",
    "PointMatrix",
    "SelectPoints",
    "ShapeOfBlocks",
]

#: ``(simples, positions, units, copies in Y, copies in X)`` of blocks of one shape.
ShapeOfBlocks = tuple[int, int, int, int, int]


class _Plain(nn.Module):
    """A module whose tables are buffers outside of the ``state_dict``."""

    def table(self, name: str, values: NDArray[np.generic], like: torch.Tensor) -> None:
        """Add a table on the device of a tensor; numbers that are not integers get its type."""
        tensor = torch.from_numpy(np.ascontiguousarray(values)).to(like.device)
        if tensor.is_floating_point():
            tensor = tensor.to(like.dtype)
        self.register_buffer(name, tensor, persistent=False)


class _WithBias(_Plain):
    """A map with an optional bias: a number per channel, for each of several sets of points."""

    bias: nn.Parameter | None
    bias_index: torch.Tensor
    bias_signs: torch.Tensor

    def set_bias(
        self, values: torch.Tensor | None, index: NDArray[np.intp], signs: NDArray[np.generic]
    ) -> None:
        """Set the bias ``values[index[p]] * signs[p]`` at each point p."""
        if values is None:
            self.register_parameter("bias", None)
            return
        self.bias = nn.Parameter(values.clone())
        self.table("bias_index", index.astype(np.int64), values)
        self.table("bias_signs", signs.astype(np.float64)[:, None], values)

    def biased(self, y: torch.Tensor) -> torch.Tensor:
        """Return y with the bias added."""
        if self.bias is None:
            return y
        return y + self.bias.index_select(0, self.bias_index) * self.bias_signs


class SelectPoints(_Plain):
    """Functions of all points to functions of blocks: the value at one point of each.

    Parameters
    ----------
    points
        ``(m,)`` 0-based.
    like
        A tensor on the device that is wanted.
    """

    points: torch.Tensor

    def __init__(self, points: NDArray[np.intp], like: torch.Tensor) -> None:
        super().__init__()
        self.table("points", points.astype(np.int64), like)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., m, C)`` for ``x`` of shape ``(..., n, C)``."""
        return x.index_select(-2, self.points)

    def extra_repr(self) -> str:
        """Say how many points are kept."""
        return f"{len(self.points)} points"


class ExpandPoints(_Plain):
    """Functions of blocks to functions of all points, with signs.

    Parameters
    ----------
    blocks
        ``(n,)`` 0-based, -1 where the function is 0.
    signs
        ``(n,)`` 1, -1 or 0.
    like
        A tensor of the type and device that is wanted.
    """

    blocks: torch.Tensor
    signs: torch.Tensor

    def __init__(
        self, blocks: NDArray[np.intp], signs: NDArray[np.int8], like: torch.Tensor
    ) -> None:
        super().__init__()
        self.is_plain = bool((signs == 1).all())
        self.is_empty = bool((blocks < 0).all())
        self.table("blocks", np.maximum(blocks, 0).astype(np.int64), like)
        self.table("signs", signs.astype(np.float64)[:, None], like)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., n, C)`` for ``x`` of shape ``(..., m, C)``."""
        if self.is_empty:
            return x.new_zeros(*x.shape[:-2], len(self.blocks), x.shape[-1])
        y = x.index_select(-2, self.blocks)
        return y if self.is_plain else y * self.signs

    def extra_repr(self) -> str:
        """Say how many points there are."""
        return f"{len(self.blocks)} points"


class PointMatrix(_Plain):
    """A fixed linear map of the points, the same in every channel: pooling, or a projection.

    Parameters
    ----------
    matrix
        ``(m, n)``.
    like
        A tensor of the type and device that is wanted.
    """

    matrix: torch.Tensor

    def __init__(self, matrix: NDArray[np.float64], like: torch.Tensor) -> None:
        super().__init__()
        self.table("matrix", matrix, like)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., m, C)`` for ``x`` of shape ``(..., n, C)``."""
        return torch.matmul(self.matrix, x)

    def extra_repr(self) -> str:
        """Say how many points it maps."""
        m, n = self.matrix.shape
        return f"{n} -> {m} points"


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
        """Say how large the output is."""
        return f"{self.size[0]} points, {self.size[1]} channels"


class GatheredLinear(_WithBias):
    """A linear map whose matrix is gathered from few weights.

    Parameters
    ----------
    weight
        ``(R, C_out, C_in)``.
    labels
        ``(m, n)`` the 0-based weight of each entry, -1 where it is 0.
    signs
        ``(m, n)`` the sign of each entry.
    """

    labels: torch.Tensor
    signs: torch.Tensor

    def __init__(
        self, weight: torch.Tensor, labels: NDArray[np.int64], signs: NDArray[np.int8]
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight.clone())
        self.degrees = labels.shape
        self.table("labels", np.maximum(labels, 0).T.ravel().astype(np.int64), weight)
        factors = np.where(labels < 0, 0, signs).T.ravel()
        self.is_plain = bool((factors == 1).all())
        self.table("signs", factors.astype(np.float64)[:, None], weight)

    def matrix(self) -> torch.Tensor:
        """Return ``(C_in n, m C_out)``."""
        m, n = self.degrees
        _, out, into = self.weight.shape
        values = self.weight.permute(2, 0, 1).contiguous().index_select(1, self.labels)
        if not self.is_plain:
            values = values * self.signs
        return values.reshape(into * n, m * out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., m, C_out)`` for ``x`` of shape ``(..., n, C_in)``."""
        y = torch.matmul(x.transpose(-1, -2).flatten(-2), self.matrix())
        return self.biased(y.reshape(*x.shape[:-2], self.degrees[0], self.weight.shape[1]))

    def extra_repr(self) -> str:
        """Say how large it is."""
        m, n = self.degrees
        count, out, into = self.weight.shape
        return f"({n}, {into}) -> ({m}, {out}), {count} weights x channels"


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
        """Say how large it is."""
        return f"{self.weight.shape[1]} -> {self.size[0]} x {self.size[1]}"


class BlockLinear(_WithBias):
    """A linear map by its blocks, simple by simple: those of simples that are not there are gone.

    Parameters
    ----------
    weight
        ``(R, C_out, C_in)``: by shape, then simple, unit of D, copy in Y, copy in X.
    shapes
        The shapes of blocks.
    units
        Per shape ``(units, units, units)``: entry (c, b, a) is component b of the product of the
        units a and c.
    analysis
        ``(N, n)`` to coordinates, by shape, then simple, position, copy in X, unit.
    synthesis
        ``(m, M)`` from coordinates, in the same order with the copies in Y.
    """

    analysis: torch.Tensor
    synthesis: torch.Tensor

    def __init__(
        self,
        weight: torch.Tensor,
        shapes: Sequence[ShapeOfBlocks],
        units: Sequence[NDArray[np.float64]],
        analysis: NDArray[np.float64],
        synthesis: NDArray[np.float64],
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight.clone())
        self.shapes = tuple(shapes)
        for i, table in enumerate(units):
            self.table(f"units{i}", table, weight)
        self.table("analysis", analysis, weight)
        self.table("synthesis", synthesis, weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., m, C_out)`` for ``x`` of shape ``(..., n, C_in)``."""
        _, out, into = self.weight.shape
        leading = x.shape[:-2]
        x = x.reshape(-1, *x.shape[-2:])
        coordinates = torch.matmul(self.analysis, x)
        pieces = []
        start = row = 0
        for i, (s, p, e, t, m) in enumerate(self.shapes):
            own = self.weight[start : start + s * e * t * m].reshape(s, e, t, m, out, into)
            start += s * e * t * m
            units = self.get_buffer(f"units{i}")
            kernel = torch.einsum("cfa,sctmoi->smaitfo", units, own)
            kernel = kernel.reshape(s, m * e * into, t * e * out)
            part = coordinates[:, row : row + s * p * m * e].reshape(-1, s, p, m * e * into)
            row += s * p * m * e
            part = part.transpose(0, 1).reshape(s, -1, m * e * into)
            product = torch.bmm(part, kernel).reshape(s, -1, p * t * e, out)
            pieces.append(product.transpose(0, 1).reshape(-1, s * p * t * e, out))
        y = torch.matmul(self.synthesis, torch.cat(pieces, dim=1))
        return self.biased(y.reshape(*leading, *y.shape[-2:]))

    def extra_repr(self) -> str:
        """Say how large it is."""
        count, out, into = self.weight.shape
        m, n = self.synthesis.shape[0], self.analysis.shape[1]
        simples = sum(shape[0] for shape in self.shapes)
        return f"({n}, {into}) -> ({m}, {out}), {count} weights x channels of {simples} simples"
