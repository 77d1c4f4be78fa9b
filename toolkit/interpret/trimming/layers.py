"""What trimmed networks are made of: plain torch modules with weights and index tables.

They know nothing of groups or modules. Weights are parameters; indices, signs and changes of
basis are constants that are not part of the ``state_dict``, since the network's shape gives them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from toolkit.nn.linear.constants import ConstantModule, LayerWithConstants
from toolkit.nn.linear.point_maps import PointMap

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


class _Tables(ConstantModule):
    """Constants of a trimmed layer, all of the layer's own type."""

    follows_narrow = True

    def __init__(self, like: torch.Tensor, **arrays: NDArray[np.generic]) -> None:
        super().__init__(like.device, like.dtype)
        for name, array in arrays.items():
            self.constant(name, array)


class _WithBias(LayerWithConstants):
    """A map with an optional bias: a number per channel, for each of several sets of points."""

    bias: nn.Parameter | None
    bias_index: PointMap
    bias_signs: _Tables

    def set_bias(
        self, values: torch.Tensor | None, index: NDArray[np.intp], signs: NDArray[np.generic]
    ) -> None:
        """Set the bias ``values[index[p]] * signs[p]`` at each point p."""
        if values is None:
            self.register_parameter("bias", None)
            return
        self.bias = nn.Parameter(values.clone())
        self.keep("bias_index", PointMap(index, len(values), values.device))
        signs = signs.astype(np.float64)[:, None]
        self.keep("bias_signs", _Tables(values, signs=signs))

    def biased(self, y: torch.Tensor) -> torch.Tensor:
        """Return y with the bias added."""
        if self.bias is None:
            return y
        self.follow(self.bias)
        return y + self.bias_index.pull(self.bias, 0) * self.bias_signs.table("signs").to(y.dtype)


class SelectPoints(LayerWithConstants):
    """Functions of all points to functions of blocks: the value at one point of each.

    Parameters
    ----------
    points
        ``(m,)`` 0-based.
    size
        n, the number of all points.
    like
        A tensor on the device that is wanted.
    """

    points: PointMap

    def __init__(self, points: NDArray[np.intp], size: int, like: torch.Tensor) -> None:
        super().__init__()
        self.keep("points", PointMap(points, size, like.device))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., m, C)`` for ``x`` of shape ``(..., n, C)``."""
        self.follow(x)
        return self.points.pull(x, x.dim() - 2)

    def extra_repr(self) -> str:
        """Say how many points are kept."""
        return f"{self.points.count} points"


class ExpandPoints(LayerWithConstants):
    """Functions of blocks to functions of all points, with signs.

    Parameters
    ----------
    blocks
        ``(n,)`` 0-based, -1 where the function is 0.
    signs
        ``(n,)`` 1, -1 or 0.
    size
        m, the number of blocks.
    like
        A tensor of the type and device that is wanted.
    """

    blocks: PointMap
    signs: _Tables

    def __init__(
        self, blocks: NDArray[np.intp], signs: NDArray[np.int8], size: int, like: torch.Tensor
    ) -> None:
        super().__init__()
        self.is_plain = bool((signs == 1).all())
        self.keep("blocks", PointMap(blocks, size, like.device))
        self.keep("signs", _Tables(like, signs=signs.astype(np.float64)[:, None]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., n, C)`` for ``x`` of shape ``(..., m, C)``."""
        self.follow(x)
        y = self.blocks.pull(x, x.dim() - 2)
        return y if self.is_plain else y * self.signs.table("signs").to(y.dtype)

    def extra_repr(self) -> str:
        """Say how many points there are."""
        return f"{self.blocks.count} points"


class PointMatrix(LayerWithConstants):
    """A fixed linear map of the points, the same in every channel: pooling, or a projection.

    Parameters
    ----------
    matrix
        ``(m, n)``.
    like
        A tensor of the type and device that is wanted.
    """

    tables: _Tables

    def __init__(self, matrix: NDArray[np.float64], like: torch.Tensor) -> None:
        super().__init__()
        self.keep("tables", _Tables(like, matrix=matrix))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., m, C)`` for ``x`` of shape ``(..., n, C)``."""
        self.follow(x)
        return torch.matmul(self.tables.table("matrix").to(x.dtype), x)

    def extra_repr(self) -> str:
        """Say how many points it maps."""
        m, n = self.tables.table("matrix").shape
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

    labels: PointMap
    signs: _Tables

    def __init__(
        self, weight: torch.Tensor, labels: NDArray[np.int64], signs: NDArray[np.int8]
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight.clone())
        self.degrees = labels.shape
        self.keep("labels", PointMap(labels.T.ravel(), len(weight), weight.device))
        factors = np.where(labels < 0, 1, signs).T.ravel()
        self.is_plain = bool((factors == 1).all())
        self.keep("signs", _Tables(weight, signs=factors.astype(np.float64)[:, None]))

    def matrix(self) -> torch.Tensor:
        """Return ``(C_in n, m C_out)``."""
        m, n = self.degrees
        _, out, into = self.weight.shape
        self.follow(self.weight)
        values = self.labels.pull(self.weight.permute(2, 0, 1).contiguous(), 1)
        if not self.is_plain:
            values = values * self.signs.table("signs").to(values.dtype)
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

    tables: _Tables

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
        arrays = {f"units{i}": array for i, array in enumerate(units)}
        self.keep("tables", _Tables(weight, analysis=analysis, synthesis=synthesis, **arrays))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., m, C_out)`` for ``x`` of shape ``(..., n, C_in)``."""
        _, out, into = self.weight.shape
        leading = x.shape[:-2]
        x = x.reshape(-1, *x.shape[-2:])
        self.follow(self.weight)
        table = self.tables.table
        coordinates = torch.matmul(table("analysis").to(x.dtype), x)
        pieces = []
        start = row = 0
        for i, (s, p, e, t, m) in enumerate(self.shapes):
            own = self.weight[start : start + s * e * t * m].reshape(s, e, t, m, out, into)
            start += s * e * t * m
            kernel = torch.einsum("cfa,sctmoi->smaitfo", table(f"units{i}").to(x.dtype), own)
            kernel = kernel.reshape(s, m * e * into, t * e * out)
            part = coordinates[:, row : row + s * p * m * e].reshape(-1, s, p, m * e * into)
            row += s * p * m * e
            part = part.transpose(0, 1).reshape(s, -1, m * e * into)
            product = torch.bmm(part, kernel).reshape(s, -1, p * t * e, out)
            pieces.append(product.transpose(0, 1).reshape(-1, s * p * t * e, out))
        y = torch.matmul(table("synthesis").to(x.dtype), torch.cat(pieces, dim=1))
        return self.biased(y.reshape(*leading, *y.shape[-2:]))

    def extra_repr(self) -> str:
        """Say how large it is."""
        count, out, into = self.weight.shape
        m, n = self.tables.table("synthesis").shape[0], self.tables.table("analysis").shape[1]
        simples = sum(shape[0] for shape in self.shapes)
        return f"({n}, {into}) -> ({m}, {out}), {count} weights x channels of {simples} simples"
