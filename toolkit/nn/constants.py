"""Constant tensors of a layer: buffers that are rebuilt, never moved from a rounded copy.

A path needs index tables and orthogonal matrices. They are no state: they follow from the
modules. Kept as arrays of float64 and made into non-persistent buffers of the layer's device and
dtype, they survive ``to_empty`` (so that the meta device and ``skip_init`` work) and a trip
through a narrow dtype: ``layer.half().double()`` has bases of full precision again. Copies share
the arrays.

``DistributedDataParallel`` broadcasts buffers before each pass. These are the same everywhere, so
``broadcast_buffers=False`` saves the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["NARROW", "ConstantModule"]

#: Types too narrow for a basis, or for a transform.
NARROW = (torch.half, torch.bfloat16)


class _Arrays(dict[str, "NDArray[np.generic]"]):
    """The arrays by name; nobody changes them, so copies share them."""

    def __deepcopy__(self, memo: dict[int, Any]) -> _Arrays:
        return _Arrays(self)


class ConstantModule(nn.Module):
    """A module whose buffers are constants made from numpy arrays.

    Parameters
    ----------
    device, dtype
        Where the buffers are, and the type of those that hold numbers that are not integers.
    """

    #: Whether the numbers are exact in every type (0, 1, -1), so that a half precision layer may
    #: have them in its own; others stay in float32 then.
    is_exact: ClassVar[bool] = False

    def __init__(self, device: torch.device | None, dtype: torch.dtype | None) -> None:
        super().__init__()
        self._arrays = _Arrays()
        probe = torch.empty(0, device=device, dtype=dtype)
        self._device, self._dtype = probe.device, probe.dtype

    @property
    def wide_dtype(self) -> torch.dtype:
        """The type to compute in where a narrow one would not do."""
        return torch.float32 if self._dtype in NARROW else self._dtype

    def constant(self, name: str, array: NDArray[np.generic]) -> None:
        """Register an array as the constant of this name."""
        self._arrays[name] = array
        self.register_buffer(name, self._made(array), persistent=False)

    def _made(self, array: NDArray[np.generic]) -> torch.Tensor:
        tensor = torch.from_numpy(np.array(array, order="C"))
        if tensor.is_floating_point():
            dtype = self._dtype if self.is_exact else self.wide_dtype
            return tensor.to(device=self._device, dtype=dtype, copy=True)
        return tensor.to(device=self._device, copy=True)

    def _apply(self, fn: Callable[[torch.Tensor], torch.Tensor], recurse: bool = True) -> Any:  # noqa: ANN401 - as torch's own
        """Let ``fn`` change parameters and children; make the constants anew where it leads."""
        probe = fn(torch.empty(0, device=self._device, dtype=self._dtype))
        kept, self._buffers = self._buffers, {}
        try:
            super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        finally:
            self._buffers = kept
        self.place(probe.device, probe.dtype)
        return self

    def place(self, device: torch.device, dtype: torch.dtype) -> None:
        """Make this module's constants anew for another device or type."""
        if (device, dtype) != (self._device, self._dtype):
            self._device, self._dtype = device, dtype
            self._remake()

    def _remake(self) -> None:
        for name, array in self._arrays.items():
            self._buffers[name] = self._made(array)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the buffers out: they are made anew."""
        state = self.__dict__.copy()
        state["_buffers"] = {}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)  # type: ignore[no-untyped-call]
        self._remake()

    def table(self, name: str) -> torch.Tensor:
        """Return a constant."""
        value = self._buffers[name]
        assert value is not None
        return value
