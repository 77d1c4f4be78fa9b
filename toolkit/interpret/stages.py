"""A network as a sequence of stages: what is called in which order, between which modules.

One description serves everything in this room. A stage is one call of one submodule that is not
looked into: the toolkit's layers, torch's layers, and whatever the user declares. The order of a
network built of containers is read off; otherwise the network is run once on an example and
watched. Operations that are no submodules (``torch.relu(x)`` in a ``forward``) cannot be seen:
write them as modules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import torch
from torch import nn

from toolkit.errors import ModuleMismatchError, ToolkitError, UnsupportedActivationError
from toolkit.library.naming import group
from toolkit.modules.permutation_module import PermutationModule
from toolkit.modules.signed_module import SignedModule
from toolkit.nn.activation import Pointwise
from toolkit.nn.deep_sets import DeepSetsLinear
from toolkit.nn.equivariant_linear import EquivariantLinear
from toolkit.nn.geometry import Module
from toolkit.nn.mlp import EquivariantMLP
from toolkit.nn.periodic import WindowedConvolution
from toolkit.nn.pooling import EquivariantPooling, EquivariantUnpooling, InvariantPooling
from toolkit.pl.activations import Activation, find_activation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch.utils.hooks import RemovableHandle


__all__ = [
    "Kind",
    "Spaces",
    "Stage",
    "needs_example",
    "same_functions",
    "stage_modules",
    "stages_of",
]

Kind: TypeAlias = Literal["linear", "activation", "normalisation", "pooling", "other"]

#: Submodules' names, each with the module of its input and output, or with the pair of both.
Spaces: TypeAlias = "Mapping[str, Module | tuple[Module | None, Module | None]]"

_LINEAR = (EquivariantLinear, DeepSetsLinear, WindowedConvolution)
_POOLING = (EquivariantPooling, EquivariantUnpooling, InvariantPooling)
_NORMALISATION = (nn.LayerNorm, nn.RMSNorm)
_OURS = (*_LINEAR, *_POOLING, Pointwise)
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
        point and channel), ``"normalisation"`` (over the channels of each point), ``"pooling"``
        (along an equivariant map of points, or back) or ``"other"``.
    module
        The submodule.
    X, Y
        The permutation modules of input and output, ``None`` where unknown.
    follows
        0-based number of the stage whose output is the input; -1 for the network's input;
        ``None`` if neither is known.
    is_last
        Whether its output is known to be the network's.
    """

    name: str
    call: int
    kind: Kind
    module: nn.Module
    X: Module | None
    Y: Module | None
    follows: int | None
    is_last: bool

    @property
    def key(self) -> str:
        """The name, with ``#2``, ``#3``, ... for further calls; unique in the network."""
        return self.name if self.call == 0 else f"{self.name}#{self.call + 1}"

    @property
    def activation(self) -> Activation:
        """The function of one number, with its parts, of an activation stage.

        A trained slope is read as it is now. The parts of an unknown function are measured, and
        say so (``parts_are``).

        Raises
        ------
        UnsupportedActivationError
            If this stage is no activation.
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
) -> tuple[Stage, ...]:
    """Return the stages of a network in the order in which they are called.

    Parameters
    ----------
    model
        Any torch model: :class:`~toolkit.nn.EquivariantMLP`, :class:`~toolkit.nn.DeepSets`,
        ``nn.Sequential``, the user's own modules around the toolkit's layers, or torch's alone.
    spaces
        Declared permutation modules by the names of submodules: ``{"block.act": X}`` says that
        input and output of ``model.block.act`` are functions on X, ``(..., |X|, channels)``; a
        pair ``(X, Y)`` gives both apart. A declared submodule is one stage.
    example
        An input to run the network on, ``(..., |X|, channels)``; needed only if a container is
        no ``nn.Sequential`` and the first layer does not say what it takes, and for
        :class:`~toolkit.nn.DeepSets` to know the number of points.

    Returns
    -------
    tuple of Stage
        Modules that are not stated are passed on from stage to stage where the output of one is
        the input of the next.

    Raises
    ------
    ModuleMismatchError
        If a declared name is none of the model, a declaration contradicts a layer, or the order
        can be found only with an example.

    Notes
    -----
    The run on an example is without gradients, in the mode (train or eval) that the model is in;
    buffers such as running means are put back. Layers are recognised, functions are not: what
    stands between two stages without being a submodule leaves ``follows`` unknown.

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
    declared = _declarations(model, spaces or {})
    names = {module: name for name, module in model.named_modules()}
    if example is None:
        calls = list(_structural(model, declared))
        if all(follows is not None for _, follows in calls):
            found = [(module, follows, None) for module, follows in calls]
            return _described(found, names, declared, last=len(found) - 1)
        example = _made_up_example(model)
    if example is None:
        raise ModuleMismatchError(
            "the order of the model's layers, or their number of points, can be found only by "
            "running it: give an input as example="
        )
    return _watched(model, names, declared, example)


# -- declarations ---------------------------------------------------------------------------------

