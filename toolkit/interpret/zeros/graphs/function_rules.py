"""What a function of torch makes of what is known of its arguments."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from torch import nn

from toolkit.errors import NotAvailable
from toolkit.interpret.network.calls import Ref
from toolkit.interpret.zeros.graphs import matrix_rules, shapes
from toolkit.interpret.zeros.graphs.arguments import Arguments, is_number, without_points
from toolkit.interpret.zeros.graphs.layer_rules import NotFollowed
from toolkit.interpret.zeros.graphs.pointwise import (
    after_activation,
    after_any,
    after_gate,
    after_product,
)
from toolkit.interpret.zeros.graphs.states import (
    Constant,
    Content,
    Functions,
    Invariants,
    Origin,
    State,
    Weights,
    nothing_like,
    summed,
    with_trivial,
    without,
)
from toolkit.interpret.zeros.support import points_of_orbits
from toolkit.modules.same_functions import same_functions
from toolkit.pl.activations.activation import activation_named, find_activation

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.interpret.zeros.support import Support
    from toolkit.modules.module import Module
    from toolkit.pl.activations.activation import Activation

#: The vocabulary: what a call does, in one word.
Operation: TypeAlias = Literal[
    "input", "constant", "linear", "activation", "sum", "concatenation", "product", "gate",
    "attention", "normalisation", "pooling", "identity", "pointwise", "declared", "invariant",
    "unknown", "other",
]  # fmt: skip

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
_ENTRYWISE = frozenset({
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
_ODD = frozenset({"tan", "asin", "atan", "arcsin", "arctan", "sinh", "asinh", "atanh", "erfinv",
                  "trunc", "frac", "reciprocal", "round"})  # fmt: skip
_POSITIVE = frozenset({"sigmoid", "exp", "softmax", "softplus", "cosh"})
_DROPOUTS = frozenset({"dropout", "alpha_dropout", "feature_alpha_dropout", "dropout1d",
                       "dropout2d", "dropout3d"})  # fmt: skip
_SUMS = frozenset({"sum", "mean", "nansum", "nanmean"})
_OVER = frozenset({"amax", "amin", "max", "min", "norm", "vector_norm", "linalg_vector_norm", "var",
                   "std", "prod", "logsumexp", "any", "all", "median", "var_mean", "std_mean",
                   "aminmax", "count_nonzero", "softmax_sum"})  # fmt: skip


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


def after_function(a: Arguments) -> tuple[Operation, list[State]]:
    """Return what a call does, and what is known of each tensor that it makes.

    Parameters
    ----------
    a
        The call and what is known of its arguments.

    Raises
    ------
    NotFollowed
        If nothing is known of what it makes.
    """
    name = plain_name(a.call.operation)
    states = a.given
    if not states:
        raise NotFollowed("it takes no tensor")
    if not any(isinstance(s, Functions | Weights) for s in states):
        return "invariant", _of_invariants(a, name, states)
    for names, kind, rule in _RULES:
        if name in names:
            try:
                found = rule(a)
            except NotAvailable as error:
                raise NotFollowed(error.reason) from error
            return _kind_of(kind, states, found), found
    found_kind, state = _by_entries(a, name)
    return found_kind, [state]


def _kind_of(kind: Operation, given: list[State], made: list[State]) -> Operation:
    """Return what a call does in the light of what it was given."""
    if any(isinstance(s, Weights) for s in [*given, *made]):
        return "attention"
    if kind == "product":
        on_module = sum(isinstance(s, Functions) for s in given)
        is_gate = any(isinstance(s, Invariants) for s in given)
        return "gate" if is_gate else kind if on_module > 1 else "identity"
    if kind == "gate" and not any(isinstance(s, Invariants) for s in given):
        return (
            "pointwise" if len([s for s in given if isinstance(s, Functions)]) > 1 else "identity"
        )
    return kind


def _of_invariants(a: Arguments, name: str, states: list[State]) -> list[State]:
    """Return the states of functions of invariants and constants."""
    origin = Origin()
    for state in states:
        if isinstance(state, Invariants):
            origin = origin.also(state.origin)
    first = states[0]
    if name in ("expand", "expand_as", "broadcast_to", "repeat") and isinstance(first, Invariants):
        return shapes.repeated(a)
    if name in shapes.KEEPING:
        return [first]
    origin = origin.without_silencers
    if len(a.refs) == 1 and isinstance(first, Invariants) and _is_entrywise(name):
        return [Invariants(False, origin, first.uniform, name in _POSITIVE)]
    return [Invariants(False, origin, frozenset(), name in _POSITIVE) for _ in a.call.outputs]


def _is_entrywise(name: str) -> bool:
    return name in _NAMED or name in _WITH_NUMBERS or name in _ENTRYWISE or name in ("mul", "add",
        "sub", "div", "neg", "rsub")  # fmt: skip


# -- entry by entry -------------------------------------------------------------------------------


def _by_entries(a: Arguments, name: str) -> tuple[Operation, State]:
    f = function_of_one_number(a)
    if f is not None:
        first = a.first_functions()
        _require_legal(first.module, f.is_odd, f.is_affine and f.at_zero == 0, f.name)
        return "activation", _activated(first, f)
    if name in _ENTRYWISE:
        return "pointwise", _any_function(a, is_odd=name in _ODD)
    raise NotFollowed(f"the function {a.call.operation} is not followed")


def _activated(first: Functions, f: Activation) -> Functions:
    origin = first.origin if f.at_zero == 0 else first.origin.without_silencers
    return first.mapped(lambda c: after_activation(c, f), origin)


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


def _require_legal(X: Module, is_odd: bool, is_linear: bool, name: str) -> None:
    if not X.has_points and not is_linear:
        raise NotFollowed(f"{name} acts on coordinates that the group mixes: it is not equivariant")
    if X.has_points and X.has_signs and not is_odd:
        raise NotFollowed(f"{name} is not odd, and points change sign: it is not equivariant")


def _any_function(a: Arguments, *, is_odd: bool = False) -> Functions:
    """Return what any function of the values at a point makes of them."""
    first, others = _aligned(a)
    functions = [first, *(s for s in others if isinstance(s, Functions))]
    is_odd = is_odd and len(a.refs) == 1
    for one in functions:
        _require_legal(one.module, is_odd, False, a.call.operation)
    content = after_any([one.whole for one in functions], is_odd=is_odd)
    origin = first.origin
    for s in others:
        if isinstance(s, Functions | Invariants):
            origin = origin.also(s.origin)
    return Functions(first.module, first.points, None, ((0, content),), origin.without_silencers)


def _aligned(a: Arguments) -> tuple[Functions, list[State]]:
    """Return the first functions and the other tensors, which must fit them point by point."""
    first = next((s for s in a.given if isinstance(s, Functions)), None)
    if first is None:
        raise NotFollowed("it is not known on which module its input is")
    others: list[State] = []
    skipped = False
    for ref in a.refs:
        state, shape = a.state(ref), a.shape(ref)
        if state is first and not skipped:
            skipped = True
            continue
        if isinstance(state, Functions):
            if state.points != first.points or not same_functions(state.module, first.module):
                raise NotFollowed("it joins functions on different modules")
        elif isinstance(state, Invariants | Constant):
            if not without_points(state, shape, first.points):
                what = "a constant" if isinstance(state, Constant) else "invariants"
                raise NotFollowed(f"it joins functions with {what} that differ at the points")
        else:
            raise NotFollowed("it joins functions with what is not known on points")
        others.append(state)
    n = a.shape(next(r for r in a.refs if a.state(r) is first))[first.points]
    if len(a.out_shape) < -first.points or a.out_shape[first.points] != n:
        raise NotFollowed("the points do not stay where they are")
    return first, others


# -- sums and products ----------------------------------------------------------------------------


def _pair(a: Arguments) -> tuple[Any, Any]:
    return a.get(0, "input"), a.get(1, "other")


def _sum(a: Arguments) -> list[State]:
    one, other = _pair(a)
    alpha = a.call.kwargs.get("alpha", a.get(2, "alpha", 1))
    if not is_number(alpha) or alpha == 0:
        raise NotFollowed("its factor alpha is no number other than 0")
    first, second = (a.state(x) if isinstance(x, Ref) else x for x in (one, other))
    if isinstance(first, Weights) or isinstance(second, Weights):
        return _with_weights(a)
    if not isinstance(first, Functions):
        first, second, one, other = second, first, other, one
    assert isinstance(first, Functions)
    if isinstance(second, Functions):
        _aligned(a)
        return [_plus(first, second, a.shape(one), a.shape(other))]
    return [_plus_constant(a, first, second, other)]


def _plus_constant(a: Arguments, first: Functions, second: object, ref: object) -> Functions:
    """Return functions after numbers were added to them."""
    if is_number(second):
        return first if second == 0 else _with_trivial(first)
    if isinstance(second, Invariants):
        _aligned(a)
        return first if second.is_zero else _with_trivial(first, second.origin)
    if not isinstance(second, Constant):
        raise NotFollowed("it adds what is not known on points")
    if not bool(second.value.any()) and not second.is_trained:
        return first
    if second.is_trained:
        first = replace(first, origin=first.origin.with_any_weights)
    if without_points(second, a.shape(ref), first.points):
        _aligned(a)
        return _with_trivial(first) if bool(second.value.any()) else first
    _require_invariant(second, first)
    return _with_trivial(first)


def _require_invariant(constant: Constant, first: Functions) -> None:
    """Refuse a constant per point that is not the same along each orbit."""
    if constant.is_trained:
        raise NotFollowed("it adds or multiplies a trained number of each point: not equivariant")
    X, value = first.module, constant.value
    if not X.has_points or X.has_signs:
        raise NotFollowed("it joins functions with a constant that the group changes")
    rows = np.moveaxis(value.detach().cpu().numpy(), first.points, 0).reshape(X.degree, -1)
    for points in points_of_orbits(X):
        if not bool((rows[points] == rows[points[:1]]).all()):
            raise NotFollowed("it joins functions with a constant that differs along an orbit")


def _with_trivial(first: Functions, origin: Origin | None = None) -> Functions:
    def one(content: Content) -> Content:
        found = with_trivial(content.possible)
        if found is None:
            raise NotFollowed("it adds a constant on points that change sign, or on mixed ones")
        gone = {p.orbit.trivial for p in found if p.orbit.trivial is not None}
        return Content(found, without(content.certain, gone), False)

    own = first.origin if origin is None else first.origin.also(origin)
    return first.mapped(one, own.without_silencers)


def _plus(
    first: Functions, second: Functions, one: tuple[int, ...], other: tuple[int, ...]
) -> Functions:
    """Return the sum of two functions on one module.

    What is possible is the union. A simple K that occurs in one term for some weights occurs in
    the sum for some weights if it is exactly 0 in the other, or if the other can be silenced:
    some layer on which the first does not depend makes the second 0 when its weights are 0.
    """
    a, b = first.origin, second.origin
    quiet_b, quiet_a = a.is_left_by_silencing(b), b.is_left_by_silencing(a)
    free = quiet_a or quiet_b or a.is_apart_from(b)

    def put(p: Content, q: Content) -> Content:
        possible = summed(p.possible, q.possible)
        certain = tuple(
            _sure(x, y, sure_x, sure_y, quiet_a or free, quiet_b or free)
            for x, y, sure_x, sure_y in zip(
                p.possible, q.possible, p.certain, q.certain, strict=True
            )
        )
        return Content(possible, certain, p.is_generic and q.is_generic and free)

    return _by_groups(first, second, one, other, put, a.beside(b))


def _sure(
    x: Support, y: Support, sure_x: Support, sure_y: Support, quiet_x: bool, quiet_y: bool
) -> Support:
    """Return the simples that occur in a sum x + y for some weights."""
    one = [k for k in sure_x.labels if quiet_y or k not in y.labels]
    two = [k for k in sure_y.labels if quiet_x or k not in x.labels]
    return type(x).of(x.orbit, [*one, *two])  # type: ignore[arg-type]


def _by_groups(
    first: Functions,
    second: Functions,
    one: tuple[int, ...],
    other: tuple[int, ...],
    put: Callable[[Content, Content], Content],
    origin: Origin,
) -> Functions:
    """Return what is made of two functions, group of channels by group."""
    single = [f for f in (first, second) if len(f.groups) > 1]
    if not single:
        size, content = first.groups[0]
        channels = first.channels if first.channels == second.channels else None
        group = (size, put(content, second.groups[0][1]))
        return Functions(first.module, first.points, channels, (group,), origin)
    c = single[0].channels
    assert c is not None
    sizes = [shape[c] if len(shape) >= -c else 1 for shape in (one, other)]
    if all(f.channels in (c, None) or len(f.groups) == 1 for f in (first, second)) and (
        sizes[0] == sizes[1] or any(len(f.groups) == 1 for f in (first, second))
    ):
        ends = [_ends(f, max(sizes)) for f in (first, second)]
        cuts = sorted({end for e, _ in ends for end in e})
        groups, start = [], 0
        for end in cuts:
            p, q = (next(c for e, c in zip(*x, strict=True) if e >= end) for x in ends)
            groups.append((end - start, put(p, q)))
            start = end
        return Functions(first.module, first.points, c, tuple(groups), origin)
    group = (0, put(first.whole, second.whole))
    return Functions(first.module, first.points, None, (group,), origin)


def _ends(f: Functions, size: int) -> tuple[list[int], list[Content]]:
    """Return where groups of channels end, and what is in them."""
    if len(f.groups) == 1:
        return [size], [f.groups[0][1]]
    ends, total = [], 0
    for own, _ in f.groups:
        total += own
        ends.append(total)
    return ends, [content for _, content in f.groups]


def _product(a: Arguments) -> list[State]:
    one, other = _pair(a)
    if one == other and isinstance(one, Ref):
        square = activation_named("square")
        alone = a.first_functions()
        _require_legal(alone.module, False, False, "a square")
        return [_activated(alone, square)]
    first, second = (a.state(x) if isinstance(x, Ref) else x for x in (one, other))
    if isinstance(first, Weights) or isinstance(second, Weights):
        return _with_weights(a)
    if not isinstance(first, Functions):
        first, second, one, other = second, first, other, one
    assert isinstance(first, Functions)
    if not isinstance(second, Functions):
        return [_scaled(a, first, second, other)]
    _aligned(a)
    X = first.module
    if not X.has_points or X.has_signs:
        raise NotFollowed("a product of functions on points that change sign does not change sign")
    apart = first.origin.is_apart_from(second.origin)

    def put(p: Content, q: Content) -> Content:
        return after_product(p, q, independent=apart)

    origin = first.origin.also(second.origin)
    return [_by_groups(first, second, a.shape(one), a.shape(other), put, origin)]


def _scaled(a: Arguments, first: Functions, second: object, ref: object) -> Functions:
    """Return functions times numbers."""
    if is_number(second):
        return first if second != 0 else first.mapped(_zero)
    if isinstance(second, Invariants):
        _aligned(a)
        origin = first.origin.also(second.origin)
        if second.is_zero:
            return first.mapped(_zero, origin)
        positive = second.is_positive
        return first.mapped(lambda c: after_gate(c, is_positive=positive), origin)
    if not isinstance(second, Constant):
        raise NotFollowed("it multiplies by what is not known on points")
    if second.is_trained:
        first = replace(first, origin=first.origin.with_any_weights)
    if not without_points(second, a.shape(ref), first.points):
        _require_invariant(second, first)
        return first.mapped(after_gate)
    _aligned(a)
    if bool((second.value != 0).all()):
        return first
    return first.mapped(after_gate if bool(second.value.any()) else _zero)


def _zero(content: Content) -> Content:
    nothing = nothing_like(content.possible)
    return Content(nothing, nothing, False)


def _quotient(a: Arguments) -> list[State]:
    one, other = _pair(a)
    if isinstance(one, Ref) and isinstance(a.state(one), Weights):
        return _with_weights(a)
    if isinstance(one, Ref) and isinstance(a.state(one), Functions):
        second = a.state(other) if isinstance(other, Ref) else other
        if a.call.kwargs.get("rounding_mode") is None and not isinstance(second, Functions):
            if is_number(second) and second == 0:
                raise NotFollowed("it divides by 0")
            if isinstance(second, Invariants):
                second = replace(second, is_zero=False)
            return [_scaled(a, a.first_functions(), second, other)]
    return [_any_function(a)]


def _negated(a: Arguments) -> list[State]:
    return [a.state(a.refs[0])]


def _with_weights(a: Arguments) -> list[State]:
    """Return weights of attention after they were scaled, shifted, or changed entry by entry."""
    refs = a.refs
    found = [a.state(r) for r in refs]
    weights = [s for s in found if isinstance(s, Weights)]
    for ref, state in zip(refs, found, strict=True):
        shape = a.shape(ref)
        if isinstance(state, Weights):
            continue
        if not isinstance(state, Constant | Invariants) or any(
            d != 1 for d in (shape[-1:] + shape[weights[0].points :][:1])
        ):
            raise NotFollowed("it joins weights of attention with a mask, or with positions")
    if len(weights) > 1:
        raise NotFollowed("it joins two kinds of weights of attention")
    origin = weights[0].origin
    for state in found:
        if isinstance(state, Invariants):
            origin = origin.also(state.origin)
    return [replace(weights[0], origin=origin)]


# -- over axes ------------------------------------------------------------------------------------


def _reduced(a: Arguments) -> list[State]:
    """Follow sums, means, maxima, norms and the like over axes."""
    name = plain_name(a.call.operation)
    first = a.first_functions()
    shape = a.shape(a.refs[0])
    place, word = (
        (2, "dim") if name in ("norm", "vector_norm", "linalg_vector_norm") else (1, "dim")
    )
    given = a.get(place, word, a.call.kwargs.get("axis"))
    if isinstance(given, Ref):  # max(x, y)
        return [_any_function(a)]
    axes = a.axes(given, len(shape))
    keeps = len(a.out_shape) == len(shape)
    adds = name in _SUMS
    if first.points in axes:
        return [_over_points(first, adds) for _ in a.call.outputs]
    if not adds:
        _require_legal(first.module, False, False, a.call.operation)
        first = replace(first.mapped(lambda c: after_any([c])), channels=first.channels)
        first = replace(first, origin=first.origin.without_silencers)
    elif first.channels in axes:
        first = first.merged
        first = first.mapped(
            lambda c: c if c.is_generic else c.each(c.possible, keeps_certain=False)
        )
    gone = 0 if keeps else sum(1 for x in axes if x > first.points)
    channels = first.channels
    if channels is not None:
        if channels in axes:
            first, channels = first.merged, None
        elif not keeps:
            channels += sum(1 for x in axes if x > channels)
    out = replace(first, points=first.points + gone, channels=channels)
    if first.channels is not None and channels is None:
        out = replace(out, groups=((0, out.whole),))
    return [out for _ in a.call.outputs]


def _over_points(first: Functions, adds: bool) -> Invariants:
    X = first.module
    if not X.has_points or X.has_signs:
        raise NotFollowed("a sum over points that change sign, or mixed ones, is not invariant")
    is_zero = False
    if adds:
        is_zero = not any(p.orbit.trivial in p.labels for _, c in first.groups for p in c.possible)
    return Invariants(is_zero, first.origin.without_silencers)


def _softmax(a: Arguments) -> list[State]:
    state = a.state(a.refs[0])
    rank = len(a.shape(a.refs[0]))
    given = a.get(1, "dim")
    if not isinstance(given, int):
        raise NotFollowed("its axis is not given")
    axis = a.axis(given, rank)
    if isinstance(state, Weights):
        if axis not in (-1, state.points):
            raise NotFollowed("softmax over another axis than the points attended to")
        return [state]
    first = a.first_functions()
    _require_legal(first.module, False, False, "softmax")
    if axis == first.points:
        return [replace(first.mapped(lambda c: after_any([c])),
                        origin=first.origin.without_silencers)]  # fmt: skip
    return [_any_function(a)]


def _dropped(a: Arguments) -> list[State]:
    """Dropout: nothing if it is off."""
    training, p = a.get(2, "training", True), a.get(1, "p", 0.5)
    if training and p != 0:
        raise NotFollowed("dropout is switched on, and makes every function possible")
    return [a.state(a.refs[0])]


def _normalised(a: Arguments) -> list[State]:
    """``layer_norm``, ``rms_norm`` over the last axis, ``normalize`` over any but the points."""
    name = plain_name(a.call.operation)
    first = a.first_functions()
    if name == "normalize":
        axis = a.axis(int(a.get(2, "dim", 1)), len(a.shape(a.refs[0])))
        if axis == first.points:
            raise NotFollowed("it divides by a norm over the points of each channel")
        odd = True
        _require_legal(first.module, odd, False, name)
        return [_point_norm(a, first, odd)]
    size = a.get(1, "normalized_shape")
    if len(size) != 1 or first.points == -1:
        raise NotFollowed("it normalises over the points, with numbers for each: not equivariant")
    bias = a.get(3, "bias") if name == "layer_norm" else None
    if isinstance(bias, Ref):
        state = a.state(bias)
        odd = isinstance(state, Constant) and not bool(state.value.any())
    else:
        odd = True
    _require_legal(first.module, odd, False, name)
    return [_point_norm(a, first, odd)]


def _point_norm(a: Arguments, first: Functions, odd: bool) -> Functions:
    content = after_any([first.whole], is_odd=odd)
    return Functions(
        first.module, first.points, None, ((0, content),), first.origin.without_silencers
    )


_RULES: tuple[tuple[frozenset[str] | tuple[str, ...], Operation, Callable[..., Any]], ...] = (
    (("add", "sub", "rsub"), "sum", _sum),
    (("mul",), "product", _product),
    (("div",), "gate", _quotient),
    (("neg",), "identity", _negated),
    (("cat", "concatenate", "hstack", "vstack"), "concatenation", shapes.concatenated),
    (_SUMS | _OVER, "pooling", _reduced),
    (("softmax", "log_softmax"), "pointwise", _softmax),
    (_DROPOUTS, "identity", _dropped),
    (("layer_norm", "rms_norm", "normalize"), "normalisation", _normalised),
    (("linear",), "linear", matrix_rules.channel_map),
    (("matmul", "bmm"), "linear", matrix_rules.matrix_product),
    (("scaled_dot_product_attention",), "attention", matrix_rules.attention),
)


def _shape_rules() -> tuple[tuple[tuple[str, ...], Operation, Callable[..., Any]], ...]:
    return tuple(((name,), "identity", rule) for name, rule in shapes.RULES.items())


_RULES = (*_RULES, *_shape_rules())
