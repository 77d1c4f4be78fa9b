"""Sums, products and quotients of tensors, group of channels by group."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.interpret.network.calls import Ref
from toolkit.interpret.zeros.graphs.arguments import Arguments, is_number, without_points
from toolkit.interpret.zeros.graphs.entries import activated, aligned, any_function, require_legal
from toolkit.interpret.zeros.graphs.layer_rules import NotFollowed
from toolkit.interpret.zeros.graphs.pointwise import (
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
from toolkit.pl.activations.activation import activation_named

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.interpret.zeros.support import Support


def _pair(a: Arguments) -> tuple[Any, Any]:
    return a.get(0, "input"), a.get(1, "other")


def total(a: Arguments) -> list[State]:
    """Follow ``add``, ``sub``: of functions, invariants, constants and numbers."""
    one, other = _pair(a)
    alpha = a.call.kwargs.get("alpha", a.get(2, "alpha", 1))
    if not is_number(alpha) or alpha == 0:
        raise NotFollowed("its factor alpha is not a non-zero number")
    first, second = (a.state(x) if isinstance(x, Ref) else x for x in (one, other))
    if isinstance(first, Weights) or isinstance(second, Weights):
        return _with_weights(a)
    if not isinstance(first, Functions):
        first, second, one, other = second, first, other, one
    assert isinstance(first, Functions)
    if isinstance(second, Functions):
        aligned(a)
        return [_plus(first, second, a.shape(one), a.shape(other))]
    return [_plus_constant(a, first, second, other)]


def _plus_constant(a: Arguments, first: Functions, second: object, ref: object) -> Functions:
    """Return functions after numbers were added to them."""
    if is_number(second):
        return first if second == 0 else _with_trivial(first)
    if isinstance(second, Invariants):
        aligned(a)
        return first if second.is_zero else _with_trivial(first, second.origin)
    if not isinstance(second, Constant):
        raise NotFollowed("it adds a tensor that is not known to be on points")
    if not bool(second.value.any()) and not second.is_trained:
        return first
    if second.is_trained:
        first = replace(first, origin=first.origin.with_any_weights)
    if without_points(second, a.shape(ref), first.points):
        aligned(a)
        return _with_trivial(first) if bool(second.value.any()) else first
    _require_invariant(second, first)
    return _with_trivial(first)


def _require_invariant(constant: Constant, first: Functions) -> None:
    """Refuse a constant per point that is not the same along each orbit."""
    if constant.is_trained:
        raise NotFollowed(
            "it adds or multiplies by a trained number for each point: not equivariant"
        )
    X, value = first.module, constant.value
    if not X.has_points or X.has_signs:
        raise NotFollowed("it combines functions with a constant that the group changes")
    rows = np.moveaxis(value.detach().cpu().numpy(), first.points, 0).reshape(X.degree, -1)
    for points in points_of_orbits(X):
        if not bool((rows[points] == rows[points[:1]]).all()):
            raise NotFollowed("it combines functions with a constant that differs along an orbit")


def _with_trivial(first: Functions, origin: Origin | None = None) -> Functions:
    def one(content: Content) -> Content:
        found = with_trivial(content.possible)
        if found is None:
            raise NotFollowed(
                "it adds a constant on points that change sign or on mixed coordinates"
            )
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


def product(a: Arguments) -> list[State]:
    """Follow ``mul``: products of functions, gates, and scales."""
    one, other = _pair(a)
    if one == other and isinstance(one, Ref):
        square = activation_named("square")
        alone = a.first_functions()
        require_legal(alone.module, False, False, "a square")
        return [activated(alone, square)]
    first, second = (a.state(x) if isinstance(x, Ref) else x for x in (one, other))
    if isinstance(first, Weights) or isinstance(second, Weights):
        return _with_weights(a)
    if not isinstance(first, Functions):
        first, second, one, other = second, first, other, one
    assert isinstance(first, Functions)
    if not isinstance(second, Functions):
        return [_scaled(a, first, second, other)]
    aligned(a)
    X = first.module
    if not X.has_points:
        raise NotFollowed("it multiplies coordinates that the group mixes: it is not equivariant")
    if X.has_signs:
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
        aligned(a)
        origin = first.origin.also(second.origin)
        if second.is_zero:
            return first.mapped(_zero, origin)
        positive = second.is_positive
        return first.mapped(lambda c: after_gate(c, is_positive=positive), origin)
    if not isinstance(second, Constant):
        raise NotFollowed("it multiplies by a tensor that is not known to be on points")
    if second.is_trained:
        first = replace(first, origin=first.origin.with_any_weights)
    if not without_points(second, a.shape(ref), first.points):
        _require_invariant(second, first)
        return first.mapped(after_gate)
    aligned(a)
    if bool((second.value != 0).all()):
        return first
    is_zero = not second.is_trained and not bool(second.value.any())
    return first.mapped(_zero if is_zero else after_gate)


def _zero(content: Content) -> Content:
    nothing = nothing_like(content.possible)
    return Content(nothing, nothing, False)


def quotient(a: Arguments) -> list[State]:
    """Follow ``div``: by numbers, by invariants, or by functions."""
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
    return [any_function(a)]


def negated(a: Arguments) -> list[State]:
    """Follow ``neg``: nothing moves."""
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
            raise NotFollowed("it combines attention weights with a mask or with positions")
    if len(weights) > 1:
        raise NotFollowed("it combines two kinds of attention weights")
    origin = weights[0].origin
    for state in found:
        if isinstance(state, Invariants):
            origin = origin.also(state.origin)
    return [replace(weights[0], origin=origin)]
