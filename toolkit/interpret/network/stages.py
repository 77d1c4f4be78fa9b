"""A network as a sequence of stages: the calls of its submodules, and the modules between them.

A stage is one call of one submodule that is taken as a whole: one of the toolkit's layers, of
torch's layers, or one that the user declares. The order of a network built of containers is read
from these; otherwise the network is run once on an example, with hooks. Operations that are not
submodules (``torch.relu(x)`` in a ``forward``) cannot be seen: write them as modules.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import torch
from torch import nn

from toolkit.errors import ModuleMismatchError, ToolkitError, UnsupportedActivationError
from toolkit.interpret.network.call_order import (
    JOINS,
    Spaces,
    declarations,
    made_up_example,
    structural_calls,
    watched_calls,
)
from toolkit.interpret.network.undetermined import undetermined
from toolkit.library.naming import group
from toolkit.modules.module import Module
from toolkit.modules.same_functions import same_functions, without_idle_signs
from toolkit.nn.activation import Pointwise
from toolkit.nn.attention.over_points import EquivariantAttention
from toolkit.nn.attention.over_tokens import TokenAttention, TokenWise
from toolkit.nn.containers import Concat, Residual
from toolkit.nn.deep_sets import DeepSetsLinear
from toolkit.nn.dropout import EquivariantDropout
from toolkit.nn.equivariant_linear import EquivariantLinear
from toolkit.nn.normalisation.base import PartwiseNorm
from toolkit.nn.normalisation.channel_norms import ChannelLayerNorm, ChannelRMSNorm
from toolkit.nn.orbit_layers import OrbitEmbedding, OrbitLinear
from toolkit.nn.periodic import WindowedConvolution
from toolkit.nn.pooling import EquivariantPooling, EquivariantUnpooling, InvariantPooling
from toolkit.nn.vectors.frame import FrameMap
from toolkit.nn.vectors.gated import Gated
from toolkit.nn.vectors.invariant_norms import InvariantNorms
from toolkit.nn.vectors.norm_activation import NormActivation
from toolkit.pl.activations.activation import Activation, find_activation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from toolkit.interpret.network.call_order import Call, Pair

Kind: TypeAlias = Literal[
    "linear", "activation", "gate", "normalisation", "pooling", "attention", "sum",
    "concatenation", "other",
]  # fmt: skip

#: The kinds of stages that join the outputs of others.
JOINED: tuple[Kind, ...] = ("sum", "concatenation")

# those over the channels of a point; a subclass stands before its base
_NORMALISATION = (ChannelLayerNorm, ChannelRMSNorm, nn.LayerNorm, nn.RMSNorm)
# what leaves functions on X such functions
_KEEPS = (nn.Identity, nn.Dropout, nn.AlphaDropout, nn.FeatureAlphaDropout)


@dataclass(frozen=True, eq=False)
class Stage:
    """One call of one submodule of a network.

    Parameters
    ----------
    name
        Dotted name of the submodule in the model, ``""`` for the model itself.
    call
        0 for its first call in a pass through the network, 1 for the second, ...
    kind
        ``"linear"`` (equivariant and affine), ``"activation"`` (a function of one number at each
        point and channel), ``"gate"`` (copies of simples multiplied by invariant numbers:
        NormActivation, Gated), ``"normalisation"`` (over the channels of each point, or by
        invariant statistics), ``"pooling"`` (along an equivariant map of points, or back),
        ``"attention"``, ``"sum"`` and ``"concatenation"`` (a :class:`~toolkit.nn.Residual`,
        :class:`~toolkit.nn.EquivariantTransformerBlock` or :class:`~toolkit.nn.Concat`, after the
        stages that it joins, or as one stage) or ``"other"``.
    module
        The submodule.
    X, Y
        The modules of input and output, ``None`` where unknown.
    follows
        0-based number of the stage whose output is the input; -1 for the network's input;
        ``None`` if neither is known.
    is_last
        Whether its output is known to be the network's output.
    made_from
        0-based numbers of the stages whose outputs the input was computed from, with no other stage
        in between (-1 for the network's input). For a stage that joins others, the stages that its
        output was computed from. There are several numbers, or one that differs from ``follows``,
        if the network's own code adds or changes tensors. ``None`` if unknown.
    points
        The length of the input's second-to-last axis, if it is known from a run.
    takes_more
        Whether it received further tensors in a run, such as a mask or the context of attention.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C4").regular_module()
    >>> stage = tk.interpret.stages_of(tk.nn.EquivariantMLP(X, [1, 8, 2], "gelu"))[1]
    >>> stage.name, stage.kind, stage.follows, stage.activation.name
    ('layers.1', 'activation', 0, 'gelu')
    """

    name: str
    call: int
    kind: Kind
    module: nn.Module
    X: Module | None
    Y: Module | None
    follows: int | None
    is_last: bool
    made_from: tuple[int, ...] | None = None
    points: int | None = None
    takes_more: bool = False

    @property
    def key(self) -> str:
        """The name, with ``#2``, ``#3``, ... for repeated calls; unique in the network."""
        return self.name if self.call == 0 else f"{self.name}#{self.call + 1}"

    @property
    def activation(self) -> Activation:
        """The scalar function of an activation stage, with its parity parts.

        A trained slope has its current value. The parts of an unknown function are measured, as
        ``parts_are`` states.

        Raises
        ------
        UnsupportedActivationError
            If this stage is not an activation.
        """
        if self.kind != "activation":
            raise UnsupportedActivationError(
                f"the stage {self.key!r} is {self.kind}, not an activation"
            )
        return _activation_of(self.module)

    def __repr__(self) -> str:
        where = " -> ".join("?" if m is None else m.name for m in (self.X, self.Y))
        return f"<{self.key or 'model'}: {self.kind}, {where}>"


def stages_of(
    model: nn.Module,
    spaces: Spaces | None = None,
    example: torch.Tensor | None = None,
    *,
    joined: bool = False,
    start: Module | None = None,
) -> tuple[Stage, ...]:
    """Return the stages of a network in the order in which they are called.

    Parameters
    ----------
    model
        Any torch model: :class:`~toolkit.nn.EquivariantMLP`, :class:`~toolkit.nn.DeepSets`,
        ``nn.Sequential``, the user's own modules around the toolkit's layers, or torch's modules
        only.
    spaces
        Declared permutation modules by the names of submodules: ``{"block.act": X}`` says that
        input and output of ``model.block.act`` are functions on X, ``(..., |X|, channels)``; a pair
        ``(X, Y)`` gives the two separately. A declared submodule is one stage.
    example
        An input to run the network on, ``(..., |X|, channels)``. It is needed only if a container
        is not an ``nn.Sequential`` and the first layer does not determine its input, and for the
        number of points of :class:`~toolkit.nn.DeepSets`.
    joined
        Whether a :class:`~toolkit.nn.Residual` or :class:`~toolkit.nn.Concat` is one stage,
        together with its contents.
    start
        The module of the input, if the first layer does not determine it.

    Returns
    -------
    tuple of Stage
        A stage without a declared module inherits it from the previous stage, if it takes that
        stage's output.

    Raises
    ------
    ModuleMismatchError
        If the model has no submodule with a declared name, if a declaration contradicts a layer, or
        if the order can be found only with an example.
    IllegalActivationError
        If an activation that is not odd acts on a module whose points change sign.

    Notes
    -----
    The example is run without gradients, in the model's current mode (train or eval); buffers such
    as running means are restored. Layers are recognised, functions are not: an operation between
    two stages that is not a submodule leaves ``follows`` unknown. Hooks that change outputs are not
    noticed. A subclass of a layer that overrides ``forward`` is ``"other"``.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C4").regular_module()
    >>> for stage in stages_of(tk.nn.EquivariantMLP(X, [1, 8, 2], "gelu")):
    ...     print(stage)
    <layers.0: linear, regular module -> regular module>
    <layers.1: activation, regular module -> regular module>
    <layers.2: linear, regular module -> regular module>
    """
    declared = declarations(model, spaces or {})
    names = {module: name for name, module in model.named_modules()}
    if example is None:
        found = structural_calls(model, declared, joined)
        if found is not None:
            return _from_the_start(found, names, declared, len(found) - 1, start)
        example = made_up_example(model)
    if example is None:
        raise undetermined(
            model,
            "the order of the model's layers, or the number of points, can be found only by "
            "running the model: give an input as example=",
        )
    calls, last = watched_calls(model, declared, example, joined)
    return _from_the_start(calls, names, declared, last, start)


def unknown_activations(stages: Sequence[Stage]) -> tuple[str, ...]:
    """Return the keys of activations whose module is lost, as tensors were added or changed before.

    Activations of what has no points any more, as after pooling, are not among them.

    Parameters
    ----------
    stages
        From :func:`stages_of`.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("C4").regular_module()
    >>> class Net(torch.nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.inner, self.act = tk.nn.EquivariantLinear(X, X, 2, 2), torch.nn.ReLU()
    ...
    ...     def forward(self, x):
    ...         return self.act(x + self.inner(x))
    >>> unknown_activations(stages_of(Net())), unknown_activations(stages_of(Net(), {"act": X}))
    (('act',), ())
    """
    lost = []
    for stage in stages:
        at = stage
        while at.X is None and at.follows is not None and at.follows >= 0:
            at = stages[at.follows]
        if stage.kind == "activation" and at.X is None and at.follows is None:
            came = [stages[n].Y if n >= 0 else stages[0].X for n in at.made_from or ()]
            if at.points in [X.degree for X in came if X is not None]:
                lost.append(stage.key)
    return tuple(lost)


# -- what each stage is ---------------------------------------------------------------------------


def _from_the_start(
    calls: Sequence[Call],
    names: Mapping[nn.Module, str],
    declared: Mapping[nn.Module, Pair],
    last: int | None,
    start: Module | None,
) -> tuple[Stage, ...]:
    """Describe the calls; what keeps the module of its input takes that of the layer after it."""
    stages = _described(calls, names, declared, last, start)
    if start is not None or all(s.X is not None for s in stages if s.follows == -1):
        return stages
    for stage in stages:
        at = stage
        while at.follows is not None and at.follows >= 0 and _keeps(stages[at.follows]):
            at = stages[at.follows]
        if at is not stage and at.follows == -1 and stage.X is not None:
            return _described(calls, names, declared, last, stage.X)
    return stages


def _keeps(stage: Stage) -> bool:
    """Whether a stage of unknown modules gives functions on the module of its input."""
    module = stage.module
    kept = (*_NORMALISATION, *_KEEPS, nn.Linear, EquivariantDropout)
    return (
        stage.X is None
        and not _has_own_forward(module)
        and (stage.kind == "activation" or isinstance(module, kept))
        and (not isinstance(module, _NORMALISATION) or len(module.normalized_shape) == 1)
    )


def _described(
    calls: Sequence[Call],
    names: Mapping[nn.Module, str],
    declared: Mapping[nn.Module, Pair],
    last: int | None,
    start: Module | None,
) -> tuple[Stage, ...]:
    met: Counter[nn.Module] = Counter()
    out: list[Stage] = []
    for number, (module, follows, made_from, points, takes_more) in enumerate(calls):
        before = start if follows == -1 else None if follows is None else out[follows].Y
        given = declared.get(module)
        X = before if given is None or given[0] is None else given[0]
        if X is None and isinstance(module, DeepSetsLinear) and points:
            X = group(f"S{points}").natural_module()
        kind, X, Y = kind_and_modules(module, _without_idle_signs(X), given)
        X, Y = _without_idle_signs(X), _without_idle_signs(Y)
        _require_declared(names[module], given, (X, Y))
        if before is not None and X is not None and not same_functions(before, X):
            raise ModuleMismatchError(
                f"the stage {names[module]!r} takes functions on {X.name} of {X.group_title}, but "
                f"the previous stage returns functions on {before.name} of {before.group_title}: "
                "declare a different space, or none"
            )
        what = (names[module], met[module], kind, module, X, Y)
        stage = Stage(*what, follows, number == last, made_from, points, takes_more)
        met[module] += 1
        out.append(stage)
    return tuple(out)


def _without_idle_signs(X: Module | None) -> Module | None:
    """Return a module of which no point changes sign as a permutation module.

    A layer with signs on one side only describes its other side as signed as well.
    """
    return None if X is None else without_idle_signs(X)


def _require_declared(name: str, given: Pair | None, own: Pair) -> None:
    """Refuse a declaration that contradicts the layer itself."""
    for side, declared, found in zip(("input", "output"), given or (None, None), own, strict=True):
        declared = _without_idle_signs(declared)
        if declared is not None and found is not None and not same_functions(declared, found):
            raise ModuleMismatchError(
                f"the {side} of {name!r} was declared to be on {declared.name} of "
                f"{declared.group_title}, but the layer says {found.name} of {found.group_title}"
            )


def kind_and_modules(
    module: nn.Module, X: Module | None, given: Pair | None
) -> tuple[Kind, Module | None, Module | None]:
    """Return kind, input module and output module of a stage whose input is on X, if known."""
    if _has_own_forward(module):  # a subclass may compute anything
        return "other", X, None if given is None else X if given[1] is None else given[1]
    if isinstance(module, JOINS):
        kind: Kind = "concatenation" if isinstance(module, Concat) else "sum"
        adds_to_input = isinstance(module, Residual) and module.shortcut is None
        return kind, module.X or X, module.Y or (X if adds_to_input else None)
    if isinstance(module, EquivariantLinear | WindowedConvolution):
        return "linear", module.X, module.Y
    if isinstance(module, PartwiseNorm):
        return "normalisation", module.X, module.Y
    if isinstance(module, EquivariantDropout):
        return "other", module.X or X, module.Y or X
    if isinstance(module, DeepSetsLinear):
        return "linear", X, X
    if isinstance(module, EquivariantAttention | TokenAttention):
        return "attention", module.X, module.Y
    if isinstance(module, FrameMap):
        return "linear", module.X, module.Y
    if isinstance(module, NormActivation | Gated):
        # whether a user's layer of gates gives invariant numbers is not known
        known = getattr(module, "gates", None) is None
        return "gate" if known else "other", module.X, module.Y
    if isinstance(module, OrbitLinear | OrbitEmbedding | TokenWise | InvariantNorms):
        return "other", module.X, module.Y
    if isinstance(module, EquivariantPooling | EquivariantUnpooling):
        return "pooling", module.X, module.Y
    if isinstance(module, InvariantPooling):
        return "pooling", module.X, module.Y if module.size else None
    if isinstance(module, Pointwise):
        X = module.X if module.X is not None else X
        if X is not None and module.X is None:
            Pointwise(_activation_of(module), X)  # refuses what does not commute with the group
        return "activation", X, X
    if isinstance(module, ChannelLayerNorm | ChannelRMSNorm):
        X = module.X or X
    Y = X if given is None or given[1] is None else given[1]
    if isinstance(module, nn.Linear):  # of the channels, at each point
        return "linear", X, Y
    if X is not None and not X.has_points and isinstance(module, _NORMALISATION):
        return "other", X, None if given is None else Y  # at each coordinate: not equivariant
    if isinstance(module, _NORMALISATION) and len(module.normalized_shape) == 1:
        return "normalisation", X, Y
    if isinstance(module, _KEEPS):
        return "other", X, Y
    if _is_known_activation(module):
        Pointwise(module, X)  # refuses one that is not odd where points change sign
        return "activation", X, Y
    if given is not None and _is_pointwise(module, X):
        return "activation", X, Y
    return "other", X, None if given is None else Y


_LAYERS = (
    EquivariantLinear, WindowedConvolution, DeepSetsLinear, EquivariantPooling,
    EquivariantUnpooling, InvariantPooling, Pointwise, EquivariantAttention, TokenAttention,
    OrbitLinear, OrbitEmbedding, TokenWise, EquivariantDropout, FrameMap, Gated, InvariantNorms,
    NormActivation, nn.Linear, *_NORMALISATION, *_KEEPS,
)  # fmt: skip


def _has_own_forward(module: nn.Module) -> bool:
    """Whether it is a layer that is known here, but with a ``forward`` of a user's subclass."""
    known = next((kind for kind in _LAYERS if isinstance(module, kind)), None)
    return known is not None and type(module).forward is not known.forward


def _is_known_activation(module: nn.Module) -> bool:
    if isinstance(module, nn.PReLU) and module.num_parameters != 1:
        return False
    try:
        find_activation(module)
    except UnsupportedActivationError:
        return False
    return True


def _is_pointwise(module: nn.Module, X: Module | None) -> bool:
    """Whether a declared submodule acts on each number separately, by measurement."""
    try:
        Pointwise(module, X)
    except ToolkitError:
        return False
    return True


def _activation_of(module: nn.Module) -> Activation:
    if isinstance(module, Pointwise):
        return module.activation
    return find_activation(module) if _is_known_activation(module) else Pointwise(module).activation
