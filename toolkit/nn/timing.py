"""Timing the methods of a layer on a real input."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import torch

from toolkit.errors import ModuleMismatchError, NotAvailable

if TYPE_CHECKING:
    from toolkit.nn.equivariant_linear import EquivariantLinear

__all__ = ["fastest_method"]

_LARGEST_DENSE = 1 << 27  # entries of a gathered matrix


def fastest_method(
    layer: EquivariantLinear, x: torch.Tensor, methods: tuple[str, ...]
) -> dict[str, float]:
    """See :meth:`toolkit.nn.EquivariantLinear.tune`."""
    before = layer.method
    found: dict[str, float] = {}
    m, n = layer.geometry.shape
    for method in methods:
        if method == "dense" and m * n * layer.in_channels * layer.out_channels > _LARGEST_DENSE:
            continue
        try:
            layer.set_method(method)
        except NotAvailable:
            continue
        with torch.no_grad():
            times = [_seconds(layer, x) for _ in range(7)][2:]
        found[method] = 1000 * statistics.median(times)
    if not found:
        layer.set_method(before)
        raise ModuleMismatchError(f"none of the methods {', '.join(methods)} can be used here")
    layer.set_method(min(found, key=lambda name: found[name]))
    return found


def _seconds(layer: EquivariantLinear, x: torch.Tensor) -> float:
    if x.device.type == "cuda":
        torch.cuda.synchronize(x.device)
    start = time.perf_counter()
    layer(x)
    if x.device.type == "cuda":
        torch.cuda.synchronize(x.device)
    return time.perf_counter() - start
