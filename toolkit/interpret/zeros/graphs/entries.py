"""What acts entry by entry: known functions of one number, and any function of several tensors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from torch import nn

from toolkit.interpret.zeros.graphs.arguments import Arguments, is_number, without_points
from toolkit.interpret.zeros.graphs.layer_rules import NotFollowed
from toolkit.interpret.zeros.graphs.pointwise import (
    after_activation,
    after_any,
)
from toolkit.interpret.zeros.graphs.states import (
    Constant,
    Functions,
    Invariants,
    State,
)
from toolkit.modules.same_functions import same_functions
from toolkit.pl.activations.activation import activation_named, find_activation

if TYPE_CHECKING:
    from toolkit.modules.module import Module
    from toolkit.pl.activations.activation import Activation


_UNDER = {
    "radd": "add", "iadd": "add", "isub": "sub", "rmul": "mul", "imul": "mul", "multiply": "mul",
    "truediv": "div", "itruediv": "div", "idiv": "div", "true_divide": "div", "divide": "div",
    "subtract": "sub", "negative": "neg", "ipow": "pow", "absolute": "abs", "rsub": "rsub",
    "rtruediv": "rdiv", "rdiv": "rdiv", "rpow": "rpow", "imatmul": "matmul", "special_expit":
    "sigmoid", "expit": "sigmoid", "swish": "silu", "special_softmax": "softmax",
    "special_log_softmax": "log_softmax", "max_pool": "max_pool", "concat": "cat",
}  # fmt: skip


# functions of one number that torch calls by their own names
_NAMED = frozenset({
    "relu", "relu6", "selu", "silu", "mish", "tanh", "sigmoid", "hardswish", "hardsigmoid",
    "softsign", "tanhshrink", "logsigmoid", "erf", "sin", "cos", "abs", "square", "sign",
})  # fmt: skip


# those with numbers: torch's module of the same arguments
_WITH_NUMBERS: dict[str, tuple[type[nn.Module], tuple[str, ...]]] = {
    "leaky_relu": (nn.LeakyReLU, ("negative_slope",)),
    "elu": (nn.ELU, ("alpha",)),
    "celu": (nn.CELU, ("alpha",)),
    "softplus": (nn.Softplus, ("beta", "threshold")),
    "hardtanh": (nn.Hardtanh, ("min_val", "max_val")),
    "softshrink": (nn.Softshrink, ("lambd",)),
    "hardshrink": (nn.Hardshrink, ("lambd",)),
}


# entry by entry, of one tensor or several
ENTRYWISE = frozenset({
    "exp", "log", "log1p", "expm1", "exp2", "log2", "log10", "sqrt", "rsqrt", "reciprocal",
    "tan", "asin", "acos", "atan", "arcsin", "arccos", "arctan", "sinh", "cosh", "asinh", "acosh",
    "atanh", "erfc", "erfinv", "logit", "sinc", "floor", "ceil", "round", "trunc", "frac", "clamp",
    "clip", "clamp_min", "clamp_max", "threshold", "maximum", "minimum", "fmax", "fmin", "atan2",
    "hypot", "where", "gt", "ge", "lt", "le", "eq", "ne", "lerp", "isnan", "isinf", "isfinite",
    "logical_and", "logical_or", "logical_not", "logical_xor", "nan_to_num", "rdiv", "rpow", "pow",
    "logaddexp", "float_power", "fmod", "remainder", "floor_divide", "prelu", "gelu", "i0",
    "digamma", "lgamma", "xlogy", "copysign", "heaviside", "bool", "int", "long", "masked_fill",
    "addcmul", "addcdiv", "hardtanh", "bernoulli_p", "smooth_l1", "greater", "less",
})  # fmt: skip


ODD = frozenset({"tan", "asin", "atan", "arcsin", "arctan", "sinh", "asinh", "atanh", "erfinv",
                  "trunc", "frac", "reciprocal", "round"})  # fmt: skip


def plain_name(operation: str) -> str:
    """Return the name of a function without the marks of operators and of changes in place.

    Examples
    --------
    >>> [plain_name(name) for name in ("__radd__", "relu_", "__getitem__", "matmul")]
    ['add', 'relu', 'getitem', 'matmul']
    """
    under = re.fullmatch(r"__(\w+?)__", operation)
    name = under.group(1) if under else operation.rstrip("_")
    return _UNDER.get(name, name)


def is_entrywise(name: str) -> bool:
    """Whether a function acts entry by entry."""
    return name in _NAMED or name in _WITH_NUMBERS or name in ENTRYWISE or name in ("mul", "add",
        "sub", "div", "neg", "rsub")  # fmt: skip


def function_of_one_number(a: Arguments) -> Activation | None:
    """Return the function of one number that a call applies to its input, if it is a known one."""
    name = plain_name(a.call.operation)
    if name in _NAMED:
        return activation_named(name)
    if name == "gelu":
        return find_activation(nn.GELU(approximate=a.get(1, "approximate", "none")))
    if name == "pow":
        degree = a.get(1, "exponent")
        if is_number(degree) and float(degree).is_integer() and 2 <= degree <= 30:
            return activation_named(f"t^{int(degree)}")
        return None
    if name in ("clamp", "clip", "clamp_min"):
        low, high = a.get(1, "min"), a.get(2, "max")
        is_relu = is_number(low) and low == 0 and high is None
        return activation_named("relu") if is_relu else None
    if name not in _WITH_NUMBERS:
        return None
    kind, names = _WITH_NUMBERS[name]
    numbers = {n: a.get(i + 1, n) for i, n in enumerate(names)}
    given = {n: x for n, x in numbers.items() if x is not None}
    if not all(is_number(x) for x in given.values()):
        return None
    return find_activation(kind(**given))


def activated(first: Functions, f: Activation) -> Functions:
    """Return functions after an activation."""
    origin = first.origin if f.at_zero == 0 else first.origin.without_silencers
    return first.mapped(lambda c: after_activation(c, f), origin)


def any_function(a: Arguments, *, is_odd: bool = False) -> Functions:
    """Return what any function of the values at a point makes of them."""
    first, others = aligned(a)
    functions = [first, *(s for s in others if isinstance(s, Functions))]
    is_odd = is_odd and len(a.refs) == 1
    for one in functions:
        require_legal(one.module, is_odd, False, a.call.operation)
    content = after_any([one.whole for one in functions], is_odd=is_odd)
    origin = first.origin
    for s in others:
        if isinstance(s, Functions | Invariants):
            origin = origin.also(s.origin)
    return Functions(first.module, first.points, None, ((0, content),), origin.without_silencers)


def aligned(a: Arguments) -> tuple[Functions, list[State]]:
    """Return the first functions and the other tensors, which must fit them point by point."""
    first = next((s for s in a.given if isinstance(s, Functions)), None)
    if first is None:
        raise NotFollowed("the module of its input is unknown")
    others: list[State] = []
    skipped = False
    for ref in a.refs:
        state, shape = a.state(ref), a.shape(ref)
        if state is first and not skipped:
            skipped = True
            continue
        if isinstance(state, Functions):
            if state.points != first.points:
                raise NotFollowed("it combines functions whose points are on different axes")
            if not same_functions(state.module, first.module):
                raise NotFollowed("it combines functions on different modules")
        elif isinstance(state, Invariants | Constant):
            if not without_points(state, shape, first.points):
                what = "a constant" if isinstance(state, Constant) else "invariants"
                raise NotFollowed(f"it joins functions with {what} that differ between points")
        else:
            raise NotFollowed(
                "it combines functions with a tensor that is not known to be on points"
            )
        others.append(state)
    n = a.shape(next(r for r in a.refs if a.state(r) is first))[first.points]
    if len(a.out_shape) < -first.points or a.out_shape[first.points] != n:
        raise NotFollowed("the points are moved")
    return first, others


def require_legal(X: Module, is_odd: bool, is_linear: bool, name: str) -> None:
    """Refuse what acts on coordinates that are mixed, or is not odd where points change sign.

    Raises
    ------
    NotFollowed
        If it is not equivariant there.
    """
    if not X.has_points and not is_linear:
        raise NotFollowed(f"{name} acts on coordinates that the group mixes: it is not equivariant")
    if X.has_points and X.has_signs and not is_odd:
        raise NotFollowed(f"{name} is not odd, and points change sign: it is not equivariant")
