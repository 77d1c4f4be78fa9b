"""What a layer that is taken as a whole makes of what is known of its input."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from torch import nn

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.interpret.network.call_order import Pair
from toolkit.interpret.network.stages import Stage, kind_and_modules
from toolkit.interpret.zeros.attention import drops_weights_of_points, with_kernel
from toolkit.interpret.zeros.graphs.pointwise import after_activation
from toolkit.interpret.zeros.graphs.states import (
    ANY_WEIGHTS,
    Content,
    Functions,
    Invariants,
    Origin,
    State,
    Supports,
    everything_on,
    nothing_like,
    with_trivial,
    within,
    without,
)
from toolkit.interpret.zeros.propagate import after_stage
from toolkit.interpret.zeros.support import on_orbits, supports_on, united
from toolkit.library.naming import group
from toolkit.modules.module import Module
from toolkit.modules.same_functions import same_functions
from toolkit.nn.attention.over_points import EquivariantAttention
from toolkit.nn.deep_sets import DeepSetsLinear
from toolkit.nn.dropout import EquivariantDropout
from toolkit.nn.normalisation.base import PartwiseNorm
from toolkit.nn.pooling import InvariantPooling
from toolkit.nn.torch_modules import kind_of, row_of
from toolkit.nn.vectors.invariant_norms import InvariantNorms

if TYPE_CHECKING:
    from collections.abc import Mapping


_DROPOUT = (nn.Dropout, nn.Dropout1d, nn.AlphaDropout, nn.FeatureAlphaDropout)


@dataclass(frozen=True, eq=False)
class LayerCall:
    """A layer in a graph, with what is declared of it.

    Parameters
    ----------
    name
        Of the call.
    module
        The layer.
    declared
        The modules of its input and output, where the user states them.
    is_equivariant
        Whether the user states that it is equivariant.
    is_shared
        Whether its weights are used in more than one call.
    """

    name: str
    module: nn.Module
    declared: Pair | None
    is_equivariant: bool
    is_shared: bool


class NotFollowed(Exception):  # noqa: N818 - it is no error, but an answer: the reason
    """Why the output of a call is unknown."""


def after_layer_call(call: LayerCall, given: list[State], others: int) -> tuple[str, State]:
    """Return the kind of a layer, and what is known of its output.

    Parameters
    ----------
    call
        The layer.
    given
        What is known of the tensors that it takes, in their order.
    others
        How many of these are masks or the like, beside the first.

    Raises
    ------
    NotFollowed
        If nothing is known of its output.
    """
    module = call.module
    if not given:
        raise NotFollowed("it takes no tensor")
    first = given[0]
    if isinstance(module, (_DROPOUT, nn.Identity)):
        return "identity", _after_dropout(call, first)
    if isinstance(first, Invariants):
        return _on_invariants(call, first, others)
    if not isinstance(first, Functions):
        raise NotFollowed("the module of its input is unknown")
    if isinstance(module, nn.BatchNorm1d) and first.points == -1:
        return "normalisation", _after_batch_norm(module, first)
    if isinstance(module, nn.Conv1d) and first.points == -1 and _is_of_channels(module):
        return "linear", _after_convolution_of_channels(module, first)
    X = first.module
    if isinstance(module, DeepSetsLinear) and not X.has_points:
        raise NotFollowed("it acts on sets, and its input is on a linear module")
    kind, wanted, Y = kind_and_modules(module, X, call.declared)
    if call.is_equivariant and (kind == "other" or others):
        return "declared", _after_equivariant(call, given)
    if wanted is not None and not same_functions(wanted, X):
        raise ModuleMismatchError(
            f"the layer {call.name!r} takes functions on {wanted.name} of {wanted.group_title}, "
            f"but receives functions on {X.name} of {X.group_title}: declare a different space"
        )
    if isinstance(module, EquivariantAttention) and len(given) == 2 and others == 1:
        return kind, _after_cross_attention(module, X, first, given[1])
    if others:
        raise NotFollowed("it takes a mask or other tensors besides its input")
    if isinstance(module, EquivariantAttention) and module.is_cross:
        raise NotFollowed("it attends to functions other than its input")
    if kind == "activation":
        f = Stage(call.name, 0, kind, module, X, X, None, False).activation
        origin = first.origin if f.at_zero == 0 else first.origin.without_silencers
        return kind, first.mapped(lambda c: after_activation(c, f), origin)
    if first.points == -1:
        name = type(module).__name__
        raise NotFollowed(f"the points are on the last axis, where {name} is not followed")
    if isinstance(module, InvariantPooling | InvariantNorms) and Y is None:
        return kind, _invariants_of(module, first)
    if Y is None:
        raise NotFollowed(_not_known(module, X))
    stage = Stage(call.name, 0, kind, module, X, Y, None, False)
    if first.points != -2:
        raise NotFollowed("the points are not on the second-to-last axis")
    try:
        return kind, _after(call, stage, first)
    except NotAvailable as error:
        raise NotFollowed(error.reason) from error
    except ModuleMismatchError as error:
        raise NotFollowed(str(error)) from error


def _not_known(module: nn.Module, X: Module) -> str:
    name = type(module).__name__
    row = row_of(module, X.degree)
    kind = kind_of(X)
    if row is not None and kind not in row.legal_on:
        advice = f": use {row.instead}" if row.instead else ""
        return f"{name} is not equivariant on a {kind} module: {row.why}{advice}"
    return (
        f"{name} is not a layer that can be traced: declare its space, and, if it is equivariant, "
        "name it in equivariant="
    )


def _after(call: LayerCall, stage: Stage, first: Functions) -> Functions:
    module, whole = stage.module, first.whole
    assert stage.Y is not None
    origin = _with_weights(first.origin, module)
    if stage.kind == "linear":
        return _after_linear(call, stage, whole, first, origin)
    if isinstance(module, EquivariantDropout):
        return first.mapped(lambda c: Content(c.possible, c.certain, False))
    possible = after_stage(stage, whole.possible)
    if isinstance(module, PartwiseNorm):
        adds = module.added_constants()
        keeps = adds is None or not bool(adds.any())
        certain = within(whole.certain, possible)
        trivial = {p.orbit.trivial for p in possible if p.orbit.trivial is not None}
        certain = without(certain, trivial)
        return _one_group(stage.Y, first, Content(possible, certain, False),
                          origin if keeps else origin.without_silencers)  # fmt: skip
    certain = nothing_like(possible)
    if stage.kind == "pooling" and getattr(module, "reduction", "sum") != "max":
        if whole.is_generic:
            certain = within(supports_on(stage.Y, _labels(whole.certain)), possible)
        return _one_group(stage.Y, first, Content(possible, certain, False), origin)
    return _one_group(stage.Y, first, Content(possible, certain, False), origin.without_silencers)


def _after_linear(
    call: LayerCall, stage: Stage, whole: Content, first: Functions, origin: Origin
) -> Functions:
    """Return what a map with free weights passes on: every simple of both modules, by Schur."""
    assert stage.Y is not None
    possible = after_stage(stage, whole.possible)
    certain = within(after_stage(stage, whole.certain), possible)
    own = weights_of(stage.module)
    if own and first.origin.layers & {*own, ANY_WEIGHTS}:
        certain = nothing_like(possible)  # its input depends on its weights
    bias = getattr(stage.module, "bias", None)
    silent = bias is None or not bool(bias.detach().any())
    origin = replace(origin, silencers=origin.silencers | set(own[:1]) if silent else frozenset())
    mixes = isinstance(stage.module, nn.Linear)  # the channels alone: copies stay what they are
    is_generic = not call.is_shared and (whole.is_generic or not mixes)
    return _one_group(stage.Y, first, Content(possible, certain, is_generic), origin)


def _one_group(Y: Module, before: Functions, content: Content, origin: Origin) -> Functions:
    return Functions(Y, -2, -1, ((0, content),), origin) if before.points == -2 else before


def _with_weights(origin: Origin, module: nn.Module) -> Origin:
    return replace(origin, layers=origin.layers | set(weights_of(module)))


def weights_of(module: nn.Module) -> tuple[int, ...]:
    """Return ``id`` of each parameter of a layer, that of the weight first."""
    return tuple(id(p) for p in module.parameters())


def _after_dropout(call: LayerCall, first: State) -> State:
    module = call.module
    if isinstance(module, _DROPOUT) and module.training and module.p > 0:
        return after_random_masks(first)
    return first


def after_random_masks(first: State) -> State:
    """Return what a dropout that is switched on makes: any function on the module, or numbers.

    Raises
    ------
    NotFollowed
        If it acts on neither.
    """
    if isinstance(first, Functions):
        content = everything_on(first.module)
        size = sum(n for n, _ in first.groups)
        return Functions(first.module, first.points, None, ((size, content),),
                         first.origin.without_silencers)  # fmt: skip
    if isinstance(first, Invariants):
        return Invariants(first.is_zero, first.origin.without_silencers)
    raise NotFollowed("dropout is active on a tensor that is not on a module")


def _on_invariants(call: LayerCall, first: Invariants, others: int) -> tuple[str, State]:
    """Return what any layer makes of invariant numbers: other ones, if it knows no points."""
    module = call.module
    if others or isinstance(getattr(module, "X", None), Module):
        raise NotFollowed("it acts on points, and its input has none")
    origin = _with_weights(first.origin, module).without_silencers
    kind = "linear" if isinstance(module, nn.Linear) else "invariant"
    positive = isinstance(module, nn.Sigmoid | nn.Softplus)
    return kind, Invariants(False, origin, is_positive=positive)


def _after_equivariant(call: LayerCall, given: list[State]) -> Functions:
    """Return the bound for any equivariant map: what fixes all of its input fixes its output."""
    first = given[0]
    assert isinstance(first, Functions)
    Y = first.module if call.declared is None else call.declared[1] or first.module
    labels: list[tuple[str, ...]] = []
    origin = first.origin
    for state in given:
        if isinstance(state, Invariants):
            origin = origin.also(state.origin)
        elif isinstance(state, Functions):
            labels.append(_labels(state.whole.possible))
            origin = origin.also(state.origin)
        else:
            raise NotFollowed("it takes tensors on which the action of the group is unknown")
    possible = with_kernel(Y, united(labels))
    content = Content(possible, nothing_like(possible), False)
    origin = _with_weights(origin, call.module).without_silencers
    return Functions(Y, first.points, first.channels, ((0, content),), origin)


def _after_cross_attention(
    module: EquivariantAttention, X: Module, first: Functions, other: State
) -> Functions:
    if not isinstance(other, Functions):
        raise NotFollowed("the tensors that it attends to are not known to be on a module")
    labels = united([_labels(first.whole.possible), _labels(other.whole.possible)])
    drops = drops_weights_of_points(module)
    possible = supports_on(module.Y) if drops else with_kernel(module.Y, labels)
    origin = _with_weights(first.origin.also(other.origin), module).without_silencers
    content = Content(possible, nothing_like(possible), False)
    return Functions(module.Y, -2, -1, ((0, content),), origin)


def _after_batch_norm(module: nn.BatchNorm1d, first: Functions) -> Functions:
    """Return what one mean and one scale per channel make of functions ``(B, C, n)``."""
    trains = module.training or module.running_mean is None
    shift = module.bias is not None and bool(module.bias.detach().any())
    if not trains:
        assert module.running_mean is not None
        shift = shift or bool(module.running_mean.detach().any())

    def one(content: Content) -> Content:
        possible = with_trivial(content.possible) if shift else content.possible
        if possible is None:
            raise NotFollowed("it adds a constant, and points change sign: it is not equivariant")
        # a mean over the batch is that of the trivial part: where there is none, it is 0
        trivial = {p.orbit.trivial for p in possible if p.orbit.trivial is not None}
        return Content(possible, without(within(content.certain, possible), trivial), False)

    if any(len(p) > 1 for p in (first.whole.possible,)):
        # a mean over several orbits that is not 0 on one is subtracted on all
        (p, *rest) = on_orbits(first.whole.possible)
        if any(q.orbit.trivial in q.labels for q in (p, *rest)):
            shift = True
    return first.mapped(one, _with_weights(first.origin, module).without_silencers)


def _is_of_channels(module: nn.Conv1d) -> bool:
    """Whether a convolution along the points looks at one point at a time."""
    return (
        module.kernel_size == (1,) and module.stride == (1,) and module.padding in ((0,), "valid")
    )


def _after_convolution_of_channels(module: nn.Conv1d, first: Functions) -> Functions:
    """Return what one matrix for the channels of every point makes of functions ``(B, C, n)``."""
    possible = first.whole.possible
    if module.bias is not None and bool(module.bias.detach().any()):
        shifted = with_trivial(possible)
        if shifted is None:
            raise NotFollowed("it adds a constant, and points change sign: it is not equivariant")
        possible = shifted
    content = Content(possible, nothing_like(possible), False)
    origin = _with_weights(first.origin, module).without_silencers
    return Functions(first.module, -1, None, ((0, content),), origin)


def _invariants_of(module: nn.Module, first: Functions) -> Invariants:
    """Return the invariants of functions: 0 where a linear pooling meets no trivial simple."""
    is_zero = first.is_zero
    if isinstance(module, InvariantPooling) and module.reduction != "max":
        is_zero = not any(
            p.orbit.trivial is not None and p.orbit.trivial in p.labels
            for p in first.whole.possible
        )
    return Invariants(is_zero, first.origin.without_silencers)


def _labels(supports: Supports) -> tuple[str, ...]:
    return united(p.labels for p in supports)


def module_of_input(
    module: nn.Module, declared: Mapping[nn.Module, Pair], shape: tuple[int, ...]
) -> Module | None:
    """Return the module on which a layer says that its input is, if it says so."""
    given = declared.get(module)
    if given is not None and given[0] is not None:
        return given[0]
    X = getattr(module, "X", None)
    if isinstance(X, Module):
        return X if len(shape) >= 2 and shape[-2] == X.degree else None
    if isinstance(module, DeepSetsLinear) and len(shape) >= 2:
        return group(f"S{shape[-2]}").natural_module()
    return None
