"""Frames: from vectors to functions on points, where every activation is legal, and back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from toolkit.library.fourier import fourier_basis
from toolkit.modules.fourier.copies import END_UNITS
from toolkit.nn.activation import Pointwise
from toolkit.nn.linear.blocks import BlockLayout
from toolkit.nn.linear.tensors.constants import ConstantModule, LayerWithConstants
from toolkit.nn.linear.weighted_map import full_precision
from toolkit.nn.vectors.frame_modules import require_contained, smallest_containing
from toolkit.nn.vectors.inputs import require_element

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.module import Module
    from toolkit.nn.activation import ActivationLike

#: Seed of the fixed maps that choose copies where X has more of a simple than V.
_SEED = 20


class _Matrix(ConstantModule):
    """One constant matrix ``(m, n)``."""

    def __init__(
        self, matrix: NDArray[np.float64], device: torch.device | None, dtype: torch.dtype | None
    ) -> None:
        super().__init__(device, dtype)
        self.constant("matrix", matrix)

    def apply_to(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., m, C)`` for ``x`` of shape ``(..., n, C)``."""
        with full_precision(x.device.type):
            y = self.table("matrix") @ x.to(self.wide_dtype)
        return y.to(x.dtype)


class FrameMap(LayerWithConstants):
    """One direction of a :class:`Frame`: a fixed equivariant linear map, without parameters.

    Parameters
    ----------
    X, Y
        The modules of input and output.
    matrix
        ``(dim Y, dim X)`` the matrix of the map.
    device, dtype
        As in torch.

    Notes
    -----
    Maps ``(..., dim X, C)`` to ``(..., dim Y, C)``, for any number of channels.

    Examples
    --------
    The two directions of a frame are inverse to each other on its module:

    >>> import torch, toolkit as tk
    >>> G = tk.group("S4")
    >>> frame = tk.nn.Frame(G.natural_module(), G.regular_module())
    >>> v = torch.ones(4, 16)
    >>> torch.allclose(frame.decode(frame.encode(v)), v, atol=1e-5)
    True
    """

    map: _Matrix

    def __init__(
        self,
        X: Module,
        Y: Module,
        matrix: NDArray[np.float64],
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.X, self.Y = X, Y
        where = None if device is None else torch.device(device)
        self.keep("map", _Matrix(matrix, where, dtype))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the image, ``(..., dim Y, C)``."""
        require_element(x, self.X)
        self.map.follow(x)
        return self.map.apply_to(x)

    def extra_repr(self) -> str:
        """Describe the modules."""
        return f"{self.X.name} -> {self.Y.name} of {self.X.group_title}"


class Frame(nn.Module):
    r"""An activation for vectors: map to functions on X, activate each point, and map back.

    A frame is an equivariant injection of V into Fun(X): coordinate x of ``encode(v)`` is the inner
    product of v with a vector w_x, and the w_x are orbits of G. ``decode`` is its pseudo-inverse,
    with ``decode(encode(v)) = v``, and the layer is ``decode(f(encode(v)))``.

    Parameters
    ----------
    V
        The module: a linear one, or any other with a Fourier basis.
    X
        A permutation module in which every simple occurs at least as often as in V. ``None`` for
        the one with the fewest points: orbits of vectors with stabilisers as large as possible.
    activation
        f; see :class:`~toolkit.nn.Pointwise`.
    device, dtype
        As in torch.

    Raises
    ------
    ModuleMismatchError
        If V does not embed in Fun(X); this is decided exactly, by multiplicities.
    NotAvailable
        If X is omitted and the group's subgroups are out of reach, or if there are no Fourier
        bases.

    Notes
    -----
    Maps ``(..., dim V, C)`` to the same shape. In Fourier coordinates the frame is an isometry
    times ``sqrt(|X| / dim V)``, so that values at points have the same variance as coordinates. If
    X has more copies of a simple than V, generic fixed combinations of them are used. ``.encode``
    and ``.decode`` are separate layers (:class:`FrameMap`), between which any network on Fun(X) can
    be used.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> G = tk.group("S4")
    >>> frame = Frame(G.natural_module(), G.regular_module())
    >>> frame.encode(torch.zeros(5, 4, 16)).shape, frame(torch.zeros(5, 4, 16)).shape
    (torch.Size([5, 24, 16]), torch.Size([5, 4, 16]))
    """

    #: How many axes of a grid follow the channels, in the input and in the output.
    grid_axes: tuple[int | None, int | None] = (0, 0)

    def __init__(
        self,
        V: Module,
        X: Module | None = None,
        activation: ActivationLike = "relu",
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        points = smallest_containing(V) if X is None else X
        require_contained(V, points)
        encode, decode = frame_matrices(V, points)
        self.X = self.Y = V
        self.encode = FrameMap(V, points, encode, device, dtype)
        self.activation = Pointwise(activation, points, device=device, dtype=dtype)
        self.decode = FrameMap(points, V, decode, device, dtype)

    @property
    def points(self) -> Module:
        """The permutation module on whose points the activation acts."""
        return self.encode.Y

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the activated elements, ``(..., dim V, C)``."""
        y: torch.Tensor = self.decode(self.activation(self.encode(x)))
        return y

    def reset_parameters(self) -> None:
        """Set a trained slope of the activation to its initial value."""
        self.activation.reset_parameters()


def frame_matrices(V: Module, X: Module) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the matrices ``(|X|, dim V)`` and ``(dim V, |X|)`` of a frame and its inverse."""
    to, of = fourier_basis(X), fourier_basis(V)
    layout = BlockLayout(to, of)
    to_rows, of_rows = layout.rows
    blocks = []
    for number, shape in enumerate(layout.shapes):
        own = _isometry(shape.target, shape.source, END_UNITS[shape.type], number)
        blocks.extend([own] * (len(shape.labels) * shape.positions))
    middle = np.zeros((sum(len(b) for b in blocks), sum(b.shape[1] for b in blocks)))
    row = column = 0
    for block in blocks:
        m, n = block.shape
        middle[row : row + m, column : column + n] = block
        row, column = row + m, column + n
    scale = math.sqrt(X.degree / V.degree)
    encode = to.inverse[:, to_rows] @ middle @ of.matrix[of_rows] * scale
    decode = of.inverse[:, of_rows] @ middle.T @ to.matrix[to_rows] / scale
    return encode, decode


def _isometry(
    target: int, source: int, units: NDArray[np.float64], number: int
) -> NDArray[np.float64]:
    """Return a real ``(target e, source e)`` matrix over D with orthonormal columns."""
    e = units.shape[1]
    if target == source:
        return np.eye(target * e)
    noise = np.random.default_rng([_SEED, number]).standard_normal((len(units), target, source))
    over = np.einsum("cts,cfa->tfsa", noise, units).reshape(target * e, source * e)
    # the polar factor of a matrix over D is one over D
    u, _, v = np.linalg.svd(over, full_matrices=False)
    isometry: NDArray[np.float64] = u @ v
    return isometry
