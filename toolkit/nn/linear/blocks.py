r"""Fourier blocks: the weights of a layer simple by simple, and the way to orbit weights and back.

A layer X -> Y is B_Y^T (sum over L of 1 x W_L) B_X, W_L an m_L(Y) x m_L(X) matrix over D = End(L).
All blocks of all channels are one tensor ``(R, C_out, C_in)``: simples of equal shape together,
then simple, unit of D (1, i, j, k), copy in Y, copy in X. R is the number of orbitals, so that
both parametrisations have tensors of one shape.

From orbit weights to blocks. Let x be a point of the transitive part X_p, b_j in D^(dim L/dim D)
the j-th copy's coordinates of the delta function at x, and y_i the i-th copy's coordinates of
column x of the matrix. Then y_i = sum_j b_j w_ij. By Schur's lemma the b_j are orthogonal over D
with square |b_j|^2 = dim L / |X_p|; hence w_ij = (|X_p| / dim L) <b_j, y_i>, an inner product
with values in D.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch

from toolkit.errors import InconsistentAnswerError
from toolkit.groups.character_table import RealType
from toolkit.modules.fourier.copies import END_UNITS
from toolkit.nn.linear.constants import ConstantModule
from toolkit.nn.linear.point_maps import PointMap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.fourier.basis import FourierBasis
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.nn.linear.hom_space import Geometry

__all__ = ["BlockPlan", "BlocksToOrbits", "OrbitsToBlocks", "Shape"]


@dataclass(frozen=True)
class Shape:
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
        return {"R": 1, "C": 2, "H": 4}[self.type]

    @property
    def blocks(self) -> int:
        """Numbers of weights per pair of channels."""
        return len(self.labels) * self.ends * self.target * self.source

    @property
    def weight_slice(self) -> slice:
        """Where they are in the tensor of weights."""
        return slice(self.start, self.start + self.blocks)

    def coordinates(self, side: int) -> int:
        """Return the number of coordinates on one side: 0 is Y, 1 is X."""
        copies = self.source if side else self.target
        return len(self.labels) * self.positions * copies * self.ends


class BlockPlan:
    """How coordinates of two Fourier bases are laid out for a layer.

    The layer's order of coordinates: by shape, simple, position, copy, unit of D. Coordinates of
    simples that only one module has are left out.

    Parameters
    ----------
    geometry
        The layer's tables.
    """

    def __init__(self, geometry: Geometry) -> None:
        self.geometry = geometry
        target, source = geometry.bases
        self.bases = (target, source)
        groups: dict[tuple[str, int, int, int], list[str]] = {}
        for s in source.simples:
            try:
                t = target.simple(s.label)
            except KeyError:
                continue
            key = (s.type, s.positions, t.multiplicity, s.multiplicity)
            groups.setdefault(key, []).append(s.label)
        shapes: list[Shape] = []
        start = target_start = source_start = 0
        for (kind, positions, m_target, m_source), labels in groups.items():
            shape = Shape(
                tuple(labels), kind, positions, m_target, m_source,  # type: ignore[arg-type]
                start, target_start, source_start,
            )  # fmt: skip
            shapes.append(shape)
            start += shape.blocks
            target_start += shape.coordinates(0)
            source_start += shape.coordinates(1)
        if start != geometry.count:
            raise InconsistentAnswerError(
                geometry.X.group,
                f"{start} orbitals, the sum of m_L(X) m_L(Y) dim End(L)",
                str(geometry.count),
            )
        self.shapes = tuple(shapes)
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

    @cached_property
    def deltas(self) -> tuple[IntArray, NDArray[np.float64]]:
        """A point of each transitive part of X, and their coordinates times |X_p|, ``(N, p)``."""
        return delta_coordinates(self.bases[1], self.geometry.source_orbits, self.rows[1])


def delta_coordinates(
    basis: FourierBasis, orbit: IntArray, rows: IntArray
) -> tuple[IntArray, NDArray[np.float64]]:
    """Return the first point of each orbit and the coordinates of its delta function."""
    _, points = np.unique(orbit, return_index=True)
    deltas = np.zeros((basis.degree, points.size))
    deltas[points, np.arange(points.size)] = 1
    return points, basis.analyse(deltas)[rows]


class OrbitsToBlocks(ConstantModule):
    """The linear map from orbit weights to Fourier blocks, ``(R, a, b)`` to ``(R, a, b)``.

    Parameters
    ----------
    plan
        The layer's blocks.
    """

    def __init__(
        self, plan: BlockPlan, device: torch.device | None, dtype: torch.dtype | None
    ) -> None:
        super().__init__(device, dtype)
        self.shapes = plan.shapes
        self.count = plan.count
        geometry = plan.geometry
        points, deltas = plan.deltas
        sizes = np.bincount(geometry.source_orbits)
        m = geometry.shape[0]
        rows = np.repeat(np.arange(m)[:, None], points.size, axis=1)
        labels, signs = geometry.entries(rows, np.broadcast_to(points, rows.shape))
        factors = np.where(labels < 0, 0, signs).astype(np.float64)
        self.weighs = bool((factors != 1).any())
        self.parts = points.size
        self.labels = PointMap(np.maximum(labels, 0).ravel(), geometry.count, device)
        self.constant("factors", factors.reshape(-1, 1))
        self.constant("rows", plan.bases[0].matrix[plan.rows[0]])
        for i, shape in enumerate(plan.shapes):
            s, p, e = len(shape.labels), shape.positions, shape.ends
            own = deltas[shape.source_start :][: shape.coordinates(1)]
            own = own.reshape(s, p, shape.source, e, points.size) * (sizes / (p * e))
            # b_j c for each unit c: (simple, part, copy, unit, position, component)
            turned = np.einsum("cfa,spjaq->sqjcpf", END_UNITS[shape.type], own)
            self.constant(
                f"deltas{i}",
                turned.transpose(0, 2, 3, 4, 5, 1).reshape(s, shape.source * e, -1),
            )

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the blocks of orbit weights."""
        _, out, into = weight.shape
        columns = self.labels.pull(weight.reshape(len(weight), -1), 0)
        if self.weighs:
            columns = columns * self.table("factors")
        spectrum = self.table("rows") @ columns.reshape(-1, self.parts * out * into)
        blocks = []
        for i, shape in enumerate(self.shapes):
            s, p, e, t = len(shape.labels), shape.positions, shape.ends, shape.target
            own = spectrum[shape.target_start : shape.target_start + shape.coordinates(0)]
            # (simple, position, copy, unit, part, channels) -> contract position, unit, part
            own = own.reshape(s, p, t, e, self.parts, out * into).permute(0, 1, 3, 4, 2, 5)
            own = own.reshape(s, p * e * self.parts, t * out * into)
            found = torch.bmm(self.table(f"deltas{i}"), own)
            found = found.reshape(s, shape.source, e, t, out, into).permute(0, 2, 3, 1, 4, 5)
            blocks.append(found.reshape(shape.blocks, out, into))
        return torch.cat(blocks) if blocks else weight


