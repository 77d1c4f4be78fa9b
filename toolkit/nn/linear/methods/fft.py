r"""The FFT method: a fast Fourier transform over the orbits of an abelian subgroup A.

An equivariant matrix W commutes with A: W[o'^(ab), o^b] depends on a only. So the transform over
A turns it into one k_Y x k_X complex matrix for each character of A, k being the numbers of
A-orbits, and the layer into a product of such matrices with channels. For an abelian group acting
regularly this is the convolution theorem; nothing needs to be known of the group's simples.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch

from toolkit.nn.linear.tensors.constants import ConstantModule
from toolkit.nn.linear.tensors.pull_back import PullBack
from toolkit.nn.linear.tensors.real_fft import from_spectrum, to_spectrum

if TYPE_CHECKING:
    from toolkit.nn.linear.hom_space import OrbitalHomSpace


class FftMethod(ConstantModule):
    """Maps from orbit weights, by FFT over an abelian subgroup.

    Parameters
    ----------
    space
        The maps X -> Y.
    device, dtype
        As in torch.
    """

    def __init__(
        self, space: OrbitalHomSpace, device: torch.device | None, dtype: torch.dtype | None
    ) -> None:
        super().__init__(device, dtype)
        target, source = space.spaces
        self.orders = source.orders or (1,)
        self.order = math.prod(self.orders)
        self.orbits = target.orbits, source.orbits
        # points ordered by group element first, then by orbit
        signs = None if source.signs is None else source.signs.T.ravel()
        self.source = PullBack(source.grid.T.ravel(), signs, source.degree, device, dtype)
        rows = target.grid.T[:, None, :]
        bases = source.grid[:, 0][:, None]
        columns = np.broadcast_to(bases, (self.order, source.orbits, target.orbits))
        labels, entry_signs = space.entries(np.broadcast_to(rows, columns.shape), columns)
        factors = entry_signs.astype(np.float64)
        if target.signs is not None:
            factors = factors * target.signs.T[:, None, :]
        factors = np.where(labels < 0, 0.0, factors)
        factors = (factors / source.stabilisers[:, None]).ravel()
        labels = np.maximum(labels, 0).ravel()
        self.entries = PullBack(labels, factors, space.count, device, dtype)
        place = np.empty(target.degree, dtype=np.int64)
        flat = target.grid.T.ravel()[::-1]
        place[flat] = np.arange(flat.size - 1, -1, -1)
        signs = None if target.signs is None else target.signs.T.ravel()[place]
        self.target = PullBack(place, signs, target.grid.size, device, dtype)
        # real transforms halve the last axis, which must not be the only short one
        self.spectrum_size = math.prod(self.orders[:-1]) * (self.orders[-1] // 2 + 1)

    def operator(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the matrices of all characters as real ones, ``(h, 2 k_X C_in, 2 k_Y C_out)``.

        Parameters
        ----------
        weight
            ``(R, C_out, C_in)`` orbit weights.
        """
        k_target, k_source = self.orbits
        out, into = weight.shape[1:]
        values = self.entries.read(weight.transpose(1, 2).reshape(-1, into * out))
        values = values.reshape(self.order, k_source, k_target, into, out).transpose(2, 3)
        values = values.reshape(*self.orders, k_source * into, k_target * out)
        spectrum = to_spectrum(values, self.orders, 0)
        spectrum = spectrum.reshape(self.spectrum_size, k_source * into, 1, k_target * out, 2)
        # (re, im) times the real matrix of w is (re, im) of the complex product
        turned = torch.stack([-spectrum[..., 1], spectrum[..., 0]], dim=-1)
        both = torch.cat([spectrum, turned], dim=2)
        return both.reshape(self.spectrum_size, 2 * k_source * into, 2 * k_target * out)

    def forward(self, x: torch.Tensor, operator: torch.Tensor) -> torch.Tensor:
        """Return ``(b, m, C_out)`` for ``x`` of shape ``(b, n, C_in)``."""
        k_target, k_source = self.orbits
        batch, _, into = x.shape
        out = operator.shape[2] // (2 * k_target)
        x = self.source.read(x).reshape(batch, *self.orders, k_source * into)
        spectrum = to_spectrum(x, self.orders, 1)
        spectrum = spectrum.reshape(batch, self.spectrum_size, 2 * k_source * into).transpose(0, 1)
        product = torch.bmm(spectrum, operator).transpose(0, 1)
        shape = (*self.orders[:-1], self.orders[-1] // 2 + 1)
        pairs = product.reshape(batch, *shape, k_target * out, 2).contiguous()
        values = from_spectrum(pairs, self.orders, 1)
        return self.target.read(values.reshape(batch, self.order * k_target, out))
