"""The methods of a layer by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from toolkit.nn.linear.hom_space import require_orbitals
from toolkit.nn.linear.methods.dense import DenseMethod
from toolkit.nn.linear.methods.dense_blocks import DenseBlocksMethod
from toolkit.nn.linear.methods.fft import FftMethod
from toolkit.nn.linear.methods.kronecker import KroneckerMethod
from toolkit.nn.linear.methods.pooled_quotients import PooledQuotientsMethod
from toolkit.nn.linear.methods.pooled_tuples import PooledTuplesMethod
from toolkit.nn.linear.methods.spectral import SpectralMethod
from toolkit.nn.linear.methods.structured import StructuredMethod
from toolkit.nn.linear.methods.structured_product import (
    StructuredProductMethod,
    structured_factors,
)

if TYPE_CHECKING:
    import torch

    from toolkit.nn.linear.hom_space_base import HomSpace

#: All methods; between modules without points the two of :data:`METHODS_OF_BLOCKS`.
METHODS = ("dense", "structured", "spectral", "fast", "fft", "kronecker", "pooled")

#: The methods between modules of which one is given by matrices.
METHODS_OF_BLOCKS = ("dense", "spectral")

#: A method with the tables of a layer: ``.operator(weight)``, and then itself called.
Computation: TypeAlias = (
    DenseMethod
    | DenseBlocksMethod
    | FftMethod
    | KroneckerMethod
    | PooledQuotientsMethod
    | PooledTuplesMethod
    | SpectralMethod
    | StructuredMethod
    | StructuredProductMethod
)


def methods_of(space: HomSpace) -> tuple[str, ...]:
    """Return the methods that apply to the maps X -> Y, as far as their kinds decide it."""
    return METHODS if space.has_orbitals else METHODS_OF_BLOCKS


def parametrization_of(method: str, space: HomSpace) -> str:
    """Return what a method works with: ``"fourier"`` blocks or ``"orbit"`` weights."""
    if method in ("spectral", "fast") or not space.has_orbitals:
        return "fourier"
    return "orbit"


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
    if method == "spectral":
        return SpectralMethod.of(space.blocks, False, device, dtype)
    if method == "dense" and not space.has_orbitals:
        return DenseBlocksMethod(space, device, dtype)
    own = require_orbitals(space, f'method="{method}"', 'use "dense" or "spectral"')
    if method == "dense":
        return DenseMethod(own.labels, own.signs, own.count, device, dtype)
    if method == "structured":
        factors = structured_factors(own)
        if factors is None:
            return StructuredMethod(own, device, dtype)
        return StructuredProductMethod(own, factors, device, dtype)
    if method == "fft":
        return FftMethod(own, device, dtype)
    if method == "pooled":
        if own.tuples is not None:
            return PooledTuplesMethod(own.tuples, device, dtype)
        return PooledQuotientsMethod(own, own.pooled_plan, device, dtype)
    if method == "kronecker":
        return KroneckerMethod(own, device, dtype)
    return SpectralMethod.of(own.blocks, True, device, dtype)
