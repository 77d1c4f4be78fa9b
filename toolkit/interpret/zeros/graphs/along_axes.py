"""Supports after what acts along axes other than the points: reversed, added up, sorted, gated.

Along such an axis a call gives, at each point, one function of the values at that point, in all
channels and samples together. So coordinates that agree go on agreeing
(:mod:`toolkit.interpret.zeros.graphs.pointwise`). If it is linear (a reversal, a cyclic shift,
sums of the first entries) it is one matrix for all points, which commutes with the group: what
comes out lies in the simples that go in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from toolkit.interpret.zeros.graphs.entries import plain_name, require_legal
from toolkit.interpret.zeros.graphs.layer_rules import NotFollowed
from toolkit.interpret.zeros.graphs.pointwise import after_any

if TYPE_CHECKING:
    from toolkit.interpret.zeros.graphs.arguments import Arguments
    from toolkit.interpret.zeros.graphs.states import Functions, State

LINEAR = frozenset({"flip", "roll", "cumsum"})

#: By name the place and the name of the axis, and the axis if it is left out.
_AXES: dict[str, tuple[int, str, int | None]] = {
    "flip": (1, "dims", None),
    "roll": (2, "dims", None),
    "cumsum": (1, "dim", None),
    "cumprod": (1, "dim", None),
    "cummax": (1, "dim", None),
    "cummin": (1, "dim", None),
    "logcumsumexp": (1, "dim", None),
    "glu": (1, "dim", -1),
    "sort": (1, "dim", -1),
    "argsort": (1, "dim", -1),
    "topk": (2, "dim", -1),
}

ALONG = frozenset(_AXES)


def along(a: Arguments) -> list[State]:
    """Follow ``flip``, ``roll``, ``cumsum``, ``sort``, ``topk``, ``glu`` and the like."""
    first = a.first_functions()
    name = plain_name(a.call.operation)
    if len(a.refs) > 1:
        raise NotFollowed("it takes other tensors besides its input")
    rank = len(a.shape(a.refs[0]))
    place, word, usual = _AXES[name]
    given: Any = a.get(place, word, usual)
    if name == "flip" and not isinstance(given, Sequence):
        given = a.call.args[1:]  # x.flip(0, 1)
    if given is None or isinstance(given, bool):
        raise NotFollowed("its axis is unknown")
    axes = a.axes(given, rank)
    if first.points in axes:
        raise NotFollowed("it moves or merges the points")
    require_legal(first.module, name in LINEAR, name in LINEAR, name)
    whole = first.whole
    if name in LINEAR:
        content = whole.each(whole.possible, keeps_certain=first.channels not in axes)
        origin = first.origin
    else:
        content, origin = after_any([whole]), first.origin.without_silencers
    out: Functions = replace(first, channels=None, groups=((0, content),), origin=origin)
    return [out for _ in a.call.outputs]
