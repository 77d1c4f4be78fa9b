"""Checks of inputs: elements of a module, by channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import ModuleMismatchError
from toolkit.nn.linear.tensors.inputs import wrong_input

if TYPE_CHECKING:
    import torch

    from toolkit.modules.module import Module


def require_element(x: torch.Tensor, V: Module, channels: int | None = None) -> None:
    """Raise ModuleMismatchError unless ``x`` is real floats ``(..., dim V, channels)``."""
    wrong = channels is not None and x.dim() > 0 and x.shape[-1] != channels
    if x.dim() < 2 or x.shape[-2] != V.degree or wrong:
        raise wrong_input(x, V, channels, what="coordinates")
    if not x.is_floating_point():
        raise ModuleMismatchError(
            f"the input must have a real float type, found {x.dtype}; x.float() for integers"
        )
