r"""Fourier blocks: the weights of a layer simple by simple.

A layer X -> Y is B_Y^T (sum over L of 1 x W_L) B_X, W_L an m_L(Y) x m_L(X) matrix over D = End(L).
All blocks of all channels are one tensor ``(R, C_out, C_in)``: simples of equal shape together,
then simple, unit of D (1, i, j, k), copy in Y, copy in X. R is the number of orbitals, so that
both parametrisations have tensors of one shape (:mod:`toolkit.nn.linear.conversions`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toolkit.cached import cached_property
from toolkit.groups.character_table import ENDOMORPHISM_DIMENSIONS, RealType

if TYPE_CHECKING:
    from collections.abc import Container

    from toolkit.modules.fourier.adapted import AdaptedBasis
    from toolkit.modules.gsets.actions import IntArray


@dataclass(frozen=True)
class BlockShape:
    """Simples that occur in both modules with one shape of blocks.

    Parameters
    ----------
    labels
        The simples.
    type, positions
        Their type, and dim L / dim D.
    target, source
        Multiplicities in Y and in X.
    start
        First block in the tensor of weights.
    target_start, source_start
        First coordinate in the layer's order (below), of Y and of X.
    """

    labels: tuple[str, ...]
    type: RealType
    positions: int
    target: int
    source: int
    start: int
    target_start: int
    source_start: int

    @property
    def ends(self) -> int:
        """Dim D."""
        return ENDOMORPHISM_DIMENSIONS[self.type]

    @property
    def blocks(self) -> int:
        """Number of weights per pair of channels."""
        return len(self.labels) * self.ends * self.target * self.source

    @property
    def weight_slice(self) -> slice:
        """Where they are in the tensor of weights."""
        return slice(self.start, self.start + self.blocks)

    def coordinates(self, side: int) -> int:
        """Return the number of coordinates on one side: 0 is Y, 1 is X."""
        copies = self.source if side else self.target
        return len(self.labels) * self.positions * copies * self.ends


class BlockLayout:
    """The order of blocks in a tensor of weights, and of coordinates of two Fourier bases.

    The layer's order of coordinates: by shape, simple, position, copy, unit of D. Coordinates of
    simples that only one module has are left out.

    Parameters
    ----------
    target, source
        The Fourier bases of Y and of X.
    labels
        The simples to keep; all if left out.
    """

    def __init__(
        self, target: AdaptedBasis, source: AdaptedBasis, labels: Container[str] | None = None
    ) -> None:
        self.bases = (target, source)
        groups: dict[tuple[RealType, int, int, int], list[str]] = {}
        copies = {s.label: s.multiplicity for s in target.simples}
        for s in source.simples:
            if s.label in copies and (labels is None or s.label in labels):
                key = (s.type, s.positions, copies[s.label], s.multiplicity)
                groups.setdefault(key, []).append(s.label)
        shapes: list[BlockShape] = []
        start = target_start = source_start = 0
        for key, own in groups.items():
            shape = BlockShape(tuple(own), *key, start, target_start, source_start)
            shapes.append(shape)
            start += shape.blocks
            target_start += shape.coordinates(0)
            source_start += shape.coordinates(1)
        self.shapes = tuple(shapes)
        #: Number of weights per pair of channels.
        self.count = start

    @cached_property
    def rows(self) -> tuple[IntArray, IntArray]:
        """Rows of the Fourier bases of Y and of X in the layer's order."""
        return self._rows(0), self._rows(1)

    def _rows(self, side: int) -> IntArray:
        basis = self.bases[side]
        out: list[IntArray] = []
        for shape in self.shapes:
            e, p = shape.ends, shape.positions
            m = shape.source if side else shape.target
            inside = (
                np.arange(p)[:, None, None] * e
                + np.arange(m)[None, :, None] * p * e
                + np.arange(e)[None, None, :]
            ).ravel()
            out.extend(basis.simple(label).start + inside for label in shape.labels)
        return np.concatenate(out) if out else np.empty(0, dtype=np.intp)
