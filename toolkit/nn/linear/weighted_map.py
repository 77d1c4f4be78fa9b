"""Linear maps that are computed from few weights by one of the methods."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import torch

from toolkit.errors import ModuleMismatchError
from toolkit.nn.linear.prepared import kept_operator
from toolkit.nn.linear.tensors.constants import NARROW, LayerWithConstants

if TYPE_CHECKING:
    from toolkit.nn.linear.conversions import Conversion
    from toolkit.nn.linear.methods.by_name import Computation


class WeightedMap(LayerWithConstants):
    """A layer whose weights a method turns into an operator, and applies that.

    Its weights may be converted before, from one parametrisation to the other.
    """

    weight: torch.Tensor
    computation: Computation | None
    conversion: Conversion | None = None

    def _operator(self, weight: torch.Tensor) -> Any:  # noqa: ANN401 - whatever form the method uses
        computation = self.computation
        assert computation is not None
        if self.conversion is None and computation.follows_narrow:
            return computation.operator(weight)
        with full_precision(weight.device.type):
            wide = weight.float() if weight.dtype in NARROW else weight
            if self.conversion is not None:
                wide = self.conversion(wide)
            if computation.follows_narrow:
                wide = wide.to(weight.dtype)
            return computation.operator(wide)

    def _applied(
        self,
        x: torch.Tensor,
        weight: torch.Tensor,
        points: int,
        **bias: torch.Tensor,
    ) -> torch.Tensor:
        """Return ``(..., points, C_out)`` for ``x`` of shape ``(..., n, C_in)``; R is not 0.

        ``bias=`` is for methods that add it themselves.
        """
        if x.dim() != 3:
            y: torch.Tensor = self._applied(x.reshape(-1, *x.shape[-2:]), weight, points, **bias)
            return y.reshape(*x.shape[:-2], *y.shape[-2:])
        computation: Any = self.computation
        if x.shape[0] == 0:  # transforms refuse it
            nothing = x[:, :1, :1] * (weight.sum() + sum(own.sum() for own in bias.values()))
            return nothing.expand(0, points, weight.shape[1])
        operator = kept_operator(computation, weight, self._operator)
        if computation.follows_narrow:
            y = computation.forward(x, operator, **bias)  # there are no hooks to run
        else:
            with full_precision(x.device.type):  # transforms know no narrow types
                y = computation.forward(x.to(computation.wide_dtype), operator, **bias)
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
    # is_autocast_available is called only where necessary: older compilers cannot trace it
    has_autocast = kind in ("cpu", "cuda") or torch.amp.is_autocast_available(kind)
    return has_autocast and torch.is_autocast_enabled(kind)


def full_precision(kind: str) -> contextlib.AbstractContextManager[Any]:
    """Return a context without autocast."""
    if _autocast_enabled(kind):
        return torch.autocast(kind, enabled=False)
    return contextlib.nullcontext()
