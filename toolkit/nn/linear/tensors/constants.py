"""Constant tensors of a layer: index tables and matrices that are not part of its state.

They are determined by the modules. Kept as arrays of float64 and made into tensors of the layer's
device and dtype, they survive ``to_empty`` (so that the meta device and ``skip_init`` work) and a
trip through a narrow dtype: ``layer.half().double()`` has bases of full precision again. Copies
share the arrays.

A layer keeps its constants in parts that are not among its submodules, so they are not buffers of
the model: code that averages, broadcasts, stacks, prunes or saves buffers finds only those that a
user registered.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

#: Types too narrow for a basis, or for a transform.
NARROW = (torch.half, torch.bfloat16)


def _wide(dtype: torch.dtype) -> torch.dtype:
    return torch.float32 if dtype in NARROW else dtype


class _Arrays(dict[str, "NDArray[np.generic]"]):
    """The arrays by name. They never change, so copies share them."""

    def __deepcopy__(self, memo: dict[int, Any]) -> _Arrays:
        return _Arrays(self)


class ConstantModule(nn.Module):
    """A part of a layer that holds constants made from numpy arrays.

    Parameters
    ----------
    device, dtype
        The device, and the type of constants that are not integers.
    """

    #: Whether the numbers are exact in every type (0, 1, -1), so that a half precision layer may
    #: have them in its own; others stay in float32 then.
    follows_narrow: bool = False

    #: Whether a method adds the bias itself, given as ``(orbits of Y, C_out)``.
    takes_bias: bool = False

    def __init__(self, device: torch.device | None, dtype: torch.dtype | None) -> None:
        super().__init__()
        self._arrays = _Arrays()
        probe = torch.empty(0, device=device, dtype=dtype)
        self._device, self._dtype = probe.device, probe.dtype

    @property
    def wide_dtype(self) -> torch.dtype:
        """The type to compute in where a narrow one would not do."""
        return _wide(self._dtype)

    def constant(self, name: str, array: NDArray[np.generic]) -> None:
        """Register an array as the constant of this name."""
        self._arrays[name] = array
        self.register_buffer(name, self._made(array), persistent=False)

    def _made(self, array: NDArray[np.generic]) -> torch.Tensor:
        tensor = torch.from_numpy(np.array(array, order="C"))
        if tensor.is_floating_point():
            dtype = self._dtype if self.follows_narrow else self.wide_dtype
            return tensor.to(device=self._device, dtype=dtype, copy=True)
        return tensor.to(device=self._device, copy=True)

    def place(self, device: torch.device, dtype: torch.dtype) -> None:
        """Remake all constants on another device, or in another type."""
        for part in self.modules():
            if isinstance(part, ConstantModule):  # some are in lists
                moves = device != part._device
                if moves or dtype != part._dtype:
                    part._device, part._dtype = device, dtype
                    part._remake(integers=moves)

    def follow(self, tensor: torch.Tensor) -> None:
        """Move to a tensor's device and precision, also where only the weights were changed."""
        if tensor.dtype == self._dtype and tensor.device == self._device:
            return  # nearly always
        dtype = tensor.dtype if tensor.is_floating_point() else self._dtype
        if tensor.device != self._device or _wide(dtype) != _wide(self._dtype):
            self.place(tensor.device, dtype)

    def _apply(self, fn: Callable[[torch.Tensor], torch.Tensor], recurse: bool = True) -> Any:  # noqa: ANN401 - as torch's own
        """Remake the constants where ``fn`` leads, or share their memory."""
        probe = fn(torch.empty(0, device=self._device, dtype=self._dtype))
        self.place(probe.device, probe.dtype)
        if probe.device.type == "cpu" and probe.is_shared():  # type: ignore[no-untyped-call]
            for table in self.buffers():
                table.share_memory_()  # type: ignore[no-untyped-call]
        return self

    def _remake(self, integers: bool = True) -> None:
        for name, array in self._arrays.items():
            if integers or array.dtype.kind == "f":
                self._buffers[name] = self._made(array)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the constants out: they are remade."""
        return {**self.__dict__, "_buffers": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)  # type: ignore[no-untyped-call]
        self._remake()

    def table(self, name: str) -> torch.Tensor:
        """Return a constant."""
        value = self._buffers[name]
        assert value is not None
        return value


class LayerWithConstants(nn.Module):
    """A layer with constants in parts that torch does not count among its submodules."""

    #: How many axes of a grid follow the channels, in the input and in the output.
    grid_axes: tuple[int | None, int | None] = (0, 0)

    def __init__(self) -> None:
        super().__init__()
        self._kept: tuple[str, ...] = ()

    def keep(self, name: str, part: ConstantModule | None) -> None:
        """Set an attribute to a component with constants, or to ``None``."""
        object.__setattr__(self, name, part)
        if name not in self._kept:
            self._kept = (*self._kept, name)

    def parts(self) -> list[ConstantModule]:
        """Return all components with constants."""
        found = (getattr(self, name) for name in self._kept)
        return [part for part in found if part is not None]

    def follow(self, tensor: torch.Tensor) -> None:
        """Move all components with constants to a tensor's device and precision."""
        for name in self._kept:
            part = getattr(self, name)
            if part is not None:
                part.follow(tensor)

    def _apply(self, fn: Callable[[torch.Tensor], torch.Tensor], recurse: bool = True) -> Any:  # noqa: ANN401 - as torch's own
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        for part in self.parts():
            part._apply(fn)
        return self

    def _replicate_for_data_parallel(self) -> Any:  # noqa: ANN401 - as torch's own
        replica = super()._replicate_for_data_parallel()  # type: ignore[no-untyped-call]
        for name in self._kept:  # the copies follow the replica to its device
            object.__setattr__(replica, name, copy.deepcopy(getattr(self, name)))
        return replica
