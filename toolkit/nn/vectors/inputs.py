"""Checks of inputs: elements of a module, by channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import ModuleMismatchError

if TYPE_CHECKING:
    import torch

    from toolkit.modules.module import Module


def require_element(x: torch.Tensor, V: Module, channels: int | None = None) -> None:
    """Raise ModuleMismatchError unless ``x`` has shape ``(..., dim V, channels)``."""
    wrong = channels is not None and x.dim() > 0 and x.shape[-1] != channels
    if x.dim() < 2 or x.shape[-2] != V.degree or wrong:
        size = "channels" if channels is None else str(channels)
        raise ModuleMismatchError(
            f"the input must have shape (..., {V.degree}, {size}), coordinates of {V.name} and "
            f"channels, found {tuple(x.shape)}"
        )
