"""Real fast Fourier transforms of several axes, in pairs of real and imaginary parts.

They are torch's, except in an ONNX export: the DFT of onnxruntime is imprecise for lengths that
are not powers of two (an error of 1e-4 at length 1000), so there the transform is a product with
matrices, axis by axis, unless an axis is very long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The longest axis that becomes a matrix in an ONNX export.
LONGEST = 2048


def to_spectrum(x: torch.Tensor, orders: tuple[int, ...], first: int) -> torch.Tensor:
    """Return the half spectrum of real data, with an axis of two (re, im) at the end.

    Parameters
    ----------
    x
        Data whose axes ``first``, ``first + 1``, ... have lengths ``orders``.
    orders
        The lengths.
    first
        The first of the axes.
    """
    if not _by_matrices(orders):
        axes = tuple(range(first, first + len(orders)))
        return torch.view_as_real(torch.fft.rfftn(x, dim=axes))
    last = first + len(orders) - 1
    pairs = _contract(x.unsqueeze(-1), last, _waves(orders[-1])[:, :1, : orders[-1] // 2 + 1])
    for i, order in enumerate(orders[:-1]):
        pairs = _contract(pairs, first + i, _waves(order))
    return pairs


def from_spectrum(pairs: torch.Tensor, orders: tuple[int, ...], first: int) -> torch.Tensor:
    """Return real data of its half spectrum, the inverse of :func:`to_spectrum`.

    Parameters
    ----------
    pairs
        Contiguous, of shape ``(..., 2)``.
    orders
        The lengths of the data.
    first
        The first of the axes.
    """
    if not _by_matrices(orders):
        axes = tuple(range(first, first + len(orders)))
        data: torch.Tensor = torch.fft.irfftn(torch.view_as_complex(pairs), s=orders, dim=axes)
        return data
    for i, order in enumerate(orders[:-1]):
        pairs = _contract(pairs, first + i, _waves(order).transpose(2, 3, 0, 1) / order)
    order, half = orders[-1], orders[-1] // 2 + 1
    back = _waves(order)[:, :1, :half].transpose(2, 3, 0, 1) / order
    # a wave that is not its own conjugate counts twice
    twice = [1.0 if 2 * k % order == 0 else 2.0 for k in range(half)]
    last = first + len(orders) - 1
    return _contract(pairs, last, back * np.reshape(twice, (half, 1, 1, 1))).squeeze(-1)


def _by_matrices(orders: tuple[int, ...]) -> bool:
    if not torch.onnx.is_in_onnx_export():
        return False
    return any(n & (n - 1) for n in orders) and max(orders) <= LONGEST


def _waves(order: int) -> NDArray[np.float64]:
    """Return ``(n, 2, n, 2)`` [j, c, k, d]: part d of i^c exp(-2 pi i j k / n)."""
    angles = np.arange(order)[:, None] * np.arange(order) % order * (2 * np.pi / order)
    cosines, sines = np.cos(angles), np.sin(angles)
    parts = np.array([[cosines, -sines], [sines, cosines]])  # (c, d, j, k)
    return parts.transpose(2, 0, 3, 1)


def _contract(pairs: torch.Tensor, axis: int, matrix: NDArray[np.float64]) -> torch.Tensor:
    """Return ``pairs`` with an axis and the pair multiplied by a ``(n, c, k, d)`` matrix."""
    table = torch.from_numpy(matrix.copy()).to(device=pairs.device, dtype=pairs.dtype)
    product: torch.Tensor = torch.tensordot(pairs, table, dims=([axis, pairs.dim() - 1], [0, 1]))
    return product.movedim(-2, axis)
