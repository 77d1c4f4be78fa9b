"""Sizes of differences between tensors, whatever the size of their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from toolkit.errors import NotAvailable, NotCachedError
from toolkit.interpret.auditing.report import Breach
from toolkit.library.fourier import fourier_basis
from toolkit.modules.module import Module

if TYPE_CHECKING:
    from toolkit.interpret.auditing.operators import Space


def module_of(space: Space) -> Module | None:
    """Return a space if it is a module."""
    return space if isinstance(space, Module) else None


def breach_between(
    differences: list[torch.Tensor], y: torch.Tensor, target: Module | None
) -> Breach:
    """Return by how much outputs differ, a tensor for each generator, and in which simples."""
    ratios = tuple(ratio(d, y) for d in differences)
    shares: dict[str, float] = {}
    if target is not None and differences and all(np.isfinite(r) for r in ratios):
        shares = _shares(torch.stack(differences), target)
    return Breach(ratios, shares, len(y))


def _shares(difference: torch.Tensor, target: Module) -> dict[str, float]:
    """Return the share of each simple in the squared norm of functions ``(..., |Y|, C)``."""
    difference = _of_size_one(difference)
    functions = difference.movedim(-2, 0).reshape(target.degree, -1).cpu().numpy()
    if not functions.any():
        return {}
    try:
        energies = fourier_basis(target).energies(functions)
    except (NotAvailable, NotCachedError):
        return {}
    total = float(sum(energy.sum() for energy in energies.values()))
    if not total:
        return {}
    return {label: float(energy.sum()) / total for label, energy in energies.items()}


def ratio(difference: torch.Tensor, y: torch.Tensor) -> float:
    """Return a root mean square over another; infinite if a value is not finite."""
    if not y.numel():
        return 0.0
    size = max(float(difference.abs().max()), float(y.abs().max()))
    if not np.isfinite(size):
        return float("inf")
    if not size:
        return 0.0
    # squares of numbers of size one are within the range of floats
    found, whole = float(_of_size_one(difference).norm()), float(_of_size_one(y).norm())
    if not found:
        return 0.0
    if not whole:
        return float("inf")
    exponent = _exponent(difference) - _exponent(y)
    return float(np.ldexp(found / whole, exponent))


def _exponent(x: torch.Tensor) -> int:
    return int(np.frexp(float(x.abs().max()))[1])


def _of_size_one(x: torch.Tensor) -> torch.Tensor:
    """Return a tensor times a power of two, its largest entry below 1."""
    if not x.numel():
        return x
    exponent = _exponent(x)
    half = exponent // 2  # a factor beyond the range of floats is applied in two steps
    return x * 2.0**-half * 2.0 ** (half - exponent)
