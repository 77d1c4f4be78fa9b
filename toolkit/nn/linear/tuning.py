"""Timing the methods of a layer on a real input."""

from __future__ import annotations

import contextlib
import statistics
import time
from typing import TYPE_CHECKING, Protocol

import torch

from toolkit.errors import ModuleMismatchError, NotAvailable, NotCachedError
from toolkit.nn.linear.methods.by_name import methods_of
from toolkit.nn.linear.prepared import unprepared

if TYPE_CHECKING:
    from toolkit.nn.linear.hom_space_base import HomSpace

_LARGEST_DENSE = 1 << 27  # entries of a gathered matrix


class _Layer(Protocol):
    """What is used of a layer whose method can be chosen."""

    hom_space: HomSpace
    in_channels: int
    out_channels: int
    method: str

    def set_method(self, method: str) -> None: ...
    def __call__(self, x: torch.Tensor) -> torch.Tensor: ...


def fastest_method(layer: _Layer, x: torch.Tensor, methods: tuple[str, ...]) -> dict[str, float]:
    """See :meth:`toolkit.nn.EquivariantLinear.tune`."""
    before = layer.method
    found: dict[str, float] = {}
    m, n = layer.hom_space.shape
    try:
        for method in methods:
            if method not in methods_of(layer.hom_space):
                continue
            entries = m * n * layer.in_channels * layer.out_channels
            too_large = method == "dense" and entries > _LARGEST_DENSE
            if too_large:
                continue
            with contextlib.suppress(NotAvailable, NotCachedError):
                try:
                    layer.set_method(method)
                except ModuleMismatchError:  # it is for other modules
                    continue
                with torch.no_grad(), unprepared():
                    times = [_seconds(layer, x) for _ in range(7)][2:]
                found[method] = 1000 * statistics.median(times)
    finally:
        layer.set_method(min(found, key=lambda name: found[name]) if found else before)
    if not found:
        raise ModuleMismatchError(f"none of the methods {', '.join(methods)} can be used here")
    return found


def _seconds(layer: _Layer, x: torch.Tensor) -> float:
    _wait_for(x.device)
    start = time.perf_counter()
    layer(x)
    _wait_for(x.device)
    return time.perf_counter() - start


def _wait_for(device: torch.device) -> None:
    if device.type not in ("cpu", "meta"):
        torch.get_device_module(device).synchronize()
