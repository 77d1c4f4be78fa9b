"""Supports under what moves, cuts and joins axes of tensors."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import torch

from toolkit.errors import ToolkitError
from toolkit.interpret.network.calls import Ref
from toolkit.interpret.zeros.graphs.arguments import Arguments, is_number
from toolkit.interpret.zeros.graphs.layer_rules import NotFollowed
from toolkit.interpret.zeros.graphs.states import (
    Content,
    Functions,
    Invariants,
    Origin,
    State,
    Weights,
    with_trivial,
)
from toolkit.interpret.zeros.support import OrbitSupport, on_orbits, supports_on
from toolkit.modules.module import direct_sum
from toolkit.modules.same_functions import same_functions
from toolkit.pl.criterion.of_module import orbit_criteria


def _functions(a: Arguments) -> tuple[Functions, int]:
    first = a.first_functions()
    return first, len(a.shape(a.refs[0]))


def _moved(a: Arguments, order: Sequence[int]) -> list[State]:
    """Return functions after a permutation of axes: ``order[i]`` is the old place of i."""
    first, rank = _functions(a)
    place = {old: new - rank for new, old in enumerate(order)}
    channels = None if first.channels is None else place[first.channels + rank]
    return [replace(first, points=place[first.points + rank], channels=channels)]


def transposed(a: Arguments) -> list[State]:
    """``transpose(x, i, j)`` and its other names."""
    state = a.state(a.refs[0])
    rank = len(a.shape(a.refs[0]))
    one, other = (a.axis(int(a.get(i, n)), rank) for i, n in ((1, "dim0"), (2, "dim1")))
    if isinstance(state, Weights):
        if {one, other} != {-2, -1}:
            return _weights_elsewhere(state, {one, other})
        raise NotFollowed("attention weights are transposed")
    order = list(range(rank))
    order[one], order[other] = order[other], order[one]
    return _moved(a, order)


def _weights_elsewhere(state: Weights, axes: set[int]) -> list[State]:
    if axes & {-1, state.points}:
        raise NotFollowed("the axes of attention weights are moved")
    return [state]


def last_two_swapped(a: Arguments) -> list[State]:
    """``x.mT``, and ``x.T`` of a matrix."""
    rank = len(a.shape(a.refs[0]))
    if a.call.operation in ("T", "t", "H") and rank != 2:
        raise NotFollowed("all axes are reversed")
    return _moved(a, [*range(rank - 2), rank - 1, rank - 2])


def permuted(a: Arguments) -> list[State]:
    """``permute(x, axes)``."""
    rank = len(a.shape(a.refs[0]))
    given = a.get(1, "dims")
    axes = given if isinstance(given, Sequence) else a.call.args[1:]
    return _moved(a, [x % rank for x in axes])


def moved_axes(a: Arguments) -> list[State]:
    """``movedim(x, source, destination)``."""
    rank = len(a.shape(a.refs[0]))
    pairs = []
    for i, name in ((1, "source"), (2, "destination")):
        given = a.get(i, name)
        pairs.append([x % rank for x in (given if isinstance(given, Sequence) else [given])])
    source, destination = pairs
    rest = iter([i for i in range(rank) if i not in source])
    return _moved(
        a, [source[destination.index(i)] if i in destination else next(rest) for i in range(rank)]
    )


def reshaped(a: Arguments) -> list[State]:
    """``reshape``, ``view``, ``flatten``, ``unflatten``, ``squeeze``, ``unsqueeze``.

    The points stay an axis if one axis of the output has their number and as many entries behind
    it; the channels if all behind the points, or before them, stays as it is.
    """
    first, _ = _functions(a)
    if any(isinstance(given, torch.dtype) for given in a.call.args):
        raise NotFollowed("it reinterprets the bits of numbers")
    shape, out = a.shape(a.refs[0]), a.out_shape
    p = first.points
    n, behind = shape[p], math.prod(shape[p:][1:])
    places = [i - len(out) for i in range(len(out)) if out[i] == n]
    places = [i for i in places if math.prod(out[i:][1:]) == behind]
    if not places:
        raise NotFollowed("it merges the points with other axes")
    if len(places) > 1 and n == 1:
        places = [i for i in places if i == p] or places
    q = places[0]
    channels = None
    if first.channels is not None:
        c = first.channels
        if c > p and out[q:][1:] == shape[p:][1:]:
            channels = c
        elif c < p and out[: len(out) + q] == shape[: len(shape) + p]:
            channels = c - p + q
    if channels is None:
        return [replace(first.merged, points=q, channels=None)]
    return [replace(first, points=q, channels=channels)]


def repeated(a: Arguments) -> list[State]:
    """``expand``, ``expand_as``, ``broadcast_to``, ``repeat``: along other axes than the points."""
    state = a.state(a.refs[0])
    shape, out = a.shape(a.refs[0]), a.out_shape
    if isinstance(state, Invariants):
        grown = {
            i
            for i in range(-len(out), 0)
            if out[i] > 1 and (len(shape) < -i or shape[i] == 1 or i in state.uniform)
        }
        return [replace(state, uniform=frozenset(grown))]
    first = a.first_functions()
    if out[first.points] != shape[first.points]:
        raise NotFollowed("it repeats the points")
    if first.channels is not None and out[first.channels] != shape[first.channels]:
        return [replace(first.merged, channels=None)]
    return [first]


def concatenated(a: Arguments) -> list[State]:
    """``cat``: channels one after another, or points as a direct sum."""
    rank = len(a.out_shape)
    axis = a.axis(int(a.get(1, "dim", a.call.kwargs.get("axis", 0))), rank)
    if a.call.operation == "hstack":
        axis = 1 - rank
    if a.call.operation == "vstack":
        axis = -rank
    parts = [(a.state(ref), a.shape(ref)) for ref in a.refs]
    firsts = [state for state, _ in parts if isinstance(state, Functions)]
    if not firsts or len(firsts) + sum(isinstance(s, Invariants) for s, _ in parts) < len(parts):
        raise NotFollowed("not all of its inputs are functions on modules")
    first = firsts[0]
    if axis == first.points:
        return [_points_beside(first, [s for s, _ in parts])]
    groups: list[tuple[int, Content]] = []
    origin: Origin | None = None
    for state, shape in parts:
        assert isinstance(state, Functions | Invariants)
        origin = state.origin if origin is None else origin.beside(state.origin)
        if isinstance(state, Invariants):
            if shape[first.points] != 1 and first.points not in state.uniform:
                raise NotFollowed("it concatenates invariants that differ from point to point")
            groups.append((shape[axis], _constant_content(first, state.is_zero)))
            continue
        if not same_functions(state.module, first.module) or state.points != first.points:
            raise NotFollowed("its inputs are functions on different modules")
        if state.channels == axis and len(state.groups) > 1:
            groups += state.groups
        else:
            groups.append((shape[axis], state.whole))
    assert origin is not None
    keeps = all(
        not isinstance(s, Functions) or s.channels in (axis, None) or len(s.groups) == 1
        for s, _ in parts
    )
    joined = Functions(first.module, first.points, axis, tuple(groups), origin)
    return [joined if keeps else replace(joined.merged, channels=None)]


def stacked(a: Arguments) -> list[State]:
    """``stack``: tensors along a new axis, which may be taken for channels."""
    axis = a.axis(int(a.get(1, "dim", 0)), len(a.out_shape))
    states = a.given
    first = a.first_functions()
    groups: list[tuple[int, Content]] = []
    origin = first.origin
    for state in states:
        if not isinstance(state, Functions):
            raise NotFollowed("not all of its inputs are functions on modules")
        if not same_functions(state.module, first.module) or state.points != first.points:
            raise NotFollowed("its inputs are functions on different modules")
        origin = origin.beside(state.origin)
        groups.append((1, state.whole))
    points = first.points - (axis > first.points)
    return [Functions(first.module, points, axis, tuple(groups), origin)]


def _constant_content(first: Functions, is_zero: bool) -> Content:
    nothing = supports_on(first.module, ())
    found = nothing if is_zero else with_trivial(nothing)
    if found is None:
        raise NotFollowed("invariants are placed at points that change sign: it is not equivariant")
    return Content(found, nothing, False)


def _points_beside(first: Functions, parts: list[State]) -> Functions:
    possible: list[OrbitSupport] = []
    certain: list[OrbitSupport] = []
    modules, generic = [], True
    origin = first.origin
    for state in parts:
        if not isinstance(state, Functions) or state.points != first.points:
            raise NotFollowed("not all of its inputs are functions on points")
        whole = state.whole
        possible += on_orbits(whole.possible)
        certain += on_orbits(whole.certain)
        generic &= whole.is_generic
        modules.append(state.module)
        origin = origin.beside(state.origin)
    try:
        Y = direct_sum(*modules)
    except ToolkitError as error:
        raise NotFollowed("it concatenates modules of different groups") from error
    own = orbit_criteria(Y)
    if len(own) != len(possible):
        raise NotFollowed("the orbits of the direct sum are not those of its summands")
    content = Content(
        tuple(OrbitSupport.of(o, p.labels) for o, p in zip(own, possible, strict=True)),
        tuple(OrbitSupport.of(o, p.labels) for o, p in zip(own, certain, strict=True)),
        False,
    )
    return Functions(Y, first.points, None, ((0, content),), origin)


def _channels_cut(first: Functions, shape: tuple[int, ...], cut: slice) -> Functions:
    """Return the functions in the channels of a slice."""
    assert first.channels is not None
    size = shape[first.channels]
    groups = _sized(first.groups, size)
    wanted = range(size)[cut]
    out: list[tuple[int, Content]] = []
    start = 0
    for own, content in groups:
        count = sum(1 for i in wanted if start <= i < start + own)
        if count:
            out.append((count, content))
        start += own
    if not out:
        raise NotFollowed("no channel is left")
    if cut.step is not None and cut.step < 0:
        out.reverse()
    return replace(first, groups=tuple(out))


def _sized(groups: tuple[tuple[int, Content], ...], size: int) -> tuple[tuple[int, Content], ...]:
    """Return groups with their sizes; one group has that of the axis."""
    return ((size, groups[0][1]),) if len(groups) == 1 else groups


def divided(a: Arguments) -> list[State]:
    """``split``, ``chunk``, ``tensor_split``: along any axis but the points."""
    first, rank = _functions(a)
    axis = a.axis(int(a.get(2, "dim", 0)), rank)
    return _divided(a, first, axis)


def _divided(a: Arguments, first: Functions, axis: int) -> list[State]:
    if axis == first.points:
        raise NotFollowed("it splits the points")
    if axis != first.channels:
        return [first for _ in a.call.outputs]
    out: list[State] = []
    start = 0
    for tensor in a.call.outputs:
        size = tensor.shape[axis]
        out.append(_channels_cut(first, a.shape(a.refs[0]), slice(start, start + size)))
        start += size
    return out


def unbound(a: Arguments) -> list[State]:
    """``unbind``: the slices along an axis, which is gone."""
    first, rank = _functions(a)
    axis = a.axis(int(a.get(1, "dim", 0)), rank)
    return [_selected(first, a.shape(a.refs[0]), axis, i) for i in range(len(a.call.outputs))]


def selected(a: Arguments) -> list[State]:
    """``select``: one slice along an axis, which is gone."""
    first, rank = _functions(a)
    axis = a.axis(int(a.get(1, "dim")), rank)
    return [_selected(first, a.shape(a.refs[0]), axis, int(a.get(2, "index")))]


def _selected(first: Functions, shape: tuple[int, ...], axis: int, index: int) -> Functions:
    if axis == first.points:
        raise NotFollowed("it selects one point")
    points = first.points + (1 if axis > first.points else 0)
    if axis == first.channels:
        index %= shape[axis]
        cut = _channels_cut(first, shape, slice(index, index + 1))
        return replace(cut.merged, points=points, channels=None)
    channels = first.channels
    if channels is not None:
        channels += 1 if axis > channels else 0
    return replace(first, points=points, channels=channels)


def narrowed(a: Arguments) -> list[State]:
    """``narrow``: a range along an axis."""
    first, rank = _functions(a)
    axis = a.axis(int(a.get(1, "dim")), rank)
    start, length = a.get(2, "start"), a.get(3, "length")
    if axis == first.points:
        raise NotFollowed("it selects some points")
    if axis != first.channels:
        return [first]
    if not is_number(start):
        return [first.merged]
    return [_channels_cut(first, a.shape(a.refs[0]), slice(start, start + length))]


def indexed(a: Arguments) -> list[State]:
    """``x[...]`` with numbers, slices, ``None`` and ``...``."""
    first, rank = _functions(a)
    shape = a.shape(a.refs[0])
    given = a.get(1, "index")
    items = list(given) if isinstance(given, tuple) else [given]
    if any(isinstance(i, Ref | list | bool) for i in items):
        raise NotFollowed("it selects entries by an index or a mask")
    used = sum(1 for i in items if i is not None and i is not Ellipsis)
    at = next((k for k, i in enumerate(items) if i is Ellipsis), len(items))
    filled = [*items[:at], *[slice(None)] * (rank - used), *items[at + 1 :]]
    # along each old axis, then what the new axes are
    now, axis = first, -rank
    kept: list[int | None] = []
    for item in filled:
        if item is None:
            kept.append(None)
            continue
        if axis == first.points:
            if (
                not isinstance(item, slice)
                or len(range(shape[axis])[item]) != shape[axis]
                or (item.step is not None and item.step < 0)
            ):
                raise NotFollowed("it selects some points")
        elif axis == first.channels:
            cut = (
                item
                if isinstance(item, slice)
                else slice(item % shape[axis], item % shape[axis] + 1)
            )
            now = _channels_cut(now, shape, cut)
        if isinstance(item, slice):
            kept.append(axis)
        axis += 1
    points = kept.index(first.points) - len(kept)
    channels = kept.index(first.channels) - len(kept) if first.channels in kept else None
    if channels is None:
        now = now.merged
    return [replace(now, points=points, channels=channels)]


def _kept(a: Arguments) -> list[State]:
    """Nothing changes but type or place in memory."""
    return [a.state(a.refs[0])]


RULES: dict[str, Callable[[Arguments], list[State]]] = {
    **dict.fromkeys(("transpose", "swapaxes", "swapdims"), transposed),
    **dict.fromkeys(("mT", "mH", "T", "H", "t", "adjoint"), last_two_swapped),
    "permute": permuted,
    **dict.fromkeys(("movedim", "moveaxis"), moved_axes),
    **dict.fromkeys(
        ("reshape", "view", "flatten", "unflatten", "squeeze", "unsqueeze", "view_as",
         "reshape_as"), reshaped),
    **dict.fromkeys(("expand", "expand_as", "broadcast_to", "repeat", "tile"), repeated),
    **dict.fromkeys(("cat", "concat", "concatenate", "hstack", "vstack"), concatenated),
    **dict.fromkeys(("split", "chunk", "tensor_split", "split_with_sizes"), divided),
    "unbind": unbound, "select": selected, "narrow": narrowed, "getitem": indexed,
    **dict.fromkeys(
        ("contiguous", "clone", "detach", "to", "float", "double", "half", "bfloat16", "type_as",
         "cpu", "cuda", "positive", "alias", "requires_grad", "view_copy", "as_tensor"), _kept),
}  # fmt: skip

#: What leaves even constants and invariants as they are.
KEEPING = frozenset(name for name, rule in RULES.items() if rule is _kept)
