"""The copies of simples in a module as tensors: coordinates, invariants, gates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from toolkit.library.fourier import fourier_basis
from toolkit.library.invariant_vectors import is_trivial
from toolkit.nn.linear.tensors.constants import ConstantModule
from toolkit.nn.linear.tensors.point_maps import PointMap
from toolkit.nn.linear.weighted_map import full_precision

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.modules.module import Module

#: Added to mean squares before the root is taken, so that norms are smooth at 0.
EPSILON = 1e-6


class SimpleCopies(ConstantModule):
    """The Fourier coordinates of a module, copy by copy of each simple.

    Parameters
    ----------
    V
        A module of any kind with a Fourier basis.
    device, dtype
        As in torch.
    """

    def __init__(self, V: Module, device: torch.device | None, dtype: torch.dtype | None) -> None:
        super().__init__(device, dtype)
        basis = fourier_basis(V)
        simples = [s for s in basis.simples for _ in range(s.multiplicity)]
        #: The simple of each copy.
        self.labels = tuple(s.label for s in simples)
        dimensions = np.array([s.dimension for s in simples], dtype=np.intp)
        self.constant("matrix", basis.matrix)
        self.constant("inverse", basis.inverse)
        self.constant("scale", 1 / dimensions[:, None])
        self.constant("trivial", np.array([[is_trivial(basis, s)] for s in simples], dtype=bool))
        copy_of_row = np.repeat(np.arange(len(simples)), dimensions)
        self.copy_of_row = PointMap(copy_of_row, len(simples), device)

    @property
    def count(self) -> int:
        """The number of copies."""
        return len(self.labels)

    def invariants(self, coordinates: torch.Tensor) -> torch.Tensor:
        """Return ``(..., copies, C)`` for coordinates ``(..., n, C)``.

        The value of a copy of the trivial simple; of any other the root of its mean square.
        """
        axis = coordinates.dim() - 2
        squares = self.copy_of_row.push(coordinates * coordinates, axis) * self.table("scale")
        values = self.copy_of_row.push(coordinates, axis)
        return torch.where(self.table("trivial"), values, (squares + EPSILON).sqrt())

    def read_invariants(self, x: torch.Tensor) -> torch.Tensor:
        """Return the invariants ``(..., copies, C)`` of ``x`` of shape ``(..., n, C)``."""
        with full_precision(x.device.type):
            found = self.invariants(self.table("matrix") @ x.to(self.wide_dtype))
        return found.to(x.dtype)

    def gated(self, x: torch.Tensor, gates: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
        """Return ``x`` of shape ``(..., n, C)`` with each copy multiplied by a number.

        Parameters
        ----------
        x
            Elements of the module.
        gates
            The numbers ``(..., copies, C)``, from the coordinates ``(..., n, C)``.
        """
        with full_precision(x.device.type):
            coordinates = self.table("matrix") @ x.to(self.wide_dtype)
            factors = self.copy_of_row.pull(gates(coordinates), coordinates.dim() - 2)
            moved = self.table("inverse") @ (coordinates * factors)
        return moved.to(x.dtype)
