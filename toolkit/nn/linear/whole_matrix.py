"""The whole matrix of a layer, entry by entry, from its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from toolkit.nn.linear.methods.spectral import SpectralMethod

if TYPE_CHECKING:
    from toolkit.nn.linear.hom_space import OrbitalHomSpace
    from toolkit.nn.linear.hom_space_base import HomSpace


def matrix_of_orbits(space: OrbitalHomSpace, weight: torch.Tensor) -> torch.Tensor:
    """Return ``(m, out, n, in)`` for orbit weights ``(R, out, in)``."""
    labels = torch.from_numpy(np.maximum(space.labels, 0)).to(weight.device)
    values = weight[labels]
    if space.signs is not None:
        signs = np.where(space.labels < 0, 0, space.signs)
        values = values * torch.from_numpy(signs).to(weight)[:, :, None, None]
    return values.permute(0, 2, 1, 3)


def matrix_of_blocks(space: HomSpace, weight: torch.Tensor) -> torch.Tensor:
    """Return ``(m, out, n, in)`` for Fourier blocks ``(R, out, in)``, computed in float64.

    The columns are the images of the unit vectors, one input channel at a time.
    """
    host = torch.device("cpu")  # not every device knows float64
    wide = weight.to(host, torch.float64)
    method = SpectralMethod.of(space.blocks, False, host, torch.float64)
    units = torch.eye(space.shape[1], dtype=torch.float64, device=host).unsqueeze(2)
    columns = [
        method.forward(units, method.operator(wide[:, :, i : i + 1])) for i in range(wide.shape[2])
    ]
    return torch.stack(columns, dim=3).permute(1, 2, 0, 3).to(weight)
