"""The structured path of an outer product: the orbitals of each factor on its own argument.

Each factor offers features (its orbitals but the largest) and a pooled sum. The product has the
four combinations: features of both arguments, features of one with the other pooled, and the sum
over everything. The layer of S_n x S_m on n x m matrices is four small products, two sums along
rows and columns, and no table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from toolkit.nn.linear.constants import ConstantModule
from toolkit.nn.linear.methods.kronecker import factor_geometries, pair_labels
from toolkit.nn.linear.methods.structured import Outline, TargetOrbit
from toolkit.nn.linear.point_maps import PointMap

if TYPE_CHECKING:
    import torch

    from toolkit.nn.linear.hom_space import Geometry

__all__ = ["StructuredProductPath", "structured_factors"]


def structured_factors(geometry: Geometry) -> tuple[Geometry, Geometry] | None:
    """Return the factors' layers if this path is for them: outer products, transitive factors."""
    factors = factor_geometries(geometry)
    if factors is None:
        return None
    transitive = all(
        int(f.source_orbits.max()) == 0 and int(f.target_orbits.max()) == 0 for f in factors
    )
    return factors if transitive else None


class ProductKernel(NamedTuple):
    """Weights by what becomes of the first and of the second argument, ``(features C_in, C_out)``.

    ``None`` where a factor has no features or no pooled sum.
    """

    both: torch.Tensor | None
    first: torch.Tensor | None
    second: torch.Tensor | None
    neither: torch.Tensor | None


class StructuredProductPath(ConstantModule):
    """Maps between outer products of transitive modules, from orbit weights.

    Parameters
    ----------
    geometry
        The layer's tables.
    factors
        Those of the layers between its two factors; each between transitive modules.
    device, dtype
        As in torch.
    """

    def __init__(
        self,
        geometry: Geometry,
        factors: tuple[Geometry, Geometry],
        device: torch.device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__(device, dtype)
        self.counts = factors[0].count, factors[1].count
        self.points = factors[0].shape[1], factors[1].shape[1]
        self.rows = factors[0].shape[0], factors[1].shape[0]
        labels = pair_labels(geometry, *factors).ravel()
        self.pair_labels = PointMap(labels, geometry.count, device)
        self.first = _only_target(factors[0], device, dtype)
        self.second = _only_target(factors[1], device, dtype)

    def kernel(self, weight: torch.Tensor) -> ProductKernel:
        """Return the weights of the four combinations."""
        _, out, into = weight.shape
        pairs = self.pair_labels.pull(weight, 0)
        pairs = pairs.reshape(*self.counts, out, into)
        found: list[torch.Tensor | None] = []
        for part in self.first.split(pairs):
            if part is None:
                found += [None, None]
                continue
            for own in self.second.split(part.transpose(0, 1)):
                # (second, first, out, into) to (first, second, into) by out
                ready = None if own is None else own.permute(1, 0, 3, 2).reshape(-1, out)
                found.append(ready)
        both, first, second, neither = found
        return ProductKernel(both, first, second, neither)

    def forward(self, x: torch.Tensor, kernel: ProductKernel) -> torch.Tensor:
        """Return ``(b, m, C_out)`` for ``x`` of shape ``(b, n, C_in)``."""
        batch, _, into = x.shape
        m_first, m_second = self.rows
        x = x.reshape(batch, *self.points, into)
        y: torch.Tensor | None = None
        if kernel.both is not None or kernel.second is not None:
            own = self.second.features(x.reshape(-1, self.points[1], into))  # (b n_1, m_2, K_2 C)
            own = own.reshape(batch, self.points[0], m_second, -1)
            if kernel.both is not None:
                features = self.first.features(own.flatten(2))
                features = features.reshape(batch, m_first, -1, m_second, own.shape[3])
                y = features.transpose(2, 3).flatten(3) @ kernel.both
            if kernel.second is not None:
                part = (own.sum(dim=1) @ kernel.second).unsqueeze(1)
                y = part if y is None else y + part
        if kernel.first is not None or kernel.neither is not None:
            pooled = x.sum(dim=2)  # (b, n_1, C)
            if kernel.first is not None:
                part = (self.first.features(pooled) @ kernel.first).unsqueeze(2)
                y = part if y is None else y + part
            if kernel.neither is not None:
                part = (pooled.sum(dim=1) @ kernel.neither).reshape(batch, 1, 1, -1)
                y = part if y is None else y + part
        assert y is not None
        return y.expand(batch, m_first, m_second, y.shape[3]).reshape(batch, -1, y.shape[3])


def _only_target(
    geometry: Geometry, device: torch.device | None, dtype: torch.dtype | None
) -> TargetOrbit:
    return TargetOrbit(geometry, Outline(geometry), 0, device, dtype)
