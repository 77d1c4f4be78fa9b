"""Elements of a module taken apart into simples, on torch tensors in float64.

The parts are orthogonal, so their energies (squared norms) add up to that of the whole. They are
found in the Fourier basis of the module, as a matrix for modules of up to 1024 points and by its
fast transform, on the host, beyond.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from toolkit.errors import ModuleMismatchError
from toolkit.library.fourier import fourier_basis

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from toolkit.modules.module import Module

#: Up to this many points the basis is a matrix on the tensors' device.
LARGEST_MATRIX = 1024

#: About this many numbers are transformed at a time, to save memory.
CHUNK = 1 << 21


class SimpleParts:
    """How functions on one module split into simples.

    Parameters
    ----------
    X
        A module of any kind.

    Raises
    ------
    NotAvailable
        If its Fourier basis is out of reach.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> parts = SimpleParts(tk.group("C2").regular_module())
    >>> parts.labels
    ('L0', 'L1')
    >>> parts.energies(torch.tensor([[3.0], [1.0]])).squeeze().round(decimals=9).tolist()
    [8.0, 2.0]
    """

    def __init__(self, X: Module) -> None:
        self.X = X
        self.basis = fourier_basis(X)
        self.labels = tuple(s.label for s in self.basis.simples)
        #: Dimension of each isotypic part: m_L dim L.
        self.dimensions = tuple(s.multiplicity * s.dimension for s in self.basis.simples)
        numbers = torch.from_numpy(np.repeat(np.arange(len(self.labels)), self.dimensions))
        self._numbers = {torch.device("cpu"): numbers}  # by device, as the matrices
        self._matrices: dict[tuple[torch.device, torch.dtype], torch.Tensor] = {}

    def matrix(self, device: torch.device, dtype: torch.dtype = torch.float64) -> torch.Tensor:
        """Return the basis ``(|X|, |X|)``, a row for each coordinate, on a device; kept there."""
        if (device, dtype) not in self._matrices:
            wide = torch.from_numpy(self.basis.matrix.copy())
            self._matrices[device, dtype] = wide.to(device, dtype)
        return self._matrices[device, dtype]

    def _inverse(self, device: torch.device) -> torch.Tensor:
        if self.basis.is_orthogonal:
            return self.matrix(device).T
        return torch.from_numpy(self.basis.inverse.copy()).to(device)

    def totals(self, x: torch.Tensor) -> torch.Tensor:
        """Return the energy of each sample of ``(b, |X|, C)``: its squared invariant norm."""
        wide = x.double()
        return (wide if self.basis.is_orthogonal else self.analyse(x)).square().sum((1, 2))

    def analyse(self, x: torch.Tensor) -> torch.Tensor:
        """Return the coordinates ``(b, |X|, C)`` of functions of that shape, in float64."""
        x = _wide(x)
        if self.X.degree <= LARGEST_MATRIX:
            return self.matrix(x.device) @ x
        return _through(self.basis.analyse, x)

    def synthesise(self, coordinates: torch.Tensor) -> torch.Tensor:
        """Return the functions ``(b, |X|, C)`` with these coordinates, in float64."""
        if self.X.degree <= LARGEST_MATRIX:
            return self._inverse(coordinates.device) @ coordinates
        return _through(self.basis.synthesise, coordinates)

    def squares(self, coordinates: torch.Tensor) -> torch.Tensor:
        """Return the sum of squares ``(b, simples, C)`` over the coordinates of each simple."""
        return self.summed(coordinates.square())

    def summed(self, values: torch.Tensor) -> torch.Tensor:
        """Return ``(b, simples, C)``: values at coordinates added up for each simple."""
        shape = (values.shape[0], len(self.labels), values.shape[2])
        if values.device not in self._numbers:
            self._numbers[values.device] = self._numbers[torch.device("cpu")].to(values.device)
        numbers = self._numbers[values.device]
        return values.new_zeros(shape).index_add_(1, numbers, values)

    def by_simple(self, rows: torch.Tensor) -> torch.Tensor:
        """Return ``(simples, C)``: what belongs to coordinates, added up for each simple."""
        return self.summed(rows[None])[0]

    def energies(self, x: torch.Tensor) -> torch.Tensor:
        """Return the energy of each sample in each simple and channel.

        Parameters
        ----------
        x
            ``(..., |X|, C)`` of any float type; leading axes are samples.

        Returns
        -------
        torch.Tensor
            ``(samples, simples, C)`` float64: squared norms of the isotypic parts.
        """
        pieces = [self.squares(self.analyse(piece)) for piece in self.chunks(x)]
        return torch.cat(pieces)

    def parts(self, x: torch.Tensor, labels: Iterable[str]) -> torch.Tensor:
        """Return ``(labels, b, |X|, C)`` float64: the part of ``(b, |X|, C)`` in each simple."""
        coordinates = self.analyse(x)
        pieces = []
        for label in labels:
            rows = self.basis.simple(label).rows
            if self.X.degree <= LARGEST_MATRIX:
                own = self._inverse(coordinates.device)[:, rows]
                pieces.append(own @ coordinates[:, rows])
            else:
                alone = torch.zeros_like(coordinates)
                alone[:, rows] = coordinates[:, rows]
                pieces.append(self.synthesise(alone))
        return torch.stack(pieces) if pieces else coordinates.new_zeros(0, *coordinates.shape)

    def chunks(self, x: torch.Tensor, most: int = CHUNK) -> Iterator[torch.Tensor]:
        """Yield the samples ``(b, |X|, C)`` of ``(..., |X|, C)``, some at a time."""
        n = self.X.degree
        if x.dim() < 2 or x.shape[-2] != n:
            raise ModuleMismatchError(
                f"functions on {self.X.name} of {self.X.group_title} have shape (..., {n}, "
                f"channels), found {tuple(x.shape)}"
            )
        flat = x.detach().reshape(-1, n, x.shape[-1])
        size = max(1, most // max(1, n * x.shape[-1]))
        for start in range(0, max(len(flat), 1), size):
            yield flat[start : start + size]


class PartsByModule(dict[int, SimpleParts]):
    """The splitting of each module's functions, made once for each."""

    def of(self, X: Module) -> SimpleParts:
        """Return that of a module."""
        if id(X) not in self:
            self[id(X)] = SimpleParts(X)
        return self[id(X)]


def _wide(x: torch.Tensor) -> torch.Tensor:
    place = x.device if x.device.type in ("cpu", "cuda") else torch.device("cpu")
    return x.to(place, torch.float64)


def _through(transform: object, x: torch.Tensor) -> torch.Tensor:
    """Return a transform of numpy columns ``(n, k)`` applied to ``(b, n, C)``."""
    assert callable(transform)
    b, n, C = x.shape
    columns = x.permute(1, 0, 2).reshape(n, b * C).cpu().numpy()
    out = torch.from_numpy(np.ascontiguousarray(transform(columns)))
    return out.reshape(n, b, C).permute(1, 0, 2).to(x.device)
