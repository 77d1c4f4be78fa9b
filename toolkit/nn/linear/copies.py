"""Weights of a layer between modules whose points are copies of those of another layer.

Restriction, inflation and induction of modules give such points: one copy of the old points, or
one for each coset, one after the other. An orbital of the new group lies in one orbital of the
old group on one pair of copies; a layer of copies has weights on the diagonal pairs only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from toolkit.library.invariant_vectors import invariant_vectors
from toolkit.modules.permutation_module import PermutationModule
from toolkit.modules.signed_module import SignedModule
from toolkit.nn.linear.methods.dense_blocks import blocks_of_matrix

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.module import Module
    from toolkit.nn.linear.hom_space import OrbitalHomSpace
    from toolkit.nn.linear.hom_space_base import HomSpace


def with_group_changed(module: Module, change: Callable[[Any], Any]) -> Module:
    """Apply a change of group to a module; to the cover of a signed one."""
    if not module.has_points:
        changed: Module = change(module)
        return changed
    if not isinstance(module, SignedModule):
        plain: Module = change(PermutationModule.of(module))
        return plain
    # induced covers have their pairs of points together, as the coset is the slower number
    cover = change(module.cover)
    return SignedModule(cover.name.replace("cover of ", "", 1), cover)


def copied_weights(
    old: OrbitalHomSpace, new: OrbitalHomSpace, weight: torch.Tensor
) -> torch.Tensor:
    """Return the orbit weights of the copies.

    Parameters
    ----------
    old, new
        The maps between the old modules, and between the copies.
    weight
        ``(R, out, in)`` orbit weights of the old layer.
    """
    m, n = old.shape
    rows, columns, signs = new.representatives
    labels, factors = old.entries(rows % m, columns % n)
    return _gathered(weight, labels, np.where(rows // m == columns // n, factors * signs, 0))


def copied_bias(old: OrbitalHomSpace, new: OrbitalHomSpace, bias: torch.Tensor) -> torch.Tensor:
    """Return the biases of the copies, from ``(biases, out)`` of the old layer."""
    numbers, signs = new.invariants
    names, first = np.unique(numbers, return_index=True)
    points = first[names >= 0]
    labels, factors = old.invariants
    at = points % old.shape[0]
    return _gathered(bias, labels[at], factors[at] * signs[points])


def copied_blocks(new: HomSpace, matrix: torch.Tensor) -> torch.Tensor:
    """Return the Fourier blocks ``(R, out, in)`` of the copies.

    Parameters
    ----------
    new
        The maps between the copies.
    matrix
        ``(m, out, n, in)`` the old layer's whole matrix.
    """
    old = matrix.detach().cpu().double().permute(0, 2, 1, 3).numpy()
    count = new.shape[0] // max(len(old), 1)
    copies = np.zeros((*new.shape, *old.shape[2:]))
    for i in range(count):
        rows, columns = (slice(i * size, (i + 1) * size) for size in old.shape[:2])
        copies[rows, columns] = old
    return torch.from_numpy(blocks_of_matrix(new, copies)).to(matrix)


def copied_vectors(new: HomSpace, constant: torch.Tensor) -> torch.Tensor:
    """Return the biases of the copies, from the old layer's invariant element ``(m, out)``."""
    old = constant.detach().cpu().double().numpy()
    copies = np.tile(old, (new.shape[0] // max(len(old), 1), 1))
    return torch.from_numpy(np.linalg.pinv(invariant_vectors(new.Y)) @ copies).to(constant)


def _gathered(values: torch.Tensor, labels: IntArray, factors: NDArray[Any]) -> torch.Tensor:
    """Return values by label times a sign, 0 for none."""
    if len(values) == 0:
        return values.new_zeros(len(labels), *values.shape[1:])
    index = torch.from_numpy(np.maximum(labels, 0).astype(np.int64)).to(values.device)
    weights = torch.from_numpy(np.where(labels < 0, 0, factors).astype(np.float64)).to(values)
    found = values.detach().index_select(0, index)
    return found * weights.reshape(-1, *[1] * (found.dim() - 1))
