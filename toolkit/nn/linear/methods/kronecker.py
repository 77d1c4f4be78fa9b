"""The Kronecker method: an outer product of modules is transformed factor by factor.

For X = X_1 x X_2 and Y = Y_1 x Y_2 under G_1 x G_2 every equivariant map is a sum of Kronecker
products of equivariant maps of the factors. So weights are indexed by pairs of orbitals, and
change to pairs of Fourier blocks, over D_1 x D_2, one factor at a time; a function of two
arguments changes its basis one argument at a time. Nothing of size |X| |Y| is formed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from toolkit.errors import ModuleMismatchError
from toolkit.modules.fourier.basis import FourierBasis
from toolkit.modules.fourier.copies import END_UNITS
from toolkit.nn.linear.conversions import OrbitsToBlocks
from toolkit.nn.linear.methods.spectral import change_of_basis
from toolkit.nn.linear.tensors.constants import ConstantModule
from toolkit.nn.linear.tensors.point_maps import PointMap

if TYPE_CHECKING:
    from toolkit.modules.fourier.weight_spaces import WeightSpaces
    from toolkit.nn.linear.blocks import BlockShape
    from toolkit.nn.linear.hom_space import OrbitalHomSpace
    from toolkit.nn.linear.methods.spectral import Transform

#: A transform of at least this many points over at most this many A-orbits is done by FFT.
FAST_POINTS = 256
FAST_ORBITS = 4


class KroneckerMethod(ConstantModule):
    """Maps between outer products, from orbit weights.

    Parameters
    ----------
    space
        The maps X -> Y.
    device, dtype
        As in torch.

    Raises
    ------
    ModuleMismatchError
        If X and Y are not outer products over the same groups.
    """

    def __init__(
        self, space: OrbitalHomSpace, device: torch.device | None, dtype: torch.dtype | None
    ) -> None:
        super().__init__(device, dtype)
        if space.factors is None:
            raise ModuleMismatchError(
                "the method 'kronecker' needs outer products of modules over the same groups, "
                f"found {space.X.name} and {space.Y.name}: use another method"
            )
        first, second = space.factors
        self.counts = first.count, second.count
        self.points = first.shape[1], second.shape[1]
        self.pair_labels = PointMap(space.pair_labels.ravel(), space.count, device)
        self.first_blocks = OrbitsToBlocks(first, device, dtype)
        self.second_blocks = OrbitsToBlocks(second, device, dtype)

        def transform(factor: OrbitalHomSpace, side: int) -> Transform:
            basis, rows = factor.blocks.bases[side], factor.blocks.rows[side]
            fast = isinstance(basis, FourierBasis) and uses_fft(basis.spaces)
            return change_of_basis(basis, rows, fast, device, dtype)

        self.first_target, self.first_source = transform(first, 0), transform(first, 1)
        self.second_target, self.second_source = transform(second, 0), transform(second, 1)
        self.coordinates = len(first.blocks.rows[1]), len(second.blocks.rows[1])
        self.shapes = first.blocks.shapes, second.blocks.shapes
        for kind in {shape.type for shapes in self.shapes for shape in shapes}:
            self.constant(f"units{kind}", END_UNITS[kind])

    def operator(self, weight: torch.Tensor) -> list[torch.Tensor]:
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
        self, pairs: torch.Tensor, a: BlockShape, b: BlockShape, out: int, into: int
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

    def forward(self, x: torch.Tensor, operators: list[torch.Tensor]) -> torch.Tensor:
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
                pieces.append(self._multiplied(coordinates, operators[number], a, b))
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
        self, coordinates: torch.Tensor, operator: torch.Tensor, a: BlockShape, b: BlockShape
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
        product = torch.bmm(own, operator).reshape(
            len(b.labels), len(a.labels), b.positions, a.positions, batch,
            b.target * b.ends, a.target * a.ends, -1,
        )  # fmt: skip
        product = product.permute(0, 2, 5, 1, 3, 6, 4, 7)
        return product.reshape(b.coordinates(0), a.coordinates(0), batch, product.shape[7])


def uses_fft(spaces: WeightSpaces) -> bool:
    """Whether the change of basis of a factor is done by FFT over the abelian subgroup."""
    return spaces.degree >= FAST_POINTS and spaces.orbits <= FAST_ORBITS
