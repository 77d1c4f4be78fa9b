"""The structured method: neighbours gathered orbital by orbital, the largest by pooled sums.

The basis map of an orbital sends x to the sum of its neighbours. Orbitals with one neighbour for
each point are functions, gathered together in one step; those with few are gathered and summed;
those with many are products with their 0/1 matrices. The largest orbital of two orbits
is never touched: it is everything (a pooled sum) less all the others, whose weights are lowered by
its own. So the layer of S_n on n points is two products and one sum, linear in n.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from torch import nn

from toolkit.nn.linear.tensors.constants import ConstantModule
from toolkit.nn.linear.tensors.point_maps import PointMap
from toolkit.nn.linear.tensors.pull_back import PullBack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.nn.linear.hom_space import OrbitalHomSpace
    from toolkit.nn.linear.outline import TargetOutline


class StructuredMethod(ConstantModule):
    """Maps from orbit weights, orbital by orbital.

    Parameters
    ----------
    space
        The maps X -> Y.
    device, dtype
        As in torch.
    """

    follows_narrow = True

    def __init__(
        self, space: OrbitalHomSpace, device: torch.device | None, dtype: torch.dtype | None
    ) -> None:
        super().__init__(device, dtype)
        outline = space.outline
        points = np.concatenate([target.points for target in outline.targets])
        place = np.empty(points.size, dtype=np.intp)
        place[points] = np.arange(points.size)
        self.target_places = PointMap(place, points.size, device)
        targets = [TargetOrbit(space, target, device, dtype) for target in outline.targets]
        self.pools = any(target.pooled is not None for target in targets)
        self._targets = nn.ModuleList(targets)
        self._sources = nn.ModuleList(
            PointMap(own, space.shape[1], device) for own in outline.sources
        )

    @property
    def targets(self) -> list[TargetOrbit]:
        """The orbits of Y."""
        return cast("list[TargetOrbit]", list(self._targets))

    @property
    def sources(self) -> list[PointMap]:
        """The points of each orbit of X."""
        return cast("list[PointMap]", list(self._sources))

    def operator(self, weight: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor | None]]:
        """Return per target part ``(K C_in, C_out)`` and ``(P C_in, C_out)`` for pooled sums."""
        _, out, _into = weight.shape
        operators = []
        for target in self.targets:
            own, pooled = target.split(weight)
            flat = weight.new_zeros(0, out) if own is None else own.transpose(1, 2).reshape(-1, out)
            summed = None if pooled is None else pooled.transpose(1, 2).reshape(-1, out)
            operators.append((flat, summed))
        return operators

    def forward(
        self, x: torch.Tensor, operators: list[tuple[torch.Tensor, torch.Tensor | None]]
    ) -> torch.Tensor:
        """Return ``(b, m, C_out)`` for ``x`` of shape ``(b, n, C_in)``."""
        batch = x.shape[0]
        sums: torch.Tensor | None = None
        if self.pools:
            sums = torch.cat([source.pull(x, 1).sum(dim=1) for source in self.sources], dim=1)
        pieces = []
        for target, (own, pooled) in zip(self.targets, operators, strict=True):
            y: torch.Tensor | None = None
            if target.own is not None:
                y = target.features(x) @ own
            if pooled is not None:
                assert sums is not None
                constant = (sums @ pooled).unsqueeze(1)
                y = constant.expand(batch, target.rows, -1) if y is None else y + constant
            if y is None:
                y = x.new_zeros(batch, target.rows, own.shape[1])
            pieces.append(y)
        merged = pieces[0] if len(pieces) == 1 else torch.cat(pieces, dim=1)
        return self.target_places.pull(merged, 1)


class TargetOrbit(ConstantModule):
    """What an orbit of Y reads: neighbour sums of X, and the weights of each.

    Parameters
    ----------
    space
        The maps X -> Y.
    outline
        Which orbitals are computed and which are pooled.
    device, dtype
        As in torch.
    """

    follows_narrow = True

    def __init__(
        self,
        space: OrbitalHomSpace,
        outline: TargetOutline,
        device: torch.device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__(device, dtype)
        self.rows = outline.points.size
        points = space.shape[1]
        degrees, has_matrix = outline.degrees, outline.has_matrix
        found = [space.neighbours(label)[1:] for label in outline.labels.tolist()]
        # gathered ones by their number of neighbours, then the matrices
        order = np.lexsort([degrees, has_matrix])
        self.gathered = nn.ModuleList()
        for degree in np.unique(degrees[~has_matrix]).tolist():
            own = [found[i] for i in order if degrees[i] == degree]
            columns = np.stack([columns for columns, _ in own], axis=1)
            signs = np.stack([signs for _, signs in own], axis=1)
            self.gathered.append(NeighbourSums(columns, signs, points, device, dtype))
        self.matrices = int(np.count_nonzero(has_matrix))
        if self.matrices:
            matrices = np.zeros((self.matrices, self.rows, points))
            for matrix, i in zip(matrices, order[-self.matrices :], strict=True):
                np.put_along_axis(matrix, found[i][0], found[i][1].astype(np.float64), axis=1)
            self.constant("matrix", matrices.reshape(-1, points))

        def weights(labels: IntArray) -> PointMap | None:
            return PointMap(labels, space.count, device) if (labels >= 0).any() else None

        self.own = weights(outline.labels[order])
        self.lowered = weights(outline.lowered[order])
        self.pooled = weights(outline.pooled)

    def split(self, weight: torch.Tensor) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """Return the weights of the features ``(K, ...)`` and of the pooled sums ``(P, ...)``.

        Parameters
        ----------
        weight
            ``(R, ...)`` orbit weights.
        """
        own = None if self.own is None else self.own.pull(weight, 0)
        if own is not None and self.lowered is not None:
            own = own - self.lowered.pull(weight, 0)
        return own, None if self.pooled is None else self.pooled.pull(weight, 0)

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """Return the neighbour sums ``(b, rows, K C)`` for ``x`` of shape ``(b, n, C)``."""
        batch, _, into = x.shape
        features = [sums(x) for sums in self.gathered]
        if self.matrices:
            summed = torch.matmul(self.table("matrix").to(x.dtype), x)
            summed = summed.reshape(batch, self.matrices, self.rows, into).transpose(1, 2)
            features.append(summed.reshape(batch, self.rows, self.matrices * into))
        return features[0] if len(features) == 1 else torch.cat(features, dim=2)


class NeighbourSums(ConstantModule):
    """Sums over the neighbours of each point, for orbitals with equally many.

    Parameters
    ----------
    columns, signs
        ``(rows, K, degree)`` the neighbours in each of K orbitals, and their signs.
    points
        The number of points of X.
    device, dtype
        As in torch.
    """

    follows_narrow = True

    def __init__(
        self,
        columns: IntArray,
        signs: NDArray[np.int8],
        points: int,
        device: torch.device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__(device, dtype)
        self.shape = columns.shape
        self.columns = PullBack(columns.ravel(), signs.ravel(), points, device, dtype)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(b, rows, K C)`` for ``x`` of shape ``(b, n, C)``."""
        rows, count, degree = self.shape
        batch, _, into = x.shape
        taken = self.columns.read(x)
        if degree > 1:
            taken = taken.reshape(batch, rows, count, degree, into).sum(dim=3)
        return taken.reshape(batch, rows, count * into)
