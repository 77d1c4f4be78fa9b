"""Sums, maxima, softmax and norms over axes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.interpret.network.calls import Ref
from toolkit.interpret.zeros.graphs.entries import any_function, plain_name, require_legal
from toolkit.interpret.zeros.graphs.layer_rules import NotFollowed, after_random_masks
from toolkit.interpret.zeros.graphs.pointwise import (
    after_any,
)
from toolkit.interpret.zeros.graphs.states import (
    Constant,
    Functions,
    Invariants,
    State,
    Weights,
)

if TYPE_CHECKING:
    from toolkit.interpret.zeros.graphs.arguments import Arguments


SUMS = frozenset({"sum", "mean", "nansum", "nanmean"})


OVER = frozenset({"amax", "amin", "max", "min", "norm", "vector_norm", "linalg_vector_norm", "var",
                   "std", "prod", "logsumexp", "any", "all", "median", "var_mean", "std_mean",
                   "aminmax", "count_nonzero", "softmax_sum"})  # fmt: skip


DROPOUTS = frozenset({"dropout", "alpha_dropout", "feature_alpha_dropout", "dropout1d",
                       "dropout2d", "dropout3d"})  # fmt: skip


def reduced(a: Arguments) -> list[State]:
    """Follow sums, means, maxima, norms and the like over axes."""
    name = plain_name(a.call.operation)
    first = a.first_functions()
    shape = a.shape(a.refs[0])
    place, word = (
        (2, "dim") if name in ("norm", "vector_norm", "linalg_vector_norm") else (1, "dim")
    )
    given = a.get(place, word, a.call.kwargs.get("axis"))
    if isinstance(given, Ref):  # max(x, y)
        return [any_function(a)]
    axes = a.axes(given, len(shape))
    keeps = len(a.out_shape) == len(shape)
    adds = name in SUMS
    if first.points in axes:
        return [_over_points(first, adds) for _ in a.call.outputs]
    if not adds:
        require_legal(first.module, False, False, a.call.operation)
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
        raise NotFollowed(
            "a sum over points that change sign or over mixed coordinates is not invariant"
        )
    is_zero = False
    if adds:
        is_zero = not any(p.orbit.trivial in p.labels for _, c in first.groups for p in c.possible)
    return Invariants(is_zero, first.origin.without_silencers)


def softmax(a: Arguments) -> list[State]:
    """Follow softmax over the points, other axes, or the points attended to."""
    state = a.state(a.refs[0])
    rank = len(a.shape(a.refs[0]))
    given = a.get(1, "dim")
    if not isinstance(given, int):
        raise NotFollowed("its axis is unknown")
    axis = a.axis(given, rank)
    if isinstance(state, Weights):
        if axis not in (-1, state.points):
            raise NotFollowed("softmax is over an axis other than that of the points attended to")
        return [state]
    first = a.first_functions()
    require_legal(first.module, False, False, "softmax")
    if axis == first.points:
        return [replace(first.mapped(lambda c: after_any([c])),
                        origin=first.origin.without_silencers)]  # fmt: skip
    return [any_function(a)]


def dropped(a: Arguments) -> list[State]:
    """Dropout: nothing if it is off, every function if it is on."""
    training, p = a.get(2, "training", True), a.get(1, "p", 0.5)
    if training and p != 0:
        return [after_random_masks(a.state(a.refs[0]))]
    return [a.state(a.refs[0])]


def normalised(a: Arguments) -> list[State]:
    """``layer_norm``, ``rms_norm`` over the last axis, ``normalize`` over any but the points."""
    name = plain_name(a.call.operation)
    first = a.first_functions()
    if name == "normalize":
        axis = a.axis(int(a.get(2, "dim", 1)), len(a.shape(a.refs[0])))
        if axis == first.points:
            raise NotFollowed("it divides by a norm over the points of each channel")
        odd = True
        require_legal(first.module, odd, False, name)
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
    require_legal(first.module, odd, False, name)
    return [_point_norm(a, first, odd)]


def _point_norm(a: Arguments, first: Functions, odd: bool) -> Functions:
    content = after_any([first.whole], is_odd=odd)
    return Functions(
        first.module, first.points, None, ((0, content),), first.origin.without_silencers
    )