class BlocksToOrbits(ConstantModule):
    """The linear map from Fourier blocks to orbit weights: the inverse of :class:`OrbitsToBlocks`.

    Parameters
    ----------
    plan
        The layer's blocks.
    """

    def __init__(
        self, plan: BlockPlan, device: torch.device | None, dtype: torch.dtype | None
    ) -> None:
        super().__init__(device, dtype)
        self.shapes = plan.shapes
        geometry = plan.geometry
        points, deltas = plan.deltas
        self.parts = points.size
        m = geometry.shape[0]
        rows = np.repeat(np.arange(m)[:, None], points.size, axis=1)
        labels, signs = geometry.entries(rows, np.broadcast_to(points, rows.shape))
        flat = labels.ravel()
        names, first = np.unique(flat, return_index=True)
        first = first[names >= 0]
        # one entry (row, part) where each orbital is met
        entry_rows, entry_parts = first // points.size, first % points.size
        matrix = plan.bases[0].matrix[plan.rows[0]].T
        self.entries = PointMap(entry_parts * m + entry_rows, m * points.size, device)
        self.constant("factors", signs.ravel()[first].astype(np.float64).reshape(-1, 1))
        self.weighs = bool((signs.ravel()[first] != 1).any())
        self.constant("matrix", matrix)
        for i, shape in enumerate(plan.shapes):
            s, p, e = len(shape.labels), shape.positions, shape.ends
            own = deltas[shape.source_start :][: shape.coordinates(1)]
            own = own.reshape(s, p, shape.source, e, points.size)
            turned = np.einsum("cfa,spjaq->sqpfjc", END_UNITS[shape.type], own)
            self.constant(
                f"deltas{i}",
                turned.transpose(0, 2, 3, 1, 4, 5).reshape(s, -1, shape.source * e),
            )

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the orbit weights of blocks."""
        _, out, into = weight.shape
        pieces = []
        for i, shape in enumerate(self.shapes):
            s, p, e, t = len(shape.labels), shape.positions, shape.ends, shape.target
            own = weight[shape.weight_slice].reshape(s, e, t, shape.source, out, into)
            own = own.permute(0, 3, 1, 2, 4, 5).reshape(s, shape.source * e, t * out * into)
            found = torch.bmm(self.table(f"deltas{i}"), own)
            found = found.reshape(s, p, e, self.parts, t, out * into).permute(0, 1, 4, 2, 3, 5)
            pieces.append(found.reshape(s * p * t * e, self.parts * out * into))
        if not pieces:
            return weight
        columns = self.table("matrix") @ torch.cat(pieces)
        columns = columns.reshape(-1, self.parts, out * into).transpose(0, 1)
        columns = columns.reshape(-1, out * into)
        orbits = self.entries.pull(columns, 0)
        if self.weighs:
            orbits = orbits * self.table("factors")
        return orbits.reshape(-1, out, into)
