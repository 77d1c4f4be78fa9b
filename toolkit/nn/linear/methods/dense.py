"""The dense method: the whole matrix gathered from the orbit weights, one product."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.nn.linear.methods.gathered_matrix import LARGEST_TABLE, GatheredMatrix
from toolkit.nn.linear.methods.whole_matrix_method import WholeMatrixMethod
from toolkit.nn.linear.tensors.pull_back import PullBack

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray


class DenseMethod(WholeMatrixMethod):
    """Maps from orbit weights by the ``(C_in n, m C_out)`` matrix.

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
    _gathered: GatheredMatrix | None = None

    def __init__(
        self,
        labels: IntArray,
        signs: NDArray[np.int8] | None,
        count: int,
        device: torch.device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__((labels.shape[0], labels.shape[1]), device, dtype)
        factors = None if signs is None else np.where(labels < 0, 0, signs).T.ravel()
        self.labels = PullBack(np.maximum(labels, 0).T.ravel(), factors, count, device, dtype)

    def operator(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the matrix ``(C_in n, m C_out)`` of orbit weights ``(R, C_out, C_in)``."""
        m, n = self.shape
        _, out, into = weight.shape
        # gathered in the order in which it is used: no copy of the whole matrix after that
        values = self.labels.read(weight.permute(2, 0, 1).contiguous())
        return values.reshape(into * n, m * out)

    def gathered(self, weight: torch.Tensor) -> GatheredMatrix | None:
        """Return tables that gather the matrix from weights of this shape and place.

        ``None`` if they would be too large.
        """
        found = self._gathered
        if (
            found is not None
            and weight.shape == found.shape_of_weights
            and weight.device == found._device
        ):
            return found
        m, n = self.shape
        count, out, into = weight.shape
        if m * n * out > LARGEST_TABLE or count != self.labels.size:
            return None
        tables = self.labels._arrays
        factors = tables["factors"].reshape(n, m).T if self.labels.has_factors else None
        labels = tables["points"].reshape(n, m).T.astype(np.int64)
        found = GatheredMatrix(labels, factors, count, (out, into), weight.device, weight.dtype)
        object.__setattr__(self, "_gathered", found)  # no part of the state
        return found

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is made when first used."""
        return {k: v for k, v in super().__getstate__().items() if k != "_gathered"}
