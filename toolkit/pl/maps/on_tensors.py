"""Named activations on torch tensors, without importing torch.

A tensor can only be handed over by a caller who has imported torch, so it is taken from the modules
that are loaded. Dtype, device and gradients are those of the tensor.
"""

from __future__ import annotations

import sys
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import ModuleMismatchError, UnsupportedActivationError
from toolkit.pl.activations.registry import NAMES
from toolkit.pl.maps.apply import rounding

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.pl.activations.activation import Activation
    from toolkit.pl.maps.pl_map import PLMap

    Function = Callable[[Any], Any]

__all__ = ["apply_to_tensor", "on_tensors"]

#: Where torch keeps the activations without numbers: its own names, or those of nn.functional.
_OWN = ("tanh", "erf", "sin", "cos", "sigmoid")
_FUNCTIONAL = (
    "gelu", "silu", "logsigmoid", "selu", "mish", "hardsigmoid", "hardswish", "softsign",
    "tanhshrink", "relu6",
)  # fmt: skip


def apply_to_tensor(phi: PLMap, v: Any) -> Any:  # noqa: ANN401 - tensors
    """Return a map's values ``(..., e)`` at a tensor ``(..., d)``: its dtype, device, gradients."""
    torch: Any = sys.modules["torch"]
    phi.require_shape(tuple(v.shape))
    if v.is_complex():
        raise ModuleMismatchError(
            f"vectors of {phi.source.label} are real numbers, found a tensor of {v.dtype}"
        )
    if not v.is_floating_point():
        v = v.to(torch.get_default_dtype())
    into, out = (
        torch.as_tensor(array, dtype=v.dtype, device=v.device)
        for array in (phi.vectors, phi.covectors)
    )
    inner = v @ into.T
    if phi.jumping_kinks.size:
        eps = float(torch.finfo(v.dtype).eps)
        slack = rounding(phi, eps) * v.detach().norm(dim=-1, keepdim=True)
        for k in phi.jumping_kinks.tolist():
            near = (inner.detach() - k).abs() <= slack + 4.0 * eps * abs(k)
            # moved, not replaced: gradients stay
            inner = inner + torch.where(near, k - inner.detach(), torch.zeros_like(slack))
    return on_tensors(phi.activation)(inner) @ out


@lru_cache(maxsize=64)
def on_tensors(f: Activation) -> Function:
    """Return the activation as a function of torch tensors, entry by entry, differentiable.

    Parameters
    ----------
    f
        A named activation, a|t| + bt, a polynomial, or one made from a function that itself takes
        tensors. torch must be loaded.

    Raises
    ------
    UnsupportedActivationError
        If it is none of these.

    Notes
    -----
    torch's own function where there is one. Compared with the function on numpy arrays at 40
    numbers before it is used.
    """
    torch: Any = sys.modules["torch"]
    found: Function | None = None
    if f.is_positively_homogeneous and f.parts_are == "exact":
        found = partial(_homogeneous, even=f.even, linear=f.linear)
    elif f.is_polynomial and f.parts_are == "exact":
        found = partial(_polynomial, coefficients=f.coefficients)
    else:
        found = _named(torch, f) if f.parts_are == "exact" else None
        # what the user gave, if the activation was made from a function
        found = found or getattr(f.function, "function", None)
    if found is not None and _agrees(torch, found, f):
        return found
    raise UnsupportedActivationError(
        f"torch has no function for the activation {f.name}: give pl_map the activation by its "
        "name or as a function of tensors, or convert to numpy"
    )


def _agrees(torch: Any, function: Function, f: Activation) -> bool:  # noqa: ANN401 - the module
    """Return whether a function of tensors has the values of f, and gradients."""
    t = np.linspace(-7.3, 7.1, 40)
    try:
        found = function(torch.from_numpy(t).requires_grad_())
        values = found.detach().numpy()
        differentiable = bool(found.requires_grad)
    except Exception:  # noqa: BLE001 - a user's function may fail in any way
        return False
    fits = values.shape == t.shape and np.allclose(values, f(t), rtol=1e-7, atol=1e-9)
    return bool(differentiable and fits)


def _named(torch: Any, f: Activation) -> Function | None:  # noqa: ANN401 - the module
    """Return torch's function of this name, or ours where it has none."""
    head = f.name.partition("(")[0]
    functional = torch.nn.functional
    if head in _OWN:
        out: Function = getattr(torch, head)
        return out
    if head in _FUNCTIONAL:
        plain: Function = getattr(functional, head)
        return plain
    p = _numbers(f, head)
    match head:
        case "gelu_tanh":
            return partial(functional.gelu, approximate="tanh")
        case "softplus":
            # torch turns linear at beta t = threshold, where 1e-18 is all that is lost
            return partial(functional.softplus, beta=p[0], threshold=40.0)
        case "elu" | "celu":
            return partial(getattr(functional, head), alpha=p[0])
        case "hardtanh":
            return partial(functional.hardtanh, min_val=p[0], max_val=p[1])
        case "softshrink" | "hardshrink":
            return partial(getattr(functional, head), lambd=p[0])
        case "relu_squared" | "relu_power":
            return partial(_relu_power, degree=int(p[0]) if p else 2)
        case "sign":
            sign: Function = torch.sign
            return sign
        case "heaviside":
            return _heaviside
    return None


def _numbers(f: Activation, head: str) -> tuple[float, ...]:
    """Return the numbers of a named activation: from its function, unrounded, else its name."""
    keywords = getattr(f.function, "keywords", None) or {}
    parameters = [name for name, _ in NAMES.get(head, ())]
    if parameters and all(name in keywords for name in parameters):
        return tuple(float(keywords[name]) for name in parameters)
    _, bracket, rest = f.name.partition("(")
    given = [float(x) for x in rest.rstrip(")").split(",")] if bracket else []
    defaults = [default for _, default in NAMES.get(head, ())]
    return (*given, *defaults[len(given) :])


def _homogeneous(t: Any, even: float, linear: float) -> Any:  # noqa: ANN401 - a tensor
    return linear * t if even == 0 else even * t.abs() + linear * t


def _polynomial(t: Any, coefficients: tuple[float, ...]) -> Any:  # noqa: ANN401 - a tensor
    out = 0.0 * t + coefficients[-1]
    for c in reversed(coefficients[:-1]):
        out = out * t + c
    return out


def _relu_power(t: Any, degree: int) -> Any:  # noqa: ANN401 - a tensor
    return t.clamp(min=0.0) ** degree


def _heaviside(t: Any) -> Any:  # noqa: ANN401 - a tensor
    return 0.5 + 0.5 * t.sign()
