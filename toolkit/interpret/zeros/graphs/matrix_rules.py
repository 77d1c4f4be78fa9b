"""Supports after products of matrices: maps of channels, and attention written as products.

For attention between points see :mod:`toolkit.interpret.zeros.graphs.attention_rules`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.interpret.network.calls import Ref
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
    from toolkit.interpret.zeros.graphs.arguments import Arguments
    from toolkit.modules.module import Module


def channel_map(a: Arguments) -> list[State]:
    """``linear(x, weight, bias)``: the channels of each point are mixed."""
    weight, bias = a.get(1, "weight"), a.get(2, "bias")
    matrix = a.state(weight)
    if not isinstance(matrix, Constant):
        raise NotFollowed("its weights depend on the inputs")
    first = a.first_functions()
    if first.points == -1:
        raise NotFollowed("it mixes the points by an arbitrary matrix")
    out = mixed(first, is_free=matrix.is_trained)
    if isinstance(bias, Ref):
        state = a.state(bias)
        if not isinstance(state, Constant):
            raise NotFollowed("its bias depends on the inputs")
        if bool(state.value.any()):
            out = _shifted(out)
    return [out]


def mixed(first: Functions, *, is_free: bool) -> Functions:
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
            raise NotFollowed(
                "it adds a constant on points that change sign or on mixed coordinates"
            )
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
        return [attended(left.module, left.rows, origin)]
    if isinstance(left, Functions) and isinstance(right, Constant):
        if left.points == -1:
            raise NotFollowed("it mixes the points by an arbitrary matrix")
        if len(a.shape(one)) < 2 or (len(a.shape(other)) > 2 and left.points != -2):
            raise NotFollowed("it mixes axes that are not the channels")
        return [mixed(left, is_free=right.is_trained)]
    if isinstance(left, Constant) and isinstance(right, Functions):
        if right.points == -2:
            raise NotFollowed("it mixes the points by an arbitrary matrix")
        return [mixed(right, is_free=left.is_trained)]
    if isinstance(left, Functions) and isinstance(right, Functions):
        if not same_functions(left.module, right.module):
            raise NotFollowed("it combines functions on different modules")
        if left.points == -2 and right.points == -1:
            if not left.module.has_points or left.module.has_signs:
                raise NotFollowed("weights between points that change sign are not followed")
            origin = left.origin.also(right.origin).without_silencers
            return [Weights(left.module, -2, left.whole.possible, origin)]
        if left.points == -1 and right.points == -2 and left.module.has_points:
            # sums over all points of products: invariant, for signs come twice
            return [Invariants(False, left.origin.also(right.origin).without_silencers)]
    raise NotFollowed("it multiplies tensors on which the action of the group is unknown")


def _same(left: Weights, right: Functions) -> bool:
    return same_functions(left.module, right.module)


def attended(module: Module, rows: Supports, origin: Origin, points: int = -2) -> Functions:
    """Return what points receive whose queries have these supports, if no place is told apart."""
    found = after_any([Content(rows, nothing_like(rows), False)])
    return Functions(module, points, None, ((0, found),), origin)
