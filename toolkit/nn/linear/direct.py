"""The quickest way from parameters to an output, for layers that are trained as they are.

What a call must ask before it may go this way is answered once and kept. What may have changed
between two calls is asked again with each: the parameters, their types and sizes, and the input.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import is_autocast_enabled

from toolkit.nn.linear.methods.gathered_matrix import matrix_product, sample_product
from toolkit.nn.linear.tensors.eager import PLAIN, is_eager

if TYPE_CHECKING:
    from toolkit.nn.linear.methods.gathered_matrix import GatheredMatrix


class DirectProduct:
    """A layer's product, by the quickest of the ways that its tables know.

    Parameters
    ----------
    weight
        ``(R, C_out, C_in)`` the parameter, contiguous, in the parametrization of the tables.
    bias
        The parameter; ``None`` if there is none.
    invariants
        What makes an invariant element of the bias, in the place and type of the weight.
    computation
        The method that the tables belong to.
    gathered
        The tables.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C2").regular_module()
    >>> layer = tk.nn.EquivariantLinear(X, X, 4, 4)
    >>> weight, bias, method = layer.weight, layer.bias, layer.computation
    >>> direct = DirectProduct(weight, bias, layer.invariants, method, method.gathered(weight))
    >>> x = torch.randn(3, 2, 4)
    >>> torch.equal(direct.product(x, weight, bias, method), layer(x))
    True
    >>> direct.product(x.double(), weight, bias, method) is None  # not in this way
    True
    """

    __slots__ = (
        "_bias",
        "_computation",
        "_constant",
        "_device",
        "_dtype",
        "_entries",
        "_few",
        "_gathered",
        "_invariants",
        "_kind",
        "_least",
        "_shape",
        "_size",
        "_takes_one",
        "_weight",
    )

    def __init__(
        self,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        invariants: Any,  # noqa: ANN401 - of the layer's biases
        computation: object,
        gathered: GatheredMatrix,
    ) -> None:
        self._weight, self._bias = weight, bias
        self._constant = bias if invariants is not None and invariants.is_constant else None
        self._invariants = None if bias is self._constant else invariants
        self._computation, self._gathered = computation, gathered
        self._shape, self._dtype, self._device = weight.shape, weight.dtype, weight.device
        self._kind = weight.device.type
        _, n, _, into = gathered.size
        self._size = n, into
        self._few = gathered.few / (n * into)
        entries = gathered.entries
        # sums of many gradients are not for narrow types, and on a GPU they have no fixed order
        if self._kind != "cpu" or self._dtype not in (torch.float32, torch.float64):
            entries = None
        self._entries = entries
        self._takes_one = entries is not None and entries.takes_one
        self._least = float("inf") if entries is None else entries.least

    def product(
        self,
        x: torch.Tensor,
        weight: torch.Tensor | None,
        bias: torch.Tensor | None,
        computation: object,
    ) -> torch.Tensor | None:
        """Return ``(..., m, C_out)`` for ``x`` of shape ``(..., n, C_in)``, the bias included.

        ``None`` if weight, bias and method are not those that this was made for, or anything about
        the input or the call is out of the ordinary.
        """
        shape, (n, into) = x.shape, self._size
        if len(shape) != 3:
            if len(shape) < 2 or shape[-1] != into or shape[-2] != n:
                return None
            y = self.product(x.reshape(-1, n, into), weight, bias, computation)
            return None if y is None else y.view(*shape[:-2], *y.shape[1:])
        dtype = self._dtype
        if (
            weight is None
            or weight is not self._weight
            or bias is not self._bias
            or computation is not self._computation
            or shape[2] != into
            or shape[1] != n
            or x.dtype is not dtype
            or weight.dtype is not dtype
            or x.device != self._device
            or weight.shape != self._shape
            or not weight.is_contiguous()
            or type(x) not in PLAIN
            or not is_eager()
            or is_autocast_enabled(self._kind)
        ):
            return None
        constant, batch = self._constant, shape[0]
        if batch == 1 and self._takes_one:
            assert self._entries is not None
            y = self._entries.of_one(x, weight, constant)
        elif batch >= self._least:
            assert self._entries is not None
            y = self._entries.of_many(x, weight, constant)
        elif batch < self._few:
            y = sample_product(x, weight, constant, self._gathered)
        else:
            y = matrix_product(x, weight, constant, self._gathered, None)
        if self._invariants is not None and bias is not None:
            y = y + self._invariants.read(bias)
        return y
