"""The pooled method between functions on tuples: sums over axes, small products, copies along axes.

Where the orbitals are the equality patterns (:mod:`toolkit.modules.tuples`), the fibre products of
the maps from tuples to shorter tuples are the terms of
:class:`~toolkit.modules.gsets.equality_patterns.TupleTerms`. No table is needed, and no index.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from toolkit.nn.linear.tensors.constants import ConstantModule
from toolkit.nn.linear.tensors.tuple_maps import TuplePlan

if TYPE_CHECKING:
    import torch

    from toolkit.modules.tuples import TupleSpace


class PooledTuplesMethod(ConstantModule):
    """Maps between functions on tuples, from orbit weights.

    Parameters
    ----------
    space
        The maps, whose orbitals are the patterns.
    device, dtype
        As in torch.
    """

    takes_bias = True

    def __init__(
        self, space: TupleSpace, device: torch.device | None, dtype: torch.dtype | None
    ) -> None:
        super().__init__(device, dtype)
        terms = space.terms
        self.plan, self.sizes = TuplePlan(terms), space.sizes
        self.source = space.lengths(terms.source)
        factors = terms.moebius[terms.term_order][:, space.has_points]
        self.constant("factors", factors.astype("float64"))
        there = space.target.moebius[:, space.target.has_sizes(space.sizes)]
        self.constant("bias_factors", there.astype("float64"))

    def operator(self, weight: torch.Tensor) -> list[torch.Tensor]:
        """Return the weights of :class:`~toolkit.nn.linear.tensors.tuple_maps.TuplePlan`."""
        factors = self.table("factors").to(weight.dtype) @ weight.flatten(1)
        return self.plan.weights(factors.reshape(-1, *weight.shape[1:]))

    def forward(
        self, x: torch.Tensor, operator: list[torch.Tensor], bias: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Return ``(b, m, C_out)`` for ``x`` of shape ``(b, n, C_in)``.

        Parameters
        ----------
        x
            The input.
        operator
            The weights.
        bias
            ``(orbits of Y, C_out)``, or ``None``.
        """
        batch, _, into = x.shape
        if bias is not None:
            bias = self.table("bias_factors").to(x.dtype) @ bias.to(x.dtype)
        x = x.reshape(batch, *self.source, into)
        y = self.plan.apply(x, operator, self.sizes, bias=bias)
        return y.reshape(batch, math.prod(y.shape[1:-1]), y.shape[-1])
