"""Equivariant torch layers between permutation modules; the only room that imports torch."""

from __future__ import annotations

from toolkit.nn.equivariant_linear import EquivariantLinear, prepared

__all__ = ["EquivariantLinear", "prepared"]
