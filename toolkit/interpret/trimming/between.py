"""What one layer becomes between blocks of points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from toolkit.modules.permutation_module import PermutationModule
from toolkit.nn.activation import Pointwise
from toolkit.nn.deep_sets import DeepSetsLinear
from toolkit.nn.equivariant_linear import EquivariantLinear
from toolkit.nn.periodic import WindowedConvolution

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.interpret.trimming.points import Merging
    from toolkit.modules.module import Module


class PlainActivation(nn.Module):
    """An activation without the toolkit's checks.

    Parameters
    ----------
    activation
        The layer.
    """

    def __init__(self, activation: Pointwise) -> None:
        super().__init__()
        self.name = activation.name
        self.function: Any = activation.function  # registered if it is a module

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return f(x), entry by entry."""
        y: torch.Tensor = self.function(x)
        return y

    def extra_repr(self) -> str:
        """Name the activation."""
        return self.name


def on_blocks(module: nn.Module) -> nn.Module:
    """Return a layer of the values at each point as one that takes any number of points."""
    return PlainActivation(module) if isinstance(module, Pointwise) else module


def equivariant_form(module: nn.Module, X: Module) -> EquivariantLinear:
    """Return a linear layer on X with its weights per orbital."""
    if isinstance(module, WindowedConvolution):
        return module.to_equivariant()
    if isinstance(module, DeepSetsLinear):
        return module.to_equivariant(PermutationModule.of(X))
    assert isinstance(module, EquivariantLinear)
    return module


def pooling_matrix(pooling: nn.Module, points: int) -> NDArray[np.float64]:
    """Return the matrix ``(m, n)`` of a linear pooling."""
    with torch.no_grad():
        found = pooling(torch.eye(points, dtype=torch.float64))
    return np.asarray(found.numpy())


def means_over_blocks(target: Merging, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of rows over each block, with signs."""
    sizes = np.bincount(target.blocks[target.blocks >= 0], minlength=target.size)
    return np.asarray(target.matrix.T @ matrix / np.maximum(sizes, 1)[:, None])
