r"""Supports after products of matrices: maps of channels, and attention between points.

**Attention.** A point x of X has a query q(x), and receives
:math:`y(x) = \sum_{x'} w(x, x') \, v(x')` with weights :math:`w(x, x')` that are a function of
q(x), of what stands at x', and of invariants, for instance softmax over x'. If x and xg have the
same query for every input, the two rows of w are equal, so y(x) = y(xg): y lies in Fun(G/U+), with
U+ the elements by which all queries agree, and K occurs only if K^{U+} is not 0. That no place is
told apart by more than its functions (no positions, no mask) is needed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.interpret.network.calls import Ref
from toolkit.interpret.zeros.graphs.arguments import Arguments, is_number
from toolkit.interpret.zeros.graphs.layer_rules import NotFollowed
from toolkit.interpret.zeros.graphs.pointwise import after_any
from toolkit.interpret.zeros.graphs.states import (
    Constant,
    Content,
    Functions,
    Invariants,
    Origin,
    State,
    Supports,
    Weights,
    nothing_like,
    with_trivial,
    without,
)
from toolkit.modules.same_functions import same_functions

if TYPE_CHECKING:
    from toolkit.modules.module import Module


def channel_map(a: Arguments) -> list[State]:
    """``linear(x, weight, bias)``: the channels of each point are mixed."""
    weight, bias = a.get(1, "weight"), a.get(2, "bias")
    matrix = a.state(weight)
    if not isinstance(matrix, Constant):
        raise NotFollowed("its weights depend on the inputs")
    first = a.first_functions()
    if first.points == -1:
        raise NotFollowed("it mixes the points by a matrix that may be any")
    out = _mixed(first, is_free=matrix.is_trained)
    if isinstance(bias, Ref):
        state = a.state(bias)
        if not isinstance(state, Constant):
            raise NotFollowed("its bias depends on the inputs")
        if bool(state.value.any()):
            out = _shifted(out)
    return [out]


def _mixed(first: Functions, *, is_free: bool) -> Functions:
    """Return functions after a matrix on their channels, with weights that are free or not."""
    whole = first.whole
    is_sure = is_free and whole.is_generic
    certain = whole.certain if is_sure else nothing_like(whole.possible)
    content = Content(whole.possible, certain, False)
    origin = first.origin.with_any_weights if is_free else first.origin
    return Functions(first.module, first.points, None, ((0, content),), origin)


def _shifted(first: Functions) -> Functions:
    def one(content: Content) -> Content:
        found = with_trivial(content.possible)
        if found is None:
            raise NotFollowed("it adds a constant on points that change sign, or on mixed ones")
        gone = {p.orbit.trivial for p in found if p.orbit.trivial is not None}
        return Content(found, without(content.certain, gone), False)

    return first.mapped(one, first.origin.without_silencers)


def matrix_product(a: Arguments) -> list[State]:
    """``x @ W``, ``q @ k^T`` and ``w @ v``."""
    one, other = a.get(0, "input"), a.get(1, "other", a.call.kwargs.get("mat2"))
    left, right = a.state(one), a.state(other)
    if isinstance(left, Weights) and isinstance(right, Functions):
        if right.points != -2 or left.points != -2 or not _same(left, right):
            raise NotFollowed("the points that are attended to are not those of the values")
        origin = left.origin.also(right.origin).without_silencers
        return [_attended(left.module, left.rows, origin)]
    if isinstance(left, Functions) and isinstance(right, Constant):
        if left.points == -1:
            raise NotFollowed("it mixes the points by a matrix that may be any")
        if len(a.shape(one)) < 2 or (len(a.shape(other)) > 2 and left.points != -2):
            raise NotFollowed("it mixes axes that are not the channels")
        return [_mixed(left, is_free=right.is_trained)]
    if isinstance(left, Constant) and isinstance(right, Functions):
        if right.points == -2:
            raise NotFollowed("it mixes the points by a matrix that may be any")
        return [_mixed(right, is_free=left.is_trained)]
    if isinstance(left, Functions) and isinstance(right, Functions):
        if not same_functions(left.module, right.module):
            raise NotFollowed("it joins functions on different modules")
        if left.points == -2 and right.points == -1:
            if left.module.has_signs or not left.module.has_points:
                raise NotFollowed("weights between points that change sign are not followed")
            origin = left.origin.also(right.origin).without_silencers
            return [Weights(left.module, -2, left.whole.possible, origin)]
        if left.points == -1 and right.points == -2 and left.module.has_points:
            # sums over all points of products: invariant, for signs come twice
            return [Invariants(False, left.origin.also(right.origin).without_silencers)]
    raise NotFollowed("it multiplies tensors of which it is not known how the group acts")


def _same(left: Weights, right: Functions) -> bool:
    return same_functions(left.module, right.module)


def _attended(module: Module, rows: Supports, origin: Origin) -> Functions:
    found = after_any([Content(rows, nothing_like(rows), False)])
    return Functions(module, -2, None, ((0, found),), origin)


def attention(a: Arguments) -> list[State]:
    """``scaled_dot_product_attention(q, k, v)`` between points, without a mask."""
    states = [a.state(a.get(i, name)) for i, name in enumerate(("query", "key", "value"))]
    mask, dropout = a.get(3, "attn_mask"), a.get(4, "dropout_p", 0.0)
    if mask is not None or a.get(5, "is_causal", False):
        raise NotFollowed("a mask tells places apart")
    if not is_number(dropout) or dropout:
        raise NotFollowed("dropout is switched on, and makes every function possible")
    query, key, value = states
    if not all(isinstance(s, Functions) and s.points == -2 for s in states):
        raise NotFollowed("queries, keys and values are not all functions on points")
    assert isinstance(query, Functions)
    assert isinstance(key, Functions)
    assert isinstance(value, Functions)
    if query.module.has_signs or not query.module.has_points:
        raise NotFollowed("attention between points that change sign is not followed")
    if not same_functions(key.module, value.module):
        raise NotFollowed("keys and values are on different modules")
    if key.module.group != query.module.group or key.module.has_signs or not key.module.has_points:
        raise NotFollowed("it attends to points of another kind")
    origin = query.origin.also(key.origin).also(value.origin).without_silencers
    content = query.whole
    found = after_any([replace(content, certain=nothing_like(content.possible))])
    return [Functions(query.module, -2, None, ((0, found),), origin)]
