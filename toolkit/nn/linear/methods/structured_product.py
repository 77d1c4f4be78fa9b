"""The structured method of an outer product: the orbitals of each factor on its own argument.

Each factor offers features (its orbitals but the largest) and a pooled sum. The product has the
four combinations: features of both arguments, features of one with the other pooled, and the sum
over everything. The layer of S_n x S_m on n x m matrices is four small products, two sums along
rows and columns, and no table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from toolkit.nn.linear.methods.structured import TargetOrbit
from toolkit.nn.linear.tensors.constants import ConstantModule
from toolkit.nn.linear.tensors.point_maps import PointMap

if TYPE_CHECKING:
    import torch

    from toolkit.nn.linear.hom_space import OrbitalHomSpace


def structured_factors(space: OrbitalHomSpace) -> tuple[OrbitalHomSpace, OrbitalHomSpace] | None:
    """Return the factors' maps if this method is for them: outer products, transitive factors."""
    if space.factors is None:
        return None
    transitive = all(
        int(f.source_orbits.max()) == 0 and int(f.target_orbits.max()) == 0 for f in space.factors
    )
    return space.factors if transitive else None


class ProductOperator(NamedTuple):
    """Weights by the treatment of the first and the second argument, ``(features C_in, C_out)``.

    ``None`` where a factor has no features or no pooled sum.
    """

    both: torch.Tensor | None
    first: torch.Tensor | None
    second: torch.Tensor | None
    neither: torch.Tensor | None


class StructuredProductMethod(ConstantModule):
    """Maps between outer products of transitive modules, from orbit weights.

    Parameters
    ----------
    space
        The maps X -> Y.
    factors
        Those between the two factors, which are transitive.
    device, dtype
        As in torch.
    """

    follows_narrow = True

    def __init__(
        self,
        space: OrbitalHomSpace,
        factors: tuple[OrbitalHomSpace, OrbitalHomSpace],
        device: torch.device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__(device, dtype)
        self.counts = factors[0].count, factors[1].count
        self.points = factors[0].shape[1], factors[1].shape[1]
        self.rows = factors[0].shape[0], factors[1].shape[0]
        self.pair_labels = PointMap(space.pair_labels.ravel(), space.count, device)
        self.first = TargetOrbit(factors[0], factors[0].outline.targets[0], device, dtype)
        self.second = TargetOrbit(factors[1], factors[1].outline.targets[0], device, dtype)

    def operator(self, weight: torch.Tensor) -> ProductOperator:
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
        return ProductOperator(both, first, second, neither)

    def forward(self, x: torch.Tensor, operator: ProductOperator) -> torch.Tensor:
        """Return ``(b, m, C_out)`` for ``x`` of shape ``(b, n, C_in)``."""
        batch, _, into = x.shape
        m_first, m_second = self.rows
        x = x.reshape(batch, *self.points, into)
        y: torch.Tensor | None = None
        if operator.both is not None or operator.second is not None:
            own = self.second.features(x.reshape(-1, self.points[1], into))  # (b n_1, m_2, K_2 C)
            own = own.reshape(batch, self.points[0], m_second, -1)
            if operator.both is not None:
                features = self.first.features(own.flatten(2))
                features = features.reshape(batch, m_first, -1, m_second, own.shape[3])
                y = features.transpose(2, 3).flatten(3) @ operator.both
            if operator.second is not None:
                part = (own.sum(dim=1) @ operator.second).unsqueeze(1)
                y = part if y is None else y + part
        if operator.first is not None or operator.neither is not None:
            pooled = x.sum(dim=2)  # (b, n_1, C)
            if operator.first is not None:
                part = (self.first.features(pooled) @ operator.first).unsqueeze(2)
                y = part if y is None else y + part
            if operator.neither is not None:
                part = (pooled.sum(dim=1) @ operator.neither).reshape(batch, 1, 1, -1)
                y = part if y is None else y + part
        assert y is not None
        return y.expand(batch, m_first, m_second, y.shape[3]).reshape(batch, -1, y.shape[3])