_Pair: TypeAlias = "tuple[Module | None, Module | None]"


def _declarations(model: nn.Module, spaces: Spaces) -> dict[nn.Module, _Pair]:
    if not isinstance(spaces, Mapping):
        raise ModuleMismatchError(
            f"spaces must be a mapping from submodules' names to modules, found {spaces!r:.60}"
        )
    known = dict(model.named_modules(remove_duplicate=False))
    out: dict[nn.Module, _Pair] = {}
    for name, given in spaces.items():
        if name not in known:
            inside = ", ".join(repr(n) for n in list(known)[:12])
            raise ModuleMismatchError(
                f"the model has no submodule {name!r} to declare a space for; it has {inside}"
            )
        pair = given if isinstance(given, tuple) and len(given) == 2 else (given, given)
        for X in pair:
            if X is not None and not isinstance(X, PermutationModule | SignedModule):
                raise ModuleMismatchError(
                    f"the space of {name!r} must be a permutation module or a pair of two, found "
                    f"{given!r:.60}"
                )
        out[known[name]] = pair
    return out


def _is_stage(module: nn.Module, declared: Mapping[nn.Module, _Pair]) -> bool:
    return (
        module in declared or isinstance(module, _OURS) or not any(True for _ in module.children())
    )


# -- the order ------------------------------------------------------------------------------------


def _structural(
    model: nn.Module, declared: Mapping[nn.Module, _Pair]
) -> Iterator[tuple[nn.Module, int | None]]:
    """Yield the stages of containers with what each follows; ``None`` where it must be watched."""
    for number, module in enumerate(_unfolded(model, declared)):
        if module is None:
            yield model, None
            return
        yield module, number - 1


def _unfolded(module: nn.Module, declared: Mapping[nn.Module, _Pair]) -> Iterator[nn.Module | None]:
    if _is_stage(module, declared):
        if isinstance(module, nn.Sequential):
            return  # an empty one does nothing
        yield module
    elif type(module) is EquivariantMLP:
        yield from _unfolded(module.layers, declared)
    elif type(module) is nn.Sequential:
        for child in module._modules.values():
            if child is not None:
                yield from _unfolded(child, declared)
    else:
        yield None


def needs_example(model: nn.Module, spaces: Spaces | None = None) -> bool:
    """Whether :func:`stages_of` needs an example for this model.

    Parameters
    ----------
    model, spaces
        As in :func:`stages_of`.

    Examples
    --------
    >>> import toolkit as tk
    >>> needs_example(tk.nn.DeepSets([3, 8, 1]))
    True
    """
    declared = _declarations(model, spaces or {})
    known = all(follows is not None for _, follows in _structural(model, declared))
    return not known and _made_up_example(model) is None


def _made_up_example(model: nn.Module) -> torch.Tensor | None:
    """Return one input of zeros, of the size that the first layer takes; ``None`` if any does."""
    for module in model.modules():
        if isinstance(module, EquivariantLinear | WindowedConvolution):
            size = (1, module.X.degree, module.in_channels)
            return torch.zeros(size, dtype=module.weight.dtype, device=module.weight.device)
        if isinstance(module, DeepSetsLinear):
            break
    return None


def _watched(
    model: nn.Module,
    names: Mapping[nn.Module, str],
    declared: Mapping[nn.Module, _Pair],
    example: torch.Tensor,
) -> tuple[Stage, ...]:
    calls: list[tuple[nn.Module, int | None, int | None]] = []
    # number of the stage by the tensor that it made, and how often that was changed in place
    made: dict[tuple[int, int], int] = {(id(example), example._version): -1}
    kept: list[torch.Tensor] = [example]  # so that no id is used again

    def before(module: nn.Module, args: tuple[Any, ...]) -> None:
        x = args[0] if args and isinstance(args[0], torch.Tensor) else None
        points = x.shape[-2] if x is not None and x.dim() >= 2 else None
        calls.append((module, None if x is None else made.get((id(x), x._version)), points))

    def after(module: nn.Module, args: tuple[Any, ...], y: object) -> None:
        if isinstance(y, torch.Tensor):
            kept.append(y)
            made[id(y), y._version] = len(calls) - 1

    handles: list[RemovableHandle] = []
    try:
        for module in _stage_modules(model, declared):
            handles.append(module.register_forward_pre_hook(before))
            handles.append(module.register_forward_hook(after))
        saved = {name: b.clone() for name, b in model.named_buffers()}
        devices = [example.device] if example.is_cuda else []
        with torch.no_grad(), torch.random.fork_rng(devices=devices):
            y = model(example)
        for name, buffer in model.named_buffers():
            if name in saved and not torch.equal(buffer, saved[name]):
                with torch.no_grad():
                    buffer.copy_(saved[name])
    finally:
        for handle in handles:
            handle.remove()
    last = made.get((id(y), y._version)) if isinstance(y, torch.Tensor) else None
    return _described(calls, names, declared, last)


