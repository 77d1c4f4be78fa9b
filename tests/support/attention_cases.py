"""What the tests of attention share."""

from __future__ import annotations

import torch
from torch import nn


def randomised(layer: nn.Module, seed: int = 3) -> nn.Module:
    """Give all parameters values of size 1, biases and positions included."""
    noise = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in layer.parameters():
            p.copy_(torch.randn(p.shape, generator=noise, dtype=p.dtype))
    return layer


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64)
