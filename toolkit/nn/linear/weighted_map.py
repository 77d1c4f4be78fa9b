"""Linear maps that are computed from few weights by one of the methods."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import torch
from torch import is_grad_enabled
from torch.nn.functional import linear

from toolkit.errors import ModuleMismatchError
from toolkit.nn.linear.direct import DirectProduct
from toolkit.nn.linear.kept import LARGEST_KEPT, KeptOperator, bytes_of, can_be_kept
from toolkit.nn.linear.methods.gathered_matrix import matrix_product, sample_product
from toolkit.nn.linear.methods.whole_matrix_method import WholeMatrixMethod
from toolkit.nn.linear.prepared import is_prepared, prepared_operator
from toolkit.nn.linear.tensors.constants import NARROW, LayerWithConstants
from toolkit.nn.linear.tensors.eager import PLAIN, dispatch_modes, is_eager, tracer

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from toolkit.nn.linear.conversions import Conversion
    from toolkit.nn.linear.methods.by_name import Computation


class WeightedMap(LayerWithConstants):
    """A layer whose weights a method turns into an operator, and applies that.

    Its weights may be converted before, from one parametrisation to the other. In ``eval()`` the
    operator is kept while the weights have the same values (:mod:`toolkit.nn.linear.kept`).
    """

    weight: torch.Tensor
    computation: Computation | None
    conversion: Conversion | None = None
    invariants: Any  # what makes an invariant element of the bias, if there is one

    # what is kept for later calls is no part of the state: copies make their own
    _operator_kept: KeptOperator | None = None
    _direct: DirectProduct | None = None
    _weights_seen: tuple[object, ...] | None = None

    # -- the general way -----------------------------------------------------------------------

    def _operator(self, weight: torch.Tensor) -> Any:  # noqa: ANN401 - whatever form the method uses
        computation = self.computation
        assert computation is not None
        if self.conversion is None and computation.follows_narrow:
            return computation.operator(_with_contiguous_gradient(weight))
        with full_precision(weight.device.type):
            return computation.operator(self._converted_weights(weight))

    def _converted_weights(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the weights in the parametrisation and type that the method works with."""
        computation = self.computation
        assert computation is not None
        if self.conversion is None and computation.follows_narrow:
            return weight
        wide = _with_contiguous_gradient(weight)
        wide = wide.float() if weight.dtype in NARROW else wide
        if self.conversion is not None:
            wide = self.conversion(wide)
        return wide.to(weight.dtype) if computation.follows_narrow else wide

    def _matrix(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the whole matrix ``(m C_out, n C_in)``, of a method that applies it."""
        computation = self.computation
        assert isinstance(computation, WholeMatrixMethod)
        return computation.flat(self._operator(weight))

    def _made_or_kept(self, weight: torch.Tensor, make: Callable[[torch.Tensor], Any]) -> Any:  # noqa: ANN401
        """Return ``make(weight)``, or what it gave before for the same weights."""
        if torch.compiler.is_compiling() or (is_grad_enabled() and weight.requires_grad):
            return make(weight)
        if is_prepared(self):
            return prepared_operator(self, weight, make)
        if self.training or isinstance(self.computation, WholeMatrixMethod) or not is_eager():
            return make(weight)
        kept = self._operator_kept
        if kept is None or not kept.holds(weight, None):
            kept = self._keep(weight, None, make)
        return make(weight) if kept is None else kept.operator

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
        operator = self._made_or_kept(weight, self._operator)
        if computation.follows_narrow:
            y = computation.forward(x, operator, **bias)  # there are no hooks to run
        else:
            with full_precision(x.device.type):  # transforms know no narrow types
                y = computation.forward(x.to(computation.wide_dtype), operator, **bias)
        return y

    # -- the shortest way ----------------------------------------------------------------------

    def _quickly(self, x: torch.Tensor) -> torch.Tensor | None:
        """Return what ``forward`` does, by one product with the whole matrix.

        ``None`` where the method does not do that, or anything is out of the ordinary. Not for
        compilers.
        """
        parameters = self._parameters
        weight, bias = parameters.get("weight"), parameters.get("bias")
        direct = self._direct
        if direct is not None and not is_prepared(self):
            quick = direct.product(x, weight, bias, self.computation)
            if quick is not None:
                return quick
        kept = self._operator_kept
        if kept is not None:
            is_seen = dispatch_modes() or tracer()  # a program would hold today's matrix
            if is_seen or kept.transposed is None or not kept.holds(weight, bias):
                kept = None
            elif not is_grad_enabled() or not _requires_grad(weight, bias):
                return kept.product(x)
        if weight is None or (bias is None and not self._has_no_bias()):
            return None  # computed from other parameters
        computation = self.computation
        if not isinstance(computation, WholeMatrixMethod):
            return None
        y: torch.Tensor
        device, dtype, shape = x.device, x.dtype, x.shape
        if (
            dtype is not weight.dtype
            or device != weight.device
            or len(shape) < 2
            or shape[-1] != weight.shape[-1]
            or shape[-2] != computation.shape[1]
            or type(x) not in PLAIN
            or type(weight) not in PLAIN
            or not is_eager()
            or (dtype is not torch.float64 and _autocast_enabled(device.type))
        ):
            return None
        if kept is None and not self.training:
            kept = self._keep(weight, bias, self._matrix)
            if kept is not None and not (is_grad_enabled() and _requires_grad(weight, bias)):
                return kept.product(x)
        if is_prepared(self) and not (is_grad_enabled() and _requires_grad(weight, bias)):
            self.follow(weight)
            whole = prepared_operator(self, weight, self._matrix)
            y = linear(x.reshape(-1, whole.shape[1]), whole)
            y = y.view(*shape[:-2], computation.shape[0], -1)
            if bias is not None:
                y = y + self.invariants.read(bias)
            return y
        gathered = computation.gathered(weight)
        if gathered is None:
            return None
        constant = bias if bias is not None and self.invariants.is_constant else None
        if self.conversion is not None or constant is not bias:
            self.follow(weight)
        own = weight if self.conversion is None else self._converted_weights(weight)
        if not own.is_contiguous():
            own = own.contiguous()
        elif own is weight and self.training and not weight.is_meta and not is_prepared(self):
            self.follow(weight)
            invariants = None if bias is None else self.invariants
            direct = DirectProduct(weight, bias, invariants, computation, gathered)
            self.__dict__["_direct"] = direct
            return direct.product(x, weight, bias, computation)
        samples = x if len(shape) == 3 else x.reshape(-1, *shape[-2:])
        if kept is None and x.numel() < gathered.few:
            y = sample_product(samples, own, constant, gathered)
        else:
            matrix = None if kept is None else kept.matrix
            y = matrix_product(samples, own, constant, gathered, matrix)
        if len(shape) != 3:
            y = y.view(*shape[:-2], *y.shape[1:])
        if bias is not None and bias is not constant:
            y = y + self.invariants.read(bias)
        return y

    def _has_no_bias(self) -> bool:
        if "bias" in self._parameters:
            return self._parameters["bias"] is None
        empty = self._buffers.get("bias")  # of a module without invariants
        return empty is not None and not empty.numel()

    # -- operators that are kept ---------------------------------------------------------------

    def _keep(
        self,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        make: Callable[[torch.Tensor], Any],
    ) -> KeptOperator | None:
        """Keep the operator of these parameters and return it, if they were seen before."""
        if not can_be_kept(weight) or not (bias is None or can_be_kept(bias)):
            return None
        seen = (_place(weight), None if bias is None else _place(bias))
        if self._weights_seen != seen:
            self.__dict__["_weights_seen"] = seen
            return None
        self.follow(weight)
        computation = self.computation
        matrix = shift = None
        # an inference tensor could not be used outside of inference mode later
        with torch.inference_mode(False), torch.no_grad(), full_precision("cpu"):
            operator = make(weight)
            if 2 * bytes_of(weight) + bytes_of(operator) > LARGEST_KEPT:
                return None
            if isinstance(computation, WholeMatrixMethod):
                matrix = operator
                if bias is not None:
                    size = computation.shape[0], weight.shape[1]
                    shift = self.invariants.read(bias).expand(size).reshape(-1).clone()
            kept = KeptOperator(weight, bias, operator, matrix, shift)
        self.__dict__["_operator_kept"] = kept
        return kept

    def forget_operator(self) -> None:
        """Free the operator that was kept from earlier calls in ``eval()``."""
        for name in _NO_STATE:
            self.__dict__.pop(name, None)

    def train(self, mode: bool = True) -> Self:
        """Set training mode, as in torch; the operator kept in ``eval()`` is dropped."""
        self.forget_operator()
        return super().train(mode)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what was kept from earlier calls."""
        return {key: value for key, value in self.__dict__.items() if key not in _NO_STATE}

    def _apply(self, fn: Callable[[torch.Tensor], torch.Tensor], recurse: bool = True) -> Any:  # noqa: ANN401 - as torch's own
        self.forget_operator()
        return super()._apply(fn, recurse)


_NO_STATE = ("_operator_kept", "_weights_seen", "_direct")


def _with_contiguous_gradient(weight: torch.Tensor) -> torch.Tensor:
    """Return the weight such that its gradient is computed with the strides of a new tensor.

    Torch copies a gradient whose strides are not the parameter's, but for axes of length 1, where
    others (DistributedDataParallel) tell them apart.
    """
    if 1 in weight.shape and weight.requires_grad and is_grad_enabled():
        return weight.flatten().view(weight.shape)
    return weight


def _place(tensor: torch.Tensor) -> tuple[int, int, int | None]:
    """Return what changes with every change that torch knows of."""
    # an inference tensor counts no versions: it can only change within inference mode
    return id(tensor), tensor.data_ptr(), None if tensor.is_inference() else tensor._version


def _requires_grad(weight: torch.Tensor | None, bias: torch.Tensor | None) -> bool:
    assert weight is not None
    return weight.requires_grad or (bias is not None and bias.requires_grad)


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