def stage_modules(model: nn.Module, spaces: Spaces | None = None) -> tuple[nn.Module, ...]:
    """Return the submodules that can be stages, each once, in the order of registration.

    Parameters
    ----------
    model, spaces
        As in :func:`stages_of`.

    Examples
    --------
    >>> stage_modules(nn.Sequential(nn.ReLU(), nn.Sequential(nn.Tanh())))
    (ReLU(), Tanh())
    """
    return tuple(_stage_modules(model, _declarations(model, spaces or {})))


def _stage_modules(module: nn.Module, declared: Mapping[nn.Module, _Pair]) -> dict[nn.Module, None]:
    """Return the submodules that are stages, each once."""
    if _is_stage(module, declared):
        return {module: None}
    out: dict[nn.Module, None] = {}
    for child in module.children():
        out.update(_stage_modules(child, declared))
    return out


# -- what each stage is ---------------------------------------------------------------------------


def _described(
    calls: Sequence[tuple[nn.Module, int | None, int | None]],
    names: Mapping[nn.Module, str],
    declared: Mapping[nn.Module, _Pair],
    last: int | None,
) -> tuple[Stage, ...]:
    met: Counter[nn.Module] = Counter()
    out: list[Stage] = []
    for number, (module, follows, points) in enumerate(calls):
        before = out[follows].Y if follows is not None and follows >= 0 else None
        given = declared.get(module)
        X = before if given is None or given[0] is None else given[0]
        if X is None and isinstance(module, DeepSetsLinear) and points:
            X = group(f"S{points}").natural_module()
        kind, X, Y = _kind_and_modules(module, X, given)
        if before is not None and X is not None and not same_functions(before, X):
            raise ModuleMismatchError(
                f"the stage {names[module]!r} takes functions on {X.name} of {X.group}, but the "
                f"one before gives functions on {before.name} of {before.group}: declare another "
                "space, or none"
            )
        stage = Stage(names[module], met[module], kind, module, X, Y, follows, number == last)
        met[module] += 1
        out.append(stage)
    return tuple(out)


def _kind_and_modules(
    module: nn.Module, X: Module | None, given: _Pair | None
) -> tuple[Kind, Module | None, Module | None]:
    """Return kind, input module and output module of a stage whose input is on X, if known."""
    if isinstance(module, EquivariantLinear | WindowedConvolution):
        return "linear", module.X, module.Y
    if isinstance(module, DeepSetsLinear):
        return "linear", X, X
    if isinstance(module, EquivariantPooling | EquivariantUnpooling):
        return "pooling", module.X, module.Y
    if isinstance(module, InvariantPooling):
        return "pooling", module.X, module.Y if module.size else None
    if isinstance(module, Pointwise):
        X = module.X if module.X is not None else X
        return "activation", X, X
    Y = X if given is None or given[1] is None else given[1]
    if isinstance(module, nn.Linear):  # of the channels, at each point
        return "linear", X, Y
    if isinstance(module, _NORMALISATION) and len(module.normalized_shape) == 1:
        return "normalisation", X, Y
    if isinstance(module, _KEEPS):
        return "other", X, Y
    if _is_known_activation(module) or (given is not None and _is_pointwise(module, X)):
        return "activation", X, Y
    return "other", X, None if given is None else Y


def same_functions(X: Module, Y: Module) -> bool:
    """Whether functions on X are functions on Y: one group, the same points in the same order.

    Examples
    --------
    >>> import toolkit as tk
    >>> G = tk.group("C4")
    >>> same_functions(G.regular_module(), G.natural_module())
    True
    """
    if X is Y:
        return True
    if type(X) is not type(Y) or X.group != Y.group or X.degree != Y.degree:
        return False
    same = bool((X.images == Y.images).all())
    if isinstance(X, SignedModule) and isinstance(Y, SignedModule):
        return same and bool((X.signs == Y.signs).all())
    return same


def _is_known_activation(module: nn.Module) -> bool:
    if isinstance(module, nn.PReLU) and module.num_parameters != 1:
        return False
    try:
        find_activation(module)
    except UnsupportedActivationError:
        return False
    return True


def _is_pointwise(module: nn.Module, X: Module | None) -> bool:
    """Whether a declared module of the user's acts on each number by itself, by measurement."""
    try:
        Pointwise(module, X)
    except ToolkitError:
        return False
    return True


def _activation_of(module: nn.Module) -> Activation:
    if not isinstance(module, Pointwise):
        module = module if _is_known_activation(module) else Pointwise(module)
    if not isinstance(module, Pointwise):
        return find_activation(module)
    function = module.function
    if module.parts_are == "exact":
        trained = isinstance(function, nn.PReLU)
        return find_activation(function if trained else module.name)
    if isinstance(function, nn.Module):
        place = next(iter([*function.parameters(), *function.buffers()]), None)
        if place is not None:
            kept = function

            def run(t: torch.Tensor) -> torch.Tensor:
                with torch.no_grad():
                    return kept(t.to(place)).to(t)  # type: ignore[no-any-return]

            return Activation.from_callable(run, name=module.name)
    return Activation.from_callable(function, name=module.name)
