"""Sums, means and maxima over the fibres of a map of points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import torch

from toolkit.nn.linear.tensors.constants import ConstantModule
from toolkit.nn.linear.tensors.point_maps import Fibres, PointMap
from toolkit.nn.linear.tensors.pull_back import PullBack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray

Reduction: TypeAlias = Literal["mean", "sum", "max"]


class FibreReduction(ConstantModule):
    """Sums, means or maxima over the fibres of a map of points.

    Parameters
    ----------
    points, signs
        ``(n,)`` where each point goes, -1 for nowhere, and its sign.
    size
        Number of fibres, empty ones included: their value is 0.
    reduction
        ``"mean"``, ``"sum"`` or ``"max"``.
    device, dtype
        As in torch.
    """

    follows_narrow = True

    def __init__(
        self,
        points: IntArray,
        signs: NDArray[np.int8],
        size: int,
        reduction: Reduction,
        device: torch.device | str | None,
        dtype: torch.dtype | None,
    ) -> None:
        where = None if device is None else torch.device(device)
        super().__init__(where, dtype)
        self.reduction = reduction
        self.size = size
        found = Fibres.of(points, size)
        self.counts, self.lengths = found.counts, found.lengths
        self.order = PullBack(found.order, signs[found.order], points.size, where, dtype)
        self.places = PointMap(found.places, sum(found.counts), where)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., size, C)`` for ``x`` of shape ``(..., n, C)``."""
        axis = x.dim() - 2
        x = self.order.read(x)
        if len(self.counts) == 1:
            y = self._reduced(x, self.counts[0], self.lengths[0])
        else:
            pieces, start = [x.narrow(axis, 0, 0)], 0
            for count, length in zip(self.counts, self.lengths, strict=True):
                own = x.narrow(axis, start, count * length)
                pieces.append(self._reduced(own, count, length))
                start += count * length
            y = torch.cat(pieces, dim=axis)
        return self.places.pull(y, axis)

    def _reduced(self, x: torch.Tensor, count: int, length: int) -> torch.Tensor:
        """Return ``(..., count, C)`` of fibres of one length."""
        fibres = x.reshape(*x.shape[:-2], count, length, x.shape[-1])
        if self.reduction == "max":
            return fibres.amax(-2)
        return fibres.sum(-2) if self.reduction == "sum" else fibres.mean(-2)
