"""What methods share that apply the whole matrix of a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.nn.linear.tensors.constants import ConstantModule

if TYPE_CHECKING:
    import torch

    from toolkit.nn.linear.methods.gathered_matrix import GatheredMatrix


class WholeMatrixMethod(ConstantModule):
    """A method whose operator is the ``(C_in n, m C_out)`` matrix.

    Parameters
    ----------
    shape
        ``(m, n)``.
    device, dtype
        As in torch.
    """

    def __init__(
        self, shape: tuple[int, int], device: torch.device | None, dtype: torch.dtype | None
    ) -> None:
        super().__init__(device, dtype)
        self.shape = shape

    def forward(self, x: torch.Tensor, operator: torch.Tensor) -> torch.Tensor:
        """Return ``(b, m, C_out)`` for ``x`` of shape ``(b, n, C_in)``."""
        batch, n, into = x.shape
        m = self.shape[0]
        y = x.transpose(1, 2).reshape(batch, into * n) @ operator
        return y.reshape(batch, m, operator.shape[1] // m)

    def flat(self, operator: torch.Tensor) -> torch.Tensor:
        """Return the operator as the matrix ``(m C_out, n C_in)`` of flattened functions."""
        m, n = self.shape
        out, into = operator.shape[1] // m, operator.shape[0] // n
        return operator.reshape(into, n, m, out).permute(2, 3, 1, 0).reshape(m * out, n * into)

    def gathered(self, weight: torch.Tensor) -> GatheredMatrix | None:
        """Return tables that gather the matrix from weights of this shape, if there are any."""
        return None
