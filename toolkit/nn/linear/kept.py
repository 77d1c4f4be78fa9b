"""Operators kept while weights have the same values, for layers in ``eval()``.

A layer's weights are turned into an operator for every call in training, as they change between
calls. In evaluation they mostly do not, and for small groups this is most of the time. So a layer
in ``eval()`` keeps its operator, and with each call compares its weights, byte by byte, with those
that the operator was made from. Counting versions would be cheaper by a tenth of a microsecond and
would not do: a change through ``weight.data``, as moving averages of weights and target networks
often make it, is not counted by torch.

The bytes are read where they lie. A numpy array of the same memory would make torch refuse to
resize it, which some ways of sharding weights need.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Bytes of weights and operator, together, up to which a layer keeps them of its own accord.
LARGEST_KEPT = 1 << 26

_FEW_BYTES = 1 << 16  # compared as bytes, beyond as tensors


class Snapshot:
    """The values of a parameter on the CPU at one time.

    Parameters
    ----------
    tensor
        The parameter, contiguous.

    Examples
    --------
    >>> weight = torch.nn.Parameter(torch.ones(3))
    >>> snapshot = Snapshot(weight)
    >>> weight.data[1] = 2
    >>> snapshot.holds(weight)
    False
    """

    __slots__ = ("_address", "_alias", "_copy", "_memory", "_tensor", "_values")

    def __init__(self, tensor: torch.Tensor) -> None:
        self._tensor = tensor
        # while the alias lives, no other tensor can get this address
        self._alias = _as_integers(tensor.detach())
        self._address = tensor.data_ptr()
        size = tensor.numel() * tensor.element_size()
        self._memory: memoryview | None = None
        self._values: bytes | None = None
        self._copy: torch.Tensor | None = None
        if size <= _FEW_BYTES:
            self._memory = memoryview((ctypes.c_ubyte * size).from_address(self._address))
            self._values = self._memory.tobytes()
        else:
            self._copy = self._alias.clone()

    def holds(self, tensor: torch.Tensor | None) -> bool:
        """Whether this is the parameter, where it was and with the values that it had."""
        if (
            tensor is not self._tensor
            or tensor.data_ptr() != self._address
            or not tensor.is_contiguous()
        ):
            return False
        memory = self._memory
        if memory is None:
            assert self._copy is not None
            return torch.equal(self._alias, self._copy)
        return memory.tobytes() == self._values


def _as_integers(tensor: torch.Tensor) -> torch.Tensor:
    """Return the bytes of a contiguous tensor as integers: they are compared bit by bit."""
    flat = tensor.view(-1)
    wide = flat.numel() * flat.element_size() % 8 == 0 and flat.data_ptr() % 8 == 0
    return flat.view(torch.int64) if wide else flat.view(torch.uint8)


def can_be_kept(tensor: torch.Tensor | None) -> bool:
    """Whether changes of a parameter's values can be seen: it lies in this process's memory."""
    return (
        tensor is not None
        and tensor.device.type == "cpu"
        and tensor.is_contiguous()
        and tensor.data_ptr() != 0
        and not tensor.is_complex()
    )


class KeptOperator:
    """An operator, and the values of the parameters that it was made from.

    Parameters
    ----------
    weight, bias
        The parameters; ``None`` for a bias that plays no part.
    operator
        What the method applies.
    matrix
        ``(m C_out, n C_in)`` the whole matrix, if the method is to apply that.
    shift
        ``(m C_out,)`` the bias at every point, if there is one.
    """

    __slots__ = (
        "_bias",
        "_dtype",
        "_shift",
        "_size",
        "_weight",
        "matrix",
        "operator",
        "transposed",
    )

    def __init__(
        self,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        operator: Any,  # noqa: ANN401 - whatever form the method uses
        matrix: torch.Tensor | None,
        shift: torch.Tensor | None,
    ) -> None:
        self._weight = Snapshot(weight)
        self._bias = None if bias is None else Snapshot(bias)
        self.operator, self.matrix, self._shift = operator, matrix, shift
        self._dtype = weight.dtype
        _, out, into = weight.shape
        self._size = (0, out, 0, into)
        self.transposed = matrix
        if matrix is not None:
            self._size = (len(matrix) // out, out, matrix.shape[1] // into, into)
            self.transposed = matrix.t()

    def holds(self, weight: torch.Tensor | None, bias: torch.Tensor | None) -> bool:
        """Whether the parameters are those that the operator was made from, unchanged."""
        if not self._weight.holds(weight):
            return False
        return bias is None if self._bias is None else self._bias.holds(bias)

    def product(self, x: torch.Tensor) -> torch.Tensor | None:
        """Return ``(..., m, C_out)`` for ``x`` of shape ``(..., n, C_in)``, the bias included.

        ``None`` if the input has another shape or type.
        """
        m, out, n, into = self._size
        shape = x.shape
        if x.dtype is not self._dtype or shape[-1] != into or len(shape) < 2 or shape[-2] != n:
            return None
        flat, matrix, shift = x.reshape(-1, n * into), self.transposed, self._shift
        assert matrix is not None
        y = torch.mm(flat, matrix) if shift is None else torch.addmm(shift, flat, matrix)
        return y.view(shape[0], m, out) if len(shape) == 3 else y.view(*shape[:-2], m, out)


def bytes_of(operator: Any) -> int:  # noqa: ANN401 - whatever form the method uses
    """Return the number of bytes of all tensors of an operator."""
    return sum(t.numel() * t.element_size() for t in _tensors(operator))


def _tensors(operator: Any) -> Iterator[torch.Tensor]:  # noqa: ANN401
    if isinstance(operator, torch.Tensor):
        yield operator
    elif isinstance(operator, (list, tuple)):
        for part in operator:
            yield from _tensors(part)
