"""The dense method: the whole matrix gathered from the orbit weights, one product."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.nn.linear.tensors.constants import ConstantModule
from toolkit.nn.linear.tensors.pull_back import PullBack

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray


class DenseMethod(ConstantModule):
    """Maps from orbit weights by the ``(C_in n) x (m C_out)`` matrix.

    Parameters
    ----------
    labels
        ``(m, n)`` the weight of each entry, -1 where it is 0.
    signs
        ``(m, n)`` the sign of each entry; ``None`` if all are 1.
    count
        The number of weights.
    device, dtype
        As in torch.
    """

    follows_narrow = True

    def __init__(
        self,
        labels: IntArray,
        signs: NDArray[np.int8] | None,
        count: int,
        device: torch.device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__(device, dtype)
        self.shape = labels.shape
        factors = None if signs is None else np.where(labels < 0, 0, signs).T.ravel()
        self.labels = PullBack(np.maximum(labels, 0).T.ravel(), factors, count, device, dtype)

    def operator(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the matrix ``(C_in n, m C_out)`` of orbit weights ``(R, C_out, C_in)``."""
        m, n = self.shape
        _, out, into = weight.shape
        # gathered in the order in which it is used: no copy of the whole matrix after that
        values = self.labels.read(weight.permute(2, 0, 1).contiguous())
        return values.reshape(into * n, m * out)

    def forward(self, x: torch.Tensor, operator: torch.Tensor) -> torch.Tensor:
        """Return ``(b, m, C_out)`` for ``x`` of shape ``(b, n, C_in)``."""
        batch, n, into = x.shape
        m = self.shape[0]
        y = x.transpose(1, 2).reshape(batch, into * n) @ operator
        return y.reshape(batch, m, operator.shape[1] // m)
