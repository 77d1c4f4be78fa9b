"""The Kronecker path: an outer product of modules is transformed factor by factor.

For X = X_1 x X_2 and Y = Y_1 x Y_2 under G_1 x G_2 every equivariant map is a sum of Kronecker
products of equivariant maps of the factors. So weights are indexed by pairs of orbitals, and
change to pairs of Fourier blocks, over D_1 x D_2, one factor at a time; a function of two
arguments changes its basis one argument at a time. Nothing of size |X| |Y| is formed.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import torch

from toolkit.errors import ModuleMismatchError
from toolkit.modules.fourier.copies import END_UNITS
from toolkit.modules.permutation_module import PermutationModule
from toolkit.nn.linear.blocks import BlockPlan, OrbitsToBlocks
from toolkit.nn.linear.constants import ConstantModule
from toolkit.nn.linear.methods.spectral import DenseTransform, FastTransform
from toolkit.nn.linear.point_maps import PointMap

if TYPE_CHECKING:
    from toolkit.modules.fourier.basis import FourierBasis
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.nn.linear.blocks import Shape
    from toolkit.nn.linear.hom_space import Geometry

__all__ = ["KroneckerPath", "factor_geometries", "pair_labels"]

#: A transform of at least this many points over at most so many A-orbits is done by FFT.
FAST_POINTS = 256
FAST_ORBITS = 4


def factor_geometries(geometry: Geometry) -> tuple[Geometry, Geometry] | None:
    """Return the layers between the two factors of outer products, or ``None`` if there are none.

    Of more than two factors the second is the product of all but the first.
    """
    from toolkit.nn.linear.hom_space import Geometry

    X, Y = geometry.X, geometry.Y
    if not (isinstance(X, PermutationModule) and isinstance(Y, PermutationModule)):
        return None
    if X.product != "outer" or Y.product != "outer" or len(X.factors) != len(Y.factors):
        return None
    if any(x.home != y.home for x, y in zip(X.factors, Y.factors, strict=True)):
        return None
    rest_x = reduce(PermutationModule.outer, X.factors[1:])
    rest_y = rest_x if X is Y else reduce(PermutationModule.outer, Y.factors[1:])
    first = Geometry(X.factors[0], X.factors[0] if X is Y else Y.factors[0])
    return first, Geometry(rest_x, rest_y)


class KroneckerPath(ConstantModule):
    """Maps between outer products, from orbit weights.

    Parameters
    ----------
    geometry
        The layer's tables.
    device, dtype
        As in torch.

    Raises
    ------
    ModuleMismatchError
        If X and Y are no outer products over the same groups.
    """

    def __init__(
        self, geometry: Geometry, device: torch.device | None, dtype: torch.dtype | None
    ) -> None:
        super().__init__(device, dtype)
        factors = factor_geometries(geometry)
        if factors is None:
            raise ModuleMismatchError(
                "the method 'kronecker' needs outer products of modules over the same groups, "
                f"found {geometry.X.name} and {geometry.Y.name}: use another method"
            )
        self.counts = factors[0].count, factors[1].count
        self.points = factors[0].shape[1], factors[1].shape[1]
        labels = pair_labels(geometry, *factors).ravel()
        self.pair_labels = PointMap(labels, geometry.count, device)
        plans = [BlockPlan(factor) for factor in factors]
        self.coordinates = len(plans[0].rows[1]), len(plans[1].rows[1])
        self.first_blocks = OrbitsToBlocks(plans[0], device, dtype)
        self.second_blocks = OrbitsToBlocks(plans[1], device, dtype)
        self.first_source = _transform(plans[0].bases[1], plans[0].rows[1], device, dtype)
        self.second_source = _transform(plans[1].bases[1], plans[1].rows[1], device, dtype)
        self.first_target = _transform(plans[0].bases[0], plans[0].rows[0], device, dtype)
        self.second_target = _transform(plans[1].bases[0], plans[1].rows[0], device, dtype)
        self.shapes = plans[0].shapes, plans[1].shapes
        for kind in {s.type for plan in plans for s in plan.shapes}:
            self.constant(f"units{kind}", END_UNITS[kind])

    def kernel(self, weight: torch.Tensor) -> list[torch.Tensor]:
        """Return per pair of shapes the real matrices ``(s, m e C_in, t e C_out)``."""
        first, second = self.counts
        _, out, into = weight.shape
        pairs = self.pair_labels.pull(weight, 0)
        pairs = self.first_blocks(pairs.reshape(first, second * out, into))
        pairs = pairs.reshape(first, second, out, into).transpose(0, 1)
        pairs = self.second_blocks(pairs.reshape(second, first * out, into))
        pairs = pairs.reshape(second, first, out, into)
        return [
            self._matrices(pairs, a, b, out, into) for b in self.shapes[1] for a in self.shapes[0]
        ]

    def _matrices(
        self, pairs: torch.Tensor, a: Shape, b: Shape, out: int, into: int
    ) -> torch.Tensor:
        own = pairs[b.weight_slice, a.weight_slice].reshape(
            len(b.labels), b.ends, b.target, b.source, len(a.labels), a.ends, a.target, a.source,
            out, into,
        )  # fmt: skip
        if b.ends == 1 and a.ends == 1:
            full = own.reshape(
                len(b.labels), b.target, b.source, len(a.labels), a.target, a.source, out, into
            ).permute(0, 3, 2, 5, 7, 1, 4, 6)
        else:
            full = torch.einsum(
                "cgk,dhl,ucmnvdpqoi->uvnkqlimgpho",
                self.table(f"units{b.type}"),
                self.table(f"units{a.type}"),
                own,
            )
        return full.reshape(
            len(b.labels) * len(a.labels),
            b.source * b.ends * a.source * a.ends * into,
            b.target * b.ends * a.target * a.ends * out,
        )

    def forward(self, x: torch.Tensor, kernels: list[torch.Tensor]) -> torch.Tensor:
        """Return ``(b, m, C_out)`` for ``x`` of shape ``(b, n, C_in)``."""
        batch, _, into = x.shape
        n_first, n_second = self.points
        half = self.first_source.analyse(x.reshape(batch, n_first, n_second * into))
        n1, n2 = self.coordinates
        half = half.reshape(n1 * batch, n_second, into)
        coordinates = self.second_source.analyse(half).reshape(n2, n1, batch, into)
        columns = []
        number = 0
        for b in self.shapes[1]:
            pieces = []
            for a in self.shapes[0]:
                pieces.append(self._multiplied(coordinates, kernels[number], a, b))
                number += 1
            columns.append(torch.cat(pieces, dim=1))
        merged = torch.cat(columns)
        out = merged.shape[3]
        m2, m1 = merged.shape[:2]
        back = self.second_target.synthesise(merged.reshape(m2, m1 * batch, out))
        back = back.reshape(m1, batch, -1)
        y = self.first_target.synthesise(back)
        return y.reshape(batch, -1, out)

    def _multiplied(
        self, coordinates: torch.Tensor, kernel: torch.Tensor, a: Shape, b: Shape
    ) -> torch.Tensor:
        """Return output coordinates ``(N_2, N_1, b, C_out)`` of one pair of shapes."""
        batch, into = coordinates.shape[2:]
        own = coordinates[
            b.source_start : b.source_start + b.coordinates(1),
            a.source_start : a.source_start + a.coordinates(1),
        ].reshape(
            len(b.labels), b.positions, b.source * b.ends,
            len(a.labels), a.positions, a.source * a.ends, batch, into,
        )  # fmt: skip
        own = own.permute(0, 3, 1, 4, 6, 2, 5, 7).reshape(
            len(b.labels) * len(a.labels), b.positions * a.positions * batch, -1
        )
        product = torch.bmm(own, kernel).reshape(
            len(b.labels), len(a.labels), b.positions, a.positions, batch,
            b.target * b.ends, a.target * a.ends, -1,
        )  # fmt: skip
        product = product.permute(0, 2, 5, 1, 3, 6, 4, 7)
        return product.reshape(b.coordinates(0), a.coordinates(0), batch, product.shape[7])


def _transform(
    basis: FourierBasis, rows: IntArray, device: torch.device | None, dtype: torch.dtype | None
) -> DenseTransform | FastTransform:
    spaces = basis.spaces
    fast = basis.degree >= FAST_POINTS and spaces.orbits <= FAST_ORBITS
    return (FastTransform if fast else DenseTransform)(basis, rows, device, dtype)


def pair_labels(geometry: Geometry, first: Geometry, second: Geometry) -> IntArray:
    """Return ``(R_1, R_2)`` the orbital of the product that each pair of orbitals is."""
    (y1, x1), (y2, x2) = first.representatives, second.representatives
    rows = y1[:, None] * second.shape[0] + y2
    columns = x1[:, None] * second.shape[1] + x2
    labels, _ = geometry.entries(rows, columns)
    if not np.array_equal(np.sort(labels.ravel()), np.arange(geometry.count)):
        raise ModuleMismatchError(
            f"the orbitals of {geometry.X.name} and {geometry.Y.name} must be the pairs of those "
            "of their factors, and they are not"
        )
    return labels
