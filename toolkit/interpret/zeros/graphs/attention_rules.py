r"""Supports after attention between points, as one function or as a layer of torch.

**Without masks.** A point x of X has a query q(x), and receives
:math:`y(x) = \sum_{x'} w(x, x') \, v(x')` with weights :math:`w(x, x')` that are a function of
q(x), of what stands at x', and of invariants, for instance softmax over x'. If x and xg have the
same query for every input, the two rows of w are equal, so y(x) = y(xg): y lies in Fun(G/U+), with
U+ the elements by which all queries agree, and K occurs only if K^{U+} is not 0. Maps of the
channels of queries, keys and values, biases, keys and values that are added for all points, and a
map of the channels of y change nothing of this: q(x) stays a function of the value at x. That no
place is told apart by more than its functions is needed.

**Masks.** With a mask the weights depend on M(x, x') as well, and equal queries need not receive
the same. If M(gx, gx') = M(x, x') for all g in G, which the generators decide, then
:math:`(q, k, v) \mapsto y` is equivariant: in
:math:`y(gx) = \sum_{x'} w(gx, gx') \, v(gx')` every weight is that of the pair (x, x') for the
moved functions. So what fixes q, k and v fixes y: N, the intersection of the kernels of all simples
in them, acts trivially on K if K occurs (it is normal, so that the vectors that it fixes are a sum
of simples). A mask that is the same for all pairs of points changes no weight, and counts as
none. Any other mask is not equivariant, and what comes out is unknown; so it is of trained masks,
whose numbers may become any.

**Over other axes.** Where the points are the batch of a layer of attention, as when each point has
tokens of its own, the output at a point is one function of the values at that point.

Which of the bounds is attained is not known: nothing of this is said to occur.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from toolkit.interpret.network.calls import Ref
from toolkit.interpret.zeros.attention import with_kernel
from toolkit.interpret.zeros.graphs.arguments import Arguments, is_number
from toolkit.interpret.zeros.graphs.layer_rules import NotFollowed, after_random_masks, weights_of
from toolkit.interpret.zeros.graphs.matrix_rules import attended
from toolkit.interpret.zeros.graphs.pointwise import after_any
from toolkit.interpret.zeros.graphs.states import (
    Constant,
    Content,
    Functions,
    Origin,
    State,
    Unknown,
    Weights,
    nothing_like,
)
from toolkit.interpret.zeros.support import united
from toolkit.modules.same_functions import same_functions

if TYPE_CHECKING:
    from torch import nn

    from toolkit.modules.module import Module

_TELLS_APART = "a mask distinguishes places"


def attention(a: Arguments) -> list[State]:
    """``scaled_dot_product_attention(q, k, v, attn_mask)`` between points."""
    query, key, value = (a.state(a.get(i, n)) for i, n in enumerate(("query", "key", "value")))
    dropout = a.get(4, "dropout_p", 0.0)
    if a.get(5, "is_causal", False):
        raise NotFollowed(_TELLS_APART)
    if not is_number(dropout):
        raise NotFollowed("its dropout is not a number")
    given = _between_points(query, key, value, -2)
    masks = [_mask(a, a.get(3, "attn_mask"), given, keeps=True)]
    out = _received(given, _origin(given), is_masked=any(masks), points=-2)
    return [after_random_masks(out) if dropout else out]


def multihead(a: Arguments, module: nn.MultiheadAttention) -> list[State]:
    """``nn.MultiheadAttention``: over the points, or at each of them over something else."""
    refs = [a.get(i, n) for i, n in enumerate(("query", "key", "value"))]
    query, key, value = (a.state(ref) for ref in refs)
    padding, mask = a.get(3, "key_padding_mask"), a.get(5, "attn_mask")
    sequence = sequence_axis(a, module)
    if not isinstance(query, Functions):
        raise NotFollowed("the module of its queries is unknown")
    if query.points not in (sequence, -1):
        return _at_each_point(a, module, [query, key, value], [padding, mask])
    given = _between_points(query, key, value, sequence)
    if a.get(7, "is_causal", False) and mask is None:
        raise NotFollowed(_TELLS_APART)
    masks = [_mask(a, mask, given, keeps=False), _padding(a, padding)]
    origin = _with_weights(_origin(given), module)
    out: State = _received(given, origin, is_masked=any(masks), points=sequence)
    is_random = module.training and module.dropout > 0
    out = after_random_masks(out) if is_random else out
    if len(a.call.outputs) == 1:
        return [out]
    if any(masks) or is_random or not same_functions(given[0].module, given[1].module):
        why = "weights of attention with a mask or a dropout, or between two modules"
        return [out, Unknown(f"{a.call.name}[1]", f"{why}, are not followed")]
    return [out, Weights(given[0].module, -2, given[0].whole.possible, origin)]


def sequence_axis(a: Arguments, module: nn.MultiheadAttention) -> int:
    """Return the axis along which a layer attends, counted from the end."""
    rank = len(a.shape(a.get(0, "query")))
    return -2 if module.batch_first or rank == 2 else -3


def _between_points(
    query: State, key: State, value: State, points: int
) -> tuple[Functions, Functions, Functions]:
    """Return queries, keys and values that are functions on points along one axis.

    Raises
    ------
    NotFollowed
        If they are not, or the points change sign or belong to different groups.
    """
    if not (
        isinstance(query, Functions)
        and isinstance(key, Functions)
        and isinstance(value, Functions)
        and query.points == key.points == value.points == points
    ):
        raise NotFollowed("queries, keys and values are not all functions on points")
    if not query.module.has_points or query.module.has_signs:
        raise NotFollowed("attention between points that change sign is not followed")
    if not same_functions(key.module, value.module):
        raise NotFollowed("keys and values are on different modules")
    if key.module.group != query.module.group or not key.module.has_points or key.module.has_signs:
        raise NotFollowed("it attends to points of another kind")
    return query, key, value


def _received(
    given: tuple[Functions, Functions, Functions], origin: Origin, *, is_masked: bool, points: int
) -> Functions:
    X = given[0].module
    if not is_masked:
        return attended(X, given[0].whole.possible, origin, points)
    labels = united(p.labels for one in given for p in one.whole.possible)
    possible = with_kernel(X, labels)
    content = Content(possible, nothing_like(possible), False)
    return Functions(X, points, None, ((0, content),), origin)


def _at_each_point(
    a: Arguments, module: nn.MultiheadAttention, states: list[State], masks: list[object]
) -> list[State]:
    """Return what a function of the values at a point makes: attention over another axis."""
    given = [s for s in states if isinstance(s, Functions)]
    first = given[0]
    if len(given) < 3 or len({one.points for one in given}) > 1:
        raise NotFollowed("queries, keys and values are not all functions on points")
    if not all(same_functions(one.module, first.module) for one in given):
        raise NotFollowed("it combines functions on different modules")
    if any(mask is not None for mask in masks):
        raise NotFollowed("masks where the points are a batch are not followed")
    if not first.module.has_points or first.module.has_signs:
        raise NotFollowed("attention is not odd, and points change sign: it is not equivariant")
    content = after_any([one.whole for one in given])
    origin = _with_weights(_origin((given[0], given[1], given[2])), module)
    out: State = Functions(first.module, first.points, None, ((0, content),), origin)
    if module.training and module.dropout > 0:
        out = after_random_masks(out)
    if len(a.call.outputs) == 1:
        return [out]
    return [
        out,
        Unknown(f"{a.call.name}[1]", "weights of attention at each point are not followed"),
    ]


def _origin(given: tuple[Functions, Functions, Functions]) -> Origin:
    query, key, value = given
    return query.origin.also(key.origin).also(value.origin).without_silencers


def _with_weights(origin: Origin, module: nn.Module) -> Origin:
    return Origin(origin.inputs, origin.layers | set(weights_of(module)))


# -- masks -----------------------------------------------------------------------------------------


def _mask(
    a: Arguments, mask: object, given: tuple[Functions, Functions, Functions], *, keeps: bool
) -> bool:
    """Whether a mask of pairs matters; it must be invariant then.

    ``keeps`` says whether True in a mask of truth values keeps a pair, or takes it away.
    """
    if mask is None:
        return False
    value = _constant(a, mask)
    n, m = given[0].module.degree, given[1].module.degree
    while value.dim() < 2:
        value = value[None]
    value = value.expand(*value.shape[:-2], n, m)
    is_truth = value.dtype == torch.bool
    kept = value == keeps if is_truth else value > -torch.inf
    if not bool(kept.any(-1).all()):
        raise NotFollowed("a mask leaves some point without points to attend to")
    if bool((value == value[..., :1, :1]).all()):
        return False
    X, Y = given[0].module, given[1].module
    if not _is_invariant(value, X, Y):
        raise NotFollowed(f"{_TELLS_APART}: it is not invariant under {X.group_title}")
    return True


def _padding(a: Arguments, mask: object) -> bool:
    """Whether a mask of keys matters: never; it must be the same for all points."""
    if mask is None:
        return False
    value = _constant(a, mask)
    if not bool((value == value[..., :1]).all()):
        raise NotFollowed(f"{_TELLS_APART}: it is not the same for all keys")
    if bool(value.any()) if value.dtype == torch.bool else not bool((value > -torch.inf).all()):
        raise NotFollowed("a mask leaves some point without points to attend to")
    return False


def _constant(a: Arguments, mask: object) -> torch.Tensor:
    state = a.state(mask) if isinstance(mask, Ref) else None
    if not isinstance(state, Constant):
        raise NotFollowed(f"{_TELLS_APART}: it is not a constant")
    if state.is_trained:
        raise NotFollowed(f"{_TELLS_APART}: it is trained")
    return state.value


def _is_invariant(mask: torch.Tensor, X: Module, Y: Module) -> bool:
    """Whether a mask ``(..., |X|, |Y|)`` is the same on all pairs of an orbit; exact."""
    if X.home != Y.home:
        return False
    for g, h in zip(X.images, Y.images, strict=True):
        rows = torch.tensor(g.tolist(), device=mask.device)
        columns = torch.tensor(h.tolist(), device=mask.device)
        if not torch.equal(mask[..., rows, :][..., columns], mask):
            return False
    return True
