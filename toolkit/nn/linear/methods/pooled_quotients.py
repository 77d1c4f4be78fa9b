"""The pooled method by way of common quotients: sums over fibres, small products, copies.

The layer is written in the basis of :class:`~toolkit.modules.gsets.quotients.PooledPlan`. Every sum
over fibres is computed from a finer one where there is one, every copy goes through a finer one,
and all terms by way of one quotient share a product of channels. Orbitals that no quotients span
are gathered one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from torch import nn

from toolkit.nn.linear.methods.structured import NeighbourSums
from toolkit.nn.linear.tensors.constants import ConstantModule
from toolkit.nn.linear.tensors.point_maps import PointMap

if TYPE_CHECKING:
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.gsets.quotients import PooledPlan
    from toolkit.nn.linear.hom_space import OrbitalHomSpace


class PooledQuotientsMethod(ConstantModule):
    """Maps from orbit weights, by way of common quotients.

    Parameters
    ----------
    space
        The maps X -> Y.
    plan
        The basis.
    device, dtype
        As in torch.
    """

    def __init__(
        self,
        space: OrbitalHomSpace,
        plan: PooledPlan,
        device: torch.device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__(device, dtype)
        self.points = space.shape[0]
        self.constant("factors", plan.factors)
        used = sorted(set(plan.products))
        sources = sorted({(p.kind, p.source) for p in used}, key=lambda p: -plan.kinds[p[0]].size)
        targets = sorted({(p.kind, p.target) for p in used}, key=lambda p: -plan.kinds[p[0]].size)
        self.pools = PointTree([plan.kinds[k].sources[i] for k, i in sources], device)
        self.copies = PointTree([plan.kinds[k].targets[i] for k, i in targets], device)
        # per kind: which pools, which copies, and the place of each term's factor
        self.kinds: list[tuple[list[int], list[int]]] = []
        places = []
        for kind in sorted({p.kind for p in used}):
            reads = [i for i, (k, _) in enumerate(sources) if k == kind]
            writes = [i for i, (k, _) in enumerate(targets) if k == kind]
            own = np.full((len(reads), len(writes)), -1, dtype=np.intp)
            for number, p in enumerate(plan.products):
                if p.kind == kind:
                    r, w = sources.index((kind, p.source)), targets.index((kind, p.target))
                    own[reads.index(r), writes.index(w)] = number
            self.kinds.append((reads, writes))
            places.append(PointMap(own.ravel(), len(plan.factors), device))
        self.places = nn.ModuleList(places)
        self._set_singles(space, plan, device, dtype)

    def _set_singles(
        self,
        space: OrbitalHomSpace,
        plan: PooledPlan,
        device: torch.device | None,
        dtype: torch.dtype | None,
    ) -> None:
        """Prepare the orbitals that are computed one by one, by their orbit of Y and degree."""
        count = len(plan.products)
        orbit = space.orbit_pairs[plan.singles, 0]
        degree = space.row_degrees[plan.singles]
        sums: list[NeighbourSums] = []
        own_places: list[PointMap] = []
        rows: list[PointMap] = []
        for q, d in sorted(set(zip(orbit.tolist(), degree.tolist(), strict=True))):
            own = np.flatnonzero((orbit == q) & (degree == d))
            found = [space.neighbours(int(label)) for label in plan.singles[own]]
            columns = np.stack([c for _, c, _ in found], axis=1)
            signs = np.stack([s for _, _, s in found], axis=1)
            sums.append(NeighbourSums(columns, signs, space.shape[1], device, dtype))
            own_places.append(PointMap(count + own, len(plan.factors), device))
            place = np.full(space.shape[0], -1, dtype=np.intp)
            place[found[0][0]] = np.arange(found[0][0].size)
            rows.append(PointMap(place, found[0][0].size, device))
        self.sums = nn.ModuleList(sums)
        self.sum_places = nn.ModuleList(own_places)
        self.sum_rows = nn.ModuleList(rows)

    def operator(self, weight: torch.Tensor) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """Return the matrices ``(reads C_in, writes C_out)`` of quotients, and of orbitals."""
        _, out, into = weight.shape
        factors = (self.table("factors").to(weight.dtype) @ weight.flatten(1)).reshape(weight.shape)
        pooled = []
        for (reads, writes), place in zip(self.kinds, self.places, strict=True):
            own = cast("PointMap", place).pull(factors, 0)
            own = own.reshape(len(reads), len(writes), out, into).permute(0, 3, 1, 2)
            pooled.append(own.reshape(len(reads) * into, len(writes) * out))
        single = []
        for place in self.sum_places:
            own = cast("PointMap", place).pull(factors, 0)
            single.append(own.transpose(1, 2).flatten(0, 1))
        return pooled, single

    def forward(
        self, x: torch.Tensor, operator: tuple[list[torch.Tensor], list[torch.Tensor]]
    ) -> torch.Tensor:
        """Return ``(b, m, C_out)`` for ``x`` of shape ``(b, n, C_in)``."""
        pooled, single = operator
        sums = self.pools.push(x)
        values: list[torch.Tensor] = [x] * len(self.copies.maps)
        for (reads, writes), matrix in zip(self.kinds, pooled, strict=True):
            features = [sums[r] for r in reads]
            mixed = (features[0] if len(features) == 1 else torch.cat(features, -1)) @ matrix
            out = mixed.shape[-1] // len(writes)
            for number, w in enumerate(writes):
                values[w] = mixed.narrow(-1, number * out, out) if len(writes) > 1 else mixed
        y = self.copies.pull(values) if values else None
        for gather, rows, matrix in zip(self.sums, self.sum_rows, single, strict=True):
            own = cast("PointMap", rows).pull(gather(x) @ matrix, 1)
            y = own if y is None else y + own
        assert y is not None
        return y


class PointTree(ConstantModule):
    """Maps from one set of points, each computed by way of a finer one where there is one.

    Parameters
    ----------
    points
        Per map ``(n,)`` the point that each goes to, -1 for nowhere; large images first.
    device
        As in torch.
    """

    def __init__(self, points: list[IntArray], device: torch.device | None) -> None:
        super().__init__(device, None)
        self.maps: list[int] = []  # per map the finer one that it factors through, -1 for none
        found = []
        for number, own in enumerate(points):
            inside = own >= 0
            parent, table = -1, own
            size = int(own.max()) + 1
            for other in range(number - 1, -1, -1):
                finer = points[other]
                if not np.array_equal(finer >= 0, inside) or int(finer.max()) + 1 <= size:
                    continue
                below = np.empty(int(finer.max()) + 1, dtype=np.intp)
                below[finer[inside]] = own[inside]
                if np.array_equal(below[finer[inside]], own[inside]):
                    parent, table = other, below
                    break
            self.maps.append(parent)
            found.append(PointMap(table, size, device))
        self._tables = nn.ModuleList(found)

    @property
    def tables(self) -> list[PointMap]:
        """The maps, from the points or from the finer one."""
        return cast("list[PointMap]", list(self._tables))

    def push(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Return per map the sums over fibres ``(b, size, C)`` of ``(b, n, C)``."""
        found: list[torch.Tensor] = []
        for parent, table in zip(self.maps, self.tables, strict=True):
            found.append(table.push(x if parent < 0 else found[parent], 1))
        return found

    def pull(self, values: list[torch.Tensor]) -> torch.Tensor:
        """Return the sum ``(b, n, C)`` of functions ``(b, size, C)`` pulled back, one per map."""
        left = list(values)
        total: torch.Tensor | None = None
        tables = self.tables
        for number in range(len(left) - 1, -1, -1):
            own = tables[number].pull(left[number], 1)
            parent = self.maps[number]
            if parent >= 0:
                left[parent] = left[parent] + own
            else:
                total = own if total is None else total + own
        assert total is not None
        return total
