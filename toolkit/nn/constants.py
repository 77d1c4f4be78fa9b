"""Constant tensors of a layer: buffers that are rebuilt, never moved from a rounded copy.

A path needs index tables and orthogonal matrices. They are no state: they follow from the
modules. Kept in float64 and made into non-persistent buffers of the layer's device and dtype,
they survive ``to_empty`` (so that the meta device and ``skip_init`` work) and a trip through a
narrow dtype: ``layer.half().double()`` has bases of full precision again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ConstantModule"]


class ConstantModule(nn.Module):
    """A module whose buffers are constants made from numpy arrays.

    Parameters
    ----------
    device, dtype
        Where the buffers are, and the type of those that hold numbers that are not integers.
    """

    def __init__(self, device: torch.device | None, dtype: torch.dtype | None) -> None:
        super().__init__()
        self._arrays: dict[str, NDArray[np.generic]] = {}
        probe = torch.empty(0, device=device, dtype=dtype)
        self._device, self._dtype = probe.device, probe.dtype

    def constant(self, name: str, array: NDArray[np.generic]) -> None:
        """Register an array as the constant of this name."""
        self._arrays[name] = array
        self.register_buffer(name, self._made(array), persistent=False)

    def _made(self, array: NDArray[np.generic]) -> torch.Tensor:
        tensor = torch.from_numpy(array.copy() if not array.flags.writeable else array)
        if tensor.is_floating_point():
            return tensor.to(device=self._device, dtype=self._dtype, copy=True)
        return tensor.to(device=self._device, copy=True)

    def _apply(self, fn: Callable[[torch.Tensor], torch.Tensor], recurse: bool = True) -> Any:  # noqa: ANN401 - as torch's own
        """Let ``fn`` change parameters and children; make the constants anew where it leads."""
        probe = fn(torch.empty(0, device=self._device, dtype=self._dtype))
        kept, self._buffers = self._buffers, {}
        try:
            super()._apply(fn, recurse)
        finally:
            self._buffers = kept
        place = (probe.device, probe.dtype)
        moved = place != (self._device, self._dtype)
        self._device, self._dtype = place
        for name, array in self._arrays.items():
            buffer = self._buffers[name]
            if moved or buffer is None or buffer.device != probe.device:
                self._buffers[name] = self._made(array)
        return self

    def __getstate__(self) -> dict[str, Any]:
        """Leave the buffers out: they are made anew."""
        state = self.__dict__.copy()
        state["_buffers"] = {}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for name, array in self._arrays.items():
            self._buffers[name] = self._made(array)

    def table(self, name: str) -> torch.Tensor:
        """Return a constant."""
        value = self._buffers[name]
        assert value is not None
        return value
