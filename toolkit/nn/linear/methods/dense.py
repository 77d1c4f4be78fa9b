"""The dense path: the whole matrix gathered from the orbit weights, one product."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.nn.linear.constants import ConstantModule
from toolkit.nn.linear.point_maps import PointMap

if TYPE_CHECKING:
    import torch

    from toolkit.nn.linear.hom_space import Geometry

__all__ = ["DensePath"]


class DensePath(ConstantModule):
    """Maps from orbit weights by the ``(C_in n) x (m C_out)`` matrix.

    Parameters
    ----------
    geometry
        The layer's tables.
    device, dtype
        As in torch.
    """

    follows_narrow = True

    def __init__(
        self, geometry: Geometry, device: torch.device | None, dtype: torch.dtype | None
    ) -> None:
        super().__init__(device, dtype)
        self.degrees = geometry.shape
        labels = geometry.labels.T  # (n, m)
        self.labels = PointMap(np.maximum(labels, 0).ravel(), geometry.count, device)
        self.signed = geometry.signs is not None
        if geometry.signs is not None:
            factors = np.where(labels < 0, 0, geometry.signs.T).astype(np.float64)
            self.constant("factors", factors.reshape(-1, 1))

    def kernel(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the matrix ``(C_in n, m C_out)`` of orbit weights ``(R, C_out, C_in)``."""
        m, n = self.degrees
        _, out, into = weight.shape
        # gathered in the order in which it is used: no copy of the whole matrix after that
        values = self.labels.pull(weight.permute(2, 0, 1).contiguous(), 1)
        if self.signed:
            values = values * self.table("factors").to(values.dtype)
        return values.reshape(into * n, m * out)

    def forward(self, x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
        """Return ``(b, m, C_out)`` for ``x`` of shape ``(b, n, C_in)``."""
        batch, n, into = x.shape
        m = self.degrees[0]
        y = x.transpose(1, 2).reshape(batch, into * n) @ kernel
        return y.reshape(batch, m, kernel.shape[1] // m)
