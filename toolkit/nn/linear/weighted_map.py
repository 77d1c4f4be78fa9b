"""Linear maps that are computed from few weights by one of the methods."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import torch

from toolkit.errors import ModuleMismatchError
from toolkit.nn.linear.constants import NARROW, LayerWithConstants
from toolkit.nn.linear.prepared import kept_operator

if TYPE_CHECKING:
    from toolkit.nn.linear.conversions import Conversion
    from toolkit.nn.linear.methods.by_name import Computation

__all__ = ["WeightedMap", "result_dtype"]


class WeightedMap(LayerWithConstants):
    """A layer whose weights a method turns into an operator, and applies that.

    Its weights may be converted before, from one parametrisation to the other.
    """

    weight: torch.Tensor
    computation: Computation | None
    conversion: Conversion | None

    def _operator(self) -> Any:  # noqa: ANN401 - whatever form the method takes
        weight: torch.Tensor = self.weight
        computation = self.computation
        assert computation is not None
        if self.conversion is None and computation.follows_narrow:
            return computation.operator(weight)
        with _full_precision(weight.device.type):
            if weight.dtype in NARROW:
                weight = weight.float()
            if self.conversion is not None:
                weight = self.conversion(weight)
            if computation.follows_narrow:
                weight = weight.to(self.weight.dtype)
            return computation.operator(weight)

    def _applied(self, x: torch.Tensor, points: int) -> torch.Tensor:
        """Return ``(b, points, C_out)`` for ``x`` of shape ``(b, n, C_in)``; there are weights."""
        computation = self.computation
        assert computation is not None
        if x.shape[0] == 0:  # transforms refuse it
            nothing = x[:, :1, :1] * self.weight.sum()
            return nothing.expand(0, points, self.weight.shape[1])
        operator = kept_operator(computation, self.weight, self._operator)
        y: torch.Tensor
        if computation.follows_narrow:
            y = computation(x, operator)
        else:
            with _full_precision(x.device.type):  # transforms know no narrow types
                y = computation(x.to(computation.wide_dtype), operator)
        return y


def result_dtype(x: torch.Tensor, weight: torch.Tensor | None) -> torch.dtype:
    """Return a layer's output type, as that of ``torch.nn.Linear`` would be."""
    kind = x.device.type
    if x.is_floating_point() and _autocast_enabled(kind):
        return x.dtype if x.dtype == torch.float64 else torch.get_autocast_dtype(kind)
    if weight is not None and x.dtype != weight.dtype:
        raise ModuleMismatchError(
            f"the input must have the weights' type {weight.dtype}, found {x.dtype}"
        )
    return x.dtype


def _autocast_enabled(kind: str) -> bool:
    # the question is asked only where the answer is not known: older compilers cannot trace it
    has_autocast = kind in ("cpu", "cuda") or torch.amp.is_autocast_available(kind)
    return has_autocast and torch.is_autocast_enabled(kind)


def _full_precision(kind: str) -> contextlib.AbstractContextManager[Any]:
    """Return a context without autocast."""
    if _autocast_enabled(kind):
        return torch.autocast(kind, enabled=False)
    return contextlib.nullcontext()
