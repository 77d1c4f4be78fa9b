"""The methods of a layer by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from toolkit.nn.linear.methods.dense import DenseMethod
from toolkit.nn.linear.methods.fft import FftMethod
from toolkit.nn.linear.methods.kronecker import KroneckerMethod
from toolkit.nn.linear.methods.spectral import SpectralMethod
from toolkit.nn.linear.methods.structured import StructuredMethod
from toolkit.nn.linear.methods.structured_product import (
    StructuredProductMethod,
    structured_factors,
)

if TYPE_CHECKING:
    import torch

    from toolkit.nn.linear.hom_space import HomSpace

METHODS = ("dense", "structured", "spectral", "fast", "fft", "kronecker")

#: A method with the tables of a layer: ``.operator(weight)``, and then itself called.
Computation: TypeAlias = (
    DenseMethod
    | FftMethod
    | KroneckerMethod
    | SpectralMethod
    | StructuredMethod
    | StructuredProductMethod
)


def works_with_blocks(method: str) -> bool:
    """Whether a method works with Fourier blocks; else with orbit weights."""
    return method in ("spectral", "fast")


def make_computation(
    method: str, space: HomSpace, device: torch.device | None, dtype: torch.dtype | None
) -> Computation:
    """Return a method with the tables for the maps X -> Y.

    Raises
    ------
    NotAvailable
        If it needs Fourier bases that are out of reach.
    ModuleMismatchError
        If it does not apply to these modules.
    """
    if method == "dense":
        return DenseMethod(space.labels, space.signs, space.count, device, dtype)
    if method == "structured":
        factors = structured_factors(space)
        if factors is None:
            return StructuredMethod(space, device, dtype)
        return StructuredProductMethod(space, factors, device, dtype)
    if method == "fft":
        return FftMethod(space, device, dtype)
    if method == "kronecker":
        return KroneckerMethod(space, device, dtype)
    return SpectralMethod.of(space.blocks, method == "fast", device, dtype)
