"""The order in which the submodules of a network are called, from containers or from a run."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import torch
from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.network.provenance import Provenance
from toolkit.interpret.network.watching import leaves, unwatched
from toolkit.modules.module import Module
from toolkit.modules.same_functions import same_functions
from toolkit.nn.activation import Pointwise
from toolkit.nn.attention.over_points import EquivariantAttention
from toolkit.nn.attention.over_tokens import TokenAttention, TokenWise
from toolkit.nn.attention.transformer_block import EquivariantTransformerBlock
from toolkit.nn.containers import Concat, Residual, Sequential
from toolkit.nn.deep_sets import DeepSetsLinear
from toolkit.nn.equivariant_linear import EquivariantLinear
from toolkit.nn.mlp import EquivariantMLP
from toolkit.nn.normalisation.base import PartwiseNorm
from toolkit.nn.orbit_layers import OrbitEmbedding, OrbitLinear
from toolkit.nn.periodic import WindowedConvolution
from toolkit.nn.pooling import EquivariantPooling, EquivariantUnpooling, InvariantPooling
from toolkit.nn.vectors.frame import Frame, FrameMap
from toolkit.nn.vectors.gated import Gated
from toolkit.nn.vectors.invariant_norms import InvariantNorms
from toolkit.nn.vectors.norm_activation import NormActivation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch.utils.hooks import RemovableHandle


#: Modules of input and output; ``None`` where they are not stated.
Pair: TypeAlias = "tuple[Module | None, Module | None]"

#: Submodules' names, each with the module of its input and output, or with the pair of both.
Spaces: TypeAlias = "Mapping[str, Module | Pair]"


class Call(NamedTuple):
    """One call of a submodule, in the order in which calls begin, those of a join end.

    Parameters
    ----------
    module
        The submodule.
    follows
        The number of the call whose output is its input; -1 for the network's input, ``None`` if
        neither is.
    made_from
        The numbers of the calls from whose outputs its input was made, with no other call between;
        of a join its output. ``None`` if unknown.
    points
        The number of points of its input, if that was seen.
    takes_more
        Whether it was given other tensors beside its input: a mask, or what attention looks at.
    """

    module: nn.Module
    follows: int | None
    made_from: tuple[int, ...] | None
    points: int | None = None
    takes_more: bool = False


_OURS = (
    EquivariantLinear, DeepSetsLinear, WindowedConvolution, EquivariantPooling,
    EquivariantUnpooling, InvariantPooling, Pointwise, EquivariantAttention, TokenAttention,
    OrbitLinear, OrbitEmbedding, TokenWise, NormActivation, Gated, InvariantNorms, FrameMap,
)  # fmt: skip


#: Sums and branches: their submodules are stages, which they join; or, where asked for, all of it
#: is one stage.
JOINS = (Residual, Concat, EquivariantTransformerBlock)


#: What says of which shape its input is.
_KNOW_THEIR_INPUT = (
    EquivariantLinear, WindowedConvolution, PartwiseNorm, OrbitLinear, OrbitEmbedding,
    EquivariantAttention, TokenAttention, *JOINS,
)  # fmt: skip


def declarations(model: nn.Module, spaces: Spaces) -> dict[nn.Module, Pair]:
    """Return the declared modules by submodule, checked; see :func:`~toolkit.interpret.stages_of`.

    Raises
    ------
    ModuleMismatchError
        If the model has no submodule of this name, or something other than a module is declared.
    """
    if not isinstance(model, nn.Module):
        raise ModuleMismatchError(f"a torch module is required, found {type(model).__name__}")
    if not isinstance(spaces, Mapping):
        raise ModuleMismatchError(
            f"spaces must be a mapping from submodules' names to modules, found {spaces!r:.60}"
        )
    known = dict(model.named_modules(remove_duplicate=False))
    out: dict[nn.Module, Pair] = {}
    for name, given in spaces.items():
        if name not in known:
            inside = ", ".join(repr(n) for n in list(known)[:12])
            raise ModuleMismatchError(
                f"the model has no submodule {name!r} to declare a space for; it has {inside}"
            )
        pair = given if isinstance(given, tuple) and len(given) == 2 else (given, given)
        for X in pair:
            if X is not None and not isinstance(X, Module):
                raise ModuleMismatchError(
                    f"the space of {name!r} must be a permutation module or a pair of two, found "
                    f"{given!r:.60}"
                )
        out[known[name]] = pair
    return out


def _is_stage(module: nn.Module, declared: Mapping[nn.Module, Pair], joined: bool) -> bool:
    if joined and type(module) in JOINS:
        return True
    return module in declared or isinstance(module, _OURS) or not list(module.children())


def structural_calls(
    model: nn.Module, declared: Mapping[nn.Module, Pair], joined: bool = False
) -> list[Call] | None:
    """Return the calls of a network built of containers; ``None`` if it must be watched."""
    out: list[Call] = []
    for number, module in enumerate(_unfolded(model, declared, joined)):
        if module is None:
            return None
        out.append(Call(module, number - 1, (number - 1,)))
    return out


def _unfolded(
    module: nn.Module, declared: Mapping[nn.Module, Pair], joined: bool
) -> Iterator[nn.Module | None]:
    if _is_stage(module, declared, joined):
        if isinstance(module, nn.Sequential):
            return  # an empty one does nothing
        yield module
    elif type(module) is EquivariantMLP:
        yield from _unfolded(module.layers, declared, joined)
    elif type(module) in (nn.Sequential, Sequential, Frame):  # a frame: encode, activate, decode
        for child in module._modules.values():
            if child is not None:
                yield from _unfolded(child, declared, joined)
    else:
        yield None


def needs_example(model: nn.Module, spaces: Spaces | None = None) -> bool:
    """Whether :func:`~toolkit.interpret.stages_of` needs an example for this model.

    Parameters
    ----------
    model, spaces
        As in :func:`~toolkit.interpret.stages_of`.

    Examples
    --------
    >>> import toolkit as tk
    >>> needs_example(tk.nn.DeepSets([3, 8, 1]))
    True
    """
    declared = declarations(model, spaces or {})
    return structural_calls(model, declared) is None and made_up_example(model) is None


def made_up_example(model: nn.Module) -> torch.Tensor | None:
    """Return one input of zeros, of the size that the first layer takes; ``None`` if any does.

    Poolings that come before it, in the order of registration, and give what it takes say on which
    module the input is.
    """
    poolings: list[EquivariantPooling | EquivariantUnpooling] = []
    for module in model.modules():
        if isinstance(module, DeepSetsLinear):
            break
        if isinstance(module, EquivariantPooling | EquivariantUnpooling):
            poolings.append(module)
        X, channels = getattr(module, "X", None), getattr(module, "in_channels", None)
        if isinstance(module, _KNOW_THEIR_INPUT) and X is not None and channels is not None:
            for pooling in reversed(poolings):
                if same_functions(pooling.Y, X):
                    X = pooling.X
            like = next(itertools.chain(module.parameters(), module.buffers()), torch.empty(0))
            return like.new_zeros((1, X.degree, channels))
    return None


def first_tensor(args: tuple[Any, ...], named: Mapping[str, Any]) -> torch.Tensor | None:
    """Return the first argument of a call, given by place or by name, if it is a tensor.

    Examples
    --------
    >>> first_tensor((), {"input": torch.ones(2)})
    tensor([1., 1.])
    """
    given = args[0] if args else next(iter(named.values()), None)
    return given if isinstance(given, torch.Tensor) else None


def watched_calls(
    model: nn.Module,
    declared: Mapping[nn.Module, Pair],
    example: torch.Tensor,
    joined: bool = False,
) -> tuple[list[Call], int | None]:
    """Return the calls of a network in a run on an example, and the number of the last one.

    Parameters
    ----------
    model
        The network; its buffers and the state of random numbers are put back.
    declared
        From :func:`declarations`.
    example
        An input.
    joined
        Whether a residual sum or a concatenation is one stage.
    """
    calls: list[Call] = []
    # number of the call by the tensor that it made, and by how often that was changed in place
    made: dict[tuple[int, int], int] = {}
    watch = Provenance()  # it keeps tensors, so that no id is used again
    entered: list[int | None] = []  # what the joins took that are not left yet

    def remember(x: torch.Tensor, number: int) -> None:
        watch.mark(x, number)
        made[id(x), x._version] = number

    def source(x: torch.Tensor | None) -> int | None:
        return None if x is None else made.get((id(x), x._version))

    def before(module: nn.Module, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        x = first_tensor(args, named)
        points = x.shape[-2] if x is not None and x.dim() >= 2 else None
        given = leaves((args, named))
        calls.append(Call(module, source(x), _numbers(watch, x), points, len(given) > 1))

    def after(module: nn.Module, args: tuple[Any, ...], y: object) -> None:
        if isinstance(y, torch.Tensor):
            remember(y, len(calls) - 1)

    def enter(module: nn.Module, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        entered.append(source(first_tensor(args, named)))

    def leave(module: nn.Module, args: tuple[Any, ...], y: object) -> None:
        calls.append(Call(module, entered.pop(), _numbers(watch, y)))
        after(module, args, y)

    handles: list[RemovableHandle] = []
    saved = {name: b.clone() for name, b in model.named_buffers()}
    devices = [example.device] if example.is_cuda else []
    try:
        for module in _stage_modules(model, declared, joined):
            is_stage = _is_stage(module, declared, joined)
            first, last = (before, after) if is_stage else (enter, leave)
            handles.append(module.register_forward_pre_hook(first, with_kwargs=True))
            handles.append(module.register_forward_hook(last))
        # tensors of inference mode do not count their changes
        with (
            unwatched(),
            torch.inference_mode(False),
            torch.no_grad(),
            torch.random.fork_rng(devices),
            watch,
        ):
            x = example.clone()
            remember(x, -1)
            y = model(x)
    finally:
        for handle in handles:
            handle.remove()
        with torch.no_grad():
            for name, buffer in model.named_buffers():
                if name in saved and not torch.equal(buffer, saved[name]):
                    buffer.copy_(saved[name])
    return calls, source(y) if isinstance(y, torch.Tensor) else None


def _numbers(watch: Provenance, x: object) -> tuple[int, ...] | None:
    found = watch.marks(x) if isinstance(x, torch.Tensor) else frozenset[int]()
    return tuple(sorted(found)) or None


def stage_modules(model: nn.Module, spaces: Spaces | None = None) -> tuple[nn.Module, ...]:
    """Return the submodules that can be stages, each once, in the order of registration.

    Parameters
    ----------
    model, spaces
        As in :func:`~toolkit.interpret.stages_of`.

    Examples
    --------
    >>> from torch import nn
    >>> stage_modules(nn.Sequential(nn.ReLU(), nn.Sequential(nn.Tanh())))
    (ReLU(), Tanh())
    """
    return tuple(_stage_modules(model, declarations(model, spaces or {}), False))


def _stage_modules(
    module: nn.Module, declared: Mapping[nn.Module, Pair], joined: bool
) -> dict[nn.Module, None]:
    """Return the submodules that are stages, each once, and those that join them."""
    if _is_stage(module, declared, joined):
        return {module: None}
    out: dict[nn.Module, None] = {}
    for child in module.children():
        out.update(_stage_modules(child, declared, joined))
    if type(module) in JOINS:
        out[module] = None
    return out
