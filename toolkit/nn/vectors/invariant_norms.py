"""Invariants of vectors: the norm of each copy of a simple."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from toolkit.nn.linear.tensors.constants import LayerWithConstants
from toolkit.nn.vectors.inputs import require_element
from toolkit.nn.vectors.simple_copies import SimpleCopies
from toolkit.nn.vectors.trivial_modules import fixed_points

if TYPE_CHECKING:
    from toolkit.modules.module import Module
    from toolkit.modules.permutation_module import PermutationModule


class InvariantNorms(LayerWithConstants):
    """An invariant number for each copy of a simple and channel, from elements of a module.

    For a copy of the trivial simple it is the value itself. For any other simple it is the square
    root of the mean square of its coordinates plus 1e-6, in an invariant inner product; this is
    smooth even at 0.

    Parameters
    ----------
    V
        The module: a linear one, or any other with a Fourier basis.
    device, dtype
        As in torch.

    Raises
    ------
    NotAvailable
        If V has no Fourier basis.

    Notes
    -----
    Maps ``(..., dim V, C)`` to ``(..., copies, C)``. On permutation modules
    :class:`~toolkit.nn.InvariantPooling` over the points of each orbit is an alternative.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> V = tk.group("D8").natural_module()
    >>> layer = InvariantNorms(V)
    >>> layer
    InvariantNorms(L0, L1, L4 in 4 points of D8)
    >>> layer(torch.ones(5, 4, 1))[0].flatten().tolist()
    [2.0, 0.0010000000474974513, 0.0010000000474974513]
    """

    copies: SimpleCopies

    def __init__(
        self,
        V: Module,
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.X = V
        where = None if device is None else torch.device(device)
        self.keep("copies", SimpleCopies(V, where, dtype))

    @property
    def size(self) -> int:
        """The number of invariants per channel: copies of simples."""
        return self.copies.count

    @property
    def Y(self) -> PermutationModule:
        """The trivial module with a point for each invariant."""
        return fixed_points(self.X, f"invariants of {self.X.name}", self.size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the invariants, ``(..., copies, C)``."""
        require_element(x, self.X)
        self.copies.follow(x)
        return self.copies.read_invariants(x)

    def extra_repr(self) -> str:
        """Describe the simples and the module."""
        labels = ", ".join(self.copies.labels)
        return f"{labels} in {self.X.name} of {self.X.group_title}"
