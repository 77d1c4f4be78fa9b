"""What each call of a network is to trimming: point by point, linear, a sum, or of all points."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from torch import nn

from toolkit.interpret.network.calls import Ref
from toolkit.interpret.network.stages import Stage
from toolkit.interpret.trimming.graphs.layouts import Parity
from toolkit.interpret.zeros.graphs.along_axes import ALONG
from toolkit.interpret.zeros.graphs.along_axes import LINEAR as LINEAR_ALONG
from toolkit.interpret.zeros.graphs.arguments import Arguments, is_number, runs_along
from toolkit.interpret.zeros.graphs.attention_rules import sequence_axis
from toolkit.interpret.zeros.graphs.einsum_rules import letters_of_call
from toolkit.interpret.zeros.graphs.entries import (
    ENTRYWISE,
    ODD,
    function_of_one_number,
    is_entrywise,
    plain_name,
)
from toolkit.interpret.zeros.graphs.layer_rules import weights_of
from toolkit.interpret.zeros.graphs.reductions import DROPOUTS, OVER, SUMS
from toolkit.interpret.zeros.graphs.shapes import KEEPING, RULES
from toolkit.interpret.zeros.graphs.states import (
    Constant,
    Functions,
    Invariants,
    State,
    Unknown,
    Weights,
)
from toolkit.modules.same_functions import same_functions
from toolkit.nn.deep_sets import DeepSetsLinear
from toolkit.nn.dropout import EquivariantDropout
from toolkit.nn.equivariant_linear import EquivariantLinear
from toolkit.nn.normalisation.base import PartwiseNorm
from toolkit.nn.periodic import WindowedConvolution
from toolkit.nn.pooling import EquivariantPooling, EquivariantUnpooling, InvariantPooling

if TYPE_CHECKING:
    from toolkit.pl.activations.activation import Activation

#: ``"local"``: the output at a point is made of the values there. ``"query"``: of the values of
#: one tensor there, and of all of the others (a row of weights of attention is at its point).
#: ``"linear"``, ``"pooling"``: a layer between modules, known by its weights.
#: ``"invariants"``, ``"total"``: sums over points, by a layer or a function; ``"extreme"``: the
#: largest or smallest value. ``"whole"``: anything else, which is run on all points.
RoleKind: TypeAlias = Literal[
    "local", "query", "linear", "pooling", "invariants", "total", "extreme", "whole",
]  # fmt: skip

#: Linear layers between modules, whose weights are known.
LINEAR = (EquivariantLinear, WindowedConvolution, DeepSetsLinear)

_POOLINGS = (EquivariantPooling, EquivariantUnpooling, InvariantPooling)

_SHAPED = frozenset({
    "reshape", "view", "flatten", "unflatten", "squeeze", "unsqueeze", "view_as", "reshape_as",
    "ravel", "view_copy",
})  # fmt: skip
_EXPANDED = frozenset({"expand", "expand_as", "broadcast_to"})
_CHANNEL_MAPS = frozenset({"linear", "matmul", "bmm"})
_NORMS = frozenset({"layer_norm", "rms_norm", "normalize"})
_CONCATENATIONS = frozenset({"cat", "concat", "concatenate", "hstack", "vstack"})
_LOOKS = "it depends on all points together"
_MASKED = "its mask may distinguish points whose queries agree"
_WRITTEN = "it uses numbers that are stored for every point"


@dataclass(frozen=True)
class Role:
    """What a call is to trimming.

    Parameters
    ----------
    kind
        See :data:`RoleKind`.
    parity
        Of a local one: how opposite coordinates come through.
    on_points
        Numbers of the tensors that are read at the points where the output is needed: functions,
        or numbers that are written at every point.
    shape
        ``"shape"`` or ``"expand"`` if the call only brings its first tensor to the shape of its
        output, which is then another on fewer points.
    query
        Of a query: which of the tensors among its arguments is read at the points, by its 0-based
        place. The same tensor may stand at other places, too, and is whole there.
    reason
        Of a whole one: why it is run on all points.
    """

    kind: RoleKind
    parity: Parity = "any"
    on_points: frozenset[int] = field(default_factory=frozenset)
    shape: Literal["", "shape", "expand"] = ""
    query: int = 0
    reason: str = ""


def role_of(a: Arguments, kind: str, made: State, tied: frozenset[int]) -> Role:
    """Return what a call is to trimming.

    Parameters
    ----------
    a
        The call with what is known of its arguments.
    kind
        What it does, from :func:`~toolkit.interpret.zeros.graphs.following.followed_graph`.
    made
        What is known of its first output.
    tied
        ``id`` of the parameters that are in several layers, or used as tensors.
    """
    call = a.call
    if isinstance(made, Unknown):
        lost = made.since == call.name
        return _whole(made.reason if lost else f"nothing is known from {made.since!r} on")
    if not any(isinstance(s, Functions | Weights) for s in a.given):
        return _whole("")  # it is given no functions of points
    if isinstance(call.target, nn.Module):
        return _of_layer(a, call.target, kind, made, tied)
    return _of_function(a, made)


def _whole(reason: str) -> Role:
    return Role("whole", reason=reason)


def _query(a: Arguments, query: object) -> Role:
    """Return the role of what is asked at the points of one of its arguments."""
    assert isinstance(query, Ref)
    place = next(i for i, ref in enumerate(a.refs) if ref is query)
    return Role("query", "any", frozenset([query.number]), query=place)


def _of_layer(a: Arguments, layer: nn.Module, kind: str, made: State, tied: frozenset[int]) -> Role:
    if kind == "attention" and isinstance(layer, nn.MultiheadAttention):
        return _of_multihead(a, layer, made)
    first = a.given[0]
    if not isinstance(first, Functions) or len(a.refs) != 1 or len(a.call.outputs) != 1:
        return _whole(_LOOKS)
    if not first.module.has_points:
        return _whole("it acts on a linear module, whose coordinates the group mixes")
    own = frozenset([a.refs[0].number])
    if isinstance(layer, InvariantPooling) and isinstance(made, Invariants):
        return _whole(_LOOKS) if layer.reduction == "max" else Role("invariants")
    if not isinstance(made, Functions) or not made.module.has_points:
        return _whole(_LOOKS)
    if kind == "linear" and isinstance(layer, LINEAR) and first.points == made.points == -2:
        if tied & set(weights_of(layer)):
            return _whole("its weights are also used in other layers or as tensors")
        return Role("linear")
    if kind == "pooling" and isinstance(layer, _POOLINGS):
        maximum = getattr(layer, "reduction", "sum") == "max"
        return _whole("a maximum is taken over points") if maximum else Role("pooling")
    if isinstance(layer, PartwiseNorm):
        return _whole("its statistics are those of all points")
    if isinstance(layer, nn.BatchNorm1d) and (layer.training or layer.running_mean is None):
        return _whole("its statistics are those of all points")
    is_local = (
        kind in ("activation", "normalisation", "identity")
        or isinstance(layer, nn.Linear)
        or (isinstance(layer, EquivariantDropout) and not (layer.training and layer.p > 0))
    )
    if kind == "declared" or not is_local:
        return _whole(_LOOKS)
    return Role("local", _parity_of_layer(a, layer, kind, first), own)


def _of_multihead(a: Arguments, layer: nn.MultiheadAttention, made: State) -> Role:
    """Return the role of torch's attention: between points, or at each of them."""
    refs = [a.get(i, name) for i, name in enumerate(("query", "key", "value"))]
    query = a.state(refs[0])
    if not isinstance(made, Functions) or not isinstance(query, Functions):
        return _whole(_LOOKS)
    if query.points != sequence_axis(a, layer):
        return Role("local", "any", frozenset(ref.number for ref in refs))
    return _query(a, refs[0]) if a.get(5, "attn_mask") is None else _whole(_MASKED)


