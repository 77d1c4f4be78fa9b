"""Biases: invariant elements of a module, from a number for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from toolkit.nn.linear.fourier_hom_space import FourierHomSpace
from toolkit.nn.linear.hom_space import require_orbitals
from toolkit.nn.linear.tensors.constants import ConstantModule
from toolkit.nn.linear.tensors.pull_back import InvariantFunctions

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from toolkit.nn.linear.hom_space_base import HomSpace


class InvariantVectors(ConstantModule):
    """Biases on a module given by matrices: combinations of invariant vectors.

    Parameters
    ----------
    vectors
        ``(m, count)`` a basis of the invariant elements.
    device, dtype
        As in torch.
    """

    #: Whether all points have the same bias: there are no points.
    is_constant = False

    def __init__(
        self,
        vectors: NDArray[np.float64],
        device: torch.device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__(device, dtype)
        self.constant("vectors", vectors)

    def read(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(m, C)`` of ``(count * C,)`` or ``(count, C)``."""
        vectors = self.table("vectors")
        values = x.reshape(vectors.shape[1], -1) if x.dim() == 1 else x
        return vectors.to(x.dtype) @ values


#: What makes an invariant element of biases, by ``.read(bias)``.
Biases: TypeAlias = InvariantFunctions | InvariantVectors


def make_biases(space: HomSpace, device: torch.device | None, dtype: torch.dtype | None) -> Biases:
    """Return what makes invariant elements of Y of ``(bias_count, C)`` numbers."""
    if isinstance(space, FourierHomSpace):
        return InvariantVectors(space.invariants, device, dtype)
    own = require_orbitals(space, "a bias by orbits", "use its invariant vectors")
    return InvariantFunctions(*own.invariants, own.bias_count, device, dtype)
