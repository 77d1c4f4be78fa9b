"""The dense method for modules without points: the whole matrix from the Fourier blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import NotAvailable
from toolkit.modules.fourier.copies import END_UNITS
from toolkit.nn.linear.methods.whole_matrix_method import WholeMatrixMethod

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from toolkit.nn.linear.hom_space_base import HomSpace

#: Entries of the largest table that is made.
LARGEST_TABLE = 1 << 24


class DenseBlocksMethod(WholeMatrixMethod):
    """Maps from Fourier blocks by the ``(C_in n) x (m C_out)`` matrix.

    The matrix is linear in the blocks: one product with a constant table gives it.

    Parameters
    ----------
    space
        The maps X -> Y.
    device, dtype
        As in torch.

    Raises
    ------
    NotAvailable
        If the table, of an entry for each weight and each entry of the matrix, is too large.
    """

    def __init__(
        self, space: HomSpace, device: torch.device | None, dtype: torch.dtype | None
    ) -> None:
        super().__init__(space.shape, device, dtype)
        if not has_small_table(space):
            raise NotAvailable(
                space.X.group,
                f"the dense method from {space.X.name} to {space.Y.name}",
                f"{space.count} weights of {self.shape[0]} x {self.shape[1]} matrices are too many "
                'for a table: use method="spectral"',
            )
        self.constant("basis", basis_maps(space).transpose(2, 1, 0).reshape(-1, space.count))

    def operator(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the matrix ``(C_in n, m C_out)`` of Fourier blocks ``(R, C_out, C_in)``."""
        m, n = self.shape
        count, out, into = weight.shape
        values = self.table("basis") @ weight.reshape(count, out * into)
        values = values.reshape(n, m, out, into).permute(3, 0, 1, 2)
        return values.reshape(into * n, m * out)


def has_small_table(space: HomSpace) -> bool:
    """Whether the basis of the maps X -> Y fits in a table."""
    return space.count * space.shape[0] * space.shape[1] <= LARGEST_TABLE


def basis_maps(space: HomSpace) -> NDArray[np.float64]:
    """Return the matrix of each Fourier weight, ``(R, m, n)``: a basis of Hom_G(X, Y)."""
    layout = space.blocks
    (to, of), (to_rows, of_rows) = layout.bases, layout.rows
    analysis, synthesis = of.matrix[of_rows], to.inverse[:, to_rows]
    m, n = space.shape
    pieces = [np.empty((0, m, n))]
    for shape in layout.shapes:
        s, p, e = len(shape.labels), shape.positions, shape.ends
        own = analysis[shape.source_start :][: shape.coordinates(1)]
        own = own.reshape(s, p, shape.source, e, n)
        back = synthesis[:, shape.target_start :][:, : shape.coordinates(0)]
        back = back.reshape(m, s, p, shape.target, e)
        units = END_UNITS[shape.type]
        maps = np.einsum("yspif,cfa,spjax->scijyx", back, units, own, optimize=True)
        pieces.append(maps.reshape(-1, m, n))
    return np.concatenate(pieces)


def blocks_of_matrix(space: HomSpace, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Fourier weights ``(R, ...)`` of an equivariant matrix ``(m, n, ...)``.

    For any other matrix they are those of its average over the group.
    """
    layout = space.blocks
    (to, of), (to_rows, of_rows) = layout.bases, layout.rows
    analysis, synthesis = to.matrix[to_rows], of.inverse[:, of_rows]
    rest = matrix.shape[2:]
    pieces = [np.empty((0, *rest))]
    for shape in layout.shapes:
        s, p, e = len(shape.labels), shape.positions, shape.ends
        back = analysis[shape.target_start :][: shape.coordinates(0)]
        back = back.reshape(s, p, shape.target, e, -1)
        own = synthesis[:, shape.source_start :][:, : shape.coordinates(1)]
        own = own.reshape(-1, s, p, shape.source, e)
        # units are orthogonal matrices of size e, and each position has the same block
        units = END_UNITS[shape.type] / (p * e)
        flat = matrix.reshape(*matrix.shape[:2], -1)
        found = np.einsum("spify,cfa,xspja,yxz->scijz", back, units, own, flat, optimize=True)
        pieces.append(found.reshape(-1, *rest))
    return np.concatenate(pieces)
