r"""The layer of a small group as products with entries gathered from its weights.

For a few hundred entries, what a layer costs in training are the operations and their derivatives,
one by one: a node of Python is as dear as five of torch's own. So the matrix is gathered entry by
entry, by one operation that has a derivative in torch, and already as the factor on the right.

For one sample less is gathered. In a regular module each point p and orbital r belong to exactly
one q, so that ``y[p]`` is the sum of ``weight[r] x[q(p, r)]`` over r: a product of the matrix
``(m, R C_in)`` of the ``x[q(p, r)]`` with the weights as a matrix ``(R C_in, C_out)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from torch import addmm, mm

from toolkit.nn.linear.tensors.constants import ConstantModule

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray

#: Entries up to which it is quicker to gather them one by one.
MOST_ENTRIES = 1 << 12
#: Entries of a matrix up to which that is so for few samples.
_MOST_FOR_FEW = 1 << 10


class GatheredEntries(ConstantModule):
    """The products of a small layer ``(m C_out, n C_in)`` with orbit weights ``(R, C_out, C_in)``.

    Parameters
    ----------
    labels
        ``(m, n)`` the weight of each pair of points.
    factors
        ``(m, n)`` the factor of each pair: 1, -1 or 0; ``None`` if all are 1.
    count
        R.
    channels
        ``(C_out, C_in)``.
    device, dtype
        As in torch.

    Attributes
    ----------
    takes_one
        Whether one sample is to be computed by :meth:`of_one`.
    least
        The number of samples from which on :meth:`of_many` is to be used.

    Examples
    --------
    >>> import torch
    >>> layer = GatheredEntries(np.array([[0, 1], [1, 0]]), None, 2, (1, 1), None, None)
    >>> weight, x = torch.tensor([[[5.0]], [[6.0]]]), torch.tensor([[[1.0], [2.0]]])
    >>> layer.of_one(x, weight, None).flatten().tolist()
    [17.0, 16.0]
    >>> layer.of_many(x, weight, None).flatten().tolist()
    [17.0, 16.0]
    """

    follows_narrow = True

    def __init__(
        self,
        labels: IntArray,
        factors: NDArray[np.generic] | None,
        count: int,
        channels: tuple[int, int],
        device: torch.device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__(device, dtype)
        (m, n), (out, into) = labels.shape, channels
        self.size = m, n, out, into
        self.has_factors = factors is not None and bool((factors != 1).any())
        total = m * n * out * into
        self.least = float("inf")
        if total <= MOST_ENTRIES:
            # with fewer, products of all points with all weights are quicker
            self.least = 0 if total <= _MOST_FOR_FEW else max(1, into // 2)
            places = np.arange(out) * into + np.arange(into)[:, None]
            entries = labels.T[:, None, :, None] * (out * into) + places[:, None, :]
            self.constant("entries", entries.reshape(n * into, m * out))
            if factors is not None and self.has_factors:
                each = np.broadcast_to(factors.T[:, None, :, None], (n, into, m, out))
                self.constant("factors", each.reshape(n * into, m * out).astype(np.float64))
        few = m * n * into + count * out * into <= MOST_ENTRIES
        self.takes_one = few and not self.has_factors and self._keep_sources(labels, count)

    def _keep_sources(self, labels: IntArray, count: int) -> bool:
        """Find the point q of each point p and orbital r; say whether there is exactly one."""
        m, n, out, into = self.size
        sources = np.full((m, count), -1)
        sources[np.arange(m)[:, None], labels] = np.arange(n)
        if n != count or (sources < 0).any():
            return False
        inputs = sources[:, :, None] * into + np.arange(into)
        weights = np.arange(count * out * into).reshape(count, out, into).transpose(0, 2, 1)
        self.constant("inputs", inputs.reshape(m, count * into))
        self.constant("weights", weights.reshape(count * into, out))
        return True

    def of_many(
        self, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None
    ) -> torch.Tensor:
        """Return ``(b, m, C_out)`` for ``x`` of shape ``(b, n, C_in)``, with a constant bias."""
        m, n, out, into = self.size
        tables: dict[str, Any] = self._buffers
        matrix = weight.take(tables["entries"])
        if self.has_factors:
            matrix = matrix * tables["factors"].to(matrix.dtype)
        y = mm(x.reshape(-1, n * into), matrix).view(-1, m, out)
        return y if bias is None else y + bias

    def of_one(
        self, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None
    ) -> torch.Tensor:
        """Return ``(1, m, C_out)`` for ``x`` of shape ``(1, n, C_in)``, with a constant bias."""
        m, _, out, _ = self.size
        tables: dict[str, Any] = self._buffers
        inputs, matrix = x.take(tables["inputs"]), weight.take(tables["weights"])
        y = mm(inputs, matrix) if bias is None else addmm(bias, inputs, matrix)
        return y.view(1, m, out)
