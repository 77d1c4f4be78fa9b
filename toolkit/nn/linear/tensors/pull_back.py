"""Functions pulled back along a map of points, with a factor (mostly a sign) at each point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.nn.linear.tensors.point_maps import PointMap

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray


class PullBack(PointMap):
    """The map ``(..., size, C)`` to ``(..., m, C)``, ``y[i] = factors[i] x[points[i]]``.

    Parameters
    ----------
    points
        ``(m,)`` the 0-based point that each point reads, -1 for none: the value is 0 there.
    factors
        ``(m,)`` numbers; ``None`` for 1.
    size
        The number of points of the input.
    device, dtype
        As in torch.

    Examples
    --------
    >>> import torch
    >>> points = PullBack(np.array([1, 0, -1]), np.array([1, -1, 1]), 2, None, None)
    >>> points.read(torch.tensor([[5.0], [6.0]])).flatten().tolist()
    [6.0, -5.0, 0.0]
    """

    def __init__(
        self,
        points: IntArray,
        factors: NDArray[np.generic] | None,
        size: int,
        device: torch.device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__(points, size, device, dtype)
        self.has_factors = factors is not None and bool((factors[points >= 0] != 1).any())
        if factors is not None and self.has_factors:
            self.follows_narrow = bool(np.isin(factors, (-1, 0, 1)).all())
            self.constant("factors", factors.astype(np.float64)[:, None])

    def read(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., m, C)`` for ``x`` of shape ``(..., size, C)``."""
        y = self.pull(x, x.dim() - 2)
        return y * self.table("factors").to(y.dtype) if self.has_factors else y


class InvariantFunctions(PullBack):
    """Biases: invariant functions on a module, from a number for each.

    Parameters
    ----------
    labels
        ``(m,)`` the number of the invariant function that a point belongs to, -1 for none.
    signs
        ``(m,)`` its sign there.
    count
        The number of invariant functions.
    device, dtype
        As in torch.
    """

    def __init__(
        self,
        labels: IntArray,
        signs: NDArray[np.generic],
        count: int,
        device: torch.device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__(labels, signs, count, device, dtype)
        self.is_constant = count == 1 and bool((signs == 1).all())

    def read(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(m, C)`` of ``(count * C,)`` or ``(count, C)``, or one row if all are equal."""
        if self.is_constant:
            return x
        return super().read(x.reshape(self.size, -1) if x.dim() == 1 else x)