def _parity_of_layer(a: Arguments, layer: nn.Module, kind: str, first: Functions) -> Parity:
    if first.module.has_signs:
        return "odd"  # anything else is not equivariant there
    if kind == "activation":
        X = first.module
        return _parity_of(Stage(a.call.name, 0, "activation", layer, X, X, None, False).activation)
    if kind == "identity" or isinstance(layer, EquivariantDropout):
        return "odd"
    bias = getattr(layer, "bias", None)
    shifts = bias is not None and bool(bias.detach().any())
    return "any" if shifts or isinstance(layer, nn.BatchNorm1d) else "odd"


def _parity_of(f: Activation) -> Parity:
    if f.parts_are == "measured":
        return "any"
    return "odd" if f.is_odd else "even" if f.is_even else "any"


def _of_function(a: Arguments, made: State) -> Role:
    name = plain_name(a.call.operation)
    if name == "einsum":
        return _of_einsum(a, made)
    if any(isinstance(s, Weights) for s in [*a.given, made]):
        return _of_pairs(a, name)
    firsts = [s for s in a.given if isinstance(s, Functions)]
    first = firsts[0]
    if isinstance(made, Invariants):
        return _total(a, name, first)
    if not isinstance(made, Functions):
        return _whole(_LOOKS)
    if not made.module.has_points:
        return _whole("it acts on a linear module, whose coordinates the group mixes")
    if name == "scaled_dot_product_attention":
        return _query(a, a.get(0, "query")) if a.get(3, "attn_mask") is None else _whole(_MASKED)
    same = all(same_functions(s.module, made.module) for s in firsts)
    if not same or not _is_local(a, name, first):
        return _whole(_LOOKS)
    aligned = name not in _CHANNEL_MAPS | _NORMS  # whose other tensors are weights
    numbers = set()
    for ref in a.refs:
        state = a.state(ref)
        if isinstance(state, Functions) or (
            aligned
            and isinstance(state, Invariants | Constant)
            and runs_along(a.shape(ref), first.points)
        ):
            numbers.add(ref.number)
    shape: Literal["", "shape", "expand"] = (
        "shape" if name in _SHAPED else "expand" if name in _EXPANDED else ""
    )
    parity = "odd" if made.module.has_signs else _parity_of_function(a, name)
    return Role("local", parity, frozenset(numbers), shape)


