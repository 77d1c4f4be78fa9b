"""The values of a formula: on numpy arrays, and on torch tensors with their gradients.

Torch is taken from the modules that are loaded already: a tensor can only come from a caller who
has imported it.
"""

from __future__ import annotations

import math
import operator
import sys
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.pl.activations import numpy_functions as functions
from toolkit.pl.activations.formula import rational_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from toolkit.pl.activations.formula import Node

    Floats = NDArray[np.float64]

_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CONSTANTS = {"pi": math.pi, "e": math.e}

# -- arrays ----------------------------------------------------------------------------------------

_OF_ARRAYS: dict[str, Callable[[Any], Any]] = {
    "abs": np.abs,
    "relu": lambda u: np.maximum(u, 0.0),
    "sign": np.sign,
    "heaviside": functions.heaviside,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "sigmoid": functions.sigmoid,
    "softplus": lambda u: np.logaddexp(0.0, u),
    "silu": functions.silu,
    "gelu": functions.gelu,
    "erf": functions.erf,
}


def values_on_array(node: Node, x: Floats) -> Floats:
    """Return the values of a formula's tree at the entries of an array.

    Parameters
    ----------
    node
        The tree.
    x
        float64, of any shape.

    Returns
    -------
    numpy.ndarray
        float64, of the same shape; nan or inf where the formula has no value.

    Examples
    --------
    >>> from toolkit.pl.activations.formula import read_formula
    >>> values_on_array(read_formula("max(x, 0) + x^2/10"), np.array([-1.0, 2.0])).tolist()
    [0.1, 2.4]
    """
    with np.errstate(all="ignore"):
        return np.asarray(_on_array(node, x), dtype=np.float64) + np.zeros_like(x)


def _on_array(node: Node, x: Floats) -> Any:  # noqa: ANN401 - a number or an array
    kind = node.kind
    if kind == "x":
        return x
    if kind == "number":
        return np.float64(node.value)
    if kind == "constant":
        return np.float64(_CONSTANTS[node.value])
    args = [_on_array(arg, x) for arg in node.args]
    if kind in _OPERATIONS:
        return _OPERATIONS[kind](*args)
    if kind == "neg":
        return -args[0]
    if kind == "^":
        number = rational_value(node.args[1])
        if number is None:
            return np.power(args[0], args[1])
        whole = number.denominator == 1
        return np.power(args[0], int(number) if whole and number >= 0 else np.float64(number))
    if kind == "where":
        return np.where(_COMPARISONS[node.value](args[0], args[1]), args[2], args[3])
    if kind in ("max", "min"):
        return reduce(np.maximum if kind == "max" else np.minimum, args)
    if kind == "clip":
        return np.minimum(np.maximum(args[0], args[1]), args[2])
    return _OF_ARRAYS[kind](args[0])


# -- tensors ---------------------------------------------------------------------------------------


def values_on_tensor(node: Node, x: Any) -> Any:  # noqa: ANN401 - a tensor
    """Return the values of a formula's tree at the entries of a torch tensor, differentiable."""
    out = _Tensors(x).at(node)
    return out if hasattr(out, "dtype") else 0.0 * x + out


class _Tensors:
    """The walk through a tree on one tensor; constants stay Python numbers as long as they can."""

    def __init__(self, x: Any) -> None:  # noqa: ANN401 - a tensor
        self.torch: Any = sys.modules["torch"]
        self.x = x

    def at(self, node: Node) -> Any:  # noqa: ANN401 - a number or a tensor
        kind = node.kind
        if kind == "x":
            return self.x
        if not node.has_variable:
            return float(_on_array(node, np.zeros(())))
        args = [self.at(arg) for arg in node.args]
        if kind in _OPERATIONS:
            return _OPERATIONS[kind](*args)
        if kind == "neg":
            return -args[0]
        if kind == "^":
            return (
                args[0] ** (int(args[1]) if args[1] == args[1] // 1 else args[1])
                if isinstance(args[1], float)
                else self.torch.exp(args[1] * math.log(args[0]))
            )
        if kind == "where":
            whether = _COMPARISONS[node.value](args[0], args[1])
            return self.torch.where(whether, self._tensor(args[2]), self._tensor(args[3]))
        if kind in ("max", "min"):
            return reduce(self._larger if kind == "max" else self._smaller, args)
        if kind == "clip":
            return self._smaller(self._larger(args[0], args[1]), args[2])
        return self._function(kind, args[0])

    def _tensor(self, value: Any) -> Any:  # noqa: ANN401
        return 0.0 * self.x + value if isinstance(value, float) else value

    def _larger(self, a: Any, b: Any) -> Any:  # noqa: ANN401
        if isinstance(a, float) and isinstance(b, float):
            return max(a, b)
        if isinstance(b, float):
            return a.clamp(min=b)
        return b.clamp(min=a) if isinstance(a, float) else self.torch.maximum(a, b)

    def _smaller(self, a: Any, b: Any) -> Any:  # noqa: ANN401
        if isinstance(a, float) and isinstance(b, float):
            return min(a, b)
        if isinstance(b, float):
            return a.clamp(max=b)
        return b.clamp(max=a) if isinstance(a, float) else self.torch.minimum(a, b)

    def _function(self, kind: str, u: Any) -> Any:  # noqa: ANN401
        torch = self.torch
        if kind == "heaviside":
            return 0.5 + 0.5 * u.sign()
        if kind == "softplus":
            return torch.logaddexp(u, torch.zeros_like(u))
        if kind in ("relu", "silu", "gelu"):
            return getattr(torch.nn.functional, kind)(u)
        return getattr(torch, kind)(u)
