"""The spectral methods: change to the Fourier basis, multiply by the blocks, change back.

The change of basis is one matrix (dense), or a fast Fourier transform over the abelian subgroup
followed by a small matrix for each of its characters (fast). In between, simples of one shape are
multiplied in one batch: ``(positions * batch, copies * dim D * channels)`` times a real matrix.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch

from toolkit.modules.fourier.basis import FourierBasis
from toolkit.modules.fourier.copies import END_UNITS
from toolkit.nn.linear.tensors.constants import ConstantModule
from toolkit.nn.linear.tensors.point_maps import PointMap
from toolkit.nn.linear.tensors.pull_back import PullBack
from toolkit.nn.linear.tensors.real_fft import from_spectrum, to_spectrum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from toolkit.modules.fourier.adapted import AdaptedBasis
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.nn.linear.blocks import BlockLayout, BlockShape


class DenseTransform(ConstantModule):
    """Functions to coordinates and back, by one matrix ``(N, n)`` and its transpose, or inverse.

    Parameters
    ----------
    matrix
        ``(N, n)`` from functions to coordinates.
    device, dtype
        As in torch.
    inverse
        ``(n, N)`` from coordinates to functions; ``None`` for the transpose.
    """

    def __init__(
        self,
        matrix: NDArray[np.float64],
        device: torch.device | None,
        dtype: torch.dtype | None,
        inverse: NDArray[np.float64] | None = None,
    ) -> None:
        super().__init__(device, dtype)
        self.constant("matrix", matrix)
        self.has_inverse = inverse is not None
        if inverse is not None:
            self.constant("inverse", inverse)

    def analyse(self, x: torch.Tensor) -> torch.Tensor:
        """Return coordinates ``(N, b, c)`` of functions ``(b, n, c)``."""
        batch, points, channels = x.shape
        flat = x.transpose(0, 1).reshape(points, batch * channels)
        matrix = self.table("matrix")
        return (matrix @ flat).reshape(matrix.shape[0], batch, channels)

    def synthesise(self, coordinates: torch.Tensor) -> torch.Tensor:
        """Return functions ``(b, m, c)`` of coordinates ``(N, b, c)``."""
        count, batch, channels = coordinates.shape
        back = self.table("inverse") if self.has_inverse else self.table("matrix").T
        flat = back @ coordinates.reshape(count, batch * channels)
        return flat.reshape(back.shape[0], batch, channels).transpose(0, 1)


class FastTransform(ConstantModule):
    """Functions to coordinates and back, by FFT over orbits and small matrices."""

    def __init__(
        self,
        basis: FourierBasis,
        rows: IntArray,
        device: torch.device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__(device, dtype)
        spaces = basis.spaces
        self.orders = spaces.orders or (1,)
        self.order = math.prod(self.orders)
        self.orbits = spaces.orbits
        self.spectrum_shape = (*self.orders[:-1], self.orders[-1] // 2 + 1)
        self.spectrum_size = math.prod(self.spectrum_shape)
        self.kept = len(spaces.characters)
        scale = np.repeat(spaces.scale, spaces.group_order)
        back = np.repeat(spaces.scale * spaces.stabilisers, spaces.group_order)
        if spaces.signs is not None:
            scale = scale * spaces.signs.ravel()
            back = back * spaces.signs.ravel()
        reader = spaces.reader
        self.points = PullBack(spaces.grid.ravel(), scale, basis.degree, device, dtype)
        scale = back[reader] * spaces.group_order
        self.reader = PullBack(reader, scale, spaces.grid.size, device, dtype)
        self.selects = self.kept != self.spectrum_size
        self.places = PointMap(spaces.places, self.spectrum_size, device)
        self.keeper = PointMap(spaces.keeper, self.kept, device)
        conjugate = np.where(spaces.is_conjugate, -1.0, 1.0)
        self.constant("conjugation", conjugate.reshape(-1, 1, 1))
        slot, self.most = basis.slots
        real = basis.imaginary_rows < 0
        place = np.zeros(basis.degree, dtype=np.intp)
        sign = np.ones(basis.degree)
        weight = np.ones(basis.degree)
        at = basis.characters * 2 * self.most + slot
        place[basis.real_rows] = at
        weight[basis.real_rows] = np.where(real, 1.0, np.sqrt(2))
        turned = basis.imaginary_rows[~real]
        place[turned] = at[~real] + self.most
        sign[turned] = basis.imaginary_signs[~real]
        weight[turned] = np.sqrt(2)
        # each row's factor goes into the small matrix, so that a gather is all that is left
        small = _real_matrices(basis)
        factor = np.zeros(self.kept * 2 * self.most)
        inverse = np.zeros(self.kept * 2 * self.most)
        factor[place] = sign * weight
        inverse[place] = sign / weight
        shape = (self.kept, 2 * self.most, 1)
        self.constant("small", small * factor.reshape(shape))
        self.constant("small_back", (small * inverse.reshape(shape)).transpose(0, 2, 1).copy())
        self.rows = PointMap(place[rows], self.kept * 2 * self.most, device)

    def analyse(self, x: torch.Tensor) -> torch.Tensor:
        """Return coordinates ``(N, b, c)`` of functions ``(b, n, c)``."""
        batch, _, channels = x.shape
        pulled = self.points.read(x)
        pulled = pulled.reshape(batch, self.orbits, *self.orders, channels)
        spectrum = to_spectrum(pulled, self.orders, 2)
        spectrum = spectrum.reshape(batch, self.orbits, self.spectrum_size, channels, 2)
        if self.selects:
            spectrum = self.places.pull(spectrum, 2)
        flat = spectrum.permute(2, 4, 1, 0, 3)
        flat = flat.reshape(self.kept, 2 * self.orbits, batch * channels)
        values = torch.bmm(self.table("small"), flat)
        values = values.reshape(self.kept * 2 * self.most, batch, channels)
        return self.rows.pull(values, 0)

    def synthesise(self, coordinates: torch.Tensor) -> torch.Tensor:
        """Return functions ``(b, m, c)`` of coordinates ``(N, b, c)``."""
        _, batch, channels = coordinates.shape
        values = self.rows.push(coordinates, 0)
        values = values.reshape(self.kept, 2 * self.most, batch * channels)
        flat = torch.bmm(self.table("small_back"), values)
        parts = flat.reshape(self.kept, 2, self.orbits, batch, channels)
        if self.selects:
            parts = self.keeper.pull(parts, 0)
            real = parts[:, 0]
            imaginary = parts[:, 1] * self.table("conjugation").unsqueeze(-1)
        else:
            real, imaginary = parts[:, 0], parts[:, 1]
        pairs = torch.stack([real, imaginary], dim=-1).permute(2, 1, 0, 3, 4)
        pairs = pairs.reshape(batch, self.orbits, *self.spectrum_shape, channels, 2)
        values = from_spectrum(pairs.contiguous(), self.orders, 2)
        values = values.reshape(batch, self.orbits * self.order, channels)
        return self.reader.read(values)


def _real_matrices(basis: FourierBasis) -> NDArray[np.float64]:
    """Return per character the real matrix of its functionals: real parts, then imaginary ones."""
    blocks = basis.blocks.conj()  # (c, s, k)
    upper = np.concatenate([blocks.real, -blocks.imag], axis=2)
    lower = np.concatenate([blocks.imag, blocks.real], axis=2)
    return np.concatenate([upper, lower], axis=1)


#: A change to a Fourier basis and back.
Transform: TypeAlias = DenseTransform | FastTransform


def change_of_basis(
    basis: AdaptedBasis,
    rows: IntArray,
    fast: bool,
    device: torch.device | None,
    dtype: torch.dtype | None,
) -> Transform:
    """Return the change to some rows of a basis, by FFT or by a matrix."""
    if fast and isinstance(basis, FourierBasis):
        return FastTransform(basis, rows, device, dtype)
    inverse = None if basis.is_orthogonal else basis.inverse[:, rows]
    return DenseTransform(basis.matrix[rows], device, dtype, inverse)


class SpectralMethod(ConstantModule):
    """Maps from Fourier blocks.

    Parameters
    ----------
    shapes
        The shapes of the blocks.
    source, target
        The changes of basis of X and of Y, in the order of the shapes.
    device, dtype
        As in torch.
    """

    def __init__(
        self,
        shapes: Sequence[BlockShape],
        source: Transform,
        target: Transform,
        device: torch.device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__(device, dtype)
        self.shapes = tuple(shapes)
        self.source, self.target = source, target
        for kind in {shape.type for shape in shapes}:
            self.constant(f"units{kind}", END_UNITS[kind])

    @classmethod
    def of(
        cls,
        layout: BlockLayout,
        fast: bool,
        device: torch.device | None,
        dtype: torch.dtype | None,
    ) -> SpectralMethod:
        """Return that between two Fourier bases; ``fast`` says whether to change them by FFT."""
        (to, of), (to_rows, of_rows) = layout.bases, layout.rows
        target = source = change_of_basis(of, of_rows, fast, device, dtype)
        if to is not of or not np.array_equal(to_rows, of_rows):
            target = change_of_basis(to, to_rows, fast, device, dtype)
        return cls(layout.shapes, source, target, device, dtype)

    def operator(self, weight: torch.Tensor) -> list[torch.Tensor]:
        """Return per shape the real matrices ``(s, m_X e C_in, m_Y e C_out)``."""
        _, out, into = weight.shape
        operators = []
        for shape in self.shapes:
            s, e, t, m = len(shape.labels), shape.ends, shape.target, shape.source
            own = weight[shape.weight_slice].reshape(s, e, t, m, out, into)
            if e == 1:
                full = own.reshape(s, t, m, out, into).permute(0, 2, 4, 1, 3)
            else:
                units = self.table(f"units{shape.type}")
                full = torch.einsum("cfa,sctmoi->smaitfo", units, own)
            operators.append(full.reshape(s, m * e * into, t * e * out))
        return operators

    def forward(self, x: torch.Tensor, operators: list[torch.Tensor]) -> torch.Tensor:
        """Return ``(b, m, C_out)`` for ``x`` of shape ``(b, n, C_in)``."""
        batch, _, into = x.shape
        coordinates = self.source.analyse(x)
        pieces = []
        for shape, operator in zip(self.shapes, operators, strict=True):
            s, p, e = len(shape.labels), shape.positions, shape.ends
            size = shape.coordinates(1)
            own = coordinates[shape.source_start : shape.source_start + size]
            own = own.reshape(s, p, shape.source * e, batch, into).transpose(2, 3)
            own = own.reshape(s, p * batch, shape.source * e * into)
            product = torch.bmm(own, operator)
            out = operator.shape[2] // (shape.target * e)
            product = product.reshape(s, p, batch, shape.target * e, out).transpose(2, 3)
            pieces.append(product.reshape(s * p * shape.target * e, batch, out))
        merged = pieces[0] if len(pieces) == 1 else torch.cat(pieces)
        return self.target.synthesise(merged)