def _of_pairs(a: Arguments, name: str) -> Role:
    """Return the role of what makes, changes or applies weights of attention: row by row."""
    if name in ("matmul", "bmm"):
        return _query(a, a.get(0, "input"))
    weights = [ref for ref in a.refs if isinstance(a.state(ref), Weights)]
    if name in ("softmax", "log_softmax"):
        given = a.get(1, "dim")
        is_local = isinstance(given, int) and a.axis(given, len(a.shape(a.refs[0]))) == -1
    else:
        is_local = name in ("add", "sub", "rsub", "mul", "div", "neg") or name in KEEPING
    if not is_local or not weights:
        return _whole(_LOOKS)
    return Role("local", "any", frozenset(ref.number for ref in weights))


def _of_einsum(a: Arguments, made: State) -> Role:
    """Return the role of a sum of products in letters: by those of the points."""
    if not isinstance(made, Functions | Weights) or not made.module.has_points:
        return _whole(_LOOKS)
    letters, out = letters_of_call(a)
    point = out[made.points]
    rows: list[Ref] = []  # with the points of the output
    for ref, own in zip(a.refs, letters, strict=True):
        state, shape = a.state(ref), a.shape(ref)
        if isinstance(state, Functions | Weights):
            if own[state.points] == point:
                rows.append(ref)
        elif any(x == point and n != 1 for x, n in zip(own, shape, strict=True)):
            return _whole(_WRITTEN)
    if len(rows) == 1 and sum(isinstance(s, Functions | Weights) for s in a.given) > 1:
        return _query(a, rows[0])
    numbers = frozenset(ref.number for ref in rows)
    if len(rows) == 1:  # linear in it
        return Role("local", "odd" if isinstance(made, Functions) else "any", numbers)
    return Role("local", "even" if len(numbers) == 1 else "product", numbers)


def _total(a: Arguments, name: str, first: Functions) -> Role:
    """Return the role of what makes invariants of functions."""
    rank = len(a.shape(a.refs[0]))
    given = a.get(1, "dim", a.call.kwargs.get("axis"))
    if name in ("amax", "amin") and first.module.has_points:
        return Role("extreme") if a.axes(given, rank) == (first.points,) else _whole(_LOOKS)
    is_plain = name in ("sum", "mean") and len(a.refs) == 1 and "dtype" not in a.call.kwargs
    counts = not a.tensors[a.refs[0].number].dtype.is_floating_point
    if (
        counts
        or not is_plain
        or first.points != -2
        or not first.module.has_points
        or first.module.has_signs
    ):
        return _whole(_LOOKS)
    return Role("total") if a.axes(given, rank) == (-2,) else _whole(_LOOKS)


def _is_local(a: Arguments, name: str, first: Functions) -> bool:
    """Whether a function from functions to functions on one module acts point by point."""
    rank = len(a.shape(a.refs[0]))
    if name in SUMS | OVER:
        return True  # over other axes: what it makes would be invariants
    if name in ("softmax", "log_softmax"):
        given = a.get(1, "dim")
        return isinstance(given, int) and a.axis(given, rank) != first.points
    return (
        is_entrywise(name)
        or name in ENTRYWISE
        or name in _CHANNEL_MAPS
        or name in _NORMS
        or name in DROPOUTS
        or name in _CONCATENATIONS
        or name in RULES
        or name in ALONG
        or name in ("neg", "stack")
    )


def _parity_of_function(a: Arguments, name: str) -> Parity:
    """Return how opposite coordinates come through, ``"any"`` where it is not known."""
    states = a.given
    functions = [s for s in states if isinstance(s, Functions)]
    if name in ("add", "sub", "rsub"):
        numbers = [x for x in a.call.args[:2] if is_number(x) and x != 0]
        return "odd" if len(functions) == len(states) and not numbers else "any"
    if name == "mul":
        if len(functions) == 2:
            return "even" if a.refs[0] == a.refs[1] else "product"
        return "odd"
    if name == "div":
        is_first = isinstance(a.get(0, "input"), Ref) and isinstance(states[0], Functions)
        rounds = a.call.kwargs.get("rounding_mode") is not None
        return "odd" if is_first and len(functions) == 1 and not rounds else "any"
    if name in _CONCATENATIONS or name == "stack":
        return "odd" if len(functions) == len(states) else "any"
    if (
        name in ("neg", *SUMS, *LINEAR_ALONG)
        or name in DROPOUTS
        or name in RULES
        or name in KEEPING
    ):
        return "odd"
    if name in ("matmul", "bmm", "rms_norm", "normalize"):
        return "odd"
    if name in ("linear", "layer_norm"):
        place = 2 if name == "linear" else 3
        return "any" if isinstance(a.get(place, "bias"), Ref) else "odd"
    f = function_of_one_number(a)
    if f is not None:
        return _parity_of(f)
    return "odd" if name in ODD and len(functions) == len(states) == 1 else "any"
