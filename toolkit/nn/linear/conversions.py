r"""The linear maps between the two parametrisations: orbit weights to Fourier blocks, and back.

Let x be a point of the orbit X_p, b_j in D^(dim L/dim D) the j-th copy's coordinates of the delta
function at x, and y_i the i-th copy's coordinates of column x of the matrix. Then
y_i = sum_j b_j w_ij. By Schur's lemma the b_j are orthogonal over D with square
|b_j|^2 = dim L / |X_p|; hence w_ij = (|X_p| / dim L) <b_j, y_i>, an inner product with values
in D.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from toolkit.modules.fourier.copies import END_UNITS
from toolkit.nn.linear.hom_space import require_orbitals
from toolkit.nn.linear.tensors.constants import ConstantModule
from toolkit.nn.linear.tensors.pull_back import PullBack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.nn.linear.blocks import BlockShape
    from toolkit.nn.linear.hom_space_base import HomSpace


class Conversion(ConstantModule):
    """What both directions share: a point of each orbit of X, and its column of the matrix.

    Parameters
    ----------
    space
        The maps X -> Y.
    device, dtype
        As in torch.
    """

    def __init__(
        self, space: HomSpace, device: torch.device | None, dtype: torch.dtype | None
    ) -> None:
        super().__init__(device, dtype)
        self.space = require_orbitals(space, "a conversion to orbit weights", "keep the blocks")
        self.shapes = space.blocks.shapes
        _, self.points = np.unique(self.space.source_orbits, return_index=True)
        self.orbits = self.points.size

    def _columns(self) -> tuple[IntArray, NDArray[np.float64]]:
        """Return ``(m orbits,)`` labels and signs of the columns at the points; sign 0 for none."""
        rows = np.arange(self.space.shape[0])[:, None]
        labels, signs = self.space.entries(*np.broadcast_arrays(rows, self.points))
        return labels.ravel(), np.where(labels < 0, 0, signs).astype(np.float64).ravel()

    def _deltas(self) -> Iterator[tuple[str, BlockShape, NDArray[np.float64]]]:
        """Yield per shape ``(s, position, copy, unit, orbit)``: delta functions' coordinates."""
        deltas = np.zeros((self.space.shape[1], self.orbits))
        deltas[self.points, np.arange(self.orbits)] = 1
        layout = self.space.blocks
        found = layout.bases[1].analyse(deltas)[layout.rows[1]]
        for i, shape in enumerate(self.shapes):
            own = found[shape.source_start :][: shape.coordinates(1)]
            size = (len(shape.labels), shape.positions, shape.source, shape.ends, self.orbits)
            yield f"deltas{i}", shape, own.reshape(size)


class OrbitsToBlocks(Conversion):
    """The linear map from orbit weights to Fourier blocks, ``(R, a, b)`` to ``(R, a, b)``."""

    def __init__(
        self, space: HomSpace, device: torch.device | None, dtype: torch.dtype | None
    ) -> None:
        super().__init__(space, device, dtype)
        labels, signs = self._columns()
        self.columns = PullBack(np.maximum(labels, 0), signs, space.count, device, dtype)
        self.constant("rows", space.blocks.bases[0].matrix[space.blocks.rows[0]])
        sizes = np.bincount(self.space.source_orbits)
        for name, shape, own in self._deltas():
            s, p, e = len(shape.labels), shape.positions, shape.ends
            # b_j c for each unit c: (simple, orbit, copy, unit, position, component)
            turned = np.einsum("cfa,spjaq->sqjcpf", END_UNITS[shape.type], own * (sizes / (p * e)))
            self.constant(name, turned.transpose(0, 2, 3, 4, 5, 1).reshape(s, shape.source * e, -1))

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the blocks of orbit weights."""
        _, out, into = weight.shape
        columns = self.columns.read(weight.reshape(len(weight), -1))
        spectrum = self.table("rows") @ columns.reshape(-1, self.orbits * out * into)
        blocks = []
        for i, shape in enumerate(self.shapes):
            s, p, e, t = len(shape.labels), shape.positions, shape.ends, shape.target
            own = spectrum[shape.target_start : shape.target_start + shape.coordinates(0)]
            # (simple, position, copy, unit, orbit, channels) -> contract position, unit, orbit
            own = own.reshape(s, p, t, e, self.orbits, out * into).permute(0, 1, 3, 4, 2, 5)
            own = own.reshape(s, p * e * self.orbits, t * out * into)
            found = torch.bmm(self.table(f"deltas{i}"), own)
            found = found.reshape(s, shape.source, e, t, out, into).permute(0, 2, 3, 1, 4, 5)
            blocks.append(found.reshape(shape.blocks, out, into))
        return torch.cat(blocks) if blocks else weight


class BlocksToOrbits(Conversion):
    """The linear map from Fourier blocks to orbit weights, the inverse of the other."""

    def __init__(
        self, space: HomSpace, device: torch.device | None, dtype: torch.dtype | None
    ) -> None:
        super().__init__(space, device, dtype)
        labels, signs = self._columns()
        names, first = np.unique(labels, return_index=True)
        first = first[names >= 0]  # one entry (row, orbit) of each orbital
        m = space.shape[0]
        entries = first % self.orbits * m + first // self.orbits
        self.entries = PullBack(entries, signs[first], m * self.orbits, device, dtype)
        self.constant("matrix", space.blocks.bases[0].matrix[space.blocks.rows[0]].T)
        for name, shape, own in self._deltas():
            turned = np.einsum("cfa,spjaq->sqpfjc", END_UNITS[shape.type], own)
            turned = turned.transpose(0, 2, 3, 1, 4, 5)
            size = (len(shape.labels), -1, shape.source * shape.ends)
            self.constant(name, turned.reshape(size))

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the orbit weights of blocks."""
        _, out, into = weight.shape
        pieces = []
        for i, shape in enumerate(self.shapes):
            s, p, e, t = len(shape.labels), shape.positions, shape.ends, shape.target
            own = weight[shape.weight_slice].reshape(s, e, t, shape.source, out, into)
            own = own.permute(0, 3, 1, 2, 4, 5).reshape(s, shape.source * e, t * out * into)
            found = torch.bmm(self.table(f"deltas{i}"), own)
            found = found.reshape(s, p, e, self.orbits, t, out * into).permute(0, 1, 4, 2, 3, 5)
            pieces.append(found.reshape(s * p * t * e, self.orbits * out * into))
        if not pieces:
            return weight
        columns = self.table("matrix") @ torch.cat(pieces)
        columns = columns.reshape(-1, self.orbits, out * into).transpose(0, 1)
        return self.entries.read(columns.reshape(-1, out * into)).reshape(-1, out, into)
