"""The structured path: one gather for each orbital, and pooled sums for the largest ones.

The basis map of an orbital sends x to the sum of its neighbours. An orbital that is a function is
an index select; one with few neighbours a short sum; one with many a product with its 0/1 matrix.
The largest orbital of two transitive parts is never touched: it is everything (a pooled sum) less
all the others, whose weights are lowered by its own. So the layer of S_n on n points is two
products and one sum, linear in n.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from toolkit.nn.constants import ConstantModule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.gsets import IntArray
    from toolkit.nn.geometry import Geometry

__all__ = ["StructuredPath"]

#: A neighbour sum of at least this many points is a matrix product, if the matrix is small.
MATRIX_DEGREE = 3
MATRIX_ENTRIES = 1 << 22


class StructuredPath(ConstantModule):
    """Maps from orbit weights, orbital by orbital.

    Parameters
    ----------
    geometry
        The layer's tables.
    device, dtype
        As in torch.
    """

    is_exact = True

    def __init__(
        self, geometry: Geometry, device: torch.device | None, dtype: torch.dtype | None
    ) -> None:
        super().__init__(device, dtype)
        self.degrees = geometry.shape
        outline = Outline(geometry)
        self.parts = len(outline.target_points)
        self.pools = len(outline.source_points)
        points = np.concatenate(outline.target_points)
        self._sizes = [int(rows.size) for rows in outline.target_points]
        self.reorders = not np.array_equal(points, np.arange(points.size))
        place = np.empty(points.size, dtype=np.intp)
        place[points] = np.arange(points.size)
        self.constant("target_places", place)
        #: Per target part: kind ("same", "one", "few", "matrix") of each orbital used, in order.
        self.kinds: list[list[str]] = []
        self.pooled_parts = [bool((outline.pooled[q] >= 0).any()) for q in range(self.parts)]
        for p, own in enumerate(outline.source_points):
            if self.pools > 1:
                self.constant(f"source{p}", own)
        for q, rows in enumerate(outline.target_points):
            kinds = []
            stack: list[NDArray[np.float64]] = []
            for i, label in enumerate(outline.used[q]):
                _, columns, signs = geometry.neighbours(label)
                kind = self._kind(columns, signs)
                kinds.append(kind)
                if kind == "matrix":
                    matrix = np.zeros((rows.size, self.degrees[1]))
                    np.put_along_axis(matrix, columns, signs.astype(np.float64), axis=1)
                    stack.append(matrix)
                elif kind != "same":
                    self.constant(f"columns{q}_{i}", columns.ravel())
                    if (signs != 1).any():
                        self.constant(f"signs{q}_{i}", signs.reshape(-1, 1).astype(np.float64))
            if stack:
                self.constant(f"matrices{q}", np.concatenate(stack))
            self.kinds.append(kinds)
            order = np.argsort([kind == "matrix" for kind in kinds], kind="stable")
            used = np.array(outline.used[q], dtype=np.intp)[order]
            self.constant(f"used{q}", used)
            lowered = np.array(outline.lowered[q], dtype=np.intp)[order]
            self.constant(f"lowered{q}", np.maximum(lowered, 0))
            self.constant(f"lowers{q}", (lowered >= 0).astype(np.float64).reshape(-1, 1, 1))
            if self.pooled_parts[q]:
                pooled = outline.pooled[q]
                self.constant(f"pooled{q}", np.maximum(pooled, 0))
                self.constant(f"pools{q}", (pooled >= 0).astype(np.float64).reshape(-1, 1, 1))

    def _kind(self, columns: IntArray, signs: NDArray[np.int8]) -> str:
        rows, degree = columns.shape
        n = self.degrees[1]
        if degree == 1:
            same = rows == n and np.array_equal(columns[:, 0], np.arange(n)) and (signs == 1).all()
            return "same" if same else "one"
        return "matrix" if degree >= MATRIX_DEGREE and rows * n <= MATRIX_ENTRIES else "few"

    def kernel(self, weight: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor | None]]:
        """Return per target part ``(K C_in, C_out)`` and ``(P C_in, C_out)`` for pooled sums."""
        _, out, _into = weight.shape
        kernels = []
        for q in range(self.parts):
            own, pooled = self.split(weight, q)
            flat = weight.new_zeros(0, out) if own is None else own.transpose(1, 2).reshape(-1, out)
            summed = None if pooled is None else pooled.transpose(1, 2).reshape(-1, out)
            kernels.append((flat, summed))
        return kernels

    def split(
        self, weight: torch.Tensor, q: int = 0
    ) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """Return the weights of a target part's features ``(K, ...)`` and pooled sums ``(P, ...)``.

        Parameters
        ----------
        weight
            ``(R, ...)`` orbit weights.
        q
            The number of the target part.
        """
        shape = (-1, *[1] * (weight.dim() - 1))
        own: torch.Tensor | None = None
        if self.kinds[q]:
            lowers = self.table(f"lowers{q}").to(weight.dtype).reshape(shape)
            lowered = weight.index_select(0, self.table(f"lowered{q}")) * lowers
            own = weight.index_select(0, self.table(f"used{q}")) - lowered
        pooled: torch.Tensor | None = None
        if self.pooled_parts[q]:
            pools = self.table(f"pools{q}").to(weight.dtype).reshape(shape)
            pooled = weight.index_select(0, self.table(f"pooled{q}")) * pools
        return own, pooled

    def forward(
        self, x: torch.Tensor, kernels: list[tuple[torch.Tensor, torch.Tensor | None]]
    ) -> torch.Tensor:
        """Return ``(b, m, C_out)`` for ``x`` of shape ``(b, n, C_in)``."""
        batch, _, _into = x.shape
        sums: torch.Tensor | None = None
        if any(self.pooled_parts):
            parts = [
                x if self.pools == 1 else x.index_select(1, self.table(f"source{p}"))
                for p in range(self.pools)
            ]
            sums = torch.cat([part.sum(dim=1) for part in parts], dim=1)
        pieces = []
        for q, (own, pooled) in enumerate(kernels):
            rows = self._sizes[q]
            y: torch.Tensor | None = None
            if self.kinds[q]:
                y = self.features(x, q) @ own
            if pooled is not None:
                assert sums is not None
                constant = (sums @ pooled).unsqueeze(1)
                y = constant.expand(batch, rows, -1) if y is None else y + constant
            if y is None:
                y = x.new_zeros(batch, rows, own.shape[1])
            pieces.append(y)
        merged = pieces[0] if len(pieces) == 1 else torch.cat(pieces, dim=1)
        if self.reorders:
            merged = merged.index_select(1, self.table("target_places"))
        return merged

    def features(self, x: torch.Tensor, q: int = 0) -> torch.Tensor:
        """Return the neighbour sums ``(b, m_q, K C)`` of a target part, for ``x`` ``(b, n, C)``."""
        batch, _, into = x.shape
        rows = self._sizes[q]
        features = []
        for i, kind in enumerate(self.kinds[q]):
            if kind == "same":
                features.append(x)
            elif kind != "matrix":
                taken = x.index_select(1, self.table(f"columns{q}_{i}"))
                if f"signs{q}_{i}" in self._arrays:
                    taken = taken * self.table(f"signs{q}_{i}").to(x.dtype)
                if kind == "few":
                    taken = taken.reshape(batch, rows, -1, into).sum(dim=2)
                features.append(taken)
        if "matrix" in self.kinds[q]:
            summed = torch.matmul(self.table(f"matrices{q}").to(x.dtype), x)
            count = self.kinds[q].count("matrix")
            summed = summed.reshape(batch, count, rows, into).transpose(1, 2)
            features.append(summed.reshape(batch, rows, count * into))
        return features[0] if len(features) == 1 else torch.cat(features, dim=2)


class Outline:
    """Which orbitals the structured path computes, and which are pooled sums.

    Parameters
    ----------
    geometry
        The layer's tables.
    """

    def __init__(self, geometry: Geometry) -> None:
        self.target_points = _points(geometry.target_orbits)
        self.source_points = _points(geometry.source_orbits)
        #: Per target part the orbitals that are computed, and the pooled one each is lowered by.
        self.used: list[list[int]] = [[] for _ in self.target_points]
        self.lowered: list[list[int]] = [[] for _ in self.target_points]
        #: Per target part and source part the pooled orbital, or -1.
        self.pooled = [np.full(len(self.source_points), -1) for _ in self.target_points]
        pairs, degrees = pair_degrees(geometry)
        for q in range(len(self.target_points)):
            for p in range(len(self.source_points)):
                labels = np.flatnonzero((pairs[:, 0] == q) & (pairs[:, 1] == p))
                if not labels.size:
                    continue
                largest = -1
                if not geometry.is_signed:
                    candidate = int(labels[np.argmax(degrees[labels])])
                    if degrees[candidate] > 2:
                        largest = candidate
                self.pooled[q][p] = largest
                rest = [int(label) for label in labels if label != largest]
                self.used[q].extend(rest)
                self.lowered[q].extend([largest] * len(rest))


def pair_degrees(geometry: Geometry) -> tuple[IntArray, IntArray]:
    """Return per orbital ``(R, 2)`` its target and source part, and ``(R,)`` neighbours per row."""
    from toolkit.modules.orbitals import Orbitals

    orbitals = geometry.orbitals
    if isinstance(orbitals, Orbitals):
        y, x = orbitals.representatives.T
        degrees = orbitals.row_degrees
    else:
        labels = geometry.labels
        names, first = np.unique(labels, return_index=True)
        y, x = np.unravel_index(first[names >= 0], labels.shape)
        degrees = (labels[y] == labels[y, x][:, None]).sum(axis=1)
    pairs = np.stack([geometry.target_orbits[y], geometry.source_orbits[x]], axis=1)
    return pairs, np.asarray(degrees)


def _points(numbers: IntArray) -> list[IntArray]:
    return [np.flatnonzero(numbers == i) for i in range(int(numbers.max()) + 1)]
